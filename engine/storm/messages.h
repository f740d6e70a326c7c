#pragma once

#include <string>
#include <vector>

#include "engine/sim/message.h"
#include "engine/storm/state.h"
#include "engine/storm/topology.h"

namespace millrace::storm {

/// Client to Nimbus.
struct SubmitTopology final : sim::MessageBase<SubmitTopology> {
    static constexpr std::string_view Name = "storm.SubmitTopology";
    TopologyRef topology;
    explicit SubmitTopology(TopologyRef what) : topology(std::move(what)) {}
    [[nodiscard]] ByteCount wireSize() const override { return 64 * 1024; }
    void digest(Digest& digest) const override { digest.add(topology->digest()); }
    [[nodiscard]] std::string summary() const override { return "submit " + topology->name; }
};

struct SubmitAnswer final : sim::MessageBase<SubmitAnswer> {
    static constexpr std::string_view Name = "storm.SubmitAnswer";
    enum class Outcome : std::uint8_t { Accepted, NotLeader, AlreadyAlive, Refused };
    Outcome outcome = Outcome::Accepted;
    std::string topologyId;
    SubmitAnswer(Outcome what, std::string id) : outcome(what), topologyId(std::move(id)) {}
    void digest(Digest& digest) const override {
        digest.add(static_cast<std::uint64_t>(outcome));
        digest.add(std::string_view{topologyId});
    }
};

/// That a worker lives, with what it runs.
struct WorkerBeat {
    std::string topologyId;
    Slot slot;
    std::vector<ExecutorRange> executors;
    SimTime time;  ///< when the worker said so: Nimbus counts a beat as new when this has changed

    void digest(Digest& digest) const {
        digest.add(std::string_view{topologyId});
        digest.add(std::string_view{slot.node});
        digest.add(static_cast<std::uint64_t>(slot.port.value));
        digest.add(nanoseconds(time));
    }
};

/// Worker to its supervisor or, when that one is not there, to Nimbus; supervisor to Nimbus with those of all its
/// workers.
struct WorkerBeats final : sim::MessageBase<WorkerBeats> {
    static constexpr std::string_view Name = "storm.WorkerBeats";
    std::string node;
    std::vector<WorkerBeat> beats;
    bool isReport = false;  ///< of a supervisor, which takes assignments over this connection
    WorkerBeats(std::string from, std::vector<WorkerBeat> what, bool ofSupervisor)
        : node(std::move(from)), beats(std::move(what)), isReport(ofSupervisor) {}
    [[nodiscard]] ByteCount wireSize() const override { return static_cast<ByteCount>(64 + beats.size() * 128); }
    void digest(Digest& digest) const override {
        digest.add(std::string_view{node});
        for (const WorkerBeat& beat : beats) {
            beat.digest(digest);
        }
    }
    [[nodiscard]] std::string summary() const override {
        return std::to_string(beats.size()) + (beats.size() == 1 ? " worker beat of " : " worker beats of ") + node;
    }
};

/// Supervisor to Nimbus: a topology's code, please.
struct FetchTopology final : sim::MessageBase<FetchTopology> {
    static constexpr std::string_view Name = "storm.FetchTopology";
    std::string topologyId;
    explicit FetchTopology(std::string id) : topologyId(std::move(id)) {}
    void digest(Digest& digest) const override { digest.add(std::string_view{topologyId}); }
};
struct TopologyCode final : sim::MessageBase<TopologyCode> {
    static constexpr std::string_view Name = "storm.TopologyCode";
    std::string topologyId;
    TopologyRef topology;
    TopologyCode(std::string id, TopologyRef code) : topologyId(std::move(id)), topology(std::move(code)) {}
    [[nodiscard]] ByteCount wireSize() const override { return 64 * 1024; }
    void digest(Digest& digest) const override { digest.add(std::string_view{topologyId}); }
};

/// Nimbus to a supervisor: the assignments have changed, look. (Storm pushes their content; here the supervisor reads
/// it from ZooKeeper at once, as it does every 10 s.)
struct AssignmentsChanged final : sim::MessageBase<AssignmentsChanged> {
    static constexpr std::string_view Name = "storm.AssignmentsChanged";
    void digest(Digest&) const override {}
};

/// Worker to the workers that send to it: these of its tasks have full queues. Empty: none.
struct PressedTasks final : sim::MessageBase<PressedTasks> {
    static constexpr std::string_view Name = "storm.PressedTasks";
    std::vector<TaskId> tasks;
    void digest(Digest& digest) const override {
        for (const TaskId task : tasks) {
            digest.add(task.value);
        }
    }
};

/// A daemon's timer to itself; `purpose` is the daemon's own.
struct DaemonTimer final : sim::MessageBase<DaemonTimer> {
    static constexpr std::string_view Name = "storm.DaemonTimer";
    [[nodiscard]] std::string summary() const override { return "next round"; }
    std::uint32_t purpose = 0;
    std::uint64_t value = 0;
    explicit DaemonTimer(std::uint32_t what, std::uint64_t which = 0) : purpose(what), value(which) {}
    void digest(Digest& digest) const override { digest.add((static_cast<std::uint64_t>(purpose) << 48U) ^ value); }
};

}  // namespace millrace::storm
