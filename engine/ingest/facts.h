#pragma once

#include <cstdint>
#include <string>
#include <string_view>

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
