#include <fmt/format.h>

#include <map>
#include <string>

#include "engine/kafka/client/assignor.h"
#include "engine/kafka/group/group_coordinator.h"
#include "engine/lab/invariant.h"
#include "engine/lab/kafka_looks.h"

namespace millrace::lab {

namespace {

/// What coordinators have told members of groups that are stable. A group that begins again with a lower generation (it
/// had died out) is a new one.
class OneOwnerPerGeneration final : public Invariant {
public:
    [[nodiscard]] std::string_view name() const override { return "one-owner-per-generation"; }
    [[nodiscard]] std::string_view statement() const override {
        return "In one generation of a consumer group each partition belongs to one member";
    }
    void forget() override { m_groups.clear(); }

    void observe(const sim::World& world) override {
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

private:
    struct Generation {
        std::int32_t number = 0;
        std::map<kafka::TopicPartition, std::string> owners;
        std::map<std::string, BytesRef> seen;  ///< by member: an assignment that has been read
    };

    void take(const sim::World& world, const kafka::Group& group) {
        Generation& generation = m_groups[group.name];
        if (group.generation != generation.number) {
            generation = {};
            generation.number = group.generation;
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
    }

    std::map<std::string, Generation> m_groups;
};

}  // namespace

std::unique_ptr<Invariant> makeOneOwnerPerGeneration() {
    return std::make_unique<OneOwnerPerGeneration>();
}

}  // namespace millrace::lab
