#include "engine/kafka/group/group.h"

#include <algorithm>

namespace millrace::kafka {

std::string_view toText(GroupState state) {
    switch (state) {
        case GroupState::Empty:
            return "Empty";
        case GroupState::PreparingRebalance:
            return "PreparingRebalance";
        case GroupState::CompletingRebalance:
            return "CompletingRebalance";
        case GroupState::Stable:
            return "Stable";
        case GroupState::Dead:
            break;
    }
    return "Dead";
}

const JoinGroupRequest::Protocol* GroupMember::findProtocol(std::string_view name) const {
    const auto at = std::find_if(protocols.begin(), protocols.end(), [&](const auto& p) { return p.name == name; });
    return at == protocols.end() ? nullptr : &*at;
}

GroupMember* Group::find(const std::string& id) {
    const auto at = members.find(id);
    return at == members.end() ? nullptr : &at->second;
}

bool Group::everybodyJoined() const {
    return pendingMembers.empty() &&
           std::all_of(members.begin(), members.end(), [](const auto& item) { return item.second.join.has_value(); });
}

SimDuration Group::rebalanceTimeout() const {
    SimDuration longest{0};
    for (const auto& [id, member] : members) {
        longest = std::max(longest, member.rebalanceTimeout);
    }
    return longest;
}

bool Group::supports(std::string_view type, const std::vector<JoinGroupRequest::Protocol>& protocols) const {
    if (members.empty()) {
        return !type.empty() && !protocols.empty();
    }
    return type == protocolType && std::any_of(protocols.begin(), protocols.end(), [&](const auto& candidate) {
               return std::all_of(members.begin(), members.end(), [&](const auto& item) {
                   return item.second.findProtocol(candidate.name) != nullptr;
               });
           });
}

std::string Group::selectProtocol() const {
    std::map<std::string, int> votes;
    for (const auto& [id, member] : members) {
        for (const auto& candidate : member.protocols) {
            if (supports(protocolType, {candidate})) {
                ++votes[candidate.name];
                break;
            }
        }
    }
    const auto most =
        std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == votes.end() ? std::string{} : most->first;
}

}  // namespace millrace::kafka
