#include "engine/kafka/group/group_records.h"

#include <algorithm>
#include <limits>

namespace millrace::kafka {
namespace {

constexpr std::int16_t offsetKeyVersion = 1;
constexpr std::int16_t groupKeyVersion = 2;
constexpr std::int16_t valueVersion = 3;

class Writer {
public:
    template <class Int>
    Writer& number(Int value) {
        for (int shift = static_cast<int>(sizeof(Int) - 1) * 8; shift >= 0; shift -= 8) {
            m_bytes.push_back(static_cast<char>((static_cast<std::uint64_t>(value) >> shift) & 0xFFU));
        }
        return *this;
    }
    Writer& string(std::string_view text) {
        constexpr std::size_t most = std::numeric_limits<std::int16_t>::max();
        number(static_cast<std::int16_t>(std::min(text.size(), most)));
        m_bytes.append(text.substr(0, most));
        return *this;
    }
    Writer& nullableString(std::string_view text) { return text.empty() ? number(std::int16_t{-1}) : string(text); }
    Writer& bytes(const BytesRef& content) {
        const std::string_view text = content ? content->text() : std::string_view{};
        number(static_cast<std::int32_t>(text.size()));
        m_bytes.append(text);
        return *this;
    }
    [[nodiscard]] std::string take() { return std::move(m_bytes); }

private:
    std::string m_bytes;
};

/// Reads what a Writer wrote; past the end everything is zero and `ok` is false.
class Reader {
public:
    explicit Reader(std::string_view bytes) : m_rest(bytes) {}
    [[nodiscard]] bool ok() const { return m_ok; }

    template <class Int>
    Int number() {
        std::uint64_t value = 0;
        for (const char c : take(sizeof(Int))) {
            value = (value << 8U) | static_cast<unsigned char>(c);
        }
        return static_cast<Int>(value);
    }
    std::string string() {
        const auto size = number<std::int16_t>();
        return std::string{size < 0 ? std::string_view{} : take(static_cast<std::size_t>(size))};
    }
    BytesRef bytes() {
        const auto size = number<std::int32_t>();
        return makeRef<Bytes>(std::string{size < 0 ? std::string_view{} : take(static_cast<std::size_t>(size))});
    }

private:
    std::string_view take(std::size_t size) {
        m_ok = m_ok && size <= m_rest.size();
        const std::string_view taken = m_rest.substr(0, m_ok ? size : 0);
        m_rest.remove_prefix(taken.size());
        return taken;
    }
    std::string_view m_rest;
    bool m_ok = true;
};

std::int32_t milliseconds(SimDuration duration) {
    return static_cast<std::int32_t>(
        std::min<std::int64_t>(duration.count() / 1'000'000, std::numeric_limits<std::int32_t>::max()));
}

OffsetRecord readOffset(Reader& key, std::optional<std::string_view> value) {
    OffsetRecord record;
    record.group = key.string();
    record.partition.topic = TopicName(key.string());
    record.partition.partition = PartitionIndex{key.number<std::int32_t>()};
    if (value) {
        Reader reader(*value);
        const auto version = reader.number<std::int16_t>();
        CommittedOffset committed;
        committed.offset = Offset{reader.number<std::int64_t>()};
        committed.leaderEpoch = LeaderEpoch{reader.number<std::int32_t>()};
        committed.metadata = reader.string();
        if (version == valueVersion && reader.ok()) {
            record.committed = std::move(committed);
        }
    }
    return record;
}

GroupMember readMember(Reader& reader, const std::string& protocol) {
    GroupMember member;
    member.id = reader.string();
    static_cast<void>(reader.string());  // group.instance.id
    member.clientId = reader.string();
    static_cast<void>(reader.string());  // client host
    member.rebalanceTimeout = std::chrono::milliseconds{reader.number<std::int32_t>()};
    member.sessionTimeout = std::chrono::milliseconds{reader.number<std::int32_t>()};
    member.protocols = {{protocol, reader.bytes()}};
    member.assignment = reader.bytes();
    return member;
}

GroupRecord readGroup(Reader& key, std::optional<std::string_view> value) {
    GroupRecord record;
    record.group = key.string();
    if (!value) {
        return record;
    }
    Reader reader(*value);
    const auto version = reader.number<std::int16_t>();
    Group group;
    group.name = record.group;
    group.protocolType = reader.string();
    group.generation = reader.number<std::int32_t>();
    group.protocol = reader.string();
    group.leader = reader.string();
    static_cast<void>(reader.number<std::int64_t>());  // since when the group is in this state
    const auto count = reader.number<std::int32_t>();
    for (std::int32_t i = 0; i < count && reader.ok(); ++i) {
        GroupMember member = readMember(reader, group.protocol);
        group.joinOrder.push_back(member.id);
        group.members.emplace(member.id, std::move(member));
    }
    group.state = group.members.empty() ? GroupState::Empty : GroupState::Stable;
    if (version == valueVersion && reader.ok()) {
        record.state = std::move(group);
    }
    return record;
}

}  // namespace

std::string offsetKey(std::string_view group, const TopicPartition& partition) {
    return Writer{}
        .number(offsetKeyVersion)
        .string(group)
        .string(partition.topic.text())
        .number(partition.partition.value)
        .take();
}

std::string offsetValue(const OffsetCommitRequest::Partition& committed, std::int64_t clockMillis) {
    return Writer{}
        .number(valueVersion)
        .number(committed.offset.value)
        .number(committed.leaderEpoch.value)
        .string(committed.metadata)
        .number(clockMillis)
        .take();
}

std::string groupKey(std::string_view group) {
    return Writer{}.number(groupKeyVersion).string(group).take();
}

std::int64_t recordSizeOf(const Group& group) {
    std::size_t size = group.name.size() + group.protocolType.size() + group.protocol.size() + group.leader.size();
    for (const auto& [id, member] : group.members) {
        const auto* protocol = member.findProtocol(group.protocol);
        size += id.size() + member.clientId.size() + (member.assignment ? member.assignment->size() : 0) +
                (protocol != nullptr && protocol->metadata ? protocol->metadata->size() : 0);
    }
    return static_cast<std::int64_t>(size);
}

std::string groupValue(const Group& group, std::int64_t clockMillis) {
    Writer writer;
    writer.number(valueVersion)
        .string(group.protocolType)
        .number(group.generation)
        .nullableString(group.protocol)
        .nullableString(group.leader)
        .number(clockMillis)
        .number(static_cast<std::int32_t>(group.members.size()));
    for (const std::string& id : group.joinOrder) {
        const GroupMember& member = group.members.at(id);
        const auto* protocol = member.findProtocol(group.protocol);
        writer.string(id)
            .number(std::int16_t{-1})
            .string(member.clientId)
            .string("")
            .number(milliseconds(member.rebalanceTimeout))
            .number(milliseconds(member.sessionTimeout))
            .bytes(protocol != nullptr ? protocol->metadata : BytesRef{})
            .bytes(member.assignment);
    }
    return writer.take();
}

std::optional<std::variant<OffsetRecord, GroupRecord>> readGroupRecord(std::string_view key,
                                                                       std::optional<std::string_view> value) {
    Reader reader(key);
    const auto version = reader.number<std::int16_t>();
    if (version == 0 || version == offsetKeyVersion) {
        return readOffset(reader, value);
    }
    if (version == groupKeyVersion) {
        return readGroup(reader, value);
    }
    return std::nullopt;
}

}  // namespace millrace::kafka
