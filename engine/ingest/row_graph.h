#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ingest/row_step.h"
#include "engine/ingest/sink.h"

namespace millrace::ingest {

/// One part of a drawn pipeline: a step of a `RowStepKind`; "count" or "sum" by the values of a field; "store", which
/// puts rows or counts into a table; "window" and "top", whose results depend on when an engine tells them.
struct RowGraphPart {
    std::string name;
    std::string kind;
    std::string from;      ///< another part; empty: the records themselves
    bool isAside = false;  ///< reads what that part puts aside
    flow::ParameterValues values;
};

/// What a drawn pipeline makes of one record, whatever engine runs it: rows and increments of tables. A function; what
/// all records together come to is what every engine has to arrive at. Immutable and shared.
class RowGraph final : public Counted {
public:
    struct Trouble {
        std::string part;
        std::string parameter;
        std::string message;
    };
    /// `tables` are those of the sink, in which a part's table is called by its own name and `suffix` behind it.
    [[nodiscard]] static Result<Ref<const RowGraph>, std::vector<Trouble>> make(const std::vector<RowGraphPart>& parts,
                                                                                std::vector<SinkTable> tables,
                                                                                std::string_view suffix = {});

    /// A row of a table, or an increment of a key.
    using Give = std::function<void(std::uint32_t table, std::vector<SinkValue> values, std::int64_t increment)>;
    /// Gives the processor time that it takes on a core of speed 1.0.
    CpuTime run(std::string_view record, const Give& give) const;

    [[nodiscard]] const std::vector<SinkTable>& tables() const { return m_tables; }
    /// The fields of what a part gives, for who draws or explains it.
    [[nodiscard]] const std::vector<std::string>& fieldsOf(std::string_view part) const;
    [[nodiscard]] std::uint64_t digest() const { return m_digest; }
    /// Whether all of its tables follow from the records alone.
    [[nodiscard]] bool isTimeless() const { return m_isTimeless; }

private:
    friend class RowGraphMaking;
    struct Node {
        enum class Kind : std::uint8_t { Step, Key, Timed, Store };
        std::string name;
        Kind kind = Kind::Step;
        bool isAside = false;
        Ref<const RowStep> step;
        std::size_t key = 0;
        std::int32_t value = -1;  ///< field that is added up; -1: each row counts one
        std::uint32_t table = 0;
        std::vector<std::size_t> columns;
        std::int32_t increment = -1;
        std::vector<std::string> main;
        std::vector<std::string> aside;
        std::vector<std::size_t> next;
    };
    void pass(const Node& node, std::span<const flow::Datum> row, const Give& give, CpuTime& time) const;
    void handOn(const Node& from, std::span<const flow::Datum> row, bool isAside, const Give& give,
                CpuTime& time) const;

    std::vector<Node> m_nodes;  ///< the records themselves first
    std::vector<SinkTable> m_tables;
    std::uint64_t m_digest = 0;
    bool m_isTimeless = true;
};

/// As a value of a column is written into a database.
[[nodiscard]] SinkValue sinkValueOf(const flow::Datum& datum, SinkColumn::Type type);
/// As text: what two tables are compared by.
[[nodiscard]] std::string toText(const SinkValue& value);

// A row of a table as a line of a file: table, values, parted by tabs; tabs, ends of lines and backslashes within them
// written with a backslash, nothing as \N.

[[nodiscard]] std::string tableLine(std::string_view table, const std::vector<SinkValue>& values);
struct TableRow {
    std::uint32_t table = 0;
    std::vector<SinkValue> values;
    std::int64_t number = 1;
};
/// Such a line with a number behind another tab, as jobs write theirs; nothing where it is none of these tables.
[[nodiscard]] std::optional<TableRow> tableRowIn(std::string_view line, const std::vector<SinkTable>& tables);

}  // namespace millrace::ingest
