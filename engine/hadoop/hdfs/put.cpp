#include "engine/hadoop/hdfs/put.h"

#include <fmt/format.h>

#include <vector>

namespace millrace::hadoop {

void PutClient::start(sim::Context& context) {
    m_dfs.start(context, m_cluster, "put/" + m_name);
    WriteOptions options;
    options.replication = m_file.replication;
    options.blockSize = m_file.blockSize;
    m_token = m_dfs.create(context, m_file.path, options);
    m_dfs.append(context, m_token, Slice(m_file.content));
    m_dfs.close(context, m_token);
}

void PutClient::handle(sim::Context& context, const sim::Message& message) {
    std::vector<DfsEvent> events;
    (void)m_dfs.handle(context, message, events);
    for (const DfsEvent& event : events) {
        if (event.token != m_token || m_state != State::Writing) {
            continue;
        }
        if (event.kind == DfsEvent::Kind::Closed) {
            m_state = State::Done;
            context.journal({"hadoop.file-put",
                             sim::Severity::Notice,
                             fmt::format("File {} is in HDFS: {} bytes", m_file.path, m_file.content->size()),
                             {{"path", m_file.path}}});
        } else if (event.kind == DfsEvent::Kind::Failed) {
            m_state = State::Failed;
            context.journal({"hadoop.put-failed",
                             sim::Severity::Error,
                             fmt::format("{} could not be written: {}", m_file.path, reasonOf(event.error)),
                             {{"path", m_file.path}}});
        }
    }
}

}  // namespace millrace::hadoop
