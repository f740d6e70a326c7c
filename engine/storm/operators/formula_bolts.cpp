#include "engine/storm/operators/formula_bolts.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/flow/expression.h"
#include "engine/ingest/file_content.h"
#include "engine/ingest/pipeline/table_file.h"
#include "engine/storm/operators/datums.h"
#include "engine/storm/operators/text_bolts.h"

namespace millrace::storm {

namespace {

constexpr CpuTime perStep{20};  // a node of a compiled formula, boxed numbers included
constexpr flow::Work lookupWork{.perTuple = std::chrono::nanoseconds{150}};  // a look into a map in memory

/// The places of a formula's fields in each input of a component.
std::vector<std::vector<std::size_t>> placesOf(const flow::Expression& formula, const Component& component) {
    std::vector<std::vector<std::size_t>> places;
    for (const ResolvedInput& input : component.inputs) {
        std::vector<std::size_t>& here = places.emplace_back();
        for (const std::string& field : formula.fields()) {
            here.push_back(*fieldIndex(input.fields, field));
        }
    }
    return places;
}

std::optional<std::string> missingField(const flow::Expression& formula, const std::vector<StreamSpec>& inputs) {
    for (const StreamSpec& input : inputs) {
        for (const std::string& field : formula.fields()) {
            if (auto at = fieldIndex(input.fields, field); !at) {
                return at.error().message;
            }
        }
    }
    return std::nullopt;
}

// --- map ------------------------------------------------------------------------------------------------------------

struct Assignment {
    std::string to;
    Ref<const flow::Expression> formula;
};

struct MapConfig final : Counted {
    std::vector<Assignment> assignments;
};

class MapBolt final : public BoltBase<MapBolt> {
public:
    explicit MapBolt(Ref<const MapConfig> config) : m_config(std::move(config)) {}

    void prepare(sim::Context&, const OperatorSetup& setup) override {
        for (const Assignment& each : m_config->assignments) {
            m_from.push_back(placesOf(*each.formula, setup.self()));
        }
        std::vector<std::string> fields = setup.self().inputs.front().fields;
        for (const Assignment& each : m_config->assignments) {
            const auto at = std::find(fields.begin(), fields.end(), each.to);
            m_to.push_back(static_cast<std::size_t>(at - fields.begin()));
            if (at == fields.end()) {
                fields.push_back(each.to);
            }
        }
    }

    void execute(BoltOutput& output, const TupleView& tuple) override {
        std::vector<Value> values(tuple.values().begin(), tuple.values().end());
        for (std::size_t i = 0; i < m_config->assignments.size(); ++i) {
            const flow::Expression& formula = *m_config->assignments[i].formula;
            const std::vector<std::size_t>& from = m_from[i][tuple.input()];
            const flow::Datum result =
                formula.valueOf([&](std::size_t field) { return datumOf(tuple.value(from[field])); });
            output.spend(perStep * static_cast<std::int64_t>(formula.size()));
            values.resize(std::max(values.size(), m_to[i] + 1));
            values[m_to[i]] = valueOf(result, output);
        }
        output.emitTuple(0, values);
    }

private:
    Ref<const MapConfig> m_config;
    std::vector<std::vector<std::vector<std::size_t>>> m_from;  // by assignment and input
    std::vector<std::size_t> m_to;
};

class MapFactory final : public BoltFactory {
public:
    explicit MapFactory(Ref<const MapConfig> config) : m_config(std::move(config)) {}
    [[nodiscard]] std::string_view kind() const override { return mapKind().about.kind; }
    [[nodiscard]] Result<std::vector<StreamSpec>, BoltTrouble> streams(
        const std::vector<StreamSpec>& inputs) const override {
        auto passed = passedOn(inputs, {});
        if (!passed) {
            return passed;
        }
        std::vector<std::string>& fields = passed->front().fields;
        for (const Assignment& each : m_config->assignments) {
            if (auto missing = missingField(*each.formula, inputs)) {
                return boltTrouble("set", std::move(*missing));
            }
        }
        for (const Assignment& each : m_config->assignments) {
            if (std::find(fields.begin(), fields.end(), each.to) == fields.end()) {
                fields.push_back(each.to);
            }
        }
        return passed;
    }
    [[nodiscard]] Ref<Bolt> make() const override { return makeRef<MapBolt>(m_config); }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(kind());
        for (const Assignment& each : m_config->assignments) {
            digest.add(std::string_view{each.to});
            digest.add(std::string_view{each.formula->text()});
        }
        return digest.value();
    }

private:
    Ref<const MapConfig> m_config;
};

BoltResult makeMap(const flow::ParameterValues& parameters, const BoltSurroundings&) {
    auto config = makeRef<MapConfig>();
    for (const std::string& written : parameters.list("set")) {
        const std::size_t equals = written.find('=');
        std::string to = written.substr(0, equals);
        to.erase(0, std::min(to.find_first_not_of(' '), to.size()));
        to.erase(to.find_last_not_of(' ') + 1);
        if (equals == std::string::npos || !flow::columnOf(to)) {
            return boltTrouble("set", fmt::format("'{}' sets no field; write as in \"total = price * size\"", written));
        }
        auto formula = flow::Expression::make(written.substr(equals + 1));
        if (!formula) {
            return boltTrouble("set", fmt::format("{}: {}", to, formula.error().text()));
        }
        config->assignments.push_back({std::move(to), std::move(*formula)});
    }
    if (config->assignments.empty()) {
        return boltTrouble("set", "nothing is set");
    }
    return makeRef<MapFactory>(config);
}

// --- where ----------------------------------------------------------------------------------------------------------

class WhereBolt final : public BoltBase<WhereBolt> {
public:
    explicit WhereBolt(Ref<const flow::Expression> condition) : m_condition(std::move(condition)) {}

    void prepare(sim::Context&, const OperatorSetup& setup) override { m_from = placesOf(*m_condition, setup.self()); }
    void execute(BoltOutput& output, const TupleView& tuple) override {
        const std::vector<std::size_t>& from = m_from[tuple.input()];
        output.spend(perStep * static_cast<std::int64_t>(m_condition->size()));
        if (m_condition->holds([&](std::size_t field) { return datumOf(tuple.value(from[field])); })) {
            output.emitTuple(0, tuple.values());
        }
    }

private:
    Ref<const flow::Expression> m_condition;
    std::vector<std::vector<std::size_t>> m_from;  // by input
};

class WhereFactory final : public BoltFactory {
public:
    explicit WhereFactory(Ref<const flow::Expression> condition) : m_condition(std::move(condition)) {}
    [[nodiscard]] std::string_view kind() const override { return whereKind().about.kind; }
    [[nodiscard]] Result<std::vector<StreamSpec>, BoltTrouble> streams(
        const std::vector<StreamSpec>& inputs) const override {
        if (auto missing = missingField(*m_condition, inputs)) {
            return boltTrouble("condition", std::move(*missing));
        }
        return passedOn(inputs, {});
    }
    [[nodiscard]] Ref<Bolt> make() const override { return makeRef<WhereBolt>(m_condition); }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(kind());
        digest.add(std::string_view{m_condition->text()});
        return digest.value();
    }

private:
    Ref<const flow::Expression> m_condition;
};

BoltResult makeWhere(const flow::ParameterValues& parameters, const BoltSurroundings&) {
    auto condition = flow::Expression::make(parameters.text("condition"));
    if (!condition) {
        return boltTrouble("condition", condition.error().text());
    }
    return makeRef<WhereFactory>(std::move(*condition));
}

// --- look-up --------------------------------------------------------------------------------------------------------

struct LookupConfig final : Counted {
    std::string field;
    std::string as;
    std::map<std::string, std::string, std::less<>> entries;
};

class LookupBolt final : public BoltBase<LookupBolt> {
public:
    explicit LookupBolt(Ref<const LookupConfig> config) : m_config(std::move(config)) {}

    void prepare(sim::Context&, const OperatorSetup& setup) override {
        m_fields = fieldIndices(setup.self(), m_config->field);
    }
    void execute(BoltOutput& output, const TupleView& tuple) override {
        output.spend(lookupWork.perTuple);
        const Value& key = tuple.value(m_fields[tuple.input()]);
        const auto found = key.isText() ? m_config->entries.find(key.asText()) : m_config->entries.find(key.toText());
        if (found == m_config->entries.end()) {
            output.emitTuple(1, tuple.values());
            return;
        }
        std::vector<Value> values(tuple.values().begin(), tuple.values().end());
        values.push_back(Value::ofText(output.keep(found->second)));
        output.emitTuple(0, values);
    }

private:
    Ref<const LookupConfig> m_config;
    std::vector<std::size_t> m_fields;  // by input
};

class LookupFactory final : public BoltFactory {
public:
    explicit LookupFactory(Ref<const LookupConfig> config) : m_config(std::move(config)) {}
    [[nodiscard]] std::string_view kind() const override { return lookupKind().about.kind; }
    [[nodiscard]] Result<std::vector<StreamSpec>, BoltTrouble> streams(
        const std::vector<StreamSpec>& inputs) const override {
        auto passed = passedOn(inputs, m_config->field);
        if (!passed) {
            return passed;
        }
        StreamSpec missed{"missed", passed->front().fields};
        std::vector<std::string>& fields = passed->front().fields;
        if (std::find(fields.begin(), fields.end(), m_config->as) != fields.end()) {
            return boltTrouble("as", fmt::format("the input has a field '{}' already", m_config->as));
        }
        fields.push_back(m_config->as);
        passed->push_back(std::move(missed));
        return passed;
    }
    [[nodiscard]] Ref<Bolt> make() const override { return makeRef<LookupBolt>(m_config); }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(kind());
        digest.add(std::string_view{m_config->field});
        digest.add(std::string_view{m_config->as});
        for (const auto& [key, value] : m_config->entries) {
            digest.add(std::string_view{key});
            digest.add(std::string_view{value});
        }
        return digest.value();
    }

private:
    Ref<const LookupConfig> m_config;
};

/// The first column of a file of CSV is what is looked up, another what it means. What is wrong, with the parameter.
std::optional<std::pair<std::string_view, std::string>> readTable(const std::string& path, const std::string& column,
                                                                  LookupConfig& config) {
    const auto content = ingest::readFile(path);
    if (!content) {
        return std::pair{std::string_view{"path"}, content.error().message};
    }
    const auto table = ingest::TableFile::make(**content, {});
    if (!table) {
        return std::pair{std::string_view{"path"}, table.error()};
    }
    const std::vector<std::string>& names = (*table)->columns;
    const auto at = column.empty() ? names.begin() : std::find(names.begin(), names.end(), column);
    if (at == names.end()) {
        return std::pair{std::string_view{"column"},
                         fmt::format("the file has no column '{}' beside the first", column)};
    }
    for (const auto& [key, values] : (*table)->rowsByKey) {
        config.entries.emplace(key, values[static_cast<std::size_t>(at - names.begin())]);
    }
    return std::nullopt;
}

BoltResult makeLookup(const flow::ParameterValues& parameters, const BoltSurroundings&) {
    auto config = makeRef<LookupConfig>();
    config->field = parameters.text("field");
    config->as = parameters.text("as");
    if (!flow::columnOf(config->as)) {
        return boltTrouble("as", "a field's name has letters, digits and underscores");
    }
    const std::string path = parameters.text("path");
    if (path.empty() == parameters.list("entries").empty()) {
        return boltTrouble("entries", "a table is needed: either entries, or the path of a file");
    }
    if (!path.empty()) {
        if (auto trouble = readTable(path, parameters.text("column"), *config)) {
            return boltTrouble(trouble->first, std::move(trouble->second));
        }
    }
    for (const std::string& written : parameters.list("entries")) {
        const std::size_t equals = written.find('=');
        if (equals == std::string::npos) {
            return boltTrouble("entries", fmt::format("'{}' is no entry; write as in \"DE=Germany\"", written));
        }
        if (!config->entries.emplace(written.substr(0, equals), written.substr(equals + 1)).second) {
            return boltTrouble("entries", fmt::format("'{}' stands there twice", written.substr(0, equals)));
        }
    }
    return makeRef<LookupFactory>(config);
}

}  // namespace

const BoltKind& mapKind() {
    static const BoltKind row{
        {.kind = "map",
         .title = "Map",
         .help = "Works out fields by formulas and passes them with the others.",
         .outputs = "default: the fields that come in, and those that are set",
         .parameters = {{.key = "set",
                         .type = flow::ParameterType::TextList,
                         .help =
                             "A field and its formula, as in \"fahrenheit = temperature * 9 / 5 + 32\": numbers, "
                             "texts, + - * / %, comparisons, and, or, not, is null, if(condition, then, otherwise), "
                             "abs, round, min, max, lower, contains and others.",
                         .isRequired = true,
                         .most = 64,
                         .start = "twice = value + value"}},
         .summary = {"set"}},
        makeMap};
    return row;
}

const BoltKind& whereKind() {
    static const BoltKind row{
        {.kind = "where",
         .title = "Where",
         .help = "Passes the tuples for which a condition holds.",
         .outputs = "default: the fields that come in",
         .parameters = {{.key = "condition",
                         .type = flow::ParameterType::Text,
                         .help = "A formula over the fields, as in \"temperature > 40 or temperature is null\".",
                         .isRequired = true,
                         .start = "value is not null"}},
         .summary = {"condition"}},
        makeWhere};
    return row;
}

const BoltKind& lookupKind() {
    static const BoltKind row{
        {.kind = "lookup",
         .title = "Look up",
         .help = "Adds what a table says about a field; tuples that it says nothing about go to the stream missed.",
         .outputs = "default: the fields that come in, and what was found; missed: the fields that come in",
         .parameters = {fieldParameter("The field that is looked up.", true),
                        {.key = "entries",
                         .type = flow::ParameterType::TextList,
                         .help = "The table: values and what they mean, as in \"DE=Germany\".",
                         .most = 10'000,
                         .start = "a=b"},
                        {.key = "path",
                         .type = flow::ParameterType::FilePath,
                         .help = "The table as a CSV file instead: its first line names the columns, its first column "
                                 "is what is looked up."},
                        {.key = "column",
                         .type = flow::ParameterType::Text,
                         .help = "The column of the file that is added.",
                         .readWhen = flow::with("path"),
                         .blank = "the second"},
                        {.key = "as",
                         .type = flow::ParameterType::Text,
                         .help = "The name of the field that is added.",
                         .defaultText = "found"}},
         .summary = {"field"},
         .work = lookupWork},
        makeLookup};
    return row;
}

}  // namespace millrace::storm
