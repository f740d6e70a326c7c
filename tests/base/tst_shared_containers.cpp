#include <QtTest/QTest>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/shared_log.h"
#include "engine/base/shared_map.h"
#include "engine/base/shared_queue.h"

using namespace millrace;

namespace {

/// A log with its copies, held against plain vectors with an offset.
struct LogModel {
    SharedLog<int> log;
    std::vector<int> items;
    std::uint64_t first = 0;

    void compare() const {
        QCOMPARE(log.firstIndex(), first);
        QCOMPARE(log.size(), items.size());
        for (std::size_t i = 0; i < items.size(); ++i) {
            QCOMPARE(log[first + i], items[i]);
        }
        std::size_t at = 0;
        for (const int item : log) {
            QCOMPARE(item, items[at++]);
        }
        QCOMPARE(at, items.size());
    }
};

}  // namespace

class TestSharedContainers : public QObject {
    Q_OBJECT
private slots:
    void logAgreesWithAPlainVectorUnderAppendTruncateDropAndCopy_data() {
        QTest::addColumn<int>("seed");
        for (int seed = 1; seed <= 12; ++seed) {
            QTest::addRow("seed %d", seed) << seed;
        }
    }
    void logAgreesWithAPlainVectorUnderAppendTruncateDropAndCopy() {
        QFETCH(int, seed);
        RandomStream random(static_cast<std::uint64_t>(seed), "log");
        std::vector<LogModel> copies(1);
        for (int round = 0; round < 300; ++round) {
            LogModel& model = copies[random.below(copies.size())];
            switch (random.below(6)) {
                case 0:
                case 1:
                case 2:
                    for (std::uint64_t i = random.below(700); i > 0; --i) {
                        const int value = static_cast<int>(random.below(1'000'000));
                        model.log.append(value);
                        model.items.push_back(value);
                    }
                    break;
                case 3: {
                    const std::uint64_t end = model.first + random.below(model.items.size() + 1);
                    model.log.truncate(end);
                    model.items.resize(end - model.first);
                    break;
                }
                case 4: {
                    const std::uint64_t gone = random.below(model.items.size() + 1);
                    model.log.dropFront(model.first + gone);
                    model.items.erase(model.items.begin(), model.items.begin() + static_cast<std::ptrdiff_t>(gone));
                    model.first += gone;
                    break;
                }
                default:
                    if (copies.size() < 6) {
                        const LogModel copy = model;
                        copies.push_back(copy);
                    } else if (!model.items.empty()) {
                        const std::uint64_t at = random.below(model.items.size());
                        model.log.update(model.first + at) = -1;
                        model.items[at] = -1;
                    }
            }
            if (round % 20 == 0) {
                for (const LogModel& each : copies) {
                    each.compare();
                }
            }
        }
        for (const LogModel& each : copies) {
            each.compare();
        }
    }

    void mapAgreesWithStdMapUnderWritesErasesAndCopies_data() {
        logAgreesWithAPlainVectorUnderAppendTruncateDropAndCopy_data();
    }
    void mapAgreesWithStdMapUnderWritesErasesAndCopies() {
        QFETCH(int, seed);
        RandomStream random(static_cast<std::uint64_t>(seed), "map");
        struct Pair {
            SharedMap<int, int> map;
            std::map<int, int> model;
        };
        std::vector<Pair> copies(1);
        for (int round = 0; round < 20'000; ++round) {
            Pair& pair = copies[random.below(copies.size())];
            const int key = static_cast<int>(random.below(3000));
            const int value = static_cast<int>(random.below(1'000'000));
            switch (random.below(8)) {
                case 0:
                case 1:
                case 2:
                    QCOMPARE(pair.map.set(key, value), pair.model.insert_or_assign(key, value).second);
                    break;
                case 3:
                    pair.map[key] += value, pair.model[key] += value;
                    break;
                case 4:
                case 5: {
                    const auto known = pair.model.find(key);
                    const bool isThere = known != pair.model.end();
                    if (value % 2 == 0) {
                        QCOMPARE(pair.map.take(key), isThere ? std::optional(known->second) : std::nullopt);
                        pair.model.erase(key);
                    } else {
                        QCOMPARE(pair.map.erase(key), pair.model.erase(key) == 1);
                    }
                    break;
                }
                case 6: {
                    const auto at = pair.map.lowerBound(key);
                    const auto expected = pair.model.lower_bound(key);
                    QCOMPARE(at == pair.map.end(), expected == pair.model.end());
                    if (expected != pair.model.end()) {
                        QCOMPARE(at->first, expected->first);
                        QCOMPARE(at->second, expected->second);
                    }
                    break;
                }
                default:
                    if (copies.size() < 5 && round % 500 == 0) {
                        const Pair copy = pair;
                        copies.push_back(copy);
                    }
            }
        }
        for (const Pair& pair : copies) {
            QCOMPARE(pair.map.size(), pair.model.size());
            auto expected = pair.model.begin();
            for (const auto& [key, value] : pair.map) {
                QCOMPARE(key, expected->first);
                QCOMPARE(value, expected->second);
                ++expected;
            }
            QVERIFY(expected == pair.model.end());
            for (const auto& [key, value] : pair.model) {
                QCOMPARE(pair.map.at(key), value);
            }
        }
    }

    void queueAgreesWithDequeWhileCopiesStayAsTheyWere() {
        RandomStream random(5, "queue");
        SharedQueue<int> queue;
        std::deque<int> model;
        SharedQueue<int> kept;
        std::deque<int> keptModel;
        for (int round = 0; round < 50'000; ++round) {
            if (random.below(100) < (round / 5000 % 2 == 0 ? 60U : 40U)) {
                queue.push(round);
                model.push_back(round);
            } else if (!model.empty()) {
                QCOMPARE(queue.pop(), model.front());
                model.pop_front();
            }
            if (round % 7000 == 3500) {
                kept = queue;
                keptModel = model;
            }
            QCOMPARE(queue.size(), model.size());
        }
        std::vector<int> seen;
        kept.forEach([&](int value) { seen.push_back(value); });
        QVERIFY(std::equal(seen.begin(), seen.end(), keptModel.begin(), keptModel.end()));
    }
};

QTEST_APPLESS_MAIN(TestSharedContainers)
#include "tst_shared_containers.moc"
