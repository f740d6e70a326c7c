#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/kafka/broker/coordinator.h"
#include "engine/kafka/group/group.h"

// Shared by the two source files of GroupCoordinator; nobody else includes it.
namespace millrace::kafka {

inline constexpr std::size_t offsetMetadataMax = 4'096;  // offset.metadata.max.bytes

struct SessionTimer final : sim::MessageBase<SessionTimer> {
    static constexpr std::string_view Name = "kafka.SessionTimer";
    std::string group;
    std::string member;
    SessionTimer(std::string ofGroup, std::string ofMember) : group(std::move(ofGroup)), member(std::move(ofMember)) {}
    void digest(Digest& digest) const override {
        digest.add(std::string_view{group});
        digest.add(std::string_view{member});
    }
};

struct PendingMemberTimer final : sim::MessageBase<PendingMemberTimer> {
    static constexpr std::string_view Name = "kafka.PendingMemberTimer";
    std::string group;
    std::string member;
    PendingMemberTimer(std::string ofGroup, std::string ofMember)
        : group(std::move(ofGroup)), member(std::move(ofMember)) {}
    void digest(Digest& digest) const override {
        digest.add(std::string_view{group});
        digest.add(std::string_view{member});
    }
};

struct JoinTimer final : sim::MessageBase<JoinTimer> {
    static constexpr std::string_view Name = "kafka.JoinTimer";
    std::string group;
    std::uint64_t round;
    JoinTimer(std::string ofGroup, std::uint64_t ofRound) : group(std::move(ofGroup)), round(ofRound) {}
    void digest(Digest& digest) const override {
        digest.add(std::string_view{group});
        digest.add(round);
    }
};

/// All records of a partition of `__consumer_offsets` have been read.
struct GroupsLoaded final : sim::MessageBase<GroupsLoaded> {
    static constexpr std::string_view Name = "kafka.GroupsLoaded";
    PartitionIndex partition;
    std::uint64_t round;
    GroupsLoaded(PartitionIndex of, std::uint64_t number) : partition(of), round(number) {}
    void digest(Digest& digest) const override {
        digest.add(partition.value);
        digest.add(round);
    }
};

/// What clients are told when `__consumer_offsets` did not take their record.
[[nodiscard]] ErrorCode commitError(ErrorCode appendError);
[[nodiscard]] bool haveSameContent(const std::vector<JoinGroupRequest::Protocol>& a,
                                   const std::vector<JoinGroupRequest::Protocol>& b);
/// "<client id>-<32 hex digits>", as random as a UUID and the same in every replay.
[[nodiscard]] std::string newMemberId(CoordinatorServices& services, const RequestOrigin& origin, std::uint64_t number);

}  // namespace millrace::kafka
