#include "engine/scenario/document/edit.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <span>

namespace millrace::scenario {

namespace {

using Steps = std::span<const std::string>;
using Change = std::function<std::optional<Value>(const Value& parent, const std::string& step)>;

const Value* childOf(const Value& parent, const std::string& step) {
    if (parent.isObject()) {
        return parent.find(step);
    }
    const std::optional<std::size_t> index = parent.isList() ? indexOf(step) : std::nullopt;
    return index && *index < parent.items().size() ? &parent.items()[*index] : nullptr;
}

std::optional<Value> withChild(const Value& parent, const std::string& step, Value child) {
    if (parent.isList()) {
        const std::optional<std::size_t> index = indexOf(step);
        std::vector<Value> items(parent.items().begin(), parent.items().end());
        if (!index || *index > items.size()) {
            return std::nullopt;
        }
        if (*index == items.size()) {
            items.push_back(std::move(child));
        } else {
            items[*index] = std::move(child);
        }
        return Value::list(std::move(items)).standingAt(parent.place());
    }
    if (!parent.isObject() && !parent.isNull()) {
        return std::nullopt;
    }
    std::vector<Member> members(parent.members().begin(), parent.members().end());
    const auto same =
        std::find_if(members.begin(), members.end(), [&](const Member& each) { return each.key == step; });
    if (same == members.end()) {
        members.push_back({step, std::move(child), {}});
    } else {
        same->value = std::move(child);
    }
    return Value::object(std::move(members)).standingAt(parent.place());
}

std::optional<Value> withoutChild(const Value& parent, const std::string& step) {
    if (childOf(parent, step) == nullptr) {
        return std::nullopt;
    }
    if (parent.isList()) {
        std::vector<Value> items(parent.items().begin(), parent.items().end());
        items.erase(items.begin() + static_cast<std::ptrdiff_t>(*indexOf(step)));
        return Value::list(std::move(items)).standingAt(parent.place());
    }
    std::vector<Member> members(parent.members().begin(), parent.members().end());
    std::erase_if(members, [&](const Member& each) { return each.key == step; });
    return Value::object(std::move(members)).standingAt(parent.place());
}

/// Applies a change to the last parent on the way and rebuilds the parents above it.
std::optional<Value> changedAt(const Value& root, Steps steps, const Change& change) {
    if (steps.empty()) {
        return std::nullopt;
    }
    if (steps.size() == 1) {
        return change(root, steps.front());
    }
    const Value* child = childOf(root, steps.front());
    std::optional<Value> changed =
        changedAt(child != nullptr ? *child : Value::emptyObject(), steps.subspan(1), change);
    if (!changed) {
        return std::nullopt;
    }
    return withChild(root, steps.front(), std::move(*changed));
}

/// The longest key of an object with which a path goes on, up to its end or a dot.
std::string_view longestKeyIn(const Value& object, std::string_view rest) {
    std::string_view longest;
    for (const Member& each : object.members()) {
        const bool fits = rest.starts_with(each.key) && (rest.size() == each.key.size() ||
                                                         rest[each.key.size()] == '.' || rest[each.key.size()] == '[');
        if (fits && each.key.size() > longest.size()) {
            longest = each.key;
        }
    }
    return longest;
}

/// "[3]" at the start of a text; empty when there is none.
std::string_view indexIn(std::string_view text) {
    const std::size_t close = text.starts_with('[') ? text.find(']') : std::string_view::npos;
    const std::string_view step = close == std::string_view::npos ? std::string_view() : text.substr(0, close + 1);
    return indexOf(step) ? step : std::string_view();
}

}  // namespace

std::optional<std::size_t> indexOf(std::string_view step) {
    if (step.size() > 2 && step.front() == '[' && step.back() == ']') {
        step = step.substr(1, step.size() - 2);
    }
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
    if (step.empty() || error != std::errc() || end != step.data() + step.size()) {
        return std::nullopt;
    }
    return index;
}

Path Path::parse(std::string_view text, const Value& root) {
    std::vector<std::string> steps;
    const Value* here = &root;
    while (!text.empty()) {
        const bool isSetting = !steps.empty() && steps.back() == "config";
        std::string_view step = isSetting ? text : std::string_view();
        if (step.empty() && here != nullptr) {
            step = longestKeyIn(*here, text);
        }
        if (step.empty()) {
            step = indexIn(text);
        }
        if (step.empty()) {
            step = text.substr(0, text.find_first_of(".[", 1));
        }
        const bool isElement = here != nullptr && here->isList() && !step.starts_with('[') && indexOf(step);
        steps.emplace_back(isElement ? "[" + std::string(step) + "]" : std::string(step));
        here = here != nullptr ? childOf(*here, steps.back()) : nullptr;
        text.remove_prefix(step.size());
        text.remove_prefix(text.starts_with('.') ? 1 : 0);
    }
    return Path(std::move(steps));
}

Path Path::child(std::string step) const {
    std::vector<std::string> steps = m_steps;
    steps.push_back(std::move(step));
    return Path(std::move(steps));
}

Path Path::parent() const {
    std::vector<std::string> steps = m_steps;
    if (!steps.empty()) {
        steps.pop_back();
    }
    return Path(std::move(steps));
}

std::string toText(const Path& path) {
    std::string text;
    for (const std::string& step : path.steps()) {
        const bool isIndex = step.starts_with('[') && indexOf(step);
        text += (text.empty() || isIndex ? "" : ".") + step;
    }
    return text;
}

const Value* valueAt(const Value& root, const Path& path) {
    const Value* here = &root;
    for (const std::string& step : path.steps()) {
        here = childOf(*here, step);
        if (here == nullptr) {
            return nullptr;
        }
    }
    return here;
}

Place placeOf(const Value& root, std::string_view path) {
    const Path steps = Path::parse(path, root);
    const Value* here = &root;
    Place place;
    for (const std::string& step : steps.steps()) {
        here = childOf(*here, step);
        if (here == nullptr) {
            break;
        }
        place = here->place().isKnown() ? here->place() : place;
    }
    return place;
}

std::optional<Value> withValue(const Value& root, const Path& path, Value value) {
    if (path.isRoot()) {
        return value;
    }
    return changedAt(root, path.steps(),
                     [&](const Value& parent, const std::string& step) { return withChild(parent, step, value); });
}

std::optional<Value> without(const Value& root, const Path& path) {
    if (valueAt(root, path) == nullptr) {
        return std::nullopt;
    }
    return changedAt(root, path.steps(), withoutChild);
}

std::optional<Value> renamed(const Value& root, const Path& path, std::string_view newKey) {
    return changedAt(root, path.steps(), [&](const Value& parent, const std::string& step) -> std::optional<Value> {
        const bool isTaken = parent.find(newKey) != nullptr && newKey != step;
        if (newKey.empty() || isTaken || parent.find(step) == nullptr) {
            return std::nullopt;
        }
        std::vector<Member> members(parent.members().begin(), parent.members().end());
        const auto same =
            std::find_if(members.begin(), members.end(), [&](const Member& each) { return each.key == step; });
        same->key = newKey;
        return Value::object(std::move(members)).standingAt(parent.place());
    });
}

}  // namespace millrace::scenario
