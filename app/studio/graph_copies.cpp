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
    return observe::rowOf(kind).isCard;
}

/// The job from which they were copied, if it is here.
std::string jobOfCards(const Value& root, const Value& cards, ObjectKind kind) {
    for (const Member& card : cards.members()) {
        const ObjectKind other = observe::kindOf(card.key);
        const std::string job = observe::rankOf(other) == observe::rankOf(kind) ? jobIn(card.key) : std::string();
        if (!job.empty() && hasJob(root, kind, job)) {
            return job;
        }
    }
    return jobOf(root, kind);
}

/// Names by what they were: of components, of topics, of sinks.
using Names = std::map<std::string, std::string>;

std::string renamed(const Names& names, const std::string& name) {
    const auto found = names.find(name);
    return found == names.end() ? name : found->second;
}

Value withField(const Value& object, const std::string& key, const Names& names) {
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
    Names parts;
    std::map<ObjectKind, std::vector<std::string>> present;  // by what shares its names
    for (const Member& member : cards->members()) {
        const ObjectKind kind = observe::kindOf(member.key);
        if (!isCard(kind) || member.value.find("card") == nullptr) {
            return std::nullopt;
        }
        const bool isOfJob = observe::rowOf(kind).isOfJob();
        const ObjectKind sharing = isOfJob ? kindsOfJob(kind).front() : kind;
        auto taken = present.find(sharing);
        if (taken == present.end()) {
            taken = present.emplace(sharing, namesBeside(root, kind, jobOfCards(root, *cards, kind))).first;
        }
        const std::string name = freeName(taken->second, plainNameOf(member.key));
        taken->second.push_back(name);
        names[kind][plainNameOf(member.key)] = name;
        if (isOfJob) {
            parts[plainNameOf(member.key)] = name;
        }
    }
    for (const Member& member : cards->members()) {
        const ObjectKind kind = observe::kindOf(member.key);
        const std::string& name = names[kind][plainNameOf(member.key)];
        const std::string job = jobOfCards(root, *cards, kind);
        Value card = *member.value.find("card");
        for (const auto& [other, renamedTo] : names) {
            if (const std::string field = referenceField(kind, other); !field.empty()) {
                card = withField(card, field, renamedTo);
            }
        }
        if (observe::rowOf(kind).isOfJob()) {
            card = withInputs(card, parts, present[kindsOfJob(kind).front()]);
        }
        auto path = placeIn(kind, job, name);
        const auto edited = with(pasted.root, std::move(path), std::move(card));
        if (!edited) {
            return std::nullopt;
        }
        const ObjectId id = observe::idOf(kind, job, name);
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
