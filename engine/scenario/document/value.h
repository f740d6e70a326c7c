#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::scenario {

/// Where something stands in its text, counted from 1 in characters; line 0 is nowhere (made by an edit, not read).
struct Place {
    std::int32_t line = 0;
    std::int32_t column = 0;

    [[nodiscard]] bool isKnown() const { return line > 0; }
    friend auto operator<=>(const Place&, const Place&) = default;
};

struct Member;

/// One value of a scenario document: JSON that remembers where each key and value stood.
///
/// Values are immutable and share their parts, so that the document before and after an edit cost one path's worth of
/// nodes: an undo stack is a stack of values. Members keep the order in which they were written. Two values are equal
/// when their contents are, wherever they stood.
class Value {
public:
    enum class Kind : std::uint8_t { Null, Boolean, Integer, Real, Text, List, Object };

    Value();
    [[nodiscard]] static Value boolean(bool flag);
    [[nodiscard]] static Value integer(std::int64_t number);
    [[nodiscard]] static Value real(double number);
    [[nodiscard]] static Value text(std::string text);
    [[nodiscard]] static Value list(std::vector<Value> items);
    [[nodiscard]] static Value object(std::vector<Member> members);
    [[nodiscard]] static Value emptyObject();

    [[nodiscard]] Kind kind() const;
    [[nodiscard]] bool isNull() const { return kind() == Kind::Null; }
    [[nodiscard]] bool isBoolean() const { return kind() == Kind::Boolean; }
    [[nodiscard]] bool isInteger() const { return kind() == Kind::Integer; }
    [[nodiscard]] bool isNumber() const { return kind() == Kind::Integer || kind() == Kind::Real; }
    [[nodiscard]] bool isText() const { return kind() == Kind::Text; }
    [[nodiscard]] bool isList() const { return kind() == Kind::List; }
    [[nodiscard]] bool isObject() const { return kind() == Kind::Object; }

    /// Each is meant for its kind and gives a neutral value (false, 0, empty) for any other.
    [[nodiscard]] bool asBoolean() const;
    [[nodiscard]] std::int64_t asInteger() const;
    [[nodiscard]] double asNumber() const;
    [[nodiscard]] const std::string& asText() const;
    [[nodiscard]] std::span<const Value> items() const;
    [[nodiscard]] std::span<const Member> members() const;

    [[nodiscard]] const Member* member(std::string_view key) const;
    [[nodiscard]] const Value* find(std::string_view key) const;

    [[nodiscard]] Place place() const;
    [[nodiscard]] Value standingAt(Place place) const;

    friend bool operator==(const Value& a, const Value& b);

private:
    struct Node;
    explicit Value(std::shared_ptr<const Node> node) : m_node(std::move(node)) {}

    std::shared_ptr<const Node> m_node;
};

struct Member {
    std::string key;
    Value value;
    Place keyPlace = {};

    friend bool operator==(const Member& a, const Member& b) { return a.key == b.key && a.value == b.value; }
};

/// "an object", "a list", "text" ...: how messages to people call a kind.
[[nodiscard]] std::string_view toText(Value::Kind kind);

}  // namespace millrace::scenario
