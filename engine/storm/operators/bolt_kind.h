#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/base/ref.h"
#include "engine/base/result.h"
#include "engine/flow/operator.h"
#include "engine/ingest/sink.h"
#include "engine/ingest/sink_client.h"
#include "engine/storm/runtime/operator.h"

namespace millrace::storm {

/// What a bolt finds around it: the sink that it writes to, and where the sink's process runs.
struct BoltSurroundings {
    Ref<const ingest::SinkSpec> sink;  ///< the one that its parameters name
    std::string sinkHost;
    sim::Port sinkPort = ingest::sinkPort;
    ingest::SinkClientConfig client;  ///< linger and batch size; host and port are taken from above
    /// Paths of file sources by source id, to say the file of a rejected line.
    std::map<std::string, std::string> sourceFiles;
};

using BoltResult = Result<Ref<const BoltFactory>, BoltTrouble>;

/// A kind of bolt: what is to be said about it, and what makes it. Each stands in one row beside the bolt's code, and
/// the catalog lists them.
struct BoltKind {
    flow::Operator about;
    BoltResult (*make)(const flow::ParameterValues& parameters, const BoltSurroundings& surroundings) = nullptr;
};

[[nodiscard]] inline tl::unexpected<BoltTrouble> boltTrouble(std::string_view parameter, std::string message) {
    return tl::unexpected(BoltTrouble{std::string{parameter}, std::move(message)});
}

}  // namespace millrace::storm
