#include <QtTest/QTest>
#include <algorithm>
#include <vector>

#include "engine/base/random.h"
#include "engine/sim/event_queue.h"

using namespace millrace;
using namespace millrace::sim;

namespace {

struct Note final : MessageBase<Note> {
    static constexpr std::string_view Name = "test.Note";
    static inline int alive = 0;
    Note() { ++alive; }
    ~Note() override { --alive; }
    Note(const Note&) = delete;
    Note& operator=(const Note&) = delete;
    void digest(Digest&) const override {}
};

Event eventAt(std::int64_t time, std::uint32_t target) {
    Event event;
    event.time = time;
    event.target = target;
    event.message = makeRef<Note>().detach();
    return event;
}

struct Expected {
    std::int64_t time;
    std::uint32_t target;
};

std::vector<Expected> drain(EventQueue queue) {
    std::vector<Expected> seen;
    while (!queue.empty()) {
        const std::int64_t announced = queue.minTime();
        const Event event = queue.pop();
        event.message->release();
        if (announced != event.time) {
            return {};
        }
        seen.push_back({event.time, event.target});
    }
    return seen;
}

}  // namespace

class TestEventQueue : public QObject {
    Q_OBJECT
private slots:
    void leavesInOrderOfTimeThenArrivalAlsoFromCopies_data() {
        QTest::addColumn<int>("seed");
        QTest::addColumn<qint64>("spread");
        for (int seed = 1; seed <= 6; ++seed) {
            QTest::addRow("seed %d, many ties", seed) << seed << qint64{20};
            QTest::addRow("seed %d, microseconds", seed) << seed << qint64{100'000};
            QTest::addRow("seed %d, hours", seed) << seed << qint64{7'200'000'000'000};
        }
    }
    void leavesInOrderOfTimeThenArrivalAlsoFromCopies() {
        QFETCH(int, seed);
        QFETCH(qint64, spread);
        RandomStream random(static_cast<std::uint64_t>(seed), "queue");
        EventQueue queue;
        std::vector<Expected> model;
        std::vector<std::pair<EventQueue, std::vector<Expected>>> copies;
        const auto byTime = [](const Expected& a, const Expected& b) { return a.time < b.time; };
        std::int64_t now = 0;
        std::uint32_t next = 0;
        for (int round = 0; round < 20'000; ++round) {
            if (random.below(100) < 55) {
                const std::int64_t at =
                    now + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(spread)));
                queue.push(eventAt(at, next));
                model.insert(std::upper_bound(model.begin(), model.end(), Expected{at, next}, byTime), {at, next});
                ++next;
            } else if (!model.empty()) {
                const Event event = queue.pop();
                event.message->release();
                QCOMPARE(event.time, model.front().time);
                QCOMPARE(event.target, model.front().target);
                now = event.time;
                model.erase(model.begin());
            }
            if (round % 4000 == 1999) {
                copies.emplace_back(queue, model);
            }
        }
        copies.emplace_back(queue, model);
        for (const auto& [copy, expected] : copies) {
            const std::vector<Expected> seen = drain(copy);
            QCOMPARE(seen.size(), expected.size());
            for (std::size_t i = 0; i < seen.size(); ++i) {
                QCOMPARE(seen[i].time, expected[i].time);
                QCOMPARE(seen[i].target, expected[i].target);
            }
        }
        copies.clear();
        queue = EventQueue{};
        QCOMPARE(Note::alive, 0);
    }
};

QTEST_APPLESS_MAIN(TestEventQueue)
#include "tst_event_queue.moc"
