#include <QTest>

#include <set>

#include "engine/kafka/broker/broker_topic_stats.h"
#include "engine/kafka/broker/fetch_session.h"
#include "engine/kafka/broker/offset_checkpoint.h"
#include "engine/kafka/change_list.h"
#include "engine/kafka/client/due_times.h"
#include "engine/kafka/controller/placement.h"
#include "engine/kafka/log/leader_epochs.h"
#include "engine/kafka/zk/znodes.h"

using namespace millrace;
using namespace millrace::kafka;

namespace {

std::string textOf(const std::vector<std::vector<BrokerId>>& assignment) {
    std::string text;
    for (const auto& replicas : assignment) {
        text += (text.empty() ? "" : " ") + toText(replicas);
    }
    return text;
}

std::vector<PlacementBroker> brokers(const std::vector<std::string>& racks) {
    std::vector<PlacementBroker> all;
    for (const std::string& rack : racks) {
        all.push_back({BrokerId{static_cast<std::int32_t>(all.size())}, rack});
    }
    return all;
}

FetchRequest::Partition asked(std::int32_t partition) {
    FetchRequest::Partition part;
    part.partition = {TopicName("t"), PartitionIndex{partition}};
    return part;
}

/// "2 0 1": the partitions, in the order in which they would be read.
std::string textOf(const FetchItems& items) {
    std::string text;
    for (const FetchItem* item : items) {
        text += (text.empty() ? "" : " ") + toText(item->asked.partition.partition);
    }
    return text;
}

std::string changedSince(const ChangeList& changes, ChangeList::Stamp stamp) {
    std::string text;
    changes.forEachSince(stamp, [&](std::uint32_t index) { text += std::to_string(index); });
    return text;
}

std::string textOf(const EpochEnd& end) {
    return std::to_string(end.epoch.value) + '@' + std::to_string(end.endOffset.value);
}

}  // namespace

class TestRules : public QObject {
    Q_OBJECT

private slots:
    // The table in the comment of Kafka's AdminUtils: ten partitions, three replicas, five brokers, start 0, shift 0.
    void replicasGoRoundAsKafkasTableSays() {
        const auto placed = placeReplicas(brokers({"", "", "", "", ""}), 10, 3, 0, 0);
        QCOMPARE(textOf(*placed), std::string{"0,1,2 1,2,3 2,3,4 3,4,0 4,0,1 0,2,3 1,3,4 2,4,0 3,0,1 4,1,2"});
    }

    void everyRackHoldsAReplica() {
        // Two brokers on each of three racks: the example of KIP-36 is dealt 0, 3, 1, 5, 4, 2.
        const std::vector<PlacementBroker> racked{{BrokerId{0}, "rack1"}, {BrokerId{1}, "rack3"},
                                                  {BrokerId{2}, "rack3"}, {BrokerId{3}, "rack2"},
                                                  {BrokerId{4}, "rack2"}, {BrokerId{5}, "rack1"}};
        for (std::uint32_t start = 0; start < 6; ++start) {
            const auto placed = placeReplicas(racked, 7, 3, start, start);
            QVERIFY(placed.has_value());
            for (const auto& replicas : *placed) {
                std::set<std::string> racks;
                for (const BrokerId id : replicas) {
                    racks.insert(racked[static_cast<std::size_t>(id.value)].rack);
                }
                QCOMPARE(racks.size(), 3U);
            }
        }
        const auto placed = placeReplicas(racked, 7, 3, 0, 0);
        QCOMPARE(textOf(*placed), std::string{"0,3,1 3,1,5 1,5,4 5,4,2 4,2,0 2,0,3 0,4,2"});
    }

    void replicasOfAPartitionStandOnDifferentBrokers() {
        for (std::uint32_t start = 0; start < 5; ++start) {
            for (std::uint32_t shift = 0; shift < 5; ++shift) {
                const auto placed = placeReplicas(brokers({"", "", "", "", ""}), 23, 4, start, shift);
                for (const auto& replicas : *placed) {
                    QCOMPARE((std::set<BrokerId>(replicas.begin(), replicas.end()).size()), 4U);
                }
            }
        }
    }

    void impossiblePlacementsAreRefused() {
        QCOMPARE(placeReplicas(brokers({"", ""}), 1, 3, 0, 0).error(), ErrorCode::InvalidReplicationFactor);
        QCOMPARE(placeReplicas(brokers({"", ""}), 1, 0, 0, 0).error(), ErrorCode::InvalidReplicationFactor);
        QCOMPARE(placeReplicas(brokers({"", ""}), 0, 1, 0, 0).error(), ErrorCode::InvalidPartitions);
        QCOMPARE(placeReplicas(brokers({"a", ""}), 1, 1, 0, 0).error(), ErrorCode::InvalidReplicaAssignment);
    }

    void anEpochEndsWhereTheNextBegins() {
        LeaderEpochs epochs;
        QVERIFY(epochs.assign(LeaderEpoch{2}, Offset{10}));
        QVERIFY(epochs.assign(LeaderEpoch{5}, Offset{30}));
        QVERIFY(!epochs.assign(LeaderEpoch{5}, Offset{40}));
        QVERIFY(!epochs.assign(LeaderEpoch{3}, Offset{40}));
        const auto end = [&](int epoch) { return textOf(epochs.endOf(LeaderEpoch{epoch}, Offset{50})); };
        QCOMPARE(end(5), std::string{"5@50"});
        QCOMPARE(end(4), std::string{"2@30"});
        QCOMPARE(end(2), std::string{"2@30"});
        QCOMPARE(end(1), std::string{"1@10"});
        QCOMPARE(end(6), std::string{"-1@-1"});
        QCOMPARE(end(-1), std::string{"-1@-1"});
    }

    void epochsAreCutWithTheLog() {
        LeaderEpochs epochs;
        epochs.assign(LeaderEpoch{0}, Offset{0});
        epochs.assign(LeaderEpoch{1}, Offset{10});
        epochs.assign(LeaderEpoch{2}, Offset{20});
        QVERIFY(epochs.truncateEnd(Offset{20}));
        QCOMPARE(epochs.latest().value, 1);
        QVERIFY(!epochs.truncateEnd(Offset{15}));
        QVERIFY(epochs.truncateStart(Offset{12}));
        QCOMPARE(epochs.entries().size(), 1U);
        QCOMPARE(epochs.entries().front().start.value, 12);
        QVERIFY(!epochs.truncateStart(Offset{12}));
    }

    void anEpochWithoutRecordsGivesWay() {
        LeaderEpochs epochs;
        epochs.assign(LeaderEpoch{0}, Offset{0});
        epochs.assign(LeaderEpoch{1}, Offset{10});
        epochs.assign(LeaderEpoch{2}, Offset{10});
        QCOMPARE(epochs.entries().size(), 2U);
        QCOMPARE(epochs.latest().value, 2);
    }

    void epochsComeBackFromTheirCheckpoint() {
        LeaderEpochs epochs;
        epochs.assign(LeaderEpoch{0}, Offset{0});
        epochs.assign(LeaderEpoch{7}, Offset{123456789012});
        QCOMPARE(epochs.toCheckpoint(), std::string{"0\n2\n0 0\n7 123456789012\n"});
        const auto back = LeaderEpochs::fromCheckpoint(epochs.toCheckpoint());
        QVERIFY(back.has_value());
        QVERIFY(back->entries() == epochs.entries());
        QVERIFY(!LeaderEpochs::fromCheckpoint("0\n2\n0 0\n7").has_value());
        QVERIFY(!LeaderEpochs::fromCheckpoint("").has_value());
    }

    void nodesSayWhatKafkaWrites() {
        QCOMPARE(
            znodes::writeTopic({{BrokerId{1}, BrokerId{2}}, {BrokerId{2}, BrokerId{3}}}),
            std::string{
                R"({"removing_replicas":{},"partitions":{"0":[1,2],"1":[2,3]},"adding_replicas":{},"version":3})"});
        QCOMPARE(textOf(znodes::readTopic(R"({"version":3,"partitions":{"1":[2,3],"0":[1,2]}})")),
                 std::string{"1,2 2,3"});
        PartitionState state;
        state.leader = BrokerId{2};
        state.leaderEpoch = LeaderEpoch{4};
        state.controllerEpoch = ControllerEpoch{3};
        state.isr = {BrokerId{2}, BrokerId{1}};
        const std::string text = znodes::writePartitionState(state);
        QCOMPARE(text, std::string{R"({"controller_epoch":3,"leader":2,"version":1,"leader_epoch":4,"isr":[2,1]})"});
        const auto back = znodes::readPartitionState(text);
        QVERIFY(back.has_value());
        QCOMPARE(back->leader.value, 2);
        QCOMPARE(toText(back->isr), std::string{"2,1"});
        QVERIFY(!znodes::readPartitionState("{").has_value());
        const auto broker = znodes::readBroker(BrokerId{7}, znodes::writeBroker({BrokerId{7}, "h1", 9093, "A"}, 5));
        QVERIFY(broker.has_value());
        QVERIFY((*broker == BrokerEndpoint{BrokerId{7}, "h1", 9093, "A"}));
        QVERIFY(!znodes::readBroker(BrokerId{7}, "nothing").has_value());
    }

    void onlyWhatChangedSinceALookIsTold() {
        ChangeList changes;
        for (int i = 0; i < 5; ++i) {
            changes.add();
        }
        QCOMPARE(changedSince(changes, 0), std::string{"43210"});
        const ChangeList::Stamp first = changes.stamp();
        QCOMPARE(changedSince(changes, first), std::string{});
        for (const std::uint32_t index : {2U, 0U, 2U, 2U, 4U}) {
            changes.note(index);
        }
        QCOMPARE(changedSince(changes, first), std::string{"420"});
        const ChangeList::Stamp second = changes.stamp();
        changes.note(0);
        changes.note(3);
        QCOMPARE(changedSince(changes, second), std::string{"30"});
        QCOMPARE(changedSince(changes, first), std::string{"3042"});
        QCOMPARE(changedSince(changes, 0), std::string{"30421"});
    }

    void theFirstOfManyMomentsIsAtHand() {
        DueTimes due;
        std::vector<SimTime> wanted(64, SimTime::max());
        due.resize(wanted.size());
        std::uint64_t state = 7;
        for (int step = 0; step < 5'000; ++step) {
            state = state * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
            const auto index = static_cast<std::size_t>(state >> 58U);
            const auto moment = static_cast<std::int64_t>((state >> 40U) & 0xFFFU);
            wanted[index] = moment < 1'000 ? SimTime::max() : SimTime{SimDuration{moment}};
            due.set(index, wanted[index]);
            QCOMPARE(due.first().time_since_epoch().count(),
                     std::min_element(wanted.begin(), wanted.end())->time_since_epoch().count());
        }
        for (SimTime before{}; due.first() != SimTime::max();) {
            const SimTime at = due.first();
            QVERIFY(before <= at);
            before = at;
            const std::uint32_t index = due.takeFirst();
            QCOMPARE(wanted[index].time_since_epoch().count(), at.time_since_epoch().count());
            wanted[index] = SimTime::max();
        }
        QVERIFY(std::all_of(wanted.begin(), wanted.end(), [](SimTime at) { return at == SimTime::max(); }));
    }

    // KIP-227: what gave records goes to the end; what sleeps is not read.
    void aFetchSessionReadsWhatIsAwakeInTurn() {
        FetchSession session(sim::ConnectionId{}, 1, BrokerId{2});
        for (std::int32_t partition = 0; partition < 4; ++partition) {
            session.add(static_cast<Slot>(10 + partition), asked(partition));
        }
        session.add(noSlot, asked(9));
        QCOMPARE(textOf(session.awake()), std::string{"0 1 2 3 9"});
        session.moveToEnd({session.find(11, asked(1).partition)});
        QCOMPARE(textOf(session.awake()), std::string{"0 2 3 9 1"});
        std::string slept;
        session.settle([](const FetchItem& item) { return item.slot == 11 || item.slot == 12; },
                       [&](const FetchItem& item) { slept += std::to_string(item.slot) + ' '; });
        QCOMPARE(slept, std::string{"11 12 "});
        QCOMPARE(textOf(session.awake()), std::string{"0 3 9"});
        QCOMPARE(textOf(session.all()), std::string{"0 2 3 9 1"});
        QVERIFY(session.findAsleep(13) == nullptr);
        session.wake(*session.findAsleep(11));
        QCOMPARE(textOf(session.awake()), std::string{"0 3 9 1"});
        session.remove(*session.find(10, asked(0).partition));
        session.remove(*session.find(noSlot, asked(9).partition));
        QCOMPARE(textOf(session.awake()), std::string{"3 1"});
        QVERIFY(!session.contains(10) && session.contains(12) && session.contains(13));
        QCOMPARE(textOf(session.all()), std::string{"2 3 1"});
    }

    void offsetsOfAFolderAreWrittenAndReadAsKafkaDoes() {
        const OffsetCheckpoint entries{{{TopicName("access"), PartitionIndex{11}}, Offset{40}},
                                       {{TopicName("b"), PartitionIndex{0}}, Offset{0}}};
        const std::string text = writeOffsetCheckpoint(entries);
        QCOMPARE(text, std::string{"0\n2\naccess 11 40\nb 0 0\n"});
        QVERIFY(readOffsetCheckpoint(text) == entries);
        QVERIFY(readOffsetCheckpoint("0\n1\nnothing\nb 0 0\n").size() == 1);
        QVERIFY(readOffsetCheckpoint(std::string_view{}).empty());
    }

    void figuresOfATopicAreTheSumsOfItsReplicas() {
        BrokerTopicStats stats;
        for (const char* topic : {"a", "a", "b", "a"}) {
            stats.addReplica(TopicName(topic));
        }
        const auto led = [](std::uint64_t records, ByteCount size) {
            ReplicaFigures figures;
            figures.recordsIn = records;
            figures.logSize = size;
            figures.led = 1;
            return figures;
        };
        stats.set(3, led(5, 500));
        stats.set(1, led(2, 200));
        stats.set(1, led(3, 100));  // retention has deleted a segment
        stats.set(2, led(0, 0));
        QCOMPARE(stats.topics().size(), 2U);
        QCOMPARE(stats.topics().front().first.text(), std::string{"a"});
        const ReplicaFigures& a = stats.topics().front().second;
        QCOMPARE(a.recordsIn, 8U);
        QCOMPARE(a.logSize, ByteCount{600});
        QCOMPARE(a.led, 2);
        QCOMPARE(stats.all().led, 3);
        QVERIFY((stats.measured() == std::vector<Slot>{1, 3}));
        stats.set(3, {});
        QCOMPARE(stats.topics().front().second.recordsIn, 3U);
    }
};

QTEST_APPLESS_MAIN(TestRules)
#include "tst_rules.moc"
