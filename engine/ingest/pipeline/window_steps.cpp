#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/base/digest.h"
#include "engine/base/shared_map.h"
#include "engine/base/shared_queue.h"
#include "engine/flow/aggregate.h"
#include "engine/ingest/pipeline/step.h"

namespace millrace::ingest {

namespace {

using Type = flow::ParameterType;

constexpr CpuTime perAggregate{60};  // a look into the group's state and its update
constexpr CpuTime perScore{80};
constexpr std::size_t parentsMost = 10'000;  // of one result

// --- aggregate ------------------------------------------------------------------------------------------------------

struct AggregateConfig final : Counted {
    std::vector<flow::Aggregate> aggregates;
    std::vector<std::optional<std::size_t>> fields;  ///< beside them
    std::vector<std::size_t> keys;
    std::int64_t everyMillis = 0;
    std::int64_t lagMillis = 0;
};

/// Tumbling windows by the records' own times, by key. A window is closed when a record has come that is `lag` past its
/// end; what comes for it later is rejected.
class AggregateStep final : public StepBase<AggregateStep> {
public:
    explicit AggregateStep(Ref<const AggregateConfig> config) : m_config(std::move(config)) {}

    void take(PipelineRecord record, StepOutput& output) override {
        const std::int64_t start = floorOf(record.millis);
        if (m_newest && start + m_config->everyMillis + m_config->lagMillis <= *m_newest) {
            output.reject(std::move(record), "it came after its window was closed");
            return;
        }
        output.cost += perAggregate * static_cast<std::int64_t>(m_config->aggregates.size());
        std::string key;
        for (const std::size_t at : m_config->keys) {
            key += flow::toText(record.row[at]);
            key += '\x1f';
        }
        Group& group = m_groups.insert(std::pair{start, key}).first;
        if (group.accumulators.empty()) {
            group.accumulators.resize(m_config->aggregates.size());
            group.first = record.origin;
            for (const std::size_t at : m_config->keys) {
                group.keys.push_back(record.row[at]);
            }
        }
        group.measured = std::max(group.measured, record.measured);
        if (group.positions.size() < parentsMost) {
            group.positions.push_back(record.origin.position);
        }
        for (std::size_t i = 0; i < m_config->aggregates.size(); ++i) {
            const auto& at = m_config->fields[i];
            group.accumulators[i].add(m_config->aggregates[i].kind, at ? record.row[*at] : flow::Datum{});
        }
        m_newest = std::max(m_newest.value_or(record.millis), record.millis);
        close(output, *m_newest - m_config->lagMillis);
    }

    void finish(StepOutput& output) override { close(output, std::nullopt); }

private:
    struct Group {
        Origin first;
        SimTime measured;  ///< of the newest
        std::vector<flow::Datum> keys;
        std::vector<std::int64_t> positions;
        std::vector<flow::Accumulator> accumulators;
    };

    [[nodiscard]] std::int64_t floorOf(std::int64_t millis) const {
        const std::int64_t rest = millis % m_config->everyMillis;
        return millis - (rest < 0 ? rest + m_config->everyMillis : rest);
    }

    /// Closes the windows that end before `until`; all without one.
    void close(StepOutput& output, std::optional<std::int64_t> until) {
        while (!m_groups.empty()) {
            const auto first = m_groups.begin();
            const auto key = (*first).first;
            const std::int64_t end = key.first + m_config->everyMillis;
            if (until && end > *until) {
                return;
            }
            emit(output, key, end, (*first).second);
            m_groups.erase(key);
        }
    }

    void emit(StepOutput& output, const std::pair<std::int64_t, std::string>& key, std::int64_t end,
              const Group& group) const {
        PipelineRecord made;
        made.origin = group.first;
        Digest digest;
        digest.add(end);
        digest.add(std::string_view{key.second});
        made.origin.part = static_cast<std::uint32_t>(digest.value() >> 32U) | 1U;
        made.measured = group.measured;
        made.millis = key.first;
        made.row = {key.first, end};
        made.row.insert(made.row.end(), group.keys.begin(), group.keys.end());
        for (std::size_t i = 0; i < m_config->aggregates.size(); ++i) {
            made.row.push_back(group.accumulators[i].result(m_config->aggregates[i].kind));
        }
        output.merged.push_back({made.origin, group.positions});
        output.passed.push_back(std::move(made));
    }

    Ref<const AggregateConfig> m_config;
    std::optional<std::int64_t> m_newest;
    SharedMap<std::pair<std::int64_t, std::string>, Group> m_groups;
};

StepResult makeAggregate(const StepMaking& making) {
    auto config = makeRef<AggregateConfig>();
    config->everyMillis = making.values.duration("every").value_or(SimDuration{0}).count() / 1'000'000;
    config->lagMillis = making.values.duration("lag").value_or(SimDuration{0}).count() / 1'000'000;
    if (config->everyMillis <= 0) {
        return stepTrouble("every", "a window is a millisecond long at least");
    }
    std::vector<flow::Column> columns{{"window_start", flow::DatumType::Integer},
                                      {"window_end", flow::DatumType::Integer}};
    for (const std::string& field : making.values.list("by")) {
        const auto at = columnIn(making.columns, field);
        if (!at) {
            return noSuchField("by", field, making.columns);
        }
        config->keys.push_back(*at);
        columns.push_back(making.columns[*at]);
    }
    std::vector<std::string> written = making.values.list("aggregates");
    if (written.empty()) {
        written.emplace_back("count");
    }
    for (const std::string& each : written) {
        auto aggregate = flow::aggregateOf(each);
        if (!aggregate) {
            return stepTrouble("aggregates", fmt::format("'{}' is no aggregate; {}", each, flow::aggregatesAreWritten));
        }
        const auto at = aggregate->field.empty() ? std::nullopt : columnIn(making.columns, aggregate->field);
        if (!at && !aggregate->field.empty()) {
            return noSuchField("aggregates", aggregate->field, making.columns);
        }
        if (columnIn(columns, aggregate->as)) {
            return stepTrouble("aggregates", fmt::format("two fields would be called '{}'", aggregate->as));
        }
        columns.push_back(
            {aggregate->as, flow::typeOf(aggregate->kind, at ? making.columns[*at].type : flow::DatumType::Integer)});
        config->fields.push_back(at);
        config->aggregates.push_back(std::move(*aggregate));
    }
    return MadeStep{makeRef<AggregateStep>(config), std::move(columns)};
}

// --- anomaly --------------------------------------------------------------------------------------------------------

struct AnomalyConfig final : Counted {
    std::size_t field = 0;
    std::optional<std::size_t> key;
    std::uint64_t window = 100;
    std::uint64_t least = 20;
    double threshold = 3;
};

/// Holds each value against mean and standard deviation of those before it of its key.
class AnomalyStep final : public StepBase<AnomalyStep> {
public:
    explicit AnomalyStep(Ref<const AnomalyConfig> config) : m_config(std::move(config)) {}

    void take(PipelineRecord record, StepOutput& output) override {
        output.cost += perScore;
        const auto value = flow::asNumber(record.row[m_config->field]);
        flow::Datum score;
        bool isAnomaly = false;
        if (value) {
            Past& past = m_pasts.insert(m_config->key ? flow::toText(record.row[*m_config->key]) : std::string()).first;
            if (past.values.size() >= m_config->least) {
                const double z = past.scoreOf(*value);
                score = z;
                isAnomaly = std::abs(z) >= m_config->threshold;
            }
            past.add(*value, m_config->window);
        }
        record.row.push_back(std::move(score));
        record.row.emplace_back(isAnomaly);
        output.passed.push_back(std::move(record));
    }

private:
    /// The sums are of the values less the first one, so that large numbers with small spreads keep their digits.
    struct Past {
        SharedQueue<double> values;
        double base = 0;
        double sum = 0;
        double squares = 0;

        [[nodiscard]] double scoreOf(double value) const {
            const auto count = static_cast<double>(values.size());
            const double mean = sum / count;
            const double variance = std::max((squares - count * mean * mean) / std::max(count - 1, 1.0), 0.0);
            const double deviation = std::sqrt(variance);
            const double off = value - base - mean;
            constexpr double leastSpread = 1e-9;
            return std::abs(off) <= leastSpread ? 0 : off / std::max(deviation, leastSpread);
        }
        void add(double value, std::uint64_t most) {
            base = values.empty() ? value : base;
            values.push(value);
            sum += value - base;
            squares += (value - base) * (value - base);
            if (values.size() > most) {
                const double old = values.pop() - base;
                sum -= old;
                squares -= old * old;
            }
        }
    };

    Ref<const AnomalyConfig> m_config;
    SharedMap<std::string, Past> m_pasts;
};

StepResult makeAnomaly(const StepMaking& making) {
    auto config = makeRef<AnomalyConfig>();
    const auto field = columnIn(making.columns, making.values.text("field"));
    if (!field) {
        return noSuchField("field", making.values.text("field"), making.columns);
    }
    config->field = *field;
    if (const std::string key = making.values.text("key"); !key.empty()) {
        config->key = columnIn(making.columns, key);
        if (!config->key) {
            return noSuchField("key", key, making.columns);
        }
    }
    config->window = static_cast<std::uint64_t>(making.values.integer("window").value_or(100));
    config->least = std::min<std::uint64_t>(static_cast<std::uint64_t>(making.values.integer("least").value_or(20)),
                                            config->window);
    config->threshold = making.values.number("threshold").value_or(3);
    std::vector<flow::Column> columns = making.columns;
    for (const flow::Column& each :
         {flow::Column{"score", flow::DatumType::Real}, flow::Column{"anomaly", flow::DatumType::Flag}}) {
        if (columnIn(columns, each.name)) {
            return stepTrouble("field",
                               fmt::format("there is a field '{}' already, which this step would add", each.name));
        }
        columns.push_back(each);
    }
    return MadeStep{makeRef<AnomalyStep>(config), std::move(columns)};
}

}  // namespace

const StepKind& aggregateStep() {
    static const StepKind row{
        {.node = flow::NodeKind::IngestStep,
         .kind = "aggregate",
         .title = "Aggregate",
         .help = "Counts, sums and the like over windows of the records' own times, by key.",
         .outputs = "window_start, window_end, the fields of the key and the aggregates",
         .parameters = {{.key = "every", .type = Type::Duration, .help = "The length of a window.", .isRequired = true},
                        {.key = "by",
                         .type = Type::FieldList,
                         .help = "The fields of the key.",
                         .most = 16,
                         .blank = "all together"},
                        {.key = "aggregates",
                         .type = Type::TextList,
                         .help = "count, sum(FIELD), avg, min, max, first, last or distinct, as in \"sum(amount) as "
                                 "total\".",
                         .defaultText = "count",
                         .most = 64},
                        {.key = "lag",
                         .type = Type::Duration,
                         .help = "How far records may be out of order: a window is closed when one this much past its "
                                 "end has come. Later ones are rejected.",
                         .defaultText = "0s"}},
         .summary = {"every"}},
        makeAggregate};
    return row;
}

const StepKind& anomalyStep() {
    static const StepKind row{
        {.node = flow::NodeKind::IngestStep,
         .kind = "anomaly",
         .title = "Anomaly",
         .help = "Tells how many standard deviations a value is off the mean of those before it.",
         .outputs = "the fields that come in, score and anomaly",
         .parameters = {{.key = "field", .type = Type::Field, .help = "The value that is judged.", .isRequired = true},
                        {.key = "key",
                         .type = Type::Field,
                         .help = "Judges the values of each key by themselves.",
                         .blank = "all together"},
                        {.key = "window",
                         .type = Type::Integer,
                         .help = "How many values before it are looked at.",
                         .defaultText = "100",
                         .least = 2,
                         .most = 1'000'000},
                        {.key = "least",
                         .type = Type::Integer,
                         .help = "Fewer values before it judge nothing.",
                         .defaultText = "20",
                         .least = 2,
                         .most = 1'000'000},
                        {.key = "threshold",
                         .type = Type::Number,
                         .help = "From how many standard deviations on it is an anomaly.",
                         .defaultText = "3",
                         .least = 0.1,
                         .most = 1000}},
         .summary = {"field"}},
        makeAnomaly};
    return row;
}

}  // namespace millrace::ingest
