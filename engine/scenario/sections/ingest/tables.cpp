#include "engine/scenario/sections/ingest/tables.h"

namespace millrace::scenario {

std::optional<ColumnPlan> parseColumn(std::string_view text) {
    constexpr std::string_view nameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    const std::size_t blank = text.find(' ');
    const std::string_view name = text.substr(0, blank);
    const std::string_view type = blank == std::string_view::npos ? std::string_view() : text.substr(blank + 1);
    const bool isName = !name.empty() && name.find_first_not_of(nameLetters) == std::string_view::npos;
    const bool isType = type == "INTEGER" || type == "REAL" || type == "TEXT";
    return isName && isType ? std::optional(ColumnPlan{std::string(name), std::string(type)}) : std::nullopt;
}

std::vector<std::string_view> auditTableNames() {
    return {"errors", "status_counts", "rejected"};
}

}  // namespace millrace::scenario
