#include "engine/base/check.h"  // before Qt, whose keywords are names in there
#include "engine/gateway/client_input.h"
#include "engine/gateway/serve.h"
#include "engine/kafka/wire/frame.h"
#include "engine/run/engine.h"
#include "engine/run/inputs.h"
#include "engine/scenario/scenario_reader.h"
#include "tests/gateway/layouts.h"
#include "tests/kafka/random_messages.h"

#include <QtTest/QTest>
#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>

using namespace millrace;
using namespace millrace::kafka;
using namespace millrace::kafka::codec;
using namespace std::chrono_literals;

namespace {

constexpr std::int32_t brokers = 3;

constexpr std::string_view scenarioText = R"({
  "millrace": 1, "run": {"seed": 7},
  "hosts": {"zk1": {}, "b1": {}, "b2": {}, "b3": {}},
  "cluster": {"coordination": "zookeeper", "servers": {"zk1": {"host": "zk1"}},
    "brokers": {"1": {"host": "b1"}, "2": {"host": "b2"}, "3": {"host": "b3"}},
    "config": {"default.replication.factor": 3, "min.insync.replicas": 2, "group.initial.rebalance.delay.ms": 0}},
  "topics": {"one": {"partitions": 2, "replicas": 3}}
})";

/// A served cluster without sockets: frames enter as inputs, and what leaves for clients is kept.
class Served {
public:
    explicit Served(SimDuration prologue = 20s) {
        auto reading = scenario::readScenario(scenarioText, {"served.json", {}, {}});
        run::EngineOptions options;
        options.carryOut = false;
        options.session.keepsHistory = false;
        options.onEffects = [this](const sim::World&, const std::vector<sim::NumberedEffect>& effects) {
            for (const sim::NumberedEffect& numbered : effects) {
                if (const auto* effect = dynamic_cast<const gateway::ClientEffect*>(numbered.effect.get())) {
                    take(*effect);
                }
            }
        };
        const auto doors = gateway::doorsOf(*reading.scenario, 9000);
        m_engine = std::move(*run::Engine::open(std::move(*reading.scenario), std::move(options)));
        play(prologue);
        inject(makeRef<gateway::OpenDoorsInput>(doors));
        play(1ms);  // the gateway starts
    }

    void play(SimDuration time) { (void)m_engine->session().advance(m_engine->world().now() + time); }
    std::uint64_t open(std::int32_t broker) {
        did(++m_clients, gateway::ClientDid::What::Opened, BrokerId{broker}, {});
        return m_clients;
    }
    void close(std::uint64_t client) { did(client, gateway::ClientDid::What::Closed, noBroker, {}); }
    void send(std::uint64_t client, std::string frame) {
        did(client, gateway::ClientDid::What::Sent, noBroker, makeRef<Bytes>(std::move(frame)));
    }
    /// The answer's body; nothing when it has not come, or the connection has been ended.
    std::optional<std::string> call(std::uint64_t client, std::string frame, SimDuration within = 5s) {
        m_answers.erase(client);
        send(client, std::move(frame));
        for (SimDuration waited{0}; waited < within && !m_answers.contains(client) && !isEnded(client);
             waited += 50ms) {
            play(50ms);
        }
        const auto at = m_answers.find(client);
        return at == m_answers.end() ? std::nullopt : std::optional{at->second.substr(8)};
    }
    void fault(sim::FaultKind kind, const std::string& target) {
        inject(makeRef<run::FaultInput>(sim::FaultSpec{kind, target, {}, {}}));
    }
    [[nodiscard]] bool isEnded(std::uint64_t client) const { return m_ended.contains(client); }
    [[nodiscard]] bool hasAnswer(std::uint64_t client) const { return m_answers.contains(client); }
    [[nodiscard]] const sim::World& world() const { return m_engine->world(); }
    std::function<void(std::uint32_t)> onRequestsDone;

private:
    void did(std::uint64_t client, gateway::ClientDid::What what, BrokerId broker, BytesRef bytes) {
        inject(makeRef<gateway::ClientInput>(
            makeRef<gateway::ClientDid>(gateway::ClientNumber{client}, what, broker, std::move(bytes))));
    }
    void inject(Ref<const sim::Input> input) { (void)m_engine->session().inject(std::move(input)); }
    void take(const gateway::ClientEffect& effect) {
        if (onRequestsDone) {
            onRequestsDone(effect.requests());
        }
        if (effect.hangsUp()) {
            m_ended[effect.client().value] = true;
        } else if (!effect.bytes().empty()) {
            m_answers[effect.client().value] = effect.bytes();
        }
    }

    std::unique_ptr<run::Engine> m_engine;
    std::map<std::uint64_t, std::string> m_answers;
    std::map<std::uint64_t, bool> m_ended;
    std::uint64_t m_clients = 0;
};

WireWriter header(std::int16_t key, std::int16_t version) {
    WireWriter out;
    out.int16(key).int16(version).int32(1).string("probe");
    return out;
}

/// Of the broker that coordinates the group: asked of broker 1 until it knows.
std::int32_t coordinatorOf(Served& served, std::uint64_t client, std::string_view group) {
    for (int i = 0; i < 100; ++i) {
        const auto answer = served.call(client, header(findCoordinatorApi.key, 0).string(group).take());
        WireReader in(answer ? std::string_view{*answer} : std::string_view{});
        if (in.int16() == 0 && in.ok()) {
            return in.int32();
        }
        served.play(100ms);
    }
    return 0;
}

std::string joinFrame(std::int16_t version, std::string_view group, std::string_view member,
                      const std::optional<std::string_view>& instance = std::nullopt) {
    WireWriter out = header(joinGroupApi.key, version);
    out.string(group).int32(10'000);
    if (version >= 1) {
        out.int32(60'000);
    }
    out.string(member);
    if (version >= 5) {
        out.nullableString(instance);
    }
    return out.string("consumer").array(1).string("range").bytes("topics").take();
}

struct CreateCase {
    std::int32_t partitions = 1;
    std::int16_t replicas = 1;
    std::int32_t timeout = 1000;
    std::string config;
};

std::string createFrame(std::string_view topic, const CreateCase& what) {
    WireWriter out = header(createTopicsApi.key, 4);
    out.array(1).string(topic).int32(what.partitions).int16(what.replicas).array(0);
    if (what.config.empty()) {
        out.array(0);
    } else {
        const std::size_t equals = what.config.find('=');
        out.array(1).string(what.config.substr(0, equals)).string(what.config.substr(equals + 1));
    }
    return out.int32(what.timeout).boolean(false).take();
}

/// The answer to a typed request, in the request's version.
template <class R>
std::optional<typename R::Response> ask(Served& served, std::uint64_t client, R request) {
    request.clientId = ClientId("probe");
    const auto answer = served.call(client, encode(request).value().substr(4));
    if (!answer) {
        return std::nullopt;
    }
    WireReader in(*answer);
    if (R::api.isFlexible(request.version)) {
        in.skipTags();
    }
    typename R::Response response;
    response.version = request.version;
    decodeBody(in, response);
    return in.ok() && in.rest().empty() ? std::optional{response} : std::nullopt;
}

/// Calls `use(request)` with the request in every version that is served.
template <class R, class Use>
void inEveryVersion(R request, Use use) {
    for (request.version = R::api.oldest; request.version <= R::api.served; ++request.version) {
        use(request);
    }
}

/// Names that mean something there, so that requests come further than to the first check.
messages::Filler::Taste guesses(double ends) {
    return {ends,
            {"g", "", "m", "range", "consumer", "retention.ms", "-1", "segment.bytes"},
            {"one", "one", "__consumer_offsets", "none"}};
}

/// Calls `use(frame)` for requests by chance of every API and version that clients are told of.
template <class Use>
void forEachFrame(RandomStream& random, int times, double (*ends)(int), Use use) {
    Apis::forEach([&]<class R>() {
        for (std::int16_t version = R::api.oldest; R::api.isForClients && version <= R::api.served; ++version) {
            for (int i = 0; i < times; ++i) {
                use(encode(messages::randomMessage<R>(random, version, guesses(ends(i)))).value().substr(4));
            }
        }
    });
}

}  // namespace

/// Frames as clients send them, and as they never should. The slots share a cluster but for those about its end.
class TestFrames : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { m_served = std::make_unique<Served>(); }
    void aNewcomerIsToldItsIdFirstFromVersionFourOn_data();
    void aNewcomerIsToldItsIdFirstFromVersionFourOn();
    void topicsAreRefusedAsKafkaRefusesThem_data();
    void topicsAreRefusedAsKafkaRefusesThem();
    void aRequestThatCreatesTooManyPartitionsCreatesNone();
    void nobodyCoordinatesTransactions();
    void timesThatArePastAreUpAtOnce();
    void aFetchOfLessThanNothingIsAnError();
    void clientsDoNotWriteIntoTopicsOfTheCluster();
    void recordsOfATransactionAreRefusedWhole();
    void acksThatNobodyKnowsAreRefused();
    void requestsWithoutAnswersAreDoneWithWhenTheyHaveRoom();
    void theClusterSaysWhereTheOutsideReachesIt();
    void groupsAreListedAndDescribedByTheirCoordinator();
    void aLeaderSaysWhereAnEpochEnds();
    void settingsAreToldWithWhereTheyComeFrom();
    void whoAsksForSettingsWaitsThroughTheEndOfTheBrokersSession();
    void whatIsNamedOftenIsToldOnce();
    void aCommitBeyondTheSizeOfABatchIsRefused();
    void strangersAreCountedIntoOneWhateverTheySay();
    void noValueOfAnyFieldStopsTheCluster();
    void noDamagedFrameStopsTheCluster();

private:
    std::unique_ptr<Served> m_served;
};

void TestFrames::aNewcomerIsToldItsIdFirstFromVersionFourOn_data() {
    QTest::addColumn<int>("version");
    QTest::addColumn<bool>("isStatic");
    QTest::addColumn<int>("error");
    for (int version = 0; version <= 5; ++version) {
        QTest::addRow("version %d", version) << version << false << (version >= 4 ? 79 : 0);
    }
    QTest::addRow("version 5, static") << 5 << true << 0;
}

void TestFrames::aNewcomerIsToldItsIdFirstFromVersionFourOn() {
    QFETCH(int, version);
    QFETCH(bool, isStatic);
    QFETCH(int, error);
    const auto v = static_cast<std::int16_t>(version);
    const std::string group = "joiners-" + std::to_string(version) + (isStatic ? "s" : "");
    const std::uint64_t asker = m_served->open(1);
    const std::uint64_t client = m_served->open(coordinatorOf(*m_served, asker, group));
    const std::optional<std::string_view> instance = isStatic ? std::optional<std::string_view>{"i-1"} : std::nullopt;
    const auto answer = m_served->call(client, joinFrame(v, group, "", instance));
    QVERIFY(answer);
    WireReader in(*answer);
    if (version >= 2) {
        QCOMPARE(in.int32(), 0);
    }
    QCOMPARE(static_cast<int>(in.int16()), error);
    QCOMPARE(in.int32(), error == 0 ? 1 : -1);  // its first generation
    QCOMPARE(in.string(), error == 0 ? std::string("range") : std::string());
    const std::string leader = in.string();
    const std::string member = in.string();
    QVERIFY(member.starts_with("probe-"));
    QCOMPARE(member.size(), std::string("probe-4c3e1d87-60e4-2194-5304-99f0012649c1").size());
    for (const std::size_t dash : {14U, 19U, 24U, 29U}) {
        QCOMPARE(member[dash], '-');  // a UUID behind the client's id
    }
    QCOMPARE(leader, error == 0 ? member : std::string());
    // The second time the id is known to all of them.
    const auto again = m_served->call(client, joinFrame(v, group, member, instance));
    QVERIFY(again);
    WireReader then(*again);
    if (version >= 2) {
        QCOMPARE(then.int32(), 0);
    }
    QCOMPARE(static_cast<int>(then.int16()), 0);
    m_served->close(client);
    m_served->close(asker);
}

void TestFrames::topicsAreRefusedAsKafkaRefusesThem_data() {
    QTest::addColumn<int>("partitions");
    QTest::addColumn<int>("replicas");
    QTest::addColumn<int>("timeout");
    QTest::addColumn<QByteArray>("config");
    QTest::addColumn<int>("error");
    const auto row = [](const char* name, int partitions, int replicas, int timeout, int error,
                        const char* config = "") {
        QTest::newRow(name) << partitions << replicas << timeout << QByteArray(config) << error;
    };
    constexpr int least32 = std::numeric_limits<std::int32_t>::min();
    row("in order", 3, 2, 5000, 0);
    row("the broker's numbers", -1, -1, 5000, 0);
    row("no time", 1, 1, 0, 7);
    row("negative time", 1, 1, -1, 7);
    row("least time", 1, 1, least32, 7);
    row("no partitions", 0, 1, 1000, 37);
    row("negative partitions", -5, 1, 1000, 37);
    row("least partitions", least32, 1, 1000, 37);
    row("too many partitions", 10'001, 1, 1000, 37);
    row("most partitions", std::numeric_limits<std::int32_t>::max(), 1, 1000, 37);
    row("no replicas", 1, 0, 1000, 38);
    row("negative replicas", 1, -3, 1000, 38);
    row("more replicas than brokers", 1, 4, 1000, 38);
    row("a segment of nothing", 1, 1, 1000, 40, "segment.bytes=0");
    row("no number", 1, 1, 1000, 40, "retention.ms=long");
    row("no flag", 1, 1, 1000, 40, "unclean.leader.election.enable=maybe");
    row("a key of others", 1, 1, 1000, 0, "flush.ms=5");
    row("a value that is none", 1, 1, 1000, 40, "compression.type=-5");
    row("a policy that is none", 1, 1, 1000, 40, "cleanup.policy=compact,zzz");
    row("both policies", 1, 1, 1000, 0, "cleanup.policy=compact,delete");
    row("no key of Kafka's", 1, 1, 1000, 40, "retention.parsecs=1");
    row("a key that is no text", 1, 1, 1000, 40, "\x80=1");
    row("a value that is no text", 1, 1, 1000, 40, "cleanup.policy=\x80");
}

void TestFrames::topicsAreRefusedAsKafkaRefusesThem() {
    QFETCH(int, partitions);
    QFETCH(int, replicas);
    QFETCH(int, timeout);
    QFETCH(QByteArray, config);
    QFETCH(int, error);
    static int number = 0;
    const std::string topic = "created-" + std::to_string(++number);
    const std::string frame =
        createFrame(topic, {partitions, static_cast<std::int16_t>(replicas), timeout, config.toStdString()});
    int seen = 41;
    for (std::int32_t broker = 1; broker <= brokers && seen == 41; ++broker) {  // only the controller answers
        const std::uint64_t client = m_served->open(broker);
        const auto answer = m_served->call(client, frame, 20s);
        QVERIFY(answer);
        WireReader in(*answer);
        QCOMPARE(in.int32(), 0);
        QCOMPARE(in.array(), 1);
        QCOMPARE(in.string(), topic);
        seen = in.int16();
        const std::string message = in.string();
        QVERIFY(seen == 0 || seen == 7 || seen == 41 || !message.empty());
        m_served->close(client);
    }
    QCOMPARE(seen, error);
}

void TestFrames::aRequestThatCreatesTooManyPartitionsCreatesNone() {
    std::vector<int> errors;
    for (std::int32_t broker = 1; broker <= brokers; ++broker) {
        const std::uint64_t client = m_served->open(broker);
        WireWriter out = header(createTopicsApi.key, 0);
        out.array(4);
        for (const auto& [topic, partitions] :
             {std::pair{"many-1", 5}, std::pair{"many-2", 9'996}, std::pair{"twice", 1}, std::pair{"twice", 1}}) {
            out.string(topic).int32(partitions).int16(1).array(0).array(0);
        }
        const auto answer = m_served->call(client, out.int32(-1).take(), 20s);
        QVERIFY(answer);
        WireReader in(*answer);
        for (std::int32_t left = in.array(); left > 0; --left) {
            static_cast<void>(in.string());
            errors.push_back(in.int16());
        }
        m_served->close(client);
    }
    std::sort(errors.begin(), errors.end());
    // Two brokers are not the controller. The first topic fits and has no time, the second does not, the others are
    // one.
    QCOMPARE(errors, (std::vector<int>{7, 37, 41, 41, 41, 41, 41, 41, 41, 41, 42, 42}));
}

void TestFrames::nobodyCoordinatesTransactions() {
    const std::uint64_t client = m_served->open(1);
    for (const auto& [type, error] : {std::pair{1, 53}, std::pair{2, 42}, std::pair{-1, 42}}) {
        const auto answer = m_served->call(
            client, header(findCoordinatorApi.key, 1).string("id").int8(static_cast<std::int8_t>(type)).take());
        QVERIFY(answer);
        WireReader in(*answer);
        QCOMPARE(in.int32(), 0);
        QCOMPARE(static_cast<int>(in.int16()), error);
        QVERIFY(!in.string().empty());
        QCOMPARE(in.int32(), -1);
    }
    m_served->close(client);
}

void TestFrames::timesThatArePastAreUpAtOnce() {
    RandomStream random(3, "batch");
    layouts::Filler filler(random);
    for (const std::int32_t timeout : {-1, 0, std::numeric_limits<std::int32_t>::min()}) {
        int timedOut = 0;
        for (std::int32_t broker = 1; broker <= brokers; ++broker) {
            const std::uint64_t client = m_served->open(broker);
            ProduceRequest request;
            request.version = 8;
            request.timeout = std::chrono::milliseconds{timeout};
            request.partitions.resize(1);
            request.partitions.front().partition = {TopicName("one"), PartitionIndex{0}};
            filler.batch(request.partitions.front().batch);
            const auto answer = m_served->call(client, layouts::frameOf(produceApi.key, request), 1s);
            QVERIFY(answer);
            WireReader in(*answer);
            static_cast<void>(in.array());
            static_cast<void>(in.string());
            static_cast<void>(in.array());
            static_cast<void>(in.int32());
            const int error = in.int16();
            QVERIFY2(error == 6 || error == 7, qPrintable(QString::number(error)));
            timedOut += error == 7 ? 1 : 0;
            m_served->close(client);
        }
        QCOMPARE(timedOut, 1);  // at the leader
    }
}

void TestFrames::aFetchOfLessThanNothingIsAnError() {
    int errors = 0;
    for (std::int32_t broker = 1; broker <= brokers; ++broker) {
        const std::uint64_t client = m_served->open(broker);
        FetchRequest request;
        request.version = 11;
        request.maxWait = -1s;
        request.partitions.resize(1);
        request.partitions.front().partition = {TopicName("one"), PartitionIndex{0}};
        request.partitions.front().fetchOffset = Offset{0};
        request.partitions.front().maxBytes = -1;
        const auto answer = m_served->call(client, layouts::frameOf(fetchApi.key, request), 1s);
        QVERIFY(answer);
        layouts::Reader reader(*answer);
        static_cast<void>(reader.in.int32());
        QCOMPARE(static_cast<int>(reader.in.int16()), 0);
        static_cast<void>(reader.in.int32());
        static_cast<void>(reader.in.array());
        static_cast<void>(reader.in.string());
        static_cast<void>(reader.in.array());
        static_cast<void>(reader.in.int32());
        const int error = reader.in.int16();
        QVERIFY2(error == 6 || error == -1, qPrintable(QString::number(error)));
        errors += error == -1 ? 1 : 0;
        // A session that nobody gave it.
        request.sessionId = 5;
        request.sessionEpoch = 1;
        const auto refused = m_served->call(client, layouts::frameOf(fetchApi.key, request), 1s);
        QVERIFY(refused);
        WireReader in(*refused);
        static_cast<void>(in.int32());
        QCOMPARE(static_cast<int>(in.int16()), 70);
        m_served->close(client);
    }
    QCOMPARE(errors, 1);
}

void TestFrames::clientsDoNotWriteIntoTopicsOfTheCluster() {
    RandomStream random(4, "batch");
    layouts::Filler filler(random);
    const std::uint64_t client = m_served->open(1);
    QVERIFY(coordinatorOf(*m_served, client, "any") > 0);
    ProduceRequest request;
    request.version = 8;
    request.partitions.resize(1);
    request.partitions.front().partition = {TopicName(consumerOffsetsTopic), PartitionIndex{0}};
    filler.batch(request.partitions.front().batch);
    const auto answer = m_served->call(client, layouts::frameOf(produceApi.key, request));
    QVERIFY(answer);
    WireReader in(*answer);
    static_cast<void>(in.array());
    static_cast<void>(in.string());
    static_cast<void>(in.array());
    static_cast<void>(in.int32());
    QCOMPARE(static_cast<int>(in.int16()), 17);
    m_served->close(client);
}

namespace {

/// The errors of the two partitions of one topic in an answer to Produce.
std::pair<int, int> errorsOf(const std::optional<std::string>& answer) {
    WireReader in(answer ? std::string_view{*answer} : std::string_view{});
    static_cast<void>(in.array());
    static_cast<void>(in.string());
    static_cast<void>(in.array());
    static_cast<void>(in.int32());
    const int first = in.int16();
    static_cast<void>(in.take(8 + 8 + 8 + 4 + 2 + 4));
    return {first, in.int16()};
}

std::string batchBytes() {
    RecordBatchBuilder builder;
    builder.append(1'700'000'000'000, std::nullopt, "value");
    std::string bytes;
    builder.build()->appendTo(bytes);
    return bytes;
}

}  // namespace

void TestFrames::recordsOfATransactionAreRefusedWhole() {
    std::string bytes = batchBytes();
    bytes[22] = static_cast<char>(bytes[22] | 0x10);  // the transactional bit, which the CRC covers
    const std::uint32_t crc = crc32c(std::string_view{bytes}.substr(21));
    for (std::size_t i = 0; i < 4; ++i) {
        bytes[17 + i] = static_cast<char>(crc >> (24 - 8 * i));
    }
    const auto frameWith = [&](const std::optional<std::string_view>& id) {
        WireWriter out = header(produceApi.key, 8);
        out.nullableString(id).int16(1).int32(1000).array(1).string("none").array(2);
        out.int32(0).bytes(batchBytes()).int32(1).bytes(bytes);
        return out.take();
    };
    const std::uint64_t client = m_served->open(1);
    QCOMPARE(errorsOf(m_served->call(client, frameWith(std::nullopt))), std::pair(53, 53));
    QCOMPARE(errorsOf(m_served->call(client, frameWith("a transaction"))), std::pair(3, 49));
    m_served->close(client);
}

void TestFrames::acksThatNobodyKnowsAreRefused() {
    WireWriter out = header(produceApi.key, 8);
    out.nullableString(std::nullopt).int16(2).int32(1000).array(1).string("one").array(2);
    out.int32(0).bytes(batchBytes()).int32(1).bytes("no records at all");
    const std::uint64_t client = m_served->open(1);
    QCOMPARE(errorsOf(m_served->call(client, out.take())), std::pair(21, 21));
    m_served->close(client);
}

void TestFrames::requestsWithoutAnswersAreDoneWithWhenTheyHaveRoom() {
    // Effects tell the sockets how many requests are done with; a jammed connection's come later, but they come.
    std::uint32_t done = 0;
    Served served;
    const std::uint64_t client = served.open(1);
    served.play(1s);
    ProduceRequest request;
    request.version = 8;
    request.acks = Acks::None;
    request.partitions.resize(1);
    request.partitions.front().partition = {TopicName("one"), PartitionIndex{0}};
    RecordBatchBuilder builder;
    builder.append(0, std::nullopt, std::string(300'000, 'x'));
    request.partitions.front().batch = builder.build();
    const std::string frame = layouts::frameOf(produceApi.key, request);
    served.onRequestsDone = [&](std::uint32_t requests) { done += requests; };
    for (int i = 0; i < 8; ++i) {
        served.send(client, frame);
    }
    served.play(1ms);
    QCOMPARE(done, 1U);
    served.play(10s);
    QVERIFY(done == 8 || served.isEnded(client));  // a broker that does not lead hangs up, as Kafka does
}

void TestFrames::theClusterSaysWhereTheOutsideReachesIt() {
    const std::uint64_t client = m_served->open(1);
    inEveryVersion(DescribeClusterRequest{}, [&](const DescribeClusterRequest& request) {
        const auto answer = ask(*m_served, client, request);
        QVERIFY(answer && answer->error == ErrorCode::None);
        QVERIFY(answer->controller != noBroker);
        QCOMPARE(answer->brokers.size(), std::size_t{brokers});
        for (const BrokerEndpoint& broker : answer->brokers) {
            QCOMPARE(broker.host, std::string("127.0.0.1"));
            QVERIFY(broker.port >= 9000 && broker.port != 9092);
        }
    });
    for (const auto& [type, error] :
         {std::pair{2, ErrorCode::MismatchedEndpointType}, std::pair{9, ErrorCode::UnsupportedEndpointType}}) {
        DescribeClusterRequest ofOthers;
        ofOthers.endpointType = static_cast<std::int8_t>(type);
        const auto refused = ask(*m_served, client, ofOthers);
        QVERIFY(refused && refused->error == error && refused->brokers.empty());
    }
    m_served->close(client);
}

void TestFrames::groupsAreListedAndDescribedByTheirCoordinator() {
    const std::uint64_t asker = m_served->open(1);
    const std::int32_t coordinator = coordinatorOf(*m_served, asker, "described");
    const std::uint64_t client = m_served->open(coordinator);
    JoinGroupRequest join;
    join.group = "described";
    join.sessionTimeout = 30s;
    join.protocols.push_back({"range", makeRef<Bytes>(std::string("subscription"))});
    join.memberId = ask(*m_served, client, join)->memberId;
    const auto joined = ask(*m_served, client, join);
    QVERIFY(joined && joined->error == ErrorCode::None);
    SyncGroupRequest sync;
    sync.group = join.group;
    sync.generation = joined->generation;
    sync.memberId = join.memberId;
    sync.protocol = "roundrobin";
    QVERIFY(ask(*m_served, client, sync)->error == ErrorCode::InconsistentGroupProtocol);
    sync.protocol = "range";
    sync.assignments.push_back({join.memberId, makeRef<Bytes>(std::string("assignment"))});
    QVERIFY(ask(*m_served, client, sync)->error == ErrorCode::None);

    DescribeGroupsRequest describe;
    describe.groups = {join.group, "nobody's"};
    inEveryVersion(describe, [&](const DescribeGroupsRequest& request) {
        const auto answer = ask(*m_served, client, request);
        QVERIFY(answer && answer->groups.size() == 2);
        const auto& group = answer->groups.front();
        QVERIFY(group.error == ErrorCode::None && group.state == "Stable" && group.protocol == "range");
        QCOMPARE(group.members.size(), std::size_t{1});
        QCOMPARE(group.members.front().memberId, join.memberId);
        QVERIFY(group.members.front().metadata->text() == "subscription");
        QVERIFY(group.members.front().assignment->text() == "assignment");
    });
    const std::uint64_t other = m_served->open(coordinator % brokers + 1);
    QVERIFY(ask(*m_served, other, describe)->groups.front().error == ErrorCode::NotCoordinator);
    inEveryVersion(ListGroupsRequest{}, [&](const ListGroupsRequest& request) {
        const auto isNamed = [&](const auto& answer) {
            return std::any_of(answer->groups.begin(), answer->groups.end(),
                               [&](const auto& group) { return group.name == join.group; });
        };
        QVERIFY(isNamed(ask(*m_served, client, request)));
        QVERIFY(!isNamed(ask(*m_served, other, request)));
        if (request.version >= 4) {
            ListGroupsRequest ofState = request;
            ofState.states = {"Empty"};
            QVERIFY(!isNamed(ask(*m_served, client, ofState)));
            ofState.states = {"Empty", "stable"};
            QVERIFY(isNamed(ask(*m_served, client, ofState)));
        }
        if (request.version >= 5) {
            ListGroupsRequest ofType = request;
            ofType.types = {"consumer"};
            QVERIFY(!isNamed(ask(*m_served, client, ofType)));
        }
    });
    LeaveGroupRequest leave;
    leave.group = join.group;
    leave.members = {{join.memberId, std::nullopt, "it is over"}, {"a stranger", std::nullopt, {}}};
    const auto left = ask(*m_served, client, leave);
    QVERIFY(left && left->members.size() == 2 && left->members.front().error == ErrorCode::None);
    QVERIFY(left->members.back().error == ErrorCode::UnknownMemberId);
    for (const std::uint64_t each : {asker, client, other}) {
        m_served->close(each);
    }
}

void TestFrames::aLeaderSaysWhereAnEpochEnds() {
    OffsetForLeaderEpochRequest request;
    request.partitions.resize(1);
    request.partitions.front().partition = {TopicName("one"), PartitionIndex{0}};
    int leaders = 0;
    for (std::int32_t broker = 1; broker <= brokers; ++broker) {
        const std::uint64_t client = m_served->open(broker);
        inEveryVersion(request, [&](const OffsetForLeaderEpochRequest& asked) {
            const auto answer = ask(*m_served, client, asked);
            QVERIFY(answer && answer->partitions.size() == 1);
            const auto& said = answer->partitions.front();
            QVERIFY(said.error == ErrorCode::None || said.error == ErrorCode::NotLeaderOrFollower);
            leaders += said.error == ErrorCode::None ? 1 : 0;
            QVERIFY(said.error != ErrorCode::None || said.end.endOffset >= noOffset);
        });
        m_served->close(client);
    }
    QCOMPARE(leaders, offsetForLeaderEpochApi.served + 1);
}

void TestFrames::settingsAreToldWithWhereTheyComeFrom() {
    using Configs = DescribeConfigsResponse;
    const std::uint64_t client = m_served->open(1);
    DescribeConfigsRequest request;
    request.resources = {{DescribeConfigsRequest::Of::Topic, "one", std::nullopt},
                         {DescribeConfigsRequest::Of::Topic, "none", std::nullopt},
                         {DescribeConfigsRequest::Of::Broker, "1", std::vector<std::string>{"num.partitions"}},
                         {DescribeConfigsRequest::Of::Broker, "2", std::nullopt}};
    inEveryVersion(request, [&](DescribeConfigsRequest asked) {
        asked.includeSynonyms = asked.version >= 1;
        const auto answer = ask(*m_served, client, asked);
        QVERIFY(answer && answer->results.size() == 4);
        const Configs::Result& topic = answer->results.front();
        QVERIFY(topic.error == ErrorCode::None && topic.settings.size() == 36);
        const auto least = std::find_if(topic.settings.begin(), topic.settings.end(),
                                        [](const auto& each) { return each.key == "min.insync.replicas"; });
        QVERIFY(least->value == "2" && (asked.version > 0 || !least->isDefault));
        if (asked.version >= 1) {  // the broker was told, and the topic was not
            QVERIFY(least->source == Configs::Source::StaticBroker);
            QCOMPARE(least->synonyms.size(), std::size_t{2});
            QVERIFY(least->synonyms.back().value == "1" && least->synonyms.back().source == Configs::Source::Default);
        }
        QVERIFY(answer->results[1].error == ErrorCode::UnknownTopicOrPartition);
        QVERIFY(answer->results[2].settings.size() == 1 && answer->results[2].settings.front().value == "1");
        QVERIFY(answer->results[3].error == ErrorCode::InvalidRequest);
    });
    CreateTopicsRequest create;
    create.topics.resize(1);
    create.topics.front().name = TopicName("brief");
    create.topics.front().partitions = 1;
    create.topics.front().replicationFactor = 1;
    create.topics.front().config = {{"retention.ms", "1000"}, {"cleanup.policy", "compact"}};
    std::size_t told = 0;
    for (std::int32_t broker = 1; broker <= brokers; ++broker) {
        const std::uint64_t to = m_served->open(broker);
        (void)ask(*m_served, to, create);  // one of them is the controller
        m_served->close(to);
    }
    request.resources = {{DescribeConfigsRequest::Of::Topic, "brief", std::nullopt}};
    for (std::int32_t broker = 1; broker <= brokers; ++broker) {  // two of them have no replica of it
        const std::uint64_t to = m_served->open(broker);
        const auto answer = ask(*m_served, to, request);
        QVERIFY(answer && answer->results.size() == 1);
        for (const auto& setting : answer->results.front().settings) {
            told += setting.source == Configs::Source::Topic ? 1U : 0U;
        }
        m_served->close(to);
    }
    QCOMPARE(told, std::size_t{2 * brokers});
    m_served->close(client);
}

void TestFrames::whoAsksForSettingsWaitsThroughTheEndOfTheBrokersSession() {
    Served served(12s);
    CreateTopicsRequest create;
    create.topics.resize(1);
    create.topics.front().name = TopicName("lonely");
    create.topics.front().partitions = 1;
    create.topics.front().replicationFactor = 1;
    for (std::int32_t broker = 1; broker <= brokers; ++broker) {
        (void)ask(served, served.open(broker), create);  // one of them is the controller
    }
    served.play(1s);
    served.fault(sim::FaultKind::Cut, "host:zk1");
    DescribeConfigsRequest request;
    request.resources = {{DescribeConfigsRequest::Of::Topic, "lonely", std::nullopt}};
    request.clientId = ClientId("probe");
    std::vector<std::uint64_t> clients;
    for (std::int32_t broker = 1; broker <= brokers; ++broker) {
        clients.push_back(served.open(broker));
        served.send(clients.back(), encode(request).value().substr(4));
    }
    served.play(5s);
    std::size_t answered = 0;
    for (const std::uint64_t client : clients) {
        answered += served.hasAnswer(client) ? 1U : 0U;
    }
    QCOMPARE(answered, std::size_t{1});  // by the broker that has the replica
    served.play(10s);                    // sessions expire
    served.fault(sim::FaultKind::Heal, "host:zk1");
    served.play(20s);
    for (const std::uint64_t client : clients) {
        QVERIFY(served.hasAnswer(client));
    }
}

void TestFrames::whatIsNamedOftenIsToldOnce() {
    const std::uint64_t client = m_served->open(1);
    DescribeConfigsRequest configs;
    configs.resources.assign(500, {DescribeConfigsRequest::Of::Topic, "one", std::nullopt});
    configs.resources.push_back({DescribeConfigsRequest::Of::Broker, "1", std::nullopt});
    const auto settings = ask(*m_served, client, configs);
    QVERIFY(settings && settings->results.size() == 2);
    DescribeGroupsRequest describe;
    describe.groups.assign(500, "often");
    const auto groups = ask(*m_served, client, describe);
    QVERIFY(groups && groups->groups.size() == 1);
    OffsetFetchRequest offsets;
    offsets.version = offsetFetchApi.served;
    offsets.groups.resize(500);
    for (OffsetFetchRequest::Group& group : offsets.groups) {
        group.group = "often";
    }
    const auto fetched = ask(*m_served, client, offsets);
    QVERIFY(fetched && fetched->groups.size() == 1);
    m_served->close(client);
}

void TestFrames::aCommitBeyondTheSizeOfABatchIsRefused() {
    const std::string group(32'000, 'g');
    const std::uint64_t asker = m_served->open(1);
    const std::uint64_t client = m_served->open(coordinatorOf(*m_served, asker, group));
    constexpr std::int32_t times = 20'000;
    WireWriter out = header(offsetCommitApi.key, 2);
    out.string(group).int32(-1).string("").int64(-1).array(1).string("one").array(times);
    for (std::int32_t i = 0; i < times; ++i) {
        out.int32(0).int64(1).nullableString("");
    }
    const auto answer = m_served->call(client, out.take());
    QVERIFY(answer);
    WireReader in(*answer);
    QCOMPARE(in.array(), 1);
    static_cast<void>(in.string());
    QVERIFY(in.array() > 0);
    static_cast<void>(in.int32());
    QCOMPARE(static_cast<int>(in.int16()), 28);
    m_served->close(client);
    m_served->close(asker);
}

void TestFrames::strangersAreCountedIntoOneWhateverTheySay() {
    constexpr std::uint64_t strangers = 1'100;
    for (std::uint64_t i = 0; i < strangers; ++i) {
        const std::uint64_t client = m_served->open(1);
        m_served->send(client, header(static_cast<std::int16_t>(2'000 + i), 0).take());
        m_served->play(1ms);
    }
    m_served->play(1s);
    const sim::Journal& journal = m_served->world().journal();
    const sim::Repeats* repeats = nullptr;
    for (std::uint32_t id = journal.firstId().value; id <= journal.lastId().value; ++id) {
        const sim::JournalEntry& entry = *journal.find(sim::JournalId{id});
        if (entry.kind == "gateway.client-refused" && entry.field("reason").starts_with("no API has the key")) {
            QVERIFY(repeats == nullptr || repeats == journal.repeatsOf(entry));
            repeats = journal.repeatsOf(entry);
        }
    }
    QVERIFY(repeats != nullptr);
    QVERIFY2(repeats->count >= strangers, qPrintable(QString::number(repeats->count)));
}

void TestFrames::noValueOfAnyFieldStopsTheCluster() {
    // Every integer field of every request in every version with the values at its ends, and all of them by chance.
    constexpr int seeds = 15;
    try {
        for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
            Served served;
            RandomStream random(seed, "frames");
            std::array<std::uint64_t, brokers> clients{};
            const auto ends = [](int i) { return i % 4 == 0 ? 1.0 : 0.4; };
            forEachFrame(random, 9, ends, [&](const std::string& frame) {
                for (std::int32_t broker = 0; broker < brokers; ++broker) {
                    std::uint64_t& client = clients[static_cast<std::size_t>(broker)];
                    if (client == 0 || served.isEnded(client) || random.chance(0.1)) {
                        served.close(client);
                        client = served.open(broker + 1);
                    }
                    served.send(client, frame);
                }
                served.play(20ms);
            });
            served.play(60s);
            const std::uint64_t last = served.open(1);
            QVERIFY(served.call(last, header(metadataApi.key, 0).array(0).take()));
        }
    } catch (const CheckFailed& failed) {
        QFAIL(failed.what());
    }
}

void TestFrames::noDamagedFrameStopsTheCluster() {
    try {
        Served served;
        RandomStream random(1, "damage");
        const auto noEnds = [](int) { return 0.0; };
        forEachFrame(random, 30, noEnds, [&](std::string frame) {
            for (std::uint64_t flips = 1 + random.below(3); flips > 0; --flips) {
                frame[4 + random.below(frame.size() - 4)] = static_cast<char>(random.below(256));
            }
            const std::uint64_t client = served.open(1 + static_cast<std::int32_t>(random.below(brokers)));
            served.send(client, std::move(frame));
            served.play(5ms);
            served.close(client);
        });
        served.play(10s);
        const std::uint64_t last = served.open(1);
        QVERIFY(served.call(last, header(metadataApi.key, 0).array(0).take()));
    } catch (const CheckFailed& failed) {
        QFAIL(failed.what());
    }
}

QTEST_APPLESS_MAIN(TestFrames)
#include "tst_frames.moc"
