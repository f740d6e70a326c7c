#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/hadoop/hdfs/types.h"
#include "engine/hadoop/slice.h"
#include "engine/sim/message.h"

/// What HDFS's processes tell each other: ClientProtocol and DatanodeProtocol by RPC, blocks by packets over
/// connections of their own. Sizes on the wire are those of Hadoop's RPC (a method's name and its Writables).
namespace millrace::hadoop {

// --- clients and the NameNode ---------------------------------------------------------------------------------------

enum class NameOp : std::uint8_t {
    Create,
    AddBlock,
    AbandonBlock,
    RecoverBlock,  ///< a new generation for a block whose pipeline broke
    Complete,
    RenewLease,
    RecoverLease,  ///< take the file from a writer that is gone
    Locations,
    Status,
    List,
    Mkdirs,
    Rename,
    Remove,
    ReportBadBlock
};

/// Each may be asked again when the answer was lost: what stands already is answered like what is done.
struct NameNodeCall final : sim::MessageBase<NameNodeCall> {
    static constexpr std::string_view Name = "hadoop.NameNodeCall";
    NameOp op = NameOp::Status;
    std::uint64_t tag = 0;
    std::string client;
    std::string path;
    std::string target;       ///< of a rename
    Block block;              ///< of what concerns one
    std::uint32_t index = 0;  ///< of a new block in its file
    std::uint32_t replication = 0;
    ByteCount blockSize = 0;
    ByteCount offset = 0;
    ByteCount length = 0;
    bool overwrites = false;
    std::vector<NodeIndex> nodes;  ///< to be left out, or that are left

    [[nodiscard]] ByteCount wireSize() const override {
        return static_cast<ByteCount>(120 + path.size() + target.size() + client.size() + 32 * nodes.size());
    }
    void digest(Digest& digest) const override {
        digest.add(static_cast<std::uint32_t>(op));
        digest.add(tag);
        digest.add(client);
        digest.add(path);
        digest.add(target);
        block.digest(digest);
        digest.add(index);
        digest.add(replication);
        digest.add(blockSize);
        digest.add(offset);
        digest.add(length);
        digest.add(overwrites);
        for (const NodeIndex node : nodes) {
            digest.add(node);
        }
    }
};

struct NameNodeReply final : sim::MessageBase<NameNodeReply> {
    static constexpr std::string_view Name = "hadoop.NameNodeReply";
    std::uint64_t tag = 0;
    DfsError error = DfsError::None;
    std::vector<LocatedBlock> blocks;
    std::vector<FileStatus> files;
    ByteCount length = 0;

    [[nodiscard]] ByteCount wireSize() const override {
        return static_cast<ByteCount>(60 + 120 * blocks.size() + 100 * files.size());
    }
    void digest(Digest& digest) const override {
        digest.add(tag);
        digest.add(static_cast<std::uint32_t>(error));
        digest.add(length);
        for (const LocatedBlock& each : blocks) {
            each.digest(digest);
        }
        for (const FileStatus& each : files) {
            digest.add(each.path);
            digest.add(each.length);
        }
    }
};

// --- DataNodes and the NameNode -------------------------------------------------------------------------------------

struct Registration final : sim::MessageBase<Registration> {
    static constexpr std::string_view Name = "hadoop.Registration";
    NodeIndex node;
    explicit Registration(NodeIndex who) : node(who) {}
    void digest(Digest& digest) const override { digest.add(node); }
};

struct DataHeartbeat final : sim::MessageBase<DataHeartbeat> {
    static constexpr std::string_view Name = "hadoop.DataHeartbeat";
    NodeIndex node = 0;
    ByteCount capacity = 0;
    ByteCount used = 0;
    ByteCount remaining = 0;
    std::uint32_t transfers = 0;  ///< blocks that are being read and written there
    std::uint32_t copies = 0;     ///< of them, those that the NameNode has had copied
    [[nodiscard]] ByteCount wireSize() const override { return 220; }
    void digest(Digest& digest) const override {
        digest.add(node);
        digest.add(used);
        digest.add(remaining);
        digest.add(transfers);
        digest.add(copies);
    }
};

/// What the NameNode has a DataNode do, in the answer to its heartbeat.
struct DataCommands final : sim::MessageBase<DataCommands> {
    static constexpr std::string_view Name = "hadoop.DataCommands";
    struct Copy {
        Block block;
        std::vector<NodeIndex> targets;
    };
    bool registersAgain = false;
    std::vector<Copy> copies;
    std::vector<Block> removals;  ///< of this generation and those before
    std::vector<Block> closures;  ///< blocks whose writer is gone: they end where they are
    [[nodiscard]] ByteCount wireSize() const override {
        return static_cast<ByteCount>(80 + 150 * copies.size() + 24 * (removals.size() + closures.size()));
    }
    void digest(Digest& digest) const override {
        digest.add(registersAgain);
        for (const Copy& each : copies) {
            each.block.digest(digest);
            for (const NodeIndex node : each.targets) {
                digest.add(node);
            }
        }
        for (const Block& each : removals) {
            each.digest(digest);
        }
        for (const Block& each : closures) {
            each.digest(digest);
        }
    }
};

struct BlockReport final : sim::MessageBase<BlockReport> {
    static constexpr std::string_view Name = "hadoop.BlockReport";
    NodeIndex node = 0;
    std::vector<Block> blocks;
    std::vector<Block> unfinished;  ///< whose writers have not ended them
    [[nodiscard]] ByteCount wireSize() const override {
        return static_cast<ByteCount>(100 + 24 * (blocks.size() + unfinished.size()));
    }
    void digest(Digest& digest) const override {
        digest.add(node);
        for (const Block& each : blocks) {
            each.digest(digest);
        }
        for (const Block& each : unfinished) {
            each.digest(digest);
        }
    }
};

struct BlockReceived final : sim::MessageBase<BlockReceived> {
    static constexpr std::string_view Name = "hadoop.BlockReceived";
    NodeIndex node;
    Block block;
    BlockReceived(NodeIndex who, const Block& what) : node(who), block(what) {}
    [[nodiscard]] ByteCount wireSize() const override { return 150; }
    void digest(Digest& digest) const override {
        digest.add(node);
        block.digest(digest);
    }
};

// --- blocks on their way --------------------------------------------------------------------------------------------

/// Opens a pipeline: who gets it keeps the block and hands it to the targets that are left.
struct WriteBlock final : sim::MessageBase<WriteBlock> {
    static constexpr std::string_view Name = "hadoop.WriteBlock";
    Block block;
    std::vector<NodeIndex> targets;  ///< behind whoever gets this
    bool isRecovery = false;
    ByteCount kept = 0;  ///< of a recovery: all have acknowledged so much, what is beyond comes again
    [[nodiscard]] ByteCount wireSize() const override { return static_cast<ByteCount>(80 + 40 * targets.size()); }
    void digest(Digest& digest) const override {
        block.digest(digest);
        digest.add(isRecovery);
        digest.add(kept);
        for (const NodeIndex node : targets) {
            digest.add(node);
        }
    }
};

struct Packet final : sim::MessageBase<Packet> {
    static constexpr std::string_view Name = "hadoop.Packet";
    std::uint64_t number = 0;
    BlockChunkRef chunk;  ///< null: the block ends here
    [[nodiscard]] ByteCount wireSize() const override {
        return chunk ? 25 + chunk->size() + (chunk->size() + 511) / 512 * 4 : 25;
    }
    void digest(Digest& digest) const override {
        digest.add(number);
        digest.add(chunk ? chunk->digest() : 0);
    }
};

/// A writer that has nothing to write says that it is still there, and so does each DataNode to the one behind it.
struct KeepAlive final : sim::MessageBase<KeepAlive> {
    static constexpr std::string_view Name = "hadoop.KeepAlive";
    [[nodiscard]] ByteCount wireSize() const override { return 25; }
    void digest(Digest& /*digest*/) const override {}
};

/// Comes back along a pipeline: the packet is kept by all behind, or somebody is bad. Number 0 is the pipeline itself.
struct PacketAck final : sim::MessageBase<PacketAck> {
    static constexpr std::string_view Name = "hadoop.PacketAck";
    std::uint64_t number = 0;
    NodeIndex bad = noNode;
    PacketAck(std::uint64_t what, NodeIndex who) : number(what), bad(who) {}
    [[nodiscard]] ByteCount wireSize() const override { return 20; }
    void digest(Digest& digest) const override {
        digest.add(number);
        digest.add(bad);
    }
};

struct ReadBlock final : sim::MessageBase<ReadBlock> {
    static constexpr std::string_view Name = "hadoop.ReadBlock";
    Block block;
    ByteCount from = 0;
    ByteCount to = 0;
    [[nodiscard]] ByteCount wireSize() const override { return 70; }
    void digest(Digest& digest) const override {
        block.digest(digest);
        digest.add(from);
        digest.add(to);
    }
};

struct ReadPacket final : sim::MessageBase<ReadPacket> {
    static constexpr std::string_view Name = "hadoop.ReadPacket";
    BlockChunkRef chunk;  ///< null where the block has no more, or is not there
    std::uint32_t from = 0;
    std::uint32_t to = 0;  ///< of the chunk
    bool isLast = false;
    bool isMissing = false;
    [[nodiscard]] ByteCount wireSize() const override { return 25 + (to - from) + (to - from + 511) / 512 * 4; }
    void digest(Digest& digest) const override {
        digest.add(chunk ? chunk->digest() : 0);
        digest.add(from);
        digest.add(to);
        digest.add(isLast);
        digest.add(isMissing);
    }
};

/// From outside: the medium has gone bad under a replica.
struct DamageReplica final : sim::MessageBase<DamageReplica> {
    static constexpr std::string_view Name = "hadoop.DamageReplica";
    std::uint64_t block;
    explicit DamageReplica(std::uint64_t id) : block(id) {}
    void digest(Digest& digest) const override { digest.add(block); }
};

}  // namespace millrace::hadoop
