#include "widgets/spark/batch_card.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include "widgets/pages/time_axis.h"
#include "widgets/spark/batch_words.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

QLabel* makeLabel(QWidget* parent, TextRole role) {
    auto* label = new QLabel(parent);
    label->setFont(textFont(role));
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

void say(QLabel& label, const QString& text, Meaning meaning = Meaning::Plain) {
    if (label.text() != text) {
        label.setText(text);
    }
    setMeaning(label, meaning);
    label.setVisible(!text.isEmpty());
}

QString inputText(const observe::BatchInputView& input) {
    QStringList lines;
    for (const std::string& line : input.metadata) {
        lines << format::text(line);
    }
    const QString title =
        BatchCard::tr("%1: %2 records").arg(format::titleOf(format::text(input.stream)), format::count(input.records));
    return lines.isEmpty() ? title : title + QLatin1Char('\n') + lines.join(QLatin1Char('\n'));
}

}  // namespace

BatchCard::BatchCard(QWidget* parent) : QScrollArea(parent) {
    setAccessibleName(tr("The chosen batch"));
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* inside = new QWidget(this);
    auto* layout = new QVBoxLayout(inside);
    layout->setContentsMargins(12, 8, 12, 8);
    layout->setSpacing(6);
    auto* head = new QHBoxLayout;
    m_title = makeLabel(inside, TextRole::Title);
    m_state = makeLabel(inside, TextRole::Body);
    m_state->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    head->addWidget(m_title, 1);
    head->addWidget(m_state);
    layout->addLayout(head);
    m_facts = new QGridLayout;
    m_facts->setHorizontalSpacing(12);
    m_facts->setVerticalSpacing(4);
    m_facts->setColumnStretch(1, 1);
    layout->addLayout(m_facts);
    m_late = makeLabel(inside, TextRole::Body);
    layout->addWidget(m_late);
    m_inputs = makeLabel(inside, TextRole::Caption);
    m_inputs->setToolTip(
        tr("What the batch is made of, by input stream: ranges of offsets or receivers' blocks, as "
           "long as the driver remembers them"));
    layout->addWidget(m_inputs);
    layout->addStretch(1);
    setWidget(inside);
}

void BatchCard::setFact(int row, const QString& name, const QString& value, Meaning meaning, const QString& tip) {
    while (static_cast<int>(m_rows.size()) <= row) {
        auto* title = makeLabel(widget(), TextRole::Body);
        title->setWordWrap(false);
        setMeaning(*title, Meaning::Dim);
        auto* figure = makeLabel(widget(), TextRole::Body);
        figure->setAlignment(Qt::AlignRight | Qt::AlignTop);
        m_facts->addWidget(title, static_cast<int>(m_rows.size()), 0, Qt::AlignTop);
        m_facts->addWidget(figure, static_cast<int>(m_rows.size()), 1);
        m_rows.emplace_back(title, figure);
    }
    const auto& [title, figure] = m_rows[static_cast<std::size_t>(row)];
    title->setVisible(true);
    title->setText(name);
    title->setToolTip(tip);
    figure->setToolTip(tip);
    say(*figure, value, meaning);
}

void BatchCard::setBatch(const observe::BatchDetail& batch, SimDuration interval) {
    say(*m_title, tr("Batch %1").arg(instantText(batch.batch.time)));
    const bool isDone = batch.batch.ended != SimTime::max();
    const bool runs = batch.batch.started != SimTime::max();
    say(*m_state,
        isDone ? tr("done at %1").arg(instantText(batch.batch.ended))
        : runs ? tr("processing")
               : tr("queued"),
        isDone ? Meaning::Good : Meaning::Warning);
    const std::vector<BatchFact> facts = factsOf(batch, interval);
    for (std::size_t i = 0; i < facts.size(); ++i) {
        setFact(static_cast<int>(i), facts[i].name, facts[i].value, facts[i].meaning, facts[i].tip);
    }
    for (std::size_t i = facts.size(); i < m_rows.size(); ++i) {
        m_rows[i].first->hide();
        m_rows[i].second->hide();
    }
    say(*m_late, batch.batch.late.empty() ? QString() : tr("Late, because %1").arg(format::text(batch.batch.late)),
        Meaning::Bad);
    QStringList inputs;
    for (const observe::BatchInputView& input : batch.inputs) {
        inputs << inputText(input);
    }
    say(*m_inputs, inputs.join(QStringLiteral("\n\n")), Meaning::Dim);
}

void BatchCard::setNothing(const QString& words) {
    say(*m_title, words);
    for (QLabel* label : {m_state, m_late, m_inputs}) {
        say(*label, QString());
    }
    for (const auto& [title, figure] : m_rows) {
        title->hide();
        figure->hide();
    }
}

QString BatchCard::text() const {
    QStringList lines{m_title->text(), m_state->text()};
    for (const auto& [title, figure] : m_rows) {
        if (!title->isHidden()) {
            lines << title->text() + QStringLiteral(": ") + figure->text();
        }
    }
    lines << m_late->text() << m_inputs->text();
    lines.removeAll(QString());
    return lines.join(QLatin1Char('\n'));
}

}  // namespace millrace::widgets
