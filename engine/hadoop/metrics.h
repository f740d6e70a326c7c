#pragma once

#include <array>

#include "engine/base/metric.h"

/// What Hadoop's daemons and jobs count; the words are those of its web pages and counters.
namespace millrace::hadoop::metric {

inline constexpr Metric calls{"rpc_calls", "NameNode", MetricKind::Counter, "calls", "Calls of clients that came in."};
inline constexpr Metric files{"files", "NameNode", MetricKind::Gauge, "files", "Files of the namespace."};
inline constexpr Metric blocks{"hdfs_blocks",          "NameNode", MetricKind::Gauge, "blocks",
                               "Blocks of all files.", "blocks"};
inline constexpr Metric liveDataNodes{"live_datanodes", "NameNode", MetricKind::Gauge, "nodes",
                                      "DataNodes that are registered and not dead."};
inline constexpr Metric underReplicated{"under_replicated",
                                        "NameNode",
                                        MetricKind::Gauge,
                                        "blocks",
                                        "Blocks that have fewer replicas than they should.",
                                        {},
                                        MetricPlace::Everywhere};
inline constexpr Metric missingBlocks{"missing_blocks",
                                      "NameNode",
                                      MetricKind::Gauge,
                                      "blocks",
                                      "Blocks of which no live DataNode has a replica.",
                                      {},
                                      MetricPlace::Everywhere};
inline constexpr Metric safeMode{"safe_mode", "NameNode", MetricKind::Gauge, "",
                                 "1 while it waits for enough blocks to be reported and changes nothing."};

inline constexpr Metric replicas{"replicas",
                                 "DataNode",
                                 MetricKind::Gauge,
                                 "blocks",
                                 "Replicas of blocks on its disk.",
                                 {},
                                 MetricPlace::Everywhere};
inline constexpr Metric usedBytes{"dfs_used", "DataNode", MetricKind::Gauge, "B", "Bytes of these replicas."};
inline constexpr Metric blockBytesRead{"block_bytes_read", "DataNode", MetricKind::Counter, "B",
                                       "Bytes of blocks that were read from it."};
inline constexpr Metric blockBytesWritten{"block_bytes_written", "DataNode", MetricKind::Counter, "B",
                                          "Bytes of blocks that were written to it."};
inline constexpr Metric transfers{"transfers", "DataNode", MetricKind::Gauge, "blocks",
                                  "Blocks that are being read, written or copied there."};

inline constexpr Metric liveTrackers{"live_tasktrackers", "JobTracker", MetricKind::Gauge, "nodes",
                                     "TaskTrackers that send heartbeats."};
inline constexpr Metric runningJobs{"running_jobs", "JobTracker", MetricKind::Gauge, "jobs",
                                    "Jobs that were submitted and have not ended."};
inline constexpr Metric occupiedMapSlots{"occupied_map_slots", "JobTracker", MetricKind::Gauge, "slots",
                                         "Map slots of all TaskTrackers in which a task runs."};
inline constexpr Metric occupiedReduceSlots{"occupied_reduce_slots", "JobTracker", MetricKind::Gauge, "slots",
                                            "Reduce slots of all TaskTrackers in which a task runs."};

inline constexpr Metric runningMaps{"running_maps", "TaskTracker", MetricKind::Gauge, "tasks",
                                    "Map tasks, setup and cleanup included, that run there."};
inline constexpr Metric runningReduces{"running_reduces", "TaskTracker", MetricKind::Gauge, "tasks",
                                       "Reduce tasks that run there."};
inline constexpr Metric shuffleBytesServed{"shuffle_bytes_out", "TaskTracker", MetricKind::Counter, "B",
                                           "Bytes of map output that reduces fetched from it."};

inline constexpr Metric liveNodeManagers{"live_nodemanagers", "ResourceManager", MetricKind::Gauge, "nodes",
                                         "NodeManagers that send heartbeats."};
inline constexpr Metric runningApps{"running_apps", "ResourceManager", MetricKind::Gauge, "jobs",
                                    "Applications that were submitted and have not ended."};
inline constexpr Metric allocatedMemory{"allocated_memory", "ResourceManager", MetricKind::Gauge, "MB",
                                        "Memory of all containers that applications have."};
inline constexpr Metric pendingContainers{"pending_containers", "ResourceManager", MetricKind::Gauge, "containers",
                                          "Containers that applications wish for and have not."};
inline constexpr Metric runningContainers{"running_containers", "NodeManager", MetricKind::Gauge, "containers",
                                          "Containers in which something runs."};
inline constexpr Metric containerMemory{"container_memory", "NodeManager", MetricKind::Gauge, "MB",
                                        "Memory of these containers."};
inline constexpr Metric nodeShuffleBytes{"shuffle_bytes_served", "NodeManager", MetricKind::Counter, "B",
                                         "Bytes of map output that reduces fetched from it."};

inline constexpr Metric mapProgress{"map_progress",          "job", MetricKind::Gauge,      "%",
                                    "How far the maps are.", {},    MetricPlace::Everywhere};
inline constexpr Metric reduceProgress{"reduce_progress",          "job", MetricKind::Gauge,      "%",
                                       "How far the reduces are.", {},    MetricPlace::Everywhere};

/// All of them, in the order in which they are listed.
inline constexpr std::array all{&calls,
                                &files,
                                &blocks,
                                &liveDataNodes,
                                &underReplicated,
                                &missingBlocks,
                                &safeMode,
                                &replicas,
                                &usedBytes,
                                &blockBytesRead,
                                &blockBytesWritten,
                                &transfers,
                                &liveTrackers,
                                &runningJobs,
                                &occupiedMapSlots,
                                &occupiedReduceSlots,
                                &runningMaps,
                                &runningReduces,
                                &shuffleBytesServed,
                                &liveNodeManagers,
                                &runningApps,
                                &allocatedMemory,
                                &pendingContainers,
                                &runningContainers,
                                &containerMemory,
                                &nodeShuffleBytes,
                                &mapProgress,
                                &reduceProgress};

}  // namespace millrace::hadoop::metric
