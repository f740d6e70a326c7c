#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/kafka/broker/coordinator.h"
#include "engine/kafka/log/partition_log.h"

namespace millrace::kafka {

/// Which partitions of an internal topic a coordinator has, and which it is reading. A part of CoordinatorRuntime.
class CoordinatorShards {
public:
    explicit CoordinatorShards(std::string_view topic) : m_topic(topic) {}

    [[nodiscard]] const TopicName& topic() const { return m_topic; }
    /// The partition that a key stands in; the topic must be known.
    [[nodiscard]] PartitionIndex partitionOf(const CoordinatorServices& services, std::string_view key) const;
    /// None when the key is this broker's; otherwise what whoever asks for it is told.
    [[nodiscard]] ErrorCode check(const CoordinatorServices& services, std::string_view key) const;
    [[nodiscard]] bool isActive(PartitionIndex partition) const {
        return std::binary_search(m_active.begin(), m_active.end(), partition);
    }
    [[nodiscard]] bool isLoading(PartitionIndex partition) const;
    [[nodiscard]] bool isLoading() const { return !m_loading.empty(); }

    [[nodiscard]] const PartitionLog* log(const CoordinatorServices& services, PartitionIndex partition) const {
        return services.ledLog({m_topic, partition});
    }
    /// The round of the reading that begins, and how long it takes; a round of 0: there is nothing to read.
    struct Reading {
        std::uint64_t round = 0;
        CpuTime time{0};
    };
    [[nodiscard]] Reading begin(const CoordinatorServices& services, PartitionIndex partition);
    /// False when that reading was given up meanwhile.
    [[nodiscard]] bool finish(PartitionIndex partition, std::uint64_t round);
    void activate(PartitionIndex partition);
    void resign(PartitionIndex partition);

private:
    struct Loading {
        PartitionIndex partition;
        std::uint64_t round = 0;
    };
    TopicName m_topic;
    std::vector<PartitionIndex> m_active;  ///< led here and read, sorted
    std::vector<Loading> m_loading;
    std::uint64_t m_loads = 0;
};

/// What every coordinator stands on: its keys are spread over the partitions of an internal topic; the broker that
/// leads one reads its records first, in a thread of its own, which takes time in proportion to what stands there; from
/// then on it coordinates what they say, and a change counts when its record is replicated (acks = all). A `Write` is
/// what waits for that. Source: CoordinatorRuntime of Kafka 3.9.
///
/// The state machine on top is its owner's: it replays records, decides, appends, and is told how an append ended.
template <class Write>
class CoordinatorRuntime {
public:
    CoordinatorRuntime(std::string_view topic, SimDuration appendTimeout) : m_shards(topic), m_timeout(appendTimeout) {}

    [[nodiscard]] const CoordinatorShards& shards() const { return m_shards; }

    /// This broker leads the partition from now on. `makeLoaded(round)` is what tells that all of it has been read;
    /// true when there is nothing to read, and the partition is active at once.
    template <class MakeLoaded>
    [[nodiscard]] bool lead(CoordinatorServices& services, PartitionIndex partition, MakeLoaded&& makeLoaded) {
        const CoordinatorShards::Reading reading = m_shards.begin(services, partition);
        if (reading.round == 0) {
            m_shards.activate(partition);
            return true;
        }
        services.context().arm(reading.time, makeLoaded(reading.round));
        return false;
    }
    /// All of it has been read: true when the partition is active now.
    [[nodiscard]] bool loaded(PartitionIndex partition, std::uint64_t round) {
        if (!m_shards.finish(partition, round)) {
            return false;
        }
        m_shards.activate(partition);
        return true;
    }
    /// Each batch of the partition, in order.
    template <class Replay>
    void replay(const CoordinatorServices& services, PartitionIndex partition, Replay&& replay) const {
        if (const PartitionLog* log = m_shards.log(services, partition)) {
            for (std::uint64_t i = log->batches().firstIndex(); i < log->batches().endIndex(); ++i) {
                replay(*log->batches()[i]);
            }
        }
    }
    /// It no longer leads it. What waits for its records is told by the broker, as every append is.
    void resign(PartitionIndex partition) { m_shards.resign(partition); }

    /// How many writes there will have been with the next one.
    [[nodiscard]] std::uint64_t nextWrite() const { return m_nextToken; }
    void append(CoordinatorServices& services, PartitionIndex partition, Write write, BatchRef batch) {
        const std::uint64_t token = m_nextToken++;
        m_writes.emplace(token, std::move(write));
        services.append({m_shards.topic(), partition}, std::move(batch), m_timeout, token);
    }
    /// Calls `use(write)` with what waited for this append; does nothing when nothing did.
    template <class Use>
    void appended(std::uint64_t token, Use&& use) {
        if (const auto node = m_writes.extract(token); !node.empty()) {
            use(node.mapped());
        }
    }
    [[nodiscard]] std::size_t pendingWrites() const { return m_writes.size(); }

private:
    CoordinatorShards m_shards;
    SimDuration m_timeout;
    std::map<std::uint64_t, Write> m_writes;
    std::uint64_t m_nextToken = 1;
};

}  // namespace millrace::kafka
