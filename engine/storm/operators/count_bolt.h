#pragma once

#include <string>

#include "engine/storm/operators/bolt_kind.h"
#include "engine/storm/runtime/shared_table.h"

namespace millrace::storm {

/// Counts the values of a field, or adds up the whole numbers of another one for each of them. Emits (KEY, count,
/// increment): the total so far in this task's memory, which a restart forgets, and what this tuple adds (1 where it
/// counts), which a sink can add up for good.
class CountBolt final : public BoltBase<CountBolt> {
public:
    using Counts = SharedTable<TextKey, std::int64_t>;

    /// `summed` is the field that is added up; empty: it counts.
    explicit CountBolt(std::string field, std::string summed = {})
        : m_field(std::move(field)), m_summed(std::move(summed)) {}

    void prepare(sim::Context& context, const OperatorSetup& setup) override;
    void execute(BoltOutput& output, const TupleView& tuple) override;
    [[nodiscard]] const Counts& counts() const { return m_counts; }
    [[nodiscard]] const std::string& field() const { return m_field; }

private:
    std::string m_field;
    std::string m_summed;
    std::vector<std::size_t> m_fields;   // by input
    std::vector<std::size_t> m_amounts;  // by input, of the field that is added up; empty: it counts
    Counts m_counts;
};

[[nodiscard]] Ref<const BoltFactory> makeCount(std::string field);
[[nodiscard]] const BoltKind& countKind();
/// Emits (KEY, sum, increment).
[[nodiscard]] Ref<const BoltFactory> makeSum(std::string field, std::string summed);
[[nodiscard]] const BoltKind& sumKind();

}  // namespace millrace::storm
