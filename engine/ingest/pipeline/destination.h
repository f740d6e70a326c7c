#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/ingest/pipeline/step.h"
#include "engine/ingest/sink.h"

namespace millrace::ingest {

/// A table of a database that rows go to, column by column.
struct TableBinding {
    std::uint32_t table = 0;
    std::vector<std::size_t> fields;  ///< of the row, beside the table's columns
};

/// Where a pipeline's rows end: what each becomes for a sink of its kind. A value.
class Destination {
public:
    Destination() = default;
    /// `tables` names tables of a database, all when it is empty; `key` the fields that make the id of a document,
    /// the key of a topic's record or the name of a dashboard's tile. The trouble's key is `tables` or `key`.
    [[nodiscard]] static Result<Destination, StepTrouble> make(Ref<const SinkSpec> sink,
                                                               const std::vector<flow::Column>& columns,
                                                               const std::vector<std::string>& tables,
                                                               const std::vector<std::string>& key);
    /// Where records that were rejected go: every kind takes them, a database in a table that it must have.
    [[nodiscard]] static Result<Destination, StepTrouble> ofRejects(Ref<const SinkSpec> sink);

    /// Where records go as they come.
    [[nodiscard]] static Result<Destination, StepTrouble> ofLanding(Ref<const SinkSpec> sink);
    [[nodiscard]] PipelineRecord landingRow(const PipelineRecord& record) const;

    void addWrites(const PipelineRecord& record, std::vector<SinkWrite>& writes) const;
    [[nodiscard]] const Ref<const SinkSpec>& sink() const { return m_sink; }
    /// Of the rows that come in.
    [[nodiscard]] const std::vector<flow::Column>& columns() const { return m_columns; }
    /// Of these, the fields that make the key.
    [[nodiscard]] const std::vector<std::size_t>& key() const { return m_key; }
    /// What the first line of an object of CSV says.
    [[nodiscard]] std::string header() const;
    /// A row that is written once more takes the place of the one before.
    [[nodiscard]] bool isKeyed() const;

    /// The columns of rejected records: source, position, pipeline's step, reason and text.
    [[nodiscard]] static std::vector<flow::Column> rejectColumns();
    [[nodiscard]] static PipelineRecord rejectRow(const RejectedRecord& rejected,
                                                  const std::vector<flow::Column>& columns);

private:
    [[nodiscard]] std::string keyOf(const PipelineRecord& record) const;
    [[nodiscard]] std::string documentOf(const PipelineRecord& record) const;
    [[nodiscard]] std::string lineOf(const PipelineRecord& record) const;

    Ref<const SinkSpec> m_sink;
    std::vector<flow::Column> m_columns;
    std::vector<TableBinding> m_tables;
    std::vector<std::size_t> m_key;
};

/// The row as JSON, with what goes along.
[[nodiscard]] std::string jsonOf(const std::vector<flow::Column>& columns, const PipelineRecord& record);

}  // namespace millrace::ingest
