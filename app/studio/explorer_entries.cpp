#include "app/studio/explorer_entries.h"

#include <QCoreApplication>

#include "app/studio/fault_plan.h"
#include "app/studio/graph_values.h"
#include "app/studio/planned_cluster.h"
#include "app/studio/property_sheets.h"
#include "engine/scenario/flow_of.h"
#include "widgets/style/format.h"

namespace millrace::studio {

using values::keysAt;
using widgets::ExplorerEntry;
using widgets::format::text;

namespace {

class Lister {
public:
    static QString tr(const char* words) { return QCoreApplication::translate("ExplorerEntries", words); }

    int heading(const QString& title) { return add({}, title, -1); }

    int named(const QString& id, const QString& title, int parent) { return add(id, title, parent); }

    int object(const observe::ObjectId& id, int parent) { return add(text(id), text(observe::titleOf(id)), parent); }

    void drawn(const flow::Graph& graph, flow::NodeKind kind, const QString& title) {
        int group = -1;
        for (const flow::Node& node : graph.nodes) {
            if (node.kind == kind) {
                group = group < 0 ? heading(title) : group;
                add(text(node.id), text(node.title), group);
            }
        }
    }

    [[nodiscard]] std::vector<ExplorerEntry> take() { return std::move(m_entries); }

private:
    int add(const QString& id, const QString& title, int parent) {
        m_entries.push_back({id, title, parent});
        return static_cast<int>(m_entries.size()) - 1;
    }

    std::vector<ExplorerEntry> m_entries;
};

}  // namespace

std::vector<ExplorerEntry> explorerEntries(const scenario::Value& root) {
    using flow::NodeKind;
    Lister list;
    const flow::Graph graph = scenario::flowOf(root);
    list.drawn(graph, NodeKind::Source, Lister::tr("Sources"));
    list.drawn(graph, NodeKind::Topic, Lister::tr("Topics"));
    const auto topologies = keysAt(root, {"topologies"});
    const int drawnTopologies = topologies.empty() ? -1 : list.heading(Lister::tr("Topologies"));
    for (const std::string& name : topologies) {
        list.named(topologySheet(name), text(name), drawnTopologies);
    }
    list.drawn(graph, NodeKind::Spout, Lister::tr("Spouts"));
    list.drawn(graph, NodeKind::Bolt, Lister::tr("Bolts"));
    list.drawn(graph, NodeKind::Sink, Lister::tr("Sinks"));
    const auto groups = keysAt(root, {"clients", "groups"});
    const int clients = groups.empty() ? -1 : list.heading(Lister::tr("Groups"));
    for (const std::string& name : groups) {
        list.object(observe::groupId(name), clients);
    }
    const auto plan = plannedFaults(root);
    const int planned = plan.empty() ? -1 : list.heading(Lister::tr("Planned faults"));
    for (std::size_t i = 0; i < plan.size(); ++i) {
        list.named(faultSheet(i), subjectOf(root, faultSheet(i)).title, planned);
    }
    const observe::SnapshotPtr cluster = plannedCluster(root);
    const int hosts = list.heading(Lister::tr("Hosts"));
    for (const observe::HostView& host : cluster->cluster.hosts) {
        const int parent = list.object(host.id, hosts);
        const auto onHost = [&](const auto& range) {
            for (const auto& each : range) {
                if (each.host == host.id) {
                    list.object(each.id, parent);
                }
            }
        };
        onHost(cluster->cluster.brokers);
        onHost(cluster->cluster.servers);
        onHost(std::vector<observe::NimbusView>{cluster->storm.nimbus});
        onHost(cluster->storm.supervisors);
    }
    return list.take();
}

}  // namespace millrace::studio
