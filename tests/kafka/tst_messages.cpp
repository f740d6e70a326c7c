#include "engine/kafka/wire/codec.h"
#include "engine/kafka/wire/frame.h"
#include "tests/kafka/random_messages.h"

#include <QtTest/QTest>
#include <set>

using namespace millrace;
using namespace millrace::kafka;
using namespace millrace::kafka::codec;

namespace {

std::uint64_t digestOf(const sim::Message& message) {
    Digest digest;
    message.digest(digest);
    return digest.value();
}

template <class M>
constexpr bool isRequest = requires(M m) {
    m.clientId;
};

template <class M>
QByteArray placeOf(std::int16_t version) {
    return QByteArray::fromStdString(std::string{M::Name}) + " version " + QByteArray::number(version);
}

/// What stands in front of a body, as the guide to the protocol says it.
template <class M>
std::size_t headerSize(const M& message) {
    const bool isFlexible = M::api.isFlexible(message.version);
    if constexpr (isRequest<M>) {
        return 4 + 2 + 2 + 4 + 2 + message.clientId.size() + (isFlexible ? 1 : 0);
    } else {
        return 4 + 4 + (isFlexible && M::api.key != 18 ? 1 : 0);
    }
}

/// Calls `use(message)` for messages by chance of every kind and version.
template <class Use>
void forEachMessage(std::string_view stream, int times, Use use) {
    RandomStream random(1, stream);
    Apis::forEach([&]<class R>() {
        for (std::int16_t version = 0; version <= R::api.last; ++version) {
            for (int i = 0; i < times; ++i) {
                use(messages::randomMessage<R>(random, version, {.ends = 0.1}));
                use(messages::randomMessage<typename R::Response>(random, version, {.ends = 0.1}));
            }
        }
    });
}

}  // namespace

class TestMessages : public QObject {
    Q_OBJECT
private slots:
    void theTableSaysEveryKeyOnceAndServesWhatItDescribes();
    void everyMessageIsReadAsItWasWrittenAndSaysItsSize();
    void aChangeOfAnyFieldChangesTheDigest();
    void whatAVersionHasNoPlaceForIsRefusedUnlessItMayBeLeftOut();
    void flexibleMessagesAreLaidOutByKip482();
    void unknownTagsArePassedOver();
};

void TestMessages::theTableSaysEveryKeyOnceAndServesWhatItDescribes() {
    std::set<std::int16_t> keys;
    for (const Api* api : Apis::rows) {
        QVERIFY2(keys.insert(api->key).second, api->name.data());
        QVERIFY2(api->oldest <= api->served && api->served <= api->last, api->name.data());
    }
    for (const auto& range : clientApis()) {
        QVERIFY(keys.contains(range.key) && range.key != leaderAndIsrApi.key);
    }
}

void TestMessages::everyMessageIsReadAsItWasWrittenAndSaysItsSize() {
    forEachMessage("messages", 25, [&]<class M>(const M& message) {
        const QByteArray place = placeOf<M>(message.version);
        const auto frame = encode(message);
        QVERIFY2(frame, place.constData());
        QVERIFY2(frame->size() == static_cast<std::size_t>(message.wireSize()), place.constData());
        WireReader length(*frame);
        QVERIFY2(static_cast<std::size_t>(length.int32()) + 4 == frame->size(), place.constData());
        M read;
        read.version = message.version;
        read.correlationId = message.correlationId;
        if constexpr (isRequest<M>) {
            read.clientId = message.clientId;
        }
        WireReader in(std::string_view{*frame}.substr(headerSize(message)));
        decodeBody(in, read);
        QVERIFY2(in.ok() && in.rest().empty(), place.constData());
        QVERIFY2(digestOf(read) == digestOf(message), place.constData());
        QVERIFY2(read.wireSize() == message.wireSize(), place.constData());
    });
}

void TestMessages::aChangeOfAnyFieldChangesTheDigest() {
    forEachMessage("fields", 6, [&]<class M>(const M& message) {
        const std::uint64_t digest = digestOf(message);
        const auto isNoticed = [&](const M& changed, std::size_t field) {
            const QByteArray place = placeOf<M>(message.version) + " field " + QByteArray::number(quint64{field});
            QVERIFY2(digestOf(changed) != digest, place.constData());
        };
        for (std::size_t field = 0;; ++field) {
            M changed = message;
            messages::Changer changer(field);
            M::fields(changer, changed);
            if (changer.seen <= field) {
                break;
            }
            isNoticed(changed, field);
        }
        M other = message;
        ++other.version;
        isNoticed(other, 1000);
        M next = message;
        next.correlationId = CorrelationId{43};
        isNoticed(next, 1001);
        if constexpr (isRequest<M>) {
            M stranger = message;
            stranger.clientId = ClientId("somebody");
            isNoticed(stranger, 1002);
        }
    });
}

void TestMessages::whatAVersionHasNoPlaceForIsRefusedUnlessItMayBeLeftOut() {
    FetchRequest fetch;
    fetch.partitions.resize(1);
    fetch.version = 11;
    QVERIFY(encode(fetch));
    fetch.partitions.front().lastFetchedEpoch = LeaderEpoch{3};  // a follower's question of version 12
    QVERIFY(!encode(fetch));
    fetch.version = 12;
    QVERIFY(encode(fetch));
    fetch.sessionId = 7;
    fetch.rack = "a";
    fetch.partitions.front().lastFetchedEpoch = noEpoch;
    fetch.version = 7;
    QVERIFY(encode(fetch));  // a consumer's rack helps and is not needed
    fetch.version = 6;
    QVERIFY(!encode(fetch));
    FetchResponse fetched;
    fetched.partitions.resize(1);
    fetched.partitions.front().divergingEpoch = EpochEnd{};
    fetched.version = 11;
    QVERIFY(!encode(fetched));
    CreateTopicsRequest create;
    create.validateOnly = true;
    create.version = 0;
    QVERIFY(!encode(create));
    FindCoordinatorRequest find;
    find.keys = {"a", "b"};
    QVERIFY(encode(find));
    find.version = 3;
    QVERIFY(!encode(find));
}

void TestMessages::flexibleMessagesAreLaidOutByKip482() {
    HeartbeatRequest beat;
    beat.correlationId = CorrelationId{1};
    beat.clientId = ClientId("me");
    beat.group = "g";
    beat.generation = 7;
    beat.memberId = "m";
    QCOMPARE(QByteArray::fromStdString(*encode(beat)).toHex(' '),
             QByteArray("00 00 00 17 00 0c 00 04 00 00 00 01 00 02 6d 65 00 "  // the client's id keeps its 16 bits
                        "02 67 00 00 00 07 02 6d 00 00"));
    FetchResponse fetched;
    fetched.correlationId = CorrelationId{1};
    fetched.sessionId = 5;
    FetchResponse::Partition partition;
    partition.partition = {TopicName("t"), PartitionIndex{2}};
    partition.highWatermark = Offset{3};
    partition.lastStableOffset = Offset{3};
    partition.logStartOffset = Offset{1};
    partition.divergingEpoch = EpochEnd{LeaderEpoch{4}, Offset{9}};
    fetched.partitions.push_back(partition);
    QCOMPARE(QByteArray::fromStdString(*encode(fetched)).toHex(' '),
             QByteArray("00 00 00 49 00 00 00 01 00 00 00 00 00 00 00 00 00 00 05 02 "
                        "02 74 02 00 00 00 02 00 00 00 00 00 00 00 00 00 03 00 00 00 00 00 00 00 03 "
                        "00 00 00 00 00 00 00 01 01 ff ff ff ff 01 "
                        "01 00 0d 00 00 00 04 00 00 00 00 00 00 00 09 00 00 00"));
    ApiVersionsResponse versions;
    versions.correlationId = CorrelationId{1};
    versions.apis = {{3, 0, 12}};
    QCOMPARE(QByteArray::fromStdString(*encode(versions)).toHex(' '),
             QByteArray("00 00 00 13 00 00 00 01 00 00 02 00 03 00 00 00 0c 00 00 00 00 00 00"));
}

void TestMessages::unknownTagsArePassedOver() {
    HeartbeatRequest beat;
    beat.group = "g";
    std::string frame = *encode(beat);
    frame.back() = 2;  // two tags of later versions
    frame += std::string(
        "\x05\x03"
        "abc"
        "\x09\x00",
        7);
    const auto decoded = decodeRequest(std::string_view{frame}.substr(4));
    QVERIFY(decoded);
    QCOMPARE(decoded->message->as<HeartbeatRequest>()->group, std::string("g"));
    frame.back() = 1;  // longer than the frame
    QVERIFY(!decodeRequest(std::string_view{frame}.substr(4)));
}

QTEST_APPLESS_MAIN(TestMessages)
#include "tst_messages.moc"
