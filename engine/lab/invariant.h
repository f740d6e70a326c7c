#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/run/ledger.h"
#include "engine/sim/world.h"

namespace millrace::lab {

/// The first time an invariant did not hold.
struct Violation {
    SimTime time;
    sim::JournalId entry;  ///< newest journal entry at that instant
    std::string text;
};

/// Something that must hold whatever happens to the machines. It looks at a world from outside, time after time, and
/// remembers what it needs from earlier looks: it writes nothing, sends nothing, draws nothing, so a world that is
/// checked runs as one that is not.
class Invariant {
public:
    virtual ~Invariant() = default;

    [[nodiscard]] virtual std::string_view name() const = 0;       ///< in kebab case, stable
    [[nodiscard]] virtual std::string_view statement() const = 0;  ///< one sentence for people
    virtual void observe(const sim::World& world) = 0;
    /// The books of the same instant, when the run keeps any.
    virtual void observeBooks(const sim::World&, const run::Ledger&) {}
    /// Effects as they are handed to the outside.
    virtual void observeEffects(const sim::World&, const std::vector<sim::NumberedEffect>&) {}
    /// The run is over; what may only be late must be there now when `drained`.
    virtual void finish(const sim::World&, bool /*drained*/) {}
    /// The next world to come is not a later state of the last one. What was found stays.
    virtual void forget() = 0;

    [[nodiscard]] std::uint64_t checked() const { return m_checked; }
    [[nodiscard]] bool holds() const { return !m_first; }
    [[nodiscard]] const std::optional<Violation>& first() const { return m_first; }

protected:
    Invariant() = default;
    Invariant(const Invariant&) = default;
    Invariant& operator=(const Invariant&) = default;

    /// So many things were compared with what must be.
    void check(std::uint64_t count = 1) { m_checked += count; }
    void violate(const sim::World& world, std::string text) {
        if (!m_first) {
            m_first = Violation{world.now(), world.journal().lastId(), std::move(text)};
        }
    }
    void expect(const sim::World& world, bool isTrue, const auto& text) {
        check();
        if (!isTrue) {
            violate(world, text());
        }
    }

private:
    std::uint64_t m_checked = 0;
    std::optional<Violation> m_first;
};

using Invariants = std::vector<std::unique_ptr<Invariant>>;

[[nodiscard]] std::unique_ptr<Invariant> makeCoordinationTreesAgree();
/// Five that share their looks: one leader in an epoch, replicas agree, committed records stay, acknowledged records
/// survive, one owner in a generation.
void addReplicationInvariants(Invariants& to);
[[nodiscard]] std::unique_ptr<Invariant> makeTuplesAckedOrReplayed();
[[nodiscard]] std::unique_ptr<Invariant> makeGroupingsReachTheirTasks();
[[nodiscard]] std::unique_ptr<Invariant> makeSpoutsCommitWhatIsAcked();
[[nodiscard]] std::unique_ptr<Invariant> makeEffectsCarriedOutOnce();
[[nodiscard]] std::unique_ptr<Invariant> makeFiguresNeverFall();
[[nodiscard]] std::unique_ptr<Invariant> makeJobsEqualASinglePass();
/// What holds for jobs of MapReduce, with a JobTracker or on YARN, and for the blocks of HDFS.
void addHadoopInvariants(Invariants& to);
/// What the ledger of origins says of every record's way: from its source through a topic to its readers and sinks.
void addRecordInvariants(Invariants& to);
/// What the same books say of ZooKeeper's history and of what its clients are told.
void addCoordinationInvariants(Invariants& to);

/// Streaming applications of Spark: what the books say of their records, batches and results, and what executors and
/// drivers have.
void addStreamInvariants(Invariants& to);

/// All that the systems of this house must keep.
[[nodiscard]] Invariants standardInvariants();

}  // namespace millrace::lab
