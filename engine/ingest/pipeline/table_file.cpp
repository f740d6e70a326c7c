#include "engine/ingest/pipeline/table_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/flow/operator.h"
#include "engine/ingest/formats/format.h"

namespace millrace::ingest {

Result<Ref<const TableFile>, std::string> TableFile::make(const FileContent& content, const std::string& key) {
    if (content.lineCount() == 0) {
        return tl::unexpected(fmt::format("{} is empty: its first line names the columns", content.path()));
    }
    const auto names = csvValues(content.line(0));
    if (!names) {
        return tl::unexpected(fmt::format("{}: the first line is no CSV", content.path()));
    }
    const auto found = key.empty() ? names->begin() : std::find(names->begin(), names->end(), key);
    if (found == names->end()) {
        return tl::unexpected(
            fmt::format("{} has no column '{}', only {}", content.path(), key, fmt::join(*names, ", ")));
    }
    if (const auto twice = flow::firstRepeated(*names)) {
        return tl::unexpected(fmt::format("{}: two columns are called '{}'", content.path(), *twice));
    }
    const auto at = static_cast<std::size_t>(found - names->begin());
    auto table = makeRef<TableFile>();
    table->columns = *names;
    table->columns.erase(table->columns.begin() + static_cast<std::ptrdiff_t>(at));
    for (std::int64_t line = 1; line < content.lineCount(); ++line) {
        auto values = csvValues(content.line(line));
        if (!values || values->size() != names->size()) {
            return tl::unexpected(
                fmt::format("{}, line {}: it has not {} values", content.path(), line + 1, names->size()));
        }
        std::string name = std::move((*values)[at]);
        values->erase(values->begin() + static_cast<std::ptrdiff_t>(at));
        if (!table->rowsByKey.emplace(name, std::move(*values)).second) {
            return tl::unexpected(fmt::format("{}, line {}: '{}' stands there twice", content.path(), line + 1, name));
        }
    }
    return table;
}

}  // namespace millrace::ingest
