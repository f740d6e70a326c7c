#include "app/studio/graph_edits.h"

#include <algorithm>
#include <functional>

#include "app/studio/graph_references.h"
#include "app/studio/graph_values.h"
#include "app/studio/object_path.h"
#include "engine/base/utf8.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/document/reader.h"
#include "engine/scenario/operators.h"
#include "engine/scenario/planned_views.h"
#include "engine/scenario/shape/shape.h"

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
    const scenario::Shape* shape = scenario::shapeAt(placeIn(row.node, "main", name));
    if (shape != nullptr && shape->find("executors") != nullptr) {
        members.push_back({"executors", Value::integer(row.executors)});
    }
    for (const flow::Parameter& each : row.parameters) {
        if (auto value = startOf(each, name)) {
            members.push_back({std::string(each.key), std::move(*value)});
        }
    }
    if (shape != nullptr && shape->find("inputs") != nullptr) {
        members.push_back({"inputs", Value::list({})});
    }
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

/// Each part of the job that takes tuples of this one, changed.
Value withInputsOf(const Value& root, std::string_view id,
                   const std::function<Value(const Value& part, const std::string& name)>& change) {
    const std::string job = jobIn(id);
    const std::string name = plainNameOf(id);
    Value result = root;
    for (const ObjectKind kind : kindsOfJob(observe::kindOf(id))) {
        for (const std::string& each : keysAt(root, observe::collectionOf(kind, job))) {
            const auto place = placeIn(kind, job, each);
            const Value* part = at(result, place);
            if (part != nullptr && part->find("inputs") != nullptr) {
                result = with(result, place, change(*part, name)).value_or(result);
            }
        }
    }
    return result;
}

Value withRenamedInput(const Value& part, const std::string& from, const std::string& to) {
    std::vector<Value> changed;
    for (const Value& input : part.find("inputs")->items()) {
        changed.push_back(textAt(input, "from") == from ? with(input, {"from"}, textValue(to)).value_or(input) : input);
    }
    return with(part, {"inputs"}, Value::list(std::move(changed))).value_or(part);
}

}  // namespace

std::optional<Edited> addPart(const Value& root, std::string_view part, Position position, std::string_view wanted) {
    const std::size_t slash = part.find('/');
    const bool isTopology = part == "topology";  // another one begins with a spout
    const ObjectKind kind = isTopology ? ObjectKind::Spout : observe::kindOf(part.substr(0, slash));
    const std::string_view own = slash == std::string_view::npos ? std::string_view() : part.substr(slash + 1);
    const observe::KindRow& about = observe::rowOf(kind);
    const flow::Operator* row = isTopology ? scenario::operatorsOf(kind).front() : scenario::findOperator(kind, own);
    if (row == nullptr && !about.isCard) {
        return addProcess(root, part, {});
    }
    if (row == nullptr && about.part.title.empty()) {
        return std::nullopt;
    }
    const std::string_view stem = row == nullptr ? about.part.stem : row->stem.empty() ? row->kind : row->stem;
    const std::string job = isTopology ? freeName(keysAt(root, {"topologies"}), "topology")
                            : hasJob(root, kind, std::string(wanted)) ? std::string(wanted)
                                                                      : jobOf(root, kind);
    const std::string name = freeName(namesBeside(root, kind, job), stem);
    Value value = row == nullptr ? scenario::startOf(kind, root) : templateOf(*row, name);
    return addMember(root, observe::collectionOf(kind, job), name, std::move(value), observe::idOf(kind, job, name),
                     position);
}

std::optional<Edited> addProcess(const Value& root, std::string_view part, std::string_view hostWanted) {
    const ObjectKind kind = observe::kindOf(part);
    const observe::DrawnPart& drawn = observe::rowOf(kind).part;
    if (drawn.title.empty() || !drawn.isNumbered) {
        return std::nullopt;
    }
    std::string host(hostWanted);
    Value base = root;
    if (host.empty()) {
        // A machine of its own: what shares one dies with it, and that is for the user to decide.
        host = nextNumbered(keysAt(root, {"hosts"}), observe::rowOf(ObjectKind::Host).part.stem);
        const auto withHost = with(root, {"hosts", host}, Value::object({{"cores", Value::integer(4)}}));
        if (!withHost) {
            return std::nullopt;
        }
        base = *withHost;
    }
    if (kind == ObjectKind::Host) {
        return Edited{base, observe::hostId(host), {}};
    }
    const auto collection = observe::collectionOf(kind, {});
    const std::string name = nextNumbered(keysAt(root, collection), drawn.stem);
    std::vector<Member> members{{"host", textValue(host)}};
    const Value start = scenario::startOf(kind, root);
    for (const Member& member : start.members()) {
        members.push_back(member);
    }
    const auto edited = with(base, placeIn(kind, {}, name), Value::object(std::move(members)));
    return edited ? std::optional(Edited{*edited, observe::idOf(kind, {}, name), {}}) : std::nullopt;
}

std::optional<Edited> removeObjects(const Value& root, const std::vector<observe::ObjectId>& ids) {
    Value result = root;
    for (const observe::ObjectId& id : ids) {
        const auto path = pathOf(result, id);
        const observe::KindRow& row = observe::rowOf(observe::kindOf(id));
        if (path.empty() || row.partSign != 0) {
            continue;
        }
        if (row.isOfJob()) {
            result = withInputsOf(result, id,
                                  [](const Value& each, const std::string& name) { return withoutInput(each, name); });
        } else if (row.isCard) {
            result = withReferences(result, id, {});  // a wire goes with its end
        }
        result = scenario::without(result, Path(path)).value_or(result);
        result = scenario::without(result, Path({"canvas", "positions", id})).value_or(result);
        if (row.isOfJob() && namesBeside(result, row.kind, jobIn(id)).empty()) {
            result = scenario::without(result, Path({path[0], path[1]})).value_or(result);
        }
    }
    if (result == root) {
        return std::nullopt;
    }
    return Edited{result, {}, {}};
}

std::optional<Edited> renameObject(const Value& root, std::string_view id, std::string_view name) {
    const auto path = pathOf(root, id);
    const observe::KindRow& row = observe::rowOf(observe::kindOf(id));
    if (path.empty() || name.empty() || !row.hasName()) {
        return std::nullopt;
    }
    if (row.isOfJob()) {
        const auto taken = namesBeside(root, row.kind, jobIn(id));
        if (std::find(taken.begin(), taken.end(), name) != taken.end()) {
            return std::nullopt;  // all parts of a job share their names
        }
    }
    auto edited = scenario::renamed(root, Path(path), name);
    if (!edited) {
        return std::nullopt;
    }
    const std::string to(name);
    Value result = row.isOfJob() ? withInputsOf(*edited, id,
                                                [&to](const Value& part, const std::string& from) {
                                                    return withRenamedInput(part, from, to);
                                                })
                                 : withReferences(*edited, id, to);
    auto newPath = path;
    newPath.back() = to;
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
