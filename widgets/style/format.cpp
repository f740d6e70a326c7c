#include "widgets/style/format.h"

#include <QLocale>
#include <QRegularExpression>
#include <QSet>
#include <algorithm>
#include <array>
#include <cmath>

#include "engine/observe/object_id.h"

namespace millrace::widgets::format {

namespace {

QLocale locale() {
    return QLocale(QLocale::English);
}

/// Three figures that matter, no more: 1.23, 12.3, 123.
QString figures(double value) {
    const double size = std::abs(value);
    const int decimals = size >= 100 || value == std::floor(value) ? 0 : size >= 10 ? 1 : 2;
    return locale().toString(value, 'f', decimals);
}

/// Goes to the next unit from `limit` on, each a thousand times the one before.
QString scaled(double value, const std::array<const char*, 5>& units, double limit) {
    std::size_t unit = 0;
    // What rounds to the next unit is told in it: not "1,000 kB" beside "1.02 MB".
    while (std::abs(value) >= (unit == 0 ? limit : limit - limit / 2000) && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    return figures(value) + QLatin1String(units[unit]);
}

}  // namespace

QString text(std::string_view utf8) {
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

std::string utf8(const QString& text) {
    return text.toStdString();
}

QString titleOf(const QString& id) {
    return text(observe::titleOf(utf8(id)));
}

QString count(std::int64_t value) {
    return locale().toString(static_cast<qlonglong>(value));
}

QString rounded(std::int64_t value) {
    constexpr std::array<const char*, 5> units{"", " k", " M", " G", " T"};
    double shown = static_cast<double>(value);
    std::size_t unit = 0;
    for (; std::abs(shown) >= 999.5 && unit + 1 < units.size(); ++unit) {
        shown /= 1000;
    }
    const bool isWhole = unit == 0 || std::abs(shown) >= 9.95;
    return locale().toString(shown, 'f', isWhole ? 0 : 1) + QLatin1String(units[unit]);
}

QString rate(double perSecond) {
    const double rounded = perSecond >= 10 ? std::round(perSecond) : std::round(perSecond * 10) / 10;
    return scaled(rounded, {"", " k", " M", " G", " T"}, 10000) + QStringLiteral("/s");
}

QString bytes(double value) {
    return scaled(std::round(value), {" B", " kB", " MB", " GB", " TB"}, 1000);
}

QString percent(double share) {
    constexpr double leastShown = 0.005;
    if (share > 0 && share < leastShown) {
        return QStringLiteral("<1 %");  // a little is not nothing
    }
    return locale().toString(std::round(share * 100), 'f', 0) + QStringLiteral(" %");
}

QString duration(SimDuration value) {
    const double nanoseconds = static_cast<double>(value.count());
    const double size = std::abs(nanoseconds);
    if (size == 0) {
        return QStringLiteral("0 s");  // nobody has measured nanoseconds
    }
    if (size < 999.5) {
        return locale().toString(nanoseconds, 'f', 0) + QStringLiteral(" ns");
    }
    if (size < 999.5e3) {  // or it would be rounded to a thousand of the smaller unit
        return figures(nanoseconds / 1e3) + QStringLiteral(" µs");
    }
    if (size < 999.5e6) {
        return figures(nanoseconds / 1e6) + QStringLiteral(" ms");
    }
    if (size < 120e9) {
        return figures(nanoseconds / 1e9) + QStringLiteral(" s");
    }
    return figures(nanoseconds / 60e9) + QStringLiteral(" min");
}

QString clock(SimTime time) {
    const auto microseconds = static_cast<qlonglong>(time.time_since_epoch().count() / 1000);
    return QStringLiteral("%1.%2 %3 s")
        .arg(microseconds / 1000000)
        .arg(microseconds / 1000 % 1000, 3, 10, QLatin1Char('0'))
        .arg(microseconds % 1000, 3, 10, QLatin1Char('0'));
}

QString seconds(SimTime time) {
    return locale().toString(static_cast<double>(time.time_since_epoch().count()) / 1e9, 'f', 1) + QStringLiteral(" s");
}

QString hex64(std::uint64_t value) {
    return QStringLiteral("%1").arg(static_cast<qulonglong>(value), 16, 16, QLatin1Char('0'));
}

QString fingerprint(std::uint64_t value) {
    const QString digits = hex64(value);
    return digits.left(4) + QStringLiteral("…") + digits.right(2);
}

QString value(double number, std::string_view unit) {
    if (unit == "B" || unit == "bytes") {
        return bytes(number);
    }
    if (unit == "B/s") {
        return bytes(number) + QStringLiteral("/s");
    }
    if (unit == "/s") {
        return rate(number);
    }
    if (unit == "%" || unit == "share") {
        return percent(unit == "%" ? number / 100 : number);
    }
    const QString figure = std::abs(number) >= 10000 ? count(std::llround(number)) : figures(number);
    return unit.empty() ? figure : figure + QLatin1Char(' ') + text(unit);
}

QString briefValue(double number, std::string_view unit) {
    if (unit == "B/s" || unit == "ms" || unit == "s" || unit == "B" || unit == "bytes" || unit == "%" ||
        unit == "share") {
        return value(number, unit);
    }
    return unit.ends_with("/s")      ? rate(number)
           : std::abs(number) < 1000 ? value(number, {})
                                     : rounded(std::llround(number));
}

QString speed(double simulatedPerReal) {
    const SimDuration there(std::llround(simulatedPerReal * 1e9));
    return QStringLiteral("1 s here = %1 there").arg(duration(there));
}

QString elided(const QFontMetrics& metrics, const QString& text, int width) {
    const QString cut = metrics.elidedText(text, Qt::ElideRight, width);
    const qsizetype space = cut == text ? -1 : cut.lastIndexOf(QLatin1Char(' '));
    return space <= 0 ? cut : cut.left(space) + QChar(0x2026);
}

QStringList shorterWordings(const QString& text) {
    static const QRegularExpression joint(
        QStringLiteral("\\. (?=[A-Z])|; |: |, (?=because|so |and |which|who|but|though|before|with |until)| · | \\("));
    QStringList wordings{text};
    QList<qsizetype> ends;
    for (auto found = joint.globalMatch(text); found.hasNext();) {
        ends.prepend(found.next().capturedStart());
    }
    constexpr qsizetype least = 12;  // what is shorter says nothing by itself
    for (const qsizetype end : ends) {
        if (end >= least) {
            wordings.append(text.left(end));
        }
    }
    return wordings;
}

namespace {

/// Between a number and its unit no line ends: "5.3 s", "1,204 /s", "16 MB".
bool standsInNumber(const QString& text, qsizetype space) {
    static const QSet<QString> units{
        QStringLiteral("ns"), QStringLiteral("µs"), QStringLiteral("ms"), QStringLiteral("s"),  QStringLiteral("min"),
        QStringLiteral("B"),  QStringLiteral("kB"), QStringLiteral("MB"), QStringLiteral("GB"), QStringLiteral("TB"),
        QStringLiteral("k"),  QStringLiteral("M"),  QStringLiteral("%")};
    if (space == 0 || !text[space - 1].isDigit()) {
        return false;
    }
    qsizetype end = space + 1;
    while (end < text.size() && (text[end].isLetter() || text[end] == QLatin1Char('%'))) {
        ++end;
    }
    return units.contains(text.mid(space + 1, end - space - 1));
}

/// Line by line between words; false when they are not enough.
bool breakIntoLines(const QFontMetrics& metrics, const QString& text, int width, int lines, QString& broken) {
    broken.clear();
    QString rest = text;
    for (int line = 1; metrics.horizontalAdvance(rest) > width; ++line) {
        qsizetype end = -1;
        for (qsizetype space = rest.indexOf(QLatin1Char(' ')); space >= 0;
             space = rest.indexOf(QLatin1Char(' '), space + 1)) {
            if (metrics.horizontalAdvance(rest.left(space)) > width) {
                break;
            }
            end = standsInNumber(rest, space) ? end : space;
        }
        if (end < 0 || line == lines) {
            broken += elided(metrics, rest, width);
            return false;
        }
        broken += rest.left(end) + QLatin1Char('\n');
        rest = rest.mid(end + 1);
    }
    broken += rest;
    return true;
}

/// The same lines with no word alone in the last one, where somewhat shorter ones before it let it have company.
QString balanced(const QFontMetrics& metrics, const QString& text, int width, const QString& broken) {
    constexpr int leastShare = 6;  // of a line
    const auto lines = static_cast<int>(broken.count(QLatin1Char('\n'))) + 1;
    const auto isLonely = [&](const QString& told) {
        return metrics.horizontalAdvance(told.section(QLatin1Char('\n'), -1)) * leastShare < width;
    };
    for (int share = 95; lines > 1 && isLonely(broken) && share >= 60; share -= 5) {
        QString tried;
        if (!breakIntoLines(metrics, text, width * share / 100, lines, tried)) {
            break;
        }
        if (!isLonely(tried)) {
            return tried;
        }
    }
    return broken;
}

}  // namespace

QString fitting(const QFontMetrics& metrics, const QStringList& wordings, int width) {
    return fittingOnLines(metrics, wordings, width, 1);
}

QString fittingOnLines(const QFontMetrics& metrics, const QStringList& wordings, int width, int lines) {
    QString broken;
    for (const QString& wording : wordings) {
        if (breakIntoLines(metrics, wording, width, lines, broken)) {
            return balanced(metrics, wording, width, broken);
        }
    }
    return broken;
}

QString withWholeNumbers(QString text) {
    for (qsizetype space = text.indexOf(QLatin1Char(' ')); space >= 0;
         space = text.indexOf(QLatin1Char(' '), space + 1)) {
        if (standsInNumber(text, space)) {
            text[space] = QChar::Nbsp;
        }
    }
    return text;
}

QString capitalised(QString text) {
    const bool isFileName = text.section(QLatin1Char(' '), 0, 0).contains(QLatin1Char('.'));
    if (!text.isEmpty() && !isFileName) {
        text[0] = text[0].toUpper();
    }
    return text;
}

QString sentence(QString text) {
    static const QRegularExpression nameAtFront(QStringLiteral("^[^ ]*[0-9._/-]"));
    return nameAtFront.match(text).hasMatch() ? text : capitalised(std::move(text));
}

/// A sentence in the middle of another begins small, unless it begins with a name.
QString uncapitalised(QString text) {
    const QString first = text.section(QLatin1Char(' '), 0, 0);
    static const QStringList names{QStringLiteral("Nimbus"), QStringLiteral("Kafka"), QStringLiteral("Storm")};
    const bool isName =
        names.contains(first) || std::count_if(first.begin(), first.end(), [](QChar c) { return c.isUpper(); }) > 1;
    if (!text.isEmpty() && !isName) {
        text[0] = text[0].toLower();
    }
    return text;
}

}  // namespace millrace::widgets::format
