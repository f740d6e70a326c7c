#pragma once

#include <array>

#include "engine/kafka/protocol/api_versions.h"
#include "engine/kafka/protocol/controlled_shutdown.h"
#include "engine/kafka/protocol/controller.h"
#include "engine/kafka/protocol/describe_cluster.h"
#include "engine/kafka/protocol/describe_configs.h"
#include "engine/kafka/protocol/describe_groups.h"
#include "engine/kafka/protocol/fetch.h"
#include "engine/kafka/protocol/group.h"
#include "engine/kafka/protocol/list_groups.h"
#include "engine/kafka/protocol/metadata.h"
#include "engine/kafka/protocol/offsets.h"
#include "engine/kafka/protocol/produce.h"

namespace millrace::kafka {

/// The table of APIs. Each request knows its row and its response; both codecs, ApiVersions and the broker's dispatch
/// follow from this list. What comes by the thousand stands in front.
template <class... Requests>
struct ApiTable {
    static constexpr std::array<const Api*, sizeof...(Requests)> rows{&Requests::api...};

    /// Calls `use.operator()<Request>()` for each.
    template <class Use>
    static void forEach(Use use) {
        (use.template operator()<Requests>(), ...);
    }
    /// Calls it for those until one says true, and says whether one did.
    template <class Use>
    static bool findIf(Use use) {
        return (use.template operator()<Requests>() || ...);
    }
};

using Apis =
    ApiTable<ProduceRequest, FetchRequest, HeartbeatRequest, OffsetCommitRequest, OffsetFetchRequest, MetadataRequest,
             ListOffsetsRequest, FindCoordinatorRequest, JoinGroupRequest, SyncGroupRequest, LeaveGroupRequest,
             OffsetForLeaderEpochRequest, ApiVersionsRequest, CreateTopicsRequest, LeaderAndIsrRequest,
             UpdateMetadataRequest, StopReplicaRequest, AlterPartitionRequest, ControlledShutdownRequest,
             DescribeGroupsRequest, ListGroupsRequest, DescribeClusterRequest, DescribeConfigsRequest>;

/// What clients are told of them.
[[nodiscard]] std::vector<ApiVersionsResponse::Range> clientApis();

}  // namespace millrace::kafka
