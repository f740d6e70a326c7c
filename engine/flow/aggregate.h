#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/shared_map.h"
#include "engine/flow/datum.h"

namespace millrace::flow {

enum class AggregateKind : std::uint8_t { Count, Sum, Average, Least, Most, First, Last, Distinct };

/// What is worked out of a field over the records of a group.
struct Aggregate {
    AggregateKind kind = AggregateKind::Count;
    std::string field;  ///< empty for a count
    std::string as;
};

/// "sum(amount) as total", "count"; nothing when it is no aggregate.
[[nodiscard]] std::optional<Aggregate> aggregateOf(const std::string& written);
/// How one is written, for complaints.
inline constexpr std::string_view aggregatesAreWritten =
    "write count, sum(FIELD), avg, min, max, first, last or distinct, as in \"sum(amount) as total\"";
/// The type of its results; `field` is that of what it is worked out of.
[[nodiscard]] DatumType typeOf(AggregateKind kind, DatumType field);

/// One aggregate of one group at work: a value. What is nothing is left out; whole numbers stay whole in a sum, which
/// overflows as Java's long does.
class Accumulator {
public:
    void add(AggregateKind kind, const Datum& value);
    [[nodiscard]] Datum result(AggregateKind kind) const;

private:
    std::int64_t m_count = 0;
    bool m_isWhole = true;
    double m_sum = 0;
    std::uint64_t m_wholeSum = 0;
    double m_number = 0;
    Datum m_best;
    SharedMap<std::string, bool> m_different;
};

}  // namespace millrace::flow
