#include "engine/hadoop/mapreduce/task_output.h"

#include <fmt/format.h>

#include <utility>

namespace millrace::hadoop {

namespace {

std::string partOf(const TaskBody& body) {
    return body.id().type == TaskType::Map ? mapPartName(body.id().task) : partName(body.id().task);
}

std::string temporaryPath(const TaskBody& body) {
    return fmt::format("{}/_{}/{}", body.job().temporaryFolder(), toText(body.id()), partOf(body));
}

std::string finalPath(const TaskBody& body) {
    return body.job().output + "/" + partOf(body);
}

}  // namespace

void TaskOutput::create(sim::Context& context, TaskBody& body) {
    WriteOptions options;
    options.replication = body.job().conf.outputReplication;
    options.overwrites = true;
    m_token = body.dfs.create(context, temporaryPath(body), options);
}

void TaskOutput::append(sim::Context& context, TaskBody& body, Slice bytes) {
    m_bytes += static_cast<ByteCount>(bytes.size());
    body.dfs.append(context, m_token, std::move(bytes));
}

void TaskOutput::close(sim::Context& context, TaskBody& body) {
    body.dfs.close(context, m_token);
}

void TaskOutput::commit(sim::Context& context, TaskBody& body) {
    m_stage = Stage::Committing;
    m_token = body.dfs.rename(context, temporaryPath(body), finalPath(body));
}

TaskOutput::News TaskOutput::take(sim::Context& context, TaskBody& body, const DfsEvent& event) {
    if (event.token != m_token) {
        return News::None;
    }
    if (m_stage == Stage::Committing && event.error == DfsError::AlreadyExists) {
        // Of an attempt that died when it had renamed and not told so.
        m_stage = Stage::Clearing;
        m_token = body.dfs.remove(context, finalPath(body));
    } else if (m_stage == Stage::Clearing && event.kind == DfsEvent::Kind::Answered) {
        commit(context, body);
    } else if (event.kind == DfsEvent::Kind::Failed) {
        body.fail(context, fmt::format("{}: {}", temporaryPath(body), reasonOf(event.error)));
        return News::Failed;
    } else if (m_stage == Stage::Writing && event.kind == DfsEvent::Kind::Closed) {
        m_stage = Stage::Pending;
        body.status.phase = TaskPhase::Commit;
        body.status.state = TaskStatus::State::CommitPending;
        body.status.counters.add(Count::HdfsBytesWritten, m_bytes);
        return News::Written;
    } else if (m_stage == Stage::Committing && event.kind == DfsEvent::Kind::Answered) {
        m_stage = Stage::Committed;
        return News::Committed;
    }
    return News::None;
}

}  // namespace millrace::hadoop
