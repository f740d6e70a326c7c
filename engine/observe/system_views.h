#pragma once

#include <vector>

#include "engine/observe/cluster_view.h"
#include "engine/observe/generic_view.h"
#include "engine/observe/hadoop_view.h"
#include "engine/observe/ingestion_view.h"
#include "engine/observe/run_view.h"
#include "engine/observe/streaming_view.h"
#include "engine/observe/topology_view.h"

namespace millrace::observe {

/// What all systems show at one instant. Snapshot and report are made of it. The last four are for any system; a view
/// of its own is for what these cannot say.
struct SystemViews {
    ClusterView cluster;
    StormView storm;
    HadoopView hadoop;
    std::vector<StreamingView> streaming;
    std::vector<IngestionView> ingestion;
    std::vector<SourceView> sources;
    std::vector<SinkView> sinks;
    std::vector<FigureView> figures;
    std::vector<ProcessView> processes;
    std::vector<NodeView> nodes;
    std::vector<WireView> wires;
};

}  // namespace millrace::observe
