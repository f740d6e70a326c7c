#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/strong.h"
#include "engine/sim/ids.h"

namespace millrace::zookeeper {

/// A server's number in the ensemble (its `myid`).
using ServerId = Strong<struct ServerIdTag, std::int32_t>;
using SessionId = Strong<struct SessionIdTag, std::uint64_t>;
/// A transaction's place in the one order of all: the leader's epoch in the upper half, a counter in the lower.
using Zxid = Strong<struct ZxidTag, std::uint64_t>;

inline constexpr SessionId noSession{0};
inline constexpr ServerId noServer{-1};

[[nodiscard]] constexpr Zxid makeZxid(std::uint32_t epoch, std::uint32_t counter) {
    return Zxid{(std::uint64_t{epoch} << 32U) | counter};
}
[[nodiscard]] constexpr std::uint32_t epochOf(Zxid zxid) {
    return static_cast<std::uint32_t>(zxid.value >> 32U);
}
[[nodiscard]] constexpr std::uint32_t counterOf(Zxid zxid) {
    return static_cast<std::uint32_t>(zxid.value);
}
/// "0x100000003", as ZooKeeper's own tools print it.
[[nodiscard]] std::string toHex(std::uint64_t value);
[[nodiscard]] inline std::string toText(Zxid zxid) {
    return toHex(zxid.value);
}
[[nodiscard]] inline std::string toText(SessionId session) {
    return toHex(session.value);
}

/// ZooKeeper's result codes, by its numbers (org.apache.zookeeper.KeeperException.Code).
enum class ErrorCode : std::int32_t {
    Ok = 0,
    ConnectionLoss = -4,  ///< the connection went while a write was under way: it may or may not have happened
    BadArguments = -8,
    NoNode = -101,
    BadVersion = -103,
    NoChildrenForEphemerals = -108,
    NodeExists = -110,
    NotEmpty = -111,
    SessionExpired = -112,
    SessionMoved = -118,
    RuntimeInconsistency = -2  ///< of an operation in a multi that was not tried because another one failed
};
[[nodiscard]] std::string_view toText(ErrorCode error);

/// What is known about a node beside its data.
struct Stat {
    Zxid czxid;              ///< transaction that created it
    Zxid mzxid;              ///< transaction that last set its data
    Zxid pzxid;              ///< transaction that last changed its children
    std::int64_t ctime = 0;  ///< milliseconds since 1970, by the leader's clock
    std::int64_t mtime = 0;
    std::int32_t version = 0;
    std::int32_t cversion = 0;
    SessionId ephemeralOwner;  ///< `noSession` for persistent nodes
    std::int32_t dataLength = 0;
    std::int32_t numChildren = 0;
};

enum class CreateMode : std::uint8_t { Persistent, PersistentSequential, Ephemeral, EphemeralSequential };
[[nodiscard]] constexpr bool isEphemeral(CreateMode mode) {
    return mode >= CreateMode::Ephemeral;
}
[[nodiscard]] constexpr bool isSequential(CreateMode mode) {
    return mode == CreateMode::PersistentSequential || mode == CreateMode::EphemeralSequential;
}

enum class WatchEvent : std::uint8_t { NodeCreated = 1, NodeDeleted = 2, NodeDataChanged = 3, NodeChildrenChanged = 4 };
[[nodiscard]] std::string_view toText(WatchEvent event);

/// ZooKeeper's operation codes (org.apache.zookeeper.ZooDefs.OpCode).
enum class OpCode : std::int32_t {
    Create = 1,
    Delete = 2,
    Exists = 3,
    GetData = 4,
    SetData = 5,
    GetChildren = 8,
    Sync = 9,
    Check = 13,
    Multi = 14,
    CreateSession = -10,
    CloseSession = -11,
    Error = -1
};
[[nodiscard]] std::string_view toText(OpCode code);

inline constexpr std::int32_t anyVersion = -1;

/// One operation as a client asks for it.
struct Operation {
    OpCode code = OpCode::Exists;
    std::string path;
    std::string data;
    std::int32_t version = anyVersion;  ///< expected; for Delete, SetData, Check
    CreateMode mode = CreateMode::Persistent;
    bool watch = false;  ///< for Exists, GetData, GetChildren

    [[nodiscard]] static Operation create(std::string path, std::string data, CreateMode mode = CreateMode::Persistent);
    [[nodiscard]] static Operation remove(std::string path, std::int32_t version = anyVersion);
    [[nodiscard]] static Operation setData(std::string path, std::string data, std::int32_t version = anyVersion);
    [[nodiscard]] static Operation check(std::string path, std::int32_t version);
};
void addTo(Digest& digest, const Operation& operation);
void addTo(Digest& digest, const Stat& stat);

/// What became of one operation.
struct OperationResult {
    OpCode code = OpCode::Error;
    ErrorCode error = ErrorCode::Ok;
    std::string path;  ///< for Create: the node made, with its sequence number
    Stat stat;         ///< for Create, SetData
};

/// Where a server takes clients.
struct ServerAddress {
    sim::HostId host;
    sim::Port port{2181};
};

}  // namespace millrace::zookeeper
