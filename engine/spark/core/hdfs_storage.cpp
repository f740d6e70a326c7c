#include "engine/spark/core/hdfs_storage.h"

#include <fmt/format.h>

namespace millrace::spark {

namespace {

/// The rows as lines of fields: what the file holds.
hadoop::Slice serialised(const RowsRef& rows) {
    std::string text = fmt::format("{} rows of {} fields\n", rows->size(), rows->width);
    for (std::size_t i = 0; i < rows->size(); ++i) {
        for (std::uint32_t field = 0; field < rows->width; ++field) {
            text += rows->at(i, field).toText();
            text += field + 1 < rows->width ? '\t' : '\n';
        }
    }
    hadoop::Slice slice(makeRef<Bytes>(std::move(text)));
    slice.value = rows;
    return slice;
}

}  // namespace

void HdfsStorage::begin(sim::Context& context) {
    if (!m_hasBegun) {
        m_hasBegun = true;
        m_dfs.start(context, m_cluster, m_user);
    }
}

void HdfsStorage::write(sim::Context& context, const std::string& file, const RowsRef& rows, std::uint64_t token) {
    begin(context);
    Work work{Step::Writing, token, m_folder + "/" + file,
              fmt::format("{}/_temporary/{}-{}", m_folder, m_user, m_next++), nullptr};
    hadoop::WriteOptions options;
    options.overwrites = true;
    const hadoop::DfsClient::Token writer = m_dfs.create(context, work.own, options);
    m_works[writer] = std::move(work);
    m_dfs.append(context, writer, serialised(rows));
    m_dfs.close(context, writer);
}

void HdfsStorage::read(sim::Context& context, const std::string& file, std::uint64_t token) {
    begin(context);
    const std::string path = m_folder + "/" + file;
    m_works[m_dfs.read(context, path)] = {Step::Reading, token, path, {}, nullptr};
}

void HdfsStorage::remove(sim::Context& context, const std::string& file) {
    begin(context);
    const std::string path = m_folder + "/" + file;
    m_works[m_dfs.remove(context, path)] = {Step::Removing, 0, path, {}, nullptr};
}

bool HdfsStorage::handle(sim::Context& context, const sim::Message& message, Outcome& outcome) {
    std::vector<hadoop::DfsEvent> events;
    if (!m_hasBegun || !m_dfs.handle(context, message, events)) {
        return false;
    }
    for (const hadoop::DfsEvent& event : events) {
        take(context, event, outcome);
    }
    return true;
}

void HdfsStorage::take(sim::Context& context, const hadoop::DfsEvent& event, Outcome& outcome) {
    const auto at = m_works.find(event.token);
    if (at == m_works.end() || event.kind == hadoop::DfsEvent::Kind::Flushed) {
        return;
    }
    if (event.kind == hadoop::DfsEvent::Kind::Data) {
        if (const auto* rows = dynamic_cast<const Rows*>(event.data.value.get())) {
            at->second.rows = RowsRef(rows);
        }
        return;
    }
    Work work = std::move(at->second);
    m_works.erase(at);
    goOn(context, std::move(work), event.kind != hadoop::DfsEvent::Kind::Failed, outcome);
}

void HdfsStorage::goOn(sim::Context& context, Work work, bool isDone, Outcome& outcome) {
    switch (work.step) {
        case Step::Writing:
            if (!isDone) {
                outcome.written.emplace_back(work.token, false);
                break;
            }
            work.step = Step::MakingRoom;
            m_works[m_dfs.remove(context, work.path)] = work;
            break;
        case Step::MakingRoom:  // whether there was one or not
            work.step = Step::Renaming;
            m_works[m_dfs.rename(context, work.own, work.path)] = work;
            break;
        case Step::Renaming:
            outcome.written.emplace_back(work.token, isDone);
            break;
        case Step::Reading:
            outcome.read.emplace_back(work.token, isDone ? work.rows : RowsRef());
            break;
        case Step::Removing:
            break;
    }
}

std::string hdfsFolder(std::string_view application) {
    return fmt::format("/spark/{}", application);
}

}  // namespace millrace::spark
