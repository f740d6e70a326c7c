#pragma once

#include <string_view>

#include "engine/ingest/sink.h"
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

}  // namespace millrace::ingest
