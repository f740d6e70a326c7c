#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/base/journal_kind.h"

/// What a cluster of Storm, its workers and its tuples go through.
namespace millrace::storm::happened {

inline constexpr JournalKind topologySubmitted{"storm.topology-submitted", "Nimbus has a new topology."};
inline constexpr JournalKind submissionRefused{"storm.submission-refused", "Nimbus cannot store a topology."};
inline constexpr JournalKind nimbusRecovered{"storm.nimbus-recovered", "Nimbus leads and goes on with a topology."};
inline constexpr JournalKind heartbeatsMissing{"storm.heartbeats-missing",
                                               "A new Nimbus no longer waits for the heartbeats of some."};
inline constexpr JournalKind assigned{"storm.assigned", "The executors of a topology have workers."};
inline constexpr JournalKind reassigned{"storm.reassigned", "Executors move to other workers."};
inline constexpr JournalKind tasksDead{"storm.tasks-dead", "Executors have not beaten for too long."};
inline constexpr JournalKind workerStarted{"storm.worker-started", "A worker runs."};
inline constexpr JournalKind workerSilent{"storm.worker-silent", "A supervisor kills a worker that does not beat."};
inline constexpr JournalKind workerExited{"storm.worker-exited", "A worker has ended."};
inline constexpr JournalKind tupleTimedOut{"storm.tuple-timed-out", "A tuple tree was not complete in time."};
inline constexpr JournalKind tupleReplayed{"storm.tuple-replayed", "A spout emits a record once more."};
inline constexpr JournalKind spoutResumed{"storm.spout-resumed",
                                          "A spout reads a partition on from where it was acked."};

/// All of them, in the order in which they are listed.
inline constexpr std::array all{&topologySubmitted, &submissionRefused, &nimbusRecovered, &heartbeatsMissing,
                                &assigned,          &reassigned,        &tasksDead,       &workerStarted,
                                &workerSilent,      &workerExited,      &tupleTimedOut,   &tupleReplayed,
                                &spoutResumed};

}  // namespace millrace::storm::happened

/// What such entries say and somebody reads.
namespace millrace::storm::field {

inline constexpr JournalField<std::string_view> topology{"topology"};
inline constexpr JournalField<std::string_view> topic{"topic"};  ///< from which a record came
inline constexpr JournalField<std::int32_t> partition{"partition"};
inline constexpr JournalField<std::string_view> component{"component"};  ///< a spout

}  // namespace millrace::storm::field
