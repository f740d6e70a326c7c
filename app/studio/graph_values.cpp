#include "app/studio/graph_values.h"

#include <algorithm>
#include <cmath>

#include "engine/observe/place.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/shape/shape.h"

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

std::string jobOf(const Value& root, observe::ObjectKind kind) {
    const observe::KindRow& row = observe::rowOf(kind);
    if (!row.isOfJob()) {
        return {};
    }
    const auto names = keysAt(root, {std::string(row.place.substr(0, row.place.find('.')))});
    return names.empty() ? "main" : names.front();
}

std::vector<observe::ObjectKind> kindsOfJob(observe::ObjectKind kind) {
    std::vector<observe::ObjectKind> all;
    for (const observe::KindRow& row : observe::kinds()) {
        if (row.isOfJob() && observe::rankOf(row.kind) == observe::rankOf(kind)) {
            all.push_back(row.kind);
        }
    }
    return all;
}

std::vector<std::string> namesBeside(const Value& root, observe::ObjectKind kind, const std::string& job) {
    if (!observe::rowOf(kind).isOfJob()) {
        return keysAt(root, observe::collectionOf(kind, {}));
    }
    std::vector<std::string> names;
    for (const observe::ObjectKind each : kindsOfJob(kind)) {
        const auto more = keysAt(root, observe::collectionOf(each, job));
        names.insert(names.end(), more.begin(), more.end());
    }
    return names;
}

JobPart partOfJob(const Value& root, observe::ObjectKind kind, const std::string& job, const std::string& name) {
    for (const observe::ObjectKind each : kindsOfJob(kind)) {
        if (const Value* object = at(root, placeIn(each, job, name))) {
            return {each, object};
        }
    }
    return {};
}

bool hasJob(const Value& root, observe::ObjectKind kind, const std::string& job) {
    const observe::KindRow& row = observe::rowOf(kind);
    return row.isOfJob() && !job.empty() &&
           at(root, {std::string(row.place.substr(0, row.place.find('.'))), job}) != nullptr;
}

std::string jobIn(std::string_view id) {
    const std::string_view name = observe::nameOf(id);
    const bool isOfJob = observe::rowOf(observe::kindOf(id)).isOfJob();
    return isOfJob ? std::string(name.substr(0, name.find('/'))) : std::string();
}

std::string plainNameOf(std::string_view id) {
    const std::string_view name = observe::nameOf(id);
    const bool isOfJob = observe::rowOf(observe::kindOf(id)).isOfJob();
    return std::string(isOfJob ? name.substr(name.find('/') + 1) : name);
}

std::vector<std::string> placeIn(observe::ObjectKind kind, const std::string& job, const std::string& name) {
    std::vector<std::string> steps = observe::collectionOf(kind, job);
    steps.push_back(name);
    return steps;
}

std::string referenceField(observe::ObjectKind of, observe::ObjectKind to) {
    const scenario::Shape* shape = scenario::shapeAt(placeIn(of, "main", "name"));
    if (shape == nullptr) {
        return {};
    }
    for (const scenario::Field& field : shape->fields) {
        const bool isReference = field.type == scenario::FieldType::Reference && field.collection != nullptr;
        if (isReference && std::string(field.collection->path) + ".*" == observe::rowOf(to).place) {
            return std::string(field.key);
        }
    }
    return {};
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
