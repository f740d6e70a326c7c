#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/strong.h"
#include "engine/hadoop/cluster.h"

namespace millrace::hadoop {

/// A block by its number; the generation rises with each recovery, so that replicas left behind are known.
struct Block {
    std::uint64_t id = 0;
    std::uint64_t generation = 0;
    ByteCount length = 0;

    void digest(Digest& digest) const {
        digest.add(id);
        digest.add(generation);
        digest.add(length);
    }
    friend bool operator==(const Block&, const Block&) = default;
};

/// A block of a file and who has it, nearest first.
struct LocatedBlock {
    Block block;
    ByteCount offset = 0;  ///< in the file
    bool isOpen = false;   ///< being written: a reader takes what is there
    std::vector<NodeIndex> nodes;

    void digest(Digest& digest) const {
        block.digest(digest);
        digest.add(offset);
        for (const NodeIndex node : nodes) {
            digest.add(node);
        }
    }
};

struct FileStatus {
    std::string path;
    bool isDirectory = false;
    bool isOpen = false;
    ByteCount length = 0;
    std::uint32_t replication = 0;
    ByteCount blockSize = 0;
};

/// Why HDFS did not do it, in the words of its exceptions.
enum class DfsError : std::uint8_t {
    None,
    NotFound,
    AlreadyExists,
    AlreadyBeingCreated,
    LeaseExpired,
    SafeMode,
    NotReplicatedYet,
    NoTargets,     ///< could only be replicated to 0 nodes
    BlockMissing,  ///< no live replica could be read
    Pipeline,      ///< all DataNodes of a pipeline are bad
    Unreachable    ///< the NameNode does not answer
};
[[nodiscard]] std::string_view reasonOf(DfsError error);

/// The folder that holds a path: "/a" for "/a/b", "/" for "/a".
[[nodiscard]] std::string parentOf(std::string_view path);

}  // namespace millrace::hadoop
