#include "engine/spark/core/task_thread.h"

#include <algorithm>

#include "engine/spark/core/messages.h"

namespace millrace::spark {

namespace {

class TaskThread final : public sim::ActorBase<TaskThread> {
public:
    void handle(sim::Context& context, const sim::Message& message) override {
        const auto* run = message.as<RunTask>();
        if (run == nullptr) {
            return;
        }
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
        context.spend(run->costs.taskStart +
                      CpuTime{static_cast<std::int64_t>(static_cast<double>(evaluation.work().cpu.count()) *
                                                        run->costs.computation)});
        context.send(run->executor, std::move(done));
    }
};

}  // namespace

Ref<sim::Actor> makeTaskThread() {
    return makeRef<TaskThread>();
}

}  // namespace millrace::spark
