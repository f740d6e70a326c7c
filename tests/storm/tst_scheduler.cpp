#include <QTest>

#include <ctime>

#include "engine/storm/cluster/scheduler.h"
#include "engine/storm/operators/offset_manager.h"
#include "engine/storm/runtime/operator.h"
#include "engine/storm/state.h"

using namespace millrace;
using namespace millrace::storm;

namespace {

Slot slot(const char* node, int port) {
    return {node, sim::Port{static_cast<std::uint16_t>(port)}};
}

std::vector<ExecutorRange> executors(int count) {
    std::vector<ExecutorRange> all;
    for (int i = 1; i <= count; ++i) {
        all.push_back({TaskId{i}, TaskId{i}});
    }
    return all;
}

/// "s1:6700=1 3; s2:6700=2"
QString print(const ExecutorSlots& result) {
    std::map<Slot, QStringList> bySlot;
    for (const auto& [executor, place] : result) {
        bySlot[place] << QString::number(executor.first.value);
    }
    QStringList texts;
    for (const auto& [place, tasks] : bySlot) {
        texts << QStringLiteral("%1:%2=%3")
                     .arg(QString::fromStdString(place.node))
                     .arg(place.port.value)
                     .arg(tasks.join(QLatin1Char(' ')));
    }
    return texts.join(QStringLiteral("; "));
}

SchedulingRequest request(int workers, int executorCount, std::vector<Slot> slots_) {
    SchedulingRequest what;
    what.workers = workers;
    what.executors = executors(executorCount);
    what.freeSlots = slots_;
    what.knownSlots = std::move(slots_);
    return what;
}

}  // namespace

class TestScheduler : public QObject {
    Q_OBJECT
private slots:
    void slotsInterleaveNodesWithMoreFreeOnesFirst() {
        const auto sorted = sortedSlots(
            {slot("a", 6701), slot("b", 6700), slot("b", 6702), slot("b", 6701), slot("c", 6700), slot("c", 6701)});
        QStringList texts;
        for (const Slot& each : sorted) {
            texts << QStringLiteral("%1%2").arg(QString::fromStdString(each.node)).arg(each.port.value);
        }
        QCOMPARE(texts.join(QLatin1Char(' ')), QStringLiteral("b6700 c6700 a6701 b6701 c6701 b6702"));
    }

    void executorsAreDealtRoundRobinOverTheSlots() {
        const auto result =
            schedule(request(2, 5, {slot("s1", 6700), slot("s1", 6701), slot("s2", 6700), slot("s2", 6701)}));
        QCOMPARE(print(result), QStringLiteral("s1:6700=1 3 5; s2:6700=2 4"));
    }

    void topologyTakesWhatThereIs() {
        const auto result = schedule(request(4, 3, {slot("s1", 6700)}));
        QCOMPARE(print(result), QStringLiteral("s1:6700=1 2 3"));
        QVERIFY(schedule(request(1, 3, {})).empty());
    }

    void slotThatFitsTheSplitStaysWhenAnotherDies() {
        SchedulingRequest what = request(2, 5, {slot("s3", 6700), slot("s3", 6701)});
        what.knownSlots.push_back(slot("s1", 6700));
        what.alive = {{{TaskId{1}, TaskId{1}}, slot("s1", 6700)},
                      {{TaskId{3}, TaskId{3}}, slot("s1", 6700)},
                      {{TaskId{5}, TaskId{5}}, slot("s1", 6700)}};
        QCOMPARE(print(schedule(what)), QStringLiteral("s1:6700=1 3 5; s3:6700=2 4"));
    }

    void slotThatDoesNotFitTheSplitIsFreed() {
        // One worker had everything; now there is room for two.
        SchedulingRequest what = request(2, 4, {slot("s2", 6700)});
        what.knownSlots.push_back(slot("s1", 6700));
        for (int i = 1; i <= 4; ++i) {
            what.alive[{TaskId{i}, TaskId{i}}] = slot("s1", 6700);
        }
        QCOMPARE(print(schedule(what)), QStringLiteral("s1:6700=1 3; s2:6700=2 4"));
    }

    void nothingMovesWhenNothingIsMissing() {
        SchedulingRequest what = request(2, 4, {slot("s3", 6700), slot("s3", 6701)});
        what.alive = {{{TaskId{1}, TaskId{1}}, slot("s1", 6700)},
                      {{TaskId{2}, TaskId{2}}, slot("s1", 6700)},
                      {{TaskId{3}, TaskId{3}}, slot("s1", 6700)},
                      {{TaskId{4}, TaskId{4}}, slot("s2", 6700)}};
        QVERIFY(!needsScheduling(what));
        QCOMPARE(print(schedule(what)), QStringLiteral("s1:6700=1 2 3; s2:6700=4"));
    }

    void stateSurvivesItsWayThroughZooKeeper() {
        Assignment assignment;
        assignment.hosts = {{"s1", "h1"}, {"s2", "h2"}};
        assignment.executors[{TaskId{1}, TaskId{3}}] = {slot("s1", 6700), atNanoseconds(123)};
        assignment.executors[{TaskId{4}, TaskId{4}}] = {slot("s2", 6701), atNanoseconds(456)};
        QVERIFY(Assignment::decode(assignment.encode()) == assignment);
        const StormBase base{"audit", TopologyStatus::Active, 2, 1767225600000};
        QVERIFY(StormBase::decode(base.encode()) == base);
        const SupervisorInfo info{"h1", {sim::Port{6700}, sim::Port{6701}}, {}};
        QVERIFY(SupervisorInfo::decode(info.encode()) == info);
        QVERIFY(!Assignment::decode("executor 1 2"));
    }

    void offsetsAreCommittableUpToTheFirstThatIsNotDone() {
        RandomStream random(3, "offsets");
        for (int round = 0; round < 50; ++round) {
            OffsetManager manager(100);
            std::vector<std::int64_t> order;
            for (std::int64_t offset = 100; offset < 200; ++offset) {
                manager.emitted(offset);
                order.push_back(offset);
            }
            std::vector<bool> done(300, false);
            for (std::size_t i = order.size(); i > 0; --i) {
                std::swap(order[i - 1], order[static_cast<std::size_t>(random.below(i))]);
                manager.acked(order[i - 1]);
                done[static_cast<std::size_t>(order[i - 1])] = true;
                std::int64_t expected = 100;
                while (done[static_cast<std::size_t>(expected)]) {
                    ++expected;
                }
                QCOMPARE(manager.committable(), expected);
            }
            QCOMPARE(manager.committable(), 200);
            QVERIFY(manager.wordCount() <= 1);
        }
        OffsetManager withGap(5);
        withGap.emitted(9);  // 5 to 8 are not in the log.
        withGap.acked(9);
        QCOMPARE(withGap.committable(), 10);
    }

    /// One of two consumers of a stream has died: every second tuple is missing, and later all come at once.
    void missingTuplesBetweenAckedOnesCostNoMoreThanOthers() {
        constexpr std::int64_t count = 2'000'000;
        const std::clock_t start = std::clock();
        OffsetManager manager(7);
        for (std::int64_t offset = 7; offset < 7 + count; ++offset) {
            manager.emitted(offset);
            if (offset % 2 == 0) {
                manager.acked(offset);
            }
        }
        QCOMPARE(manager.committable(), 7);
        for (std::int64_t offset = 7; offset < 7 + count; offset += 2) {
            manager.acked(offset);
            QCOMPARE(manager.committable(), std::min(offset + 2, 7 + count));
        }
        QVERIFY(manager.wordCount() <= 1);
        const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
        QVERIFY2(seconds < 5, "the work grows with the number of gaps");
    }
};

QTEST_APPLESS_MAIN(TestScheduler)
#include "tst_scheduler.moc"
