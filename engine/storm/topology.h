#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/result.h"
#include "engine/storm/config.h"
#include "engine/storm/ids.h"

namespace millrace::storm {

class BoltFactory;
class SpoutFactory;

enum class ComponentKind : std::uint8_t { Spout, Bolt, Acker };
enum class GroupingKind : std::uint8_t { Shuffle, Fields, All, Global, None, LocalOrShuffle };
[[nodiscard]] std::string_view toText(GroupingKind kind);

inline constexpr std::string_view defaultStream = "default";
inline constexpr std::string_view ackerComponent = "__acker";

/// A stream that a component emits.
struct StreamSpec {
    std::string name{defaultStream};
    std::vector<std::string> fields;
    friend bool operator==(const StreamSpec&, const StreamSpec&) = default;
};

/// What a bolt subscribes to.
struct InputSpec {
    std::string from;
    std::string stream{defaultStream};
    GroupingKind grouping = GroupingKind::Shuffle;
    std::vector<std::string> fields;  ///< of a fields grouping
};

struct ComponentSpec {
    std::string id;
    std::int32_t executors = 1;     ///< parallelism hint
    std::int32_t tasks = 0;         ///< topology.tasks; 0: one an executor
    std::vector<InputSpec> inputs;  ///< empty for spouts
    Ref<const SpoutFactory> spout;  ///< one of the two is set
    Ref<const BoltFactory> bolt;
    std::optional<std::int32_t> maxTaskParallelism;  ///< its own topology.max.task.parallelism, over the topology's
    CpuTime cost{0};                                 ///< of each tuple, beside what its code takes
    SimDuration tickEvery{0};                        ///< topology.tick.tuple.freq.secs; 0: no tick tuples
};

/// A topology as its author writes it.
struct TopologySpec {
    std::string name;
    TopologyConfig config;
    std::vector<ComponentSpec> components;
};

/// What is wrong with a topology: `component` is empty when it concerns the whole.
struct TopologyComplaint {
    std::string component;
    std::string message;
    std::int32_t input = -1;  ///< index of the input it concerns
    std::string field;        ///< of that input: "from", "stream", "fields[0]"
    std::string parameter;    ///< of the component's own, when it concerns one: "pattern", "table"
};

/// One consumer of a stream, with everything names resolved.
struct Subscription {
    ComponentIndex consumer;
    std::uint16_t input = 0;  ///< index among the consumer's inputs
    GroupingKind grouping = GroupingKind::Shuffle;
    std::vector<std::uint16_t> fields;  ///< indices into the stream's fields
};
struct OutputStream {
    StreamSpec spec;
    std::vector<Subscription> subscriptions;
};
struct ResolvedInput {
    ComponentIndex from;
    std::uint16_t stream = 0;  ///< index among the producer's streams
    GroupingKind grouping = GroupingKind::Shuffle;
    std::vector<std::string> fields;  ///< of the stream that comes in
    std::vector<std::string> groupingFields;
};
struct Component {
    std::string id;
    ComponentKind kind = ComponentKind::Bolt;
    std::int32_t executors = 1;
    std::int32_t tasks = 1;
    TaskId firstTask;
    std::vector<OutputStream> outputs;
    std::vector<ResolvedInput> inputs;
    Ref<const SpoutFactory> spout;
    Ref<const BoltFactory> bolt;
    CpuTime cost{0};
    SimDuration tickEvery{0};
};

/// A submitted topology: checked, with its system components, names resolved to indices and tasks numbered. Immutable
/// and shared: it is the code that Nimbus keeps and hands to supervisors. Components stand in alphabetical order, task
/// ids count from 1 in that order, so `__acker` has the first ones.
class Topology final : public Counted {
public:
    std::string name;
    TopologyConfig config;
    std::vector<Component> components;

    [[nodiscard]] std::int32_t taskCount() const { return static_cast<std::int32_t>(m_componentOf.size()) - 1; }
    [[nodiscard]] ComponentIndex componentIndexOf(TaskId task) const {
        return m_componentOf[static_cast<std::size_t>(task.value)];
    }
    [[nodiscard]] const Component& componentOf(TaskId task) const { return component(componentIndexOf(task)); }
    [[nodiscard]] const Component& component(ComponentIndex index) const { return components[index.value]; }
    [[nodiscard]] ComponentIndex find(std::string_view id) const;  ///< `noComponent` when there is none
    /// Task ids of the ackers are 1 to this number.
    [[nodiscard]] std::int32_t ackerCount() const { return m_ackers; }
    /// All executors, by first task.
    [[nodiscard]] const std::vector<ExecutorRange>& executors() const { return m_executors; }
    /// Which of the consumer's inputs a tuple of this stream comes in by; -1 when it is no input.
    [[nodiscard]] int inputOf(ComponentIndex consumer, ComponentIndex from, std::uint16_t stream) const;
    /// Hash of what it is, for digests.
    [[nodiscard]] std::uint64_t digest() const { return m_digest; }

private:
    friend Result<Ref<const Topology>, std::vector<TopologyComplaint>> compileTopology(const TopologySpec& spec);
    std::vector<ComponentIndex> m_componentOf;  // by task id; [0] is nobody
    std::vector<ExecutorRange> m_executors;
    std::int32_t m_ackers = 0;
    std::uint64_t m_digest = 0;
};
using TopologyRef = Ref<const Topology>;

/// Checks a topology as Nimbus does at submission and resolves it. All complaints at once.
[[nodiscard]] Result<TopologyRef, std::vector<TopologyComplaint>> compileTopology(const TopologySpec& spec);

/// `tasks` tasks from `first` on, dealt to `executors` contiguous ranges as evenly as integers allow, larger ranges
/// first: 10 over 3 gives 4, 3, 3. No more executors than tasks.
[[nodiscard]] std::vector<ExecutorRange> splitTasks(TaskId first, std::int32_t tasks, std::int32_t executors);

}  // namespace millrace::storm
