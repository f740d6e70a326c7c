#include "engine/kafka/protocol/list_groups.h"

#include <algorithm>

#include "engine/kafka/server/broker_call.h"

namespace millrace::kafka {

namespace {

constexpr std::string_view classic = "classic";

bool isSame(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// Whoever names nothing wants all.
bool isWanted(const std::vector<std::string>& names, std::string_view name) {
    return names.empty() ||
           std::any_of(names.begin(), names.end(), [&](const std::string& each) { return isSame(each, name); });
}

}  // namespace

void serve(BrokerCall& call, const ListGroupsRequest& request) {
    auto response = makeRef<ListGroupsResponse>();
    response->error = call.groups().isLoading() ? ErrorCode::CoordinatorLoadInProgress : ErrorCode::None;
    for (const auto& [name, group] : call.groups().groups()) {
        if (isWanted(request.states, toText(group.state)) && isWanted(request.types, classic)) {
            response->groups.push_back(
                {name, group.protocolType, std::string{toText(group.state)}, std::string{classic}});
        }
    }
    call.answer(std::move(response));
}

}  // namespace millrace::kafka
