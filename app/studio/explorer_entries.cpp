#include "app/studio/explorer_entries.h"

#include <QCoreApplication>

#include "app/studio/graph_values.h"
#include "app/studio/planned_cluster.h"
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

    int object(const observe::ObjectId& id, int parent) { return add(text(id), text(observe::titleOf(id)), parent); }

    void drawn(const scenario::Value& root, observe::ObjectKind kind, const QString& title) {
        int group = -1;
        for (const observe::ObjectId& id : logicalObjects(root)) {
            if (observe::kindOf(id) == kind) {
                group = group < 0 ? heading(title) : group;
                add(text(id), text(observe::nameOf(id)).section(QLatin1Char('/'), -1), group);
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
    using observe::ObjectKind;
    Lister list;
    list.drawn(root, ObjectKind::Source, Lister::tr("Sources"));
    list.drawn(root, ObjectKind::Topic, Lister::tr("Topics"));
    list.drawn(root, ObjectKind::Spout, Lister::tr("Spouts"));
    list.drawn(root, ObjectKind::Bolt, Lister::tr("Bolts"));
    list.drawn(root, ObjectKind::Sink, Lister::tr("Sinks"));
    const auto groups = keysAt(root, {"clients", "groups"});
    const int clients = groups.empty() ? -1 : list.heading(Lister::tr("Groups"));
    for (const std::string& name : groups) {
        list.object(observe::groupId(name), clients);
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
