#include "engine/kafka/client/assignor.h"
#include "engine/kafka/client/consumer.h"
#include "engine/sim/world.h"  // before Qt, whose keyword `slots` is a name in there

#include <QtTest/QTest>

using namespace millrace;
using namespace millrace::kafka;
using namespace std::chrono_literals;

namespace {

const TopicPartition access0{TopicName("access"), PartitionIndex{0}};
constexpr sim::Port port{9092};

/// The only broker, which says what the test wants. The group goes from its first generation to its second when the
/// reader has begun to send heartbeats. The first commit is told that its time is up, the second loses its connection.
class ScriptedBroker final : public sim::ActorBase<ScriptedBroker> {
public:
    void start(sim::Context& context) override { context.listen(port); }
    void handle(sim::Context& context, const sim::Message& message) override {
        if (const auto* metadata = message.as<MetadataRequest>()) {
            MetadataResponse answer;
            answer.brokers = {{BrokerId{1}, "b1", port.value, {}}};
            PartitionMetadata partition;
            partition.leader = BrokerId{1};
            answer.topics = {{ErrorCode::None, access0.topic, false, {partition}}};
            reply(context, *metadata, std::move(answer));
        } else if (const auto* find = message.as<FindCoordinatorRequest>()) {
            FindCoordinatorResponse answer;
            answer.coordinators = {{{}, BrokerId{1}, "b1", port.value, ErrorCode::None, {}}};
            reply(context, *find, std::move(answer));
        } else if (const auto* join = message.as<JoinGroupRequest>()) {
            JoinGroupResponse answer;
            answer.generation = ++generation;
            answer.memberId = "m";
            answer.leader = "somebody else";
            reply(context, *join, std::move(answer));
        } else if (const auto* sync = message.as<SyncGroupRequest>()) {
            SyncGroupResponse answer;
            answer.assignment = encodeAssignment({access0});
            reply(context, *sync, std::move(answer));
        } else if (const auto* heartbeat = message.as<HeartbeatRequest>()) {
            HeartbeatResponse answer;
            answer.error = generation == 1 ? ErrorCode::RebalanceInProgress : ErrorCode::None;
            reply(context, *heartbeat, std::move(answer));
        } else if (const auto* fetch = message.as<OffsetFetchRequest>()) {
            OffsetFetchResponse answer;
            answer.groups.resize(1);
            answer.groups.front().partitions = {{access0, Offset{5}, noEpoch, {}, ErrorCode::None}};
            reply(context, *fetch, std::move(answer));
        } else if (const auto* commit = message.as<OffsetCommitRequest>()) {
            told.emplace_back(commit->generation, commit->memberId);
            when.push_back(context.now());
            if (told.size() == 2) {
                context.close(context.connection());
                return;
            }
            const ErrorCode error = told.size() == 1                   ? ErrorCode::RequestTimedOut
                                    : commit->generation == generation ? ErrorCode::None
                                                                       : ErrorCode::IllegalGeneration;
            OffsetCommitResponse answer;
            answer.partitions = {{access0, error}};
            reply(context, *commit, std::move(answer));
        }
    }

    std::int32_t generation = 0;
    std::vector<std::pair<std::int32_t, std::string>> told;  ///< by each commit
    std::vector<SimTime> when;

private:
    template <class Answer>
    static void reply(sim::Context& context, const auto& request, Answer answer) {
        answer.correlationId = request.correlationId;
        context.transmit(context.connection(), makeRef<Answer>(std::move(answer)));
    }
};

/// Commits when it has to give its partition back.
class Reader final : public sim::ActorBase<Reader> {
public:
    void start(sim::Context& context) override {
        ConsumerConfig config;
        config.client.bootstrap = {{BrokerId{1}, "b1", port.value, {}}};
        config.group = "readers";
        consumer = Consumer(config);
        consumer.start(context);
        consumer.subscribe(context, {access0.topic});
    }
    void handle(sim::Context& context, const sim::Message& message) override {
        Consumer::Outcome outcome;
        if (!consumer.handle(context, message, outcome)) {
            return;
        }
        results.insert(results.end(), outcome.commits.begin(), outcome.commits.end());
        if (outcome.assigned) {
            ++assigned;
            consumer.pause(access0, true);  // The broker has no records.
        }
        if (outcome.revoked) {
            consumer.commit(context, {{access0, Offset{7}}}, 1);
            consumer.poll(context);
        }
    }

    Consumer consumer;
    int assigned = 0;
    std::vector<Consumer::CommitResult> results;
};

template <class Actor>
class Alone final : public sim::Blueprint {
public:
    explicit Alone(std::string name) : m_name(std::move(name)) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override { context.addActor("actor", makeRef<Actor>()); }

private:
    std::string m_name;
};

}  // namespace

class TestConsumerCommits : public QObject {
    Q_OBJECT

private slots:
    void aCommitCarriesTheGenerationThatHeldItsPositions() {
        sim::World world(sim::WorldSpec{});
        const auto host = [&](const char* name) {
            sim::HostSpec spec;
            spec.name = name;
            return world.addHost(spec);
        };
        world.addProcess(host("b1"), makeRef<Alone<ScriptedBroker>>("broker/1"));
        world.addProcess(host("app"), makeRef<Alone<Reader>>("reader"), SimTime{1s});
        world.run(SimTime{20s});
        const auto& broker = *world.findActor<ScriptedBroker>("broker/1/actor");
        const auto& reader = *world.findActor<Reader>("reader/actor");
        // The commit goes out for the third time when the group is a generation further, and is refused.
        QCOMPARE(broker.told.size(), std::size_t{3});
        QVERIFY(broker.when[1] - broker.when[0] >= ConsumerConfig{}.retryBackoff);
        for (const auto& [generation, member] : broker.told) {
            QCOMPARE(generation, 1);
            QCOMPARE(member, std::string("m"));
        }
        QCOMPARE(reader.results.size(), std::size_t{1});
        QCOMPARE(reader.results.front().error, ErrorCode::IllegalGeneration);
        // That says nothing of the generation that the reader is in by now.
        QCOMPARE(broker.generation, 2);
        QCOMPARE(reader.assigned, 2);
        QCOMPARE(reader.consumer.membership().state(), GroupMembership::State::Stable);
        QCOMPARE(reader.consumer.membership().generation(), 2);
    }
};

QTEST_APPLESS_MAIN(TestConsumerCommits)
#include "tst_consumer_commits.moc"
