#pragma once

#include <QString>
#include <vector>

#include "engine/observe/comparison_view.h"
#include "widgets/pages/record_model.h"

namespace millrace::widgets {

// What the page of a comparison says, without a widget.

/// A figure, then a column for each variant.
[[nodiscard]] std::vector<RecordColumn> figureColumns(const observe::ComparisonView& view);
/// A row for each topic, and its figures below it.
[[nodiscard]] std::vector<Record> figureRecords(const observe::ComparisonView& view);
/// The key of a figure's row; of a topic it is no figure's.
[[nodiscard]] QString figureKey(std::size_t row);
/// -1 where the key is none of a figure.
[[nodiscard]] int figureOfKey(const QString& key);
[[nodiscard]] std::vector<RecordColumn> differenceColumns();
[[nodiscard]] std::vector<Record> differenceRecords(const observe::ComparisonView& view);
[[nodiscard]] std::vector<RecordColumn> noteColumns();
[[nodiscard]] std::vector<Record> noteRecords(const observe::ComparisonView& view);

/// "storm, spark and hadoop on the same records, machines and faults; 5 runs each, means with 95 % intervals"
[[nodiscard]] QString sentenceOf(const observe::ComparisonView& view);
/// "Latency p50, s: less is better"
[[nodiscard]] QString captionOf(const observe::ComparisonView::Row& row);

}  // namespace millrace::widgets
