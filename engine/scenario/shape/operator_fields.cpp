#include "engine/scenario/shape/operator_fields.h"

#include <algorithm>
#include <deque>

#include "engine/base/check.h"
#include "engine/scenario/collection.h"
#include "engine/scenario/operators.h"

namespace millrace::scenario {

namespace {

FieldType fieldType(flow::ParameterType type) {
    using Type = flow::ParameterType;
    switch (type) {
        case Type::Flag:
            return FieldType::Flag;
        case Type::Integer:
            return FieldType::Integer;
        case Type::Number:
            return FieldType::Number;
        case Type::Duration:
            return FieldType::Duration;
        case Type::Size:
            return FieldType::Size;
        case Type::Rate:
            return FieldType::Rate;
        case Type::Choice:
            return FieldType::Choice;
        case Type::Pattern:
            return FieldType::Pattern;
        case Type::FilePath:
            return FieldType::FilePath;
        case Type::TextList:
        case Type::FieldList:
            return FieldType::TextList;
        case Type::Reference:
            return FieldType::Reference;
        case Type::Object:
            return FieldType::Object;
        case Type::Text:
        case Type::Field:
        case Type::Table:
            break;
    }
    return FieldType::Text;
}

Field fieldOf(const flow::Parameter& parameter);

/// Shapes of parameters that are objects: made once, as long as the program lives.
const Shape* shapeOf(const flow::Parameter& parameter) {
    static std::deque<Shape> shapes;
    Shape& shape = shapes.emplace_back(Shape{parameter.key, {}});
    for (const flow::Parameter& each : parameter.fields) {
        shape.fields.push_back(fieldOf(each));
    }
    return &shape;
}

Field fieldOf(const flow::Parameter& parameter) {
    Field field{.key = parameter.key,
                .type = fieldType(parameter.type),
                .help = parameter.help,
                .isRequired = parameter.isRequired,
                .defaultText = parameter.defaultText,
                .least = parameter.least,
                .most = parameter.most,
                .choices = parameter.choices,
                .readWhen = parameter.readWhen,
                .blank = parameter.blank};
    if (parameter.type == flow::ParameterType::Reference) {
        field.collection = &collectionOf(parameter.refersTo);
    }
    if (parameter.type == flow::ParameterType::Object) {
        field.shape = shapeOf(parameter);
    }
    return field;
}

/// For the document; which object a reference may lead to, and what a drawn one starts with, is no matter of its form.
bool isSameField(const Field& a, const Field& b) {
    return a.key == b.key && a.type == b.type && a.help == b.help && a.isRequired == b.isRequired &&
           a.readWhen == b.readWhen && a.defaultText == b.defaultText && a.least == b.least && a.most == b.most &&
           a.choices == b.choices && a.blank == b.blank && a.collection == b.collection;
}

}  // namespace

Field kindFieldOf(flow::NodeKind node, std::string_view help) {
    Field field{.key = "kind", .type = FieldType::Choice, .help = help, .isRequired = true};
    for (const flow::Operator* each : operatorsOf(node)) {
        field.choices.push_back(each->kind);
        field.choiceHelps.push_back(each->help);
    }
    return field;
}

std::vector<Field> operatorFields(flow::NodeKind node) {
    std::vector<Field> fields;
    const auto rows = operatorsOf(node);
    for (const flow::Operator* row : rows) {
        for (const flow::Parameter& parameter : row->parameters) {
            Field field = fieldOf(parameter);
            auto known =
                std::find_if(fields.begin(), fields.end(), [&](const Field& each) { return isSameField(each, field); });
            if (known == fields.end()) {
                const auto sameKey = std::find_if(fields.begin(), fields.end(),
                                                  [&](const Field& each) { return each.key == field.key; });
                // Who reads a path knows the key and not the kind.
                MILLRACE_CHECK(sameKey == fields.end() || sameKey->type == field.type, field.key, row->kind);
                known = fields.insert(fields.end(), std::move(field));
            }
            known->forKinds.push_back(row->kind);
        }
    }
    for (Field& field : fields) {
        if (field.forKinds.size() == rows.size()) {
            field.forKinds.clear();
        }
    }
    return fields;
}

}  // namespace millrace::scenario
