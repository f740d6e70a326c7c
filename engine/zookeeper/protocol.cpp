#include "engine/zookeeper/protocol.h"

#include <fmt/format.h>

namespace millrace::zookeeper {

namespace {

constexpr ByteCount framing = 16;  ///< length, xid, type
constexpr ByteCount statSize = 68;

ByteCount sizeOf(const std::vector<Operation>& operations) {
    ByteCount bytes = 0;
    for (const Operation& operation : operations) {
        bytes += 24 + static_cast<ByteCount>(operation.path.size() + operation.data.size());
    }
    return bytes;
}

std::string describe(OpCode code, const std::vector<Operation>& operations) {
    return operations.empty() ? std::string{toText(code)} : fmt::format("{} {}", toText(code), operations.front().path);
}

}  // namespace

void ClientConnect::digest(Digest& digest) const {
    digest.add(std::string_view{name});
    digest.add(session.value);
    digest.add(timeout.count());
    digest.add(lastZxid.value);
}

void ClientConnected::digest(Digest& digest) const {
    digest.add(session.value);
    digest.add(timeout.count());
}

bool ClientRequest::isWrite() const {
    switch (code) {
        case OpCode::Exists:
        case OpCode::GetData:
        case OpCode::GetChildren:
            return false;
        default:
            return true;
    }
}

ByteCount ClientRequest::wireSize() const {
    return framing + sizeOf(operations);
}

void ClientRequest::digest(Digest& digest) const {
    digest.add(xid);
    digest.add(static_cast<std::int32_t>(code));
    for (const Operation& operation : operations) {
        addTo(digest, operation);
    }
}

std::string ClientRequest::summary() const {
    return describe(code, operations);
}

ByteCount ClientResponse::wireSize() const {
    ByteCount bytes = framing + statSize + static_cast<ByteCount>(path.size() + data.size());
    for (const std::string& child : children) {
        bytes += 4 + static_cast<ByteCount>(child.size());
    }
    for (const OperationResult& result : results) {
        bytes += 9 + statSize + static_cast<ByteCount>(result.path.size());
    }
    return bytes;
}

void ClientResponse::digest(Digest& digest) const {
    digest.add(xid);
    digest.add(zxid.value);
    digest.add(static_cast<std::int32_t>(error));
    digest.add(std::string_view{path});
    digest.add(std::string_view{data});
    addTo(digest, stat);
    for (const std::string& child : children) {
        digest.add(std::string_view{child});
    }
    for (const OperationResult& result : results) {
        digest.add(static_cast<std::int32_t>(result.error));
        digest.add(std::string_view{result.path});
        addTo(digest, result.stat);
    }
}

std::string ClientResponse::summary() const {
    return fmt::format("{} {}", toText(error), path);
}

void WatchNotification::digest(Digest& digest) const {
    digest.add(std::string_view{path});
    digest.add(static_cast<std::uint32_t>(event));
}

std::string WatchNotification::summary() const {
    return fmt::format("{} {}", toText(event), path);
}

void SetWatches::digest(Digest& digest) const {
    digest.add(lastZxid.value);
    for (const auto& [path, kind] : watches) {
        digest.add(std::string_view{path});
        digest.add(static_cast<std::uint32_t>(kind));
    }
}

std::string_view toText(ServerState state) {
    switch (state) {
        case ServerState::Looking:
            return "looking";
        case ServerState::Following:
            return "following";
        case ServerState::Leading:
            return "leading";
    }
    return "?";
}

void Notification::digest(Digest& digest) const {
    digest.add(from.value);
    digest.add(static_cast<std::uint32_t>(state));
    digest.add(vote.leader.value);
    digest.add(vote.zxid.value);
    digest.add(vote.epoch);
    digest.add(round);
}

std::string Notification::summary() const {
    return fmt::format("server {} ({}) votes for {} with {}", from.value, toText(state), vote.leader.value,
                       toText(vote.zxid));
}

void FollowerInfo::digest(Digest& digest) const {
    digest.add(from.value);
    digest.add(acceptedEpoch);
}

void LeaderInfo::digest(Digest& digest) const {
    digest.add(newEpoch);
}

void AckEpoch::digest(Digest& digest) const {
    digest.add(currentEpoch);
    digest.add(lastZxid.value);
    digest.add(counts);
}

std::string_view toText(Synchronise::Mode mode) {
    switch (mode) {
        case Synchronise::Mode::Diff:
            return "DIFF";
        case Synchronise::Mode::Trunc:
            return "TRUNC";
        case Synchronise::Mode::Snap:
            return "SNAP";
    }
    return "?";
}

ByteCount Synchronise::wireSize() const {
    ByteCount bytes = 2 * framing;
    for (const TransactionRef& transaction : tail) {
        bytes += transaction->size() + 24;
    }
    if (mode == Mode::Snap) {
        for (const auto& [path, node] : snapshot.nodes()) {
            bytes += statSize + static_cast<ByteCount>(path.size() + node->data.size());
        }
    }
    return bytes;
}

void Synchronise::digest(Digest& digest) const {
    digest.add(static_cast<std::uint32_t>(mode));
    digest.add(truncateTo.value);
    digest.add(snapshot.digest());
    for (const TransactionRef& transaction : tail) {
        digest.add(transaction->digest());
    }
    digest.add(committed.value);
    digest.add(newEpoch);
}

std::string Synchronise::summary() const {
    return fmt::format("{} and {} transaction{}", toText(mode), tail.size(), tail.size() == 1 ? "" : "s");
}

std::string Proposal::summary() const {
    return fmt::format("{} {}", toText(transaction->zxid), toText(transaction->code));
}

ByteCount ForwardedWrite::wireSize() const {
    return framing + 24 + sizeOf(request.operations);
}

void ForwardedWrite::digest(Digest& digest) const {
    digest.add(request.session.value);
    digest.add(request.xid);
    digest.add(static_cast<std::int32_t>(request.code));
    for (const Operation& operation : request.operations) {
        addTo(digest, operation);
    }
    digest.add(request.sessionTimeout.count());
    digest.add(request.client.value);
    digest.add(std::string_view{request.clientName});
}

std::string ForwardedWrite::summary() const {
    return describe(request.code, request.operations);
}

void Revalidated::digest(Digest& digest) const {
    digest.add(session.value);
    digest.add(isValid);
}

void FollowerPing::digest(Digest& digest) const {
    for (const SessionId session : touched) {
        digest.add(session.value);
    }
}

void SyncDone::digest(Digest& digest) const {
    digest.add(session.value);
    digest.add(xid);
}

}  // namespace millrace::zookeeper
