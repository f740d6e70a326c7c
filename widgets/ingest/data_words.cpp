#include "widgets/ingest/data_words.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>

#include "widgets/pages/record_cells.h"
#include "widgets/style/format.h"

namespace millrace::widgets {

namespace {

struct DataWords {
    Q_DECLARE_TR_FUNCTIONS(DataWords)
};

/// Two decimals, so that 99.98 % is not the whole.
QString exactShareText(double share) {
    return QLocale(QLocale::English).toString(share * 100, 'f', 2) + QStringLiteral(" %");
}

RecordCell exactShareCell(double value) {
    return {exactShareText(value), value, value >= 1 ? Meaning::Good : Meaning::Warning, {}};
}

/// Without a curve no row ever loses anything: then 100 % would praise what nobody has measured.
RecordCell valueCell(const observe::IngestionView& pipeline) {
    if (pipeline.valueKept >= 1) {
        const bool isWhole = pipeline.rejected + pipeline.gone == 0;
        return {isWhole ? DataWords::tr("no loss") : DataWords::tr("by those loaded: all"), pipeline.valueKept,
                Meaning::Dim,
                DataWords::tr("the pipeline has no curve of value, or every row was younger than its first point. What "
                              "was rejected or is gone is no row, and has no part in this")};
    }
    return {exactShareText(pipeline.valueKept), pipeline.valueKept, Meaning::Plain, {}};
}

RecordCell nothingYet() {
    return {QStringLiteral("–"), -1, Meaning::Dim, DataWords::tr("nothing is committed yet")};
}

/// What is not all there is amber only where something is missing; a rule of a pipeline may have let the rest fall.
RecordCell completenessCell(const observe::ScoreView& score, const observe::SinkScore& sink) {
    RecordCell cell = exactShareCell(sink.completeness(score.readings));
    if (cell.meaning == Meaning::Warning && score.missing + score.gone == 0) {
        cell.meaning = Meaning::Plain;
        cell.tip = DataWords::tr(
            "nothing was lost on the way to the reader: the others are on their way, went to another sink, or were let "
            "fall by a rule");
    }
    return cell;
}

QString sourceKey(const observe::ScoreView& score) {
    return format::text(observe::sourceId(score.source));
}

}  // namespace

std::vector<RecordColumn> sourceScoreColumns() {
    return {{DataWords::tr("Source"), DataWords::tr("whose readings these are"), 16},
            {DataWords::tr("Readings"), DataWords::tr("that were made"), 9, true},
            {DataWords::tr("Missing"), DataWords::tr("of these, lost on the way to the reader"), 8, true},
            {DataWords::tr("Records"), DataWords::tr("that came to the reader, copies included"), 9, true},
            {DataWords::tr("Damaged"), DataWords::tr("of these, not as they were measured"), 8, true},
            {DataWords::tr("Late"), DataWords::tr("of these, held back"), 8, true},
            {DataWords::tr("Copied"), DataWords::tr("of these, a second time"), 8, true},
            {DataWords::tr("Anomalies"),
             DataWords::tr("of these, unlike the others by the model itself: they are true"), 9, true},
            {DataWords::tr("Gone"), DataWords::tr("of these, not taken in time and not sent again"), 8, true},
            {DataWords::tr("Late by, median"), DataWords::tr("from the measurement to the arrival at the reader"), 10,
             true},
            {DataWords::tr("95 %"), DataWords::tr("95 of 100 records are no later"), 9, true},
            {DataWords::tr("Sends again"), DataWords::tr("volatile: what its reader loses in a crash is lost for good"),
             12}};
}

std::vector<Record> sourceScores(const std::vector<observe::ScoreView>& scores) {
    std::vector<Record> records;
    for (const observe::ScoreView& score : scores) {
        Record record;
        record.key = record.object = sourceKey(score);
        record.cells = {wordsCell(format::text(score.source)),
                        countCell(score.readings),
                        countCell(score.missing, Meaning::Warning),
                        countCell(score.records),
                        countCell(score.damaged, Meaning::Warning),
                        countCell(score.late, Meaning::Warning),
                        countCell(score.copied, Meaning::Warning),
                        countCell(score.anomalies),
                        countCell(score.gone, Meaning::Bad),
                        spanCell(score.lateness.median),
                        spanCell(score.lateness.high),
                        wordsCell(score.canSendAgain ? DataWords::tr("yes") : DataWords::tr("volatile"),
                                  score.canSendAgain ? Meaning::Good : Meaning::Warning)};
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<RecordColumn> sinkScoreColumns() {
    return {
        {DataWords::tr("Source"), DataWords::tr("whose readings these are"), 16},
        {DataWords::tr("Sink"), DataWords::tr("at which they are counted when they are committed"), 16},
        {DataWords::tr("Completeness"), DataWords::tr("readings that are there, of those that were made"), 11, true},
        {DataWords::tr("Validity"), DataWords::tr("records that are as they were measured, of those that are there"),
         10, true},
        {DataWords::tr("Records"), DataWords::tr("different ones that are there, copies included"), 9, true},
        {DataWords::tr("Damaged"), DataWords::tr("of these"), 8, true},
        {DataWords::tr("Duplicates"),
         DataWords::tr("records of a reading that was there already, and writes that were repeated"), 9, true},
        {DataWords::tr("Anomalies"), DataWords::tr("of these"), 9, true},
        {DataWords::tr("Age, mean"),
         DataWords::tr("from the measurement to the commit of the first row that was made of a record, by whichever "
                       "pipeline was first"),
         10, true},
        {DataWords::tr("Median"), DataWords::tr("half of the records are no older when they are committed"), 9, true},
        {DataWords::tr("95 %"), DataWords::tr("95 of 100 records are no older when they are committed"), 9, true},
        {DataWords::tr("Longest"), DataWords::tr("the oldest at its commit"), 9, true}};
}

std::vector<Record> sinkScores(const std::vector<observe::ScoreView>& scores) {
    std::vector<Record> records;
    for (const observe::ScoreView& score : scores) {
        for (const observe::SinkScore& sink : score.sinks) {
            Record record;
            record.key = sourceKey(score) + QLatin1Char('\n') + format::text(sink.sink);
            record.object = format::text(observe::sinkId(sink.sink));
            record.cells = {wordsCell(format::text(score.source)),
                            wordsCell(format::text(sink.sink)),
                            completenessCell(score, sink),
                            exactShareCell(sink.validity()),
                            countCell(sink.records),
                            countCell(sink.damaged, Meaning::Warning),
                            countCell(sink.duplicates, Meaning::Warning),
                            countCell(sink.anomalies),
                            spanCell(sink.freshness.mean),
                            spanCell(sink.freshness.median),
                            spanCell(sink.freshness.high),
                            spanCell(sink.freshness.longest)};
            records.push_back(std::move(record));
        }
    }
    return records;
}

std::vector<RecordColumn> pipelineColumns() {
    return {
        {DataWords::tr("Pipeline"), DataWords::tr("ingestion pipeline"), 16},
        {DataWords::tr("Way"), DataWords::tr("batch, micro-batch or streaming"), 11},
        {DataWords::tr("From"), DataWords::tr("its source"), 12},
        {DataWords::tr("To"), DataWords::tr("its sink"), 12},
        {DataWords::tr("Read"), DataWords::tr("records that it has read"), 9, true},
        {DataWords::tr("Rows"), DataWords::tr("that are committed at the sink, in the table of the pipeline"), 9, true},
        {DataWords::tr("Rejected"),
         DataWords::tr("records that were put among the dead letters, also those that were read once more since"), 8,
         true},
        {DataWords::tr("Dropped"), DataWords::tr("records that its rules let fall: they are meant to be in no sink"), 8,
         true},
        {DataWords::tr("Age, mean"), DataWords::tr("from the measurement of a row to its commit"), 9, true},
        {DataWords::tr("Oldest"), DataWords::tr("the oldest row at its commit"), 9, true},
        {DataWords::tr("Newest"),
         DataWords::tr(
             "how old the newest committed record is now; of a pipeline that has done all, was when it ended"),
         9, true},
        {DataWords::tr("Value kept"),
         DataWords::tr(
             "mean of what rows were worth when they were committed: 100 % of a row at its measurement, less with its "
             "age as the pipeline's curve goes"),
         9, true},
        {DataWords::tr("Processor"), DataWords::tr("processor time of the pipeline, on a core of speed 1"), 10, true},
        {DataWords::tr("Its sinks'"),
         DataWords::tr("processor time of its sinks for what it wrote: a transaction costs the same with one row as "
                       "with many"),
         10, true},
        {DataWords::tr("Network"), DataWords::tr("from the source and to the sinks"), 9, true},
        {DataWords::tr("Disk"), DataWords::tr("that sinks committed for it, and its checkpoints"), 9, true}};
}

std::vector<Record> pipelines(const std::vector<observe::IngestionView>& all) {
    std::vector<Record> records;
    for (const observe::IngestionView& pipeline : all) {
        Record record;
        record.key = record.object = format::text(pipeline.id);
        record.cells = {wordsCell(format::text(pipeline.name)),
                        wordsCell(pipeline.isTransformedLater ? DataWords::tr("%1, ELT").arg(format::text(pipeline.way))
                                                              : format::text(pipeline.way),
                                  Meaning::Plain,
                                  pipeline.isTransformedLater
                                      ? DataWords::tr("loads records as they come and transforms them later")
                                      : DataWords::tr("transforms records before it loads them (ETL)")),
                        wordsCell(format::text(pipeline.source)),
                        wordsCell(format::text(pipeline.sink)),
                        countCell(pipeline.read),
                        countCell(pipeline.rows),
                        countCell(pipeline.rejected, Meaning::Warning),
                        countCell(pipeline.dropped),
                        pipeline.rows > 0 ? spanCell(pipeline.meanAge) : nothingYet(),
                        pipeline.rows > 0 ? spanCell(pipeline.oldestAge) : nothingYet(),
                        pipeline.rows > 0 ? spanCell(pipeline.freshness) : nothingYet(),
                        valueCell(pipeline),
                        spanCell(pipeline.processor),
                        spanCell(pipeline.sinkProcessor),
                        bytesCell(pipeline.bytesIn + pipeline.bytesOut),
                        bytesCell(pipeline.diskBytes)};
        records.push_back(std::move(record));
    }
    return records;
}

DataVerdict verdictOf(const observe::DataPage& page) {
    const observe::ScoreView& score = page.score;
    const QString name = format::titleOf(format::text(page.id));
    if (!page.isKnown) {
        return {DataWords::tr(
                    "Nothing is known of what %1 sends: only sources with a model or flaws have a truth to hold them "
                    "against, once the first record was read.")
                    .arg(name),
                Meaning::Dim};
    }
    QStringList flaws;
    const auto add = [&](std::int64_t number, const QString& what) {
        if (number > 0) {
            flaws << DataWords::tr("%1 %2").arg(format::count(number), what);
        }
    };
    add(score.missing, DataWords::tr("never came"));
    add(score.gone, DataWords::tr("are gone, for it cannot send again"));
    add(score.damaged, DataWords::tr("are damaged"));
    add(score.late, DataWords::tr("are late"));
    add(score.copied, DataWords::tr("came twice"));
    const QString text = flaws.isEmpty()
                             ? DataWords::tr("Of %1 readings of %2 all came, in time and as they were measured.")
                                   .arg(format::count(score.readings), name)
                             : DataWords::tr("Of %1 readings of %2, %3.")
                                   .arg(format::count(score.readings), name, flaws.join(QStringLiteral(", ")));
    double best = score.sinks.empty() ? 1 : 0;
    for (const observe::SinkScore& sink : score.sinks) {
        best = std::max(best, sink.completeness(score.readings));
    }
    if (flaws.isEmpty() && best < 1 && score.readings > 0) {
        return {DataWords::tr("%1 No sink has more than %2 of them.").arg(text, exactShareText(best)), Meaning::Plain};
    }
    return {text, score.gone > 0 ? Meaning::Bad : flaws.isEmpty() ? Meaning::Good : Meaning::Warning};
}

}  // namespace millrace::widgets
