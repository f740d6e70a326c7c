#include "app/studio/graph_edits.h"

#include <algorithm>
#include <cctype>

#include "app/studio/graph_values.h"
#include "app/studio/object_path.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/operators.h"

namespace millrace::studio {

using namespace values;
using observe::ObjectKind;
using scenario::Member;
using scenario::Path;
using scenario::Value;

namespace {

/// The field of a component's tuples that is worth looking at, as the operators name them.
std::string outputField(const Value& root, ObjectKind kind, const std::string& job, const std::string& component,
                        int depth = 0) {
    constexpr const char* ofRecord = "value";  // what spouts send
    constexpr int deepest = 8;
    const JobPart part = partOfJob(root, kind, job, component);
    if (part.object == nullptr || depth > deepest) {
        return ofRecord;
    }
    const Value* inputs = part.object->find("inputs");
    const std::string incoming = inputs == nullptr || inputs->items().empty()
                                     ? ofRecord
                                     : outputField(root, kind, job, textAt(inputs->items()[0], "from"), depth + 1);
    const flow::Operator* row = scenario::operatorOf(part.kind, *part.object);
    return row != nullptr ? row->mainFieldOf(scenario::valuesOf(*part.object, *row), incoming) : incoming;
}

bool takesField(const flow::Parameter& parameter) {
    return parameter.type == flow::ParameterType::Field || parameter.type == flow::ParameterType::FieldList;
}

Value fieldValue(const flow::Parameter& parameter, const std::string& field) {
    return flow::isList(parameter.type) ? Value::list({textValue(field)}) : textValue(field);
}

/// The first wire into a bolt tells it which field to look at.
Value withFieldOfInput(ObjectKind kind, const Value& bolt, const std::string& field) {
    const Value* inputs = bolt.find("inputs");
    const flow::Operator* row = scenario::operatorOf(kind, bolt);
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

Value withInput(ObjectKind kind, const Value& bolt, const std::string& from) {
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
    const flow::Operator* row = scenario::operatorOf(kind, bolt);
    if (row != nullptr && !row->meetsBy.empty()) {
        input.push_back({"grouping", textValue("fields")});
        input.push_back({"fields", Value::list({textValue(textAt(bolt, row->meetsBy))})});
    } else {
        input.push_back({"grouping", textValue("shuffle")});
    }
    inputs.push_back(Value::object(std::move(input)));
    return with(bolt, {"inputs"}, Value::list(std::move(inputs))).value_or(bolt);
}

/// The operator of a kind that fills sinks of this kind of their own.
const flow::Operator* writerTo(ObjectKind kind, ObjectKind sink, std::string_view sinkKind) {
    for (const flow::Operator* each : scenario::operatorsOf(kind)) {
        const flow::Parameter* reference = each->reference(sink);
        if (reference != nullptr && reference->ofKind == sinkKind) {
            return each;
        }
    }
    return nullptr;
}

/// A sink with tables gets one for what the component sends: counts of keys, or rows with the field that it is about.
Value withTable(const Value& root, const std::vector<std::string>& sink, std::string_view from,
                const std::string& component, std::string& table) {
    const ObjectKind kind = observe::kindOf(from);
    const JobPart part = partOfJob(root, kind, jobIn(from), component);
    const flow::Operator* row = part.object != nullptr ? scenario::operatorOf(part.kind, *part.object) : nullptr;
    const bool counts = row != nullptr && row->sendsCounts;
    table = component;
    std::replace_if(
        table.begin(), table.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
    auto place = sink;
    place.insert(place.end(), {"tables", table});
    if (at(root, place) != nullptr) {
        return root;
    }
    const std::string field = outputField(root, kind, jobIn(from), component);
    const Value description = Value::object(
        {{"kind", textValue(counts ? "counts" : "rows")}, {"columns", Value::list({textValue(field + " TEXT")})}});
    return with(root, place, description).value_or(root);
}

/// Only an operator that writes can write: where the sender is none, one is put in between.
std::optional<Edited> connectToSink(const Value& root, std::string_view from, std::string_view to,
                                    const observe::Way& way) {
    const ObjectKind sinkKind = observe::kindOf(to);
    const ObjectKind writerKind = way.through == ObjectKind::Unknown ? observe::kindOf(from) : way.through;
    const std::string sink = plainNameOf(to);
    const auto path = pathOf(root, from);
    const auto sinkPath = pathOf(root, to);
    const Value* component = at(root, path);
    const Value* target = at(root, sinkPath);
    const flow::Operator* writer =
        target != nullptr ? writerTo(writerKind, sinkKind, textAt(*target, "kind")) : nullptr;
    if (component == nullptr || writer == nullptr) {
        return std::nullopt;
    }
    const std::string job = jobIn(from);
    const flow::Parameter* tableName = writer->first(flow::ParameterType::Table);
    const std::string sinkKey(writer->reference(sinkKind)->key);
    const flow::Operator* present = scenario::operatorOf(observe::kindOf(from), *component);
    const bool isWriter =
        way.through == ObjectKind::Unknown && present != nullptr && present->reference(sinkKind) != nullptr;
    std::string sender = plainNameOf(from);
    if (isWriter) {
        const Value* inputs = component->find("inputs");
        sender = inputs == nullptr || inputs->items().empty() ? sender : textAt(inputs->items()[0], "from");
    }
    Value prepared = root;
    std::string table;
    if (tableName != nullptr) {
        prepared = withTable(root, sinkPath, from, sender, table);
    }
    if (isWriter) {
        Value changed = with(*component, {"kind"}, textValue(writer->kind)).value_or(*component);
        changed = with(changed, {sinkKey}, textValue(sink)).value_or(changed);
        if (tableName != nullptr && component->find(tableName->key) == nullptr) {
            changed = with(changed, {std::string(tableName->key)}, textValue(table)).value_or(changed);
        }
        const auto edited = with(prepared, path, std::move(changed));
        return edited ? std::optional(Edited{*edited, {}, {}}) : std::nullopt;
    }
    const std::string name = freeName(namesBeside(root, writerKind, job), "write-" + sink);
    std::vector<Member> members{
        {"kind", textValue(writer->kind)},
        {"executors", Value::integer(writer->executors)},
        {"inputs", Value::list({Value::object({{"from", textValue(sender)}, {"grouping", textValue("shuffle")}})})},
        {sinkKey, textValue(sink)}};
    for (const flow::Parameter& each : writer->parameters) {
        if (each.type == flow::ParameterType::Table) {
            members.push_back({std::string(each.key), textValue(table)});
        } else if (takesField(each)) {
            members.push_back(
                {std::string(each.key), fieldValue(each, outputField(root, observe::kindOf(from), job, sender))});
        }
    }
    auto edited = with(prepared, placeIn(writerKind, job, name), Value::object(std::move(members)));
    if (!edited) {
        return std::nullopt;
    }
    const observe::ObjectId id = observe::idOf(writerKind, job, name);
    const auto a = positionOf(root, from);
    const auto b = positionOf(root, to);
    if (a && b) {
        // It stands where the sink was, and the sink moves on by one place.
        edited = withPosition(*edited, id, *b);
        edited = withPosition(*edited, std::string(to), {b->x + placeWidth, b->y});
    }
    const std::string word(observe::rowOf(writerKind).word);
    return Edited{*edited, id,
                  "Added the " + word + " that writes to " + sink + ": only a writing " + word + " can fill a sink"};
}

/// The object that names the other end of a wire, and its field for that.
struct Naming {
    std::string_view object;
    std::string_view named;
    std::string field;  ///< empty: neither names the other
};

Naming namingOf(std::string_view from, std::string_view to) {
    std::string forth = referenceField(observe::kindOf(from), observe::kindOf(to));
    return !forth.empty() ? Naming{from, to, std::move(forth)}
                          : Naming{to, from, referenceField(observe::kindOf(to), observe::kindOf(from))};
}

/// A part without any wire goes over to another job.
std::optional<Edited> movedToJob(const Value& root, std::string_view id, const std::string& job) {
    const ObjectKind kind = observe::kindOf(id);
    const auto path = pathOf(root, id);
    const Value* part = at(root, path);
    const Value* inputs = part == nullptr ? nullptr : part->find("inputs");
    if (part == nullptr || (inputs != nullptr && !inputs->items().empty())) {
        return std::nullopt;
    }
    for (const ObjectKind each : kindsOfJob(kind)) {
        for (const std::string& name : keysAt(root, observe::collectionOf(each, jobIn(id)))) {
            const Value* reader = at(root, placeIn(each, jobIn(id), name));
            if (reader->find("inputs") != nullptr && !(withoutInput(*reader, plainNameOf(id)) == *reader)) {
                return std::nullopt;
            }
        }
    }
    const std::string name = freeName(namesBeside(root, kind, job), plainNameOf(id));
    const observe::ObjectId moved = observe::idOf(kind, job, name);
    auto edited = with(root, placeIn(kind, job, name), *part);
    edited = edited ? scenario::without(*edited, Path(path)) : std::nullopt;
    if (edited && namesBeside(*edited, kind, jobIn(id)).empty()) {
        edited = scenario::without(*edited, Path({path[0], path[1]}));
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
    const auto way = observe::wayBetween(source, target);
    if (!way) {
        return std::nullopt;
    }
    std::optional<Value> edited;
    if (way->how == observe::EdgeKind::Write) {
        return connectToSink(root, from, to, *way);
    }
    if (way->how == observe::EdgeKind::Stream) {
        const auto path = pathOf(root, to);
        const Value* part = at(root, path);
        if (part == nullptr || jobIn(from).empty()) {
            return std::nullopt;
        }
        if (jobIn(from) != jobIn(to)) {
            // A stream does not leave its topology.
            const auto moved = movedToJob(root, to, jobIn(from));
            auto joined = moved ? connectObjects(moved->root, from, moved->object) : std::nullopt;
            const auto before = pathOf(root, to);
            const bool isLast = moved && at(moved->root, {before[0], before[1]}) == nullptr;
            const std::string gone =
                isLast ? "; " + jobIn(to) + ", which held nothing else, is gone with its settings" : std::string();
            return joined ? std::optional(Edited{joined->root, moved->object,
                                                 "It belongs to the topology " + jobIn(from) + " now" + gone})
                          : std::nullopt;
        }
        const std::string sender = plainNameOf(from);
        const std::string field = outputField(root, source, jobIn(from), sender);
        edited = with(root, path, withInput(target, withFieldOfInput(target, *part, field), sender));
    } else if (const Naming naming = namingOf(from, to); !naming.field.empty()) {
        auto path = pathOf(root, naming.object);
        path.push_back(naming.field);
        edited = with(root, std::move(path), textValue(plainNameOf(naming.named)));
    }
    return edited ? std::optional(Edited{*edited, {}, {}}) : std::nullopt;
}

std::optional<Edited> disconnectObjects(const Value& root, std::string_view from, std::string_view to,
                                        std::string_view stream) {
    const auto way = observe::wayBetween(observe::kindOf(from), observe::kindOf(to));
    std::optional<Value> edited;
    if (way && way->how == observe::EdgeKind::Stream) {
        const auto path = pathOf(root, to);
        if (const Value* part = at(root, path); part != nullptr && jobIn(from) == jobIn(to)) {
            edited = with(root, path, withoutInput(*part, plainNameOf(from), stream));
        }
    } else if (const Naming naming = namingOf(from, to); way && !naming.field.empty()) {
        auto path = pathOf(root, naming.object);
        path.push_back(naming.field);
        // Who reads must read something: its field stays, empty.
        edited = way->how == observe::EdgeKind::Subscription ? with(root, std::move(path), textValue(""))
                                                             : scenario::without(root, Path(std::move(path)));
    }
    return edited ? std::optional(Edited{*edited, {}, {}}) : std::nullopt;
}

}  // namespace millrace::studio
