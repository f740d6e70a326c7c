#include <QTest>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "engine/storm/runtime/acker_executor.h"
#include "engine/storm/runtime/emitter.h"
#include "engine/storm/runtime/operator.h"
#include "engine/storm/runtime/rotating_map.h"
#include "engine/storm/runtime/shared_table.h"
#include "engine/storm/runtime/shuffle_ring.h"
#include "engine/storm/runtime/value.h"
#include "engine/storm/topology.h"

using namespace millrace;
using namespace millrace::storm;

namespace {

int indexOf(std::int32_t hash, int n) {
    return ((hash % n) + n) % n;
}

std::uint64_t tableWork = 0;  // hashes taken and values copied or moved

/// A number as the table hashes it, or as something worse would.
template <bool isMixed>
struct CountedKey {
    using Stored = std::uint64_t;
    using View = std::uint64_t;
    static std::uint64_t hash(std::uint64_t key) {
        ++tableWork;
        return isMixed ? mixBits(key) : key;
    }
};
struct CountedValue {
    std::uint64_t number = 0;
    CountedValue() = default;
    explicit CountedValue(std::uint64_t n) : number(n) {}
    CountedValue(const CountedValue& other) : number(other.number) { ++tableWork; }
    CountedValue(CountedValue&& other) noexcept : number(other.number) { ++tableWork; }
    CountedValue& operator=(const CountedValue& other) {
        number = other.number;
        ++tableWork;
        return *this;
    }
    CountedValue& operator=(CountedValue&& other) noexcept {
        number = other.number;
        ++tableWork;
        return *this;
    }
    ~CountedValue() = default;
};

/// Tasks 1, 2, ... of the given nearness.
RouteTable routesTo(const std::vector<Scope>& scopes) {
    RouteTable table;
    table.routes.resize(scopes.size() + 1);
    for (std::size_t i = 0; i < scopes.size(); ++i) {
        table.routes[i + 1].scope = scopes[i];
    }
    table.isAssigned = true;
    return table;
}

LoadMap loadsOf(const std::vector<float>& loads) {
    LoadMap map;
    map.loads = {0};
    map.loads.insert(map.loads.end(), loads.begin(), loads.end());
    return map;
}

/// How many of `count` tuples each task gets, "500 500 0".
QString dealt(ShuffleRing& ring, int count) {
    std::map<std::int32_t, int> shares;
    for (const TaskId task : ring.targets()) {
        shares[task.value] = 0;
    }
    for (int i = 0; i < count; ++i) {
        ++shares[ring.next().value];
    }
    QStringList text;
    for (const auto& [task, share] : shares) {
        text << QString::number(share);
    }
    return text.join(u' ');
}

enum class Order { Rising, Falling, Random };

std::vector<std::uint64_t> inOrder(std::vector<std::uint64_t> keys, Order order) {
    RandomStream random(5, "order");
    if (order == Order::Falling) {
        std::reverse(keys.begin(), keys.end());
    } else if (order == Order::Random) {
        for (std::size_t i = keys.size(); i > 1; --i) {
            std::swap(keys[i - 1], keys[static_cast<std::size_t>(random.below(i))]);
        }
    }
    return keys;
}

/// Fills a table and a std::map, empties both (twice, with a window of keys between), and gives the work per step.
template <class Key>
double workPerStep(const std::vector<std::uint64_t>& keys, Order order) {
    SharedTable<Key, CountedValue> table;
    std::map<std::uint64_t, std::uint64_t> truth;
    std::uint64_t steps = 0;
    tableWork = 0;
    const auto insert = [&](std::uint64_t key) {
        table.insert(key).first.number = key * 3;
        truth[key] = key * 3;
        ++steps;
    };
    const auto erase = [&](std::uint64_t key) {
        const bool isThere = truth.erase(key) == 1;
        ++steps;
        return table.erase(key) == isThere;
    };
    const auto isSame = [&] {
        const std::uint64_t work = tableWork;
        bool same = table.size() == truth.size();
        for (const auto& [key, value] : truth) {
            const CountedValue* found = table.find(key);
            same = same && found != nullptr && found->number == value;
        }
        std::uint64_t visited = 0;
        table.forEach([&](std::uint64_t key, const CountedValue&) { visited += truth.contains(key) ? 1 : 0; });
        tableWork = work;
        return same && visited == truth.size();
    };
    for (int round = 0; round < 2; ++round) {
        for (const std::uint64_t key : keys) {
            insert(key);
        }
        if (!isSame()) {
            return -1;
        }
        const std::vector<std::uint64_t> leaving = inOrder(keys, order);
        for (std::size_t i = 0; i < leaving.size(); ++i) {
            if (!erase(leaving[i]) || !erase(leaving[i] ^ (std::uint64_t{1} << 62U))) {
                return -2;
            }
            if (i % 5'000 == 0 && !isSame()) {
                return -3;
            }
            if (i + 100 == leaving.size()) {  // A window: one comes, one goes.
                for (std::uint64_t n = 0; n < 20'000; ++n) {
                    insert(keys.back() + 1 + n);
                    if (!erase(keys.back() + 1 + n)) {
                        return -4;
                    }
                }
            }
        }
        if (!table.empty()) {
            return -5;
        }
    }
    return static_cast<double>(tableWork) / static_cast<double>(steps);
}

/// What an acker is told of several edges at once.
std::uint64_t edges(auto... ids) {
    return (static_cast<std::uint64_t>(ids) ^ ...);
}

}  // namespace

class TestGrouping : public QObject {
    Q_OBJECT
private slots:
    /// Vectors made with Java 17: value, hash of the list that holds it alone, index for 3, 4 and 8 targets.
    void fieldsGroupingHashesAsJavaDoes_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("hash");
        QTest::addColumn<QVector<int>>("indices");
        const auto row = [](const char* kind, const char* text, int hash, QVector<int> indices) {
            QTest::addRow("%s %s", kind, text) << QString::fromUtf8(kind) << QString::fromUtf8(text) << hash << indices;
        };
        row("text", "the", 114832, {1, 0, 0});
        row("text", "cow", 98730, {0, 2, 2});
        row("text", "nathan", -1052620301, {1, 3, 3});
        row("text", "bob", 97748, {2, 0, 4});
        row("pair", "apple,1", -1411060776, {0, 0, 0});
        row("int", "7", 38, {2, 2, 6});
        row("long", "42", 73, {1, 1, 1});
        row("long", "-1", 31, {1, 3, 7});
        row("double", "1.0", 1072693279, {1, 3, 7});
        row("double", "0.5", 1071644703, {0, 3, 7});
        row("bool", "true", 1262, {2, 2, 6});
        row("null", "", 31, {1, 3, 7});
        row("text", "é", 264, {0, 0, 0});
        row("text", "😀", 1772930, {2, 2, 2});
    }
    void fieldsGroupingHashesAsJavaDoes() {
        QFETCH(QString, kind);
        QFETCH(QString, text);
        QFETCH(int, hash);
        QFETCH(QVector<int>, indices);
        const std::string bytes = text.toStdString();
        std::vector<Value> values;
        if (kind == u"text") {
            values = {Value::ofText(bytes)};
        } else if (kind == u"pair") {
            values = {Value::ofText(std::string_view{bytes}.substr(0, 5)),
                      Value::ofText(std::string_view{bytes}.substr(6))};
        } else if (kind == u"int") {
            values = {Value::ofInt(text.toInt())};
        } else if (kind == u"long") {
            values = {Value::ofLong(text.toLongLong())};
        } else if (kind == u"double") {
            values = {Value::ofDouble(text.toDouble())};
        } else if (kind == u"bool") {
            values = {Value::ofBool(true)};
        } else {
            values = {Value{}};
        }
        const std::int32_t actual = javaHash(std::span<const Value>(values));
        QCOMPARE(actual, hash);
        QCOMPARE(indexOf(actual, 3), indices[0]);
        QCOMPARE(indexOf(actual, 4), indices[1]);
        QCOMPARE(indexOf(actual, 8), indices[2]);
    }

    void ackerOfARootIsAFieldsGroupingOnALong() {
        for (const std::uint64_t root : {std::uint64_t{42}, ~std::uint64_t{0}, std::uint64_t{0x8123456789ABCDEF}}) {
            const Value value = Value::ofLong(static_cast<std::int64_t>(root));
            const int index = indexOf(javaHash(std::span<const Value>(&value, 1)), 3);
            QCOMPARE(ackerOf(root, 3).value, 1 + index);
        }
    }

    void rootsRiseWithTimeDifferAndGiveAckersEqualShares() {
        std::set<std::uint64_t> roots;
        std::array<int, 3> shares{};
        std::uint64_t before = 0;
        for (int unit = 0; unit < 10; ++unit) {
            const SimTime now = atNanoseconds(std::int64_t{unit} << 16U);
            for (std::uint32_t i = 0; i < 1'000; ++i) {
                for (const std::int32_t task : {7, 8, 9}) {
                    const std::uint64_t root = rootOf(now, TaskId{task}, i);
                    QVERIFY(unit == 0 || root > before);
                    QVERIFY2(roots.insert(root).second, "two trees have one number");
                    ++shares[static_cast<std::size_t>(ackerOf(root, 3).value - 1)];
                }
            }
            before = *roots.rbegin();
        }
        for (const int share : shares) {
            QVERIFY2(share > 9'500 && share < 10'500, qPrintable(QString::number(share)));
        }
    }

    void copyOfAMillionPendingTreesClonesOnlyWhatIsWritten() {
        RotatingMap<std::uint64_t, std::uint64_t, 3> trees;
        std::deque<std::uint64_t> open;
        std::uint32_t count = 0;
        const auto grow = [&] {
            open.push_back(rootOf(atNanoseconds(std::int64_t{count} * 50'000), TaskId{1}, count));
            ++count;
            trees.insert(open.back()).first = count;
        };
        while (count < 1'000'000) {
            grow();
        }
        const RotatingMap<std::uint64_t, std::uint64_t, 3> copy = trees;
        const std::size_t before = bytesCloned();
        for (int i = 0; i < 1'000; ++i) {
            grow();
            QVERIFY(trees.erase(open.front()));
            open.pop_front();
        }
        QCOMPARE(copy.size(), std::uint64_t{1'000'000});
        QVERIFY2(bytesCloned() - before < 200'000, qPrintable(QString::number(bytesCloned() - before)));
    }

    void tasksSplitIntoContiguousRangesLargerFirst_data() {
        QTest::addColumn<int>("tasks");
        QTest::addColumn<int>("executors");
        QTest::addColumn<QVector<int>>("sizes");
        QTest::addRow("10 over 3") << 10 << 3 << QVector<int>{4, 3, 3};
        QTest::addRow("5 over 3") << 5 << 3 << QVector<int>{2, 2, 1};
        QTest::addRow("2 over 8") << 2 << 8 << QVector<int>{1, 1};
        QTest::addRow("4 over 1") << 4 << 1 << QVector<int>{4};
    }
    void tasksSplitIntoContiguousRangesLargerFirst() {
        QFETCH(int, tasks);
        QFETCH(int, executors);
        QFETCH(QVector<int>, sizes);
        const auto ranges = splitTasks(TaskId{7}, tasks, executors);
        QVector<int> actual;
        int next = 7;
        for (const ExecutorRange& range : ranges) {
            QCOMPARE(range.first.value, next);
            next = range.last.value + 1;
            actual.push_back(range.taskCount());
        }
        QCOMPARE(actual, sizes);
    }

    void sharedTableKeepsWhatItIsGivenAndCopiesAreIndependent() {
        SharedTable<TextKey, int> table;
        RandomStream random(7, "table");
        std::map<std::string, int> truth;
        for (int i = 0; i < 20'000; ++i) {
            const std::string key = "word" + std::to_string(random.below(5'000));
            if (random.chance(0.2)) {
                QCOMPARE(table.erase(key), truth.erase(key) == 1);
            } else {
                ++table.insert(key).first;
                ++truth[key];
            }
        }
        const SharedTable<TextKey, int> copy = table;
        for (const auto& [key, count] : truth) {
            table.insert(key).first = -1;
        }
        QCOMPARE(copy.size(), truth.size());
        std::map<std::string, int> seen;
        copy.forEach([&](const std::string& key, int count) { seen[key] = count; });
        QVERIFY(seen == truth);
        table.forEach([](const std::string&, int count) { QCOMPARE(count, -1); });
    }

    void tableThatWasLargeOnceIsCopiedAsASmallOne() {
        SharedTable<CountedKey<true>, std::uint64_t> table;
        RandomStream random(11, "peak");
        std::vector<std::uint64_t> keys;
        for (int i = 0; i < 50'000; ++i) {
            keys.push_back(random.next());
            table.insert(keys.back()).first = keys.back();
        }
        for (std::size_t i = 100; i < keys.size(); ++i) {
            QVERIFY(table.erase(keys[i]));
        }
        QCOMPARE(table.size(), std::uint64_t{100});
        for (std::size_t i = 0; i < 100; ++i) {
            QCOMPARE(*table.find(keys[i]), keys[i]);
        }
        const SharedTable<CountedKey<true>, std::uint64_t> copy = table;
        const std::size_t before = bytesCloned();
        for (int i = 0; i < 1'000; ++i) {
            const std::uint64_t key = random.next();
            table.insert(key).first = key;
            QVERIFY(table.erase(key));
        }
        QVERIFY2(bytesCloned() - before < 100'000, "each of a thousand writes cloned a segment of its own");
        QCOMPARE(copy.size(), std::uint64_t{100});
    }

    void tableDoesTheSameWorkAStepWhateverTheKeysAre_data() {
        QTest::addColumn<QVector<quint64>>("keys");
        QTest::addColumn<bool>("isMixed");
        constexpr quint64 count = 30'000;
        const auto row = [](const char* name, bool isMixed, auto&& make) {
            QVector<quint64> keys;
            for (quint64 i = 0; i < count; ++i) {
                keys.push_back(make(i));
            }
            QTest::newRow(name) << keys << isMixed;
        };
        RandomStream random(3, "keys");
        row("consecutive from 1", true, [](quint64 i) { return i + 1; });
        row("consecutive from 1366302", true, [](quint64 i) { return i + 1'366'302; });
        row("in steps of 2^32", true, [](quint64 i) { return i << 32U; });
        row("in clusters", true, [](quint64 i) { return (i / 64 * 1'000'003) + i % 64; });
        row("random", true, [&](quint64) { return random.next(); });
        row("hashes in steps of 2^20", false, [](quint64 i) { return i << 20U; });
        row("hashes in clusters", false, [](quint64 i) { return ((i % 300) << 40U) + ((i / 300) << 3U); });
        row("hashes that differ at the top alone", false, [](quint64 i) { return i << 48U; });
    }
    void tableDoesTheSameWorkAStepWhateverTheKeysAre() {
        QFETCH(QVector<quint64>, keys);
        QFETCH(bool, isMixed);
        const std::vector<std::uint64_t> all(keys.begin(), keys.end());
        for (const Order order : {Order::Rising, Order::Falling, Order::Random}) {
            const double work =
                isMixed ? workPerStep<CountedKey<true>>(all, order) : workPerStep<CountedKey<false>>(all, order);
            QVERIFY2(work > 0, qPrintable(QStringLiteral("differs from std::map: %1").arg(work)));
            QVERIFY2(work < 60, qPrintable(QStringLiteral("%1 hashes and copies a step").arg(work)));
        }
    }

    void shuffleStaysInTheWorkerWhileItsTasksKeepUp() {
        RandomStream random(1, "shuffle");
        const TopologyConfig config;
        const RouteTable routes = routesTo({Scope::WorkerLocal, Scope::HostLocal, Scope::RackLocal, Scope::RackLocal});
        ShuffleRing ring({TaskId{1}, TaskId{2}, TaskId{3}, TaskId{4}}, random);
        ring.refresh(routes, nullptr, config, random);
        QCOMPARE(dealt(ring, 1'000), QStringLiteral("1000 0 0 0"));
        LoadMap loads = loadsOf({0.79F, 0, 0, 0});
        ring.refresh(routes, &loads, config, random);
        QVERIFY(ring.scope() == Scope::WorkerLocal);
        loads = loadsOf({0.81F, 0.9F, 0.1F, 0.1F});  // One step a refresh, by the mean of those in the scope.
        ring.refresh(routes, &loads, config, random);
        QVERIFY(ring.scope() == Scope::HostLocal);
        ring.refresh(routes, &loads, config, random);
        QVERIFY(ring.scope() == Scope::RackLocal);
        ring.refresh(routes, &loads, config, random);
        QVERIFY(ring.scope() == Scope::RackLocal);
        const QStringList shares = dealt(ring, 1'000).split(u' ');
        QVERIFY2(shares[2].toInt() > shares[0].toInt() + 30, qPrintable(shares.join(u' ')));
        loads = loadsOf({0.1F, 0.1F, 0.1F, 0.1F});
        ring.refresh(routes, &loads, config, random);
        ring.refresh(routes, &loads, config, random);
        QVERIFY(ring.scope() == Scope::WorkerLocal);
        QCOMPARE(dealt(ring, 1'000), QStringLiteral("1000 0 0 0"));
    }

    void shuffleAvoidsATaskThatFallsBehindAndComesBackSlowly() {
        RandomStream random(2, "shuffle");
        const TopologyConfig config;
        const RouteTable routes = routesTo({Scope::WorkerLocal, Scope::WorkerLocal});
        ShuffleRing ring({TaskId{1}, TaskId{2}}, random);
        ring.refresh(routes, nullptr, config, random);
        const QStringList equal = dealt(ring, 100'000).split(u' ');
        QVERIFY2(equal[0].toInt() >= 49'000 && equal[0].toInt() <= 51'000, qPrintable(equal.join(u' ')));
        LoadMap loads = loadsOf({0.3F, 0.36F});
        for (int i = 0; i < 5; ++i) {
            ring.refresh(routes, &loads, config, random);
        }
        QCOMPARE(ring.weights()[0], 100);
        QCOMPARE(ring.weights()[1], 50);
        for (int i = 0; i < 5; ++i) {
            ring.refresh(routes, &loads, config, random);
        }
        QCOMPARE(dealt(ring, 1'000), QStringLiteral("1000 0"));
        loads = loadsOf({0.3F, 0.3F});
        for (int i = 0; i < 25; ++i) {
            ring.refresh(routes, &loads, config, random);
        }
        QCOMPARE(ring.weights()[1], 25);
    }

    /// Storm takes a task of which nobody has said anything for fully loaded.
    void shuffleWithoutTasksNearByGoesToAll() {
        RandomStream random(3, "shuffle");
        const TopologyConfig config;
        const RouteTable routes = routesTo({Scope::RackLocal, Scope::RackLocal, Scope::Everything});
        ShuffleRing ring({TaskId{1}, TaskId{2}, TaskId{3}}, random);
        ring.refresh(routes, nullptr, config, random);
        QVERIFY(ring.scope() == Scope::RackLocal);
        const LoadMap unknown;
        ring.refresh(routes, &unknown, config, random);
        QVERIFY(ring.scope() == Scope::Everything);
        const QStringList shares = dealt(ring, 30'000).split(u' ');
        for (const QString& share : shares) {
            QVERIFY2(share.toInt() > 9'500, qPrintable(shares.join(u' ')));
        }
    }

    void localOrShuffleNeverLeavesAWorkerThatHasATask() {
        RandomStream random(4, "shuffle");
        ShuffleRing ring({TaskId{1}, TaskId{2}, TaskId{3}}, random);
        ring.keepLocal(routesTo({Scope::RackLocal, Scope::WorkerLocal, Scope::RackLocal}), random);
        QCOMPARE(dealt(ring, 100), QStringLiteral("100"));
        QCOMPARE(ring.targets().front(), TaskId{2});
        ShuffleRing far({TaskId{1}, TaskId{2}}, random);
        far.keepLocal(routesTo({Scope::RackLocal, Scope::RackLocal}), random);
        QCOMPARE(dealt(far, 100), QStringLiteral("50 50"));
    }

    void treeClosesWhenEveryEdgeWasGivenOutAndAckedInAnyOrder() {
        for (std::uint64_t seed = 1; seed <= 200; ++seed) {
            RandomStream random(seed, "tree");
            std::vector<AckBatch::Entry> messages;
            // A random tree: each tuple's ack carries its own edge XOR its children's.
            std::uint64_t init = 0;
            std::vector<std::uint64_t> open;
            for (std::uint64_t i = 0; i <= random.below(3); ++i) {
                open.push_back(random.next());
                init ^= open.back();
            }
            messages.push_back({77, init, TaskId{5}, 1, AckBatch::Kind::Init});
            while (!open.empty()) {
                std::uint64_t value = open.back();
                open.pop_back();
                for (std::uint64_t i = random.below(3); i > 0 && messages.size() < 60; --i) {
                    open.push_back(random.next());
                    value ^= open.back();
                }
                messages.push_back({77, value, noTask, 1, AckBatch::Kind::Ack});
            }
            for (std::size_t i = messages.size(); i > 1; --i) {
                std::swap(messages[i - 1], messages[random.below(i)]);
            }
            AckerTrees trees;
            for (std::size_t i = 0; i < messages.size(); ++i) {
                const auto decision = trees.apply(messages[i], atNanoseconds(static_cast<std::int64_t>(i)));
                const bool isLast = i + 1 == messages.size();
                QCOMPARE(decision.kind == AckerTrees::Decision::Kind::Complete, isLast);
                if (isLast) {
                    QCOMPARE(decision.spout.value, 5);
                    QCOMPARE(decision.age.count(), static_cast<std::int64_t>(i));
                }
            }
            QCOMPARE(trees.size(), 0U);
        }
    }

    void treeWithALostEdgeNeverCloses() {
        AckerTrees trees;
        (void)trees.apply({1, edges(10, 20), TaskId{3}, 1, AckBatch::Kind::Init}, SimTime{});
        const auto decision = trees.apply({1, 10, noTask, 1, AckBatch::Kind::Ack}, SimTime{});
        QCOMPARE(decision.kind, AckerTrees::Decision::Kind::Undecided);
        QCOMPARE(trees.rotate(), 0U);
        QCOMPARE(trees.rotate(), 0U);
        QCOMPARE(trees.rotate(), 1U);  // Three buckets: forgotten at the third turn.
        QCOMPARE(trees.size(), 0U);
    }

    void aTreeThatClosesTellsWhetherEdgesWereLeft() {
        // The spout gives out edge 10; a bolt acks it and gives out 20 and 30, of which the acker is told only 20.
        AckerTrees trees;
        (void)trees.apply({1, 10, TaskId{3}, 1, AckBatch::Kind::Init, 1}, SimTime{});
        (void)trees.apply({1, edges(10, 20), noTask, 1, AckBatch::Kind::Ack, 2}, SimTime{});
        const auto early = trees.apply({1, 20, noTask, 1, AckBatch::Kind::Ack, 0}, SimTime{});
        QCOMPARE(early.kind, AckerTrees::Decision::Kind::Complete);
        QCOMPARE(early.edgesLeft, 1);
        (void)trees.apply({2, edges(20, 30), noTask, 2, AckBatch::Kind::Ack, 0}, SimTime{});  // the leaves come first
        (void)trees.apply({2, edges(10, 20, 30), noTask, 1, AckBatch::Kind::Ack, 2}, SimTime{});
        const auto whole = trees.apply({2, 10, TaskId{3}, 1, AckBatch::Kind::Init, 1}, SimTime{});
        QCOMPARE(whole.kind, AckerTrees::Decision::Kind::Complete);
        QCOMPARE(whole.edgesLeft, 0);
    }

    void zeroIsTestedBeforeFailed() {
        AckerTrees trees;
        (void)trees.apply({1, 0, noTask, 1, AckBatch::Kind::Fail}, SimTime{});
        (void)trees.apply({1, 9, noTask, 1, AckBatch::Kind::Ack}, SimTime{});
        QCOMPARE(trees.apply({1, 9, TaskId{3}, 1, AckBatch::Kind::Init}, SimTime{}).kind,
                 AckerTrees::Decision::Kind::Complete);
        (void)trees.apply({2, 0, noTask, 1, AckBatch::Kind::Fail}, SimTime{});
        QCOMPARE(trees.apply({2, 9, TaskId{3}, 1, AckBatch::Kind::Init}, SimTime{}).kind,
                 AckerTrees::Decision::Kind::Failed);
    }
};

QTEST_APPLESS_MAIN(TestGrouping)
#include "tst_grouping.moc"
