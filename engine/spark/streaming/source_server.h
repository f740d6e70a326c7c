#pragma once

#include <string>

#include "engine/ingest/source.h"
#include "engine/sim/process.h"
#include "engine/sim/world.h"

namespace millrace::spark {

struct SourceServerConfig {
    Ref<const ingest::SourceSpec> source;
    sim::Port port{9999};
    /// It keeps records until they are acknowledged and gives them again. Otherwise what has been sent is gone, as from
    /// a socket.
    bool keepsUntilAcknowledged = false;
};

/// A server from which receivers get the records of a source, in bursts of 10 ms of those that are due. It waits with
/// records as long as nobody asks for them. A restarted one goes on where it stood a second before its end at most.
[[nodiscard]] Ref<const sim::Blueprint> makeSourceServerBlueprint(SourceServerConfig config);

struct SourceServerFigures {
    std::int64_t sent = 0;      ///< records, those sent again included
    std::int64_t position = 0;  ///< of the next one
    std::int64_t acknowledged = 0;
    bool exhausted = false;
};
/// Changes the rate at which it has records from now on, as an operator's action; it holds when the server starts again
/// too. False: there is no server of that source.
bool setSourceRate(sim::World& world, std::string_view source, double recordsPerSecond);
[[nodiscard]] bool hasSourceServer(const sim::World& world, std::string_view source);
[[nodiscard]] SourceServerFigures sourceServerFigures(const sim::World& world, std::string_view source);

}  // namespace millrace::spark
