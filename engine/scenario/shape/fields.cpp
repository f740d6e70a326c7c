#include "engine/scenario/shape/fields.h"

#include "engine/scenario/collection.h"
#include "engine/scenario/shape/operator_fields.h"

namespace millrace::scenario {

namespace {

// One line a field: these are tables.
// clang-format off
const Shape& restartShape() {
    static const Shape shape{"restart", {
        {.key = "policy", .type = FieldType::Choice, .help = "on-failure: a process that ends by itself is started again; no: it stays down. What a fault ends is the fault's.", .defaultText = "on-failure", .choices = {"on-failure", "no"}},
        {.key = "delay", .type = FieldType::Duration, .help = "Time between its end and the new start, at least 1 ms.", .defaultText = "5s", .least = 0.001, .readWhen = flow::when("policy", {"on-failure"})},
        {.key = "limit", .type = FieldType::Integer, .help = "Tries in a row; a run of a minute counts anew. Without it, no limit.", .least = 0, .most = 1'000'000, .readWhen = flow::when("policy", {"on-failure"}), .blank = "no limit"},
    }};
    return shape;
}
// clang-format on

}  // namespace

Field kindField(std::string_view help, std::vector<std::string_view> kinds) {
    return {.key = "kind", .type = FieldType::Choice, .help = help, .isRequired = true, .choices = std::move(kinds)};
}

Field hostField(std::string_view help, bool isRequired) {
    return {
        .key = "host", .type = FieldType::Reference, .help = help, .isRequired = isRequired, .collection = &hostNames};
}

Field configField(ConfigScope scope, std::string_view help) {
    return {.key = "config", .type = FieldType::Config, .help = help, .scope = scope};
}

// One line a field: these are tables.

// clang-format off
Field restartField() {
    return {.key = "restart", .type = FieldType::Object, .help = "What a service manager does when the process ends by itself.", .shape = &restartShape()};
}
// clang-format on

Field only(flow::Conditions readWhen, Field field) {
    field.readWhen = std::move(readWhen);
    return field;
}

Shape shapeOfKinds(std::string_view name, flow::NodeKind node, std::string_view help, std::vector<Field> common) {
    Shape shape{name, {kindFieldOf(node, help)}};
    for (Field& field : operatorFields(node)) {
        shape.fields.push_back(std::move(field));
    }
    for (Field& field : common) {
        shape.fields.push_back(std::move(field));
    }
    return shape;
}

}  // namespace millrace::scenario
