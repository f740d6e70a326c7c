#include "engine/storm/operators/count_bolt.h"

#include "engine/storm/operators/datums.h"
#include "engine/storm/operators/text_bolts.h"

namespace millrace::storm {

namespace {

constexpr flow::Work countWork{.perTuple = std::chrono::nanoseconds{150}};  // a look into the map and its update

/// A number as it is added up: its fraction is cut, what is none is 0.
std::int64_t amountOf(const Value& value) {
    const flow::Datum datum = datumOf(value);
    if (const auto* whole = std::get_if<std::int64_t>(&datum)) {
        return *whole;
    }
    return static_cast<std::int64_t>(flow::asNumber(datum).value_or(0));
}

}  // namespace

void CountBolt::prepare(sim::Context&, const OperatorSetup& setup) {
    m_fields = fieldIndices(setup.self(), m_field);
    if (!m_summed.empty()) {
        m_amounts = fieldIndices(setup.self(), m_summed);
    }
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
    const std::int64_t amount = m_amounts.empty() ? 1 : amountOf(tuple.value(m_amounts[tuple.input()]));
    count += amount;
    output.spend(countWork.perTuple);
    output.emitTuple(0, {key, Value::ofLong(count), Value::ofLong(amount)});
}

namespace {

class CountFactory final : public BoltFactory {
public:
    CountFactory(std::string field, std::string summed) : m_field(std::move(field)), m_summed(std::move(summed)) {}
    [[nodiscard]] std::string_view kind() const override { return m_summed.empty() ? "count" : "sum"; }
    [[nodiscard]] Result<std::vector<StreamSpec>, BoltTrouble> streams(
        const std::vector<StreamSpec>& inputs) const override {
        std::string key;
        for (const StreamSpec& input : inputs) {
            const auto at = fieldIndex(input.fields, m_field);
            if (!at) {
                return tl::unexpected(at.error());
            }
            if (const auto amount = fieldIndex(input.fields, m_summed); !m_summed.empty() && !amount) {
                return boltTrouble("of", amount.error().message);
            }
            key = key.empty() ? input.fields[*at] : key;
        }
        return std::vector<StreamSpec>{{std::string{defaultStream}, {key, std::string{kind()}, "increment"}}};
    }
    [[nodiscard]] Ref<Bolt> make() const override { return makeRef<CountBolt>(m_field, m_summed); }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(kind());
        digest.add(std::string_view{m_field});
        if (!m_summed.empty()) {
            digest.add(std::string_view{m_summed});
        }
        return digest.value();
    }

private:
    std::string m_field;
    std::string m_summed;
};

}  // namespace

Ref<const BoltFactory> makeCount(std::string field) {
    return makeRef<CountFactory>(std::move(field), std::string{});
}

Ref<const BoltFactory> makeSum(std::string field, std::string summed) {
    return makeRef<CountFactory>(std::move(field), std::move(summed));
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

const BoltKind& sumKind() {
    static const BoltKind row{
        {.kind = "sum",
         .title = "Sum",
         .help = "Adds up in memory the whole numbers of a field for each value of another.",
         .outputs = "default: the field, sum, increment",
         .parameters = {fieldParameter("The field by whose values numbers belong together.", true, "word"),
                        {.key = "of",
                         .type = flow::ParameterType::Field,
                         .help = "The field with the numbers; a fraction is cut, what is no number is 0.",
                         .isRequired = true,
                         .start = "value"}},
         .summary = {"of", "field"},
         .work = countWork,
         .executors = 2,
         .meetsBy = "field",
         .sendsCounts = true,
         .mainField = [](const flow::ParameterValues& values, const std::string&) { return values.text("field"); }},
        [](const flow::ParameterValues& parameters, const BoltSurroundings&) -> BoltResult {
            return makeSum(parameters.text("field"), parameters.text("of"));
        }};
    return row;
}

}  // namespace millrace::storm
