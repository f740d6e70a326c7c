#include <QtTest/QTest>

#include <functional>
#include <string>
#include <vector>

#include "engine/kafka/broker/coordinator_runtime.h"
#include "engine/kafka/broker/delayed_operations.h"
#include "engine/kafka/broker/fetch_sessions.h"
#include "engine/kafka/broker/log_manager.h"
#include "engine/kafka/zk/metadata_store.h"
#include "engine/kafka/zk/znodes.h"
#include "engine/sim/world.h"

// The parts of a broker, each without the others: no cluster, no clients, no ZooKeeper.

using namespace millrace;
using namespace millrace::kafka;
using namespace std::chrono_literals;

namespace {

/// An actor that does what a test says, once, and counts what is told to it afterwards, beside that files are flushed.
class Hand final : public sim::ActorBase<Hand> {
public:
    using Does = std::function<void(sim::Context&)>;
    explicit Hand(Does what) : does(std::move(what)) {}
    Does does;
    int told = 0;
    void start(sim::Context& context) override { does(context); }
    void handle(sim::Context&, const sim::Message& message) override {
        told += message.as<LogFlushed>() == nullptr ? 1 : 0;
    }
};

class HandBlueprint final : public sim::Blueprint {
public:
    explicit HandBlueprint(Hand::Does does) : m_does(std::move(does)) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override { context.addActor("hand", makeRef<Hand>(m_does)); }

private:
    std::string m_name = "broker/1";
    Hand::Does m_does;
};

/// Runs what a test does inside of a process with a disk; how many messages came to it in the second after.
/// It crashes so many times, and starts again each time.
int inside(const Hand::Does& does, ByteCount diskCapacity = 1 << 30, int crashes = 0) {
    sim::World world;
    sim::HostSpec host{.name = "a"};
    host.disk.capacity = diskCapacity;
    world.addProcess(world.addHost(host), makeRef<HandBlueprint>(does));
    for (int crash = 1; crash <= crashes; ++crash) {
        sim::FaultSpec fault;
        fault.kind = sim::FaultKind::Crash;
        fault.target = "process:broker/1";
        fault.duration = 50ms;
        world.scheduleFault(SimTime{crash * 200ms}, fault);
    }
    world.run(SimTime{1s});
    return world.findActor<Hand>("broker/1/hand")->told;
}

TopicPartition partitionOf(std::string_view topic, std::int32_t index = 0) {
    return {TopicName(topic), PartitionIndex{index}};
}

BatchRef oneRecord(std::string_view value) {
    RecordBatchBuilder builder;
    builder.append(0, std::nullopt, value);
    return builder.build();
}

struct Waiting {
    int number = 0;
    SimTime deadline;
};

Ref<FetchRequest> fetchOf(std::initializer_list<std::string_view> topics, std::int32_t id, std::int32_t epoch) {
    auto request = makeRef<FetchRequest>();
    request->replica = BrokerId{2};
    request->sessionId = id;
    request->sessionEpoch = epoch;
    for (const std::string_view topic : topics) {
        request->partitions.emplace_back().partition = partitionOf(topic);
    }
    return request;
}

/// Sessions of a broker with the partitions "a" to "d", and what it learns when one wakes.
struct Sessions {
    FetchSessions sessions;
    std::vector<Slot> learnt;

    Sessions() {
        for (int i = 0; i < 4; ++i) {
            sessions.addPartition();
        }
    }
    static Slot slotOf(const TopicPartition& partition) {
        return static_cast<Slot>(partition.topic.text().front() - 'a');
    }
    [[nodiscard]] auto learn() {
        return [this](const FetchSession&, const FetchItem& item) { learnt.push_back(item.slot); };
    }
    ErrorCode fetch(const FetchRequest& request, sim::ConnectionId from = sim::ConnectionId{7}) {
        return sessions.update(from, request, slotOf, learn());
    }
    void allSleep(sim::ConnectionId of = sim::ConnectionId{7}) {
        sessions.settle(*sessions.of(of), [](const FetchItem&) { return true; });
    }
};

/// What a broker would do for a coordinator.
class FakeServices final : public CoordinatorServices {
public:
    explicit FakeServices(sim::Context& context) : m_context(context) {}
    std::int32_t partitions = 4;
    const PartitionLog* log = nullptr;
    std::vector<std::pair<TopicPartition, std::uint64_t>> appended;

    sim::Context& context() override { return m_context; }
    BrokerId brokerId() const override { return BrokerId{1}; }
    void respond(const RequestOrigin&, Ref<const sim::Message>) override {}
    std::int32_t partitionCount(const TopicName& topic) const override {
        return topic.text() == "__states" ? partitions : 0;
    }
    const PartitionLog* ledLog(const TopicPartition& partition) const override {
        return partition.topic.text() == "__states" ? log : nullptr;
    }
    void append(const TopicPartition& partition, BatchRef, SimDuration, std::uint64_t token) override {
        appended.emplace_back(partition, token);
    }
    bool knowsPartition(const TopicPartition&) const override { return true; }

private:
    sim::Context& m_context;
};

zookeeper::Reply replyTo(ZkPurpose purpose, std::string path, zookeeper::ErrorCode error) {
    zookeeper::Reply reply;
    reply.tag = tagOf(purpose);
    reply.path = std::move(path);
    reply.error = error;
    return reply;
}

struct Loaded final : sim::MessageBase<Loaded> {
    static constexpr std::string_view Name = "test.Loaded";
    void digest(Digest&) const override {}
};

}  // namespace

class TestBrokerParts : public QObject {
    Q_OBJECT

private slots:
    // --- delayed operations
    void delayedOperationsAreTriedInTheirOrderAndThoseThatAreDoneAreGone() {
        DelayedOperations<Waiting> waiting;
        for (int i = 1; i <= 5; ++i) {
            waiting.add({i, SimTime{i * 1s}});
        }
        std::vector<int> tried;
        waiting.complete([&](const Waiting& each) {
            tried.push_back(each.number);
            return each.number % 2 == 0;
        });
        QCOMPARE(tried, (std::vector<int>{1, 2, 3, 4, 5}));
        waiting.forget([](const Waiting& each) { return each.number == 1; });
        tried.clear();
        waiting.complete([&](const Waiting& each) {
            tried.push_back(each.number);
            return false;
        });
        QCOMPARE(tried, (std::vector<int>{3, 5}));
        QVERIFY(waiting.deadline() == SimTime{3s});
    }

    void anAlarmIsArmedOnlyForADeadlineThatComesFirst() {
        const int told = inside([](sim::Context& context) {
            ExpirationAlarm alarm;
            alarm.watch(context, SimTime{500ms});
            alarm.watch(context, SimTime{900ms});  // looked at when the first has fired
            alarm.watch(context, SimTime{200ms});
            QVERIFY(!alarm.fires(SimTime{100ms}));
            QVERIFY(alarm.fires(SimTime{200ms}));
        });
        QCOMPARE(told, 2);
    }

    void aProduceConcernsItsPartitionsAndAFetchThoseItReads() {
        DelayedProduce produce;
        produce.items.emplace_back().slot = 3;
        DelayedFetch fetch;
        fetch.request = fetchOf({}, 0, FetchRequest::sessionless);
        fetch.reads = {1, 4};
        SlotSet touched;
        touched.insert(3);
        QVERIFY(produce.concerns(touched));
        QVERIFY(!fetch.concerns(nullptr, touched));
        touched.insert(4);
        QVERIFY(fetch.concerns(nullptr, touched));
    }

    // --- fetch sessions
    void aSessionGoesOnWithItsNumberAndTheNextEpochOnly() {
        Sessions broker;
        QCOMPARE(broker.fetch(*fetchOf({"a", "b"}, 0, 0)), ErrorCode::None);
        const std::int32_t id = broker.sessions.of(sim::ConnectionId{7})->id;
        QCOMPARE(broker.fetch(*fetchOf({}, id + 1, 1)), ErrorCode::FetchSessionIdNotFound);
        QCOMPARE(broker.fetch(*fetchOf({}, id, 2)), ErrorCode::InvalidFetchSessionEpoch);
        QCOMPARE(broker.fetch(*fetchOf({"c"}, id, 1)), ErrorCode::None);
        QCOMPARE(broker.sessions.of(sim::ConnectionId{7})->items().size(), std::size_t{3});
        QCOMPARE(broker.fetch(*fetchOf({}, id, 1), sim::ConnectionId{8}), ErrorCode::FetchSessionIdNotFound);
    }

    void whatIsForgottenIsGoneFromItsSession() {
        Sessions broker;
        QCOMPARE(broker.fetch(*fetchOf({"a", "b"}, 0, 0)), ErrorCode::None);
        auto next = fetchOf({}, broker.sessions.of(sim::ConnectionId{7})->id, 1);
        next->forgotten = {partitionOf("a")};
        QCOMPARE(broker.fetch(*next), ErrorCode::None);
        QVERIFY(!broker.sessions.of(sim::ConnectionId{7})->contains(0));
        QVERIFY(broker.sessions.of(sim::ConnectionId{7})->contains(1));
    }

    void whatSleepsIsLearntOfWhenItWakes() {
        Sessions broker;
        QCOMPARE(broker.fetch(*fetchOf({"a", "b"}, 0, 0)), ErrorCode::None);
        QCOMPARE(broker.fetch(*fetchOf({"b"}, 0, 0), sim::ConnectionId{8}), ErrorCode::None);
        broker.allSleep();
        broker.allSleep(sim::ConnectionId{8});
        QVERIFY(broker.sessions.isAsleepSomewhere(0) && broker.sessions.isAsleepSomewhere(1));
        QVERIFY(broker.sessions.of(sim::ConnectionId{7})->awake().empty());
        broker.sessions.wake(1, broker.learn());
        QCOMPARE(broker.learnt, (std::vector<Slot>{1, 1}));
        QVERIFY(!broker.sessions.isAsleepSomewhere(1));
        QVERIFY(broker.sessions.isAsleepSomewhere(0));
    }

    void aSessionEndsWithItsConnectionAndNothingSleepsInItAnyMore() {
        Sessions broker;
        QCOMPARE(broker.fetch(*fetchOf({"a", "b"}, 0, 0)), ErrorCode::None);
        broker.allSleep();
        broker.sessions.end(sim::ConnectionId{7}, broker.learn());
        QCOMPARE(broker.sessions.size(), std::size_t{0});
        QVERIFY(!broker.sessions.isAsleepSomewhere(0) && !broker.sessions.isAsleepSomewhere(1));
        QCOMPARE(broker.learnt.size(), std::size_t{2});
    }

    // --- the log folder
    void whatATopicSetsForItselfGoesBeforeWhatTheBrokerSays() {
        auto config = makeRef<BrokerConfig>();
        config->minInsyncReplicas = 2;
        LogManager logs(config);
        TopicConfig own;
        own.maxMessageBytes = 100;
        own.retentionBytes = 5'000;
        logs.setTopicConfig(TopicName("orders"), own);
        QCOMPARE(logs.rules(TopicName("orders")).maxMessageBytes, 100);
        QCOMPARE(logs.rules(TopicName("orders")).minInsyncReplicas, 2);
        QCOMPARE(logs.rules(TopicName("others")).maxMessageBytes, config->messageMaxBytes);
        QCOMPARE(logs.logConfig(TopicName("orders")).retentionBytes, ByteCount{5'000});
        QCOMPARE(logs.logConfig(TopicName(consumerOffsetsTopic)).retentionBytes, ByteCount{-1});
    }

    void aCleanStopIsKnownToTheNextStartAndToThatOneOnly() {
        std::vector<bool> wasClean;
        const int told = inside(
            [&](sim::Context& context) {
                wasClean.push_back(LogManager::takeCleanStop(context));
                if (wasClean.size() == 1) {
                    LogManager::markCleanStop(context, makeRef<Loaded>());
                }
            },
            1 << 30, 2);
        QVERIFY((wasClean == std::vector<bool>{false, true, false}));
        QCOMPARE(told, 0);
        QCOMPARE(inside([](sim::Context& context) { LogManager::markCleanStop(context, makeRef<Loaded>()); }), 1);
    }

    void aCheckpointComesBackAsItWasWritten() {
        const OffsetCheckpoint entries{{partitionOf("orders", 1), Offset{17}}, {partitionOf("orders", 2), Offset{0}}};
        QCOMPARE(readOffsetCheckpoint(writeOffsetCheckpoint(entries)), entries);
        QVERIFY(readOffsetCheckpoint("0\n1\nnonsense\n").empty());
        bool wasWritten = false;
        inside([&](sim::Context& context) { wasWritten = highWatermarkFile.write(context, entries); });
        QVERIFY(wasWritten);
        inside([&](sim::Context& context) { wasWritten = highWatermarkFile.write(context, entries); }, 4);
        QVERIFY2(!wasWritten, "a full disk takes no checkpoint");
    }

    void recoveryPointsAreWrittenWhenOneHasMoved() {
        OffsetCheckpoint known;
        inside(
            [&known](sim::Context& context) {
                known = LogManager::recoveryPoints(context.disk());
                if (!known.empty()) {
                    return;
                }
                auto config = makeRef<BrokerConfig>();
                config->segmentBytes = 100;
                LogManager logs(config);
                const TopicPartition id = partitionOf("orders");
                std::vector<Ref<Partition>> partitions{makeRef<Partition>(id, logs.open(context, id))};
                QVERIFY(logs.checkpointRecoveryPoints(context, partitions));
                QVERIFY(LogManager::recoveryPoints(context.disk()).empty());
                for (const char* value : {"x", "y"}) {
                    QVERIFY(
                        writable(partitions.front()).log.appendAsLeader(context, *oneRecord(value), LeaderEpoch{0}));
                }
                // The second record has begun a segment: what lies before it is on the disk.
                QVERIFY(logs.checkpointRecoveryPoints(context, partitions));
            },
            1 << 30, 1);
        const OffsetCheckpoint written{{partitionOf("orders"), Offset{1}}};
        QVERIFY(known == written);
    }

    // --- what stands in ZooKeeper
    void aWriteOfAControllerThatWasReplacedSaysSo() {
        const auto written = [](zookeeper::ErrorCode error, std::vector<zookeeper::ErrorCode> results) {
            zookeeper::Reply reply = replyTo(ZkPurpose::WriteStates, "", error);
            for (const zookeeper::ErrorCode each : results) {
                reply.results.emplace_back().error = each;
            }
            return std::get<MetadataStore::StatesWritten>(MetadataStore::read(reply)->answer);
        };
        using zookeeper::ErrorCode;
        QVERIFY(written(ErrorCode::Ok, {ErrorCode::Ok}).isDone);
        QVERIFY(!written(ErrorCode::Ok, {ErrorCode::Ok}).isReplaced);
        QVERIFY(written(ErrorCode::BadVersion, {ErrorCode::BadVersion, ErrorCode::Ok}).isReplaced);
        // A state that stands otherwise than remembered is no other controller's doing.
        QVERIFY(!written(ErrorCode::BadVersion, {ErrorCode::Ok, ErrorCode::BadVersion}).isReplaced);
        QVERIFY(!written(ErrorCode::ConnectionLoss, {}).isReplaced);
    }

    void whatIsNotThereIsReadAsGone() {
        const auto gone = [](ZkPurpose purpose, const std::string& path) {
            return MetadataStore::read(replyTo(purpose, path, zookeeper::ErrorCode::NoNode))->answer;
        };
        const auto broker =
            std::get<MetadataStore::BrokerRead>(gone(ZkPurpose::ReadBroker, znodes::broker(BrokerId{3})));
        QCOMPARE(broker.broker, BrokerId{3});
        QVERIFY(!broker.endpoint);
        const auto topic =
            std::get<MetadataStore::TopicRead>(gone(ZkPurpose::ReadTopic, znodes::topic(TopicName("orders"))));
        QCOMPARE(topic.topic, TopicName("orders"));
        QVERIFY(topic.assignment.empty());
        const TopicPartition partition = partitionOf("orders", 12);
        const auto state = std::get<MetadataStore::PartitionStateRead>(
            gone(ZkPurpose::ReadPartitionState, znodes::partitionState(partition)));
        QCOMPARE(state.partition, partition);
        QVERIFY(!state.state);
    }

    void anAnswerBelongsToTheTermOfItsQuestionAndToNobodyAfterTheSession() {
        zookeeper::Reply reply = replyTo(ZkPurpose::ListBrokers, znodes::brokerIds, zookeeper::ErrorCode::Ok);
        reply.tag.token = 5;
        reply.children = {"1", "2"};
        const auto answered = MetadataStore::read(reply);
        QCOMPARE(answered->term, ControllerEpoch{5});
        QCOMPARE(std::get<MetadataStore::BrokersListed>(answered->answer).brokers,
                 (std::vector<BrokerId>{BrokerId{1}, BrokerId{2}}));
        reply.error = zookeeper::ErrorCode::SessionExpired;
        QVERIFY(!MetadataStore::read(reply));
        QVERIFY(!MetadataStore::read(replyTo(ZkPurpose::Register, "", zookeeper::ErrorCode::Ok)));
    }

    void aChangeIsToldByWhatItIsOf() {
        const auto change = [](const std::string& path) { return MetadataStore::read(zookeeper::WatchFired{path}); };
        QVERIFY(change(znodes::brokerIds).brokers && !change(znodes::brokerIds).topics);
        QVERIFY(change(znodes::topics).topics && !change(znodes::topics).topic);
        QCOMPARE(change(znodes::topic(TopicName("orders"))).topic, std::optional(TopicName("orders")));
        QVERIFY(!change(znodes::controller).brokers && !change(znodes::controller).topics);
    }

    void aTopicWhoseAnswerWasLostMayHaveBeenMade() {
        using zookeeper::ErrorCode;
        const auto created = [](ErrorCode error) {
            return MetadataStore::readCreated(replyTo(ZkPurpose::CreateTopic, "", error)).error;
        };
        QCOMPARE(created(ErrorCode::Ok), kafka::ErrorCode::None);
        QCOMPARE(created(ErrorCode::ConnectionLoss), kafka::ErrorCode::RequestTimedOut);
        QCOMPARE(created(ErrorCode::NodeExists), kafka::ErrorCode::TopicAlreadyExists);
        QCOMPARE(created(ErrorCode::SessionExpired), kafka::ErrorCode::UnknownServerError);
    }

    // --- coordinators
    void aKeyIsCoordinatedByWhoLeadsAndHasReadItsPartition() {
        inside([](sim::Context& context) {
            FakeServices services(context);
            CoordinatorRuntime<std::string> runtime("__states", 5s);
            const PartitionIndex partition = runtime.shards().partitionOf(services, "orders");
            QCOMPARE(runtime.shards().check(services, "orders"), ErrorCode::NotCoordinator);
            services.partitions = 0;
            QCOMPARE(runtime.shards().check(services, "orders"), ErrorCode::CoordinatorNotAvailable);
            services.partitions = 4;
            const bool isActive = runtime.lead(services, partition, [](std::uint64_t) { return makeRef<Loaded>(); });
            QVERIFY2(isActive, "there is nothing to read");
            QCOMPARE(runtime.shards().check(services, "orders"), ErrorCode::None);
            runtime.resign(partition);
            QCOMPARE(runtime.shards().check(services, "orders"), ErrorCode::NotCoordinator);
        });
    }

    void whatStandsInThePartitionIsReadFirstAndAReadingThatWasGivenUpCountsForNothing() {
        const int told = inside([](sim::Context& context) {
            FakeServices services(context);
            CoordinatorRuntime<std::string> runtime("__states", 5s);
            const PartitionIndex partition = runtime.shards().partitionOf(services, "orders");
            PartitionLog log = PartitionLog::recover(context, "kafka-logs", {TopicName("__states"), partition}, {});
            QVERIFY(log.appendAsLeader(context, *oneRecord("first"), LeaderEpoch{0}));
            QVERIFY(log.appendAsLeader(context, *oneRecord("second"), LeaderEpoch{0}));
            services.log = &log;
            std::uint64_t round = 0;
            const auto loaded = [&](std::uint64_t of) {
                round = of;
                return makeRef<Loaded>();
            };
            QVERIFY(!runtime.lead(services, partition, loaded));
            const std::uint64_t given = round;
            QCOMPARE(runtime.shards().check(services, "orders"), ErrorCode::CoordinatorLoadInProgress);
            runtime.resign(partition);
            QVERIFY(!runtime.loaded(partition, given));
            QVERIFY(!runtime.lead(services, partition, loaded));
            QVERIFY(!runtime.loaded(partition, given));
            QVERIFY(runtime.loaded(partition, round));
            QCOMPARE(runtime.shards().check(services, "orders"), ErrorCode::None);
            std::vector<std::string> values;
            runtime.replay(services, partition, [&](const RecordBatch& batch) {
                for (const RecordView& record : batch.records()) {
                    values.emplace_back(*record.value);
                }
            });
            QCOMPARE(values, (std::vector<std::string>{"first", "second"}));
        });
        QCOMPARE(told, 2);  // both readings came to their end
    }

    void aWriteIsToldOnceHowItEnded() {
        inside([](sim::Context& context) {
            FakeServices services(context);
            CoordinatorRuntime<std::string> runtime("__states", 5s);
            runtime.append(services, PartitionIndex{2}, "one", oneRecord("1"));
            runtime.append(services, PartitionIndex{3}, "two", oneRecord("2"));
            QCOMPARE(services.appended.size(), std::size_t{2});
            QCOMPARE(services.appended.back().first, (TopicPartition{TopicName("__states"), PartitionIndex{3}}));
            std::vector<std::string> ended;
            const auto use = [&](const std::string& write) { ended.push_back(write); };
            runtime.appended(services.appended.back().second, use);
            runtime.appended(services.appended.back().second, use);
            QCOMPARE(ended, std::vector<std::string>{"two"});
            QCOMPARE(runtime.pendingWrites(), std::size_t{1});
        });
    }
};

QTEST_APPLESS_MAIN(TestBrokerParts)
#include "tst_broker_parts.moc"
