#pragma once

#include <optional>

#include "app/bridge/engine_session.h"

namespace millrace::support {

/// A run that is a formula: every view follows from the instant and the commands before it, so that any instant can be
/// shown at once. It knows three brokers on h1..h3, ZooKeeper beside them, Nimbus and two supervisors on h4 and h5, and
/// one topic with six partitions; a crashed broker loses its partitions to the others six seconds later. For tests of
/// the bridge and the window only: it takes any scenario and looks at none.
class SyntheticSession : public bridge::EngineSession {
public:
    /// From `breaksAt` on an invariant does not hold.
    explicit SyntheticSession(SimTime breaksAt = SimTime::max()) : m_breaksAt(breaksAt) {}

    using EngineSession::open;
    bridge::OpenAnswer open(const bridge::OpenRequest& request, const std::atomic<bool>& isCancelled) override;
    [[nodiscard]] bool isOpen() const override { return m_isOpen; }
    [[nodiscard]] SimTime now() const override { return m_now; }
    [[nodiscard]] SimTime furthest() const override;
    [[nodiscard]] std::uint64_t events() const override;
    void advance(SimTime target, std::chrono::nanoseconds budget) override;
    void step() override;
    void stepBack() override;
    void seek(SimTime time, const std::atomic<bool>& isCancelled) override;
    bridge::ActionId inject(const bridge::Command& command) override;
    void revoke(bridge::ActionId action) override;
    void reinstate(bridge::ActionId action) override;
    void switchBranch(std::uint32_t branch) override;
    [[nodiscard]] bool hasEnded() const override { return false; }
    [[nodiscard]] observe::Snapshot snapshot(bridge::Detail detail) override;

private:
    struct Done {
        SimTime at;
        bridge::Command command;
        bridge::ActionId id;
    };
    struct Branch {
        std::vector<Done> done;
        SimTime forkedAt{};
        SimTime furthest{};
        std::uint32_t parent = 0;
    };

    [[nodiscard]] Branch& branch() { return m_branches[m_current]; }
    [[nodiscard]] const Branch& branch() const { return m_branches[m_current]; }
    void fork();

    /// The instant since which the object has been down, or nothing while it lives.
    [[nodiscard]] std::optional<SimTime> downSince(const observe::ObjectId& id) const;
    [[nodiscard]] std::int64_t recordsAt(SimTime time) const;
    void fillCluster(observe::ClusterView& view) const;
    void fillStorm(observe::StormView& view) const;
    void fillJournal(observe::JournalPage& page) const;
    void fillSeries(observe::Snapshot& snapshot) const;

    SimTime m_breaksAt;
    bool m_isOpen = false;
    SimTime m_now{};
    std::vector<Branch> m_branches;
    std::size_t m_current = 0;
    std::uint64_t m_nextAction = 1;
    std::string m_title;
};

}  // namespace millrace::support
