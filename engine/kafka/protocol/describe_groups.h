#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/kafka/protocol/message.h"

namespace millrace::kafka {

inline constexpr Api describeGroupsApi{.key = 15, .name = "DescribeGroups", .last = 5, .served = 5, .flexible = 5};

struct DescribeGroupsResponse;

/// Groups with their members, asked of their coordinator. A group that nobody knows is "Dead", without an error. What
/// members told and got is said while the group is stable.
struct DescribeGroupsRequest final : Request<DescribeGroupsRequest, DescribeGroupsResponse, describeGroupsApi> {
    std::vector<std::string> groups;

    static void fields(auto& v, auto& m) {
        v.field(m.groups);
        v.fixed(false, since(3));  // whether to tell what the client may do
    }
};

struct DescribeGroupsResponse final : Response<DescribeGroupsResponse, describeGroupsApi> {
    struct Member {
        std::string memberId;
        std::optional<std::string> groupInstanceId;
        std::string clientId;
        BytesRef metadata;
        BytesRef assignment;
        static void fields(auto& v, auto& member) {
            v.field(member.memberId);
            v.field(member.groupInstanceId, since(4).orDropped());
            v.field(member.clientId);
            v.fixed(std::string{"/127.0.0.1"});  // where all are that can ask
            v.field(member.metadata);
            v.field(member.assignment);
        }
    };
    struct Group {
        ErrorCode error = ErrorCode::None;
        std::string name;
        std::string state;
        std::string protocolType;
        std::string protocol;
        std::vector<Member> members;
        static void fields(auto& v, auto& group) {
            v.field(group.error);
            v.field(group.name);
            v.field(group.state);
            v.field(group.protocolType);
            v.field(group.protocol);
            v.field(group.members);
            v.fixed(noOperations, since(3));
        }
    };
    std::vector<Group> groups;

    static void fields(auto& v, auto& m) {
        v.fixed(noThrottle, since(1));
        v.field(m.groups);
    }
};
void serve(BrokerCall& call, const DescribeGroupsRequest& request);

}  // namespace millrace::kafka
