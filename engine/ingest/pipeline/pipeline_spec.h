#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/sim_time.h"
#include "engine/ingest/pipeline/destination.h"
#include "engine/ingest/pipeline/record_reader.h"
#include "engine/ingest/pipeline/step.h"
#include "engine/ingest/pipeline/value_curve.h"
#include "engine/ingest/source.h"
#include "engine/sim/ids.h"

namespace millrace::ingest {

/// When a pipeline takes what its source has.
enum class IngestWay : std::uint8_t {
    Batch,       ///< a job of its own begins at intervals and asks for what has come since
    MicroBatch,  ///< a process listens all the time and loads at short intervals
    Streaming    ///< a process listens and loads each record as it comes
};
[[nodiscard]] std::string_view toText(IngestWay way);

struct PipelineStep {
    std::string name;
    Ref<const Step> start;              ///< as it stands when the run begins
    std::vector<flow::Column> columns;  ///< of what it passes
};

/// A destination, and where its process listens.
struct PlacedDestination {
    Destination destination;
    std::string host;
    sim::Port port{0};
};

/// Deliberate faults of a pipeline: a test plants one to prove that it is noticed. All off is right.
struct BrokenPipelineRules {
    bool notesAtOnce = false;     ///< a checkpoint is written before what came before it is committed
    bool forgetsFailed = false;   ///< a write that failed is not sent again
    bool forgetsLanding = false;  ///< a checkpoint leaves out what was on its way to the landing
    bool forgetsSteps = false;    ///< a checkpoint leaves out what the steps remember
    bool forgetsDead = false;     ///< a checkpoint leaves out the dead letters
    bool startsAnew = false;      ///< after a crash it reads its source from the beginning
    bool losesWaiting = false;    ///< what is held in memory for the next batch counts as read in its checkpoint
};

/// An ingestion pipeline as the scenario describes it. Immutable and shared.
struct PipelineSpec final : Counted {
    std::string name;
    IngestWay way = IngestWay::Streaming;
    SimDuration every{0};               ///< between batches,
    SimDuration startAt{0};             ///< of which this is the first
    std::optional<std::uint64_t> size;  ///< of a batch: it begins as soon as so many records wait
    bool isFull = false;                ///< a batch takes everything from the beginning, each time
    Ref<const SourceSpec> source;
    RandomStream random;           ///< of the source: the same for all who read it
    std::int64_t startMillis = 0;  ///< the date of time 0, in milliseconds since 1970
    RecordReader reader;
    std::optional<std::size_t> time;  ///< the column that is the event's time, in milliseconds since 1970
    std::vector<PipelineStep> steps;
    PlacedDestination to;
    std::optional<PlacedDestination> rejects;
    std::optional<PlacedDestination> landing;  ///< records are loaded here as they come, and transformed later
    SimDuration transformEvery{0};
    std::uint32_t batchMax = 500;  ///< writes in a request to a sink
    SimDuration linger{0};         ///< how long one is gathered
    SimDuration checkpointEvery{0};
    bool notesBefore = false;             ///< that a record has been read is noted before it is loaded: at most once
    std::optional<SimDuration> repairAt;  ///< since the run's beginning: as planned, or as it was done by hand
    ValueCurve value;
    BrokenPipelineRules broken;
    bool isRateSet = false;  ///< its source's rate was changed since the run began
};

}  // namespace millrace::ingest
