#pragma once

#include <cstdint>
#include <string_view>

#include "engine/sim/process.h"
#include "engine/storm/config.h"
#include "engine/storm/topology.h"

namespace millrace::sim {
class World;
}

namespace millrace::storm {

/// A client that hands a topology to Nimbus, again and again until it is accepted or alive, and ends:
/// "submit/<topology>".
[[nodiscard]] Ref<const sim::Blueprint> makeSubmitterBlueprint(ClusterConfig config, TopologyRef topology);
/// What a submitter's blueprint submits; null for any other blueprint.
[[nodiscard]] TopologyRef submittedTopology(const sim::Blueprint& blueprint);

/// How far the handing over has come: not yet there, refused by Nimbus (and tried again), or done.
enum class SubmissionState : std::uint8_t { Waiting, Refused, Done };
[[nodiscard]] SubmissionState submissionState(const sim::World& world, std::string_view topology);

}  // namespace millrace::storm
