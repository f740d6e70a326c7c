#include "engine/kafka/log/describe_records.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace millrace::kafka {

namespace {

constexpr std::size_t recordsInAll = 200;
constexpr std::int64_t recordsRead = 1'600;      // of all partitions together, for one page
constexpr std::int64_t recordsOfPartition = 10;  // at least
constexpr std::size_t bytesShown = 400;

std::optional<std::string> beginningOf(const std::optional<std::string_view>& bytes) {
    return bytes ? std::optional<std::string>(bytes->substr(0, bytesShown)) : std::nullopt;
}

void addNewest(const PartitionLog& log, std::int32_t partition, std::int64_t most,
               std::vector<observe::RecordRow>& rows) {
    const Offset from{std::max(log.start().value, log.end().value - most)};
    Batches batches;
    log.read(from, log.end(), std::numeric_limits<std::int32_t>::max(), true, batches);
    for (const BatchRef& batch : batches) {
        for (const RecordView& record : batch->records()) {
            if (record.offset < from) {
                continue;
            }
            observe::RecordRow& row = rows.emplace_back();
            row.partition = partition;
            row.offset = record.offset.value;
            row.timestamp = record.timestamp;
            row.key = beginningOf(record.key);
            row.value = beginningOf(record.value);
            row.bytes = static_cast<std::int64_t>(record.key.value_or("").size() + record.value.value_or("").size());
            row.source = record.header("mr.source").value_or("");
            row.position = record.header("mr.position").value_or("");
            row.isCommitted = record.offset < log.highWatermark();
        }
    }
}

}  // namespace

observe::TopicPage describeRecords(const observe::ObjectId& topic, const std::vector<const PartitionLog*>& logs) {
    observe::TopicPage page;
    page.id = topic;
    page.isKnown = !logs.empty();
    constexpr auto all = static_cast<std::int64_t>(recordsInAll);
    const auto most = std::clamp(recordsRead / std::max<std::int64_t>(1, static_cast<std::int64_t>(logs.size())),
                                 recordsOfPartition, all);
    page.ofEach = most < all ? most : 0;
    for (std::size_t i = 0; i < logs.size(); ++i) {
        if (const PartitionLog* log = logs[i]) {
            page.records += log->end().value - log->start().value;
            addNewest(*log, static_cast<std::int32_t>(i), most, page.rows);
        }
    }
    std::stable_sort(page.rows.begin(), page.rows.end(), [](const auto& a, const auto& b) {
        return std::tuple(b.timestamp, a.partition, b.offset) < std::tuple(a.timestamp, b.partition, a.offset);
    });
    page.rows.resize(std::min(page.rows.size(), recordsInAll));
    return page;
}

}  // namespace millrace::kafka
