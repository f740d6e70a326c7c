#include "app/studio/graph_edits.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "app/studio/object_path.h"
#include "engine/scenario/document/edit.h"

namespace millrace::studio {

using observe::ObjectKind;
using scenario::Member;
using scenario::Path;
using scenario::Value;

namespace {

Value text(std::string_view value) {
    return Value::text(std::string(value));
}

const Value* at(const Value& root, std::vector<std::string> steps) {
    return scenario::valueAt(root, Path(std::move(steps)));
}

std::optional<Value> with(const Value& root, std::vector<std::string> steps, Value value) {
    return scenario::withValue(root, Path(std::move(steps)), std::move(value));
}

std::string textAt(const Value& object, std::string_view key) {
    const Value* found = object.find(key);
    return found == nullptr ? std::string() : found->asText();
}

std::vector<std::string> keysAt(const Value& root, std::vector<std::string> steps) {
    std::vector<std::string> keys;
    if (const Value* object = at(root, std::move(steps))) {
        for (const Member& member : object->members()) {
            keys.push_back(member.key);
        }
    }
    return keys;
}

std::string freeName(const std::vector<std::string>& taken, std::string_view stem) {
    std::string name(stem);
    for (int number = 2; std::find(taken.begin(), taken.end(), name) != taken.end(); ++number) {
        name = std::string(stem) + "-" + std::to_string(number);
    }
    return name;
}

std::string nextNumbered(const std::vector<std::string>& taken, std::string_view stem) {
    int number = 1;
    while (std::find(taken.begin(), taken.end(), std::string(stem) + std::to_string(number)) != taken.end()) {
        ++number;
    }
    return std::string(stem) + std::to_string(number);
}

/// Drawn components belong to the first topology of the document.
std::string topologyOf(const Value& root) {
    const auto names = keysAt(root, {"topologies"});
    return names.empty() ? "main" : names.front();
}

std::vector<std::string> componentNames(const Value& root, const std::string& topology) {
    auto names = keysAt(root, {"topologies", topology, "spouts"});
    const auto bolts = keysAt(root, {"topologies", topology, "bolts"});
    names.insert(names.end(), bolts.begin(), bolts.end());
    return names;
}

Value positionValue(Position position) {
    return Value::list({Value::integer(std::llround(position.x)), Value::integer(std::llround(position.y))});
}

Value withPosition(const Value& root, const std::string& id, Position position) {
    return with(root, {"canvas", "positions", id}, positionValue(position)).value_or(root);
}

Value boltTemplate(std::string_view kind) {
    std::vector<Member> members{{"kind", text(kind)}, {"executors", Value::integer(kind == "count" ? 2 : 1)}};
    if (kind == "split" || kind == "count") {
        members.push_back({"field", text(kind == "split" ? "value" : "word")});
    } else if (kind == "filter") {
        members.push_back({"field", text("value")});
        members.push_back({"pattern", text(".")});
    } else if (kind == "extract") {
        members.push_back({"field", text("value")});
        members.push_back({"format", text("combined")});
    } else if (kind == "file") {
        members.push_back({"field", text("value")});
    }
    members.push_back({"inputs", Value::list({})});
    return Value::object(std::move(members));
}

std::optional<Edited> addMember(const Value& root, std::vector<std::string> collection, const std::string& name,
                                Value value, observe::ObjectId id, Position position) {
    collection.push_back(name);
    const auto edited = with(root, std::move(collection), std::move(value));
    if (!edited) {
        return std::nullopt;
    }
    return Edited{withPosition(*edited, id, position), id, {}};
}

std::optional<Edited> addToCluster(const Value& root, std::string_view part) {
    const auto hosts = keysAt(root, {"hosts"});
    const std::string host = nextNumbered(hosts, "h");
    if (part == "host") {
        const auto edited = with(root, {"hosts", host}, Value::object({{"cores", Value::integer(4)}}));
        return edited ? std::optional(Edited{*edited, observe::hostId(host), {}}) : std::nullopt;
    }
    // A machine of its own: what shares one dies with it, and that is for the user to decide.
    const auto withHost = with(root, {"hosts", host}, Value::object({{"cores", Value::integer(4)}}));
    if (!withHost) {
        return std::nullopt;
    }
    const Value onHost = Value::object({{"host", text(host)}});
    if (part == "broker") {
        const std::string id = nextNumbered(keysAt(root, {"cluster", "brokers"}), "");
        const auto edited = with(*withHost, {"cluster", "brokers", id}, onHost);
        return edited ? std::optional(Edited{*edited, "broker:" + id, {}}) : std::nullopt;
    }
    if (part == "server") {
        const std::string id = nextNumbered(keysAt(root, {"cluster", "servers"}), "zk");
        const auto edited = with(*withHost, {"cluster", "servers", id}, onHost);
        return edited ? std::optional(Edited{*edited, observe::serverId(id), {}}) : std::nullopt;
    }
    if (part == "supervisor") {
        const std::string id = nextNumbered(keysAt(root, {"storm", "supervisors"}), "s");
        const auto edited = with(*withHost, {"storm", "supervisors", id},
                                 Value::object({{"host", text(host)}, {"slots", Value::integer(4)}}));
        return edited ? std::optional(Edited{*edited, observe::supervisorId(id), {}}) : std::nullopt;
    }
    return std::nullopt;
}

/// The field of a component's tuples that is worth looking at, as the operators name them.
std::string outputField(const Value& root, const std::string& topology, const std::string& component, int depth = 0) {
    const Value* bolt = at(root, {"topologies", topology, "bolts", component});
    if (bolt == nullptr || depth > 8) {
        return "value";  // of a Kafka spout
    }
    const std::string kind = textAt(*bolt, "kind");
    if (kind == "split") {
        return "word";
    }
    if (kind == "extract") {
        return textAt(*bolt, "format") == "combined" ? "status" : "line";
    }
    if (kind == "count") {
        return textAt(*bolt, "field");
    }
    const Value* inputs = bolt->find("inputs");  // a filter passes on what it gets
    return inputs == nullptr || inputs->items().empty()
               ? "value"
               : outputField(root, topology, textAt(inputs->items()[0], "from"), depth + 1);
}

/// The first wire into a bolt tells it which field to look at.
Value withFieldOfInput(const Value& bolt, const std::string& field) {
    const Value* inputs = bolt.find("inputs");
    const bool isFirst = inputs == nullptr || inputs->items().empty();
    return isFirst && bolt.find("field") != nullptr ? with(bolt, {"field"}, text(field)).value_or(bolt) : bolt;
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
    std::vector<Member> input{{"from", text(from)}};
    if (textAt(bolt, "kind") == "count") {
        // Counting needs equal values in one place.
        input.push_back({"grouping", text("fields")});
        input.push_back({"fields", Value::list({text(textAt(bolt, "field"))})});
    } else {
        input.push_back({"grouping", text("shuffle")});
    }
    inputs.push_back(Value::object(std::move(input)));
    return with(bolt, {"inputs"}, Value::list(std::move(inputs))).value_or(bolt);
}

Value withoutInput(const Value& bolt, const std::string& from) {
    std::vector<Value> inputs;
    if (const Value* present = bolt.find("inputs")) {
        for (const Value& input : present->items()) {
            if (textAt(input, "from") != from) {
                inputs.push_back(input);
            }
        }
    }
    return with(bolt, {"inputs"}, Value::list(std::move(inputs))).value_or(bolt);
}

bool writes(const Value& bolt) {
    const std::string kind = textAt(bolt, "kind");
    return kind == "sqlite" || kind == "file";
}

/// A SQLite sink gets a table for what the component sends: counts of keys, or rows with the field that it is about.
Value withTable(const Value& root, const std::string& sink, const std::string& topology, const std::string& component,
                std::string& table) {
    const Value* bolt = at(root, {"topologies", topology, "bolts", component});
    const bool counts = bolt != nullptr && textAt(*bolt, "kind") == "count";
    table = component;
    std::replace_if(
        table.begin(), table.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
    if (at(root, {"sinks", sink, "tables", table}) != nullptr) {
        return root;
    }
    const std::string field = outputField(root, topology, component);
    const Value description =
        Value::object({{"kind", text(counts ? "counts" : "rows")}, {"columns", Value::list({text(field + " TEXT")})}});
    return with(root, {"sinks", sink, "tables", table}, description).value_or(root);
}

std::optional<Edited> connectToSink(const Value& root, std::string_view from, std::string_view to) {
    const std::string sink(observe::nameOf(to));
    const auto path = pathOf(root, from);
    const Value* component = at(root, path);
    const Value* target = at(root, {"sinks", sink});
    if (component == nullptr || target == nullptr || path.size() != 4) {
        return std::nullopt;
    }
    const std::string& topology = path[1];
    const bool toFile = textAt(*target, "kind") == "file";
    const bool isWriter = observe::kindOf(from) == ObjectKind::Bolt && writes(*component);
    std::string sender = path[3];
    if (isWriter) {
        const Value* inputs = component->find("inputs");
        sender = inputs == nullptr || inputs->items().empty() ? sender : textAt(inputs->items()[0], "from");
    }
    Value prepared = root;
    std::string table;
    if (!toFile) {
        prepared = withTable(root, sink, topology, sender, table);
    }
    if (isWriter) {
        auto edited =
            with(prepared, {"topologies", topology, "bolts", path[3], "kind"}, text(toFile ? "file" : "sqlite"));
        edited = edited ? with(*edited, {"topologies", topology, "bolts", path[3], "sink"}, text(sink)) : std::nullopt;
        if (edited && !toFile && component->find("table") == nullptr) {
            edited = with(*edited, {"topologies", topology, "bolts", path[3], "table"}, text(table));
        }
        return edited ? std::optional(Edited{*edited, {}, {}}) : std::nullopt;
    }
    // Only a bolt that writes can write: put one in between.
    const std::string name = freeName(componentNames(root, topology), "write-" + sink);
    std::vector<Member> members{
        {"kind", text(toFile ? "file" : "sqlite")},
        {"executors", Value::integer(1)},
        {"inputs", Value::list({Value::object({{"from", text(path[3])}, {"grouping", text("shuffle")}})})},
        {"sink", text(sink)}};
    members.push_back(toFile ? Member{"field", text(outputField(root, topology, path[3]))}
                             : Member{"table", text(table)});
    auto edited = with(prepared, {"topologies", topology, "bolts", name}, Value::object(std::move(members)));
    if (!edited) {
        return std::nullopt;
    }
    const observe::ObjectId id = observe::boltId(topology, name);
    const auto a = positionOf(root, from);
    const auto b = positionOf(root, to);
    if (a && b) {
        edited = withPosition(*edited, id, {(a->x + b->x) / 2, (a->y + b->y) / 2 + 100});
    }
    return Edited{*edited, id, "Added the bolt that writes to " + sink + ": only a writing bolt can fill a sink"};
}

Value renamedInputs(const Value& root, const std::string& topology, const std::string& from, const std::string& to) {
    Value result = root;
    for (const std::string& name : keysAt(root, {"topologies", topology, "bolts"})) {
        const Value* bolt = at(result, {"topologies", topology, "bolts", name});
        const Value* inputs = bolt->find("inputs");
        if (inputs == nullptr) {
            continue;
        }
        std::vector<Value> changed;
        for (const Value& input : inputs->items()) {
            changed.push_back(textAt(input, "from") == from ? with(input, {"from"}, text(to)).value_or(input) : input);
        }
        result = with(result, {"topologies", topology, "bolts", name, "inputs"}, Value::list(std::move(changed)))
                     .value_or(result);
    }
    return result;
}

/// Every text under `key` of the members of a collection that equals `from` becomes `to`, or goes when `to` is empty.
Value renamedReferences(const Value& root, const std::vector<std::string>& collection, const std::string& key,
                        const std::string& from, const std::string& to) {
    Value result = root;
    for (const std::string& name : keysAt(root, collection)) {
        auto path = collection;
        path.push_back(name);
        const Value* member = at(result, path);
        if (member != nullptr && textAt(*member, key) == from) {
            path.push_back(key);
            result = to.empty() ? scenario::without(result, Path(path)).value_or(result)
                                : with(result, path, text(to)).value_or(result);
        }
    }
    return result;
}

Value followReferences(const Value& root, std::string_view id, const std::string& to) {
    const std::string name(observe::nameOf(id));
    Value result = root;
    switch (observe::kindOf(id)) {
        case ObjectKind::Topic:
            result = renamedReferences(result, {"sources"}, "topic", name, to);
            result = renamedReferences(result, {"clients", "producers"}, "topic", name, to);
            for (const std::string& topology : keysAt(root, {"topologies"})) {
                result = renamedReferences(result, {"topologies", topology, "spouts"}, "topic", name, to);
            }
            break;
        case ObjectKind::Sink:
            for (const std::string& topology : keysAt(root, {"topologies"})) {
                result = renamedReferences(result, {"topologies", topology, "bolts"}, "sink", name, to);
            }
            break;
        case ObjectKind::Source:
            result = renamedReferences(result, {"clients", "producers"}, "source", name, to);
            break;
        default:
            break;
    }
    return result;
}

}  // namespace

std::optional<Edited> addPart(const Value& root, std::string_view part, Position position) {
    const std::size_t slash = part.find('/');
    const std::string_view family = part.substr(0, slash);
    const std::string_view kind = slash == std::string_view::npos ? std::string_view() : part.substr(slash + 1);
    if (family == "source") {
        const std::string name = freeName(keysAt(root, {"sources"}), kind == "file" ? "log" : "records");
        std::vector<Member> members{{"kind", text(kind)}};
        if (kind == "file") {
            members.push_back({"path", text("")});
        } else {
            members.push_back(
                {"words", Value::object({{"vocabulary", Value::integer(500)}, {"per_record", Value::integer(5)}})});
        }
        members.push_back({"rate", text("100/s")});
        return addMember(root, {"sources"}, name, Value::object(std::move(members)), observe::sourceId(name), position);
    }
    if (family == "topic") {
        const std::string name = freeName(keysAt(root, {"topics"}), "topic");
        const auto brokers = static_cast<std::int64_t>(keysAt(root, {"cluster", "brokers"}).size());
        Value topic = Value::object(
            {{"partitions", Value::integer(3)}, {"replicas", Value::integer(std::clamp<std::int64_t>(brokers, 1, 3))}});
        return addMember(root, {"topics"}, name, std::move(topic), observe::topicId(name), position);
    }
    if (family == "sink") {
        const std::string name = freeName(keysAt(root, {"sinks"}), kind == "file" ? "output" : "results");
        Value sink = Value::object({{"kind", text(kind)}, {"path", text(name + (kind == "file" ? ".txt" : ".db"))}});
        return addMember(root, {"sinks"}, name, std::move(sink), observe::sinkId(name), position);
    }
    if (family == "spout") {
        const std::string topology = topologyOf(root);
        const std::string name = freeName(componentNames(root, topology), "spout");
        Value spout = Value::object({{"kind", text(kind)}, {"topic", text("")}, {"executors", Value::integer(1)}});
        return addMember(root, {"topologies", topology, "spouts"}, name, std::move(spout),
                         observe::spoutId(topology, name), position);
    }
    if (family == "bolt") {
        const std::string topology = topologyOf(root);
        const std::string name =
            freeName(componentNames(root, topology), kind == "sqlite" || kind == "file" ? "write" : kind);
        return addMember(root, {"topologies", topology, "bolts"}, name, boltTemplate(kind),
                         observe::boltId(topology, name), position);
    }
    return addToCluster(root, part);
}

std::optional<Edited> connectObjects(const Value& root, std::string_view from, std::string_view to) {
    const ObjectKind source = observe::kindOf(from);
    const ObjectKind target = observe::kindOf(to);
    const auto fromPath = pathOf(root, from);
    const auto toPath = pathOf(root, to);
    std::optional<Value> edited;
    if (source == ObjectKind::Source && target == ObjectKind::Topic) {
        auto path = fromPath;
        path.emplace_back("topic");
        edited = with(root, path, text(observe::nameOf(to)));
    } else if (source == ObjectKind::Topic && target == ObjectKind::Spout) {
        auto path = toPath;
        path.emplace_back("topic");
        edited = with(root, path, text(observe::nameOf(from)));
    } else if ((source == ObjectKind::Spout || source == ObjectKind::Bolt) && target == ObjectKind::Bolt) {
        const Value* bolt = at(root, toPath);
        if (bolt == nullptr || fromPath.size() < 4 || toPath.size() < 4 || fromPath[1] != toPath[1]) {
            return std::nullopt;  // a stream does not leave its topology
        }
        const std::string field = outputField(root, fromPath[1], fromPath[3]);
        edited = with(root, toPath, withInput(withFieldOfInput(*bolt, field), fromPath[3]));
    } else if ((source == ObjectKind::Spout || source == ObjectKind::Bolt) && target == ObjectKind::Sink) {
        return connectToSink(root, from, to);
    }
    return edited ? std::optional(Edited{*edited, {}, {}}) : std::nullopt;
}

std::optional<Edited> disconnectObjects(const Value& root, std::string_view from, std::string_view to) {
    const ObjectKind target = observe::kindOf(to);
    auto fromPath = pathOf(root, from);
    auto toPath = pathOf(root, to);
    std::optional<Value> edited;
    if (target == ObjectKind::Topic) {
        fromPath.emplace_back("topic");
        edited = scenario::without(root, Path(fromPath));
    } else if (target == ObjectKind::Spout) {
        toPath.emplace_back("topic");
        edited = with(root, toPath, text(""));
    } else if (target == ObjectKind::Bolt && fromPath.size() == 4) {
        if (const Value* bolt = at(root, toPath)) {
            edited = with(root, toPath, withoutInput(*bolt, fromPath[3]));
        }
    } else if (target == ObjectKind::Sink) {
        fromPath.emplace_back("sink");
        edited = scenario::without(root, Path(fromPath));
    }
    return edited ? std::optional(Edited{*edited, {}, {}}) : std::nullopt;
}

std::optional<Edited> removeObjects(const Value& root, const std::vector<observe::ObjectId>& ids) {
    Value result = root;
    for (const observe::ObjectId& id : ids) {
        const auto path = pathOf(result, id);
        const ObjectKind kind = observe::kindOf(id);
        if (path.empty() || kind == ObjectKind::Worker || kind == ObjectKind::Partition) {
            continue;
        }
        if (kind == ObjectKind::Spout || kind == ObjectKind::Bolt) {
            for (const std::string& name : keysAt(result, {"topologies", path[1], "bolts"})) {
                const Value* bolt = at(result, {"topologies", path[1], "bolts", name});
                result =
                    with(result, {"topologies", path[1], "bolts", name}, withoutInput(*bolt, path[3])).value_or(result);
            }
        }
        result = followReferences(result, id, {});
        result = scenario::without(result, Path(path)).value_or(result);
        result = scenario::without(result, Path({"canvas", "positions", id})).value_or(result);
        const bool isComponent = kind == ObjectKind::Spout || kind == ObjectKind::Bolt;
        if (isComponent && componentNames(result, path[1]).empty()) {
            result = scenario::without(result, Path({"topologies", path[1]})).value_or(result);
        }
    }
    if (result == root) {
        return std::nullopt;
    }
    return Edited{result, {}, {}};
}

std::optional<Edited> renameObject(const Value& root, std::string_view id, std::string_view name) {
    const auto path = pathOf(root, id);
    const ObjectKind kind = observe::kindOf(id);
    if (path.empty() || name.empty() || kind == ObjectKind::Nimbus || kind == ObjectKind::Worker ||
        kind == ObjectKind::Partition) {
        return std::nullopt;
    }
    const bool isComponent = kind == ObjectKind::Spout || kind == ObjectKind::Bolt;
    if (isComponent) {
        const auto taken = componentNames(root, path[1]);
        if (std::find(taken.begin(), taken.end(), name) != taken.end()) {
            return std::nullopt;  // spouts and bolts of a topology share their names
        }
    }
    auto edited = scenario::renamed(root, Path(path), name);
    if (!edited) {
        return std::nullopt;
    }
    Value result = isComponent ? renamedInputs(*edited, path[1], path[3], std::string(name))
                               : followReferences(*edited, id, std::string(name));
    auto newPath = path;
    newPath.back() = std::string(name);
    const observe::ObjectId newId = objectAt(newPath);
    if (const auto position = positionOf(root, id)) {
        result = scenario::without(result, Path({"canvas", "positions", std::string(id)})).value_or(result);
        result = withPosition(result, newId, *position);
    }
    return Edited{result, newId, {}};
}

Value moveObjects(const Value& root, const std::map<observe::ObjectId, Position>& positions) {
    Value result = root;
    for (const auto& [id, position] : positions) {
        result = withPosition(result, id, position);
    }
    return result;
}

std::optional<Position> positionOf(const Value& root, std::string_view id) {
    const Value* value = at(root, {"canvas", "positions", std::string(id)});
    if (value == nullptr || value->items().size() != 2) {
        return std::nullopt;
    }
    return Position{value->items()[0].asNumber(), value->items()[1].asNumber()};
}

Value emptyScenario() {
    const auto onHost = [](const char* host) { return Value::object({{"host", text(host)}}); };
    const auto host = [](const char* rack) {
        return Value::object({{"cores", Value::integer(4)}, {"rack", text(rack)}});
    };
    return Value::object({
        {"millrace", Value::integer(1)},
        {"title", text("Untitled")},
        {"run", Value::object({{"seed", Value::integer(1)}})},
        {"hosts", Value::object(
                      {{"h1", host("A")}, {"h2", host("B")}, {"h3", host("C")}, {"h4", host("A")}, {"h5", host("B")}})},
        {"cluster",
         Value::object({
             {"coordination", text("zookeeper")},
             {"servers", Value::object({{"zk1", onHost("h1")}, {"zk2", onHost("h2")}, {"zk3", onHost("h3")}})},
             {"brokers", Value::object({{"1", onHost("h1")}, {"2", onHost("h2")}, {"3", onHost("h3")}})},
         })},
        {"storm", Value::object({
                      {"nimbus", onHost("h4")},
                      {"supervisors", Value::object({{"s1", onHost("h4")}, {"s2", onHost("h5")}})},
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
