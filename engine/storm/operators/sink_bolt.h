#pragma once

#include <string>

#include "engine/ingest/sink.h"
#include "engine/ingest/sink_client.h"
#include "engine/storm/operators/bolt_kind.h"

namespace millrace::storm {

/// Writes to a sink's process and acks each tuple when the sink has answered that its row is committed. A request whose
/// answer does not come fails its tuples: the rows may be there, so a replay may write them once more (at least once),
/// unless the sink remembers what it has written (`"write": "once"`).
///
/// A row takes source, position, topic, partition and offset from the record that the tuple was made from, `line` from
/// the field of that name or the record's value, and other columns from fields of their names. A count takes its key
/// from the field named like the column and adds the field `increment` or, without one, 1: a sink adds, it never
/// overwrites totals.
struct SinkBoltConfig {
    Ref<const ingest::SinkSpec> sink;
    std::string table;  ///< sqlite
    std::string field;  ///< file: which field is the line; empty: all, separated by tabs
    ingest::SinkClientConfig client;
};
[[nodiscard]] Ref<const BoltFactory> makeSinkBolt(SinkBoltConfig config);
[[nodiscard]] const BoltKind& sqliteKind();
[[nodiscard]] const BoltKind& fileKind();

}  // namespace millrace::storm
