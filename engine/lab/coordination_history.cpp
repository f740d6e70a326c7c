#include <string>
#include <vector>

#include "engine/lab/booked_rules.h"

namespace millrace::lab {

using run::CoordinationRule;

void addCoordinationInvariants(Invariants& to) {
    const auto add = [&](std::string_view name, std::string_view statement, std::vector<CoordinationRule> rules) {
        to.push_back(std::make_unique<BookedRules<CoordinationRule>>(name, statement, std::move(rules)));
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
