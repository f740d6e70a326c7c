#include "app/studio/graph_copies.h"

#include <algorithm>
#include <map>

#include "app/studio/graph_values.h"
#include "app/studio/object_path.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/document/reader.h"
#include "engine/scenario/document/writer.h"

namespace millrace::studio {

using namespace values;
using observe::ObjectId;
using observe::ObjectKind;
using scenario::Member;
using scenario::Value;

namespace {

constexpr const char* mark = "millrace-cards";

bool isCard(ObjectKind kind) {
    return kind == ObjectKind::Source || kind == ObjectKind::Topic || kind == ObjectKind::Spout ||
           kind == ObjectKind::Bolt || kind == ObjectKind::Sink;
}

/// The collection a card of the kind lies in, and the names that are taken there.
std::vector<std::string> collectionOf(const std::string& topology, ObjectKind kind) {
    switch (kind) {
        case ObjectKind::Source:
            return {"sources"};
        case ObjectKind::Topic:
            return {"topics"};
        case ObjectKind::Sink:
            return {"sinks"};
        default:
            return {"topologies", topology, kind == ObjectKind::Spout ? "spouts" : "bolts"};
    }
}

ObjectId idOf(const std::string& topology, ObjectKind kind, const std::string& name) {
    switch (kind) {
        case ObjectKind::Source:
            return observe::sourceId(name);
        case ObjectKind::Topic:
            return observe::topicId(name);
        case ObjectKind::Sink:
            return observe::sinkId(name);
        case ObjectKind::Spout:
            return observe::spoutId(topology, name);
        default:
            return observe::boltId(topology, name);
    }
}

std::string plainName(const ObjectId& id) {
    const std::string name(observe::nameOf(id));
    return name.substr(name.rfind('/') + 1);
}

/// The topology from which they were copied, if it is here.
std::string topologyOfCards(const Value& root, const Value& cards) {
    for (const Member& card : cards.members()) {
        const std::string name(observe::nameOf(card.key));
        const std::size_t slash = name.find('/');
        if (slash != std::string::npos && at(root, {"topologies", name.substr(0, slash)}) != nullptr) {
            return name.substr(0, slash);
        }
    }
    return topologyOf(root);
}

/// Names by what they were: of components, of topics, of sinks.
using Names = std::map<std::string, std::string>;

std::string renamed(const Names& names, const std::string& name) {
    const auto found = names.find(name);
    return found == names.end() ? name : found->second;
}

Value withField(const Value& object, const char* key, const Names& names) {
    const Value* value = object.find(key);
    return value == nullptr ? object : with(object, {key}, textValue(renamed(names, value->asText()))).value_or(object);
}

/// Wires that lead to copies follow them; wires from cards that are not here are left out.
Value withInputs(const Value& bolt, const Names& components, const std::vector<std::string>& present) {
    const Value* inputs = bolt.find("inputs");
    if (inputs == nullptr) {
        return bolt;
    }
    std::vector<Value> kept;
    for (const Value& input : inputs->items()) {
        const std::string from = renamed(components, textAt(input, "from"));
        if (std::find(present.begin(), present.end(), from) != present.end()) {
            kept.push_back(with(input, {"from"}, textValue(from)).value_or(input));
        }
    }
    return with(bolt, {"inputs"}, Value::list(std::move(kept))).value_or(bolt);
}

}  // namespace

std::string copyObjects(const Value& root, const std::vector<ObjectId>& ids) {
    std::vector<Member> cards;
    for (const ObjectId& id : ids) {
        const Value* value = isCard(observe::kindOf(id)) ? at(root, pathOf(root, id)) : nullptr;
        if (value == nullptr) {
            continue;
        }
        std::vector<Member> card;
        card.reserve(2);
        card.push_back({"card", *value});
        if (const auto position = positionOf(root, id)) {
            card.push_back({"position", positionValue(*position)});
        }
        cards.push_back({id, Value::object(std::move(card))});
    }
    return cards.empty() ? std::string()
                         : scenario::writeDocument(Value::object({{mark, Value::object(std::move(cards))}}));
}

std::optional<Pasted> pasteObjects(const Value& root, const std::string& fragment, Position offset) {
    const scenario::DocumentReading reading = scenario::readDocument(fragment);
    const Value* cards = reading.complaints.hasErrors() ? nullptr : reading.root.find(mark);
    if (cards == nullptr || !cards->isObject() || cards->members().empty()) {
        return std::nullopt;
    }
    Pasted pasted{root, {}};
    std::map<ObjectKind, Names> names;
    Names components;
    const std::string topology = topologyOfCards(root, *cards);
    std::vector<std::string> present = componentNames(root, topology);
    for (const Member& member : cards->members()) {
        const ObjectKind kind = observe::kindOf(member.key);
        if (!isCard(kind) || member.value.find("card") == nullptr) {
            return std::nullopt;
        }
        const bool isComponent = kind == ObjectKind::Spout || kind == ObjectKind::Bolt;
        std::vector<std::string> taken = isComponent ? present : keysAt(root, collectionOf(topology, kind));
        for (const auto& [before, after] : names[kind]) {
            taken.push_back(after);
        }
        const std::string name = freeName(taken, plainName(member.key));
        names[kind][plainName(member.key)] = name;
        if (isComponent) {
            components[plainName(member.key)] = name;
            present.push_back(name);
        }
    }
    for (const Member& member : cards->members()) {
        const ObjectKind kind = observe::kindOf(member.key);
        const std::string& name = names[kind][plainName(member.key)];
        Value card = *member.value.find("card");
        card = withField(card, "topic", names[ObjectKind::Topic]);
        card = withField(card, "sink", names[ObjectKind::Sink]);
        card = withInputs(card, components, present);
        auto path = collectionOf(topology, kind);
        path.push_back(name);
        const auto edited = with(pasted.root, std::move(path), std::move(card));
        if (!edited) {
            return std::nullopt;
        }
        const ObjectId id = idOf(topology, kind, name);
        pasted.root = *edited;
        if (const Value* place = member.value.find("position"); place != nullptr && place->items().size() == 2) {
            const auto number = [](const Value& value) {
                return value.isInteger() ? static_cast<double>(value.asInteger()) : 0.0;
            };
            pasted.root = withPosition(pasted.root, id,
                                       {number(place->items()[0]) + offset.x, number(place->items()[1]) + offset.y});
        }
        pasted.objects.push_back(id);
    }
    return pasted;
}

}  // namespace millrace::studio
