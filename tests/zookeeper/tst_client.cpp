#include <QtTest/QTest>

#include <algorithm>

#include "tests/zookeeper/ensemble.h"

using namespace millrace;
using namespace millrace::zookeeper;
using namespace millrace::zookeeper::testing;

namespace {

std::ptrdiff_t countOf(const std::vector<std::string>& story, const std::string& line) {
    return std::count(story.begin(), story.end(), line);
}

Ensemble withClients(int servers, std::vector<std::string> names, std::uint64_t seed = 1) {
    Ensemble ensemble(servers, seed);
    for (const std::string& name : names) {
        ensemble.addClient(name);
    }
    MILLRACE_CHECK(ensemble.runUntilServing(static_cast<std::size_t>(servers)));
    MILLRACE_CHECK(ensemble.runUntil([&] {
        return std::all_of(names.begin(), names.end(), [&](const auto& n) { return ensemble.isConnected(n); });
    }));
    return ensemble;
}

}  // namespace

class TestClient : public QObject {
    Q_OBJECT

private slots:
    void whatIsWrittenIsReadBack() {
        Ensemble zk = withClients(3, {"a"});
        QCOMPARE(zk.perform("a", Operation::create("/x", "one")).error, ErrorCode::Ok);
        const Reply set = zk.perform("a", Operation::setData("/x", "two", 0));
        QCOMPARE(set.error, ErrorCode::Ok);
        QCOMPARE(set.stat.version, 1);
        const Reply got = zk.perform("a", getData("/x"));
        QCOMPARE(got.data, std::string{"two"});
        QVERIFY(got.stat.mzxid > got.stat.czxid);
        QCOMPARE(zk.perform("a", getChildren("/")).children, (std::vector<std::string>{"x"}));
        QCOMPARE(zk.perform("a", Operation::remove("/x", 0)).error, ErrorCode::BadVersion);
        QCOMPARE(zk.perform("a", Operation::remove("/x", 1)).error, ErrorCode::Ok);
        QCOMPARE(zk.perform("a", exists("/x")).error, ErrorCode::NoNode);
    }

    // ClientCnxn: a third of the time-out after the last word; woken by something after more than a second, a second
    // earlier, and at once after ten.
    void heartbeatsComeAsClientCnxnSendsThem() {
        Ensemble zk = withClients(1, {"a"});
        zk.addClient("slow", 36s);
        QVERIFY(zk.runUntil([&] { return zk.isConnected("slow"); }));
        ZkClient idle = zk.probe("slow").zk;
        QVERIFY(idle.sessionTimeout() == 36s);
        QVERIFY(idle.timeToPing(zk.world.now()) <= 12s);
        QVERIFY(idle.timeToPing(zk.world.now()) > 11s);
        QVERIFY(idle.timeToPing(zk.world.now() + 5s) <= 6s);
        QVERIFY(idle.timeToPing(zk.world.now() + 5s) > 5s);
        QVERIFY(idle.timeToPing(zk.world.now() + 10001ms) == SimDuration{0});
    }

    void refusalsHaveTheirRealNames() {
        Ensemble zk = withClients(1, {"a"});
        (void)zk.perform("a", Operation::create("/p", ""));
        (void)zk.perform("a", Operation::create("/p/c", ""));
        (void)zk.perform("a", Operation::create("/e", "", CreateMode::Ephemeral));
        QCOMPARE(zk.perform("a", Operation::create("/p", "")).error, ErrorCode::NodeExists);
        QCOMPARE(zk.perform("a", Operation::create("/q/c", "")).error, ErrorCode::NoNode);
        QCOMPARE(zk.perform("a", Operation::create("/e/c", "")).error, ErrorCode::NoChildrenForEphemerals);
        QCOMPARE(zk.perform("a", Operation::remove("/p")).error, ErrorCode::NotEmpty);
        QCOMPARE(zk.perform("a", Operation::setData("/none", "")).error, ErrorCode::NoNode);
        QCOMPARE(zk.perform("a", Operation::create("relative", "")).error, ErrorCode::BadArguments);
    }

    void multiIsAllOrNothing() {
        Ensemble zk = withClients(3, {"a"});
        (void)zk.perform("a", Operation::create("/epoch", "1"));
        const Reply refused = zk.performMulti(
            "a", {Operation::create("/made", ""), Operation::setData("/epoch", "2", 7), Operation::create("/b", "")});
        QCOMPARE(refused.error, ErrorCode::BadVersion);
        QCOMPARE(refused.results.size(), std::size_t{3});
        QCOMPARE(refused.results[0].error, ErrorCode::Ok);
        QCOMPARE(refused.results[1].error, ErrorCode::BadVersion);
        QCOMPARE(refused.results[2].error, ErrorCode::RuntimeInconsistency);
        QCOMPARE(zk.perform("a", exists("/made")).error, ErrorCode::NoNode);
        const Reply done = zk.performMulti("a", {Operation::setData("/epoch", "2", 0), Operation::check("/epoch", 1),
                                                 Operation::create("/made", "", CreateMode::Ephemeral)});
        QCOMPARE(done.error, ErrorCode::Ok);
        QCOMPARE(zk.perform("a", getData("/epoch")).data, std::string{"2"});
        QCOMPARE(zk.perform("a", exists("/made")).stat.ephemeralOwner, zk.probe("a").zk.session());
    }

    void sequentialNodesAreNumberedInOrderOfTheirTransactions() {
        Ensemble zk = withClients(3, {"a", "b", "c"});
        (void)zk.perform("a", Operation::create("/q", ""));
        std::vector<std::pair<std::string, std::uint64_t>> asked;
        for (int i = 0; i < 30; ++i) {
            const std::string client(1, static_cast<char>('a' + i % 3));
            asked.emplace_back(client,
                               zk.order(client, Operation::create("/q/n-", client, CreateMode::PersistentSequential)));
        }
        zk.run(2s);
        std::vector<std::pair<std::string, Zxid>> made;
        for (const auto& [client, token] : asked) {
            const Reply* reply = zk.replyTo(client, token);
            QVERIFY(reply != nullptr);
            made.emplace_back(reply->path, reply->stat.czxid);
        }
        std::sort(made.begin(), made.end());
        QCOMPARE(made.front().first, std::string{"/q/n-0000000000"});
        QCOMPARE(made.back().first, std::string{"/q/n-0000000029"});
        QVERIFY(
            std::is_sorted(made.begin(), made.end(), [](const auto& x, const auto& y) { return x.second < y.second; }));
        // A number is never given twice, not even after the node is gone.
        (void)zk.perform("a", Operation::remove("/q/n-0000000029"));
        QCOMPARE(zk.perform("a", Operation::create("/q/n-", "", CreateMode::PersistentSequential)).path,
                 std::string{"/q/n-0000000030"});
    }

    void anEphemeralGoesWithItsSession() {
        Ensemble zk = withClients(3, {"a", "b"});
        (void)zk.perform("a", Operation::create("/here", "", CreateMode::Ephemeral));
        QCOMPARE(zk.perform("b", exists("/here", true)).error, ErrorCode::Ok);
        zk.fault(sim::FaultKind::Crash, "process:client/a");
        zk.run(5s);
        QCOMPARE(countOf(zk.probe("b").story, "NodeDeleted /here"), 0);  // The session's time-out is 6 s.
        zk.run(6s);
        QCOMPARE(countOf(zk.probe("b").story, "NodeDeleted /here"), 1);
        QCOMPARE(zk.perform("b", exists("/here")).error, ErrorCode::NoNode);
    }

    void anExpiredSessionIsTracedToTheCrash() {
        Ensemble zk = withClients(3, {"a"});
        (void)zk.perform("a", Operation::create("/here", "", CreateMode::Ephemeral));
        zk.fault(sim::FaultKind::Crash, "process:client/a");
        zk.run(12s);
        const auto expired = zk.entries("zookeeper.session-expired");
        QCOMPARE(expired.size(), std::size_t{1});
        QCOMPARE(std::string{expired[0]->field("client")}, std::string{"client/a"});
        QCOMPARE(std::string{expired[0]->field("ephemerals")}, std::string{"1"});
        QCOMPARE(zk.textOfCause(*expired[0]), std::string{"crash process:client/a"});
    }

    void aClosedSessionTakesItsEphemeralsAtOnce() {
        Ensemble zk = withClients(3, {"a", "b"});
        (void)zk.perform("a", Operation::create("/here", "", CreateMode::Ephemeral));
        zk.closeSession("a");
        zk.run(100ms);
        QCOMPARE(zk.perform("b", exists("/here")).error, ErrorCode::NoNode);
        QVERIFY(zk.entries("zookeeper.session-expired").empty());
    }

    void aLiveSessionNeverExpires() {
        Ensemble zk = withClients(3, {"a"});
        zk.run(120s);
        QVERIFY(zk.entries("zookeeper.session-expired").empty());
        QCOMPARE(zk.probe("a").story, (std::vector<std::string>{"connected"}));
    }

    void aWatchFiresOnce() {
        Ensemble zk = withClients(3, {"a", "b"});
        (void)zk.perform("a", Operation::create("/x", ""));
        (void)zk.perform("b", syncAll());
        (void)zk.perform("b", getData("/x", true));
        (void)zk.perform("b", getChildren("/x", true));
        for (int i = 0; i < 3; ++i) {
            (void)zk.perform("a", Operation::setData("/x", std::to_string(i)));
            (void)zk.perform("a", Operation::create("/x/" + std::to_string(i), ""));
        }
        zk.run(1s);
        QCOMPARE(zk.probe("b").story,
                 (std::vector<std::string>{"connected", "NodeDataChanged /x", "NodeChildrenChanged /x"}));
    }

    void aWatchOnWhatIsNotThereFiresWhenItIsMade() {
        Ensemble zk = withClients(3, {"a", "b"});
        QCOMPARE(zk.perform("b", exists("/x", true)).error, ErrorCode::NoNode);
        QCOMPARE(zk.perform("b", getData("/x", true)).error, ErrorCode::NoNode);  // leaves no watch
        (void)zk.perform("a", Operation::create("/x", ""));
        (void)zk.perform("a", Operation::remove("/x"));
        zk.run(1s);
        QCOMPARE(zk.probe("b").story, (std::vector<std::string>{"connected", "NodeCreated /x"}));
    }

    void aSessionMovesToAnotherServerWithItsEphemeralsAndWatches() {
        for (std::uint64_t seed = 1; seed <= 8; ++seed) {
            Ensemble zk = withClients(3, {"a", "b"}, seed);
            (void)zk.perform("a", Operation::create("/here", "", CreateMode::Ephemeral));
            (void)zk.perform("a", Operation::create("/x", ""));
            (void)zk.perform("a", getData("/x", true));
            const SessionId session = zk.probe("a").zk.session();
            zk.fault(sim::FaultKind::Crash, Ensemble::serverProcess(zk.serverOf("a")));
            QVERIFY(zk.runUntil([&] { return !zk.isConnected("a"); }));
            QVERIFY(zk.runUntil([&] { return zk.isConnected("a"); }));
            QCOMPARE(zk.probe("a").zk.session(), session);
            zk.run(20s);
            QVERIFY(zk.runUntil([&] { return zk.isConnected("b"); }));
            QCOMPARE(zk.perform("b", exists("/here")).error, ErrorCode::Ok);
            (void)zk.perform("b", Operation::setData("/x", "new"));
            zk.run(1s);
            QCOMPARE(countOf(zk.probe("a").story, "NodeDataChanged /x"), 1);
        }
    }

    void aWatchThatFiredWhileTheClientWasAwayIsMadeUpFor() {
        Ensemble zk = withClients(3, {"a", "b"});
        (void)zk.perform("a", Operation::create("/x", ""));
        (void)zk.perform("a", getData("/x", true));
        const int left = zk.serverOf("a");
        for (int i = 1; i <= 3; ++i) {
            zk.fault(sim::FaultKind::Cut, "link:a-host-" + Ensemble::serverHost(i));
        }
        if (zk.serverOf("b") != left) {
            (void)zk.perform("b", Operation::setData("/x", "new"));
        } else {
            (void)zk.perform("b", Operation::setData("/x", "new"));
        }
        QVERIFY(zk.runUntil([&] { return !zk.isConnected("a"); }));
        QCOMPARE(countOf(zk.probe("a").story, "NodeDataChanged /x"), 0);
        for (int i = 1; i <= 3; ++i) {
            zk.fault(sim::FaultKind::Heal, "link:a-host-" + Ensemble::serverHost(i));
        }
        QVERIFY(zk.runUntil([&] { return zk.isConnected("a"); }));
        zk.run(1s);
        QCOMPARE(zk.probe("a").story,
                 (std::vector<std::string>{"connected", "disconnected", "resumed", "NodeDataChanged /x"}));
    }

    void onlyAServerTellsThatTheSessionHasExpired() {
        Ensemble zk = withClients(3, {"a", "b"});
        (void)zk.perform("a", Operation::create("/here", "", CreateMode::Ephemeral));
        for (int i = 1; i <= 3; ++i) {
            zk.fault(sim::FaultKind::Cut, "link:a-host-" + Ensemble::serverHost(i));
        }
        zk.run(30s);
        QCOMPARE(zk.perform("b", exists("/here")).error, ErrorCode::NoNode);
        QCOMPARE(countOf(zk.probe("a").story, "expired"), 0);
        for (int i = 1; i <= 3; ++i) {
            zk.fault(sim::FaultKind::Heal, "link:a-host-" + Ensemble::serverHost(i));
        }
        zk.run(20s);
        QCOMPARE(countOf(zk.probe("a").story, "expired"), 1);
        QCOMPARE(zk.probe("a").story.back(), std::string{"connected"});
        const auto expired = zk.entries("zookeeper.session-expired");
        QCOMPARE(expired.size(), std::size_t{1});
        QVERIFY(zk.textOfCause(*expired[0]).starts_with("cut link:a-host-"));
    }

    void timeOutsAreClampedToTwoToTwentyTicks() {
        Ensemble zk(3);
        zk.addClient("short", 1s);
        zk.addClient("long", 300s);
        QVERIFY(zk.runUntil([&] { return zk.isConnected("short") && zk.isConnected("long"); }));
        QCOMPARE(zk.probe("short").zk.sessionTimeout(), SimDuration{4s});
        QCOMPARE(zk.probe("long").zk.sessionTimeout(), SimDuration{40s});
    }

    void requestsOfOneClientAreAnsweredInOrder() {
        Ensemble zk = withClients(3, {"a"});
        std::vector<std::uint64_t> tokens;
        tokens.push_back(zk.order("a", Operation::create("/x", "0")));
        for (int i = 1; i < 40; ++i) {
            tokens.push_back(i % 2 == 1 ? zk.order("a", getData("/x"))
                                        : zk.order("a", Operation::setData("/x", std::to_string(i))));
        }
        zk.run(2s);
        const std::vector<Reply>& replies = zk.probe("a").replies;
        QCOMPARE(replies.size(), tokens.size());
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            QCOMPARE(replies[i].tag.token, tokens[i]);
            if (i % 2 == 1) {
                QCOMPARE(replies[i].data, std::to_string(i - 1));  // a client reads its own writes
            }
        }
    }
};

QTEST_APPLESS_MAIN(TestClient)
#include "tst_client.moc"
