#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/base/shared_queue.h"
#include "engine/ingest/facts.h"
#include "engine/ingest/pipeline/pipeline_spec.h"
#include "engine/ingest/sink_client.h"
#include "engine/sim/process.h"
#include "engine/sim/world.h"

namespace millrace::ingest {

/// What a pipeline has done since the run began, over all its incarnations.
struct PipelineFigures {
    std::int64_t read = 0;      ///< records taken from the source, those read again included
    std::int64_t gone = 0;      ///< of these, that nobody took in time and the source could not send again
    std::int64_t rows = 0;      ///< records committed at the destination, those loaded again included
    std::int64_t rejected = 0;  ///< records that went to the dead letters or, without those, nowhere
    std::int64_t dropped = 0;   ///< records that steps left out by design
    std::int64_t drifted = 0;   ///< records of another form
    std::int64_t alerts = 0;
    std::int64_t batches = 0;
    std::int64_t overruns = 0;  ///< batches that took longer than the interval
    std::int64_t retries = 0;   ///< writes that had to be sent again
    CpuTime processor{0};       ///< of the pipeline
    CpuTime sinkProcessor{0};   ///< of its sinks, for what it wrote
    ByteCount bytesIn = 0;      ///< from the source
    ByteCount bytesOut = 0;     ///< to sinks
    ByteCount diskBytes = 0;    ///< committed by sinks, and checkpoints
    SimDuration ageSum{0};      ///< of rows when they were committed
    SimDuration ageMost{0};
    double valueKept = 0;  ///< sum over rows of what they were worth when they were committed
};

/// A look at the data behind a step: the newest record that came in and what it became, as text. `after` is empty when
/// it did not pass.
struct StepLook {
    std::string step;
    std::string before;
    std::string after;
    std::int64_t in = 0;
    std::int64_t out = 0;
};

/// The process of an ingestion pipeline (one actor, "ingestion/<name>/pipeline"). It takes records from its source as
/// its way says, reads them by format and columns, passes them through the steps, loads them and, when all that came
/// before is committed, notes on its disk where it stands, with the state of the steps: after a crash what was loaded
/// behind the last note is loaded again (at least once; the same rows where keys or the sink's memory make a second
/// time harmless). With `notesBefore` it notes first, and what was not loaded is lost.
///
/// Invariants: a checkpoint stands for exactly the records before its position; no write is given up while the process
/// lives: what a sink refuses is sent again. What it holds in memory is bounded: it does not read on while more writes
/// wait than `pendingMost`.
///
/// Leaves out: the network between the source and the pipeline (its bytes are counted), several workers for one
/// pipeline.
[[nodiscard]] Ref<const sim::Blueprint> makePipelineBlueprint(Ref<const PipelineSpec> spec);

/// Changes the rate at which pipelines get the records of a source from now on, as an operator's action; it holds when
/// they start again too. False: no pipeline reads it.
bool setSourceRate(sim::World& world, std::string_view source, double recordsPerSecond);
/// Mends the reader of a pipeline now, as an operator's action: from here on it takes records as they come, and its
/// dead letters are read once more; a pipeline that is down does so when it starts. False: there is no such pipeline,
/// it has no dead letters, or its reader is mended already.
bool mendReader(sim::World& world, std::string_view name);
/// Whether mendReader would do something.
[[nodiscard]] bool canMendReader(const sim::World& world, std::string_view name);
/// Writes that wait for a sink which does not run: by the sink's id.
struct AwaitedSink {
    std::string sink;
    std::uint64_t writes = 0;
};
/// Of a pipeline that runs, in the order of its destination, dead letters and landing. O(1) while its sinks run, else
/// O(writes that wait).
[[nodiscard]] std::vector<AwaitedSink> awaitedSinks(const sim::World& world, std::string_view name);

/// Plants faults into a pipeline, from now on and for all its incarnations: for tests.
void plantFaults(sim::World& world, std::string_view name, const BrokenPipelineRules& rules);
/// Whether a pipeline reads that source.
[[nodiscard]] bool hasReader(const sim::World& world, std::string_view source);

/// "ingestion/<name>".
[[nodiscard]] std::string pipelineProcessName(std::string_view name);

/// How a pipeline stands in a world.
struct PipelineState {
    bool isAlive = false;
    bool isDone = false;          ///< everything that its source will ever give is committed
    bool isBusy = false;          ///< a batch is under way
    std::uint64_t waiting = 0;    ///< records held in memory that are in no sink
    std::uint64_t unsettled = 0;  ///< writes that are not committed
    std::uint64_t landed = 0;     ///< records that are loaded and wait for their transformation
    std::uint64_t dead = 0;       ///< dead letters that are read once more when the reader is mended
    SimTime newest;               ///< when the newest that is committed was measured
    SimDuration freshness{0};     ///< how old that was a second ago at most; stands still when all is done
    PipelineFigures figures;
    std::vector<StepLook> looks;
};
[[nodiscard]] PipelineState pipelineState(const sim::World& world, std::string_view name);

}  // namespace millrace::ingest
