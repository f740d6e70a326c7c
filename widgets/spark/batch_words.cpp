#include "widgets/spark/batch_words.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <cmath>

#include "widgets/pages/time_axis.h"
#include "widgets/style/format.h"

namespace millrace::widgets {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("Streaming", text);
}

double inSeconds(SimDuration duration) {
    return static_cast<double>(duration.count()) / 1e9;
}

bool isSet(SimTime time) {
    return time != SimTime::max();
}

/// So far, of one that waits or runs.
SimDuration waitOf(const observe::BatchRow& batch, SimTime now) {
    return (isSet(batch.started) ? batch.started : std::max(now, batch.submitted)) - batch.submitted;
}

SimDuration workOf(const observe::BatchRow& batch, SimTime now) {
    return !isSet(batch.started) ? SimDuration{0}
                                 : (isSet(batch.ended) ? batch.ended : std::max(now, batch.started)) - batch.started;
}

QString intervalText(SimDuration interval) {
    return format::duration(interval);
}

RecordCell number(const QString& text, double sort, Meaning meaning = Meaning::Plain, const QString& tip = {}) {
    return {text, sort, meaning, tip};
}

RecordCell count(std::int64_t value, Meaning meaning = Meaning::Plain) {
    return number(format::count(value), static_cast<double>(value), value == 0 ? Meaning::Dim : meaning);
}

RecordCell delay(SimDuration value, SimDuration limit = SimDuration::max()) {
    return number(secondsText(value), inSeconds(value), value > limit ? Meaning::Bad : Meaning::Plain);
}

RecordCell bytes(std::int64_t value) {
    return number(format::bytes(static_cast<double>(value)), static_cast<double>(value),
                  value == 0 ? Meaning::Dim : Meaning::Plain);
}

RecordCell words(const QString& text, Meaning meaning = Meaning::Plain, const QString& tip = {}) {
    return {text, 0, meaning, tip};
}

QString stateOf(const observe::BatchRow& batch) {
    return isSet(batch.ended) ? tr("done") : isSet(batch.started) ? tr("processing") : tr("queued");
}

QString wordsOf(const observe::BatchRow& batch, SimTime now) {
    if (!isSet(batch.started)) {
        return tr("waits");
    }
    const SimDuration wait = waitOf(batch, now);
    constexpr SimDuration visible = std::chrono::milliseconds{5};
    QString text = isSet(batch.ended) ? secondsText(workOf(batch, now)) : tr("runs");
    if (wait >= visible) {
        text = tr("%1 after %2").arg(text, secondsText(wait));
    }
    if (batch.recomputedTasks > 0) {
        text += batch.recomputedTasks == 1 ? tr(", 1 partition computed again")
                                           : tr(", %1 partitions computed again").arg(batch.recomputedTasks);
    } else if (batch.failedTasks > 0) {
        text += batch.failedTasks == 1 ? tr(", 1 task failed") : tr(", %1 tasks failed").arg(batch.failedTasks);
    }
    return text;
}

QString tipOf(const observe::BatchRow& batch, SimDuration interval, SimTime now) {
    QStringList lines;
    lines << tr("Batch at %1: what came in from %2 to %1, %3 records")
                 .arg(instantText(batch.time), instantText(batch.time - interval), format::count(batch.records));
    lines << tr("scheduling delay %1: from its making to its first job").arg(secondsText(waitOf(batch, now)));
    lines << tr("processing time %1: from its first job's start to its last job's end; the interval is %2")
                 .arg(secondsText(workOf(batch, now)), intervalText(interval));
    if (isSet(batch.ended)) {
        lines << tr("total delay %1 = scheduling delay + processing time").arg(secondsText(batch.totalDelay()));
    }
    if (!batch.late.empty()) {
        lines << tr("late, because %1").arg(format::text(batch.late));
    }
    return lines.join(QLatin1Char('\n'));
}

bool isLate(const observe::BatchRow& batch) {
    return !batch.late.empty();
}

std::vector<RecordColumn> batchColumns() {
    return {{tr("Batch"), tr("the end of the interval in which its records came in"), 9},
            {tr("Records"), tr("records that it is made of"), 8, true},
            {tr("Scheduling delay"), tr("seconds from its making to its first job's start"), 10, true},
            {tr("Processing time"),
             tr("seconds from its first job's start to its last job's end; red above the interval"), 10, true}};
}

Record batchRecord(const observe::BatchRow& batch, const observe::StreamingPage& page) {
    Record record;
    record.key = keyOf(batch.time);
    record.at = batch.submitted.time_since_epoch().count();
    const SimDuration work = workOf(batch, page.now);
    record.cells = {words(instantText(batch.time), Meaning::Plain, tipOf(batch, page.interval, page.now)),
                    count(batch.records), delay(waitOf(batch, page.now)), delay(work, page.interval)};
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

QString secondsText(SimDuration duration) {
    const double value = inSeconds(duration);
    const int decimals = value != 0 && std::abs(value) < 0.0995 ? 3 : 2;
    return QLocale(QLocale::English).toString(value, 'f', decimals) + QStringLiteral(" s");
}

QString keyOf(SimTime batch) {
    return QString::number(batch.time_since_epoch().count());
}

SimTime batchOf(const QString& key) {
    return SimTime(SimDuration(key.toLongLong()));
}

BatchBar barOf(const observe::BatchRow& batch, SimDuration interval, SimTime now) {
    BatchBar bar;
    bar.time = batch.time;
    bar.label = tr("batch %1").arg(instantText(batch.time));
    bar.records = format::count(batch.records);
    bar.collects = {batch.time - interval, batch.time};
    bar.waits = {batch.submitted, batch.submitted + waitOf(batch, now)};
    if (isSet(batch.started)) {
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
        verdict.headline = tr("No batch has been made yet");
        verdict.because =
            page.isDriverThere
                ? tr("the first is due at the end of the first interval of %1").arg(intervalText(page.interval))
                : QString();
        verdict.meaning = Meaning::Dim;
        return verdict;
    }
    const auto waiting = std::count_if(page.batches.begin(), page.batches.end(),
                                       [](const auto& batch) { return !isSet(batch.started); });
    const auto [begin, end] = newestLate(page.batches);
    const auto after = std::count_if(page.batches.begin() + static_cast<std::ptrdiff_t>(end), page.batches.end(),
                                     [](const auto& batch) { return isSet(batch.ended); });
    if (begin == end) {
        SimDuration slowest{0};
        for (const observe::BatchRow& batch : page.batches) {
            slowest = std::max(slowest, isSet(batch.ended) ? batch.totalDelay() : SimDuration{0});
        }
        verdict.headline = tr("Every batch was done within its interval of %1").arg(intervalText(page.interval));
        verdict.because = tr("the slowest of %1 took %2").arg(page.batches.size()).arg(secondsText(slowest));
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
    const QString wait = longest > page.interval / 20
                             ? tr("; batches had to wait for their turn, at most %1").arg(secondsText(longest))
                             : QString();
    verdict.headline = end - begin == 1 ? tr("The batch at %1 took %2, longer than the interval of %3")
                                              .arg(instantText(first.time), secondsText(first.totalDelay()),
                                                   intervalText(page.interval))
                                        : tr("The batches from %1 to %2 took longer than the interval of %3%4")
                                              .arg(instantText(first.time), instantText(page.batches[end - 1].time),
                                                   intervalText(page.interval), wait);
    verdict.because = tr("because of the first: %1").arg(format::text(first.late));
    if (end - begin == 1) {
        verdict.because = tr("because %1").arg(format::text(first.late));
    }
    if (after > 0) {
        verdict.because += after == 1 ? tr(". The batch since then was in time")
                                      : tr(". The %1 batches since then were in time").arg(after);
    }
    return verdict;
}

std::array<StatisticSeries, 4> statisticsOf(const observe::StreamingPage& page) {
    std::array<StatisticSeries, 4> all;
    all[0].title = tr("Input rate");
    all[0].help = tr("records/s: the records of a batch over its interval");
    all[1].title = tr("Scheduling delay");
    all[1].help = tr("s: from the making of a batch to its first job's start");
    all[2].title = tr("Processing time");
    all[2].help =
        tr("s: from a batch's first job's start to its last job's end. Stable while it stays below the "
           "interval (dashed)");
    all[3].title = tr("Total delay");
    all[3].help = tr("s: scheduling delay + processing time");
    all[2].hasInterval = true;
    for (std::size_t i = 1; i < all.size(); ++i) {
        all[i].isDelay = true;
    }
    const double interval = inSeconds(page.interval);
    for (const observe::BatchRow& batch : page.batches) {
        all[0].points.emplace_back(batch.time, interval > 0 ? static_cast<double>(batch.records) / interval : 0);
        if (isSet(batch.started)) {
            all[1].points.emplace_back(batch.time, inSeconds(batch.schedulingDelay));
        }
        if (isSet(batch.ended)) {
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
    columns.push_back({tr("Outputs"), tr("output operations that are done, of all"), 8, true});
    columns.push_back({tr("Status"), tr("queued: waits for the batches before it; processing: its jobs run"), 12});
    return columns;
}

/// Those that wait stand above the one that runs, as on Spark's page.
std::vector<Record> activeBatches(const observe::StreamingPage& page) {
    std::vector<Record> records;
    for (auto at = page.batches.rbegin(); at != page.batches.rend(); ++at) {
        if (!isSet(at->ended)) {
            Record record = batchRecord(*at, page);
            record.cells.push_back(number(QStringLiteral("%1/%2").arg(at->outputsDone).arg(at->outputs),
                                          static_cast<double>(at->outputsDone)));
            record.cells.push_back(words(stateOf(*at), isSet(at->started) ? Meaning::Plain : Meaning::Warning));
            records.push_back(std::move(record));
        }
    }
    return records;
}

std::vector<RecordColumn> doneBatchColumns() {
    std::vector<RecordColumn> columns = batchColumns();
    columns.push_back({tr("Total delay"), tr("seconds: scheduling delay + processing time"), 9, true});
    columns.push_back({tr("Outputs"), tr("output operations that are done, of all"), 7, true});
    columns.push_back({tr("Tasks"), tr("tasks that have succeeded"), 6, true});
    columns.push_back({tr("Again"), tr("tasks that brought back what was lost"), 6, true});
    columns.push_back({tr("Skipped"), tr("stages that were skipped, for their shuffle files were there"), 7, true});
    columns.push_back({tr("Why late"), tr("why it took longer than its interval"), 40});
    return columns;
}

std::vector<Record> doneBatches(const observe::StreamingPage& page) {
    std::vector<Record> records;
    for (auto at = page.batches.rbegin(); at != page.batches.rend(); ++at) {
        if (!isSet(at->ended)) {
            continue;
        }
        Record record = batchRecord(*at, page);
        record.cells.push_back(delay(at->totalDelay(), page.interval));
        record.cells.push_back(number(QStringLiteral("%1/%2").arg(at->outputsDone).arg(at->outputs),
                                      static_cast<double>(at->outputsDone)));
        record.cells.push_back(count(at->tasks));
        record.cells.push_back(count(at->recomputedTasks, Meaning::Bad));
        record.cells.push_back(count(at->skippedStages));
        const QString late = format::text(at->late);
        record.cells.push_back(words(late, Meaning::Warning, late));
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<RecordColumn> outputColumns() {
    return {{tr("Job"), tr("number of the job that an output operation is"), 5, true},
            {tr("Output operation"), tr("what is asked for, and where the program asks for it"), 24},
            {tr("Duration"), tr("seconds from its submission to its end"), 8, true},
            {tr("Status"), tr("of the job"), 10},
            {tr("Stages"), tr("succeeded of all; those that were skipped are not counted"), 18},
            {tr("Tasks"), tr("succeeded of all"), 12},
            {tr("Error"), tr("why it failed"), 20}};
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
        stages += skipped > 0 ? tr(" (%1 skipped)").arg(skipped) : QString();
        QString parts = tasks > 0 ? QStringLiteral("%1/%2").arg(tasksDone).arg(tasks) : QString();
        parts += failed > 0 ? tr(" (%1 failed)").arg(failed) : QString();
        const bool waits = !isSet(job.submitted);
        const QString state = waits           ? tr("queued")
                              : job.hasFailed ? tr("failed")
                              : job.isDone    ? tr("done")
                                              : tr("runs");
        Record record;
        record.key = QString::number(job.number);
        record.object = format::text(job.output);
        record.at = waits ? -1 : job.submitted.time_since_epoch().count();
        record.cells = {number(QString::number(job.number), job.number),
                        words(format::text(job.description)),
                        job.isDone ? delay(job.ended - job.submitted) : words({}),
                        words(state, job.hasFailed ? Meaning::Bad
                                     : job.isDone  ? Meaning::Good
                                                   : Meaning::Plain),
                        words(stages),
                        words(parts, failed > 0 ? Meaning::Bad : Meaning::Plain),
                        words(format::text(job.reason), Meaning::Bad, format::text(job.reason))};
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<RecordColumn> stageColumns() {
    return {{tr("Stage"), tr("numbers rise along the flow"), 6, true},
            {tr("Job"), tr("to which it belongs"), 5, true},
            {tr("Ends in"), tr("the operation that is computed last in it"), 18},
            {tr("Tasks"), tr("succeeded of all; a task computes one partition"), 12},
            {tr("Failed"), tr("attempts that failed or were lost with their executor"), 6, true},
            {tr("Again"), tr("tasks that were done before and were lost"), 6, true},
            {tr("Attempts"), tr("how often tasks of it were submitted"), 8, true},
            {tr("Duration"), tr("seconds from its first task's launch to its last task's end"), 9, true},
            {tr("Status"), tr("skipped: its shuffle files were all there"), 12}};
}

std::vector<Record> stages(const observe::BatchDetail& batch) {
    std::vector<Record> records;
    for (const observe::JobView& job : batch.jobs) {
        for (const observe::StageView& stage : job.stages) {
            Record record;
            record.key = QString::number(stage.number);
            record.at = isSet(stage.began) ? stage.began.time_since_epoch().count() : -1;
            const QString state = stage.isSkipped      ? tr("skipped")
                                  : stage.isDone       ? tr("done")
                                  : stage.running > 0  ? tr("runs")
                                  : isSet(stage.began) ? tr("waits for its parents")
                                                       : tr("waits");
            record.cells = {
                number(QString::number(stage.number), stage.number),
                number(QString::number(job.number), job.number),
                words(format::text(stage.name)),
                words(stage.isSkipped ? QString() : QStringLiteral("%1/%2").arg(stage.succeeded).arg(stage.tasks)),
                count(stage.failed, Meaning::Bad),
                count(stage.recomputed, Meaning::Bad),
                count(stage.attempts),
                isSet(stage.began) && isSet(stage.ended) ? delay(stage.ended - stage.began) : words({}),
                words(state, stage.isSkipped ? Meaning::Dim
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
            return tr("scheduler delay");
        case observe::TaskPhase::Fetch:
            return tr("fetch");
        case observe::TaskPhase::Queue:
            return tr("waits for a core");
        case observe::TaskPhase::Compute:
            return tr("compute");
        case observe::TaskPhase::Store:
            return tr("write out");
    }
    return {};
}

namespace {

QString endText(const observe::TaskView& task) {
    switch (task.end) {
        case observe::TaskEnd::Running:
            return tr("runs");
        case observe::TaskEnd::Succeeded:
            return tr("done");
        case observe::TaskEnd::Failed:
            return tr("failed");
        case observe::TaskEnd::Killed:
            return tr("killed");
        case observe::TaskEnd::Lost:
            return tr("lost");
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
        notes << tr("computed again");
    }
    if (task.isSpeculative) {
        notes << tr("speculative copy");
    }
    if (!task.reason.empty()) {
        notes << format::text(task.reason);
    }
    return notes.join(QStringLiteral(", "));
}

}  // namespace

QString taskTip(const observe::TaskView& task) {
    QStringList lines;
    lines << tr("Task %1: partition %2 of stage %3, attempt %4 on executor %5, %6")
                 .arg(task.number)
                 .arg(task.partition)
                 .arg(task.stage)
                 .arg(task.attempt + 1)
                 .arg(task.executor)
                 .arg(endText(task));
    lines << tr("%1 from %2, %3")
                 .arg(secondsText(task.duration()), format::clock(task.launched), format::text(task.locality));
    for (std::size_t i = 0; i < task.phases.size(); ++i) {
        if (task.phases[i] > SimDuration{0}) {
            lines << QStringLiteral("%1 %2").arg(phaseName(static_cast<observe::TaskPhase>(i)),
                                                 format::duration(task.phases[i]));
        }
    }
    lines << tr("%1 rows read, %2 written, shuffle %3 read, %4 written")
                 .arg(format::count(task.rowsRead), format::count(task.rowsWritten),
                      format::bytes(static_cast<double>(task.shuffleRead)),
                      format::bytes(static_cast<double>(task.shuffleWritten)));
    if (const QString note = noteOf(task); !note.isEmpty()) {
        lines << note;
    }
    return lines.join(QLatin1Char('\n'));
}

std::vector<RecordColumn> taskColumns() {
    return {{tr("Task"), tr("number of the attempt in the application"), 7, true},
            {tr("Stage"), tr("and its attempt, where it had several"), 6, true},
            {tr("Partition"), tr("that it computes"), 6, true},
            {tr("Executor"), tr("on which it ran"), 6, true},
            {tr("Locality"), tr("how near to what it reads it ran"), 14},
            {tr("Launched"), tr("instant of the run"), 11, true},
            {tr("Duration"), tr("seconds from its launch until the driver knew its end"), 8, true},
            {tr("Compute"), tr("seconds on a core"), 8, true},
            {tr("Fetch"), tr("seconds until everything that it reads was there"), 8, true},
            {tr("Rows"), tr("rows read"), 8, true},
            {tr("Shuffle"), tr("bytes of shuffle files read + written"), 9, true},
            {tr("Status"), tr("how the attempt ended"), 8},
            {tr("Note"), tr("errors, recomputation, speculation"), 24}};
}

std::vector<Record> tasks(const observe::BatchDetail& batch) {
    std::vector<Record> records;
    for (const observe::TaskView& task : batch.tasks) {
        const auto phase = [&](observe::TaskPhase which) {
            const SimDuration part = task.phases[static_cast<std::size_t>(which)];
            return number(secondsText(part), inSeconds(part), part == SimDuration{0} ? Meaning::Dim : Meaning::Plain);
        };
        Record record;
        record.key = QString::number(task.number);
        record.at = task.launched.time_since_epoch().count();
        record.cells = {
            number(QString::number(task.number), static_cast<double>(task.number), Meaning::Plain, taskTip(task)),
            number(task.stageAttempt > 1 ? QStringLiteral("%1.%2").arg(task.stage).arg(task.stageAttempt)
                                         : QString::number(task.stage),
                   task.stage),
            number(QString::number(task.partition), task.partition),
            number(QString::number(task.executor), task.executor),
            words(format::text(task.locality)),
            number(format::clock(task.launched), static_cast<double>(record.at)),
            delay(task.duration()),
            phase(observe::TaskPhase::Compute),
            phase(observe::TaskPhase::Fetch),
            count(task.rowsRead),
            bytes(task.shuffleRead + task.shuffleWritten),
            words(endText(task), meaningOfEnd(task.end)),
            words(noteOf(task), task.reason.empty() ? Meaning::Warning : Meaning::Bad)};
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<RecordColumn> executorColumns() {
    return {{tr("Executor"), tr("number; one that replaces a lost one has another"), 8, true},
            {tr("Host"), tr("on which it runs"), 12},
            {tr("Cores"), tr("for tasks and receivers"), 6, true},
            {tr("Running"), tr("tasks that run now"), 7, true},
            {tr("Done"), tr("tasks that have succeeded there"), 7, true},
            {tr("Failed"), tr("tasks that have failed there"), 6, true},
            {tr("Blocks in memory"), tr("bytes of blocks in memory, and how much memory there is for them"), 20, true},
            {tr("On disk"), tr("bytes of blocks on its disk"), 9, true},
            {tr("Shuffle read"), tr("bytes of shuffle files that its tasks have read"), 10, true},
            {tr("Shuffle write"), tr("bytes of shuffle files that its tasks have written"), 10, true},
            {tr("Note"), {}, 10}};
}

std::vector<Record> executors(const observe::StreamingPage& page) {
    std::vector<Record> records;
    for (const observe::BlockHolderView& each : page.executors) {
        Record record;
        record.key = QString::number(each.number);
        record.object = format::text(each.id);
        record.cells = {number(QString::number(each.number), each.number),
                        words(format::titleOf(format::text(each.host))),
                        count(each.cores),
                        count(each.running),
                        count(each.tasksDone),
                        count(each.tasksFailed, Meaning::Bad),
                        number(tr("%1 of %2")
                                   .arg(format::bytes(static_cast<double>(each.inMemory)),
                                        format::bytes(static_cast<double>(each.memory))),
                               static_cast<double>(each.inMemory)),
                        bytes(each.onDisk),
                        bytes(each.shuffleRead),
                        bytes(each.shuffleWritten),
                        words(each.hasReceiver ? tr("has a receiver") : QString())};
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<BatchFact> factsOf(const observe::BatchDetail& batch, SimDuration interval) {
    const observe::BatchRow& row = batch.batch;
    const bool isTooLong = row.processingTime > interval;
    std::vector<BatchFact> facts;
    facts.push_back({tr("input"),
                     tr("%1 to %2, %3 records")
                         .arg(instantText(row.time - interval), instantText(row.time), format::count(row.records)),
                     Meaning::Plain, tr("what came in within the interval")});
    facts.push_back({tr("scheduling delay"), isSet(row.started) ? secondsText(row.schedulingDelay) : tr("waits"),
                     Meaning::Plain, tr("from its making to its first job's start")});
    facts.push_back({tr("processing time"),
                     isSet(row.ended)     ? tr("%1 of %2").arg(secondsText(row.processingTime), intervalText(interval))
                     : isSet(row.started) ? tr("runs")
                                          : tr("not yet"),
                     isTooLong ? Meaning::Bad : Meaning::Plain,
                     tr("from its first job's start to its last job's end, beside the interval")});
    if (isSet(row.ended)) {
        facts.push_back({tr("total delay"), secondsText(row.totalDelay()),
                         row.late.empty() ? Meaning::Plain : Meaning::Bad, tr("scheduling delay + processing time")});
    }
    QString tasks = format::count(row.tasks);
    tasks += row.failedTasks > 0 ? tr(", %1 failed").arg(row.failedTasks) : QString();
    tasks += row.recomputedTasks > 0 ? tr(", %1 again").arg(row.recomputedTasks) : QString();
    facts.push_back({tr("tasks"), tasks, row.failedTasks + row.recomputedTasks > 0 ? Meaning::Bad : Meaning::Plain,
                     tr("that have succeeded; again: what they made had been there and was lost")});
    facts.push_back({tr("output operations"), tr("%1 of %2 done").arg(row.outputsDone).arg(row.outputs), Meaning::Plain,
                     tr("each is a job")});
    if (row.skippedStages > 0) {
        facts.push_back({tr("skipped stages"), format::count(row.skippedStages), Meaning::Plain,
                         tr("their shuffle files were there from another job")});
    }
    if (row.isRecovered) {
        facts.push_back({tr("made again"), tr("by a driver that was started again"), Meaning::Warning, {}});
    }
    return facts;
}

}  // namespace millrace::widgets
