#pragma once

#include <array>

#include "engine/base/metric.h"

/// What sinks count.
namespace millrace::ingest::metric {

inline constexpr Metric written{"written", "sink", MetricKind::Counter, "rows", "Rows and lines that were committed."};
inline constexpr Metric repeated{"repeated", "sink", MetricKind::Counter, "rows",
                                 "Rows that came again after they had been committed."};
inline constexpr Metric transactions{"transactions", "sink", MetricKind::Counter, "transactions",
                                     "Transactions that were committed."};
inline constexpr Metric leftOut{"left_out", "sink", MetricKind::Counter, "rows",
                                "Rows that a topic would never have taken: they are too large."};
inline constexpr Metric requestsWaiting{"requests_waiting", "sink", MetricKind::Gauge, "requests",
                                        "Requests of bolts that are not committed yet."};
inline constexpr Metric lakeObjects{
    "lake_objects", "sink", MetricKind::Gauge, "objects", "Objects (files) of a lake.", {}, MetricPlace::Everywhere};
inline constexpr Metric lakeBytes{"lake_bytes", "sink", MetricKind::Gauge, "B", "Bytes in the objects of a lake."};
inline constexpr Metric compactions{"compactions", "sink", MetricKind::Counter, "compactions",
                                    "How often small objects of a lake were put together."};
inline constexpr Metric boardAlerts{
    "board_alerts",         "sink", MetricKind::Gauge, "alerts", "Alerts that a dashboard raised.", {},
    MetricPlace::Everywhere};

/// What ingestion pipelines count.
inline constexpr Metric pipelineRead{"records_read", "ingestion pipeline", MetricKind::Counter, "records",
                                     "Records taken from the source, those read again included."};
inline constexpr Metric pipelineGone{"records_gone",
                                     "ingestion pipeline",
                                     MetricKind::Counter,
                                     "records",
                                     "Records that nobody took in time and the source could not send again.",
                                     {},
                                     MetricPlace::Everywhere};
inline constexpr Metric pipelineRows{"rows_loaded",
                                     "ingestion pipeline",
                                     MetricKind::Counter,
                                     "rows",
                                     "Records committed at the destination, those loaded again included.",
                                     {},
                                     MetricPlace::Everywhere};
inline constexpr Metric pipelineRejected{"records_rejected",
                                         "ingestion pipeline",
                                         MetricKind::Counter,
                                         "records",
                                         "Records that went to the dead letters or nowhere.",
                                         {},
                                         MetricPlace::Everywhere};
inline constexpr Metric pipelineDropped{"records_dropped", "ingestion pipeline", MetricKind::Counter, "records",
                                        "Records that steps left out by design."};
inline constexpr Metric pipelineDrifted{"records_drifted", "ingestion pipeline", MetricKind::Counter, "records",
                                        "Records of another form than the columns say."};
inline constexpr Metric pipelineAlerts{
    "alerts", "ingestion pipeline",   MetricKind::Counter, "alerts", "Alerts that were raised.",
    {},       MetricPlace::Everywhere};
inline constexpr Metric pipelineBatches{"batches_loaded", "ingestion pipeline", MetricKind::Counter, "batches",
                                        "Batches that were committed."};
inline constexpr Metric pipelineOverruns{"batches_overrun", "ingestion pipeline", MetricKind::Counter, "batches",
                                         "Batches that took longer than their interval."};
inline constexpr Metric pipelineRetries{"writes_again", "ingestion pipeline", MetricKind::Counter, "writes",
                                        "Writes that had to be sent again."};
inline constexpr Metric pipelineProcessor{"processor_s", "ingestion pipeline", MetricKind::Counter, "s",
                                          "Processor time of the pipeline."};
inline constexpr Metric pipelineSinkProcessor{"sink_processor_s", "ingestion pipeline", MetricKind::Counter, "s",
                                              "Processor time of its sinks for what it wrote."};
inline constexpr Metric pipelineBytesIn{"source_bytes", "ingestion pipeline", MetricKind::Counter, "B",
                                        "Bytes taken from the source."};
inline constexpr Metric pipelineBytesOut{"sink_bytes", "ingestion pipeline", MetricKind::Counter, "B",
                                         "Bytes sent to sinks."};
inline constexpr Metric pipelineDiskBytes{"disk_bytes", "ingestion pipeline", MetricKind::Counter, "B",
                                          "Bytes that sinks committed for it, and its checkpoints."};
inline constexpr Metric pipelineAges{"row_ages_s", "ingestion pipeline", MetricKind::Counter, "s",
                                     "Ages of rows when they were committed, summed."};
inline constexpr Metric pipelineValue{"value_kept", "ingestion pipeline", MetricKind::Counter, "",
                                      "What rows were worth when they were committed, summed."};
inline constexpr Metric pipelineWaiting{"records_held",
                                        "ingestion pipeline",
                                        MetricKind::Gauge,
                                        "records",
                                        "Records and writes in memory that are not committed.",
                                        {},
                                        MetricPlace::Everywhere};
inline constexpr Metric pipelineFreshness{"freshness_s",
                                          "ingestion pipeline",
                                          MetricKind::Gauge,
                                          "s",
                                          "How old the newest committed record is; measured each second.",
                                          {},
                                          MetricPlace::Everywhere};
inline constexpr Metric pipelineOldest{"row_age_most_s", "ingestion pipeline", MetricKind::Gauge, "s",
                                       "The oldest that a row was when it was committed."};

/// All of them, in the order in which they are listed.
inline constexpr std::array all{&written,           &repeated,          &transactions,
                                &leftOut,           &requestsWaiting,   &lakeObjects,
                                &lakeBytes,         &compactions,       &boardAlerts,
                                &pipelineRead,      &pipelineGone,      &pipelineRows,
                                &pipelineRejected,  &pipelineDropped,   &pipelineDrifted,
                                &pipelineAlerts,    &pipelineBatches,   &pipelineOverruns,
                                &pipelineRetries,   &pipelineProcessor, &pipelineSinkProcessor,
                                &pipelineBytesIn,   &pipelineBytesOut,  &pipelineDiskBytes,
                                &pipelineAges,      &pipelineValue,     &pipelineWaiting,
                                &pipelineFreshness, &pipelineOldest};

}  // namespace millrace::ingest::metric
