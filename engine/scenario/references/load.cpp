#include <fmt/format.h>

#include "engine/scenario/port_book.h"
#include "engine/scenario/references/judge.h"
#include "engine/scenario/sections.h"

namespace millrace::scenario {

namespace {

/// What a laptop can still hold. Everything is legal up to this; beyond it a run would not begin in a person's
/// patience, or its machine's memory would end first.
constexpr std::int64_t hostsMax = 10'000;

}  // namespace

/// What only the whole shows: how many hosts there are, and what each of them carries.
void judgeLoad(const Value& root, const KnownNames& known, Complaints& complaints) {
    HostLoad load;
    for (const Section* section : sections()) {
        section->addLoad(root, load);
    }
    ReferenceJudge judge(root, known, complaints);
    const auto named = static_cast<std::int64_t>(judge.names(hostNames).size());
    judge.bound(named + load.ownHosts, hostsMax, "hosts (clients that name none have one each)", "hosts");
    for (const Member& host : membersAt(root, {"hosts"})) {
        const auto at = load.listeners.find(host.key);
        if (at != load.listeners.end() && at->second >= listenersOfHostMax) {
            judge.error(host.keyPlace, "hosts." + host.key,
                        fmt::format("{} listen here, and a host has ports for {}: use more hosts", at->second,
                                    listenersOfHostMax));
        }
    }
}

}  // namespace millrace::scenario
