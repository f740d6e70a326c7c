#include "widgets/inspector/fact_label.h"

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

void FactLabel::fit() {
    QStringList lines = m_words.split(QLatin1Char('\n'));
    for (QString& line : lines) {
        QStringList words = line.split(QLatin1Char(' '));
        for (QString& word : words) {
            word = fontMetrics().elidedText(word, Qt::ElideRight, contentsRect().width());
        }
        line = words.join(QLatin1Char(' '));
    }
    const QString shown = lines.join(QLatin1Char('\n'));
    if (shown != text()) {
        setText(shown);
    }
    const QString whole = shown == m_words ? QString() : m_words;
    setToolTip(whole.isEmpty() || m_help.isEmpty() ? whole + m_help : whole + QLatin1Char('\n') + m_help);
}

}  // namespace millrace::widgets
