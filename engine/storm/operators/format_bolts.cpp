#include "engine/storm/operators/format_bolts.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/ingest/formats/format.h"
#include "engine/storm/operators/datums.h"
#include "engine/storm/operators/rejects.h"
#include "engine/storm/operators/text_bolts.h"

namespace millrace::storm {

namespace {

// Jackson and the like parse and write some 100 MB/s on one core.
constexpr flow::Work parseWork{.perTuple = std::chrono::nanoseconds{500}, .perByte = std::chrono::nanoseconds{10}};

struct FormatConfig final : Counted {
    std::string field;
    const ingest::Format* format = nullptr;
    ingest::Layout layout;
    std::map<std::string, std::string> sourceFiles;

    [[nodiscard]] std::uint64_t digestOf(std::string_view kind) const {
        Digest digest;
        digest.add(kind);
        digest.add(std::string_view{field});
        digest.add(format->name);
        for (const flow::Column& column : layout.columns) {
            digest.add(std::string_view{column.name});
            digest.add(static_cast<std::uint64_t>(column.type));
        }
        return digest.value();
    }
};

// --- parse ----------------------------------------------------------------------------------------------------------

class ParseBolt final : public BoltBase<ParseBolt>, public Rejecting {
public:
    explicit ParseBolt(Ref<const FormatConfig> config) : m_config(std::move(config)) {}

    void prepare(sim::Context&, const OperatorSetup& setup) override {
        m_fields = fieldIndices(setup.self(), m_config->field);
        m_component = setup.self().id;
    }

    void execute(BoltOutput& output, const TupleView& tuple) override {
        const Value& value = tuple.value(m_fields[tuple.input()]);
        const std::string_view text = value.isText() ? value.asText() : std::string_view{};
        output.spend(parseWork.perTuple + parseWork.perByte * static_cast<std::int64_t>(text.size()));
        ingest::RowResult row = m_config->format->read(m_config->layout, text);
        if (!row) {
            reject(output, tuple, 1, row.error(), text, m_component, m_config->sourceFiles);
            return;
        }
        std::vector<Value> values;
        values.reserve(row->size());
        for (const flow::Datum& datum : *row) {
            values.push_back(valueOf(datum, output));
        }
        output.emitTuple(0, values);
    }

private:
    Ref<const FormatConfig> m_config;
    std::vector<std::size_t> m_fields;  // by input
    std::string m_component;
};

class ParseFactory final : public BoltFactory {
public:
    explicit ParseFactory(Ref<const FormatConfig> config) : m_config(std::move(config)) {}
    [[nodiscard]] std::string_view kind() const override { return parseKind().about.kind; }
    [[nodiscard]] Result<std::vector<StreamSpec>, BoltTrouble> streams(
        const std::vector<StreamSpec>& inputs) const override {
        for (const StreamSpec& input : inputs) {
            if (auto at = fieldIndex(input.fields, m_config->field); !at) {
                return tl::unexpected(std::move(at.error()));
            }
        }
        StreamSpec fields;
        for (const flow::Column& column : m_config->layout.columns) {
            fields.fields.push_back(column.name);
        }
        return std::vector<StreamSpec>{std::move(fields), {"rejected", {"reason", "line"}}};
    }
    [[nodiscard]] Ref<Bolt> make() const override { return makeRef<ParseBolt>(m_config); }
    [[nodiscard]] std::uint64_t digest() const override { return m_config->digestOf(kind()); }

private:
    Ref<const FormatConfig> m_config;
};

// --- format ---------------------------------------------------------------------------------------------------------

class FormatBolt final : public BoltBase<FormatBolt> {
public:
    explicit FormatBolt(Ref<const FormatConfig> config) : m_config(std::move(config)) {}

    void prepare(sim::Context&, const OperatorSetup& setup) override {
        for (const ResolvedInput& input : setup.self().inputs) {
            std::vector<std::size_t>& places = m_places.emplace_back();
            for (const flow::Column& column : m_config->layout.columns) {
                places.push_back(*fieldIndex(input.fields, column.name));
            }
        }
    }

    void execute(BoltOutput& output, const TupleView& tuple) override {
        ingest::Row row;
        const std::vector<std::size_t>& places = m_places[tuple.input()];
        for (std::size_t i = 0; i < places.size(); ++i) {
            row.push_back(datumOf(tuple.value(places[i])));
            const auto* text = std::get_if<std::string>(&row.back());
            if (auto typed = text != nullptr ? flow::datumOf(*text, m_config->layout.columns[i].type) : std::nullopt) {
                row.back() = std::move(*typed);  // a number that was text
            }
        }
        std::string text;
        m_config->format->write(m_config->layout, row, text);
        output.spend(parseWork.perTuple + parseWork.perByte * static_cast<std::int64_t>(text.size()));
        output.emitTuple(0, {Value::ofText(output.keep(std::move(text)))});
    }

private:
    Ref<const FormatConfig> m_config;
    std::vector<std::vector<std::size_t>> m_places;  // by input
};

class FormatFactory final : public BoltFactory {
public:
    explicit FormatFactory(Ref<const FormatConfig> config) : m_config(std::move(config)) {}
    [[nodiscard]] std::string_view kind() const override { return formatKind().about.kind; }
    [[nodiscard]] Result<std::vector<StreamSpec>, BoltTrouble> streams(
        const std::vector<StreamSpec>& inputs) const override {
        for (const StreamSpec& input : inputs) {
            for (const flow::Column& column : m_config->layout.columns) {
                if (auto at = fieldIndex(input.fields, column.name); !at) {
                    return boltTrouble("columns", std::move(at.error().message));
                }
            }
        }
        return std::vector<StreamSpec>{{std::string{defaultStream}, {"value"}}};
    }
    [[nodiscard]] Ref<Bolt> make() const override { return makeRef<FormatBolt>(m_config); }
    [[nodiscard]] std::uint64_t digest() const override { return m_config->digestOf(kind()); }

private:
    Ref<const FormatConfig> m_config;
};

/// The columns that are named, each once and of those that the format has; without a name all that it has.
Result<Ref<FormatConfig>, BoltTrouble> formatConfig(const flow::ParameterValues& parameters) {
    auto config = makeRef<FormatConfig>();
    config->field = parameters.text("field");
    config->format = ingest::findFormat(parameters.text("format"));
    if (config->format == nullptr) {
        return boltTrouble("format", fmt::format("there is no format '{}'", parameters.text("format")));
    }
    const std::vector<flow::Column>& known = config->format->fields;
    for (const std::string& written : parameters.list("columns")) {
        const auto column = flow::columnOf(written);
        if (!column) {
            return boltTrouble("columns", fmt::format("'{}' is no column; write a name and INTEGER, REAL, BOOLEAN or "
                                                      "TEXT, as in \"price REAL\"",
                                                      written));
        }
        if (config->layout.find(column->name)) {
            return boltTrouble("columns", fmt::format("two columns would be called '{}'", column->name));
        }
        const bool isKnown = known.empty() || std::any_of(known.begin(), known.end(), [&](const flow::Column& each) {
                                 return each.name == column->name;
                             });
        if (!isKnown) {
            return boltTrouble("columns", fmt::format("{} has no '{}'", config->format->name, column->name));
        }
        config->layout.columns.push_back(*column);
    }
    if (config->layout.columns.empty()) {
        config->layout.columns = known;
    }
    if (config->layout.columns.empty()) {
        return boltTrouble("columns",
                           fmt::format("{} can have any columns: name those that are wanted", config->format->name));
    }
    return config;
}

BoltResult makeParse(const flow::ParameterValues& parameters, const BoltSurroundings& surroundings) {
    auto config = formatConfig(parameters);
    if (!config) {
        return tl::unexpected(std::move(config.error()));
    }
    (*config)->sourceFiles = surroundings.sourceFiles;
    return makeRef<ParseFactory>(std::move(*config));
}

BoltResult makeFormat(const flow::ParameterValues& parameters, const BoltSurroundings&) {
    auto config = formatConfig(parameters);
    if (!config) {
        return tl::unexpected(std::move(config.error()));
    }
    return makeRef<FormatFactory>(std::move(*config));
}

flow::Parameter recordFormatParameter(std::string_view help) {
    return {.key = "format",
            .type = flow::ParameterType::Choice,
            .help = help,
            .defaultText = "json",
            .choices = ingest::formatNames()};
}

flow::Parameter columnsParameter(std::string_view help, std::string_view start) {
    return {.key = "columns",
            .type = flow::ParameterType::TextList,
            .help = help,
            .most = 64,
            .blank = "all that the format has",
            .start = start};
}

}  // namespace

const BoltKind& parseKind() {
    static const BoltKind row{
        {.kind = "parse",
         .title = "Parse",
         .help = "Reads records of a format. One that does not fit goes to the stream rejected.",
         .outputs = "default: the columns; rejected: reason, line",
         .parameters = {fieldParameter("The field of the tuple that holds the record.", false),
                        recordFormatParameter("How the record is written."),
                        columnsParameter("What to take from it: a name and BOOLEAN, INTEGER, REAL or TEXT, as in "
                                         "\"price REAL\"; for csv all columns in their order.",
                                         "time INTEGER")},
         .summary = {"format"},
         .work = parseWork,
         .mainField =
             [](const flow::ParameterValues& values, const std::string&) {
                 const auto columns = values.list("columns");
                 const auto first = columns.empty() ? std::nullopt : flow::columnOf(columns.front());
                 return first ? first->name : std::string{"time"};
             }},
        makeParse};
    return row;
}

const BoltKind& formatKind() {
    static const BoltKind row{
        {.kind = "format",
         .title = "Format",
         .help = "Writes fields as one text of a format.",
         .outputs = "default: value",
         .parameters = {recordFormatParameter("How it is written."),
                        columnsParameter("The fields that go into it, with their types.", "value TEXT")},
         .summary = {"format"},
         .work = parseWork,
         .mainField = [](const flow::ParameterValues&, const std::string&) { return std::string{"value"}; }},
        makeFormat};
    return row;
}

}  // namespace millrace::storm
