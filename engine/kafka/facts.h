#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kafka/log/leader_epochs.h"
#include "engine/kafka/log/record_batch.h"
#include "engine/kafka/protocol/produce.h"
#include "engine/kafka/types.h"
#include "engine/sim/fact.h"

namespace millrace::kafka {

// What producers, brokers and consumers tell the books of a run (see run::Ledger). One object a batch at most.

/// Who sends: shared by all that it tells.
struct SenderIdentity final : Counted {
    std::string producer;
    std::string source;
    TopicName topic;
    Acks acks = Acks::All;
    std::int32_t maxInFlight = 5;
};
using SenderRef = Ref<const SenderIdentity>;

/// A producer's process has begun; its source is read from this position on.
struct SenderStarted final : sim::FactBase<SenderStarted> {
    static constexpr std::string_view Name = "kafka.SenderStarted";
    SenderRef sender;
    std::int64_t from;
    SenderStarted(SenderRef who, std::int64_t position) : sender(std::move(who)), from(position) {}
};

/// A connection of a producer that waits for no answers (acks = 0) is gone: what it took along may come late, or never.
struct SenderCutOff final : sim::FactBase<SenderCutOff> {
    static constexpr std::string_view Name = "kafka.SenderCutOff";
    SenderRef sender;
    explicit SenderCutOff(SenderRef who) : sender(std::move(who)) {}
};

/// A topic is written by somebody who is no source's producer: what is in it need not be what producers have sent.
struct TopicShared final : sim::FactBase<TopicShared> {
    static constexpr std::string_view Name = "kafka.TopicShared";
    TopicName topic;
    explicit TopicShared(TopicName what) : topic(std::move(what)) {}
};

/// A batch is complete and waits to be sent.
struct BatchClosed final : sim::FactBase<BatchClosed> {
    static constexpr std::string_view Name = "kafka.BatchClosed";
    SenderRef sender;
    BatchRef batch;
    std::int32_t partition;
    std::int32_t partitions;  ///< of the topic, as the producer knows it
    std::int64_t first;       ///< position of the first record
    bool hasKeys;
    BatchClosed(SenderRef who, BatchRef what, std::int32_t to, std::int32_t of, std::int64_t position, bool isKeyed)
        : sender(std::move(who)),
          batch(std::move(what)),
          partition(to),
          partitions(of),
          first(position),
          hasKeys(isKeyed) {}
};

/// A batch will be sent once more.
struct BatchRetried final : sim::FactBase<BatchRetried> {
    static constexpr std::string_view Name = "kafka.BatchRetried";
    SenderRef sender;
    BatchRef batch;
    std::int32_t partition;
    BatchRetried(SenderRef who, BatchRef what, std::int32_t to)
        : sender(std::move(who)), batch(std::move(what)), partition(to) {}
};

struct BatchGivenUp final : sim::FactBase<BatchGivenUp> {
    static constexpr std::string_view Name = "kafka.BatchGivenUp";
    SenderRef sender;
    BatchRef batch;
    std::int32_t partition;
    std::string reason;
    BatchGivenUp(SenderRef who, BatchRef what, std::int32_t to, std::string_view why)
        : sender(std::move(who)), batch(std::move(what)), partition(to), reason(why) {}
};

/// A record that never got into a batch.
struct RecordGivenUp final : sim::FactBase<RecordGivenUp> {
    static constexpr std::string_view Name = "kafka.RecordGivenUp";
    SenderRef sender;
    std::int64_t position;
    std::string reason;
    RecordGivenUp(SenderRef who, std::int64_t which, std::string_view why)
        : sender(std::move(who)), position(which), reason(why) {}
};

/// A batch is dropped for its records go on in smaller ones, each of which is closed next.
struct BatchSplit final : sim::FactBase<BatchSplit> {
    static constexpr std::string_view Name = "kafka.BatchSplit";
    SenderRef sender;
    BatchRef batch;
    std::int32_t partition;
    BatchSplit(SenderRef who, BatchRef what, std::int32_t to)
        : sender(std::move(who)), batch(std::move(what)), partition(to) {}
};

/// A producer was told that its batch stands at this offset; `noOffset` with acks = 0, when it has been transmitted.
struct BatchAcked final : sim::FactBase<BatchAcked> {
    static constexpr std::string_view Name = "kafka.BatchAcked";
    SenderRef sender;
    BatchRef batch;
    std::int32_t partition;
    Offset base;
    BatchAcked(SenderRef who, BatchRef what, std::int32_t to, Offset at)
        : sender(std::move(who)), batch(std::move(what)), partition(to), base(at) {}
};

/// A leader has appended a batch, numbered.
struct BatchAppended final : sim::FactBase<BatchAppended> {
    static constexpr std::string_view Name = "kafka.BatchAppended";
    TopicPartition partition;
    BatchRef batch;
    std::int32_t minInSync;  ///< min.insync.replicas as it counts for this partition
    BatchAppended(TopicPartition where, BatchRef what, std::int32_t least)
        : partition(std::move(where)), batch(std::move(what)), minInSync(least) {}
};

/// A broker leads a partition from now on, with this log.
struct LeaderBegun final : sim::FactBase<LeaderBegun> {
    static constexpr std::string_view Name = "kafka.LeaderBegun";
    TopicPartition partition;
    LeaderEpoch epoch;
    std::vector<LeaderEpochs::Entry> epochs;  ///< which epoch begins where, the present one last
    Offset start;
    Offset end;
};

/// A controller has chosen a leader from outside of the in-sync set.
struct UncleanlyElected final : sim::FactBase<UncleanlyElected> {
    static constexpr std::string_view Name = "kafka.UncleanlyElected";
    TopicPartition partition;
    LeaderEpoch epoch;
    UncleanlyElected(TopicPartition what, LeaderEpoch from) : partition(std::move(what)), epoch(from) {}
};

/// Who reads: shared by all that it tells, one for each assignment.
struct ReaderIdentity final : Counted {
    std::string group;
    std::uint32_t instance = 0;  ///< tells several readers in one process apart
    std::int32_t generation = -1;
    std::string memberId;
};
using ReaderRef = Ref<const ReaderIdentity>;

/// A reader goes on from this offset, whatever it has read.
struct PositionSet final : sim::FactBase<PositionSet> {
    static constexpr std::string_view Name = "kafka.PositionSet";
    enum class Why : std::uint8_t {
        Committed,  ///< the group's offset
        LookedUp,   ///< auto.offset.reset, or a time stamp that was asked for
        Sought,     ///< its application wants it
        Truncated,  ///< the log was cut off below its position
        Checked     ///< a new leader has what was read: the position stays
    };
    ReaderRef reader;
    TopicPartition partition;
    Offset offset;
    Why why;
    PositionSet(ReaderRef who, TopicPartition where, Offset to, Why because)
        : reader(std::move(who)), partition(std::move(where)), offset(to), why(because) {}
};

/// A reader's partitions are taken from it, or it learnt that they have been.
struct ReaderRevoked final : sim::FactBase<ReaderRevoked> {
    static constexpr std::string_view Name = "kafka.ReaderRevoked";
    ReaderRef reader;
    explicit ReaderRevoked(ReaderRef who) : reader(std::move(who)) {}
};

/// An application has got the records of a partition from one offset up to another, one batch after the other.
struct RecordsDelivered final : sim::FactBase<RecordsDelivered> {
    static constexpr std::string_view Name = "kafka.RecordsDelivered";
    ReaderRef reader;
    TopicPartition partition;
    Offset from;
    Offset next;           ///< behind the last one
    Offset highWatermark;  ///< as the answer said that held them
    RecordsDelivered(ReaderRef who, TopicPartition where, Offset first, Offset end, Offset limit)
        : reader(std::move(who)), partition(std::move(where)), from(first), next(end), highWatermark(limit) {}
};

/// A coordinator has taken a group's offset, and later, that it is stored. Of what was taken and never heard of again,
/// the next coordinator may know all the same.
struct OffsetCommitted final : sim::FactBase<OffsetCommitted> {
    static constexpr std::string_view Name = "kafka.OffsetCommitted";
    std::string group;
    TopicPartition partition;
    Offset offset;
    std::int32_t generation = -1;       ///< of the commit; -1: of nobody's
    std::int32_t groupGeneration = -1;  ///< the group's at that time
    /// In which the coordinator leads the group's partition of the offsets; -1: it no longer does.
    std::int32_t leaderEpoch = -1;
    bool isStored = false;
};

}  // namespace millrace::kafka
