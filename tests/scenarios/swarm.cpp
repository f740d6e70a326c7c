/// The swarm: random scenarios by seed, each run as a user would run it. See tests/swarm.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <thread>

#include "tests/scenarios/random_scenario.h"
#include "tests/scenarios/swarm_run.h"

namespace millrace::swarm {

namespace {

struct Options {
    std::uint64_t count = 100;
    std::uint64_t from = 1;
    double budget = 0;  ///< processor seconds after which no new seed begins; 0: no limit
    unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
    std::string folder = "swarm";
    std::string kept;  ///< folder of scenarios that found something once
    Programs programs;
};

class Swarm {
public:
    explicit Swarm(Options options) : m_options(std::move(options)) {}

    int run() {
        runKept();
        std::vector<std::thread> threads;
        for (unsigned i = 0; i < m_options.jobs; ++i) {
            threads.emplace_back([this] { work(); });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        fmt::print(
            "{} runs, {} of them repeated, {} stuck with a cause that lasts: {:.1f} million events, {:.1f} simulated "
            "hours, {:.0f} s of processor time; {} findings\n",
            m_runs, m_repeated, m_stuck, m_events / 1e6, m_simulated / 3600, m_seconds, m_findings);
        return m_findings == 0 ? 0 : 1;
    }

private:
    void runKept() {
        std::vector<std::filesystem::path> files;
        if (!m_options.kept.empty()) {
            for (const auto& entry : std::filesystem::directory_iterator(m_options.kept)) {
                if (entry.path().extension() == ".json") {
                    files.push_back(entry.path());
                }
            }
        }
        std::sort(files.begin(), files.end());
        for (const std::filesystem::path& file : files) {
            const std::string folder = freshFolder("kept-" + file.stem().string());
            std::filesystem::copy_file(file, folder + "/scenario.json");
            settle(file.filename().string(), folder, tryScenario(m_options.programs, folder, Repetition::None));
        }
    }

    void work() {
        while (true) {
            const std::uint64_t index = m_next++;
            if (index >= m_options.count || isBudgetSpent()) {
                return;
            }
            const std::uint64_t seed = m_options.from + index;
            const std::string folder = freshFolder(fmt::format("seed-{}", seed));
            settle(fmt::format("seed {}", seed), folder, trySeed(seed, folder));
        }
    }

    Verdict trySeed(std::uint64_t seed, const std::string& folder) {
        RandomScenario made = randomScenario(seed);
        if (!made.lines.empty()) {
            std::ofstream(folder + "/" + linesFile, std::ios::binary) << made.lines;
        }
        Verdict verdict;
        verdict.finding = withoutRefusedSettings(folder + "/scenario.json", made.text);
        std::ofstream(folder + "/scenario.json", std::ios::binary) << made.text;
        if (!verdict.finding.empty()) {
            verdict.finding = "the swarm's own scenario is refused: " + verdict.finding;
            verdict.again = fmt::format("{} check {}/scenario.json", m_options.programs.millrace, folder);
            return verdict;
        }
        constexpr std::uint64_t repeatEvery = 8;
        const Repetition repetition = seed % repeatEvery != 0         ? Repetition::None
                                      : seed % (2 * repeatEvery) == 0 ? Repetition::Rewound
                                                                      : Repetition::Again;
        return tryScenario(m_options.programs, folder, repetition);
    }

    void settle(const std::string& what, const std::string& folder, const Verdict& verdict) {
        const std::lock_guard lock(m_mutex);
        ++m_runs;
        m_repeated += verdict.isRepeated ? 1 : 0;
        m_stuck += verdict.isStuck && verdict.finding.empty() ? 1 : 0;
        m_events += verdict.events;
        m_simulated += verdict.simulatedSeconds;
        m_seconds += verdict.seconds;
        if (verdict.finding.empty()) {
            std::filesystem::remove_all(folder);
            return;
        }
        ++m_findings;
        fmt::print("{}: {}\n    again: {}\n", what, verdict.finding, verdict.again);
        std::fflush(stdout);
    }

    [[nodiscard]] bool isBudgetSpent() {
        const std::lock_guard lock(m_mutex);
        return m_options.budget > 0 && m_seconds >= m_options.budget;
    }

    [[nodiscard]] std::string freshFolder(const std::string& name) const {
        std::string folder = m_options.folder + "/" + name;
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
        return folder;
    }

    Options m_options;
    std::atomic<std::uint64_t> m_next = 0;
    std::mutex m_mutex;
    std::uint64_t m_runs = 0;
    std::uint64_t m_repeated = 0;
    std::uint64_t m_stuck = 0;
    std::uint64_t m_findings = 0;
    double m_events = 0;
    double m_simulated = 0;
    double m_seconds = 0;
};

int runSwarm(int argc, char** argv) {
    CLI::App app{"Random scenarios by seed, each run with all invariants"};
    Options options;
    std::string rewound;
    std::optional<std::uint64_t> shown;
    app.add_option("N", options.count, "How many seeds");
    app.add_option("--from", options.from, "The first seed");
    app.add_option("--budget", options.budget, "No new seed begins after so many seconds of processor time");
    app.add_option("--jobs", options.jobs, "How many at once")->check(CLI::Range(1, 256));
    app.add_option("--folder", options.folder, "Where scenarios with a finding are kept");
    app.add_option("--kept", options.kept, "Folder of scenarios that are run before all seeds");
    app.add_option("--millrace", options.programs.millrace, "The program that is tried");
    app.add_option("--seconds", options.programs.processorSecondsMax, "Processor time that one run may take");
    app.add_option("--show", shown, "Prints the scenario of a seed instead");
    app.add_option("--rewound", rewound, "Plays a scenario, goes back, plays on, and prints the fingerprint");
    CLI11_PARSE(app, argc, argv);
    if (!rewound.empty()) {
        return playRewound(rewound);
    }
    if (shown) {
        fmt::print("{}\n", randomScenario(*shown).text);
        return 0;
    }
    options.folder = std::filesystem::absolute(options.folder).string();
    options.programs.millrace = std::filesystem::absolute(options.programs.millrace).string();
    options.programs.swarm = std::filesystem::read_symlink("/proc/self/exe").string();
    return Swarm(std::move(options)).run();
}

}  // namespace

}  // namespace millrace::swarm

int main(int argc, char** argv) {
    try {
        return millrace::swarm::runSwarm(argc, argv);
    } catch (const std::exception& trouble) {
        fmt::print(stderr, "swarm: {}\n", trouble.what());
        return 3;
    }
}
