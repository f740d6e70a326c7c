#include "widgets/inspector/fact_label.h"

#include <algorithm>

namespace millrace::widgets {

FactLabel::FactLabel(QWidget* parent) : QLabel(parent) {
    setWordWrap(true);
    setTextFormat(Qt::PlainText);
    setMinimumWidth(24);
}

void FactLabel::setFact(const QString& words, const QString& help) {
    if (words == m_words && help == m_help) {
        return;
    }
    m_words = words;
    m_help = help;
    fit();
}

void FactLabel::resizeEvent(QResizeEvent* event) {
    QLabel::resizeEvent(event);
    fit();
}

/// A word without room is broken at its dots and hyphens, as keys and names have them, else wherever a line ends: the
/// last digits of an id are those that tell it from another.
QString FactLabel::fitted(const QString& word) const {
    const int room = contentsRect().width();
    const auto length = [this](const QString& part) { return fontMetrics().horizontalAdvance(part); };
    if (length(word) <= room) {
        return word;
    }
    QStringList parts{QString()};
    for (const QChar letter : word) {
        parts.last() += letter;
        if (letter == QLatin1Char('.') || letter == QLatin1Char('-')) {
            parts.append(QString());
        }
    }
    const bool fits =
        std::all_of(parts.begin(), parts.end(), [&](const QString& part) { return length(part) <= room; });
    if (fits && parts.size() > 1) {
        return parts.join(QChar(0x200b));
    }
    QStringList lines{QString()};
    for (const QChar letter : word) {
        if (!lines.last().isEmpty() && length(lines.last() + letter) > room) {
            lines.append(QString());
        }
        lines.last() += letter;
    }
    return lines.join(QChar(0x200b));
}

void FactLabel::fit() {
    QStringList lines = m_words.split(QLatin1Char('\n'));
    for (QString& line : lines) {
        QStringList words = line.split(QLatin1Char(' '));
        for (QString& word : words) {
            word = fitted(word);
        }
        line = words.join(QLatin1Char(' '));
    }
    const QString shown = lines.join(QLatin1Char('\n'));
    if (shown != text()) {
        setText(shown);
    }
    setToolTip(m_help);
}

}  // namespace millrace::widgets
