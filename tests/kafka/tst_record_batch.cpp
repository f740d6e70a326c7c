#include <QTest>
#include <array>

#include <rapidcheck.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/kafka/log/record_batch.h"
#include "engine/kafka/log/varint.h"
#include "engine/kafka/partitioner.h"

using namespace millrace;
using namespace millrace::kafka;

namespace {

std::string bytesOfBatch(const RecordBatch& batch) {
    std::string bytes;
    batch.appendTo(bytes);
    return bytes;
}

QByteArray hexOf(const std::string& bytes) {
    return QByteArray::fromStdString(bytes).toHex();
}

struct Plain {
    std::int64_t timestamp = 0;
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;
    friend bool operator==(const Plain&, const Plain&) = default;
};

std::vector<Plain> recordsOf(const RecordBatch& batch) {
    std::vector<Plain> records;
    for (const RecordView& record : batch.records()) {
        Plain plain{record.timestamp, {}, {}, {}};
        if (record.key) {
            plain.key = std::string{*record.key};
        }
        if (record.value) {
            plain.value = std::string{*record.value};
        }
        for (const RecordHeader& header : record.headers()) {
            plain.headers.emplace_back(std::string{header.key},
                                       header.value ? std::optional(std::string{*header.value}) : std::nullopt);
        }
        records.push_back(std::move(plain));
    }
    return records;
}

BatchRef batchOf(const std::vector<Plain>& records, Codec codec) {
    RecordBatchBuilder builder(BatchOptions{.codec = codec});
    for (const Plain& record : records) {
        std::vector<RecordHeader> headers;
        for (const auto& [key, value] : record.headers) {
            headers.push_back({key, value ? std::optional<std::string_view>(*value) : std::nullopt});
        }
        builder.append(record.timestamp, record.key ? std::optional<std::string_view>(*record.key) : std::nullopt,
                       record.value ? std::optional<std::string_view>(*record.value) : std::nullopt, headers);
    }
    return builder.build();
}

rc::Gen<std::optional<std::string>> maybeBytes() {
    return rc::gen::map(rc::gen::pair(rc::gen::arbitrary<bool>(), rc::gen::string<std::string>()),
                        [](std::pair<bool, std::string> drawn) {
                            return drawn.first ? std::optional(std::move(drawn.second)) : std::nullopt;
                        });
}

}  // namespace

class TestRecordBatch : public QObject {
    Q_OBJECT

private slots:
    void checksumIsCastagnolis() { QCOMPARE(crc32c("123456789"), 0xE3069283U); }

    void batchesHaveTheBytesThatAKafkaBrokerWrote_data();
    void batchesHaveTheBytesThatAKafkaBrokerWrote();
    void whatGoesInComesOut();
    void compressedBatchReadsAsThePlainOne();
    void rebasingSharesTheBytesAndKeepsTheChecksum();
    void offsetsAndTimesAreThoseOfTheRecords();
    void everyChangedByteIsNoticed();
    void cutOffBatchesAreRefused();
    void batchesThatBreakTheRulesAreRefused();
    void batchesThatUnpackToFarMoreAreRefused();
    void builderIsEmptyAfterBuilding();
    void murmurHasKafkasVectors_data();
    void murmurHasKafkasVectors();
    void groupsFallIntoKafkasOffsetsPartitions();
    void varintsTakeTheirSize();
};

void TestRecordBatch::batchesHaveTheBytesThatAKafkaBrokerWrote_data() {
    QTest::addColumn<QByteArray>("hex");
    QTest::addColumn<std::string>("built");
    // Written by a Kafka 0.11 broker, base offset and leader epoch included.
    RecordBatchBuilder builder;
    builder.append(1'503'229'838'908, std::nullopt, "123");
    QTest::newRow("one record") << QByteArray(
                                       "00000000000000000000003b00000001020318a270000000000000"
                                       "0000015dff7b063c0000015dff7b063cffffffffffffffffffffffffffff00000001"
                                       "120000000106313233"
                                       "00")
                                << bytesOfBatch(*builder.build()->rebased(Offset{0}, LeaderEpoch{1}));
    builder.append(1'503'229'959'532, std::nullopt, "");
    builder.append(1'503'229'959'700, std::nullopt, "");
    QTest::newRow("two empty records") << QByteArray(
                                              "0000000000000001000000400000000202c85cbd23000000000001"
                                              "0000015dff7cdd6c0000015dff7cde14ffffffffffffffffffffffffffff00000002"
                                              "0c00000001000"
                                              "00e00d00202010000")
                                       << bytesOfBatch(*builder.build()->rebased(Offset{1}, LeaderEpoch{2}));
    builder.append(0x016585b6f3c1, std::nullopt, "hdr", {{"hkey", "hval"}});
    QTest::newRow("a header") << QByteArray(
                                     "00000000000000000000004500000000025cd8ef52000000000000"
                                     "0000016585b6f3c10000016585b6f3c1ffffffffffffffffffffffffffff00000001"
                                     "26000000010668647202"
                                     "08686b6579086876616c")
                              << bytesOfBatch(*builder.build()->rebased(Offset{0}, LeaderEpoch{0}));
}

void TestRecordBatch::batchesHaveTheBytesThatAKafkaBrokerWrote() {
    QFETCH(QByteArray, hex);
    QFETCH(std::string, built);
    QCOMPARE(hexOf(built), hex);
    const auto parsed = RecordBatch::parse(QByteArray::fromHex(hex).toStdString());
    QVERIFY(parsed.has_value());
    QCOMPARE(hexOf(bytesOfBatch(**parsed)), hex);
}

void TestRecordBatch::whatGoesInComesOut() {
    QVERIFY(rc::check([] {
        const auto count = *rc::gen::inRange(1, 40);
        std::vector<Plain> records;
        for (int i = 0; i < count; ++i) {
            Plain record;
            record.timestamp = *rc::gen::inRange<std::int64_t>(0, 2'000'000'000'000);
            record.key = *maybeBytes();
            record.value = *maybeBytes();
            const auto headers = *rc::gen::inRange(0, 4);
            for (int h = 0; h < headers; ++h) {
                record.headers.emplace_back(*rc::gen::string<std::string>(), *maybeBytes());
            }
            records.push_back(std::move(record));
        }
        const Codec codec = *rc::gen::element(Codec::None, Codec::Lz4);
        const BatchRef batch = batchOf(records, codec);
        RC_ASSERT(recordsOf(*batch) == records);
        const auto parsed = RecordBatch::parse(bytesOfBatch(*batch));
        RC_ASSERT(parsed.has_value());
        RC_ASSERT(recordsOf(**parsed) == records);
        RC_ASSERT((*parsed)->digest() == batch->digest());
    }));
}

void TestRecordBatch::compressedBatchReadsAsThePlainOne() {
    std::vector<Plain> records(500, Plain{1000, "key", std::string(100, 'x'), {}});
    const BatchRef plain = batchOf(records, Codec::None);
    const BatchRef packed = batchOf(records, Codec::Lz4);
    QVERIFY(packed->size() < plain->size() / 10);
    QCOMPARE(packed->codec(), Codec::Lz4);
    QVERIFY(recordsOf(*packed) == records);
}

void TestRecordBatch::rebasingSharesTheBytesAndKeepsTheChecksum() {
    const BatchRef batch = batchOf({Plain{5, "k", "v", {}}, Plain{6, "k", "w", {}}}, Codec::None);
    const BatchRef moved = batch->rebased(Offset{1000}, LeaderEpoch{7});
    QCOMPARE(&moved->payload(), &batch->payload());
    QCOMPARE(moved->crc(), batch->crc());
    QCOMPARE(moved->lastOffset().value, 1001);
    QVERIFY(moved->digest() != batch->digest());
    const auto parsed = RecordBatch::parse(bytesOfBatch(*moved));
    QVERIFY(parsed.has_value());
    QCOMPARE((*parsed)->baseOffset().value, 1000);
    QCOMPARE((*parsed)->leaderEpoch().value, 7);
}

void TestRecordBatch::offsetsAndTimesAreThoseOfTheRecords() {
    const BatchRef batch =
        batchOf({Plain{50, {}, "a", {}}, Plain{40, {}, "b", {}}, Plain{70, {}, "c", {}}}, Codec::None)
            ->rebased(Offset{10}, LeaderEpoch{0});
    QCOMPARE(batch->baseTimestamp(), 50);
    QCOMPARE(batch->maxTimestamp(), 70);
    std::vector<std::int64_t> offsets;
    for (const RecordView& record : batch->records()) {
        offsets.push_back(record.offset.value);
    }
    QCOMPARE(offsets, (std::vector<std::int64_t>{10, 11, 12}));
}

void TestRecordBatch::everyChangedByteIsNoticed() {
    const BatchRef batch = batchOf({Plain{5, "key", "value", {{"h", "x"}}}}, Codec::None);
    const std::string bytes = bytesOfBatch(*batch);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::string changed = bytes;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        const auto parsed = RecordBatch::parse(changed);
        const bool isOutsideOfChecksum = i < 8 || (i >= 12 && i < 16);
        QCOMPARE(parsed.has_value(), isOutsideOfChecksum);
        if (parsed) {
            QVERIFY((*parsed)->digest() != batch->digest());
        }
    }
}

void TestRecordBatch::cutOffBatchesAreRefused() {
    const std::string bytes = bytesOfBatch(*batchOf({Plain{5, "key", "value", {}}}, Codec::Lz4));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        QCOMPARE(RecordBatch::parse(std::string_view{bytes}.substr(0, i)).error(), ErrorCode::CorruptMessage);
    }
    QVERIFY(RecordBatch::parse(bytes).has_value());
}

void TestRecordBatch::batchesThatBreakTheRulesAreRefused() {
    std::string bytes = bytesOfBatch(*batchOf({Plain{5, "key", "value", {}}}, Codec::None));
    const auto withChecksum = [](std::string changed) {
        const std::uint32_t crc = crc32c(std::string_view{changed}.substr(21));
        for (std::size_t i = 0; i < 4; ++i) {
            changed[17 + i] = static_cast<char>((crc >> (24 - 8 * i)) & 0xFFU);
        }
        return changed;
    };
    std::string wrongCount = bytes;
    wrongCount[60] = 2;
    QCOMPARE(RecordBatch::parse(withChecksum(wrongCount)).error(), ErrorCode::InvalidRecord);
    std::string wrongLength = bytes;
    wrongLength[61] = 2;
    QCOMPARE(RecordBatch::parse(withChecksum(wrongLength)).error(), ErrorCode::InvalidRecord);
    std::string zstd = bytes;
    zstd[22] = 4;
    QCOMPARE(RecordBatch::parse(withChecksum(zstd)).error(), ErrorCode::UnsupportedCompressionType);
    std::string old = bytes;
    old[16] = 1;
    QCOMPARE(RecordBatch::parse(old).error(), ErrorCode::UnsupportedForMessageFormat);
}

void TestRecordBatch::batchesThatUnpackToFarMoreAreRefused() {
    const auto bytesWith = [](std::size_t size) {
        return bytesOfBatch(*batchOf({Plain{5, {}, std::string(size, 'x'), {}}}, Codec::Lz4));
    };
    const std::string mild = bytesWith(4U << 20U);
    QVERIFY(mild.size() * 200 < (4U << 20U));
    QVERIFY(RecordBatch::parse(mild).has_value());
    QCOMPARE(RecordBatch::parse(bytesWith(20U << 20U)).error(), ErrorCode::CorruptMessage);
    // And many together no more than what is allowed in all.
    std::size_t left = 10U << 20U;
    QVERIFY(RecordBatch::parse(mild, &left).has_value());
    QVERIFY(RecordBatch::parse(mild, &left).has_value());
    QVERIFY(left < (2U << 20U));
    QCOMPARE(RecordBatch::parse(mild, &left).error(), ErrorCode::CorruptMessage);
}

void TestRecordBatch::builderIsEmptyAfterBuilding() {
    RecordBatchBuilder builder;
    builder.append(1, "k", "v");
    const std::size_t size = builder.sizeInBytes();
    const BatchRef batch = builder.build();
    QCOMPARE(static_cast<std::size_t>(batch->size()), size);
    QVERIFY(builder.empty());
    QVERIFY(RecordBatchBuilder::recordSizeMax("k", "v", {}) >= size - RecordBatch::headerSize);
}

void TestRecordBatch::murmurHasKafkasVectors_data() {
    QTest::addColumn<std::string>("key");
    QTest::addColumn<int>("hash");
    const auto row = [](const char* key, int hash) { QTest::newRow(key) << std::string{key} << hash; };
    row("21", -973932308);
    row("foobar", -790332482);
    row("a-little-bit-long-string", -985981536);
    row("a-little-bit-longer-string", -1486304829);
    row("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971);
    row("abc", 479470107);
}

void TestRecordBatch::murmurHasKafkasVectors() {
    QFETCH(std::string, key);
    QFETCH(int, hash);
    QCOMPARE(murmur2(key), hash);
    QCOMPARE(partitionOfKey(key, 7).value, (hash & 0x7fffffff) % 7);
}

void TestRecordBatch::groupsFallIntoKafkasOffsetsPartitions() {
    QCOMPARE(offsetsPartitionOf("my-group", 50).value, 36);
    QCOMPARE(offsetsPartitionOf("g1", 50).value, 42);
}

void TestRecordBatch::varintsTakeTheirSize() {
    QVERIFY(rc::check([](std::int64_t number) {
        std::array<char, 10> bytes{};
        const char* const end = writeVarint(bytes.data(), number);
        RC_ASSERT(static_cast<std::size_t>(end - bytes.data()) == varintSize(number));
        const char* at = bytes.data();
        RC_ASSERT(readVarint(at, end) == number);
        RC_ASSERT(at == end);
    }));
}

QTEST_APPLESS_MAIN(TestRecordBatch)
#include "tst_record_batch.moc"
