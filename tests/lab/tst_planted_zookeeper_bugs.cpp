#include <QtTest/QTest>

#include <functional>

#include "tests/lab/planted.h"
#include "tests/zookeeper/ensemble.h"

using namespace millrace;
using namespace millrace::lab;
using namespace millrace::lab::test;
using namespace millrace::zookeeper;
using namespace millrace::zookeeper::testing;

namespace {

using Break = std::function<void(BrokenRules&)>;

/// Three servers, their books, and looks as a run has them.
class Scene {
public:
    explicit Scene(const Break& breakRules, std::uint64_t seed = 1)
        : ensemble(3, seed, [&](EnsembleConfig& config) { breakRules(config.broken); }) {
        ensemble.world.listenToFacts();
        checker.follow(checker.ledger);
        MILLRACE_CHECK(ensemble.runUntilServing(3));
    }

    void look() {
        ensemble.world.takeFacts(m_facts);
        checker.ledger.take(ensemble.world, m_facts, {});
        checker.observe(ensemble.world);
    }
    void run(SimDuration duration) {
        const SimTime end = ensemble.world.now() + duration;
        while (ensemble.world.now() < end) {
            ensemble.run(std::min<SimDuration>(100ms, end - ensemble.world.now()));
            look();
        }
    }
    void addClients(const std::vector<std::string>& names, SimDuration timeout = 6s) {
        for (const std::string& name : names) {
            ensemble.addClient(name, timeout);
        }
        MILLRACE_CHECK(ensemble.runUntil([&] {
            return std::all_of(names.begin(), names.end(),
                               [&](const auto& name) { return ensemble.isConnected(name); });
        }));
    }
    Reply perform(const std::string& client, Operation operation) {
        Reply reply = ensemble.perform(client, std::move(operation));
        look();
        return reply;
    }
    /// A client at this server; empty when there is none.
    [[nodiscard]] std::string clientAt(int server, const std::vector<std::string>& names) const {
        const auto at = std::find_if(names.begin(), names.end(),
                                     [&](const std::string& name) { return ensemble.serverOf(name) == server; });
        return at == names.end() ? std::string() : *at;
    }

    Ensemble ensemble;
    BookedChecker checker;

private:
    std::vector<sim::ToldFact> m_facts;
};

const std::vector<std::string> many{"a", "b", "c", "d", "e", "f", "g", "h"};

/// Plays without and with the bug.
void expectCaught(std::string_view invariant, const Break& breakRules, const std::function<void(Scene&)>& play) {
    Scene clean([](BrokenRules&) {});
    play(clean);
    Scene broken(breakRules);
    play(broken);
    lab::test::expectCaught(violationsOf(clean.checker), statusOf(clean.checker, invariant),
                            statusOf(broken.checker, invariant));
}

}  // namespace

class TestPlantedZookeeperBugs : public QObject {
    Q_OBJECT

private slots:
    void serversThatWriteTheirOwnTimeHaveOtherTrees() {
        expectCaught(
            "coordination-trees-agree", [](BrokenRules& broken) { broken.stampsByOwnClock = true; },
            [](Scene& scene) {
                scene.addClients({"a"});
                scene.ensemble.fault(sim::FaultKind::Skew, "host:zh2", 1.0);
                scene.perform("a", Operation::create("/a", "x"));
                scene.run(1s);
                scene.perform("a", Operation::setData("/a", "y"));
                scene.run(1s);
            });
    }

    /// A leader that hears nobody any more commits, answers and dies; the others know nothing of it.
    void aWriteThatNoQuorumHasIsLost() {
        expectCaught(
            "coordination-writes-stay", [](BrokenRules& broken) { broken.acknowledgesAlone = true; },
            [](Scene& scene) {
                scene.addClients(many);
                Ensemble& ensemble = scene.ensemble;
                scene.perform("a", Operation::create("/before", ""));
                const int leader = ensemble.leader();
                const std::string client = scene.clientAt(leader, many);
                QVERIFY(!client.empty());
                for (int other = 1; other <= 3; ++other) {
                    if (other != leader) {
                        ensemble.fault(sim::FaultKind::Cut,
                                       "link:" + Ensemble::serverHost(leader) + "-" + Ensemble::serverHost(other));
                    }
                }
                ensemble.order(client, Operation::create("/alone", "x"));
                scene.run(2s);
                ensemble.fault(sim::FaultKind::Crash, Ensemble::serverProcess(leader));
                scene.run(40s);
                const auto connected = std::find_if(
                    many.begin(), many.end(), [&](const std::string& name) { return ensemble.isConnected(name); });
                QVERIFY(connected != many.end());
                scene.perform(*connected, Operation::create("/after", "y"));
                scene.run(1s);
            });
    }

    /// Client b is at a follower that hears the leader late, and synchronises before it reads.
    void aSyncThatShowsNotWhatOthersWereToldIsNoticed() {
        expectCaught(
            "acknowledged-writes-are-seen", [](BrokenRules& broken) { broken.syncsAlone = true; },
            [](Scene& scene) {
                scene.addClients(many);
                Ensemble& ensemble = scene.ensemble;
                const int slow = ensemble.aFollower();
                const std::string late = scene.clientAt(slow, many);
                const std::string other = scene.clientAt(ensemble.leader(), many);
                QVERIFY(!late.empty() && !other.empty());
                scene.perform(other, Operation::create("/x", "old"));
                scene.run(1s);
                ensemble.fault(sim::FaultKind::Delay,
                               "link:" + Ensemble::serverHost(ensemble.leader()) + ">" + Ensemble::serverHost(slow),
                               1.0);
                scene.perform(other, Operation::setData("/x", "new"));
                scene.run(10ms);
                ensemble.order(late, syncAll());
                ensemble.order(late, getData("/x"));
                scene.run(5s);
            });
    }

    void aWriteOnAnotherVersionThanExpectedIsNoticed() {
        expectCaught(
            "no-lost-update", [](BrokenRules& broken) { broken.skipsVersions = true; },
            [](Scene& scene) {
                scene.addClients({"a", "b"});
                scene.perform("a", Operation::create("/counter", "0"));
                scene.perform("a", Operation::setData("/counter", "1", 0));
                scene.perform("b", Operation::setData("/counter", "1", 0));
                scene.perform("b", Operation::setData("/counter", "2", 1));
                scene.run(1s);
            });
    }

    void anEphemeralNodeThatOutlivesItsSessionIsNoticed() {
        expectCaught(
            "ephemerals-live-with-sessions", [](BrokenRules& broken) { broken.keepsEphemerals = true; },
            [](Scene& scene) {
                scene.addClients({"a", "b"});
                scene.perform("a", Operation::create("/a", "", CreateMode::Ephemeral));
                scene.perform("b", Operation::create("/b", "", CreateMode::Ephemeral));
                scene.ensemble.closeSession("a");
                scene.run(1s);
            });
    }

    void aSessionThatEndsBeforeItsTimeIsNoticed() {
        expectCaught(
            "ephemerals-live-with-sessions", [](BrokenRules& broken) { broken.expiresEarly = true; },
            [](Scene& scene) {
                scene.addClients({"a", "b"}, 10s);
                scene.perform("a", Operation::create("/a", "", CreateMode::Ephemeral));
                scene.perform("b", Operation::create("/b", "", CreateMode::Ephemeral));
                scene.ensemble.fault(sim::FaultKind::Crash, "process:client/a");
                scene.run(20s);
            });
    }

    void aSequenceNumberThatComesTwiceIsNoticed() {
        expectCaught(
            "sequence-numbers-once", [](BrokenRules& broken) { broken.repeatsNumbers = true; },
            [](Scene& scene) {
                scene.addClients({"a"});
                scene.perform("a", Operation::create("/queue", ""));
                for (int i = 0; i < 3; ++i) {
                    const Reply made =
                        scene.perform("a", Operation::create("/queue/n-", "", CreateMode::PersistentSequential));
                    scene.perform("a", Operation::remove(made.path));
                }
                scene.run(1s);
            });
    }

    void aReadOfAnOlderStateThanTheSessionHasSeenIsNoticed() {
        expectCaught(
            "reads-go-forward", [](BrokenRules& broken) { broken.servesOldReads = true; },
            [](Scene& scene) {
                scene.addClients({"a", "b"});
                scene.perform("a", Operation::create("/x", "0"));
                for (int i = 0; i < 10; ++i) {
                    scene.perform("a", Operation::setData("/x", std::to_string(i)));
                    scene.perform("a", getData("/x"));
                    scene.perform("b", exists("/x"));
                }
            });
    }

    /// A client is away while what it watches changes, and reads something else when it is back.
    void aWatchThatIsNeverToldIsNoticed() {
        expectCaught(
            "watches-told-once", [](BrokenRules& broken) { broken.losesWatches = true; },
            [](Scene& scene) {
                scene.addClients({"a", "b"}, 20s);
                Ensemble& ensemble = scene.ensemble;
                scene.perform("a", Operation::create("/x", "0"));
                scene.perform("a", Operation::create("/y", "0"));
                scene.perform("a", getData("/x", true));
                const std::string link = "link:a-host-" + Ensemble::serverHost(ensemble.serverOf("a"));
                ensemble.fault(sim::FaultKind::Cut, link);
                scene.perform("b", Operation::setData("/x", "1"));
                scene.run(16s);
                QVERIFY(ensemble.runUntil([&] { return ensemble.isConnected("a"); }));
                scene.perform("a", getData("/y"));
                scene.run(1s);
            });
    }

    void aWatchThatIsToldTwiceIsNoticed() {
        expectCaught(
            "watches-told-once", [](BrokenRules& broken) { broken.doublesWatches = true; },
            [](Scene& scene) {
                scene.addClients({"a", "b"});
                scene.perform("a", Operation::create("/x", "0"));
                scene.perform("a", getData("/x", true));
                scene.perform("b", Operation::setData("/x", "1"));
                scene.perform("b", Operation::setData("/x", "2"));
                scene.run(1s);
            });
    }

    /// Clients that do everything at once, and servers that come and go: nothing is held against them.
    void aStormOfFaultsBreaksNothing_data() {
        QTest::addColumn<int>("seed");
        for (int seed = 1; seed <= 20; ++seed) {
            QTest::addRow("seed %d", seed) << seed;
        }
    }
    void aStormOfFaultsBreaksNothing() {
        QFETCH(int, seed);
        Scene scene([](BrokenRules&) {}, static_cast<std::uint64_t>(seed));
        RandomStream random(static_cast<std::uint64_t>(seed), "storm");
        scene.addClients(many);
        Ensemble& ensemble = scene.ensemble;
        scene.perform("a", Operation::create("/x", ""));
        for (int i = 0; i < 150; ++i) {
            for (const std::string& name : many) {
                if (!ensemble.isConnected(name) || random.chance(0.5)) {
                    continue;
                }
                const std::string node = "/x/" + std::to_string(random.below(4));
                switch (random.below(9)) {
                    case 0:
                        ensemble.order(name, Operation::create(node, "", CreateMode::Ephemeral));
                        break;
                    case 1:
                        ensemble.order(name, Operation::create("/x/n-", "", CreateMode::EphemeralSequential));
                        break;
                    case 2:
                        ensemble.order(name, Operation::remove(node));
                        break;
                    case 3:
                        ensemble.order(name, Operation::setData(node, "v", static_cast<std::int32_t>(random.below(2))));
                        break;
                    case 4:
                        ensemble.order(name, getData(node, true));
                        break;
                    case 5:
                        ensemble.order(name, exists(node, true));
                        break;
                    case 6:
                        ensemble.order(name, getChildren("/x", true));
                        break;
                    case 7:
                        ensemble.orderMulti(name, {Operation::setData("/x", "m"), Operation::create(node, "")});
                        break;
                    default:
                        ensemble.order(name, syncAll());
                        break;
                }
            }
            if (random.chance(0.15)) {
                const int server = 1 + static_cast<int>(random.below(3));
                const int other = 1 + server % 3;
                sim::FaultSpec fault;
                constexpr std::array kinds{sim::FaultKind::Crash, sim::FaultKind::Pause, sim::FaultKind::Power,
                                           sim::FaultKind::Cut};
                fault.kind = kinds[random.below(kinds.size())];
                fault.target = fault.kind == sim::FaultKind::Power ? "host:" + Ensemble::serverHost(server)
                               : fault.kind == sim::FaultKind::Cut
                                   ? "link:" + Ensemble::serverHost(server) + "-" + Ensemble::serverHost(other)
                                   : Ensemble::serverProcess(server);
                fault.duration = std::chrono::milliseconds{10 + random.below(9000)};
                ensemble.world.injectFault(fault);
            }
            scene.run(std::chrono::milliseconds{random.below(1000)});
        }
        scene.run(60s);
        QCOMPARE(violationsOf(scene.checker), QString{});
        for (const char* name :
             {"coordination-writes-stay", "acknowledged-writes-are-seen", "no-lost-update",
              "ephemerals-live-with-sessions", "sequence-numbers-once", "reads-go-forward", "watches-told-once"}) {
            QVERIFY2(statusOf(scene.checker, name).checked > 1, name);
        }
    }
};

QTEST_APPLESS_MAIN(TestPlantedZookeeperBugs)
#include "tst_planted_zookeeper_bugs.moc"
