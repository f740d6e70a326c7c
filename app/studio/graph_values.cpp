#include "app/studio/graph_values.h"

#include <algorithm>
#include <cmath>

#include "engine/scenario/document/edit.h"

namespace millrace::studio::values {

using scenario::Member;
using scenario::Path;
using scenario::Value;

Value textValue(std::string_view value) {
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

Value withoutInput(const Value& bolt, const std::string& from, std::string_view stream) {
    std::vector<Value> inputs;
    if (const Value* present = bolt.find("inputs")) {
        for (const Value& input : present->items()) {
            const std::string leaves = textAt(input, "stream");
            const bool isStream = stream.empty() || (leaves.empty() ? "default" : leaves) == stream;
            if (textAt(input, "from") != from || !isStream) {
                inputs.push_back(input);
            }
        }
    }
    return with(bolt, {"inputs"}, Value::list(std::move(inputs))).value_or(bolt);
}

}  // namespace millrace::studio::values
