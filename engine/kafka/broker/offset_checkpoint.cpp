#include "engine/kafka/broker/offset_checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "engine/kafka/log/partition_log.h"

namespace millrace::kafka {

OffsetCheckpoint readOffsetCheckpoint(std::string_view text) {
    OffsetCheckpoint entries;
    for (int line = 0; !text.empty(); ++line) {
        const std::string_view row = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), row.size() + 1));
        const std::size_t first = row.find(' ');
        const std::size_t second = row.find(' ', first + 1);
        if (line < 2 || second == std::string_view::npos) {
            continue;
        }
        std::int32_t index = 0;
        std::int64_t offset = 0;
        std::from_chars(row.data() + first + 1, row.data() + second, index);
        std::from_chars(row.data() + second + 1, row.data() + row.size(), offset);
        entries.emplace_back(TopicPartition{TopicName(row.substr(0, first)), PartitionIndex{index}}, Offset{offset});
    }
    return entries;
}

std::string writeOffsetCheckpoint(const OffsetCheckpoint& entries) {
    std::string text = fmt::format("0\n{}\n", entries.size());
    for (const auto& [partition, offset] : entries) {
        fmt::format_to(std::back_inserter(text), "{} {} {}\n", partition.topic.text(), partition.partition.value,
                       offset.value);
    }
    return text;
}

OffsetCheckpoint OffsetCheckpointFile::read(const sim::ProcessDisk& disk) const {
    const sim::File* file = disk.find(m_name);
    const auto* text = file == nullptr ? nullptr : static_cast<const sim::TextChunk*>(file->last());
    return text == nullptr ? OffsetCheckpoint{} : readOffsetCheckpoint(text->text());
}

bool OffsetCheckpointFile::write(sim::Context& context, const OffsetCheckpoint& entries) const {
    const sim::FileId file = context.file(std::string{m_name});
    if (!context.replace(file, makeRef<sim::TextChunk>(writeOffsetCheckpoint(entries)))) {
        return false;
    }
    context.flush(file, makeRef<LogFlushed>());
    return true;
}

}  // namespace millrace::kafka
