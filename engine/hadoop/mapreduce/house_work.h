#pragma once

#include <cstdint>

#include "engine/hadoop/hdfs/dfs_client.h"
#include "engine/hadoop/mapreduce/job.h"

namespace millrace::hadoop {

/// What is done before a job's first task and behind its last: the folder of the output is made, or it is cleared up
/// and says that it is whole. By a task of its own in Hadoop 1, by the ApplicationMaster on YARN. Source: Hadoop 1.2,
/// FileOutputCommitter.
class HouseWork {
public:
    enum class News : std::uint8_t { None, Done, Failed };

    /// A cleanup with the number `clearingUp` leaves no _SUCCESS behind.
    void begin(sim::Context& context, DfsClient& dfs, const JobSpec& job, TaskType type, std::uint32_t number);
    [[nodiscard]] News take(sim::Context& context, DfsClient& dfs, const JobSpec& job, const DfsEvent& event);
    [[nodiscard]] bool isUnderWay() const { return m_waiting != 0; }

private:
    DfsClient::Token m_waiting = 0;
    bool m_marks = false;  ///< _SUCCESS is to be written yet
};

}  // namespace millrace::hadoop
