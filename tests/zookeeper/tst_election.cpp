#include <QtTest/QTest>
#include <deque>
#include <map>

#include "engine/zookeeper/election.h"

using namespace millrace;
using namespace millrace::zookeeper;

namespace {

/// Looking servers that hear each other at once, in the order in which things are said.
class Assembly {
public:
    explicit Assembly(std::size_t quorum) : m_quorum(quorum) {}
    void add(int id, Vote own) { m_elections[id].begin(ServerId{id}, m_quorum, own); }

    void run() {
        for (const auto& [id, election] : m_elections) {
            broadcast(id);
        }
        while (!m_said.empty()) {
            const auto [to, notification] = m_said.front();
            m_said.pop_front();
            const Election::Outcome outcome = m_elections[to].receive(notification);
            if (outcome.broadcast) {
                broadcast(to);
            }
            if (outcome.answer) {
                say(to, notification.from.value);
            }
        }
    }
    [[nodiscard]] int winnerAt(int id) const {
        const Election& election = m_elections.at(id);
        const std::optional<Vote> vote = election.settled(election.stamp());
        return vote ? vote->leader.value : 0;
    }
    Election& at(int id) { return m_elections[id]; }

private:
    void say(int from, int to) {
        Notification notification;
        notification.from = ServerId{from};
        notification.vote = m_elections[from].proposal();
        notification.round = m_elections[from].round();
        m_said.emplace_back(to, notification);
    }
    void broadcast(int from) {
        for (const auto& [id, election] : m_elections) {
            if (id != from) {
                say(from, id);
            }
        }
    }
    std::size_t m_quorum;
    std::map<int, Election> m_elections;
    std::deque<std::pair<int, Notification>> m_said;
};

}  // namespace

using Histories = QList<QPair<int, int>>;

class TestElection : public QObject {
    Q_OBJECT

private slots:
    void theNewestHistoryWins_data() {
        QTest::addColumn<Histories>("histories");  // epoch and counter of servers 1, 2, 3
        QTest::addColumn<int>("best");
        QTest::newRow("the greatest id when all are equal") << Histories{{1, 5}, {1, 5}, {1, 5}} << 3;
        QTest::newRow("the longest log before the greatest id") << Histories{{1, 9}, {1, 5}, {1, 8}} << 1;
        QTest::newRow("the newest epoch before the longest log") << Histories{{1, 9}, {2, 1}, {1, 9}} << 2;
    }
    void theNewestHistoryWins() {
        QFETCH(const Histories, histories);
        QFETCH(const int, best);
        Assembly assembly(2);
        for (int id = 1; id <= 3; ++id) {
            const auto epoch = static_cast<std::uint32_t>(histories[id - 1].first);
            const auto counter = static_cast<std::uint32_t>(histories[id - 1].second);
            assembly.add(id, {ServerId{id}, makeZxid(epoch, counter), epoch});
        }
        assembly.run();
        for (int id = 1; id <= 3; ++id) {
            QCOMPARE(assembly.winnerAt(id), best);
        }
    }

    void aVoteSettlesOnlyWhenNothingBetterHasCome() {
        Assembly assembly(2);
        assembly.add(1, {ServerId{1}, makeZxid(1, 1), 1});
        assembly.add(2, {ServerId{2}, makeZxid(1, 1), 1});
        assembly.run();
        const std::uint64_t stamp = assembly.at(1).stamp();
        QVERIFY(assembly.at(1).settled(stamp));
        Notification late;
        late.from = ServerId{3};
        late.vote = {ServerId{3}, makeZxid(1, 2), 1};
        late.round = assembly.at(1).round();
        QVERIFY(assembly.at(1).receive(late).broadcast);
        QVERIFY(!assembly.at(1).settled(stamp));
    }

    void aLateComerJoinsTheLeaderThatIsAtWork() {
        Election election;
        election.begin(ServerId{3}, 2, {ServerId{3}, makeZxid(9, 9), 9});
        Notification heard;
        heard.vote = {ServerId{1}, makeZxid(1, 1), 2};
        heard.round = 7;
        heard.from = ServerId{2};
        heard.state = ServerState::Following;
        QVERIFY(!election.receive(heard).decided);  // the leader itself has not been heard
        heard.from = ServerId{1};
        heard.state = ServerState::Leading;
        const Election::Outcome outcome = election.receive(heard);
        QVERIFY(outcome.decided);
        QCOMPARE(outcome.decided->leader, ServerId{1});
        QCOMPARE(election.round(), std::uint64_t{7});
    }

    void oneWhoIsBehindIsToldTheRound() {
        Election election;
        election.begin(ServerId{1}, 2, {ServerId{1}, Zxid{}, 0});
        election.begin(ServerId{1}, 2, {ServerId{1}, Zxid{}, 0});
        Notification heard;
        heard.from = ServerId{2};
        heard.vote = {ServerId{2}, makeZxid(1, 1), 1};
        heard.round = 1;
        const Election::Outcome outcome = election.receive(heard);
        QVERIFY(outcome.answer);
        QVERIFY(!outcome.settling);
        QCOMPARE(election.proposal().leader, ServerId{1});
    }
};

QTEST_APPLESS_MAIN(TestElection)
#include "tst_election.moc"
