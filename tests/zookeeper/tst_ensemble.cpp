#include <QtTest/QTest>

#include <algorithm>
#include <map>
#include <set>

#include "engine/base/random.h"
#include "engine/zookeeper/describe.h"
#include "tests/zookeeper/ensemble.h"

using namespace millrace;
using namespace millrace::zookeeper;
using namespace millrace::zookeeper::testing;

namespace {

void settle(Ensemble& zk, std::size_t servers) {
    MILLRACE_CHECK(zk.runUntilServing(servers), servers);
}

void cutBothWays(Ensemble& zk, const std::string& a, const std::string& b) {
    zk.fault(sim::FaultKind::Cut, "link:" + a + "-" + b);
}

void healBothWays(Ensemble& zk, const std::string& a, const std::string& b) {
    zk.fault(sim::FaultKind::Heal, "link:" + a + "-" + b);
}

/// What must hold at every instant, whatever happens to the servers.
struct Watchman {
    std::map<std::uint64_t, std::uint64_t> digestAt;  ///< by zxid
    std::map<std::uint32_t, int> leaderOf;            ///< by epoch
    std::uint64_t compared = 0;

    QString look(const Ensemble& zk) {
        for (int i = 1; i <= static_cast<int>(zk.config.members.size()); ++i) {
            const Server* server = zk.server(i);
            if (server == nullptr) {
                continue;
            }
            const Tree& tree = server->tree();
            const auto [known, isNew] = digestAt.try_emplace(tree.lastZxid().value, tree.digest());
            if (!isNew && known->second != tree.digest()) {
                return QStringLiteral("trees differ at zxid %1").arg(tree.lastZxid().value, 0, 16);
            }
            compared += isNew ? 0 : 1;
            if (server->isServing() && server->state() == ServerState::Leading) {
                const auto [leads, first] = leaderOf.try_emplace(server->epoch(), i);
                if (!first && leads->second != i) {
                    return QStringLiteral("two leaders in epoch %1").arg(server->epoch());
                }
            }
        }
        return {};
    }
};

}  // namespace

class TestEnsemble : public QObject {
    Q_OBJECT

private slots:
    void anEnsembleElectsALeaderAndServes_data() {
        QTest::addColumn<int>("servers");
        QTest::addRow("1 server") << 1;
        QTest::addRow("3 servers") << 3;
        QTest::addRow("5 servers") << 5;
    }
    void anEnsembleElectsALeaderAndServes() {
        QFETCH(int, servers);
        Ensemble zk(servers);
        zk.addClient("a");
        QVERIFY(zk.runUntilServing(static_cast<std::size_t>(servers), 5s));
        QCOMPARE(zk.perform("a", Operation::create("/x", "1")).error, ErrorCode::Ok);
        QCOMPARE(zk.entries("zookeeper.quorum-formed").size(), std::size_t{1});
        QCOMPARE(zk.server(zk.leader())->epoch(), 1U);
    }

    void allServersHaveTheSameTreeAfterTheSameTransactions() {
        Ensemble zk(5);
        zk.addClient("a");
        settle(zk, 5);
        for (int i = 0; i < 50; ++i) {
            (void)zk.perform("a", Operation::create("/n", "x", CreateMode::PersistentSequential));
        }
        zk.run(1s);
        for (int i = 2; i <= 5; ++i) {
            QCOMPARE(zk.server(i)->tree().lastZxid(), zk.server(1)->tree().lastZxid());
            QCOMPARE(zk.server(i)->tree().digest(), zk.server(1)->tree().digest());
            QCOMPARE(zk.server(i)->tree().sumDigest(), zk.server(i)->tree().digest());
        }
    }

    void aLeaderThatCrashesTakesNoCommittedWriteWithIt() {
        for (std::uint64_t seed = 1; seed <= 10; ++seed) {
            Ensemble zk(3, seed);
            zk.addClient("a");
            settle(zk, 3);
            std::vector<std::string> made;
            for (int i = 0; i < 20; ++i) {
                made.push_back("/n" + std::to_string(i));
                QCOMPARE(zk.perform("a", Operation::create(made.back(), "x")).error, ErrorCode::Ok);
            }
            const int old = zk.leader();
            zk.fault(sim::FaultKind::Crash, Ensemble::serverProcess(old));
            QVERIFY(zk.runUntil([&] { return zk.leader() != 0 && zk.leader() != old && zk.serving() == 2; }));
            QCOMPARE(zk.server(zk.leader())->epoch(), 2U);
            for (const std::string& path : made) {
                QCOMPARE(zk.perform("a", exists(path)).error, ErrorCode::Ok);
            }
            QCOMPARE(zk.perform("a", Operation::create("/after", "")).error, ErrorCode::Ok);
            zk.fault(sim::FaultKind::Restart, Ensemble::serverProcess(old));
            settle(zk, 3);
            zk.run(1s);
            QCOMPARE(zk.server(old)->tree().digest(), zk.server(zk.leader())->tree().digest());
        }
    }

    void aMinorityWritesNothingAndAHealedEnsembleGoesOn() {
        Ensemble zk(3);
        zk.addClient("a", 40s);
        settle(zk, 3);
        QCOMPARE(zk.perform("a", Operation::create("/before", "")).error, ErrorCode::Ok);
        const int first = zk.aFollower();
        zk.fault(sim::FaultKind::Crash, Ensemble::serverProcess(first));
        zk.run(2s);
        QCOMPARE(zk.serving(), std::size_t{2});
        const int second = zk.aFollower();
        zk.fault(sim::FaultKind::Crash, Ensemble::serverProcess(second));
        zk.run(1s);
        QCOMPARE(zk.serving(), std::size_t{0});
        const auto lost = zk.entries("zookeeper.quorum-lost");
        QCOMPARE(lost.size(), std::size_t{1});
        QCOMPARE(zk.textOfCause(*lost[0]), "crash " + Ensemble::serverProcess(second));
        QVERIFY(!zk.isConnected("a"));
        const std::uint64_t token = zk.order("a", Operation::create("/during", ""));
        zk.run(10s);
        QVERIFY(zk.replyTo("a", token) == nullptr);
        zk.fault(sim::FaultKind::Restart, Ensemble::serverProcess(first));
        QVERIFY(zk.runUntil([&] { return zk.replyTo("a", token) != nullptr; }, 30s));
        QCOMPARE(zk.replyTo("a", token)->error, ErrorCode::Ok);
        QCOMPARE(zk.perform("a", exists("/before")).error, ErrorCode::Ok);
        QCOMPARE(zk.entries("zookeeper.quorum-formed").size(), std::size_t{2});
    }

    void aSilentPeerIsGivenUpAfterSyncLimitFromTheFirstMomentOn_data() {
        QTest::addColumn<bool>("leaderIsSilent");
        QTest::newRow("followers give up their leader") << true;
        QTest::newRow("a leader without a quorum of followers steps down") << false;
    }
    void aSilentPeerIsGivenUpAfterSyncLimitFromTheFirstMomentOn() {
        QFETCH(bool, leaderIsSilent);
        // A power loss closes no connection: silence alone tells. The ensemble is younger than initLimit.
        Ensemble zk(3);
        settle(zk, 3);
        zk.run(1s);
        const int leader = zk.leader();
        for (int i = 1; i <= 3; ++i) {
            if ((i == leader) == leaderIsSilent) {
                zk.fault(sim::FaultKind::Power, "host:" + Ensemble::serverHost(i));
            }
        }
        const SimTime silent = zk.world.now();
        const std::string_view kind = leaderIsSilent ? "zookeeper.leader-lost" : "zookeeper.quorum-lost";
        zk.run(19s);
        const auto lost = zk.entries(kind);
        QCOMPARE(lost.size(), leaderIsSilent ? std::size_t{2} : std::size_t{1});
        const SimDuration syncLimit = zk.config.tickTime * static_cast<std::int64_t>(zk.config.syncLimit);
        for (const sim::JournalEntry* entry : lost) {
            QVERIFY(entry->time - silent > syncLimit - zk.config.tickTime);
            QVERIFY(entry->time - silent <= syncLimit);
        }
    }

    void aLeaderThatIsCutOffStepsDownAndItsUncommittedWritesAreCut_data() {
        QTest::addColumn<bool>("restarted");
        QTest::newRow("as it is") << false;
        QTest::newRow("after a restart, which takes the log's tail into its tree") << true;
    }
    void aLeaderThatIsCutOffStepsDownAndItsUncommittedWritesAreCut() {
        QFETCH(bool, restarted);
        Ensemble zk(3);
        zk.addClient("a", 40s);
        zk.addClient("b", 40s);
        settle(zk, 3);
        (void)zk.perform("a", Operation::create("/before", ""));
        const int old = zk.leader();
        // Client a speaks with nobody but the old leader, client b with everybody else.
        for (int i = 1; i <= 3; ++i) {
            if (i != old) {
                cutBothWays(zk, "a-host", Ensemble::serverHost(i));
            }
        }
        cutBothWays(zk, "b-host", Ensemble::serverHost(old));
        QVERIFY(zk.runUntil([&] { return zk.serverOf("a") == old && zk.serverOf("b") != old; }, 200s));
        for (int i = 1; i <= 3; ++i) {
            if (i != old) {
                cutBothWays(zk, Ensemble::serverHost(old), Ensemble::serverHost(i));
            }
        }
        std::vector<std::uint64_t> doomed;
        for (int i = 0; i < 5; ++i) {
            doomed.push_back(zk.order("a", Operation::create("/doomed" + std::to_string(i), "")));
        }
        const Zxid committed = zk.server(old)->committed();
        zk.run(1s);
        QVERIFY(zk.server(old)->store().lastLogged() > committed);
        QVERIFY(zk.runUntil([&] { return zk.leader() != 0 && zk.leader() != old; }));
        QVERIFY(zk.runUntil([&] { return !zk.server(old)->isServing(); }));
        QVERIFY(zk.runUntil([&] { return zk.isConnected("b"); }));
        QCOMPARE(zk.perform("b", Operation::create("/after", "")).error, ErrorCode::Ok);
        for (const std::uint64_t token : doomed) {
            const Reply* reply = zk.replyTo("a", token);
            QVERIFY(reply == nullptr || reply->error == ErrorCode::ConnectionLoss);
        }
        if (restarted) {
            zk.fault(sim::FaultKind::Crash, Ensemble::serverProcess(old));
            zk.fault(sim::FaultKind::Restart, Ensemble::serverProcess(old));
            zk.run(100ms);
            QVERIFY(zk.server(old)->tree().find("/doomed0") != nullptr);
        }
        for (int i = 1; i <= 3; ++i) {
            if (i != old) {
                healBothWays(zk, Ensemble::serverHost(old), Ensemble::serverHost(i));
                healBothWays(zk, "a-host", Ensemble::serverHost(i));
            }
        }
        QVERIFY(zk.runUntilServing(3, 120s));
        zk.run(2s);
        const auto synchronised = zk.entries("zookeeper.follower-synchronised");
        QCOMPARE(std::string{synchronised.back()->field("mode")}, std::string{"TRUNC"});
        QCOMPARE(zk.server(old)->tree().digest(), zk.server(zk.leader())->tree().digest());
        QVERIFY(zk.server(old)->tree().find("/doomed0") == nullptr);
        QVERIFY(zk.server(old)->tree().find("/after") != nullptr);
    }

    void readsAreLocalAndMayBeStaleUntilASync() {
        Ensemble zk(3);
        zk.addClient("a");
        zk.addClient("b");
        settle(zk, 3);
        const int leader = zk.leader();
        // Client b is at a follower that hears the leader late; client a is anywhere else.
        const int slow = zk.aFollower();
        for (int i = 1; i <= 3; ++i) {
            if (i != slow) {
                cutBothWays(zk, "b-host", Ensemble::serverHost(i));
            } else {
                cutBothWays(zk, "a-host", Ensemble::serverHost(i));
            }
        }
        QVERIFY(zk.runUntil([&] { return zk.serverOf("b") == slow && zk.serverOf("a") != slow && zk.serverOf("a"); }));
        QCOMPARE(zk.perform("a", Operation::create("/x", "old")).error, ErrorCode::Ok);
        zk.run(1s);
        zk.fault(sim::FaultKind::Delay, "link:" + Ensemble::serverHost(leader) + ">" + Ensemble::serverHost(slow), 2.0);
        QCOMPARE(zk.perform("a", Operation::setData("/x", "new")).error, ErrorCode::Ok);
        QCOMPARE(zk.perform("b", getData("/x")).data, std::string{"old"});
        const std::uint64_t synced = zk.order("b", syncAll());
        const std::uint64_t read = zk.order("b", getData("/x"));
        QVERIFY(zk.runUntil([&] { return zk.replyTo("b", read) != nullptr; }));
        QVERIFY(zk.replyTo("b", synced) != nullptr);
        QCOMPARE(zk.replyTo("b", read)->data, std::string{"new"});
    }

    void anAcknowledgedWriteOutlivesThePowerLossOfAllServers() {
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
            Ensemble zk(3, seed);
            zk.addClient("a", 40s);
            settle(zk, 3);
            for (int i = 0; i < 10; ++i) {
                (void)zk.perform("a", Operation::create("/n" + std::to_string(i), "x"));
            }
            for (int i = 1; i <= 3; ++i) {
                zk.fault(sim::FaultKind::Power, "host:" + Ensemble::serverHost(i));
            }
            zk.run(5s);
            for (int i = 1; i <= 3; ++i) {
                zk.fault(sim::FaultKind::PowerOn, "host:" + Ensemble::serverHost(i));
            }
            settle(zk, 3);
            QVERIFY(zk.runUntil([&] { return zk.isConnected("a"); }));
            for (int i = 0; i < 10; ++i) {
                QCOMPARE(zk.perform("a", exists("/n" + std::to_string(i))).error, ErrorCode::Ok);
            }
        }
    }

    void aWriteIsAnsweredWhenAMajorityHasItOnDisk_data() {
        QTest::addColumn<bool>("slowLeader");
        QTest::newRow("slow disk of the leader") << true;
        QTest::newRow("slow disk of the follower") << false;
    }
    void aWriteIsAnsweredWhenAMajorityHasItOnDisk() {
        QFETCH(bool, slowLeader);
        Ensemble zk(3);
        zk.addClient("a", 40s);
        settle(zk, 3);
        zk.fault(sim::FaultKind::Crash, Ensemble::serverProcess(zk.aFollower()));
        QVERIFY(zk.runUntil([&] { return zk.serving() == 2 && zk.isConnected("a"); }));
        (void)zk.perform("a", Operation::create("/quick", ""));
        const int slow = slowLeader ? zk.leader() : zk.aFollower();
        zk.fault(sim::FaultKind::SlowDisk, "host:" + Ensemble::serverHost(slow), 10'000);  // a flush takes 1.6 s
        const SimTime asked = zk.world.now();
        QCOMPARE(zk.perform("a", Operation::create("/slow", "")).error, ErrorCode::Ok);
        QVERIFY(zk.world.now() - asked > 1500ms);
    }

    // SyncRequestProcessor.shouldSnapshot: each server writes its snapshots at another size, from half of snapCount on.
    void serversDoNotWriteTheirSnapshotsTogether() {
        Ensemble zk(3, 1, [](EnsembleConfig& config) { config.snapCount = 100; });
        zk.addClient("a", 40s);
        settle(zk, 3);
        QVERIFY(zk.runUntil([&] { return zk.isConnected("a"); }));
        std::map<int, std::set<std::uint64_t>> snapshots;
        for (int i = 0; i < 400; ++i) {
            (void)zk.perform("a", Operation::create("/n" + std::to_string(i), ""));
            for (int server = 1; server <= 3; ++server) {
                snapshots[server].insert(zk.server(server)->store().snapshotZxid().value);
            }
        }
        for (int server = 1; server <= 3; ++server) {
            QVERIFY2(snapshots[server].size() >= 4 && snapshots[server].size() <= 9,
                     qPrintable(QString::number(snapshots[server].size())));
        }
        QVERIFY(snapshots[1] != snapshots[2] || snapshots[2] != snapshots[3]);
    }

    // SyncRequestProcessor takes from its queue as long as something waits, then flushes once for all of it.
    void whatWaitsForTheDiskIsFlushedTogether() {
        Ensemble zk(3);
        zk.addClient("a", 40s);
        settle(zk, 3);
        QVERIFY(zk.runUntil([&] { return zk.isConnected("a"); }));
        (void)zk.perform("a", Operation::create("/first", ""));
        for (int i = 1; i <= 3; ++i) {
            zk.fault(sim::FaultKind::SlowDisk, "host:" + Ensemble::serverHost(i), 1000);  // a flush takes 160 ms
        }
        const SimTime asked = zk.world.now();
        std::uint64_t last = 0;
        for (int i = 0; i < 100; ++i) {
            last = zk.order("a", Operation::create("/n" + std::to_string(i), ""));
        }
        QVERIFY(zk.runUntil([&] { return zk.replyTo("a", last) != nullptr; }));
        QCOMPARE(zk.replyTo("a", last)->error, ErrorCode::Ok);
        // One flush for the first, one for all that came meanwhile, at the leader and at a follower.
        QVERIFY2(zk.world.now() - asked < 700ms, toText(zk.world.now() - asked).c_str());
    }

    // SessionTrackerImpl sleeps by the monotonic clock and takes no account of pauses: a leader that was stopped for
    // longer than its sessions' time-outs expires them on waking. It has their closing in its log, so it leads again.
    void anEnsembleThatStoodStillExpiresSessionsOnWaking_data() {
        QTest::addColumn<int>("servers");
        QTest::addColumn<int>("seconds");
        QTest::addColumn<bool>("expires");
        QTest::addRow("3 servers for 45 s") << 3 << 45 << true;
        QTest::addRow("1 server for 45 s") << 1 << 45 << true;
        QTest::addRow("3 servers for 5 s") << 3 << 5 << false;
    }
    void anEnsembleThatStoodStillExpiresSessionsOnWaking() {
        QFETCH(int, servers);
        QFETCH(int, seconds);
        QFETCH(bool, expires);
        Ensemble zk(servers);
        zk.addClient("a", 18s);
        settle(zk, servers);
        QVERIFY(zk.runUntil([&] { return zk.isConnected("a"); }));
        QCOMPARE(zk.perform("a", Operation::create("/life", "", CreateMode::Ephemeral)).error, ErrorCode::Ok);
        const SessionId session = zk.probe("a").zk.session();
        for (int i = 1; i <= servers; ++i) {
            zk.fault(sim::FaultKind::Pause, Ensemble::serverProcess(i));
        }
        zk.run(std::chrono::seconds{seconds});
        for (int i = 1; i <= servers; ++i) {
            zk.fault(sim::FaultKind::Resume, Ensemble::serverProcess(i));
        }
        QVERIFY(zk.runUntilServing(static_cast<std::size_t>(servers), 60s));
        QVERIFY(zk.runUntil([&] { return zk.isConnected("a") || expires; }));
        zk.run(10s);
        const bool isGone = zk.server(zk.leader())->tree().findSession(session) == nullptr;
        QCOMPARE(isGone, expires);
        QCOMPARE(zk.server(zk.leader())->tree().find("/life") == nullptr, expires);
        QCOMPARE(zk.entries("zookeeper.session-expired").empty(), !expires);
    }

    // A leader that stood still while others went on without it has closed sessions in its log only: they are cut off.
    void whatAnAbandonedLeaderExpiredLives() {
        Ensemble zk(3);
        zk.addClient("a", 18s);
        settle(zk, 3);
        QVERIFY(zk.runUntil([&] { return zk.isConnected("a"); }));
        QCOMPARE(zk.perform("a", Operation::create("/life", "", CreateMode::Ephemeral)).error, ErrorCode::Ok);
        const SessionId session = zk.probe("a").zk.session();
        const int old = zk.leader();
        zk.fault(sim::FaultKind::Pause, Ensemble::serverProcess(old));
        zk.run(45s);
        QVERIFY(zk.leader() != 0 && zk.leader() != old);
        zk.fault(sim::FaultKind::Resume, Ensemble::serverProcess(old));
        settle(zk, 3);
        zk.run(20s);
        for (int i = 1; i <= 3; ++i) {
            QVERIFY(zk.server(i)->tree().findSession(session) != nullptr);
            QVERIFY(zk.server(i)->tree().find("/life") != nullptr);
        }
    }

    void aFollowerThatWasAwayForLongGetsTheWholeTree() {
        Ensemble zk(3, 1, [](EnsembleConfig& config) {
            config.snapCount = 20;
            config.commitLogCount = 5;
        });
        zk.addClient("a");
        settle(zk, 3);
        const int away = zk.aFollower();
        zk.fault(sim::FaultKind::Crash, Ensemble::serverProcess(away));
        zk.run(3s);
        QVERIFY(zk.runUntil([&] { return zk.isConnected("a"); }));
        for (int i = 0; i < 100; ++i) {
            QCOMPARE(zk.perform("a", Operation::create("/n" + std::to_string(i), "x")).error, ErrorCode::Ok);
        }
        QVERIFY(zk.server(zk.leader())->store().log().size() < 60);
        zk.fault(sim::FaultKind::Restart, Ensemble::serverProcess(away));
        settle(zk, 3);
        zk.run(1s);
        QCOMPARE(std::string{zk.entries("zookeeper.follower-synchronised").back()->field("mode")}, std::string{"SNAP"});
        QCOMPARE(zk.server(away)->tree().digest(), zk.server(zk.leader())->tree().digest());
        // And it can start from what it then has on its own disk.
        zk.fault(sim::FaultKind::Power, "host:" + Ensemble::serverHost(away));
        zk.run(1s);
        zk.fault(sim::FaultKind::PowerOn, "host:" + Ensemble::serverHost(away));
        settle(zk, 3);
        zk.run(1s);
        QCOMPARE(std::string{zk.entries("zookeeper.follower-synchronised").back()->field("mode")}, std::string{"DIFF"});
        QCOMPARE(zk.server(away)->tree().digest(), zk.server(zk.leader())->tree().digest());
    }

    void aFullDiskStopsOneServerAndNotTheEnsemble() {
        Ensemble zk(3);
        zk.addClient("a", 40s);
        settle(zk, 3);
        const int victim = zk.aFollower();
        zk.fault(sim::FaultKind::FullDisk, "disk:" + Ensemble::serverHost(victim));
        (void)zk.order("a", Operation::create("/x", ""));
        QVERIFY(zk.runUntil([&] { return zk.server(victim) == nullptr; }));
        QCOMPARE(zk.entries("zookeeper.disk-full").size(), std::size_t{1});
        QVERIFY(zk.runUntil([&] { return zk.isConnected("a"); }));
        QCOMPARE(zk.perform("a", Operation::create("/y", "")).error, ErrorCode::Ok);
    }

    void aViewTellsWhoLeadsAndWhoIsDown() {
        Ensemble zk(3);
        zk.addClient("a");
        settle(zk, 3);
        (void)zk.perform("a", Operation::create("/x", ""));
        zk.run(1s);
        const int follower = zk.aFollower();
        zk.fault(sim::FaultKind::Crash, Ensemble::serverProcess(follower));
        zk.run(1s);
        observe::ClusterView view;
        describe(zk.world, view);
        QVERIFY(view.hasQuorum);
        QCOMPARE(view.servers.size(), std::size_t{3});
        const observe::ServerView& leader = view.servers[static_cast<std::size_t>(zk.leader() - 1)];
        QCOMPARE(leader.id, "server:zk" + std::to_string(zk.leader()));
        QCOMPARE(leader.role, observe::ServerRole::Leader);
        QCOMPARE(leader.znodes, 2);
        QCOMPARE(leader.sessions, 1);
        QCOMPARE(view.servers[static_cast<std::size_t>(follower - 1)].state, observe::LifeState::Crashed);
        zk.fault(sim::FaultKind::Crash, Ensemble::serverProcess(zk.aFollower()));
        zk.run(1s);
        view = {};
        describe(zk.world, view);
        QVERIFY(!view.hasQuorum);
    }

    void aRunIsRepeatableAndACopyGoesOnLikeTheOriginal() {
        const auto play = [](Ensemble& zk, int from, int to) {
            for (int i = from; i < to; ++i) {
                (void)zk.order("a", Operation::create("/n", "", CreateMode::EphemeralSequential));
                if (i == 10) {
                    zk.fault(sim::FaultKind::Crash, Ensemble::serverProcess(3));
                }
                zk.run(200ms);
            }
        };
        const auto begin = [] {
            Ensemble zk(3, 42);
            zk.addClient("a");
            settle(zk, 3);
            return zk;
        };
        Ensemble one = begin();
        play(one, 0, 40);
        Ensemble two = begin();
        play(two, 0, 8);
        Ensemble fork = two;
        play(two, 8, 40);
        QCOMPARE(two.world.fingerprint(), one.world.fingerprint());
        play(fork, 8, 40);
        QCOMPARE(fork.world.fingerprint(), one.world.fingerprint());
    }

    void randomCrashesAndCutsBreakNothing_data() {
        QTest::addColumn<int>("servers");
        QTest::addColumn<int>("seed");
        for (int seed = 1; seed <= 30; ++seed) {
            QTest::addRow("3 servers, seed %d", seed) << 3 << seed;
        }
        for (int seed = 101; seed <= 115; ++seed) {
            QTest::addRow("5 servers, seed %d", seed) << 5 << seed;
        }
    }
    void randomCrashesAndCutsBreakNothing() {
        QFETCH(int, servers);
        QFETCH(int, seed);
        Ensemble zk(servers, static_cast<std::uint64_t>(seed), [](EnsembleConfig& config) {
            config.snapCount = 40;
            config.commitLogCount = 10;
        });
        const std::vector<std::string> clients{"a", "b", "c"};
        for (const std::string& client : clients) {
            zk.addClient(client, 10s);
        }
        RandomStream random(static_cast<std::uint64_t>(seed), "faults");
        Watchman watchman;
        std::map<std::string, std::vector<std::pair<std::uint64_t, std::string>>> asked;
        int count = 0;
        const auto work = [&](SimDuration duration) -> QString {
            const SimTime end = zk.world.now() + duration;
            while (zk.world.now() < end) {
                zk.run(20ms);
                if (QString broken = watchman.look(zk); !broken.isEmpty()) {
                    return broken;
                }
                if (random.chance(0.3)) {
                    const std::string& client = clients[random.below(clients.size())];
                    std::string path = "/n" + std::to_string(++count);
                    asked[client].emplace_back(zk.order(client, Operation::create(path, client)), path);
                }
            }
            return {};
        };
        QCOMPARE(work(2s), QString{});
        for (int step = 0; step < 25; ++step) {
            const int victim = 1 + static_cast<int>(random.below(static_cast<std::uint64_t>(servers)));
            const int other = 1 + static_cast<int>(random.below(static_cast<std::uint64_t>(servers)));
            const std::string link = "link:" + Ensemble::serverHost(victim) + "-" + Ensemble::serverHost(other);
            switch (random.below(9)) {
                case 0:
                    zk.fault(sim::FaultKind::Crash, Ensemble::serverProcess(victim));
                    break;
                case 1:
                case 2:
                    zk.fault(sim::FaultKind::Restart, Ensemble::serverProcess(victim));
                    break;
                case 3:
                    zk.fault(sim::FaultKind::Power, "host:" + Ensemble::serverHost(victim));
                    break;
                case 4:
                case 5:
                    zk.fault(sim::FaultKind::PowerOn, "host:" + Ensemble::serverHost(victim));
                    break;
                case 6:
                    if (victim != other) {
                        zk.fault(sim::FaultKind::Cut, link);
                    }
                    break;
                case 7:
                    if (victim != other) {
                        zk.fault(sim::FaultKind::Heal, link);
                    }
                    break;
                default:
                    if (zk.leader() != 0) {
                        zk.fault(sim::FaultKind::Crash, Ensemble::serverProcess(zk.leader()));
                    }
                    break;
            }
            QCOMPARE(work(std::chrono::milliseconds{500 + random.below(4000)}), QString{});
        }
        for (int i = 1; i <= servers; ++i) {
            for (int j = i + 1; j <= servers; ++j) {
                healBothWays(zk, Ensemble::serverHost(i), Ensemble::serverHost(j));
            }
            zk.fault(sim::FaultKind::PowerOn, "host:" + Ensemble::serverHost(i));
            zk.fault(sim::FaultKind::Restart, Ensemble::serverProcess(i));
        }
        QVERIFY(zk.runUntilServing(static_cast<std::size_t>(servers), 150s));
        QCOMPARE(work(15s), QString{});
        // What was sent into a cut for half a minute, votes among it, is sent again only after as long a pause (TCP's
        // back-off doubles up to 120 s), so a server may be looking for its leader long after the network is whole.
        QVERIFY(zk.runUntil(
            [&] {
                const Server* leads = zk.server(zk.leader());
                bool agree = leads != nullptr;
                for (int i = 1; agree && i <= servers; ++i) {
                    agree = zk.server(i)->isServing() && zk.server(i)->tree().lastZxid() == leads->tree().lastZxid();
                }
                return agree;
            },
            150s));
        const Server& leader = *zk.server(zk.leader());
        std::size_t acknowledged = 0;
        for (const std::string& client : clients) {
            for (const auto& [token, path] : asked[client]) {
                const Reply* reply = zk.replyTo(client, token);
                if (reply != nullptr && reply->error == ErrorCode::Ok) {
                    ++acknowledged;
                    QVERIFY2(leader.tree().find(path) != nullptr, path.c_str());
                }
            }
        }
        QVERIFY(acknowledged > 50);
        QVERIFY(watchman.compared > 1000);
        for (int i = 1; i <= servers; ++i) {
            QCOMPARE(zk.server(i)->tree().lastZxid(), leader.tree().lastZxid());
            QCOMPARE(zk.server(i)->tree().digest(), leader.tree().digest());
            QCOMPARE(zk.server(i)->tree().sumDigest(), leader.tree().digest());
        }
    }
};

QTEST_APPLESS_MAIN(TestEnsemble)
#include "tst_ensemble.moc"
