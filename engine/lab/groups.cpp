#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "engine/kafka/client/assignor.h"
#include "engine/kafka/group/group_coordinator.h"
#include "engine/lab/committed_history.h"
#include "engine/lab/invariant.h"
#include "engine/lab/kafka_looks.h"

namespace millrace::lab {

namespace {

/// What coordinators have told members of groups that are stable. A group that begins again with a lower generation (it
/// had died out) is a new one, and so are the groups of a partition of `__consumer_offsets` whose leader may have lost
/// their generations with its power (WornReplicas has the rule).
class OneOwnerPerGeneration final : public Invariant {
public:
    explicit OneOwnerPerGeneration(HistoryRef history) : m_history(std::move(history)) {}
    [[nodiscard]] std::string_view name() const override { return "one-owner-per-generation"; }
    [[nodiscard]] std::string_view statement() const override {
        return "In one generation of a consumer group each partition belongs to one member, and none to nobody";
    }
    void forget() override {
        m_groups.clear();
        m_hasLostCommits = false;
        m_history->forget();
    }

    void observe(const sim::World& world) override {
        for (const kafka::TopicPartition& excused : m_history->update(world).excused) {
            if (excused.topic.text() == kafka::consumerOffsetsTopic) {
                std::erase_if(m_groups, [&](const auto& group) { return group.second.stored == excused.partition; });
            }
        }
        forEachBroker(world, [&](const sim::ProcessSlot&, const kafka::Broker* broker) {
            const auto* coordinator =
                broker == nullptr ? nullptr : dynamic_cast<const kafka::GroupCoordinator*>(broker->coordinator());
            if (coordinator == nullptr) {
                return;
            }
            for (const auto& [name, group] : coordinator->groups()) {
                if (group.state == kafka::GroupState::Stable) {
                    take(world, group);
                }
            }
        });
    }

    void observeBooks(const sim::World&, const run::Ledger& ledger) override {
        m_hasLostCommits = ledger.hasLostCommits();
    }

private:
    struct Generation {
        std::int32_t number = 0;
        kafka::PartitionIndex stored;
        std::map<kafka::TopicPartition, std::string> owners;
        std::map<std::string, BytesRef> seen;  ///< by member: an assignment that has been read
        bool isWhole = false;                  ///< and all have been, and leave no partition out
    };

    void take(const sim::World& world, const kafka::Group& group) {
        Generation& generation = m_groups[group.name];
        if (group.generation != generation.number || isAnotherLife(group, generation)) {
            generation = {};
            generation.number = group.generation;
            generation.stored = group.partition;
        }
        for (const auto& [id, member] : group.members) {
            BytesRef& seen = generation.seen[id];
            if (!member.assignment || seen == member.assignment) {
                continue;
            }
            seen = member.assignment;
            for (const kafka::TopicPartition& partition : kafka::decodeAssignment(member.assignment->text())) {
                const auto [owner, isFirst] = generation.owners.try_emplace(partition, id);
                expect(world, isFirst || owner->second == id, [&, who = owner->second] {
                    return fmt::format("in generation {} of group {} both {} and {} own {}", group.generation,
                                       group.name, who, id, toText(partition));
                });
            }
        }
        const bool haveAll = std::all_of(group.members.begin(), group.members.end(),
                                         [](const auto& member) { return bool(member.second.assignment); });
        if (haveAll && !generation.isWhole && group.protocol == "range") {
            generation.isWhole = true;
            checkWhole(world, group, generation);
        }
    }

    /// A group whose log is lost begins again with generation 1, and its former coordinator may not know yet.
    [[nodiscard]] bool isAnotherLife(const kafka::Group& group, const Generation& generation) const {
        return m_hasLostCommits && std::none_of(group.members.begin(), group.members.end(), [&](const auto& member) {
                   return generation.seen.contains(member.first);
               });
    }

    /// The range assignor deals all partitions of a topic, from 0 on; some may have come since.
    void checkWhole(const sim::World& world, const kafka::Group& group, const Generation& generation) {
        std::int32_t next = 0;
        kafka::TopicName topic;
        for (const auto& [partition, owner] : generation.owners) {
            next = partition.topic == topic ? next : 0;
            topic = partition.topic;
            expect(world, partition.partition.value == next, [&] {
                return fmt::format("in generation {} of group {} nobody owns {}-{}", group.generation, group.name,
                                   topic.text(), next);
            });
            next = partition.partition.value + 1;
        }
    }

    HistoryRef m_history;
    std::map<std::string, Generation> m_groups;
    bool m_hasLostCommits = false;
};

}  // namespace

std::unique_ptr<Invariant> makeOneOwnerPerGeneration(HistoryRef history) {
    return std::make_unique<OneOwnerPerGeneration>(std::move(history));
}

}  // namespace millrace::lab
