#include "engine/storm/operators/count_bolt.h"

#include "engine/storm/operators/text_bolts.h"

namespace millrace::storm {

namespace {

constexpr flow::Work countWork{.perTuple = std::chrono::nanoseconds{150}};  // a look into the map and its update

}  // namespace

void CountBolt::prepare(sim::Context&, const OperatorSetup& setup) {
    m_fields = fieldIndices(setup.self(), m_field);
}

void CountBolt::execute(BoltOutput& output, const TupleView& tuple) {
    const std::size_t field = m_fields[tuple.input()];
    const Value& key = tuple.value(field);
    constexpr std::size_t together = 16;  // about as much as a core waits for at a time
    if (tuple.place() % together == 0) {
        const Value* next = &key;
        for (std::size_t i = 0; i < together && next != nullptr; next = tuple.ahead(++i, field)) {
            if (next->isText()) {
                m_counts.expect(next->asText());
            }
        }
    }
    std::int64_t& count = key.isText() ? m_counts.insert(key.asText()).first : m_counts.insert(key.toText()).first;
    ++count;
    output.spend(countWork.perTuple);
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

const BoltKind& countKind() {
    static const BoltKind row{
        {.kind = "count",
         .title = "Count",
         .help = "Counts in memory how often each value of a field occurs.",
         .outputs = "default: the field, count, increment",
         .parameters = {fieldParameter("The field whose values are counted.", true, "word")},
         .summary = {"field"},
         .work = countWork,
         .executors = 2,
         .meetsBy = "field",
         .sendsCounts = true,
         .mainField = [](const flow::ParameterValues& values, const std::string&) { return values.text("field"); }},
        [](const flow::ParameterValues& parameters, const BoltSurroundings&) -> BoltResult {
            return makeCount(parameters.text("field"));
        }};
    return row;
}

}  // namespace millrace::storm
