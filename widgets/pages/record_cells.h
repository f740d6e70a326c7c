#pragma once

#include "engine/base/sim_time.h"
#include "widgets/pages/record_model.h"

namespace millrace::widgets {

// Cells as the tables of all pages write them. What is zero is dim.

[[nodiscard]] RecordCell wordsCell(const QString& text, Meaning meaning = Meaning::Plain, const QString& tip = {});
[[nodiscard]] RecordCell numberCell(const QString& text, double sort, Meaning meaning = Meaning::Plain,
                                    const QString& tip = {});
[[nodiscard]] RecordCell countCell(std::int64_t value, Meaning meaning = Meaning::Plain);
[[nodiscard]] RecordCell bytesCell(std::int64_t value);
[[nodiscard]] RecordCell spanCell(SimDuration value);
/// "0.62 s": two decimals, so that a column can be compared.
[[nodiscard]] QString secondsText(SimDuration duration);
/// Whole percents; good when it is all.
[[nodiscard]] RecordCell shareCell(double share);

}  // namespace millrace::widgets
