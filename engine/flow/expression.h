#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/result.h"
#include "engine/flow/datum.h"

namespace millrace::flow {

/// A formula over the fields of a record: immutable and shared.
///
///     temperature * 9 / 5 + 32
///     event_type == "view" and not (price < 100 or price is null)
///
/// Numbers, texts in double or single quotes, true, false, null; + - * / % on numbers (+ also joins texts), comparisons
/// == != < <= > >=, `is null`, and, or, not; functions abs, floor, ceil, round, sqrt, min, max, length, lower, upper,
/// contains, starts_with, text, number, integer, if(condition, then, otherwise). As in SQL what is made from nothing is
/// nothing, and a condition that is nothing does not hold. Whole numbers stay whole but in a division; a text that is
/// no number is nothing where a number is wanted.
class Expression final : public Counted {
public:
    struct Trouble {
        std::size_t character = 0;  ///< from 1
        std::string reason;
        [[nodiscard]] std::string text() const;  ///< "at character 4: ..."
    };

    [[nodiscard]] static Result<Ref<const Expression>, Trouble> make(const std::string& text);

    [[nodiscard]] const std::string& text() const { return m_text; }
    /// The fields that it names, each once, in the order in which they come up.
    [[nodiscard]] const std::vector<std::string>& fields() const { return m_fields; }
    /// `field` gives the value of a field by its place in `fields()`.
    [[nodiscard]] Datum valueOf(const std::function<Datum(std::size_t)>& field) const;
    /// Whether it holds as a condition.
    [[nodiscard]] bool holds(const std::function<Datum(std::size_t)>& field) const;
    /// Steps of the evaluation, for its cost.
    [[nodiscard]] std::size_t size() const { return m_nodes.size(); }

private:
    friend class ExpressionReader;
    enum class Kind : std::uint8_t {
        Constant,
        Field,
        Negate,
        Not,
        IsNull,
        Add,
        Subtract,
        Multiply,
        Divide,
        Modulo,
        Equal,
        Unequal,
        Less,
        LessEqual,
        Greater,
        GreaterEqual,
        And,
        Or,
        Call
    };
    enum class Function : std::uint8_t {
        Abs,
        Floor,
        Ceil,
        Round,
        Sqrt,
        Min,
        Max,
        Length,
        Lower,
        Upper,
        Contains,
        StartsWith,
        Text,
        Number,
        Integer,
        If
    };
    struct Node {
        Kind kind = Kind::Constant;
        Function function = Function::Abs;
        Datum constant;
        std::size_t field = 0;
        std::vector<std::size_t> arguments;  ///< places of nodes
    };
    [[nodiscard]] Datum at(std::size_t node, const std::function<Datum(std::size_t)>& field) const;
    [[nodiscard]] Datum called(const Node& node, const std::function<Datum(std::size_t)>& field) const;

    std::string m_text;
    std::vector<std::string> m_fields;
    std::vector<Node> m_nodes;
    std::size_t m_root = 0;
};

}  // namespace millrace::flow
