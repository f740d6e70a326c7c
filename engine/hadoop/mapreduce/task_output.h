#pragma once

#include <cstdint>
#include <string>

#include "engine/hadoop/mapreduce/task_body.h"

namespace millrace::hadoop {

/// A task's part of its job's output: it is written aside, and stands under its name once the task may commit. Of all
/// attempts at a task one commits. Source: Hadoop 1.2, FileOutputCommitter.
class TaskOutput {
public:
    enum class News : std::uint8_t {
        None,
        Written,    ///< all of it is in HDFS: the task waits for the leave to commit
        Committed,  ///< it stands under its name
        Failed
    };

    void create(sim::Context& context, TaskBody& body);
    void append(sim::Context& context, TaskBody& body, Slice bytes);
    void close(sim::Context& context, TaskBody& body);
    void commit(sim::Context& context, TaskBody& body);
    [[nodiscard]] News take(sim::Context& context, TaskBody& body, const DfsEvent& event);

    [[nodiscard]] bool isPending() const { return m_stage == Stage::Pending; }
    [[nodiscard]] ByteCount bytes() const { return m_bytes; }

private:
    enum class Stage : std::uint8_t { Writing, Pending, Committing, Clearing, Committed };

    Stage m_stage = Stage::Writing;
    DfsClient::Token m_token = 0;
    ByteCount m_bytes = 0;
};

}  // namespace millrace::hadoop
