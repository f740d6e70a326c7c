#include "tests/kafka/client_cluster.h"  // before Qt, whose keyword `slots` is a name in there

#include <QtTest/QTest>
#include <algorithm>
#include <functional>
#include <set>

#include "engine/kafka/client/assignor.h"
#include "engine/kafka/group/group_coordinator.h"
#include "engine/kafka/partitioner.h"

using namespace millrace;
using namespace millrace::kafka;
using namespace millrace::kafka::test;
using namespace std::chrono_literals;

namespace {

const Group* groupOf(const ClientCluster& cluster) {
    for (int id = 1; id <= 3; ++id) {
        const Broker* broker = cluster.broker(id);
        const auto* coordinator =
            broker != nullptr ? dynamic_cast<const GroupCoordinator*>(broker->coordinator()) : nullptr;
        if (coordinator != nullptr && coordinator->groups().contains("readers")) {
            return &coordinator->groups().find("readers")->second;
        }
    }
    return nullptr;
}

/// Records below the high watermarks that the group has not committed.
std::int64_t lagOf(const ClientCluster& cluster) {
    const Group* group = groupOf(cluster);
    std::int64_t lag = 0;
    for (int p = 0; p < 6; ++p) {
        const TopicPartition name{TopicName("access"), PartitionIndex{p}};
        const CommittedOffset* committed = group != nullptr ? group->offsets.find(name) : nullptr;
        lag += cluster.leaderOf("access", p)->log.highWatermark().value -
               (committed != nullptr ? committed->offset.value : 0);
    }
    return lag;
}

std::int64_t consumed(const ClientCluster& cluster) {
    std::int64_t sum = 0;
    for (const std::string& member : cluster.members) {
        sum += groupMemberFigures(cluster.world, "readers", member).consumed;
    }
    return sum;
}

/// In each generation, each partition has one owner and the owners together have all of them.
void checkOwners(const ClientCluster& cluster) {
    std::map<std::string, std::map<std::string, std::string>> owners;
    for (const auto* entry : cluster.journal("kafka.partitions-assigned")) {
        auto& inGeneration = owners[std::string{entry->field("generation")}];
        const QString names = QString::fromStdString(std::string{entry->field("partitions")});
        for (const QString& name : names.split(QLatin1Char(','), Qt::SkipEmptyParts)) {
            const auto [at, isNew] = inGeneration.emplace(name.toStdString(), entry->field("member"));
            QVERIFY2(isNew || at->second == entry->field("member"), qPrintable(name));
        }
    }
    QVERIFY(!owners.empty());
}

}  // namespace

class TestConsumerGroup : public QObject {
    Q_OBJECT
private slots:
    void heartbeatsGoOnWhileAMemberWorks();
    void aMemberThatDoesNotPollInTimeLeavesAndComesAgain();
    void aRebalanceWaitsForTheNextPollOfABusyMember();
    void aNewGroupWaitsForThoseWhoComeLaterAndARefilledOneDoesNot();
    void whoWasGivenAnIdMayComeWhenTheOthersAreTogetherAlready();
    void aNewCoordinatorReadsBeforeItAnswers();
    void underLogAppendTimeRecordsHaveTheBrokersClock();
    void rangesAreContiguousAndTheFirstGetMore();
    void threeMembersShareSixPartitionsAndReadAll();
    void noGroupHasACoordinatorBeforeItsTopicCanHaveAllReplicas();
    void aMemberThatDiesIsReplaced_data();
    void aMemberThatDiesIsReplaced();
    void membersFarAwaySettle_data();
    void membersFarAwaySettle();
    void aMemberThatLeavesIsReplacedAtOnce();
    void theGroupOutlivesItsCoordinator_data();
    void theGroupOutlivesItsCoordinator();
    void aRestartedMemberReadsOnFromTheCommittedOffset();
    void rewindingReadsEverythingAgain();
    void aCopyAtHalfTimeGivesTheSameRun();
};

void TestConsumerGroup::rangesAreContiguousAndTheFirstGetMore() {
    const TopicName topic("access");
    const std::vector<MemberSubscription> members{
        {"c", {topic}}, {"a", {topic}}, {"b", {topic}}, {"d", {TopicName("other")}}};
    const auto assigned = assignRanges(members, {{topic, 7}});
    const auto text = [&](const std::string& member) {
        std::string names;
        for (const TopicPartition& partition : assigned.at(member)) {
            names += toText(partition.partition);
        }
        return names;
    };
    QCOMPARE(text("a"), std::string("012"));
    QCOMPARE(text("b"), std::string("34"));
    QCOMPARE(text("c"), std::string("56"));
    QCOMPARE(text("d"), std::string());
    QVERIFY(decodeAssignment(encodeAssignment(assigned.at("a"))->text()) == assigned.at("a"));
    QVERIFY(decodeSubscription(encodeSubscription({topic})->text()) == std::vector<TopicName>{topic});
}

void TestConsumerGroup::threeMembersShareSixPartitionsAndReadAll() {
    ClientCluster cluster(7);
    cluster.addProducer(3000, 400);
    for (const char* name : {"m1", "m2", "m3"}) {
        cluster.addMember(name);
    }
    cluster.runTo(30);
    for (const std::string& member : cluster.members) {
        const auto figures = groupMemberFigures(cluster.world, "readers", member);
        QCOMPARE(figures.assignment.size(), std::size_t{2});
        QVERIFY(figures.consumed > 500);
    }
    QCOMPARE(consumed(cluster), std::int64_t{3000});
    QCOMPARE(lagOf(cluster), std::int64_t{0});
    const Group* group = groupOf(cluster);
    QVERIFY(group != nullptr);
    QVERIFY(group->state == GroupState::Stable);
    QCOMPARE(group->members.size(), std::size_t{3});
    checkOwners(cluster);
}

void TestConsumerGroup::noGroupHasACoordinatorBeforeItsTopicCanHaveAllReplicas() {
    ClientCluster cluster(7, 1, [](BrokerConfig& config) { config.defaultReplicationFactor = 2; });
    cluster.crash("process:broker/3", 1.0005, 14);
    cluster.addProducer(2000, 400);
    cluster.addMember("m1");
    const TopicName offsets{consumerOffsetsTopic};
    const auto replicasKnownTo = [&](int broker) {
        const PartitionState* state = cluster.broker(broker)->metadata().partition({offsets, PartitionIndex{0}});
        return state == nullptr ? std::size_t{0} : state->replicas.size();
    };
    cluster.runTo(14);
    QVERIFY(cluster.leaderOf("access", 0) != nullptr);
    QCOMPARE(replicasKnownTo(1), std::size_t{0});
    QCOMPARE(replicasKnownTo(2), std::size_t{0});
    QVERIFY(groupOf(cluster) == nullptr);
    cluster.runTo(30);
    QCOMPARE(replicasKnownTo(1), std::size_t{3});
    QCOMPARE(consumed(cluster), std::int64_t{2000});
    QCOMPARE(lagOf(cluster), std::int64_t{0});
}

void TestConsumerGroup::aMemberThatDiesIsReplaced_data() {
    QTest::addColumn<int>("seed");
    for (int seed = 1; seed <= 8; ++seed) {
        QTest::addRow("seed %d", seed) << seed;
    }
}

void TestConsumerGroup::aMemberThatDiesIsReplaced() {
    QFETCH(int, seed);
    ClientCluster cluster(static_cast<std::uint64_t>(seed));
    cluster.addProducer(4000, 200);
    for (const char* name : {"m1", "m2", "m3"}) {
        cluster.addMember(name);
    }
    cluster.crash("process:group/readers/m" + std::to_string(seed % 3 + 1), 14 + seed * 0.31, 30);
    cluster.runTo(70);
    QCOMPARE(lagOf(cluster), std::int64_t{0});
    QVERIFY(groupOf(cluster)->generation >= 3);
    QCOMPARE(groupOf(cluster)->members.size(), std::size_t{3});
    checkOwners(cluster);
    // The session's end has the crash as its cause.
    const auto removed = cluster.journal("kafka.member-removed");
    QCOMPARE(removed.size(), std::size_t{1});
    QVERIFY(removed.front()->field("reason") == "its session timed out");
    const auto* cause = cluster.world.journal().find(removed.front()->cause);
    QVERIFY(cause != nullptr);
    QVERIFY2(cause->kind == "sim.fault-injected" || cause->kind.find("crash") != std::string_view::npos,
             std::string{cause->kind}.c_str());
}

void TestConsumerGroup::membersFarAwaySettle_data() {
    QTest::addColumn<int>("milliseconds");
    for (const int milliseconds : {20, 45, 60, 90, 150, 400}) {
        QTest::addRow("%d ms one way", milliseconds) << milliseconds;
    }
}

void TestConsumerGroup::membersFarAwaySettle() {
    QFETCH(int, milliseconds);
    ClientCluster cluster(7);
    cluster.addProducer(2000, 400);
    cluster.addMember("m1");
    cluster.addMember("m2");
    for (const std::string& member : cluster.members) {
        for (int id = 1; id <= 3; ++id) {
            sim::FaultSpec delay;
            delay.kind = sim::FaultKind::Delay;
            delay.target = "link:h-" + member + "-b" + std::to_string(id);
            delay.value = milliseconds / 1000.0;
            cluster.world.injectFault(delay);
        }
    }
    cluster.runTo(40);
    const Group* group = groupOf(cluster);
    QVERIFY(group != nullptr);
    QVERIFY(group->state == GroupState::Stable);
    QCOMPARE(group->members.size(), std::size_t{2});
    QVERIFY(group->generation <= 3);
    QCOMPARE(consumed(cluster), std::int64_t{2000});
    QCOMPARE(lagOf(cluster), std::int64_t{0});
}

void TestConsumerGroup::aMemberThatLeavesIsReplacedAtOnce() {
    ClientCluster cluster(7);
    cluster.addProducer(4000, 200);
    cluster.addMember("m1");
    cluster.addMember("m2");
    cluster.runTo(14);
    cluster.world.deliver(cluster.world.findActorId("group/readers/m2/consumer"), makeRef<StopMember>());
    cluster.runTo(18);
    QCOMPARE(groupMemberFigures(cluster.world, "readers", "m1").assignment.size(), std::size_t{6});
    cluster.runTo(40);
    QCOMPARE(lagOf(cluster), std::int64_t{0});
}

void TestConsumerGroup::theGroupOutlivesItsCoordinator_data() {
    aMemberThatDiesIsReplaced_data();
}

void TestConsumerGroup::theGroupOutlivesItsCoordinator() {
    QFETCH(int, seed);
    ClientCluster cluster(static_cast<std::uint64_t>(seed));
    cluster.addProducer(4000, 200);
    for (const char* name : {"m1", "m2", "m3"}) {
        cluster.addMember(name);
    }
    cluster.runTo(14 + seed * 0.29);
    const auto partition = offsetsPartitionOf("readers", 50);
    int coordinator = 0;
    for (int id = 1; id <= 3; ++id) {
        if (cluster.broker(id)->replicas().isLeader({TopicName(consumerOffsetsTopic), partition})) {
            coordinator = id;
        }
    }
    QVERIFY(coordinator > 0);
    const std::int32_t generation = groupOf(cluster)->generation;
    cluster.crash("process:broker/" + std::to_string(coordinator), seconds(cluster.world.now()), 15);
    cluster.runTo(80);
    QCOMPARE(lagOf(cluster), std::int64_t{0});
    QVERIFY(groupOf(cluster)->generation >= generation);
    QVERIFY(groupOf(cluster)->state == GroupState::Stable);
    QVERIFY(consumed(cluster) >= 4000);
    checkOwners(cluster);
}

void TestConsumerGroup::aRestartedMemberReadsOnFromTheCommittedOffset() {
    ClientCluster cluster(7);
    cluster.addProducer(4000, 200);
    cluster.addMember("m1");
    cluster.crash("process:group/readers/m1", 17, 1);
    cluster.runTo(60);
    QCOMPARE(lagOf(cluster), std::int64_t{0});
    // The new incarnation has not read what the old one had committed; both together have read everything.
    const auto figures = groupMemberFigures(cluster.world, "readers", "m1");
    const auto* past = cluster.world.pastCounter("group/readers/m1/consumer", "records_consumed");
    QVERIFY(past != nullptr && past->sum > 1000);
    QVERIFY(figures.consumed - static_cast<std::int64_t>(past->sum) < 4000 - 1000);
    QVERIFY(figures.consumed >= 4000);
}

void TestConsumerGroup::rewindingReadsEverythingAgain() {
    ClientCluster cluster(7);
    cluster.addProducer(1000, 400);
    cluster.addMember("m1");
    cluster.runTo(20);
    QCOMPARE(groupMemberFigures(cluster.world, "readers", "m1").consumed, std::int64_t{1000});
    cluster.world.deliver(cluster.world.findActorId("group/readers/m1/consumer"),
                          makeRef<SeekMember>(ListOffsetsRequest::earliest));
    cluster.runTo(30);
    QCOMPARE(groupMemberFigures(cluster.world, "readers", "m1").consumed, std::int64_t{2000});
    cluster.world.deliver(cluster.world.findActorId("group/readers/m1/consumer"),
                          makeRef<SeekMember>(ListOffsetsRequest::latest));
    cluster.runTo(40);
    QCOMPARE(groupMemberFigures(cluster.world, "readers", "m1").consumed, std::int64_t{2000});
    QCOMPARE(lagOf(cluster), std::int64_t{0});
}

// KIP-62: a poll's records may take longer than the session.
void TestConsumerGroup::heartbeatsGoOnWhileAMemberWorks() {
    ClientCluster cluster(7);
    cluster.addProducer(600, 400);
    GroupMemberConfig config;
    config.maxPollRecords = 300;
    config.workPerRecord = 100ms;  // 30 s a poll, and the session is one of 10 s
    cluster.addMember("m1", 5s, config);
    cluster.runTo(120);
    QVERIFY(cluster.journal("kafka.member-removed").empty());
    QCOMPARE(consumed(cluster), std::int64_t{600});
    QCOMPARE(groupMemberFigures(cluster.world, "readers", "m1").rebalances, std::int64_t{1});
    QCOMPARE(lagOf(cluster), std::int64_t{0});
}

// AbstractCoordinator.HeartbeatThread: maybeLeaveGroup("consumer poll timeout has expired")
void TestConsumerGroup::aMemberThatDoesNotPollInTimeLeavesAndComesAgain() {
    ClientCluster cluster(7);
    cluster.addProducer(300, 400);
    GroupMemberConfig config;
    config.maxPollRecords = 300;
    config.workPerRecord = 100ms;
    config.consumer.membership.rebalanceTimeout = 12s;
    cluster.addMember("m1", 5s, config);
    cluster.runTo(34);
    const auto late = cluster.journal("kafka.poll-timed-out");
    QVERIFY(!late.empty());
    QVERIFY(late.front()->severity == sim::Severity::Warning);
    const auto removed = cluster.journal("kafka.member-removed");
    QVERIFY(!removed.empty());
    QCOMPARE(std::string{removed.front()->field("reason")}, std::string("it left"));
    // It has not polled since, and so has not come again; nor are its positions the group's.
    QVERIFY(groupOf(cluster)->members.empty());
    QVERIFY(lagOf(cluster) > 0);
    cluster.runTo(50);
    QVERIFY2(!groupOf(cluster)->members.empty(), "it joins again when it polls");
}

void TestConsumerGroup::aRebalanceWaitsForTheNextPollOfABusyMember() {
    ClientCluster cluster(7);
    cluster.addProducer(600, 400);
    GroupMemberConfig config;
    config.maxPollRecords = 300;
    config.workPerRecord = 100ms;
    cluster.addMember("m1", 5s, config);
    cluster.addMember("m2", 18s, config);
    cluster.runTo(26);
    // m1 is busy for 20 s from its first fetch on: the group stands still, as since KIP-62 with an eager assignor.
    QVERIFY(groupOf(cluster)->state == GroupState::PreparingRebalance);
    QVERIFY(cluster.journal("kafka.member-removed").empty());
    cluster.runTo(60);
    QVERIFY(groupOf(cluster)->members.size() == 2);
    cluster.runTo(200);
    QVERIFY(consumed(cluster) >= 600);
    QCOMPARE(lagOf(cluster), std::int64_t{0});
    checkOwners(cluster);
}

// GroupCoordinator.addMemberAndRebalance: only a group of generation 0 is delayed further by newcomers.
void TestConsumerGroup::aNewGroupWaitsForThoseWhoComeLaterAndARefilledOneDoesNot() {
    ClientCluster cluster(7);
    cluster.addProducer(10, 10);
    cluster.addMember("m1", 5s);
    cluster.addMember("m2", 7s);
    cluster.addMember("m3", 40s);
    cluster.addMember("m4", 42s);
    cluster.runTo(20);
    for (const char* member : {"m1", "m2"}) {
        cluster.world.deliver(cluster.world.findActorId("group/readers/" + std::string{member} + "/consumer"),
                              makeRef<StopMember>());
    }
    cluster.runTo(60);
    std::vector<std::pair<SimTime, std::string>> generations;
    for (const auto* entry : cluster.journal("kafka.group-generation")) {
        generations.emplace_back(entry->time, std::string{entry->field("members")});
    }
    QVERIFY(generations.size() >= 2);
    // Twice the delay of 3 s, because m2 came during the first.
    QCOMPARE(generations.front().second, std::string("2"));
    QVERIFY(generations.front().first > SimTime{11s});
    const auto refilled = std::find_if(generations.begin(), generations.end(),
                                       [](const auto& each) { return each.first > SimTime{40s}; });
    QVERIFY(refilled != generations.end());
    QCOMPARE(refilled->second, std::string("2"));
    QVERIFY(refilled->first < SimTime{44s});
}

namespace {

/// Asks for a member's id and comes with it long after.
class LateMember final : public sim::ActorBase<LateMember> {
public:
    explicit LateMember(sim::HostId broker) : m_broker(broker) {}
    void start(sim::Context& context) override { m_connection = context.connect(m_broker, sim::Port{9092}, 1s); }
    void handle(sim::Context& context, const sim::Message& message) override {
        if (message.as<sim::ConnectionOpened>() != nullptr) {
            join(context);
        } else if (message.as<Later>() != nullptr) {
            join(context);
        } else if (const auto* answer = message.as<JoinGroupResponse>()) {
            errors.push_back(answer->error);
            if (errors.size() == 1) {
                m_id = answer->memberId;
                context.arm(8s, makeRef<Later>());
            }
        }
    }
    std::vector<ErrorCode> errors;

private:
    struct Later final : sim::MessageBase<Later> {
        static constexpr std::string_view Name = "test.Later";
        void digest(Digest&) const override {}
    };
    void join(sim::Context& context) {
        JoinGroupRequest request;
        request.group = "readers";
        request.memberId = m_id;
        request.sessionTimeout = 30s;
        request.rebalanceTimeout = 60s;
        request.protocols.push_back({"range", encodeSubscription({TopicName("access")})});
        context.transmit(m_connection, makeRef<JoinGroupRequest>(std::move(request)));
    }
    sim::HostId m_broker;
    sim::ConnectionId m_connection = sim::noConnection;
    std::string m_id;
};

class LateBlueprint final : public sim::Blueprint {
public:
    explicit LateBlueprint(sim::HostId broker) : m_broker(broker) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override { context.addActor("member", makeRef<LateMember>(m_broker)); }

private:
    sim::HostId m_broker;
    std::string m_name = "late";
};

/// The broker whose log holds the group, as leader; 0: none.
int leaderOfGroup(const ClientCluster& cluster) {
    const TopicPartition partition{TopicName{consumerOffsetsTopic}, offsetsPartitionOf("readers", 50)};
    for (int id = 1; id <= 3; ++id) {
        if (cluster.broker(id) != nullptr && cluster.broker(id)->replicas().isLeader(partition)) {
            return id;
        }
    }
    return 0;
}

bool coordinates(const ClientCluster& cluster, int id) {
    const auto* coordinator = dynamic_cast<const GroupCoordinator*>(cluster.broker(id)->coordinator());
    return coordinator->coordinates(offsetsPartitionOf("readers", 50));
}

}  // namespace

// DelayedJoin leaves pending members alone when its time is over.
void TestConsumerGroup::whoWasGivenAnIdMayComeWhenTheOthersAreTogetherAlready() {
    ClientCluster cluster(7);
    cluster.addProducer(10, 10);
    cluster.addMember("m1", 5s);
    cluster.runTo(6);
    const int coordinator = leaderOfGroup(cluster);
    QVERIFY(coordinator > 0);
    const std::string host = "b" + std::to_string(coordinator);
    cluster.world.addProcess(cluster.host("late"), makeRef<LateBlueprint>(cluster.world.findHost(host)),
                             cluster.world.now());
    cluster.runTo(60);
    const auto& late = *cluster.world.findActor<LateMember>("late/member");
    QCOMPARE(late.errors.size(), std::size_t{2});
    QCOMPARE(late.errors[0], ErrorCode::MemberIdRequired);
    QCOMPARE(late.errors[1], ErrorCode::None);
}

// GroupMetadataManager.loadGroupsAndOffsets
void TestConsumerGroup::aNewCoordinatorReadsBeforeItAnswers() {
    ClientCluster cluster(7);
    cluster.addProducer(10, 10);
    GroupMemberConfig config;
    config.autoCommitInterval = 2ms;
    cluster.addMember("m1", 5s, config);
    cluster.runTo(25);
    const int before = leaderOfGroup(cluster);
    QVERIFY(before > 0);
    cluster.crash("process:broker/" + std::to_string(before), 25.0, 60);
    cluster.runTo(25.01);
    const auto runUntil = [&](const std::function<bool()>& holds) {
        while (!holds() && cluster.world.now() < SimTime{60s} && cluster.world.step()) {
        }
        return cluster.world.now();
    };
    const SimTime elected = runUntil([&] { return leaderOfGroup(cluster) > 0; });
    const int after = leaderOfGroup(cluster);
    QVERIFY(after > 0);
    QVERIFY(!coordinates(cluster, after));
    const SimTime loaded = runUntil([&] { return coordinates(cluster, after); });
    QVERIFY2(loaded - elected > 3ms, "thousands of commits take time");
    QVERIFY(loaded - elected < 200ms);
    cluster.runTo(80);
    QCOMPARE(lagOf(cluster), std::int64_t{0});
    QVERIFY(groupOf(cluster)->state == GroupState::Stable);
}

// LogValidator
void TestConsumerGroup::underLogAppendTimeRecordsHaveTheBrokersClock() {
    ClientCluster cluster(7, 2, [](BrokerConfig& config) { config.logAppendTime = true; });
    // The way to the brokers takes a while, so that the clocks' readings differ.
    for (const char* name : {"b1", "b2", "b3"}) {
        cluster.world.setLink(cluster.world.findHost("app"), cluster.world.findHost(name), {40ms, 0});
    }
    cluster.addProducer(500, 100);
    cluster.addMember("m1");
    cluster.runTo(20);
    QCOMPARE(producerFigures(cluster.world, "log").records.acked, std::int64_t{500});
    QCOMPARE(consumed(cluster), std::int64_t{500});
    std::int64_t records = 0;
    for (int p = 0; p < 6; ++p) {
        const auto& batches = cluster.leaderOf("access", p)->log.batches();
        for (std::uint64_t i = batches.firstIndex(); i < batches.endIndex(); ++i) {
            const RecordBatch& batch = *batches[i];
            QVERIFY(batch.isLogAppendTime());
            QVERIFY(batch.maxTimestamp() >= batch.payload().baseTimestamp() + 40);
            for (const RecordView& record : batch.records()) {
                QCOMPARE(record.timestamp, batch.maxTimestamp());
                ++records;
            }
            std::string bytes;
            batch.appendTo(bytes);
            QVERIFY2(RecordBatch::parse(bytes).has_value(), "the checksum is that of the new bytes");
        }
    }
    QCOMPARE(records, std::int64_t{500});
}

void TestConsumerGroup::aCopyAtHalfTimeGivesTheSameRun() {
    ClientCluster cluster(3);
    cluster.addProducer(2000, 400);
    cluster.addMember("m1");
    cluster.addMember("m2");
    cluster.runTo(9);
    sim::World copy = cluster.world;
    cluster.runTo(20);
    copy.run(SimTime{std::chrono::seconds{20}});
    QCOMPARE(copy.fingerprint(), cluster.world.fingerprint());
}

QTEST_APPLESS_MAIN(TestConsumerGroup)
#include "tst_consumer_group.moc"
