#include <fmt/format.h>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>

#include "app/cli/cli.h"
#include "app/cli/internal_error.h"
#include "app/cli/output_files.h"
#include "app/cli/report_output.h"
#include "app/cli/scenario_arguments.h"
#include "engine/base/check.h"
#include "engine/base/slab_arena.h"
#include "engine/gateway/serve.h"
#include "engine/lab/checker.h"
#include "engine/run/report_of.h"
#include "engine/scenario/document/complaint.h"
#include "engine/scenario/units.h"

namespace millrace::cli {

namespace {

/// What a laptop has to spare: half of its memory, and 4 GiB at most.
std::uint64_t memoryByDefault() {
    constexpr std::uint64_t most = 4ULL << 30U;
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0
               ? std::min(most, static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size) / 2)
               : most;
}

constexpr std::uint64_t memoryLeast = 64'000'000;
/// Of the memory, what the engine may take without ever giving it back; its other pages go when it is used up.
constexpr std::uint64_t plainShare = 8;

/// A size as in a scenario, where a shell's user may also leave out the B and mind no case: 2G, 512m, 1gib.
std::optional<std::uint64_t> memoryIn(const std::string& text) {
    const std::size_t unitAt = std::min(text.find_first_not_of("0123456789. "), text.size());
    std::string unit = text.substr(unitAt);
    const auto isUpper = [](char c) { return c >= 'A' && c <= 'Z'; };
    std::transform(unit.begin(), unit.end(), unit.begin(),
                   [&](char c) { return isUpper(c) ? static_cast<char>(c - 'A' + 'a') : c; });
    if (unit.ends_with('b')) {
        unit.pop_back();
    }
    if (!unit.empty() && unit.front() >= 'a' && unit.front() <= 'z') {
        unit.front() = static_cast<char>(unit.front() - 'a' + 'A');
    }
    const auto size = scenario::parseSize(text.substr(0, unitAt) + unit + "B");
    return size ? std::optional(static_cast<std::uint64_t>(*size)) : std::nullopt;
}

std::string troubleWithMemory(const std::string& text) {
    const auto memory = memoryIn(text);
    if (!memory) {
        return fmt::format("\"{}\" is not a size; write a number and MB, GB, MiB or GiB, as in 2GB",
                           scenario::shown(text));
    }
    return *memory < memoryLeast ? fmt::format("{} is too little: 64MB are the least", scenario::shown(text))
                                 : std::string();
}

struct ServeArguments {
    ScenarioArguments scenario;
    std::uint16_t port = 0;
    std::string record;
    std::uint64_t memory = memoryByDefault();
    ReportFormat report = ReportFormat::Text;
};

std::int64_t wallClockMillis() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

/// A setting's value; of a file as it is named from everywhere, for a replay may have another working directory.
std::string valueFor(const std::string& path, std::string value, const scenario::Scenario& scenario) {
    const auto named = [&](std::string_view collection, const std::string& name, const std::string& file) {
        std::error_code ignored;
        if (path == fmt::format("{}.{}.path", collection, name)) {
            value = std::filesystem::absolute(file, ignored).string();
        }
    };
    for (const scenario::SourcePlan& source : scenario.sources) {
        named("sources", source.name, source.path);
    }
    for (const scenario::SinkPlan& sink : scenario.sinks) {
        named("sinks", sink.name, sink.path);
    }
    return value;
}

/// All that a replay needs beside the inputs.
run::RecordingHeader headerOf(const ServeArguments& arguments, const scenario::Scenario& scenario) {
    run::RecordingHeader header;
    std::error_code ignored;
    header.file = std::filesystem::absolute(scenario.file, ignored).string();
    std::ifstream in(scenario.file, std::ios::binary);
    header.text.assign(std::istreambuf_iterator<char>(in), {});
    for (const std::string& setting : arguments.scenario.settings) {
        const std::size_t equals = setting.find('=');
        const std::string path = setting.substr(0, equals);
        header.settings.emplace_back(path, valueFor(path, setting.substr(equals + 1), scenario));
    }
    header.seed = scenario.run.seed;
    header.startMillis = scenario.run.startMillis;
    return header;
}

ExitStatus play(const ServeArguments& arguments, run::Engine& engine, gateway::LoopbackServer& server,
                lab::Checker& checker, std::optional<run::RecordingWriter>& recording) {
    gateway::ServeOptions options;
    options.port = arguments.port;
    options.recording = recording ? &*recording : nullptr;
    options.onReady = [&] { fmt::print(stderr, "ready 127.0.0.1:{}\n", arguments.port); };
    options.memory = arguments.memory;
    options.onMemory = [](const std::string& text) { fmt::print(stderr, "{}\n", text); };
    options.keepGoing = [&, planted = plantedCheck()](const sim::World& world) {
        MILLRACE_CHECK(!planted || world.now() < *planted, toText(world.now()));
        checker.observe(world);
        return checker.holds();
    };
    auto played = gateway::serve(engine, server, options);
    if (!played) {
        return machineFailed(played.error());
    }
    if (const Result<void> finished = engine.finish(); !finished) {
        return machineFailed(finished.error());
    }
    if (!checker.holds()) {
        played->reason = run::StopReason::Invariant;
    }
    run::Report report = run::reportOf(engine, *played);
    report.invariants = viewsOf(checker);
    printReport(report, arguments.report);
    return statusOf(report);
}

ExitStatus serve(const ServeArguments& arguments) {
    scenario::ScenarioReading reading = arguments.scenario.read();
    if (!reading.scenario) {
        return refusedBy(reading.complaints);
    }
    scenario::Scenario scenario = std::move(*reading.scenario);
    scenario.run.startMillis = wallClockMillis();
    const std::size_t brokers = scenario.cluster.brokers.size();
    if (arguments.port + brokers - 1 > std::numeric_limits<std::uint16_t>::max()) {
        return refuse(
            scenario.file,
            Error{fmt::format("the last of the {} brokers would listen on port {}, and ports end at {}", brokers,
                              arguments.port + brokers - 1, std::numeric_limits<std::uint16_t>::max()),
                  "--port"});
    }
    if (const auto checked = checkOutputFiles({{"--record", arguments.record}}, scenario); !checked) {
        return refuse(scenario.file, checked.error());
    }
    if (const auto possible = run::checkRecordingPath(arguments.record); !arguments.record.empty() && !possible) {
        return outputRefused(possible.error(), "--record");
    }
    if (const auto free = gateway::checkPorts(gateway::doorsOf(scenario, arguments.port)); !free) {
        return machineFailed(free.error());
    }

    SlabArena::setPlainBytes(arguments.memory / plainShare);
    lab::Checker checker;
    gateway::LoopbackServer server;
    run::EngineOptions engineOptions;
    engineOptions.session.keepsHistory = false;  // nobody goes back
    engineOptions.onEffects = [&](const sim::World& world, const std::vector<sim::NumberedEffect>& effects) {
        checker.observeEffects(world, effects);
        gateway::sendToClients(server, effects);
    };
    const std::string file = scenario.file;
    const run::RecordingHeader header = headerOf(arguments, scenario);
    auto engine = run::Engine::open(std::move(scenario), std::move(engineOptions));
    if (!engine) {
        return refuse(file, engine.error(), reading.document);
    }
    sayKeptAside(**engine);
    checker.follow((*engine)->session().ledger());
    std::optional<run::RecordingWriter> recording;
    if (!arguments.record.empty()) {
        auto created = run::RecordingWriter::create(arguments.record, header);
        if (!created) {
            return machineFailed(created.error());
        }
        recording.emplace(std::move(*created));
    }
    Keepers keepers;
    keepers.engine = engine->get();
    keepers.report = arguments.report;
    const ExitStatus status =
        afterOutput(guarded(keepers, [&] { return play(arguments, **engine, server, checker, recording); }));
    // To take a world of gigabytes apart, batch by batch, takes many seconds; the system frees it at once.
    recording.reset();
    std::fflush(nullptr);
    std::_Exit(static_cast<int>(status));
}

}  // namespace

void addServeCommand(CLI::App& app, Action& action) {
    CLI::App* command =
        app.add_subcommand("serve", "Run a scenario along with the clock and let real Kafka clients in");
    const auto arguments = std::make_shared<ServeArguments>();
    arguments->scenario.addTo(*command);
    command
        ->add_option("--port", arguments->port,
                     "The broker with the smallest id listens here on 127.0.0.1, the next one on the port after it")
        ->required()
        ->check(CLI::Range(1, 65535));
    command->add_option("--record", arguments->record, "Write what clients do into this file, for millrace replay")
        ->check(&troubleWithEmpty);
    command
        ->add_option(
            "--memory",
            [arguments](const CLI::results_t& given) {
                arguments->memory = memoryIn(given.back()).value_or(arguments->memory);
                return true;
            },
            "What this process may take, such as 2GB, and 64MB at least: beyond it nothing more is read from clients "
            "until some is free. Units are written in any case and with or without B: k, M, G are powers of 1000, "
            "Ki, Mi, Gi of 1024. Without it half of the machine's memory, and 4GiB at most")
        ->option_text("SIZE")
        ->check(&troubleWithMemory);
    addReportOption(*command, arguments->report);
    command->callback([arguments, &action] { action = [arguments] { return serve(*arguments); }; });
}

}  // namespace millrace::cli
