#include "engine/scenario/flow_of.h"

#include <fmt/format.h>

#include "engine/observe/object_id.h"
#include "engine/scenario/operators.h"

namespace millrace::scenario {

namespace {

using flow::EdgeKind;
using flow::NodeKind;

std::span<const Member> membersOf(const Value* map) {
    return map != nullptr ? map->members() : std::span<const Member>();
}

std::string textOf(const Value& object, std::string_view key, std::string_view otherwise = {}) {
    const Value* value = object.find(key);
    return value != nullptr && value->isText() ? value->asText() : std::string(otherwise);
}

std::string counted(std::int64_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::int64_t integerOf(const Value& object, std::string_view key) {
    const Value* value = object.find(key);
    return value != nullptr && value->isInteger() ? value->asInteger() : 1;
}

std::string executorsOf(const Value& component) {
    return counted(integerOf(component, "executors"), "executor", "executors");
}

class FlowBuilder {
public:
    explicit FlowBuilder(const Value& document) : m_document(document) {}

    flow::Graph build() {
        addSources();
        addProducers();
        addTopics();
        addGroups();
        for (const Member& topology : membersOf(m_document.find("topologies"))) {
            addTopology(topology);
        }
        for (const Member& sink : membersOf(m_document.find("sinks"))) {
            addNode(observe::sinkId(sink.key), NodeKind::Sink, sink.key, textOf(sink.value, "kind"));
        }
        return std::move(m_graph);
    }

private:
    void addNode(std::string id, NodeKind kind, std::string title, std::string detail) {
        m_graph.nodes.push_back({std::move(id), kind, std::move(title), std::move(detail)});
    }

    void addEdge(std::string from, std::string to, EdgeKind kind, std::string port = "default",
                 std::string label = {}) {
        m_graph.edges.push_back({std::move(from), std::move(to), kind, std::move(port), std::move(label)});
    }

    void addSources() {
        for (const Member& source : membersOf(m_document.find("sources"))) {
            const std::string id = observe::sourceId(source.key);
            addNode(id, NodeKind::Source, source.key, textOf(source.value, "rate", "as fast as it goes"));
            if (source.value.find("topic") != nullptr) {
                addEdge(id, observe::topicId(textOf(source.value, "topic")), EdgeKind::Feed);
            }
        }
    }

    void addProducers() {
        const Value* clients = m_document.find("clients");
        for (const Member& producer : membersOf(clients != nullptr ? clients->find("producers") : nullptr)) {
            const std::string id = observe::producerId(producer.key);
            addNode(id, NodeKind::Producer, producer.key, "producer");
            addEdge(observe::sourceId(textOf(producer.value, "source")), id, EdgeKind::Feed);
            addEdge(id, observe::topicId(textOf(producer.value, "topic")), EdgeKind::Feed);
        }
    }

    void addTopics() {
        for (const Member& topic : membersOf(m_document.find("topics"))) {
            addNode(observe::topicId(topic.key), NodeKind::Topic, topic.key,
                    fmt::format("{}, {}", counted(integerOf(topic.value, "partitions"), "partition", "partitions"),
                                counted(integerOf(topic.value, "replicas"), "replica", "replicas")));
        }
    }

    void addGroups() {
        const Value* clients = m_document.find("clients");
        for (const Member& group : membersOf(clients != nullptr ? clients->find("groups") : nullptr)) {
            const std::string id = observe::groupId(group.key);
            addNode(id, NodeKind::Group, group.key, counted(integerOf(group.value, "members"), "member", "members"));
            const Value* topics = group.value.find("topics");
            for (const Value& topic : topics != nullptr ? topics->items() : std::span<const Value>()) {
                addEdge(observe::topicId(topic.asText()), id, EdgeKind::Subscription);
            }
        }
    }

    void addTopology(const Member& topology) {
        const Value* spouts = topology.value.find("spouts");
        for (const Member& spout : membersOf(spouts)) {
            const std::string id = observe::spoutId(topology.key, spout.key);
            addNode(id, NodeKind::Spout, spout.key, executorsOf(spout.value));
            addEdge(observe::topicId(textOf(spout.value, "topic")), id, EdgeKind::Subscription);
        }
        for (const Member& bolt : membersOf(topology.value.find("bolts"))) {
            addBolt(topology.key, bolt, spouts);
        }
    }

    void addBolt(const std::string& topology, const Member& bolt, const Value* spouts) {
        const std::string id = observe::boltId(topology, bolt.key);
        addNode(id, NodeKind::Bolt, bolt.key,
                fmt::format("{}, {}", textOf(bolt.value, "kind"), executorsOf(bolt.value)));
        const Value* inputs = bolt.value.find("inputs");
        for (const Value& input : inputs != nullptr ? inputs->items() : std::span<const Value>()) {
            const std::string from = textOf(input, "from");
            const bool isSpout = spouts != nullptr && spouts->find(from) != nullptr;
            addEdge(isSpout ? observe::spoutId(topology, from) : observe::boltId(topology, from), id, EdgeKind::Stream,
                    textOf(input, "stream", "default"), groupingText(input));
        }
        const flow::Operator* row = operatorOf(NodeKind::Bolt, bolt.value);
        const flow::Parameter* sink = row != nullptr ? row->reference(NodeKind::Sink) : nullptr;
        if (sink != nullptr && bolt.value.find(sink->key) != nullptr) {
            const flow::Parameter* table = row->first(flow::ParameterType::Table);
            addEdge(id, observe::sinkId(textOf(bolt.value, sink->key)), EdgeKind::Write, "default",
                    table != nullptr ? textOf(bolt.value, table->key) : std::string());
        }
    }

    static std::string groupingText(const Value& input) {
        std::string text = textOf(input, "grouping", "shuffle");
        const Value* fields = input.find("fields");
        std::string names;
        for (const Value& field : fields != nullptr ? fields->items() : std::span<const Value>()) {
            names += (names.empty() ? "" : ", ") + field.asText();
        }
        return names.empty() ? text : fmt::format("{}({})", text, names);
    }

    const Value& m_document;
    flow::Graph m_graph;
};

}  // namespace

flow::Graph flowOf(const Value& document) {
    return FlowBuilder(document).build();
}

}  // namespace millrace::scenario
