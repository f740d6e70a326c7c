#include "engine/kafka/protocol/group.h"

#include <fmt/format.h>

#include "engine/observe/wording.h"

namespace millrace::kafka {

namespace {

ByteCount sizeOf(const BytesRef& bytes) {
    return wire::bytes + (bytes ? static_cast<ByteCount>(bytes->size()) : 0);
}

void addTo(Digest& digest, const std::optional<std::string>& text) {
    digest.add(text.has_value());
    if (text) {
        digest.add(*text);
    }
}

void addTo(Digest& digest, const BytesRef& bytes) {
    digest.add(bytes ? bytes->digest() : std::uint64_t{0});
}

}  // namespace

ByteCount FindCoordinatorRequest::wireSize() const {
    return headerSize() + wire::string(group) + wire::since(1, version, wire::int8);
}

void FindCoordinatorRequest::digest(Digest& digest) const {
    digestHeader(digest);
    digest.add(group);
    digest.add(static_cast<std::int32_t>(keyType));
}

ByteCount FindCoordinatorResponse::wireSize() const {
    const std::string_view host = error == ErrorCode::None ? std::string_view{coordinator.host} : std::string_view{};
    return headerSize() + wire::since(1, version, wire::int32) + wire::int16 +
           wire::since(1, version, wire::string(message)) + wire::int32 + wire::string(host) + wire::int32;
}

void FindCoordinatorResponse::digest(Digest& digest) const {
    digestHeader(digest);
    kafka::addTo(digest, error);
    digest.add(message);
    digest.add(coordinator.id.value);
    digest.add(coordinator.host);
    digest.add(static_cast<std::int32_t>(coordinator.port));
}

ByteCount JoinGroupRequest::wireSize() const {
    ByteCount size = headerSize() + wire::string(group) + wire::int32 + wire::since(1, version, wire::int32) +
                     wire::string(memberId) + wire::since(5, version, wire::nullableString(groupInstanceId)) +
                     wire::string(protocolType) + wire::array;
    for (const Protocol& protocol : protocols) {
        size += wire::string(protocol.name) + sizeOf(protocol.metadata);
    }
    return size;
}

void JoinGroupRequest::digest(Digest& digest) const {
    digestHeader(digest);
    digest.add(group);
    digest.add(sessionTimeout.count());
    digest.add(rebalanceTimeout.count());
    digest.add(memberId);
    addTo(digest, groupInstanceId);
    digest.add(protocolType);
    for (const Protocol& protocol : protocols) {
        digest.add(protocol.name);
        addTo(digest, protocol.metadata);
    }
}

std::string JoinGroupRequest::summary() const {
    return fmt::format("JoinGroup {} by {}", group, memberId);
}

ByteCount JoinGroupResponse::wireSize() const {
    ByteCount size = headerSize() + wire::since(2, version, wire::int32) + wire::int16 + wire::int32 +
                     wire::string(protocol) + wire::string(leader) + wire::string(memberId) + wire::array;
    for (const Member& member : members) {
        size += wire::string(member.memberId) + wire::since(5, version, wire::nullableString(member.groupInstanceId)) +
                sizeOf(member.metadata);
    }
    return size;
}

void JoinGroupResponse::digest(Digest& digest) const {
    digestHeader(digest);
    kafka::addTo(digest, error);
    digest.add(generation);
    digest.add(protocol);
    digest.add(leader);
    digest.add(memberId);
    for (const Member& member : members) {
        digest.add(member.memberId);
        addTo(digest, member.groupInstanceId);
        addTo(digest, member.metadata);
    }
}

std::string JoinGroupResponse::summary() const {
    return error == ErrorCode::None ? fmt::format("Joined generation {}", generation)
                                    : fmt::format("JoinGroup refused: {}", toText(error));
}

ByteCount SyncGroupRequest::wireSize() const {
    ByteCount size = headerSize() + wire::string(group) + wire::int32 + wire::string(memberId) +
                     wire::since(3, version, wire::nullableString(groupInstanceId)) + wire::array;
    for (const Assignment& each : assignments) {
        size += wire::string(each.memberId) + sizeOf(each.assignment);
    }
    return size;
}

void SyncGroupRequest::digest(Digest& digest) const {
    digestHeader(digest);
    digest.add(group);
    digest.add(generation);
    digest.add(memberId);
    addTo(digest, groupInstanceId);
    for (const Assignment& each : assignments) {
        digest.add(each.memberId);
        addTo(digest, each.assignment);
    }
}

ByteCount SyncGroupResponse::wireSize() const {
    return headerSize() + wire::since(1, version, wire::int32) + wire::int16 + sizeOf(assignment);
}

void SyncGroupResponse::digest(Digest& digest) const {
    digestHeader(digest);
    kafka::addTo(digest, error);
    addTo(digest, assignment);
}

ByteCount HeartbeatRequest::wireSize() const {
    return headerSize() + wire::string(group) + wire::int32 + wire::string(memberId) +
           wire::since(3, version, wire::nullableString(groupInstanceId));
}

void HeartbeatRequest::digest(Digest& digest) const {
    digestHeader(digest);
    digest.add(group);
    digest.add(generation);
    digest.add(memberId);
    addTo(digest, groupInstanceId);
}

ByteCount HeartbeatResponse::wireSize() const {
    return headerSize() + wire::since(1, version, wire::int32) + wire::int16;
}

void HeartbeatResponse::digest(Digest& digest) const {
    digestHeader(digest);
    kafka::addTo(digest, error);
}

ByteCount LeaveGroupRequest::wireSize() const {
    return headerSize() + wire::string(group) + wire::string(memberId);
}

void LeaveGroupRequest::digest(Digest& digest) const {
    digestHeader(digest);
    digest.add(group);
    digest.add(memberId);
}

ByteCount LeaveGroupResponse::wireSize() const {
    return headerSize() + wire::since(1, version, wire::int32) + wire::int16;
}

void LeaveGroupResponse::digest(Digest& digest) const {
    digestHeader(digest);
    kafka::addTo(digest, error);
}

ByteCount OffsetCommitRequest::wireSize() const {
    ByteCount size = headerSize() + wire::string(group) + wire::int32 + wire::string(memberId) +
                     wire::since(7, version, wire::nullableString(groupInstanceId)) + wire::topics(partitions);
    if (version >= 2 && version <= 4) {
        size += wire::int64;  // retention time
    }
    for (const Partition& each : partitions) {
        size += wire::int32 + wire::int64 + wire::since(6, version, wire::int32) + (version == 1 ? wire::int64 : 0) +
                wire::string(each.metadata);
    }
    return size;
}

void OffsetCommitRequest::digest(Digest& digest) const {
    digestHeader(digest);
    digest.add(group);
    digest.add(generation);
    digest.add(memberId);
    addTo(digest, groupInstanceId);
    for (const Partition& each : partitions) {
        kafka::addTo(digest, each.partition);
        digest.add(each.offset.value);
        digest.add(each.leaderEpoch.value);
        digest.add(each.metadata);
    }
}

std::string OffsetCommitRequest::summary() const {
    return fmt::format("OffsetCommit of {} ({})", group,
                       observe::counted(static_cast<std::int64_t>(partitions.size()), "partition"));
}

ByteCount OffsetCommitResponse::wireSize() const {
    return headerSize() + wire::since(3, version, wire::int32) + wire::topics(partitions) +
           static_cast<ByteCount>(partitions.size()) * (wire::int32 + wire::int16);
}

void OffsetCommitResponse::digest(Digest& digest) const {
    digestHeader(digest);
    for (const Partition& each : partitions) {
        kafka::addTo(digest, each.partition);
        kafka::addTo(digest, each.error);
    }
}

ByteCount OffsetFetchRequest::wireSize() const {
    return headerSize() + wire::string(group) + (partitions ? wire::partitions(*partitions) : wire::array);
}

void OffsetFetchRequest::digest(Digest& digest) const {
    digestHeader(digest);
    digest.add(group);
    digest.add(partitions.has_value());
    if (partitions) {
        for (const TopicPartition& each : *partitions) {
            kafka::addTo(digest, each);
        }
    }
}

ByteCount OffsetFetchResponse::wireSize() const {
    ByteCount size = headerSize() + wire::since(3, version, wire::int32) + wire::topics(partitions) +
                     wire::since(2, version, wire::int16);
    for (const Partition& each : partitions) {
        size += wire::int32 + wire::int64 + wire::since(5, version, wire::int32) + wire::string(each.metadata) +
                wire::int16;
    }
    return size;
}

void OffsetFetchResponse::digest(Digest& digest) const {
    digestHeader(digest);
    kafka::addTo(digest, error);
    for (const Partition& each : partitions) {
        kafka::addTo(digest, each.partition);
        digest.add(each.offset.value);
        digest.add(each.leaderEpoch.value);
        digest.add(each.metadata);
        kafka::addTo(digest, each.error);
    }
}

}  // namespace millrace::kafka
