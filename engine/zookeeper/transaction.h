#pragma once

#include <string>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/sim/disk.h"
#include "engine/sim/ids.h"
#include "engine/zookeeper/types.h"

namespace millrace::zookeeper {

/// One node's change, fully decided: names with their sequence numbers, no conditions left.
struct Change {
    OpCode code = OpCode::Error;  ///< Create, Delete, SetData, or Check (nothing)
    std::string path;
    std::string data;
    bool ephemeral = false;
    // What the client had asked for; it decides nothing any more, and a digest does not contain it.
    std::int32_t expected = anyVersion;
    bool isSequential = false;
};

/// What the leader made of one request: decided once, then the same for every server that applies it. A refused request
/// is a transaction too (with `error`), so that its answer has a place in the order.
struct Transaction final : sim::Chunk {
    Zxid zxid;
    SessionId session;
    std::uint64_t xid = 0;        ///< the client's number of the request
    OpCode code = OpCode::Error;  ///< of the request
    std::int64_t timeMillis = 0;
    ErrorCode error = ErrorCode::Ok;
    std::vector<Change> changes;
    std::vector<ErrorCode> multiErrors;      ///< of a refused multi, one an operation
    SimDuration sessionTimeout{0};           ///< of CreateSession
    sim::ProcessId client = sim::noProcess;  ///< of CreateSession: who holds the session
    std::string clientName;

    [[nodiscard]] ByteCount size() const override;
    [[nodiscard]] std::uint64_t digest() const override;
};
using TransactionRef = Ref<const Transaction>;

}  // namespace millrace::zookeeper
