#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/kafka/broker/config.h"
#include "engine/kafka/broker/replica_manager.h"
#include "engine/kafka/controller/channels.h"
#include "engine/kafka/protocol/controlled_shutdown.h"
#include "engine/kafka/protocol/controller.h"
#include "engine/kafka/zk/metadata_store.h"
#include "engine/sim/context.h"

namespace millrace::kafka {

/// Time to look whether leaders stand where they should (auto.leader.rebalance.enable).
struct LeaderBalanceAlarm final : sim::MessageBase<LeaderBalanceAlarm> {
    static constexpr std::string_view Name = "kafka.LeaderBalanceAlarm";
    ControllerEpoch epoch;
    explicit LeaderBalanceAlarm(ControllerEpoch of) : epoch(of) {}
    void digest(Digest& digest) const override { digest.add(epoch.value); }
};

/// The controller that every broker carries and one of them is; who that is, is ControllerElection's to say.
///
/// Invariants: a partition's state is written by one controller only (the store takes no write of one that has been
/// replaced, which then resigns); a leader epoch only grows; a
/// leader is chosen from the in-sync set among live brokers, in the order of the assignment (or, with
/// unclean.leader.election.enable, from any live replica); the last member of an in-sync set is never removed.
///
/// It works on one thing at a time: read what changed, decide, write, tell the brokers. What happens meanwhile waits.
/// Any failed write that is not a lost election makes it read everything anew.
///
/// Source: KafkaController, PartitionStateMachine and ReplicaStateMachine of Kafka 3.9 in ZooKeeper mode. Left out:
/// topic deletion, reassignment, log directory failures. Owned by the broker's actor.
class Controller {
public:
    explicit Controller(Ref<const BrokerConfig> config) : m_config(std::move(config)) {}

    void become(sim::Context& context, ControllerEpoch epoch, std::int32_t epochVersion);
    void resign(sim::Context& context);
    void onAnswer(sim::Context& context, MetadataStore& store, const MetadataStore::Answered& answered);
    void onChange(const MetadataStore::Change& change);
    /// The store has said that there is another controller; asked once.
    [[nodiscard]] bool takeReplaced() { return std::exchange(m_isReplaced, false); }
    void onAlterPartition(const RequestOrigin& origin, Ref<const AlterPartitionRequest> request);
    /// A broker is to stop: from now on it leads nothing new and belongs to no in-sync set, and where another in-sync
    /// replica lives it leads no more. Answered when that is written.
    void onControlledShutdown(const RequestOrigin& origin, const ControlledShutdownRequest& request);
    void onBalanceAlarm(sim::Context& context, const LeaderBalanceAlarm& alarm);
    /// Begins the next piece of work, sends what is due. Called at each handler's end.
    void pump(sim::Context& context, MetadataStore& store);
    ControllerChannels& channels() { return m_channels; }
    [[nodiscard]] const ControllerChannels& channels() const { return m_channels; }
    [[nodiscard]] bool hasAnswers() const { return !m_answers.empty(); }
    [[nodiscard]] PooledVector<Answer> takeAnswers() { return std::exchange(m_answers, {}); }

    [[nodiscard]] bool isActive() const { return m_isActive; }
    [[nodiscard]] ControllerEpoch epoch() const { return m_epoch; }
    [[nodiscard]] std::int32_t offlinePartitions() const;

    /// When it looks next whether leaderships have to go back to the preferred replicas, and how large a share of those
    /// that prefer a broker may be led by others.
    struct Balance {
        SimTime next;
        std::int32_t percentAllowed = 0;
    };
    /// Nothing when it is not the controller or auto.leader.rebalance.enable is false.
    [[nodiscard]] std::optional<Balance> balance() const;

private:
    enum class Step : std::uint8_t { Idle, Listing, Reading, ReadingStates, Writing };

    struct LiveBroker {
        BrokerEndpoint endpoint;
        BrokerEpoch epoch;
    };
    struct Known {
        PartitionState state;
        bool hasState = false;  ///< there is a state node
    };
    struct Change {
        PartitionState state;
        bool isCreation = false;
        std::string why;
    };
    struct AlterPartitionWork {
        RequestOrigin origin;
        Ref<const AlterPartitionRequest> request;
    };
    struct ShutdownWork {
        RequestOrigin origin;
        BrokerId broker;
    };
    struct Due {
        bool brokers = false;
        bool topics = false;
        bool everything = false;
        bool balance = false;
        bool shutdown = false;
        std::vector<TopicName> changedTopics;
        [[nodiscard]] bool any() const {
            return brokers || topics || everything || balance || shutdown || !changedTopics.empty();
        }
    };

    // One piece of work (controller_work.cpp)
    void begin(sim::Context& context, MetadataStore& store);
    void take(const MetadataStore::BrokersListed& listed);
    void take(const MetadataStore::TopicsListed& listed);
    void take(const MetadataStore::BrokerRead& read);
    void take(const MetadataStore::TopicRead& read);
    void take(const MetadataStore::TopicConfigRead& read);
    void take(const MetadataStore::PartitionStateRead& read);
    void take(const MetadataStore::StatesWritten&) {}
    void answered(sim::Context& context, MetadataStore& store);
    void readListed(sim::Context& context, MetadataStore& store);
    void readStates(sim::Context& context, MetadataStore& store);
    void takeBrokers(sim::Context& context);
    void decide(sim::Context& context, MetadataStore& store);
    void write(MetadataStore& store, std::vector<Change> changes, bool isAlterPartition);
    void onWritten(sim::Context& context, const MetadataStore::StatesWritten& outcome);
    void finishRefresh(const std::vector<TopicPartition>& changed);
    void beginAlterPartition(sim::Context& context, MetadataStore& store);
    void answerAlterPartition(bool isWritten);
    void answerShutdowns();
    void stopFollowing(const PartitionState& before, const PartitionState& after);
    void tellMetadata(const std::vector<TopicPartition>& changed);
    [[nodiscard]] bool hasStates(const TopicName& topic) const;

    // Rules (controller_rules.cpp)
    /// Can lead and be in sync: lives, and is not about to stop.
    [[nodiscard]] bool isLive(BrokerId broker) const;
    [[nodiscard]] const LiveBroker* live(BrokerId broker) const;
    [[nodiscard]] BrokerId chooseLeader(const Known& partition) const;
    [[nodiscard]] std::optional<Change> changeFor(const Known& partition) const;
    [[nodiscard]] std::vector<Change> changesForBalance() const;
    [[nodiscard]] bool allowsUnclean(const TopicName& topic) const;
    void tellBrokers(const std::vector<TopicPartition>& changed, const std::vector<BrokerId>& newBrokers,
                     bool isEveryone);
    void journalChange(sim::Context& context, const PartitionState& before, const Change& change) const;

    Ref<const BrokerConfig> m_config;
    SimTime m_nextBalance{};
    bool m_isActive = false;
    bool m_isReplaced = false;
    ControllerEpoch m_epoch;
    std::int32_t m_epochVersion = 0;

    std::vector<LiveBroker> m_brokers;  ///< by id
    std::vector<BrokerId> m_shuttingDown;
    std::vector<ShutdownWork> m_shutdowns;  ///< wait for their answer
    SharedMap<TopicPartition, Known> m_partitions;
    SharedMap<TopicName, bool> m_topics;  ///< whether unclean elections are allowed
    ControllerChannels m_channels;

    Due m_due;
    std::vector<AlterPartitionWork> m_alterPartition;
    Step m_step = Step::Idle;
    bool m_isAlterPartition = false;  ///< what the current write is for
    int m_outstanding = 0;
    bool m_readsEverything = false;
    bool m_hasListedBrokers = false;
    bool m_balances = false;
    std::vector<LiveBroker> m_foundBrokers;
    std::vector<TopicName> m_foundTopics;
    bool m_hasLostBrokers = false;
    std::vector<BrokerId> m_newBrokers;  ///< to be told everything at the end of the work
    std::vector<TopicPartition> m_toRead;
    std::vector<Change> m_writing;
    AlterPartitionWork m_altering;
    Ref<AlterPartitionResponse> m_alterAnswer;
    PooledVector<Answer> m_answers;
};

}  // namespace millrace::kafka
