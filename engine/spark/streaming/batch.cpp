#include "engine/spark/streaming/batch.h"

#include <fmt/format.h>

namespace millrace::spark {

std::string whyLate(const Batch& batch, SimDuration interval, const Batch* before) {
    if (!batch.isDone() || batch.totalDelay() <= interval) {
        return {};
    }
    const auto inSeconds = [](SimDuration duration) { return fmt::format("{:.2f} s", seconds(duration)); };
    if (batch.recomputed > 0) {
        return fmt::format("{} of its {} tasks brought back what a lost executor had had", batch.recomputed,
                           batch.tasks);
    }
    if (batch.lostTasks > 0) {
        return fmt::format("{} of its tasks ran on an executor that was lost ({}), and {} run again", batch.lostTasks,
                           batch.lostReason, batch.lostTasks == 1 ? "was" : "were");
    }
    if (batch.isRecovered) {
        return fmt::format("it was made {} late, for the driver was away", inSeconds(batch.submitted - batch.time));
    }
    if (batch.schedulingDelay() > batch.processingTime()) {
        return before != nullptr ? fmt::format("it waited {} for the batches before it; the one at {:g} s took {}",
                                               inSeconds(batch.schedulingDelay()), seconds(before->time),
                                               inSeconds(before->processingTime()))
                                 : fmt::format("it waited {} for its turn", inSeconds(batch.schedulingDelay()));
    }
    if (batch.waitedForLocality > interval / 2) {
        return fmt::format("its tasks waited {} for a place beside their data (spark.locality.wait)",
                           inSeconds(batch.waitedForLocality));
    }
    const SimDuration mean = batch.tasks > 0 ? batch.taskTime / batch.tasks : SimDuration{0};
    constexpr int muchSlower = 3;
    if (batch.tasks > 1 && batch.slowestTask > mean * muchSlower && batch.slowestTask > batch.processingTime() / 3) {
        return fmt::format("one task on {} took {}, the others {} on the average", batch.slowestHost,
                           inSeconds(batch.slowestTask), inSeconds(mean));
    }
    if (batch.failedTasks > 0) {
        return fmt::format("{} of its tasks failed and were run again", batch.failedTasks);
    }
    return fmt::format("{} records take {} to process, more than the batch interval of {}", batch.records,
                       inSeconds(batch.processingTime()), inSeconds(interval));
}

}  // namespace millrace::spark
