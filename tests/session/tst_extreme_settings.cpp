#include <QtTest/QTest>

#include "engine/run/engine.h"
#include "engine/scenario/catalog/config_catalog.h"
#include "engine/scenario/scenario_reader.h"

using namespace millrace;
using namespace millrace::scenario;
using namespace std::chrono_literals;

namespace {

/// Where each reader's settings stand in the broker failover.
struct Home {
    ConfigScope scope;
    std::string path;
};
const std::vector<Home> homes = {{ConfigScope::Broker, "cluster.config"},
                                 {ConfigScope::Topic, "topics.access.config"},
                                 {ConfigScope::Producer, "sources.log.config"},
                                 {ConfigScope::Consumer, "clients.groups.readers.config"},
                                 {ConfigScope::Consumer, "topologies.audit.spouts.lines.config"},
                                 {ConfigScope::ZooKeeper, "cluster.servers.zk1.config"},
                                 {ConfigScope::Storm, "storm.config"},
                                 {ConfigScope::Storm, "topologies.audit.config"}};

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
};

QTEST_APPLESS_MAIN(TestExtremeSettings)
#include "tst_extreme_settings.moc"
