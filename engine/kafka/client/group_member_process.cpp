#include "engine/kafka/client/group_member_process.h"

#include <fmt/format.h>

#include <map>

#include "engine/kafka/client/cost.h"
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

/// From leaving the group to the process's end: its last requests have to get out.
constexpr SimDuration farewell = std::chrono::seconds{1};

class GroupMemberActor final : public sim::ActorBase<GroupMemberActor> {
public:
    explicit GroupMemberActor(GroupMemberConfig config) : m_config(std::move(config)), m_consumer(m_config.consumer) {}

    void start(sim::Context& context) override {
        m_consumer.start(context);
        m_consumer.subscribe(context, m_config.topics);
        if (m_config.autoCommit) {
            context.arm(m_config.autoCommitInterval, makeRef<AutoCommit>());
        }
    }

    void handle(sim::Context& context, const sim::Message& message) override {
        Consumer::Outcome outcome;
        if (message.as<PollAgain>() != nullptr) {
            m_pollArmed = false;
            consume(context);
        } else if (message.as<AutoCommit>() != nullptr) {
            commit(context);
            context.arm(m_config.autoCommitInterval, makeRef<AutoCommit>());
        } else if (const auto* seek = message.as<SeekMember>()) {
            for (const TopicPartition& partition : m_consumer.assignment()) {
                m_consumer.seekTo(context, partition, seek->timestamp);
            }
            m_read.clear();
        } else if (message.as<StopMember>() != nullptr) {
            commit(context);
            m_consumer.unsubscribe(context);
            context.arm(farewell, makeRef<ExitNow>());
        } else if (message.as<ExitNow>() != nullptr) {
            context.kill(context.process(), sim::ProcessExited::Reason::Finished);
        } else if (m_consumer.handle(context, message, outcome)) {
            settle(context, outcome);
        }
    }

    void sample(sim::MetricSink& sink) const override {
        sink.counter("records_consumed", static_cast<double>(m_consumed));
        sink.counter("rebalances", static_cast<double>(m_rebalances));
        sink.gauge("partitions_assigned", static_cast<double>(m_consumer.assignment().size()));
    }

    [[nodiscard]] GroupMemberFigures figures() const {
        GroupMemberFigures figures{
            m_consumed, m_commits, m_rebalances, m_consumer.membership().generation(), m_consumer.assignment(), {}};
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
                commit(context);
            }
            m_read.clear();
            m_consumer.poll(context);
        }
        if (outcome.assigned) {
            ++m_rebalances;
            journalAssignment(context);
        }
        if (outcome.fetched) {
            consume(context);
        }
    }

    void consume(sim::Context& context) {
        std::int64_t records = 0;
        while (records < m_config.maxPollRecords) {
            const auto fetched = m_consumer.take(context);
            if (!fetched) {
                break;
            }
            const auto skipped = std::max<std::int64_t>(0, fetched->from - fetched->batch->baseOffset());
            const std::int64_t fresh =
                fetched->batch->recordCount() - std::min<std::int64_t>(skipped, fetched->batch->recordCount());
            records += fresh;
            m_read[fetched->partition] = fetched->batch->nextOffset();
        }
        m_consumed += records;
        context.spend(records * (cost::clientDeserialize + m_config.workPerRecord));
        m_consumer.poll(context);
        if (records >= m_config.maxPollRecords && !m_pollArmed) {
            m_pollArmed = true;
            context.arm(SimDuration{0}, makeRef<PollAgain>());
        }
    }

    void commit(sim::Context& context) {
        if (m_read.empty() || m_consumer.membership().generation() < 0) {
            return;
        }
        std::vector<Consumer::Commit> offsets;
        for (const auto& [partition, next] : m_read) {
            offsets.push_back({partition, m_config.consumer.broken.commitsAhead ? next + 25 : next});
        }
        m_read.clear();
        m_consumer.commit(context, offsets, ++m_nextToken);
    }

    void journalAssignment(sim::Context& context) const {
        std::string names;
        for (const TopicPartition& partition : m_consumer.assignment()) {
            names += (names.empty() ? "" : ",") + toText(partition);
        }
        const auto generation = std::to_string(m_consumer.membership().generation());
        sim::JournalDraft draft;
        draft.kind = "kafka.partitions-assigned";
        draft.severity = sim::Severity::Detail;
        draft.text =
            fmt::format("{} has {} in generation {}", m_config.member, names.empty() ? "nothing" : names, generation);
        draft.fields = {
            {"group", m_config.group}, {"member", m_config.member}, {"generation", generation}, {"partitions", names}};
        context.journal(std::move(draft));
    }

    GroupMemberConfig m_config;
    Consumer m_consumer;
    std::map<TopicPartition, Offset> m_read;  ///< since the last commit: next offset
    std::int64_t m_consumed = 0;
    std::int64_t m_commits = 0;
    std::int64_t m_rebalances = 0;
    std::uint64_t m_nextToken = 0;
    bool m_pollArmed = false;
};

class GroupMemberBlueprint final : public sim::Blueprint {
public:
    explicit GroupMemberBlueprint(GroupMemberConfig config)
        : m_config(std::move(config)), m_name(groupMemberProcessName(m_config.group, m_config.member)) {
        m_config.consumer.group = m_config.group;
    }
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override {
        context.addActor("consumer", makeRef<GroupMemberActor>(m_config));
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
    const auto* actor = world.findActor<GroupMemberActor>(groupMemberProcessName(group, member) + "/consumer");
    return actor != nullptr ? actor->figures() : GroupMemberFigures{};
}

}  // namespace millrace::kafka
