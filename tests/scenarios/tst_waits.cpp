#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <memory>

#include "engine/run/engine.h"
#include "engine/run/report_of.h"
#include "engine/run/story.h"
#include "engine/run/waiting_for.h"
#include "engine/run/waits.h"
#include "engine/scenario/scenario_reader.h"

using namespace millrace;

namespace {

SimTime at(double second) {
    return SimTime{fromSeconds(second)};
}

/// A shipped scenario with other faults than its own.
class Played {
public:
    Played(const QString& name, const QString& faults, std::vector<scenario::Setting> settings = {}) {
        const std::string file = "scenarios/" + name.toStdString() + ".json";
        if (name != QStringLiteral("first-steps") && name != QStringLiteral("word-count-batch")) {
            settings.push_back({"sinks.audit.path", m_folder.filePath(QStringLiteral("audit.db")).toStdString()});
        }
        if (!faults.isEmpty()) {
            settings.push_back({"faults", faults.toStdString()});
        }
        scenario::ScenarioReading reading = scenario::readScenarioFile({file, std::move(settings), {}});
        for (const std::string& complaint : reading.complaintTexts(file)) {
            qWarning("%s", complaint.c_str());
        }
        auto engine = run::Engine::open(std::move(*reading.scenario), {});
        m_engine = std::move(*engine);
    }

    void until(SimTime time) { m_engine->play({time, false, {}}); }
    const sim::World& world() const { return m_engine->world(); }
    const scenario::Scenario& scenario() const { return m_engine->scenario(); }
    run::SystemViews views() const { return run::describeSystems(m_engine->scenario(), world()); }

    /// What the object waits for, or a wait without an object.
    observe::WaitView waitOf(std::string_view object) const {
        for (const observe::WaitView& wait : run::describeWaits(world(), views())) {
            if (wait.object == object) {
                return wait;
            }
        }
        return {};
    }
    std::size_t waits() const { return run::describeWaits(world(), views()).size(); }
    std::string kindOf(std::uint64_t entry) const {
        const sim::JournalEntry* found = world().journal().find(sim::JournalId{static_cast<std::uint32_t>(entry)});
        return found == nullptr ? std::string{} : std::string{found->kind};
    }

private:
    QTemporaryDir m_folder;
    std::unique_ptr<run::Engine> m_engine;
};

bool says(const std::string& text, std::string_view part) {
    if (text.find(part) == std::string::npos) {
        qWarning("\"%s\" does not say \"%s\"", text.c_str(), std::string{part}.c_str());
        return false;
    }
    return true;
}

}  // namespace

class TestWaits : public QObject {
    Q_OBJECT

private slots:
    void aHealthyRunWaitsForNothing();
    void tuplesThatAreLostAndNeverFailAreNamed();
    void aSourceWaitsForADeadLeaderUntilItsSessionExpires();
    void aNewTopologyWaitsForNimbusAndItsSupervisors();
    void whatIsBehindAWaitGetsNothing();
    void aSpoutCannotReadWhatADeadBrokerLeads();
    void aBrokerThatIsBackWaitsForItsOldSession();
    void aBrokerThatIsBackSaysWhenItLeadsAgain();
    void aBrokerThatEndedByItselfSaysWhyAndWhatComes();
    void aTopicThatWasRefusedAndGroupsWithoutACoordinatorAreTold();
    void writersWaitForInSyncReplicas();
    void anEnsembleWithoutAQuorumSaysSo();
    void lostExecutorsWaitForNimbusAndItsPatience();
    void daemonsThatAreDownSayThatWorkGoesOn();
    void aLineThatCannotBeReadIsItsOwnReason();
    void aSinkThatRefusesNamesTheBoltsThatAskedForIt();
    void lagIsCountedFromWhereTheReadersAre();
    void topicsStayWhereNoBrokerLives();
    void aNameNodeInSafeModeSaysWhatItWaitsFor();
};

/// Time-outs are off, and a worker dies with tuples of the other one in it: they stay pending for ever.
void TestWaits::tuplesThatAreLostAndNeverFailAreNamed() {
    int told = 0;
    for (const char* worker : {"1", "2"}) {
        Played run(
            QStringLiteral("web-log-audit"),
            QStringLiteral(R"([{"at": "26s", "kind": "slow-disk", "target": "host:db", "factor": 1000, "for": "4s"},
                                      {"at": "28s", "kind": "crash", "target": "worker:audit/%1"}])")
                .arg(QLatin1String(worker)),
            {{"topologies.audit.config.topology.enable.message.timeouts", "false"},
             {"topologies.audit.config.topology.max.spout.pending", "20"}});
        run.until(at(200));
        for (const std::string& reason : run::waitingFor(run.scenario(), run.world(), run::Thoroughness::Everything)) {
            told += reason.find("are lost on their way and never fail") != std::string::npos &&
                            reason.find("topology.enable.message.timeouts is false") != std::string::npos
                        ? 1
                        : 0;
        }
    }
    QVERIFY(told > 0);
}

void TestWaits::aHealthyRunWaitsForNothing() {
    Played run(QStringLiteral("first-steps"), {});
    run.until(at(25));
    QCOMPARE(run.waits(), std::size_t{0});
}

void TestWaits::aSourceWaitsForADeadLeaderUntilItsSessionExpires() {
    Played run(QStringLiteral("broker-failover"), {});
    run.until(at(8));
    const observe::WaitView wait = run.waitOf("source:log");
    QVERIFY(wait.on.starts_with("broker:"));
    QCOMPARE(wait.brief, "waits for " + observe::titleOf(wait.on));
    QVERIFY(says(wait.text, "The oldest waits for"));
    QVERIFY(says(wait.text, "its session with ZooKeeper expires"));
    QVERIFY2(wait.until > at(8) && wait.until <= at(14), std::to_string(seconds(wait.until)).c_str());
    QCOMPARE(run.kindOf(wait.entry), std::string{"sim.fault-injected"});
    QVERIFY(run.views().sources.front().unacknowledged > 0);
    QVERIFY(says(run.waitOf("topic:access").text, "neither written nor read"));
    QVERIFY(says(run.waitOf(wait.on).brief, "counts as alive until"));

    // It ends when it says it ends.
    run.until(wait.until - std::chrono::milliseconds(100));
    QCOMPARE(run.waitOf("source:log").until, wait.until);
    // All that its card says it holds is named beside what waits for the broker, as the window writes numbers.
    const std::int64_t held = run.views().sources.front().unacknowledged;
    const std::string rest = std::to_string(held % 1000);
    const std::string number =
        held < 1000 ? rest : std::to_string(held / 1000) + "," + std::string(3 - rest.size(), '0') + rest;
    QVERIFY(says(run.waitOf("source:log").text, number + " held records wait for access-"));
    run.until(wait.until + std::chrono::milliseconds(1500));
    QVERIFY(run.waitOf("source:log").object.empty());
    QVERIFY(run.waitOf("topic:access").object.empty());
}

void TestWaits::aNewTopologyWaitsForNimbusAndItsSupervisors() {
    Played run(QStringLiteral("first-steps"), {});
    run.until(at(5));
    const std::string split = "bolt:" + run.views().storm.topologies.front().name + "/split";
    const observe::WaitView wait = run.waitOf(split);
    QCOMPARE(wait.brief, std::string{"waits for Nimbus"});
    QVERIFY2(wait.until > at(5) && wait.until < at(12), std::to_string(seconds(wait.until)).c_str());
    run.until(wait.until + std::chrono::milliseconds(900));
    const observe::ObjectId then = run.waitOf(split).on;
    QVERIFY2(then.starts_with("supervisor:") || then.starts_with("worker:"), then.c_str());
    run.until(wait.until + std::chrono::seconds(8));
    QVERIFY(run.waitOf(split).object.empty());
}

void TestWaits::whatIsBehindAWaitGetsNothing() {
    Played run(QStringLiteral("first-steps"), QStringLiteral(R"([{"at":"32s","kind":"crash","target":"broker:1"}])"));
    run.until(at(36));
    const std::string topology = run.views().storm.topologies.front().name;
    for (const char* bolt : {"split", "count", "keep"}) {
        const observe::WaitView wait = run.waitOf("bolt:" + topology + "/" + bolt);
        QCOMPARE(wait.brief, std::string{"gets nothing"});
        QVERIFY(says(wait.text, "broker 1 is down"));
        QCOMPARE(wait.on, std::string{"broker:1"});
    }
}

void TestWaits::aSpoutCannotReadWhatADeadBrokerLeads() {
    Played run(QStringLiteral("first-steps"), QStringLiteral(R"([{"at":"32s","kind":"crash","target":"broker:1"}])"));
    run.until(at(34));
    const std::string spout = "spout:" + run.views().storm.topologies.front().name + "/sentences";
    const observe::WaitView wait = run.waitOf(spout);
    QVERIFY(says(wait.text, "cannot be read"));
    QVERIFY(says(wait.brief, "cannot read"));
    QCOMPARE(wait.on, std::string{"broker:1"});
    run.until(wait.until + std::chrono::milliseconds(1500));
    QVERIFY(run.waitOf(spout).object.empty());
}

void TestWaits::aBrokerThatIsBackWaitsForItsOldSession() {
    Played run(QStringLiteral("broker-failover"),
               QStringLiteral(R"([{"at":"5s","kind":"crash","target":"broker:2","for":"2s"}])"));
    run.until(at(9));
    const observe::WaitView wait = run.waitOf("broker:2");
    QVERIFY(says(wait.brief, "ended by itself, starts again at"));
    QVERIFY(says(wait.text, "a start that finds its old node ends"));
    QCOMPARE(run.kindOf(wait.entry), std::string{"sim.process-ended"});
    run.until(wait.until + std::chrono::seconds(7));
    QVERIFY(run.waitOf("broker:2").on.empty());
}

void TestWaits::aBrokerThatIsBackSaysWhenItLeadsAgain() {
    const QString crash = QStringLiteral(R"([{"at":"5s","kind":"crash","target":"broker:2","for":"20s"}])");
    Played run(QStringLiteral("broker-failover"), crash,
               {{"cluster.config.leader.imbalance.check.interval.seconds", "60"}});
    run.until(at(50));
    const observe::WaitView wait = run.waitOf("broker:2");
    QVERIFY(says(wait.brief, "leads 0 of "));
    QVERIFY(says(wait.text, "at its next preferred leader election, at "));
    QVERIFY(wait.on.empty());  // nobody stands still for it
    QVERIFY(wait.until > at(50) && wait.until < at(111));
    run.until(wait.until + std::chrono::seconds(2));
    QVERIFY(run.waitOf("broker:2").object.empty());

    Played kept(QStringLiteral("broker-failover"), crash, {{"cluster.config.auto.leader.rebalance.enable", "false"}});
    kept.until(at(50));
    QVERIFY(says(kept.waitOf("broker:2").text, "keeps to that: auto.leader.rebalance.enable is false"));
    QVERIFY(kept.waitOf("broker:2").until == SimTime::max());
}

void TestWaits::aBrokerThatEndedByItselfSaysWhyAndWhatComes() {
    Played run(QStringLiteral("broker-failover"),
               QStringLiteral(R"([{"at":"5s","kind":"full-disk","target":"host:b2"}])"));
    run.until(at(20));
    const observe::WaitView wait = run.waitOf("broker:2");
    QVERIFY(says(wait.brief, "starts again at"));
    bool isTold = false;
    for (const std::string& reason : run::waitingFor(run.scenario(), run.world(), run::Thoroughness::Everything)) {
        isTold |= reason.find("which ended by itself") != std::string::npos &&
                  reason.find("The disk takes no more") != std::string::npos;
    }
    QVERIFY(isTold);
}

void TestWaits::aTopicThatWasRefusedAndGroupsWithoutACoordinatorAreTold() {
    const auto reasonsOf = [](const char* document) {
        const scenario::ScenarioReading reading = scenario::readScenario(document, {"s.json", {}, {}});
        auto engine = run::Engine::open(scenario::Scenario(*reading.scenario), {});
        (*engine)->play({at(30), false, {}});
        std::string all;
        for (const std::string& reason :
             run::waitingFor((*engine)->scenario(), (*engine)->world(), run::Thoroughness::Everything)) {
            all += reason + "\n";
        }
        return all;
    };
    const std::string racks = reasonsOf(R"({"millrace": 1, "hosts": {"z": {}, "a": {"rack": "A"}, "b": {}},
        "cluster": {"servers": {"zk1": {"host": "z"}}, "brokers": {"1": {"host": "a"}, "2": {"host": "b"}}},
        "topics": {"t": {}}, "sources": {"s": {"kind": "generator", "topic": "t", "rate": "10/s", "count": 10}}})");
    QVERIFY(says(racks, "topic t, which does not exist"));
    QVERIFY(says(racks, "some brokers have a rack and some have none"));
    const std::string offsets = reasonsOf(R"({"millrace": 1, "hosts": {"z": {}, "a": {}},
        "cluster": {"servers": {"zk1": {"host": "z"}}, "brokers": {"1": {"host": "a"}},
                    "config": {"offsets.topic.replication.factor": 3}},
        "topics": {"t": {}}, "sources": {"s": {"kind": "generator", "topic": "t", "rate": "10/s", "count": 10}},
        "clients": {"groups": {"g": {"topics": ["t"]}}}})");
    QVERIFY(says(offsets, "offsets.topic.replication.factor asks for 3 brokers and 1 is alive"));
}

void TestWaits::writersWaitForInSyncReplicas() {
    Played run(
        QStringLiteral("broker-failover"),
        QStringLiteral(
            R"([{"at":"5s","kind":"crash","target":"broker:2"},{"at":"5s","kind":"crash","target":"broker:3"}])"));
    run.until(at(18));
    const observe::WaitView wait = run.waitOf("source:log");
    QVERIFY(says(wait.text, "min.insync.replicas, 2"));
    QVERIFY(says(wait.brief, "waits for in-sync replicas"));
    QVERIFY2(wait.on == "broker:2" || wait.on == "broker:3", wait.on.c_str());
}

void TestWaits::anEnsembleWithoutAQuorumSaysSo() {
    Played run(
        QStringLiteral("broker-failover"),
        QStringLiteral(
            R"([{"at":"5s","kind":"crash","target":"server:zk1"},{"at":"5s","kind":"crash","target":"server:zk2"},
                                   {"at":"6s","kind":"crash","target":"broker:1"}])"));
    run.until(at(12));
    QVERIFY(says(run.waitOf("server:zk3").text, "2 of 3 servers must agree"));
    QVERIFY(says(run.waitOf("source:log").text, "ZooKeeper has no quorum"));
}

void TestWaits::lostExecutorsWaitForNimbusAndItsPatience() {
    Played run(QStringLiteral("supervisor-loss"), {});
    run.until(at(30));
    const auto lost = [&] {
        for (const observe::WaitView& wait : run::describeWaits(run.world(), run.views())) {
            if (wait.object.starts_with("bolt:") || wait.object.starts_with("spout:")) {
                return wait;
            }
        }
        return observe::WaitView{};
    };
    QVERIFY(says(lost().text, "Nimbus, which alone can assign its executors elsewhere, is down"));
    QVERIFY(says(lost().text, "has no power"));
    QVERIFY(lost().on.starts_with("worker:audit/"));
    QVERIFY(says(run.waitOf("nimbus").brief, "leaves topologies running"));
    run.until(at(60));
    const observe::WaitView wait = lost();
    QVERIFY(says(wait.text, "Nimbus counts its executors as alive until"));
    QVERIFY2(wait.until > at(60) && wait.until < at(160), std::to_string(seconds(wait.until)).c_str());
    // Its next round after that, every 10 s, and the start of a worker.
    run.until(wait.until + std::chrono::seconds(35));
    QVERIFY(lost().object.empty());
}

void TestWaits::daemonsThatAreDownSayThatWorkGoesOn() {
    Played run(
        QStringLiteral("supervisor-loss"),
        QStringLiteral(
            R"([{"at":"20s","kind":"crash","target":"supervisor:s1"},{"at":"20s","kind":"crash","target":"supervisor:s2"},
                                   {"at":"20s","kind":"crash","target":"supervisor:s3"}])"));
    run.until(at(21));
    int told = 0;
    for (const char* supervisor : {"supervisor:s1", "supervisor:s2", "supervisor:s3"}) {
        const observe::WaitView wait = run.waitOf(supervisor);
        told += wait.object.empty() ? 0 : 1;
        QVERIFY(wait.object.empty() || says(wait.text, "run on"));
    }
    QCOMPARE(told, 2);  // the topology has two workers
}

void TestWaits::aSinkThatRefusesNamesTheBoltsThatAskedForIt() {
    Played run(QStringLiteral("web-log-audit"),
               QStringLiteral(R"([{"at": "20s", "kind": "full-disk", "target": "host:db", "for": "3s"}])"));
    run.until(at(24));
    int told = 0;
    for (const observe::JournalEntryView& entry : run::describeJournal(run.world(), 1000).entries) {
        if (entry.kind != "ingest.sink-refused") {
            continue;
        }
        ++told;
        const bool namesABolt = std::any_of(entry.about.begin(), entry.about.end(),
                                            [](const observe::ObjectId& id) { return id.starts_with("bolt:audit/"); });
        QVERIFY2(namesABolt, entry.text.c_str());
    }
    QVERIFY(told > 0);
}

void TestWaits::aLineThatCannotBeReadIsItsOwnReason() {
    Played run(QStringLiteral("broker-failover"), {});
    run.until(at(25));
    int rejected = 0;
    for (const observe::JournalEntryView& entry : run::describeJournal(run.world(), 1000).entries) {
        if (entry.kind == "ingest.line-rejected") {
            ++rejected;
            QCOMPARE(entry.cause, std::uint64_t{0});
        }
    }
    QVERIFY(rejected > 0);
}

void TestWaits::lagIsCountedFromWhereTheReadersAre() {
    Played run(QStringLiteral("first-steps"), {});
    // Before the first commit of the spout, 30 s after it began: nothing is uncommitted that has a place to start from.
    run.until(at(25));
    const run::SystemViews early = run.views();
    QCOMPARE(early.cluster.groups.size(), std::size_t{1});
    QCOMPARE(early.cluster.groups.front().uncommitted, std::int64_t{0});
    QVERIFY(early.cluster.groups.front().offsets.front().position > 0);

    run.until(at(55));
    const run::SystemViews views = run.views();
    const observe::GroupView& group = views.cluster.groups.front();
    std::int64_t lag = 0;
    std::int64_t uncommitted = 0;
    for (const observe::GroupOffsetView& offset : group.offsets) {
        QVERIFY(offset.committed > 0);
        QVERIFY(offset.position >= offset.committed);
        lag += offset.lag;
        uncommitted += offset.uncommitted;
    }
    QCOMPARE(group.lag, lag);
    QCOMPARE(group.uncommitted, uncommitted);
    QVERIFY2(lag * 10 < uncommitted, "a spout that keeps up has read what it has not committed");
    QVERIFY(group.unreadTime < std::chrono::seconds(1));
}

/// What nobody serves now is there all the same: in ZooKeeper, and on the disks.
void TestWaits::topicsStayWhereNoBrokerLives() {
    QString faults;
    for (int broker = 1; broker <= 3; ++broker) {
        faults += QStringLiteral(R"(%1{"at": "20s", "kind": "crash", "target": "broker:%2"})")
                      .arg(broker > 1 ? QStringLiteral(", ") : QString())
                      .arg(broker);
    }
    Played run(QStringLiteral("broker-failover"), QLatin1Char('[') + faults + QLatin1Char(']'));
    run.until(SimTime(std::chrono::milliseconds{19'900}));
    const observe::ClusterView before = run.views().cluster;
    run.until(at(22));
    const observe::ClusterView cluster = run.views().cluster;
    QCOMPARE(cluster.topics.size(), before.topics.size());
    for (std::size_t i = 0; i < cluster.topics.size(); ++i) {
        QCOMPARE(cluster.topics[i].partitions.size(), before.topics[i].partitions.size());
        for (const observe::PartitionView& partition : cluster.topics[i].partitions) {
            QCOMPARE(partition.leader, -1);
            QVERIFY(partition.logEndOffset >=
                    before.topics[i].partitions[static_cast<std::size_t>(partition.partition)].highWatermark);
        }
    }
    QCOMPARE(cluster.groups.size(), before.groups.size());
}

/// Nothing begins without a NameNode, nor while it waits in safe mode for blocks that nobody reports.
void TestWaits::aNameNodeInSafeModeSaysWhatItWaitsFor() {
    Played run(QStringLiteral("word-count-batch"), QStringLiteral(R"([
        {"at": "1s", "kind": "power", "target": "host:n1"}, {"at": "1s", "kind": "power", "target": "host:n2"},
        {"at": "1s", "kind": "power", "target": "host:n3"}, {"at": "1s", "kind": "power", "target": "host:n4"},
        {"at": "1s", "kind": "power", "target": "host:n5"}, {"at": "1s", "kind": "power", "target": "host:n6"},
        {"at": "2s", "kind": "crash", "target": "namenode", "for": "5s"}])"),
               {{"jobs.word-count.submit_at", "4s"}});
    run.until(at(3));
    QCOMPARE(run.waits(), std::size_t{0});  // nobody has asked
    run.until(at(6));
    QCOMPARE(run.waitOf("job:word-count").on, observe::ObjectId{"namenode"});
    QVERIFY(says(run.waitOf("job:word-count").text, "the NameNode is down"));
    run.until(at(12));
    QVERIFY(says(run.waitOf("job:word-count").text, "the NameNode is in safe mode and writes nothing: 0 of "));
}

QTEST_GUILESS_MAIN(TestWaits)
#include "tst_waits.moc"
