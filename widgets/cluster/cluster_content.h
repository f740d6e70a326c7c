#pragma once

#include <QString>
#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/observe/snapshot.h"
#include "widgets/cluster/cluster_table.h"

namespace millrace::widgets {

/// What stands under one heading.
struct ClusterCard {
    observe::ObjectKind kind = observe::ObjectKind::Unknown;
    QString id;
    observe::LifeState state = observe::LifeState::Running;
    std::size_t index = 0;
    std::string host;
    std::size_t places = 0;  ///< slots of a supervisor
};

struct ClusterSection {
    observe::ObjectKind kind = observe::ObjectKind::Unknown;  ///< the first of those under the heading
    std::string_view heading;
    std::vector<ClusterCard> cards;

    /// Cards with slots begin a column of their own.
    [[nodiscard]] bool hasSlots() const {
        return std::any_of(cards.begin(), cards.end(), [](const ClusterCard& card) { return card.places > 0; });
    }
};

/// How wide the words of a card are, in letters of their natural size.
struct ClusterCardWords {
    int likeness = 0;
    double name = 0;   ///< with the mark and the margins
    double note = 0;   ///< what it is
    double place = 0;  ///< its machine
    double load = 0;
};

/// Cards that say the same of their machines: services are all alike, other processes are like those of their kind.
[[nodiscard]] int likenessOf(observe::ObjectKind kind);

/// What stands on the machines' face, and how wide its words are, whatever the room.
struct ClusterContent {
    const observe::Snapshot& snapshot;
    const std::vector<ClusterRow>& rows;
    std::vector<std::size_t> brokers;
    std::vector<ClusterSection> sections;
    double names = 0;
    bool hasUnread = false;              ///< somebody reads
    double widest = 0;                   ///< of the names of cards beside the brokers, with their marks
    double wordiest = 0;                 ///< of these with what stands beside them
    double brokerLine = 0;               ///< width of a broker that tells all of its machine in one line
    double brokerPair = 0;               ///< and of the words of one that does in two
    double brokerRates = 0;              ///< and of its load beside what comes in
    std::vector<ClusterCardWords> told;  ///< of the cards beside the brokers

    ClusterContent(const observe::Snapshot& shown, const std::vector<ClusterRow>& table);

private:
    void findBrokerLine();
    void findWidest();
    [[nodiscard]] QString placeOf(const std::string& host) const;
    ClusterSection& under(const observe::KindRow& row);
    void addProcesses(const observe::KindRow& row);
    void addServices();
    void addFreeHosts();

    std::set<std::string> m_used;
};

}  // namespace millrace::widgets
