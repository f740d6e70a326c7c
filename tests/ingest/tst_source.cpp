#include <QtTest/QtTest>
#include <set>
#include <string>
#include <vector>

#include "engine/ingest/source.h"

using namespace millrace;
using namespace millrace::ingest;

namespace {

Ref<const SourceSpec> fileSource(std::string text, double rate) {
    auto spec = makeRef<SourceSpec>();
    spec->id = "log";
    spec->pace.recordsPerSecond = rate;
    spec->origin = FileSource{makeRef<FileContent>("access.log", std::move(text))};
    return spec;
}

Ref<SourceSpec> generator(double rate) {
    auto spec = makeRef<SourceSpec>();
    spec->id = "words";
    spec->pace.recordsPerSecond = rate;
    spec->origin = GeneratorSource{};
    return spec;
}

SourceCursor cursorOf(Ref<const SourceSpec> spec, std::uint64_t seed = 7) {
    return {std::move(spec), RandomStream(seed, "producer/p/source"), SimTime{}};
}

}  // namespace

class TestSource : public QObject {
    Q_OBJECT
private slots:
    void aGeneratorOfNoRecordsIsDoneBeforeItBegins() {
        auto spec = generator(10);
        QVERIFY(spec->isEndless());
        spec->origin = GeneratorSource{{}, {}, 0};
        QVERIFY(!spec->isEndless());
        QVERIFY(cursorOf(spec).exhausted());
    }

    void aFileIsSplitIntoLinesWithoutLosingBytes();
    void linesFallDueAtTheRateWithoutDrift();
    void aCopyOfACursorReadsTheSameRecords();
    void jitterSpreadsTheGapsAndKeepsTheRate();
    void aGeneratedValueHasItsWordsInItsBytes();
    void wordsFollowZipfsLaw();
    void wordsOfDifferentRanksDiffer();
    void keysComeFromTheirDistribution();
    void aChangedRateHoldsFromThenOn();
    void aMissingFileAndAFolderAreToldApart();
};

void TestSource::aFileIsSplitIntoLinesWithoutLosingBytes() {
    auto cursor = cursorOf(fileSource("first\r\n\nthird", 0));
    std::vector<std::string> lines;
    while (!cursor.exhausted()) {
        QCOMPARE(cursor.nextDue().time_since_epoch().count(), std::int64_t{0});
        const SourceRecord record = cursor.take();
        QCOMPARE(record.position, static_cast<std::int64_t>(lines.size()));
        QVERIFY(!record.key);
        lines.emplace_back(record.value);
    }
    QVERIFY((lines == std::vector<std::string>{"first", "", "third"}));
    QVERIFY(cursorOf(fileSource("", 0)).exhausted());
}

void TestSource::linesFallDueAtTheRateWithoutDrift() {
    std::string text;
    for (int i = 0; i < 3000; ++i) {
        text += "x\n";
    }
    auto cursor = cursorOf(fileSource(text, 300));
    for (int i = 0; i < 3000; ++i) {
        // A 300th of a second is no whole number of nanoseconds: a sum of rounded gaps would be 1,000 ns early by the
        // end.
        QCOMPARE(nanoseconds(cursor.nextDue()), std::llround(static_cast<double>(i) * 1e9 / 300));
        static_cast<void>(cursor.take());
    }
    QVERIFY(cursor.exhausted());
}

void TestSource::aCopyOfACursorReadsTheSameRecords() {
    auto spec = generator(1000);
    spec->pace.jitter = 0.5;
    auto cursor = cursorOf(spec);
    for (int i = 0; i < 100; ++i) {
        static_cast<void>(cursor.take());
    }
    auto copy = cursor;
    for (int i = 0; i < 100; ++i) {
        QVERIFY(cursor.nextDue() == copy.nextDue());
        const std::string value{cursor.take().value};
        QVERIFY(copy.take().value == value);
    }
    auto other = cursorOf(spec, 8);
    QVERIFY(other.take().value != cursorOf(spec).take().value);
}

void TestSource::jitterSpreadsTheGapsAndKeepsTheRate() {
    auto spec = generator(1000);
    spec->pace.jitter = 0.5;
    auto cursor = cursorOf(spec);
    std::set<std::int64_t> gaps;
    SimTime last = cursor.nextDue();
    for (int i = 0; i < 20'000; ++i) {
        static_cast<void>(cursor.take());
        const std::int64_t gap = (cursor.nextDue() - last).count();
        QVERIFY(gap >= 499'999 && gap <= 1'500'001);
        gaps.insert(gap);
        last = cursor.nextDue();
    }
    QVERIFY(gaps.size() > 15'000);
    QVERIFY(std::abs(seconds(last) - 20.0) < 0.2);
}

void TestSource::aGeneratedValueHasItsWordsInItsBytes() {
    auto cursor = cursorOf(generator(0));
    for (int i = 0; i < 1000; ++i) {
        const SourceRecord record = cursor.take();
        QCOMPARE(record.value.size(), std::size_t{100});
        const QString value = QString::fromLatin1(record.value.data(), 100);
        QCOMPARE(value.split(QLatin1Char(' '), Qt::SkipEmptyParts).size(), 10);
    }
}

void TestSource::wordsFollowZipfsLaw() {
    const ZipfTable table(5000, 1.0);
    RandomStream random(7, "zipf");
    std::vector<int> drawn(5000);
    constexpr int draws = 1'000'000;
    for (int i = 0; i < draws; ++i) {
        ++drawn[table.draw(random)];
    }
    double harmonic = 0;
    for (int rank = 1; rank <= 5000; ++rank) {
        harmonic += 1.0 / rank;
    }
    for (const int rank : {0, 1, 9, 99, 999}) {
        const double expected = draws / (harmonic * (rank + 1));
        QVERIFY2(std::abs(drawn[static_cast<std::size_t>(rank)] - expected) < 5 * std::sqrt(expected),
                 qPrintable(QStringLiteral("rank %1: %2, expected %3")
                                .arg(rank)
                                .arg(drawn[static_cast<std::size_t>(rank)])
                                .arg(expected)));
    }
}

void TestSource::wordsOfDifferentRanksDiffer() {
    std::set<std::string> words;
    for (std::uint32_t rank = 0; rank < 20'000; ++rank) {
        const std::string word = wordOfRank(rank);
        QVERIFY(word.size() >= 4 && (rank >= 10'000 || word.size() <= 8));
        words.insert(word);
    }
    QCOMPARE(words.size(), std::size_t{20'000});
}

void TestSource::keysComeFromTheirDistribution() {
    auto spec = generator(0);
    spec->origin = GeneratorSource{{4, 0.0, "user-"}, {}, 4000};
    auto cursor = cursorOf(spec);
    QVERIFY(!spec->isEndless());
    std::map<std::string, int> keys;
    while (!cursor.exhausted()) {
        ++keys[std::string{*cursor.take().key}];
    }
    QCOMPARE(keys.size(), std::size_t{4});
    for (const auto& [key, count] : keys) {
        QVERIFY(key.starts_with("user-"));
        QVERIFY(std::abs(count - 1000) < 200);
    }
}

void TestSource::aChangedRateHoldsFromThenOn() {
    auto cursor = cursorOf(generator(10));
    for (int i = 0; i < 5; ++i) {
        static_cast<void>(cursor.take());
    }
    cursor.setRate(1000, atNanoseconds(450'000'000));
    QCOMPARE(nanoseconds(cursor.nextDue()), std::int64_t{451'000'000});
    static_cast<void>(cursor.take());
    QCOMPARE(nanoseconds(cursor.nextDue()), std::int64_t{452'000'000});
    QCOMPARE(cursor.position(), std::int64_t{6});
}

void TestSource::aMissingFileAndAFolderAreToldApart() {
    const auto missing = readFile("no/such/file.log");
    QVERIFY(!missing);
    QCOMPARE(QString::fromStdString(missing.error().message), QStringLiteral("no such file"));
    QCOMPARE(QString::fromStdString(missing.error().where), QStringLiteral("no/such/file.log"));
    const auto folder = readFile(".");
    QVERIFY(!folder);
    QCOMPARE(QString::fromStdString(folder.error().message), QStringLiteral("is a folder, a file is expected"));
}

QTEST_APPLESS_MAIN(TestSource)
#include "tst_source.moc"
