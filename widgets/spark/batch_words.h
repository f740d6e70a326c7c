#pragma once

#include <QString>
#include <array>
#include <utility>
#include <vector>

#include "engine/observe/streaming_page.h"
#include "widgets/pages/record_cells.h"
#include "widgets/pages/record_model.h"

namespace millrace::widgets {

/// From when to when; empty where it did not happen (yet).
struct TimeSpan {
    SimTime from{};
    SimTime to{};
    [[nodiscard]] bool isEmpty() const { return to <= from; }
};

/// A batch as the timeline draws it.
struct BatchBar {
    SimTime time{};
    QString label;    ///< "batch 44 s"
    QString records;  ///< "2,000"
    TimeSpan collects;
    TimeSpan waits;
    TimeSpan runs;
    bool isTooLong = false;  ///< it was worked on for longer than the interval
    QString words;           ///< beside the bar: "1.34 s after 0.52 s"
    Meaning meaning = Meaning::Plain;
    QString tip;
};
[[nodiscard]] BatchBar barOf(const observe::BatchRow& batch, SimDuration interval, SimTime now);

/// How an application stands, as a sentence, and why.
struct Verdict {
    QString headline;
    QString because;
    Meaning meaning = Meaning::Plain;
    SimTime at{};  ///< the batch that it is about, 0: none
};
[[nodiscard]] Verdict verdictOf(const observe::StreamingPage& page);

/// One of the four charts of the statistics.
struct StatisticSeries {
    QString title;
    QString help;  ///< formula and unit
    bool isDelay = false;
    bool hasInterval = false;                        ///< the interval is drawn as a line
    std::vector<std::pair<SimTime, double>> points;  ///< records/s, or seconds
    double mean = 0;
    double newest = 0;
    double most = 0;
};
[[nodiscard]] std::array<StatisticSeries, 4> statisticsOf(const observe::StreamingPage& page);
/// How many of the points fall into each of `bins` equal parts of 0 to `most`.
[[nodiscard]] std::vector<int> histogramOf(const StatisticSeries& series, double most, int bins);

/// "5/5", and what was done again behind it: a stage has a task for each partition, whatever is repeated.
[[nodiscard]] QString doneOfStage(const observe::StageView& stage, const QString& form);

[[nodiscard]] std::vector<RecordColumn> activeBatchColumns();
[[nodiscard]] std::vector<Record> activeBatches(const observe::StreamingPage& page);
[[nodiscard]] std::vector<RecordColumn> doneBatchColumns();
[[nodiscard]] std::vector<Record> doneBatches(const observe::StreamingPage& page);
[[nodiscard]] std::vector<RecordColumn> outputColumns();
[[nodiscard]] std::vector<Record> outputs(const observe::BatchDetail& batch);
[[nodiscard]] std::vector<RecordColumn> stageColumns();
[[nodiscard]] std::vector<Record> stages(const observe::BatchDetail& batch);
[[nodiscard]] std::vector<RecordColumn> taskColumns();
[[nodiscard]] std::vector<Record> tasks(const observe::BatchDetail& batch);
[[nodiscard]] std::vector<RecordColumn> executorColumns();
[[nodiscard]] std::vector<Record> executors(const observe::StreamingPage& page);

/// A row of what a batch is made of and went through, for the side of the page.
struct BatchFact {
    QString name;
    QString value;
    Meaning meaning = Meaning::Plain;
    QString tip;
};
[[nodiscard]] std::vector<BatchFact> factsOf(const observe::BatchDetail& batch, SimDuration interval);

/// The key of a batch in its tables, and back.
[[nodiscard]] QString batchKey(SimTime batch);
[[nodiscard]] SimTime batchOfKey(const QString& key);

[[nodiscard]] QString phaseName(observe::TaskPhase phase);
[[nodiscard]] QString taskTip(const observe::TaskView& task);

}  // namespace millrace::widgets
