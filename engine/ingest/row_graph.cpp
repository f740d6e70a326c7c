#include "engine/ingest/row_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/digest.h"
#include "engine/base/utf8.h"
#include "engine/flow/operator.h"

namespace millrace::ingest {

namespace {

using flow::Datum;
using Fields = std::vector<std::string>;

/// A look into the map of an aggregation and its update.
constexpr CpuTime keyed{150};

std::int64_t wholeOf(const Datum& datum) {
    if (const auto* whole = std::get_if<std::int64_t>(&datum)) {
        return *whole;
    }
    return static_cast<std::int64_t>(flow::asNumber(datum).value_or(0));
}

}  // namespace

/// Puts the parts together, each behind what it reads.
class RowGraphMaking {
public:
    RowGraphMaking(const std::vector<RowGraphPart>& parts, std::vector<SinkTable> tables, std::string_view suffix)
        : m_parts(parts), m_suffix(suffix) {
        m_graph->m_tables = std::move(tables);
        RowGraph::Node records;
        records.main = {"value"};
        m_graph->m_nodes.push_back(std::move(records));
    }

    Result<Ref<const RowGraph>, std::vector<RowGraph::Trouble>> make() {
        std::vector<const RowGraphPart*> open;
        for (const RowGraphPart& each : m_parts) {
            open.push_back(&each);
        }
        while (!open.empty()) {
            const auto ready = std::find_if(open.begin(), open.end(), [&](const RowGraphPart* each) {
                return each->from.empty() || find(each->from) || m_broken.contains(each->from);
            });
            if (ready == open.end()) {
                complain(*open.front(), "from", "its rows come back to it, or come from nowhere");
                break;
            }
            const RowGraphPart& part = **ready;
            open.erase(ready);
            add(part);
        }
        if (!m_troubles.empty()) {
            return tl::unexpected(std::move(m_troubles));
        }
        m_graph->m_digest = m_digest.value();
        return Ref<const RowGraph>(std::move(m_graph));
    }

private:
    std::optional<std::size_t> find(const std::string& name) const {
        for (std::size_t i = 1; i < m_graph->m_nodes.size(); ++i) {
            if (m_graph->m_nodes[i].name == name) {
                return i;
            }
        }
        return std::nullopt;
    }

    void complain(const RowGraphPart& part, std::string parameter, std::string message) {
        m_troubles.push_back({part.name, std::move(parameter), std::move(message)});
        m_broken.insert(part.name);
    }

    void add(const RowGraphPart& part) {
        if (m_broken.contains(part.from)) {
            m_broken.insert(part.name);  // What follows of it cannot be judged.
            return;
        }
        const std::size_t from = part.from.empty() ? 0 : *find(part.from);
        const RowGraph::Node& parent = m_graph->m_nodes[from];
        if (part.isAside && parent.aside.empty()) {
            complain(part, "stream", fmt::format("{} puts nothing aside", parent.name.empty() ? "it" : parent.name));
            return;
        }
        if (parent.kind == RowGraph::Node::Kind::Store) {
            complain(part, "from", "a table is an end: nothing comes out of it");
            return;
        }
        if (parent.kind == RowGraph::Node::Kind::Key && part.kind != "store" && part.kind != "top") {
            complain(part, "from",
                     "a count is true at an instant alone, which is another one on each engine: store it, and read the "
                     "table");
            return;
        }
        RowGraph::Node node;
        node.name = part.name;
        node.isAside = part.isAside;
        const Fields& fields = part.isAside ? parent.aside : parent.main;
        const bool isMade = part.kind == "store"                          ? store(part, parent, fields, node)
                            : part.kind == "count" || part.kind == "sum"  ? key(part, fields, node)
                            : part.kind == "window" || part.kind == "top" ? timed(part, fields, node)
                                                                          : step(part, fields, node);
        if (const auto twice = isMade ? flow::firstRepeated(node.main) : std::nullopt) {
            complain(part, {},
                     fmt::format("'{}' would be the name of two fields: give one another name before", *twice));
        } else if (isMade) {
            m_digest.add(std::string_view{part.name});
            m_digest.add(std::string_view{part.from});
            m_graph->m_nodes[from].next.push_back(m_graph->m_nodes.size());
            m_graph->m_nodes.push_back(std::move(node));
        }
    }

    bool step(const RowGraphPart& part, const Fields& fields, RowGraph::Node& node) {
        auto made = makeRowStep(part.kind, part.values, fields);
        if (!made) {
            complain(part, made.error().parameter, made.error().message);
            return false;
        }
        node.step = std::move(*made);
        node.main = node.step->main;
        node.aside = node.step->aside;
        m_digest.add(node.step->digest());
        return true;
    }

    std::optional<std::size_t> place(const RowGraphPart& part, const Fields& fields, const std::string& parameter) {
        const std::string name = part.values.text(parameter);
        const auto at = std::find(fields.begin(), fields.end(), name);
        if (at == fields.end()) {
            complain(part, parameter,
                     fmt::format("the input has no field '{}', only {}", name, fmt::join(fields, ", ")));
            return std::nullopt;
        }
        return static_cast<std::size_t>(at - fields.begin());
    }

    bool key(const RowGraphPart& part, const Fields& fields, RowGraph::Node& node) {
        node.kind = RowGraph::Node::Kind::Key;
        const auto by = place(part, fields, "by");
        if (!by) {
            return false;
        }
        node.key = *by;
        if (part.kind == "sum") {
            const auto of = place(part, fields, "of");
            if (!of) {
                return false;
            }
            node.value = static_cast<std::int32_t>(*of);
        }
        node.main = {fields[*by], "increment"};
        m_digest.add(static_cast<std::uint64_t>(node.key));
        m_digest.add(node.value);
        return true;
    }

    bool timed(const RowGraphPart& part, const Fields& fields, RowGraph::Node& node) {
        node.kind = RowGraph::Node::Kind::Timed;
        m_graph->m_isTimeless = false;
        const auto field = place(part, fields, part.kind == "window" ? "by" : "of");
        if (!field) {
            return false;
        }
        node.main = part.kind == "window" ? Fields{fields[*field], "count"} : Fields{"rank", "name", "number"};
        return true;
    }

    bool store(const RowGraphPart& part, const RowGraph::Node& parent, const Fields& fields, RowGraph::Node& node) {
        node.kind = RowGraph::Node::Kind::Store;
        const std::string name = part.values.text("table") + m_suffix;
        const auto table = std::find_if(m_graph->m_tables.begin(), m_graph->m_tables.end(),
                                        [&](const SinkTable& each) { return each.name == name; });
        if (table == m_graph->m_tables.end()) {
            complain(part, "table", fmt::format("the sink has no table '{}'", part.values.text("table")));
            return false;
        }
        const bool isOfCounts = parent.kind == RowGraph::Node::Kind::Key;
        if (isOfCounts != (table->kind == SinkTable::Kind::Counts)) {
            complain(part, "table",
                     isOfCounts ? "counts go into a table of kind counts" : "rows do not go into a table of counts");
            return false;
        }
        node.table = static_cast<std::uint32_t>(table - m_graph->m_tables.begin());
        for (const SinkColumn& column : table->columns) {
            const auto at = std::find(fields.begin(), fields.end(), column.name);
            if (at == fields.end()) {
                complain(part, "table",
                         fmt::format("'{}' has a column '{}', the input has only {}", part.values.text("table"),
                                     column.name, fmt::join(fields, ", ")));
                return false;
            }
            node.columns.push_back(static_cast<std::size_t>(at - fields.begin()));
        }
        node.increment = isOfCounts ? 1 : -1;
        m_digest.add(std::string_view{name});
        return true;
    }

    const std::vector<RowGraphPart>& m_parts;
    std::string m_suffix;
    Ref<RowGraph> m_graph = makeRef<RowGraph>();
    std::set<std::string> m_broken;
    std::vector<RowGraph::Trouble> m_troubles;
    Digest m_digest;
};

Result<Ref<const RowGraph>, std::vector<RowGraph::Trouble>> RowGraph::make(const std::vector<RowGraphPart>& parts,
                                                                           std::vector<SinkTable> tables,
                                                                           std::string_view suffix) {
    return RowGraphMaking(parts, std::move(tables), suffix).make();
}

const std::vector<std::string>& RowGraph::fieldsOf(std::string_view part) const {
    const auto found =
        std::find_if(m_nodes.begin(), m_nodes.end(), [&](const Node& each) { return each.name == part; });
    MILLRACE_CHECK(found != m_nodes.end(), part);
    return found->main;
}

CpuTime RowGraph::run(std::string_view record, const Give& give) const {
    CpuTime time{0};
    const Datum value{std::string{record}};
    handOn(m_nodes.front(), std::span(&value, 1), false, give, time);
    return time;
}

void RowGraph::handOn(const Node& from, std::span<const Datum> row, bool isAside, const Give& give,
                      CpuTime& time) const {
    for (const std::size_t next : from.next) {
        if (m_nodes[next].isAside == isAside) {
            pass(m_nodes[next], row, give, time);
        }
    }
}

void RowGraph::pass(const Node& node, std::span<const Datum> row, const Give& give, CpuTime& time) const {
    switch (node.kind) {
        case Node::Kind::Step:
            time +=
                node.step->work.perTuple + node.step->work.perByte * static_cast<std::int64_t>(node.step->bytesOf(row));
            node.step->apply(row, [&](Row made, bool isAside) { handOn(node, made, isAside, give, time); });
            return;
        case Node::Kind::Key: {
            time += keyed;
            const Row counted{row[node.key],
                              node.value < 0 ? std::int64_t{1} : wholeOf(row[static_cast<std::size_t>(node.value)])};
            handOn(node, counted, false, give, time);
            return;
        }
        case Node::Kind::Timed:
            return;
        case Node::Kind::Store: {
            std::vector<SinkValue> values;
            for (std::size_t i = 0; i < node.columns.size(); ++i) {
                values.push_back(sinkValueOf(row[node.columns[i]], m_tables[node.table].columns[i].type));
            }
            give(node.table, std::move(values),
                 node.increment < 0 ? 1 : wholeOf(row[static_cast<std::size_t>(node.increment)]));
            return;
        }
    }
}

SinkValue sinkValueOf(const Datum& datum, SinkColumn::Type type) {
    if (flow::isNull(datum)) {
        return {};
    }
    if (const auto* text = std::get_if<std::string>(&datum)) {
        return isStorableText(*text) ? *text : storableText(*text);
    }
    if (type == SinkColumn::Type::Text) {
        return flow::toText(datum);
    }
    if (const auto* real = std::get_if<double>(&datum)) {
        return *real;
    }
    return wholeOf(datum);
}

std::string toText(const SinkValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) {
        return *text;
    }
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        return std::to_string(*whole);
    }
    const auto* real = std::get_if<double>(&value);
    return real != nullptr ? flow::toText(Datum{*real}) : std::string{};
}

// --- lines ----------------------------------------------------------------------------------------------------------

namespace {

constexpr std::string_view nothing = "\\N";

void appendEscaped(std::string& line, std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '\t':
                line += "\\t";
                break;
            case '\n':
                line += "\\n";
                break;
            case '\\':
                line += "\\\\";
                break;
            default:
                line += c;
        }
    }
}

std::string unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            plain += text[i];
            continue;
        }
        ++i;
        plain += text[i] == 't' ? '\t' : text[i] == 'n' ? '\n' : text[i];
    }
    return plain;
}

SinkValue valueIn(std::string_view cell, SinkColumn::Type type) {
    if (cell == nothing) {
        return {};
    }
    std::string text = unescaped(cell);
    if (type == SinkColumn::Type::Integer) {
        if (const auto whole = flow::wholeNumberIn(text)) {
            return *whole;
        }
    }
    if (type != SinkColumn::Type::Text) {
        if (const auto real = flow::numberIn(text)) {
            return *real;
        }
    }
    return text;
}

}  // namespace

std::string tableLine(std::string_view table, const std::vector<SinkValue>& values) {
    std::string line{table};
    for (const SinkValue& value : values) {
        line += '\t';
        if (std::holds_alternative<std::monostate>(value)) {
            line += nothing;
        } else {
            appendEscaped(line, toText(value));
        }
    }
    return line;
}

std::optional<TableRow> tableRowIn(std::string_view line, const std::vector<SinkTable>& tables) {
    std::vector<std::string_view> cells;
    for (std::size_t at = 0; at <= line.size();) {
        const std::size_t end = std::min(line.find('\t', at), line.size());
        cells.push_back(line.substr(at, end - at));
        at = end + 1;
    }
    const auto table = std::find_if(tables.begin(), tables.end(), [&](const SinkTable& each) {
        return each.name == cells.front() && cells.size() == each.columns.size() + 2;
    });
    const auto number = flow::wholeNumberIn(cells.back());
    if (table == tables.end() || !number) {
        return std::nullopt;
    }
    TableRow row{static_cast<std::uint32_t>(table - tables.begin()), {}, *number};
    for (std::size_t i = 0; i < table->columns.size(); ++i) {
        row.values.push_back(valueIn(cells[i + 1], table->columns[i].type));
    }
    return row;
}

}  // namespace millrace::ingest
