#include "app/cli/journal_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

namespace millrace::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string_view toText(sim::Severity severity) {
    constexpr std::array<std::string_view, 5> names = {"trace", "detail", "notice", "warning", "error"};
    return names.at(static_cast<std::size_t>(severity));
}

std::string lineOf(const sim::JournalEntry& entry) {
    Json fields = Json::object();
    for (const auto& [key, value] : entry.fields) {
        fields[std::string(key)] = value;
    }
    const Json json = {{"id", entry.id.value}, {"time_ns", nanoseconds(entry.time)}, {"place", entry.place},
                       {"kind", entry.kind},   {"severity", toText(entry.severity)}, {"text", entry.text},
                       {"fields", fields},     {"cause", entry.cause.value}};
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

Result<JournalFile> JournalFile::create(const std::string& path) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    if (!out) {
        return failure(std::string("the journal cannot be written: ") + std::strerror(errno), path);
    }
    return JournalFile(path, std::move(out));
}

Result<void> JournalFile::writeNew(const sim::World& world) {
    const sim::Journal& journal = world.journal();
    m_next = std::max(m_next, journal.firstId().value);
    for (; m_next <= journal.lastId().value; ++m_next) {
        const sim::JournalEntry* entry = journal.find(sim::JournalId{m_next});
        if (entry != nullptr) {
            m_out << lineOf(*entry);
        }
    }
    m_out.flush();
    if (!m_out) {
        return failure(std::string("the journal cannot be written: ") + std::strerror(errno), m_path);
    }
    return {};
}

}  // namespace millrace::cli
