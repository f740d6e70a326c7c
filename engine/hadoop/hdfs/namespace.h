#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/shared_log.h"
#include "engine/base/shared_map.h"
#include "engine/hadoop/hdfs/types.h"
#include "engine/sim/disk.h"

namespace millrace::hadoop {

/// A change of the namespace as the edit log keeps it. The image says which of them it has.
struct Edit {
    enum class Kind : std::uint8_t { Mkdirs, Create, AddBlock, AbandonBlock, SetBlock, Close, Rename, Remove, Lease };
    Kind kind = Kind::Mkdirs;
    std::string path = {};
    std::string target = {};
    std::string client = {};
    Block block = {};
    std::uint32_t replication = 0;
    ByteCount blockSize = 0;

    void digest(Digest& digest) const;
};

class EditChunk final : public sim::Chunk {
public:
    explicit EditChunk(Edit edit) : m_edit(std::move(edit)) {}
    [[nodiscard]] ByteCount size() const override {
        return static_cast<ByteCount>(60 + m_edit.path.size() + m_edit.target.size() + m_edit.client.size());
    }
    [[nodiscard]] std::uint64_t digest() const override;
    [[nodiscard]] const Edit& edit() const { return m_edit; }

private:
    Edit m_edit;
};

struct FileNode final : Counted {
    bool isDirectory = false;
    std::uint32_t replication = 0;
    ByteCount blockSize = 0;
    std::string writer;  ///< the client that has the lease; empty: the file is closed
    SharedLog<Block, 32> blocks;

    [[nodiscard]] bool isOpen() const { return !writer.empty(); }
    [[nodiscard]] ByteCount length() const;
};

/// Folders and files with their blocks: what the image and the edit log keep. Copying is cheap, so an image is a copy.
/// Where the replicas are is not in it: DataNodes report that.
class Namespace {
public:
    Namespace();

    [[nodiscard]] const FileNode* find(std::string_view path) const;
    [[nodiscard]] const SharedMap<std::string, Ref<FileNode>>& nodes() const { return m_nodes; }
    [[nodiscard]] std::vector<std::string> childrenOf(std::string_view folder) const;
    /// Files and folders below it, itself included.
    [[nodiscard]] std::vector<std::string> allBelow(std::string_view path) const;
    [[nodiscard]] FileStatus statusOf(const std::string& path, const FileNode& node) const;
    [[nodiscard]] std::uint64_t nextBlock() const { return m_nextBlock; }
    [[nodiscard]] std::uint64_t nextGeneration() const { return m_nextGeneration; }
    [[nodiscard]] std::uint64_t fileCount() const { return m_files; }
    [[nodiscard]] std::uint64_t blockCount() const { return m_blocks; }

    void apply(const Edit& edit);

private:
    [[nodiscard]] FileNode& edit(const std::string& path) { return writable(m_nodes[path]); }
    void put(const std::string& path, Ref<FileNode> node);
    void makeFolders(const std::string& path);

    SharedMap<std::string, Ref<FileNode>> m_nodes;  // by full path
    std::uint64_t m_nextBlock = 1;
    std::uint64_t m_nextGeneration = 1;
    std::uint64_t m_files = 0;
    std::uint64_t m_blocks = 0;
};

class ImageChunk final : public sim::Chunk {
public:
    explicit ImageChunk(Namespace space) : m_space(std::move(space)) {}
    [[nodiscard]] ByteCount size() const override {
        return static_cast<ByteCount>(100 + 150 * (m_space.nodes().size() + m_space.blockCount()));
    }
    [[nodiscard]] std::uint64_t digest() const override {
        return m_space.nextGeneration() << 32U | m_space.nextBlock();
    }
    [[nodiscard]] const Namespace& space() const { return m_space; }

private:
    Namespace m_space;
};

}  // namespace millrace::hadoop
