#include "widgets/compare/comparison_words.h"

#include <QCoreApplication>
#include <QStringList>

#include "widgets/pages/record_cells.h"
#include "widgets/style/format.h"

namespace millrace::widgets {

namespace {

using View = observe::ComparisonView;

QString words(const char* source) {
    return QCoreApplication::translate("comparison", source);
}

QString unitOf(const View::Row& row) {
    return row.unit.empty() || row.unit == "B" ? QString() : format::text(row.unit);
}

QString listed(QStringList names) {
    if (names.size() < 2) {
        return names.join(QString());
    }
    const QString last = names.takeLast();
    return words("%1 and %2").arg(names.join(QStringLiteral(", ")), last);
}

}  // namespace

std::vector<RecordColumn> figureColumns(const View& view) {
    std::vector<RecordColumn> columns{{words("Figure"), words("What was measured of each run"), 26, false}};
    for (const std::string& each : view.variants) {
        columns.push_back({format::text(each),
                           words("%1: what it came to; a dash where it could not be measured").arg(format::text(each)),
                           12, true});
    }
    return columns;
}

QString figureKey(std::size_t row) {
    return QStringLiteral("figure:%1").arg(row);
}

int figureOfKey(const QString& key) {
    bool isNumber = false;
    const int row = key.section(QLatin1Char(':'), 1).toInt(&isNumber);
    return key.startsWith(QLatin1String("figure:")) && isNumber ? row : -1;
}

std::vector<Record> figureRecords(const View& view) {
    std::vector<Record> records;
    std::string topic;
    for (std::size_t i = 0; i < view.rows.size(); ++i) {
        const View::Row& row = view.rows[i];
        if (row.topic != topic || records.empty()) {
            topic = row.topic;
            Record& head = records.emplace_back();
            head.key = QStringLiteral("topic:%1").arg(format::text(topic));
            head.cells.push_back(wordsCell(format::capitalised(format::text(topic)), Meaning::Dim));
            head.cells.resize(view.variants.size() + 1);
        }
        Record& record = records.emplace_back();
        record.key = figureKey(i);
        record.indent = 1;
        const QString unit = unitOf(row);
        const QString title = format::text(row.title);
        record.cells.push_back(wordsCell(unit.isEmpty() ? title : QStringLiteral("%1, %2").arg(title, unit),
                                         Meaning::Plain, format::text(row.meaning)));
        for (std::size_t cell = 0; cell < row.cells.size(); ++cell) {
            record.cells.push_back(numberCell(format::text(row.cells[cell].text), row.cells[cell].mean,
                                              row.cells[cell].n == 0   ? Meaning::Dim
                                              : row.cells[cell].isBest ? Meaning::Good
                                                                       : Meaning::Plain,
                                              format::text(row.meaning)));
        }
    }
    return records;
}

std::vector<RecordColumn> differenceColumns() {
    return {{words("Table"), words("A table of results in the sink"), 14, false},
            {words("Variant"), words("Whose table it is"), 12, false},
            {words("Rows"), words("Rows that it should have"), 8, true},
            {words("Equal"), words("Rows that stand there as often, with the same count"), 8, true},
            {words("Missing"), words("Rows and counts that are lacking"), 8, true},
            {words("Surplus"), words("Rows and counts that are too many"), 8, true},
            {words("First that differ"), words("At most ten of them"), 40, false}};
}

std::vector<Record> differenceRecords(const View& view) {
    std::vector<Record> records;
    for (const View::Table& table : view.tables) {
        for (std::size_t i = 0; i < table.variants.size(); ++i) {
            const View::Difference& each = table.variants[i];
            QStringList first;
            for (const std::string& row : each.first) {
                first << format::text(row);
            }
            Record& record = records.emplace_back();
            record.key = QStringLiteral("%1/%2").arg(format::text(table.name)).arg(i);
            record.cells = {
                wordsCell(format::text(table.name)),
                wordsCell(format::text(view.variants[i])),
                countCell(each.rows),
                countCell(each.equal, each.equal == each.rows && each.surplus == 0 ? Meaning::Good : Meaning::Plain),
                countCell(each.missing, each.missing > 0 ? Meaning::Bad : Meaning::Plain),
                countCell(each.surplus, each.surplus > 0 ? Meaning::Bad : Meaning::Plain),
                wordsCell(first.join(QStringLiteral("; ")), Meaning::Dim, first.join(QLatin1Char('\n')))};
        }
    }
    return records;
}

std::vector<RecordColumn> noteColumns() {
    return {{words("Variant"), words("Whom it is about"), 12, false},
            {words("Note"), words("How it ended, what was left out, and what its engine does not model"), 60, false}};
}

std::vector<Record> noteRecords(const View& view) {
    std::vector<Record> records;
    for (std::size_t i = 0; i < view.notes.size(); ++i) {
        const View::Note& note = view.notes[i];
        records.push_back({QString::number(i),
                           {wordsCell(format::text(note.variant)),
                            wordsCell(format::text(note.text), note.isTrouble ? Meaning::Bad : Meaning::Plain,
                                      format::text(note.text))}});
    }
    return records;
}

QString sentenceOf(const View& view) {
    QStringList names;
    for (const std::string& each : view.variants) {
        names << format::text(each);
    }
    const QString runs = view.repetitions > 1 ? words("%1 runs each, means with 95 % intervals").arg(view.repetitions)
                                              : words("one run each");
    if (view.scenarios > 1) {
        return words("%1 beside each other, each with its own records, machines and faults; %2")
            .arg(listed(names), runs);
    }
    return view.variants.size() > 1
               ? words("%1 on the same records, machines, faults and random numbers; %2").arg(listed(names), runs)
               : words("%1: %2").arg(listed(names), runs);
}

QString captionOf(const View::Row& row) {
    const QString unit = row.unit.empty() ? QString() : QStringLiteral(", %1").arg(format::text(row.unit));
    const QString better = row.better == View::Better::Less   ? words(": less is better")
                           : row.better == View::Better::More ? words(": more is better")
                                                              : QString();
    return format::capitalised(format::text(row.title)) + unit + better;
}

}  // namespace millrace::widgets
