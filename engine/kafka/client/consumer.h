#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/kafka/client/broken_rules.h"
#include "engine/kafka/client/cluster_client.h"
#include "engine/kafka/client/coordinator_client.h"
#include "engine/kafka/client/group_membership.h"
#include "engine/kafka/facts.h"
#include "engine/kafka/log/record_batch.h"
#include "engine/kafka/protocol/fetch.h"
#include "engine/kafka/protocol/group.h"
#include "engine/kafka/protocol/offsets.h"
#include "engine/sim/context.h"

namespace millrace::kafka {

enum class OffsetReset : std::uint8_t { Earliest, Latest, None };

/// A consumer's settings with the defaults of Kafka 3.9's Java client; names in brackets are its keys.
struct ConsumerConfig {
    ClusterClientConfig client;
    std::string group;                                           ///< group.id; empty: no committed offsets
    OffsetReset offsetReset = OffsetReset::Latest;               ///< auto.offset.reset
    IsolationLevel isolation = IsolationLevel::ReadUncommitted;  ///< isolation.level
    std::int32_t fetchMinBytes = 1;                              ///< fetch.min.bytes
    SimDuration fetchMaxWait = std::chrono::milliseconds{500};   ///< fetch.max.wait.ms
    std::int32_t fetchMaxBytes = 50 << 20;                       ///< fetch.max.bytes
    std::int32_t partitionFetchMaxBytes = 1 << 20;               ///< max.partition.fetch.bytes
    SimDuration retryBackoff = std::chrono::milliseconds{100};   ///< retry.backoff.ms
    GroupMembershipConfig membership;                            ///< used after `subscribe`
    BrokenClientRules broken;
};

/// Kafka's consumer: fetches the batches of its partitions from their leaders, one request at a time to each broker,
/// only for partitions whose earlier batches have been taken, in an incremental fetch session a broker (KIP-227). What
/// one fetch brought of a partition is given whole before what the next partition's brought, in order of arrival.
/// Partitions are given by `assign`, or by the group's protocol after `subscribe`. A partition starts at the group's
/// committed offset, or where `auto.offset.reset` says. When a leader's epoch has changed, the position is checked
/// against its log first (KIP-320); a truncation moves the position back. Where a position would have to be made up and
/// `auto.offset.reset` is none, the consumer fails, and the partition is read no further. Invariant: the batches of a
/// partition are given in order of offset; each offset from the position on is given once. A component of its actor,
/// which passes on the messages it does not know itself and calls `poll` after it has taken or changed something.
/// Source: Kafka 3.9, KafkaConsumer, FetchCollector and ConsumerCoordinator. Leaves out: preferred read replicas,
/// transactions' aborted records, regular expressions as subscriptions.
class Consumer {
public:
    struct Commit {
        TopicPartition partition;
        Offset offset;                ///< of the next record to be read
        LeaderEpoch epoch = noEpoch;  ///< of the record before it; unset: as the consumer knows it
    };
    struct CommitResult {
        std::uint64_t token = 0;
        ErrorCode error = ErrorCode::None;  ///< the first of its partitions'
    };
    /// Records of a batch: those from `from` on and below `to`. The others were given before, or come next.
    struct Fetched {
        TopicPartition partition;
        BatchRef batch;
        Offset from;
        Offset to;
    };
    /// What ends poll() with an exception.
    struct Failure {
        TopicPartition partition;  ///< none: it cannot be a member of the group
        std::string error;         ///< "NoOffsetForPartition: ..."
    };
    /// What a message has brought about.
    struct Outcome {
        bool metadataUpdated = false;
        bool fetched = false;   ///< `take` has something
        bool revoked = false;   ///< the group rebalances: the assignment is empty until `assigned`; now is the time to
                                ///< commit, and `poll` joins again
        bool assigned = false;  ///< the group has given an assignment
        std::vector<Commit> held;       ///< where the partitions stood that were revoked
        std::vector<Failure> failures;  ///< what the application's poll() would throw
        std::vector<CommitResult> commits;
    };

    Consumer() = default;
    explicit Consumer(ConsumerConfig config);

    void start(sim::Context& context);
    /// Interest in a topic's metadata.
    void addTopic(sim::Context& context, const TopicName& topic) { m_client.addTopic(context, topic); }
    [[nodiscard]] const TopicMetadata* findTopic(const TopicName& topic) const { return m_client.findTopic(topic); }

    /// These partitions and no others; those that it had keep their positions.
    void assign(sim::Context& context, const std::vector<TopicPartition>& partitions);
    /// Joins the group; the group's protocol assigns.
    void subscribe(sim::Context& context, const std::vector<TopicName>& topics);
    /// Between the application's polls: heartbeats go on, and to join again waits for the next poll.
    void setBusy(sim::Context& context, bool busy, Outcome& outcome);
    /// The application has not polled for max.poll.interval.ms: out of the group, until it polls again.
    void leaveLate(sim::Context& context, Outcome& outcome);
    /// Leaves the group in order.
    void unsubscribe(sim::Context& context);
    [[nodiscard]] std::vector<TopicPartition> assignment() const;
    [[nodiscard]] const GroupMembership& membership() const { return m_membership; }

    /// Rewinds or skips: the next record is that of `offset`. What was fetched and not taken is dropped.
    void seek(sim::Context& context, const TopicPartition& partition, Offset offset);
    /// To ListOffsetsRequest::earliest, ::latest or the first record not older than a time stamp.
    void seekTo(sim::Context& context, const TopicPartition& partition, std::int64_t timestamp);
    void pause(const TopicPartition& partition, bool paused);
    /// Offset of the next record that `take` will give; `noOffset` while it is being found out.
    [[nodiscard]] Offset position(const TopicPartition& partition) const;
    /// Of the last fetch's answer; `noOffset` before.
    [[nodiscard]] Offset highWatermark(const TopicPartition& partition) const;

    /// Where reading of the partition began; `noOffset` before.
    [[nodiscard]] Offset begun(const TopicPartition& partition) const;
    /// The positions of all partitions that have one (SubscriptionState.allConsumed): what an automatic commit commits,
    /// also where nothing has been read yet.
    [[nodiscard]] std::vector<Commit> consumed() const;

    /// The next records, at most `recordsMax` of one batch.
    [[nodiscard]] std::optional<Fetched> take(sim::Context& context,
                                              std::int64_t recordsMax = std::numeric_limits<std::int64_t>::max());
    /// Sends what can be sent: fetches, look-ups, commits that wait for their coordinator.
    void poll(sim::Context& context);
    /// The outcome comes with `token`; an unreachable coordinator is waited for.
    void commit(sim::Context& context, const std::vector<Commit>& offsets, std::uint64_t token);
    [[nodiscard]] bool hasPendingCommits() const { return !m_commits.empty(); }

    /// True when the message was the consumer's.
    bool handle(sim::Context& context, const sim::Message& message, Outcome& outcome);

private:
    enum class Stage : std::uint8_t {
        NeedsCommitted,  ///< the group's offset has to be asked for
        NeedsLookUp,     ///< the offset of `lookUpTimestamp` has to be asked for
        NeedsCheck,      ///< the leader has changed: is the position still in its log?
        Ready,           ///< `position` holds
        Failed           ///< there is no position, and nobody may make one up
    };
    struct Partition {
        TopicPartition name;
        Stage stage = Stage::Ready;
        bool asked = false;  ///< the stage's question is under way
        bool paused = false;
        Offset position = noOffset;
        LeaderEpoch positionEpoch = noEpoch;  ///< of the batch before the position
        LeaderEpoch leaderEpoch = noEpoch;    ///< that the position was last checked against
        std::int64_t lookUpTimestamp = ListOffsetsRequest::latest;
        Offset highWatermark = noOffset;
        Offset untold = noOffset;     ///< the books have not been told of what was given from here on
        Offset fetchedTo = noOffset;  ///< next offset to be fetched: behind what is buffered
        SimTime holdUntil;            ///< not fetched before: the back-off after an error
        Offset begun = noOffset;      ///< the first position
        bool isQueued = false;        ///< stands in `m_completed`
        std::deque<BatchRef> buffered;
    };
    /// The fetch session with one broker.
    struct Session {
        BrokerId broker = noBroker;
        std::int32_t id = 0;
        std::int32_t epoch = 0;
        bool inFlight = false;
        std::vector<std::pair<TopicPartition, Offset>> known;  ///< what the broker has been told, by partition
        std::vector<std::pair<TopicPartition, Offset>> asked;  ///< what the request under way is about
    };
    /// Where the group stood when it gave an assignment; outside of a group it stays as it is here.
    struct Membership {
        std::int32_t generation = -1;
        std::string memberId;
    };
    struct PendingCommit {
        std::uint64_t token = 0;
        std::vector<Commit> offsets;
        Membership heldBy;         ///< when its positions were held, whatever the group has come to meanwhile
        BrokerLinks::Tag tag = 0;  ///< 0: not sent yet
        bool waits = false;        ///< for the back-off after an error that passes
    };

    [[nodiscard]] const Partition* find(const TopicPartition& partition) const;
    [[nodiscard]] Partition* find(const TopicPartition& partition);
    [[nodiscard]] Partition* findCompleted(const TopicPartition& name);
    void setPosition(sim::Context& context, Partition& partition, Offset offset, PositionSet::Why why);
    void takeWrongly(Partition& partition);
    void tellAll(sim::Context& context);
    void tellDelivered(sim::Context& context, Partition& partition) const;
    void startLookUp(Partition& partition, std::int64_t timestamp);
    void retryLater(sim::Context& context);
    void identify();

    // consumer_fetch.cpp
    void sendFetches(sim::Context& context);
    void sendFetch(sim::Context& context, BrokerId broker);
    void takeFetched(sim::Context& context, Session& session, const FetchResponse& response, Outcome& outcome);
    void takePartition(sim::Context& context, const FetchResponse::Partition& result, Outcome& outcome);
    [[nodiscard]] Session& sessionOf(BrokerId broker);
    [[nodiscard]] static bool isFetchable(const Partition& partition, SimTime now);
    void resetOutOfRange(sim::Context& context, Partition& partition);
    void retryFetch(sim::Context& context, Partition& partition);

    // consumer_offsets.cpp
    void askCommitted(sim::Context& context);
    void askLeaders(sim::Context& context);
    void takeOffsets(sim::Context& context, const ListOffsetsResponse& response);
    void takeEpochs(sim::Context& context, const OffsetForLeaderEpochResponse& response);
    void takeCommitted(sim::Context& context, const OffsetFetchResponse& response);
    void checkLeaders();
    void sendCommits(sim::Context& context);
    void settleCommit(sim::Context& context, BrokerLinks::Tag tag, const OffsetCommitResponse* response,
                      Outcome& outcome, GroupMembership::Change& change);
    void noteTruncation(sim::Context& context, const Partition& partition, Offset to) const;
    void fail(sim::Context& context, const TopicPartition& partition, std::string error, const std::string& what);
    void failPartition(sim::Context& context, Partition& partition, std::string error);

    bool handleCluster(sim::Context& context, const sim::Message& message, Outcome& outcome);
    bool handleCoordinator(sim::Context& context, const sim::Message& message, Outcome& outcome);
    void takeChange(sim::Context& context, const GroupMembership::Change& change, Outcome& outcome);

    ConsumerConfig m_config;
    ClusterClient m_client;
    CoordinatorClient m_coordinator;
    GroupMembership m_membership;
    Membership m_assignedIn;
    ReaderRef m_reader;                   ///< as whom it tells the books of the run; one for each assignment of a group
    std::vector<Partition> m_partitions;  // by name
    std::vector<Session> m_sessions;      // by broker
    std::vector<PendingCommit> m_commits;
    BrokerLinks::Tag m_nextTag = 0;
    std::uint64_t m_taken = 0;                // for planted faults only
    std::size_t m_takenFrom = 0;              // index of the partition that `take` gave from last
    std::vector<TopicPartition> m_completed;  // with something fetched, first come first
    std::vector<Failure> m_failures;          // not told yet
    bool m_retryArmed = false;
};

}  // namespace millrace::kafka
