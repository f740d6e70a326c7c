#include "engine/flow/aggregate.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace millrace::flow {

std::optional<Aggregate> aggregateOf(const std::string& written) {
    static constexpr std::array<std::pair<std::string_view, AggregateKind>, 8> kinds{
        {{"count", AggregateKind::Count},
         {"sum", AggregateKind::Sum},
         {"avg", AggregateKind::Average},
         {"min", AggregateKind::Least},
         {"max", AggregateKind::Most},
         {"first", AggregateKind::First},
         {"last", AggregateKind::Last},
         {"distinct", AggregateKind::Distinct}}};
    constexpr std::string_view between = " as ";
    const std::size_t as = written.find(between);
    const std::string_view formula = std::string_view{written}.substr(0, as);
    const std::size_t open = formula.find('(');
    const std::string_view name = formula.substr(0, open);
    const auto* const kind =
        std::find_if(kinds.begin(), kinds.end(), [&](const auto& each) { return each.first == name; });
    const bool hasField = open != std::string_view::npos;
    if (kind == kinds.end() || hasField != (kind->second != AggregateKind::Count) ||
        (hasField && (!formula.ends_with(')') || formula.size() < open + 3))) {
        return std::nullopt;
    }
    Aggregate aggregate;
    aggregate.kind = kind->second;
    if (hasField) {
        aggregate.field = formula.substr(open + 1, formula.size() - open - 2);
    }
    aggregate.as = as != std::string::npos ? written.substr(as + between.size())
                   : hasField              ? std::string{name} + "_" + aggregate.field
                                           : std::string{name};
    return columnOf(aggregate.as) ? std::optional(std::move(aggregate)) : std::nullopt;
}

DatumType typeOf(AggregateKind kind, DatumType field) {
    switch (kind) {
        case AggregateKind::Count:
        case AggregateKind::Distinct:
            return DatumType::Integer;
        case AggregateKind::Average:
            return DatumType::Real;
        case AggregateKind::Sum:
            return field == DatumType::Integer ? DatumType::Integer : DatumType::Real;
        default:
            return field;
    }
}

void Accumulator::add(AggregateKind kind, const Datum& value) {
    if (kind == AggregateKind::Count) {
        ++m_count;
        return;
    }
    if (isNull(value)) {
        return;
    }
    if (kind == AggregateKind::Distinct) {
        m_different.set(toText(value), true);
        return;
    }
    if (kind == AggregateKind::First || kind == AggregateKind::Last) {
        m_best = m_count++ == 0 || kind == AggregateKind::Last ? value : m_best;
        return;
    }
    const auto number = asNumber(value);
    if (!number) {
        return;
    }
    const auto* whole = std::get_if<std::int64_t>(&value);
    m_isWhole = m_isWhole && whole != nullptr;
    m_sum += *number;
    m_wholeSum += m_isWhole ? static_cast<std::uint64_t>(*whole) : 0;
    const bool isBetter = m_count++ == 0 || (kind == AggregateKind::Least ? *number < m_number : *number > m_number);
    if (isBetter) {
        m_number = *number;
        m_best = value;
    }
}

Datum Accumulator::result(AggregateKind kind) const {
    switch (kind) {
        case AggregateKind::Count:
            return m_count;
        case AggregateKind::Distinct:
            return static_cast<std::int64_t>(m_different.size());
        case AggregateKind::Sum:
            return m_isWhole ? Datum{static_cast<std::int64_t>(m_wholeSum)} : Datum{m_sum};
        case AggregateKind::Average:
            return m_count == 0 ? Datum{} : Datum{m_sum / static_cast<double>(m_count)};
        default:
            return m_best;
    }
}

}  // namespace millrace::flow
