#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "engine/kafka/protocol/fetch.h"
#include "engine/kafka/protocol/produce.h"
#include "engine/kafka/wire/frame.h"
#include "tests/gateway/wire_writer.h"

/// What Produce and Fetch cost as lists of fields, beside the same written by hand for one message at a time.
namespace {

using namespace millrace;
using namespace millrace::kafka;
using codec::WireWriter;

// --- By hand: sizes and digests in the versions that clients and brokers of a simulation speak, responses as bytes in
// --- those that librdkafka and kafka-python speak. Not inlined: a message's own are called from elsewhere as well.

template <class Items>
ByteCount topicsByHand(const Items& items) {
    ByteCount size = 1;
    const TopicName* last = nullptr;
    for (const auto& item : items) {
        if (last == nullptr || !(*last == item.partition.topic)) {
            size += 1 + static_cast<ByteCount>(item.partition.topic.size()) + 1 + 1;
            last = &item.partition.topic;
        }
    }
    return size;
}

[[gnu::noinline]] ByteCount sizeByHand(const ProduceRequest& m) {
    ByteCount size = 16 + static_cast<ByteCount>(m.clientId.size()) + 1 + 6 + topicsByHand(m.partitions);
    for (const auto& each : m.partitions) {
        size += 4 + 4 + each.batch->size() + 1;
    }
    return size;
}
[[gnu::noinline]] ByteCount sizeByHand(const ProduceResponse& m) {
    return 14 + topicsByHand(m.partitions) + static_cast<ByteCount>(m.partitions.size()) * (4 + 2 + 8 + 8 + 8 + 3);
}
[[gnu::noinline]] ByteCount sizeByHand(const FetchRequest& m) {
    ByteCount size = 16 + static_cast<ByteCount>(m.clientId.size()) + 28 + static_cast<ByteCount>(m.rack.size()) +
                     topicsByHand(m.partitions) + static_cast<ByteCount>(m.partitions.size()) * 33;
    for (const TopicPartition& gone : m.forgotten) {
        size += 7 + static_cast<ByteCount>(gone.topic.size());
    }
    return size;
}
[[gnu::noinline]] ByteCount sizeByHand(const FetchResponse& m) {
    ByteCount size = 20 + topicsByHand(m.partitions);
    for (const auto& each : m.partitions) {
        size += 40 + (each.divergingEpoch ? 15 : 0);
        for (const BatchRef& batch : each.batches) {
            size += batch->size();
        }
    }
    return size;
}

void number(Digest& digest, ErrorCode error) {
    digest.add(static_cast<std::int32_t>(error));
}
template <class M>
void headByHand(Digest& digest, const M& m) {
    digest.add(m.correlationId.value);
    digest.add(static_cast<std::int32_t>(m.version));
    if constexpr (requires { m.clientId; }) {
        digest.add(m.clientId.hash());
    }
}
[[gnu::noinline]] void digestByHand(Digest& digest, const ProduceRequest& m) {
    headByHand(digest, m);
    digest.add(m.transactionalId.has_value());
    digest.add(m.transactionalId ? std::string_view{*m.transactionalId} : std::string_view{});
    digest.add(static_cast<std::int32_t>(m.acks));
    digest.add(m.timeout.count());
    for (const auto& each : m.partitions) {
        addTo(digest, each.partition);
        digest.add(each.batch->digest());
    }
}
[[gnu::noinline]] void digestByHand(Digest& digest, const ProduceResponse& m) {
    headByHand(digest, m);
    for (const auto& each : m.partitions) {
        addTo(digest, each.partition);
        number(digest, each.error);
        digest.add(each.baseOffset.value);
        digest.add(each.logAppendTime);
        digest.add(each.logStartOffset.value);
    }
}
[[gnu::noinline]] void digestByHand(Digest& digest, const FetchRequest& m) {
    headByHand(digest, m);
    digest.add(m.replica.value);
    digest.add(m.maxWait.count());
    digest.add(m.minBytes);
    digest.add(m.maxBytes);
    digest.add(static_cast<std::int32_t>(m.isolation));
    digest.add(m.sessionId);
    digest.add(m.sessionEpoch);
    for (const auto& each : m.partitions) {
        addTo(digest, each.partition);
        digest.add(each.currentLeaderEpoch.value);
        digest.add(each.fetchOffset.value);
        digest.add(each.lastFetchedEpoch.value);
        digest.add(each.logStartOffset.value);
        digest.add(each.maxBytes);
    }
    digest.add(static_cast<std::uint64_t>(m.forgotten.size()));
    for (const TopicPartition& gone : m.forgotten) {
        addTo(digest, gone);
    }
    digest.add(m.rack);
}
[[gnu::noinline]] void digestByHand(Digest& digest, const FetchResponse& m) {
    headByHand(digest, m);
    number(digest, m.error);
    digest.add(m.sessionId);
    for (const auto& each : m.partitions) {
        addTo(digest, each.partition);
        number(digest, each.error);
        digest.add(each.highWatermark.value);
        digest.add(each.lastStableOffset.value);
        digest.add(each.logStartOffset.value);
        digest.add(each.divergingEpoch.has_value());
        if (each.divergingEpoch) {
            digest.add(each.divergingEpoch->epoch.value);
            digest.add(each.divergingEpoch->endOffset.value);
        }
        for (const BatchRef& batch : each.batches) {
            digest.add(batch->digest());
        }
    }
}

template <class Items, class Put>
void putTopics(WireWriter& out, const Items& items, Put put) {
    std::vector<std::pair<std::size_t, std::size_t>> topics;  // first and one past the last
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (topics.empty() || !(items[i].partition.topic == items[topics.back().first].partition.topic)) {
            topics.emplace_back(i, i);
        }
        topics.back().second = i + 1;
    }
    out.array(topics.size());
    for (const auto& [begin, end] : topics) {
        out.string(items[begin].partition.topic.text()).array(end - begin);
        for (std::size_t i = begin; i < end; ++i) {
            out.int32(items[i].partition.partition.value).int16(static_cast<std::int16_t>(items[i].error));
            put(items[i]);
        }
    }
}
template <class M>
std::string framed(const M& m, std::string body) {
    WireWriter out;
    out.int32(static_cast<std::int32_t>(body.size() + 4)).int32(m.correlationId.value);
    out.buffer() += body;
    return out.take();
}
[[gnu::noinline]] std::string bytesByHand(const ProduceResponse& m) {
    WireWriter out;
    putTopics(out, m.partitions, [&](const auto& p) {
        out.int64(p.baseOffset.value).int64(p.logAppendTime).int64(p.logStartOffset.value).array(0).int16(-1);
    });
    out.int32(0);
    return framed(m, out.take());
}
[[gnu::noinline]] std::string bytesByHand(const FetchResponse& m) {
    WireWriter out;
    out.int32(0).int16(static_cast<std::int16_t>(m.error)).int32(m.sessionId);
    putTopics(out, m.partitions, [&](const auto& p) {
        out.int64(p.highWatermark.value).int64(p.lastStableOffset.value).int64(p.logStartOffset.value);
        out.array(0).int32(-1);
        ByteCount size = 0;
        for (const BatchRef& batch : p.batches) {
            size += batch->size();
        }
        out.int32(static_cast<std::int32_t>(size));
        for (const BatchRef& batch : p.batches) {
            batch->appendTo(out.buffer());
        }
    });
    return framed(m, out.take());
}

// --- Measuring

template <class Work>
double nanosecondsOf(Work work) {
    constexpr int rounds = 20'000;
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < rounds; ++i) {
        work();
    }
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() / rounds;
}

std::uint64_t sum = 0;  // so that nothing is left out

/// The medians of pairs that alternate.
template <class Hand, class List>
void compare(std::string_view what, std::size_t partitions, Hand hand, List list) {
    constexpr std::size_t pairs = 15;
    std::vector<double> byHand;
    std::vector<double> byList;
    for (std::size_t i = 0; i < pairs; ++i) {
        byHand.push_back(nanosecondsOf(hand));
        byList.push_back(nanosecondsOf(list));
    }
    std::sort(byHand.begin(), byHand.end());
    std::sort(byList.begin(), byList.end());
    fmt::print("{:<26} {:>4} {:>12.1f} {:>12.1f} {:>8.2f}\n", what, partitions, byHand[pairs / 2], byList[pairs / 2],
               byList[pairs / 2] / byHand[pairs / 2]);
}

template <class M>
void compareAll(std::string_view name, const M& m) {
    compare(
        fmt::format("{} size", name), m.partitions.size(), [&] { sum += static_cast<std::uint64_t>(sizeByHand(m)); },
        [&] { sum += static_cast<std::uint64_t>(m.wireSize()); });
    const sim::Message& message = m;
    compare(
        fmt::format("{} digest", name), m.partitions.size(),
        [&] {
            Digest digest;
            digestByHand(digest, m);
            sum += digest.value();
        },
        [&] {
            Digest digest;
            message.digest(digest);
            sum += digest.value();
        });
    if constexpr (requires { bytesByHand(m); }) {
        M old = m;
        old.version = name.starts_with("Produce") ? 8 : 11;
        compare(
            fmt::format("{} bytes", name), m.partitions.size(), [&] { sum += bytesByHand(old).size(); },
            [&] { sum += codec::encode(old)->size(); });
    }
}

template <class M>
M withPartitions(std::int32_t count) {
    RecordBatchBuilder builder;
    builder.append(1'700'000'000'000, std::nullopt, std::string(200, 'x'));
    const BatchRef batch = builder.build();
    M message;
    if constexpr (requires { message.clientId; }) {
        message.clientId = ClientId("producer-1");
    }
    for (std::int32_t i = 0; i < count; ++i) {
        auto& item = message.partitions.emplace_back();
        item.partition = {TopicName(i < count / 2 ? "access" : "orders"), PartitionIndex{i}};
        if (i > 0 && i != count / 2) {
            item.partition.topic = message.partitions[static_cast<std::size_t>(i) - 1].partition.topic;
        }
        if constexpr (requires { item.batch; }) {
            item.batch = batch;
        } else if constexpr (requires { item.batches; }) {
            item.batches = {batch};
        }
    }
    return message;
}

}  // namespace

int main() {
    fmt::print("{:<26} {:>4} {:>12} {:>12} {:>8}\n", "", "of", "by hand, ns", "by list, ns", "ratio");
    for (const std::int32_t partitions : {1, 20}) {
        compareAll("Produce request", withPartitions<ProduceRequest>(partitions));
        compareAll("Produce response", withPartitions<ProduceResponse>(partitions));
        compareAll("Fetch request", withPartitions<FetchRequest>(partitions));
        compareAll("Fetch response", withPartitions<FetchResponse>(partitions));
    }
    return sum == 0 ? 1 : 0;
}
