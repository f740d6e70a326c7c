#pragma once

#include <array>

#include "engine/base/metric.h"

/// What brokers and clients count; where Kafka has the figure, it means what Kafka's does.
namespace millrace::kafka::metric {

inline constexpr Metric bytesIn{"bytes_in", "broker", MetricKind::Counter, "B",
                                "Bytes that producers had appended here (BytesInPerSec)."};
inline constexpr Metric bytesOut{"bytes_out", "broker", MetricKind::Counter, "B",
                                 "Bytes that consumers fetched here (BytesOutPerSec)."};
inline constexpr Metric recordsIn{"records_in", "broker", MetricKind::Counter, "records",
                                  "Records that producers had appended here (MessagesInPerSec)."};
inline constexpr Metric replicationBytesIn{"replication_bytes_in", "broker", MetricKind::Counter, "B",
                                           "Bytes fetched from leaders (ReplicationBytesInPerSec)."};
inline constexpr Metric replicationBytesOut{"replication_bytes_out", "broker", MetricKind::Counter, "B",
                                            "Bytes that followers fetched here (ReplicationBytesOutPerSec)."};
inline constexpr Metric failedProduce{"failed_produce", "broker", MetricKind::Counter, "requests",
                                      "Appends that were refused (FailedProduceRequestsPerSec)."};
inline constexpr Metric isrShrinks{"isr_shrinks", "broker", MetricKind::Counter, "changes",
                                   "In-sync sets that lost a replica (IsrShrinksPerSec)."};
inline constexpr Metric isrExpands{"isr_expands", "broker", MetricKind::Counter, "changes",
                                   "In-sync sets that got one back (IsrExpandsPerSec)."};
inline constexpr Metric requestNanoseconds{"request_time_ns", "broker", MetricKind::Counter, "ns",
                                           "Processor time of the requests handled, by the table of costs."};
inline constexpr Metric requests{"requests", "broker", MetricKind::Counter, "requests",
                                 "Requests handled (RequestsPerSec)."};
inline constexpr Metric leaders{"leaders", "broker", MetricKind::Gauge, "partitions",
                                "Partitions that it leads (LeaderCount)."};
inline constexpr Metric underReplicated{"under_replicated_partitions", "broker", MetricKind::Gauge, "partitions",
                                        "Of these, that lack in-sync replicas (UnderReplicatedPartitions)."};
inline constexpr Metric parkedProduces{"parked_produces", "broker", MetricKind::Gauge, "requests",
                                       "Produce requests that wait for followers (PurgatorySize of Produce)."};
inline constexpr Metric parkedFetches{"parked_fetches",
                                      "broker",
                                      MetricKind::Gauge,
                                      "requests",
                                      "Fetches that wait for data (PurgatorySize of Fetch).",
                                      "",
                                      MetricPlace::Everywhere};
inline constexpr Metric activeController{"active_controller", "broker", MetricKind::Gauge, "",
                                         "1 while it is the controller (ActiveControllerCount)."};
inline constexpr Metric offlinePartitions{
    "offline_partitions", "broker", MetricKind::Gauge, "partitions",
    "Partitions without a leader, as the controller counts (OfflinePartitionsCount)."};
inline constexpr Metric groups{"groups", "broker", MetricKind::Gauge, "groups",
                               "Groups that it coordinates (NumGroups)."};
inline constexpr Metric offsetCommits{"offset_commits", "broker", MetricKind::Counter, "requests",
                                      "Commits of groups that it took (OffsetCommitRate)."};

inline constexpr Metric topicRecordsIn{"topic_records_in", "broker, by topic", MetricKind::Counter, "records",
                                       "Records appended to the topic as its leader."};
inline constexpr Metric topicBytesIn{"topic_bytes_in", "broker, by topic", MetricKind::Counter, "B",
                                     "Bytes appended to the topic as its leader."};
inline constexpr Metric topicBytesOut{"topic_bytes_out", "broker, by topic", MetricKind::Counter, "B",
                                      "Bytes of the topic that consumers fetched."};
inline constexpr Metric topicIsrShrinks{"topic_isr_shrinks", "broker, by topic", MetricKind::Counter, "changes",
                                        "In-sync sets of the topic that lost a replica."};
inline constexpr Metric topicIsrExpands{"topic_isr_expands", "broker, by topic", MetricKind::Counter, "changes",
                                        "In-sync sets of the topic that got one back."};
inline constexpr Metric topicLogBytes{"topic_log_bytes", "broker, by topic", MetricKind::Gauge, "B",
                                      "Size of the logs of the topic here."};
inline constexpr Metric topicUnderReplicated{"topic_under_replicated", "broker, by topic", MetricKind::Gauge,
                                             "partitions", "Partitions of the topic that lack in-sync replicas."};

inline constexpr Metric partitionRecordsIn{"partition_records_in", "broker, by partition", MetricKind::Counter,
                                           "records", "Records appended to the partition as its leader."};
inline constexpr Metric partitionBytesIn{"partition_bytes_in", "broker, by partition", MetricKind::Counter, "B",
                                         "Bytes appended to the partition as its leader."};
inline constexpr Metric partitionBytesOut{"partition_bytes_out", "broker, by partition", MetricKind::Counter, "B",
                                          "Bytes of the partition that consumers fetched."};
inline constexpr Metric partitionIsrShrinks{"partition_isr_shrinks", "broker, by partition", MetricKind::Counter,
                                            "changes", "In-sync sets of the partition that lost a replica."};
inline constexpr Metric partitionIsrExpands{"partition_isr_expands", "broker, by partition", MetricKind::Counter,
                                            "changes", "In-sync sets of the partition that got one back."};
inline constexpr Metric partitionLogBytes{"partition_log_bytes", "broker, by partition", MetricKind::Gauge, "B",
                                          "Size of the logs of the partition here."};

inline constexpr Metric recordsSent{"records_sent", "producer", MetricKind::Counter, "records",
                                    "Records that it was given to send."};
inline constexpr Metric recordsAcked{"records_acked", "producer", MetricKind::Counter, "records",
                                     "Records that were acknowledged; with acks=0, that were handed to a connection."};
inline constexpr Metric recordsRetried{"records_retried", "producer", MetricKind::Counter, "records",
                                       "Records that were sent again (record-retry-total)."};
inline constexpr Metric recordsFailed{"records_failed", "producer", MetricKind::Counter, "records",
                                      "Records that it gave up (record-error-total)."};
inline constexpr Metric recordsPending{"records_pending", "producer", MetricKind::Gauge, "records",
                                       "Records that were neither acknowledged nor given up."};
inline constexpr Metric bufferBytes{"buffer_bytes", "producer", MetricKind::Gauge, "B", "Taken of buffer.memory."};

inline constexpr Metric recordsConsumed{"records_consumed", "member of a group", MetricKind::Counter, "records",
                                        "Records that it has worked on (records-consumed-total)."};
inline constexpr Metric commits{"commits", "member of a group", MetricKind::Counter, "requests",
                                "Commits that were answered (commit-total)."};
inline constexpr Metric rebalances{"rebalances", "member of a group", MetricKind::Counter, "rebalances",
                                   "Times that it joined anew (rebalance-total)."};
inline constexpr Metric pollTimeouts{"poll_timeouts", "member of a group", MetricKind::Counter, "times",
                                     "Times that it worked longer than max.poll.interval.ms."};
inline constexpr Metric partitionsAssigned{"partitions_assigned", "member of a group", MetricKind::Gauge, "partitions",
                                           "Partitions that it reads (assigned-partitions)."};

inline constexpr Metric lag{"lag_records",
                            "group, by topic and partition",
                            MetricKind::Gauge,
                            "records",
                            "Records between the readers' position, or what they committed, and the high watermark.",
                            "lag"};

/// All of them, in the order in which they are listed.
inline constexpr std::array all{&bytesIn,
                                &bytesOut,
                                &recordsIn,
                                &replicationBytesIn,
                                &replicationBytesOut,
                                &failedProduce,
                                &isrShrinks,
                                &isrExpands,
                                &requestNanoseconds,
                                &requests,
                                &leaders,
                                &underReplicated,
                                &parkedProduces,
                                &parkedFetches,
                                &activeController,
                                &offlinePartitions,
                                &groups,
                                &offsetCommits,
                                &topicRecordsIn,
                                &topicBytesIn,
                                &topicBytesOut,
                                &topicIsrShrinks,
                                &topicIsrExpands,
                                &topicLogBytes,
                                &topicUnderReplicated,
                                &partitionRecordsIn,
                                &partitionBytesIn,
                                &partitionBytesOut,
                                &partitionIsrShrinks,
                                &partitionIsrExpands,
                                &partitionLogBytes,
                                &recordsSent,
                                &recordsAcked,
                                &recordsRetried,
                                &recordsFailed,
                                &recordsPending,
                                &bufferBytes,
                                &recordsConsumed,
                                &commits,
                                &rebalances,
                                &pollTimeouts,
                                &partitionsAssigned,
                                &lag};

}  // namespace millrace::kafka::metric
