#include "engine/hadoop/mapreduce/tasks.h"

#include "engine/hadoop/mapreduce/map_task.h"
#include "engine/hadoop/mapreduce/reduce_task.h"

namespace millrace::hadoop {

void addTask(sim::Context& context, const ClusterRef& cluster, const TaskPlace& place, const AttemptId& id,
             const JobRef& job) {
    switch (id.type) {
        case TaskType::Map:
            context.addActor("task", makeRef<MapTask>(cluster, place, id, job));
            break;
        case TaskType::Reduce:
            context.addActor("task", makeRef<ReduceTask>(cluster, place, id, job));
            break;
        case TaskType::Setup:
        case TaskType::Cleanup:
            context.addActor("task", makeRef<HouseTask>(cluster, place, id, job));
            break;
    }
}

}  // namespace millrace::hadoop
