#include "engine/scenario/sections/spark/starvation.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "engine/scenario/sections/spark/streaming_program.h"

namespace millrace::scenario {

namespace {

constexpr std::string_view coresMaxKey = "spark.cores.max";
constexpr std::string_view executorCoresKey = "spark.executor.cores";
constexpr std::string_view executorsKey = "spark.executor.instances";
constexpr std::string_view executorMemoryKey = "spark.executor.memory";
constexpr ByteCount mebibyte = ByteCount{1} << 20U;

/// What an application asks the master for.
struct Wishes {
    std::int64_t executorCores = 0;  ///< 0: all of a worker
    std::int64_t coresMax = std::numeric_limits<std::int64_t>::max();
    std::int64_t executors = std::numeric_limits<std::int64_t>::max();
    ByteCount memory = 0;
};

Wishes wishesOf(const Settings& config) {
    Wishes wishes;
    wishes.executorCores = config.optionalInteger(executorCoresKey).value_or(0);
    wishes.coresMax = config.optionalInteger(coresMaxKey).value_or(wishes.coresMax);
    wishes.executors = config.optionalInteger(executorsKey).value_or(wishes.executors);
    wishes.memory = config.integer(executorMemoryKey) * mebibyte;
    return wishes;
}

std::int64_t coresOn(const SparkWorkerPlan& worker, const Wishes& wishes) {
    if (worker.memory < wishes.memory) {
        return 0;
    }
    return wishes.executorCores > 0 ? worker.cores / wishes.executorCores * wishes.executorCores : worker.cores;
}

/// The most cores that its executors can have.
std::int64_t coresFor(const SparkPlan& spark, const Wishes& wishes) {
    std::int64_t cores = 0;
    for (const SparkWorkerPlan& worker : spark.workers) {
        cores += coresOn(worker, wishes);
    }
    cores = std::min(cores, wishes.coresMax);
    return wishes.executorCores > 0 ? std::min(cores / wishes.executorCores, wishes.executors) * wishes.executorCores
                                    : cores;
}

/// Where a setting stands: with the application, or with all of them.
std::string placeOf(std::string_view key, const StreamingPlan& application, const SparkPlan& spark) {
    const bool isShared = spark.config.isSet(key) && spark.config.text(key) == application.config.text(key);
    return isShared ? fmt::format("spark.config.{}", key)
                    : fmt::format("streaming.{}.config.{}", application.name, key);
}

std::int64_t receiversOf(const StreamingPlan& application) {
    std::int64_t receivers = 0;
    for (const StreamPartPlan& input : application.inputs) {
        receivers += hasReceivers(input) ? input.parameters.integer("receivers").value_or(1) : 0;
    }
    return receivers;
}

std::string withoutExecutors(const SparkPlan& spark, const Wishes& wishes, std::string_view blamed) {
    std::int64_t cores = 0;
    ByteCount memory = 0;
    for (const SparkWorkerPlan& worker : spark.workers) {
        cores = std::max<std::int64_t>(cores, worker.cores);
        memory = std::max(memory, worker.memory);
    }
    if (blamed == executorMemoryKey) {
        return fmt::format(
            "an executor takes {} MiB and no worker has more than {} MiB: none is ever launched and "
            "batches queue for ever; ask for less, or give a worker more memory",
            wishes.memory / mebibyte, memory / mebibyte);
    }
    if (blamed == coresMaxKey) {
        return fmt::format(
            "an executor takes {} cores (spark.executor.cores) and the application may have {}: none "
            "is ever launched and batches queue for ever; let it have {} or more",
            wishes.executorCores, wishes.coresMax, wishes.executorCores);
    }
    return fmt::format(
        "an executor takes {} cores and no worker has more than {}: none is ever launched and batches "
        "queue for ever; ask for {} or fewer, or give a worker more cores",
        wishes.executorCores, cores, cores);
}

}  // namespace

std::optional<Error> starvationOf(const StreamingPlan& application, const Scenario& scenario) {
    if (!scenario.spark || scenario.spark->workers.empty()) {
        return std::nullopt;
    }
    const SparkPlan& spark = *scenario.spark;
    const Wishes wishes = wishesOf(application.config);
    const std::int64_t receivers = receiversOf(application);
    const std::int64_t cores = coresFor(spark, wishes);
    if (cores > receivers) {
        return std::nullopt;
    }
    // To blame is the first wish without which there would be enough.
    const auto isEnough = [&](auto change) {
        Wishes others = wishes;
        change(others);
        return coresFor(spark, others) > receivers;
    };
    std::string_view blamed;
    if (isEnough([](Wishes& others) { others.coresMax = Wishes{}.coresMax; })) {
        blamed = coresMaxKey;
    } else if (isEnough([](Wishes& others) { others.executors = Wishes{}.executors; })) {
        blamed = executorsKey;
    } else if (isEnough([](Wishes& others) { others.executorCores = 0; })) {
        blamed = executorCoresKey;
    } else if (isEnough([](Wishes& others) { others.memory = 0; })) {
        blamed = executorMemoryKey;
    }
    const std::string place =
        blamed.empty() ? fmt::format("streaming.{}.inputs", application.name) : placeOf(blamed, application, spark);
    if (cores == 0 && !blamed.empty()) {
        return Error{withoutExecutors(spark, wishes, blamed), place};
    }
    return Error{fmt::format("each receiver keeps a core for good: of the {} that its executors get {} take{} all, and "
                             "no task of a batch ever runs; {} or more let it begin",
                             cores, receivers == 1 ? "its receiver" : fmt::format("its {} receivers", receivers),
                             receivers == 1 ? "s" : "", receivers + 1),
                 place};
}

}  // namespace millrace::scenario
