#pragma once

#include <string>

#include "engine/storm/operators/bolt_kind.h"
#include "engine/storm/runtime/shared_table.h"

namespace millrace::storm {

/// Counts the values of a field. Emits (KEY, count, increment): the total so far in this task's memory, which a restart
/// forgets, and the 1 that this tuple adds, which a sink can add up for good.
class CountBolt final : public BoltBase<CountBolt> {
public:
    using Counts = SharedTable<TextKey, std::int64_t>;

    explicit CountBolt(std::string field) : m_field(std::move(field)) {}

    void prepare(sim::Context& context, const OperatorSetup& setup) override;
    void execute(BoltOutput& output, const TupleView& tuple) override;
    [[nodiscard]] const Counts& counts() const { return m_counts; }
    [[nodiscard]] const std::string& field() const { return m_field; }

private:
    std::string m_field;
    std::vector<std::size_t> m_fields;  // by input
    Counts m_counts;
};

[[nodiscard]] Ref<const BoltFactory> makeCount(std::string field);
[[nodiscard]] const BoltKind& countKind();

}  // namespace millrace::storm
