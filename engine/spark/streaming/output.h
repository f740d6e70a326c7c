#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/ingest/sink.h"
#include "engine/spark/rows.h"
#include "engine/spark/streaming/program.h"

namespace millrace::spark {

/// The first rows of a partition, at most so many.
[[nodiscard]] RowsRef firstRows(const Rows& rows, std::size_t most);
/// "(the,17)"
[[nodiscard]] std::string rowText(const Rows& rows, std::size_t index);

/// How the rows of a partition of an output operation become writes of its sink. A row that was made of one record
/// carries that record's origin; one that sums up many is named by the application, the output, the time of its batch,
/// its partition and its place there, which are the same at each repetition: with that a sink that writes once makes of
/// at least once exactly once.
class OutputRows {
public:
    OutputRows(const std::string& application, const OutputSpec& output, std::int32_t partition,
               std::int64_t batchMillis, std::int64_t ordinal);
    [[nodiscard]] ingest::SinkWrite writeOf(const Rows& rows, std::size_t index) const;

private:
    const OutputSpec& m_output;
    std::string m_source;
    std::int64_t m_batchMillis;
    std::int64_t m_ordinal;  ///< of the batch: names of results lie close together
    std::vector<int> m_columns;
    int m_increment = -1;
};

}  // namespace millrace::spark
