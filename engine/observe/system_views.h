#pragma once

#include <vector>

#include "engine/observe/cluster_view.h"
#include "engine/observe/run_view.h"
#include "engine/observe/topology_view.h"

namespace millrace::observe {

/// What all systems show at one instant. Snapshot and report are made of it: a system that is added shows itself here.
struct SystemViews {
    ClusterView cluster;
    StormView storm;
    std::vector<SourceView> sources;
    std::vector<SinkView> sinks;
    std::vector<FigureView> figures;
};

}  // namespace millrace::observe
