#include "engine/scenario/report_values.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::scenario {

namespace {

/// In characters, as a terminal counts.
std::size_t widthOf(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string ReportTable::under(std::string_view title) const {
    if (m_rows.size() == 1) {
        return {};
    }
    std::vector<std::size_t> widths(m_rows.front().size(), 0);
    for (const auto& row : m_rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], widthOf(row[i]));
        }
    }
    std::string text = fmt::format("\n{}\n", title);
    for (const auto& row : m_rows) {
        text += "  ";
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string blanks(widths[i] - widthOf(row[i]), ' ');
            text += i == 0 ? row[i] + blanks : "  " + blanks + row[i];
        }
        text += "\n";
    }
    return text;
}

std::string nameText(const observe::ObjectId& id) {
    return std::string(observe::nameOf(id));
}

std::string_view stateText(observe::LifeState state) {
    switch (state) {
        case observe::LifeState::Running:
        case observe::LifeState::Starting:
            return "running";
        case observe::LifeState::Paused:
            return "paused";
        case observe::LifeState::Stopped:
        case observe::LifeState::Planned:
            return "stopped";
        case observe::LifeState::Crashed:
        case observe::LifeState::PoweredOff:
            return "crashed";
    }
    return "stopped";
}

}  // namespace millrace::scenario
