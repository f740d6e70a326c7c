#include "engine/storm/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/base/check.h"
#include "engine/base/digest.h"
#include "engine/flow/operator.h"
#include "engine/storm/runtime/operator.h"

namespace millrace::storm {

std::string_view toText(GroupingKind kind) {
    switch (kind) {
        case GroupingKind::Shuffle:
            return "shuffle";
        case GroupingKind::Fields:
            return "fields";
        case GroupingKind::All:
            return "all";
        case GroupingKind::Global:
            return "global";
        case GroupingKind::None:
            return "none";
        case GroupingKind::LocalOrShuffle:
            return "local-or-shuffle";
    }
    return {};
}

std::vector<ExecutorRange> splitTasks(TaskId first, std::int32_t tasks, std::int32_t executors) {
    MILLRACE_CHECK(tasks > 0 && executors > 0, tasks, executors);
    const std::int32_t ranges = std::min(tasks, executors);
    std::vector<ExecutorRange> result;
    std::int32_t next = first.value;
    for (std::int32_t i = 0; i < ranges; ++i) {
        const std::int32_t size = tasks / ranges + (i < tasks % ranges ? 1 : 0);
        result.push_back({TaskId{next}, TaskId{next + size - 1}});
        next += size;
    }
    return result;
}

ComponentIndex Topology::find(std::string_view id) const {
    for (std::size_t i = 0; i < components.size(); ++i) {
        if (components[i].id == id) {
            return ComponentIndex{static_cast<std::uint16_t>(i)};
        }
    }
    return noComponent;
}

int Topology::inputOf(ComponentIndex consumer, ComponentIndex from, std::uint16_t stream) const {
    const auto& inputs = component(consumer).inputs;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (inputs[i].from == from && inputs[i].stream == stream) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

namespace {

using Complaints = std::vector<TopologyComplaint>;

/// Resolves names step by step; what could not be resolved has been complained about.
class Compiler {
public:
    Compiler(const TopologySpec& spec, Topology& out, Complaints& complaints)
        : m_spec(spec), m_out(out), m_complaints(complaints) {}

    void run() {
        checkWhole();
        placeComponents();
        checkTaskCount();
        if (!m_complaints.empty()) {
            return;
        }
        resolveOutputs();
        if (m_complaints.empty()) {
            subscribe();
        }
    }

private:
    void complain(const std::string& component, BoltTrouble trouble) {
        m_complaints.push_back({component, std::move(trouble.message), -1, {}, std::move(trouble.parameter)});
    }
    void complain(const std::string& component, std::string message, std::int32_t input = -1, std::string field = {}) {
        m_complaints.push_back({component, std::move(message), input, std::move(field)});
    }

    void checkWhole() {
        if (m_spec.name.empty() || m_spec.name.find_first_of("/.:\\") != std::string::npos) {
            complain({}, fmt::format("topology name '{}' is empty or contains one of / . : \\", m_spec.name));
        }
        if (m_spec.config.workers < 1) {
            complain({}, "topology.workers must be at least 1");
        }
        const bool hasSpout = std::any_of(m_spec.components.begin(), m_spec.components.end(),
                                          [](const ComponentSpec& each) { return bool(each.spout); });
        if (!hasSpout) {
            complain({}, "a topology needs a spout");
        }
    }

    /// Each task can send to each other one, so what they need grows with the square of their number.
    void checkTaskCount() {
        constexpr std::int64_t tasksMax = 10'000;
        std::int64_t tasks = 0;
        for (const Component& component : m_out.components) {
            tasks += component.tasks;
        }
        if (tasks > tasksMax) {
            complain({},
                     fmt::format("its components have {} tasks in all, ackers included, and more than {} are not run",
                                 tasks, tasksMax));
        }
    }

    void placeComponents() {
        std::map<std::string, const ComponentSpec*> byId;
        for (const ComponentSpec& each : m_spec.components) {
            checkComponent(each);
            if (!byId.emplace(each.id, &each).second) {
                complain(each.id, fmt::format("component id '{}' is used twice", each.id));
            }
        }
        const std::int32_t ackers = m_spec.config.ackerExecutors.value_or(m_spec.config.workers);
        if (ackers > 0) {
            Component acker;
            acker.id = ackerComponent;
            acker.kind = ComponentKind::Acker;
            acker.executors = acker.tasks = ackers;
            m_out.components.push_back(std::move(acker));
        }
        for (const auto& [id, each] : byId) {
            m_out.components.push_back(placed(*each));
            m_specs.push_back(each);
        }
        m_offset = m_out.components.size() - m_specs.size();
    }

    void checkComponent(const ComponentSpec& each) {
        if (each.id.empty() || each.id.starts_with("__")) {
            complain(each.id, fmt::format("component id '{}' is empty or starts with __", each.id));
        }
        MILLRACE_CHECK(bool(each.spout) != bool(each.bolt));
        if (each.executors < 1) {
            complain(each.id, "a component needs at least one executor");
        }
        if (each.tasks < 0) {
            complain(each.id, "a component cannot have a negative number of tasks");
        }
        if (each.spout && !each.inputs.empty()) {
            complain(each.id, "a spout has no inputs");
        }
        if (each.bolt && each.inputs.empty()) {
            complain(each.id, "a bolt without inputs never runs");
        }
    }

    [[nodiscard]] Component placed(const ComponentSpec& each) const {
        Component component;
        component.id = each.id;
        component.kind = each.spout ? ComponentKind::Spout : ComponentKind::Bolt;
        component.spout = each.spout;
        component.bolt = each.bolt;
        component.tasks = each.tasks > 0 ? each.tasks : each.executors;
        if (const auto& most = each.maxTaskParallelism ? each.maxTaskParallelism : m_spec.config.maxTaskParallelism) {
            component.tasks = std::min(component.tasks, *most);
        }
        component.executors = std::min(each.executors, component.tasks);
        component.cost = each.cost;
        component.tickEvery = each.tickEvery;
        return component;
    }

    /// A bolt's streams may depend on what comes in (a filter passes its fields on), so producers go before consumers.
    /// In a cycle, which Storm allows, one of its bolts goes first by the inputs from outside; all of them are asked
    /// again once every stream is known.
    void resolveOutputs() {
        m_states.assign(m_specs.size(), State::Open);
        checkProducers();
        while (resolveReady() || breakCycle()) {
        }
        for (std::size_t i = 0; i < m_specs.size(); ++i) {
            if (m_states[i] == State::Open) {
                m_states[i] = State::InTrouble;
                complain(m_specs[i]->id, "no tuple ever comes in: its inputs form a cycle into which no spout leads");
            } else if (m_states[i] == State::Guessed) {
                verify(i);
            }
        }
    }

    enum class State : std::uint8_t { Open, Declared, Guessed, InTrouble };

    void checkProducers() {
        for (std::size_t index = 0; index < m_specs.size(); ++index) {
            const ComponentSpec& spec = *m_specs[index];
            for (std::size_t i = 0; i < spec.inputs.size(); ++i) {
                if (specIndexOf(spec.inputs[i].from) == m_specs.size()) {
                    complain(spec.id, fmt::format("there is no component '{}'", spec.inputs[i].from),
                             static_cast<std::int32_t>(i), "from");
                    m_states[index] = State::InTrouble;
                }
            }
        }
    }

    /// Declares every component whose producers all are; true when there was one.
    bool resolveReady() {
        bool isAny = false;
        for (std::size_t index = 0; index < m_specs.size(); ++index) {
            if (m_states[index] != State::Open) {
                continue;
            }
            bool isReady = true;
            bool isInTrouble = false;
            for (const InputSpec& input : m_specs[index]->inputs) {
                const State state = m_states[specIndexOf(input.from)];
                isReady = isReady && state != State::Open;
                isInTrouble = isInTrouble || state == State::InTrouble;
            }
            if (isReady) {
                isAny = true;
                // What is wrong there was said there; nothing can be said here.
                m_states[index] = !isInTrouble && declareFrom(index, true) ? State::Declared : State::InTrouble;
            }
        }
        return isAny;
    }

    /// The first bolt of a cycle that something from outside comes into.
    bool breakCycle() {
        for (std::size_t index = 0; index < m_specs.size(); ++index) {
            if (m_states[index] != State::Open) {
                continue;  // one that is in trouble may name a producer that does not exist
            }
            const std::vector<InputSpec>& inputs = m_specs[index]->inputs;
            const bool hasOutside = std::any_of(inputs.begin(), inputs.end(), [&](const InputSpec& input) {
                const State state = m_states[specIndexOf(input.from)];
                return state == State::Declared || state == State::Guessed;
            });
            if (hasOutside) {
                m_states[index] = declareFrom(index, false) ? State::Guessed : State::InTrouble;
                return true;
            }
        }
        return false;
    }

    /// The streams that come in, of those producers whose are known. Complains of a stream that does not exist.
    bool collectInputs(std::size_t index, std::vector<StreamSpec>& incoming) {
        const ComponentSpec& spec = *m_specs[index];
        bool isComplete = true;
        for (std::size_t i = 0; i < spec.inputs.size(); ++i) {
            const std::size_t from = specIndexOf(spec.inputs[i].from);
            if (m_states[from] == State::Open || m_states[from] == State::InTrouble) {
                continue;
            }
            const OutputStream* stream = streamOf(m_out.components[m_offset + from], spec.inputs[i].stream);
            if (stream == nullptr) {
                complain(spec.id, fmt::format("'{}' has no stream '{}'", spec.inputs[i].from, spec.inputs[i].stream),
                         static_cast<std::int32_t>(i), "stream");
                isComplete = false;
                continue;
            }
            incoming.push_back(stream->spec);
        }
        return isComplete;
    }

    bool declareFrom(std::size_t index, bool isAll) {
        std::vector<StreamSpec> incoming;
        const bool isComplete = collectInputs(index, incoming);
        return isComplete && (!isAll || incoming.size() == m_specs[index]->inputs.size()) && declare(index, incoming);
    }

    /// Of a bolt that was declared without what comes back to it.
    void verify(std::size_t index) {
        std::vector<StreamSpec> incoming;
        const bool isComplete = collectInputs(index, incoming);
        if (!isComplete || incoming.size() != m_specs[index]->inputs.size()) {
            return;  // Said, or said elsewhere.
        }
        auto streams = m_specs[index]->bolt->streams(incoming);
        if (!streams) {
            complain(m_specs[index]->id, std::move(streams.error()));
            return;
        }
        const std::vector<OutputStream>& declared = m_out.components[m_offset + index].outputs;
        const bool isSame = std::equal(declared.begin(), declared.end(), streams->begin(), streams->end(),
                                       [](const OutputStream& a, const StreamSpec& b) { return a.spec == b; });
        if (!isSame) {
            complain(m_specs[index]->id, "the fields that it passes on change with what comes back to it in a cycle");
        }
    }

    bool declare(std::size_t index, const std::vector<StreamSpec>& incoming) {
        const ComponentSpec& spec = *m_specs[index];
        if (spec.spout) {
            addStreams(index, spec.spout->streams());
            return true;
        }
        auto streams = spec.bolt->streams(incoming);
        if (!streams) {
            complain(spec.id, std::move(streams.error()));
            return false;
        }
        for (const StreamSpec& stream : *streams) {
            if (const auto twice = flow::firstRepeated(stream.fields)) {
                // org.apache.storm.tuple.Fields refuses it: "duplicate field".
                complain(spec.id, fmt::format("'{}' would be the name of two fields of its stream {}: give one another "
                                              "name before, with a bolt of kind project",
                                              *twice, stream.name));
                return false;
            }
        }
        addStreams(index, *streams);
        return true;
    }

    void addStreams(std::size_t index, const std::vector<StreamSpec>& streams) {
        for (const StreamSpec& stream : streams) {
            m_out.components[m_offset + index].outputs.push_back({stream, {}});
        }
    }

    [[nodiscard]] std::size_t specIndexOf(const std::string& id) const {
        std::size_t index = 0;
        while (index < m_specs.size() && m_specs[index]->id != id) {
            ++index;
        }
        return index;
    }

    [[nodiscard]] static OutputStream* streamOf(Component& component, const std::string& name) {
        for (OutputStream& stream : component.outputs) {
            if (stream.spec.name == name) {
                return &stream;
            }
        }
        return nullptr;
    }

    void subscribe() {
        for (std::size_t index = 0; index < m_specs.size(); ++index) {
            const ComponentSpec& spec = *m_specs[index];
            for (std::size_t i = 0; i < spec.inputs.size(); ++i) {
                subscribeInput(index, i, spec.inputs[i]);
            }
        }
    }

    void subscribeInput(std::size_t index, std::size_t inputIndex, const InputSpec& input) {
        const std::size_t from = m_offset + specIndexOf(input.from);
        Component& producer = m_out.components[from];
        OutputStream& stream = *streamOf(producer, input.stream);
        Subscription subscription;
        subscription.consumer = ComponentIndex{static_cast<std::uint16_t>(m_offset + index)};
        subscription.input = static_cast<std::uint16_t>(inputIndex);
        subscription.grouping = input.grouping;
        if (input.grouping == GroupingKind::Fields) {
            if (input.fields.empty()) {
                complain(m_specs[index]->id, "a fields grouping needs at least one field",
                         static_cast<std::int32_t>(inputIndex));
            }
            for (const std::string& field : input.fields) {
                const auto at = std::find(stream.spec.fields.begin(), stream.spec.fields.end(), field);
                if (at == stream.spec.fields.end()) {
                    complain(m_specs[index]->id,
                             fmt::format("stream '{}' of '{}' has no field '{}'; it has {}", input.stream, input.from,
                                         field, fmt::join(stream.spec.fields, ", ")),
                             static_cast<std::int32_t>(inputIndex),
                             fmt::format("fields[{}]", &field - input.fields.data()));
                    continue;
                }
                subscription.fields.push_back(static_cast<std::uint16_t>(at - stream.spec.fields.begin()));
            }
        }
        const auto streamIndex = static_cast<std::uint16_t>(&stream - producer.outputs.data());
        Component& consumer = m_out.components[m_offset + index];
        if (m_out.inputOf(subscription.consumer, ComponentIndex{static_cast<std::uint16_t>(from)}, streamIndex) >= 0) {
            complain(consumer.id, fmt::format("stream '{}' of '{}' is an input twice", input.stream, input.from),
                     static_cast<std::int32_t>(inputIndex), "from");
        }
        consumer.inputs.push_back({ComponentIndex{static_cast<std::uint16_t>(from)}, streamIndex, input.grouping,
                                   stream.spec.fields, input.fields});
        stream.subscriptions.push_back(std::move(subscription));
    }

    const TopologySpec& m_spec;
    Topology& m_out;
    Complaints& m_complaints;
    std::vector<const ComponentSpec*> m_specs;  // alphabetical; m_out.components[m_offset + i] belongs to m_specs[i]
    std::vector<State> m_states;                // by the same index
    std::size_t m_offset = 0;
};

std::uint64_t digestOf(const Topology& topology) {
    Digest digest;
    digest.add(topology.name);
    for (const Component& component : topology.components) {
        digest.add(component.id);
        digest.add(component.executors);
        digest.add(component.tasks);
        digest.add(component.bolt ? component.bolt->digest() : component.spout ? component.spout->digest() : 0);
        if (component.cost > CpuTime{0} || component.tickEvery > SimDuration{0}) {
            digest.add(component.cost.count());
            digest.add(component.tickEvery.count());
        }
        for (const ResolvedInput& input : component.inputs) {
            digest.add(static_cast<std::uint64_t>(input.from.value) << 16U | input.stream);
            digest.add(static_cast<std::uint64_t>(input.grouping));
        }
    }
    return digest.value();
}

}  // namespace

Result<TopologyRef, std::vector<TopologyComplaint>> compileTopology(const TopologySpec& spec) {
    const auto topology = makeRef<Topology>();
    topology->name = spec.name;
    topology->config = spec.config;
    Complaints complaints;
    Compiler(spec, *topology, complaints).run();
    if (!complaints.empty()) {
        return tl::unexpected(std::move(complaints));
    }
    topology->m_componentOf.push_back(noComponent);
    for (std::size_t i = 0; i < topology->components.size(); ++i) {
        Component& component = topology->components[i];
        component.firstTask = TaskId{static_cast<std::int32_t>(topology->m_componentOf.size())};
        const auto ranges = splitTasks(component.firstTask, component.tasks, component.executors);
        topology->m_executors.insert(topology->m_executors.end(), ranges.begin(), ranges.end());
        topology->m_componentOf.insert(topology->m_componentOf.end(), static_cast<std::size_t>(component.tasks),
                                       ComponentIndex{static_cast<std::uint16_t>(i)});
        if (component.kind == ComponentKind::Acker) {
            topology->m_ackers = component.tasks;
        }
    }
    topology->m_digest = digestOf(*topology);
    return TopologyRef(topology);
}

}  // namespace millrace::storm
