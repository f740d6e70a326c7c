#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/kafka/client/consumer.h"
#include "engine/spark/core/rdd.h"

namespace millrace::spark {

/// An executor's cached consumers of the topics that an application reads without receivers: one for each partition of
/// which it has had a range. A range is read from its first offset to its last, whoever has read it before: reading
/// once more is how a range is recovered. A component of the executor's actor.
class DirectReader {
public:
    struct Done {
        std::uint64_t token = 0;
        RowsRef rows;        ///< (topic, partition, offset, key, value); null: the range cannot be read
        std::string reason;  ///< why
    };

    /// `consumers`: settings by number of the input; `topics`: their topics.
    DirectReader() = default;
    DirectReader(std::vector<kafka::ConsumerConfig> consumers, std::vector<std::string> topics)
        : m_configs(std::move(consumers)), m_topics(std::move(topics)) {}

    void read(sim::Context& context, const OffsetRange& range, std::uint64_t token, std::vector<Done>& done);
    void cancel(std::uint64_t token);
    /// True when the message was a consumer's.
    bool handle(sim::Context& context, const sim::Message& message, std::vector<Done>& done);

    [[nodiscard]] static std::vector<std::string> fields() { return {"topic", "partition", "offset", "key", "value"}; }

private:
    struct Wanted {
        std::uint64_t token = 0;
        OffsetRange range;
        std::int64_t next = 0;
        Ref<Rows> rows;
    };
    struct Reader {
        kafka::Consumer consumer;
        kafka::TopicPartition partition;
        std::vector<Wanted> wanted;  ///< one behind the other
        std::int64_t soughtTo = -1;
    };
    using Key = std::pair<std::int32_t, std::int32_t>;  ///< input, partition

    Reader& readerOf(sim::Context& context, const OffsetRange& range);
    void advance(sim::Context& context, Reader& reader, std::vector<Done>& done);
    void fail(Reader& reader, const std::string& reason, std::vector<Done>& done);

    std::vector<kafka::ConsumerConfig> m_configs;
    std::vector<std::string> m_topics;
    std::map<Key, Reader> m_readers;
    std::uint32_t m_nextInstance = 1;
};

}  // namespace millrace::spark
