#include "widgets/pages/view_switch.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

#include "widgets/style/format.h"

namespace millrace::widgets {

ViewSwitch::ViewSwitch(QWidget* parent)
    : QWidget(parent), m_summary(new QLabel(this)), m_bar(new QTabBar(this)), m_stack(new QStackedWidget(this)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(4, 0, 12, 0);
    row->setSpacing(12);
    m_bar->setAccessibleName(tr("Views"));
    m_bar->setDrawBase(false);
    m_bar->setExpanding(false);
    m_bar->setUsesScrollButtons(false);
    row->addWidget(m_bar);
    m_summary->setProperty("role", QStringLiteral("dim"));
    m_summary->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_summary->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    row->addWidget(m_summary, 1);
    layout->addLayout(row);
    layout->addWidget(m_stack, 1);
    connect(m_bar, &QTabBar::currentChanged, this, [this](int index) {
        m_stack->setCurrentIndex(index);
        emit changed(shown());
    });
}

void ViewSwitch::addView(const QString& name, const QString& title, QWidget* view) {
    m_names << name;
    m_stack->addWidget(view);
    m_bar->addTab(title);
}

void ViewSwitch::showView(const QString& name) {
    if (const auto index = m_names.indexOf(name); index >= 0) {
        m_bar->setCurrentIndex(static_cast<int>(index));
    }
}

QString ViewSwitch::shown() const {
    return m_names.value(m_bar->currentIndex());
}

void ViewSwitch::setSummary(const QString& words, const QString& tip) {
    m_words = words;
    fitSummary();
    m_summary->setToolTip(tip.isEmpty() ? words : words + QLatin1Char('\n') + tip);
}

void ViewSwitch::fitSummary() {
    constexpr int margins = 36;
    const int room = width() - m_bar->sizeHint().width() - margins;
    const QString shown = format::fitting(m_summary->fontMetrics(), format::shorterWordings(m_words), room);
    if (m_summary->text() != shown) {
        m_summary->setText(shown);
    }
}

void ViewSwitch::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fitSummary();
}

QString ViewSwitch::summary() const {
    return m_words;
}

}  // namespace millrace::widgets
