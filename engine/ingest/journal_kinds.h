#pragma once

#include <array>
#include <string_view>

#include "engine/base/journal_kind.h"

/// What sources and sinks go through.
namespace millrace::ingest::happened {

inline constexpr JournalKind sourceResumed{"ingest.source-resumed", "A source is read on from where it was."};
inline constexpr JournalKind rateSet{"ingest.rate-set", "A source was given another rate."};
inline constexpr JournalKind lineRejected{"ingest.line-rejected", "A line of data could not be read."};
inline constexpr JournalKind sinkRefused{"ingest.sink-refused", "A sink cannot write."};
inline constexpr JournalKind sinkAppended{"ingest.sink-appended", "A record was written once more."};
inline constexpr JournalKind sinkSkipped{"ingest.sink-skipped", "A record stood there already and was left out."};
inline constexpr JournalKind pipelineResumed{"ingest.pipeline-resumed",
                                             "An ingestion pipeline goes on where its last checkpoint stands."};
inline constexpr JournalKind batchLoaded{"ingest.batch-loaded", "A batch of an ingestion pipeline is committed."};
inline constexpr JournalKind recordsGone{"ingest.records-gone",
                                         "Records were not taken in time and cannot be sent again."};
inline constexpr JournalKind schemaDrifted{"ingest.schema-drifted", "The records of a source have another form."};
inline constexpr JournalKind pipelineRepaired{"ingest.pipeline-repaired",
                                              "The reader of a pipeline is mended, and dead letters are read again."};
inline constexpr JournalKind alertRaised{"ingest.alert-raised", "The condition of an alert began to hold."};

/// All of them, in the order in which they are listed.
inline constexpr std::array all{&sourceResumed, &rateSet,       &lineRejected,     &sinkRefused,
                                &sinkAppended,  &sinkSkipped,   &pipelineResumed,  &batchLoaded,
                                &recordsGone,   &schemaDrifted, &pipelineRepaired, &alertRaised};

}  // namespace millrace::ingest::happened

/// What such entries say and somebody reads.
namespace millrace::ingest::field {

inline constexpr JournalField<std::string_view> writers{"writers"};  ///< "<topology>/<bolt>", joined by commas

}  // namespace millrace::ingest::field
