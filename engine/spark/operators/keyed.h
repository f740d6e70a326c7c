#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/spark/core/rdd.h"
#include "engine/spark/streaming/program.h"

namespace millrace::spark {

/// What works on rows (key, value) by key. The key stands in field 0, the value in field 1; what comes in may have them
/// elsewhere: `key` and `value` are its fields. `value` below 0: each row counts 1.
struct KeyValue {
    std::uint32_t key = 0;
    std::int32_t value = 1;
};

/// Values of a key become one; keys stand in the order in which they first came.
[[nodiscard]] Ref<const Aggregator> makeReducer(Reduction reduction, KeyValue fields);
/// Behind the shuffle: what combiners have made becomes one value a key. `fields`: of what comes where there was no
/// shuffle, or no combiner.
[[nodiscard]] Ref<const Transformation> makeReduction(Reduction reduction, KeyValue fields = {});
/// The values of a key behind one another, as one text, parted by commas.
[[nodiscard]] Ref<const Transformation> makeGrouping(KeyValue fields);
/// What has the same key on both sides, every value with every value: key, the other fields of the left side, those of
/// the right.
[[nodiscard]] Ref<const Transformation> makeJoin(JoinKind kind, std::uint32_t leftKey, std::uint32_t leftWidth,
                                                 std::uint32_t rightWidth);
/// cogroup: of each key that either side has, the rows of the left side and those of the right behind one another, as
/// two texts: rows are parted by commas, the fields of a row beside its key by semicolons.
[[nodiscard]] Ref<const Transformation> makeCogroup();
/// The first row of each key.
[[nodiscard]] Ref<const Transformation> makeDistinct(std::uint32_t key);
/// The rows with the highest (or lowest) values of a field, in that order; rows of equal values in the order of
/// arrival.
[[nodiscard]] Ref<const Transformation> makeTop(std::uint32_t field, std::size_t count, bool isDescending);
/// updateStateByKey: the last state (all keys) with what is new. Keys at zero are forgotten where `dropsZeros`.
[[nodiscard]] Ref<const Transformation> makeStateUpdate(Reduction reduction, bool hasState, bool dropsZeros);
/// mapWithState: only keys of this batch are touched, and given with their new totals; with a time-out (in
/// milliseconds; 0: not in this batch) keys that have been silent so long are looked for and dropped.
[[nodiscard]] Ref<const Transformation> makeMapWithState(Reduction reduction, bool hasState,
                                                         std::int64_t timeoutMillis);
/// The last window (if there is one), `leaving` batches that are subtracted, and what enters.
[[nodiscard]] Ref<const Transformation> makeInverseWindow(bool hasWindow, std::size_t leaving, bool dropsZeros);

}  // namespace millrace::spark
