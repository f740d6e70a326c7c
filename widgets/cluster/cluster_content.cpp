#include "widgets/cluster/cluster_content.h"

#include <QFontMetricsF>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <tuple>
#include <utility>

#include "engine/observe/processes.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

using observe::LifeState;
using observe::ObjectKind;

namespace {

/// The longest that stands beside the name of such a card: it has room, whatever stands there now.
struct UsualNote {
    ObjectKind kind = ObjectKind::Unknown;
    const char* usual = "";
    const char* amiss = nullptr;  ///< while something is, where that is longer
};
constexpr UsualNote usualNotes[] = {
    {ObjectKind::Server, "standalone"},
    {ObjectKind::Nimbus, "1 topology"},
    {ObjectKind::Supervisor, "2/2 slots"},
    {ObjectKind::NameNode, "3/3 live", "5 known, 1 silent for 99 s"},
    {ObjectKind::DataNode, "8 blocks"},
    {ObjectKind::JobTracker, "5 trackers", "5 known, 1 silent for 99 s"},
    {ObjectKind::TaskTracker, "1 m, 1 r"},
    {ObjectKind::SparkWorker, "worker"},
    {ObjectKind::Driver, "driver", "12 batches wait"},
    {ObjectKind::Executor, "0/4 cores"},
};

QString usualNoteOf(ObjectKind kind, const char* UsualNote::*which) {
    const auto* found = std::find_if(std::begin(usualNotes), std::end(usualNotes),
                                     [kind](const UsualNote& each) { return each.kind == kind; });
    if (found != std::end(usualNotes)) {
        const char* note = found->*which;
        return QString::fromLatin1(note != nullptr ? note : found->usual);
    }
    return observe::rowOf(kind).stand == observe::Stand::Service ? format::text(observe::toText(kind)) : QString();
}

std::vector<std::size_t> brokersInOrder(const observe::ClusterView& cluster) {
    std::vector<std::tuple<std::int32_t, std::string_view, std::size_t>> order;
    for (std::size_t i = 0; i < cluster.brokers.size(); ++i) {
        const std::string_view name = observe::nameOf(cluster.brokers[i].id);
        std::int32_t number = 0;
        std::from_chars(name.data(), name.data() + name.size(), number);
        order.emplace_back(number, name, i);
    }
    std::sort(order.begin(), order.end());
    std::vector<std::size_t> brokers;
    for (const auto& each : order) {
        brokers.push_back(std::get<2>(each));
    }
    return brokers;
}

}  // namespace

int likenessOf(ObjectKind kind) {
    return observe::rowOf(kind).stand == observe::Stand::Service ? -1 : static_cast<int>(kind);
}

ClusterContent::ClusterContent(const observe::Snapshot& shown, const std::vector<ClusterRow>& table)
    : snapshot(shown), rows(table) {
    brokers = brokersInOrder(snapshot.cluster);
    for (const observe::BrokerView& broker : snapshot.cluster.brokers) {
        m_used.insert(broker.host);
    }
    for (const observe::KindRow& row : observe::kinds()) {
        if (row.stand == observe::Stand::Card) {
            addProcesses(row);
        }
    }
    addServices();
    addFreeHosts();
    std::erase_if(sections, [](const ClusterSection& section) { return section.cards.empty(); });
    findWidest();
    findBrokerLine();
    if (!rows.empty() && !brokers.empty()) {
        const QFontMetricsF metrics(textFont(TextRole::Caption));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (i + 1 < rows.size() && rows[i].topic == rows[i + 1].topic) {
                continue;  // the last of a topic has its longest number
            }
            const auto text = QStringLiteral("%1-%2").arg(format::text(rows[i].topic)).arg(rows[i].partition);
            names = std::max(names, metrics.horizontalAdvance(text));
        }
        names = std::clamp(names * 1.2 + 10, 78.0, 140.0);  // letters grow from afar
        hasUnread = std::any_of(rows.begin(), rows.end(), [](const ClusterRow& row) { return row.unread >= 0; });
    }
}

void ClusterContent::findBrokerLine() {
    constexpr double around = 16 + 6;
    const QFontMetricsF metrics(textFont(TextRole::Caption));
    for (const observe::BrokerView& broker : snapshot.cluster.brokers) {
        const auto host = std::find_if(snapshot.cluster.hosts.begin(), snapshot.cluster.hosts.end(),
                                       [&](const observe::HostView& each) { return each.id == broker.host; });
        const std::string rack = host == snapshot.cluster.hosts.end() ? std::string() : host->rack;
        const QString words = (rack.empty() ? QStringLiteral("%1%2controller · cpu 100 %")
                                            : QStringLiteral("%1 · rack %2controller · cpu 100 %"))
                                  .arg(format::text(observe::nameOf(broker.host)), format::text(rack));
        brokerLine = std::max(brokerLine, std::ceil(metrics.horizontalAdvance(words) * 1.1) + around);
        brokerRates = std::ceil(metrics.horizontalAdvance(QStringLiteral("cpu 100 %88.8 MB/s")));
        for (const QString& pair :
             {QString(words).remove(QStringLiteral("controller · ")), QStringLiteral("controller88.8 MB/s")}) {
            brokerPair = std::max(brokerPair, std::ceil(metrics.horizontalAdvance(pair)));
        }
    }
}

void ClusterContent::findWidest() {
    constexpr double besideName = 34;
    constexpr double beforeNote = 7;
    const QFontMetricsF metrics(textFont(TextRole::CardTitle));
    const QFontMetricsF notes(textFont(TextRole::Caption));
    for (const ClusterSection& section : sections) {
        for (const ClusterCard& card : section.cards) {
            const std::string id = format::utf8(card.id);
            const QString name = format::text(observe::rowOf(card.kind).hasName() ? std::string(observe::nameOf(id))
                                                                                  : observe::titleOf(id));
            const double named = std::ceil(metrics.horizontalAdvance(name)) + besideName;
            widest = std::max(widest, named);
            const double usual = std::ceil(notes.horizontalAdvance(usualNoteOf(card.kind, &UsualNote::usual)));
            const double note = std::ceil(notes.horizontalAdvance(usualNoteOf(card.kind, &UsualNote::amiss)));
            wordiest = std::max(wordiest, named + beforeNote + usual);
            if (card.kind != ObjectKind::Host) {
                told.push_back({likenessOf(card.kind), named, note,
                                std::ceil(notes.horizontalAdvance(placeOf(card.host))),
                                std::ceil(notes.horizontalAdvance(QStringLiteral("cpu 100 %")))});
            }
        }
    }
}

/// All that a card says of where it runs.
QString ClusterContent::placeOf(const std::string& host) const {
    const auto found = std::find_if(snapshot.cluster.hosts.begin(), snapshot.cluster.hosts.end(),
                                    [&](const observe::HostView& each) { return each.id == host; });
    const QString rack = found == snapshot.cluster.hosts.end() || found->rack.empty()
                             ? QString()
                             : QStringLiteral(" · rack %1").arg(format::text(found->rack));
    return format::text(observe::nameOf(host)) + rack;
}

ClusterSection& ClusterContent::under(const observe::KindRow& row) {
    const auto found = std::find_if(sections.begin(), sections.end(),
                                    [&](const ClusterSection& each) { return each.heading == row.heading; });
    return found != sections.end() ? *found : sections.emplace_back(ClusterSection{row.kind, row.heading, {}});
}

void ClusterContent::addProcesses(const observe::KindRow& row) {
    ClusterSection& section = under(row);
    std::size_t index = 0;
    observe::forEachProcess(snapshot, [&](const auto& process) {
        if (std::string_view(process.id).starts_with(row.prefix) && observe::kindOf(process.id) == row.kind) {
            section.cards.push_back({row.kind, format::text(process.id), process.state, index++, process.host, 0});
            if constexpr (requires { process.workerSlots; }) {
                section.cards.back().places = process.workerSlots.size();
            }
            m_used.insert(process.host);
        }
    });
}

/// Producers, sinks and whatever else runs there.
void ClusterContent::addServices() {
    for (const observe::HostView& host : snapshot.cluster.hosts) {
        for (const observe::ObjectId& id : host.processes) {
            const observe::KindRow& row = observe::rowOf(observe::kindOf(id));
            if (row.stand != observe::Stand::Service) {
                continue;
            }
            ClusterSection& section = under(row);
            const QString text = format::text(id);
            const bool isThere = std::any_of(section.cards.begin(), section.cards.end(), [&](const ClusterCard& card) {
                return card.id == text && card.host == host.id;  // another member of the same group
            });
            if (!isThere) {
                section.cards.push_back({row.kind, text, observe::lifeOn(host, id), 0, host.id, 0});
                m_used.insert(host.id);
            }
        }
    }
}

void ClusterContent::addFreeHosts() {
    ClusterSection& section = under(observe::rowOf(ObjectKind::Host));
    const auto& hosts = snapshot.cluster.hosts;
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        if (!m_used.contains(hosts[i].id)) {
            section.cards.push_back({ObjectKind::Host, format::text(hosts[i].id), hosts[i].state, i, {}, 0});
        }
    }
}

}  // namespace millrace::widgets
