#include "tests/scenarios/swarm_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <regex>

#include "engine/run/engine.h"
#include "engine/run/report_of.h"
#include "engine/scenario/scenario_reader.h"
#include "tests/scenarios/random_guarantees.h"
#include "tests/scenarios/random_scenario.h"

namespace millrace::swarm {

namespace {

using Json = nlohmann::ordered_json;

std::string contentOf(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// The child's side between fork and exec: only what is safe there.
[[noreturn]] void become(char* const* arguments, const char* folder, const char* output, const char* errors,
                         rlim_t seconds) {
    constexpr unsigned waitMax = 900;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    constexpr rlim_t memoryMax = RLIM_INFINITY;  // Shadow memory is most of the address space.
#else
    constexpr rlim_t memoryMax = rlim_t{6} << 30U;
#endif
    const rlimit processor{seconds, seconds + 1};
    const rlimit memory{memoryMax, memoryMax};
    const rlimit noCore{0, 0};
    ::setrlimit(RLIMIT_CPU, &processor);
    ::setrlimit(RLIMIT_AS, &memory);
    ::setrlimit(RLIMIT_CORE, &noCore);
    const int out = ::open(output, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    const int err = ::open(errors, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    const int in = ::open("/dev/null", O_RDONLY);
    if (::chdir(folder) != 0 || ::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0) {
        ::_exit(127);
    }
    ::alarm(waitMax);  // Survives the exec: a program that waits for ever uses no processor time.
    ::execv(arguments[0], arguments);
    ::_exit(127);
}

double secondsOf(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::string shortened(std::string text) {
    constexpr std::size_t lengthMax = 600;
    if (text.size() > lengthMax) {
        text.resize(lengthMax);
        text += " ...";
    }
    while (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    return text;
}

/// What is wrong with the way a run ended, before its report is read.
std::string troubleWithEnd(const Ended& ended) {
    if (ended.isOverTime) {
        return fmt::format("it was not done after {:.0f} s of processor time", ended.seconds);
    }
    if (ended.signal == SIGALRM) {
        return fmt::format("it stood still, after {:.1f} s of processor time", ended.seconds);
    }
    if (ended.signal != 0) {
        return fmt::format("it was ended by the signal {} ({})", ended.signal, ::strsignal(ended.signal));
    }
    if (ended.status > 1) {
        return fmt::format("it ended with status {}: {}", ended.status, shortened(ended.errors));
    }
    return {};
}

std::string listed(const Json& texts) {
    std::string all;
    for (const Json& text : texts) {
        all += (all.empty() ? "" : "; ") + text.get<std::string>();
    }
    return all;
}

/// What cannot be, whatever went wrong in the run.
std::string contradictionIn(const Json& report) {
    for (const Json& producer : report["producers"]) {
        const auto figure = [&](const char* name) { return producer[name].get<std::int64_t>(); };
        if (figure("acked") + figure("failed") > figure("sent")) {
            return fmt::format("producer {} has sent {} records, of which {} are acked and {} failed",
                               producer["id"].get<std::string>(), figure("sent"), figure("acked"), figure("failed"));
        }
    }
    for (const Json& topic : report["topics"]) {
        for (const Json& partition : topic["partitions"]) {
            const Json& replicas = partition["replicas"];
            for (const Json& member : partition["isr"]) {
                if (std::find(replicas.begin(), replicas.end(), member) == replicas.end()) {
                    return fmt::format("{}-{}: broker {} is in sync and no replica", topic["name"].get<std::string>(),
                                       partition["partition"].get<int>(), member.get<int>());
                }
            }
            if (partition["high_watermark"].is_number() &&
                partition["high_watermark"].get<std::int64_t>() > partition["log_end_offset"].get<std::int64_t>()) {
                return fmt::format("{}-{}: the high watermark is beyond the log's end",
                                   topic["name"].get<std::string>(), partition["partition"].get<int>());
            }
        }
    }
    return {};
}

/// What acks = all had promised may be lost by a power loss of all that had it, or where the topic allows a leader that
/// lacks it; by nothing else.
std::string brokenPromiseIn(const Json& report) {
    for (const Json& loss : report.value("losses", Json::array())) {
        if (loss.value("promised", false) && loss.value("cause", std::string()) == "acks") {
            return fmt::format("acknowledged records are gone without a cause: {}", loss.dump());
        }
    }
    return {};
}

/// "0 of 36 blocks are reported, and 35 are needed; of 35 only corrupt replicas are reported": what is whole comes to
/// less than is needed.
bool isSafeModeForEver(const std::string& waits) {
    static const std::regex told(
        "[0-9]+ of ([0-9]+) blocks are reported, and ([0-9]+) are needed; of ([0-9]+) only corrupt");
    std::smatch found;
    return std::regex_search(waits, found, told) && std::stoll(found[1]) - std::stoll(found[3]) < std::stoll(found[2]);
}

/// A range of offsets that a batch is to read once more, and that no log holds since records were lost, is read by
/// nobody ever: the driver says so and ends. A NameNode stays in safe mode when a power loss has emptied the blocks
/// that it waits for.
bool isEndedByLosses(const Json& report) {
    const std::string waits = listed(report["waiting_for"]);
    return (!report.value("losses", Json::array()).empty() && waits.find("OffsetOutOfRange") != std::string::npos) ||
           isSafeModeForEver(waits);
}

std::string troubleWithReport(const Json& report, bool mustDrain) {
    for (const Json& invariant : report["invariants"]) {
        if (!invariant["holds"].get<bool>()) {
            return fmt::format("{} does not hold: {}", invariant["name"].get<std::string>(),
                               invariant["first_violation"].dump());
        }
    }
    const std::string stopped = report["stopped"].get<std::string>();
    if (stopped == "stuck" && mustDrain && !isEndedByLosses(report)) {
        return fmt::format("it got stuck after {:.0f} s, and nothing in it lasts: {}",
                           report["simulated_ns"].get<double>() / 1e9, shortened(listed(report["waiting_for"])));
    }
    if (stopped != "stuck" && stopped != "drained" && stopped != "until") {
        return fmt::format("it stopped with \"{}\"", stopped);
    }
    const std::string contradiction = contradictionIn(report);
    return contradiction.empty() ? brokenPromiseIn(report) : contradiction;
}

/// The report without what two equal runs may differ in.
Json comparable(Json report) {
    report.erase("wall_s");
    return report;
}

std::string differenceOf(const Json& one, const Json& other) {
    for (const auto& [key, value] : one.items()) {
        if (!other.contains(key) || other[key] != value) {
            return fmt::format("two runs differ in \"{}\": {} and {}", key, shortened(value.dump()),
                               shortened(other.value(key, Json()).dump()));
        }
    }
    return one.size() == other.size() ? std::string() : "two runs differ in what they report";
}

Json parsed(const std::string& text) {
    return Json::parse(text, nullptr, false);
}

/// In a folder of its own, for the sinks' files shall be as fresh as those of the first run. Watched by a journal.
std::string runAgain(const Programs& programs, const std::string& folder, const Json& first, Verdict& verdict) {
    const std::string again = folder + "/again";
    std::filesystem::create_directories(again);
    for (const std::string name : {"scenario.json", linesFile}) {
        if (std::filesystem::exists(folder + "/" + name)) {
            std::filesystem::copy_file(folder + "/" + name, again + "/" + name,
                                       std::filesystem::copy_options::overwrite_existing);
        }
    }
    const Ended ended = runProgram(
        {programs.millrace, "run", "scenario.json", "--report", "json", "--quiet", "--journal", "journal.jsonl"}, again,
        programs.processorSecondsMax);
    verdict.seconds += ended.seconds;
    if (std::string trouble = troubleWithEnd(ended); !trouble.empty()) {
        return "the second time " + trouble;
    }
    const Json second = parsed(ended.output);
    return second.is_object() ? differenceOf(comparable(first), comparable(second))
                              : "the second time there is no report";
}

std::string runRewound(const Programs& programs, const std::string& folder, const Json& first, Verdict& verdict) {
    constexpr double dearer = 4;
    verdict.again = fmt::format("{} --rewound {}/scenario.json", programs.swarm, folder);
    const Ended ended =
        runProgram({programs.swarm, "--rewound", "scenario.json"}, folder, programs.processorSecondsMax * dearer);
    verdict.seconds += ended.seconds;
    if (ended.isOverTime) {
        return {};  // Going back costs what it costs.
    }
    const std::string wanted = first["fingerprint"].get<std::string>() + "\n";
    if (ended.signal != 0 || ended.status != 0) {
        return fmt::format("rewound, it ended with status {}, signal {}: {}", ended.status, ended.signal,
                           shortened(ended.errors));
    }
    return ended.output == wanted ? std::string()
                                  : fmt::format("rewound and played again, its fingerprint is {}, not {}",
                                                shortened(ended.output), shortened(wanted));
}

}  // namespace

Ended runProgram(const std::vector<std::string>& arguments, const std::string& folder, double processorSecondsMax) {
    std::vector<char*> pointers;
    pointers.reserve(arguments.size() + 1);
    for (const std::string& argument : arguments) {
        pointers.push_back(const_cast<char*>(argument.c_str()));
    }
    pointers.push_back(nullptr);
    const std::string output = folder + "/output.txt";
    const std::string errors = folder + "/errors.txt";
    const pid_t child = ::fork();
    if (child == 0) {
        become(pointers.data(), folder.c_str(), output.c_str(), errors.c_str(),
               static_cast<rlim_t>(processorSecondsMax));
    }
    Ended ended;
    int status = 0;
    rusage usage{};
    if (child < 0 || ::wait4(child, &status, 0, &usage) != child) {
        ended.status = 127;
        return ended;
    }
    ended.seconds = secondsOf(usage.ru_utime) + secondsOf(usage.ru_stime);
    ended.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    ended.isOverTime = ended.signal == SIGXCPU || (ended.signal == SIGKILL && ended.seconds >= processorSecondsMax);
    ended.output = contentOf(output);
    ended.errors = contentOf(errors);
    return ended;
}

Verdict tryScenario(const Programs& programs, const std::string& folder, Repetition repetition) {
    Verdict verdict;
    verdict.again = fmt::format("{} run {}/scenario.json", programs.millrace, folder);
    const Ended ended = runProgram({programs.millrace, "run", "scenario.json", "--report", "json", "--quiet"}, folder,
                                   programs.processorSecondsMax);
    verdict.seconds = ended.seconds;
    verdict.finding = troubleWithEnd(ended);
    if (!verdict.finding.empty()) {
        return verdict;
    }
    const Json report = parsed(ended.output);
    if (!report.is_object()) {
        verdict.finding =
            fmt::format("it ended with status {} and without a report: {}", ended.status, shortened(ended.errors));
        return verdict;
    }
    verdict.simulatedSeconds = report["simulated_ns"].get<double>() / 1e9;
    verdict.events = report["events"].get<double>();
    verdict.isStuck = report["stopped"] == "stuck";
    const std::string text = contentOf(folder + "/scenario.json");
    const bool mustDrain = text.find(mustDrainMark) != std::string::npos;
    verdict.finding = troubleWithReport(report, mustDrain);
    if (verdict.finding.empty() && !verdict.isStuck && text.find(guaranteeMark) != std::string::npos) {
        verdict.finding = brokenGuarantee(text, ended.output);
    }
    if (verdict.finding.empty()) {
        verdict.finding = brokenIngestion(text, ended.output);
    }
    if (verdict.finding.empty() && repetition != Repetition::None) {
        verdict.isRepeated = true;
        verdict.finding = repetition == Repetition::Again ? runAgain(programs, folder, report, verdict)
                                                          : runRewound(programs, folder, report, verdict);
    }
    return verdict;
}

std::string withoutRefusedSettings(const std::string& file, std::string& text) {
    constexpr std::string_view config = ".config.";
    constexpr int triesMax = 20;
    for (int tries = 0; tries < triesMax; ++tries) {
        const scenario::ScenarioReading reading = scenario::readScenario(text, {file, {}, {}});
        if (!reading.complaints.hasErrors()) {
            return {};
        }
        Json document = Json::parse(text);
        bool hasTakenOut = false;
        for (const scenario::Complaint& complaint : reading.complaints.all()) {
            const std::size_t at = complaint.field.find(config);
            if (complaint.severity != scenario::Complaint::Severity::Error || at == std::string::npos) {
                continue;
            }
            std::string pointer = "/" + complaint.field.substr(0, at + config.size() - 1);
            std::replace(pointer.begin(), pointer.end(), '.', '/');
            Json& settings = document[Json::json_pointer(pointer)];
            hasTakenOut = settings.is_object() && settings.erase(complaint.field.substr(at + config.size())) > 0;
        }
        if (!hasTakenOut) {
            const auto all = reading.complaints.all();
            const auto worst = std::find_if(all.begin(), all.end(), [](const scenario::Complaint& each) {
                return each.severity == scenario::Complaint::Severity::Error;
            });
            return reading.complaintTexts(file)[static_cast<std::size_t>(worst - all.begin())];
        }
        text = document.dump(1);
    }
    return "settings that are refused one after the other";
}

int playRewound(const std::string& file) {
    const scenario::ScenarioReading reading = scenario::readScenarioFile({file, {}, {}});
    if (!reading.scenario) {
        return 2;
    }
    run::EngineOptions options;
    options.carryOut = false;
    options.session.checkpointSeconds = 0.01;
    options.session.checkpointEventsMin = 5000;
    auto engine = run::Engine::open(*reading.scenario, std::move(options));
    if (!engine) {
        fmt::print(stderr, "{}\n", engine.error().message);
        return 2;
    }
    std::uint64_t looks = 0;
    run::PlayLimit limit;
    limit.untilDrained = !reading.scenario->run.duration;
    limit.keepGoing = [&](const sim::World& world) {
        constexpr std::uint64_t looksBetweenViews = 10;
        if (++looks % looksBetweenViews == 0) {
            (void)run::describeSystems((*engine)->scenario(), world);
        }
        return true;
    };
    if (const auto played = (*engine)->play(limit); !played) {
        fmt::print(stderr, "{}\n", played.error().message);
        return 3;
    }
    run::Session& session = (*engine)->session();
    const SimTime end = session.now();
    const std::string before = fmt::format("{:016x}", session.world().fingerprint());
    if (auto sought = session.seek(SimTime{end.time_since_epoch() / 2}); !sought) {
        fmt::print(stderr, "{}\n", sought.error().message);
        return 3;
    }
    while (session.now() < end || session.world().nextEventTime() <= end) {
        if (const auto ran = session.advance(end); !ran) {
            fmt::print(stderr, "{}\n", ran.error().message);
            return 3;
        }
    }
    const std::string after = fmt::format("{:016x}", session.world().fingerprint());
    fmt::print("{}\n", after == before ? after : before + " and, played again, " + after);
    return 0;
}

}  // namespace millrace::swarm
