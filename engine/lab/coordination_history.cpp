#include <string>
#include <vector>

#include "engine/lab/invariant.h"

namespace millrace::lab {

namespace {

using run::CoordinationRule;

/// Rules of the book about ZooKeeper, which checks them as facts come in: here they are only read.
class CoordinationInvariant final : public Invariant {
public:
    CoordinationInvariant(std::string_view name, std::string_view statement, std::vector<CoordinationRule> rules)
        : m_name(name), m_statement(statement), m_rules(std::move(rules)) {}

    [[nodiscard]] std::string_view name() const override { return m_name; }
    [[nodiscard]] std::string_view statement() const override { return m_statement; }
    void observe(const sim::World&) override {}
    void forget() override { m_seen = 0; }

    void observeBooks(const sim::World& world, const run::Ledger& ledger) override {
        std::uint64_t checked = 0;
        for (const CoordinationRule rule : m_rules) {
            const run::CoordinationBook::Status& status = ledger.coordination().status(rule);
            checked += status.checked;
            if (status.first) {
                violate(world, "at " + toText(status.first->first) + " " + status.first->second);
            }
        }
        check(checked > m_seen ? checked - m_seen : 0);
        m_seen = checked;
    }

private:
    std::string_view m_name;
    std::string_view m_statement;
    std::vector<CoordinationRule> m_rules;
    std::uint64_t m_seen = 0;
};

}  // namespace

void addCoordinationInvariants(Invariants& to) {
    const auto add = [&](std::string_view name, std::string_view statement, std::vector<CoordinationRule> rules) {
        to.push_back(std::make_unique<CoordinationInvariant>(name, statement, std::move(rules)));
    };
    add("coordination-writes-stay",
        "What ZooKeeper has told a client to be done stays done, in one order for all servers",
        {CoordinationRule::OneHistory, CoordinationRule::CommittedStays, CoordinationRule::AnswersAreCommitted});
    add("acknowledged-writes-are-seen",
        "Writes of all clients have one order in time, and whoever has synchronised sees what was acknowledged before",
        {CoordinationRule::AnswersAreSeen});
    add("no-lost-update", "ZooKeeper does no write on another version of a node than its client expects",
        {CoordinationRule::VersionsAreKept});
    add("ephemerals-live-with-sessions",
        "An ephemeral node goes with its session, and a session ends after its time-out, neither early nor late",
        {CoordinationRule::EphemeralsLive, CoordinationRule::SessionsHaveTheirTime});
    add("sequence-numbers-once", "ZooKeeper gives a sequence number once under a node",
        {CoordinationRule::NumbersAreUnique});
    add("reads-go-forward", "No session reads an older state of ZooKeeper's tree than it has seen",
        {CoordinationRule::ReadsGoForward});
    add("watches-told-once", "A client is told of what it watches once, and before it sees a newer state",
        {CoordinationRule::WatchesAreToldOnce});
}

}  // namespace millrace::lab
