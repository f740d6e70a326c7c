#include "engine/spark/core/storage.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/spark/cost.h"

namespace millrace::spark {

namespace {

/// The file is on the medium: the answer may go out.
struct FileFlushed final : sim::MessageBase<FileFlushed> {
    static constexpr std::string_view Name = "spark.FileFlushed";
    sim::ConnectionId to;
    std::uint64_t request;
    FileFlushed(sim::ConnectionId who, std::uint64_t number) : to(who), request(number) {}
    void digest(Digest& digest) const override { digest.add(request); }
};

class StorageActor final : public sim::ActorBase<StorageActor> {
public:
    explicit StorageActor(sim::Port port) : m_port(port) {}

    void start(sim::Context& context) override { context.listen(m_port); }

    void handle(sim::Context& context, const sim::Message& message) override {
        context.spend(cost::message);
        if (const auto* store = message.as<StoreFile>()) {
            context.spend(store->rows->bytes() * cost::perByteSerialised);
            const std::string name = "storage/" + store->file;
            if (context.replace(name, makeRef<RowsChunk>(store->rows))) {
                context.flush(name, makeRef<FileFlushed>(context.connection(), store->request));
            } else {
                context.transmit(context.connection(), makeRef<FileStored>(store->request, false));
            }
        } else if (const auto* flushed = message.as<FileFlushed>()) {
            context.transmit(flushed->to, makeRef<FileStored>(flushed->request, true));
        } else if (const auto* read = message.as<ReadFile>()) {
            const sim::File* file = context.disk().find("storage/" + read->file);
            const auto* chunk = file != nullptr ? dynamic_cast<const RowsChunk*>(file->last()) : nullptr;
            context.transmit(context.connection(),
                             makeRef<FileContent>(read->request, chunk != nullptr ? chunk->rows() : RowsRef()));
        }
    }

private:
    sim::Port m_port;
};

}  // namespace

void StorageClient::open(sim::Context& context) {
    if (m_link.isClosed()) {
        m_link.open(context, m_where.host, m_where.port);
    }
}

void StorageClient::write(sim::Context& context, std::string file, RowsRef rows, std::uint64_t token) {
    if (m_hdfs) {
        m_hdfs->write(context, file, rows, token);
        return;
    }
    open(context);
    auto store = makeRef<StoreFile>();
    store->request = m_next++;
    store->file = std::move(file);
    store->rows = std::move(rows);
    m_asked.push_back({store->request, token, true});
    m_link.transmit(context, std::move(store));
}

void StorageClient::read(sim::Context& context, std::string file, std::uint64_t token) {
    if (m_hdfs) {
        m_hdfs->read(context, file, token);
        return;
    }
    open(context);
    m_asked.push_back({m_next, token, false});
    m_link.transmit(context, makeRef<ReadFile>(m_next++, std::move(file)));
}

bool StorageClient::handle(sim::Context& context, const sim::Message& message, Outcome& outcome) {
    if (m_hdfs) {
        HdfsStorage::Outcome stored;
        const bool isOwn = m_hdfs->handle(context, message, stored);
        for (const auto& [token, isStored] : stored.written) {
            outcome.written.push_back({token, isStored});
        }
        for (auto& [token, rows] : stored.read) {
            outcome.read.push_back({token, std::move(rows)});
        }
        return isOwn;
    }
    if (!m_link.owns(context.connection())) {
        return false;
    }
    const sim::Link::News news = m_link.read(context, message);
    if (news == sim::Link::News::Lost) {
        for (const Asked& each : m_asked) {
            if (each.isWrite) {
                outcome.written.push_back({each.token, false});
            } else {
                outcome.read.push_back({each.token, nullptr});
            }
        }
        m_asked.clear();
        return true;
    }
    const auto take = [&](std::uint64_t request) {
        const auto at =
            std::find_if(m_asked.begin(), m_asked.end(), [&](const Asked& each) { return each.request == request; });
        const std::uint64_t token = at != m_asked.end() ? at->token : 0;
        if (at != m_asked.end()) {
            m_asked.erase(at);
        }
        return token;
    };
    if (const auto* stored = message.as<FileStored>()) {
        outcome.written.push_back({take(stored->request), stored->isStored});
    } else if (const auto* content = message.as<FileContent>()) {
        outcome.read.push_back({take(content->request), content->rows});
    }
    return true;
}

Ref<sim::Actor> makeStorageActor(sim::Port port) {
    return makeRef<StorageActor>(port);
}

std::string checkpointFile(RddId rdd, Partition partition) {
    return fmt::format("rdd-{}/part-{:05}", rdd.value, partition);
}

std::string logFile(StreamId stream, std::int64_t block) {
    return fmt::format("receivedData/{}/log-{}", stream.value, block);
}

}  // namespace millrace::spark
