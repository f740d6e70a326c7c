#include <QtTest/QTest>

#include "engine/run/engine.h"
#include "engine/run/report_of.h"
#include "engine/run/waits.h"
#include "engine/scenario/catalog/config_catalog.h"
#include "engine/scenario/scenario_reader.h"
#include "engine/scenario/sections/kafka/collections.h"
#include "engine/scenario/sections/storm/collections.h"
#include "engine/scenario/sections/zookeeper/collections.h"

using namespace millrace;
using namespace millrace::scenario;
using namespace std::chrono_literals;

namespace {

/// Where each reader's settings stand in the broker failover.
struct Home {
    ConfigScope scope;
    std::string path;
};
const std::vector<Home> homes = {{brokerScope, "cluster.config"},
                                 {topicScope, "topics.access.config"},
                                 {producerScope, "sources.log.config"},
                                 {consumerScope, "clients.groups.readers.config"},
                                 {consumerScope, "topologies.audit.spouts.lines.config"},
                                 {zooKeeperScope, "cluster.servers.zk1.config"},
                                 {stormScope, "storm.config"},
                                 {stormScope, "topologies.audit.config"}};

/// What became of a run with one setting: empty when it was refused or ran to its end.
std::string trouble(const Setting& setting) {
    ScenarioReading reading = readScenarioFile(
        {"scenarios/broker-failover.json", {{"sources.log.path", "scenarios/data/small-access.log"}, setting}, {}});
    if (!reading.scenario) {
        return {};
    }
    run::EngineOptions options;
    options.carryOut = false;
    options.session.checkpointEventsMin = ~std::uint64_t{0};
    try {
        auto engine = run::Engine::open(std::move(*reading.scenario), std::move(options));
        if (!engine) {
            return {};
        }
        constexpr std::uint64_t eventsMax = 1'000'000;  // the scenario as it is has 15,000
        run::PlayLimit limit{SimTime{13s}, false, {}};
        limit.keepGoing = [](const sim::World& world) { return world.eventsProcessed() < eventsMax; };
        const auto played = (*engine)->play(limit);
        return played && played->reason == run::StopReason::Until ? "" : "goes round and round";
    } catch (const CheckFailed& failed) {
        return failed.what();
    }
}

}  // namespace

class TestExtremeSettings : public QObject {
    Q_OBJECT

private slots:
    void everySettingIsRefusedOrRunsWhateverItsValue_data() {
        QTest::addColumn<int>("home");
        QTest::addColumn<QByteArray>("key");
        for (std::size_t home = 0; home < homes.size(); ++home) {
            for (const ConfigKey& key : configKeys(homes[home].scope)) {
                if (key.modelling == Modelling::Modelled &&
                    (key.type == ConfigType::Integer || key.type == ConfigType::Number)) {
                    const std::string name = homes[home].path + "." + std::string(key.name);
                    QTest::newRow(name.c_str()) << static_cast<int>(home) << QByteArray::fromStdString(name);
                }
            }
        }
    }
    void everySettingIsRefusedOrRunsWhateverItsValue() {
        QFETCH(QByteArray, key);
        for (const char* value : {"-2147483648", "-1", "0", "1", "2147483647", "9223372036854775807"}) {
            const std::string said = trouble({key.toStdString(), value});
            QVERIFY2(said.empty(), (std::string(value) + ": " + said).c_str());
        }
    }

    void aControlledShutdownKeepsToItsSettings_data() {
        QTest::addColumn<QByteArray>("config");
        QTest::addColumn<int>("stopsAfter");
        QTest::newRow("it is off") << QByteArray(R"("controlled.shutdown.enable": false)") << 0;
        QTest::newRow("no try") << QByteArray(R"("controlled.shutdown.max.retries": 0)") << 0;
        QTest::newRow("two tries")
            << QByteArray(R"("controlled.shutdown.max.retries": 2, "controlled.shutdown.retry.backoff.ms": 3000)") << 6;
    }
    /// The other replica is gone: nobody can take over. While it waits it says for what.
    void aControlledShutdownKeepsToItsSettings() {
        QFETCH(QByteArray, config);
        QFETCH(int, stopsAfter);
        ScenarioReading reading = readScenario(
            R"({"millrace": 1, "title": "small", "hosts": {"z": {}, "b1": {}, "b2": {}, "c": {}},
                "cluster": {"servers": {"zk1": {"host": "z"}}, "config": {)" +
                config.toStdString() + R"(},
                            "brokers": {"1": {"host": "b1"}, "2": {"host": "b2"}}},
                "topics": {"t": {"replicas": 2}},
                "sources": {"s": {"kind": "generator", "host": "c", "topic": "t", "rate": "10/s"}},
                "faults": [{"at": "10s", "kind": "crash", "target": "broker:2"},
                           {"at": "40s", "kind": "stop", "target": "broker:1"}]})",
            {"small.json", {}, {}});
        QVERIFY(reading.scenario);
        run::EngineOptions options;
        options.carryOut = false;
        auto engine = run::Engine::open(std::move(*reading.scenario), std::move(options));
        QVERIFY(engine);
        const auto isAlive = [&] {
            const sim::World& world = (*engine)->world();
            return world.process(world.findProcess("broker/1")).isAlive();
        };
        for (int second = 0; second < stopsAfter; ++second) {
            QVERIFY((*engine)->play({SimTime{40s} + second * 1s + 500ms, false, {}}));
            QVERIFY2(isAlive(), qPrintable(QString::number(second)));
            bool isSaid = false;
            const auto views = run::describeSystems((*engine)->scenario(), (*engine)->world());
            for (const observe::WaitView& wait : run::describeWaits((*engine)->world(), views)) {
                isSaid = isSaid || wait.text.find(
                                       "it is to stop and could not hand over what it leads: it still leads "
                                       "1 partition") != std::string::npos;
            }
            QVERIFY(isSaid);
        }
        QVERIFY((*engine)->play({SimTime{41s} + stopsAfter * 1s, false, {}}));
        QVERIFY(!isAlive());
    }
};

QTEST_APPLESS_MAIN(TestExtremeSettings)
#include "tst_extreme_settings.moc"
