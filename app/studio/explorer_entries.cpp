#include "app/studio/explorer_entries.h"

#include <QCoreApplication>

#include "app/studio/fault_plan.h"
#include "app/studio/graph_values.h"
#include "app/studio/property_sheets.h"
#include "engine/observe/place.h"
#include "engine/observe/processes.h"
#include "engine/scenario/flow_of.h"
#include "engine/scenario/planned_views.h"
#include "widgets/style/format.h"
#include "widgets/timeline/time_strip.h"

namespace millrace::studio {

using values::keysAt;
using widgets::ExplorerEntry;
using widgets::format::text;

namespace {

class Lister {
public:
    static QString tr(const char* words) { return QCoreApplication::translate("ExplorerEntries", words); }

    int heading(const QString& title) { return add({}, title, -1); }

    int named(const QString& id, const QString& title, int parent, const QString& brief = {}) {
        return add(id, title, parent, brief);
    }

    int object(const observe::ObjectId& id, int parent) { return add(text(id), text(observe::titleOf(id)), parent); }

    void drawn(const flow::Graph& graph, const observe::KindRow& row) {
        int group = -1;
        for (const flow::Node& node : graph.nodes) {
            if (node.kind == row.kind) {
                group = group < 0 ? heading(tr(row.several.data())) : group;
                add(text(node.id), text(node.title), group);
            }
        }
    }

    /// What the document names in the kind's place, in each whole of which it is a part.
    void inPlace(const scenario::Value& root, const observe::KindRow& row) {
        int group = -1;
        if (row.isOfJob()) {
            for (const std::string& whole : keysAt(root, {std::string(row.place.substr(0, row.place.find('.')))})) {
                for (const std::string& name : keysAt(root, observe::collectionOf(row.kind, whole))) {
                    group = group < 0 ? heading(tr(row.several.data())) : group;
                    add(text(observe::idOf(row.kind, whole, name)), text(whole + "/" + name), group);
                }
            }
            return;
        }
        for (const std::string& name : keysAt(root, observe::collectionOf(row.kind, {}))) {
            group = group < 0 ? heading(tr(row.several.data())) : group;
            object(observe::idOf(row.kind, {}, name), group);
        }
    }

    void topologies(const scenario::Value& root) {
        const auto names = keysAt(root, {"topologies"});
        const int group = names.empty() ? -1 : heading(tr("Topologies"));
        for (const std::string& name : names) {
            named(topologySheet(name), text(name), group);
        }
    }

    [[nodiscard]] std::vector<ExplorerEntry> take() { return std::move(m_entries); }

private:
    int add(const QString& id, const QString& title, int parent, const QString& brief = {}) {
        m_entries.push_back({id, title, parent, brief});
        return static_cast<int>(m_entries.size()) - 1;
    }

    std::vector<ExplorerEntry> m_entries;
};

}  // namespace

std::vector<ExplorerEntry> explorerEntries(const scenario::Value& root) {
    Lister list;
    const flow::Graph graph = scenario::flowOf(root);
    bool areJobsListed = false;
    for (const observe::KindRow& row : observe::kinds()) {
        if (row.isOfJob() && !areJobsListed) {
            list.topologies(root);
            areJobsListed = true;
        }
        if (row.isCard) {
            list.drawn(graph, row);
        }
    }
    for (const observe::KindRow& row : observe::kinds()) {
        if (row.isListed) {
            list.inPlace(root, row);
        }
    }
    const auto plan = plannedFaults(root);
    const int faults = plan.empty() ? -1 : list.heading(Lister::tr("Planned faults"));
    for (std::size_t i = 0; i < plan.size(); ++i) {
        list.named(faultSheet(i), subjectOf(root, faultSheet(i)).title, faults,
                   widgets::briefTitleOfFault(plan[i].kind, plan[i].target));
    }
    const observe::SystemViews planned = scenario::plannedViews(root);
    const int hosts = list.heading(Lister::tr(observe::rowOf(observe::ObjectKind::Host).several.data()));
    for (const observe::HostView& host : planned.cluster.hosts) {
        const int parent = list.object(host.id, hosts);
        observe::forEachProcess(planned, [&](const auto& process) {
            if (process.host == host.id) {
                list.object(process.id, parent);
            }
        });
    }
    return list.take();
}

}  // namespace millrace::studio
