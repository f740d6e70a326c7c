#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/observe/object_id.h"
#include "engine/observe/state.h"

namespace millrace::observe {

enum class ComponentKind { Spout, Bolt, Acker };
[[nodiscard]] std::string_view toText(ComponentKind kind);

/// One spout or bolt, summed over its tasks. Counts are since the topology was submitted.
struct ComponentView {
    ObjectId id;
    std::string name;
    ComponentKind kind = ComponentKind::Bolt;
    std::string type;  ///< what it does, such as "filter" or "kafka"
    std::int32_t executors = 0;
    std::int32_t tasks = 0;
    std::int64_t emitted = 0;
    std::int64_t transferred = 0;
    std::int64_t executed = 0;
    std::int64_t acked = 0;
    std::int64_t failed = 0;
    double emittedPerSecond = 0;
    double executedPerSecond = 0;
    double capacity = 0;  ///< share of the time in which executors were busy, 0..1
    SimDuration executeLatency{};
    SimDuration completeLatency{};  ///< spouts only
    std::int64_t queueDepth = 0;    ///< tuples waiting in receive queues
    std::int64_t pending = 0;       ///< spouts only: emitted, neither acked nor failed
};

struct ExecutorView {
    std::string component;
    std::int32_t firstTask = 0;
    std::int32_t lastTask = 0;
    ObjectId worker;
    ObjectId host;
    std::int32_t port = 0;
    std::int64_t queueDepth = 0;
    double capacity = 0;
};

struct WorkerView {
    ObjectId id;
    ObjectId supervisor;
    ObjectId host;
    std::int32_t port = 0;
    LifeState state = LifeState::Running;
    std::vector<ExecutorView> executors;
};

struct StreamView {
    ObjectId from;
    ObjectId to;
    std::string stream;    ///< "default" unless named
    std::string grouping;  ///< as shown: "shuffle", "fields(status)"
    double tuplesPerSecond = 0;
    std::int64_t queued = 0;
};

struct TopologyView {
    std::string name;
    std::string status;  ///< Storm's own word: ACTIVE, INACTIVE, REBALANCING, KILLED; before: NOT SUBMITTED, REFUSED
    std::int64_t receiveBufferSize = 32'768;  ///< topology.executor.receive.buffer.size: a queue that is full
    std::vector<ComponentView> components;
    std::vector<StreamView> streams;
    std::vector<WorkerView> workers;
    std::int64_t pendingTuples = 0;  ///< roots not yet acked or failed
    std::int64_t ackedTuples = 0;
    std::int64_t failedTuples = 0;
    std::int64_t replayedTuples = 0;
};

struct SlotView {
    std::int32_t port = 0;
    ObjectId worker;  ///< empty when the slot is free
};

struct SupervisorView {
    ObjectId id;
    ObjectId host;
    LifeState state = LifeState::Running;
    std::vector<SlotView> workerSlots;
};

struct NimbusView {
    ObjectId id;  ///< empty when the scenario has no Storm cluster
    ObjectId host;
    LifeState state = LifeState::Running;
};

struct StormView {
    NimbusView nimbus;
    std::vector<SupervisorView> supervisors;
    std::vector<TopologyView> topologies;
};

struct SourceView {
    ObjectId id;
    ObjectId producer;  ///< who sends its records
    std::string name;
    std::string kind;  ///< "file", "generator"
    std::string topic;
    LifeState state = LifeState::Running;
    std::int64_t produced = 0;        ///< lines or records read so far
    std::int64_t total = -1;          ///< -1 when endless or not known
    std::int64_t unacknowledged = 0;  ///< records that its producer holds: neither acknowledged nor given up
    double recordsPerSecond = 0;
    bool isExhausted = false;
};

struct SinkView {
    ObjectId id;
    std::string name;
    std::string kind;          ///< "sqlite", "file"
    std::int64_t written = 0;  ///< rows or lines handed over
    std::int64_t rejected = 0;
    std::int64_t repeated = 0;  ///< writes of what had been written before, after a replay or a retry
    bool writesOnce = false;    ///< whether those were left out
    double rowsPerSecond = 0;
    std::int64_t unflushed = 0;
    std::vector<std::string> tables;
};

}  // namespace millrace::observe
