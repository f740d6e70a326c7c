#include "engine/spark/core/block_store.h"

namespace millrace::spark {

void BlockStore::touch(const BlockId& id, Block& block) {
    if (block.use != 0) {
        m_byUse.erase(block.use);
    }
    block.use = m_nextUse++;
    m_byUse.set(block.use, id);
}

bool BlockStore::makeRoom(ByteCount bytes, const BlockId& forBlock, Change& change) {
    if (bytes > m_memory) {
        return false;
    }
    std::vector<BlockId> victims;
    ByteCount freed = 0;
    for (auto it = m_byUse.begin(); it != m_byUse.end() && m_inMemory - freed + bytes > m_memory; ++it) {
        const BlockId& id = it->second;
        const bool isOfSame =
            id.kind == BlockId::Kind::Rdd && forBlock.kind == BlockId::Kind::Rdd && id.owner == forBlock.owner;
        if (!isOfSame) {
            victims.push_back(id);
            freed += m_blocks.at(id).bytes;
        }
    }
    if (m_inMemory - freed + bytes > m_memory) {
        return false;
    }
    for (const BlockId& id : victims) {
        Block& block = *m_blocks.update(id);
        m_byUse.erase(block.use);
        block.use = 0;
        block.isInMemory = false;
        m_inMemory -= block.bytes;
        ++m_evicted;
        if (block.isOnDisk) {
            continue;
        }
        if (block.level.onDisk) {
            block.isOnDisk = true;
            m_onDisk += block.bytes;
            change.toDisk.push_back(id);
        } else {
            m_blocks.erase(id);
            change.dropped.push_back(id);
        }
    }
    return true;
}

BlockStore::Change BlockStore::put(const BlockId& id, RowsRef rows, StorageLevel level) {
    Change change;
    if (m_blocks.contains(id)) {
        change.isKept = true;
        return change;
    }
    Block block;
    block.bytes = rows->bytes();
    block.level = level;
    block.rows = std::move(rows);
    if (level.inMemory && makeRoom(block.bytes, id, change)) {
        block.isInMemory = true;
        m_inMemory += block.bytes;
        touch(id, block);
    } else if (level.onDisk) {
        block.isOnDisk = true;
        change.isOnDisk = true;
        m_onDisk += block.bytes;
    } else {
        return change;
    }
    change.isKept = true;
    m_blocks.set(id, std::move(block));
    return change;
}

RowsRef BlockStore::get(const BlockId& id, bool& fromDisk) {
    Block* block = m_blocks.update(id);
    if (block == nullptr) {
        return nullptr;
    }
    fromDisk = !block->isInMemory;
    if (block->isInMemory) {
        touch(id, *block);
    }
    return block->rows;
}

bool BlockStore::remove(const BlockId& id) {
    const Block* block = m_blocks.find(id);
    if (block == nullptr) {
        return false;
    }
    if (block->use != 0) {
        m_byUse.erase(block->use);
    }
    m_inMemory -= block->isInMemory ? block->bytes : 0;
    m_onDisk -= block->isOnDisk ? block->bytes : 0;
    m_blocks.erase(id);
    return true;
}

std::vector<BlockId> BlockStore::blocksOf(BlockId::Kind kind, std::int32_t owner) const {
    std::vector<BlockId> all;
    for (auto it = m_blocks.lowerBound(BlockId{kind, owner, 0});
         it != m_blocks.end() && it->first.kind == kind && it->first.owner == owner; ++it) {
        all.push_back(it->first);
    }
    return all;
}

std::vector<BlockStore::Look> BlockStore::looks() const {
    std::vector<Look> all;
    all.reserve(m_blocks.size());
    for (const auto& [id, block] : m_blocks) {
        all.push_back({id, block.bytes, block.isInMemory, block.isOnDisk});
    }
    return all;
}

}  // namespace millrace::spark
