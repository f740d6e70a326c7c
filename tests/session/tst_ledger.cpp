#include "engine/run/ledger.h"

#include <fmt/format.h>

#include <QtTest/QTest>
#include <set>

#include "engine/base/random.h"
#include "engine/run/session.h"
#include "tests/kafka/client_cluster.h"
#include "tests/sim/demo_actors.h"

using namespace millrace;
using namespace millrace::run;
using namespace std::chrono_literals;
using millrace::kafka::test::ClientCluster;

namespace {

SimTime at(double s) {
    return SimTime{fromSeconds(s)};
}

void plan(sim::World& world, sim::FaultKind kind, const std::string& target, double from, double lasting) {
    sim::FaultSpec fault;
    fault.kind = kind;
    fault.target = target;
    fault.duration = fromSeconds(lasting);
    world.scheduleFault(at(from), fault);
}

/// Everything that the books say, as one text.
std::string textOf(const Ledger& ledger) {
    std::string text;
    for (const SourceFigures& each : ledger.sources()) {
        text += fmt::format("{} sent {} acked {} stored {} doubled {} retried {} failed {} lost {} reordered {}\n",
                            each.source, each.sent, each.acked, each.stored, each.doubled, each.retried, each.failed,
                            each.ackedLost, each.reordered);
    }
    for (const Loss& loss : ledger.losses()) {
        text += fmt::format("{} {}-{} {} {}..{} {}\n", loss.producer, loss.topic, loss.partition, loss.records,
                            loss.from, loss.to, toText(loss.cause));
    }
    for (std::size_t rule = 0; rule < recordRuleCount; ++rule) {
        const RuleStatus& status = ledger.status(static_cast<RecordRule>(rule));
        text += fmt::format("{} {}\n", status.checked, status.first ? status.first->second : "holds");
    }
    return text;
}

std::int64_t lostRecords(const Ledger& ledger) {
    std::int64_t sum = 0;
    for (const Loss& loss : ledger.losses()) {
        sum += loss.records;
    }
    return sum;
}

/// Positions of all that was read from the source and stands in no leader's log.
std::int64_t missing(ClientCluster& cluster, const sim::World& world, int lines) {
    cluster.world = world;
    return lines - static_cast<std::int64_t>(cluster.positions().size());
}

}  // namespace

class TestLedger : public QObject {
    Q_OBJECT

private slots:
    void aSetOfPositionsIsASet() {
        RandomStream random(1, "set");
        PositionSet set;
        std::set<std::int64_t> model;
        for (int i = 0; i < 60'000; ++i) {
            const auto position = static_cast<std::int64_t>(random.below(20'000));
            if (random.below(4) == 0) {
                QCOMPARE(set.erase(position), model.erase(position) > 0);
            } else {
                QCOMPARE(set.mark(position), model.insert(position).second);
            }
        }
        QCOMPARE(set.count(), static_cast<std::int64_t>(model.size()));
        std::int64_t counted = 0;
        for (const auto& [from, to] : set.ranges(100'000)) {
            QVERIFY(model.contains(from) && model.contains(to - 1) && !model.contains(to));
            counted += to - from;
        }
        QCOMPARE(counted, set.count());
        for (std::int64_t position = 0; position < 20'000; ++position) {
            set.mark(position);
        }
        const PositionSet before = set;
        QVERIFY(set.erase(5000) && !set.contains(5000) && set.contains(4999) && before.contains(5000));
        QVERIFY(!set.mark(4999) && set.mark(5000));
        PositionSet third;
        for (std::int64_t position = 1; position < 30'000; position += 3) {
            third.mark(position);
        }
        std::int64_t common = 0;
        for (std::int64_t position = 0; position < 30'000; ++position) {
            common += set.contains(position) && third.contains(position) ? 1 : 0;
        }
        QCOMPARE(third.countIn(set), common);
        QCOMPARE(set.countIn(third), common);
        QCOMPARE(set.countIn(set), set.count());
    }

    void stretchesFoldAndAreCut() {
        RandomStream random(2, "stretches");
        Stretches stretches;
        std::set<std::int64_t> model;
        for (int i = 0; i < 2000; ++i) {
            const auto from = static_cast<std::int64_t>(random.below(5000));
            const auto to = from + 1 + static_cast<std::int64_t>(random.below(5));
            stretches.add(from, to);
            for (std::int64_t each = from; each < to; ++each) {
                model.insert(each);
            }
        }
        QCOMPARE(stretches.count(), static_cast<std::int64_t>(model.size()));
        for (std::int64_t each = 0; each < 5010; ++each) {
            QCOMPARE(stretches.contains(each), model.contains(each));
        }
        std::int64_t gone = 0;
        for (const auto& [from, to] : stretches.cut(2500)) {
            gone += to - from;
        }
        QCOMPARE(gone, static_cast<std::int64_t>(std::distance(model.lower_bound(2500), model.end())));
        QVERIFY(stretches.end() <= 2500);
        stretches.dropBelow(1000);
        for (std::int64_t each = 1000; each < 2500; ++each) {
            QCOMPARE(stretches.contains(each), model.contains(each));
        }
        QVERIFY(stretches.all().front().second > 1000);
    }

    void whatAReplacedLeaderAcknowledgesForAllIsABrokenPromise_data() {
        QTest::addColumn<bool>("isForAll");
        QTest::addRow("acks=all") << true;
        QTest::addRow("acks=1") << false;
    }
    void whatAReplacedLeaderAcknowledgesForAllIsABrokenPromise() {
        using namespace kafka;
        QFETCH(bool, isForAll);
        sim::World world;
        const sim::ProcessId process =
            world.addProcess(world.addHost(sim::HostSpec{.name = "a"}),
                             makeRef<sim::demo::DemoBlueprint>("p", [](sim::Context&, const auto&) {}));
        auto sender = makeRef<SenderIdentity>();
        sender->producer = sender->source = "log";
        sender->topic = TopicName{"t"};
        sender->acks = isForAll ? Acks::All : Acks::Leader;
        const TopicPartition partition{TopicName{"t"}, PartitionIndex{0}};
        RecordBatchBuilder builder;
        builder.append(1, std::nullopt, "value", {{"mr.source", "log"}, {"mr.position", "0"}});
        const BatchRef batch = builder.build();
        const auto leads = [&](std::int32_t epoch) {
            auto begun = makeRef<LeaderBegun>();
            begun->partition = partition;
            begun->epoch = LeaderEpoch{epoch};
            begun->epochs = {{LeaderEpoch{epoch}, Offset{0}}};
            begun->start = begun->end = Offset{0};
            return begun;
        };
        Ledger ledger;
        const auto tell = [&](Ref<const sim::Fact> fact) {
            const std::vector<sim::ToldFact> told{{at(1), process, 1, std::move(fact)}};
            ledger.take(world, told, {});
        };
        tell(makeRef<SenderStarted>(sender, 0));
        tell(leads(1));
        tell(makeRef<BatchClosed>(sender, batch, 0, 1, 0, false));
        tell(makeRef<BatchAppended>(partition, batch->rebased(Offset{0}, LeaderEpoch{1}), 2));
        tell(leads(2));  // without it
        tell(makeRef<BatchAcked>(sender, batch, 0, Offset{0}));
        QCOMPARE(ledger.losses().size(), std::size_t{1});
        QCOMPARE(ledger.losses()[0].wasPromised, isForAll);
        QCOMPARE(ledger.status(RecordRule::AcknowledgedIsStored).first.has_value(), isForAll);
    }

    void withoutAFaultEachPositionIsSentStoredAcknowledgedAndRead() {
        ClientCluster cluster(1);
        cluster.addProducer(2000, 400);
        cluster.addMember("a");
        Session session(cluster.world);
        QVERIFY(session.advance(at(15)));
        const std::vector<SourceFigures> sources = session.ledger().sources();
        QCOMPARE(sources.size(), std::size_t{1});
        QCOMPARE(sources[0].source, std::string{"log"});
        QCOMPARE(sources[0].sent, 2000);
        QCOMPARE(sources[0].acked, 2000);
        QCOMPARE(sources[0].stored, 2000);
        QCOMPARE(sources[0].doubled + sources[0].retried + sources[0].failed + sources[0].ackedLost, 0);
        QVERIFY(session.ledger().losses().empty());
        for (std::size_t rule = 0; rule < recordRuleCount; ++rule) {
            QVERIFY(!session.ledger().status(static_cast<RecordRule>(rule)).first);
        }
        QVERIFY(session.ledger().status(RecordRule::DeliveredOnce).checked > 100);
        // Where the books say that a record stands, it stands.
        cluster.world = session.world();
        for (const std::int64_t position : {0, 17, 1234, 1999}) {
            const auto places = session.ledger().placesOf("log", position);
            QCOMPARE(places.size(), std::size_t{1});
            const kafka::Partition* leads = cluster.leaderOf(places[0].topic, places[0].partition);
            kafka::Batches batches;
            leads->log.read(kafka::Offset{places[0].offset}, leads->log.end(), 1, true, batches);
            std::string found;
            for (const kafka::RecordView& record : batches.at(0)->records()) {
                if (record.offset.value == places[0].offset) {
                    found = std::string{record.header("mr.position").value()};
                }
            }
            QCOMPARE(found, std::to_string(position));
        }
    }

    void rewindsAndForksCountNothingTwiceAndLoseNothing() {
        ClientCluster cluster(2);
        cluster.addProducer(4000, 400);
        cluster.addMember("a");
        cluster.crash("process:broker/1", 8, 4);
        Session session(cluster.world, {}, {.checkpointSeconds = 0, .checkpointEventsMin = 2000});
        std::vector<std::string> texts;
        for (const double time : {7.0, 9.5, 14.0}) {
            QVERIFY(session.advance(at(time)));
            texts.push_back(textOf(session.ledger()));
        }
        QVERIFY(session.seek(at(9.5)));
        QCOMPARE(textOf(session.ledger()), texts[1]);
        QVERIFY(session.seek(at(7)));
        QCOMPARE(textOf(session.ledger()), texts[0]);
        QVERIFY(session.advance(at(14)));
        QCOMPARE(textOf(session.ledger()), texts[2]);
        QVERIFY(session.seek(at(9.5)));
        QVERIFY(session.seekToFurthest());
        QCOMPARE(textOf(session.ledger()), texts[2]);
        // A branch goes on from what its past had been.
        class Nothing final : public sim::Input {
            void apply(sim::World&) const override {}
            void digest(Digest& digest) const override { digest.add(1); }
            [[nodiscard]] std::string summary() const override { return "nothing"; }
        };
        QVERIFY(session.seek(at(9.5)));
        QVERIFY(session.inject(makeRef<Nothing>()));
        QCOMPARE(textOf(session.ledger()), texts[1]);
        QVERIFY(session.advance(at(14)));
        QCOMPARE(textOf(session.ledger()), texts[2]);
        QVERIFY(session.undoInput(0));
        QCOMPARE(textOf(session.ledger()), texts[1]);
        session.switchTo(0);
        QCOMPARE(textOf(session.ledger()), texts[2]);
    }

    void theBooksChangeNothing() {
        ClientCluster cluster(3);
        cluster.addProducer(1000, 300);
        cluster.addMember("a");
        sim::World unwatched = cluster.world;
        unwatched.run(at(12));
        Session session(cluster.world);
        QVERIFY(session.advance(at(12)));
        QCOMPARE(session.world().fingerprint(), unwatched.fingerprint());
    }

    /// acks = 1 at a leader that dies with a tail that nobody has.
    void whatOnlyTheLeaderHadIsLostToAcks() {
        ClientCluster cluster(4, 1);
        kafka::ProducerConfig producer;
        producer.acks = kafka::Acks::Leader;
        cluster.addProducer(6000, 600, producer);
        for (const char* link : {"link:b1-b2", "link:b1-b3", "link:b2-b3"}) {
            plan(cluster.world, sim::FaultKind::Cut, link, 9, 1.5);
        }
        cluster.crash("process:broker/1", 10, 15);
        Session session(cluster.world);
        QVERIFY(session.advance(at(45)));
        const std::int64_t gone = missing(cluster, session.world(), 6000);
        QVERIFY(gone > 0);
        QCOMPARE(lostRecords(session.ledger()), gone);
        QCOMPARE(session.ledger().sources()[0].ackedLost, gone);
        for (const Loss& loss : session.ledger().losses()) {
            QCOMPARE(loss.cause, LossCause::Acks);
            QVERIFY(!loss.wasPromised);
            QCOMPARE(loss.to - loss.from + 1, loss.records);
        }
        QVERIFY(!session.ledger().status(RecordRule::AcknowledgedIsStored).first);
    }

    /// One replica, and its host loses what was not flushed.
    void whatWasNotFlushedIsLostToThePower() {
        ClientCluster cluster(5, 1, [](kafka::BrokerConfig& config) { config.defaultReplicationFactor = 1; });
        cluster.addProducer(6000, 600);
        plan(cluster.world, sim::FaultKind::Power, "host:b2", 12, 3);
        Session session(cluster.world);
        QVERIFY(session.advance(at(45)));
        const std::int64_t gone = missing(cluster, session.world(), 6000);
        QVERIFY(gone > 0);
        QCOMPARE(lostRecords(session.ledger()), gone);
        for (const Loss& loss : session.ledger().losses()) {
            QCOMPARE(loss.cause, LossCause::PowerLoss);
            QVERIFY(!loss.wasPromised);
        }
    }

    /// The leader alone is in sync and dies; a follower that lags takes over.
    void whatAnUncleanLeaderDoesNotHaveIsLostToTheElection() {
        ClientCluster cluster(6, 1, [](kafka::BrokerConfig& config) {
            config.uncleanLeaderElection = true;
            config.replicaLagTimeMax = 2s;
        });
        cluster.addProducer(9000, 600);
        // Only one who can reach the controller leaves the others behind: itself.
        ClientCluster probe = cluster;
        probe.runTo(7);
        const std::string controller{probe.journal("kafka.controller-elected").back()->field("broker")};
        for (const std::string other : {"1", "2", "3"}) {
            if (other != controller) {
                plan(cluster.world, sim::FaultKind::Cut, "link:b" + controller + "-b" + other, 8, 20);
            }
        }
        cluster.crash("process:broker/" + controller, 16, 20);
        Session session(cluster.world);
        QVERIFY(session.advance(at(70)));
        const std::int64_t gone = missing(cluster, session.world(), 9000);
        QVERIFY(gone > 0);
        QCOMPARE(lostRecords(session.ledger()), gone);
        QCOMPARE(session.ledger().sources()[0].ackedLost, gone);
        for (const Loss& loss : session.ledger().losses()) {
            QCOMPARE(loss.cause, LossCause::UncleanElection);
            QCOMPARE(loss.producer, std::string{"log"});
        }
    }

    void whatIsGivenUpIsCountedWithItsReason() {
        ClientCluster cluster(7, 3);
        kafka::ProducerConfig producer;
        producer.deliveryTimeout = 3s;
        producer.client.links.requestTimeout = 1s;
        cluster.addProducer(4000, 400, producer);
        cluster.crash("process:broker/1", 7, 30);
        Session session(cluster.world);
        QVERIFY(session.advance(at(35)));
        const SourceFigures figures = session.ledger().sources()[0];
        QVERIFY(figures.failed > 0);
        std::int64_t sum = 0;
        for (const GivenUp& each : figures.givenUp) {
            QVERIFY(!each.reason.empty() && each.first <= each.last);
            sum += each.records;
        }
        QCOMPARE(sum, figures.failed);
        QVERIFY(figures.givenUp.size() < 6);
    }
};

QTEST_APPLESS_MAIN(TestLedger)
#include "tst_ledger.moc"
