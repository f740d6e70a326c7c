#pragma once

#include <map>
#include <memory>
#include <optional>

#include "app/bridge/engine_session.h"
#include "engine/lab/checker.h"
#include "engine/run/engine.h"

namespace millrace::bridge {

/// The real thing behind the bridge: a scenario, its world and its history.
class RunSession final : public EngineSession {
public:
    /// Folders about internal errors are made in `failureFolder`; without one, in the working directory.
    explicit RunSession(std::string failureFolder = {}, std::string version = {});
    ~RunSession() override;

    using EngineSession::open;
    OpenAnswer open(const OpenRequest& request, const std::atomic<bool>& isCancelled) override;
    /// For tests: how long a prologue may take.
    void setPrologueBudget(std::chrono::nanoseconds budget) { m_prologueBudget = budget; }
    [[nodiscard]] std::string keepAfterFailure(const std::string& what) override;
    void finish() override;
    [[nodiscard]] bool isOpen() const override { return m_engine != nullptr; }
    [[nodiscard]] SimTime now() const override;
    [[nodiscard]] SimTime furthest() const override;
    [[nodiscard]] std::uint64_t events() const override;
    void setCheckpointBytes(std::int64_t bytes) override;
    void look(const observe::PageRequest& page) override;
    void advance(SimTime target, std::chrono::nanoseconds budget) override;
    void step() override;
    void stepBack() override;
    void seek(SimTime time, const std::atomic<bool>& isCancelled) override;
    ActionId inject(const Command& command) override;
    void revoke(ActionId action) override;
    void reinstate(ActionId action) override;
    void switchBranch(std::uint32_t branch) override;
    [[nodiscard]] bool hasEnded() const override { return !m_endReason.empty(); }
    [[nodiscard]] observe::Snapshot snapshot(Detail detail) override;

private:
    /// Where an action stands: the branch on which it was done and its place among the recorded inputs.
    struct Action {
        int branch = 0;
        std::size_t index = 0;
        Ref<const sim::Input> input;
    };

    template <typename Value>
    bool accept(const Result<Value>& result);
    void goOn();
    void playPrologue(SimTime openAt, const std::atomic<bool>& isCancelled);
    [[nodiscard]] SimTime nextJudgement() const;
    void judgeEnd(SimTime now);
    void refreshJournal(Detail detail);
    void refreshSeries(Detail detail, const observe::StormView& storm);
    void refreshPages(Detail detail);
    void fillRates(observe::Snapshot& snapshot) const;

    std::string m_failureFolder;
    std::string m_version;
    std::chrono::nanoseconds m_prologueBudget = std::chrono::seconds(10);
    std::optional<SimTime> m_plantedCheck;  ///< for tests, from the environment
    OpenRequest m_request;
    std::unique_ptr<run::Engine> m_engine;
    lab::Checker m_checker;
    std::string m_title;
    std::vector<observe::ProblemView> m_problems;
    std::string m_endReason;
    /// Where a run has ended: played again without anything else done to it, it ends there again.
    struct End {
        SimTime at;
        int branch = 0;
        std::size_t inputs = 0;
    };
    std::optional<End> m_end;
    std::optional<SimTime> m_judgement;  ///< when it is to be looked at next, however far each stride goes
    std::optional<SimTime> m_doneSince;  ///< nothing is left to do
    bool m_hasFailed = false;            ///< the machine did: a disk is full
    std::map<std::uint64_t, Action> m_actions;
    std::uint64_t m_nextAction = 1;
    std::uint64_t m_eventsAStride = 2000;  ///< how many events fit into a slice of the budget, learned while running

    // Journal and series change far less often than a frame is shown: they are described again only when they did.
    int m_journalBranch = -1;
    std::uint64_t m_journalEnd = 0;
    std::chrono::steady_clock::time_point m_journalAt;
    std::shared_ptr<const observe::JournalPage> m_journal;
    observe::PageRequest m_page;
    bool m_hasPages = false;  ///< of the page that was asked for
    int m_pagesBranch = -1;
    std::uint64_t m_pagesEvents = 0;
    std::chrono::steady_clock::time_point m_pagesAt;
    observe::Pages m_pages;
    int m_seriesBranch = -1;
    std::int64_t m_seriesSample = -1;
    std::chrono::steady_clock::time_point m_seriesAt;
    std::chrono::steady_clock::duration m_seriesTook{};
    std::vector<std::shared_ptr<const observe::SeriesPage>> m_series;
};

}  // namespace millrace::bridge
