#include "widgets/hadoop/hadoop_words.h"

#include <QCoreApplication>
#include <algorithm>

#include "widgets/pages/time_axis.h"
#include "widgets/style/format.h"

namespace millrace::widgets {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("Hadoop", text);
}

RecordCell number(const QString& text, double sort, Meaning meaning = Meaning::Plain) {
    return {text, sort, meaning, {}};
}

RecordCell count(std::int64_t value, Meaning meaning = Meaning::Plain) {
    return number(format::count(value), static_cast<double>(value), value == 0 ? Meaning::Dim : meaning);
}

RecordCell bytes(std::int64_t value) {
    return number(format::bytes(static_cast<double>(value)), static_cast<double>(value),
                  value == 0 ? Meaning::Dim : Meaning::Plain);
}

RecordCell words(const QString& text, Meaning meaning = Meaning::Plain, const QString& tip = {}) {
    return {text, 0, meaning, tip};
}

RecordCell share(double value) {
    return number(format::percent(value), value, value >= 1 ? Meaning::Good : Meaning::Plain);
}

RecordCell span(SimDuration value) {
    return number(format::duration(value), static_cast<double>(value.count()));
}

QString host(const observe::ObjectId& id) {
    return format::titleOf(format::text(id));
}

bool isSet(SimTime time) {
    return time != SimTime::max();
}

}  // namespace

Standing verdictOf(const observe::DfsPage& page) {
    const observe::DfsView& dfs = page.summary;
    if (!dfs.isThere) {
        return {tr("The NameNode is down: nobody knows which blocks a file has. What is written already stays on the "
                   "DataNodes."),
                Meaning::Bad};
    }
    if (dfs.isInSafeMode) {
        return {tr("Safe mode: DataNodes have reported %1 of %2 blocks. Nothing can be changed until enough are there.")
                    .arg(page.safeBlocks)
                    .arg(dfs.blocks),
                Meaning::Warning};
    }
    if (dfs.missing > 0) {
        return {
            tr("%1 blocks have no replica on a live DataNode: what is in them cannot be read now.").arg(dfs.missing),
            Meaning::Bad};
    }
    const std::int64_t dead = dfs.nodes - dfs.liveNodes;
    const QString lost = dead == 1  ? tr(" One DataNode is dead or has not come yet.")
                         : dead > 1 ? tr(" %1 DataNodes are dead or have not come yet.").arg(dead)
                                    : QString();
    if (dfs.underReplicated > 0) {
        return {
            tr("%1 blocks have fewer replicas than they should: they are copied now.").arg(dfs.underReplicated) + lost,
            Meaning::Warning};
    }
    return {tr("All blocks have the replicas that they should have.") + lost,
            dead > 0 ? Meaning::Warning : Meaning::Good};
}

QString summaryOf(const observe::DfsPage& page) {
    const observe::DfsView& dfs = page.summary;
    return tr("%1 files · %2 blocks · DataNodes %3/%4 live · %5 used, %6 left of %7")
        .arg(format::count(dfs.files), format::count(dfs.blocks))
        .arg(dfs.liveNodes)
        .arg(dfs.nodes)
        .arg(format::bytes(static_cast<double>(dfs.used)), format::bytes(static_cast<double>(page.remaining)),
             format::bytes(static_cast<double>(page.capacity)));
}

Standing verdictOf(const observe::JobPage& page) {
    const QString name = format::titleOf(format::text(page.id));
    if (!page.cluster.isThere) {
        return {tr("The JobTracker is down: jobs stand in its memory alone, and those that ran are lost."),
                Meaning::Bad};
    }
    if (!page.cluster.isReady) {
        return {tr("The JobTracker does not take jobs yet: it waits until HDFS has left safe mode."), Meaning::Warning};
    }
    if (!page.isKnown) {
        return {tr("The JobTracker does not know the job %1: it was not submitted yet, or to one that has died since.")
                    .arg(name),
                Meaning::Dim};
    }
    const QString state = format::text(page.state).toLower();
    const QString took =
        isSet(page.ended) ? tr(" in %1").arg(format::duration(page.ended - page.submitted)) : QString();
    const auto failed = page.maps.failed + page.reduces.failed;
    QString text =
        tr("%1: %2%3, %4 of the maps and %5 of the reduces")
            .arg(name, state, took, format::percent(page.maps.progress), format::percent(page.reduces.progress));
    text += failed > 0 ? tr("; %1 attempts failed").arg(failed) : QString();
    return {text, page.state == "SUCCEEDED" ? Meaning::Good : page.state == "FAILED" ? Meaning::Bad : Meaning::Plain};
}

QString summaryOf(const observe::JobPage& page) {
    return tr("maps run in %1 of %2 slots · reduces in %3 of %4 · trackers %5/%6 live · %7 jobs submitted")
        .arg(page.cluster.maps)
        .arg(page.cluster.mapSlots)
        .arg(page.cluster.reduces)
        .arg(page.cluster.reduceSlots)
        .arg(page.cluster.live)
        .arg(page.cluster.trackers)
        .arg(page.cluster.submissions);
}

std::vector<RecordColumn> dfsNodeColumns() {
    return {{tr("DataNode"), tr("as the configuration calls it"), 12},
            {tr("Rack"), tr("where its machine stands"), 10},
            {tr("Host"), tr("its machine"), 12},
            {tr("State"), tr("dead: no heartbeat for two recheck intervals and ten heartbeats, 630 s by default"), 8},
            {tr("Last contact"), tr("time since its last heartbeat"), 9, true},
            {tr("Blocks"), tr("replicas that it has reported"), 8, true},
            {tr("Used"), tr("bytes of these"), 9, true},
            {tr("Remaining"), tr("bytes that are left for HDFS"), 9, true},
            {tr("Transfers"), tr("blocks that it writes or reads for others now"), 8, true}};
}

std::vector<Record> dfsNodes(const observe::DfsPage& page) {
    std::vector<Record> records;
    for (const observe::DfsNodeView& node : page.nodes) {
        Record record;
        record.key = format::text(node.id);
        record.object = record.key;
        record.cells = {words(format::text(node.name)),
                        words(format::text(node.rack)),
                        words(host(node.host)),
                        words(node.isLive ? tr("live") : tr("dead"), node.isLive ? Meaning::Good : Meaning::Bad),
                        span(node.sinceHeard),
                        count(node.blocks),
                        bytes(node.used),
                        bytes(node.remaining),
                        count(node.transfers)};
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<RecordColumn> dfsFileColumns() {
    return {{tr("File"), tr("its path in HDFS"), 44},
            {tr("Length"), tr("bytes"), 9, true},
            {tr("Blocks"), tr("of which it is made"), 7, true},
            {tr("Replication"), tr("how many replicas each of its blocks should have"), 8, true},
            {tr("State"), tr("written: a client has its lease"), 10}};
}

std::vector<Record> dfsFiles(const observe::DfsPage& page) {
    std::vector<Record> records;
    for (const observe::DfsFileView& file : page.files) {
        Record record;
        record.key = format::text(file.path);
        record.cells = {
            words(record.key, Meaning::Plain, record.key), bytes(file.length), count(file.blocks),
            count(file.replication),
            words(file.isOpen ? tr("written") : tr("closed"), file.isOpen ? Meaning::Warning : Meaning::Dim)};
        records.push_back(std::move(record));
    }
    return records;
}

QString blockTip(const observe::DfsPage& page, const observe::DfsBlockView& block) {
    const auto names = [&](const std::vector<std::int32_t>& nodes) {
        QStringList all;
        for (const std::int32_t node : nodes) {
            all << format::text(page.nodes[static_cast<std::size_t>(node)].name);
        }
        return all.join(QStringLiteral(", "));
    };
    const QString file =
        block.file >= 0 ? format::text(page.files[static_cast<std::size_t>(block.file)].path) : QString();
    QStringList lines{
        tr("Block %1 of %2: %3").arg(block.index).arg(file, format::bytes(static_cast<double>(block.length)))};
    lines << tr("%1 of %2 replicas%3")
                 .arg(block.replicas.size())
                 .arg(block.wanted)
                 .arg(block.replicas.empty() ? QString() : tr(": on %1").arg(names(block.replicas)));
    if (block.isOpen) {
        lines << tr("it is being written down the pipeline %1").arg(names(block.expected));
    }
    if (!block.corrupt.empty()) {
        lines << tr("damaged on %1").arg(names(block.corrupt));
    }
    return lines.join(QLatin1Char('\n'));
}

std::vector<RecordColumn> jobColumns() {
    return {{tr("Job"), tr("as the document calls it"), 16},
            {tr("Computes"), tr("its kind"), 14},
            {tr("State"), tr("as Hadoop calls it; LOST: with the JobTracker that had it"), 11},
            {tr("Maps"), tr("map tasks, one a split"), 7, true},
            {tr("Maps done"), tr("share of the maps' work that is done"), 8, true},
            {tr("Reduces"), tr("reduce tasks"), 7, true},
            {tr("Reduces done"), tr("share of the reduces' work that is done: a third each for copy, sort and reduce"),
             9, true},
            {tr("Submitted"), tr("instant of the run"), 9, true},
            {tr("Duration"), tr("so far, or until it ended"), 9, true},
            {tr("Why"), tr("why it failed or was lost"), 30}};
}

std::vector<Record> jobs(const std::vector<observe::MapReduceJobView>& all) {
    std::vector<Record> records;
    for (const observe::MapReduceJobView& job : all) {
        Record record;
        record.key = format::text(job.id);
        record.object = record.key;
        record.at = job.submitted.time_since_epoch().count();
        const bool isBad = job.state == "FAILED" || job.state == "LOST";
        record.cells = {words(format::titleOf(record.key)),
                        words(format::text(job.kind)),
                        words(format::text(job.state), isBad                      ? Meaning::Bad
                                                       : job.state == "SUCCEEDED" ? Meaning::Good
                                                                                  : Meaning::Plain),
                        count(job.maps),
                        share(job.mapProgress),
                        count(job.reduces),
                        share(job.reduceProgress),
                        number(instantText(job.submitted), static_cast<double>(record.at)),
                        span(job.duration),
                        words(format::text(job.why), Meaning::Bad, format::text(job.why))};
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<RecordColumn> taskKindColumns() {
    return {{tr("Kind"), {}, 8},
            {tr("Complete %"), tr("share of the work that is done"), 8, true},
            {tr("Tasks"), {}, 7, true},
            {tr("Pending"), tr("no attempt of them runs"), 7, true},
            {tr("Running"), {}, 7, true},
            {tr("Complete"), {}, 8, true},
            {tr("Failed attempts"), {}, 8, true},
            {tr("Killed attempts"), tr("another attempt was first, or their tracker was lost"), 8, true}};
}

std::vector<Record> taskKinds(const observe::JobPage& page) {
    std::vector<Record> records;
    for (const bool isReduce : {false, true}) {
        const observe::TaskKindView& kind = isReduce ? page.reduces : page.maps;
        Record record;
        record.key = isReduce ? QStringLiteral("reduce") : QStringLiteral("map");
        record.cells = {words(isReduce ? tr("reduce") : tr("map")),
                        share(kind.progress),
                        count(kind.tasks),
                        count(kind.pending),
                        count(kind.running),
                        count(kind.complete),
                        count(kind.failed, Meaning::Bad),
                        count(kind.killed)};
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<RecordColumn> counterColumns() {
    return {{tr("Counter"), tr("as Hadoop's page calls it"), 26},
            {tr("Map"), tr("of maps that are done"), 14, true},
            {tr("Reduce"), tr("of reduces that are done"), 14, true},
            {tr("Total"), tr("of the job, attempts that failed or were killed counted as such"), 14, true}};
}

std::vector<Record> counters(const observe::JobPage& page) {
    std::vector<Record> records;
    for (const observe::JobCounterView& counter : page.counters) {
        Record record;
        record.key = format::text(counter.name);
        record.cells = {words(record.key), count(counter.map), count(counter.reduce), count(counter.total)};
        records.push_back(std::move(record));
    }
    return records;
}

QString taskName(const observe::MapReduceTaskView& task) {
    return task.isReduce ? tr("reduce %1").arg(task.number) : tr("map %1").arg(task.number);
}

namespace {

QString endText(observe::AttemptEnd end) {
    switch (end) {
        case observe::AttemptEnd::Running:
            return tr("runs");
        case observe::AttemptEnd::Succeeded:
            return tr("done");
        case observe::AttemptEnd::Failed:
            return tr("failed");
        case observe::AttemptEnd::Killed:
            return tr("killed");
    }
    return {};
}

QString nearness(const observe::MapReduceTaskView& task, const observe::AttemptView& attempt) {
    return task.isReduce           ? QString()
           : attempt.distance == 0 ? tr("beside its split")
           : attempt.distance == 2 ? tr("in the rack of its split")
                                   : tr("away from its split");
}

SimDuration took(SimTime from, SimTime to, SimTime now) {
    return std::max(SimDuration{0}, std::min(to, now) - from);
}

}  // namespace

QString attemptTip(const observe::MapReduceTaskView& task, const observe::AttemptView& attempt, SimTime now) {
    QStringList lines{tr("%1 on %2: %3, %4")
                          .arg(taskName(task), format::titleOf(format::text(attempt.tracker)), endText(attempt.end),
                               format::percent(attempt.progress))};
    lines << tr("from %1, %2")
                 .arg(format::clock(attempt.started), format::duration(took(attempt.started, attempt.ended, now)));
    if (task.isReduce) {
        lines << tr("copy %1").arg(
            format::duration(took(attempt.started, std::min(attempt.copied, attempt.ended), now)));
        if (isSet(attempt.copied)) {
            lines << tr("sort %1").arg(
                format::duration(took(attempt.copied, std::min(attempt.sorted, attempt.ended), now)));
        }
        if (isSet(attempt.sorted)) {
            lines << tr("reduce %1").arg(format::duration(took(attempt.sorted, attempt.ended, now)));
        }
    } else {
        lines << nearness(task, attempt) << format::text(task.split);
    }
    if (attempt.isSpeculative) {
        lines << tr("a backup of a slow attempt");
    }
    return lines.join(QLatin1Char('\n'));
}

std::vector<RecordColumn> attemptColumns() {
    return {{tr("Task"), tr("map: one a split; reduce: one a partition of the keys"), 12},
            {tr("Attempt"), tr("from 0"), 6, true},
            {tr("Tracker"), tr("on which it ran"), 16},
            {tr("Status"), tr("how the attempt ended"), 8},
            {tr("Progress"), tr("of a reduce: a third each for copy, sort and reduce"), 7, true},
            {tr("Started"), tr("instant of the run"), 11, true},
            {tr("Duration"), tr("from its start to its end, as the JobTracker heard of it"), 9, true},
            {tr("Copy"), tr("of a reduce: until it had all map output"), 9, true},
            {tr("Sort"), tr("of a reduce: until that was in order"), 9, true},
            {tr("Reduce"), tr("of a reduce: until its output was committed"), 9, true},
            {tr("Note"), tr("where it ran, and whether it was a backup"), 24}};
}

std::vector<Record> attempts(const observe::JobPage& page) {
    std::vector<Record> records;
    for (const observe::MapReduceTaskView& task : page.tasks) {
        for (std::size_t i = 0; i < task.attempts.size(); ++i) {
            const observe::AttemptView& attempt = task.attempts[i];
            const auto phase = [&](SimTime from, SimTime to) {
                return task.isReduce && isSet(from) ? span(took(from, std::min(to, attempt.ended), page.now))
                                                    : words({});
            };
            QStringList notes;
            if (const QString near = nearness(task, attempt); !near.isEmpty()) {
                notes << near;
            }
            if (attempt.isSpeculative) {
                notes << tr("backup");
            }
            Record record;
            record.key = taskName(task) + QLatin1Char('/') + QString::number(i);
            record.object = format::text(attempt.tracker);
            record.at = attempt.started.time_since_epoch().count();
            const Meaning meaning = attempt.end == observe::AttemptEnd::Failed      ? Meaning::Bad
                                    : attempt.end == observe::AttemptEnd::Succeeded ? Meaning::Good
                                    : attempt.end == observe::AttemptEnd::Killed    ? Meaning::Dim
                                                                                    : Meaning::Plain;
            record.cells = {words(taskName(task)),
                            number(QString::number(i), static_cast<double>(i)),
                            words(format::titleOf(record.object)),
                            words(endText(attempt.end), meaning),
                            share(attempt.progress),
                            number(format::clock(attempt.started), static_cast<double>(record.at)),
                            span(took(attempt.started, attempt.ended, page.now)),
                            phase(attempt.started, attempt.copied),
                            phase(attempt.copied, attempt.sorted),
                            phase(attempt.sorted, attempt.ended),
                            words(notes.join(QStringLiteral(", ")))};
            records.push_back(std::move(record));
        }
    }
    return records;
}

std::vector<RecordColumn> trackerColumns() {
    return {{tr("TaskTracker"), {}, 16},
            {tr("Host"), tr("its machine"), 12},
            {tr("Rack"), tr("where that stands"), 10},
            {tr("State"), tr("lost: no heartbeat within mapred.tasktracker.expiry.interval"), 8},
            {tr("Last contact"), tr("time since its last heartbeat"), 9, true},
            {tr("Maps"), tr("map slots that are taken, of all"), 8, true},
            {tr("Reduces"), tr("reduce slots that are taken, of all"), 8, true}};
}

std::vector<Record> trackers(const observe::JobPage& page) {
    std::vector<Record> records;
    for (const observe::TrackerView& tracker : page.trackers) {
        Record record;
        record.key = format::text(tracker.id);
        record.object = record.key;
        const auto taken = [&](std::int32_t used, std::int32_t all) {
            return number(QStringLiteral("%1/%2").arg(used).arg(all), used);
        };
        record.cells = {
            words(format::titleOf(record.key)),
            words(host(tracker.host)),
            words(format::text(tracker.rack)),
            words(tracker.isAlive ? tr("live") : tr("lost"), tracker.isAlive ? Meaning::Good : Meaning::Bad),
            span(tracker.sinceHeard),
            taken(tracker.maps, tracker.mapSlots),
            taken(tracker.reduces, tracker.reduceSlots)};
        records.push_back(std::move(record));
    }
    return records;
}

}  // namespace millrace::widgets
