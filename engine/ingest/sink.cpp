#include "engine/ingest/sink.h"

#include <fmt/format.h>

#include <type_traits>

#include "engine/ingest/formats/format.h"

namespace millrace::ingest {
namespace {

ByteCount sizeOf(const SinkValue& value) {
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr ? static_cast<ByteCount>(text->size()) + 4 : 9;
}

void add(Digest& digest, const SinkValue& value) {
    digest.add(static_cast<std::uint64_t>(value.index()));
    std::visit(
        [&digest](const auto& content) {
            using Content = std::decay_t<decltype(content)>;
            if constexpr (std::is_same_v<Content, std::string>) {
                digest.add(std::string_view{content});
            } else if constexpr (!std::is_same_v<Content, std::monostate>) {
                digest.add(content);
            }
        },
        value);
}

}  // namespace

std::string_view toText(SinkKind kind) {
    switch (kind) {
        case SinkKind::File:
            return "file";
        case SinkKind::Lake:
            return "lake";
        case SinkKind::Documents:
            return "documents";
        case SinkKind::Archive:
            return "archive";
        case SinkKind::Dashboard:
            return "dashboard";
        case SinkKind::Topic:
            return "topic";
        case SinkKind::Sqlite:
            break;
    }
    return "sqlite";
}
std::string_view toText(WriteMode mode) {
    return mode == WriteMode::Append ? "append" : "once";
}

std::string LakeSpec::folderOf(std::int64_t millis) const {
    if (partition == Partition::None) {
        return {};
    }
    const CivilTime time = civilTime(millis);
    const std::string date = fmt::format("date={:04}-{:02}-{:02}/", time.year, time.month, time.day);
    return partition == Partition::Date ? date : fmt::format("{}hour={:02}/", date, time.hour);
}

int SinkSpec::findTable(std::string_view table) const {
    for (std::size_t i = 0; i < tables.size(); ++i) {
        if (tables[i].name == table) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

std::vector<SinkTable> webLogAuditTables() {
    using Type = SinkColumn::Type;
    return {{"errors",
             SinkTable::Kind::Rows,
             {{"source", Type::Text},
              {"position", Type::Integer},
              {"topic", Type::Text},
              {"partition", Type::Integer},
              {"offset", Type::Integer},
              {"status", Type::Integer},
              {"line", Type::Text}}},
            {"status_counts", SinkTable::Kind::Counts, {{"status", Type::Integer}}},
            {"rejected",
             SinkTable::Kind::Rows,
             {{"source", Type::Text}, {"position", Type::Integer}, {"reason", Type::Text}, {"line", Type::Text}}}};
}

void SinkWrite::digest(Digest& digest) const {
    digest.add(table);
    digest.add(std::string_view{origin.source});
    digest.add(origin.position);
    digest.add(origin.part);
    for (const SinkValue& value : values) {
        add(digest, value);
    }
    digest.add(increment);
}

ByteCount SinkWrite::wireSize() const {
    ByteCount size = 24 + static_cast<ByteCount>(origin.source.size());
    for (const SinkValue& value : values) {
        size += sizeOf(value);
    }
    return size;
}

SinkCommit::SinkCommit(std::uint64_t number, std::vector<SinkWrite> what, std::string who)
    : request(number), writes(std::move(what)), writer(std::move(who)) {
    m_wireSize = 16;
    for (const SinkWrite& write : writes) {
        m_wireSize += write.wireSize();
    }
}

void SinkCommit::digest(Digest& digest) const {
    digest.add(request);
    for (const SinkWrite& write : writes) {
        write.digest(digest);
    }
    if (work > CpuTime{0}) {
        digest.add(work.count());
    }
}

std::string SinkCommit::summary() const {
    return fmt::format("commit request {}: {} write{}", request, writes.size(), writes.size() == 1 ? "" : "s");
}

SinkEffect::SinkEffect(Ref<const SinkSpec> sink, std::uint64_t transaction, std::vector<Ref<const SinkCommit>> requests,
                       std::vector<std::string> compacted)
    : m_sink(std::move(sink)),
      m_transaction(transaction),
      m_requests(std::move(requests)),
      m_compacted(std::move(compacted)),
      m_destination("sink:" + m_sink->id) {}

void SinkEffect::digest(Digest& digest) const {
    digest.add(std::string_view{m_destination});
    digest.add(m_transaction);
    for (const auto& request : m_requests) {
        digest.add(request->contentDigest());
    }
    for (const std::string& folder : m_compacted) {
        digest.add(std::string_view{folder});
    }
}

std::string SinkEffect::summary() const {
    if (!m_compacted.empty()) {
        return fmt::format("{}: transaction {} puts {} folders together", m_destination, m_transaction,
                           m_compacted.size());
    }
    std::size_t writes = 0;
    for (const auto& request : m_requests) {
        writes += request->writes.size();
    }
    return fmt::format("{}: transaction {} of {} write{}", m_destination, m_transaction, writes,
                       writes == 1 ? "" : "s");
}

}  // namespace millrace::ingest
