#pragma once

#include <QString>
#include <vector>

#include "engine/observe/hadoop_page.h"
#include "widgets/pages/record_model.h"

namespace millrace::widgets {

/// How HDFS or a job stands, as a sentence.
struct Standing {
    QString text;
    Meaning meaning = Meaning::Plain;
};
[[nodiscard]] Standing verdictOf(const observe::DfsPage& page);
[[nodiscard]] QString summaryOf(const observe::DfsPage& page);
[[nodiscard]] Standing verdictOf(const observe::JobPage& page);
[[nodiscard]] QString summaryOf(const observe::JobPage& page);

[[nodiscard]] std::vector<RecordColumn> dfsNodeColumns();
[[nodiscard]] std::vector<Record> dfsNodes(const observe::DfsPage& page);
[[nodiscard]] std::vector<RecordColumn> dfsFileColumns();
[[nodiscard]] std::vector<Record> dfsFiles(const observe::DfsPage& page);
[[nodiscard]] QString blockTip(const observe::DfsPage& page, const observe::DfsBlockView& block);

[[nodiscard]] std::vector<RecordColumn> jobColumns();
[[nodiscard]] std::vector<Record> jobs(const std::vector<observe::MapReduceJobView>& all);
[[nodiscard]] std::vector<RecordColumn> taskKindColumns();
[[nodiscard]] std::vector<Record> taskKinds(const observe::JobPage& page);
[[nodiscard]] std::vector<RecordColumn> counterColumns();
[[nodiscard]] std::vector<Record> counters(const observe::JobPage& page);
[[nodiscard]] std::vector<RecordColumn> attemptColumns();
[[nodiscard]] std::vector<Record> attempts(const observe::JobPage& page);
[[nodiscard]] std::vector<RecordColumn> trackerColumns();
[[nodiscard]] std::vector<Record> trackers(const observe::JobPage& page);
[[nodiscard]] std::vector<RecordColumn> nodeManagerColumns();
[[nodiscard]] std::vector<Record> nodeManagers(const observe::JobPage& page);

/// "map 12", "reduce 3".
[[nodiscard]] QString taskName(const observe::MapReduceTaskView& task);
[[nodiscard]] QString attemptTip(const observe::MapReduceTaskView& task, const observe::AttemptView& attempt,
                                 SimTime now);

}  // namespace millrace::widgets
