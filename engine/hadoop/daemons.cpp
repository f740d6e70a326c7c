#include "engine/hadoop/daemons.h"

#include <fmt/format.h>

#include <string_view>
#include <tuple>
#include <utility>

#include "engine/hadoop/hdfs/data_node.h"
#include "engine/hadoop/hdfs/name_node.h"
#include "engine/hadoop/hdfs/put.h"
#include "engine/hadoop/mapreduce/job_tracker.h"
#include "engine/hadoop/mapreduce/task_tracker.h"
#include "engine/hadoop/yarn/node_manager.h"
#include "engine/hadoop/yarn/resource_manager.h"

namespace millrace::hadoop {

namespace {

/// A process with one actor.
template <class Daemon, class... Arguments>
class DaemonBlueprint final : public sim::Blueprint {
public:
    DaemonBlueprint(std::string process, std::string_view actor, Arguments... arguments)
        : m_name(std::move(process)), m_actor(actor), m_arguments(std::move(arguments)...) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override {
        std::apply([&](const auto&... each) { context.addActor(m_actor, makeRef<Daemon>(each...)); }, m_arguments);
    }

private:
    std::string m_name;
    std::string_view m_actor;
    std::tuple<Arguments...> m_arguments;
};

}  // namespace

Ref<const sim::Blueprint> makeNameNodeBlueprint(ClusterRef cluster) {
    return makeRef<DaemonBlueprint<NameNode, ClusterRef>>("namenode", "namenode", std::move(cluster));
}

Ref<const sim::Blueprint> makeDataNodeBlueprint(ClusterRef cluster, NodeIndex node) {
    const std::string name = "datanode/" + cluster->dataNodes[node].name;
    return makeRef<DaemonBlueprint<DataNode, ClusterRef, NodeIndex>>(name, "datanode", std::move(cluster), node);
}

Ref<const sim::Blueprint> makeJobTrackerBlueprint(ClusterRef cluster) {
    return makeRef<DaemonBlueprint<JobTracker, ClusterRef>>("jobtracker", "jobtracker", std::move(cluster));
}

Ref<const sim::Blueprint> makeTaskTrackerBlueprint(ClusterRef cluster, NodeIndex tracker) {
    const std::string name = "tasktracker/" + cluster->trackers[tracker].name;
    return makeRef<DaemonBlueprint<TaskTracker, ClusterRef, NodeIndex>>(name, "tasktracker", std::move(cluster),
                                                                        tracker);
}

Ref<const sim::Blueprint> makeResourceManagerBlueprint(ClusterRef cluster) {
    return makeRef<DaemonBlueprint<ResourceManager, ClusterRef>>("resourcemanager", "resourcemanager",
                                                                 std::move(cluster));
}

Ref<const sim::Blueprint> makeNodeManagerBlueprint(ClusterRef cluster, NodeIndex node) {
    const std::string name = "nodemanager/" + cluster->trackers[node].name;
    return makeRef<DaemonBlueprint<NodeManager, ClusterRef, NodeIndex>>(name, "nodemanager", std::move(cluster), node);
}

Ref<const sim::Blueprint> makePutBlueprint(ClusterRef cluster, std::string name, StoredFile file) {
    return makeRef<DaemonBlueprint<PutClient, ClusterRef, std::string, StoredFile>>(
        "put/" + name, "client", std::move(cluster), std::move(name), std::move(file));
}

}  // namespace millrace::hadoop
