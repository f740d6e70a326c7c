#pragma once

#include <string>
#include <vector>

#include "engine/kafka/protocol/message.h"

namespace millrace::kafka {

inline constexpr Api listGroupsApi{.key = 16, .name = "ListGroups", .last = 5, .served = 5, .flexible = 3};

struct ListGroupsResponse;

/// The groups that a broker coordinates; those in certain states (KIP-518) and of certain types (KIP-848) when they are
/// named. All groups here are classic ones.
struct ListGroupsRequest final : Request<ListGroupsRequest, ListGroupsResponse, listGroupsApi> {
    std::vector<std::string> states;
    std::vector<std::string> types;

    static void fields(auto& v, auto& m) {
        v.field(m.states, since(4));
        v.field(m.types, since(5));
    }
};

struct ListGroupsResponse final : Response<ListGroupsResponse, listGroupsApi> {
    struct Group {
        std::string name;
        std::string protocolType;
        std::string state;
        std::string type;
        static void fields(auto& v, auto& group) {
            v.field(group.name);
            v.field(group.protocolType);
            v.field(group.state, since(4).orDropped());
            v.field(group.type, since(5).orDropped());
        }
    };
    ErrorCode error = ErrorCode::None;
    std::vector<Group> groups;

    static void fields(auto& v, auto& m) {
        v.fixed(noThrottle, since(1));
        v.field(m.error);
        v.field(m.groups);
    }
};
void serve(BrokerCall& call, const ListGroupsRequest& request);

}  // namespace millrace::kafka
