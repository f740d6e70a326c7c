#include <QTest>

#include <set>

#include "engine/kafka/broker/znodes.h"
#include "engine/kafka/controller/placement.h"
#include "engine/kafka/log/leader_epochs.h"

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
};

QTEST_APPLESS_MAIN(TestRules)
#include "tst_rules.moc"
