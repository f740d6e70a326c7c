#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/result.h"
#include "engine/ingest/file_content.h"

namespace millrace::ingest {

/// A table that is looked up in: the lines of a CSV file whose first line names the columns. Immutable and shared.
struct TableFile final : Counted {
    std::vector<std::string> columns;                                        ///< those beside the key
    std::map<std::string, std::vector<std::string>, std::less<>> rowsByKey;  ///< their values

    /// `key` is the column by which it is asked; empty: the first. The error says which line is wrong and why.
    [[nodiscard]] static Result<Ref<const TableFile>, std::string> make(const FileContent& content,
                                                                        const std::string& key);
};

}  // namespace millrace::ingest
