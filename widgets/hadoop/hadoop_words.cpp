#include "widgets/hadoop/hadoop_words.h"

#include <QCoreApplication>
#include <algorithm>

#include "widgets/pages/record_cells.h"
#include "widgets/pages/time_axis.h"
#include "widgets/style/format.h"

namespace millrace::widgets {

namespace {

struct HadoopWords {
    Q_DECLARE_TR_FUNCTIONS(HadoopWords)
};

QString host(const observe::ObjectId& id) {
    return format::titleOf(format::text(id));
}

/// Live is who was heard of not long ago enough to be dead; how many of them should have been heard of since.
QString silentText(std::int64_t silent) {
    return silent == 0 ? QString() : HadoopWords::tr(", %1 silent").arg(silent);
}

QString submissionsText(std::int32_t jobs) {
    return jobs == 1 ? HadoopWords::tr("1 job submitted") : HadoopWords::tr("%1 jobs submitted").arg(jobs);
}

RecordCell lifeCell(bool isLive, bool isSilent, const QString& gone) {
    return isSilent ? wordsCell(HadoopWords::tr("live, silent"), Meaning::Warning,
                                HadoopWords::tr("it should have been heard of since, and is not given up yet"))
           : isLive ? wordsCell(HadoopWords::tr("live"), Meaning::Good)
                    : wordsCell(gone, Meaning::Bad);
}

/// One unit in a column: seconds.
RecordCell heardCell(SimDuration since, bool isSilent) {
    return numberCell(secondsText(since), static_cast<double>(since.count()),
                      isSilent ? Meaning::Warning : Meaning::Plain);
}

RecordCell secondsCell(SimDuration value) {
    return numberCell(secondsText(value), static_cast<double>(value.count()),
                      value == SimDuration{0} ? Meaning::Dim : Meaning::Plain);
}

}  // namespace

Standing verdictOf(const observe::DfsPage& page) {
    const observe::DfsView& dfs = page.summary;
    if (!dfs.isThere) {
        return {HadoopWords::tr(
                    "The NameNode is down: nobody knows which blocks a file has. What is written already stays on the "
                    "DataNodes."),
                Meaning::Bad};
    }
    if (dfs.isInSafeMode) {
        return {
            HadoopWords::tr(
                "Safe mode: DataNodes have reported %1 of %2 blocks. Nothing can be changed until enough are there.")
                .arg(page.safeBlocks)
                .arg(dfs.blocks),
            Meaning::Warning};
    }
    if (dfs.missing > 0) {
        return {HadoopWords::tr("%1 blocks have no replica on a live DataNode: what is in them cannot be read now.")
                    .arg(dfs.missing),
                Meaning::Bad};
    }
    QStringList silent;
    SimDuration longest{0};
    for (const observe::DfsNodeView& node : page.nodes) {
        if (node.isSilent) {
            silent << format::text(node.name);
            longest = std::max(longest, node.sinceHeard);
        }
    }
    const std::int64_t dead = dfs.nodes - dfs.liveNodes;
    QString lost = dead == 1  ? HadoopWords::tr(" One DataNode is dead or has not come yet.")
                   : dead > 1 ? HadoopWords::tr(" %1 DataNodes are dead or have not come yet.").arg(dead)
                              : QString();
    if (!silent.isEmpty()) {
        lost +=
            HadoopWords::tr(" Nothing was heard of %1 for %2: what lies there counts until a node is dead after %3.")
                .arg(silent.join(QStringLiteral(", ")), format::duration(longest), format::duration(page.deadAfter));
    }
    if (dfs.underReplicated > 0) {
        return {(dfs.underReplicated == 1
                     ? HadoopWords::tr("1 block has fewer replicas than it should: it is copied now.")
                     : HadoopWords::tr("%1 blocks have fewer replicas than they should: they are copied now.")
                           .arg(dfs.underReplicated)) +
                    lost,
                Meaning::Warning};
    }
    if (page.shortBlocks > 0) {
        return {(page.shortBlocks == 1
                     ? HadoopWords::tr("1 block has fewer replicas than it should, and stays so: one is on each of the "
                                       "%1 live DataNodes.")
                           .arg(dfs.liveNodes)
                     : HadoopWords::tr("%2 blocks have fewer replicas than they should, and stay so: one is on each of "
                                       "the %1 live DataNodes.")
                           .arg(dfs.liveNodes)
                           .arg(page.shortBlocks)) +
                    lost,
                Meaning::Warning};
    }
    return {HadoopWords::tr("All blocks have the replicas that they should have.") + lost,
            dead > 0 || !silent.isEmpty() ? Meaning::Warning : Meaning::Good};
}

QString summaryOf(const observe::DfsPage& page) {
    const observe::DfsView& dfs = page.summary;
    const auto silent =
        std::count_if(page.nodes.begin(), page.nodes.end(), [](const auto& node) { return node.isSilent; });
    return HadoopWords::tr("%1 · %2 · DataNodes %3%4 · %5 used, %6 left of %7")
        .arg(dfs.files == 1 ? HadoopWords::tr("1 file") : HadoopWords::tr("%1 files").arg(format::count(dfs.files)),
             dfs.blocks == 1 ? HadoopWords::tr("1 block") : HadoopWords::tr("%1 blocks").arg(format::count(dfs.blocks)))
        .arg(HadoopWords::tr("%1/%2 live").arg(dfs.liveNodes).arg(dfs.nodes), silentText(silent))
        .arg(format::bytes(static_cast<double>(dfs.used)), format::bytes(static_cast<double>(page.remaining)),
             format::bytes(static_cast<double>(page.capacity)));
}

Standing verdictOf(const observe::JobPage& page) {
    const QString name = format::titleOf(format::text(page.id));
    if (!page.cluster.isThere && page.cluster.isYarn) {
        return {HadoopWords::tr("The ResourceManager is down: no container is given out, and it knows no job when it "
                                "starts again; what has its containers goes on."),
                Meaning::Bad};
    }
    if (!page.cluster.isThere) {
        return {HadoopWords::tr("The JobTracker is down: jobs stand in its memory alone, and those that ran are lost."),
                Meaning::Bad};
    }
    if (!page.cluster.isReady) {
        return {HadoopWords::tr("The JobTracker does not take jobs yet: it waits until HDFS has left safe mode."),
                Meaning::Warning};
    }
    if (!page.isKnown && page.cluster.isYarn && page.application.empty()) {
        return {
            HadoopWords::tr("The ResourceManager does not know the job %1: it was not submitted yet, or to one that "
                            "has started again since.")
                .arg(name),
            Meaning::Dim};
    }
    if (!page.isKnown && page.cluster.isYarn) {
        return {HadoopWords::tr("%1: %2; its ApplicationMaster, attempt %3, has not said how its tasks stand")
                    .arg(name, format::text(page.application).toLower())
                    .arg(page.attempt),
                Meaning::Plain};
    }
    if (!page.isKnown) {
        return {HadoopWords::tr(
                    "The JobTracker does not know the job %1: it was not submitted yet, or to one that has died since.")
                    .arg(name),
                Meaning::Dim};
    }
    const QString state = format::text(page.state).toLower();
    const QString took = hasCome(page.ended)
                             ? HadoopWords::tr(" %1 after it was submitted at %2")
                                   .arg(format::duration(page.ended - page.submitted), instantText(page.submitted))
                             : QString();
    const auto failed = page.maps.failed + page.reduces.failed;
    QString text =
        HadoopWords::tr("%1: %2%3, %4 of the maps and %5 of the reduces")
            .arg(name, state, took, format::percent(page.maps.progress), format::percent(page.reduces.progress));
    text += failed > 0 ? HadoopWords::tr("; %1 attempts failed").arg(failed) : QString();
    text += page.attempt > 1 ? HadoopWords::tr("; attempt %1 of its ApplicationMaster").arg(page.attempt) : QString();
    text +=
        page.hasLostTasks ? HadoopWords::tr("; what is known of its tasks died with its ApplicationMaster") : QString();
    return {text, page.state == "SUCCEEDED" ? Meaning::Good : page.state == "FAILED" ? Meaning::Bad : Meaning::Plain};
}

QString summaryOf(const observe::JobPage& page) {
    if (page.cluster.isYarn) {
        return HadoopWords::tr("%1 %2 of %3 MB · NodeManagers %4/%5 live · %6")
            .arg(page.cluster.containers == 1 ? HadoopWords::tr("1 container has")
                                              : HadoopWords::tr("%1 containers have").arg(page.cluster.containers))
            .arg(format::count(page.cluster.memoryInUse), format::count(page.cluster.memory))
            .arg(page.cluster.live)
            .arg(page.cluster.trackers)
            .arg(submissionsText(page.cluster.submissions));
    }
    const auto silent =
        std::count_if(page.trackers.begin(), page.trackers.end(), [](const auto& each) { return each.isSilent; });
    return HadoopWords::tr("maps run in %1 of %2 slots · reduces in %3 of %4 slots · trackers %5%6 · %7")
        .arg(page.cluster.maps)
        .arg(page.cluster.mapSlots)
        .arg(page.cluster.reduces)
        .arg(page.cluster.reduceSlots)
        .arg(HadoopWords::tr("%1/%2 live").arg(page.cluster.live).arg(page.cluster.trackers), silentText(silent))
        .arg(submissionsText(page.cluster.submissions));
}

std::vector<RecordColumn> dfsNodeColumns() {
    return {{HadoopWords::tr("DataNode"), HadoopWords::tr("as the configuration calls it"), 12},
            {HadoopWords::tr("Rack"), HadoopWords::tr("where its machine stands"), 10},
            {HadoopWords::tr("Host"), HadoopWords::tr("its machine"), 12},
            {HadoopWords::tr("State"),
             HadoopWords::tr("dead: no heartbeat for two recheck intervals and ten heartbeats, 630 s by default"), 8},
            {HadoopWords::tr("Last contact"), HadoopWords::tr("time since its last heartbeat"), 9, true},
            {HadoopWords::tr("Blocks"), HadoopWords::tr("replicas that it has reported"), 8, true},
            {HadoopWords::tr("Used"), HadoopWords::tr("bytes of these"), 9, true},
            {HadoopWords::tr("Remaining"), HadoopWords::tr("bytes that are left for HDFS"), 9, true},
            {HadoopWords::tr("Transfers"), HadoopWords::tr("blocks that it writes or reads for others now"), 8, true}};
}

std::vector<Record> dfsNodes(const observe::DfsPage& page) {
    std::vector<Record> records;
    for (const observe::DfsNodeView& node : page.nodes) {
        Record record;
        record.key = format::text(node.id);
        record.object = record.key;
        record.cells = {wordsCell(format::text(node.name)),
                        wordsCell(format::text(node.rack)),
                        wordsCell(host(node.host)),
                        lifeCell(node.isLive, node.isSilent, HadoopWords::tr("dead")),
                        heardCell(node.sinceHeard, node.isSilent || !node.isLive),
                        countCell(node.blocks),
                        bytesCell(node.used),
                        bytesCell(node.remaining),
                        countCell(node.transfers)};
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<RecordColumn> dfsFileColumns() {
    return {
        {HadoopWords::tr("File"), HadoopWords::tr("its path in HDFS"), 44},
        {HadoopWords::tr("Length"), HadoopWords::tr("bytes"), 9, true},
        {HadoopWords::tr("Blocks"), HadoopWords::tr("of which it is made"), 7, true},
        {HadoopWords::tr("Replication"), HadoopWords::tr("how many replicas each of its blocks should have"), 8, true},
        {HadoopWords::tr("State"), HadoopWords::tr("written: a client has its lease"), 10}};
}

std::vector<Record> dfsFiles(const observe::DfsPage& page) {
    std::vector<Record> records;
    for (const observe::DfsFileView& file : page.files) {
        Record record;
        record.key = format::text(file.path);
        record.cells = {wordsCell(record.key, Meaning::Plain, record.key), bytesCell(file.length),
                        countCell(file.blocks), countCell(file.replication),
                        wordsCell(file.isOpen ? HadoopWords::tr("written") : HadoopWords::tr("closed"),
                                  file.isOpen ? Meaning::Warning : Meaning::Dim)};
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
    QStringList lines{HadoopWords::tr("Block %1 of %2: %3")
                          .arg(block.index)
                          .arg(file, format::bytes(static_cast<double>(block.length)))};
    lines << HadoopWords::tr("%1 of %2 replicas%3")
                 .arg(block.replicas.size())
                 .arg(block.wanted)
                 .arg(block.replicas.empty() ? QString() : HadoopWords::tr(": on %1").arg(names(block.replicas)));
    if (block.isOpen) {
        lines << HadoopWords::tr("it is being written down the pipeline %1").arg(names(block.expected));
    }
    if (!block.corrupt.empty()) {
        lines << HadoopWords::tr("damaged on %1").arg(names(block.corrupt));
    }
    return lines.join(QLatin1Char('\n'));
}

std::vector<RecordColumn> jobColumns() {
    return {
        {HadoopWords::tr("Job"), HadoopWords::tr("as the document calls it"), 16},
        {HadoopWords::tr("Computes"), HadoopWords::tr("its kind"), 14},
        {HadoopWords::tr("State"), HadoopWords::tr("as Hadoop calls it; LOST: with the JobTracker that had it"), 11},
        {HadoopWords::tr("Maps"), HadoopWords::tr("map tasks, one a split"), 7, true},
        {HadoopWords::tr("Maps done"), HadoopWords::tr("share of the maps' work that is done"), 8, true},
        {HadoopWords::tr("Reduces"), HadoopWords::tr("reduce tasks"), 7, true},
        {HadoopWords::tr("Reduces done"),
         HadoopWords::tr("share of the reduces' work that is done: a third each for copy, sort and reduce"), 9, true},
        {HadoopWords::tr("Client began"),
         HadoopWords::tr("instant of the run: it waits for the job's input, and submits the job then"), 9, true},
        {HadoopWords::tr("Since then"),
         HadoopWords::tr("seconds so far, or until the job ended, with the wait for its input"), 9, true},
        {HadoopWords::tr("Why"), HadoopWords::tr("why it failed or was lost"), 30}};
}

std::vector<Record> jobs(const std::vector<observe::MapReduceJobView>& all) {
    std::vector<Record> records;
    for (const observe::MapReduceJobView& job : all) {
        Record record;
        record.key = format::text(job.id);
        record.object = record.key;
        record.at = job.submitted.time_since_epoch().count();
        const bool isBad = job.state == "FAILED" || job.state == "LOST";
        record.cells = {wordsCell(format::titleOf(record.key)),
                        wordsCell(format::text(job.kind)),
                        wordsCell(format::text(job.state), isBad                      ? Meaning::Bad
                                                           : job.state == "SUCCEEDED" ? Meaning::Good
                                                                                      : Meaning::Plain),
                        countCell(job.maps),
                        shareCell(job.mapProgress),
                        countCell(job.reduces),
                        shareCell(job.reduceProgress),
                        numberCell(instantText(job.submitted), static_cast<double>(record.at)),
                        secondsCell(job.duration),
                        wordsCell(format::text(job.why), Meaning::Bad, format::text(job.why))};
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<RecordColumn> taskKindColumns() {
    return {{HadoopWords::tr("Kind"), {}, 8},
            {HadoopWords::tr("Work done"), HadoopWords::tr("share of the work that is done"), 8, true},
            {HadoopWords::tr("Tasks"), {}, 7, true},
            {HadoopWords::tr("Pending"), HadoopWords::tr("no attempt of them runs"), 7, true},
            {HadoopWords::tr("Running"), {}, 7, true},
            {HadoopWords::tr("Complete"), {}, 8, true},
            {HadoopWords::tr("Failed attempts"), {}, 8, true},
            {HadoopWords::tr("Killed attempts"),
             HadoopWords::tr("another attempt was first, or their tracker was lost"), 8, true}};
}

std::vector<Record> taskKinds(const observe::JobPage& page) {
    std::vector<Record> records;
    for (const bool isReduce : {false, true}) {
        const observe::TaskKindView& kind = isReduce ? page.reduces : page.maps;
        Record record;
        record.key = isReduce ? QStringLiteral("reduce") : QStringLiteral("map");
        record.cells = {wordsCell(isReduce ? HadoopWords::tr("reduce") : HadoopWords::tr("map")),
                        shareCell(kind.progress),
                        countCell(kind.tasks),
                        countCell(kind.pending),
                        countCell(kind.running),
                        countCell(kind.complete),
                        countCell(kind.failed, Meaning::Bad),
                        countCell(kind.killed)};
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<RecordColumn> counterColumns() {
    return {{HadoopWords::tr("Counter"), HadoopWords::tr("as Hadoop's page calls it"), 26},
            {HadoopWords::tr("Map"), HadoopWords::tr("of maps that are done"), 14, true},
            {HadoopWords::tr("Reduce"), HadoopWords::tr("of reduces that are done"), 14, true},
            {HadoopWords::tr("Total"),
             HadoopWords::tr("of the job, attempts that failed or were killed counted as such"), 14, true}};
}

std::vector<Record> counters(const observe::JobPage& page) {
    std::vector<Record> records;
    for (const observe::JobCounterView& counter : page.counters) {
        Record record;
        record.key = format::text(counter.name);
        // What the JobTracker counts of the job itself no task has: it is empty there, not zero.
        const bool isOfTasks = counter.map != 0 || counter.reduce != 0 || counter.total == 0;
        record.cells = {wordsCell(record.key), isOfTasks ? countCell(counter.map) : wordsCell({}),
                        isOfTasks ? countCell(counter.reduce) : wordsCell({}), countCell(counter.total)};
        records.push_back(std::move(record));
    }
    return records;
}

QString taskName(const observe::MapReduceTaskView& task) {
    return task.isReduce ? HadoopWords::tr("reduce %1").arg(task.number) : HadoopWords::tr("map %1").arg(task.number);
}

namespace {

QString endText(observe::AttemptEnd end) {
    switch (end) {
        case observe::AttemptEnd::Running:
            return HadoopWords::tr("runs");
        case observe::AttemptEnd::Succeeded:
            return HadoopWords::tr("done");
        case observe::AttemptEnd::Failed:
            return HadoopWords::tr("failed");
        case observe::AttemptEnd::Killed:
            return HadoopWords::tr("killed");
    }
    return {};
}

QString nearness(const observe::MapReduceTaskView& task, const observe::AttemptView& attempt) {
    return task.isReduce           ? QString()
           : attempt.distance == 0 ? HadoopWords::tr("beside its split")
           : attempt.distance == 2 ? HadoopWords::tr("in the rack of its split")
                                   : HadoopWords::tr("away from its split");
}

SimDuration took(SimTime from, SimTime to, SimTime now) {
    return std::max(SimDuration{0}, std::min(to, now) - from);
}

}  // namespace

QString attemptTip(const observe::MapReduceTaskView& task, const observe::AttemptView& attempt, SimTime now) {
    QStringList lines{HadoopWords::tr("%1 on %2: %3, %4")
                          .arg(taskName(task), format::titleOf(format::text(attempt.tracker)), endText(attempt.end),
                               format::percent(attempt.progress))};
    lines << HadoopWords::tr("from %1, %2")
                 .arg(format::clock(attempt.started), format::duration(took(attempt.started, attempt.ended, now)));
    if (task.isReduce) {
        lines << HadoopWords::tr("copy %1").arg(
            format::duration(took(attempt.started, std::min(attempt.copied, attempt.ended), now)));
        if (hasCome(attempt.copied)) {
            lines << HadoopWords::tr("sort %1").arg(
                format::duration(took(attempt.copied, std::min(attempt.sorted, attempt.ended), now)));
        }
        if (hasCome(attempt.sorted)) {
            lines << HadoopWords::tr("reduce %1").arg(format::duration(took(attempt.sorted, attempt.ended, now)));
        }
    } else {
        lines << nearness(task, attempt) << format::text(task.split);
    }
    if (attempt.isSpeculative) {
        lines << HadoopWords::tr("a backup of a slow attempt");
    }
    return lines.join(QLatin1Char('\n'));
}

std::vector<RecordColumn> attemptColumns() {
    return {
        {HadoopWords::tr("Task"), HadoopWords::tr("map: one a split; reduce: one a partition of the keys"), 12},
        {HadoopWords::tr("Attempt"), HadoopWords::tr("from 0"), 6, true},
        {HadoopWords::tr("Tracker"), HadoopWords::tr("on which it ran"), 16},
        {HadoopWords::tr("Status"), HadoopWords::tr("how the attempt ended"), 8},
        {HadoopWords::tr("Progress"), HadoopWords::tr("of a reduce: a third each for copy, sort and reduce"), 7, true},
        {HadoopWords::tr("Started"), HadoopWords::tr("instant of the run"), 11, true},
        {HadoopWords::tr("Duration"), HadoopWords::tr("from its start to its end, as the JobTracker heard of it"), 9,
         true},
        {HadoopWords::tr("Copy"), HadoopWords::tr("of a reduce: until it had all map output"), 9, true},
        {HadoopWords::tr("Sort"), HadoopWords::tr("of a reduce: until that was in order"), 9, true},
        {HadoopWords::tr("Reduce"), HadoopWords::tr("of a reduce: until its output was committed"), 9, true},
        {HadoopWords::tr("Note"), HadoopWords::tr("where it ran, and whether it was a backup"), 24}};
}

std::vector<Record> attempts(const observe::JobPage& page) {
    std::vector<Record> records;
    for (const observe::MapReduceTaskView& task : page.tasks) {
        for (std::size_t i = 0; i < task.attempts.size(); ++i) {
            const observe::AttemptView& attempt = task.attempts[i];
            const auto phase = [&](SimTime from, SimTime to) {
                return task.isReduce && hasCome(from) ? secondsCell(took(from, std::min(to, attempt.ended), page.now))
                                                      : wordsCell({});
            };
            QStringList notes;
            if (const QString near = nearness(task, attempt); !near.isEmpty()) {
                notes << near;
            }
            if (attempt.isSpeculative) {
                notes << HadoopWords::tr("backup");
            }
            if (task.isDone && attempt.end == observe::AttemptEnd::Running) {
                notes << HadoopWords::tr("no longer wanted: another attempt is done");
            }
            Record record;
            record.key = taskName(task) + QLatin1Char('/') + QString::number(i);
            record.object = format::text(attempt.tracker);
            record.at = attempt.started.time_since_epoch().count();
            const Meaning meaning = attempt.end == observe::AttemptEnd::Failed      ? Meaning::Bad
                                    : attempt.end == observe::AttemptEnd::Succeeded ? Meaning::Good
                                    : attempt.end == observe::AttemptEnd::Killed    ? Meaning::Dim
                                                                                    : Meaning::Plain;
            record.cells = {wordsCell(taskName(task)),
                            numberCell(QString::number(i), static_cast<double>(i)),
                            wordsCell(format::titleOf(record.object)),
                            wordsCell(endText(attempt.end), meaning),
                            shareCell(attempt.progress),
                            numberCell(format::clock(attempt.started), static_cast<double>(record.at)),
                            secondsCell(took(attempt.started, attempt.ended, page.now)),
                            phase(attempt.started, attempt.copied),
                            phase(attempt.copied, attempt.sorted),
                            phase(attempt.sorted, attempt.ended),
                            wordsCell(notes.join(QStringLiteral(", ")))};
            records.push_back(std::move(record));
        }
    }
    return records;
}

namespace {

std::vector<RecordColumn> nodeColumns(const QString& title, const QString& lost) {
    return {{title, HadoopWords::tr("as the configuration calls it"), 16},
            {HadoopWords::tr("Host"), HadoopWords::tr("its machine"), 12},
            {HadoopWords::tr("Rack"), HadoopWords::tr("where that stands"), 10},
            {HadoopWords::tr("State"), HadoopWords::tr("lost: no heartbeat within %1").arg(lost), 8},
            {HadoopWords::tr("Last contact"), HadoopWords::tr("time since its last heartbeat"), 9, true}};
}

Record nodeRecord(const observe::TrackerView& node, RecordCell first, RecordCell second) {
    Record record;
    record.key = format::text(node.id);
    record.object = record.key;
    record.cells = {wordsCell(format::titleOf(record.key)),
                    wordsCell(host(node.host)),
                    wordsCell(format::text(node.rack)),
                    lifeCell(node.isAlive, node.isSilent, HadoopWords::tr("lost")),
                    heardCell(node.sinceHeard, node.isSilent || !node.isAlive),
                    std::move(first),
                    std::move(second)};
    return record;
}

RecordCell takenCell(std::int64_t used, std::int64_t all) {
    return numberCell(QStringLiteral("%1/%2").arg(used).arg(all), static_cast<double>(used));
}

}  // namespace

std::vector<RecordColumn> trackerColumns() {
    auto columns =
        nodeColumns(HadoopWords::tr("TaskTracker"), QStringLiteral("mapred.tasktracker.expiry.interval, 600 s"));
    columns.push_back({HadoopWords::tr("Maps"), HadoopWords::tr("map slots that are taken, of all"), 8, true});
    columns.push_back({HadoopWords::tr("Reduces"), HadoopWords::tr("reduce slots that are taken, of all"), 8, true});
    return columns;
}

std::vector<Record> trackers(const observe::JobPage& page) {
    std::vector<Record> records;
    for (const observe::TrackerView& each : page.trackers) {
        records.push_back(
            nodeRecord(each, takenCell(each.maps, each.mapSlots), takenCell(each.reduces, each.reduceSlots)));
    }
    return records;
}

std::vector<RecordColumn> nodeManagerColumns() {
    auto columns = nodeColumns(HadoopWords::tr("NodeManager"),
                               QStringLiteral("yarn.nm.liveness-monitor.expiry-interval-ms, 600 s"));
    columns.push_back({HadoopWords::tr("Containers"), HadoopWords::tr("that it has been given and that run"), 9, true});
    columns.push_back({HadoopWords::tr("Memory"),
                       HadoopWords::tr("MB of these, of all that it gives (yarn.nodemanager.resource.memory-mb)"), 12,
                       true});
    return columns;
}

std::vector<Record> nodeManagers(const observe::JobPage& page) {
    std::vector<Record> records;
    for (const observe::TrackerView& each : page.trackers) {
        records.push_back(nodeRecord(each, countCell(each.containers), takenCell(each.memoryInUse, each.memory)));
    }
    return records;
}

}  // namespace millrace::widgets
