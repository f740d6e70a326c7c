#include "engine/ingest/row_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/digest.h"
#include "engine/flow/expression.h"
#include "engine/flow/pattern.h"

namespace millrace::ingest {

namespace {

using flow::Datum;
using Fields = std::vector<std::string>;
using Made = Result<Ref<const RowStep>, RowStepTrouble>;
using Type = flow::ParameterType;

// The same as what bolts of these names take (storm/operators): a JSON library reads some 100 MB/s on one core, RE2
// looks at about as much, a scan is quicker, a look-up goes through a map in memory.
constexpr flow::Work formatWork{.perTuple = std::chrono::nanoseconds{500}, .perByte = std::chrono::nanoseconds{10}};
constexpr flow::Work patternWork{.perByte = std::chrono::nanoseconds{10}};
constexpr flow::Work scanWork{.perByte = std::chrono::nanoseconds{2}};
constexpr flow::Work lookupWork{.perTuple = std::chrono::nanoseconds{150}};
constexpr CpuTime perNode{20};

tl::unexpected<RowStepTrouble> trouble(std::string parameter, std::string message) {
    return tl::unexpected(RowStepTrouble{std::move(parameter), std::move(message)});
}

Result<std::size_t, RowStepTrouble> placeIn(const Fields& fields, const std::string& name, std::string_view parameter) {
    const auto at = std::find(fields.begin(), fields.end(), name);
    if (at == fields.end()) {
        return trouble(std::string{parameter},
                       fmt::format("the input has no field '{}', only {}", name, fmt::join(fields, ", ")));
    }
    return static_cast<std::size_t>(at - fields.begin());
}

std::string_view textIn(const Datum& datum) {
    const auto* text = std::get_if<std::string>(&datum);
    return text != nullptr ? std::string_view{*text} : std::string_view{};
}

Row copyOf(std::span<const Datum> row) {
    return {row.begin(), row.end()};
}

/// A formula with the places of its fields.
struct Bound {
    Ref<const flow::Expression> formula;
    std::vector<std::size_t> places;

    [[nodiscard]] std::function<Datum(std::size_t)> over(std::span<const Datum> row) const {
        return [this, row](std::size_t field) { return row[places[field]]; };
    }
};

Result<Bound, RowStepTrouble> bound(const std::string& text, const Fields& fields, std::string_view parameter) {
    auto formula = flow::Expression::make(text);
    if (!formula) {
        return trouble(std::string{parameter}, formula.error().text());
    }
    Bound made{std::move(*formula), {}};
    for (const std::string& field : made.formula->fields()) {
        const auto at = placeIn(fields, field, parameter);
        if (!at) {
            return tl::unexpected(at.error());
        }
        made.places.push_back(*at);
    }
    return made;
}

// --- parse, format --------------------------------------------------------------------------------------------------

struct Form {
    const Format* format = nullptr;
    Layout layout;
};

Result<Form, RowStepTrouble> formOf(const flow::ParameterValues& values) {
    Form form{findFormat(values.text("format")), {}};
    if (form.format == nullptr) {
        return trouble("format", fmt::format("there is no format '{}'", values.text("format")));
    }
    for (const std::string& written : values.list("columns")) {
        const auto column = flow::columnOf(written);
        if (!column) {
            return trouble("columns", fmt::format("'{}' is no column; write a name and INTEGER, REAL, BOOLEAN or TEXT, "
                                                  "as in \"price REAL\"",
                                                  written));
        }
        const std::vector<flow::Column>& known = form.format->fields;
        const bool isKnown = known.empty() || std::any_of(known.begin(), known.end(), [&](const flow::Column& each) {
                                 return each.name == column->name;
                             });
        if (!isKnown) {
            return trouble("columns", fmt::format("{} has no '{}'", form.format->name, column->name));
        }
        if (form.layout.find(column->name)) {
            return trouble("columns", fmt::format("two columns would be called '{}'", column->name));
        }
        form.layout.columns.push_back(*column);
    }
    if (form.layout.columns.empty()) {
        form.layout.columns = form.format->fields;
    }
    if (form.layout.columns.empty()) {
        return trouble("columns",
                       fmt::format("{} can have any columns: name those that are wanted", form.format->name));
    }
    return form;
}

void digestForm(Digest& digest, const Form& form) {
    digest.add(form.format->name);
    for (const flow::Column& column : form.layout.columns) {
        digest.add(std::string_view{column.name});
        digest.add(static_cast<std::uint64_t>(column.type));
    }
}

class ParseStep final : public RowStep {
public:
    ParseStep(Form form, std::size_t at) : m_form(std::move(form)), m_at(at) {
        for (const flow::Column& column : m_form.layout.columns) {
            main.push_back(column.name);
        }
        aside = {"reason", "line"};
        work = formatWork;
    }
    void apply(std::span<const Datum> row, const Give& give) const override {
        const std::string_view text = textIn(row[m_at]);
        RowResult made = m_form.format->read(m_form.layout, text);
        if (made) {
            give(std::move(*made), false);
        } else {
            give({std::string{made.error()}, std::string{text}}, true);
        }
    }
    [[nodiscard]] std::size_t bytesOf(std::span<const Datum> row) const override { return textIn(row[m_at]).size(); }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(std::string_view{"parse"});
        digest.add(static_cast<std::uint64_t>(m_at));
        digestForm(digest, m_form);
        return digest.value();
    }

private:
    Form m_form;
    std::size_t m_at;
};

class FormatStep final : public RowStep {
public:
    FormatStep(Form form, std::vector<std::size_t> places) : m_form(std::move(form)), m_places(std::move(places)) {
        main = {"value"};
        work = formatWork;
    }
    void apply(std::span<const Datum> row, const Give& give) const override {
        Row values;
        for (std::size_t i = 0; i < m_places.size(); ++i) {
            values.push_back(row[m_places[i]]);
            const auto* text = std::get_if<std::string>(&values.back());
            if (auto typed = text != nullptr ? flow::datumOf(*text, m_form.layout.columns[i].type) : std::nullopt) {
                values.back() = std::move(*typed);  // a number that was text
            }
        }
        std::string text;
        m_form.format->write(m_form.layout, values, text);
        give({std::move(text)}, false);
    }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(std::string_view{"format"});
        digestForm(digest, m_form);
        return digest.value();
    }

private:
    Form m_form;
    std::vector<std::size_t> m_places;
};

Made makeParse(const flow::ParameterValues& values, const Fields& fields) {
    auto form = formOf(values);
    const auto at = placeIn(fields, values.text("field"), "field");
    if (!form || !at) {
        return tl::unexpected(form ? at.error() : form.error());
    }
    return Ref<const RowStep>(makeRef<ParseStep>(std::move(*form), *at));
}

Made makeFormat(const flow::ParameterValues& values, const Fields& fields) {
    auto form = formOf(values);
    if (!form) {
        return tl::unexpected(form.error());
    }
    std::vector<std::size_t> places;
    for (const flow::Column& column : form->layout.columns) {
        const auto at = placeIn(fields, column.name, "columns");
        if (!at) {
            return tl::unexpected(at.error());
        }
        places.push_back(*at);
    }
    return Ref<const RowStep>(makeRef<FormatStep>(std::move(*form), std::move(places)));
}

// --- where, filter --------------------------------------------------------------------------------------------------

class WhereStep final : public RowStep {
public:
    WhereStep(Bound condition, const Fields& fields) : m_condition(std::move(condition)) {
        main = fields;
        work.perTuple = perNode * static_cast<std::int64_t>(m_condition.formula->size());
    }
    void apply(std::span<const Datum> row, const Give& give) const override {
        if (m_condition.formula->holds(m_condition.over(row))) {
            give(copyOf(row), false);
        }
    }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(std::string_view{"where"});
        digest.add(std::string_view{m_condition.formula->text()});
        return digest.value();
    }

private:
    Bound m_condition;
};

Made makeWhere(const flow::ParameterValues& values, const Fields& fields) {
    auto condition = bound(values.text("condition"), fields, "condition");
    if (!condition) {
        return tl::unexpected(condition.error());
    }
    return Ref<const RowStep>(makeRef<WhereStep>(std::move(*condition), fields));
}

class FilterStep final : public RowStep {
public:
    FilterStep(Ref<const flow::Pattern> pattern, std::size_t at, bool keepsMatching, const Fields& fields)
        : m_pattern(std::move(pattern)), m_at(at), m_keepsMatching(keepsMatching) {
        main = fields;
        work = patternWork;
    }
    void apply(std::span<const Datum> row, const Give& give) const override {
        const std::string made = flow::toText(row[m_at]);
        if (m_pattern->isFoundIn(made) == m_keepsMatching) {
            give(copyOf(row), false);
        }
    }
    [[nodiscard]] std::size_t bytesOf(std::span<const Datum> row) const override {
        return flow::toText(row[m_at]).size();
    }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(std::string_view{"filter"});
        digest.add(std::string_view{m_pattern->text()});
        digest.add(m_keepsMatching);
        return digest.value();
    }

private:
    Ref<const flow::Pattern> m_pattern;
    std::size_t m_at;
    bool m_keepsMatching;
};

Made makeFilter(const flow::ParameterValues& values, const Fields& fields) {
    auto pattern = flow::Pattern::make(values.text("pattern"));
    if (!pattern) {
        return trouble("pattern", pattern.error().text());
    }
    const auto at = placeIn(fields, values.text("field"), "field");
    if (!at) {
        return tl::unexpected(at.error());
    }
    return Ref<const RowStep>(makeRef<FilterStep>(std::move(*pattern), *at, values.text("keep") != "others", fields));
}

// --- map ------------------------------------------------------------------------------------------------------------

struct Assignment {
    std::size_t to = 0;
    Bound formula;
};

class MapStep final : public RowStep {
public:
    MapStep(std::vector<Assignment> assignments, Fields fields) : m_assignments(std::move(assignments)) {
        main = std::move(fields);
        for (const Assignment& each : m_assignments) {
            work.perTuple += perNode * static_cast<std::int64_t>(each.formula.formula->size());
        }
    }
    void apply(std::span<const Datum> row, const Give& give) const override {
        Row values = copyOf(row);
        values.resize(main.size());
        for (const Assignment& each : m_assignments) {
            values[each.to] = each.formula.formula->valueOf(each.formula.over(row));
        }
        give(std::move(values), false);
    }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(std::string_view{"map"});
        for (const Assignment& each : m_assignments) {
            digest.add(static_cast<std::uint64_t>(each.to));
            digest.add(std::string_view{each.formula.formula->text()});
        }
        return digest.value();
    }

private:
    std::vector<Assignment> m_assignments;
};

std::string trimmed(std::string text) {
    text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

Made makeMap(const flow::ParameterValues& values, const Fields& fields) {
    std::vector<Assignment> assignments;
    Fields results = fields;
    for (const std::string& written : values.list("set")) {
        const std::size_t equals = written.find('=');
        const std::string to = trimmed(written.substr(0, equals));
        if (equals == std::string::npos || !flow::columnOf(to)) {
            return trouble("set", fmt::format("'{}' sets no field; write as in \"total = price * size\"", written));
        }
        auto formula = bound(written.substr(equals + 1), fields, "set");
        if (!formula) {
            return trouble("set", fmt::format("{}: {}", to, formula.error().message));
        }
        const auto at = std::find(results.begin(), results.end(), to);
        const auto place = static_cast<std::size_t>(at - results.begin());
        if (at == results.end()) {
            results.push_back(to);
        }
        assignments.push_back({place, std::move(*formula)});
    }
    if (assignments.empty()) {
        return trouble("set", "nothing is set");
    }
    return Ref<const RowStep>(makeRef<MapStep>(std::move(assignments), std::move(results)));
}

// --- split ----------------------------------------------------------------------------------------------------------

class SplitStep final : public RowStep {
public:
    SplitStep(std::size_t at, std::string separator) : m_at(at), m_separator(std::move(separator)) {
        main = {"word"};
        work = scanWork;
    }
    void apply(std::span<const Datum> row, const Give& give) const override {
        const std::string made = flow::toText(row[m_at]);
        std::string_view text = made;
        while (!m_separator.empty()) {
            const std::size_t at = text.find(m_separator);
            give({std::string{text.substr(0, at)}}, false);
            if (at == std::string_view::npos) {
                return;
            }
            text.remove_prefix(at + m_separator.size());
        }
        constexpr std::string_view blanks = " \t\r\n\v\f";
        std::size_t at = text.find_first_not_of(blanks);
        while (at != std::string_view::npos) {
            const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
            give({std::string{text.substr(at, end - at)}}, false);
            at = text.find_first_not_of(blanks, end);
        }
    }
    [[nodiscard]] std::size_t bytesOf(std::span<const Datum> row) const override {
        return flow::toText(row[m_at]).size();
    }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(std::string_view{"split"});
        digest.add(static_cast<std::uint64_t>(m_at));
        digest.add(std::string_view{m_separator});
        return digest.value();
    }

private:
    std::size_t m_at;
    std::string m_separator;
};

Made makeSplit(const flow::ParameterValues& values, const Fields& fields) {
    const auto at = placeIn(fields, values.text("field"), "field");
    if (!at) {
        return tl::unexpected(at.error());
    }
    return Ref<const RowStep>(makeRef<SplitStep>(*at, values.text("separator")));
}

// --- lookup ---------------------------------------------------------------------------------------------------------

class LookupStep final : public RowStep {
public:
    using Table = std::map<std::string, std::string, std::less<>>;
    LookupStep(std::size_t at, Table table, const Fields& fields, std::string as)
        : m_at(at), m_table(std::move(table)) {
        main = fields;
        main.push_back(std::move(as));
        aside = fields;
        work = lookupWork;
    }
    void apply(std::span<const Datum> row, const Give& give) const override {
        const auto found = m_table.find(flow::toText(row[m_at]));
        Row values = copyOf(row);
        if (found == m_table.end()) {
            give(std::move(values), true);
            return;
        }
        values.emplace_back(found->second);
        give(std::move(values), false);
    }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(std::string_view{"lookup"});
        digest.add(static_cast<std::uint64_t>(m_at));
        for (const auto& [key, value] : m_table) {
            digest.add(std::string_view{key});
            digest.add(std::string_view{value});
        }
        return digest.value();
    }

private:
    std::size_t m_at;
    Table m_table;
};

Made makeLookup(const flow::ParameterValues& values, const Fields& fields) {
    const auto at = placeIn(fields, values.text("field"), "field");
    if (!at) {
        return tl::unexpected(at.error());
    }
    std::string as = values.text("as");
    if (!flow::columnOf(as)) {
        return trouble("as", "a field's name has letters, digits and underscores");
    }
    if (std::find(fields.begin(), fields.end(), as) != fields.end()) {
        return trouble("as", fmt::format("the input has a field '{}' already", as));
    }
    LookupStep::Table table;
    for (const std::string& written : values.list("entries")) {
        const std::size_t equals = written.find('=');
        if (equals == std::string::npos) {
            return trouble("entries", fmt::format("'{}' is no entry; write as in \"DE=Germany\"", written));
        }
        if (!table.emplace(written.substr(0, equals), written.substr(equals + 1)).second) {
            return trouble("entries", fmt::format("'{}' stands there twice", written.substr(0, equals)));
        }
    }
    return Ref<const RowStep>(makeRef<LookupStep>(*at, std::move(table), fields, std::move(as)));
}

// --- the kinds ------------------------------------------------------------------------------------------------------

flow::Parameter fieldParameter(std::string_view help, bool isRequired) {
    return {.key = "field",
            .type = Type::Field,
            .help = help,
            .isRequired = isRequired,
            .defaultText = isRequired ? std::string_view{} : std::string_view{"value"}};
}
flow::Parameter formatParameter(std::string_view help) {
    return {.key = "format", .type = Type::Choice, .help = help, .defaultText = "json", .choices = formatNames()};
}
flow::Parameter columnsParameter() {
    return {.key = "columns",
            .type = Type::TextList,
            .help = "Its fields: a name and BOOLEAN, INTEGER, REAL or TEXT, as in \"price REAL\".",
            .most = 64,
            .blank = "all that the format has",
            .start = "time INTEGER"};
}

std::vector<RowStepKind> makeKinds() {
    return {
        {"parse",
         "Parse",
         "Reads records of a format; one that does not fit is put aside with the reason.",
         "the columns; aside: reason, line",
         {fieldParameter("The field that holds the record.", false), formatParameter("How the record is written."),
          columnsParameter()},
         "rejected"},
        {"where",
         "Where",
         "Passes the rows for which a condition holds.",
         "the fields that come in",
         {{.key = "condition",
           .type = Type::Text,
           .help = "A formula over the fields, as in \"status >= 400\".",
           .isRequired = true,
           .start = "value is not null"}}},
        {"filter",
         "Filter",
         "Passes the rows in whose field a regular expression is found, or is not.",
         "the fields that come in",
         {fieldParameter("The field that is looked at.", false),
          {.key = "pattern",
           .type = Type::Pattern,
           .help = "What is to be found in it, in RE2's syntax.",
           .isRequired = true,
           .start = "."},
          {.key = "keep",
           .type = Type::Choice,
           .help = "Which rows pass.",
           .defaultText = "matching",
           .choices = {"matching", "others"}}}},
        {"map",
         "Map",
         "Works out fields by formulas and passes them with the others.",
         "the fields that come in, and those that are set",
         {{.key = "set",
           .type = Type::TextList,
           .help = "A field and its formula, as in \"fahrenheit = temperature * 9 / 5 + 32\".",
           .isRequired = true,
           .most = 64,
           .start = "twice = value + value"}}},
        {"split",
         "Split",
         "Cuts a text into parts, one row each.",
         "word",
         {fieldParameter("The field that is cut.", false),
          {.key = "separator", .help = "Where it is cut; without it, at white space.", .blank = "white space"}}},
        {"lookup",
         "Look up",
         "Adds what a table says about a field; rows that it says nothing about are put aside.",
         "the fields that come in, and what was found; aside: the fields that come in",
         {fieldParameter("The field that is looked up.", true),
          {.key = "entries",
           .type = Type::TextList,
           .help = "The table: values and what they mean, as in \"DE=Germany\".",
           .isRequired = true,
           .most = 10'000,
           .start = "a=b"},
          {.key = "as", .type = Type::Text, .help = "The name of the field that is added.", .defaultText = "found"}},
         "missed"},
        {"format",
         "Format",
         "Writes fields as one text of a format.",
         "value",
         {formatParameter("How it is written."), columnsParameter()}},
    };
}

}  // namespace

std::span<const RowStepKind> rowStepKinds() {
    static const std::vector<RowStepKind> kinds = makeKinds();
    return kinds;
}

const RowStepKind* findRowStepKind(std::string_view kind) {
    const auto all = rowStepKinds();
    const auto found = std::find_if(all.begin(), all.end(), [&](const RowStepKind& each) { return each.kind == kind; });
    return found != all.end() ? &*found : nullptr;
}

Made makeRowStep(std::string_view kind, const flow::ParameterValues& values, const Fields& fields) {
    using Maker = Made (*)(const flow::ParameterValues&, const Fields&);
    static constexpr std::pair<std::string_view, Maker> makers[] = {
        {"parse", makeParse}, {"where", makeWhere},   {"filter", makeFilter}, {"map", makeMap},
        {"split", makeSplit}, {"lookup", makeLookup}, {"format", makeFormat}};
    for (const auto& [name, maker] : makers) {
        if (name == kind) {
            return maker(values, fields);
        }
    }
    MILLRACE_CHECK(false, kind);
    return trouble({}, "unknown");
}

}  // namespace millrace::ingest
