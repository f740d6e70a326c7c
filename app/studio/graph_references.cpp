#include "app/studio/graph_references.h"

#include <algorithm>
#include <optional>

#include "app/studio/graph_values.h"
#include "engine/base/link_ends.h"
#include "engine/observe/place.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/shape/shape.h"

namespace millrace::studio {

using namespace values;
using scenario::Field;
using scenario::FieldType;
using scenario::Path;
using scenario::Shape;
using scenario::Value;

namespace {

/// Gives one collection's name another one wherever the shape has a reference to it.
class Renaming {
public:
    Renaming(std::string collection, std::string from, std::string to)
        : m_collection(std::move(collection)), m_from(std::move(from)), m_to(std::move(to)) {}

    /// Nothing where nothing changes.
    [[nodiscard]] std::optional<Value> of(const Value& object, const Shape& shape) const {
        std::optional<Value> changed;
        for (const Field& field : shape.fields) {
            const Value& now = changed ? *changed : object;
            const Value* value = now.find(field.key);
            if (value == nullptr) {
                continue;
            }
            if (field.type == FieldType::Reference && isIt(field, *value)) {
                changed = m_to.empty() ? scenario::without(now, Path({std::string(field.key)}))
                                       : with(now, {std::string(field.key)}, textValue(m_to));
            } else if (auto inside = inField(field, *value)) {
                changed = with(now, {std::string(field.key)}, std::move(*inside));
            }
        }
        return changed;
    }

private:
    [[nodiscard]] bool isIt(const Field& field, const Value& value) const {
        return field.collection != nullptr && field.collection->path == m_collection && value.isText() &&
               value.asText() == m_from;
    }

    [[nodiscard]] std::optional<Value> inField(const Field& field, const Value& value) const {
        switch (field.type) {
            case FieldType::TextList:
                return inList(field, value);
            case FieldType::Object:
                return value.isObject() ? of(value, *field.shape) : std::nullopt;
            case FieldType::Map:
                return inMembers(*field.shape, value);
            default:
                return std::nullopt;
        }
    }

    [[nodiscard]] std::optional<Value> inMembers(const Shape& shape, const Value& map) const {
        std::optional<Value> changed;
        for (const scenario::Member& member : map.members()) {
            auto inside = member.value.isObject() ? of(member.value, shape) : std::nullopt;
            if (inside) {
                changed = with(changed ? *changed : map, {member.key}, std::move(*inside));
            }
        }
        return changed;
    }

    [[nodiscard]] std::optional<Value> inList(const Field& field, const Value& list) const {
        std::vector<Value> items;
        bool isChanged = false;
        for (const Value& item : list.isList() ? list.items() : std::span<const Value>()) {
            const bool isNamed = isIt(field, item);
            isChanged = isChanged || isNamed;
            if (!isNamed || !m_to.empty()) {
                items.push_back(isNamed ? textValue(m_to) : item);
            }
        }
        return isChanged ? std::optional(Value::list(std::move(items))) : std::nullopt;
    }

    std::string m_collection;
    std::string m_from;
    std::string m_to;
};

/// Planned faults that hit it: "leader:access-0", "sink:audit". One whose target goes away goes too.
std::optional<std::string> renamedTarget(const std::string& target, std::string_view id, const std::string& to) {
    const observe::KindRow& row = observe::rowOf(observe::kindOf(id));
    const std::string_view name = observe::nameOf(id);
    const std::size_t colon = target.find(':');
    const std::string_view noun = std::string_view(target).substr(0, colon);
    std::string_view hit = observe::nameOf(target);
    std::string_view part;
    const auto all = observe::kinds();
    const bool isOne = noun == row.target || std::any_of(all.begin(), all.end(), [&](const observe::KindRow& each) {
                           return each.prefix == noun && (each.place == row.place || each.broughtBy == row.place);
                       });
    // A part of it is named by its name and a number.
    const auto ofParts = std::find_if(all.begin(), all.end(), [&](const observe::KindRow& each) {
        return each.partSign != 0 && each.place == row.place && each.isNumbered();
    });
    if (ofParts != all.end()) {
        const std::size_t sign = hit.rfind(ofParts->partSign);
        const bool isPart =
            sign != std::string_view::npos && hit.find_first_not_of("0123456789", sign + 1) == std::string_view::npos;
        part = isPart ? hit.substr(sign) : std::string_view();
        hit = isPart ? hit.substr(0, sign) : hit;
    }
    if (colon == std::string::npos || !isOne || hit != name) {
        return std::nullopt;
    }
    return to.empty() ? std::string() : std::string(noun) + ":" + to + std::string(part);
}

std::string_view collectionOf(std::string_view id) {
    const std::string_view place = observe::rowOf(observe::kindOf(id)).place;
    return place.substr(0, place.rfind('.'));
}

bool isOfHosts(std::string_view id) {
    return collectionOf(id) == "hosts";
}

/// A link is named by its two hosts, "web-b1". What it is called when one of them is, empty when that host goes;
/// nothing for a link between others.
std::optional<std::string> renamedLink(const Value& root, const std::string& link, std::string_view host,
                                       const std::string& to) {
    const Value* hosts = root.find("hosts");
    const auto isHost = [&](std::string_view name) {
        return name == host || (hosts != nullptr && hosts->find(name) != nullptr);
    };
    const auto ends = linkEndsIn(link, isHost);
    if (ends.size() != 1 || (ends[0].one != host && ends[0].other != host)) {
        return std::nullopt;
    }
    return to.empty() ? std::string()
                      : (ends[0].one == host ? to : ends[0].one) + "-" + (ends[0].other == host ? to : ends[0].other);
}

Value withLinks(const Value& root, std::string_view host, const std::string& to) {
    const Value* links = root.find("links");
    if (links == nullptr || !links->isObject()) {
        return root;
    }
    std::vector<scenario::Member> members;
    bool isChanged = false;
    for (const scenario::Member& link : links->members()) {
        const auto name = link.value.find("between") != nullptr ? std::nullopt : renamedLink(root, link.key, host, to);
        isChanged = isChanged || name;
        if (!name || !name->empty()) {
            members.push_back({name.value_or(link.key), link.value});
        }
    }
    return isChanged ? with(root, {"links"}, Value::object(std::move(members))).value_or(root) : root;
}

Value withTargets(const Value& root, std::string_view id, const std::string& name) {
    constexpr std::string_view ofLink = "link:";
    const bool isHost = isOfHosts(id);
    const Value* faults = root.find("faults");
    if (faults == nullptr || !faults->isList()) {
        return root;
    }
    std::vector<Value> items;
    bool isChanged = false;
    for (const Value& fault : faults->items()) {
        const std::string hit = textAt(fault, "target");
        auto target = renamedTarget(hit, id, name);
        if (isHost && hit.starts_with(ofLink)) {
            target = renamedLink(root, hit.substr(ofLink.size()), observe::nameOf(id), name);
            target = target && !target->empty() ? std::optional(std::string(ofLink) + *target) : target;
        }
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

}  // namespace

Value withReferences(const Value& root, std::string_view id, const std::string& name) {
    const observe::KindRow& row = observe::rowOf(observe::kindOf(id));
    if (row.isOfJob() || !row.hasName()) {
        return root;
    }
    const Renaming renaming(std::string(collectionOf(id)), std::string(observe::nameOf(id)), name);
    const Value targeted = withTargets(renaming.of(root, scenario::scenarioShape()).value_or(root), id, name);
    return isOfHosts(id) ? withLinks(targeted, observe::nameOf(id), name) : targeted;
}

}  // namespace millrace::studio
