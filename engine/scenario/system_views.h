#pragma once

#include <vector>

#include "engine/observe/cluster_view.h"
#include "engine/observe/topology_view.h"

namespace millrace::scenario {

/// What all systems show at one instant.
struct SystemViews {
    observe::ClusterView cluster;
    observe::StormView storm;
    std::vector<observe::SourceView> sources;
    std::vector<observe::SinkView> sinks;
};

}  // namespace millrace::scenario
