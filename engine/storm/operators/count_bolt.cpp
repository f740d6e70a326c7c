#include "engine/storm/operators/count_bolt.h"

#include "engine/storm/cost.h"
#include "engine/storm/operators/text_bolts.h"

namespace millrace::storm {

void CountBolt::prepare(sim::Context&, const OperatorSetup& setup) {
    m_fields = fieldIndices(setup.self(), m_field);
}

void CountBolt::execute(BoltOutput& output, const TupleView& tuple) {
    const Value& key = tuple.value(m_fields[tuple.input()]);
    std::int64_t& count = key.isText() ? m_counts.insert(key.asText()).first : m_counts.insert(key.toText()).first;
    ++count;
    output.spend(cost::countUpdate);
    output.emitTuple(0, {key, Value::ofLong(count), Value::ofLong(1)});
}

namespace {

class CountFactory final : public BoltFactory {
public:
    explicit CountFactory(std::string field) : m_field(std::move(field)) {}
    [[nodiscard]] std::string_view kind() const override { return "count"; }
    [[nodiscard]] Result<std::vector<StreamSpec>, BoltTrouble> streams(
        const std::vector<StreamSpec>& inputs) const override {
        std::string key;
        for (const StreamSpec& input : inputs) {
            const auto at = fieldIndex(input.fields, m_field);
            if (!at) {
                return tl::unexpected(at.error());
            }
            key = key.empty() ? input.fields[*at] : key;
        }
        return std::vector<StreamSpec>{{std::string{defaultStream}, {key, "count", "increment"}}};
    }
    [[nodiscard]] Ref<Bolt> make() const override { return makeRef<CountBolt>(m_field); }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(kind());
        digest.add(std::string_view{m_field});
        return digest.value();
    }

private:
    std::string m_field;
};

}  // namespace

Ref<const BoltFactory> makeCount(std::string field) {
    return makeRef<CountFactory>(std::move(field));
}

}  // namespace millrace::storm
