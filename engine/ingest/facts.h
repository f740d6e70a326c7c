#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/ingest/feed.h"
#include "engine/ingest/sink.h"
#include "engine/ingest/web_log.h"
#include "engine/sim/fact.h"

namespace millrace::ingest {

/// A sink has answered that a request is committed.
struct SinkAnswered final : sim::FactBase<SinkAnswered> {
    static constexpr std::string_view Name = "ingest.SinkAnswered";
    Ref<const SinkSpec> sink;
    Ref<const SinkCommit> request;
    SinkAnswered(Ref<const SinkSpec> who, Ref<const SinkCommit> what)
        : sink(std::move(who)), request(std::move(what)) {}
};

/// Records were taken from a feed: what each is beside what it says, and what of the feed has been lost on the way.
struct RecordsRead final : sim::FactBase<RecordsRead> {
    static constexpr std::string_view Name = "ingest.RecordsRead";
    Ref<const FeedSpec> feed;
    std::vector<RecordTruth> records;
    std::int64_t readings = 0;  ///< since the run began
    std::int64_t missing = 0;   ///< of these
};

/// A tuple was made from several records and goes on with one of them.
struct RecordsMerged final : sim::FactBase<RecordsMerged> {
    static constexpr std::string_view Name = "ingest.RecordsMerged";
    std::string source;  ///< of the one,
    std::int64_t position = 0;
    std::vector<std::pair<std::string, std::int64_t>> parents;  ///< and source and position of each
};

/// A line was rejected: by a bolt whose format it does not fit, or by its producer.
struct LineRejected final : sim::FactBase<LineRejected> {
    static constexpr std::string_view Name = "ingest.LineRejected";
    std::string source;
    std::string file;  ///< empty when the record came from no file
    std::int64_t position;
    std::string reason;
    std::string text;  ///< its first characters, as text
    explicit LineRejected(const RejectedLine& line)
        : source(line.source), file(line.file), position(line.position), reason(line.reason), text(sampleOf(line)) {}
};

}  // namespace millrace::ingest
