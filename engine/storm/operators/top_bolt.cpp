#include "engine/storm/operators/top_bolt.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/storm/operators/datums.h"
#include "engine/storm/operators/text_bolts.h"

namespace millrace::storm {

namespace {

constexpr flow::Work topWork{.perTuple = std::chrono::nanoseconds{250}};  // a look into the ranking and its update

struct TopConfig final : Counted {
    std::string field;
    std::string by;
    std::size_t most = 10;
    SimDuration every{0};
    std::optional<SimDuration> within;
};

/// To itself: the ranking is due. Tick tuples of the topology do the same.
struct RankingDue final : sim::MessageBase<RankingDue> {
    static constexpr std::string_view Name = "storm.RankingDue";
    TaskId task;
    explicit RankingDue(TaskId whose) : task(whose) {}
    void digest(Digest& digest) const override { digest.add(task.value); }
};

/// What it emits is anchored to nothing, as in Storm's rolling top words: a lost ranking is followed by the next.
class TopBolt final : public BoltBase<TopBolt> {
public:
    explicit TopBolt(Ref<const TopConfig> config) : m_config(std::move(config)) {}

    void prepare(sim::Context& context, const OperatorSetup& setup) override {
        m_task = setup.task;
        m_fields = fieldIndices(setup.self(), m_config->field);
        m_by = fieldIndices(setup.self(), m_config->by);
        arm(context);
    }

    void execute(BoltOutput& output, const TupleView& tuple) override {
        output.spend(topWork.perTuple);
        const auto number = flow::asNumber(datumOf(tuple.value(m_by[tuple.input()])));
        if (!number) {
            return;
        }
        const std::string key = tuple.value(m_fields[tuple.input()]).toText();
        if (const Rank* known = m_ranks.find(key)) {
            m_order.erase(std::pair<double, std::string>{-known->number, key});
        }
        m_ranks.set(key, Rank{*number, output.context().now()});
        m_order.set({-*number, key}, tuple.value(m_by[tuple.input()]).kind() != Value::Kind::Double);
        if (m_order.size() > keysMost) {
            forget((*m_order.last()).first);
        }
        m_records = tuple.recordSet();
        m_record = tuple.recordIndex();
    }

    void tick(BoltOutput& output) override { tell(output); }

    bool handle(BoltOutput& output, const sim::Message& message) override {
        const auto* due = message.as<RankingDue>();
        if (due == nullptr || due->task != m_task) {
            return false;
        }
        arm(output.context());
        tell(output);
        return true;
    }

private:
    static constexpr std::uint64_t keysMost = 100'000;
    struct Rank {
        double number = 0;
        SimTime time;
    };

    void forget(const std::pair<double, std::string>& last) {
        const std::pair<double, std::string> place = last;
        m_ranks.erase(place.second);
        m_order.erase(place);
    }

    void forgetOld(SimTime now) {
        std::vector<std::pair<double, std::string>> old;
        for (auto at = m_ranks.begin(); at != m_ranks.end(); ++at) {
            if ((*at).second.time + *m_config->within < now) {
                old.emplace_back(-(*at).second.number, (*at).first);
            }
        }
        for (const auto& place : old) {
            forget(place);
        }
    }

    void arm(sim::Context& context) const {
        if (m_config->every > SimDuration{0}) {
            context.arm(m_config->every, makeRef<RankingDue>(m_task));
        }
    }

    void tell(BoltOutput& output) {
        if (!m_records) {
            return;
        }
        if (m_config->within) {
            forgetOld(output.context().now());
        }
        std::int64_t rank = 0;
        ++m_told;
        for (auto at = m_order.begin(); at != m_order.end() && rank < static_cast<std::int64_t>(m_config->most); ++at) {
            const auto& [place, isWhole] = *at;
            ++rank;
            output.spend(topWork.perTuple);
            const double number = -place.first;
            const Value value = isWhole ? Value::ofLong(static_cast<std::int64_t>(number)) : Value::ofDouble(number);
            output.emitMade(0,
                            std::vector<Value>{Value::ofLong(rank), Value::ofText(output.keep(place.second)), value,
                                               Value::ofLong(output.context().clockMillis())},
                            {}, m_records, m_record,
                            static_cast<std::uint32_t>(m_told << 8U) | static_cast<std::uint32_t>(rank & 0xFF));
        }
    }

    Ref<const TopConfig> m_config;
    TaskId m_task;
    std::vector<std::size_t> m_fields;  // by input
    std::vector<std::size_t> m_by;      // by input
    SharedMap<std::string, Rank> m_ranks;
    SharedMap<std::pair<double, std::string>, bool> m_order;  ///< by the negated number: the greatest first
    RecordSetRef m_records;                                   ///< of the newest tuple
    std::uint32_t m_record = 0;
    std::uint64_t m_told = 0;
};

class TopFactory final : public BoltFactory {
public:
    explicit TopFactory(Ref<const TopConfig> config) : m_config(std::move(config)) {}
    [[nodiscard]] std::string_view kind() const override { return topKind().about.kind; }
    [[nodiscard]] Result<std::vector<StreamSpec>, BoltTrouble> streams(
        const std::vector<StreamSpec>& inputs) const override {
        for (const StreamSpec& input : inputs) {
            using Named = std::pair<std::string, std::string_view>;
            for (const Named& each : {Named{m_config->field, "field"}, Named{m_config->by, "by"}}) {
                const auto& [field, parameter] = each;
                if (auto at = fieldIndex(input.fields, field); !at) {
                    return boltTrouble(parameter, std::move(at.error().message));
                }
            }
        }
        return std::vector<StreamSpec>{{std::string{defaultStream}, {"rank", "name", "number", "told_at"}}};
    }
    [[nodiscard]] Ref<Bolt> make() const override { return makeRef<TopBolt>(m_config); }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(kind());
        digest.add(std::string_view{m_config->field});
        digest.add(std::string_view{m_config->by});
        digest.add(static_cast<std::uint64_t>(m_config->most));
        digest.add(m_config->every.count());
        digest.add(m_config->within.value_or(SimDuration{-1}).count());
        return digest.value();
    }

private:
    Ref<const TopConfig> m_config;
};

BoltResult makeTop(const flow::ParameterValues& parameters, const BoltSurroundings&) {
    auto config = makeRef<TopConfig>();
    config->field = parameters.text("field");
    config->by = parameters.text("by");
    config->most = static_cast<std::size_t>(parameters.integer("count").value_or(10));
    config->every = parameters.duration("every").value_or(SimDuration{0});
    config->within = parameters.duration("within");
    return makeRef<TopFactory>(config);
}

}  // namespace

const BoltKind& topKind() {
    using Type = flow::ParameterType;
    static const BoltKind row{
        {.kind = "top",
         .title = "Top",
         .help = "Ranks values of a field by a number, the newest of each, and tells the first ones from time to time.",
         .outputs = "default: rank, name, number, told_at",
         .parameters = {fieldParameter("What is ranked.", true, "word"),
                        {.key = "by",
                         .type = Type::Field,
                         .help = "The field with the number.",
                         .isRequired = true,
                         .start = "count"},
                        {.key = "count",
                         .type = Type::Integer,
                         .help = "How many are told.",
                         .defaultText = "10",
                         .least = 1,
                         .most = 255},
                        {.key = "every",
                         .type = Type::Duration,
                         .help = "How often; tick tuples (topology.tick.tuple.freq.secs) ask for it as well.",
                         .least = 0.001,
                         .most = 86'400,
                         .blank = "at tick tuples only",
                         .start = "2s"},
                        {.key = "within",
                         .type = Type::Duration,
                         .help =
                             "A value is forgotten this long after its last tuple; a task remembers 100,000 at most.",
                         .least = 0.001,
                         .blank = "no end"}},
         .summary = {"field"},
         .work = topWork,
         .mainField = [](const flow::ParameterValues&, const std::string&) { return std::string{"name"}; }},
        makeTop};
    return row;
}

}  // namespace millrace::storm
