#pragma once

#include <QString>
#include <vector>

#include "engine/observe/data_page.h"
#include "engine/observe/ingestion_view.h"
#include "widgets/pages/record_model.h"

namespace millrace::widgets {

[[nodiscard]] std::vector<RecordColumn> sourceScoreColumns();
[[nodiscard]] std::vector<Record> sourceScores(const std::vector<observe::ScoreView>& scores);
[[nodiscard]] std::vector<RecordColumn> sinkScoreColumns();
[[nodiscard]] std::vector<Record> sinkScores(const std::vector<observe::ScoreView>& scores);

[[nodiscard]] std::vector<RecordColumn> pipelineColumns();
/// The ways in side by side: how old their rows were, and what was left of their value.
[[nodiscard]] std::vector<Record> pipelines(const std::vector<observe::IngestionView>& all);

/// What one must know of a source first, as a sentence.
struct DataVerdict {
    QString text;
    Meaning meaning = Meaning::Plain;
};
[[nodiscard]] DataVerdict verdictOf(const observe::DataPage& page);

}  // namespace millrace::widgets
