#include "engine/lab/compare/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <set>
#include <utility>

#include "engine/lab/checker.h"
#include "engine/run/engine.h"
#include "engine/run/report/report.h"
#include "engine/run/report_of.h"

namespace millrace::lab {

namespace {

/// What one run gives.
struct RunResult {
    Measures measures;
    Tables tables;
    std::vector<ResultWatch::Point> points;
    std::optional<SimTime> last;  ///< at which a result came
    std::vector<std::string> troubles;
    bool isCancelled = false;
};

bool isEndless(const scenario::Scenario& plan) {
    return std::any_of(plan.sources.begin(), plan.sources.end(),
                       [](const scenario::SourcePlan& each) { return !each.isFinite(); });
}

class OneRun {
public:
    OneRun(scenario::Scenario plan, std::string engine, std::function<bool(SimTime)> keepGoing)
        : m_plan(std::move(plan)), m_watch(std::move(engine), m_plan), m_keepGoing(std::move(keepGoing)) {}

    Result<RunResult> play() {
        run::EngineOptions options;
        options.carryOut = false;
        options.session.checkpointEventsMin = std::numeric_limits<std::uint64_t>::max();
        options.onEffects = [this](const sim::World& world, const std::vector<sim::NumberedEffect>& effects) {
            m_watch.observe(effects);
            m_checker.observeEffects(world, effects);
        };
        auto engine = run::Engine::open(m_plan, std::move(options));
        if (!engine) {
            return tl::unexpected(engine.error());
        }
        m_checker.follow((*engine)->session().ledger());
        run::PlayLimit limit;
        limit.untilDrained = !isEndless(m_plan);
        limit.keepGoing = [this](const sim::World& world) {
            m_checker.observe(world);
            lookAtMemory(world);
            return m_keepGoing(world.now());
        };
        auto played = (*engine)->play(limit);
        if (!played) {
            return tl::unexpected(played.error());
        }
        m_checker.finish((*engine)->world(), played->reason == run::StopReason::Drained);
        if (const auto finished = (*engine)->finish(); !finished) {
            return tl::unexpected(finished.error());
        }
        return resultOf(**engine, *played);
    }

    [[nodiscard]] const ResultWatch& watch() const { return m_watch; }

private:
    /// Once in a tenth of a simulated second at most.
    void lookAtMemory(const sim::World& world) {
        constexpr SimDuration often = std::chrono::milliseconds{100};
        if (world.now() - m_looked >= often || m_memory == 0) {
            m_looked = world.now();
            m_memory = std::max(m_memory, heapsOf(world));
        }
    }

    RunResult resultOf(const run::Engine& engine, const run::Played& played) {
        RunResult result;
        measureMachines(engine.world(), result.measures);
        if (m_memory > 0) {
            result.measures["memory"] = static_cast<double>(m_memory);
        }
        result.isCancelled = played.reason == run::StopReason::Cancelled;
        if (played.reason == run::StopReason::Stuck) {
            result.troubles.push_back(fmt::format("it got stuck, waiting for {}",
                                                  played.waitingFor.empty()
                                                      ? "nothing that is known"
                                                      : fmt::format("{}", fmt::join(played.waitingFor, "; "))));
        }
        const run::SystemViews views = run::describeSystems(engine.scenario(), engine.world());
        if (const std::string text = run::shortcomingsOf({}, views); !text.empty()) {
            result.troubles.push_back(text);
        }
        for (const InvariantStatus& each : m_checker.status()) {
            if (!each.holds()) {
                result.troubles.push_back(fmt::format("the invariant {} is broken", each.name));
            }
        }
        result.tables = m_watch.tables();
        result.points = m_watch.points();
        if (!result.points.empty()) {
            result.last = result.points.back().at;
        }
        return result;
    }

    scenario::Scenario m_plan;
    ResultWatch m_watch;
    Checker m_checker;
    SimTime m_looked{};
    ByteCount m_memory = 0;  ///< of all JVMs at once, at most
    std::function<bool(SimTime)> m_keepGoing;
};

class Comparing {
public:
    Comparing(const std::vector<Variant>& variants, const ComparisonOptions& options)
        : m_variants(variants), m_options(options), m_samples(variants.size()) {
        m_progress.runs = variants.size() * std::max<std::size_t>(options.repetitions, 1);
    }

    Result<Comparison> compare() {
        for (std::size_t i = 0; i < m_variants.size(); ++i) {
            m_comparison.variants.push_back(m_variants[i].name);
            m_comparison.leftOut.push_back(m_variants[i].leftOut);
            for (std::size_t repetition = 0; repetition < std::max<std::size_t>(m_options.repetitions, 1);
                 ++repetition) {
                if (auto run = runVariant(i, repetition); !run) {
                    return tl::unexpected(run.error());
                }
                ++m_progress.run;
                if (m_comparison.isCancelled) {
                    return std::move(m_comparison);
                }
            }
        }
        gather();
        return std::move(m_comparison);
    }

private:
    Result<void> runVariant(std::size_t index, std::size_t repetition) {
        const Variant& variant = m_variants[index];
        scenario::ScenarioReading reading = scenario::readScenario(variant.document, variant.source);
        if (!reading.scenario) {
            const auto all = reading.complaints.all();
            const auto wrong = std::find_if(all.begin(), all.end(), [](const scenario::Complaint& each) {
                return each.severity == scenario::Complaint::Severity::Error;
            });
            return failure(fmt::format("on {}: {}", variant.name, wrong->message), wrong->field);
        }
        scenario::Scenario plan = std::move(*reading.scenario);
        plan.run.seed += repetition;
        if (repetition == 0) {
            const std::string from = variant.scenario.empty() ? plan.title : variant.scenario;
            if (std::find(m_comparison.scenarios.begin(), m_comparison.scenarios.end(), from) ==
                m_comparison.scenarios.end()) {
                m_comparison.scenarios.push_back(from);
            }
            m_comparison.notModelled.push_back(plan.notModelled);
            for (const scenario::FaultPlan& each : plan.faults) {
                m_faults.insert(seconds(each.at));
            }
        }
        if (index == 0) {
            m_comparison.seeds.push_back(plan.run.seed);
        }
        m_progress.variant = variant.name;
        auto result = play(plan, variant);
        if (!result) {
            return tl::unexpected(result.error());
        }
        if (!plan.faults.empty() && !result->isCancelled && result->last) {
            scenario::Scenario quiet = plan;
            quiet.faults.clear();
            const auto without = play(quiet, variant);
            if (without && without->last && !without->isCancelled) {
                const double delay = seconds(*result->last - *without->last);
                result->measures["delay_by_faults"] = delay;
                if (delay == 0 && result->measures.contains("time_to_recover")) {
                    result->measures["time_to_recover"] = 0;
                }
            }
        }
        keep(index, repetition, plan.run.seed, std::move(*result));
        return {};
    }

    Result<RunResult> play(const scenario::Scenario& plan, const Variant& variant) {
        OneRun run(plan, variant.engine, [this](SimTime now) {
            m_progress.now = now;
            return !m_options.onProgress || m_options.onProgress(m_progress);
        });
        auto result = run.play();
        if (!result) {
            return result;
        }
        m_comparison.isCancelled = m_comparison.isCancelled || result->isCancelled;
        if (m_comparison.isCancelled) {
            return result;
        }
        const Expected expected = expectedOf(plan, variant.engine);
        measureResults(run.watch(), expected, plan, result->measures);
        if (expected.isWhole) {
            double lost = 0;
            double doubled = 0;
            double differ = 0;
            for (const auto& [name, content] : expected.tables) {
                const TableDifference each = differenceOf(content, result->tables[name]);
                lost += static_cast<double>(each.missing);
                doubled += static_cast<double>(each.surplus);
                differ += static_cast<double>(each.rows - each.equal);
            }
            result->measures["lost"] = lost;
            result->measures["doubled"] = doubled;
            result->measures["rows_that_differ"] = differ;
            m_expected = expected.tables;
        }
        return result;
    }

    void keep(std::size_t index, std::size_t repetition, std::uint64_t seed, RunResult result) {
        for (const auto& [name, value] : result.measures) {
            m_samples[index][name].push_back(value);
        }
        for (std::string& each : result.troubles) {
            m_comparison.troubles.push_back({m_variants[index].name, seed, std::move(each)});
        }
        if (repetition == 0) {
            m_comparison.curves.push_back({std::move(result.points)});
            m_tables.push_back(std::move(result.tables));
            m_comparison.isAgainstPass = (index == 0 || m_comparison.isAgainstPass) && !m_expected.empty();
            m_expectedOf.push_back(std::exchange(m_expected, {}));
        }
        m_expected.clear();
    }

    void gather() {
        for (const Figure& figure : comparedFigures()) {
            Comparison::Row row{&figure, {}, {}};
            bool isMeasured = false;
            for (auto& samples : m_samples) {
                row.values.push_back(estimateOf(samples[figure.name]));
                isMeasured = isMeasured || row.values.back().n > 0;
            }
            row.isBest = bestOf(figure.better, row.values);
            if (isMeasured) {
                m_comparison.rows.push_back(std::move(row));
            }
        }
        m_comparison.title = fmt::format("{}", fmt::join(m_comparison.scenarios, " beside "));
        m_comparison.faultsAt.assign(m_faults.begin(), m_faults.end());
        std::set<std::string> names;
        for (const Tables& each : m_tables) {
            for (const auto& table : each) {
                names.insert(table.first);
            }
        }
        for (const std::string& name : names) {
            const bool isOfAll =
                std::all_of(m_tables.begin(), m_tables.end(), [&](const Tables& each) { return each.contains(name); });
            if (!m_comparison.isAgainstPass && m_comparison.scenarios.size() > 1 && !isOfAll) {
                continue;  // other scenarios have other tables
            }
            Comparison::Table table{name, {}};
            for (std::size_t i = 0; i < m_tables.size(); ++i) {
                Tables& against = m_expectedOf[i].empty() ? m_tables.front() : m_expectedOf[i];
                table.variants.push_back(differenceOf(against[name], m_tables[i][name]));
            }
            m_comparison.tables.push_back(std::move(table));
        }
    }

    const std::vector<Variant>& m_variants;
    const ComparisonOptions& m_options;
    ComparisonProgress m_progress;
    Comparison m_comparison;
    std::vector<std::map<std::string_view, std::vector<double>>> m_samples;  // by variant and figure
    std::vector<Tables> m_tables;                                            // by variant, of the first repetition
    std::vector<Tables> m_expectedOf;
    Tables m_expected;
    std::set<double> m_faults;
};

}  // namespace

Result<Comparison> compare(const std::vector<Variant>& variants, const ComparisonOptions& options) {
    return Comparing(variants, options).compare();
}

}  // namespace millrace::lab
