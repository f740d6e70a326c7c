#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/observe/cluster_view.h"
#include "engine/observe/run_view.h"
#include "engine/sim/world.h"
#include "engine/zookeeper/types.h"

namespace millrace::zookeeper {

class Tree;

/// Fills `servers` (in order of their processes) and `hasQuorum`. A world without servers has nothing to lose: its
/// quorum is reported as there.
void describe(const sim::World& world, observe::ClusterView& view);

/// Servers that cannot serve for want of a quorum, as the view says.
[[nodiscard]] std::vector<observe::WaitView> describeWaits(const sim::World& world, const observe::ClusterView& view);

/// The session that an ephemeral node belongs to, as the server that leads knows it.
struct NodeOwner {
    SessionId session;
    SimTime expires;           ///< unless its client is heard of before
    observe::ObjectId leader;  ///< the server that counts
};
/// Nothing when no server leads with a quorum, or the node is not there or nobody's.
[[nodiscard]] std::optional<NodeOwner> ownerOf(const sim::World& world, std::string_view path);

/// The furthest state that a live server holds; nothing where none lives.
[[nodiscard]] const Tree* furthestTree(const sim::World& world);

}  // namespace millrace::zookeeper
