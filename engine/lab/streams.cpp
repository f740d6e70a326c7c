#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/lab/booked_rules.h"
#include "engine/spark/core/executor.h"
#include "engine/spark/describe.h"

namespace millrace::lab {

namespace {

using run::StreamRule;

/// At least once, where it is promised: the source keeps what is not acknowledged, and what is acknowledged is in the
/// write-ahead log.
class StreamsLoseNothingPromised final : public Invariant {
public:
    [[nodiscard]] std::string_view name() const override { return "streams-lose-nothing-promised"; }
    [[nodiscard]] std::string_view statement() const override {
        return "Records that a source keeps and a write-ahead log has are in a batch that is done, when all is over";
    }
    void observe(const sim::World&) override {}
    void forget() override {}
    void observeBooks(const sim::World& /*world*/, const run::Ledger& ledger) override {
        m_figures = ledger.streams().figures();
    }
    void finish(const sim::World& world, bool drained) override {
        for (const run::StreamFigures& each : drained ? m_figures : std::vector<run::StreamFigures>{}) {
            if (!each.isPromised) {
                continue;
            }
            check(static_cast<std::uint64_t>(each.handed));
            if (each.open() > 0) {
                violate(world, fmt::format("{} of {} records of {} are in no batch of {} that is done", each.open(),
                                           each.handed, each.source, each.application));
            }
        }
    }

private:
    std::vector<run::StreamFigures> m_figures;
};

void forEachDriver(const sim::World& world, const auto& each) {
    constexpr std::string_view prefix = "driver/";
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const std::string& name = world.process(sim::ProcessId{i}).name();
        if (const auto* driver = name.starts_with(prefix)
                                     ? spark::driverOf(world, std::string_view{name}.substr(prefix.size()))
                                     : nullptr) {
            each(*driver);
        }
    }
}

/// The executors of an application that live and of which the driver knows: one that was started again under its name
/// has nothing of what the one before it told, however long a driver that is paused takes to read that it is there.
std::map<spark::ExecutorId, const spark::ExecutorActor*> executorsOf(const sim::World& world,
                                                                     const spark::DriverActor& driver) {
    std::map<spark::ExecutorId, const spark::ExecutorActor*> all;
    for (const auto& [id, executor] : driver.executors()) {
        const std::string name = spark::executorName(driver.application().name, id, executor.host);
        const auto* actor = world.findActor<spark::ExecutorActor>(name + "/executor");
        const bool isKnown = actor != nullptr && actor->driverConnection() != sim::noConnection &&
                             sim::Network::peerOf(actor->driverConnection()) == executor.connection;
        if (isKnown) {
            all[id] = actor;
        }
    }
    return all;
}

/// Each receiver's block that the driver counts on is with the executors that are said to have it. What an executor has
/// put out may be under way to the driver: only what is missing in two rounds one behind the other is missing. A look
/// compares a stretch of the blocks, and the next one goes on behind it, so that a look costs the same however many
/// there are; up to that many, each look is a round.
class BlocksAreWhereReported final : public Invariant {
public:
    [[nodiscard]] std::string_view name() const override { return "blocks-are-where-reported"; }
    [[nodiscard]] std::string_view statement() const override {
        return "A block that a driver has been told of is in the store of the executor that told so";
    }
    void forget() override { m_rounds.clear(); }

    void observe(const sim::World& world) override {
        std::map<std::string, Round> rounds;  // of those that are there
        forEachDriver(world, [&](const spark::DriverActor& driver) {
            const std::string& application = driver.application().name;
            Round& round = rounds[application] = std::move(m_rounds[application]);
            look(world, driver, round);
        });
        m_rounds = std::move(rounds);
    }

private:
    using Place = std::pair<spark::ExecutorId, spark::BlockId>;
    /// Of an application.
    struct Round {
        std::optional<spark::BlockId> last;  ///< that was compared; without one a round begins
        std::set<Place> missing;
        std::set<Place> missingBefore;  ///< in the round before
    };

    void look(const sim::World& world, const spark::DriverActor& driver, Round& round) {
        constexpr std::ptrdiff_t stretch = 200;
        const auto executors = executorsOf(world, driver);
        std::vector<spark::BlockId> blocks = driver.inputs().openBlocks();
        std::sort(blocks.begin(), blocks.end());
        auto next = round.last ? std::upper_bound(blocks.begin(), blocks.end(), *round.last) : blocks.begin();
        if (next == blocks.end()) {
            next = blocks.begin();
            round = {std::nullopt, {}, std::move(round.missing)};
        }
        const auto end = next + std::min(blocks.end() - next, stretch);
        for (; next != end; ++next) {
            const spark::BlockId& block = *next;
            round.last = block;
            for (const spark::ExecutorId place : driver.lineage().placesOf(block)) {
                const auto at = executors.find(place);
                // What was put out of a full memory is told, and may be under way for long.
                if (at == executors.end() || at->second->store().evicted() > 0) {
                    continue;
                }
                check();
                if (at->second->store().contains(block)) {
                    continue;
                }
                round.missing.emplace(place, block);
                if (round.missingBefore.contains({place, block})) {
                    violate(world, fmt::format("executor {} of {} has told of {} and does not have it", place.value,
                                               driver.application().name, block.toText()));
                }
            }
        }
    }

    std::map<std::string, Round> m_rounds;  ///< by application
};

/// What an inverse window holds is what its batches add up to: compared as long as all of it is in executors' memories,
/// and not where a driver has begun again without blocks that no log had: the window of its checkpoint has what is gone
/// from its batches, and so have those made from it.
class WindowsAddUp final : public Invariant {
public:
    [[nodiscard]] std::string_view name() const override { return "windows-add-up"; }
    [[nodiscard]] std::string_view statement() const override {
        return "A window that is made from the last one by an inverse function holds what its batches add up to";
    }
    void forget() override { m_looked.clear(); }

    void observe(const sim::World& world) override {
        forEachDriver(world, [&](const spark::DriverActor& driver) {
            const spark::Program& program = *driver.application().program;
            for (std::size_t i = 0; i < program.streams.size(); ++i) {
                if (program.streams[i].kind == spark::StreamSpec::Kind::InverseWindow &&
                    !driver.inputs().hasLostBlocks()) {
                    look(world, driver, spark::StreamId{static_cast<std::int32_t>(i)});
                }
            }
        });
    }

private:
    using Totals = std::map<std::string, std::int64_t>;
    using Executors = std::map<spark::ExecutorId, const spark::ExecutorActor*>;

    void look(const sim::World& world, const spark::DriverActor& driver, spark::StreamId stream) {
        const spark::StreamSpec& spec = driver.application().program->stream(stream);
        const Executors executors = executorsOf(world, driver);
        const auto& batches = driver.batches();
        const auto open =
            std::find_if(batches.begin(), batches.end(), [](const auto& each) { return !each.second.isDone(); });
        for (const std::int64_t millis : driver.graph().timesOf(stream)) {
            if (open != batches.end() && millis > open->first) {
                break;  // batches are worked on one after the other: what follows is in no memory yet
            }
            const auto window = driver.graph().generated(stream, millis);
            if (!window || !driver.lineage().hasRdd(*window) ||
                m_looked.contains({driver.application().name, *window})) {
                continue;
            }
            Totals wanted;
            Totals found;
            const spark::StreamId parent = spec.parents.front();
            const std::int64_t step = driver.application().program->stream(parent).slide.count() / 1'000'000;
            const std::int64_t from = std::max(millis - spec.window.count() / 1'000'000, driver.graph().zero());
            bool isWhole = add(driver, executors, *window, found);
            for (std::int64_t at = from + step; at <= millis && isWhole; at += step) {
                const auto part = driver.graph().generated(parent, at);
                isWhole = part && add(driver, executors, *part, wanted);
            }
            if (isWhole) {
                m_looked.insert({driver.application().name, *window});
                expect(world, found == wanted, [&] {
                    return fmt::format("the window of {} at {} ms is not what its batches add up to", spec.name,
                                       millis);
                });
            }
        }
        constexpr std::size_t most = 1'000;
        while (m_looked.size() > most) {
            m_looked.erase(m_looked.begin());
        }
    }

    /// Adds what executors keep of an RDD; false when some of it is nowhere, or no whole number.
    static bool add(const spark::DriverActor& driver, const Executors& executors, spark::RddId id, Totals& totals) {
        if (!driver.lineage().hasRdd(id)) {
            return false;
        }
        for (spark::Partition p = 0; p < driver.lineage().rdd(id)->partitions; ++p) {
            spark::RowsRef rows;
            for (const spark::ExecutorId place : driver.lineage().placesOf(spark::rddBlock(id, p))) {
                const auto at = executors.find(place);
                rows = at != executors.end() && !rows ? at->second->store().peek(spark::rddBlock(id, p)) : rows;
            }
            if (!rows) {
                return false;
            }
            for (std::size_t i = 0; i < rows->size(); ++i) {
                if (rows->at(i, 1).kind() != spark::Cell::Kind::Long) {
                    return false;
                }
                std::int64_t& total = totals[rows->at(i, 0).toText()];
                total += rows->at(i, 1).asLong();
            }
        }
        std::erase_if(totals, [](const auto& each) { return each.second == 0; });
        return true;
    }

    std::set<std::pair<std::string, spark::RddId>> m_looked;
};

}  // namespace

void addStreamInvariants(Invariants& to) {
    const auto add = [&](std::string_view name, std::string_view statement, std::vector<StreamRule> rules) {
        to.push_back(std::make_unique<BookedRules<StreamRule>>(name, statement, std::move(rules)));
    };
    add("batches-hold-what-was-handed",
        "What a source has handed to a receiver is in one block and one batch, and ranges of offsets follow one "
        "another",
        {StreamRule::BlocksHoldWhatWasHanded, StreamRule::BatchesTakeBlocksOnce, StreamRule::RangesFollow});
    add("outputs-are-whole", "An output operation is done once, when each of its partitions has been computed",
        {StreamRule::OutputsAreWhole, StreamRule::BatchesAreDoneOnce});
    add("recomputed-is-the-same",
        "What is computed once more is what it was, and shuffles are read as they were written",
        {StreamRule::RepeatedIsTheSame, StreamRule::ShufflesAsWritten});
    add("checkpoints-keep-open-batches", "A checkpoint of a driver names each batch that is made and not done",
        {StreamRule::CheckpointsKeepOpen});
    add("rates-follow-the-controller", "Back-pressure sets the rate that its controller's closed form gives",
        {StreamRule::RatesFollowTheController});
    add("stream-commits-follow-batches", "A driver commits no offset before its batch is done",
        {StreamRule::CommitsAreDone});
    to.push_back(std::make_unique<StreamsLoseNothingPromised>());
    to.push_back(std::make_unique<BlocksAreWhereReported>());
    to.push_back(std::make_unique<WindowsAddUp>());
}

}  // namespace millrace::lab
