#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kafka/client/consumer.h"
#include "engine/sim/process.h"

namespace millrace::kafka {

struct GroupMemberConfig {
    std::string group;
    std::string member;  ///< name of the process: "group/<group>/<member>"
    std::vector<TopicName> topics;
    ConsumerConfig consumer;                                   ///< its group is set from the one above
    std::int32_t maxPollRecords = 500;                         ///< max.poll.records
    bool autoCommit = true;                                    ///< enable.auto.commit
    SimDuration autoCommitInterval = std::chrono::seconds{5};  ///< auto.commit.interval.ms
    CpuTime workPerRecord = std::chrono::microseconds{2};      ///< what the application does with a record
};

/// What a member has done: its counts are those of all its process's incarnations together.
struct GroupMemberFigures {
    std::int64_t consumed = 0;
    std::int64_t commits = 0;
    std::int64_t rebalances = 0;
    std::int64_t pollTimeouts = 0;  ///< how often it worked longer than max.poll.interval.ms and was out of the group
    std::int32_t generation = -1;
    bool autoCommit = true;
    std::vector<TopicPartition> assignment;
    std::vector<Offset> positions;  ///< by the assignment's partitions; `noOffset` while one is being found out
};

/// Rewinds or skips a running member, as an operator's action: to the first record not older than a time stamp, or to
/// ListOffsetsRequest::earliest or
/// ::latest. To be delivered to the actor "group/<group>/<member>/consumer"; it concerns the partitions assigned to it.
struct SeekMember final : sim::MessageBase<SeekMember> {
    static constexpr std::string_view Name = "kafka.SeekMember";
    std::int64_t timestamp;
    explicit SeekMember(std::int64_t to) : timestamp(to) {}
    void digest(Digest& digest) const override { digest.add(timestamp); }
};

/// The process leaves its group in order and ends.
struct StopMember final : sim::MessageBase<StopMember> {
    static constexpr std::string_view Name = "kafka.StopMember";
    void digest(Digest&) const override {}
};

/// An application that reads topics as one member of a consumer group: it polls for at most `max.poll.records`, spends
/// its time on each record (a second actor, "application", when a full poll takes more than 10 ms, so that heartbeats
/// go on meanwhile: KIP-62; one that does not poll again within `max.poll.interval.ms` leaves the group), and commits
/// its positions every five seconds and before it gives its partitions back. When poll() fails, because a position is
/// missing and `auto.offset.reset` is none, it leaves the group and ends.
[[nodiscard]] Ref<const sim::Blueprint> makeGroupMemberBlueprint(GroupMemberConfig config);

[[nodiscard]] std::string groupMemberProcessName(std::string_view group, std::string_view member);
[[nodiscard]] GroupMemberFigures groupMemberFigures(const sim::World& world, std::string_view group,
                                                    std::string_view member);

/// A member's process, whether it runs or not.
struct GroupMemberProcess {
    std::string group;
    std::string member;
    std::vector<TopicName> topics;
    std::string ended;  ///< why it has ended by itself: "NoOffsetForPartition: ..."; else empty
};
[[nodiscard]] std::vector<GroupMemberProcess> groupMemberProcesses(const sim::World& world);

}  // namespace millrace::kafka
