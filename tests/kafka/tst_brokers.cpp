#include <QTest>

#include <algorithm>

#include "engine/kafka/client/topic_setup.h"
#include "engine/kafka/waits.h"
#include "tests/kafka/broker_cluster.h"

using namespace millrace;
using namespace millrace::kafka;
using namespace millrace::kafka::test;

namespace {

/// For messages of failed checks.
const char* said(const std::string& text) {
    static std::string kept;
    kept = text;
    return kept.c_str();
}

/// Who asks the three brokers for a topic of two partitions.
TopicSetupConfig setupOf(const char* name, std::int16_t replicas) {
    TopicSetupConfig setup;
    for (int id = 1; id <= 3; ++id) {
        setup.client.bootstrap.push_back({BrokerId{id}, "b" + std::to_string(id), defaultBrokerPort.value, {}});
    }
    setup.client.links.clientId = ClientId(topicSetupClient);
    CreateTopicsRequest::Topic topic;
    topic.name = TopicName(name);
    topic.partitions = 2;
    topic.replicationFactor = replicas;
    setup.topics = {topic};
    return setup;
}

}  // namespace

class TestBrokers : public QObject {
    Q_OBJECT

private slots:
    void followersHaveWhatTheLeaderHas();
    void highWatermarkTrailsByARoundTripAndNeverMovesBack();
    void aFollowerLeadsAfterTheSessionOfACrashedLeaderHasExpired();
    void returningBrokerRejoinsTheInSyncSetAfterCatchingUp();
    void brokerThatFindsItsOldNodeEndsAndIsTriedAgain();
    void aStartAfterACleanStopReadsNoRecords();
    void membersThatGoTogetherLeaveTheInSyncSetOneByOne();
    void anExpiredActiveSegmentIsClosedAndDeleted();
    void aSegmentIsClosedByTheTimesOfItsRecords();
    void aMemberThatIsAboutToJoinCountsForAnAcknowledgement();
    void leadershipIsGivenBackOnlyWhereThatIsOn();
    void theOffsetsTopicWaitsForEnoughBrokers();
    void aSmallFetchLimitStarvesNoPartition();
    void slowFollowerLeavesTheInSyncSetAndTheCauseIsWhatSilencedIt();
    void aFollowerThatNeverFetchedFromItsLeaderLeavesTheInSyncSet();
    void aFollowerOfAnIdlePartitionCountsAsThereUntilItGoes();
    void aTopicIsMadeWhateverMomentTheConnectionIsLostAt();
    void aTopicThatBrokersAreMissingForIsAskedForNowAndThen();
    void aTopicWhoseControllerLostItsSessionIsAskedForAgain();
    void writesAreRefusedBelowMinInSync();
    void highWatermarkStandsStillBelowMinInSync();
    void partitionWithoutLiveInSyncReplicasIsOffline();
    void unflushedTailIsLostWithThePower();
    void crashKeepsThePageCache();
    void doubleFailureLosesNothing();
    void anotherBrokerTakesOverAsController();
    void pausedControllerThatWasReplacedCannotWrite();
    void aBrokerThatStopsHandsItsLeadershipsOver_data();
    void aBrokerThatStopsHandsItsLeadershipsOver();
    void aBrokerThatNobodyCanReplaceStopsAfterItsTries();
    void fullDiskHaltsTheBroker();
    void oldSegmentsAreDeleted();
    void leadersGoBackToThePreferredReplica();
    void aCopyRunsOnAsTheOriginal();
    void randomCrashesLoseNothing_data();
    void randomCrashesLoseNothing();
    void unsafeRulesLoseRecords_data();
    void unsafeRulesLoseRecords();
    void viewsShowTheCluster();
};

void TestBrokers::followersHaveWhatTheLeaderHas() {
    BrokerCluster cluster({.partitions = 3});
    QVERIFY(cluster.runUntilHealthy());
    cluster.run(5s);
    QVERIFY(cluster.writer().acknowledged.size() > 300);
    QVERIFY2(cluster.lostRecords().empty(), said(cluster.lostRecords()));
    QVERIFY2(cluster.disagreements().empty(), said(cluster.disagreements()));
    QCOMPARE(cluster.entries("kafka.broker-registered").size(), 3U);
    QCOMPARE(cluster.entries("kafka.controller-elected").size(), 1U);
    QCOMPARE(cluster.entries("kafka.leader-elected").size(), 3U);
    // Leaders are spread: each broker leads one of three partitions.
    std::vector<BrokerId> leaders{cluster.leader(0), cluster.leader(1), cluster.leader(2)};
    std::sort(leaders.begin(), leaders.end());
    QCOMPARE(toText(leaders), std::string{"1,2,3"});
}

void TestBrokers::highWatermarkTrailsByARoundTripAndNeverMovesBack() {
    BrokerCluster cluster({.minInSync = 2});
    QVERIFY(cluster.runUntilHealthy());
    Offset before{0};
    bool didTrail = false;
    for (int i = 0; i < 20'000; ++i) {
        cluster.world.step();
        const Partition* led = cluster.replica(cluster.leader());
        QVERIFY(led->log.highWatermark() >= before);
        QVERIFY(led->log.highWatermark() <= led->log.end());
        before = led->log.highWatermark();
        for (const BrokerId id : cluster.followers()) {
            const Partition* follower = cluster.replica(id);
            QVERIFY(follower->log.highWatermark() <= led->log.highWatermark());
            QVERIFY(led->log.highWatermark() <= follower->log.end());
            didTrail |= follower->log.highWatermark() < led->log.highWatermark();
        }
    }
    QVERIFY(didTrail);
    QVERIFY(before > Offset{10});
}

void TestBrokers::aFollowerLeadsAfterTheSessionOfACrashedLeaderHasExpired() {
    BrokerCluster cluster({});
    QVERIFY(cluster.runUntilHealthy());
    cluster.run(2s);
    const BrokerId old = cluster.leader();
    const LeaderEpoch epoch = cluster.state().leaderEpoch;
    const SimTime crashed = cluster.world.now();
    cluster.crash(old);
    QVERIFY(cluster.runUntil([&] { return cluster.leader() != old && cluster.leader() != noBroker; }));
    const SimDuration took = cluster.world.now() - crashed;
    QVERIFY2(took > 3s && took < 10s, said(toText(took)));
    // The next in the order of the assignment that is alive and in sync.
    const std::vector<BrokerId> replicas = cluster.state().replicas;
    const auto next = std::find_if(replicas.begin(), replicas.end(), [&](BrokerId id) { return id != old; });
    QCOMPARE(toText(cluster.leader()), toText(*next));
    QVERIFY(cluster.state().leaderEpoch > epoch);
    const auto elections = cluster.entries("kafka.leader-elected");
    const auto change = std::find_if(elections.begin(), elections.end(), [](const sim::JournalEntry* entry) {
        return entry->severity == sim::Severity::Notice;
    });
    QVERIFY(change != elections.end());
    QVERIFY(cluster.isCausedBy(**change, "zookeeper.session-expired"));
    QVERIFY(cluster.isCausedBy(**change, "sim.fault-injected"));
    const std::size_t acked = cluster.writer().acknowledged.size();
    cluster.run(3s);
    QVERIFY(cluster.writer().acknowledged.size() > acked + 50);
    QVERIFY2(cluster.lostRecords().empty(), said(cluster.lostRecords()));
}

void TestBrokers::returningBrokerRejoinsTheInSyncSetAfterCatchingUp() {
    BrokerCluster cluster({});
    QVERIFY(cluster.runUntilHealthy());
    const BrokerId old = cluster.leader();
    cluster.crash(old);
    QVERIFY(cluster.runUntil([&] { return cluster.leader() != old; }));
    cluster.run(5s);
    QVERIFY(!holds(cluster.state().isr, old));
    QVERIFY(!cluster.entries("kafka.isr-shrunk").empty() || cluster.state().isr.size() == 2);
    cluster.restart(old);
    bool wasBehind = false;
    const SimTime end = cluster.world.now() + 20s;
    while (cluster.world.now() < end && !holds(cluster.state().isr, old)) {
        cluster.world.step();
        const Partition* back = cluster.replica(old);
        wasBehind |= back != nullptr && back->log.end() < cluster.replica(cluster.leader())->log.end();
    }
    QVERIFY(holds(cluster.state().isr, old));
    cluster.run(10ms);
    QVERIFY(wasBehind);
    QVERIFY(cluster.replica(old)->log.end() >= cluster.replica(cluster.leader())->log.highWatermark());
    const auto joined = cluster.entries("kafka.isr-expanded");
    QVERIFY(!joined.empty());
    QVERIFY(cluster.isCausedBy(*joined.back(), "sim.fault-injected"));
    cluster.run(1s);
    QVERIFY2(cluster.disagreements().empty(), said(cluster.disagreements()));
    QVERIFY2(cluster.lostRecords().empty(), said(cluster.lostRecords()));
}

// KafkaZkClient.CheckedEphemeral: NodeExists is fatal at the start; what tries again is the service manager.
void TestBrokers::brokerThatFindsItsOldNodeEndsAndIsTriedAgain() {
    BrokerCluster cluster({.sessionTimeout = 12s});
    QVERIFY(cluster.runUntilHealthy());
    const BrokerId broker = cluster.followers().front();
    cluster.crash(broker);
    cluster.run(1s);
    cluster.restart(broker);
    cluster.run(100ms);
    QVERIFY(cluster.broker(broker) == nullptr);
    const auto failed = cluster.entries("kafka.broker-start-failed");
    QCOMPARE(failed.size(), 1U);
    QVERIFY(cluster.isCausedBy(*failed.front(), "sim.fault-injected"));
    const auto ended = cluster.entries("sim.process-ended");
    QCOMPARE(ended.size(), 1U);
    QVERIFY(cluster.isCausedBy(*ended.front(), "kafka.broker-start-failed"));
    QVERIFY(cluster.runUntilHealthy());
    QCOMPARE(cluster.entries("kafka.broker-registered").size(), 4U);
    const std::size_t tries = cluster.entries("kafka.broker-start-failed").size();
    QVERIFY2(tries >= 9 && tries <= 14, std::to_string(tries).c_str());
    // A start that fails closes its session: none of them is left to expire.
    cluster.run(30s);
    QCOMPARE(cluster.entries("zookeeper.session-expired").size(), 1U);

    BrokerCluster alone({.sessionTimeout = 12s, .restart = sim::RestartPolicy{false, 1s, {}}});
    QVERIFY(alone.runUntilHealthy());
    alone.crash(broker);
    alone.run(1s);
    alone.restart(broker);
    alone.run(60s);
    QVERIFY(alone.broker(broker) == nullptr);
    QCOMPARE(alone.entries("kafka.broker-start-failed").size(), 1U);
}

// LogManager.loadLogs: only after an unclean stop are records read, from the recovery point on.
void TestBrokers::aStartAfterACleanStopReadsNoRecords() {
    BrokerCluster cluster({.interval = 5ms, .sessionTimeout = 12s, .topicConfig = {{"segment.bytes", "16384"}}});
    QVERIFY(cluster.runUntilHealthy());
    cluster.run(100s);
    const BrokerId broker = cluster.followers().front();
    const PartitionLog& log = cluster.replica(broker)->log;
    QVERIFY(log.segments().size() > 3);
    const ByteCount all = log.size();
    QCOMPARE(log.bytesFrom(log.start()), all);
    QCOMPARE(log.bytesFrom(log.recoveryPoint()), log.segments().back().bytes);
    const sim::ProcessId process = cluster.world.findProcess(brokerProcessName(broker));
    QVERIFY(cluster.world.diskOf(process).find("kafka-logs/recovery-point-offset-checkpoint") != nullptr);
    cluster.crash(broker);
    cluster.run(1s);
    cluster.restart(broker);
    cluster.run(100ms);
    QVERIFY(cluster.broker(broker) == nullptr);  // It found its old node, and shut down in order.
    QVERIFY(cluster.world.diskOf(process).find("kafka-logs/.kafka_cleanshutdown") != nullptr);
    QVERIFY(cluster.runUntilHealthy());
    QVERIFY(cluster.world.diskOf(process).find("kafka-logs/.kafka_cleanshutdown") == nullptr);
    QVERIFY2(cluster.lostRecords().empty(), said(cluster.lostRecords()));
}

// ReplicaStateMachine.removeReplicasFromIsr: several that die in one event are taken out one by one, and one stays.
void TestBrokers::membersThatGoTogetherLeaveTheInSyncSetOneByOne() {
    BrokerCluster cluster({.brokers = 4, .minInSync = 1, .sessionTimeout = 8s});
    QVERIFY(cluster.runUntilHealthy());
    const PartitionState before = cluster.state();
    BrokerId outsider = noBroker;
    for (int id = 1; id <= 4; ++id) {
        outsider = holds(before.replicas, BrokerId{id}) ? outsider : BrokerId{id};
    }
    if (cluster.controller() != outsider) {
        cluster.crash(cluster.controller());
        QVERIFY(cluster.runUntil([&] { return cluster.controller() != noBroker; }, 30s));
    }
    for (const BrokerId replica : before.replicas) {
        cluster.losePower(replica);
    }
    QVERIFY(cluster.runUntil([&] { return cluster.leader() == noBroker; }, 60s));
    cluster.run(20s);
    QCOMPARE(cluster.state().isr.size(), 1U);
    const BrokerId last = cluster.state().isr.front();
    const auto first =
        std::find_if(before.replicas.begin(), before.replicas.end(), [&](BrokerId replica) { return replica != last; });
    cluster.restorePower(*first);
    cluster.run(30s);
    QCOMPARE(cluster.leader(), noBroker);  // It was in sync once, and is no longer.
    cluster.restorePower(last);
    QVERIFY(cluster.runUntil([&] { return cluster.leader() == last; }));
}

// UnifiedLog.deleteOldSegments: retention by age closes and deletes the active segment too; the first look comes after
// log.initial.task.delay.ms.
void TestBrokers::anExpiredActiveSegmentIsClosedAndDeleted() {
    BrokerCluster cluster({.writeUntil = SimTime{10s},
                           .topicConfig = {{"retention.ms", "5000"}},
                           .adjust = [](BrokerConfig& config) { config.retentionCheckInterval = 10s; }});
    QVERIFY(cluster.runUntilHealthy());
    cluster.run(20s);
    const BrokerId leader = cluster.leader();
    QVERIFY(cluster.replica(leader)->log.size() > 0);
    const Offset end = cluster.replica(leader)->log.end();
    QVERIFY(cluster.world.now() < SimTime{30s});
    cluster.run(15s);
    for (int id = 1; id <= 3; ++id) {
        const PartitionLog& log = cluster.replica(BrokerId{id})->log;
        QCOMPARE(log.size(), ByteCount{0});
        QCOMPARE(log.start(), end);
        QCOMPARE(log.end(), end);
    }
    // A broker that starts again knows where the log is.
    cluster.crash(leader);
    cluster.run(30s);
    cluster.restart(leader);
    QVERIFY(cluster.runUntilHealthy());
    QCOMPARE(cluster.replica(leader)->log.start(), end);
    QCOMPARE(cluster.replica(leader)->log.end(), end);
}

// LogSegment.timeWaitedForRoll: by the first record's time stamp and the next one's, so a restart begins nothing anew.
void TestBrokers::aSegmentIsClosedByTheTimesOfItsRecords() {
    BrokerCluster cluster({.interval = 200ms, .topicConfig = {{"segment.ms", "5000"}}});
    QVERIFY(cluster.runUntilHealthy());
    cluster.run(3s);
    const BrokerId leader = cluster.leader();
    cluster.crash(leader);
    QVERIFY(cluster.runUntil([&] { return cluster.leader() != leader; }));
    cluster.restart(leader);
    QVERIFY(cluster.runUntilHealthy());
    cluster.run(20s);
    const PartitionLog& log = cluster.replica(leader)->log;
    QVERIFY(log.segments().size() > 3);
    for (std::size_t i = 0; i + 1 < log.segments().size(); ++i) {
        const auto timeOf = [&](std::uint64_t batch) { return log.batches()[batch]->maxTimestamp(); };
        const std::uint64_t first = log.segments()[i].firstBatch;
        const std::uint64_t next = log.segments()[i + 1].firstBatch;
        QVERIFY(timeOf(next) - timeOf(first) > 5000);
        QVERIFY(timeOf(next - 1) - timeOf(first) <= 5000);
    }
}

// Partition.checkEnoughReplicasReachOffset asks the maximal in-sync set: error 20 is told only when that is too small.
void TestBrokers::aMemberThatIsAboutToJoinCountsForAnAcknowledgement() {
    BrokerCluster cluster({});
    QVERIFY(cluster.runUntilHealthy());
    const BrokerId leader = cluster.leader();
    Partition partition = *cluster.replica(leader);
    const Offset end = partition.log.highWatermark();
    const BrokerId other{leader.value % 3 + 1};
    partition.setMinInSync(2);
    partition.confirm({leader}, partition.partitionEpoch() + 1);
    QCOMPARE(partition.reached(end), std::optional(ErrorCode::NotEnoughReplicasAfterAppend));
    partition.propose({leader, other});
    QCOMPARE(partition.reached(end), std::optional(ErrorCode::None));
    partition.withdrawProposal();
    QCOMPARE(partition.reached(end), std::optional(ErrorCode::NotEnoughReplicasAfterAppend));
    QCOMPARE(partition.reached(end + 1'000'000), std::optional<ErrorCode>());
}

void TestBrokers::leadershipIsGivenBackOnlyWhereThatIsOn() {
    const auto comesBack = [](bool isOn) {
        BrokerCluster cluster({.interval = 200ms, .adjust = [isOn](BrokerConfig& config) {
                                   config.autoLeaderRebalance = isOn;
                                   config.leaderImbalanceCheckInterval = 20s;
                               }});
        MILLRACE_CHECK(cluster.runUntilHealthy());
        const BrokerId old = cluster.leader();
        cluster.crash(old);
        MILLRACE_CHECK(cluster.runUntil([&] { return cluster.leader() != old; }));
        cluster.restart(old);
        MILLRACE_CHECK(cluster.runUntilHealthy());
        return cluster.runUntil([&] { return cluster.leader() == old; }, 60s);
    };
    QVERIFY(comesBack(true));
    QVERIFY(!comesBack(false));
}

// FetchSession: partitions that gave records go to the session's end (KIP-227).
void TestBrokers::aSmallFetchLimitStarvesNoPartition() {
    BrokerCluster cluster(
        {.brokers = 2, .partitions = 8, .replicas = 2, .minInSync = 1, .adjust = [](BrokerConfig& config) {
             config.replicaFetchResponseMaxBytes = 2000;
         }});
    QVERIFY(cluster.runUntilHealthy());
    cluster.run(2s);
    const BrokerId leader{1};
    const BrokerId follower{2};
    std::vector<std::int64_t> before;
    for (int i = 0; i < 8; ++i) {
        before.push_back(cluster.replica(follower, i)->log.end().value);
    }
    cluster.crash(follower);
    cluster.run(30s);
    cluster.restart(follower);
    const auto missing = [&](int i) {
        const Partition* replica = cluster.replica(follower, i);
        const std::int64_t end = replica == nullptr ? before[static_cast<std::size_t>(i)] : replica->log.end().value;
        return cluster.replica(leader, i)->log.end().value - end;
    };
    std::vector<std::int64_t> backlog;
    for (int i = 0; i < 8; ++i) {
        backlog.push_back(missing(i));
        QVERIFY(backlog.back() > 100);
    }
    const auto someIsDone = [&] {
        for (int i = 0; i < 8; ++i) {
            if (missing(i) * 10 < backlog[static_cast<std::size_t>(i)]) {
                return true;
            }
        }
        return false;
    };
    for (int step = 0; step < 30'000 && !someIsDone(); ++step) {
        cluster.run(1ms);
    }
    QVERIFY(someIsDone());
    for (int i = 0; i < 8; ++i) {
        QVERIFY2(missing(i) * 2 < backlog[static_cast<std::size_t>(i)], std::to_string(i).c_str());
    }
}

// DefaultAutoTopicCreationManager: with fewer brokers alive than offsets.topic.replication.factor the topic is not
// made, and FindCoordinator answers 15.
void TestBrokers::theOffsetsTopicWaitsForEnoughBrokers() {
    BrokerCluster cluster({.brokers = 2, .replicas = 1, .minInSync = 1, .adjust = [](BrokerConfig& config) {
                               config.offsetsTopicReplicationFactor = 3;
                           }});
    QVERIFY(cluster.runUntilHealthy());
    const std::optional<std::string> why = whyNoCoordinator(cluster.world);
    QVERIFY(why.has_value());
    QVERIFY2(why->find("asks for 3 brokers and 2 are alive") != std::string::npos, why->c_str());
    BrokerCluster enough({.brokers = 3});
    QVERIFY(enough.runUntilHealthy());
    QVERIFY(!whyNoCoordinator(enough.world).has_value());
}

void TestBrokers::slowFollowerLeavesTheInSyncSetAndTheCauseIsWhatSilencedIt() {
    BrokerCluster cluster({.minInSync = 1, .sessionTimeout = 40s, .lagMax = 4s});
    QVERIFY(cluster.runUntilHealthy());
    const BrokerId slow = cluster.followers().front();
    const SimTime paused = cluster.world.now();
    cluster.fault(sim::FaultKind::Pause, BrokerCluster::process(slow));
    QVERIFY(cluster.runUntil([&] { return cluster.state().isr.size() == 2; }));
    // Between once and one and a half times the limit.
    const SimDuration took = cluster.world.now() - paused;
    QVERIFY2(took >= 4s && took <= 6500ms, said(toText(took)));
    const auto shrunk = cluster.entries("kafka.isr-shrunk");
    QCOMPARE(shrunk.size(), 1U);
    QCOMPARE(std::string{shrunk.front()->field("isr")}, toText(cluster.state().isr));
    const sim::JournalEntry* cause = cluster.world.journal().find(shrunk.front()->cause);
    QVERIFY(cause != nullptr);
    QVERIFY2(cause->text.find("pause") != std::string::npos, cause->text.c_str());
    cluster.fault(sim::FaultKind::Resume, BrokerCluster::process(slow));
    QVERIFY(cluster.runUntilHealthy());
    QCOMPARE(cluster.entries("kafka.isr-expanded").size(), 1U);
}

void TestBrokers::aFollowerThatNeverFetchedFromItsLeaderLeavesTheInSyncSet() {
    const auto begin = [](std::uint64_t seed) {
        BrokerCluster cluster({.seed = seed, .minInSync = 1, .lagMax = 4s});
        MILLRACE_CHECK(cluster.runUntilHealthy());
        return cluster;
    };
    std::uint64_t seed = 1;
    BrokerCluster cluster = begin(seed);
    while (cluster.controller() != cluster.state().replicas[1]) {
        cluster = begin(++seed);  // The next leader must reach the controller.
    }
    const PartitionState before = cluster.state();
    const BrokerId next = before.replicas[1];
    const BrokerId cutOff = before.replicas[2];
    QCOMPARE(before.leader, before.replicas[0]);
    // It is heard of by ZooKeeper and thus in the set, when the leader changes, and hears nothing of the new one.
    for (const BrokerId other : {before.leader, next}) {
        cluster.fault(sim::FaultKind::Cut, "link:b" + toText(other) + "-b" + toText(cutOff));
    }
    cluster.crash(before.leader);
    QVERIFY(cluster.runUntil([&] { return cluster.leader() == next; }, 20s));
    QVERIFY(holds(cluster.state().isr, cutOff));
    QVERIFY(cluster.runUntil([&] { return !holds(cluster.state().isr, cutOff); }, 20s));
    const std::size_t acknowledged = cluster.writer().acknowledged.size();
    cluster.run(5s);
    QVERIFY(cluster.writer().acknowledged.size() > acknowledged + 100);
}

/// A record comes much more rarely than replica.lag.time.max.ms: what the followers' fetches said meanwhile counts,
/// though they named nothing.
void TestBrokers::aFollowerOfAnIdlePartitionCountsAsThereUntilItGoes() {
    BrokerCluster cluster({.minInSync = 1, .interval = 30s, .sessionTimeout = 40s, .lagMax = 4s});
    QVERIFY(cluster.runUntilHealthy(120s));
    const auto end = [&] { return cluster.replica(cluster.leader())->log.end(); };
    const Offset first = end();
    QVERIFY(cluster.runUntil([&] { return end() > first; }));
    cluster.run(28s);
    const Offset before = end();
    const BrokerId goes = cluster.followers().front();
    const SimTime paused = cluster.world.now();
    cluster.fault(sim::FaultKind::Pause, BrokerCluster::process(goes));
    QVERIFY(cluster.runUntil([&] { return end() > before; }));
    QVERIFY(cluster.runUntil([&] { return cluster.state().isr.size() == 2; }));
    const SimDuration stayed = cluster.world.now() - paused;
    QVERIFY2(stayed >= 3'400ms && stayed <= 7s, said(toText(SimTime{stayed})));
    QCOMPARE(cluster.entries("kafka.isr-shrunk").size(), 1U);
}

void TestBrokers::aTopicIsMadeWhateverMomentTheConnectionIsLostAt() {
    BrokerCluster cluster({.writes = false});
    QVERIFY(cluster.runUntilHealthy());
    const TopicSetupConfig setup = setupOf("u", 3);
    cluster.world.addProcess(cluster.world.findHost("w"), makeTopicSetupBlueprint(setup), cluster.world.now());
    for (int i = 0; i < 60; ++i) {
        cluster.run(250us);
        BrokerCluster copy = cluster;
        copy.fault(sim::FaultKind::Crash, "process:zookeeper/zk1");
        copy.run(100ms);
        copy.fault(sim::FaultKind::Restart, "process:zookeeper/zk1");
        QVERIFY2(copy.runUntil(
                     [&] {
                         const Broker* broker = copy.broker(BrokerId{1});
                         return broker->metadata().partitionCount(TopicName("u")) == 2;
                     },
                     30s),
                 said(std::to_string(i)));
        QCOMPARE(copy.entries("kafka.topic-refused").size(), 0U);
    }
}

void TestBrokers::aTopicThatBrokersAreMissingForIsAskedForNowAndThen() {
    BrokerCluster cluster({.writes = false});
    QVERIFY(cluster.runUntilHealthy());
    const TopicSetupConfig setup = setupOf("u", 4);
    cluster.run(1s);
    const std::uint64_t before = cluster.world.eventsProcessed();
    cluster.run(5s);
    const std::uint64_t usual = cluster.world.eventsProcessed() - before;
    cluster.world.addProcess(cluster.world.findHost("w"), makeTopicSetupBlueprint(setup), cluster.world.now());
    cluster.run(1s);
    const std::uint64_t asking = cluster.world.eventsProcessed();
    cluster.run(5s);
    QVERIFY2(cluster.world.eventsProcessed() - asking < usual + 1'000,
             said(std::to_string(cluster.world.eventsProcessed() - asking)));
}

void TestBrokers::aTopicWhoseControllerLostItsSessionIsAskedForAgain() {
    BrokerCluster cluster({.writes = false});
    QVERIFY(cluster.runUntilHealthy());
    cluster.world.addProcess(cluster.world.findHost("w"), makeTopicSetupBlueprint(setupOf("u", 3)),
                             cluster.world.now());
    for (int i = 0; i < 60; ++i) {
        cluster.run(250us);
        BrokerCluster copy = cluster;
        const std::string controller = BrokerCluster::process(copy.controller());
        copy.fault(sim::FaultKind::Pause, controller);
        copy.run(8s);
        copy.fault(sim::FaultKind::Resume, controller);
        QVERIFY2(copy.runUntil(
                     [&] {
                         const Broker* broker = copy.broker(BrokerId{1});
                         return broker->metadata().partitionCount(TopicName("u")) == 2;
                     },
                     30s),
                 said(std::to_string(i)));
        QCOMPARE(copy.entries("kafka.topic-refused").size(), 0U);
    }
}

void TestBrokers::writesAreRefusedBelowMinInSync() {
    BrokerCluster cluster({.minInSync = 2});
    QVERIFY(cluster.runUntilHealthy());
    const BrokerId leader = cluster.leader();
    for (const BrokerId follower : cluster.followers()) {
        cluster.crash(follower);
    }
    QVERIFY(cluster.runUntil([&] { return cluster.state().isr.size() == 1; }));
    cluster.run(1s);
    const std::size_t acked = cluster.writer().acknowledged.size();
    cluster.run(5s);
    QCOMPARE(cluster.writer().acknowledged.size(), acked);
    QVERIFY(cluster.writer().countOf(ErrorCode::NotEnoughReplicas) > 10);
    QCOMPARE(toText(cluster.leader()), toText(leader));
    cluster.restart(BrokerId{leader.value % 3 + 1});
    QVERIFY(cluster.runUntil([&] { return cluster.writer().acknowledged.size() > acked + 10; }));
    QVERIFY2(cluster.lostRecords().empty(), said(cluster.lostRecords()));
}

void TestBrokers::highWatermarkStandsStillBelowMinInSync() {
    BrokerCluster cluster({.minInSync = 2, .acks = Acks::Leader});
    QVERIFY(cluster.runUntilHealthy());
    for (const BrokerId follower : cluster.followers()) {
        cluster.crash(follower);
    }
    QVERIFY(cluster.runUntil([&] { return cluster.state().isr.size() == 1; }));
    cluster.run(1s);
    const Offset before = cluster.replica(cluster.leader())->log.highWatermark();
    cluster.run(3s);
    const Partition* led = cluster.replica(cluster.leader());
    QCOMPARE(led->log.highWatermark().value, before.value);
    QVERIFY(led->log.end() > before + 50);
}

void TestBrokers::partitionWithoutLiveInSyncReplicasIsOffline() {
    BrokerCluster cluster({.replicas = 1, .minInSync = 1});
    QVERIFY(cluster.runUntilHealthy());
    const BrokerId only = cluster.leader();
    cluster.crash(only);
    QVERIFY(cluster.runUntil([&] { return cluster.leader() == noBroker; }));
    QCOMPARE(toText(cluster.state().isr), toText(only));
    const auto offline = cluster.entries("kafka.partition-offline");
    QCOMPARE(offline.size(), 1U);
    QCOMPARE(offline.front()->severity, sim::Severity::Error);
    cluster.restart(only);
    QVERIFY(cluster.runUntil([&] { return cluster.leader() == only; }));
    cluster.run(2s);
    QVERIFY2(cluster.lostRecords().empty(), said(cluster.lostRecords()));
}

void TestBrokers::unflushedTailIsLostWithThePower() {
    BrokerCluster cluster({.replicas = 1, .minInSync = 1, .writeUntil = SimTime{10s}});
    QVERIFY(cluster.runUntilHealthy());
    cluster.run(9s);
    const BrokerId only = cluster.leader();
    const Offset before = cluster.replica(only)->log.end();
    QVERIFY(before > Offset{100});
    cluster.losePower(only);
    cluster.run(1s);
    cluster.restorePower(only);
    QVERIFY(cluster.runUntil([&] { return cluster.leader() == only && cluster.replica(only) != nullptr; }));
    QVERIFY(cluster.replica(only)->log.end() < before);
    QVERIFY(!cluster.lostRecords().empty());
}

void TestBrokers::crashKeepsThePageCache() {
    BrokerCluster cluster({.replicas = 1, .minInSync = 1, .writeUntil = SimTime{10s}});
    QVERIFY(cluster.runUntilHealthy());
    cluster.run(9s);
    const BrokerId only = cluster.leader();
    const Offset before = cluster.replica(only)->log.end();
    cluster.crash(only);
    cluster.run(1s);
    cluster.restart(only);
    QVERIFY(cluster.runUntil([&] { return cluster.replica(only) != nullptr && cluster.replica(only)->isLeader(); }));
    QCOMPARE(cluster.replica(only)->log.end().value, before.value);
    QVERIFY2(cluster.lostRecords().empty(), said(cluster.lostRecords()));
}

// KIP-101, first scenario: the follower has a record that it does not know to be committed, both fail one after the
// other.
void TestBrokers::doubleFailureLosesNothing() {
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
        BrokerCluster cluster({.seed = seed, .brokers = 2, .replicas = 2, .minInSync = 1, .interval = 300ms});
        QVERIFY(cluster.runUntilHealthy());
        // Just acknowledged: the follower has it and has not heard of the new high watermark.
        const std::size_t acked = cluster.writer().acknowledged.size();
        while (cluster.writer().acknowledged.size() == acked) {
            cluster.world.step();
        }
        const BrokerId leader = cluster.leader();
        const BrokerId follower = cluster.followers().front();
        QVERIFY(cluster.replica(follower)->log.highWatermark() < cluster.replica(follower)->log.end());
        cluster.crash(follower);
        cluster.run(1ms);
        cluster.restart(follower);
        cluster.run(100ms);
        cluster.crash(leader);
        QVERIFY(cluster.runUntil([&] { return cluster.leader() == follower; }));
        cluster.run(2s);
        cluster.restart(leader);
        QVERIFY(cluster.runUntilHealthy());
        cluster.run(1s);
        QVERIFY2(cluster.lostRecords().empty(), said(cluster.lostRecords()));
        QVERIFY2(cluster.disagreements().empty(), said(cluster.disagreements()));
    }
}

void TestBrokers::anotherBrokerTakesOverAsController() {
    BrokerCluster cluster({.partitions = 3});
    QVERIFY(cluster.runUntilHealthy());
    const BrokerId old = cluster.controller();
    QVERIFY(old != noBroker);
    cluster.crash(old);
    QVERIFY(cluster.runUntil([&] { return cluster.controller() != old && cluster.controller() != noBroker; }));
    QVERIFY(cluster.runUntil([&] {
        bool areLed = true;
        for (int p = 0; p < 3; ++p) {
            areLed &= cluster.leader(p) != old && cluster.leader(p) != noBroker;
        }
        return areLed;
    }));
    const auto elected = cluster.entries("kafka.controller-elected");
    QCOMPARE(elected.size(), 2U);
    QVERIFY(elected.front()->field("controller_epoch") < elected.back()->field("controller_epoch"));
    cluster.restart(old);
    QVERIFY(cluster.runUntilHealthy());
    QVERIFY(cluster.controller() != old);
    QVERIFY2(cluster.lostRecords().empty(), said(cluster.lostRecords()));
}

void TestBrokers::pausedControllerThatWasReplacedCannotWrite() {
    BrokerCluster cluster({.partitions = 3});
    QVERIFY(cluster.runUntilHealthy());
    const BrokerId old = cluster.controller();
    cluster.fault(sim::FaultKind::Pause, BrokerCluster::process(old));
    QVERIFY(cluster.runUntil([&] { return cluster.entries("kafka.controller-elected").size() == 2; }));
    cluster.run(2s);
    cluster.fault(sim::FaultKind::Resume, BrokerCluster::process(old));
    QVERIFY(cluster.runUntilHealthy());
    cluster.run(2s);
    QVERIFY(!cluster.broker(old)->controller().isActive());
    QCOMPARE(cluster.entries("kafka.controller-resigned").size(), 1U);
    QVERIFY2(cluster.lostRecords().empty(), said(cluster.lostRecords()));
    QVERIFY2(cluster.disagreements().empty(), said(cluster.disagreements()));
}

void TestBrokers::aBrokerThatStopsHandsItsLeadershipsOver_data() {
    QTest::addColumn<bool>("isController");
    QTest::newRow("a leader") << false;
    QTest::newRow("the controller") << true;
}

/// Neither the session's time-out passes nor does an acknowledgement fail, and nothing is offline at any time.
void TestBrokers::aBrokerThatStopsHandsItsLeadershipsOver() {
    QFETCH(bool, isController);
    const auto begin = [](std::uint64_t seed) {
        BrokerCluster cluster({.seed = seed, .partitions = 3});
        MILLRACE_CHECK(cluster.runUntilHealthy());
        return cluster;
    };
    std::uint64_t seed = 1;
    BrokerCluster cluster = begin(seed);
    while ((cluster.controller() == cluster.leader()) != isController) {
        cluster = begin(++seed);
    }
    const BrokerId stopped = cluster.leader();
    const sim::ProcessId process = cluster.world.findProcess(brokerProcessName(stopped));
    const SimTime asked = cluster.world.now();
    cluster.fault(sim::FaultKind::Stop, BrokerCluster::process(stopped));
    QVERIFY(cluster.runUntil([&] { return !cluster.world.process(process).isAlive(); }, 4s));
    QVERIFY2(cluster.world.now() - asked < 2s, said(toText(cluster.world.now() - asked)));
    cluster.run(1s);
    for (int partition = 0; partition < 3; ++partition) {
        QVERIFY(cluster.leader(partition) != stopped && cluster.leader(partition) != noBroker);
        QVERIFY(!holds(cluster.state(partition).isr, stopped));
    }
    std::size_t handedOver = 0;
    for (const sim::JournalEntry* elected : cluster.entries("kafka.leader-elected")) {
        handedOver += elected->field("why") == "controlled shutdown" ? 1 : 0;
        QVERIFY(elected->field("why") != "leader gone");
    }
    QVERIFY(handedOver > 0);
    QVERIFY(cluster.entries("kafka.partition-offline").empty());
    const std::size_t acknowledged = cluster.writer().acknowledged.size();
    cluster.run(2s);
    QVERIFY(cluster.writer().acknowledged.size() > acknowledged + 50);
    cluster.restart(stopped);
    QVERIFY(cluster.runUntilHealthy());
    cluster.run(2s);
    QCOMPARE(cluster.lostRecords(), std::string{});
    QCOMPARE(cluster.disagreements(), std::string{});
    QVERIFY(cluster.isCausedBy(*cluster.entries("sim.process-stopped").front(), "sim.fault-injected"));
}

void TestBrokers::aBrokerThatNobodyCanReplaceStopsAfterItsTries() {
    BrokerCluster cluster({.brokers = 2, .replicas = 2, .minInSync = 1});
    QVERIFY(cluster.runUntilHealthy());
    const BrokerId last = cluster.leader();
    cluster.crash(cluster.followers().front());
    QVERIFY(cluster.runUntil([&] { return cluster.state().isr.size() == 1; }));
    const SimTime asked = cluster.world.now();
    cluster.fault(sim::FaultKind::Stop, BrokerCluster::process(last));
    const sim::ProcessId process = cluster.world.findProcess(brokerProcessName(last));
    QVERIFY(cluster.runUntil([&] { return !cluster.world.process(process).isAlive(); }, 60s));
    // Three tries, and after each a pause of five seconds; it leads until the end.
    const SimDuration took = cluster.world.now() - asked;
    QVERIFY2(took > 15s && took < 17s, said(toText(took)));
    const auto told = cluster.entries("kafka.controlled-shutdown");
    QCOMPARE(told.size(), 5U);
    QVERIFY2(told[1]->text.find("it still leads 1 partition") != std::string::npos, told[1]->text.c_str());
    cluster.restart(last);
    QVERIFY(cluster.runUntil([&] { return cluster.leader() == last; }));
    QCOMPARE(cluster.lostRecords(), std::string{});
}

void TestBrokers::fullDiskHaltsTheBroker() {
    BrokerCluster cluster({});
    QVERIFY(cluster.runUntilHealthy());
    const BrokerId leader = cluster.leader();
    cluster.fault(sim::FaultKind::FullDisk, BrokerCluster::host(leader));
    QVERIFY(cluster.runUntil([&] { return cluster.broker(leader) == nullptr; }, 5s));
    QCOMPARE(cluster.entries("kafka.log-directory-failed").size(), 1U);
    QCOMPARE(cluster.entries("sim.process-ended").size(), 1U);
    QVERIFY(cluster.runUntil([&] { return cluster.leader() != leader; }));
    cluster.run(2s);
    QVERIFY2(cluster.lostRecords().empty(), said(cluster.lostRecords()));
}

void TestBrokers::oldSegmentsAreDeleted() {
    BrokerCluster cluster(
        {.writeUntil = SimTime{298s}, .topicConfig = {{"segment.bytes", "4096"}, {"retention.bytes", "16384"}}});
    QVERIFY(cluster.runUntilHealthy());
    cluster.run(290s);
    const Partition* led = cluster.replica(cluster.leader());
    const ByteCount before = led->log.size();
    QVERIFY(before > 100'000);
    cluster.run(60s);
    led = cluster.replica(cluster.leader());
    QVERIFY(led->log.size() < 64 * 1024);
    QVERIFY(led->log.start() > Offset{0});
    QCOMPARE(led->log.segments().front().base.value, led->log.start().value);
    QVERIFY(led->log.start() <= led->log.highWatermark());
    QVERIFY2(cluster.disagreements().empty(), said(cluster.disagreements()));
}

void TestBrokers::leadersGoBackToThePreferredReplica() {
    BrokerCluster cluster({.partitions = 3, .interval = 200ms});
    QVERIFY(cluster.runUntilHealthy());
    const BrokerId old = cluster.leader(0);
    cluster.crash(old);
    QVERIFY(cluster.runUntil([&] { return cluster.leader(0) != old; }));
    cluster.restart(old);
    QVERIFY(cluster.runUntilHealthy());
    QVERIFY(cluster.leader(0) != old);
    QVERIFY(cluster.runUntil([&] { return cluster.leader(0) == old; }, 320s));
    QVERIFY(cluster.runUntilHealthy());
    QVERIFY2(cluster.lostRecords().empty(), said(cluster.lostRecords()));
}

void TestBrokers::aCopyRunsOnAsTheOriginal() {
    BrokerCluster cluster({.partitions = 3});
    QVERIFY(cluster.runUntilHealthy());
    sim::World copy = cluster.world;
    cluster.crash(cluster.leader());
    cluster.run(12s);
    const std::uint64_t crashed = cluster.world.fingerprint();
    std::swap(copy, cluster.world);
    QVERIFY(cluster.runUntilHealthy(SimDuration{0}));
    cluster.crash(cluster.leader());
    cluster.run(12s);
    QCOMPARE(cluster.world.fingerprint(), crashed);
}

void TestBrokers::randomCrashesLoseNothing_data() {
    QTest::addColumn<int>("seed");
    for (int seed = 1; seed <= 40; ++seed) {
        QTest::addRow("seed %d", seed) << seed;
    }
}

// Any one broker at a time crashes, loses power, is paused or cut off, and comes back when it likes.
void TestBrokers::randomCrashesLoseNothing() {
    QFETCH(int, seed);
    BrokerCluster cluster({.seed = static_cast<std::uint64_t>(seed), .partitions = 3, .lagMax = 5s});
    RandomStream random(static_cast<std::uint64_t>(seed), "crashes");
    QVERIFY(cluster.runUntilHealthy());
    for (int round = 0; round < 5; ++round) {
        const BrokerId victim{static_cast<std::int32_t>(random.below(3)) + 1};
        const auto how = random.below(3);
        cluster.run(SimDuration{static_cast<std::int64_t>(random.below(3'000'000'000))});
        const SimDuration away{static_cast<std::int64_t>(random.below(15'000'000'000))};
        if (how == 0) {
            cluster.fault(sim::FaultKind::Pause, BrokerCluster::process(victim));
            cluster.run(away);
            cluster.fault(sim::FaultKind::Resume, BrokerCluster::process(victim));
        } else if (how == 1) {
            cluster.losePower(victim);
            cluster.run(away);
            cluster.restorePower(victim);
        } else {
            cluster.crash(victim);
            cluster.run(away);
            cluster.restart(victim);
        }
        QVERIFY(cluster.runUntilHealthy(120s));
        QVERIFY2(cluster.lostRecords().empty(), said(cluster.lostRecords()));
        QVERIFY2(cluster.disagreements().empty(), said(cluster.disagreements()));
    }
    QVERIFY(cluster.writer().acknowledged.size() > 300);
}

void TestBrokers::unsafeRulesLoseRecords_data() {
    QTest::addColumn<int>("rule");
    QTest::newRow("elects outside of the in-sync set") << 0;
    QTest::newRow("truncates to the high watermark") << 1;
    QTest::newRow("acknowledges before replication") << 2;
}

// The same checks notice each rule that is broken on purpose.
void TestBrokers::unsafeRulesLoseRecords() {
    QFETCH(int, rule);
    BrokenRules broken;
    broken.electOutsideInSyncSet = rule == 0;
    broken.truncateToHighWatermark = rule == 1;
    broken.acknowledgeBeforeReplication = rule == 2;
    bool isNoticed = false;
    for (std::uint64_t seed = 1; seed <= 10 && !isNoticed; ++seed) {
        BrokerCluster cluster({.seed = seed, .minInSync = 1, .interval = 5ms, .lagMax = 3s, .broken = broken});
        QVERIFY(cluster.runUntilHealthy());
        if (rule == 0) {
            // The first of the assignment falls far behind; then those that are in sync go.
            const std::vector<BrokerId> replicas = cluster.state().replicas;
            cluster.crash(replicas[0]);
            QVERIFY(cluster.runUntil([&] { return cluster.leader() == replicas[1]; }));
            cluster.run(5s);
            cluster.crash(replicas[1]);
            cluster.crash(replicas[2]);
            cluster.run(8s);
            cluster.restart(replicas[0]);
            QVERIFY(cluster.runUntil([&] { return cluster.leader() == replicas[0]; }));
        } else if (rule == 1) {
            // A new leader epoch makes the follower cut off what it does not know to be committed; then the leader
            // goes.
            const BrokerId leader = cluster.leader();
            const BrokerId follower = cluster.followers().front();
            cluster.crash(cluster.followers().back());
            const SimTime end = cluster.world.now() + 15s;
            while (cluster.world.now() < end && cluster.replica(follower)->truncatedTo == noOffset &&
                   cluster.replica(follower)->log.end() >= cluster.replica(leader)->log.highWatermark()) {
                cluster.world.step();
            }
            cluster.crash(leader);
            cluster.run(12s);
        } else {
            for (const BrokerId follower : cluster.followers()) {
                cluster.fault(sim::FaultKind::Pause, BrokerCluster::process(follower));
            }
            cluster.run(1s);
            const std::vector<BrokerId> followers = cluster.followers();
            cluster.crash(cluster.leader());
            for (const BrokerId follower : followers) {
                cluster.fault(sim::FaultKind::Resume, BrokerCluster::process(follower));
            }
            cluster.run(12s);
        }
        isNoticed = !cluster.lostRecords().empty() || !cluster.disagreements().empty();
    }
    QVERIFY(isNoticed);
}

void TestBrokers::viewsShowTheCluster() {
    BrokerCluster cluster({.partitions = 2});
    QVERIFY(cluster.runUntilHealthy());
    cluster.run(3s);
    observe::ClusterView view;
    describe(cluster.world, view);
    QCOMPARE(view.brokers.size(), 3U);
    QCOMPARE(view.brokers[0].id, observe::brokerId(1));
    QCOMPARE(view.brokers[0].state, observe::LifeState::Running);
    QVERIFY(view.brokers[0].isRegistered);
    QVERIFY(view.controller >= 1);
    QCOMPARE(view.topics.size(), 1U);
    QCOMPARE(view.topics[0].partitions.size(), 2U);
    QCOMPARE(view.topics[0].minInSync, 2);
    QVERIFY(view.topics[0].recordsInPerSecond > 50);
    QCOMPARE(view.topics[0].partitions[0].inSync.size(), 3U);
    QVERIFY(view.topics[0].partitions[0].highWatermark > 100);
    QCOMPARE(view.brokers[0].replicas.size(), 2U);
    const BrokerId leader = cluster.leader();
    QCOMPARE(std::get<sim::ProcessId>(*resolveTarget(cluster.world, "leader:t-0")).value,
             cluster.world.findProcess(brokerProcessName(leader)).value);
    QVERIFY(!resolveTarget(cluster.world, "leader:t-7"));
    QVERIFY(!resolveTarget(cluster.world, "broker:9"));
    cluster.crash(leader);
    cluster.run(1ms);
    observe::ClusterView after;
    describe(cluster.world, after);
    QCOMPARE(after.brokers[static_cast<std::size_t>(leader.value - 1)].state, observe::LifeState::Crashed);
}

QTEST_APPLESS_MAIN(TestBrokers)
#include "tst_brokers.moc"
