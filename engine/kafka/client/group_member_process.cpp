#include "engine/kafka/client/group_member_process.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/kafka/client/cost.h"
#include "engine/kafka/journal_kinds.h"
#include "engine/kafka/metrics.h"
#include "engine/sim/world.h"

namespace millrace::kafka {
namespace {

struct PollAgain final : sim::MessageBase<PollAgain> {
    static constexpr std::string_view Name = "kafka.PollAgain";
    void digest(Digest&) const override {}
};

struct AutoCommit final : sim::MessageBase<AutoCommit> {
    static constexpr std::string_view Name = "kafka.AutoCommit";
    void digest(Digest&) const override {}
};

struct ExitNow final : sim::MessageBase<ExitNow> {
    static constexpr std::string_view Name = "kafka.ExitNow";
    void digest(Digest&) const override {}
};

/// What the application has to do for the records of a poll.
struct Work final : sim::MessageBase<Work> {
    static constexpr std::string_view Name = "kafka.Work";
    CpuTime left;
    sim::ActorId consumer;
    Work(CpuTime much, sim::ActorId of) : left(much), consumer(of) {}
    void digest(Digest& digest) const override { digest.add(left.count()); }
};

struct WorkDone final : sim::MessageBase<WorkDone> {
    static constexpr std::string_view Name = "kafka.WorkDone";
    void digest(Digest&) const override {}
};

struct PollTimedOut final : sim::MessageBase<PollTimedOut> {
    static constexpr std::string_view Name = "kafka.PollTimedOut";
    std::uint64_t poll;
    explicit PollTimedOut(std::uint64_t number) : poll(number) {}
    void digest(Digest& digest) const override { digest.add(poll); }
};

/// Below it nothing can be seen of who works for whom.
constexpr CpuTime threadWorthwhile = std::chrono::milliseconds{10};
/// After it the scheduler of the operating system gives others a turn.
constexpr CpuTime timeSlice = std::chrono::milliseconds{10};

/// The thread that works on the records.
class ApplicationActor final : public sim::ActorBase<ApplicationActor> {
public:
    void handle(sim::Context& context, const sim::Message& message) override {
        if (const auto* work = message.as<Work>()) {
            const CpuTime slice = std::min(work->left, timeSlice);
            context.spend(slice);
            if (slice < work->left) {
                context.send(context.self(), makeRef<Work>(work->left - slice, work->consumer));
            } else {
                context.send(work->consumer, makeRef<WorkDone>());
            }
        }
    }
};

/// From leaving the group to the process's end: its last requests have to get out.
constexpr SimDuration farewell = std::chrono::seconds{1};

class GroupMemberActor final : public sim::ActorBase<GroupMemberActor> {
public:
    GroupMemberActor(GroupMemberConfig config, sim::ActorId application)
        : m_config(std::move(config)), m_application(application), m_consumer(m_config.consumer) {}

    void start(sim::Context& context) override {
        m_consumer.start(context);
        m_consumer.subscribe(context, m_config.topics);
        if (m_config.autoCommit) {
            context.arm(m_config.autoCommitInterval, makeRef<AutoCommit>());
        }
    }

    void handle(sim::Context& context, const sim::Message& message) override {
        Consumer::Outcome outcome;
        if (m_hasEnded && message.as<ExitNow>() == nullptr) {
            return;
        }
        if (message.as<PollAgain>() != nullptr) {
            m_pollArmed = false;
            consume(context);
        } else if (message.as<AutoCommit>() != nullptr) {
            m_commitIsDue = true;
            commitIfDue(context);
            context.arm(m_config.autoCommitInterval, makeRef<AutoCommit>());
        } else if (const auto* seek = message.as<SeekMember>()) {
            for (const TopicPartition& partition : m_consumer.assignment()) {
                m_consumer.seekTo(context, partition, seek->timestamp);
            }
        } else if (message.as<StopMember>() != nullptr || message.as<sim::StopRequested>() != nullptr) {
            m_isToEnd = true;
            endIfDue(context);
        } else if (message.as<WorkDone>() != nullptr) {
            workDone(context);
        } else if (const auto* timeout = message.as<PollTimedOut>()) {
            pollTimedOut(context, timeout->poll);
        } else if (message.as<ExitNow>() != nullptr) {
            context.kill(context.process(), sim::ProcessExited::Reason::Finished);
        } else if (m_consumer.handle(context, message, outcome)) {
            settle(context, outcome);
        }
    }

    /// Leaves its group and commits what it has worked on.
    [[nodiscard]] bool takesStops() const override { return true; }

    void sample(sim::MetricSink& sink) const override {
        sink.add(metric::recordsConsumed, static_cast<double>(m_consumed));
        sink.add(metric::commits, static_cast<double>(m_commits));
        sink.add(metric::rebalances, static_cast<double>(m_rebalances));
        sink.add(metric::pollTimeouts, static_cast<double>(m_pollTimeouts));
        sink.add(metric::partitionsAssigned, static_cast<double>(m_consumer.assignment().size()));
    }

    [[nodiscard]] GroupMemberFigures figures() const {
        GroupMemberFigures figures{m_consumed,
                                   m_commits,
                                   m_rebalances,
                                   m_pollTimeouts,
                                   m_consumer.membership().generation(),
                                   m_config.autoCommit,
                                   m_consumer.assignment(),
                                   {}};
        for (const TopicPartition& partition : figures.assignment) {
            figures.positions.push_back(m_consumer.position(partition));
        }
        return figures;
    }

private:
    void settle(sim::Context& context, const Consumer::Outcome& outcome) {
        for (const auto& result : outcome.commits) {
            m_commits += result.error == ErrorCode::None ? 1 : 0;
        }
        if (outcome.revoked) {
            if (m_config.autoCommit) {
                commit(context, outcome.held);
            }
            m_consumer.poll(context);
        }
        if (outcome.assigned) {
            ++m_rebalances;
            journalAssignment(context);
        }
        if (!outcome.failures.empty()) {
            // The exception leaves the application's loop at its next poll; the last act is to close the consumer.
            m_isToEnd = true;
            endIfDue(context);
        } else if (outcome.fetched) {
            consume(context);
        }
    }

    void endIfDue(sim::Context& context) {
        if (!m_isToEnd || m_isBusy || m_hasEnded) {
            return;
        }
        m_hasEnded = true;
        if (m_config.autoCommit) {
            commit(context, m_consumer.consumed());
        }
        m_consumer.unsubscribe(context);
        context.arm(farewell, makeRef<ExitNow>());
    }

    /// The application polls: gets what is there, at most max.poll.records, and works on it.
    void consume(sim::Context& context) {
        if (m_isBusy || m_hasEnded) {
            return;
        }
        commitIfDue(context);
        std::int64_t records = 0;
        while (records < m_config.maxPollRecords) {
            const auto fetched = m_consumer.take(context, m_config.maxPollRecords - records);
            if (!fetched) {
                break;
            }
            records += fetched->to - std::max(fetched->from, fetched->batch->baseOffset());
        }
        context.spend(records * cost::clientDeserialize);
        m_consumer.poll(context);
        if (m_application != sim::noActor && records > 0) {
            handOver(context, records);
            return;
        }
        m_consumed += records;
        context.spend(records * m_config.workPerRecord);
        if (records >= m_config.maxPollRecords && !m_pollArmed) {
            m_pollArmed = true;
            context.arm(SimDuration{0}, makeRef<PollAgain>());
        }
    }

    void handOver(sim::Context& context, std::int64_t records) {
        m_isBusy = true;
        m_inHand = records;
        Consumer::Outcome nothing;
        m_consumer.setBusy(context, true, nothing);
        constexpr double secondsMax = 1e9;  // whole numbers of nanoseconds end at nine times that
        const double work = std::min(static_cast<double>(records) * seconds(m_config.workPerRecord), secondsMax);
        context.send(m_application, makeRef<Work>(fromSeconds(work), context.self()));
        context.arm(m_config.consumer.membership.rebalanceTimeout, makeRef<PollTimedOut>(++m_polls));
    }

    void workDone(sim::Context& context) {
        m_isBusy = false;
        m_consumed += m_inHand;
        m_inHand = 0;
        if (m_isToEnd) {
            endIfDue(context);
            return;
        }
        Consumer::Outcome outcome;
        m_consumer.setBusy(context, false, outcome);
        settle(context, outcome);
        if (!outcome.revoked) {
            consume(context);
        }
    }

    void pollTimedOut(sim::Context& context, std::uint64_t poll) {
        if (!m_isBusy || poll != m_polls) {
            return;
        }
        ++m_pollTimeouts;
        sim::JournalDraft draft;
        draft.kind = happened::pollTimedOut;
        draft.severity = sim::Severity::Warning;
        draft.text =
            fmt::format("{} has worked on {} records for {:g} s without a poll and leaves group {}", m_config.member,
                        m_inHand, seconds(m_config.consumer.membership.rebalanceTimeout), m_config.group);
        draft.fields = {{"group", m_config.group}, {"member", m_config.member}, {"records", std::to_string(m_inHand)}};
        context.journal(std::move(draft));
        Consumer::Outcome outcome;
        m_consumer.leaveLate(context, outcome);
        settle(context, outcome);
    }

    void commitIfDue(sim::Context& context) {
        // Commits belong to polls; one that is still under way will be followed by newer positions soon enough.
        if (m_commitIsDue && !m_isBusy) {
            m_commitIsDue = false;
            if (!m_consumer.hasPendingCommits()) {
                commit(context, m_consumer.consumed());
            }
        }
    }

    void commit(sim::Context& context, std::vector<Consumer::Commit> positions) {
        if (positions.empty() || m_consumer.membership().generation() < 0) {
            return;
        }
        for (Consumer::Commit& position : positions) {
            position.offset = position.offset + (m_config.consumer.broken.commitsAhead ? 25 : 0);
        }
        m_consumer.commit(context, positions, ++m_nextToken);
    }

    void journalAssignment(sim::Context& context) const {
        std::string names;
        for (const TopicPartition& partition : m_consumer.assignment()) {
            names += (names.empty() ? "" : ",") + toText(partition);
        }
        const auto generation = std::to_string(m_consumer.membership().generation());
        sim::JournalDraft draft;
        draft.kind = happened::partitionsAssigned;
        draft.severity = sim::Severity::Detail;
        draft.text = fmt::format("Member {} has {} in generation {}", m_config.member,
                                 names.empty() ? "nothing" : names, generation);
        draft.fields = {{"group", m_config.group},
                        {"member", m_config.member},
                        {"generation", generation},
                        field::partitions(names)};
        context.journal(std::move(draft));
    }

    GroupMemberConfig m_config;
    sim::ActorId m_application;  ///< `noActor`: this actor works itself
    Consumer m_consumer;
    std::int64_t m_consumed = 0;
    std::int64_t m_commits = 0;
    std::int64_t m_rebalances = 0;
    std::int64_t m_pollTimeouts = 0;
    std::uint64_t m_nextToken = 0;
    std::uint64_t m_polls = 0;
    std::int64_t m_inHand = 0;  ///< records that the application works on
    bool m_pollArmed = false;
    bool m_isBusy = false;
    bool m_commitIsDue = false;
    bool m_isToEnd = false;
    bool m_hasEnded = false;
};

class GroupMemberBlueprint final : public sim::Blueprint {
public:
    explicit GroupMemberBlueprint(GroupMemberConfig config)
        : m_config(std::move(config)), m_name(groupMemberProcessName(m_config.group, m_config.member)) {
        m_config.consumer.group = m_config.group;
    }
    [[nodiscard]] const std::string& name() const override { return m_name; }
    [[nodiscard]] const GroupMemberConfig& config() const { return m_config; }
    void boot(sim::Context& context) const override {
        const bool isThreaded = m_config.workPerRecord > threadWorthwhile / m_config.maxPollRecords;
        const sim::ActorId application =
            isThreaded ? context.addActor("application", makeRef<ApplicationActor>()) : sim::noActor;
        context.addActor("consumer", makeRef<GroupMemberActor>(m_config, application));
    }

private:
    GroupMemberConfig m_config;
    std::string m_name;
};

}  // namespace

Ref<const sim::Blueprint> makeGroupMemberBlueprint(GroupMemberConfig config) {
    return makeRef<GroupMemberBlueprint>(std::move(config));
}

std::string groupMemberProcessName(std::string_view group, std::string_view member) {
    return fmt::format("group/{}/{}", group, member);
}

GroupMemberFigures groupMemberFigures(const sim::World& world, std::string_view group, std::string_view member) {
    const std::string name = groupMemberProcessName(group, member) + "/consumer";
    const auto* actor = world.findActor<GroupMemberActor>(name);
    GroupMemberFigures figures = actor != nullptr ? actor->figures() : GroupMemberFigures{};
    const auto addPast = [&](std::int64_t& count, const Metric& counter) {
        const sim::PastCounters::Counter* past = world.pastCounter(name, counter.id);
        count += past != nullptr ? static_cast<std::int64_t>(past->sum) : 0;
    };
    addPast(figures.consumed, metric::recordsConsumed);
    addPast(figures.commits, metric::commits);
    addPast(figures.rebalances, metric::rebalances);
    addPast(figures.pollTimeouts, metric::pollTimeouts);
    return figures;
}

std::vector<GroupMemberProcess> groupMemberProcesses(const sim::World& world) {
    std::vector<GroupMemberProcess> all;
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        const auto* blueprint = dynamic_cast<const GroupMemberBlueprint*>(process.blueprint.get());
        if (blueprint == nullptr) {
            continue;
        }
        const GroupMemberConfig& config = blueprint->config();
        GroupMemberProcess& member =
            all.emplace_back(GroupMemberProcess{config.group, config.member, config.topics, {}});
        const sim::JournalEntry* entry =
            process.state == sim::ProcessState::Stopped ? world.journal().find(process.silencedBy) : nullptr;
        if (entry != nullptr && entry->kind == happened::consumerFailed) {
            member.ended = field::error.of(*entry).value_or(std::string_view{});
        }
    }
    return all;
}

}  // namespace millrace::kafka
