#include "engine/flow/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <tuple>

namespace millrace::flow {

namespace {

// Of ASCII alone, whatever the locale of the process.
bool isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
bool isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// -1, 0, 1; nothing when the two cannot be compared.
std::optional<int> compared(const Datum& left, const Datum& right) {
    if (isNull(left) || isNull(right)) {
        return std::nullopt;
    }
    const auto* text = std::get_if<std::string>(&left);
    const auto* other = std::get_if<std::string>(&right);
    if (text != nullptr && other != nullptr) {
        const int order = text->compare(*other);
        return order < 0 ? -1 : order > 0 ? 1 : 0;
    }
    const auto* whole = std::get_if<std::int64_t>(&left);
    const auto* otherWhole = std::get_if<std::int64_t>(&right);
    if (whole != nullptr && otherWhole != nullptr) {
        return *whole < *otherWhole ? -1 : *whole > *otherWhole ? 1 : 0;
    }
    const auto number = asNumber(left);
    const auto otherNumber = asNumber(right);
    if (!number || !otherNumber) {
        return std::nullopt;
    }
    return *number < *otherNumber ? -1 : *number > *otherNumber ? 1 : 0;
}

Datum realOrNothing(double value) {
    return std::isfinite(value) ? Datum{value} : Datum{};
}

std::string inCase(std::string text, bool isUpper) {
    for (char& c : text) {
        if (isLetter(c)) {
            c = static_cast<char>(isUpper ? c & ~0x20 : c | 0x20);
        }
    }
    return text;
}

std::optional<bool> truthOf(const Datum& datum) {
    if (isNull(datum)) {
        return std::nullopt;
    }
    if (const auto* flag = std::get_if<bool>(&datum)) {
        return *flag;
    }
    const auto number = asNumber(datum);
    return number ? std::optional(*number != 0) : std::nullopt;
}

/// Whole numbers whose sum and so on is one, too.
template <class Wide>
std::optional<Datum> wholeOf(const Datum& left, const Datum& right, Wide&& overflows) {
    const auto* whole = std::get_if<std::int64_t>(&left);
    const auto* other = std::get_if<std::int64_t>(&right);
    std::int64_t result = 0;
    if (whole == nullptr || other == nullptr || overflows(*whole, *other, result)) {
        return std::nullopt;
    }
    return Datum{result};
}

}  // namespace

std::string Expression::Trouble::text() const {
    return fmt::format("at character {}: {}", character, reason);
}

/// Recursive descent, with a bound on how deep it goes.
class ExpressionReader {
public:
    explicit ExpressionReader(const std::string& text) : m_expression(makeRef<Expression>()), m_text(text) {
        m_expression->m_text = text;
    }

    Result<Ref<const Expression>, Expression::Trouble> read() {
        const std::size_t root = disjunction();
        skipSpace();
        if (!m_trouble && m_at < m_text.size()) {
            fail("an operator was expected");
        }
        if (m_trouble) {
            return tl::unexpected(*m_trouble);
        }
        m_expression->m_root = root;
        return Ref<const Expression>(m_expression);
    }

private:
    using Kind = Expression::Kind;
    using Function = Expression::Function;
    static constexpr int depthMost = 100;

    std::size_t fail(std::string reason) {
        if (!m_trouble) {
            m_trouble = Expression::Trouble{m_at + 1, std::move(reason)};
        }
        m_at = m_text.size();
        return 0;
    }
    std::size_t add(Expression::Node node) {
        if (m_expression->m_nodes.size() >= 1'000) {
            return fail("it is too long");
        }
        m_expression->m_nodes.push_back(std::move(node));
        return m_expression->m_nodes.size() - 1;
    }
    std::size_t add(Kind kind, std::vector<std::size_t> arguments) {
        Expression::Node node;
        node.kind = kind;
        node.arguments = std::move(arguments);
        return add(std::move(node));
    }

    void skipSpace() {
        while (m_at < m_text.size() && isSpace(m_text[m_at])) {
            ++m_at;
        }
    }
    static bool isOfName(char c) { return (isLetter(c) || isDigit(c)) || c == '_'; }
    bool takes(std::string_view sign) {
        skipSpace();
        if (!std::string_view{m_text}.substr(m_at).starts_with(sign)) {
            return false;
        }
        const std::size_t end = m_at + sign.size();
        if (isOfName(sign.back()) && end < m_text.size() && isOfName(m_text[end])) {
            return false;  // a longer name
        }
        m_at = end;
        return true;
    }

    std::size_t disjunction() {
        std::size_t left = conjunction();
        while (takes("or") || takes("||")) {
            left = add(Kind::Or, {left, conjunction()});
        }
        return left;
    }
    std::size_t conjunction() {
        std::size_t left = negation();
        while (takes("and") || takes("&&")) {
            left = add(Kind::And, {left, negation()});
        }
        return left;
    }
    std::size_t negation() {
        if (++m_depth > depthMost) {
            return fail("it is too deep");
        }
        const bool isNot = takes("not");
        const std::size_t node = isNot ? add(Kind::Not, {negation()}) : comparison();
        --m_depth;
        return node;
    }
    std::size_t comparison() {
        static constexpr std::array<std::pair<std::string_view, Kind>, 7> signs{{{"==", Kind::Equal},
                                                                                 {"!=", Kind::Unequal},
                                                                                 {"<=", Kind::LessEqual},
                                                                                 {">=", Kind::GreaterEqual},
                                                                                 {"<", Kind::Less},
                                                                                 {">", Kind::Greater},
                                                                                 {"=", Kind::Equal}}};
        const std::size_t left = sum();
        for (const auto& [sign, kind] : signs) {
            if (takes(sign)) {
                return add(kind, {left, sum()});
            }
        }
        if (takes("is")) {
            const bool isNot = takes("not");
            if (!takes("null")) {
                return fail("null was expected");
            }
            const std::size_t node = add(Kind::IsNull, {left});
            return isNot ? add(Kind::Not, {node}) : node;
        }
        return left;
    }
    std::size_t sum() {
        std::size_t left = product();
        while (true) {
            if (takes("+")) {
                left = add(Kind::Add, {left, product()});
            } else if (takes("-")) {
                left = add(Kind::Subtract, {left, product()});
            } else {
                return left;
            }
        }
    }
    std::size_t product() {
        std::size_t left = sign();
        while (true) {
            if (takes("*")) {
                left = add(Kind::Multiply, {left, sign()});
            } else if (takes("/")) {
                left = add(Kind::Divide, {left, sign()});
            } else if (takes("%")) {
                left = add(Kind::Modulo, {left, sign()});
            } else {
                return left;
            }
        }
    }
    std::size_t sign() {
        if (++m_depth > depthMost) {
            return fail("it is too deep");
        }
        const std::size_t node = takes("-") ? add(Kind::Negate, {sign()}) : primary();
        --m_depth;
        return node;
    }
    std::size_t constant(Datum value) {
        Expression::Node node;
        node.constant = std::move(value);
        return add(std::move(node));
    }
    std::size_t primary() {
        skipSpace();
        if (m_at >= m_text.size()) {
            return fail("a value was expected");
        }
        const char first = m_text[m_at];
        if (takes("(")) {
            const std::size_t node = disjunction();
            return takes(")") ? node : fail("')' was expected");
        }
        if (first == '"' || first == '\'') {
            return quoted(first);
        }
        if (isDigit(first)) {
            return number();
        }
        if (isLetter(first) || first == '_') {
            return name();
        }
        return fail("a value was expected");
    }
    std::size_t quoted(char quote) {
        std::string text;
        for (std::size_t at = m_at + 1; at < m_text.size(); ++at) {
            if (m_text[at] == quote) {
                m_at = at + 1;
                return constant(std::move(text));
            }
            at += m_text[at] == '\\' && at + 1 < m_text.size() ? 1 : 0;
            text += m_text[at];
        }
        return fail("the text has no end");
    }
    std::size_t number() {
        std::size_t end = m_at;
        while (end < m_text.size() &&
               ((isLetter(m_text[end]) || isDigit(m_text[end])) || m_text[end] == '.' ||
                ((m_text[end] == '-' || m_text[end] == '+') && (m_text[end - 1] == 'e' || m_text[end - 1] == 'E')))) {
            ++end;
        }
        const std::string_view written = std::string_view{m_text}.substr(m_at, end - m_at);
        if (const auto whole = wholeNumberIn(written)) {
            m_at = end;
            return constant(*whole);
        }
        if (const auto real = numberIn(written)) {
            m_at = end;
            return constant(*real);
        }
        return fail("this is no number");
    }
    std::size_t name() {
        const std::size_t start = m_at;
        while (m_at < m_text.size() && isOfName(m_text[m_at])) {
            ++m_at;
        }
        const std::string word = m_text.substr(start, m_at - start);
        if (word == "true" || word == "false") {
            return constant(word == "true");
        }
        if (word == "null") {
            return constant(Datum{});
        }
        if (word == "and" || word == "or" || word == "not" || word == "is") {
            m_at = start;
            return fail("a value was expected");
        }
        if (takes("(")) {
            return call(word, start);
        }
        Expression::Node node;
        node.kind = Kind::Field;
        auto& fields = m_expression->m_fields;
        const auto known = std::find(fields.begin(), fields.end(), word);
        node.field = static_cast<std::size_t>(known - fields.begin());
        if (known == fields.end()) {
            fields.push_back(word);
        }
        return add(std::move(node));
    }
    std::size_t call(const std::string& word, std::size_t start) {
        struct Row {
            std::string_view name;
            Function function;
            std::size_t least, most;
        };
        static constexpr std::array<Row, 16> functions{{{"abs", Function::Abs, 1, 1},
                                                        {"floor", Function::Floor, 1, 1},
                                                        {"ceil", Function::Ceil, 1, 1},
                                                        {"round", Function::Round, 1, 2},
                                                        {"sqrt", Function::Sqrt, 1, 1},
                                                        {"min", Function::Min, 1, 16},
                                                        {"max", Function::Max, 1, 16},
                                                        {"length", Function::Length, 1, 1},
                                                        {"lower", Function::Lower, 1, 1},
                                                        {"upper", Function::Upper, 1, 1},
                                                        {"contains", Function::Contains, 2, 2},
                                                        {"starts_with", Function::StartsWith, 2, 2},
                                                        {"text", Function::Text, 1, 1},
                                                        {"number", Function::Number, 1, 1},
                                                        {"integer", Function::Integer, 1, 1},
                                                        {"if", Function::If, 3, 3}}};
        const auto row =
            std::find_if(functions.begin(), functions.end(), [&](const Row& each) { return each.name == word; });
        if (row == functions.end()) {
            m_at = start;
            return fail(fmt::format("there is no function '{}'", word));
        }
        Expression::Node node;
        node.kind = Kind::Call;
        node.function = row->function;
        if (!takes(")")) {
            do {
                node.arguments.push_back(disjunction());
            } while (takes(","));
            if (!takes(")")) {
                return fail("')' was expected");
            }
        }
        if (node.arguments.size() < row->least || node.arguments.size() > row->most) {
            m_at = start;
            return fail(row->least == row->most
                            ? fmt::format("{} takes {} value{}", word, row->least, row->least == 1 ? "" : "s")
                            : fmt::format("{} takes {} to {} values", word, row->least, row->most));
        }
        return add(std::move(node));
    }

    Ref<Expression> m_expression;
    const std::string& m_text;
    std::size_t m_at = 0;
    int m_depth = 0;
    std::optional<Expression::Trouble> m_trouble;
};

Result<Ref<const Expression>, Expression::Trouble> Expression::make(const std::string& text) {
    return ExpressionReader(text).read();
}

Datum Expression::valueOf(const std::function<Datum(std::size_t)>& field) const {
    return at(m_root, field);
}

bool Expression::holds(const std::function<Datum(std::size_t)>& field) const {
    return truthOf(at(m_root, field)).value_or(false);
}

Datum Expression::at(std::size_t place, const std::function<Datum(std::size_t)>& field) const {
    const Node& node = m_nodes[place];
    switch (node.kind) {
        case Kind::Constant:
            return node.constant;
        case Kind::Field:
            return field(node.field);
        case Kind::Call:
            return called(node, field);
        default:
            break;
    }
    const Datum left = at(node.arguments[0], field);
    if (node.kind == Kind::IsNull) {
        return isNull(left);
    }
    if (node.kind == Kind::Negate) {
        const auto* whole = std::get_if<std::int64_t>(&left);
        const auto number = asNumber(left);
        return whole != nullptr && *whole != INT64_MIN ? Datum{-*whole} : number ? Datum{-*number} : Datum{};
    }
    if (node.kind == Kind::Not || node.kind == Kind::And || node.kind == Kind::Or) {
        const std::optional<bool> first = truthOf(left);
        if (node.kind == Kind::Not) {
            return first ? Datum{!*first} : Datum{};
        }
        const bool decides = node.kind == Kind::Or;  // what needs no look at the other side
        if (first && *first == decides) {
            return decides;
        }
        const std::optional<bool> second = truthOf(at(node.arguments[1], field));
        if (second && *second == decides) {
            return decides;
        }
        return first && second ? Datum{!decides} : Datum{};
    }
    const Datum right = at(node.arguments[1], field);
    if (node.kind >= Kind::Equal && node.kind <= Kind::GreaterEqual) {
        const std::optional<int> order = compared(left, right);
        if (!order) {
            return Datum{};
        }
        switch (node.kind) {
            case Kind::Equal:
                return *order == 0;
            case Kind::Unequal:
                return *order != 0;
            case Kind::Less:
                return *order < 0;
            case Kind::LessEqual:
                return *order <= 0;
            case Kind::Greater:
                return *order > 0;
            default:
                return *order >= 0;
        }
    }
    const bool isJoin = node.kind == Kind::Add && !isNull(left) && !isNull(right) &&
                        (std::holds_alternative<std::string>(left) || std::holds_alternative<std::string>(right));
    if (isJoin) {
        return toText(left) + toText(right);
    }
    const auto number = asNumber(left);
    const auto other = asNumber(right);
    if (!number || !other) {
        return Datum{};
    }
    std::optional<Datum> whole;
    switch (node.kind) {
        case Kind::Add:
            whole = wholeOf(left, right, [](auto a, auto b, auto& sum) { return __builtin_add_overflow(a, b, &sum); });
            return whole ? *whole : realOrNothing(*number + *other);
        case Kind::Subtract:
            whole =
                wholeOf(left, right, [](auto a, auto b, auto& rest) { return __builtin_sub_overflow(a, b, &rest); });
            return whole ? *whole : realOrNothing(*number - *other);
        case Kind::Multiply:
            whole =
                wholeOf(left, right, [](auto a, auto b, auto& times) { return __builtin_mul_overflow(a, b, &times); });
            return whole ? *whole : realOrNothing(*number * *other);
        case Kind::Divide:
            return realOrNothing(*number / *other);
        default:
            whole = wholeOf(left, right, [](auto a, auto b, auto& rest) {
                if (b == 0 || b == -1) {
                    rest = 0;
                    return b == 0;
                }
                rest = a % b;
                return false;
            });
            return whole ? *whole : realOrNothing(std::fmod(*number, *other));
    }
}

Datum Expression::called(const Node& node, const std::function<Datum(std::size_t)>& field) const {
    if (node.function == Function::If) {
        const bool isSo = truthOf(at(node.arguments[0], field)).value_or(false);
        return at(node.arguments[isSo ? 1 : 2], field);
    }
    std::vector<Datum> values;
    values.reserve(node.arguments.size());
    for (const std::size_t argument : node.arguments) {
        values.push_back(at(argument, field));
        if (isNull(values.back())) {
            return Datum{};
        }
    }
    const auto number = asNumber(values[0]);
    const auto* whole = std::get_if<std::int64_t>(&values[0]);
    switch (node.function) {
        case Function::Length:
            return static_cast<std::int64_t>(toText(values[0]).size());
        case Function::Lower:
        case Function::Upper:
            return inCase(toText(values[0]), node.function == Function::Upper);
        case Function::Contains:
            return toText(values[0]).find(toText(values[1])) != std::string::npos;
        case Function::StartsWith:
            return toText(values[0]).starts_with(toText(values[1]));
        case Function::Text:
            return toText(values[0]);
        default:
            break;
    }
    if (!number) {
        return Datum{};
    }
    switch (node.function) {
        case Function::Abs:
            return whole != nullptr && *whole != INT64_MIN ? Datum{std::abs(*whole)} : Datum{std::abs(*number)};
        case Function::Floor:
            return whole != nullptr ? values[0] : Datum{std::floor(*number)};
        case Function::Ceil:
            return whole != nullptr ? values[0] : Datum{std::ceil(*number)};
        case Function::Round: {
            const double scale = std::pow(10.0, values.size() > 1 ? asNumber(values[1]).value_or(0) : 0);
            return realOrNothing(std::round(*number * scale) / scale);
        }
        case Function::Sqrt:
            return realOrNothing(std::sqrt(*number));
        case Function::Number:
            return *number;
        case Function::Integer:
            if (whole != nullptr) {
                return *whole;
            }
            return std::abs(*number) < 9e18 ? Datum{static_cast<std::int64_t>(*number)} : Datum{};
        default: {
            Datum best = values[0];
            for (const Datum& each : values) {
                const int wanted = node.function == Function::Min ? -1 : 1;
                best = compared(each, best).value_or(0) == wanted ? each : best;
            }
            return best;
        }
    }
}

}  // namespace millrace::flow
