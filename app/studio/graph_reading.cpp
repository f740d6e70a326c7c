#include "app/studio/graph_edits.h"

#include <algorithm>

#include "app/studio/graph_values.h"
#include "app/studio/object_path.h"
#include "engine/scenario/document/edit.h"

namespace millrace::studio {

using namespace values;
using observe::ObjectKind;
using scenario::Member;
using scenario::Path;
using scenario::Value;

std::optional<Position> positionOf(const Value& root, std::string_view id) {
    const Value* value = at(root, {"canvas", "positions", std::string(id)});
    if (value == nullptr || value->items().size() != 2) {
        return std::nullopt;
    }
    return Position{value->items()[0].asNumber(), value->items()[1].asNumber()};
}

Value emptyScenario() {
    const auto onHost = [](const char* host) { return Value::object({{"host", textValue(host)}}); };
    const auto host = [](const char* rack) {
        return Value::object({{"cores", Value::integer(4)}, {"rack", textValue(rack)}});
    };
    return Value::object({
        {"millrace", Value::integer(1)},
        {"title", textValue("Untitled")},
        {"run", Value::object({{"seed", Value::integer(1)}})},
        {"hosts", Value::object({{"h1", host("A")},
                                 {"h2", host("B")},
                                 {"h3", host("C")},
                                 {"h4", host("A")},
                                 {"h5", host("B")},
                                 {"h6", host("C")}})},
        {"cluster",
         Value::object({
             {"coordination", textValue("zookeeper")},
             {"servers", Value::object({{"zk1", onHost("h1")}, {"zk2", onHost("h2")}, {"zk3", onHost("h3")}})},
             {"brokers", Value::object({{"1", onHost("h1")}, {"2", onHost("h2")}, {"3", onHost("h3")}})},
         })},
        {"storm", Value::object({
                      {"nimbus", onHost("h4")},
                      {"supervisors", Value::object({{"s1", onHost("h5")}, {"s2", onHost("h6")}})},
                  })},
    });
}

std::vector<observe::ObjectId> logicalObjects(const Value& root) {
    std::vector<observe::ObjectId> ids;
    for (const std::string& name : keysAt(root, {"sources"})) {
        ids.push_back(observe::sourceId(name));
    }
    for (const std::string& name : keysAt(root, {"topics"})) {
        ids.push_back(observe::topicId(name));
    }
    for (const std::string& topology : keysAt(root, {"topologies"})) {
        for (const std::string& name : keysAt(root, {"topologies", topology, "spouts"})) {
            ids.push_back(observe::spoutId(topology, name));
        }
        for (const std::string& name : keysAt(root, {"topologies", topology, "bolts"})) {
            ids.push_back(observe::boltId(topology, name));
        }
    }
    for (const std::string& name : keysAt(root, {"sinks"})) {
        ids.push_back(observe::sinkId(name));
    }
    return ids;
}

std::vector<Wire> logicalWires(const Value& root) {
    std::vector<Wire> wires;
    for (const std::string& name : keysAt(root, {"sources"})) {
        if (const std::string topic = textAt(*at(root, {"sources", name}), "topic"); !topic.empty()) {
            wires.push_back({observe::sourceId(name), observe::topicId(topic), {}});
        }
    }
    for (const std::string& name : keysAt(root, {"clients", "producers"})) {
        const Value& producer = *at(root, {"clients", "producers", name});
        wires.push_back(
            {observe::sourceId(textAt(producer, "source")), observe::topicId(textAt(producer, "topic")), {}});
    }
    for (const std::string& topology : keysAt(root, {"topologies"})) {
        for (const std::string& name : keysAt(root, {"topologies", topology, "spouts"})) {
            const std::string topic = textAt(*at(root, {"topologies", topology, "spouts", name}), "topic");
            if (!topic.empty()) {
                wires.push_back({observe::topicId(topic), observe::spoutId(topology, name), {}});
            }
        }
        const auto spouts = keysAt(root, {"topologies", topology, "spouts"});
        for (const std::string& name : keysAt(root, {"topologies", topology, "bolts"})) {
            const Value& bolt = *at(root, {"topologies", topology, "bolts", name});
            const observe::ObjectId id = observe::boltId(topology, name);
            const Value* inputs = bolt.find("inputs");
            for (const Value& input : inputs == nullptr ? std::span<const Value>() : inputs->items()) {
                const std::string from = textAt(input, "from");
                const bool isSpout = std::find(spouts.begin(), spouts.end(), from) != spouts.end();
                std::string grouping = textAt(input, "grouping");
                grouping = grouping.empty() ? "shuffle" : grouping;
                if (const Value* fields = input.find("fields"); fields != nullptr && grouping == "fields") {
                    std::string list;
                    for (const Value& field : fields->items()) {
                        list += (list.empty() ? "" : ", ") + field.asText();
                    }
                    grouping += "(" + list + ")";
                }
                if (const std::string stream = textAt(input, "stream"); !stream.empty() && stream != "default") {
                    grouping = stream + ": " + grouping;
                }
                wires.push_back(
                    {isSpout ? observe::spoutId(topology, from) : observe::boltId(topology, from), id, grouping});
            }
            if (const std::string sink = textAt(bolt, "sink"); !sink.empty()) {
                wires.push_back({id, observe::sinkId(sink), {}});
            }
        }
    }
    return wires;
}

}  // namespace millrace::studio
