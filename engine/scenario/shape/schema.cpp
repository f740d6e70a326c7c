#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/scenario/shape/shape.h"

namespace millrace::scenario {

namespace {

using Json = nlohmann::ordered_json;

Json schemaOf(const Shape& shape);

std::string quantityPattern(FieldType type) {
    switch (type) {
        case FieldType::Duration:
            return R"(^[0-9]+(\.[0-9]+)? ?(ns|us|ms|s|m|min|h|d)$)";
        case FieldType::Size:
            return R"(^[0-9]+(\.[0-9]+)? ?(B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$)";
        case FieldType::Rate:
            return R"(^[0-9]+(\.[0-9]+)? ?[kM]?/(s|ms|m|min|h)$)";
        case FieldType::ByteRate:
            return R"(^[0-9]+(\.[0-9]+)? ?(B|KB|MB|GB|TB|KiB|MiB|GiB|TiB|bit|kbit|Kbit|Mbit|Gbit)/s$)";
        case FieldType::Instant:
            return R"(^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$)";
        default:
            return {};
    }
}

Json quantitySchema(const Field& field) {
    Json quantity = {{"type", "string"}, {"pattern", quantityPattern(field.type)}};
    if (field.choices.empty()) {
        return quantity;
    }
    return {{"anyOf", Json::array({quantity, Json{{"enum", field.choices}}})}};
}

/// A default as it is written in a document, so that an editor can put it there.
enum class Written : std::uint8_t { Text, Number, Flag, List };
Json written(std::string_view text, Written how) {
    if (how == Written::List) {
        return Json::array({text});
    }
    if (how == Written::Number || (how == Written::Flag && (text == "true" || text == "false"))) {
        const Json value = Json::parse(text, nullptr, false);
        if (value.is_number() || value.is_boolean()) {
            return value;
        }
    }
    return text;
}

/// JSON has one type of scalar for each of the catalog's; Kafka and Storm also take them as text.
Json settingSchema(const ConfigKey& key) {
    Json schema;
    switch (key.type) {
        case ConfigType::Flag:
            schema["type"] = {"boolean", "string"};
            break;
        case ConfigType::Integer:
            schema["type"] = {"integer", "string"};
            break;
        case ConfigType::Number:
            schema["type"] = {"number", "string"};
            break;
        case ConfigType::List:
            schema["type"] = {"array", "string"};
            break;
        case ConfigType::Text:
            schema["type"] = {"string", "number", "boolean", "null"};
            break;
        case ConfigType::Any:
            break;
    }
    schema["description"] = key.help;
    if (!key.standIn.empty()) {
        schema["x-stand-in"] = key.standIn;
        schema["x-real-default"] = key.realDefault;
    } else if (!key.defaultText.empty()) {
        schema["default"] = written(key.defaultText, key.type == ConfigType::Flag ? Written::Flag
                                                     : key.type == ConfigType::Integer || key.type == ConfigType::Number
                                                         ? Written::Number
                                                         : Written::Text);
    }
    if (!key.choices.empty() && key.type != ConfigType::Flag) {
        const Json values = acceptedChoices(key);
        schema["x-values"] = values;
        schema["examples"] = values;
    }
    return schema;
}

Json configSchema(const Catalogue& catalogue) {
    Json properties = Json::object();
    for (const ConfigKey& key : catalogue.keys) {
        properties[std::string(key.name)] = settingSchema(key);
    }
    return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

/// Of letters or entries; JSON Schema has other words for these than for numbers.
std::size_t countMost(const Field& field, std::size_t otherwise) {
    return field.most ? static_cast<std::size_t>(*field.most) : otherwise;
}

Json choiceSchema(const Field& field) {
    Json schema = {{"enum", field.choices}};
    if (!field.choiceHelps.empty()) {
        schema["enumDescriptions"] = field.choiceHelps;
    }
    return schema;
}

Json typeSchema(const Field& field) {
    switch (field.type) {
        case FieldType::Flag:
            return {{"type", "boolean"}};
        case FieldType::Integer:
            return {{"type", "integer"}};
        case FieldType::Number:
            return {{"type", "number"}};
        case FieldType::Text:
        case FieldType::FilePath:
        case FieldType::Reference:
            return {{"type", "string"}, {"minLength", 1}, {"maxLength", countMost(field, textLengthMax)}};
        case FieldType::Pattern:
            return {{"type", "string"}};  // RE2's syntax is not that of the format regex
        case FieldType::Duration:
        case FieldType::Size:
        case FieldType::Rate:
        case FieldType::ByteRate:
        case FieldType::Instant:
            return quantitySchema(field);
        case FieldType::Choice:
            return choiceSchema(field);
        case FieldType::TextList:
            return {{"type", "array"},
                    {"maxItems", countMost(field, entriesMax)},
                    {"items", {{"type", "string"}, {"minLength", 1}, {"maxLength", textLengthMax}}}};
        case FieldType::Object:
            return schemaOf(*field.shape);
        case FieldType::Map:
            return {{"type", "object"},
                    {"maxProperties", countMost(field, entriesMax)},
                    {"propertyNames", {{"minLength", 1}, {"maxLength", nameLengthMax}}},
                    {"additionalProperties", schemaOf(*field.shape)}};
        case FieldType::List:
            return {{"type", "array"}, {"maxItems", countMost(field, entriesMax)}, {"items", schemaOf(*field.shape)}};
        case FieldType::Config:
            return {{"$ref", "#/$defs/" + std::string(catalogueOf(field.scope).schemaName)}};
        case FieldType::Any:
            return Json::object();
    }
    return Json::object();
}

Json fieldSchema(const Field& field) {
    const bool isNumber = field.type == FieldType::Integer || field.type == FieldType::Number;
    Json schema = typeSchema(field);
    schema["description"] = field.help;
    if (!field.defaultText.empty()) {
        schema["default"] = written(field.defaultText, isNumber                            ? Written::Number
                                                       : field.type == FieldType::Flag     ? Written::Flag
                                                       : field.type == FieldType::TextList ? Written::List
                                                                                           : Written::Text);
    }
    if (field.least && isNumber) {
        schema["minimum"] = *field.least;
    }
    if (field.most && isNumber) {
        schema["maximum"] = *field.most;
    }
    return schema;
}

/// A key that means another thing for each kind can have any of its values; the descriptions say which is whose.
Json propertySchema(const Shape& shape, std::string_view key) {
    Json variants = Json::array();
    for (const Field& field : shape.fields) {
        if (field.key == key) {
            variants.push_back(fieldSchema(field));
            if (!field.forKinds.empty()) {
                variants.back()["x-kinds"] = field.forKinds;
            }
        }
    }
    return variants.size() == 1 ? variants.front() : Json{{"anyOf", variants}};
}

/// What only some kinds need.
Json requiredOfKinds(const Field& field) {
    return {{"if", {{"properties", {{"kind", {{"enum", field.forKinds}}}}}, {"required", Json::array({"kind"})}}},
            {"then", {{"required", Json::array({field.key})}}}};
}

/// One that does something: the neutral ones are 0 and 1.
std::string strikingNumber(const Field& field) {
    if (field.most && *field.most <= 1) {
        return fmt::format("{}", (field.least.value_or(0) + *field.most) / 2);
    }
    return fmt::format("{}", std::max(field.least.value_or(1), field.type == FieldType::Number ? 2.0 : 1.0));
}

Json neededOf(const Shape& shape, std::string_view kind, int& number);

/// What an editor puts in a field's place, to be typed over.
Json placeholder(const Field& field, int& number) {
    const auto slot = [&](std::string_view text) { return fmt::format("${{{}:{}}}", ++number, text); };
    switch (field.type) {
        case FieldType::Flag:
            return "^" + slot(field.defaultText.empty() ? "true" : field.defaultText);
        case FieldType::Integer:
        case FieldType::Number:
            return "^" + slot(!field.defaultText.empty() ? std::string(field.defaultText) : strikingNumber(field));
        case FieldType::Duration:
            return slot("1s");
        case FieldType::Size:
            return slot("1KiB");
        case FieldType::Rate:
            return slot("10/s");
        case FieldType::ByteRate:
            return slot("1MiB/s");
        case FieldType::Choice:
            return slot(field.choices.front());
        case FieldType::TextList:
            return Json::array({slot(field.key)});
        case FieldType::Object:
            return neededOf(*field.shape, {}, number);
        case FieldType::List:
            return Json::array({neededOf(*field.shape, {}, number)});
        case FieldType::Map:
            return Json::object();
        default:
            return slot(field.key);
    }
}

/// What the defaults of the others leave to be said: a field that is read unless they are changed, too.
bool isNeededByDefault(const Shape& shape, const Field& field, std::string_view kind) {
    const auto isOfKind = [&](const Field& each) {
        return each.forKinds.empty() ||
               std::find(each.forKinds.begin(), each.forKinds.end(), kind) != each.forKinds.end();
    };
    if (!field.isRequired || !isOfKind(field) || (field.key == "kind" && !kind.empty())) {
        return false;
    }
    return field.readWhen.empty() ||
           std::any_of(field.readWhen.begin(), field.readWhen.end(), [&](const flow::Condition& each) {
               const auto other = std::find_if(shape.fields.begin(), shape.fields.end(),
                                               [&](const Field& row) { return row.key == each.key && isOfKind(row); });
               const bool says = other != shape.fields.end() && !other->defaultText.empty();
               return each.isMetBy(says ? std::optional(std::string(other->defaultText)) : std::nullopt);
           });
}

Json neededOf(const Shape& shape, std::string_view kind, int& number) {
    Json body = Json::object();
    if (!kind.empty()) {
        body["kind"] = kind;
    }
    for (const Field& field : shape.fields) {
        if (isNeededByDefault(shape, field, kind)) {
            body[std::string(field.key)] = placeholder(field, number);
        }
    }
    return body;
}

/// For editors that complete: each kind with what it needs.
Json snippetsOf(const Shape& shape) {
    Json snippets = Json::array();
    const Field* kinds = shape.find("kind");
    if (kinds == nullptr || kinds->choiceHelps.empty()) {
        return snippets;
    }
    for (std::size_t i = 0; i < kinds->choices.size(); ++i) {
        int number = 0;
        snippets.push_back({{"label", kinds->choices[i]},
                            {"description", kinds->choiceHelps[i]},
                            {"body", neededOf(shape, kinds->choices[i], number)}});
    }
    return snippets;
}

Json schemaOf(const Shape& shape) {
    Json properties = Json::object();
    Json required = Json::array();
    Json ofKinds = Json::array();
    for (const Field& field : shape.fields) {
        properties[std::string(field.key)] = propertySchema(shape, field.key);
        const bool isRequired = field.isRequired && field.readWhen.empty();
        if (isRequired && field.forKinds.empty()) {
            required.push_back(field.key);
        } else if (isRequired) {
            ofKinds.push_back(requiredOfKinds(field));
        }
    }
    Json schema = {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
    if (!required.empty()) {
        schema["required"] = required;
    }
    if (!ofKinds.empty()) {
        schema["allOf"] = ofKinds;
    }
    if (Json snippets = snippetsOf(shape); !snippets.empty()) {
        schema["defaultSnippets"] = std::move(snippets);
    }
    return schema;
}

}  // namespace

std::string scenarioSchemaText() {
    Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "Millrace scenario"}};
    schema.update(schemaOf(scenarioShape()));
    for (const Catalogue& catalogue : catalogues()) {
        schema["$defs"][std::string(catalogue.schemaName)] = configSchema(catalogue);
    }
    return schema.dump(1, ' ', false) + "\n";
}

}  // namespace millrace::scenario
