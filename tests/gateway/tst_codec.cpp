#include "engine/base/random.h"
#include "engine/kafka/protocol/apis.h"
#include "engine/kafka/wire/codec.h"
#include "engine/kafka/wire/wire_reader.h"
#include "tests/gateway/layouts.h"
#include "tests/gateway/wire_writer.h"

#include <QtTest/QTest>
#include <algorithm>

using namespace millrace;
using namespace millrace::kafka;
using namespace millrace::kafka::codec;

namespace {

WireWriter header(std::int16_t key, std::int16_t version, std::int32_t correlation = 42) {
    WireWriter out;
    out.int16(key).int16(version).int32(correlation).string("rdkafka");
    return out;
}

/// The body of a response, behind length prefix and correlation id.
std::string_view bodyOf(const std::string& response) {
    WireReader in(response);
    const std::int32_t length = in.int32();
    const std::int32_t correlation = in.int32();
    return static_cast<std::size_t>(length) + 4 == response.size() && correlation == 42 ? in.rest() : "";
}

std::string batchBytes(Codec compression = Codec::None) {
    BatchOptions options;
    options.codec = compression;
    RecordBatchBuilder builder(options);
    builder.append(1'700'000'000'000, std::nullopt, std::string(500, 'x'), {});
    builder.append(1'700'000'000'001, "key", "value", {});
    std::string bytes;
    builder.build()->appendTo(bytes);
    return bytes;
}

std::string produceFrame(std::int16_t version, std::int16_t acks, const std::string& records) {
    WireWriter out = header(produceApi.key, version);
    if (version >= 3) {
        out.nullableString(std::nullopt);
    }
    out.int16(acks).int32(30'000).array(1).string("one").array(1).int32(0).bytes(records);
    return out.take();
}

std::uint64_t digestOf(const sim::Message& message) {
    Digest digest;
    message.digest(digest);
    return digest.value();
}

template <class Message>
Message filled(RandomStream& random, std::int16_t version) {
    Message message;
    message.version = version;
    message.correlationId = CorrelationId{42};
    if constexpr (requires { message.clientId; }) {
        message.clientId = ClientId("rdkafka");
    }
    layouts::Filler filler(random, 0.1);
    layouts::layout(filler, message, version);
    return message;
}

QByteArray placeOf(std::int16_t key, std::int16_t version) {
    return "API " + QByteArray::number(static_cast<int>(key)) + " version " + QByteArray::number(version);
}

ApiVersionsResponse::Range rangeOf(std::int16_t key) {
    const auto apis = clientApis();
    return *std::find_if(apis.begin(), apis.end(), [&](const auto& api) { return api.key == key; });
}

}  // namespace

class TestCodec : public QObject {
    Q_OBJECT
private slots:
    void rangesHoldTheVersionsThatOldClientsTestFor();
    void anUnknownVersionOfApiVersionsIsAnsweredInVersionZero();
    void apiVersionsThreeIsFlexibleWithAPlainHeader();
    void anUnknownApiOrVersionEndsTheConnection();
    void anEmptyTopicListMeansAllInVersionZeroAndNoneLater();
    void metadataIsLaidOutByVersion_data();
    void metadataIsLaidOutByVersion();
    void aBatchPassesThroughAsItWasSent_data();
    void aBatchPassesThroughAsItWasSent();
    void badRecordsAreRefusedOneByOne_data();
    void badRecordsAreRefusedOneByOne();
    void acksZeroExpectsNoAnswer();
    void fetchedBatchesCarryTheLeadersOffsets();
    void noCutFrameIsTakenForAWholeOne();
    void aRequestIsReadAsItWasWrittenAndSaysItsSize();
    void aResponseIsReadAsItWasWrittenAndSaysItsSize();
    void moreItemsThanAnybodyHasEndTheConnection();
};

void TestCodec::rangesHoldTheVersionsThatOldClientsTestFor() {
    // librdkafka up to 2.11 looks for these before it compresses with lz4 or starts a group.
    QCOMPARE(rangeOf(produceApi.key).first, std::int16_t{0});
    QVERIFY(rangeOf(produceApi.key).last >= 7);
    QCOMPARE(rangeOf(findCoordinatorApi.key).first, std::int16_t{0});
    QCOMPARE(rangeOf(joinGroupApi.key).first, std::int16_t{0});
    QVERIFY(rangeOf(fetchApi.key).first <= 4 && rangeOf(fetchApi.key).last >= 10);
    QCOMPARE(rangeOf(listOffsetsApi.key).first, std::int16_t{1});
    QCOMPARE(rangeOf(metadataApi.key).first, std::int16_t{0});
}

void TestCodec::anUnknownVersionOfApiVersionsIsAnsweredInVersionZero() {
    const auto request = decodeRequest(header(apiVersionsApi.key, 5).take());
    QVERIFY(request && request->unsupportedVersion);
    const std::string response = encodeApiVersions(*request);
    WireReader in(bodyOf(response));
    QCOMPARE(in.int16(), std::int16_t{35});
    QCOMPARE(in.int32(), std::int32_t{1});
    QCOMPARE(in.int16(), std::int16_t{18});
    QCOMPARE(in.int16(), std::int16_t{0});
    QCOMPARE(in.int16(), std::int16_t{4});
    QVERIFY(in.ok() && in.rest().empty());
}

void TestCodec::apiVersionsThreeIsFlexibleWithAPlainHeader() {
    WireWriter frame = header(apiVersionsApi.key, 3);
    frame.noTags().unsignedVarint(8);
    frame.buffer() += "kcat-rd";
    frame.unsignedVarint(6);
    frame.buffer() += "1.7.1";
    frame.noTags();
    const auto request = decodeRequest(frame.take());
    QVERIFY(request);
    const auto* asked = request->message->as<ApiVersionsRequest>();
    QCOMPARE(asked->clientSoftware + ' ' + asked->clientSoftwareVersion, std::string("kcat-rd 1.7.1"));
    const std::string response = encodeApiVersions(*request);
    WireReader in(bodyOf(response));
    QCOMPARE(in.int16(), std::int16_t{0});
    QCOMPARE(in.unsignedVarint(), static_cast<std::uint32_t>(clientApis().size() + 1));
    for (std::size_t i = 0; i < clientApis().size(); ++i) {
        static_cast<void>(in.int16());
        static_cast<void>(in.int32());
        in.skipTags();
    }
    QCOMPARE(in.int32(), std::int32_t{0});
    in.skipTags();
    QVERIFY(in.ok() && in.rest().empty());
}

void TestCodec::anUnknownApiOrVersionEndsTheConnection() {
    WireWriter unknown;
    unknown.int16(999).int16(0).int32(1).string("x");
    QVERIFY(!decodeRequest(unknown.take()));
    QVERIFY(!decodeRequest(header(fetchApi.key, 3).take()));
    QVERIFY(!decodeRequest(header(metadataApi.key, 99).take()));
}

void TestCodec::anEmptyTopicListMeansAllInVersionZeroAndNoneLater() {
    const auto all = decodeRequest(header(metadataApi.key, 0).array(0).take());
    QVERIFY(all && !all->message->as<MetadataRequest>()->topics);
    const auto none = decodeRequest(header(metadataApi.key, 1).array(0).take());
    QVERIFY(none && none->message->as<MetadataRequest>()->topics &&
            none->message->as<MetadataRequest>()->topics->empty());
    const auto null = decodeRequest(header(metadataApi.key, 4).int32(-1).boolean(false).take());
    QVERIFY(null && !null->message->as<MetadataRequest>()->topics);
    QVERIFY(!null->message->as<MetadataRequest>()->allowAutoTopicCreation);
}

void TestCodec::metadataIsLaidOutByVersion_data() {
    QTest::addColumn<int>("version");
    for (int version = 0; version <= 8; ++version) {
        QTest::addRow("version %d", version) << version;
    }
}

void TestCodec::metadataIsLaidOutByVersion() {
    QFETCH(int, version);
    MetadataResponse response;
    response.brokers = {{BrokerId{1}, "127.0.0.1", 29092, "A"}};
    response.controller = BrokerId{1};
    PartitionMetadata partition;
    partition.leader = BrokerId{1};
    partition.leaderEpoch = LeaderEpoch{3};
    partition.replicas = {BrokerId{1}, BrokerId{2}};
    partition.isr = {BrokerId{1}};
    partition.offlineReplicas = {BrokerId{2}};
    response.topics = {{ErrorCode::None, TopicName("one"), false, {partition}}};
    response.version = static_cast<std::int16_t>(version);
    response.correlationId = CorrelationId{42};
    const std::string bytes = encodeResponse(response);
    WireReader in(bodyOf(bytes));
    if (version >= 3) {
        QCOMPARE(in.int32(), 0);
    }
    QCOMPARE(in.array(), 1);
    QCOMPARE(in.int32(), 1);
    QCOMPARE(in.string(), std::string("127.0.0.1"));
    QCOMPARE(in.int32(), 29092);
    if (version >= 1) {
        QCOMPARE(in.string(), std::string("A"));
    }
    if (version >= 2) {
        QVERIFY(!in.string().empty());
    }
    if (version >= 1) {
        QCOMPARE(in.int32(), 1);
    }
    QCOMPARE(in.array(), 1);
    QCOMPARE(in.int16(), std::int16_t{0});
    QCOMPARE(in.string(), std::string("one"));
    if (version >= 1) {
        QVERIFY(!in.boolean());
    }
    QCOMPARE(in.array(), 1);
    QCOMPARE(in.int16(), std::int16_t{0});
    QCOMPARE(in.int32(), 0);
    QCOMPARE(in.int32(), 1);
    if (version >= 7) {
        QCOMPARE(in.int32(), 3);
    }
    QCOMPARE(in.array(), 2);
    QCOMPARE(in.int64(), (std::int64_t{1} << 32) + 2);
    QCOMPARE(in.array(), 1);
    QCOMPARE(in.int32(), 1);
    if (version >= 5) {
        QCOMPARE(in.array(), 1);
        QCOMPARE(in.int32(), 2);
    }
    if (version >= 8) {
        static_cast<void>(in.int64());
    }
    QVERIFY(in.ok());
    QVERIFY(in.rest().empty());
}

void TestCodec::aBatchPassesThroughAsItWasSent_data() {
    QTest::addColumn<int>("compression");
    QTest::newRow("uncompressed") << static_cast<int>(Codec::None);
    QTest::newRow("lz4") << static_cast<int>(Codec::Lz4);
}

void TestCodec::aBatchPassesThroughAsItWasSent() {
    QFETCH(int, compression);
    const std::string sent = batchBytes(static_cast<Codec>(compression));
    const auto request = decodeRequest(produceFrame(7, -1, sent));
    QVERIFY(request && request->isAnswered);
    const auto* produce = request->message->as<ProduceRequest>();
    QVERIFY(produce != nullptr && produce->acks == Acks::All);
    QCOMPARE(produce->partitions.front().batch->recordCount(), 2);
    std::string stored;
    produce->partitions.front().batch->appendTo(stored);
    QVERIFY(stored == sent);
}

void TestCodec::badRecordsAreRefusedOneByOne_data() {
    QTest::addColumn<QByteArray>("records");
    QTest::addColumn<int>("version");
    QTest::addColumn<int>("error");
    const QByteArray good = QByteArray::fromStdString(batchBytes());
    QByteArray flipped = good;
    flipped[flipped.size() - 3] = static_cast<char>(flipped[flipped.size() - 3] ^ 1);
    QByteArray oldFormat = good;
    oldFormat[16] = 1;
    QByteArray gzip = good;
    gzip[22] = 1;
    QTest::newRow("a changed byte") << flipped << 7 << 2;
    QTest::newRow("two batches") << good + good << 7 << 87;
    QTest::newRow("format 1") << oldFormat << 7 << 43;
    QTest::newRow("produce version 2") << good << 2 << 43;
    QTest::newRow("nothing") << QByteArray() << 7 << 43;
}

void TestCodec::badRecordsAreRefusedOneByOne() {
    QFETCH(QByteArray, records);
    QFETCH(int, version);
    QFETCH(int, error);
    const auto request = decodeRequest(produceFrame(static_cast<std::int16_t>(version), 1, records.toStdString()));
    QVERIFY(request);
    const auto& partition = request->message->as<ProduceRequest>()->partitions.front();
    QVERIFY(!partition.batch);
    QCOMPARE(static_cast<int>(number(partition.refused)), error);
}

void TestCodec::acksZeroExpectsNoAnswer() {
    const auto request = decodeRequest(produceFrame(7, 0, batchBytes()));
    QVERIFY(request && !request->isAnswered);
}

void TestCodec::fetchedBatchesCarryTheLeadersOffsets() {
    FetchResponse response;
    FetchResponse::Partition partition;
    partition.partition = {TopicName("one"), PartitionIndex{0}};
    partition.highWatermark = Offset{12};
    partition.lastStableOffset = Offset{12};
    partition.logStartOffset = Offset{0};
    partition.batches = {(*RecordBatch::parse(batchBytes()))->rebased(Offset{10}, LeaderEpoch{4})};
    response.partitions.push_back(partition);
    response.version = 11;
    response.correlationId = CorrelationId{42};
    const std::string bytes = encodeResponse(response);
    WireReader in(bodyOf(bytes));
    QCOMPARE(in.int32(), 0);
    QCOMPARE(in.int16(), std::int16_t{0});
    QCOMPARE(in.int32(), 0);
    QCOMPARE(in.array(), 1);
    QCOMPARE(in.string(), std::string("one"));
    QCOMPARE(in.array(), 1);
    QCOMPARE(in.int32(), 0);
    QCOMPARE(in.int16(), std::int16_t{0});
    QCOMPARE(in.int64(), std::int64_t{12});
    QCOMPARE(in.int64(), std::int64_t{12});
    QCOMPARE(in.int64(), std::int64_t{0});
    QCOMPARE(in.array(), 0);
    QCOMPARE(in.int32(), -1);
    const auto records = in.nullableBytes();
    QVERIFY(records && in.ok() && in.rest().empty());
    WireReader batch(*records);
    QCOMPARE(batch.int64(), std::int64_t{10});
    static_cast<void>(batch.int32());
    QCOMPARE(batch.int32(), 4);
    QVERIFY(RecordBatch::parse(*records));
}

void TestCodec::noCutFrameIsTakenForAWholeOne() {
    WireWriter join = header(joinGroupApi.key, 5);
    join.string("g").int32(10'000).int32(300'000).string("m").nullableString(std::nullopt).string("consumer");
    join.array(1).string("range").bytes("abc");
    for (const std::string& whole : {produceFrame(7, -1, batchBytes()), join.take()}) {
        QVERIFY(decodeRequest(whole));
        for (std::size_t size = 0; size < whole.size(); ++size) {
            QVERIFY(!decodeRequest(std::string_view{whole}.substr(0, size)));
        }
    }
}

void TestCodec::aRequestIsReadAsItWasWrittenAndSaysItsSize() {
    RandomStream random(1, "requests");
    layouts::forEachApi([&]<class Request, class Response>(const layouts::ApiRange& range) {
        for (std::int16_t version = range.min; version <= range.max; ++version) {
            for (int i = 0; i < 25; ++i) {
                Request request = filled<Request>(random, version);
                const std::string frame = layouts::frameOf(range.key, request);
                const auto read = decodeRequest(frame);
                const QByteArray place = placeOf(range.key, version);
                QVERIFY2(read, place.constData());
                QVERIFY2(request.wireSize() == static_cast<ByteCount>(frame.size() + 4), place.constData());
                QVERIFY2(digestOf(*read->message) == digestOf(request), place.constData());
                QVERIFY2(read->message->wireSize() == request.wireSize(), place.constData());
            }
        }
    });
}

void TestCodec::aResponseIsReadAsItWasWrittenAndSaysItsSize() {
    RandomStream random(1, "responses");
    layouts::forEachApi([&]<class Request, class Response>(const layouts::ApiRange& range) {
        for (std::int16_t version = range.min; version <= range.max; ++version) {
            for (int i = 0; i < 25; ++i) {
                Response response = filled<Response>(random, version);
                const std::string bytes = encodeResponse(response);
                const QByteArray place = placeOf(range.key, version);
                QVERIFY2(response.wireSize() == static_cast<ByteCount>(bytes.size()), place.constData());
                layouts::Reader reader(bodyOf(bytes));
                Response read;
                read.version = version;
                read.correlationId = CorrelationId{42};
                layouts::layout(reader, read, version);
                QVERIFY2(reader.in.ok() && reader.in.rest().empty(), place.constData());
                QVERIFY2(digestOf(read) == digestOf(response), place.constData());
            }
        }
    });
}

void TestCodec::moreItemsThanAnybodyHasEndTheConnection() {
    const auto frameWith = [](std::int32_t count) {
        WireWriter out = header(offsetFetchApi.key, 5);
        out.string("g").array(1).string("one").array(static_cast<std::size_t>(count));
        for (std::int32_t i = 0; i < count; ++i) {
            out.int32(i);
        }
        return out.take();
    };
    QVERIFY(decodeRequest(frameWith(200'000)));
    QVERIFY(!decodeRequest(frameWith(1'100'000)));
}

QTEST_APPLESS_MAIN(TestCodec)
#include "tst_codec.moc"
