#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/kafka/broker/replica_manager.h"
#include "engine/kafka/last_place.h"
#include "engine/kafka/protocol/fetch.h"
#include "engine/sim/link.h"

namespace millrace::kafka {

/// A fetcher's own alarms: a partition's back-off, a reconnect, or the watch over a request without an answer.
struct FetcherAlarm final : sim::MessageBase<FetcherAlarm> {
    static constexpr std::string_view Name = "kafka.FetcherAlarm";
    [[nodiscard]] std::string summary() const override { return isWatch ? "time-out of a fetch" : "next fetch"; }
    BrokerId leader;
    bool isWatch = false;
    std::uint64_t round = 0;
    FetcherAlarm(BrokerId of, bool watch, std::uint64_t of_round) : leader(of), isWatch(watch), round(of_round) {}
    void digest(Digest& digest) const override {
        digest.add(leader.value);
        digest.add(isWatch);
        digest.add(round);
    }
};

/// What follows the leaders: for each leader one connection and one fetch under way at a time, for all partitions that
/// this broker follows there (num.replica.fetchers = 1).
///
/// Source: kafka.server.AbstractFetcherThread with a protocol of 2.7 or later: truncation is asked for by the fetch
/// itself (the last epoch goes along, a diverging epoch comes back; KIP-595), by the rules of KIP-101 and KIP-279.
/// A fetch looks at the partitions that may have news for the leader: those that changed here since the last one, those
/// that are new or were lost with a session, and those that wait for the end of a back-off.
/// Owned by the broker's actor; the logs stand in ReplicaManager.
class ReplicaFetchers {
public:
    explicit ReplicaFetchers(Ref<const BrokerConfig> config) : m_config(std::move(config)) {}

    /// Follows from now on. A partition that is followed elsewhere must have been dropped.
    void follow(ReplicaManager::Slot slot, const TopicPartition& partition, LeaderEpoch epoch,
                const BrokerEndpoint& leader);
    void drop(ReplicaManager::Slot slot);
    /// Sends the fetches that are due. Called at each handler's end.
    void pump(sim::Context& context, ReplicaManager& replicas);

    [[nodiscard]] bool owns(sim::ConnectionId connection) const { return m_byConnection.contains(connection); }
    void handle(sim::Context& context, sim::ConnectionId connection, const sim::Message& message,
                ReplicaManager& replicas);
    void onAlarm(sim::Context& context, const FetcherAlarm& alarm);

private:
    struct Followed {
        ReplicaManager::Slot slot = ReplicaManager::noSlot;
        TopicPartition partition;
        LeaderEpoch epoch;
        bool isInSession = false;  ///< the leader knows it, as of `sentOffset`
        bool isFailed = false;     ///< waits for the controller's next word
        Offset sentOffset = noOffset;
        LeaderEpoch sentLastEpoch = noEpoch;
        SimTime readyAt;
        bool wantsOffsets = false;  ///< out of the leader's range: its start and end are asked for
        bool asksStart = false;     ///< its end is known and lies further: the start is asked for
        bool isPending = true;      ///< among those that the next fetch looks at
        std::uint64_t turn = 0;     ///< the order in which they are named
    };
    struct Fetcher {
        BrokerEndpoint leader;
        sim::Link link{sim::LinkWatch::FirstOfConnection};
        std::int32_t sessionId = 0;
        std::int32_t sessionEpoch = 0;
        std::int32_t correlation = 0;
        std::vector<Followed> followed;      ///< in no order
        std::vector<std::uint32_t> pending;  ///< places in `followed`
        std::uint64_t nextTurn = 0;
        std::size_t failed = 0;   ///< how many of them are
        std::size_t wanting = 0;  ///< how many want the leader's offsets
        std::vector<TopicPartition> forgotten;
    };
    static constexpr std::uint32_t nowhere = 0xFFFFFFFFU;
    /// Where a slot is followed.
    struct Whereabouts {
        BrokerId leader = noBroker;
        std::uint32_t place = nowhere;  ///< in that fetcher's `followed`
    };

    [[nodiscard]] Fetcher* fetcherOf(BrokerId leader);
    [[nodiscard]] Followed* find(Fetcher& fetcher, ReplicaManager::Slot slot);
    static void note(Fetcher& fetcher, std::uint32_t place);
    static void note(Fetcher& fetcher, const Followed& followed);
    static void noteAll(Fetcher& fetcher);
    void lookAt(const Fetcher& fetcher);
    void remove(Fetcher& fetcher, std::uint32_t place);
    void takeChanges(const ReplicaManager& replicas);
    [[nodiscard]] static PooledVector<Followed*> takePending(Fetcher& fetcher);

    void connect(sim::Context& context, Fetcher& fetcher);
    void backOff(sim::Context& context, Fetcher& fetcher);
    void send(sim::Context& context, Fetcher& fetcher, ReplicaManager& replicas);
    [[nodiscard]] sim::MessageRef fetchRequest(const sim::Context& context, Fetcher& fetcher,
                                               const ReplicaManager& replicas) const;
    [[nodiscard]] sim::MessageRef offsetsRequest(const sim::Context& context, Fetcher& fetcher) const;
    void onFetched(sim::Context& context, Fetcher& fetcher, const FetchResponse& response, ReplicaManager& replicas);
    void onPartition(sim::Context& context, Fetcher& fetcher, Followed& followed,
                     const FetchResponse::Partition& fetched, ReplicaManager& replicas);
    void onOffsets(sim::Context& context, Fetcher& fetcher, const ListOffsetsResponse& response,
                   ReplicaManager& replicas);
    void delay(sim::Context& context, Fetcher& fetcher, Followed& followed);
    void truncate(sim::Context& context, const Fetcher& fetcher, const Followed& followed, Offset to,
                  ReplicaManager& replicas);

    Ref<const BrokerConfig> m_config;
    std::vector<Fetcher> m_fetchers;         ///< by leader
    LastPlace m_lastFetcher;                 ///< among them
    std::vector<Whereabouts> m_whereabouts;  ///< by slot
    sim::LinkIndex<BrokerId> m_byConnection;
    std::vector<BrokerId> m_due;   ///< leaders whose fetchers are, in order
    ChangeList::Stamp m_seen = 0;  ///< of the replicas' changes
    ClientId m_clientId;
};

}  // namespace millrace::kafka
