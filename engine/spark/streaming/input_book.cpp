#include "engine/spark/streaming/input_book.h"

#include <algorithm>

namespace millrace::spark {

void InputBook::add(const InputBlock& block) {
    m_unallocated[StreamId{block.id.owner}].push_back(block);
}

std::uint64_t InputBook::unallocated() const {
    std::uint64_t count = 0;
    for (const auto& [stream, blocks] : m_unallocated) {
        count += blocks.size();
    }
    return count;
}

std::vector<BlockId> InputBook::openBlocks() const {
    std::vector<BlockId> all;
    for (const auto& [stream, blocks] : m_unallocated) {
        for (const InputBlock& block : blocks) {
            all.push_back(block.id);
        }
    }
    for (const auto& [key, blocks] : m_blocks) {
        for (const InputBlock& block : blocks) {
            all.push_back(block.id);
        }
    }
    return all;
}

void InputBook::allocate(const Program& program, std::int64_t millis, bool keepsLast) {
    if (isAllocated(millis)) {
        return;  // An earlier driver has done so.
    }
    m_allocatedUpTo = millis;
    for (std::size_t i = 0; i < program.streams.size(); ++i) {
        const StreamId stream{static_cast<std::int32_t>(i)};
        if (program.streams[i].kind == StreamSpec::Kind::Receiver) {
            std::vector<InputBlock> taken = std::move(m_unallocated[stream]);
            m_unallocated[stream].clear();
            if (keepsLast && !taken.empty()) {
                m_unallocated[stream].push_back(taken.back());
            }
            m_blocks.set({stream, millis}, std::move(taken));
        }
    }
}

std::int64_t InputBook::nextNumber(StreamId stream) const {
    std::int64_t last = -1;
    const auto look = [&](const std::vector<InputBlock>& blocks) {
        for (const InputBlock& block : blocks) {
            last = std::max(last, block.id.number);
        }
    };
    if (const auto waiting = m_unallocated.find(stream); waiting != m_unallocated.end()) {
        look(waiting->second);
    }
    for (const auto& [key, blocks] : m_blocks) {
        if (key.stream == stream) {
            look(blocks);
        }
    }
    const auto cleared = m_clearedUpTo.find(stream);
    return std::max(last, cleared != m_clearedUpTo.end() ? cleared->second : -1) + 1;
}

bool InputBook::knows(const BlockId& block) const {
    const auto isIt = [&](const InputBlock& each) { return each.id == block; };
    const auto waiting = m_unallocated.find(StreamId{block.owner});
    if (waiting != m_unallocated.end() && std::any_of(waiting->second.begin(), waiting->second.end(), isIt)) {
        return true;
    }
    return std::any_of(m_blocks.begin(), m_blocks.end(),
                       [&](const auto& each) { return std::any_of(each.second.begin(), each.second.end(), isIt); });
}

bool InputBook::wasCleared(const BlockId& block) const {
    const auto at = m_clearedUpTo.find(StreamId{block.owner});
    return at != m_clearedUpTo.end() && block.number <= at->second;
}

void InputBook::dropUnlogged() {
    const auto isUnlogged = [](const InputBlock& block) { return block.segment < 0; };
    for (auto& [stream, blocks] : m_unallocated) {
        std::erase_if(blocks, isUnlogged);
    }
    std::vector<std::pair<StreamGraph::Key, std::vector<InputBlock>>> changed;
    for (const auto& [key, blocks] : m_blocks) {
        std::vector<InputBlock> left = blocks;
        if (std::erase_if(left, isUnlogged) > 0) {
            changed.emplace_back(key, std::move(left));
        }
    }
    for (auto& [key, left] : changed) {
        m_blocks.set(key, std::move(left));
    }
    m_hasLostBlocks = m_hasLostBlocks || !changed.empty();
}

std::vector<InputBlock> InputBook::blocksOf(StreamId stream, std::int64_t millis) const {
    const auto* blocks = m_blocks.find(StreamGraph::Key{stream, millis});
    return blocks != nullptr ? *blocks : std::vector<InputBlock>{};
}

std::vector<OffsetRange> InputBook::rangesOf(StreamId stream, std::int64_t millis) const {
    const auto* ranges = m_ranges.find(StreamGraph::Key{stream, millis});
    return ranges != nullptr ? *ranges : std::vector<OffsetRange>{};
}

std::int64_t InputBook::recordsOf(StreamId stream, std::int64_t millis) const {
    std::int64_t sum = 0;
    for (const InputBlock& block : blocksOf(stream, millis)) {
        sum += block.records;
    }
    for (const OffsetRange& range : rangesOf(stream, millis)) {
        sum += range.count();
    }
    return sum;
}

std::vector<InputBlock> InputBook::clear(const Program& program, std::int64_t millis) {
    std::vector<InputBlock> gone;
    std::vector<StreamGraph::Key> old;
    const auto isOld = [&](const StreamGraph::Key& key) {
        return key.millis <= millis - program.stream(key.stream).remember.count() / 1'000'000;
    };
    for (const auto& [key, blocks] : m_blocks) {
        if (isOld(key)) {
            old.push_back(key);
            gone.insert(gone.end(), blocks.begin(), blocks.end());
            for (const InputBlock& block : blocks) {
                std::int64_t& upTo = m_clearedUpTo[key.stream];
                upTo = std::max(upTo, block.id.number);
            }
        }
    }
    for (const StreamGraph::Key& key : old) {
        m_blocks.erase(key);
    }
    old.clear();
    for (const auto& [key, ranges] : m_ranges) {
        if (isOld(key)) {
            old.push_back(key);
        }
    }
    for (const StreamGraph::Key& key : old) {
        m_ranges.erase(key);
    }
    return gone;
}

}  // namespace millrace::spark
