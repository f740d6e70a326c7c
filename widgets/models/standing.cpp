#include "widgets/models/standing.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>
#include <map>

#include "widgets/style/format.h"

namespace millrace::widgets {

namespace {

QString standingText(const char* words) {
    return QCoreApplication::translate("Standing", words);
}

/// The newest fault that lasts, in the words of the journal, and how many others do.
QString faultThatLasts(const observe::Snapshot& snapshot) {
    const observe::RunView& run = snapshot.run;
    const observe::FaultBar* newest = nullptr;
    int others = -1;
    for (const observe::FaultBar& each : run.faults) {
        const bool lasts = each.at <= run.now && each.until > run.now;
        newest = lasts && (newest == nullptr || each.at >= newest->at) ? &each : newest;
        others += lasts ? 1 : 0;
    }
    if (newest == nullptr) {
        return {};
    }
    for (const auto* list : {&snapshot.journal->entries, &snapshot.journal->causes}) {
        const auto told = std::find_if(list->rbegin(), list->rend(), [&](const observe::JournalEntryView& each) {
            return each.kind == "sim.fault-injected" && each.time == newest->at && !each.isRepair;
        });
        if (told != list->rend()) {
            const QString text = standingText("%1, since %2")
                                     .arg(format::sentence(format::text(told->text)), format::seconds(newest->at));
            return others <= 0   ? text
                   : others == 1 ? standingText("%1, and another fault lasts").arg(text)
                                 : standingText("%1, and %2 other faults last").arg(text).arg(others);
        }
    }
    return {};
}

QString howFarSourcesAre(const std::vector<observe::SourceView>& sources) {
    std::int64_t produced = 0;
    double rate = 0;
    for (const observe::SourceView& source : sources) {
        produced += source.produced;
        rate += source.recordsPerSecond;
    }
    const QString whose = sources.size() == 1
                              ? format::text(sources.front().name)
                              : standingText("%1 sources").arg(format::count(std::int64_t(sources.size())));
    if (std::all_of(sources.begin(), sources.end(), [](const auto& each) { return each.isExhausted; })) {
        return produced == 1 ? standingText("The one record of %1 is read").arg(whose)
                             : standingText("All %1 records of %2 are read").arg(format::count(produced), whose);
    }
    return rate > 0 ? standingText("%1 records of %2 are read, %3 come in")
                          .arg(format::count(produced), whose, format::rate(rate))
                    : standingText("%1 records of %2 are read, and none comes in").arg(format::count(produced), whose);
}

/// Of sources that nobody sends for: how much of each the pipeline has read that has read the most.
QString howFarPipelinesAre(const std::vector<observe::IngestionView>& pipelines) {
    std::map<std::string, std::int64_t> read;
    for (const observe::IngestionView& each : pipelines) {
        read[each.source] = std::max(read[each.source], each.read);
    }
    QStringList parts;
    for (const auto& [source, records] : read) {
        parts.append(standingText("%1 records of %2").arg(format::count(records), format::text(source)));
    }
    return standingText("%1 are read").arg(parts.join(QStringLiteral(", ")));
}

/// What is not done yet, each under its name.
QStringList whatWaits(const observe::Snapshot& snapshot) {
    QStringList parts;
    std::int64_t held = 0;
    for (const observe::SourceView& source : snapshot.sources) {
        held += source.unacknowledged;
    }
    std::int64_t lag = 0;
    for (const observe::GroupView& group : snapshot.cluster.groups) {
        lag += group.lag;
    }
    std::int64_t open = 0;
    for (const observe::TopologyView& topology : snapshot.storm.topologies) {
        open += topology.pendingTuples;
    }
    std::int64_t batches = 0;
    for (const observe::StreamingView& each : snapshot.streaming) {
        batches += each.waiting;
    }
    std::int64_t inMemory = 0;
    for (const observe::IngestionView& each : snapshot.ingestion) {
        inMemory += each.waiting;
    }
    const auto add = [&](std::int64_t count, const QString& one, const QString& many) {
        if (count > 0) {
            parts.append(count == 1 ? one : many.arg(format::count(count)));
        }
    };
    add(held, standingText("1 held by a producer"), standingText("%1 held by producers"));
    add(lag, standingText("lag 1"), standingText("lag %1"));
    add(open, standingText("1 tuple open"), standingText("%1 tuples open"));
    add(batches, standingText("1 batch waits"), standingText("%1 batches wait"));
    add(inMemory, standingText("1 in a pipeline"), standingText("%1 in pipelines"));
    return parts;
}

/// That nothing waits is said where nothing keeps anybody from saying that it does.
void addWaits(QStringList& parts, const observe::Snapshot& snapshot) {
    const QStringList waits = whatWaits(snapshot);
    const bool isWhole = faultThatLasts(snapshot).isEmpty();
    if (!waits.isEmpty() || isWhole) {
        parts.append(waits.isEmpty() ? standingText("nothing waits") : waits.join(QStringLiteral(", ")));
    }
}

QString howFarJobsAre(const std::vector<observe::MapReduceJobView>& jobs) {
    const auto done =
        std::count_if(jobs.begin(), jobs.end(), [](const auto& each) { return each.state == "SUCCEEDED"; });
    if (done == std::ptrdiff_t(jobs.size())) {
        return jobs.size() == 1 ? standingText("The job is done")
                                : standingText("All %1 jobs are done").arg(jobs.size());
    }
    return standingText("%1 of %2 jobs are done").arg(done).arg(jobs.size());
}

}  // namespace

QString standingOf(const observe::Snapshot& snapshot) {
    QStringList parts;
    if (const QString fault = faultThatLasts(snapshot); !fault.isEmpty()) {
        parts.append(fault);
    }
    if (!snapshot.sources.empty()) {
        parts.append(howFarSourcesAre(snapshot.sources));
        addWaits(parts, snapshot);
    }
    if (snapshot.sources.empty() && !snapshot.ingestion.empty()) {
        parts.append(howFarPipelinesAre(snapshot.ingestion));
        addWaits(parts, snapshot);
    }
    if (!snapshot.hadoop.jobs.empty()) {
        const QString jobs = howFarJobsAre(snapshot.hadoop.jobs);
        parts.append(parts.isEmpty() ? jobs : format::uncapitalised(jobs));
    }
    return parts.join(QStringLiteral("; "));
}

}  // namespace millrace::widgets
