#include "engine/zookeeper/types.h"

#include <fmt/format.h>

#include <utility>

namespace millrace::zookeeper {

std::string toHex(std::uint64_t value) {
    return fmt::format("0x{:x}", value);
}

std::string_view toText(ErrorCode error) {
    switch (error) {
        case ErrorCode::Ok:
            return "Ok";
        case ErrorCode::ConnectionLoss:
            return "ConnectionLoss";
        case ErrorCode::BadArguments:
            return "BadArguments";
        case ErrorCode::NoNode:
            return "NoNode";
        case ErrorCode::BadVersion:
            return "BadVersion";
        case ErrorCode::NoChildrenForEphemerals:
            return "NoChildrenForEphemerals";
        case ErrorCode::NodeExists:
            return "NodeExists";
        case ErrorCode::NotEmpty:
            return "NotEmpty";
        case ErrorCode::SessionExpired:
            return "SessionExpired";
        case ErrorCode::SessionMoved:
            return "SessionMoved";
        case ErrorCode::RuntimeInconsistency:
            return "RuntimeInconsistency";
    }
    return "?";
}

std::string_view toText(WatchEvent event) {
    switch (event) {
        case WatchEvent::NodeCreated:
            return "NodeCreated";
        case WatchEvent::NodeDeleted:
            return "NodeDeleted";
        case WatchEvent::NodeDataChanged:
            return "NodeDataChanged";
        case WatchEvent::NodeChildrenChanged:
            return "NodeChildrenChanged";
    }
    return "?";
}

std::string_view toText(OpCode code) {
    switch (code) {
        case OpCode::Create:
            return "create";
        case OpCode::Delete:
            return "delete";
        case OpCode::Exists:
            return "exists";
        case OpCode::GetData:
            return "getData";
        case OpCode::SetData:
            return "setData";
        case OpCode::GetChildren:
            return "getChildren";
        case OpCode::Sync:
            return "sync";
        case OpCode::Check:
            return "check";
        case OpCode::Multi:
            return "multi";
        case OpCode::CreateSession:
            return "createSession";
        case OpCode::CloseSession:
            return "closeSession";
        case OpCode::Error:
            return "error";
    }
    return "?";
}

Operation Operation::create(std::string path, std::string data, CreateMode mode) {
    Operation operation;
    operation.code = OpCode::Create;
    operation.path = std::move(path);
    operation.data = std::move(data);
    operation.mode = mode;
    return operation;
}

Operation Operation::remove(std::string path, std::int32_t version) {
    Operation operation;
    operation.code = OpCode::Delete;
    operation.path = std::move(path);
    operation.version = version;
    return operation;
}

Operation Operation::setData(std::string path, std::string data, std::int32_t version) {
    Operation operation;
    operation.code = OpCode::SetData;
    operation.path = std::move(path);
    operation.data = std::move(data);
    operation.version = version;
    return operation;
}

Operation Operation::check(std::string path, std::int32_t version) {
    Operation operation;
    operation.code = OpCode::Check;
    operation.path = std::move(path);
    operation.version = version;
    return operation;
}

void addTo(Digest& digest, const Operation& operation) {
    digest.add(static_cast<std::int32_t>(operation.code));
    digest.add(std::string_view{operation.path});
    digest.add(std::string_view{operation.data});
    digest.add(operation.version);
    digest.add(static_cast<std::uint32_t>(operation.mode));
    digest.add(operation.watch);
}

void addTo(Digest& digest, const Stat& stat) {
    digest.add(stat.czxid.value);
    digest.add(stat.mzxid.value);
    digest.add(stat.pzxid.value);
    digest.add(stat.ctime);
    digest.add(stat.mtime);
    digest.add(stat.version);
    digest.add(stat.cversion);
    digest.add(stat.ephemeralOwner.value);
    digest.add(stat.dataLength);
    digest.add(stat.numChildren);
}

}  // namespace millrace::zookeeper
