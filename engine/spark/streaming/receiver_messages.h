#pragma once

#include <string>
#include <vector>

#include "engine/sim/message.h"
#include "engine/spark/core/rdd.h"

namespace millrace::spark {

// --- a receiver and its source --------------------------------------------------------------------------------------

/// "Give the receiver of that stream so many; what it got up to that delivery is stored."
struct PullRecords final : sim::MessageBase<PullRecords> {
    static constexpr std::string_view Name = "spark.PullRecords";
    StreamId stream;
    std::int64_t most = 0;
    std::int64_t storedUpTo = -1;
    PullRecords(StreamId who, std::int64_t count, std::int64_t stored) : stream(who), most(count), storedUpTo(stored) {}
    void digest(Digest& digest) const override {
        digest.add(stream.value);
        digest.add(most);
        digest.add(storedUpTo);
    }
};

/// "What I got up to that delivery is stored", while a pull already waits.
struct StoredRecords final : sim::MessageBase<StoredRecords> {
    static constexpr std::string_view Name = "spark.StoredRecords";
    StreamId stream;
    std::int64_t upTo = -1;
    StoredRecords(StreamId who, std::int64_t stored) : stream(who), upTo(stored) {}
    void digest(Digest& digest) const override {
        digest.add(stream.value);
        digest.add(upTo);
    }
};

struct SourceRecords final : sim::MessageBase<SourceRecords> {
    static constexpr std::string_view Name = "spark.SourceRecords";
    RowsRef rows;               ///< (value)
    std::int64_t delivery = 0;  ///< counts what the server has given, to whomever
    SourceRecords(RowsRef what, std::int64_t number) : rows(std::move(what)), delivery(number) {}
    [[nodiscard]] ByteCount wireSize() const override { return 40 + rows->bytes(); }
    void digest(Digest& digest) const override {
        digest.add(rows->digest());
        digest.add(delivery);
    }
};

// --- a receiver, its executor and its driver ------------------------------------------------------------------------

/// To an executor: the receiver of that stream is to run there.
struct StartReceiver final : sim::MessageBase<StartReceiver> {
    static constexpr std::string_view Name = "spark.StartReceiver";
    StreamId stream;
    double rate = 0;              ///< records a second; 0: unlimited
    std::int64_t firstBlock = 0;  ///< the least number that a block of it may have
    StartReceiver(StreamId which, double limit, std::int64_t first) : stream(which), rate(limit), firstBlock(first) {}
    void digest(Digest& digest) const override {
        digest.add(stream.value);
        digest.add(rate);
    }
};

struct UpdateReceiverRate final : sim::MessageBase<UpdateReceiverRate> {
    static constexpr std::string_view Name = "spark.UpdateReceiverRate";
    StreamId stream;
    double rate = 0;
    UpdateReceiverRate(StreamId which, double limit) : stream(which), rate(limit) {}
    void digest(Digest& digest) const override {
        digest.add(stream.value);
        digest.add(rate);
    }
};

/// From a receiver by its executor: it runs, or it has had an error and starts again by itself.
struct ReceiverState final : sim::MessageBase<ReceiverState> {
    static constexpr std::string_view Name = "spark.ReceiverState";
    StreamId stream;
    bool isActive = true;
    ReceiverState(StreamId which, bool active) : stream(which), isActive(active) {}
    void digest(Digest& digest) const override {
        digest.add(stream.value);
        digest.add(isActive);
    }
};

/// Within an executor: a block is to be put, as often as its level says, and into the write-ahead log.
struct PutBlock final : sim::MessageBase<PutBlock> {
    static constexpr std::string_view Name = "spark.PutBlock";
    BlockId block;
    StorageLevel level;
    RowsRef rows;
    bool isLogged = false;
    void digest(Digest& digest) const override {
        digest.add(block.owner);
        digest.add(block.number);
        digest.add(rows->digest());
    }
};

/// Within an executor: it is where it should be, or it could not be stored.
struct BlockPut final : sim::MessageBase<BlockPut> {
    static constexpr std::string_view Name = "spark.BlockPut";
    BlockId block;
    bool isStored = true;
    bool isReported = false;  ///< the driver knows of it
    BlockPut(BlockId which, bool stored, bool reported) : block(which), isStored(stored), isReported(reported) {}
    void digest(Digest& digest) const override {
        digest.add(block.number);
        digest.add(isStored);
        digest.add(isReported);
    }
};

/// To the driver: there is one more block.
struct AddBlock final : sim::MessageBase<AddBlock> {
    static constexpr std::string_view Name = "spark.AddBlock";
    InputBlock block;
    explicit AddBlock(InputBlock which) : block(std::move(which)) {}
    [[nodiscard]] ByteCount wireSize() const override { return 300; }
    void digest(Digest& digest) const override {
        digest.add(block.id.owner);
        digest.add(block.id.number);
        digest.add(block.records);
    }
};

struct BlockAdded final : sim::MessageBase<BlockAdded> {
    static constexpr std::string_view Name = "spark.BlockAdded";
    BlockId block;
    explicit BlockAdded(BlockId which) : block(which) {}
    void digest(Digest& digest) const override {
        digest.add(block.owner);
        digest.add(block.number);
    }
};

/// To all executors: who there is, to send copies of blocks to.
struct ExecutorList final : sim::MessageBase<ExecutorList> {
    static constexpr std::string_view Name = "spark.ExecutorList";
    struct Peer {
        ExecutorId executor;
        sim::HostId host;
        sim::Port port;
    };
    std::vector<Peer> peers;
    void digest(Digest& digest) const override {
        for (const Peer& peer : peers) {
            digest.add(peer.executor.value);
        }
    }
};

}  // namespace millrace::spark
