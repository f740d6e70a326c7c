#include "engine/kafka/log/leader_epochs.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace millrace::kafka {

namespace {

/// Takes one whole number off the front of the text.
std::optional<std::int64_t> takeNumber(std::string_view& text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) {
        text.remove_prefix(1);
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

}  // namespace

bool LeaderEpochs::assign(LeaderEpoch epoch, Offset start) {
    if (epoch <= latest()) {
        return false;
    }
    // An earlier epoch that never got a record gives way: two epochs cannot start at one offset.
    while (!m_entries.empty() && m_entries.back().start >= start) {
        m_entries.pop_back();
    }
    m_entries.push_back({epoch, start});
    return true;
}

EpochEnd LeaderEpochs::endOf(LeaderEpoch asked, Offset logEnd) const {
    if (asked == noEpoch || m_entries.empty() || asked > latest()) {
        return {};
    }
    if (asked == latest()) {
        return {asked, logEnd};
    }
    const auto higher = std::upper_bound(m_entries.begin(), m_entries.end(), asked,
                                         [](LeaderEpoch epoch, const Entry& entry) { return epoch < entry.epoch; });
    if (higher == m_entries.begin()) {
        return {asked, higher->start};
    }
    return {std::prev(higher)->epoch, higher->start};
}

bool LeaderEpochs::truncateEnd(Offset end) {
    const std::size_t before = m_entries.size();
    while (!m_entries.empty() && m_entries.back().start >= end) {
        m_entries.pop_back();
    }
    return m_entries.size() != before;
}

bool LeaderEpochs::truncateStart(Offset start) {
    const auto firstAfter = std::upper_bound(m_entries.begin(), m_entries.end(), start,
                                             [](Offset offset, const Entry& entry) { return offset < entry.start; });
    if (firstAfter == m_entries.begin()) {
        return false;
    }
    const auto holder = std::prev(firstAfter);
    if (holder == m_entries.begin() && holder->start == start) {
        return false;
    }
    holder->start = start;
    m_entries.erase(m_entries.begin(), holder);
    return true;
}

std::string LeaderEpochs::toCheckpoint() const {
    std::string text = fmt::format("0\n{}\n", m_entries.size());
    for (const Entry& entry : m_entries) {
        text += fmt::format("{} {}\n", entry.epoch.value, entry.start.value);
    }
    return text;
}

std::optional<LeaderEpochs> LeaderEpochs::fromCheckpoint(std::string_view text) {
    const auto version = takeNumber(text);
    const auto count = takeNumber(text);
    if (version != 0 || !count) {
        return std::nullopt;
    }
    LeaderEpochs epochs;
    for (std::int64_t i = 0; i < *count; ++i) {
        const auto epoch = takeNumber(text);
        const auto start = takeNumber(text);
        if (!epoch || !start) {
            return std::nullopt;
        }
        epochs.m_entries.push_back({LeaderEpoch{static_cast<std::int32_t>(*epoch)}, Offset{*start}});
    }
    return epochs;
}

}  // namespace millrace::kafka
