#include <QtTest/QTest>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/journal_kind.h"
#include "engine/base/random.h"
#include "engine/base/sim_time.h"
#include "engine/base/utf8.h"

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

    void aFactOfAnEntryIsReadAsItIsWrittenAndNotOtherwise() {
        using Id = Strong<struct IdTag, std::int32_t>;
        struct Entry {
            std::vector<std::pair<std::string_view, std::string>> fields;
        };
        constexpr JournalField<std::string_view> name{"name"};
        constexpr JournalField<Id> id{"id"};
        constexpr JournalField<std::vector<Id>> all{"all"};
        const Entry entry{{name("access"), id(Id{-7}), all({Id{3}, Id{1}, Id{2}})}};
        QCOMPARE(entry.fields.back().second, std::string("3,1,2"));
        QCOMPARE(name.of(entry).value(), std::string_view("access"));
        QCOMPARE(id.of(entry).value().value, -7);
        QCOMPARE(all.of(entry).value().size(), std::size_t(3));
        QVERIFY(all.of(entry).value()[1] == Id{1});
        QVERIFY(all.of(Entry{{all({})}}).value().empty());
        for (const char* wrong : {"", "7x", "x", "1,,2", "99999999999"}) {
            QVERIFY2(!id.of(Entry{{{"id", wrong}}}), wrong);
            QVERIFY2(*wrong == '\0' || !all.of(Entry{{{"all", wrong}}}), wrong);
        }
        QVERIFY(!id.of(Entry{}));
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

    void bytesThatAreNoUtf8AreKeptAsApacheWritesThem_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("stored");
        QTest::newRow("ascii") << QByteArray("GET / HTTP/1.1") << QByteArray("GET / HTTP/1.1");
        QTest::newRow("utf-8") << QByteArray("/größe/日志/😀") << QByteArray("/größe/日志/😀");
        QTest::newRow("latin-1") << QByteArray("/caf\xE9?q=1") << QByteArray("/caf\\xe9?q=1");
        QTest::newRow("a nul") << QByteArray("a\0b", 3) << QByteArray("a\\x00b");
        QTest::newRow("cut short") << QByteArray("12345678\xE2\x82") << QByteArray("12345678\\xe2\\x82");
        QTest::newRow("longer than needed") << QByteArray("\xC0\xAF") << QByteArray("\\xc0\\xaf");
        QTest::newRow("a surrogate") << QByteArray("\xED\xA0\x80") << QByteArray("\\xed\\xa0\\x80");
        QTest::newRow("beyond Unicode") << QByteArray("\xF4\x90\x80\x80") << QByteArray("\\xf4\\x90\\x80\\x80");
    }
    void bytesThatAreNoUtf8AreKeptAsApacheWritesThem() {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, stored);
        const std::string text = bytes.toStdString();
        QCOMPARE(QByteArray::fromStdString(storableText(text)), stored);
        QCOMPARE(isStorableText(text), bytes == stored);
        QVERIFY(isStorableText(storableText(text)));
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
