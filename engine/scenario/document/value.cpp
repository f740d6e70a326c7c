#include "engine/scenario/document/value.h"

#include <algorithm>
#include <variant>

namespace millrace::scenario {

struct Value::Node {
    std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<Value>, std::vector<Member>>
        content;
    Place place;
};

Value::Value() {
    static const auto null = std::make_shared<const Node>();
    m_node = null;
}

Value Value::boolean(bool flag) {
    return Value(std::make_shared<const Node>(Node{flag, {}}));
}

Value Value::integer(std::int64_t number) {
    return Value(std::make_shared<const Node>(Node{number, {}}));
}

Value Value::real(double number) {
    return Value(std::make_shared<const Node>(Node{number, {}}));
}

Value Value::text(std::string text) {
    return Value(std::make_shared<const Node>(Node{std::move(text), {}}));
}

Value Value::list(std::vector<Value> items) {
    return Value(std::make_shared<const Node>(Node{std::move(items), {}}));
}

Value Value::object(std::vector<Member> members) {
    return Value(std::make_shared<const Node>(Node{std::move(members), {}}));
}

Value Value::emptyObject() {
    return object({});
}

Value::Kind Value::kind() const {
    return static_cast<Kind>(m_node->content.index());
}

bool Value::asBoolean() const {
    const bool* flag = std::get_if<bool>(&m_node->content);
    return flag != nullptr && *flag;
}

std::int64_t Value::asInteger() const {
    const auto* number = std::get_if<std::int64_t>(&m_node->content);
    return number != nullptr ? *number : 0;
}

double Value::asNumber() const {
    if (isInteger()) {
        return static_cast<double>(asInteger());
    }
    const double* number = std::get_if<double>(&m_node->content);
    return number != nullptr ? *number : 0.0;
}

const std::string& Value::asText() const {
    static const std::string none;
    const auto* text = std::get_if<std::string>(&m_node->content);
    return text != nullptr ? *text : none;
}

std::span<const Value> Value::items() const {
    const auto* items = std::get_if<std::vector<Value>>(&m_node->content);
    return items != nullptr ? std::span<const Value>(*items) : std::span<const Value>();
}

std::span<const Member> Value::members() const {
    const auto* members = std::get_if<std::vector<Member>>(&m_node->content);
    return members != nullptr ? std::span<const Member>(*members) : std::span<const Member>();
}

const Member* Value::member(std::string_view key) const {
    const auto all = members();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Member& each) { return each.key == key; });
    return found != all.end() ? &*found : nullptr;
}

const Value* Value::find(std::string_view key) const {
    const Member* found = member(key);
    return found != nullptr ? &found->value : nullptr;
}

Place Value::place() const {
    return m_node->place;
}

Value Value::standingAt(Place place) const {
    return Value(std::make_shared<const Node>(Node{m_node->content, place}));
}

bool operator==(const Value& a, const Value& b) {
    return a.m_node == b.m_node || a.m_node->content == b.m_node->content;
}

std::string_view toText(Value::Kind kind) {
    switch (kind) {
        case Value::Kind::Null:
            return "null";
        case Value::Kind::Boolean:
            return "true or false";
        case Value::Kind::Integer:
            return "a whole number";
        case Value::Kind::Real:
            return "a number";
        case Value::Kind::Text:
            return "text";
        case Value::Kind::List:
            return "a list";
        case Value::Kind::Object:
            return "an object";
    }
    return "unknown";
}

}  // namespace millrace::scenario
