#include "engine/spark/core/task_thread.h"

#include <algorithm>
#include <utility>

#include "engine/sim/context.h"
#include "engine/spark/core/messages.h"

namespace millrace::spark {

namespace {

/// For so long a thread keeps its core while others of its machine wait for one: blocks of receivers, answers and
/// heartbeats get through beside tasks of seconds, as a time-sharing system lets them. Linux gives a thread a few
/// milliseconds and whoever wakes up goes first; this is longer, for each slice is an event.
constexpr CpuTime slice = std::chrono::milliseconds{10};

struct NextSlice final : sim::MessageBase<NextSlice> {
    static constexpr std::string_view Name = "spark.NextSlice";
    void digest(Digest&) const override {}
};

class TaskThread final : public sim::ActorBase<TaskThread> {
public:
    void handle(sim::Context& context, const sim::Message& message) override {
        if (const auto* run = message.as<RunTask>()) {
            compute(context, *run);
        }
        if (m_done) {
            goOn(context);
        }
    }

private:
    /// What the task gives is known at once; when is told by its slices.
    void compute(sim::Context& context, const RunTask& task) {
        const RunTask* run = &task;
        const TaskSet& set = *run->launch.set;
        Evaluation evaluation(set.stageRdds, run->found);
        auto done = makeRef<TaskComputed>();
        done->launch = run->launch;
        done->began = context.now();
        const RowsRef rows = evaluation.partitionOf(set.rdd, run->launch.partition);
        done->rowsWritten = static_cast<std::int64_t>(rows->size());
        if (set.shuffle) {
            done->parts = splitForShuffle(*set.shuffle, rows, evaluation.work());
            if (run->mixesRecomputed && std::binary_search(set.again.begin(), set.again.end(), run->launch.partition)) {
                std::rotate(done->parts.begin(), done->parts.begin() + 1, done->parts.end());
            }
            done->rowsWritten = 0;
            for (const RowsRef& part : done->parts) {
                done->rowsWritten += part ? static_cast<std::int64_t>(part->size()) : 0;
            }
        } else {
            done->rows = rows;
        }
        done->kept = evaluation.kept();
        done->rowsRead = evaluation.rowsRead();
        m_left =
            run->costs.taskStart + CpuTime{static_cast<std::int64_t>(
                                       static_cast<double>(evaluation.work().cpu.count()) * run->costs.computation)};
        m_executor = run->executor;
        m_done = std::move(done);
    }

    void goOn(sim::Context& context) {
        const CpuTime now = std::min(m_left, slice);
        context.spend(now);
        m_left -= now;
        if (m_left > CpuTime{0}) {
            context.send(context.self(), makeRef<NextSlice>());
        } else {
            context.send(m_executor, std::exchange(m_done, nullptr));
        }
    }

    Ref<const TaskComputed> m_done;  ///< of the task at hand
    CpuTime m_left{0};               ///< that it still has to take
    sim::ActorId m_executor = sim::noActor;
};

}  // namespace

Ref<sim::Actor> makeTaskThread() {
    return makeRef<TaskThread>();
}

}  // namespace millrace::spark
