#pragma once

#include <optional>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/spark/core/storage_level.h"
#include "engine/spark/ids.h"
#include "engine/spark/rows.h"

namespace millrace::spark {

/// The blocks of one executor: in memory up to its share of the heap, least recently used out first, and on disk where
/// the level says so. Blocks of the RDD that is being put are never put out for its own sake. A value; who owns it
/// writes what goes to disk. Source: BlockManager, MemoryStore of Spark 3. Leaves out: unrolling, execution memory that
/// borrows from storage.
class BlockStore {
public:
    struct Change {
        bool isKept = false;           ///< what was put is there
        bool isOnDisk = false;         ///< it went (also) to disk
        std::vector<BlockId> toDisk;   ///< put out of memory, and kept on disk
        std::vector<BlockId> dropped;  ///< put out of memory, and gone
    };

    BlockStore() = default;
    explicit BlockStore(ByteCount memory) : m_memory(memory) {}

    Change put(const BlockId& id, RowsRef rows, StorageLevel level);
    /// Null when it is not there. Counts as a use.
    [[nodiscard]] RowsRef get(const BlockId& id, bool& fromDisk);
    /// The same without being a use.
    [[nodiscard]] RowsRef peek(const BlockId& id) const {
        const Block* block = m_blocks.find(id);
        return block != nullptr ? block->rows : RowsRef();
    }
    [[nodiscard]] bool contains(const BlockId& id) const { return m_blocks.contains(id); }
    /// True when it was there.
    bool remove(const BlockId& id);

    /// A block as a map of blocks shows it.
    struct Look {
        BlockId id;
        ByteCount bytes = 0;
        bool isInMemory = false;
        bool isOnDisk = false;
    };
    [[nodiscard]] std::vector<Look> looks() const;

    /// Of an RDD, in order of partitions.
    [[nodiscard]] std::vector<BlockId> blocksOf(BlockId::Kind kind, std::int32_t owner) const;

    [[nodiscard]] ByteCount memory() const { return m_memory; }
    [[nodiscard]] ByteCount inMemory() const { return m_inMemory; }
    [[nodiscard]] ByteCount onDisk() const { return m_onDisk; }
    [[nodiscard]] std::uint64_t count() const { return m_blocks.size(); }
    [[nodiscard]] std::uint64_t evicted() const { return m_evicted; }

private:
    struct Block {
        RowsRef rows;
        ByteCount bytes = 0;
        StorageLevel level;
        bool isInMemory = false;
        bool isOnDisk = false;
        std::uint64_t use = 0;
    };
    void touch(const BlockId& id, Block& block);
    [[nodiscard]] bool makeRoom(ByteCount bytes, const BlockId& forBlock, Change& change);

    ByteCount m_memory = 0;
    ByteCount m_inMemory = 0;
    ByteCount m_onDisk = 0;
    std::uint64_t m_evicted = 0;
    std::uint64_t m_nextUse = 1;
    SharedMap<BlockId, Block> m_blocks;
    SharedMap<std::uint64_t, BlockId> m_byUse;  ///< those in memory, least recently used first
};

}  // namespace millrace::spark
