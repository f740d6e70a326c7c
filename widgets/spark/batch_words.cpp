#include "widgets/spark/batch_words.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <cmath>

#include "widgets/pages/record_cells.h"
#include "widgets/pages/time_axis.h"
#include "widgets/style/format.h"

namespace millrace::widgets {

namespace {

struct BatchWords {
    Q_DECLARE_TR_FUNCTIONS(BatchWords)
};

double inSeconds(SimDuration duration) {
    return static_cast<double>(duration.count()) / 1e9;
}

/// So far, of one that waits or runs.
SimDuration waitOf(const observe::BatchRow& batch, SimTime now) {
    return (hasCome(batch.started) ? batch.started : std::max(now, batch.submitted)) - batch.submitted;
}

SimDuration workOf(const observe::BatchRow& batch, SimTime now) {
    return !hasCome(batch.started)
               ? SimDuration{0}
               : (hasCome(batch.ended) ? batch.ended : std::max(now, batch.started)) - batch.started;
}

QString intervalText(SimDuration interval) {
    return format::duration(interval);
}

RecordCell delay(SimDuration value, SimDuration limit = SimDuration::max()) {
    return numberCell(secondsText(value), inSeconds(value), value > limit ? Meaning::Bad : Meaning::Plain);
}

QString stateOf(const observe::BatchRow& batch) {
    return hasCome(batch.ended)     ? BatchWords::tr("done")
           : hasCome(batch.started) ? BatchWords::tr("processing")
                                    : BatchWords::tr("queued");
}

QString wordsOf(const observe::BatchRow& batch, SimTime now) {
    if (!hasCome(batch.started)) {
        return BatchWords::tr("waits");
    }
    const SimDuration wait = waitOf(batch, now);
    constexpr SimDuration visible = std::chrono::milliseconds{5};
    QString text = hasCome(batch.ended) ? secondsText(workOf(batch, now)) : BatchWords::tr("runs");
    if (wait >= visible) {
        text = BatchWords::tr("%1 after %2").arg(text, secondsText(wait));
    }
    if (batch.recomputedTasks > 0) {
        text += batch.recomputedTasks == 1
                    ? BatchWords::tr(", 1 partition computed again")
                    : BatchWords::tr(", %1 partitions computed again").arg(batch.recomputedTasks);
    } else if (batch.failedTasks > 0) {
        text += batch.failedTasks == 1 ? BatchWords::tr(", 1 task failed")
                                       : BatchWords::tr(", %1 tasks failed").arg(batch.failedTasks);
    }
    return text;
}

QString tipOf(const observe::BatchRow& batch, SimDuration interval, SimTime now) {
    QStringList lines;
    lines << BatchWords::tr("Batch at %1: what came in from %2 to %1, %3 records")
                 .arg(instantText(batch.time), instantText(batch.time - interval), format::count(batch.records));
    lines
        << BatchWords::tr("scheduling delay %1: from its making to its first job").arg(secondsText(waitOf(batch, now)));
    lines << BatchWords::tr("processing time %1: from its first job's start to its last job's end; the interval is %2")
                 .arg(secondsText(workOf(batch, now)), intervalText(interval));
    if (hasCome(batch.ended)) {
        lines << BatchWords::tr("total delay %1 = scheduling delay + processing time")
                     .arg(secondsText(batch.totalDelay()));
    }
    if (!batch.late.empty()) {
        lines << BatchWords::tr("late, because %1").arg(format::text(batch.late));
    }
    return lines.join(QLatin1Char('\n'));
}

bool isLate(const observe::BatchRow& batch) {
    return !batch.late.empty();
}

std::vector<RecordColumn> batchColumns() {
    return {
        {BatchWords::tr("Batch"), BatchWords::tr("the end of the interval in which its records came in"), 9},
        {BatchWords::tr("Records"), BatchWords::tr("records that it is made of"), 8, true},
        {BatchWords::tr("Scheduling delay"), BatchWords::tr("seconds from its making to its first job's start"), 10,
         true},
        {BatchWords::tr("Processing time"),
         BatchWords::tr("seconds from its first job's start to its last job's end; red above the interval"), 10, true}};
}

Record batchRecord(const observe::BatchRow& batch, const observe::StreamingPage& page) {
    Record record;
    record.key = batchKey(batch.time);
    record.at = batch.submitted.time_since_epoch().count();
    const SimDuration work = workOf(batch, page.now);
    record.cells = {wordsCell(instantText(batch.time), Meaning::Plain, tipOf(batch, page.interval, page.now)),
                    countCell(batch.records), delay(waitOf(batch, page.now)), delay(work, page.interval)};
    return record;
}

/// The worst first: what has been late in a row at the end of what is remembered.
std::pair<std::size_t, std::size_t> newestLate(const std::vector<observe::BatchRow>& batches) {
    std::size_t end = batches.size();
    while (end > 0 && !isLate(batches[end - 1])) {
        --end;
    }
    std::size_t begin = end;
    while (begin > 0 && isLate(batches[begin - 1])) {
        --begin;
    }
    return {begin, end};
}

}  // namespace

QString batchKey(SimTime batch) {
    return QString::number(batch.time_since_epoch().count());
}

SimTime batchOfKey(const QString& key) {
    return SimTime(SimDuration(key.toLongLong()));
}

BatchBar barOf(const observe::BatchRow& batch, SimDuration interval, SimTime now) {
    BatchBar bar;
    bar.time = batch.time;
    bar.label = BatchWords::tr("batch %1").arg(instantText(batch.time));
    bar.records = format::count(batch.records);
    bar.collects = {batch.time - interval, batch.time};
    bar.waits = {batch.submitted, batch.submitted + waitOf(batch, now)};
    if (hasCome(batch.started)) {
        bar.runs = {batch.started, batch.started + workOf(batch, now)};
    }
    bar.isTooLong = workOf(batch, now) > interval;
    bar.words = wordsOf(batch, now);
    bar.meaning = isLate(batch) || bar.isTooLong ? Meaning::Bad : Meaning::Plain;
    bar.tip = tipOf(batch, interval, now);
    return bar;
}

Verdict verdictOf(const observe::StreamingPage& page) {
    Verdict verdict;
    if (page.batches.empty()) {
        verdict.headline = page.isDriverThere ? BatchWords::tr("No batch has been made yet")
                                              : BatchWords::tr("The driver is down: no batch is made");
        verdict.because = page.isDriverThere ? BatchWords::tr("the first is due at the end of the first interval of %1")
                                                   .arg(intervalText(page.interval))
                                             : BatchWords::tr("the driver does not run, and knows its batches alone");
        verdict.meaning = Meaning::Dim;
        return verdict;
    }
    const auto waiting = std::count_if(page.batches.begin(), page.batches.end(),
                                       [](const auto& batch) { return !hasCome(batch.started); });
    const auto [begin, end] = newestLate(page.batches);
    const auto after = std::count_if(page.batches.begin() + static_cast<std::ptrdiff_t>(end), page.batches.end(),
                                     [](const auto& batch) { return hasCome(batch.ended); });
    const auto done =
        std::count_if(page.batches.begin(), page.batches.end(), [](const auto& batch) { return hasCome(batch.ended); });
    if (begin == end && (done == 0 || waiting > 1)) {
        verdict.headline = waiting == 1  ? BatchWords::tr("1 batch waits")
                           : waiting > 1 ? BatchWords::tr("%1 batches wait for their turn").arg(waiting)
                                         : BatchWords::tr("The first batch is being worked on");
        verdict.because = done == 0 ? BatchWords::tr("none is done yet")
                                    : BatchWords::tr("%1 are done, each within its interval of %2")
                                          .arg(done)
                                          .arg(intervalText(page.interval));
        verdict.meaning = waiting > 1 ? Meaning::Bad : Meaning::Dim;
        return verdict;
    }
    if (begin == end) {
        SimDuration slowest{0};
        for (const observe::BatchRow& batch : page.batches) {
            slowest = std::max(slowest, hasCome(batch.ended) ? batch.totalDelay() : SimDuration{0});
        }
        verdict.headline =
            BatchWords::tr("Every batch was done within its interval of %1").arg(intervalText(page.interval));
        verdict.because = BatchWords::tr("the slowest of %1 took %2").arg(done).arg(secondsText(slowest));
        std::int64_t failed = 0;
        for (const observe::BatchRow& batch : page.batches) {
            failed += batch.failedTasks;
        }
        verdict.because += failed == 1  ? BatchWords::tr(", though 1 task failed and was tried again")
                           : failed > 1 ? BatchWords::tr(", though %1 tasks failed and were tried again").arg(failed)
                                        : QString();
        verdict.meaning = Meaning::Good;
        return verdict;
    }
    const observe::BatchRow& first = page.batches[begin];
    SimDuration longest{0};
    for (std::size_t i = begin; i < end; ++i) {
        longest = std::max(longest, page.batches[i].schedulingDelay);
    }
    verdict.at = first.time;
    verdict.meaning = after == 0 || waiting > 1 ? Meaning::Bad : Meaning::Warning;
    const QString wait =
        longest > page.interval / 20
            ? BatchWords::tr("; batches had to wait for their turn, at most %1").arg(secondsText(longest))
            : QString();
    verdict.headline =
        end - begin == 1
            ? BatchWords::tr("The batch at %1 took %2, longer than the interval of %3")
                  .arg(instantText(first.time), secondsText(first.totalDelay()), intervalText(page.interval))
            : BatchWords::tr("The batches from %1 to %2 took longer than the interval of %3%4")
                  .arg(instantText(first.time), instantText(page.batches[end - 1].time), intervalText(page.interval),
                       wait);
    verdict.because = BatchWords::tr("because of the first: %1").arg(format::text(first.late));
    if (end - begin == 1) {
        verdict.because = BatchWords::tr("because %1").arg(format::text(first.late));
    }
    if (waiting > 1) {
        verdict.because += BatchWords::tr(". %1 batches wait for their turn").arg(waiting);
    } else if (after > 0) {
        verdict.because += after == 1 ? BatchWords::tr(". The batch since then was in time")
                                      : BatchWords::tr(". The %1 batches since then were in time").arg(after);
    }
    return verdict;
}

std::array<StatisticSeries, 4> statisticsOf(const observe::StreamingPage& page) {
    std::array<StatisticSeries, 4> all;
    all[0].title = BatchWords::tr("Input rate");
    all[0].help = BatchWords::tr("records/s: the records of a batch over its interval");
    all[1].title = BatchWords::tr("Scheduling delay");
    all[1].help = BatchWords::tr("s: from the making of a batch to its first job's start");
    all[2].title = BatchWords::tr("Processing time");
    all[2].help = BatchWords::tr(
        "s: from a batch's first job's start to its last job's end. Stable while it stays below the "
        "interval (dashed)");
    all[3].title = BatchWords::tr("Total delay");
    all[3].help = BatchWords::tr("s: scheduling delay + processing time");
    all[2].hasInterval = true;
    for (std::size_t i = 1; i < all.size(); ++i) {
        all[i].isDelay = true;
    }
    const double interval = inSeconds(page.interval);
    for (const observe::BatchRow& batch : page.batches) {
        all[0].points.emplace_back(batch.time, interval > 0 ? static_cast<double>(batch.records) / interval : 0);
        if (hasCome(batch.started)) {
            all[1].points.emplace_back(batch.time, inSeconds(batch.schedulingDelay));
        }
        if (hasCome(batch.ended)) {
            all[2].points.emplace_back(batch.time, inSeconds(batch.processingTime));
            all[3].points.emplace_back(batch.time, inSeconds(batch.totalDelay()));
        }
    }
    for (StatisticSeries& series : all) {
        for (const auto& [time, value] : series.points) {
            series.mean += value / static_cast<double>(series.points.size());
            series.most = std::max(series.most, value);
            series.newest = value;
        }
    }
    return all;
}

std::vector<int> histogramOf(const StatisticSeries& series, double most, int bins) {
    std::vector<int> counts(static_cast<std::size_t>(bins), 0);
    for (const auto& [time, value] : series.points) {
        const int bin = most > 0 ? static_cast<int>(value / most * bins) : 0;
        ++counts[static_cast<std::size_t>(std::clamp(bin, 0, bins - 1))];
    }
    return counts;
}

std::vector<RecordColumn> activeBatchColumns() {
    std::vector<RecordColumn> columns = batchColumns();
    columns.push_back({BatchWords::tr("Outputs"), BatchWords::tr("output operations that are done, of all"), 8, true});
    columns.push_back({BatchWords::tr("Status"),
                       BatchWords::tr("queued: waits for the batches before it; processing: its jobs run"), 12});
    return columns;
}

/// Those that wait stand above the one that runs, as on Spark's page.
std::vector<Record> activeBatches(const observe::StreamingPage& page) {
    std::vector<Record> records;
    for (auto at = page.batches.rbegin(); at != page.batches.rend(); ++at) {
        if (!hasCome(at->ended)) {
            Record record = batchRecord(*at, page);
            record.cells.push_back(numberCell(QStringLiteral("%1/%2").arg(at->outputsDone).arg(at->outputs),
                                              static_cast<double>(at->outputsDone)));
            record.cells.push_back(wordsCell(stateOf(*at), hasCome(at->started) ? Meaning::Plain : Meaning::Warning));
            records.push_back(std::move(record));
        }
    }
    return records;
}

std::vector<RecordColumn> doneBatchColumns() {
    std::vector<RecordColumn> columns = batchColumns();
    columns.push_back(
        {BatchWords::tr("Total delay"), BatchWords::tr("seconds: scheduling delay + processing time"), 9, true});
    columns.push_back({BatchWords::tr("Outputs"), BatchWords::tr("output operations that are done, of all"), 7, true});
    columns.push_back({BatchWords::tr("Tasks"), BatchWords::tr("tasks that have succeeded"), 6, true});
    columns.push_back(
        {BatchWords::tr("Failed"), BatchWords::tr("attempts of tasks that failed or were lost"), 6, true});
    columns.push_back({BatchWords::tr("Again"), BatchWords::tr("tasks that brought back what was lost"), 6, true});
    columns.push_back({BatchWords::tr("Skipped"),
                       BatchWords::tr("stages that were skipped, for their shuffle files were there"), 7, true});
    columns.push_back({BatchWords::tr("Why late"), BatchWords::tr("why it took longer than its interval"), 40});
    return columns;
}

std::vector<Record> doneBatches(const observe::StreamingPage& page) {
    std::vector<Record> records;
    for (auto at = page.batches.rbegin(); at != page.batches.rend(); ++at) {
        if (!hasCome(at->ended)) {
            continue;
        }
        Record record = batchRecord(*at, page);
        record.cells.push_back(delay(at->totalDelay(), page.interval));
        record.cells.push_back(numberCell(QStringLiteral("%1/%2").arg(at->outputsDone).arg(at->outputs),
                                          static_cast<double>(at->outputsDone)));
        record.cells.push_back(countCell(at->tasks));
        record.cells.push_back(countCell(at->failedTasks, Meaning::Bad));
        record.cells.push_back(countCell(at->recomputedTasks, Meaning::Bad));
        record.cells.push_back(countCell(at->skippedStages));
        const QString late = format::text(at->late);
        record.cells.push_back(wordsCell(late, Meaning::Warning, late));
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<RecordColumn> outputColumns() {
    return {{BatchWords::tr("Job"), BatchWords::tr("number of the job that an output operation is"), 5, true},
            {BatchWords::tr("Output operation"), BatchWords::tr("what is asked for, and where the program asks for it"),
             24},
            {BatchWords::tr("Duration"), BatchWords::tr("seconds from its submission to its end"), 8, true},
            {BatchWords::tr("Status"), BatchWords::tr("of the job"), 10},
            {BatchWords::tr("Stages"), BatchWords::tr("succeeded of all; those that were skipped are not counted"), 18},
            {BatchWords::tr("Tasks"), BatchWords::tr("succeeded of all"), 12},
            {BatchWords::tr("Error"), BatchWords::tr("why it failed"), 20}};
}

QString doneOfStage(const observe::StageView& stage, const QString& form) {
    const int again = std::max(0, stage.succeeded - stage.tasks);
    const QString done = form.arg(stage.succeeded - again).arg(stage.tasks);
    return again > 0 ? BatchWords::tr("%1, %2 again").arg(done).arg(again) : done;
}

std::vector<Record> outputs(const observe::BatchDetail& batch) {
    std::vector<Record> records;
    for (const observe::JobView& job : batch.jobs) {
        int skipped = 0;
        int done = 0;
        int tasks = 0;
        int tasksDone = 0;
        int failed = 0;
        for (const observe::StageView& stage : job.stages) {
            skipped += stage.isSkipped ? 1 : 0;
            done += stage.isDone && !stage.isSkipped ? 1 : 0;
            tasks += stage.isSkipped ? 0 : stage.tasks;
            tasksDone += stage.isSkipped ? 0 : std::min(stage.succeeded, stage.tasks);
            failed += stage.failed;
        }
        const int all = static_cast<int>(job.stages.size()) - skipped;
        QString stages = all > 0 ? QStringLiteral("%1/%2").arg(done).arg(all) : QString();
        stages += skipped > 0 ? BatchWords::tr(" (%1 skipped)").arg(skipped) : QString();
        QString parts = tasks > 0 ? QStringLiteral("%1/%2").arg(tasksDone).arg(tasks) : QString();
        parts += failed > 0 ? BatchWords::tr(" (%1 failed)").arg(failed) : QString();
        const bool waits = !hasCome(job.submitted);
        const QString state = waits           ? BatchWords::tr("queued")
                              : job.hasFailed ? BatchWords::tr("failed")
                              : job.isDone    ? BatchWords::tr("done")
                                              : BatchWords::tr("runs");
        Record record;
        record.key = QString::number(job.number);
        record.object = format::text(job.output);
        record.at = waits ? -1 : job.submitted.time_since_epoch().count();
        record.cells = {numberCell(QString::number(job.number), job.number),
                        wordsCell(format::text(job.description)),
                        job.isDone ? delay(job.ended - job.submitted) : wordsCell({}),
                        wordsCell(state, job.hasFailed ? Meaning::Bad
                                         : job.isDone  ? Meaning::Good
                                                       : Meaning::Plain),
                        wordsCell(stages),
                        wordsCell(parts, failed > 0 ? Meaning::Bad : Meaning::Plain),
                        wordsCell(format::text(job.reason), Meaning::Bad, format::text(job.reason))};
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<RecordColumn> stageColumns() {
    return {
        {BatchWords::tr("Stage"), BatchWords::tr("numbers rise along the flow"), 6, true},
        {BatchWords::tr("Job"), BatchWords::tr("to which it belongs"), 5, true},
        {BatchWords::tr("Ends in"), BatchWords::tr("the operation that is computed last in it"), 18},
        {BatchWords::tr("Tasks"), BatchWords::tr("succeeded of all; a task computes one partition"), 12},
        {BatchWords::tr("Failed"), BatchWords::tr("attempts that failed or were lost with their executor"), 6, true},
        {BatchWords::tr("Again"), BatchWords::tr("tasks that were done before and were lost"), 6, true},
        {BatchWords::tr("Attempts"), BatchWords::tr("how often tasks of it were submitted"), 8, true},
        {BatchWords::tr("Duration"), BatchWords::tr("seconds from its first task's launch to its last task's end"), 9,
         true},
        {BatchWords::tr("Status"), BatchWords::tr("skipped: its shuffle files were all there"), 12}};
}

std::vector<Record> stages(const observe::BatchDetail& batch) {
    std::vector<Record> records;
    for (const observe::JobView& job : batch.jobs) {
        for (const observe::StageView& stage : job.stages) {
            Record record;
            record.key = QString::number(stage.number);
            record.at = hasCome(stage.began) ? stage.began.time_since_epoch().count() : -1;
            const QString state = stage.isSkipped        ? BatchWords::tr("skipped")
                                  : stage.isDone         ? BatchWords::tr("done")
                                  : stage.running > 0    ? BatchWords::tr("runs")
                                  : hasCome(stage.began) ? BatchWords::tr("waits for its parents")
                                                         : BatchWords::tr("waits");
            record.cells = {
                numberCell(QString::number(stage.number), stage.number),
                numberCell(QString::number(job.number), job.number),
                wordsCell(format::text(stage.name)),
                wordsCell(stage.isSkipped ? QString() : doneOfStage(stage, QStringLiteral("%1/%2"))),
                countCell(stage.failed, Meaning::Bad),
                countCell(stage.recomputed, Meaning::Bad),
                countCell(stage.attempts),
                hasCome(stage.began) && hasCome(stage.ended) ? delay(stage.ended - stage.began) : wordsCell({}),
                wordsCell(state, stage.isSkipped ? Meaning::Dim
                                 : stage.isDone  ? Meaning::Good
                                                 : Meaning::Plain)};
            records.push_back(std::move(record));
        }
    }
    return records;
}

QString phaseName(observe::TaskPhase phase) {
    switch (phase) {
        case observe::TaskPhase::SchedulerDelay:
            return BatchWords::tr("scheduler delay");
        case observe::TaskPhase::Fetch:
            return BatchWords::tr("fetch");
        case observe::TaskPhase::Queue:
            return BatchWords::tr("waits for a core");
        case observe::TaskPhase::Compute:
            return BatchWords::tr("compute");
        case observe::TaskPhase::Store:
            return BatchWords::tr("write out");
    }
    return {};
}

namespace {

QString endText(const observe::TaskView& task) {
    switch (task.end) {
        case observe::TaskEnd::Running:
            return BatchWords::tr("runs");
        case observe::TaskEnd::Succeeded:
            return BatchWords::tr("done");
        case observe::TaskEnd::Failed:
            return BatchWords::tr("failed");
        case observe::TaskEnd::Killed:
            return BatchWords::tr("killed");
        case observe::TaskEnd::Lost:
            return BatchWords::tr("lost");
    }
    return {};
}

Meaning meaningOfEnd(observe::TaskEnd end) {
    switch (end) {
        case observe::TaskEnd::Running:
            return Meaning::Plain;
        case observe::TaskEnd::Succeeded:
            return Meaning::Good;
        case observe::TaskEnd::Killed:
            return Meaning::Dim;
        case observe::TaskEnd::Failed:
        case observe::TaskEnd::Lost:
            return Meaning::Bad;
    }
    return Meaning::Plain;
}

QString noteOf(const observe::TaskView& task) {
    QStringList notes;
    if (task.isRecomputation) {
        notes << BatchWords::tr("computed again");
    }
    if (task.isSpeculative) {
        notes << BatchWords::tr("speculative copy");
    }
    if (!task.reason.empty()) {
        notes << format::text(task.reason);
    }
    return notes.join(QStringLiteral(", "));
}

}  // namespace

QString taskTip(const observe::TaskView& task) {
    QStringList lines;
    lines << BatchWords::tr("Task %1: partition %2 of stage %3, attempt %4 on executor %5, %6")
                 .arg(task.number)
                 .arg(task.partition)
                 .arg(task.stage)
                 .arg(task.attempt + 1)
                 .arg(task.executor)
                 .arg(endText(task));
    lines << BatchWords::tr("%1 from %2, %3")
                 .arg(secondsText(task.duration()), format::clock(task.launched), format::text(task.locality));
    for (std::size_t i = 0; i < task.phases.size(); ++i) {
        if (task.phases[i] > SimDuration{0}) {
            lines << QStringLiteral("%1 %2").arg(phaseName(static_cast<observe::TaskPhase>(i)),
                                                 format::duration(task.phases[i]));
        }
    }
    lines << BatchWords::tr("%1 rows read, %2 written, shuffle %3 read, %4 written")
                 .arg(format::count(task.rowsRead), format::count(task.rowsWritten),
                      format::bytes(static_cast<double>(task.shuffleRead)),
                      format::bytes(static_cast<double>(task.shuffleWritten)));
    if (const QString note = noteOf(task); !note.isEmpty()) {
        lines << note;
    }
    return lines.join(QLatin1Char('\n'));
}

std::vector<RecordColumn> taskColumns() {
    return {
        {BatchWords::tr("Task"), BatchWords::tr("number of the attempt in the application"), 7, true},
        {BatchWords::tr("Stage"), BatchWords::tr("and its attempt, where it had several"), 6, true},
        {BatchWords::tr("Partition"), BatchWords::tr("that it computes"), 6, true},
        {BatchWords::tr("Executor"), BatchWords::tr("on which it ran"), 6, true},
        {BatchWords::tr("Locality"), BatchWords::tr("how near to what it reads it ran"), 14},
        {BatchWords::tr("Launched"), BatchWords::tr("instant of the run"), 11, true},
        {BatchWords::tr("Duration"), BatchWords::tr("seconds from its launch until the driver knew its end"), 8, true},
        {BatchWords::tr("Compute"), BatchWords::tr("seconds on a core"), 8, true},
        {BatchWords::tr("Fetch"), BatchWords::tr("seconds until everything that it reads was there"), 8, true},
        {BatchWords::tr("Rows"), BatchWords::tr("rows read"), 8, true},
        {BatchWords::tr("Shuffle"), BatchWords::tr("bytes of shuffle files read + written"), 9, true},
        {BatchWords::tr("Status"), BatchWords::tr("how the attempt ended"), 8},
        {BatchWords::tr("Note"), BatchWords::tr("errors, recomputation, speculation"), 24}};
}

std::vector<Record> tasks(const observe::BatchDetail& batch) {
    std::vector<Record> records;
    for (const observe::TaskView& task : batch.tasks) {
        const auto phase = [&](observe::TaskPhase which) {
            const SimDuration part = task.phases[static_cast<std::size_t>(which)];
            return numberCell(secondsText(part), inSeconds(part),
                              part == SimDuration{0} ? Meaning::Dim : Meaning::Plain);
        };
        Record record;
        record.key = QString::number(task.number);
        record.at = task.launched.time_since_epoch().count();
        record.cells = {
            numberCell(QString::number(task.number), static_cast<double>(task.number), Meaning::Plain, taskTip(task)),
            numberCell(task.stageAttempt > 1 ? QStringLiteral("%1.%2").arg(task.stage).arg(task.stageAttempt)
                                             : QString::number(task.stage),
                       task.stage),
            numberCell(QString::number(task.partition), task.partition),
            numberCell(QString::number(task.executor), task.executor),
            wordsCell(format::text(task.locality)),
            numberCell(format::clock(task.launched), static_cast<double>(record.at)),
            delay(task.duration()),
            phase(observe::TaskPhase::Compute),
            phase(observe::TaskPhase::Fetch),
            countCell(task.rowsRead),
            bytesCell(task.shuffleRead + task.shuffleWritten),
            wordsCell(endText(task), meaningOfEnd(task.end)),
            wordsCell(noteOf(task), task.reason.empty() ? Meaning::Warning : Meaning::Bad)};
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<RecordColumn> executorColumns() {
    return {
        {BatchWords::tr("ID"), BatchWords::tr("number of the executor; one that replaces a lost one has another"), 4,
         true},
        {BatchWords::tr("Host"), BatchWords::tr("on which it runs"), 12},
        {BatchWords::tr("State"), BatchWords::tr("dead: its process has ended, and what it kept is gone"), 6},
        {BatchWords::tr("Running"),
         BatchWords::tr("tasks that run now, and how many cores there are for tasks and receivers"), 7, true},
        {BatchWords::tr("Done"), BatchWords::tr("tasks that have succeeded there"), 7, true},
        {BatchWords::tr("Failed"),
         BatchWords::tr("attempts that ended there without a result: failed, killed or lost with it"), 6, true},
        {BatchWords::tr("In memory"),
         BatchWords::tr("bytes of blocks in memory, and how much memory there is for them"), 18, true},
        {BatchWords::tr("On disk"), BatchWords::tr("bytes of blocks on its disk"), 9, true},
        {BatchWords::tr("Shuffle read"), BatchWords::tr("bytes of shuffle files that its tasks have read"), 10, true},
        {BatchWords::tr("Shuffle write"), BatchWords::tr("bytes of shuffle files that its tasks have written"), 10,
         true},
        {BatchWords::tr("Note"), BatchWords::tr("replaced: it was lost, and another took its place"), 10}};
}

namespace {

Record executorRecord(const observe::BlockHolderView& each, bool isLost) {
    Record record;
    record.key = QString::number(each.number);
    record.object = isLost ? QString() : format::text(each.id);
    const QString memory = BatchWords::tr("%1 / %2").arg(format::bytes(static_cast<double>(each.inMemory)),
                                                         format::bytes(static_cast<double>(each.memory)));
    const QString note = isLost             ? BatchWords::tr("replaced")
                         : each.hasReceiver ? BatchWords::tr("receiver")
                                            : QString();
    record.cells = {
        numberCell(QString::number(each.number), each.number),
        wordsCell(format::titleOf(format::text(each.host))),
        isLost ? wordsCell(BatchWords::tr("dead"), Meaning::Bad) : wordsCell(BatchWords::tr("active"), Meaning::Good),
        isLost ? wordsCell({})
               : numberCell(BatchWords::tr("%1 of %2").arg(each.running).arg(each.cores),
                            static_cast<double>(each.running), each.running == 0 ? Meaning::Dim : Meaning::Plain),
        countCell(each.tasksDone),
        countCell(each.tasksFailed, Meaning::Bad),
        isLost ? wordsCell({}) : numberCell(memory, static_cast<double>(each.inMemory)),
        isLost ? wordsCell({}) : bytesCell(each.onDisk),
        bytesCell(each.shuffleRead),
        bytesCell(each.shuffleWritten),
        wordsCell(note)};
    return record;
}

}  // namespace

/// As on Spark's page, those that are dead stay: what they have done is part of the sums.
std::vector<Record> executors(const observe::StreamingPage& page) {
    std::vector<Record> records;
    for (const observe::BlockHolderView& each : page.executors) {
        records.push_back(executorRecord(each, false));
    }
    for (const observe::BlockHolderView& each : page.lostExecutors) {
        records.push_back(executorRecord(each, true));
    }
    std::stable_sort(records.begin(), records.end(),
                     [](const Record& a, const Record& b) { return a.cells.front().sort < b.cells.front().sort; });
    return records;
}

std::vector<BatchFact> factsOf(const observe::BatchDetail& batch, SimDuration interval) {
    const observe::BatchRow& row = batch.batch;
    const bool isTooLong = row.processingTime > interval;
    std::vector<BatchFact> facts;
    facts.push_back({BatchWords::tr("input"),
                     BatchWords::tr("%1 to %2, %3 records")
                         .arg(instantText(row.time - interval), instantText(row.time), format::count(row.records)),
                     Meaning::Plain, BatchWords::tr("what came in within the interval")});
    facts.push_back({BatchWords::tr("scheduling delay"),
                     hasCome(row.started) ? secondsText(row.schedulingDelay) : BatchWords::tr("waits"), Meaning::Plain,
                     BatchWords::tr("from its making to its first job's start")});
    facts.push_back({BatchWords::tr("processing time"),
                     hasCome(row.ended)
                         ? BatchWords::tr("%1 of %2").arg(secondsText(row.processingTime), intervalText(interval))
                     : hasCome(row.started) ? BatchWords::tr("runs")
                                            : BatchWords::tr("not yet"),
                     isTooLong ? Meaning::Bad : Meaning::Plain,
                     BatchWords::tr("from its first job's start to its last job's end, beside the interval")});
    if (hasCome(row.ended)) {
        facts.push_back({BatchWords::tr("total delay"), secondsText(row.totalDelay()),
                         row.late.empty() ? Meaning::Plain : Meaning::Bad,
                         BatchWords::tr("scheduling delay + processing time")});
    }
    QString tasks = format::count(row.tasks);
    tasks += row.failedTasks > 0 ? BatchWords::tr(", %1 failed").arg(row.failedTasks) : QString();
    tasks += row.lostTasks > 0 ? BatchWords::tr(", %1 lost").arg(row.lostTasks) : QString();
    tasks += row.recomputedTasks > 0 ? BatchWords::tr(", %1 again").arg(row.recomputedTasks) : QString();
    facts.push_back(
        {BatchWords::tr("tasks"), tasks,
         row.failedTasks + row.lostTasks + row.recomputedTasks > 0 ? Meaning::Bad : Meaning::Plain,
         BatchWords::tr("that have succeeded; lost: with the executor that they ran on; again: what they made "
                        "had been there and was lost")});
    facts.push_back({BatchWords::tr("output operations"),
                     BatchWords::tr("%1 of %2 done").arg(row.outputsDone).arg(row.outputs), Meaning::Plain,
                     BatchWords::tr("each is a job")});
    if (row.skippedStages > 0) {
        facts.push_back({BatchWords::tr("skipped stages"), format::count(row.skippedStages), Meaning::Plain,
                         BatchWords::tr("their shuffle files were there from another job")});
    }
    if (row.isRecovered) {
        facts.push_back(
            {BatchWords::tr("made again"), BatchWords::tr("by a driver that was started again"), Meaning::Warning, {}});
    }
    return facts;
}

}  // namespace millrace::widgets
