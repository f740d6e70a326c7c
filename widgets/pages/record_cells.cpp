#include "widgets/pages/record_cells.h"

#include <QLocale>
#include <cmath>

#include "widgets/style/format.h"

namespace millrace::widgets {

RecordCell wordsCell(const QString& text, Meaning meaning, const QString& tip) {
    return {text, 0, meaning, tip};
}

RecordCell numberCell(const QString& text, double sort, Meaning meaning, const QString& tip) {
    return {text, sort, meaning, tip};
}

RecordCell countCell(std::int64_t value, Meaning meaning) {
    return numberCell(format::count(value), static_cast<double>(value), value == 0 ? Meaning::Dim : meaning);
}

RecordCell bytesCell(std::int64_t value) {
    return numberCell(format::bytes(static_cast<double>(value)), static_cast<double>(value),
                      value == 0 ? Meaning::Dim : Meaning::Plain);
}

RecordCell spanCell(SimDuration value) {
    return numberCell(format::duration(value), static_cast<double>(value.count()));
}

QString secondsText(SimDuration duration) {
    const double value = seconds(duration);
    const int decimals = value != 0 && std::abs(value) < 0.0995 ? 3 : 2;
    return QLocale(QLocale::English).toString(value, 'f', decimals) + QStringLiteral(" s");
}

RecordCell shareCell(double share) {
    return numberCell(format::percent(share), share, share >= 1 ? Meaning::Good : Meaning::Plain);
}

}  // namespace millrace::widgets
