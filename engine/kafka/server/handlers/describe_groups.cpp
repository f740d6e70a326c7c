#include "engine/kafka/protocol/describe_groups.h"

#include <set>
#include <string_view>

#include "engine/kafka/server/broker_call.h"

namespace millrace::kafka {

namespace {

DescribeGroupsResponse::Member describe(const Group& group, const GroupMember& member) {
    DescribeGroupsResponse::Member said;
    said.memberId = member.id;
    said.clientId = member.clientId;
    if (group.state == GroupState::Stable) {
        const auto* protocol = member.findProtocol(group.protocol);
        said.metadata = protocol != nullptr ? protocol->metadata : BytesRef{};
        said.assignment = member.assignment;
    }
    return said;
}

DescribeGroupsResponse::Group describe(BrokerCall& call, const std::string& name) {
    DescribeGroupsResponse::Group said;
    said.name = name;
    said.error = call.checkGroup(name);
    if (said.error != ErrorCode::None) {
        return said;
    }
    const auto at = call.groups().groups().find(name);
    if (at == call.groups().groups().end()) {
        said.state = toText(GroupState::Dead);
        return said;
    }
    const Group& group = at->second;
    said.state = toText(group.state);
    said.protocolType = group.protocolType;
    said.protocol = group.state == GroupState::Stable ? group.protocol : std::string{};
    for (const auto& [id, member] : group.members) {
        said.members.push_back(describe(group, member));
    }
    return said;
}

}  // namespace

void serve(BrokerCall& call, const DescribeGroupsRequest& request) {
    auto response = makeRef<DescribeGroupsResponse>();
    // A group is described once, however often it is named.
    std::set<std::string_view> named;
    for (const std::string& name : request.groups) {
        if (named.insert(name).second) {
            response->groups.push_back(describe(call, name));
        }
    }
    call.answer(std::move(response));
}

}  // namespace millrace::kafka
