#include "widgets/charts/chart_panel.h"

#include <qcustomplot.h>

#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QSignalBlocker>
#include <algorithm>

#include "widgets/charts/sparkline.h"
#include "widgets/controls/format.h"
#include "widgets/controls/palette.h"

namespace millrace::widgets {

struct ChartPanel::Plot {
    QString unit;
    QCustomPlot* view = nullptr;
    QCPItemStraightLine* cursor = nullptr;
    QCPItemStraightLine* now = nullptr;
    std::vector<std::pair<QString, QCPGraph*>> graphs;
    std::vector<QCPItemRect*> faults;
    QCPItemText* beyond = nullptr;  ///< says that a peak goes beyond the frame
};

namespace {

constexpr int pointsShownMax = 2000;

/// One burst, such as the catching up after an outage, must not flatten everything else: then it is cut off, and said.
double usualHeight(QVector<double> heights, double peak) {
    if (heights.size() < 20) {
        return peak;
    }
    const auto high = heights.begin() + heights.size() * 98 / 100;
    std::nth_element(heights.begin(), high, heights.end());
    return *high > 0 && peak > *high * 5 ? *high * 1.5 : peak;
}

QStringList preferredSeries(const observe::Snapshot& snapshot) {
    // Figures of the run as a whole tell most to somebody who has chosen nothing yet.
    QStringList keys;
    for (const auto& page : snapshot.series) {
        if (page->object.empty() && keys.size() < 4) {
            keys.append(QLatin1Char(' ') + format::text(page->name));
        }
    }
    return keys;
}

}  // namespace

ChartPanel::ChartPanel(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("Charts"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_list = new QListWidget(this);
    m_list->setAccessibleName(tr("Metrics"));
    m_list->setFixedWidth(230);
    m_list->setToolTip(tr("Tick what is to be drawn; what has the same unit shares a chart"));
    m_area = new QWidget(this);
    auto* areaLayout = new QHBoxLayout(m_area);
    areaLayout->setContentsMargins(8, 4, 8, 4);
    areaLayout->setSpacing(12);
    m_hint = new QLabel(tr("Metrics appear here as soon as the run has measured something."), m_area);
    m_hint->setAlignment(Qt::AlignCenter);
    m_hint->setProperty("role", QStringLiteral("dim"));
    areaLayout->addWidget(m_hint);
    layout->addWidget(m_list);
    layout->addWidget(m_area, 1);
    connect(m_list, &QListWidget::itemChanged, this, [this] {
        rebuildPlots();
        refresh();
    });
}

ChartPanel::~ChartPanel() = default;

QString ChartPanel::keyOf(const observe::SeriesPage& page) const {
    return format::text(page.object) + QLatin1Char(' ') + format::text(page.name);
}

QStringList ChartPanel::chosen() const {
    QStringList keys;
    for (int row = 0; row < m_list->count(); ++row) {
        if (m_list->item(row)->checkState() == Qt::Checked) {
            keys.append(m_list->item(row)->data(Qt::UserRole).toString());
        }
    }
    return keys;
}

void ChartPanel::setSnapshot(observe::SnapshotPtr snapshot) {
    m_snapshot = std::move(snapshot);
    if (!m_snapshot) {
        rebuildPlots();  // what was ticked stays ticked for the next run
    } else if (isVisible()) {
        refresh();
    }
}

void ChartPanel::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    refresh();
}

void ChartPanel::rebuildList() {
    QStringList keys;
    for (const auto& page : m_snapshot->series) {
        keys.append(keyOf(*page));
    }
    if (keys == m_known) {
        if (m_plots.empty()) {
            rebuildPlots();
        }
        return;
    }
    const QStringList before = m_known.isEmpty() ? preferredSeries(*m_snapshot) : chosen();
    m_known = keys;
    const QSignalBlocker blocker(m_list);
    m_list->clear();
    for (const auto& page : m_snapshot->series) {
        auto* item = new QListWidgetItem(seriesTitle(*page, true), m_list);
        item->setData(Qt::UserRole, keyOf(*page));
        item->setToolTip(tr("%1, in %2").arg(seriesTitle(*page, true), format::text(page->unit)));
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsUserCheckable | Qt::ItemIsSelectable);
        item->setCheckState(before.contains(keyOf(*page)) ? Qt::Checked : Qt::Unchecked);
    }
    rebuildPlots();
}

void ChartPanel::rebuildPlots() {
    for (const auto& plot : m_plots) {
        delete plot->view;
    }
    m_plots.clear();
    if (!m_snapshot) {
        m_hint->show();
        return;
    }
    const QStringList wanted = chosen();
    for (const auto& page : m_snapshot->series) {
        const QString key = keyOf(*page);
        if (!wanted.contains(key)) {
            continue;
        }
        const QString unit = format::text(page->unit);
        auto plot = std::find_if(m_plots.begin(), m_plots.end(), [&](const auto& p) { return p->unit == unit; });
        if (plot == m_plots.end()) {
            auto made = std::make_unique<Plot>();
            made->unit = unit;
            made->view = new QCustomPlot(m_area);
            made->view->setMinimumSize(160, 80);
            made->view->setAccessibleName(tr("Chart in %1").arg(unit));
            made->view->legend->setVisible(true);
            made->view->axisRect()->insetLayout()->setInsetAlignment(0, Qt::AlignLeft | Qt::AlignTop);
            made->view->setNoAntialiasingOnDrag(true);
            made->view->xAxis->setNumberFormat(QStringLiteral("gb"));
            made->view->xAxis->ticker()->setTickCount(8);
            made->view->yAxis->ticker()->setTickCount(4);
            made->view->setToolTip(
                tr("Across: simulated time in seconds. Up: %1. A click goes to that instant.").arg(unit));
            made->view->yAxis->setLabel(unit);
            made->cursor = new QCPItemStraightLine(made->view);
            made->now = new QCPItemStraightLine(made->view);
            made->beyond = new QCPItemText(made->view);
            made->beyond->position->setType(QCPItemPosition::ptAxisRectRatio);
            made->beyond->position->setCoords(1, 0);
            made->beyond->setPositionAlignment(Qt::AlignRight | Qt::AlignTop);
            m_area->layout()->addWidget(made->view);
            QCustomPlot* view = made->view;
            connect(view, &QCustomPlot::mouseMove, this, [this, view](QMouseEvent* event) {
                emit cursorMoved(view->xAxis->pixelToCoord(event->position().x()));
            });
            connect(view, &QCustomPlot::mousePress, this, [this, view](QMouseEvent* event) {
                const double at = view->xAxis->pixelToCoord(event->position().x());
                if (at >= 0) {
                    emit seekRequested(std::min(SimTime(fromSeconds(at)), m_snapshot->run.furthest));
                }
            });
            m_plots.push_back(std::move(made));
            plot = std::prev(m_plots.end());
        }
        QCPGraph* graph = (*plot)->view->addGraph();
        graph->setName(seriesTitle(*page, true));
        graph->setAdaptiveSampling(true);
        (*plot)->graphs.emplace_back(key, graph);
    }
    for (const auto& plot : m_plots) {
        retint(*plot);
    }
    m_hint->setVisible(m_plots.empty());
}

void ChartPanel::retint(Plot& plot) {
    const Palette& colors = theme();
    QCustomPlot& view = *plot.view;
    view.setBackground(QBrush(colors.surface));
    for (QCPAxis* axis : {view.xAxis, view.yAxis}) {
        axis->setBasePen(QPen(colors.line, 1));
        axis->setTickPen(QPen(colors.line, 1));
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLabelColor(colors.dim);
        axis->setLabelColor(colors.dim);
        axis->setTickLabelFont(textFont(TextRole::Caption));
        axis->setLabelFont(textFont(TextRole::Caption));
        axis->grid()->setPen(QPen(colors.line, 1, Qt::DotLine));
        axis->grid()->setZeroLinePen(QPen(colors.line, 1));
    }
    view.legend->setBrush(Qt::NoBrush);
    view.legend->setBorderPen(Qt::NoPen);
    view.legend->setFont(textFont(TextRole::Caption));
    view.legend->setTextColor(colors.text);
    view.legend->setRowSpacing(-4);
    for (std::size_t i = 0; i < plot.graphs.size(); ++i) {
        plot.graphs[i].second->setPen(QPen(colors.series[i % colors.series.size()], 1));
    }
    plot.beyond->setFont(textFont(TextRole::Caption));
    plot.beyond->setColor(colors.dim);
    plot.cursor->setPen(QPen(colors.off, 1, Qt::DashLine));
    plot.now->setPen(QPen(colors.text, 1));
}

void ChartPanel::refresh() {
    if (!m_snapshot) {
        return;
    }
    rebuildList();
    const double end = std::max(1.0, seconds(m_snapshot->run.furthest));
    for (const auto& plot : m_plots) {
        QVector<double> heights;
        for (const auto& [key, graph] : plot->graphs) {
            const auto page = std::find_if(m_snapshot->series.begin(), m_snapshot->series.end(),
                                           [&, wanted = key](const auto& p) { return keyOf(*p) == wanted; });
            if (page == m_snapshot->series.end()) {
                continue;
            }
            const auto& points = (*page)->points;
            const std::size_t stride = std::max<std::size_t>(1, points.size() / pointsShownMax);
            QVector<double> x;
            QVector<double> y;
            for (std::size_t i = 0; i < points.size(); i += stride) {
                x.append(seconds(points[i].at));
                y.append(points[i].mean);
            }
            graph->setData(x, y, true);
            heights += y;
        }
        for (QCPItemRect* band : plot->faults) {
            plot->view->removeItem(band);
        }
        plot->faults.clear();
        for (const observe::FaultBar& fault : m_snapshot->run.faults) {
            if (seconds(fault.at) > end) {
                continue;
            }
            auto* band = new QCPItemRect(plot->view);
            band->setLayer(QStringLiteral("background"));
            band->setPen(Qt::NoPen);
            band->setBrush(theme().faultFill);
            band->topLeft->setTypeX(QCPItemPosition::ptPlotCoords);
            band->topLeft->setTypeY(QCPItemPosition::ptAxisRectRatio);
            band->bottomRight->setTypeX(QCPItemPosition::ptPlotCoords);
            band->bottomRight->setTypeY(QCPItemPosition::ptAxisRectRatio);
            band->topLeft->setCoords(seconds(fault.at), 0);
            band->bottomRight->setCoords(fault.until == SimTime::max() ? end : seconds(fault.until), 1);
            plot->faults.push_back(band);
        }
        plot->view->xAxis->setRange(0, end);
        const double peak = heights.isEmpty() ? 0 : *std::max_element(heights.begin(), heights.end());
        const double top = usualHeight(heights, peak);
        plot->view->yAxis->setRange(0, top <= 0 ? 1 : top * 1.15);
        plot->beyond->setVisible(top < peak);
        plot->beyond->setText(tr("a peak reaches %1").arg(format::value(peak, plot->unit.toStdString())));
        const double now = seconds(m_snapshot->run.now);
        plot->now->point1->setCoords(now, 0);
        plot->now->point2->setCoords(now, 1);
        plot->now->setVisible(m_snapshot->run.now < m_snapshot->run.furthest);
        plot->cursor->point1->setCoords(m_cursor, 0);
        plot->cursor->point2->setCoords(m_cursor, 1);
        plot->cursor->setVisible(m_cursor >= 0);
        plot->view->replot(QCustomPlot::rpQueuedReplot);
    }
}

void ChartPanel::setCursorTime(double atSeconds) {
    if (m_cursor == atSeconds) {
        return;
    }
    m_cursor = atSeconds;
    for (const auto& plot : m_plots) {
        plot->cursor->point1->setCoords(m_cursor, 0);
        plot->cursor->point2->setCoords(m_cursor, 1);
        plot->cursor->setVisible(m_cursor >= 0);
        if (isVisible()) {
            plot->view->replot(QCustomPlot::rpQueuedReplot);
        }
    }
}

void ChartPanel::changeEvent(QEvent* event) {
    if (event->type() == QEvent::StyleChange || event->type() == QEvent::PaletteChange) {
        for (const auto& plot : m_plots) {
            retint(*plot);
            plot->view->replot(QCustomPlot::rpQueuedReplot);
        }
    }
    QWidget::changeEvent(event);
}

}  // namespace millrace::widgets
