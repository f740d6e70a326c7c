#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/sim/disk.h"
#include "engine/spark/cost.h"
#include "engine/spark/streaming/batch.h"
#include "engine/spark/streaming/input_book.h"

namespace millrace::spark {

inline const std::string checkpointFileName = "checkpoint";
inline const std::string receivedBlocksFile = "receivedBlockMetadata";

/// What a driver needs to begin again: the metadata checkpoint, as the value that would be serialised into it.
class SavedChunk final : public sim::Chunk {
public:
    std::int64_t zero = 0;
    std::int64_t lastBatch = 0;
    std::vector<std::int64_t> open;  ///< batches that are made and not done
    InputBook inputs;
    std::vector<StreamGraph::Due> files;  ///< of the checkpoint folder
    RddId nextRdd;
    struct Direct {
        std::int32_t stream = 0;
        std::vector<std::int64_t> positions;
        std::vector<std::int64_t> begun;
        std::vector<std::int64_t> done;
    };
    std::vector<Direct> directs;
    SimDuration worstTotal{0};  ///< of all batches: other figures are counters, which outlive their driver

    [[nodiscard]] ByteCount size() const override {
        constexpr ByteCount perBatch = 2'000;
        return cost::checkpointBytes + static_cast<ByteCount>(open.size()) * perBatch;
    }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(lastBatch);
        digest.add(static_cast<std::uint64_t>(open.size()));
        digest.add(nextRdd.value);
        return digest.value();
    }
};

/// One block in the driver's log of what receivers have reported.
class ReceivedBlockChunk final : public sim::Chunk {
public:
    explicit ReceivedBlockChunk(InputBlock what) : block(std::move(what)) {}
    InputBlock block;
    [[nodiscard]] ByteCount size() const override { return 300; }
    [[nodiscard]] std::uint64_t digest() const override { return static_cast<std::uint64_t>(block.id.number); }
};

}  // namespace millrace::spark
