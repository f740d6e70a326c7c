#include "engine/scenario/report/rejected.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

namespace millrace::scenario {

namespace {

constexpr std::size_t samplesMax = 5;

std::int64_t numberOf(std::string_view text) {
    std::int64_t number = -1;
    (void)std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

std::vector<RejectedGroup> rejectedGroups(const sim::World& world) {
    using Line = std::tuple<std::string_view, std::int64_t, std::string_view>;  // source, position, reason
    std::map<Line, const sim::JournalEntry*> lines;
    const sim::Journal& journal = world.journal();
    for (std::uint32_t id = journal.firstId().value; id <= journal.lastId().value; ++id) {
        const sim::JournalEntry* entry = journal.find(sim::JournalId{id});
        if (entry != nullptr && entry->kind == "ingest.line-rejected") {
            lines.emplace(Line{entry->field("source"), numberOf(entry->field("position")), entry->field("reason")},
                          entry);
        }
    }
    std::map<std::string_view, RejectedGroup> byReason;
    for (const auto& [line, entry] : lines) {
        const auto& [source, position, reason] = line;
        RejectedGroup& group = byReason[reason];
        group.reason = reason;
        ++group.count;
        if (group.samples.size() < samplesMax) {
            group.samples.push_back(
                {std::string{source}, std::string{entry->field("file")}, position, std::string{entry->field("text")}});
        }
    }
    std::vector<RejectedGroup> groups;
    for (auto& [reason, group] : byReason) {
        groups.push_back(std::move(group));
    }
    std::stable_sort(groups.begin(), groups.end(),
                     [](const RejectedGroup& a, const RejectedGroup& b) { return a.count > b.count; });
    return groups;
}

}  // namespace millrace::scenario
