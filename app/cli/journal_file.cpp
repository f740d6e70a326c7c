#include "app/cli/journal_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "engine/base/plain_file.h"

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

bool isJournal(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    constexpr std::size_t lineMost = 1 << 20;
    std::string line(lineMost, '\0');
    in.read(line.data(), static_cast<std::streamsize>(line.size()));
    line.resize(static_cast<std::size_t>(in.gcount()));
    if (line.empty()) {
        return true;
    }
    const Json first = Json::parse(line.substr(0, line.find('\n')), nullptr, false);
    const auto has = [&](const char* key) { return first.contains(key); };
    return first.is_object() && has("id") && has("time_ns") && has("place") && has("kind");
}

}  // namespace

Result<void> JournalFile::check(const std::string& path) {
    if (auto writable = checkWritable(path); !writable) {
        return tl::unexpected(
            Error{"the journal cannot be written: " + writable.error().message, path, writable.error().kind});
    }
    std::error_code trouble;
    if (std::filesystem::exists(path, trouble) && !isJournal(path)) {
        return failure("this file is no journal of a run, and is not replaced; name another file or move it away",
                       path);
    }
    return {};
}

Result<JournalFile> JournalFile::create(const std::string& path) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    if (!out) {
        return machineFailure(std::string("the journal cannot be written: ") + systemTrouble(errno), path);
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
            ++m_lines;
            if (entry->repeats) {
                m_counted.try_emplace(*entry->repeats, entry);
            }
        }
    }
    m_out.flush();
    if (!m_out) {
        return machineFailure(std::string("the journal cannot be written: ") + systemTrouble(errno), m_path);
    }
    return {};
}

Result<void> JournalFile::close(const sim::World& world) {
    if (auto written = writeNew(world); !written || m_isClosed) {
        return written;
    }
    m_isClosed = true;
    const sim::Journal& journal = world.journal();
    Json counts = Json::array();
    for (const auto& [index, entry] : m_counted) {
        const sim::Repeats& repeats = *journal.repeatsOf(*entry);
        if (repeats.count > sim::Journal::keptOfAlike) {
            counts.push_back({{"kind", entry->kind},
                              {"place", entry->place},
                              {"first", repeats.first.value},
                              {"newest", repeats.newest.value},
                              {"count", repeats.count},
                              {"last_ns", nanoseconds(repeats.last)}});
        }
    }
    const std::uint64_t counted = journal.written() - std::min(journal.written(), m_lines);
    const Json line = {
        {"id", journal.nextId().value},
        {"time_ns", nanoseconds(world.now())},
        {"place", "run"},
        {"kind", "journal.closed"},
        {"severity", toText(sim::Severity::Detail)},
        {"text", fmt::format("{} entries, of which {} say the same as others and are counted with them",
                             journal.written(), counted)},
        {"fields", {{"entries", std::to_string(journal.written())}, {"counted", std::to_string(counted)}}},
        {"cause", 0},
        {"counts", counts}};
    m_out << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
    m_out.flush();
    return m_out ? Result<void>()
                 : machineFailure(std::string("the journal cannot be written: ") + systemTrouble(errno), m_path);
}

}  // namespace millrace::cli
