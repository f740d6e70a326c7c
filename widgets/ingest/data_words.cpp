#include "widgets/ingest/data_words.h"

#include <QCoreApplication>
#include <QLocale>

#include "widgets/style/format.h"

namespace millrace::widgets {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("DataQuality", text);
}

RecordCell count(std::int64_t value, Meaning meaning = Meaning::Plain) {
    return {format::count(value), static_cast<double>(value), value == 0 ? Meaning::Dim : meaning, {}};
}

/// Two decimals, so that 99.98 % is not the whole.
QString shareText(double share) {
    return QLocale(QLocale::English).toString(share * 100, 'f', 2) + QStringLiteral(" %");
}

RecordCell share(double value) {
    return {shareText(value), value, value >= 1 ? Meaning::Good : Meaning::Warning, {}};
}

RecordCell span(SimDuration value) {
    return {format::duration(value), static_cast<double>(value.count()), Meaning::Plain, {}};
}

RecordCell words(const QString& text, Meaning meaning = Meaning::Plain) {
    return {text, 0, meaning, {}};
}

QString sourceKey(const observe::ScoreView& score) {
    return format::text(observe::sourceId(score.source));
}

}  // namespace

std::vector<RecordColumn> sourceScoreColumns() {
    return {{tr("Source"), tr("whose readings these are"), 16},
            {tr("Readings"), tr("that were made"), 9, true},
            {tr("Missing"), tr("of these, lost on the way to the reader"), 8, true},
            {tr("Records"), tr("that came to the reader, copies included"), 9, true},
            {tr("Damaged"), tr("of these, not as they were measured"), 8, true},
            {tr("Late"), tr("of these, held back"), 8, true},
            {tr("Copied"), tr("of these, a second time"), 8, true},
            {tr("Anomalies"), tr("of these, unlike the others by the model itself: they are true"), 9, true},
            {tr("Gone"), tr("of these, not taken in time and not sent again"), 8, true},
            {tr("Late by, median"), tr("from the measurement to the arrival at the reader"), 10, true},
            {tr("95 %"), tr("95 of 100 records are no later"), 9, true},
            {tr("Sends again"), tr("volatile: what its reader loses in a crash is lost for good"), 12}};
}

std::vector<Record> sourceScores(const std::vector<observe::ScoreView>& scores) {
    std::vector<Record> records;
    for (const observe::ScoreView& score : scores) {
        Record record;
        record.key = record.object = sourceKey(score);
        record.cells = {words(format::text(score.source)),
                        count(score.readings),
                        count(score.missing, Meaning::Warning),
                        count(score.records),
                        count(score.damaged, Meaning::Warning),
                        count(score.late, Meaning::Warning),
                        count(score.copied, Meaning::Warning),
                        count(score.anomalies),
                        count(score.gone, Meaning::Bad),
                        span(score.lateness.median),
                        span(score.lateness.high),
                        words(score.canSendAgain ? tr("yes") : tr("volatile"),
                              score.canSendAgain ? Meaning::Good : Meaning::Warning)};
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<RecordColumn> sinkScoreColumns() {
    return {
        {tr("Source"), tr("whose readings these are"), 16},
        {tr("Sink"), tr("at which they are counted when they are committed"), 16},
        {tr("Completeness"), tr("readings that are there, of those that were made"), 11, true},
        {tr("Validity"), tr("records that are as they were measured, of those that are there"), 10, true},
        {tr("Records"), tr("different ones that are there, copies included"), 9, true},
        {tr("Damaged"), tr("of these"), 8, true},
        {tr("Duplicates"), tr("records of a reading that was there already, and writes that were repeated"), 9, true},
        {tr("Anomalies"), tr("of these"), 9, true},
        {tr("Freshness, mean"), tr("from the measurement to the commit"), 10, true},
        {tr("Median"), tr("half of the records are no older when they are committed"), 9, true},
        {tr("95 %"), tr("95 of 100 records are no older when they are committed"), 9, true},
        {tr("Longest"), tr("the oldest at its commit"), 9, true}};
}

std::vector<Record> sinkScores(const std::vector<observe::ScoreView>& scores) {
    std::vector<Record> records;
    for (const observe::ScoreView& score : scores) {
        for (const observe::SinkScore& sink : score.sinks) {
            Record record;
            record.key = sourceKey(score) + QLatin1Char('\n') + format::text(sink.sink);
            record.object = format::text(observe::sinkId(sink.sink));
            record.cells = {words(format::text(score.source)),
                            words(format::text(sink.sink)),
                            share(sink.completeness(score.readings)),
                            share(sink.validity()),
                            count(sink.records),
                            count(sink.damaged, Meaning::Warning),
                            count(sink.duplicates, Meaning::Warning),
                            count(sink.anomalies),
                            span(sink.freshness.mean),
                            span(sink.freshness.median),
                            span(sink.freshness.high),
                            span(sink.freshness.longest)};
            records.push_back(std::move(record));
        }
    }
    return records;
}

std::vector<RecordColumn> pipelineColumns() {
    return {
        {tr("Pipeline"), tr("ingestion pipeline"), 16},
        {tr("Way"), tr("batch, micro-batch or streaming"), 11},
        {tr("From"), tr("its source"), 12},
        {tr("To"), tr("its sink"), 12},
        {tr("Read"), tr("records that it has read"), 9, true},
        {tr("Rows"), tr("that are committed at the sink"), 9, true},
        {tr("Rejected"), tr("records among the dead letters"), 8, true},
        {tr("Age, mean"), tr("from the measurement of a row to its commit"), 9, true},
        {tr("Oldest"), tr("the oldest row at its commit"), 9, true},
        {tr("Freshness"), tr("how old the newest committed record is now"), 9, true},
        {tr("Value kept"),
         tr("mean of what rows were worth when they were committed: 100 % of a row at its measurement, less with its "
            "age as the pipeline's curve goes"),
         9, true},
        {tr("Processor"), tr("processor time of the pipeline, on a core of speed 1"), 10, true}};
}

std::vector<Record> pipelines(const std::vector<observe::IngestionView>& all) {
    std::vector<Record> records;
    for (const observe::IngestionView& pipeline : all) {
        Record record;
        record.key = record.object = format::text(pipeline.id);
        record.cells = {words(format::text(pipeline.name)),
                        words(format::text(pipeline.way)),
                        words(format::text(pipeline.source)),
                        words(format::text(pipeline.sink)),
                        count(pipeline.read),
                        count(pipeline.rows),
                        count(pipeline.rejected, Meaning::Warning),
                        span(pipeline.meanAge),
                        span(pipeline.oldestAge),
                        span(pipeline.freshness),
                        {shareText(pipeline.valueKept), pipeline.valueKept, Meaning::Plain, {}},
                        span(pipeline.processor)};
        records.push_back(std::move(record));
    }
    return records;
}

DataVerdict verdictOf(const observe::DataPage& page) {
    const observe::ScoreView& score = page.score;
    const QString name = format::titleOf(format::text(page.id));
    if (!page.isKnown) {
        return {tr("Nothing is known of what %1 sends: only sources with a model or flaws have a truth to hold them "
                   "against, once the first record was read.")
                    .arg(name),
                Meaning::Dim};
    }
    QStringList flaws;
    const auto add = [&](std::int64_t number, const QString& what) {
        if (number > 0) {
            flaws << tr("%1 %2").arg(format::count(number), what);
        }
    };
    add(score.missing, tr("never came"));
    add(score.gone, tr("are gone, for it cannot send again"));
    add(score.damaged, tr("are damaged"));
    add(score.late, tr("are late"));
    add(score.copied, tr("came twice"));
    const QString text = flaws.isEmpty()
                             ? tr("Of %1 readings of %2 all came, in time and as they were measured.")
                                   .arg(format::count(score.readings), name)
                             : tr("Of %1 readings of %2, %3.")
                                   .arg(format::count(score.readings), name, flaws.join(QStringLiteral(", ")));
    return {text, score.gone > 0 ? Meaning::Bad : flaws.isEmpty() ? Meaning::Good : Meaning::Warning};
}

}  // namespace millrace::widgets
