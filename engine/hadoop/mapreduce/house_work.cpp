#include "engine/hadoop/mapreduce/house_work.h"

namespace millrace::hadoop {

void HouseWork::begin(sim::Context& context, DfsClient& dfs, const JobSpec& job, TaskType type, std::uint32_t number) {
    m_marks = type == TaskType::Cleanup && number != clearingUp;
    m_waiting = type == TaskType::Setup ? dfs.makeFolder(context, job.temporaryFolder())
                                        : dfs.remove(context, job.temporaryFolder());
}

HouseWork::News HouseWork::take(sim::Context& context, DfsClient& dfs, const JobSpec& job, const DfsEvent& event) {
    if (m_waiting == 0 || event.token != m_waiting) {
        return News::None;
    }
    if (event.kind == DfsEvent::Kind::Failed) {
        m_waiting = 0;
        return News::Failed;
    }
    if (!m_marks) {
        m_waiting = 0;
        return News::Done;
    }
    m_marks = false;
    WriteOptions options;
    options.overwrites = true;
    m_waiting = dfs.create(context, job.output + "/_SUCCESS", options);
    dfs.close(context, m_waiting);
    return News::None;
}

}  // namespace millrace::hadoop
