#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/kafka/protocol/apis.h"
#include "engine/kafka/wire/wire_reader.h"
#include "tests/gateway/wire_writer.h"

/// The messages once more, written down from Kafka's protocol guide apart from the codec: each layout walks the fields
/// of one message in the order of the wire, by version. A visitor fills them, writes them, reads them or changes one.
namespace millrace::layouts {

using namespace millrace::kafka;

/// What all visitors share; `Self` has number, text, nullable, blob, batch and count.
template <class Self>
class Visitor {
public:
    template <class Tag, class Int>
    void number(Strong<Tag, Int>& value) {
        self().number(value.value);
    }
    void number(Offset& value) { self().number(value.value); }
    template <class Enum, std::enable_if_t<std::is_enum_v<Enum>, int> = 0>
    void number(Enum& value) {
        auto plain = static_cast<std::underlying_type_t<Enum>>(value);
        self().number(plain);
        value = static_cast<Enum>(plain);
    }
    void millis(SimDuration& value) {
        auto count = static_cast<std::int32_t>(value / std::chrono::milliseconds{1});
        self().number(count);
        value = std::chrono::milliseconds{count};
    }
    void port(std::uint16_t& value) {
        std::int32_t wide = value;
        self().number(wide);
        value = static_cast<std::uint16_t>(wide);
    }
    void name(TopicName& value) {
        std::string text = value.text();
        self().text(text);
        value = TopicName(text);
    }
    template <class Item, class Visit>
    void list(std::vector<Item>& items, Visit visit) {
        self().count(items);
        for (Item& item : items) {
            visit(item);
        }
    }
    template <class Id>
    void ids(std::vector<Id>& items) {
        list(items, [&](Id& id) { self().number(id); });
    }

protected:
    [[nodiscard]] Self& self() { return static_cast<Self&>(*this); }
};

inline std::string randomText(RandomStream& random, std::uint64_t most = 12) {
    std::string text(random.below(most), 'a');
    for (char& c : text) {
        c = static_cast<char>('a' + random.below(26));
    }
    return text;
}

/// Fills fields by chance; integers also with the values at their ends.
class Filler : public Visitor<Filler> {
public:
    using Visitor::number;
    explicit Filler(RandomStream& random, double aimed = 0) : m_random(random), m_aimed(aimed) {}
    static constexpr bool fills = true;
    template <class Int>
    requires std::is_integral_v<Int>
    void number(Int& value) {
        constexpr std::int64_t ends[] = {std::numeric_limits<Int>::min(), std::numeric_limits<Int>::max(), -1, 0, 1};
        value = m_random.chance(m_aimed) ? static_cast<Int>(ends[m_random.below(5)])
                                         : static_cast<Int>(m_random.below(100));
    }
    void number(bool& value) { value = m_random.chance(0.5); }
    void number(IsolationLevel& value) { value = m_random.chance(0.5) ? IsolationLevel::ReadCommitted : value; }
    void number(Acks& value) { value = m_random.chance(0.5) ? Acks::All : Acks::Leader; }
    void text(std::string& value) { value = randomText(m_random); }
    void nullable(std::optional<std::string>& value) {
        value = m_random.chance(0.5) ? std::optional{randomText(m_random)} : std::nullopt;
    }
    void blob(BytesRef& value) { value = makeRef<Bytes>(randomText(m_random, 40)); }
    void batch(BatchRef& value) {
        RecordBatchBuilder builder;
        const std::uint64_t records = 1 + m_random.below(3);
        for (std::uint64_t i = 0; i < records; ++i) {
            builder.append(static_cast<std::int64_t>(m_random.below(1'000'000)), std::nullopt,
                           randomText(m_random, 40));
        }
        value = builder.build();
    }
    template <class Item>
    void count(std::vector<Item>& items) {
        items.resize(m_random.below(4));
    }
    /// Names are few, so that neighbours share them.
    template <class Items, class Visit>
    void partitions(Items& items, Visit visit) {
        items.resize(m_random.below(6));
        std::string topic;
        for (auto& item : items) {
            topic = topic.empty() || m_random.chance(0.4) ? "t" + randomText(m_random) : topic;
            partitionOf(item).topic = TopicName(topic);
            number(partitionOf(item).partition);
            visit(item);
        }
    }
    static TopicPartition& partitionOf(TopicPartition& item) { return item; }
    template <class Item>
    static TopicPartition& partitionOf(Item& item) {
        return item.partition;
    }

protected:
    RandomStream& m_random;
    double m_aimed;
};

class Writer : public Visitor<Writer> {
public:
    using Visitor::number;
    static constexpr bool fills = false;
    template <class Int>
    requires std::is_integral_v<Int>
    void number(Int& value) { out.number(value); }
    void number(bool& value) { out.boolean(value); }
    void text(std::string& value) { out.string(value); }
    void nullable(std::optional<std::string>& value) {
        out.nullableString(value ? std::optional<std::string_view>{*value} : std::nullopt);
    }
    void blob(BytesRef& value) { out.bytes(value ? value->text() : std::string_view{}); }
    void batch(BatchRef& value) {
        std::string bytes;
        value->appendTo(bytes);
        out.bytes(bytes);
    }
    template <class Item>
    void count(std::vector<Item>& items) {
        out.array(items.size());
    }
    template <class Items, class Visit>
    void partitions(Items& items, Visit visit) {
        std::size_t topics = 0;
        for (std::size_t i = 0; i < items.size(); ++i) {
            topics +=
                i == 0 || !(Filler::partitionOf(items[i]).topic == Filler::partitionOf(items[i - 1]).topic) ? 1 : 0;
        }
        out.array(topics);
        for (std::size_t i = 0; i < items.size();) {
            const TopicName topic = Filler::partitionOf(items[i]).topic;
            std::size_t end = i;
            while (end < items.size() && Filler::partitionOf(items[end]).topic == topic) {
                ++end;
            }
            out.string(topic.text()).array(end - i);
            for (; i < end; ++i) {
                number(Filler::partitionOf(items[i]).partition);
                visit(items[i]);
            }
        }
    }
    codec::WireWriter out;
};

class Reader : public Visitor<Reader> {
public:
    using Visitor::number;
    static constexpr bool fills = false;
    explicit Reader(std::string_view bytes) : in(bytes) {}
    template <class Int>
    requires std::is_integral_v<Int>
    void number(Int& value) { value = in.number<Int>(); }
    void number(bool& value) { value = in.boolean(); }
    void text(std::string& value) { value = in.string(); }
    void nullable(std::optional<std::string>& value) {
        const auto read = in.nullableString();
        value = read ? std::optional<std::string>{*read} : std::nullopt;
    }
    void blob(BytesRef& value) { value = makeRef<Bytes>(std::string{in.nullableBytes().value_or("")}); }
    void batch(BatchRef& value) {
        const auto parsed = RecordBatch::parse(in.nullableBytes().value_or(""));
        if (parsed) {
            value = *parsed;
        } else {
            in.fail();
        }
    }
    template <class Item>
    void count(std::vector<Item>& items) {
        items.resize(static_cast<std::size_t>(in.array()));
    }
    template <class Items, class Visit>
    void partitions(Items& items, Visit visit) {
        for (std::int32_t topics = in.array(); topics > 0 && in.ok(); --topics) {
            const TopicName topic(in.string());
            for (std::int32_t left = in.array(); left > 0 && in.ok(); --left) {
                auto& item = items.emplace_back();
                Filler::partitionOf(item).topic = topic;
                number(Filler::partitionOf(item).partition);
                visit(item);
            }
        }
    }
    codec::WireReader in;
};

/// Changes the field with one number; `seen` tells how many there are.
class Changer : public Visitor<Changer> {
public:
    using Visitor::number;
    static constexpr bool fills = false;
    explicit Changer(std::size_t which) : m_which(which) {}
    std::size_t seen = 0;
    template <class Int>
    requires std::is_integral_v<Int>
    void number(Int& value) {
        value = isIt() ? static_cast<Int>(static_cast<std::uint64_t>(value) + 1) : value;  // the greatest wraps around
    }
    void number(bool& value) { value = isIt() ? !value : value; }
    void number(IsolationLevel& value) {
        value = isIt() ? static_cast<IsolationLevel>(1 - static_cast<int>(value)) : value;
    }
    void number(Acks& value) { value = isIt() ? static_cast<Acks>(-static_cast<int>(value)) : value; }
    void text(std::string& value) { value += isIt() ? "x" : ""; }
    void nullable(std::optional<std::string>& value) { value = isIt() ? value.value_or("") + "x" : value; }
    void blob(BytesRef& value) {
        value = isIt() ? makeRef<Bytes>((value ? std::string{value->text()} : "") + "x") : value;
    }
    void batch(BatchRef& value) {
        value = isIt() ? value->rebased(value->baseOffset() + 1, value->leaderEpoch()) : value;
    }
    template <class Item>
    void count(std::vector<Item>& items) {
        if (isIt()) {
            items.emplace_back();
        }
    }
    template <class Items, class Visit>
    void partitions(Items& items, Visit visit) {
        for (auto& item : items) {
            name(Filler::partitionOf(item).topic);
            number(Filler::partitionOf(item).partition);
            visit(item);
        }
    }

private:
    [[nodiscard]] bool isIt() { return seen++ == m_which; }
    std::size_t m_which;
};

// --- Requests -------------------------------------------------------------------------------------------------------

template <class Io>
void layout(Io& io, ProduceRequest& m, int v) {
    if (v >= 3) {
        if constexpr (!Io::fills) {  // a transactional id is for another test
            io.nullable(m.transactionalId);
        }
    }
    io.number(m.acks);
    io.millis(m.timeout);
    io.partitions(m.partitions, [&](auto& p) { io.batch(p.batch); });
}

template <class Io>
void layout(Io& io, FetchRequest& m, int v) {
    if constexpr (Io::fills) {  // who comes from outside is a consumer
        m.replica = consumerReplica;
    } else {
        io.number(m.replica);
    }
    io.millis(m.maxWait);
    io.number(m.minBytes);
    io.number(m.maxBytes);
    io.number(m.isolation);
    if (v >= 7) {
        io.number(m.sessionId);
        io.number(m.sessionEpoch);
    }
    io.partitions(m.partitions, [&](auto& p) {
        if (v >= 9) {
            io.number(p.currentLeaderEpoch);
        }
        io.number(p.fetchOffset);
        if (v >= 5) {
            io.number(p.logStartOffset);
        }
        io.number(p.maxBytes);
    });
    if (v >= 7) {
        io.partitions(m.forgotten, [](auto&) {});
    }
    if (v >= 11) {
        io.text(m.rack);
    }
}

template <class Io>
void layout(Io& io, ListOffsetsRequest& m, int v) {
    if constexpr (Io::fills) {
        m.replica = consumerReplica;
    } else {
        io.number(m.replica);
    }
    if (v >= 2) {
        io.number(m.isolation);
    }
    io.partitions(m.partitions, [&](auto& p) {
        if (v >= 4) {
            io.number(p.currentLeaderEpoch);
        }
        io.number(p.timestamp);
    });
}

template <class Io>
void layout(Io& io, MetadataRequest& m, int v) {
    if constexpr (Io::fills) {
        m.topics.emplace();
        m.topics->emplace_back();  // in version 0 none means all
    }
    if (m.topics) {
        if constexpr (Io::fills) {
            for (TopicName& topic : *m.topics) {
                io.name(topic);
            }
        } else {
            io.list(*m.topics, [&](TopicName& topic) { io.name(topic); });
        }
    }
    if (v >= 4) {
        io.number(m.allowAutoTopicCreation);
    }
    if (v >= 8) {
        bool authorized = false;
        if constexpr (std::is_same_v<Io, Writer>) {
            io.number(authorized);
            io.number(authorized);
        }
    }
}

template <class Io>
void layout(Io& io, OffsetCommitRequest& m, int v) {
    io.text(m.group);
    io.number(m.generation);
    io.text(m.memberId);
    if (v >= 7) {
        io.nullable(m.groupInstanceId);
    }
    std::int64_t unused = -1;
    if (std::is_same_v<Io, Writer> && v >= 2 && v <= 4) {
        io.number(unused);
    }
    io.partitions(m.partitions, [&](auto& p) {
        io.number(p.offset);
        if (v >= 6) {
            io.number(p.leaderEpoch);
        }
        if (std::is_same_v<Io, Writer> && v == 1) {
            io.number(unused);
        }
        io.text(p.metadata);
    });
}

template <class Io>
void layout(Io& io, OffsetFetchRequest& m, int) {
    m.groups.resize(1);
    OffsetFetchRequest::Group& group = m.groups.front();
    io.text(group.group);
    if constexpr (Io::fills) {
        group.partitions.emplace();
    }
    if (group.partitions) {
        io.partitions(*group.partitions, [](auto&) {});
    }
}

template <class Io>
void layout(Io& io, FindCoordinatorRequest& m, int v) {
    m.keys.resize(1);
    io.text(m.keys.front());
    if (v >= 1) {
        io.number(m.keyType);
    }
}

template <class Io>
void layout(Io& io, JoinGroupRequest& m, int v) {
    io.text(m.group);
    io.millis(m.sessionTimeout);
    if (v >= 1) {
        io.millis(m.rebalanceTimeout);
    } else {
        m.rebalanceTimeout = m.sessionTimeout;
    }
    io.text(m.memberId);
    if (v >= 5) {
        io.nullable(m.groupInstanceId);
    }
    io.text(m.protocolType);
    io.list(m.protocols, [&](auto& p) {
        io.text(p.name);
        io.blob(p.metadata);
    });
}

template <class Io>
void layout(Io& io, SyncGroupRequest& m, int v) {
    io.text(m.group);
    io.number(m.generation);
    io.text(m.memberId);
    if (v >= 3) {
        io.nullable(m.groupInstanceId);
    }
    io.list(m.assignments, [&](auto& a) {
        io.text(a.memberId);
        io.blob(a.assignment);
    });
}

template <class Io>
void layout(Io& io, HeartbeatRequest& m, int v) {
    io.text(m.group);
    io.number(m.generation);
    io.text(m.memberId);
    if (v >= 3) {
        io.nullable(m.groupInstanceId);
    }
}

template <class Io>
void layout(Io& io, LeaveGroupRequest& m, int) {
    io.text(m.group);
    m.members.resize(1);
    io.text(m.members.front().memberId);
}

template <class Io>
void layout(Io& io, CreateTopicsRequest& m, int v) {
    io.list(m.topics, [&](auto& t) {
        io.name(t.name);
        io.number(t.partitions);
        io.number(t.replicationFactor);
        io.list(t.assignment, [&](CreateTopicsRequest::Assignment& assignment) {
            io.number(assignment.partition);
            io.ids(assignment.replicas);
        });
        io.list(t.config, [&](auto& entry) {
            io.text(entry.first);
            io.text(entry.second);
        });
    });
    io.millis(m.timeout);
    if (v >= 1) {
        io.number(m.validateOnly);
    }
}

// --- Responses ------------------------------------------------------------------------------------------------------

/// A field that says nothing here and has a value of its own.
template <class Int, class Io>
void constant(Io& io, bool isThere, Int value) {
    if constexpr (std::is_same_v<Io, Writer> || std::is_same_v<Io, Reader>) {
        if (isThere) {
            io.number(value);
        }
    }
}

template <class Io>
void throttle(Io& io, bool isThere) {
    constant<std::int32_t>(io, isThere, 0);
}

/// An empty text is null on the wire.
template <class Io>
void nullableText(Io& io, std::string& text) {
    if constexpr (std::is_same_v<Io, Writer> || std::is_same_v<Io, Reader>) {
        std::optional<std::string> value = text.empty() ? std::nullopt : std::optional{text};
        io.nullable(value);
        text = value.value_or("");
    } else {
        io.text(text);
    }
}

template <class Io>
void layout(Io& io, ProduceResponse& m, int v) {
    io.partitions(m.partitions, [&](auto& p) {
        io.number(p.error);
        io.number(p.baseOffset);
        if (v >= 2) {
            io.number(p.logAppendTime);
        }
        if (v >= 5) {
            io.number(p.logStartOffset);
        }
        constant<std::int32_t>(io, v >= 8, 0);
        constant<std::int16_t>(io, v >= 8, -1);
    });
    throttle(io, v >= 1);
}

template <class Io>
void layout(Io& io, FetchResponse& m, int v) {
    throttle(io, true);
    if (v >= 7) {
        io.number(m.error);
        io.number(m.sessionId);
    }
    io.partitions(m.partitions, [&](auto& p) {
        io.number(p.error);
        io.number(p.highWatermark);
        io.number(p.lastStableOffset);
        if (v >= 5) {
            io.number(p.logStartOffset);
        }
        constant<std::int32_t>(io, true, 0);
        constant<std::int32_t>(io, v >= 11, -1);
        if constexpr (!std::is_same_v<Io, Changer>) {
            p.batches.resize(1);
        }
        for (BatchRef& batch : p.batches) {
            io.batch(batch);
        }
    });
}

template <class Io>
void layout(Io& io, ListOffsetsResponse& m, int v) {
    throttle(io, v >= 2);
    io.partitions(m.partitions, [&](auto& p) {
        io.number(p.error);
        io.number(p.timestamp);
        io.number(p.offset);
        if (v >= 4) {
            io.number(p.leaderEpoch);
        }
    });
}

template <class Io>
void layout(Io& io, MetadataResponse& m, int v) {
    throttle(io, v >= 3);
    io.list(m.brokers, [&](BrokerEndpoint& broker) {
        io.number(broker.id);
        io.text(broker.host);
        io.port(broker.port);
        if (v >= 1) {
            nullableText(io, broker.rack);
        }
    });
    if constexpr (std::is_same_v<Io, Writer> || std::is_same_v<Io, Reader>) {
        std::string cluster = "millrace";
        if (v >= 2) {
            io.text(cluster);
        }
    }
    if (v >= 1) {
        io.number(m.controller);
    }
    io.list(m.topics, [&](TopicMetadata& topic) {
        io.number(topic.error);
        io.name(topic.name);
        if (v >= 1) {
            io.number(topic.isInternal);
        }
        io.list(topic.partitions, [&](PartitionMetadata& partition) {
            io.number(partition.error);
            io.number(partition.partition);
            io.number(partition.leader);
            if (v >= 7) {
                io.number(partition.leaderEpoch);
            }
            io.ids(partition.replicas);
            io.ids(partition.isr);
            if (v >= 5) {
                io.ids(partition.offlineReplicas);
            }
        });
        constant<std::int32_t>(io, v >= 8, std::numeric_limits<std::int32_t>::min());
    });
    constant<std::int32_t>(io, v >= 8, std::numeric_limits<std::int32_t>::min());
}

template <class Io>
void layout(Io& io, OffsetCommitResponse& m, int v) {
    throttle(io, v >= 3);
    io.partitions(m.partitions, [&](auto& p) { io.number(p.error); });
}

template <class Io>
void layout(Io& io, OffsetFetchResponse& m, int v) {
    throttle(io, v >= 3);
    m.groups.resize(1);
    io.partitions(m.groups.front().partitions, [&](auto& p) {
        io.number(p.offset);
        if (v >= 5) {
            io.number(p.leaderEpoch);
        }
        io.text(p.metadata);
        io.number(p.error);
    });
    if (v >= 2) {
        io.number(m.groups.front().error);
    }
}

template <class Io>
void layout(Io& io, FindCoordinatorResponse& m, int v) {
    throttle(io, v >= 1);
    m.coordinators.resize(1);
    FindCoordinatorResponse::Coordinator& found = m.coordinators.front();
    io.number(found.error);
    if (v >= 1) {
        nullableText(io, found.message);
    }
    io.number(found.id);
    io.text(found.host);
    io.number(found.port);
}

template <class Io>
void layout(Io& io, JoinGroupResponse& m, int v) {
    throttle(io, v >= 2);
    io.number(m.error);
    io.number(m.generation);
    io.text(m.protocol);
    io.text(m.leader);
    io.text(m.memberId);
    io.list(m.members, [&](auto& member) {
        io.text(member.memberId);
        if (v >= 5) {
            io.nullable(member.groupInstanceId);
        }
        io.blob(member.metadata);
    });
}

template <class Io>
void layout(Io& io, SyncGroupResponse& m, int v) {
    throttle(io, v >= 1);
    io.number(m.error);
    io.blob(m.assignment);
}

template <class Io>
void layout(Io& io, HeartbeatResponse& m, int v) {
    throttle(io, v >= 1);
    io.number(m.error);
}

template <class Io>
void layout(Io& io, LeaveGroupResponse& m, int v) {
    throttle(io, v >= 1);
    io.number(m.error);
}

template <class Io>
void layout(Io& io, CreateTopicsResponse& m, int v) {
    throttle(io, v >= 2);
    io.list(m.topics, [&](auto& topic) {
        io.name(topic.name);
        io.number(topic.error);
        if (v >= 1) {
            nullableText(io, topic.message);
        }
    });
}

struct ApiRange {
    std::int16_t key;
    std::int16_t min;
    std::int16_t max;
};

/// Calls `use.operator()<Request, Response>(range)` for each API with the versions that are written down here, which
/// are those before the compact encodings.
template <class Use>
void forEachApi(Use use) {
    const auto with = [&]<class Request>(std::int16_t first, std::int16_t last) {
        use.template operator()<Request, typename Request::Response>(ApiRange{Request::api.key, first, last});
    };
    with.template operator()<ProduceRequest>(3, 8);
    with.template operator()<FetchRequest>(4, 11);
    with.template operator()<ListOffsetsRequest>(1, 5);
    with.template operator()<MetadataRequest>(0, 8);
    with.template operator()<OffsetCommitRequest>(1, 7);
    with.template operator()<OffsetFetchRequest>(1, 5);
    with.template operator()<FindCoordinatorRequest>(0, 2);
    with.template operator()<JoinGroupRequest>(0, 5);
    with.template operator()<HeartbeatRequest>(0, 3);
    with.template operator()<LeaveGroupRequest>(0, 2);
    with.template operator()<SyncGroupRequest>(0, 3);
    with.template operator()<CreateTopicsRequest>(0, 4);
}

/// The frame of a request, without its length prefix.
template <class Request>
std::string frameOf(std::int16_t key, Request& request) {
    Writer writer;
    writer.out.int16(key).int16(request.version).int32(request.correlationId.value);
    writer.out.string(request.clientId.text());
    layout(writer, request, request.version);
    return writer.out.take();
}

}  // namespace millrace::layouts
