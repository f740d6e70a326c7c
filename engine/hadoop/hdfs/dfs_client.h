#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/hadoop/cluster.h"
#include "engine/hadoop/hdfs/block_writer.h"
#include "engine/hadoop/hdfs/protocol.h"
#include "engine/sim/link.h"

namespace millrace::hadoop {

/// What became of something that a DfsClient was asked.
struct DfsEvent {
    enum class Kind : std::uint8_t {
        Answered,  ///< a question: `files`, `blocks`
        Data,      ///< of a read, in order
        End,       ///< of a read
        Flushed,   ///< all that was appended before is kept by all DataNodes of the pipeline
        Closed,    ///< the file is complete
        Failed
    };
    Kind kind = Kind::Answered;
    std::uint64_t token = 0;
    DfsError error = DfsError::None;
    Slice data;
    std::vector<FileStatus> files;
    std::vector<LocatedBlock> blocks;
    ByteCount length = 0;
};

/// How a file is written.
struct WriteOptions {
    std::uint32_t replication = 0;  ///< 0: the cluster's
    ByteCount blockSize = 0;        ///< 0: the cluster's
    bool overwrites = false;
};

/// The library of whoever uses HDFS: a value in the state of an actor, which hands it the messages that it gets.
///
///     m_dfs.start(context, cluster, "my-program");
///     m_token = m_dfs.create(context, "/out/part-0");
///     m_dfs.append(context, m_token, Slice(bytes));
///     m_dfs.close(context, m_token);
///     ...
///     std::vector<DfsEvent> events;
///     if (m_dfs.handle(context, message, events)) { for (const DfsEvent& event : events) ... }
///
/// It reads from the nearest replica and goes to the next one when that is damaged, silent or gone. It writes through
/// pipelines and mends them: with the DataNodes that are left when one dies, with others when none was ready. It waits
/// for a NameNode in safe mode, as scripts do with `dfsadmin -safemode wait`; one that does not answer it asks
/// `ipc.client.connect.max.retries` times, a second apart. Source: Hadoop 1.2, DFSClient.
class DfsClient {
public:
    using Token = std::uint64_t;
    static constexpr ByteCount toEnd = std::int64_t{1} << 60U;

    void start(sim::Context& context, ClusterRef cluster, std::string name);

    // --- questions and changes, each answered by Answered or Failed
    Token status(sim::Context& context, std::string path);
    Token list(sim::Context& context, std::string folder);
    Token locations(sim::Context& context, std::string path, ByteCount offset = 0, ByteCount length = toEnd);
    Token makeFolder(sim::Context& context, std::string path);
    Token rename(sim::Context& context, std::string path, std::string target);
    Token remove(sim::Context& context, std::string path);
    /// Takes a file from a writer that is gone, so that it can be read to its end.
    Token recoverLease(sim::Context& context, std::string path);

    // --- reading: Data, Data, ..., End, or Failed
    Token read(sim::Context& context, std::string path, ByteCount from = 0, ByteCount to = toEnd);
    void stop(sim::Context& context, Token token);

    // --- writing: Closed after `close`, Flushed after `flush`, or Failed
    Token create(sim::Context& context, std::string path, WriteOptions options = {});
    void append(sim::Context& context, Token token, Slice data);
    void flush(sim::Context& context, Token token);
    void close(sim::Context& context, Token token);
    /// What was appended and has not been sent yet.
    [[nodiscard]] ByteCount unsent(Token token) const;

    /// Whether the message was for it; what follows from it is added to the events.
    bool handle(sim::Context& context, const sim::Message& message, std::vector<DfsEvent>& events);

    /// What its calls wait for, in words: the NameNode does not answer, or is in safe mode; empty when nothing is
    /// wrong.
    [[nodiscard]] std::string_view trouble() const { return m_trouble; }
    [[nodiscard]] bool isIdle() const { return m_writers.empty() && m_readers.empty() && m_calls.empty(); }
    [[nodiscard]] ByteCount bytesRead() const { return m_bytesRead; }
    [[nodiscard]] ByteCount bytesWritten() const { return m_bytesWritten; }

private:
    enum class Asker : std::uint8_t { User, Writer, Reader, Nobody };
    struct Call {
        Ref<const NameNodeCall> call;
        Asker asker = Asker::User;
        Token token = 0;
    };
    struct Writer {
        enum class State : std::uint8_t {
            Creating,
            Idle,
            AddingBlock,
            Opening,
            Streaming,
            Ending,
            Abandoning,
            Recovering,
            Completing
        };
        std::string path;
        WriteOptions options;
        State state = State::Creating;
        std::deque<Slice> waiting;
        ByteCount waitingBytes = 0;
        bool isClosing = false;
        bool isFlushing = false;
        std::uint32_t index = 0;  ///< of the block in its file
        LocatedBlock block;
        BlockWriter pipe;
        bool wasReady = false;  ///< the block's pipeline had been made
        ByteCount inBlock = 0;
        std::deque<BlockChunkRef> again;  ///< of a broken pipeline
        std::vector<NodeIndex> excluded;
        std::uint32_t tries = 0;
    };
    struct Reader {
        std::string path;
        ByteCount at = 0;
        ByteCount to = 0;
        std::vector<LocatedBlock> blocks;
        bool isToldLength = false;
        ByteCount length = 0;
        sim::Link link{sim::LinkWatch::FirstOfConnection};
        NodeIndex node = noNode;
        std::size_t block = 0;
        std::uint32_t failures = 0;
        std::vector<NodeIndex> dead;
    };

    Token ask(sim::Context& context, NameOp op, std::string path, std::string target = {});
    void call(sim::Context& context, Ref<NameNodeCall> call, Asker asker, Token token);
    void transmit(sim::Context& context, const Call& call);
    void connect(sim::Context& context);
    void onNameNode(sim::Context& context, const sim::Message& message, std::vector<DfsEvent>& events);
    void onReply(sim::Context& context, const NameNodeReply& reply, std::vector<DfsEvent>& events);
    void onTimer(sim::Context& context, const struct DfsTimer& timer, std::vector<DfsEvent>& events);
    void giveUpNameNode(sim::Context& context, std::vector<DfsEvent>& events);

    void pump(sim::Context& context, Token token, Writer& writer, std::vector<DfsEvent>& events);
    void stream(sim::Context& context, Writer& writer);
    void askForWriter(sim::Context& context, Token token, Writer& writer, NameOp op);
    void onWriterReply(sim::Context& context, Token token, const NameNodeReply& reply, std::vector<DfsEvent>& events);
    void onPipe(sim::Context& context, Token token, BlockWriter::News news, std::vector<DfsEvent>& events);
    void mend(sim::Context& context, Token token, Writer& writer, std::vector<DfsEvent>& events);
    void retryLater(sim::Context& context, Token token, SimDuration pause);
    void failWriter(sim::Context& context, Token token, DfsError error, std::vector<DfsEvent>& events);

    void locate(sim::Context& context, Token token, const Reader& reader);
    void onReaderReply(sim::Context& context, Token token, const NameNodeReply& reply, std::vector<DfsEvent>& events);
    void readOn(sim::Context& context, Token token, Reader& reader, std::vector<DfsEvent>& events);
    void onReadPacket(sim::Context& context, Token token, Reader& reader, const ReadPacket& packet,
                      std::vector<DfsEvent>& events);
    void leaveNode(sim::Context& context, Token token, Reader& reader, std::vector<DfsEvent>& events);
    void endReader(sim::Context& context, Token token, DfsError error, std::vector<DfsEvent>& events);

    ClusterRef m_cluster;
    std::string m_name;
    sim::Link m_nameNode{sim::LinkWatch::First};
    std::uint32_t m_attempts = 0;
    std::string_view m_trouble;
    Token m_next = 1;
    std::map<std::uint64_t, Call> m_calls;  ///< by tag, in the order of asking
    std::map<Token, Writer> m_writers;
    std::map<Token, Reader> m_readers;
    bool m_isRenewing = false;
    ByteCount m_bytesRead = 0;
    ByteCount m_bytesWritten = 0;
};

}  // namespace millrace::hadoop
