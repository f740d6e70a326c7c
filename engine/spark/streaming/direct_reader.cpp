#include "engine/spark/streaming/direct_reader.h"

#include <algorithm>
#include <charconv>

#include "engine/spark/cost.h"

namespace millrace::spark {

namespace {

struct TopicText final : Counted {
    std::string text;
    explicit TopicText(std::string what) : text(std::move(what)) {}
};

std::int64_t positionIn(std::string_view text) {
    std::int64_t number = -1;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

DirectReader::Reader& DirectReader::readerOf(sim::Context& context, const OffsetRange& range) {
    const Key key{range.input, range.partition};
    if (const auto known = m_readers.find(key); known != m_readers.end()) {
        return known->second;
    }
    Reader& reader = m_readers[key];
    kafka::ConsumerConfig config = m_configs[static_cast<std::size_t>(range.input)];
    config.client.links.instance = m_nextInstance++;
    config.group.clear();
    config.offsetReset = kafka::OffsetReset::None;  // a range that is gone is an error, not another range
    reader.partition = {kafka::TopicName(m_topics[static_cast<std::size_t>(range.input)]),
                        kafka::PartitionIndex{range.partition}};
    reader.consumer = kafka::Consumer(std::move(config));
    reader.consumer.start(context);
    reader.consumer.assign(context, {reader.partition});
    return reader;
}

void DirectReader::read(sim::Context& context, const OffsetRange& range, std::uint64_t token, std::vector<Done>& done) {
    auto rows = makeRef<Rows>(static_cast<std::uint32_t>(fields().size()));
    if (range.count() <= 0) {
        done.push_back({token, std::move(rows), {}});
        return;
    }
    Reader& reader = readerOf(context, range);
    rows->owners.push_back(makeRef<TopicText>(m_topics[static_cast<std::size_t>(range.input)]));
    reader.wanted.push_back({token, range, range.from, std::move(rows)});
    if (reader.wanted.size() == 1) {
        advance(context, reader, done);
    }
}

void DirectReader::cancel(std::uint64_t token) {
    for (auto& [key, reader] : m_readers) {
        std::erase_if(reader.wanted, [&](const Wanted& each) { return each.token == token; });
    }
}

void DirectReader::advance(sim::Context& context, Reader& reader, std::vector<Done>& done) {
    while (!reader.wanted.empty()) {
        Wanted& wanted = reader.wanted.front();
        const kafka::Offset position = reader.consumer.position(reader.partition);
        if (position.value != wanted.next && reader.soughtTo != wanted.next) {
            reader.soughtTo = wanted.next;
            reader.consumer.seek(context, reader.partition, kafka::Offset{wanted.next});
        }
        const auto fetched = reader.consumer.take(context, wanted.range.until - wanted.next);
        if (!fetched) {
            reader.consumer.poll(context);
            return;
        }
        reader.soughtTo = -1;
        if (fetched->from.value >= wanted.range.until) {
            fail(reader, "its records are gone from the log", done);
            continue;
        }
        if (wanted.rows->isShared()) {
            wanted.rows = makeRef<Rows>(*wanted.rows);
        }
        Rows& rows = *wanted.rows;
        rows.owners.emplace_back(fetched->batch);
        const std::string& topic = static_cast<const TopicText&>(*rows.owners.front()).text;
        std::int64_t count = 0;
        for (const kafka::RecordView& record : fetched->batch->records()) {
            const std::int64_t offset = record.offset.value;
            if (offset < fetched->from.value || offset >= fetched->to.value || offset < wanted.range.from ||
                offset >= wanted.range.until) {
                continue;
            }
            ++count;
            rows.cells.push_back(Cell::ofText(topic));
            rows.cells.push_back(Cell::ofLong(reader.partition.partition.value));
            rows.cells.push_back(Cell::ofLong(offset));
            rows.cells.push_back(record.key ? Cell::ofText(*record.key) : Cell{});
            rows.cells.push_back(record.value ? Cell::ofText(*record.value) : Cell{});
            const std::string_view source = record.header("mr.source").value_or(std::string_view{});
            RowOrigin origin;
            if (!source.empty()) {
                const auto at = std::find(rows.sources.begin(), rows.sources.end(), source);
                origin.source = static_cast<std::uint32_t>(at - rows.sources.begin());
                if (at == rows.sources.end()) {
                    rows.sources.push_back(source);
                }
                origin.position = positionIn(record.header("mr.position").value_or(std::string_view{}));
            }
            rows.origins.push_back(origin);
        }
        context.spend(count * cost::kafkaRecord);
        wanted.next = fetched->to.value;
        if (wanted.next >= wanted.range.until) {
            done.push_back({wanted.token, RowsRef(wanted.rows), {}});
            reader.wanted.erase(reader.wanted.begin());
        }
    }
    reader.consumer.poll(context);
}

void DirectReader::fail(Reader& reader, const std::string& reason, std::vector<Done>& done) {
    if (!reader.wanted.empty()) {
        done.push_back({reader.wanted.front().token, nullptr, reason});
        reader.wanted.erase(reader.wanted.begin());
    }
}

bool DirectReader::handle(sim::Context& context, const sim::Message& message, std::vector<Done>& done) {
    for (auto& [key, reader] : m_readers) {
        kafka::Consumer::Outcome outcome;
        if (reader.consumer.handle(context, message, outcome)) {
            if (!outcome.failures.empty()) {
                fail(reader, outcome.failures.front().error, done);
                // A consumer that has failed for a partition reads it no further: the next range has a new one.
                const std::vector<Wanted> left = std::move(reader.wanted);
                m_readers.erase(Key(key));
                for (const Wanted& each : left) {
                    read(context, each.range, each.token, done);
                }
                return true;
            }
            advance(context, reader, done);
            return true;
        }
    }
    return false;
}

}  // namespace millrace::spark
