#include "engine/storm/operators/window_bolts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/flow/aggregate.h"
#include "engine/storm/operators/datums.h"
#include "engine/storm/operators/text_bolts.h"
#include "engine/storm/operators/window_buffer.h"

namespace millrace::storm {

namespace {

constexpr std::uint8_t resultStream = 0;
constexpr std::uint8_t lateStream = 1;
constexpr CpuTime perAggregate{60};  // a look into the group's state and its update

/// What tells a result apart from all others of its bolt, the same in a replay.
std::uint32_t lineageOf(std::int64_t end, std::string_view key, std::uint64_t more) {
    Digest digest;
    digest.add(end);
    digest.add(key);
    digest.add(more);
    return static_cast<std::uint32_t>(digest.value() >> 32U) | 1U;
}

// --- window ---------------------------------------------------------------------------------------------------------

struct WindowConfig final : Counted {
    WindowSpec window;
    std::string key;  ///< empty: all together
    std::vector<flow::Aggregate> aggregates;
};

class WindowBolt final : public BoltBase<WindowBolt> {
public:
    explicit WindowBolt(Ref<const WindowConfig> config) : m_config(std::move(config)), m_buffer(m_config->window) {}

    void prepare(sim::Context& context, const OperatorSetup& setup) override {
        m_buffer.prepare(context, setup);
        if (!m_config->key.empty()) {
            m_keys = fieldIndices(setup.self(), m_config->key);
        }
        for (const flow::Aggregate& each : m_config->aggregates) {
            m_fields.push_back(each.field.empty() ? std::vector<std::size_t>(setup.self().inputs.size())
                                                  : fieldIndices(setup.self(), each.field));
        }
    }

    void execute(BoltOutput& output, const TupleView& tuple) override {
        if (!m_buffer.take(output, tuple, evaluator(output))) {
            output.emitTuple(lateStream, tuple.values());
        }
    }

    bool handle(BoltOutput& output, const sim::Message& message) override {
        return m_buffer.handle(output, message, evaluator(output));
    }

private:
    struct Group {
        Value key;
        std::vector<flow::Accumulator> accumulators;
        std::vector<HeldTuple> parents;
        WindowBuffer::Window tuples;
    };

    WindowBuffer::Evaluate evaluator(BoltOutput& output) {
        return [this, &output](std::int64_t start, std::int64_t end, const WindowBuffer::Window& window) {
            evaluate(output, start, end, window);
        };
    }

    void evaluate(BoltOutput& output, std::int64_t start, std::int64_t end, const WindowBuffer::Window& window) {
        std::map<std::string, Group> groups;  // in the order of their keys
        for (const WindowTuple* tuple : window) {
            const Value key = m_keys.empty() ? Value{} : tuple->values[m_keys[tuple->input]];
            Group& group = groups[key.toText()];
            group.accumulators.resize(m_config->aggregates.size());
            group.key = key;
            group.tuples.push_back(tuple);
            group.parents.push_back(tuple->held);
            for (std::size_t i = 0; i < m_config->aggregates.size(); ++i) {
                group.accumulators[i].add(m_config->aggregates[i].kind,
                                          datumOf(tuple->values[m_fields[i][tuple->input]]));
            }
        }
        output.spend(perAggregate * static_cast<std::int64_t>(window.size() * m_config->aggregates.size()));
        for (const auto& [name, group] : groups) {
            std::vector<Value> values{Value::ofLong(start), Value::ofLong(end)};
            if (!m_keys.empty()) {
                values.push_back(group.key);
            }
            for (std::size_t i = 0; i < m_config->aggregates.size(); ++i) {
                values.push_back(valueOf(group.accumulators[i].result(m_config->aggregates[i].kind), output));
            }
            const WindowTuple& newest = *group.tuples.back();
            WindowBuffer::tellMerged(output, newest, group.tuples);
            output.emitMade(resultStream, values, group.parents, newest.records, newest.record,
                            lineageOf(end, name, 0));
        }
    }

    Ref<const WindowConfig> m_config;
    WindowBuffer m_buffer;
    std::vector<std::size_t> m_keys;                 // by input; empty: all together
    std::vector<std::vector<std::size_t>> m_fields;  // by aggregate and input
};

class WindowFactory final : public BoltFactory {
public:
    explicit WindowFactory(Ref<const WindowConfig> config) : m_config(std::move(config)) {}
    [[nodiscard]] std::string_view kind() const override { return windowKind().about.kind; }
    [[nodiscard]] Result<std::vector<StreamSpec>, BoltTrouble> streams(
        const std::vector<StreamSpec>& inputs) const override {
        auto late = passedOn(inputs, {});
        if (!late) {
            return late;
        }
        const auto has = [&](const std::string& field) { return field.empty() || fieldIndex(inputs[0].fields, field); };
        const std::string only = fmt::format("{}", fmt::join(inputs[0].fields, ", "));
        using Named = std::pair<std::string, std::string_view>;
        for (const Named& each : {Named{m_config->key, "key"}, Named{m_config->window.timeField, "time"}}) {
            if (!has(each.first)) {
                return boltTrouble(each.second, fmt::format("the input has no field '{}', only {}", each.first, only));
            }
        }
        StreamSpec results{std::string{defaultStream}, {"window_start", "window_end"}};
        if (!m_config->key.empty()) {
            results.fields.push_back(m_config->key);
        }
        for (const flow::Aggregate& each : m_config->aggregates) {
            if (!has(each.field)) {
                return boltTrouble("aggregates", fmt::format("the input has no field '{}', only {}", each.field, only));
            }
            if (std::find(results.fields.begin(), results.fields.end(), each.as) != results.fields.end()) {
                return boltTrouble("aggregates", fmt::format("two fields would be called '{}'", each.as));
            }
            results.fields.push_back(each.as);
        }
        late->front().name = "late";
        return std::vector<StreamSpec>{std::move(results), std::move(late->front())};
    }
    [[nodiscard]] Ref<Bolt> make() const override { return makeRef<WindowBolt>(m_config); }
    [[nodiscard]] SimDuration keepsTuplesFor() const override { return m_config->window.keepsFor(); }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(kind());
        m_config->window.digest(digest);
        digest.add(std::string_view{m_config->key});
        for (const flow::Aggregate& each : m_config->aggregates) {
            digest.add(static_cast<std::uint64_t>(each.kind));
            digest.add(std::string_view{each.field});
            digest.add(std::string_view{each.as});
        }
        return digest.value();
    }

private:
    Ref<const WindowConfig> m_config;
};

BoltResult makeWindow(const flow::ParameterValues& parameters, const BoltSurroundings&) {
    auto window = windowSpec(parameters);
    if (!window) {
        return tl::unexpected(std::move(window.error()));
    }
    auto config = makeRef<WindowConfig>();
    config->window = std::move(*window);
    config->key = parameters.text("key");
    std::vector<std::string> aggregates = parameters.list("aggregates");
    if (aggregates.empty()) {
        aggregates.emplace_back("count");
    }
    for (const std::string& written : aggregates) {
        auto aggregate = flow::aggregateOf(written);
        if (!aggregate) {
            return boltTrouble("aggregates",
                               fmt::format("'{}' is no aggregate; {}", written, flow::aggregatesAreWritten));
        }
        config->aggregates.push_back(std::move(*aggregate));
    }
    return makeRef<WindowFactory>(config);
}

// --- join -----------------------------------------------------------------------------------------------------------

struct JoinConfig final : Counted {
    WindowSpec window;
    std::string key;
    bool keepsUnmatched = false;
};

class JoinBolt final : public BoltBase<JoinBolt> {
public:
    explicit JoinBolt(Ref<const JoinConfig> config) : m_config(std::move(config)), m_buffer(m_config->window) {}

    void prepare(sim::Context& context, const OperatorSetup& setup) override {
        m_buffer.prepare(context, setup);
        m_keys = fieldIndices(setup.self(), m_config->key);
        m_width = setup.self().inputs[1].fields.size();
    }
    void execute(BoltOutput& output, const TupleView& tuple) override {
        if (!m_buffer.take(output, tuple, evaluator(output))) {
            output.emitTuple(lateStream, {tuple.value(m_keys[tuple.input()])});
        }
    }
    bool handle(BoltOutput& output, const sim::Message& message) override {
        return m_buffer.handle(output, message, evaluator(output));
    }

private:
    WindowBuffer::Evaluate evaluator(BoltOutput& output) {
        return [this, &output](std::int64_t, std::int64_t end, const WindowBuffer::Window& window) {
            evaluate(output, end, window);
        };
    }

    void evaluate(BoltOutput& output, std::int64_t end, const WindowBuffer::Window& window) {
        std::map<std::string, std::vector<const WindowTuple*>> right;
        for (const WindowTuple* tuple : window) {
            if (tuple->input == 1) {
                right[tuple->values[m_keys[1]].toText()].push_back(tuple);
            }
        }
        output.spend(perAggregate * static_cast<std::int64_t>(window.size()));
        for (const WindowTuple* tuple : window) {
            if (tuple->input != 0) {
                continue;
            }
            const std::string key = tuple->values[m_keys[0]].toText();
            const auto found = right.find(key);
            if (found == right.end()) {
                if (m_config->keepsUnmatched) {
                    pair(output, end, key, *tuple, nullptr);
                }
                continue;
            }
            WindowBuffer::tellMerged(output, *tuple, found->second);
            for (const WindowTuple* other : found->second) {
                pair(output, end, key, *tuple, other);
            }
        }
    }

    void pair(BoltOutput& output, std::int64_t end, const std::string& key, const WindowTuple& left,
              const WindowTuple* right) {
        std::vector<Value> values = left.values;
        std::vector<HeldTuple> parents{left.held};
        Digest origin;
        const auto add = [&origin](const WindowTuple& tuple) {
            const SourceRecord& record = tuple.records->records[tuple.record];
            origin.add(record.topic);
            origin.add(record.partition);
            origin.add(record.offset);
            origin.add(tuple.lineage);
        };
        add(left);
        for (std::size_t i = 0; i < m_width; ++i) {
            if (i != m_keys[1]) {
                const Value value = right != nullptr ? right->values[i] : Value{};
                values.push_back(value.isText() ? Value::ofText(output.keep(std::string{value.asText()})) : value);
            }
        }
        if (right != nullptr) {
            parents.push_back(right->held);
            add(*right);
        }
        output.emitMade(resultStream, values, parents, left.records, left.record, lineageOf(end, key, origin.value()));
    }

    Ref<const JoinConfig> m_config;
    WindowBuffer m_buffer;
    std::vector<std::size_t> m_keys;  // by input
    std::size_t m_width = 0;          // fields of the second input
};

class JoinFactory final : public BoltFactory {
public:
    explicit JoinFactory(Ref<const JoinConfig> config) : m_config(std::move(config)) {}
    [[nodiscard]] std::string_view kind() const override { return joinKind().about.kind; }
    [[nodiscard]] Result<std::vector<StreamSpec>, BoltTrouble> streams(
        const std::vector<StreamSpec>& inputs) const override {
        if (inputs.size() != 2) {
            return tl::unexpected(BoltTrouble{{}, "a join has two inputs"});
        }
        for (const StreamSpec& input : inputs) {
            if (auto at = fieldIndex(input.fields, m_config->key); !at) {
                return boltTrouble("key", std::move(at.error().message));
            }
            if (const std::string& time = m_config->window.timeField; !time.empty()) {
                if (auto at = fieldIndex(input.fields, time); !at) {
                    return boltTrouble("time", std::move(at.error().message));
                }
            }
        }
        StreamSpec joined{std::string{defaultStream}, inputs[0].fields};
        for (const std::string& field : inputs[1].fields) {
            if (field != m_config->key) {
                std::string name = field;
                while (std::find(joined.fields.begin(), joined.fields.end(), name) != joined.fields.end()) {
                    name.insert(0, "other_");
                }
                joined.fields.push_back(std::move(name));
            }
        }
        return std::vector<StreamSpec>{std::move(joined), {"late", {m_config->key}}};
    }
    [[nodiscard]] Ref<Bolt> make() const override { return makeRef<JoinBolt>(m_config); }
    [[nodiscard]] SimDuration keepsTuplesFor() const override { return m_config->window.keepsFor(); }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(kind());
        m_config->window.digest(digest);
        digest.add(std::string_view{m_config->key});
        digest.add(m_config->keepsUnmatched);
        return digest.value();
    }

private:
    Ref<const JoinConfig> m_config;
};

BoltResult makeJoin(const flow::ParameterValues& parameters, const BoltSurroundings&) {
    auto window = windowSpec(parameters);
    if (!window) {
        return tl::unexpected(std::move(window.error()));
    }
    auto config = makeRef<JoinConfig>();
    config->window = std::move(*window);
    config->key = parameters.text("key");
    config->keepsUnmatched = parameters.text("unmatched") == "keep";
    return makeRef<JoinFactory>(config);
}

std::vector<flow::Parameter> withWindow(std::vector<flow::Parameter> parameters) {
    for (flow::Parameter& each : windowParameters()) {
        parameters.push_back(std::move(each));
    }
    return parameters;
}

}  // namespace

const BoltKind& windowKind() {
    using Type = flow::ParameterType;
    static const BoltKind row{
        {.kind = "window",
         .title = "Window",
         .help = "Sums up the tuples of tumbling or sliding windows by key; late ones go to the stream late.",
         .outputs = "default: window_start, window_end, the key, the aggregates; late: the fields that come in",
         .parameters = withWindow({{.key = "key",
                                    .type = Type::Field,
                                    .help = "The field by which tuples are summed up; without it, all together.",
                                    .blank = "all together",
                                    .start = "value"},
                                   {.key = "aggregates",
                                    .type = Type::TextList,
                                    .help = "What is worked out: count, sum(FIELD), avg, min, max, first, last, "
                                            "distinct, as in \"sum(amount) as total\"; without any, the count.",
                                    .most = 32,
                                    .blank = "count"}}),
         .summary = {"length", "tuples"},
         .meetsBy = "key",
         .mainField =
             [](const flow::ParameterValues& values, const std::string&) {
                 const std::string key = values.text("key");
                 return key.empty() ? std::string{"window_end"} : key;
             }},
        makeWindow};
    return row;
}

const BoltKind& joinKind() {
    using Type = flow::ParameterType;
    static const BoltKind row{
        {.kind = "join",
         .title = "Join",
         .help = "Brings tuples of two inputs together that have a key in common and lie in one window.",
         .outputs = "default: the fields of the first input, then those of the second without the key; late: the key",
         .parameters = withWindow({{.key = "key",
                                    .type = Type::Field,
                                    .help = "The field that both inputs have and that must be equal.",
                                    .isRequired = true,
                                    .start = "value"},
                                   {.key = "unmatched",
                                    .type = Type::Choice,
                                    .help = "What becomes of a tuple of the first input without a partner: drop is an "
                                            "inner join, keep a left one.",
                                    .defaultText = "drop",
                                    .choices = {"drop", "keep"}}}),
         .summary = {"key"},
         .meetsBy = "key"},
        makeJoin};
    return row;
}

}  // namespace millrace::storm
