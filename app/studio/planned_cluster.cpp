#include "app/studio/planned_cluster.h"

#include "engine/scenario/planned_views.h"

namespace millrace::studio {

observe::SnapshotPtr plannedCluster(const scenario::Value& root) {
    observe::Snapshot plan;
    static_cast<observe::SystemViews&>(plan) = scenario::plannedViews(root);
    return std::make_shared<const observe::Snapshot>(std::move(plan));
}

}  // namespace millrace::studio
