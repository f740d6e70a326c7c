#include "engine/kafka/client/assignor.h"
#include "engine/kafka/client/group_member_process.h"
#include "engine/kafka/client/producer_process.h"
#include "engine/kafka/describe.h"
#include "engine/sim/world.h"  // before Qt, whose keyword `slots` is a name in there

#include <QtTest/QTest>
#include <functional>
#include <set>

using namespace millrace;
using namespace millrace::kafka;
using namespace std::chrono_literals;

namespace {

const TopicName access("access");
constexpr sim::Port port{9092};

/// What a test wants the only broker to say, and what the broker was asked.
struct Script {
    std::int32_t partitions = 1;
    bool knowsTopic = true;
    /// To the n-th produce request, from 0; no value: never.
    std::function<std::optional<ErrorCode>(const ProduceRequest&, int)> produce = [](const ProduceRequest&, int) {
        return ErrorCode::None;
    };
    bool answersJoins = true;
    ErrorCode joinError = ErrorCode::None;
    Offset committed = noOffset;
    std::int32_t recordsPerPartition = 0;  ///< one batch each, from offset 0
    Offset logStart{0};
};

/// The only broker of the world, which leads all partitions and coordinates all groups.
class ScriptedBroker final : public sim::ActorBase<ScriptedBroker> {
public:
    explicit ScriptedBroker(Script what) : script(std::move(what)) {}
    void start(sim::Context& context) override { context.listen(port); }
    void handle(sim::Context& context, const sim::Message& message) override {
        if (const auto* metadata = message.as<MetadataRequest>()) {
            MetadataResponse answer;
            answer.brokers = {{BrokerId{1}, "b1", port.value, {}}};
            if (script.knowsTopic) {
                PartitionMetadata partition;
                partition.leader = BrokerId{1};
                answer.topics = {{ErrorCode::None, access, false, {}}};
                for (std::int32_t i = 0; i < script.partitions; ++i) {
                    partition.partition = PartitionIndex{i};
                    answer.topics.front().partitions.push_back(partition);
                }
            }
            reply(context, *metadata, std::move(answer));
        } else if (const auto* produce = message.as<ProduceRequest>()) {
            takeProduced(context, *produce);
        } else if (const auto* find = message.as<FindCoordinatorRequest>()) {
            FindCoordinatorResponse answer;
            answer.coordinators = {{{}, BrokerId{1}, "b1", port.value, ErrorCode::None, {}}};
            reply(context, *find, std::move(answer));
        } else if (const auto* join = message.as<JoinGroupRequest>()) {
            joins.push_back(context.now());
            if (script.answersJoins) {
                JoinGroupResponse answer;
                answer.generation = 1;
                answer.memberId = "m";
                answer.leader = "somebody else";
                answer.error = script.joinError;
                reply(context, *join, std::move(answer));
            }
        } else if (const auto* sync = message.as<SyncGroupRequest>()) {
            SyncGroupResponse answer;
            std::vector<TopicPartition> all;
            for (std::int32_t i = 0; i < script.partitions; ++i) {
                all.push_back({access, PartitionIndex{i}});
            }
            answer.assignment = encodeAssignment(all);
            reply(context, *sync, std::move(answer));
        } else if (const auto* heartbeat = message.as<HeartbeatRequest>()) {
            reply(context, *heartbeat, HeartbeatResponse{});
        } else if (const auto* leave = message.as<LeaveGroupRequest>()) {
            ++leaves;
            reply(context, *leave, LeaveGroupResponse{});
        } else if (const auto* fetch = message.as<OffsetFetchRequest>()) {
            OffsetFetchResponse answer;
            answer.groups.resize(1);
            for (const TopicPartition& partition : *fetch->groups.front().partitions) {
                answer.groups.front().partitions.push_back({partition, script.committed, noEpoch, {}, ErrorCode::None});
            }
            reply(context, *fetch, std::move(answer));
        } else if (const auto* commit = message.as<OffsetCommitRequest>()) {
            OffsetCommitResponse answer;
            for (const auto& offset : commit->partitions) {
                answer.partitions.push_back({offset.partition, ErrorCode::None});
                committed[offset.partition.partition.value].push_back(offset.offset.value);
            }
            reply(context, *commit, std::move(answer));
        } else if (const auto* look = message.as<ListOffsetsRequest>()) {
            ListOffsetsResponse answer;
            for (const auto& asked : look->partitions) {
                ListOffsetsResponse::Partition found;
                found.partition = asked.partition;
                found.offset = asked.timestamp == ListOffsetsRequest::earliest ? script.logStart
                                                                               : Offset{script.recordsPerPartition};
                answer.partitions.push_back(found);
            }
            reply(context, *look, std::move(answer));
        } else if (const auto* reads = message.as<FetchRequest>()) {
            serveFetch(context, *reads);
        }
    }

    Script script;
    std::vector<int> stored;                           ///< positions in the order of the log
    std::map<std::int32_t, std::int32_t> byPartition;  ///< records
    std::vector<SimTime> joins;
    std::map<std::int32_t, std::vector<std::int64_t>> committed;  ///< by partition
    int leaves = 0;
    int produced = 0;

private:
    template <class Answer>
    static void reply(sim::Context& context, const auto& request, Answer answer) {
        answer.correlationId = request.correlationId;
        context.transmit(context.connection(), makeRef<Answer>(std::move(answer)));
    }

    void takeProduced(sim::Context& context, const ProduceRequest& request) {
        const std::optional<ErrorCode> error = script.produce(request, produced++);
        if (!error) {
            return;
        }
        ProduceResponse answer;
        for (const auto& item : request.partitions) {
            ProduceResponse::Partition result;
            result.partition = item.partition;
            result.error = *error;
            result.baseOffset = Offset{static_cast<std::int64_t>(stored.size())};
            if (*error == ErrorCode::None) {
                byPartition[item.partition.partition.value] += item.batch->recordCount();
                for (const RecordView& record : item.batch->records()) {
                    stored.push_back(std::stoi(std::string{record.header("mr.position").value()}));
                }
            }
            answer.partitions.push_back(result);
        }
        reply(context, request, std::move(answer));
    }

    /// Whole batches without a session; nothing new is never answered.
    void serveFetch(sim::Context& context, const FetchRequest& request) {
        FetchResponse answer;
        for (const auto& item : request.partitions) {
            FetchResponse::Partition result;
            result.partition = item.partition;
            result.highWatermark = Offset{script.recordsPerPartition};
            if (item.fetchOffset < script.logStart) {
                result.error = ErrorCode::OffsetOutOfRange;
            } else if (item.fetchOffset < result.highWatermark) {
                RecordBatchBuilder builder;
                for (std::int32_t i = 0; i < script.recordsPerPartition; ++i) {
                    builder.append(0, std::nullopt, "line");
                }
                result.batches.push_back(builder.build()->rebased(Offset{0}, LeaderEpoch{0}));
            } else {
                continue;
            }
            answer.partitions.push_back(result);
        }
        if (!answer.partitions.empty()) {
            reply(context, request, std::move(answer));
        }
    }
};

class ScriptedBlueprint final : public sim::Blueprint {
public:
    explicit ScriptedBlueprint(Script script) : m_script(std::move(script)) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override { context.addActor("broker", makeRef<ScriptedBroker>(m_script)); }

private:
    std::string m_name = "scripted";
    Script m_script;
};

/// A scripted broker and one client of it.
struct Pair {
    explicit Pair(Script script) : world(sim::WorldSpec{}) {
        world.addProcess(host("b1"), makeRef<ScriptedBlueprint>(std::move(script)));
        host("app");
    }

    void addProducer(int lines, std::size_t length, ProducerConfig config) {
        std::string text;
        for (int i = 0; i < lines; ++i) {
            text += std::string(length, 'x') + "\n";
        }
        addProducer(ingest::FileSource{makeRef<ingest::FileContent>("access.log", text)}, std::move(config));
    }

    void addProducer(std::variant<ingest::FileSource, ingest::GeneratorSource> origin, ProducerConfig config) {
        auto source = makeRef<ingest::SourceSpec>();
        source->id = "log";
        source->pace.recordsPerSecond = 0;
        source->pace.start = 1s;
        source->origin = std::move(origin);
        config.client.bootstrap = {{BrokerId{1}, "b1", port.value, {}}};
        world.addProcess(world.findHost("app"),
                         makeProducerBlueprint({"log", access, std::move(source), std::move(config)}));
    }

    void addMember(GroupMemberConfig config) {
        config.group = "readers";
        config.member = "m1";
        config.topics = {access};
        config.consumer.client.bootstrap = {{BrokerId{1}, "b1", port.value, {}}};
        world.addProcess(world.findHost("app"), makeGroupMemberBlueprint(config), SimTime{1s});
    }

    sim::HostId host(const char* name) {
        sim::HostSpec spec;
        spec.name = name;
        return world.addHost(spec);
    }
    void runTo(SimDuration time) { world.run(SimTime{time}); }
    [[nodiscard]] const ScriptedBroker& broker() const { return *world.findActor<ScriptedBroker>("scripted/broker"); }
    [[nodiscard]] ProducerFigures figures() const { return producerFigures(world, "log").records; }
    [[nodiscard]] std::vector<const sim::JournalEntry*> journal(std::string_view kind) const {
        std::vector<const sim::JournalEntry*> entries;
        for (std::uint32_t id = 1; id <= world.journal().lastId().value; ++id) {
            const auto* entry = world.journal().find(sim::JournalId{id});
            if (entry != nullptr && entry->kind == kind) {
                entries.push_back(entry);
            }
        }
        return entries;
    }

    sim::World world;
};

int inversions(const std::vector<int>& positions) {
    int count = 0;
    int furthest = -1;
    for (const int position : positions) {
        count += position < furthest ? 1 : 0;
        furthest = std::max(furthest, position);
    }
    return count;
}

}  // namespace

class TestClientRules : public QObject {
    Q_OBJECT

private slots:
    // --- RecordAccumulator.reenqueue, Sender.guaranteeMessageOrder

    void severalBatchesThatFailTogetherGoOutAgainInReverse_data() {
        QTest::addColumn<int>("inFlight");
        QTest::addColumn<bool>("reorders");
        QTest::newRow("five requests in flight") << 5 << true;
        QTest::newRow("two requests in flight") << 2 << true;
        QTest::newRow("one request in flight") << 1 << false;
    }
    void severalBatchesThatFailTogetherGoOutAgainInReverse() {
        QFETCH(int, inFlight);
        QFETCH(bool, reorders);
        Script script;
        script.produce = [inFlight](const ProduceRequest&, int number) {
            return number < inFlight ? ErrorCode::NotEnoughReplicas : ErrorCode::None;
        };
        Pair pair(script);
        ProducerConfig config;
        config.maxInFlight = inFlight;
        config.batchSize = 1000;
        pair.addProducer(400, 80, config);
        pair.runTo(30s);
        QCOMPARE(pair.broker().stored.size(), std::size_t{400});
        QCOMPARE(pair.figures().acked, std::int64_t{400});
        QCOMPARE(inversions(pair.broker().stored) > 0, reorders);
    }

    // --- Sender.getExpiredInflightBatches

    void aBatchWhoseDeliveryTimesOutInFlightFailsAtOnce() {
        Script script;
        script.produce = [](const ProduceRequest&, int) { return std::optional<ErrorCode>{}; };
        Pair pair(script);
        ProducerConfig config;
        config.deliveryTimeout = 5s;
        config.client.links.requestTimeout = 30s;
        pair.addProducer(10, 10, config);
        pair.runTo(5s);
        QCOMPARE(pair.figures().pending, std::int64_t{10});
        pair.runTo(7s);
        QCOMPARE(pair.figures().failed, std::int64_t{10});
        QCOMPARE(pair.figures().bufferedBytes, ByteCount{0});
        // Nor does the end of the request bring it back.
        pair.runTo(60s);
        QCOMPARE(pair.figures().failed, std::int64_t{10});
        QCOMPARE(pair.figures().retried, std::int64_t{0});
        QCOMPARE(pair.broker().produced, 1);
    }

    // --- KafkaProducer.ensureValidRecordSize, Sender and KIP-126

    void aRecordOverTheRequestsSizeFailsInSend() {
        Pair pair({});
        ProducerConfig config;
        config.maxRequestSize = 500;
        pair.addProducer(3, 600, config);
        pair.runTo(5s);
        QCOMPARE(pair.broker().produced, 0);
        QCOMPARE(pair.figures().sent, std::int64_t{3});
        QCOMPARE(pair.figures().failed, std::int64_t{3});
        QCOMPARE(pair.figures().pending, std::int64_t{0});
        const auto entries = pair.journal("kafka.producer-failed");
        QCOMPARE(entries.size(), std::size_t{3});
        QVERIFY(entries.front()->text.find("RecordTooLarge") != std::string::npos);
        QVERIFY(entries.front()->text.find("max.request.size") != std::string::npos);
    }

    void aBatchThatIsTooLargeForTheBrokerIsSplit() {
        Script script;
        script.produce = [](const ProduceRequest& request, int) {
            return request.partitions.front().batch->size() > 3000 ? ErrorCode::MessageTooLarge : ErrorCode::None;
        };
        Pair pair(script);
        ProducerConfig config;
        config.maxInFlight = 1;
        pair.addProducer(300, 100, config);
        pair.runTo(30s);
        QCOMPARE(pair.figures().acked, std::int64_t{300});
        QCOMPARE(pair.figures().failed, std::int64_t{0});
        QCOMPARE(pair.figures().retried, std::int64_t{0});
        QCOMPARE(pair.figures().bufferedBytes, ByteCount{0});
        QCOMPARE(inversions(pair.broker().stored), 0);
        QCOMPARE(pair.broker().stored.size(), std::size_t{300});
        QVERIFY(!pair.journal("kafka.producer-batch-split").empty());
    }

    void aLoneRecordThatIsTooLargeFails() {
        Script script;
        script.produce = [](const ProduceRequest&, int) { return ErrorCode::MessageTooLarge; };
        Pair pair(script);
        pair.addProducer(1, 100, {});
        pair.runTo(5s);
        QCOMPARE(pair.figures().failed, std::int64_t{1});
        QCOMPARE(pair.broker().produced, 1);
    }

    // --- RoundRobinPartitioner

    void roundRobinLooksAtNoKey_data() {
        QTest::addColumn<bool>("ignoresKeys");
        QTest::addColumn<int>("partitions");
        QTest::newRow("RoundRobinPartitioner") << true << 3;
        QTest::newRow("the default hashes") << false << 1;
    }
    void roundRobinLooksAtNoKey() {
        QFETCH(bool, ignoresKeys);
        QFETCH(int, partitions);
        Script script;
        script.partitions = 3;
        Pair pair(script);
        ingest::GeneratorSource source;
        source.keys.count = 1;
        source.recordsMax = 90;
        ProducerConfig config;
        config.ignoresKeys = ignoresKeys;
        pair.addProducer(source, config);
        pair.runTo(10s);
        QCOMPARE(pair.broker().byPartition.size(), static_cast<std::size_t>(partitions));
        QCOMPARE(pair.broker().byPartition.begin()->second, 90 / partitions);
    }

    // --- max.block.ms

    void sendWaitsForTheTopicAsLongAsMaxBlockAndThenGivesTheRecordUp() {
        Script script;
        script.knowsTopic = false;
        Pair pair(script);
        ProducerConfig config;
        config.maxBlock = 10s;
        pair.addProducer(3, 10, config);
        pair.runTo(10s);
        QCOMPARE(pair.figures().failed, std::int64_t{0});
        pair.runTo(12s);
        QCOMPARE(pair.figures().failed, std::int64_t{1});
        pair.runTo(40s);
        QCOMPARE(pair.figures().failed, std::int64_t{3});
    }

    void sendWaitsForRoomInTheBuffer() {
        Script script;
        script.produce = [](const ProduceRequest&, int) { return std::optional<ErrorCode>{}; };
        Pair pair(script);
        ProducerConfig config;
        config.maxBlock = 5s;
        config.bufferMemory = 2000;
        config.batchSize = 500;
        pair.addProducer(1000, 100, config);
        pair.runTo(5s);
        QCOMPARE(pair.figures().failed, std::int64_t{0});
        pair.runTo(12s);
        QCOMPARE(pair.figures().failed, std::int64_t{2});
    }

    // --- auto.offset.reset

    void withoutACommitAndWithoutAResetAConsumerEnds() {
        Pair pair({});
        GroupMemberConfig config;
        config.consumer.offsetReset = OffsetReset::None;
        pair.addMember(config);
        pair.runTo(10s);
        expectEnd(pair, "NoOffsetForPartition");
    }

    void outOfRangeAndWithoutAResetAConsumerEnds() {
        Script script;
        script.committed = Offset{5};
        script.logStart = Offset{50};
        script.recordsPerPartition = 100;
        Pair pair(script);
        GroupMemberConfig config;
        config.consumer.offsetReset = OffsetReset::None;
        pair.addMember(config);
        pair.runTo(10s);
        expectEnd(pair, "OffsetOutOfRange");
    }

    // --- JoinGroup: what the coordinator would say again however often it is asked

    void aMemberThatIsRefusedForGoodEndsAndSaysWhy_data() {
        QTest::addColumn<int>("error");
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("session time-out") << static_cast<int>(ErrorCode::InvalidSessionTimeout)
                                          << QByteArray("InvalidSessionTimeout: session.timeout.ms 45000");
        QTest::newRow("protocol") << static_cast<int>(ErrorCode::InconsistentGroupProtocol)
                                  << QByteArray("InconsistentGroupProtocol");
        QTest::newRow("group's name") << static_cast<int>(ErrorCode::InvalidGroupId) << QByteArray("InvalidGroupId");
        QTest::newRow("full group") << static_cast<int>(ErrorCode::GroupMaxSizeReached)
                                    << QByteArray("GroupMaxSizeReached");
    }
    void aMemberThatIsRefusedForGoodEndsAndSaysWhy() {
        QFETCH(int, error);
        QFETCH(QByteArray, name);
        Script script;
        script.joinError = static_cast<ErrorCode>(error);
        Pair pair(script);
        pair.addMember({});
        pair.runTo(10s);
        QCOMPARE(pair.broker().joins.size(), std::size_t{1});
        expectEnd(pair, name.toStdString(), 0);
    }

    void aMemberAsksAgainWhileItsCoordinatorLoads() {
        Script script;
        script.joinError = ErrorCode::CoordinatorLoadInProgress;
        Pair pair(script);
        pair.addMember({});
        pair.runTo(10s);
        QVERIFY(pair.broker().joins.size() > 20);
        QVERIFY(pair.journal("kafka.consumer-failed").empty());
    }

    // --- SubscriptionState.allConsumed

    void positionsAreCommittedAlsoWhereNothingWasRead() {
        Script script;
        script.partitions = 2;
        script.recordsPerPartition = 100;
        Pair pair(script);
        GroupMemberConfig config;
        config.consumer.offsetReset = OffsetReset::Latest;
        pair.addMember(config);
        pair.runTo(20s);
        QCOMPARE(groupMemberFigures(pair.world, "readers", "m1").consumed, std::int64_t{0});
        QCOMPARE(pair.broker().committed.size(), std::size_t{2});
        for (const auto& [partition, offsets] : pair.broker().committed) {
            QCOMPARE(offsets.front(), std::int64_t{100});
        }
    }

    // --- FetchCollector

    void aPollCutsABatchAtMaxPollRecordsAndDrainsOnePartitionFirst() {
        Script script;
        script.partitions = 3;
        script.recordsPerPartition = 1000;
        Pair pair(script);
        GroupMemberConfig config;
        config.consumer.offsetReset = OffsetReset::Earliest;
        config.maxPollRecords = 300;
        config.workPerRecord = 1ms;
        pair.addMember(config);
        std::int64_t before = 0;
        std::set<std::int64_t> steps;
        while (before < 3000 && pair.world.now() < SimTime{30s} && pair.world.step()) {
            const GroupMemberFigures figures = groupMemberFigures(pair.world, "readers", "m1");
            if (figures.consumed == before) {
                continue;
            }
            steps.insert(figures.consumed - before);
            before = figures.consumed;
            const auto begun = std::count_if(figures.positions.begin(), figures.positions.end(), [](Offset position) {
                return position > Offset{0} && position < Offset{1000};
            });
            QVERIFY2(begun <= 1, "two partitions are read by turns");
        }
        QCOMPARE(before, std::int64_t{3000});
        QCOMPARE(*steps.rbegin(), std::int64_t{300});
    }

    // --- AbstractCoordinator.joinGroupTimeoutMs

    void aJoinIsWaitedForAsLongAsTheRebalanceMayTake_data() {
        QTest::addColumn<int>("rebalance");
        QTest::addColumn<int>("patience");
        QTest::newRow("longer than a request") << 60 << 65;
        QTest::newRow("shorter than a request") << 10 << 30;
    }
    void aJoinIsWaitedForAsLongAsTheRebalanceMayTake() {
        QFETCH(int, rebalance);
        QFETCH(int, patience);
        Script script;
        script.answersJoins = false;
        Pair pair(script);
        GroupMemberConfig config;
        config.consumer.membership.rebalanceTimeout = std::chrono::seconds{rebalance};
        pair.addMember(config);
        pair.runTo(200s);
        const auto& joins = pair.broker().joins;
        QVERIFY(joins.size() >= 2);
        const SimDuration waited = joins[1] - joins[0];
        QVERIFY(waited >= std::chrono::seconds{patience});
        QVERIFY(waited < std::chrono::seconds{patience + 2});
    }

private:
    static void expectEnd(const Pair& pair, std::string_view error, int leaves = 1) {
        const sim::ProcessSlot& process = pair.world.process(pair.world.findProcess("group/readers/m1"));
        QCOMPARE(process.state, sim::ProcessState::Stopped);
        QCOMPARE(pair.broker().leaves, leaves);
        const auto entries = pair.journal("kafka.consumer-failed");
        QCOMPARE(entries.size(), std::size_t{1});
        QVERIFY(entries.front()->severity == sim::Severity::Error);
        observe::ClusterView view;
        describe(pair.world, view);
        QCOMPARE(view.groups.size(), std::size_t{1});
        QCOMPARE(view.groups.front().endedMembers.size(), std::size_t{1});
        const std::string& told = view.groups.front().endedMembers.front();
        QVERIFY2(told.starts_with("m1: ") && told.find(error) != std::string::npos, told.c_str());
    }
};

QTEST_APPLESS_MAIN(TestClientRules)
#include "tst_client_rules.moc"
