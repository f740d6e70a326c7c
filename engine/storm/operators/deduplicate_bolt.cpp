#include "engine/storm/operators/deduplicate_bolt.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/shared_queue.h"
#include "engine/storm/operators/text_bolts.h"
#include "engine/storm/runtime/shared_table.h"

namespace millrace::storm {

namespace {

constexpr flow::Work deduplicateWork{.perTuple =
                                         std::chrono::nanoseconds{200}};  // a look into the map, an insert and an erase

struct DeduplicateConfig final : Counted {
    std::string field;
    std::optional<SimDuration> within;
    std::uint64_t keysMost = 0;
    std::string timeField;  ///< empty: when tuples arrive
};

class DeduplicateBolt final : public BoltBase<DeduplicateBolt> {
public:
    explicit DeduplicateBolt(Ref<const DeduplicateConfig> config) : m_config(std::move(config)) {}

    void prepare(sim::Context&, const OperatorSetup& setup) override {
        m_fields = fieldIndices(setup.self(), m_config->field);
        if (!m_config->timeField.empty()) {
            m_timeFields = fieldIndices(setup.self(), m_config->timeField);
        }
    }

    void execute(BoltOutput& output, const TupleView& tuple) override {
        output.spend(deduplicateWork.perTuple);
        const SimDuration time = timeOf(output, tuple);
        m_now = std::max(m_now, time);
        forgetWhile([this] { return isOver(m_order.front()); });
        const Value& value = tuple.value(m_fields[tuple.input()]);
        const std::string made = value.isText() ? std::string{} : value.toText();
        const std::string_view key = value.isText() ? value.asText() : std::string_view{made};
        const std::uint64_t origin = originOf(tuple);
        auto [first, isNew] = m_firsts.insert(key);
        if (!isNew && first.origin != origin && isRemembered(first, time)) {
            return;
        }
        if (isNew || first.origin != origin) {
            first = {time, origin, ++m_passed};
            m_order.push({std::string{key}, m_passed});
            forgetWhile([this] { return m_order.size() > m_config->keysMost; });
        }
        output.emitTuple(0, tuple.values());
    }

private:
    struct First {
        SimDuration time{0};
        std::uint64_t origin = 0;
        std::uint64_t number = 0;  ///< of its entry in the order
    };
    struct Place {
        std::string key;
        std::uint64_t number = 0;
    };

    /// What stays the same when the tuple is sent again.
    static std::uint64_t originOf(const TupleView& tuple) {
        const SourceRecord& record = tuple.record();
        Digest digest;
        digest.add(record.topic);
        digest.add(record.partition);
        digest.add(record.offset);
        digest.add(tuple.lineage());
        return digest.value();
    }

    /// A field that holds no number tells nothing: the time stays.
    [[nodiscard]] SimDuration timeOf(BoltOutput& output, const TupleView& tuple) const {
        if (m_config->timeField.empty()) {
            return output.context().now().time_since_epoch();
        }
        const Value& value = tuple.value(m_timeFields[tuple.input()]);
        if (value.kind() == Value::Kind::Int || value.kind() == Value::Kind::Long) {
            return inMilliseconds(value.asLong());
        }
        const flow::ParameterValues written{{{"time", {value.toText()}}}};
        const auto number = written.integer("time");
        return number ? inMilliseconds(*number) : m_now;
    }

    static SimDuration inMilliseconds(std::int64_t count) {
        constexpr std::int64_t most = 4'000'000'000'000;  // the difference of two still fits in nanoseconds
        return std::chrono::milliseconds{std::clamp(count, -most, most)};
    }

    [[nodiscard]] bool isRemembered(const First& first, SimDuration time) const {
        return !m_config->within || std::chrono::abs(time - first.time) < *m_config->within;
    }

    /// The oldest go first; an entry whose key has passed anew since stands further back with a number of its own.
    template <class Condition>
    void forgetWhile(Condition condition) {
        while (!m_order.empty() && condition()) {
            const Place oldest = m_order.pop();
            const First* first = m_firsts.find(oldest.key);
            if (first != nullptr && first->number == oldest.number) {
                m_firsts.erase(oldest.key);
            }
        }
    }

    [[nodiscard]] bool isOver(const Place& place) const {
        const First* first = m_firsts.find(place.key);
        return first == nullptr || first->number != place.number ||
               (m_config->within && m_now - first->time >= *m_config->within);
    }

    Ref<const DeduplicateConfig> m_config;
    std::vector<std::size_t> m_fields;      // by input
    std::vector<std::size_t> m_timeFields;  // by input
    SimDuration m_now{0};
    SharedTable<TextKey, First> m_firsts;
    SharedQueue<Place> m_order;
    std::uint64_t m_passed = 0;
};

class DeduplicateFactory final : public BoltFactory {
public:
    explicit DeduplicateFactory(Ref<const DeduplicateConfig> config) : m_config(std::move(config)) {}
    [[nodiscard]] std::string_view kind() const override { return deduplicateKind().about.kind; }
    [[nodiscard]] Result<std::vector<StreamSpec>, BoltTrouble> streams(
        const std::vector<StreamSpec>& inputs) const override {
        for (const StreamSpec& input : inputs) {
            if (m_config->timeField.empty()) {
                break;
            }
            if (auto at = fieldIndex(input.fields, m_config->timeField); !at) {
                return boltTrouble("time", std::move(at.error().message));
            }
        }
        return passedOn(inputs, m_config->field);
    }
    [[nodiscard]] Ref<Bolt> make() const override { return makeRef<DeduplicateBolt>(m_config); }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(kind());
        digest.add(std::string_view{m_config->field});
        digest.add(m_config->within.value_or(SimDuration{-1}).count());
        digest.add(m_config->keysMost);
        digest.add(std::string_view{m_config->timeField});
        return digest.value();
    }

private:
    Ref<const DeduplicateConfig> m_config;
};

BoltResult makeDeduplicate(const flow::ParameterValues& parameters, const BoltSurroundings&) {
    const auto config = makeRef<DeduplicateConfig>();
    config->field = parameters.text("field");
    config->within = parameters.duration("within");
    config->keysMost = static_cast<std::uint64_t>(parameters.integer("count").value_or(1));
    config->timeField = parameters.text("time");
    return makeRef<DeduplicateFactory>(config);
}

}  // namespace

const BoltKind& deduplicateKind() {
    using Type = flow::ParameterType;
    static const BoltKind row{
        {.kind = "deduplicate",
         .title = "Deduplicate",
         .help = "Passes the first tuple of each key and drops those that follow it within a time or a count.",
         .outputs = "default: the fields that come in",
         .parameters = {fieldParameter("The field that is the key.", true),
                        {.key = "within",
                         .type = Type::Duration,
                         .help = "A key is forgotten this long after the tuple that passed.",
                         .least = 0.001,
                         .blank = "no end",
                         .start = "10s"},
                        {.key = "count",
                         .type = Type::Integer,
                         .help = "So many keys a task remembers; then it forgets the oldest.",
                         .defaultText = "100000",
                         .least = 1,
                         .most = 1'000'000},
                        {.key = "time",
                         .type = Type::Field,
                         .help = "The field with the time of an event, in milliseconds since 1970; without it, time is "
                                 "when tuples arrive.",
                         .readWhen = flow::with("within"),
                         .blank = "when tuples arrive"}},
         .summary = {"field"},
         .work = deduplicateWork,
         .meetsBy = "field"},
        makeDeduplicate};
    return row;
}

}  // namespace millrace::storm
