#pragma once

#include <array>

#include "engine/base/metric.h"

/// What Spark counts: executors, the streams of a driver, the servers that receivers read from.
namespace millrace::spark::metric {

inline constexpr Metric tasksDone{"tasks_done", "executor of Spark", MetricKind::Counter, "tasks",
                                  "Tasks that have succeeded there."};
inline constexpr Metric tasksFailed{"tasks_failed", "executor of Spark", MetricKind::Counter, "tasks",
                                    "Tasks that have failed there."};
inline constexpr Metric tasksRunning{"tasks_running", "executor of Spark", MetricKind::Gauge, "tasks",
                                     "Tasks that it has been given and are not done."};
inline constexpr Metric storageMemory{"storage_memory", "executor of Spark", MetricKind::Gauge, "B",
                                      "Blocks that it keeps in memory."};
inline constexpr Metric storageDisk{"storage_disk", "executor of Spark", MetricKind::Gauge, "B",
                                    "Blocks that it keeps on its disk."};
inline constexpr Metric blocksEvicted{"blocks_evicted", "executor of Spark", MetricKind::Counter, "blocks",
                                      "Blocks put out of memory to make room."};
inline constexpr Metric rowsRead{"rows_read", "executor of Spark", MetricKind::Counter, "rows",
                                 "Rows that its tasks have read."};
inline constexpr Metric shuffleRead{"shuffle_read", "executor of Spark", MetricKind::Counter, "B",
                                    "Shuffle data brought from other executors."};
inline constexpr Metric shuffleWritten{"shuffle_written", "executor of Spark", MetricKind::Counter, "B",
                                       "Shuffle data written to its disk."};

inline constexpr Metric batchesDone{"batches_done", "driver", MetricKind::Counter, "batches",
                                    "Batches whose jobs are all done."};
inline constexpr Metric batchesWaiting{"batches_waiting", "driver", MetricKind::Gauge, "batches",
                                       "Batches that are made and not done."};
inline constexpr Metric inputRecords{"input_records", "driver", MetricKind::Counter, "records",
                                     "Records that batches were made of."};
inline constexpr Metric batchesLate{"batches_late", "driver", MetricKind::Counter, "batches",
                                    "Batches that took longer than the batch interval."};
inline constexpr Metric schedulingTotal{"scheduling_total", "driver", MetricKind::Counter, "ms",
                                        "Scheduling delays of all batches that are done, added up."};
inline constexpr Metric processingTotal{"processing_total", "driver", MetricKind::Counter, "ms",
                                        "Processing times of all batches that are done, added up."};
inline constexpr Metric batchTasks{"batch_tasks", "driver", MetricKind::Counter, "tasks",
                                   "Tasks of batches that are done."};
inline constexpr Metric batchTasksFailed{"batch_tasks_failed", "driver", MetricKind::Counter, "tasks",
                                         "Attempts at tasks that failed, of batches that are done."};
inline constexpr Metric tasksRecomputed{"tasks_recomputed", "driver", MetricKind::Counter, "tasks",
                                        "Tasks that brought back what was lost, of batches that are done."};
inline constexpr Metric stagesSkipped{"stages_skipped", "driver", MetricKind::Counter, "stages",
                                      "Stages whose shuffle files were there, of batches that are done."};
inline constexpr Metric batchesRecovered{"batches_recovered", "driver", MetricKind::Counter, "batches",
                                         "Batches that a driver made after it had begun again."};
inline constexpr Metric streamLag{"stream_lag",
                                  "driver",
                                  MetricKind::Gauge,
                                  "records",
                                  "What topics held behind the ranges of the last batch: direct streams' lag.",
                                  "lag of direct streams",
                                  MetricPlace::Everywhere};
inline constexpr Metric schedulingDelay{"scheduling_delay", "driver", MetricKind::Gauge, "ms",
                                        "How long the last batch waited for its first job."};
inline constexpr Metric processingTime{"processing_time", "driver", MetricKind::Gauge, "ms",
                                       "From the first job's start to the last one's end, of the last batch."};
inline constexpr Metric totalDelay{"total_delay", "driver", MetricKind::Gauge, "ms",
                                   "Scheduling delay and processing time of the last batch."};
inline constexpr Metric receiverRate{"receiver_rate", "driver", MetricKind::Gauge, "records/s",
                                     "What back-pressure allows the inputs together; 0 without it."};
inline constexpr Metric recoveryTime{
    "recovery_time",
    "driver",
    MetricKind::Gauge,
    "s/s",
    "To catch up after the loss of one executor, for each second that the last checkpoint is old: "
    "(load / n) / (1 - load * n / (n - 1)), n executors, load = processing time / batch interval of the last batch. "
    "Absent where those that are left could not bear the load.",
    "catching up"};

inline constexpr Metric recordsServed{"records_served", "source server", MetricKind::Counter, "records",
                                      "Records that receivers have got from it, those sent again included."};

/// All of them, in the order in which they are listed.
inline constexpr std::array all{&batchesLate,     &schedulingTotal, &processingTotal,  &batchTasks,  &batchTasksFailed,
                                &tasksRecomputed, &stagesSkipped,   &batchesRecovered, &streamLag,   &tasksDone,
                                &tasksFailed,     &tasksRunning,    &storageMemory,    &storageDisk, &blocksEvicted,
                                &rowsRead,        &shuffleRead,     &shuffleWritten,   &batchesDone, &batchesWaiting,
                                &inputRecords,    &schedulingDelay, &processingTime,   &totalDelay,  &receiverRate,
                                &recoveryTime,    &recordsServed};

}  // namespace millrace::spark::metric
