#include "engine/hadoop/hdfs/dfs_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/hadoop/cost.h"

namespace millrace::hadoop {

/// What a DfsClient has itself told through the actor that holds it.
struct DfsTimer final : sim::MessageBase<DfsTimer> {
    static constexpr std::string_view Name = "hadoop.DfsTimer";
    [[nodiscard]] std::string summary() const override {
        static constexpr std::string_view words[] = {"next try to reach the NameNode",
                                                     "time-out of the NameNode's answer",
                                                     "next question to the NameNode",
                                                     "next try to write",
                                                     "next look for a block",
                                                     "time-out of a DataNode's answer",
                                                     "renewal of the lease"};
        return std::string{words[static_cast<std::size_t>(purpose)]};
    }
    enum class Purpose : std::uint8_t {
        Reconnect,
        NameNodeSilent,
        AskAgain,
        WriteAgain,
        LocateAgain,
        ReaderSilent,
        Renew
    };
    Purpose purpose;
    std::uint64_t token;
    std::uint64_t round;
    explicit DfsTimer(Purpose what, std::uint64_t who = 0, std::uint64_t which = 0)
        : purpose(what), token(who), round(which) {}
    void digest(Digest& digest) const override {
        digest.add(static_cast<std::uint32_t>(purpose));
        digest.add(token);
        digest.add(round);
    }
};

namespace {

constexpr SimDuration safeModePause = std::chrono::seconds{3};
constexpr SimDuration replicationPause = std::chrono::milliseconds{400};
constexpr std::uint32_t replicationTries = 60;

Ref<DfsTimer> dfsTimer(DfsTimer::Purpose purpose, std::uint64_t token = 0, std::uint64_t round = 0) {
    return makeRef<DfsTimer>(purpose, token, round);
}

}  // namespace

// --- the NameNode ---------------------------------------------------------------------------------------------------

void DfsClient::start(sim::Context& context, ClusterRef cluster, std::string name) {
    m_cluster = std::move(cluster);
    m_name = fmt::format("DFSClient_{}_{}", name, context.incarnation());
}

void DfsClient::connect(sim::Context& context) {
    const DaemonAddress& address = m_cluster->nameNode;
    m_nameNode.open(context, address.host, address.port, m_cluster->hdfs.socketTimeout);
}

void DfsClient::call(sim::Context& context, Ref<NameNodeCall> call, Asker asker, Token token) {
    context.spend(cost::client);
    const std::uint64_t tag = m_next++;
    call->tag = tag;
    const Call& kept = m_calls.emplace(tag, Call{std::move(call), asker, token}).first->second;
    if (m_nameNode.isClosed()) {
        connect(context);
    } else if (m_nameNode.isOpen()) {
        transmit(context, kept);
    }
}

void DfsClient::transmit(sim::Context& context, const Call& call) {
    m_nameNode.request(context, call.call, call.call->tag, m_cluster->hdfs.socketTimeout,
                       [](std::uint64_t round) { return dfsTimer(DfsTimer::Purpose::NameNodeSilent, 0, round); });
}

DfsClient::Token DfsClient::ask(sim::Context& context, NameOp op, std::string path, std::string target) {
    auto question = makeRef<NameNodeCall>();
    question->op = op;
    question->path = std::move(path);
    question->target = std::move(target);
    const Token token = m_next++;
    call(context, std::move(question), Asker::User, token);
    return token;
}

DfsClient::Token DfsClient::status(sim::Context& context, std::string path) {
    return ask(context, NameOp::Status, std::move(path));
}
DfsClient::Token DfsClient::list(sim::Context& context, std::string folder) {
    return ask(context, NameOp::List, std::move(folder));
}
DfsClient::Token DfsClient::makeFolder(sim::Context& context, std::string path) {
    return ask(context, NameOp::Mkdirs, std::move(path));
}
DfsClient::Token DfsClient::rename(sim::Context& context, std::string path, std::string target) {
    return ask(context, NameOp::Rename, std::move(path), std::move(target));
}
DfsClient::Token DfsClient::remove(sim::Context& context, std::string path) {
    return ask(context, NameOp::Remove, std::move(path));
}
DfsClient::Token DfsClient::recoverLease(sim::Context& context, std::string path) {
    return ask(context, NameOp::RecoverLease, std::move(path));
}
DfsClient::Token DfsClient::locations(sim::Context& context, std::string path, ByteCount offset, ByteCount length) {
    auto question = makeRef<NameNodeCall>();
    question->op = NameOp::Locations;
    question->path = std::move(path);
    question->offset = offset;
    question->length = length;
    const Token token = m_next++;
    call(context, std::move(question), Asker::User, token);
    return token;
}

bool DfsClient::handle(sim::Context& context, const sim::Message& message, std::vector<DfsEvent>& events) {
    if (const auto* timer = message.as<DfsTimer>()) {
        onTimer(context, *timer, events);
        return true;
    }
    if (const auto* alarm = message.as<WriterAlarm>()) {
        const auto writer = m_writers.find(alarm->writer);
        if (writer != m_writers.end()) {
            onPipe(context, alarm->writer, writer->second.pipe.due(context, *alarm), events);
        }
        return true;
    }
    const sim::ConnectionId connection = context.connection();
    if (connection == sim::noConnection) {
        return false;
    }
    if (m_nameNode.owns(connection)) {
        onNameNode(context, message, events);
        return true;
    }
    for (auto& [token, writer] : m_writers) {
        if (writer.pipe.owns(connection)) {
            onPipe(context, token, writer.pipe.read(context, message), events);
            return true;
        }
    }
    for (auto& [token, reader] : m_readers) {
        if (!reader.link.owns(connection)) {
            continue;
        }
        const sim::Link::News news = reader.link.read(context, message);
        if (news == sim::Link::News::Lost) {
            leaveNode(context, token, reader, events);
        } else if (const auto* packet = message.as<ReadPacket>()) {
            onReadPacket(context, token, reader, *packet, events);
        }
        return true;
    }
    return false;
}

void DfsClient::onNameNode(sim::Context& context, const sim::Message& message, std::vector<DfsEvent>& events) {
    switch (m_nameNode.read(context, message)) {
        case sim::Link::News::Opened:
            m_attempts = 0;
            for (const auto& [tag, call] : m_calls) {
                transmit(context, call);
            }
            break;
        case sim::Link::News::Lost:
            giveUpNameNode(context, events);
            break;
        case sim::Link::News::Message:
            if (const auto* reply = message.as<NameNodeReply>()) {
                onReply(context, *reply, events);
            }
            break;
        case sim::Link::News::None:
            break;
    }
}

/// The NameNode has not answered, or is gone: it is asked again for a while.
void DfsClient::giveUpNameNode(sim::Context& context, std::vector<DfsEvent>& events) {
    if (m_calls.empty()) {
        m_nameNode.close(context);
        return;
    }
    m_trouble = "the NameNode does not answer";
    if (++m_attempts <= m_cluster->hdfs.connectRetries) {
        m_nameNode.backOff(context, sim::Backoff::constant(std::chrono::seconds{1}),
                           [](std::uint64_t round) { return dfsTimer(DfsTimer::Purpose::Reconnect, 0, round); });
        return;
    }
    m_nameNode.close(context);
    m_attempts = 0;
    for (const auto& [tag, call] : std::exchange(m_calls, {})) {
        NameNodeReply none;
        none.tag = tag;
        none.error = DfsError::Unreachable;
        if (call.asker == Asker::Writer) {
            failWriter(context, call.token, DfsError::Unreachable, events);
        } else if (call.asker == Asker::Reader) {
            endReader(context, call.token, DfsError::Unreachable, events);
        } else if (call.asker == Asker::User) {
            DfsEvent& event = events.emplace_back();
            event.kind = DfsEvent::Kind::Failed;
            event.token = call.token;
            event.error = DfsError::Unreachable;
        }
    }
}

void DfsClient::onReply(sim::Context& context, const NameNodeReply& reply, std::vector<DfsEvent>& events) {
    (void)m_nameNode.answered(context, reply.tag);
    const auto found = m_calls.find(reply.tag);
    if (found == m_calls.end()) {
        return;
    }
    context.spend(cost::client);
    m_trouble = reply.error == DfsError::SafeMode ? "the NameNode is in safe mode" : std::string_view{};
    if (reply.error == DfsError::SafeMode) {
        context.waitFor(m_nameNode.connection(), safeModePause, dfsTimer(DfsTimer::Purpose::AskAgain, reply.tag));
        return;
    }
    const Call call = std::move(found->second);
    m_calls.erase(found);
    switch (call.asker) {
        case Asker::Writer:
            onWriterReply(context, call.token, reply, events);
            break;
        case Asker::Reader:
            onReaderReply(context, call.token, reply, events);
            break;
        case Asker::User: {
            DfsEvent& event = events.emplace_back();
            event.kind = reply.error == DfsError::None ? DfsEvent::Kind::Answered : DfsEvent::Kind::Failed;
            event.token = call.token;
            event.error = reply.error;
            event.files = reply.files;
            event.blocks = reply.blocks;
            event.length = reply.length;
            break;
        }
        case Asker::Nobody:
            break;
    }
}

void DfsClient::onTimer(sim::Context& context, const DfsTimer& timer, std::vector<DfsEvent>& events) {
    switch (timer.purpose) {
        case DfsTimer::Purpose::Reconnect:
            if (m_nameNode.due(timer.round) == sim::Link::Due::Reconnect) {
                connect(context);
            }
            break;
        case DfsTimer::Purpose::NameNodeSilent:
            if (m_nameNode.isOverdue(context, [](std::uint64_t round) {
                    return dfsTimer(DfsTimer::Purpose::NameNodeSilent, 0, round);
                })) {
                m_nameNode.close(context);
                giveUpNameNode(context, events);
            }
            break;
        case DfsTimer::Purpose::AskAgain:
            if (const auto call = m_calls.find(timer.token); call != m_calls.end() && m_nameNode.isOpen()) {
                transmit(context, call->second);
            } else if (m_nameNode.isClosed()) {
                connect(context);
            }
            break;
        case DfsTimer::Purpose::WriteAgain:
            if (const auto writer = m_writers.find(timer.token); writer != m_writers.end()) {
                pump(context, timer.token, writer->second, events);
            }
            break;
        case DfsTimer::Purpose::LocateAgain:
            if (const auto reader = m_readers.find(timer.token); reader != m_readers.end()) {
                locate(context, timer.token, reader->second);
            }
            break;
        case DfsTimer::Purpose::ReaderSilent:
            if (const auto reader = m_readers.find(timer.token);
                reader != m_readers.end() && reader->second.link.connection().value == timer.round) {
                const SimDuration silent = context.now() - reader->second.link.heardAt();
                if (silent >= m_cluster->hdfs.socketTimeout) {
                    leaveNode(context, timer.token, reader->second, events);
                } else {
                    reader->second.link.watchSilence(context, m_cluster->hdfs.socketTimeout - silent,
                                                     dfsTimer(timer.purpose, timer.token, timer.round));
                }
            }
            break;
        case DfsTimer::Purpose::Renew:
            m_isRenewing = !m_writers.empty();
            for (auto& [token, writer] : m_writers) {
                writer.pipe.keepAlive(context);
            }
            if (m_isRenewing) {
                auto renewal = makeRef<NameNodeCall>();
                renewal->op = NameOp::RenewLease;
                renewal->client = m_name;
                call(context, std::move(renewal), Asker::Nobody, 0);
                context.arm(HdfsConfig::renewEvery, dfsTimer(DfsTimer::Purpose::Renew));
            }
            break;
    }
}

// --- writing --------------------------------------------------------------------------------------------------------

DfsClient::Token DfsClient::create(sim::Context& context, std::string path, WriteOptions options) {
    const Token token = m_next++;
    Writer& writer = m_writers[token];
    writer.path = std::move(path);
    writer.options = options;
    if (writer.options.replication == 0) {
        writer.options.replication = m_cluster->hdfs.replication;
    }
    if (writer.options.blockSize == 0) {
        writer.options.blockSize = m_cluster->hdfs.blockSize;
    }
    writer.pipe = BlockWriter(token);
    askForWriter(context, token, writer, NameOp::Create);
    if (!m_isRenewing) {
        m_isRenewing = true;
        context.arm(HdfsConfig::renewEvery, dfsTimer(DfsTimer::Purpose::Renew));
    }
    return token;
}

void DfsClient::append(sim::Context& context, Token token, Slice data) {
    const auto writer = m_writers.find(token);
    if (writer == m_writers.end() || data.empty()) {
        return;
    }
    writer->second.waitingBytes += static_cast<ByteCount>(data.size());
    writer->second.waiting.push_back(std::move(data));
    std::vector<DfsEvent> none;
    pump(context, token, writer->second, none);
}

void DfsClient::flush(sim::Context& context, Token token) {
    if (const auto writer = m_writers.find(token); writer != m_writers.end()) {
        writer->second.isFlushing = true;
        retryLater(context, token, SimDuration{0});
    }
}

void DfsClient::close(sim::Context& context, Token token) {
    if (const auto writer = m_writers.find(token); writer != m_writers.end()) {
        writer->second.isClosing = true;
        std::vector<DfsEvent> none;
        pump(context, token, writer->second, none);
    }
}

ByteCount DfsClient::unsent(Token token) const {
    const auto writer = m_writers.find(token);
    return writer != m_writers.end() ? writer->second.waitingBytes : 0;
}

void DfsClient::askForWriter(sim::Context& context, Token token, Writer& writer, NameOp op) {
    auto question = makeRef<NameNodeCall>();
    question->op = op;
    question->client = m_name;
    question->path = writer.path;
    question->index = writer.index;
    question->block = writer.block.block;
    question->replication = writer.options.replication;
    question->blockSize = writer.options.blockSize;
    question->overwrites = writer.options.overwrites;
    question->nodes = op == NameOp::RecoverBlock ? writer.block.nodes : writer.excluded;
    call(context, std::move(question), Asker::Writer, token);
}

void DfsClient::pump(sim::Context& context, Token token, Writer& writer, std::vector<DfsEvent>& events) {
    using State = Writer::State;
    if (writer.state == State::Idle) {
        if (!writer.waiting.empty()) {
            writer.state = State::AddingBlock;
            askForWriter(context, token, writer, NameOp::AddBlock);
        } else if (writer.isClosing) {
            writer.state = State::Completing;
            askForWriter(context, token, writer, NameOp::Complete);
        }
    } else if (writer.state == State::Streaming) {
        stream(context, writer);
    }
    if (writer.isFlushing && writer.waiting.empty() && writer.again.empty() &&
        (writer.state == State::Idle || (writer.state == State::Streaming && writer.pipe.isIdle()))) {
        writer.isFlushing = false;
        events.push_back({DfsEvent::Kind::Flushed, token, DfsError::None, {}, {}, {}, 0});
    }
}

void DfsClient::stream(sim::Context& context, Writer& writer) {
    const auto charge = [&](ByteCount bytes) { context.spend(cost::packet + cost::packetKibibyte * (bytes / 1024)); };
    while (writer.pipe.hasRoom() && writer.state == Writer::State::Streaming) {
        if (!writer.again.empty()) {
            BlockChunkRef chunk = std::move(writer.again.front());
            writer.again.pop_front();
            if (!chunk) {
                writer.state = Writer::State::Ending;
            }
            writer.pipe.send(context, std::move(chunk));
            continue;
        }
        const ByteCount room = writer.options.blockSize - writer.inBlock;
        if (room == 0 || (writer.waiting.empty() && writer.isClosing)) {
            writer.state = Writer::State::Ending;
            writer.pipe.send(context, nullptr);
        } else if (writer.waiting.empty()) {
            return;
        } else {
            Slice& first = writer.waiting.front();
            const auto size = static_cast<std::size_t>(std::min(room, m_cluster->hdfs.packetSize));
            Slice data = first.part(0, size);
            first.from += data.size();
            if (first.empty()) {
                writer.waiting.pop_front();
            }
            const auto bytes = static_cast<ByteCount>(data.size());
            writer.inBlock += bytes;
            writer.waitingBytes -= bytes;
            m_bytesWritten += bytes;
            charge(bytes);
            writer.pipe.send(context, makeRef<BlockChunk>(std::move(data)));
        }
    }
}

void DfsClient::retryLater(sim::Context& context, Token token, SimDuration pause) {
    context.arm(pause, dfsTimer(DfsTimer::Purpose::WriteAgain, token));
}

void DfsClient::onWriterReply(sim::Context& context, Token token, const NameNodeReply& reply,
                              std::vector<DfsEvent>& events) {
    using State = Writer::State;
    const auto found = m_writers.find(token);
    if (found == m_writers.end()) {
        return;
    }
    Writer& writer = found->second;
    if (reply.error == DfsError::NotReplicatedYet || reply.error == DfsError::NoTargets) {
        const std::uint32_t most =
            reply.error == DfsError::NoTargets ? m_cluster->hdfs.blockWriteRetries : replicationTries;
        if (writer.tries++ >= most) {
            failWriter(context, token, reply.error, events);
            return;
        }
        writer.state = State::Idle;
        retryLater(context, token, replicationPause * (reply.error == DfsError::NoTargets ? 5 : 1));
        return;
    }
    if (reply.error != DfsError::None) {
        failWriter(context, token, reply.error, events);
        return;
    }
    switch (writer.state) {
        case State::Creating:
        case State::Abandoning:
            writer.state = State::Idle;
            pump(context, token, writer, events);
            break;
        case State::AddingBlock:
        case State::Recovering: {
            const bool isRecovery = writer.state == State::Recovering;
            writer.block = reply.blocks.front();
            writer.wasReady = isRecovery;
            const ByteCount kept = isRecovery ? writer.pipe.ackedBytes() : 0;
            writer.inBlock = isRecovery ? writer.inBlock : 0;
            writer.state = State::Opening;
            writer.pipe.open(context, *m_cluster, writer.block.block, writer.block.nodes, isRecovery, kept);
            break;
        }
        case State::Completing:
            m_writers.erase(found);
            events.push_back({DfsEvent::Kind::Closed, token, DfsError::None, {}, {}, {}, 0});
            break;
        case State::Idle:
        case State::Opening:
        case State::Streaming:
        case State::Ending:
            break;
    }
}

void DfsClient::onPipe(sim::Context& context, Token token, BlockWriter::News news, std::vector<DfsEvent>& events) {
    Writer& writer = m_writers.at(token);
    switch (news) {
        case BlockWriter::News::None:
            return;
        case BlockWriter::News::Ready:
            writer.state = Writer::State::Streaming;
            writer.wasReady = true;
            writer.tries = 0;
            break;
        case BlockWriter::News::Acked:
            break;
        case BlockWriter::News::Done:
            ++writer.index;
            writer.state = Writer::State::Idle;
            writer.excluded.clear();
            writer.tries = 0;
            break;
        case BlockWriter::News::Failed:
            mend(context, token, writer, events);
            return;
    }
    pump(context, token, writer, events);
}

/// A pipeline that was never ready is begun anew elsewhere; one that broke goes on with the DataNodes that are left.
void DfsClient::mend(sim::Context& context, Token token, Writer& writer, std::vector<DfsEvent>& events) {
    const NodeIndex bad = writer.pipe.bad();
    context.journal({"hadoop.pipeline-broken",
                     sim::Severity::Notice,
                     fmt::format("DataNode {} has left the pipeline of block {} of {}", m_cluster->dataNodes[bad].name,
                                 writer.block.block.id, writer.path),
                     {{"datanode", m_cluster->dataNodes[bad].name}, {"path", writer.path}}});
    if (!writer.wasReady) {
        writer.excluded.push_back(bad);
        if (writer.tries++ >= m_cluster->hdfs.blockWriteRetries) {
            failWriter(context, token, DfsError::Pipeline, events);
            return;
        }
        writer.state = Writer::State::Abandoning;
        askForWriter(context, token, writer, NameOp::AbandonBlock);
        return;
    }
    std::deque<BlockChunkRef> unacked = writer.pipe.takeUnacked();
    unacked.insert(unacked.end(), writer.again.begin(), writer.again.end());
    writer.again = std::move(unacked);
    std::erase(writer.block.nodes, bad);
    if (writer.block.nodes.empty()) {
        failWriter(context, token, DfsError::Pipeline, events);
        return;
    }
    writer.state = Writer::State::Recovering;
    askForWriter(context, token, writer, NameOp::RecoverBlock);
}

void DfsClient::failWriter(sim::Context& context, Token token, DfsError error, std::vector<DfsEvent>& events) {
    const auto writer = m_writers.find(token);
    if (writer == m_writers.end()) {
        return;
    }
    writer->second.pipe.close(context);
    m_writers.erase(writer);
    events.push_back({DfsEvent::Kind::Failed, token, error, {}, {}, {}, 0});
}

// --- reading --------------------------------------------------------------------------------------------------------

DfsClient::Token DfsClient::read(sim::Context& context, std::string path, ByteCount from, ByteCount to) {
    const Token token = m_next++;
    Reader& reader = m_readers[token];
    reader.path = std::move(path);
    reader.at = from;
    reader.to = to;
    locate(context, token, reader);
    return token;
}

void DfsClient::stop(sim::Context& context, Token token) {
    if (const auto reader = m_readers.find(token); reader != m_readers.end()) {
        reader->second.link.close(context);
        m_readers.erase(reader);
    }
}

void DfsClient::locate(sim::Context& context, Token token, const Reader& reader) {
    constexpr ByteCount blocksAhead = 10;
    auto question = makeRef<NameNodeCall>();
    question->op = NameOp::Locations;
    question->path = reader.path;
    question->offset = reader.at;
    question->length = std::min(reader.to - reader.at, blocksAhead * m_cluster->hdfs.blockSize);
    call(context, std::move(question), Asker::Reader, token);
}

void DfsClient::onReaderReply(sim::Context& context, Token token, const NameNodeReply& reply,
                              std::vector<DfsEvent>& events) {
    const auto found = m_readers.find(token);
    if (found == m_readers.end()) {
        return;
    }
    if (reply.error != DfsError::None) {
        endReader(context, token, reply.error, events);
        return;
    }
    Reader& reader = found->second;
    reader.blocks = reply.blocks;
    reader.length = reply.length;
    reader.isToldLength = true;
    readOn(context, token, reader, events);
}

/// From the nearest replica of the block that comes next.
void DfsClient::readOn(sim::Context& context, Token token, Reader& reader, std::vector<DfsEvent>& events) {
    const auto holds = [&](const LocatedBlock& each) {
        return reader.at >= each.offset && (each.isOpen || reader.at < each.offset + each.block.length);
    };
    const auto block = std::find_if(reader.blocks.begin(), reader.blocks.end(), holds);
    if (reader.at >= reader.to || (block == reader.blocks.end() && reader.at >= reader.length)) {
        endReader(context, token, DfsError::None, events);
        return;
    }
    if (block == reader.blocks.end()) {
        locate(context, token, reader);
        return;
    }
    reader.block = static_cast<std::size_t>(block - reader.blocks.begin());
    const auto node = std::find_if(block->nodes.begin(), block->nodes.end(), [&](NodeIndex each) {
        return std::find(reader.dead.begin(), reader.dead.end(), each) == reader.dead.end();
    });
    if (node == block->nodes.end()) {
        if (reader.failures++ >= m_cluster->hdfs.acquireFailures) {
            endReader(context, token, DfsError::BlockMissing, events);
            return;
        }
        reader.dead.clear();
        context.arm(std::chrono::seconds{3}, dfsTimer(DfsTimer::Purpose::LocateAgain, token));
        return;
    }
    reader.node = *node;
    const DaemonAddress& address = m_cluster->dataNodes[*node];
    reader.link.open(context, address.host, address.port, m_cluster->hdfs.socketTimeout);
    auto request = makeRef<ReadBlock>();
    request->block = block->block;
    request->from = reader.at - block->offset;
    request->to = block->isOpen ? reader.to - block->offset : std::min(reader.to - block->offset, block->block.length);
    reader.link.transmit(context, std::move(request));
    reader.link.watchSilence(context, m_cluster->hdfs.socketTimeout,
                             dfsTimer(DfsTimer::Purpose::ReaderSilent, token, reader.link.connection().value));
}

void DfsClient::leaveNode(sim::Context& context, Token token, Reader& reader, std::vector<DfsEvent>& events) {
    reader.dead.push_back(reader.node);
    reader.link.close(context);
    readOn(context, token, reader, events);
}

void DfsClient::onReadPacket(sim::Context& context, Token token, Reader& reader, const ReadPacket& packet,
                             std::vector<DfsEvent>& events) {
    const LocatedBlock& block = reader.blocks[reader.block];
    if (packet.isMissing) {
        leaveNode(context, token, reader, events);
        return;
    }
    if (packet.chunk) {
        context.spend(cost::packet + cost::packetKibibyte * ((packet.to - packet.from) / 1024));
        if (!packet.chunk->isIntact()) {
            auto report = makeRef<NameNodeCall>();
            report->op = NameOp::ReportBadBlock;
            report->block = block.block;
            report->nodes = {reader.node};
            call(context, std::move(report), Asker::Nobody, 0);
            leaveNode(context, token, reader, events);
            return;
        }
        DfsEvent& event = events.emplace_back();
        event.kind = DfsEvent::Kind::Data;
        event.token = token;
        event.data = packet.chunk->data().part(packet.from, packet.to - packet.from);
        reader.at += packet.to - packet.from;
        reader.failures = 0;
        m_bytesRead += packet.to - packet.from;
    }
    if (packet.isLast) {
        const bool isAllOfOpen = block.isOpen;
        reader.link.close(context);
        if (isAllOfOpen) {
            endReader(context, token, DfsError::None, events);
        } else {
            readOn(context, token, reader, events);
        }
    }
}

void DfsClient::endReader(sim::Context& context, Token token, DfsError error, std::vector<DfsEvent>& events) {
    const auto reader = m_readers.find(token);
    if (reader == m_readers.end()) {
        return;
    }
    reader->second.link.close(context);
    const ByteCount length = reader->second.length;
    m_readers.erase(reader);
    DfsEvent& event = events.emplace_back();
    event.kind = error == DfsError::None ? DfsEvent::Kind::End : DfsEvent::Kind::Failed;
    event.token = token;
    event.error = error;
    event.length = length;
}

}  // namespace millrace::hadoop
