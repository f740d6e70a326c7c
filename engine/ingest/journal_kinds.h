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

/// All of them, in the order in which they are listed.
inline constexpr std::array all{&sourceResumed, &rateSet, &lineRejected, &sinkRefused, &sinkAppended, &sinkSkipped};

}  // namespace millrace::ingest::happened

/// What such entries say and somebody reads.
namespace millrace::ingest::field {

inline constexpr JournalField<std::string_view> writers{"writers"};  ///< "<topology>/<bolt>", joined by commas

}  // namespace millrace::ingest::field
