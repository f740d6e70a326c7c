#include "tests/kafka/client_cluster.h"  // before Qt, whose keyword `slots` is a name in there

#include <QtTest/QTest>
#include <set>

#include "engine/kafka/client/assignor.h"
#include "engine/kafka/group/group_coordinator.h"
#include "engine/kafka/partitioner.h"

using namespace millrace;
using namespace millrace::kafka;
using namespace millrace::kafka::test;

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
    // The new incarnation has not read what the old one had committed.
    const auto figures = groupMemberFigures(cluster.world, "readers", "m1");
    QVERIFY(figures.consumed < 4000 - 1000);
    QVERIFY(figures.consumed > 1000);
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
