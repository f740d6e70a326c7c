#include "widgets/pages/table_panes.h"

#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/pages/record_table.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

TablePanes::TablePanes(QWidget* parent) : QSplitter(Qt::Vertical, parent) {
    setChildrenCollapsible(false);
    connect(this, &QSplitter::splitterMoved, this, [this] { m_isMoved = true; });
}

QLabel* TablePanes::add(RecordTable& table, const QString& title) {
    constexpr int leastRows = 1;
    Pane pane{&table, nullptr};
    table.setMinimumHeight(table.heightOfRows(leastRows));
    if (title.isEmpty()) {
        addWidget(&table);
    } else {
        auto* box = new QWidget(this);
        auto* layout = new QVBoxLayout(box);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(0);
        pane.title = new QLabel(title, box);
        pane.title->setFont(textFont(TextRole::CardTitle));
        pane.title->setContentsMargins(12, 6, 12, 2);
        layout->addWidget(pane.title);
        layout->addWidget(&table, 1);
        addWidget(box);
    }
    setStretchFactor(count() - 1, 0);
    m_panes.push_back(pane);
    return pane.title;
}

/// A long table above the last one takes a share of the height.
void TablePanes::fit() {
    constexpr int mostRows = 8;
    if (m_isMoved || m_panes.empty() || height() <= 0) {
        return;
    }
    const int most = height() * 3 / (2 * static_cast<int>(m_panes.size()) + 2);
    std::vector<int> wanted;
    int left = height() - handleWidth() * (count() - 1);
    for (std::size_t i = 0; i + 1 < m_panes.size(); ++i) {
        const Pane& pane = m_panes[i];
        const int title = pane.title != nullptr ? pane.title->sizeHint().height() : 0;
        int rows = mostRows;
        while (rows > 1 && title + pane.table->heightOfRows(rows) > most) {
            --rows;  // whole ones
        }
        wanted.push_back(title + pane.table->heightOfRows(rows));
        left -= wanted.back();
    }
    wanted.push_back(std::max(0, left));
    if (wanted != m_wanted) {
        m_wanted = wanted;
        setSizes(QList<int>(wanted.begin(), wanted.end()));
    }
}

void TablePanes::resizeEvent(QResizeEvent* event) {
    QSplitter::resizeEvent(event);
    fit();
}

}  // namespace millrace::widgets
