#include "app/studio/graph_edits.h"

#include <algorithm>
#include <functional>

#include "app/studio/graph_values.h"
#include "app/studio/object_path.h"
#include "engine/base/utf8.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/document/reader.h"
#include "engine/scenario/operators.h"

namespace millrace::studio {

using namespace values;
using observe::ObjectKind;
using scenario::Member;
using scenario::Path;
using scenario::Value;

namespace {

std::optional<Value> startOf(const flow::Parameter& parameter, const std::string& name) {
    using Type = flow::ParameterType;
    if (parameter.type == Type::Object) {
        std::vector<Member> members;
        for (const flow::Parameter& each : parameter.fields) {
            if (auto value = startOf(each, name)) {
                members.push_back({std::string(each.key), std::move(*value)});
            }
        }
        return members.empty() ? std::nullopt : std::optional(Value::object(std::move(members)));
    }
    if (!parameter.start) {
        return std::nullopt;
    }
    std::string written(*parameter.start);
    if (const std::size_t at = written.find('@'); at != std::string::npos) {
        written.replace(at, 1, name);
    }
    const bool isNumber = parameter.type == Type::Integer || parameter.type == Type::Number;
    Value value = isNumber ? scenario::readSetting(written) : textValue(written);
    return flow::isList(parameter.type) ? Value::list({value}) : value;
}

/// What is drawn begins as its kind's row says.
Value templateOf(const flow::Operator& row, const std::string& name) {
    std::vector<Member> members;
    members.reserve(row.parameters.size() + 3);
    members.push_back({"kind", textValue(row.kind)});
    if (row.node == flow::NodeKind::Spout || row.node == flow::NodeKind::Bolt) {
        members.push_back({"executors", Value::integer(row.executors)});
    }
    for (const flow::Parameter& each : row.parameters) {
        if (auto value = startOf(each, name)) {
            members.push_back({std::string(each.key), std::move(*value)});
        }
    }
    if (row.node == flow::NodeKind::Bolt) {
        members.push_back({"inputs", Value::list({})});
    }
    return Value::object(std::move(members));
}

/// The row of a part of the palette such as "bolt/count"; null for parts that have none.
const flow::Operator* rowOfPart(std::string_view family, std::string_view kind) {
    for (const flow::NodeKind node :
         {flow::NodeKind::Source, flow::NodeKind::Spout, flow::NodeKind::Bolt, flow::NodeKind::Sink}) {
        if (family == flow::toText(node)) {
            return scenario::findOperator(node, kind);
        }
    }
    return nullptr;
}

bool hasTopology(const Value& root, const std::string& name) {
    return !name.empty() && at(root, {"topologies", name}) != nullptr;
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
            changed.push_back(textAt(input, "from") == from ? with(input, {"from"}, textValue(to)).value_or(input)
                                                            : input);
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
                                : with(result, path, textValue(to)).value_or(result);
        }
    }
    return result;
}

/// The same in lists of texts, such as the topics of a group.
Value renamedInLists(const Value& root, const std::vector<std::string>& collection, const std::string& key,
                     const std::string& from, const std::string& to) {
    Value result = root;
    for (const std::string& name : keysAt(root, collection)) {
        auto path = collection;
        path.insert(path.end(), {name, key});
        const Value* list = at(result, path);
        if (list == nullptr || !list->isList()) {
            continue;
        }
        std::vector<Value> items;
        bool isChanged = false;
        for (const Value& item : list->items()) {
            const bool isIt = item.isText() && item.asText() == from;
            isChanged = isChanged || isIt;
            if (!isIt || !to.empty()) {
                items.push_back(isIt ? textValue(to) : item);
            }
        }
        if (isChanged) {
            result = with(result, path, Value::list(std::move(items))).value_or(result);
        }
    }
    return result;
}

/// Planned faults that hit it: "leader:access-0", "sink:audit". One whose target goes away goes too.
Value renamedTargets(const Value& root, const std::function<std::optional<std::string>(const std::string&)>& renamed) {
    const Value* faults = root.find("faults");
    if (faults == nullptr || !faults->isList()) {
        return root;
    }
    std::vector<Value> items;
    bool isChanged = false;
    for (const Value& fault : faults->items()) {
        const auto target = renamed(textAt(fault, "target"));
        if (!target) {
            items.push_back(fault);
            continue;
        }
        isChanged = true;
        if (!target->empty()) {
            items.push_back(with(fault, {"target"}, textValue(*target)).value_or(fault));
        }
    }
    return isChanged ? with(root, {"faults"}, Value::list(std::move(items))).value_or(root) : root;
}

/// A target's text when this object is renamed, empty when it goes; nothing for the targets of others.
std::optional<std::string> renamedTarget(const std::string& target, std::string_view id, const std::string& to) {
    const std::string name(observe::nameOf(id));
    if (observe::kindOf(id) == ObjectKind::Topic) {
        const std::string prefix = "leader:" + name + "-";
        const bool isIts =
            target.starts_with(prefix) && target.find_first_not_of("0123456789", prefix.size()) == std::string::npos;
        return !isIts       ? std::nullopt
               : to.empty() ? std::optional(std::string())
                            : std::optional("leader:" + to + "-" + target.substr(prefix.size()));
    }
    for (const std::string_view kind : {"sink:", "producer:"}) {
        const bool isOfKind = observe::kindOf(id) == (kind == "sink:" ? ObjectKind::Sink : ObjectKind::Source);
        if (isOfKind && target == std::string(kind) + name) {
            return to.empty() ? std::string() : std::string(kind) + to;
        }
    }
    return std::nullopt;
}

Value followReferences(const Value& root, std::string_view id, const std::string& to) {
    const std::string name(observe::nameOf(id));
    Value result = root;
    switch (observe::kindOf(id)) {
        case ObjectKind::Topic:
            result = renamedReferences(result, {"sources"}, "topic", name, to);
            result = renamedReferences(result, {"clients", "producers"}, "topic", name, to);
            result = renamedInLists(result, {"clients", "groups"}, "topics", name, to);
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
    return renamedTargets(result, [&](const std::string& target) { return renamedTarget(target, id, to); });
}

}  // namespace

std::optional<Edited> addPart(const Value& root, std::string_view part, Position position, std::string_view wanted) {
    const std::size_t slash = part.find('/');
    const std::string_view family = part.substr(0, slash);
    const std::string_view kind = slash == std::string_view::npos ? std::string_view() : part.substr(slash + 1);
    if (family == "topic") {
        const std::string name = freeName(keysAt(root, {"topics"}), "topic");
        const auto brokers = static_cast<std::int64_t>(keysAt(root, {"cluster", "brokers"}).size());
        Value topic = Value::object(
            {{"partitions", Value::integer(3)}, {"replicas", Value::integer(std::clamp<std::int64_t>(brokers, 1, 3))}});
        return addMember(root, {"topics"}, name, std::move(topic), observe::topicId(name), position);
    }
    const bool isTopology = family == "topology";
    const flow::Operator* row =
        isTopology ? scenario::operatorsOf(flow::NodeKind::Spout).front() : rowOfPart(family, kind);
    if (row == nullptr) {
        return addProcess(root, part, {});
    }
    const std::string stem(row->stem.empty() ? row->kind : row->stem);
    if (row->node == flow::NodeKind::Source || row->node == flow::NodeKind::Sink) {
        const bool isSource = row->node == flow::NodeKind::Source;
        const std::string collection = isSource ? "sources" : "sinks";
        const std::string name = freeName(keysAt(root, {collection}), stem);
        return addMember(root, {collection}, name, templateOf(*row, name),
                         isSource ? observe::sourceId(name) : observe::sinkId(name), position);
    }
    const bool isSpout = row->node == flow::NodeKind::Spout;
    const std::string topology = isTopology ? freeName(keysAt(root, {"topologies"}), "topology")
                                 : hasTopology(root, std::string(wanted)) ? std::string(wanted)
                                                                          : topologyOf(root);
    const std::string name = freeName(componentNames(root, topology), stem);
    return addMember(root, {"topologies", topology, isSpout ? "spouts" : "bolts"}, name, templateOf(*row, name),
                     isSpout ? observe::spoutId(topology, name) : observe::boltId(topology, name), position);
}

std::optional<Edited> addProcess(const Value& root, std::string_view part, std::string_view hostWanted) {
    std::string host(hostWanted);
    Value base = root;
    if (host.empty()) {
        // A machine of its own: what shares one dies with it, and that is for the user to decide.
        host = nextNumbered(keysAt(root, {"hosts"}), "h");
        const auto withHost = with(root, {"hosts", host}, Value::object({{"cores", Value::integer(4)}}));
        if (!withHost) {
            return std::nullopt;
        }
        base = *withHost;
    }
    if (part == "host") {
        return Edited{base, observe::hostId(host), {}};
    }
    const auto add = [&base](std::vector<std::string> path, Value value, observe::ObjectId id) {
        const auto edited = with(base, std::move(path), std::move(value));
        return edited ? std::optional(Edited{*edited, std::move(id), {}}) : std::nullopt;
    };
    const Value onHost = Value::object({{"host", textValue(host)}});
    if (part == "broker") {
        const std::string id = nextNumbered(keysAt(root, {"cluster", "brokers"}), "");
        return add({"cluster", "brokers", id}, onHost, "broker:" + id);
    }
    if (part == "server") {
        const std::string id = nextNumbered(keysAt(root, {"cluster", "servers"}), "zk");
        return add({"cluster", "servers", id}, onHost, observe::serverId(id));
    }
    if (part == "supervisor") {
        const std::string id = nextNumbered(keysAt(root, {"storm", "supervisors"}), "s");
        return add({"storm", "supervisors", id},
                   Value::object({{"host", textValue(host)}, {"slots", Value::integer(4)}}), observe::supervisorId(id));
    }
    return std::nullopt;
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

Value withMovedSources(const Value& root, const std::filesystem::path& from, const std::filesystem::path& to) {
    Value result = root;
    for (const std::string& name : keysAt(root, {"sources"})) {
        const Value* source = at(root, {"sources", name});
        const std::filesystem::path path = source == nullptr ? std::string() : textAt(*source, "path");
        if (path.empty() || path.is_absolute()) {
            continue;
        }
        const std::filesystem::path moved = (from / path).lexically_normal().lexically_relative(to);
        if (!isUtf8(moved.generic_string())) {
            continue;  // a scenario is UTF-8: it cannot name that file
        }
        result = with(result, {"sources", name, "path"}, textValue(moved.generic_string())).value_or(result);
    }
    return result;
}

}  // namespace millrace::studio
