#include <QtTest/QTest>
#include <cmath>

#include "engine/base/digest.h"
#include "engine/base/random.h"
#include "engine/base/sim_time.h"

using namespace millrace;

class TestWords : public QObject {
    Q_OBJECT
private slots:
    void streamsOfTheSameNameAgreeAndOfOtherNamesDiffer() {
        RandomStream a(7, "producer/orders-1/arrivals");
        RandomStream b(7, "producer/orders-1/arrivals");
        RandomStream other(7, "producer/orders-2/arrivals");
        RandomStream otherSeed(8, "producer/orders-1/arrivals");
        const std::uint64_t first = a.next();
        QCOMPARE(first, b.next());
        QVERIFY(first != other.next());
        QVERIFY(first != otherSeed.next());
    }

    void drawsHaveTheirMeans() {
        RandomStream random(1, "means");
        double uniform = 0;
        double exponential = 0;
        double below = 0;
        constexpr int n = 200'000;
        for (int i = 0; i < n; ++i) {
            uniform += random.uniform();
            exponential += random.exponential(3.0);
            below += static_cast<double>(random.below(11));
        }
        QVERIFY(std::abs(uniform / n - 0.5) < 0.01);
        QVERIFY(std::abs(exponential / n - 3.0) < 0.05);
        QVERIFY(std::abs(below / n - 5.0) < 0.05);
    }

    void digestTellsOneByteAndTheSplitOfTextsApart() {
        const auto digestOf = [](auto... parts) {
            Digest digest;
            (digest.add(std::string_view{parts}), ...);
            return digest.value();
        };
        QVERIFY(digestOf("access-0") != digestOf("access-1"));
        QVERIFY(digestOf("ab", "c") != digestOf("a", "bc"));
        QCOMPARE(digestOf("ab", "c"), digestOf("ab", "c"));
    }

    void durationsReadAsPeopleWriteThem() {
        QCOMPARE(toText(SimDuration{250'000'000}), std::string{"250 ms"});
        QCOMPARE(toText(SimDuration{6'000'000'000}), std::string{"6.000 s"});
        QCOMPARE(toText(SimDuration{20'000}), std::string{"20 us"});
        QCOMPARE(toText(atNanoseconds(5'042'318'000)), std::string{"5.042318 s"});
    }
};

QTEST_APPLESS_MAIN(TestWords)
#include "tst_words.moc"
