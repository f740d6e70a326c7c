#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/sim/context.h"
#include "engine/sim/link.h"
#include "engine/spark/core/hdfs_storage.h"
#include "engine/spark/core/messages.h"

namespace millrace::spark {

/// Rows as a file: a partition of a checkpoint, a segment of the write-ahead log.
class RowsChunk final : public sim::Chunk {
public:
    explicit RowsChunk(RowsRef rows) : m_rows(std::move(rows)) {}
    [[nodiscard]] ByteCount size() const override { return m_rows->bytes() + 64; }
    [[nodiscard]] std::uint64_t digest() const override { return m_rows->digest(); }
    [[nodiscard]] const RowsRef& rows() const { return m_rows; }

private:
    RowsRef m_rows;
};

struct StoreFile final : sim::MessageBase<StoreFile> {
    static constexpr std::string_view Name = "spark.StoreFile";
    std::uint64_t request = 0;
    std::string file;
    RowsRef rows;
    [[nodiscard]] ByteCount wireSize() const override { return 120 + rows->bytes(); }
    void digest(Digest& digest) const override {
        digest.add(request);
        digest.add(std::string_view{file});
        digest.add(rows->digest());
    }
};

struct FileStored final : sim::MessageBase<FileStored> {
    static constexpr std::string_view Name = "spark.FileStored";
    std::uint64_t request = 0;
    bool isStored = true;
    FileStored(std::uint64_t number, bool stored) : request(number), isStored(stored) {}
    void digest(Digest& digest) const override {
        digest.add(request);
        digest.add(isStored);
    }
};

struct ReadFile final : sim::MessageBase<ReadFile> {
    static constexpr std::string_view Name = "spark.ReadFile";
    std::uint64_t request = 0;
    std::string file;
    ReadFile(std::uint64_t number, std::string which) : request(number), file(std::move(which)) {}
    void digest(Digest& digest) const override {
        digest.add(request);
        digest.add(std::string_view{file});
    }
};

struct FileContent final : sim::MessageBase<FileContent> {
    static constexpr std::string_view Name = "spark.FileContent";
    std::uint64_t request = 0;
    RowsRef rows;  ///< null: there is none of that name
    FileContent(std::uint64_t number, RowsRef what) : request(number), rows(std::move(what)) {}
    [[nodiscard]] ByteCount wireSize() const override { return 100 + (rows ? rows->bytes() : 0); }
    void digest(Digest& digest) const override {
        digest.add(request);
        digest.add(rows ? rows->digest() : 0);
    }
};

/// The reliable file system that checkpoints and write-ahead logs go to, as an application's processes see it: one
/// value that writes and reads whole files. What stands behind it is HDFS, or the disk of the driver's host, through an
/// actor of the driver's process (`makeStorageActor`).
class StorageClient {
public:
    struct Outcome {
        struct Written {
            std::uint64_t token = 0;
            bool isStored = false;
        };
        struct Read {
            std::uint64_t token = 0;
            RowsRef rows;
        };
        std::vector<Written> written;
        std::vector<Read> read;
    };

    StorageClient() = default;
    explicit StorageClient(SparkAddress where) : m_where(where) {}
    explicit StorageClient(HdfsStorage hdfs) : m_hdfs(std::move(hdfs)) {}

    void write(sim::Context& context, std::string file, RowsRef rows, std::uint64_t token);
    void read(sim::Context& context, std::string file, std::uint64_t token);
    /// True when the message was the client's.
    bool handle(sim::Context& context, const sim::Message& message, Outcome& outcome);

private:
    void open(sim::Context& context);
    std::optional<HdfsStorage> m_hdfs;
    SparkAddress m_where;
    sim::Link m_link;
    struct Asked {
        std::uint64_t request = 0;
        std::uint64_t token = 0;
        bool isWrite = false;
    };
    std::vector<Asked> m_asked;
    std::uint64_t m_next = 1;
};

[[nodiscard]] Ref<sim::Actor> makeStorageActor(sim::Port port);

[[nodiscard]] std::string checkpointFile(RddId rdd, Partition partition);
[[nodiscard]] std::string logFile(StreamId stream, std::int64_t block);

}  // namespace millrace::spark
