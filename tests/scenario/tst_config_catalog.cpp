#include "engine/scenario/sections/kafka/kafka_config.h"  // before Qt, whose keyword `slots` is a name in there
#include "engine/scenario/sections/storm/storm_config.h"
#include "engine/scenario/sections/zookeeper/server_config.h"

#include <fmt/format.h>

#include <QTest>
#include <set>

#include "engine/hadoop/settings.h"
#include "engine/scenario/catalog/config_catalog.h"
#include "engine/scenario/nearest.h"
#include "engine/scenario/scenario_reader.h"
#include "engine/scenario/sections/hadoop/collections.h"
#include "engine/scenario/sections/hadoop/hadoop_config.h"
#include "engine/scenario/sections/kafka/collections.h"
#include "engine/scenario/sections/storm/collections.h"
#include "engine/scenario/sections/zookeeper/collections.h"
#include "engine/scenario/shape/shape.h"

using namespace millrace;
using namespace millrace::scenario;

namespace {

const std::vector<ConfigScope> allScopes = {brokerScope,   topicScope,     producerScope,
                                            consumerScope, zooKeeperScope, stormScope};

}  // namespace

class TestConfigCatalog : public QObject {
    Q_OBJECT

private slots:
    void theCourseProfileSaysWhatItChanges() {
        const Field* profile = fieldAt({"cluster", "profile"});
        QVERIFY(profile != nullptr);
        for (const ConfigScope scope : {brokerScope, topicScope, producerScope, consumerScope}) {
            for (const ConfigKey& key : configKeys(scope)) {
                const std::string said = std::string(key.name) + " " + std::string(key.courseText);
                QVERIFY2(key.courseText.empty() || profile->help.find(said) != std::string_view::npos, said.c_str());
            }
        }
    }

    void everyKeyIsNamedOnceAndExplained() {
        for (const ConfigScope scope : allScopes) {
            std::set<std::string_view> names;
            for (const ConfigKey& key : configKeys(scope)) {
                QVERIFY2(names.insert(key.name).second, std::string(key.name).c_str());
                QVERIFY2(key.help.size() > 10, std::string(key.name).c_str());
            }
        }
        QVERIFY(configKeys(brokerScope).size() > 300);
        QVERIFY(configKeys(stormScope).size() > 400);
    }

    void everyDefaultIsALegalValueOfItsKey() {
        for (const ConfigScope scope : allScopes) {
            for (const ConfigKey& key : configKeys(scope)) {
                for (const std::string_view value : {key.defaultText, key.courseText}) {
                    const auto trouble = value.empty() ? std::nullopt : troubleWith(key, value);
                    QVERIFY2(!trouble, (std::string(key.name) + ": " + trouble.value_or("")).c_str());
                }
            }
        }
    }

    void defaultsAreThoseOfTheReleases() {
        const Settings broker(brokerScope, Profile::Current);
        QCOMPARE(broker.duration("zookeeper.session.timeout.ms"), SimDuration(std::chrono::seconds(18)));
        QCOMPARE(broker.flag("unclean.leader.election.enable"), false);
        QCOMPARE(broker.integer("replica.lag.time.max.ms"), 30000);
        const Settings producer(producerScope, Profile::Current);
        QCOMPARE(producer.text("acks"), std::string("all"));
        QCOMPARE(producer.integer("batch.size"), 16384);
        QCOMPARE(producer.integer("linger.ms"), 0);
        const Settings consumer(consumerScope, Profile::Current);
        QCOMPARE(consumer.duration("session.timeout.ms"), SimDuration(std::chrono::seconds(45)));
        QCOMPARE(consumer.text("auto.offset.reset"), std::string("latest"));
        const Settings storm(stormScope, Profile::Current);
        QCOMPARE(storm.duration("nimbus.monitor.freq.secs"), SimDuration(std::chrono::seconds(10)));
        QCOMPARE(storm.integer("topology.message.timeout.secs"), 30);
        QCOMPARE(storm.integer("supervisor.worker.heartbeats.max.timeout.secs"), 600);
        QVERIFY(!storm.optionalInteger("topology.max.spout.pending"));
        QCOMPARE(Settings(zooKeeperScope, Profile::Current).integer("tickTime"), 2000);
    }

    void courseProfileSelectsTheOlderValues() {
        const Settings broker(brokerScope, Profile::Course);
        QCOMPARE(broker.integer("zookeeper.session.timeout.ms"), 6000);
        QCOMPARE(broker.flag("unclean.leader.election.enable"), true);
        QCOMPARE(Settings(consumerScope, Profile::Course).integer("fetch.max.wait.ms"), 100);
    }

    void idempotenceIsOffUntilItIsModelled() {
        const ConfigKey* key = findConfigKey(producerScope, "enable.idempotence");
        QVERIFY(key != nullptr);
        QCOMPARE(key->defaultText, std::string_view("false"));
        QCOMPARE(key->modelling, Modelling::ChangesResults);
    }

    void valuesOutsideOfTypeRangeOrChoicesAreTold() {
        const auto troubleOf = [](ConfigScope scope, std::string_view key, std::string_view value) {
            return troubleWith(*findConfigKey(scope, key), value).value_or("none");
        };
        QCOMPARE(troubleOf(producerScope, "acks", "2"), std::string("\"2\" is not one of all, -1, 0, 1"));
        QCOMPARE(troubleOf(producerScope, "acks", "1"), std::string("none"));
        QCOMPARE(troubleOf(topicScope, "min.insync.replicas", "0"),
                 std::string("0 is less than 1, the least that min.insync.replicas takes"));
        QCOMPARE(troubleOf(brokerScope, "num.partitions", "six"), std::string("\"six\" is not a whole number"));
        QCOMPARE(troubleOf(brokerScope, "auto.create.topics.enable", "yes"),
                 std::string("\"yes\" is neither true nor false"));
    }

    void valuesOfEveryEnumeratedKeyAreCheckedAndTheAllowedOnesNamed() {
        int enumerated = 0;
        for (const ConfigScope scope : allScopes) {
            for (const ConfigKey& key : configKeys(scope)) {
                if (key.choices.empty()) {
                    continue;
                }
                ++enumerated;
                const std::string trouble = troubleWith(key, "xyzzy").value_or("none");
                for (const QString& choice : QString::fromUtf8(key.choices.data(), static_cast<int>(key.choices.size()))
                                                 .split(QLatin1Char('|'))) {
                    QVERIFY2(trouble.find(choice.toStdString()) != std::string::npos,
                             (std::string(key.name) + ": " + trouble).c_str());
                }
                for (const std::string_view choice : acceptedChoices(key)) {
                    QVERIFY2(!troubleWith(key, choice), std::string(key.name).c_str());
                }
            }
        }
        QVERIFY(enumerated > 30);
    }

    void aValueThatIsKnownAndNotModelledIsToldApartFromNonsense_data() {
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("trouble");
        const QByteArray assignor("partition.assignment.strategy");
        const QByteArray classes("org.apache.kafka.clients.consumer.");
        QTest::newRow("range") << assignor << classes + "RangeAssignor" << QByteArray("none");
        QTest::newRow("range first") << assignor << classes + "RangeAssignor, class " + classes + "StickyAssignor"
                                     << QByteArray("none");
        QTest::newRow("sticky") << assignor << classes + "CooperativeStickyAssignor"
                                << QByteArray("not modelled yet and would change results");
        QTest::newRow("sticky first") << assignor << classes + "StickyAssignor," + classes + "RangeAssignor"
                                      << QByteArray("not modelled yet and would change results");
        QTest::newRow("nonsense") << assignor << QByteArray("xyzzy") << QByteArray("is not one of " + classes);
        QTest::newRow("nonsense second") << assignor << classes + "RangeAssignor,xyzzy"
                                         << QByteArray("\"xyzzy\" is not one of " + classes);
        QTest::newRow("zstd") << QByteArray("compression.type") << QByteArray("zstd")
                              << QByteArray("not modelled yet and would change results; it can be here: none, lz4");
    }
    void aValueThatIsKnownAndNotModelledIsToldApartFromNonsense() {
        QFETCH(QByteArray, key);
        QFETCH(QByteArray, value);
        QFETCH(QByteArray, trouble);
        const ConfigScope scope = key == "compression.type" ? producerScope : consumerScope;
        const std::string told =
            troubleWith(*findConfigKey(scope, key.toStdString()), value.toStdString()).value_or("none");
        QVERIFY2(told.find(trouble.toStdString()) != std::string::npos, told.c_str());
    }

    void aStandInIsNobodysDefault() {
        for (const std::string_view name : {"enable.idempotence", "partitioner.class"}) {
            const ConfigKey& key = *findConfigKey(producerScope, name);
            QVERIFY(!key.standIn.empty());
            QVERIFY(!key.realDefault.empty());
            QVERIFY(key.help.find("default is false") == std::string_view::npos);
        }
        const std::string schema = scenarioSchemaText();
        const std::size_t at = schema.find("\"enable.idempotence\"");
        const std::string entry = schema.substr(at, schema.find('}', at) - at);
        QVERIFY2(entry.find("x-stand-in") != std::string::npos, entry.c_str());
        QVERIFY2(entry.find("\"default\"") == std::string::npos, entry.c_str());
    }

    void whatRunsInsteadOfASettingIsToldAndNotCalledItsDefault_data() {
        QTest::addColumn<std::string>("scope");
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("real");
        const auto row = [](ConfigScope scope, const char* name, const char* real) {
            QTest::newRow(name) << std::string(scope.name) << QByteArray(name) << QByteArray(real);
        };
        row(brokerScope, "num.io.threads", "8");
        row(brokerScope, "num.network.threads", "3");
        row(brokerScope, "queued.max.requests", "500");
        row(brokerScope, "log.cleaner.enable", "true");
        row(brokerScope, "connections.max.idle.ms", "600000");
        row(producerScope, "partitioner.adaptive.partitioning.enable", "true");
    }
    void whatRunsInsteadOfASettingIsToldAndNotCalledItsDefault() {
        QFETCH(std::string, scope);
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, real);
        const ConfigKey& key = *findConfigKey(ConfigScope{scope}, name.toStdString());
        QVERIFY(!key.standIn.empty());
        QCOMPARE(std::string(key.realDefault), real.toStdString());
        const auto complaintWith = [&](const char* value) {
            const std::string config = fmt::format(R"("config": {{"{}": {}}})", key.name, value);
            const bool isBroker = ConfigScope{scope} == brokerScope;
            const ScenarioReading reading = readScenario(
                fmt::format(R"({{"millrace": 1, "hosts": {{"z": {{}}, "b": {{}}}},
"cluster": {{"coordination": "zookeeper", "servers": {{"z": {{"host": "z"}}}}, "brokers": {{"1": {{"host": "b"}}}}{}}},
"topics": {{"t": {{"partitions": 1}}}},
"sources": {{"s": {{"kind": "generator", "topic": "t", "rate": "1/s", "size": "10B", "count": 1{}}}}}}})",
                            isBroker ? ", " + config : std::string(), isBroker ? std::string() : ", " + config),
                {"s.json", {}, {}});
            for (const Complaint& complaint : reading.complaints.all()) {
                if (complaint.field.ends_with(key.name)) {
                    return complaint.message;
                }
            }
            return std::string();
        };
        const std::string other = complaintWith(real == "true" ? "false" : "12345");
        QVERIFY2(other.find(key.standIn) != std::string::npos, other.c_str());
        QVERIFY2(other.find("default") == std::string::npos, other.c_str());
        const std::string same = complaintWith(real.constData());
        QVERIFY2(same.find(key.standIn) != std::string::npos, same.c_str());
        QVERIFY2(same.find("changes nothing") == std::string::npos, same.c_str());
    }

    void noModelledKeyOfAClientIsUnread() {
        const auto expectRead = [](ConfigScope scope, const std::set<std::string, std::less<>>& read) {
            for (const ConfigKey& key : configKeys(scope)) {
                QVERIFY2(key.modelling != Modelling::Modelled || read.contains(key.name),
                         (std::string(key.name) + " is said to be modelled, and nobody reads it").c_str());
            }
        };
        std::set<std::string, std::less<>> ofProducer;
        ProducerPlan producer;
        producer.config = Settings(producerScope, Profile::Current);
        producer.config.noteReads(ofProducer);
        (void)producerConfig(producer, {});
        expectRead(producerScope, ofProducer);

        std::set<std::string, std::less<>> ofConsumer;
        GroupPlan group;
        group.config = Settings(consumerScope, Profile::Current);
        group.config.noteReads(ofConsumer);
        (void)groupMemberConfig(group, "1", {});
        expectRead(consumerScope, ofConsumer);
    }

    void noModelledKeyOfAServerIsUnread() {
        const auto expectRead = [](ConfigScope scope, const std::set<std::string, std::less<>>& read) {
            for (const ConfigKey& key : configKeys(scope)) {
                QVERIFY2(key.modelling != Modelling::Modelled || read.contains(key.name),
                         (std::string(key.name) + " is said to be modelled, and nobody reads it").c_str());
            }
        };
        std::set<std::string, std::less<>> ofBroker;
        BrokerPlan broker;
        broker.config = Settings(brokerScope, Profile::Current);
        broker.config.set("broker.rack", "A");
        broker.config.set("log.flush.interval.ms", "1000");
        broker.config.noteReads(ofBroker);
        (void)brokerConfig(broker, {}, {}, sim::Port{9092}, {}, 3);
        broker.config.set("log.roll.ms", "1000");
        (void)brokerConfig(broker, {}, {}, sim::Port{9092}, {}, 3);
        // The limits of what comes in over the machine's own sockets are read where the door is: by `serve`.
        ofBroker.insert(
            {"max.connections", "max.connections.per.ip", "queued.max.request.bytes", "socket.request.max.bytes"});
        // Whether a broker may have its number is judged with the document.
        ofBroker.insert({"broker.id.generation.enable", "reserved.broker.max.id"});
        expectRead(brokerScope, ofBroker);

        std::set<std::string, std::less<>> ofServer;
        Settings server(zooKeeperScope, Profile::Current);
        server.noteReads(ofServer);
        zookeeper::EnsembleConfig ensemble;
        applyOwnSettings(ensemble, server);
        expectRead(zooKeeperScope, ofServer);

        for (const ConfigKey& key : configKeys(topicScope)) {
            const std::string value = key.type == ConfigType::Flag   ? "true"
                                      : key.type == ConfigType::Text ? "LogAppendTime"
                                                                     : "1048576";
            const kafka::TopicConfig topic = kafka::topicConfigFrom({{std::string(key.name), value}});
            const bool isRead = topic.minInsyncReplicas || topic.uncleanLeaderElection || topic.segmentBytes ||
                                topic.segmentAge || topic.retentionBytes || topic.retentionAge ||
                                topic.maxMessageBytes || topic.logAppendTime;
            QVERIFY2(key.modelling != Modelling::Modelled || isRead, std::string(key.name).c_str());
        }
    }

    void noModelledKeyOfStormIsUnread() {
        std::set<std::string, std::less<>> read;
        Settings daemons(stormScope, Profile::Current);
        daemons.noteReads(read);
        (void)stormConfig({}, daemons, {});
        TopologyPlan topology;
        topology.config = Settings(stormScope, Profile::Current);
        topology.config.set("topology.worker.timeout.secs", "7");
        topology.config.noteReads(read);
        (void)topologyConfig(topology);
        // These say how many there are of something, and are read with the document: by what becomes of them.
        const ScenarioReading reading = readScenario(R"({"millrace": 1, "hosts": {"h": {}},
            "cluster": {"servers": {"zk1": {"host": "h"}}, "brokers": {"1": {"host": "h"}}},
            "topics": {"t": {"partitions": 1}},
            "storm": {"nimbus": {"host": "h"}, "supervisors": {"s1": {"host": "h", "slots": 3}}},
            "topologies": {"a": {"config": {"topology.workers": 3, "topology.tasks": 5, "topology.tick.tuple.freq.secs": 4},
                "spouts": {"lines": {"kind": "kafka", "topic": "t"}},
                "bolts": {"words": {"kind": "split", "field": "value", "inputs": [{"from": "lines"}]}}}}})",
                                                     {"s.json", {}, {}});
        QVERIFY(reading.scenario);
        const TopologyPlan& plan = reading.scenario->topologies.front();
        read.insert(plan.workers == 3 ? "topology.workers" : "");
        read.insert(plan.spouts.front().tasks == 5 && plan.bolts.front().tasks == 5 ? "topology.tasks" : "");
        read.insert(plan.bolts.front().tickEvery == std::chrono::seconds(4) ? "topology.tick.tuple.freq.secs" : "");
        for (const ConfigKey& key : configKeys(stormScope)) {
            QVERIFY2(key.modelling != Modelling::Modelled || read.contains(key.name),
                     (std::string(key.name) + " is said to be modelled, and nobody reads it").c_str());
        }
    }

    void noModelledKeyOfHadoopIsUnread() {
        std::set<std::string, std::less<>> read;
        Settings settings(hadoopScope, Profile::Current);
        settings.noteReads(read);
        (void)hdfsConfig(settings);
        (void)trackerConfig(settings);
        (void)yarnConfig(settings);
        (void)jobConf(settings);
        hadoop::DaemonAddress tracker;
        applySlots(tracker, settings);
        applyMemory(tracker, settings);
        // What may stand in a job is read for a job, and nothing else is.
        std::set<std::string, std::less<>> readForJobs;
        Settings ofJob(hadoopScope, Profile::Current);
        ofJob.noteReads(readForJobs);
        (void)jobConf(ofJob);
        for (const ConfigKey& key : configKeys(hadoopScope)) {
            QVERIFY2(readForJobs.contains(key.name) == (hadoop::readerOf(key.name) == hadoop::SettingOf::Jobs),
                     std::string(key.name).c_str());
            QVERIFY2(key.modelling != Modelling::Modelled || read.contains(key.name),
                     (std::string(key.name) + " is said to be modelled, and nobody reads it").c_str());
        }
        const hadoop::HdfsConfig hdfs = hdfsConfig(settings);
        QCOMPARE(hdfs.blockSize, ByteCount{64} << 20U);
        QVERIFY(hdfs.deadAfter() == std::chrono::seconds(630));
        const hadoop::JobConf conf = jobConf(settings);
        QCOMPARE(conf.sortBytes, ByteCount{100} << 20U);
        QCOMPARE(conf.heap, ByteCount{200} << 20U);
        QCOMPARE(tracker.mapSlots, 2U);
    }

    void settingsOfAPartStandOverThoseOfTheWhole() {
        Settings whole(brokerScope, Profile::Current);
        whole.set("num.partitions", "3");
        whole.set("min.insync.replicas", "2");
        Settings part(brokerScope, Profile::Current);
        part.set("num.partitions", "5");
        whole.overlay(part);
        QCOMPARE(whole.integer("num.partitions"), 5);
        QCOMPARE(whole.integer("min.insync.replicas"), 2);
    }

    void slipsOfTheKeyboardFindTheirName() {
        const auto meant = [](ConfigScope scope, std::string_view name) {
            return std::string(nearestName(name, configKeyNames(scope)).value_or("none"));
        };
        QCOMPARE(meant(brokerScope, "zookeeper.sesion.timeout.ms"), std::string("zookeeper.session.timeout.ms"));
        QCOMPARE(meant(producerScope, "lingerms"), std::string("linger.ms"));
        QCOMPARE(meant(stormScope, "topology.max.spout.pendign"), std::string("topology.max.spout.pending"));
        QCOMPARE(meant(topicScope, "xyzzy"), std::string("none"));
    }
};

QTEST_APPLESS_MAIN(TestConfigCatalog)
#include "tst_config_catalog.moc"
