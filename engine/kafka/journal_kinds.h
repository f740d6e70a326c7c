#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "engine/base/journal_kind.h"
#include "engine/kafka/types.h"

/// What brokers, their controller, groups and clients go through.
namespace millrace::kafka::happened {

inline constexpr JournalKind brokerRegistered{"kafka.broker-registered", "A broker has its node in ZooKeeper."};
inline constexpr JournalKind brokerStartFailed{"kafka.broker-start-failed",
                                               "A broker found its node of before and ended."};
inline constexpr JournalKind logDirectoryFailed{"kafka.log-directory-failed",
                                                "A disk took no more, and its broker halted."};
inline constexpr JournalKind controlledShutdown{"kafka.controlled-shutdown",
                                                "A broker hands its leaderships over before it stops."};
inline constexpr JournalKind controllerElected{"kafka.controller-elected", "A broker became the controller."};
inline constexpr JournalKind controllerResigned{"kafka.controller-resigned", "A broker is no longer the controller."};
inline constexpr JournalKind leaderElected{"kafka.leader-elected", "A partition got a leader."};
inline constexpr JournalKind partitionOffline{"kafka.partition-offline",
                                              "A partition has no leader: nobody of its in-sync set lives."};
inline constexpr JournalKind isrShrunk{"kafka.isr-shrunk", "A replica left an in-sync set."};
inline constexpr JournalKind isrExpanded{"kafka.isr-expanded", "A replica joined an in-sync set again."};
inline constexpr JournalKind logTruncated{"kafka.log-truncated", "A follower cut off what its leader does not have."};
inline constexpr JournalKind topicRefused{"kafka.topic-refused", "A topic could not be created."};
inline constexpr JournalKind groupRebalancing{"kafka.group-rebalancing", "A group shares its partitions out anew."};
inline constexpr JournalKind groupGeneration{"kafka.group-generation", "A group has a new generation."};
inline constexpr JournalKind groupStable{"kafka.group-stable", "The members of a group know what is theirs."};
inline constexpr JournalKind groupEmpty{"kafka.group-empty", "A group has no members."};
inline constexpr JournalKind memberRemoved{"kafka.member-removed", "A group no longer counts a member."};
inline constexpr JournalKind partitionsAssigned{"kafka.partitions-assigned",
                                                "A member has its partitions of a generation."};
inline constexpr JournalKind pollTimedOut{"kafka.poll-timed-out",
                                          "A member worked for too long without a poll and left."};
inline constexpr JournalKind consumerFailed{"kafka.consumer-failed", "A reader reads no further."};
inline constexpr JournalKind consumerOutOfRange{"kafka.consumer-out-of-range",
                                                "A reader asked for what is no longer, or not yet, there."};
inline constexpr JournalKind consumerTruncated{"kafka.consumer-truncated",
                                               "A log was cut off below the position of its reader."};
inline constexpr JournalKind producerRetry{"kafka.producer-retry", "A batch is sent again."};
inline constexpr JournalKind producerBatchSplit{"kafka.producer-batch-split",
                                                "A batch was too large and is sent again in parts."};
inline constexpr JournalKind producerFailed{"kafka.producer-failed", "Records are given up."};

/// All of them, in the order in which they are listed.
inline constexpr std::array all{
    &brokerRegistered,   &brokerStartFailed, &logDirectoryFailed, &controlledShutdown, &controllerElected,
    &controllerResigned, &leaderElected,     &partitionOffline,   &isrShrunk,          &isrExpanded,
    &logTruncated,       &topicRefused,      &groupRebalancing,   &groupGeneration,    &groupStable,
    &groupEmpty,         &memberRemoved,     &partitionsAssigned, &pollTimedOut,       &consumerFailed,
    &consumerOutOfRange, &consumerTruncated, &producerRetry,      &producerBatchSplit, &producerFailed};

}  // namespace millrace::kafka::happened

/// What such entries say and somebody reads.
namespace millrace::kafka::field {

inline constexpr JournalField<std::string_view> topic{"topic"};
inline constexpr JournalField<PartitionIndex> partition{"partition"};  ///< of the topic
inline constexpr JournalField<std::string_view> partitions{"partitions"};
inline constexpr JournalField<BrokerId> leader{"leader"};
inline constexpr JournalField<LeaderEpoch> epoch{"epoch"};  ///< of the leader; a leader's own word has none
inline constexpr JournalField<std::vector<BrokerId>> inSync{"isr"};
inline constexpr JournalField<std::string_view> why{"why"};  ///< a controller changed a partition
inline constexpr JournalField<std::string_view> error{"error"};

}  // namespace millrace::kafka::field
