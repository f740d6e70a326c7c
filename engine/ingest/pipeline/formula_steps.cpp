#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engine/base/shared_map.h"
#include "engine/flow/expression.h"
#include "engine/ingest/pipeline/bound_formula.h"
#include "engine/ingest/pipeline/step.h"

namespace millrace::ingest {

namespace {

// --- clean ----------------------------------------------------------------------------------------------------------

struct CleanConfig final : Counted {
    std::vector<BoundFormula> rules;
    std::vector<std::pair<std::size_t, std::string>> required;
    std::vector<std::size_t> trimmed;
    bool drops = false;
};

class CleanStep final : public StepBase<CleanStep> {
public:
    explicit CleanStep(Ref<const CleanConfig> config) : m_config(std::move(config)) {}

    void take(PipelineRecord record, StepOutput& output) override {
        for (const std::size_t at : m_config->trimmed) {
            if (auto* text = std::get_if<std::string>(&record.row[at])) {
                trim(*text);
            }
        }
        std::string why = troubleWith(record.row, output);
        if (why.empty()) {
            output.passed.push_back(std::move(record));
        } else if (m_config->drops) {
            ++output.dropped;
        } else {
            output.reject(std::move(record), std::move(why));
        }
    }

private:
    static void trim(std::string& text) {
        constexpr std::string_view blanks = " \t\r\n";
        text.erase(text.find_last_not_of(blanks) + 1);
        text.erase(0, std::min(text.find_first_not_of(blanks), text.size()));
    }
    [[nodiscard]] std::string troubleWith(const Row& row, StepOutput& output) const {
        for (const auto& [at, name] : m_config->required) {
            const auto* text = std::get_if<std::string>(&row[at]);
            if (flow::isNull(row[at]) || (text != nullptr && text->empty())) {
                return fmt::format("{} has no value", name);
            }
        }
        for (const BoundFormula& rule : m_config->rules) {
            output.cost += rule.cost();
            if (!rule.holds(row)) {
                return fmt::format("the rule {} does not hold", rule.text());
            }
        }
        return {};
    }

    Ref<const CleanConfig> m_config;
};

StepResult makeClean(const StepMaking& making) {
    auto config = makeRef<CleanConfig>();
    config->drops = making.values.text("otherwise") == "drop";
    for (const std::string& rule : making.values.list("rules")) {
        auto bound = BoundFormula::make(rule, making.columns);
        if (!bound) {
            return stepTrouble("rules", std::move(bound.error()));
        }
        config->rules.push_back(std::move(*bound));
    }
    for (const std::string& field : making.values.list("required")) {
        const auto at = columnIn(making.columns, field);
        if (!at) {
            return noSuchField("required", field, making.columns);
        }
        config->required.emplace_back(*at, field);
    }
    for (const std::string& field : making.values.list("trim")) {
        const auto at = columnIn(making.columns, field);
        if (!at) {
            return noSuchField("trim", field, making.columns);
        }
        config->trimmed.push_back(*at);
    }
    if (config->rules.empty() && config->required.empty() && config->trimmed.empty()) {
        return stepTrouble("rules", "it does nothing: rules, required or trim is needed");
    }
    return MadeStep{makeRef<CleanStep>(config), making.columns};
}

// --- where ----------------------------------------------------------------------------------------------------------

class WhereStep final : public StepBase<WhereStep> {
public:
    explicit WhereStep(BoundFormula condition) : m_condition(std::move(condition)) {}
    void take(PipelineRecord record, StepOutput& output) override {
        output.cost += m_condition.cost();
        if (m_condition.holds(record.row)) {
            output.passed.push_back(std::move(record));
        } else {
            ++output.dropped;
        }
    }

private:
    BoundFormula m_condition;
};

StepResult makeWhere(const StepMaking& making) {
    auto bound = BoundFormula::make(making.values.text("condition"), making.columns);
    if (!bound) {
        return stepTrouble("condition", std::move(bound.error()));
    }
    return MadeStep{makeRef<WhereStep>(std::move(*bound)), making.columns};
}

// --- map ------------------------------------------------------------------------------------------------------------

struct MapConfig final : Counted {
    struct Assignment {
        std::size_t to = 0;
        BoundFormula formula;
    };
    std::vector<Assignment> assignments;
    std::optional<std::vector<std::size_t>> kept;  ///< the places that go on
};

class MapStep final : public StepBase<MapStep> {
public:
    explicit MapStep(Ref<const MapConfig> config) : m_config(std::move(config)) {}
    void take(PipelineRecord record, StepOutput& output) override {
        for (const MapConfig::Assignment& each : m_config->assignments) {
            output.cost += each.formula.cost();
            flow::Datum value = each.formula.valueOf(record.row);
            record.row.resize(std::max(record.row.size(), each.to + 1));
            record.row[each.to] = std::move(value);
        }
        if (m_config->kept) {
            Row kept;
            kept.reserve(m_config->kept->size());
            for (const std::size_t at : *m_config->kept) {
                kept.push_back(std::move(record.row[at]));
            }
            record.row = std::move(kept);
        }
        output.passed.push_back(std::move(record));
    }

private:
    Ref<const MapConfig> m_config;
};

/// "total REAL = price * size": a field that is there keeps its type when none is written, a new one is REAL.
std::optional<std::string> assign(const std::string& written, std::vector<flow::Column>& columns, MapConfig& config) {
    const std::size_t equals = written.find('=');
    std::string to = written.substr(0, equals);
    to.erase(0, std::min(to.find_first_not_of(' '), to.size()));
    to.erase(to.find_last_not_of(' ') + 1);
    auto column = flow::columnOf(to);
    if (equals == std::string::npos || !column) {
        return fmt::format("'{}' sets no field; write as in \"total = price * size\"", written);
    }
    auto formula = BoundFormula::make(written.substr(equals + 1), columns);
    if (!formula) {
        return fmt::format("{}: {}", column->name, formula.error());
    }
    const bool hasType = to.find(' ') != std::string::npos;
    auto at = columnIn(columns, column->name);
    if (!at) {
        at = columns.size();
        column->type = hasType ? column->type : flow::DatumType::Real;
        columns.push_back(*column);
    } else if (hasType) {
        columns[*at].type = column->type;
    }
    config.assignments.push_back({*at, std::move(*formula)});
    return std::nullopt;
}

StepResult makeMap(const StepMaking& making) {
    auto config = makeRef<MapConfig>();
    std::vector<flow::Column> columns = making.columns;
    for (const std::string& written : making.values.list("set")) {
        if (auto trouble = assign(written, columns, *config)) {
            return stepTrouble("set", std::move(*trouble));
        }
    }
    const std::vector<std::string> keep = making.values.list("keep");
    if (config->assignments.empty() && keep.empty()) {
        return stepTrouble("set", "it does nothing: set or keep is needed");
    }
    if (!keep.empty()) {
        std::vector<flow::Column> kept;
        config->kept.emplace();
        for (const std::string& field : keep) {
            const auto at = columnIn(columns, field);
            if (!at) {
                return noSuchField("keep", field, columns);
            }
            if (std::find(config->kept->begin(), config->kept->end(), *at) != config->kept->end()) {
                return stepTrouble("keep", fmt::format("'{}' stands there twice", field));
            }
            config->kept->push_back(*at);
            kept.push_back(columns[*at]);
        }
        columns = std::move(kept);
    }
    return MadeStep{makeRef<MapStep>(config), std::move(columns)};
}

// --- alert ----------------------------------------------------------------------------------------------------------

struct AlertConfig final : Counted {
    BoundFormula condition;
    std::optional<std::size_t> key;
    std::string text;
};

/// Remembers of each key whether its last record raised it.
class AlertStep final : public StepBase<AlertStep> {
public:
    explicit AlertStep(Ref<const AlertConfig> config) : m_config(std::move(config)) {}
    void take(PipelineRecord record, StepOutput& output) override {
        output.cost += m_config->condition.cost();
        const bool holds = m_config->condition.holds(record.row);
        std::string key = m_config->key ? flow::toText(record.row[*m_config->key]) : std::string();
        const bool* before = m_raised.find(key);
        if (holds && (before == nullptr || !*before)) {
            output.alerts.push_back({m_config->text, key, record.measured});
        }
        if (before == nullptr || *before != holds) {
            m_raised.set(key, holds);
        }
        output.passed.push_back(std::move(record));
    }

private:
    Ref<const AlertConfig> m_config;
    SharedMap<std::string, bool> m_raised;
};

StepResult makeAlert(const StepMaking& making) {
    auto config = makeRef<AlertConfig>();
    auto bound = BoundFormula::make(making.values.text("when"), making.columns);
    if (!bound) {
        return stepTrouble("when", std::move(bound.error()));
    }
    config->condition = std::move(*bound);
    if (const std::string key = making.values.text("key"); !key.empty()) {
        config->key = columnIn(making.columns, key);
        if (!config->key) {
            return noSuchField("key", key, making.columns);
        }
    }
    config->text = making.values.text("text");
    if (config->text.empty()) {
        config->text = config->condition.text();
    }
    return MadeStep{makeRef<AlertStep>(config), making.columns};
}

using Type = flow::ParameterType;

}  // namespace

const StepKind& cleanStep() {
    static const StepKind row{
        {.node = flow::NodeKind::IngestStep,
         .kind = "clean",
         .title = "Clean",
         .help = "Rejects records that break a rule or lack a value, and takes blanks off the ends of texts.",
         .outputs = "the fields that come in",
         .parameters =
             {{.key = "rules",
               .type = Type::TextList,
               .help = "Conditions that must hold, as in \"temperature > -40 and temperature < 60\".",
               .most = 64},
              {.key = "required", .type = Type::FieldList, .help = "Fields that must have a value.", .most = 64},
              {.key = "trim", .type = Type::FieldList, .help = "Texts whose ends lose their blanks.", .most = 64},
              {.key = "otherwise",
               .type = Type::Choice,
               .help = "What becomes of the others: reject sends them to the dead letters with the reason.",
               .readWhen = {{"rules"}, {"required"}},
               .defaultText = "reject",
               .choices = {"reject", "drop"}}},
         .summary = {"rules"}},
        makeClean};
    return row;
}

const StepKind& whereStep() {
    static const StepKind row{{.node = flow::NodeKind::IngestStep,
                               .kind = "where",
                               .title = "Where",
                               .help = "Passes the records for which a condition holds.",
                               .outputs = "the fields that come in",
                               .parameters = {{.key = "condition",
                                               .type = Type::Text,
                                               .help = "A formula over the fields, as in \"amount > 100\".",
                                               .isRequired = true}},
                               .summary = {"condition"}},
                              makeWhere};
    return row;
}

const StepKind& mapStep() {
    static const StepKind row{
        {.node = flow::NodeKind::IngestStep,
         .kind = "map",
         .title = "Map",
         .help = "Works out fields by formulas, and chooses which go on.",
         .outputs = "the fields that come in and those that are set, or those that are kept",
         .parameters = {{.key = "set",
                         .type = Type::TextList,
                         .help = "A field, its type where it is new (REAL without one) and its formula, as in "
                                 "\"day INTEGER = integer(time / 86400000)\".",
                         .most = 64},
                        {.key = "keep",
                         .type = Type::FieldList,
                         .help = "The fields that go on, in their order; without it, all.",
                         .most = 256,
                         .blank = "all"}},
         .summary = {"set"}},
        makeMap};
    return row;
}

const StepKind& alertStep() {
    static const StepKind row{
        {.node = flow::NodeKind::IngestStep,
         .kind = "alert",
         .title = "Alert",
         .help = "Writes an alert into the journal when a condition begins to hold, and passes all records.",
         .outputs = "the fields that come in",
         .parameters = {{.key = "when",
                         .type = Type::Text,
                         .help = "The condition, as in \"temperature > 60\".",
                         .isRequired = true},
                        {.key = "key",
                         .type = Type::Field,
                         .help = "Holds the condition for each value of this field by itself.",
                         .blank = "all together"},
                        {.key = "text", .type = Type::Text, .help = "What the alert says.", .blank = "the condition"}},
         .summary = {"when"}},
        makeAlert};
    return row;
}

}  // namespace millrace::ingest
