#include "app/studio/parts.h"

#include <QCoreApplication>

#include "engine/scenario/operators.h"
#include "widgets/style/format.h"

namespace millrace::studio {

using observe::ObjectKind;
using widgets::Part;

namespace {

/// What the catalog offers, in its order.
void addOperators(std::vector<Part>& all, flow::NodeKind node, const char* group, ObjectKind kind) {
    const auto tr = [](std::string_view text) {
        return QCoreApplication::translate("Parts", std::string(text).c_str());
    };
    for (const flow::Operator* row : scenario::operatorsOf(node)) {
        const QString name =
            widgets::format::text(flow::toText(node)) + QLatin1Char('/') + widgets::format::text(row->kind);
        all.push_back({name, tr(row->title), tr(group), tr(row->help), kind});
    }
}

}  // namespace

std::vector<Part> parts() {
    const auto tr = [](const char* text) { return QCoreApplication::translate("Parts", text); };
    const auto part = [&](const char* name, const char* title, const char* group, const char* help, ObjectKind kind) {
        return Part{QString::fromLatin1(name), tr(title), tr(group), tr(help), kind};
    };
    std::vector<Part> all;
    addOperators(all, flow::NodeKind::Source, "Sources", ObjectKind::Source);
    all.push_back(part("topic", "Topic", "Kafka", "Keeps records in partitions on the brokers.", ObjectKind::Topic));
    addOperators(all, flow::NodeKind::Spout, "Storm", ObjectKind::Spout);
    addOperators(all, flow::NodeKind::Bolt, "Storm", ObjectKind::Bolt);
    all.push_back(
        part("topology", "Topology", "Storm",
             "Another topology beside those that are there: it begins with a Kafka spout. What is added while "
             "one of its cards is selected joins it.",
             ObjectKind::Spout));
    addOperators(all, flow::NodeKind::Sink, "Sinks", ObjectKind::Sink);
    for (const Part& each : std::vector<Part>{
             part("host", "Host", "Cluster", "A machine with four cores.", ObjectKind::Host),
             part("broker", "Broker", "Cluster", "A Kafka broker on a host of its own.", ObjectKind::Broker),
             part("server", "ZooKeeper server", "Cluster", "One more server of the ensemble; it has 1, 3 or 5.",
                  ObjectKind::Server),
             part("supervisor", "Supervisor", "Cluster", "A Storm node with four slots on a host of its own.",
                  ObjectKind::Supervisor)}) {
        all.push_back(each);
    }
    return all;
}

}  // namespace millrace::studio
