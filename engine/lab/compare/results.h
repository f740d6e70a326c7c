#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "engine/ingest/row_graph.h"
#include "engine/ingest/sink.h"
#include "engine/scenario/scenario.h"
#include "engine/sim/world.h"

namespace millrace::lab {

/// What a table holds: how often each row stands there, or what each key has been counted up to. Values as text.
using TableContent = std::map<std::vector<std::string>, std::int64_t>;

/// Tables by name, without the name of an engine behind it.
using Tables = std::map<std::string, TableContent>;

/// "words_storm" is "words".
[[nodiscard]] std::string plainTable(const std::string& table, const std::string& engine);

/// Keeps books of what sinks commit: what stands in their tables, and when how much of it came.
class ResultWatch {
public:
    struct Point {
        SimTime at;
        std::int64_t results = 0;  ///< so far: rows, and what keys have been counted up by
    };

    ResultWatch(std::string engine, const scenario::Scenario& scenario);
    void observe(const std::vector<sim::NumberedEffect>& effects);

    [[nodiscard]] const Tables& tables() const { return m_tables; }
    [[nodiscard]] const std::vector<Point>& points() const { return m_points; }
    /// When a record's first result stood, by source and position, where results know their record.
    [[nodiscard]] const std::map<std::string, std::map<std::int64_t, SimTime>>& firstOf() const { return m_firstOf; }
    /// Rows that know their record, and those of them that came behind one of a later record of the same source.
    [[nodiscard]] std::int64_t rowsInOrder() const { return m_inOrder; }
    [[nodiscard]] std::int64_t rowsOvertaken() const { return m_overtaken; }

private:
    void enter(SimTime at, const ingest::SinkSpec& sink, const ingest::SinkWrite& write);

    std::string m_engine;
    std::set<std::string> m_sources;
    Tables m_tables;
    std::vector<Point> m_points;
    std::map<std::string, std::uint64_t> m_transactions;  ///< the newest of each sink
    std::set<std::tuple<std::string, std::uint32_t, std::string, std::int64_t, std::uint32_t>> m_seen;
    std::map<std::string, std::map<std::int64_t, SimTime>> m_firstOf;
    std::map<std::pair<std::string, std::string>, std::int64_t> m_furthest;  ///< by table and source
    std::int64_t m_inOrder = 0;
    std::int64_t m_overtaken = 0;
};

/// What the pipelines of a scenario have to arrive at: a single pass over the records of their sources.
struct Expected {
    /// Of each record in the order in which it is made.
    struct Made {
        SimTime at;
        std::int64_t results = 0;  ///< that are due when its own stand too
    };
    std::vector<Made> records;
    Tables tables;
    bool isWhole = false;  ///< there are pipelines, and all of their tables follow from the records alone
};

/// `engine` names the tables. At most so many records are gone through; a source that is longer is left out.
inline constexpr std::int64_t expectedRecordsMax = 5'000'000;
[[nodiscard]] Expected expectedOf(const scenario::Scenario& scenario, const std::string& engine);

/// When each record of a source is made, as far as one that is finite tells it.
[[nodiscard]] std::map<std::string, std::vector<SimTime>> timesOfSources(const scenario::Scenario& scenario);

}  // namespace millrace::lab
