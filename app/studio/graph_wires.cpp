#include "app/studio/graph_edits.h"

#include <algorithm>
#include <cctype>

#include "app/studio/graph_values.h"
#include "app/studio/object_path.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/operators.h"

namespace millrace::studio {

using namespace values;
using flow::NodeKind;
using observe::ObjectKind;
using scenario::Member;
using scenario::Path;
using scenario::Value;

namespace {

/// The field of a component's tuples that is worth looking at, as the operators name them.
std::string outputField(const Value& root, const std::string& topology, const std::string& component, int depth = 0) {
    const Value* bolt = at(root, {"topologies", topology, "bolts", component});
    if (bolt == nullptr || depth > 8) {
        return "value";  // of a Kafka spout
    }
    const Value* inputs = bolt->find("inputs");
    const std::string incoming = inputs == nullptr || inputs->items().empty()
                                     ? "value"
                                     : outputField(root, topology, textAt(inputs->items()[0], "from"), depth + 1);
    const flow::Operator* row = scenario::operatorOf(NodeKind::Bolt, *bolt);
    return row != nullptr ? row->mainFieldOf(scenario::valuesOf(*bolt, *row), incoming) : incoming;
}

bool takesField(const flow::Parameter& parameter) {
    return parameter.type == flow::ParameterType::Field || parameter.type == flow::ParameterType::FieldList;
}

Value fieldValue(const flow::Parameter& parameter, const std::string& field) {
    return flow::isList(parameter.type) ? Value::list({textValue(field)}) : textValue(field);
}

/// The first wire into a bolt tells it which field to look at.
Value withFieldOfInput(const Value& bolt, const std::string& field) {
    const Value* inputs = bolt.find("inputs");
    const flow::Operator* row = scenario::operatorOf(NodeKind::Bolt, bolt);
    if (row == nullptr || (inputs != nullptr && !inputs->items().empty())) {
        return bolt;
    }
    Value result = bolt;
    for (const flow::Parameter& each : row->parameters) {
        if (each.start && bolt.find(each.key) != nullptr && takesField(each)) {
            result = with(result, {std::string(each.key)}, fieldValue(each, field)).value_or(result);
        }
    }
    return result;
}

Value withInput(const Value& bolt, const std::string& from) {
    std::vector<Value> inputs;
    if (const Value* present = bolt.find("inputs")) {
        for (const Value& input : present->items()) {
            if (textAt(input, "from") == from) {
                return bolt;
            }
            inputs.push_back(input);
        }
    }
    std::vector<Member> input{{"from", textValue(from)}};
    const flow::Operator* row = scenario::operatorOf(NodeKind::Bolt, bolt);
    if (row != nullptr && !row->meetsBy.empty()) {
        input.push_back({"grouping", textValue("fields")});
        input.push_back({"fields", Value::list({textValue(textAt(bolt, row->meetsBy))})});
    } else {
        input.push_back({"grouping", textValue("shuffle")});
    }
    inputs.push_back(Value::object(std::move(input)));
    return with(bolt, {"inputs"}, Value::list(std::move(inputs))).value_or(bolt);
}

bool writes(const Value& bolt) {
    const flow::Operator* row = scenario::operatorOf(NodeKind::Bolt, bolt);
    return row != nullptr && row->reference(NodeKind::Sink) != nullptr;
}

/// The operator that fills sinks of this kind.
const flow::Operator* writerTo(std::string_view sinkKind) {
    for (const flow::Operator* each : scenario::operatorsOf(NodeKind::Bolt)) {
        const flow::Parameter* sink = each->reference(NodeKind::Sink);
        if (sink != nullptr && sink->ofKind == sinkKind) {
            return each;
        }
    }
    return nullptr;
}

/// A SQLite sink gets a table for what the component sends: counts of keys, or rows with the field that it is about.
Value withTable(const Value& root, const std::string& sink, const std::string& topology, const std::string& component,
                std::string& table) {
    const Value* bolt = at(root, {"topologies", topology, "bolts", component});
    const flow::Operator* row = bolt != nullptr ? scenario::operatorOf(NodeKind::Bolt, *bolt) : nullptr;
    const bool counts = row != nullptr && row->sendsCounts;
    table = component;
    std::replace_if(
        table.begin(), table.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
    if (at(root, {"sinks", sink, "tables", table}) != nullptr) {
        return root;
    }
    const std::string field = outputField(root, topology, component);
    const Value description = Value::object(
        {{"kind", textValue(counts ? "counts" : "rows")}, {"columns", Value::list({textValue(field + " TEXT")})}});
    return with(root, {"sinks", sink, "tables", table}, description).value_or(root);
}

std::optional<Edited> connectToSink(const Value& root, std::string_view from, std::string_view to) {
    const std::string sink(observe::nameOf(to));
    const auto path = pathOf(root, from);
    const Value* component = at(root, path);
    const Value* target = at(root, {"sinks", sink});
    const flow::Operator* writer = target != nullptr ? writerTo(textAt(*target, "kind")) : nullptr;
    if (component == nullptr || writer == nullptr || path.size() != 4) {
        return std::nullopt;
    }
    const std::string& topology = path[1];
    const flow::Parameter* tableName = writer->first(flow::ParameterType::Table);
    const std::string sinkKey(writer->reference(NodeKind::Sink)->key);
    const bool isWriter = observe::kindOf(from) == ObjectKind::Bolt && writes(*component);
    std::string sender = path[3];
    if (isWriter) {
        const Value* inputs = component->find("inputs");
        sender = inputs == nullptr || inputs->items().empty() ? sender : textAt(inputs->items()[0], "from");
    }
    Value prepared = root;
    std::string table;
    if (tableName != nullptr) {
        prepared = withTable(root, sink, topology, sender, table);
    }
    if (isWriter) {
        auto edited = with(prepared, {"topologies", topology, "bolts", path[3], "kind"}, textValue(writer->kind));
        edited =
            edited ? with(*edited, {"topologies", topology, "bolts", path[3], sinkKey}, textValue(sink)) : std::nullopt;
        if (edited && tableName != nullptr && component->find(tableName->key) == nullptr) {
            edited = with(*edited, {"topologies", topology, "bolts", path[3], std::string(tableName->key)},
                          textValue(table));
        }
        return edited ? std::optional(Edited{*edited, {}, {}}) : std::nullopt;
    }
    // Only a bolt that writes can write: put one in between.
    const std::string name = freeName(componentNames(root, topology), "write-" + sink);
    std::vector<Member> members{
        {"kind", textValue(writer->kind)},
        {"executors", Value::integer(writer->executors)},
        {"inputs", Value::list({Value::object({{"from", textValue(path[3])}, {"grouping", textValue("shuffle")}})})},
        {sinkKey, textValue(sink)}};
    for (const flow::Parameter& each : writer->parameters) {
        if (each.type == flow::ParameterType::Table) {
            members.push_back({std::string(each.key), textValue(table)});
        } else if (takesField(each)) {
            members.push_back({std::string(each.key), fieldValue(each, outputField(root, topology, path[3]))});
        }
    }
    auto edited = with(prepared, {"topologies", topology, "bolts", name}, Value::object(std::move(members)));
    if (!edited) {
        return std::nullopt;
    }
    const observe::ObjectId id = observe::boltId(topology, name);
    const auto a = positionOf(root, from);
    const auto b = positionOf(root, to);
    if (a && b) {
        // It stands where the sink was, and the sink moves on by one place.
        edited = withPosition(*edited, id, *b);
        edited = withPosition(*edited, std::string(to), {b->x + placeWidth, b->y});
    }
    return Edited{*edited, id, "Added the bolt that writes to " + sink + ": only a writing bolt can fill a sink"};
}

/// A bolt without any wire goes over to another topology.
std::optional<Edited> movedToTopology(const Value& root, std::string_view id, const std::string& topology) {
    const auto path = pathOf(root, id);
    const Value* bolt = at(root, path);
    const Value* inputs = bolt == nullptr ? nullptr : bolt->find("inputs");
    if (bolt == nullptr || (inputs != nullptr && !inputs->items().empty())) {
        return std::nullopt;
    }
    for (const std::string& name : keysAt(root, {"topologies", path[1], "bolts"})) {
        const Value* reader = at(root, {"topologies", path[1], "bolts", name});
        if (!(withoutInput(*reader, path[3]) == *reader) && reader->find("inputs") != nullptr) {
            return std::nullopt;
        }
    }
    const std::string name = freeName(componentNames(root, topology), path[3]);
    const observe::ObjectId moved = observe::boltId(topology, name);
    auto edited = with(root, {"topologies", topology, "bolts", name}, *bolt);
    edited = edited ? scenario::without(*edited, Path(path)) : std::nullopt;
    if (edited && componentNames(*edited, path[1]).empty()) {
        edited = scenario::without(*edited, Path({"topologies", path[1]}));
    }
    if (const auto position = edited ? positionOf(root, id) : std::nullopt) {
        edited = scenario::without(*edited, Path({"canvas", "positions", std::string(id)})).value_or(*edited);
        edited = withPosition(*edited, moved, *position);
    }
    return edited ? std::optional(Edited{*edited, moved, {}}) : std::nullopt;
}

}  // namespace

std::optional<Edited> connectObjects(const Value& root, std::string_view from, std::string_view to) {
    const ObjectKind source = observe::kindOf(from);
    const ObjectKind target = observe::kindOf(to);
    const auto fromPath = pathOf(root, from);
    const auto toPath = pathOf(root, to);
    std::optional<Value> edited;
    if (source == ObjectKind::Source && target == ObjectKind::Topic) {
        auto path = fromPath;
        path.emplace_back("topic");
        edited = with(root, path, textValue(observe::nameOf(to)));
    } else if (source == ObjectKind::Topic && target == ObjectKind::Spout) {
        auto path = toPath;
        path.emplace_back("topic");
        edited = with(root, path, textValue(observe::nameOf(from)));
    } else if ((source == ObjectKind::Spout || source == ObjectKind::Bolt) && target == ObjectKind::Bolt) {
        const Value* bolt = at(root, toPath);
        if (bolt == nullptr || fromPath.size() < 4 || toPath.size() < 4) {
            return std::nullopt;
        }
        if (fromPath[1] != toPath[1]) {
            // A stream does not leave its topology.
            const auto moved = movedToTopology(root, to, fromPath[1]);
            auto joined = moved ? connectObjects(moved->root, from, moved->object) : std::nullopt;
            return joined ? std::optional(Edited{joined->root, moved->object,
                                                 "It belongs to the topology " + fromPath[1] + " now"})
                          : std::nullopt;
        }
        const std::string field = outputField(root, fromPath[1], fromPath[3]);
        edited = with(root, toPath, withInput(withFieldOfInput(*bolt, field), fromPath[3]));
    } else if ((source == ObjectKind::Spout || source == ObjectKind::Bolt) && target == ObjectKind::Sink) {
        return connectToSink(root, from, to);
    }
    return edited ? std::optional(Edited{*edited, {}, {}}) : std::nullopt;
}

std::optional<Edited> disconnectObjects(const Value& root, std::string_view from, std::string_view to,
                                        std::string_view stream) {
    const ObjectKind target = observe::kindOf(to);
    auto fromPath = pathOf(root, from);
    auto toPath = pathOf(root, to);
    std::optional<Value> edited;
    if (target == ObjectKind::Topic) {
        fromPath.emplace_back("topic");
        edited = scenario::without(root, Path(fromPath));
    } else if (target == ObjectKind::Spout) {
        toPath.emplace_back("topic");
        edited = with(root, toPath, textValue(""));
    } else if (target == ObjectKind::Bolt && fromPath.size() == 4) {
        if (const Value* bolt = at(root, toPath)) {
            edited = with(root, toPath, withoutInput(*bolt, fromPath[3], stream));
        }
    } else if (target == ObjectKind::Sink) {
        fromPath.emplace_back("sink");
        edited = scenario::without(root, Path(fromPath));
    }
    return edited ? std::optional(Edited{*edited, {}, {}}) : std::nullopt;
}

}  // namespace millrace::studio
