#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/spark/core/rdd.h"

namespace millrace::spark {

/// flatMap: the parts of a text, one row each. Without a separator: at white space, no empty parts.
[[nodiscard]] Ref<const Transformation> makeFlatMap(std::uint32_t field, std::string separator);
/// map: chosen fields in a new order, and a constant behind them where one is wanted.
[[nodiscard]] Ref<const Transformation> makeProjection(std::vector<std::uint32_t> fields,
                                                       std::optional<std::int64_t> constant);
/// filter by a pattern (RE2's syntax), that is found in the text or not.
[[nodiscard]] Result<Ref<const Transformation>, std::string> makePatternFilter(std::uint32_t field,
                                                                               const std::string& pattern,
                                                                               bool keepsMatching);
/// filter by a bound of a number.
[[nodiscard]] Ref<const Transformation> makeNumberFilter(std::uint32_t field, std::optional<double> least,
                                                         std::optional<double> most);
/// map by a pattern: its groups as fields; rows in which it is not found are left out.
[[nodiscard]] Result<Ref<const Transformation>, std::string> makeExtraction(std::uint32_t field,
                                                                            const std::string& pattern);
/// How many groups a pattern has; the error is what is wrong with it.
[[nodiscard]] Result<std::size_t, std::string> groupsOf(const std::string& pattern);

/// map(_ => (key, n)): how many rows a partition has, as one row, also when it has none.
[[nodiscard]] Ref<const Transformation> makeCountOfPartition();

/// Lines of a web server's access log, parsed; lines that do not parse are left out, or, `keepsRejected`, are all that
/// is kept: (line, reason). `also`: fields that are taken along behind them.
[[nodiscard]] Ref<const Transformation> makeLogParser(std::uint32_t field, bool keepsRejected,
                                                      std::vector<std::uint32_t> also);
[[nodiscard]] std::vector<std::string> logFields();
[[nodiscard]] std::vector<std::string> rejectedFields();

}  // namespace millrace::spark
