#include "engine/kafka/client/assignor.h"

#include <algorithm>
#include <cstdint>

namespace millrace::kafka {
namespace {

template <class Int>
void put(std::string& out, Int value) {
    for (int shift = static_cast<int>(sizeof(Int) - 1) * 8; shift >= 0; shift -= 8) {
        out.push_back(static_cast<char>((static_cast<std::uint64_t>(value) >> shift) & 0xFFU));
    }
}

void put(std::string& out, std::string_view text) {
    put(out, static_cast<std::int16_t>(text.size()));
    out.append(text);
}

/// Past the end everything reads as zero.
class Reader {
public:
    explicit Reader(std::string_view bytes) : m_rest(bytes) {}
    template <class Int>
    Int number() {
        std::uint64_t value = 0;
        for (const char c : take(sizeof(Int))) {
            value = (value << 8U) | static_cast<unsigned char>(c);
        }
        return static_cast<Int>(value);
    }
    std::string_view text() {
        const auto size = number<std::int16_t>();
        return size > 0 ? take(static_cast<std::size_t>(size)) : std::string_view{};
    }
    [[nodiscard]] bool atEnd() const { return m_rest.empty(); }

private:
    std::string_view take(std::size_t size) {
        const std::string_view taken = m_rest.substr(0, size <= m_rest.size() ? size : 0);
        m_rest.remove_prefix(size <= m_rest.size() ? size : m_rest.size());
        return taken;
    }
    std::string_view m_rest;
};

}  // namespace

BytesRef encodeSubscription(const std::vector<TopicName>& topics) {
    std::string out;
    put(out, std::int16_t{0});
    put(out, static_cast<std::int32_t>(topics.size()));
    for (const TopicName& topic : topics) {
        put(out, std::string_view{topic.text()});
    }
    put(out, std::int32_t{-1});  // no user data
    return makeRef<Bytes>(std::move(out));
}

std::vector<TopicName> decodeSubscription(std::string_view bytes) {
    Reader reader(bytes);
    static_cast<void>(reader.number<std::int16_t>());
    std::vector<TopicName> topics;
    for (auto count = reader.number<std::int32_t>(); count > 0 && !reader.atEnd(); --count) {
        topics.emplace_back(reader.text());
    }
    return topics;
}

BytesRef encodeAssignment(const std::vector<TopicPartition>& partitions) {
    std::map<TopicName, std::vector<PartitionIndex>> byTopic;
    for (const TopicPartition& partition : partitions) {
        byTopic[partition.topic].push_back(partition.partition);
    }
    std::string out;
    put(out, std::int16_t{0});
    put(out, static_cast<std::int32_t>(byTopic.size()));
    for (const auto& [topic, indices] : byTopic) {
        put(out, std::string_view{topic.text()});
        put(out, static_cast<std::int32_t>(indices.size()));
        for (const PartitionIndex index : indices) {
            put(out, index.value);
        }
    }
    put(out, std::int32_t{-1});  // no user data
    return makeRef<Bytes>(std::move(out));
}

std::vector<TopicPartition> decodeAssignment(std::string_view bytes) {
    Reader reader(bytes);
    static_cast<void>(reader.number<std::int16_t>());
    std::vector<TopicPartition> partitions;
    for (auto topics = reader.number<std::int32_t>(); topics > 0 && !reader.atEnd(); --topics) {
        const TopicName topic(reader.text());
        for (auto count = reader.number<std::int32_t>(); count > 0 && !reader.atEnd(); --count) {
            partitions.push_back({topic, PartitionIndex{reader.number<std::int32_t>()}});
        }
    }
    return partitions;
}

std::map<std::string, std::vector<TopicPartition>> assignRanges(
    const std::vector<MemberSubscription>& members, const std::map<TopicName, std::int32_t>& partitionCounts) {
    std::map<TopicName, std::vector<std::string>> interested;
    std::map<std::string, std::vector<TopicPartition>> assignment;
    for (const MemberSubscription& member : members) {
        assignment[member.memberId];
        for (const TopicName& topic : member.topics) {
            interested[topic].push_back(member.memberId);
        }
    }
    for (auto& [topic, ids] : interested) {
        std::sort(ids.begin(), ids.end());
        const auto known = partitionCounts.find(topic);
        const std::int32_t count = known != partitionCounts.end() ? known->second : 0;
        const auto share = count / static_cast<std::int32_t>(ids.size());
        const auto extra = count % static_cast<std::int32_t>(ids.size());
        std::int32_t next = 0;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const std::int32_t end = next + share + (static_cast<std::int32_t>(i) < extra ? 1 : 0);
            for (; next < end; ++next) {
                assignment[ids[i]].push_back({topic, PartitionIndex{next}});
            }
        }
    }
    return assignment;
}

}  // namespace millrace::kafka
