#include "widgets/charts/chart_panel.h"

#include <qcustomplot.h>

#include <QCollator>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QTreeWidget>
#include <algorithm>
#include <cmath>
#include <limits>

#include "widgets/charts/sparkline.h"
#include "widgets/controls/row_curtain.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

/// What a pixel column of a series shows.
struct ChartPanel::Curve {
    QString key;
    QString title;
    QCPGraph* mean = nullptr;
    QCPGraph* least = nullptr;
    QCPGraph* most = nullptr;
    const observe::SeriesPage* shown = nullptr;  ///< of which page and stretch the graphs hold the points
    double from = -1;
    double to = -1;
};

struct ChartPanel::Plot {
    QString unit;
    QCPAxisRect* rect = nullptr;
    QCPTextElement* title = nullptr;
    QCPLegend* legend = nullptr;
    QCPItemStraightLine* cursor = nullptr;
    QCPItemStraightLine* now = nullptr;
    QCPItemText* beyond = nullptr;  ///< says that a peak goes beyond the frame
    std::vector<Curve> curves;
    std::vector<QCPItemRect*> faults;

    [[nodiscard]] QCPAxis* across() const { return rect->axis(QCPAxis::atBottom); }
    [[nodiscard]] QCPAxis* up() const { return rect->axis(QCPAxis::atLeft); }
};

namespace {

constexpr int keyRole = Qt::UserRole;
constexpr int leastChart = 122;     // with its head and its times
constexpr double rateWindow = 1.0;  // s that a drawn rate is the mean of
constexpr int titleMax = 44;

/// Numbers along an axis, as they are written everywhere else.
class UnitTicker final : public QCPAxisTicker {
public:
    explicit UnitTicker(std::string unit) : m_unit(std::move(unit)) { setTickCount(3); }

protected:
    QString getTickLabel(double tick, const QLocale& /*locale*/, QChar /*formatChar*/, int /*precision*/) override {
        const bool isFirst = m_unit.ends_with("/s") || m_unit == "B" || m_unit == "ms" || m_unit == "s";
        // What is counted is told once, above the chart; half a record is none.
        return isFirst ? format::value(tick, m_unit) : tick == std::floor(tick) ? format::value(tick, {}) : QString();
    }

private:
    std::string m_unit;
};

/// Instants, each with its unit: of several charts only one may be in view.
class SecondsTicker final : public QCPAxisTicker {
public:
    SecondsTicker() { setTickCount(8); }

protected:
    QString getTickLabel(double tick, const QLocale& locale, QChar formatChar, int precision) override {
        return QCPAxisTicker::getTickLabel(tick, locale, formatChar, precision) + QStringLiteral(" s");
    }
};

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

QString keyOf(const observe::SeriesPage& page) {
    return format::text(page.object) + QLatin1Char(' ') + format::text(page.name);
}

/// Those of the run first, then by object, broker 2 before broker 10.
std::vector<const observe::SeriesPage*> inOrder(const std::vector<std::shared_ptr<const observe::SeriesPage>>& series) {
    QCollator collator{QLocale(QLocale::English)};  // that of C knows no numbers
    collator.setNumericMode(true);
    std::vector<std::pair<QString, const observe::SeriesPage*>> pages;
    for (const auto& page : series) {
        pages.emplace_back(format::text(page->object), page.get());
    }
    const auto isInternal = [](const QString& id) { return id.contains(QLatin1String("__")); };
    std::stable_sort(pages.begin(), pages.end(), [&](const auto& a, const auto& b) {
        return isInternal(a.first) != isInternal(b.first) ? isInternal(b.first)
                                                          : collator.compare(a.first, b.first) < 0;
    });
    std::vector<const observe::SeriesPage*> sorted;
    for (const auto& [object, page] : pages) {
        sorted.push_back(page);
    }
    return sorted;
}

bool isRate(const observe::SeriesPage& page) {
    return page.unit.ends_with("/s");
}

}  // namespace

ChartPanel::ChartPanel(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("Charts"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* side = new QWidget(this);
    side->setFixedWidth(272);
    auto* sideLayout = new QVBoxLayout(side);
    sideLayout->setContentsMargins(12, 6, 4, 0);
    sideLayout->setSpacing(4);
    m_search = new QLineEdit(side);
    m_search->setPlaceholderText(tr("Search, such as lag or broker 2"));
    m_search->setAccessibleName(tr("Search for a metric"));
    m_search->setClearButtonEnabled(true);
    m_list = new QTreeWidget(side);
    m_list->setAccessibleName(tr("Metrics"));
    m_list->header()->hide();
    m_list->setIndentation(12);
    m_list->setUniformRowHeights(true);
    m_list->setToolTip(tr("Tick what is to be drawn; what has the same unit shares a chart"));
    sideLayout->addWidget(m_search);
    m_none = new QLabel(tr("Nothing that is measured is called so."), side);
    m_none->setProperty("role", QStringLiteral("dim"));
    m_none->setWordWrap(true);
    m_none->hide();
    sideLayout->addWidget(m_none);
    sideLayout->addWidget(m_list, 1);
    new RowCurtain(*m_list);
    m_view = new QCustomPlot;
    m_view->setAccessibleName(tr("Charts of the ticked metrics"));
    m_search->setToolTip(
        tr("Across: simulated time in seconds, as on the time strip. A double click goes to that instant, Ctrl and the "
           "wheel zoom.\nThe line is the mean, of rates over 1 s; the pale band reaches from the least to the most"));
    m_view->setAutoAddPlottableToLegend(false);
    m_view->setNoAntialiasingOnDrag(true);
    m_view->plotLayout()->clear();
    m_view->plotLayout()->setRowSpacing(0);
    m_view->installEventFilter(this);
    m_scroll = new QScrollArea(this);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setWidget(m_view);
    m_scroll->viewport()->installEventFilter(this);
    connect(m_scroll->verticalScrollBar(), &QScrollBar::valueChanged, this, &ChartPanel::showWholeCharts);
    connect(m_scroll->verticalScrollBar(), &QScrollBar::rangeChanged, this, &ChartPanel::showWholeCharts);
    connect(m_scroll->verticalScrollBar(), &QScrollBar::sliderReleased, this, &ChartPanel::showWholeCharts);
    m_hint = new QLabel(tr("Metrics appear here as soon as the run has measured something."), this);
    m_hint->setAlignment(Qt::AlignCenter);
    m_hint->setWordWrap(true);
    m_hint->setProperty("role", QStringLiteral("dim"));
    layout->addWidget(side);
    layout->addWidget(m_hint, 1);
    layout->addWidget(m_scroll, 1);
    m_scroll->hide();
    connect(m_list, &QTreeWidget::itemChanged, this, [this] {
        rebuildPlots();
        refresh();
    });
    connect(m_search, &QLineEdit::textChanged, this, &ChartPanel::filter);
    connect(m_view, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) {
        if (!m_plots.empty()) {
            emit cursorMoved(std::max(0.0, timeAt(event->position().x())));
        }
    });
    connect(m_view, &QCustomPlot::mouseDoubleClick, this, [this](QMouseEvent* event) {
        const double at = m_plots.empty() ? -1 : timeAt(event->position().x());
        if (at >= 0 && m_snapshot) {
            emit seekRequested(std::min(SimTime(fromSeconds(at)), m_snapshot->run.furthest));
        }
    });
}

ChartPanel::~ChartPanel() = default;

QStringList ChartPanel::chosen() const {
    QStringList keys;
    for (const auto& [key, item] : m_items) {
        if (item->checkState(0) == Qt::Checked) {
            keys.append(key);
        }
    }
    return keys;
}

void ChartPanel::choose(const QStringList& keys) {
    {
        const QSignalBlocker blocker(m_list);
        for (const auto& [key, item] : m_items) {
            item->setCheckState(0, keys.contains(key) ? Qt::Checked : Qt::Unchecked);
        }
    }
    rebuildPlots();
    refresh();
}

double ChartPanel::drawnPeakOf(const QString& key) const {
    double peak = 0;
    for (const auto& plot : m_plots) {
        for (const Curve& curve : plot->curves) {
            if (curve.key == key) {
                for (const QCPGraphData& point : *curve.most->data()) {
                    peak = std::max(peak, point.value);
                }
            }
        }
    }
    return peak;
}

double ChartPanel::drawnAt(const QString& key, double atSeconds) const {
    for (const auto& plot : m_plots) {
        for (const Curve& curve : plot->curves) {
            const auto drawn = curve.mean->data();
            auto point = drawn->findEnd(atSeconds, false);
            if (curve.key == key && point != drawn->constBegin()) {
                return (--point)->value;
            }
        }
    }
    return std::numeric_limits<double>::quiet_NaN();
}

std::pair<double, double> ChartPanel::visibleRange() const {
    if (m_plots.empty()) {
        return {m_from, m_to};
    }
    const QCPRange shown = m_plots.front()->across()->range();
    return {shown.lower, shown.upper};
}

QWidget* ChartPanel::plot() const {
    return m_view;
}

std::vector<QRect> ChartPanel::chartBoxes() const {
    m_view->replot(QCustomPlot::rpImmediateRefresh);
    std::vector<QRect> boxes;
    for (const auto& plot : m_plots) {
        boxes.push_back(plot->rect->outerRect().translated(m_view->mapTo(m_scroll->viewport(), QPoint())));
    }
    return boxes;
}

double ChartPanel::timeAt(double x) const {
    return m_plots.front()->across()->pixelToCoord(x);
}

const observe::SeriesPage* ChartPanel::pageOf(const QString& key) const {
    for (const auto& page : m_snapshot->series) {
        if (keyOf(*page) == key) {
            return page.get();
        }
    }
    return nullptr;
}

void ChartPanel::setSnapshot(observe::SnapshotPtr snapshot) {
    m_snapshot = std::move(snapshot);
    if (!m_snapshot) {
        rebuildPlots();  // what was ticked stays ticked for the next run
    } else if (isVisible()) {
        refresh();
    }
}

void ChartPanel::setVisibleRange(SimTime from, SimTime to) {
    m_from = seconds(from);
    m_to = seconds(to);
    if (m_snapshot && isVisible()) {
        refresh();
    }
}

void ChartPanel::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    refresh();
}

void ChartPanel::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fitHeight();
}

bool ChartPanel::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_view && event->type() == QEvent::Leave) {
        emit cursorMoved(-1);  // the line on the strip goes with the mouse
    }
    if (watched == m_scroll->viewport() && event->type() == QEvent::Resize) {
        fitHeight();
    }
    if (watched != m_view || event->type() != QEvent::Wheel) {
        return QWidget::eventFilter(watched, event);
    }
    auto* wheel = static_cast<QWheelEvent*>(event);
    if ((wheel->modifiers() & Qt::ControlModifier) == 0 || m_plots.empty()) {
        QScrollBar* bar = m_scroll->verticalScrollBar();
        // From chart to chart: what is in view is whole.
        m_turned += wheel->angleDelta().y();
        constexpr int notch = 120;
        const int charts = m_turned / notch;
        m_turned -= charts * notch;
        bar->setValue(bar->value() - charts * bar->singleStep());
        event->accept();
        return true;
    }
    const QCPRange shown = m_plots.front()->across()->range();
    const double at = std::clamp(timeAt(wheel->position().x()), shown.lower, shown.upper);
    const double factor = std::pow(1.25, wheel->angleDelta().y() / 120.0);
    emit zoomRequested(SimTime(fromSeconds(std::max(0.0, at - (at - shown.lower) / factor))),
                       SimTime(fromSeconds(at + (shown.upper - at) / factor)));
    event->accept();
    return true;
}

void ChartPanel::rebuildList() {
    if (m_snapshot->series == m_listed && !m_plots.empty()) {
        return;
    }
    m_listed = m_snapshot->series;
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
    {
        const QSignalBlocker blocker(m_list);
        m_list->clear();
        m_items.clear();
        std::map<std::string, QTreeWidgetItem*> groups;
        for (const observe::SeriesPage* page : inOrder(m_snapshot->series)) {
            QTreeWidgetItem*& group = groups[page->object];
            if (group == nullptr) {
                const QString title =
                    page->object.empty() ? tr("The run as a whole") : format::text(observe::titleOf(page->object));
                group = new QTreeWidgetItem(m_list, {format::capitalised(title)});
                group->setFlags(Qt::ItemIsEnabled);
                group->setFont(0, textFont(TextRole::Strong));
            }
            auto* item = new QTreeWidgetItem(group, {seriesTitle(*page, false)});
            item->setData(0, keyRole, keyOf(*page));
            const QString measured = tr("%1, in %2").arg(seriesTitle(*page, true), format::text(page->unit));
            item->setToolTip(
                0, page->meaning.empty() ? measured : tr("%1. %2").arg(measured, format::text(page->meaning)));
            item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsUserCheckable | Qt::ItemIsSelectable);
            item->setCheckState(0, before.contains(keyOf(*page)) ? Qt::Checked : Qt::Unchecked);
            m_items[keyOf(*page)] = item;
        }
        for (const auto& [object, group] : groups) {
            const auto hasChosen = [&] {
                for (int i = 0; i < group->childCount(); ++i) {
                    if (group->child(i)->checkState(0) == Qt::Checked) {
                        return true;
                    }
                }
                return false;
            };
            group->setExpanded(object.empty() || hasChosen());
        }
    }
    filter(m_search->text());
    rebuildPlots();
}

void ChartPanel::filter(const QString& words) {
    bool isAnyShown = false;
    const QStringList wanted = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (int i = 0; i < m_list->topLevelItemCount(); ++i) {
        QTreeWidgetItem* group = m_list->topLevelItem(i);
        bool isGroupShown = false;
        for (int k = 0; k < group->childCount(); ++k) {
            QTreeWidgetItem* item = group->child(k);
            const QString all = group->text(0) + QLatin1Char(' ') + item->text(0);
            const bool isShown = std::all_of(wanted.begin(), wanted.end(), [&](const QString& word) {
                return all.contains(word, Qt::CaseInsensitive);
            });
            item->setHidden(!isShown);
            isGroupShown |= isShown;
        }
        group->setHidden(!isGroupShown);
        isAnyShown |= isGroupShown;
        if (!wanted.isEmpty()) {
            group->setExpanded(isGroupShown);
        }
    }
    m_none->setVisible(!isAnyShown && m_list->topLevelItemCount() > 0);
}

ChartPanel::Plot& ChartPanel::addPlot(const QString& unit) {
    auto plot = std::make_unique<Plot>();
    plot->unit = unit;
    const int row = m_view->plotLayout()->rowCount();
    auto* head = new QCPLayoutGrid;
    m_view->plotLayout()->addElement(row, 0, head);  // what is put into it has a plot from now on
    plot->title = new QCPTextElement(m_view, unit);
    plot->title->setTextFlags(Qt::AlignLeft | Qt::AlignVCenter);
    plot->legend = new QCPLegend;
    plot->legend->setFillOrder(QCPLayoutGrid::foColumnsFirst);
    plot->legend->setWrap(6);
    head->addElement(0, 0, plot->title);
    head->addElement(0, 1, plot->legend);
    head->addElement(0, 2, new QCPTextElement(m_view));  // takes what is left over
    head->setColumnStretchFactors({0.001, 0.001, 1});
    plot->rect = new QCPAxisRect(m_view);
    m_view->plotLayout()->addElement(row + 1, 0, plot->rect);
    m_view->plotLayout()->setRowStretchFactor(row, 0.001);
    for (QCPAxis* axis : plot->rect->axes()) {
        axis->setLayer(QStringLiteral("axes"));
        axis->grid()->setLayer(QStringLiteral("grid"));
    }
    plot->up()->setTicker(QSharedPointer<QCPAxisTicker>(new UnitTicker(unit.toStdString())));
    plot->across()->setNumberFormat(QStringLiteral("g"));
    plot->across()->setNumberPrecision(7);
    plot->across()->setTicker(QSharedPointer<QCPAxisTicker>(new SecondsTicker));
    const auto makeLine = [&](QCPItemStraightLine*& line) {
        line = new QCPItemStraightLine(m_view);
        line->setClipAxisRect(plot->rect);
        for (QCPItemPosition* position : line->positions()) {
            position->setAxes(plot->across(), plot->up());
        }
    };
    makeLine(plot->cursor);
    makeLine(plot->now);
    plot->beyond = new QCPItemText(m_view);
    plot->beyond->setClipAxisRect(plot->rect);
    plot->beyond->position->setAxisRect(plot->rect);
    plot->beyond->position->setType(QCPItemPosition::ptAxisRectRatio);
    plot->beyond->position->setCoords(1, 0);
    plot->beyond->setPositionAlignment(Qt::AlignRight | Qt::AlignTop);
    m_plots.push_back(std::move(plot));
    return *m_plots.back();
}

void ChartPanel::rebuildPlots() {
    m_view->clearItems();
    m_view->clearPlottables();
    m_view->plotLayout()->clear();
    m_plots.clear();
    const QStringList wanted = m_snapshot ? chosen() : QStringList();
    if (m_snapshot) {
        for (const auto& page : m_snapshot->series) {
            if (!wanted.contains(keyOf(*page))) {
                continue;
            }
            const QString unit = format::text(page->unit);
            const auto there =
                std::find_if(m_plots.begin(), m_plots.end(), [&](const auto& each) { return each->unit == unit; });
            Plot& plot = there == m_plots.end() ? addPlot(unit) : **there;
            Curve curve;
            curve.key = keyOf(*page);
            curve.title = seriesTitle(*page, true);
            curve.least = m_view->addGraph(plot.across(), plot.up());
            curve.most = m_view->addGraph(plot.across(), plot.up());
            curve.mean = m_view->addGraph(plot.across(), plot.up());
            curve.most->setChannelFillGraph(curve.least);
            plot.legend->addItem(new QCPPlottableLegendItem(plot.legend, curve.mean));
            plot.curves.push_back(std::move(curve));
        }
    }
    if (!m_plots.empty()) {
        auto* margins = new QCPMarginGroup(m_view);
        for (const auto& plot : m_plots) {
            plot->rect->setMarginGroup(QCP::msLeft | QCP::msRight, margins);
        }
    }
    retint();
    fitHeight();
    m_hint->setVisible(m_plots.empty());
    m_scroll->setVisible(!m_plots.empty());
    m_hint->setText(m_snapshot && !m_items.empty()
                        ? tr("Tick a metric to draw it.")
                        : tr("Metrics appear here as soon as the run has measured something."));
}

void ChartPanel::showWholeCharts() {
    QScrollBar* bar = m_scroll->verticalScrollBar();
    const int step = std::max(1, bar->singleStep());
    if (!bar->isSliderDown()) {
        bar->setValue((bar->value() + step / 2) / step * step);
    }
}

/// As many whole charts as there is room for share it; the others are as high.
void ChartPanel::fitHeight() {
    const int room = m_scroll->viewport()->height();
    const int count = static_cast<int>(m_plots.size());
    const int shown = std::clamp(room / leastChart, 1, std::max(1, count));
    const int each = std::max(room / shown, 1);
    m_scroll->verticalScrollBar()->setSingleStep(each);
    const int all = each * (count - shown) + room;
    m_view->setMinimumHeight(count <= shown ? 0 : all);
    m_view->setMaximumHeight(count <= shown ? QWIDGETSIZE_MAX : all);
    for (const auto& plot : m_plots) {
        // The first may be all that is in view, the last is where one looks for it.
        plot->across()->setTickLabels(shown == 1 || plot == m_plots.front() || plot == m_plots.back());
    }
}

void ChartPanel::retint() {
    const Palette& colors = theme();
    m_view->setBackground(QBrush(colors.surface));
    const QFont small = textFont(TextRole::Caption);
    const QSignalBlocker blocker(m_list);
    for (const auto& [key, item] : m_items) {
        item->setIcon(0, QIcon());
    }
    std::size_t place = 0;  // in the list: charts of different units share no colour before there are none left
    for (const auto& plot : m_plots) {
        for (QCPAxis* axis : {plot->across(), plot->up()}) {
            axis->setBasePen(QPen(colors.line, 1));
            axis->setTickPen(QPen(colors.line, 1));
            axis->setSubTickPen(Qt::NoPen);
            axis->setTickLabelColor(colors.dim);
            axis->setTickLabelFont(small);
            axis->grid()->setPen(QPen(colors.line, 1, Qt::DotLine));
            axis->grid()->setZeroLinePen(QPen(colors.line, 1));
        }
        plot->title->setFont(textFont(TextRole::Strong));
        plot->title->setTextColor(colors.text);
        plot->legend->setBrush(Qt::NoBrush);
        plot->legend->setBorderPen(Qt::NoPen);
        plot->legend->setFont(small);
        plot->legend->setTextColor(colors.text);
        plot->legend->setMargins(QMargins(8, 0, 0, 0));
        plot->legend->setIconSize(12, 8);
        for (std::size_t i = 0; i < plot->curves.size(); ++i) {
            const QColor color = colors.series[place++ % colors.series.size()];
            QColor pale = color;
            pale.setAlpha(46);
            plot->curves[i].mean->setPen(QPen(color, 1.4));
            plot->curves[i].least->setPen(Qt::NoPen);
            plot->curves[i].most->setPen(Qt::NoPen);
            plot->curves[i].most->setBrush(pale);
            // In the list, too, what is drawn has its colour.
            QPixmap swatch(10, 10);
            swatch.fill(Qt::transparent);
            QPainter(&swatch).fillRect(0, 3, 10, 4, color);
            if (const auto item = m_items.find(plot->curves[i].key); item != m_items.end()) {
                item->second->setIcon(0, QIcon(swatch));
            }
        }
        for (QCPItemRect* band : plot->faults) {
            band->setBrush(colors.faultFill);
        }
        plot->beyond->setFont(small);
        plot->beyond->setColor(colors.dim);
        plot->cursor->setPen(QPen(colors.off, 1, Qt::DashLine));
        plot->now->setPen(QPen(colors.text, 1));
    }
}

/// By columns of a pixel: the mean, and the least and the most of all that falls into it.
void ChartPanel::fill(Curve& curve, const observe::SeriesPage& page) const {
    const auto& points = page.points;
    const double span = std::max(1e-9, curve.to - curve.from);
    const double column = span / std::max(50, m_view->width());
    // A rate is counted by samples that may hold a record or none: what a person reads is a mean over a second.
    const double half = isRate(page) ? rateWindow / 2 : 0;
    std::vector<double> sums(points.size() + 1, 0);
    for (std::size_t i = 0; i < points.size(); ++i) {
        sums[i + 1] = sums[i] + points[i].mean;
    }
    const auto indexAt = [&](double at) {
        return static_cast<std::size_t>(
            std::lower_bound(points.begin(), points.end(), at,
                             [](const observe::SeriesPoint& point, double t) { return seconds(point.at) < t; }) -
            points.begin());
    };
    const std::size_t first = std::max<std::size_t>(indexAt(curve.from), 1) - 1;
    const std::size_t last = std::min(points.size(), indexAt(curve.to) + 1);
    QVector<double> x;
    QVector<double> mean;
    QVector<double> least;
    QVector<double> most;
    for (std::size_t i = first; i < last;) {
        const double at = seconds(points[i].at);
        double sum = 0;
        double low = points[i].min;
        double high = points[i].max;
        std::size_t k = i;
        for (; k < last && seconds(points[k].at) < at + column; ++k) {
            sum += points[k].mean;
            low = std::min({low, points[k].min, points[k].mean});
            high = std::max({high, points[k].max, points[k].mean});
        }
        if (half > 0 && column < rateWindow) {
            const std::size_t from = indexAt(at - half);
            const std::size_t to = std::max(from + 1, indexAt(at + half));
            const std::size_t end = std::min(to, points.size());
            mean.append((sums[end] - sums[from]) / static_cast<double>(end - from));
        } else {
            mean.append(sum / static_cast<double>(k - i));
        }
        x.append(at);
        least.append(low);
        most.append(high);
        i = k;
    }
    curve.mean->setData(x, mean, true);
    curve.least->setData(x, least, true);
    curve.most->setData(x, most, true);
}

/// Bands are kept and moved: there is a snapshot in every frame, and hardly ever another fault.
void ChartPanel::showFaults(Plot& plot) const {
    const QCPRange shown = plot.across()->range();
    std::size_t used = 0;
    for (const observe::FaultBar& fault : m_snapshot->run.faults) {
        const double from = seconds(fault.at);
        const double to = seconds(std::min(fault.until, m_snapshot->run.furthest));  // what is to come is no fact yet
        if (from > std::min(to, shown.upper) || to < shown.lower) {
            continue;
        }
        if (used == plot.faults.size()) {
            plot.faults.push_back(addBand(plot));
        }
        plot.faults[used]->topLeft->setCoords(from, 0);
        plot.faults[used]->bottomRight->setCoords(to, 1);
        ++used;
    }
    for (; plot.faults.size() > used; plot.faults.pop_back()) {
        m_view->removeItem(plot.faults.back());
    }
}

QCPItemRect* ChartPanel::addBand(const Plot& plot) const {
    auto* band = new QCPItemRect(m_view);
    band->setLayer(QStringLiteral("background"));
    band->setClipAxisRect(plot.rect);
    band->setPen(Qt::NoPen);
    band->setBrush(theme().faultFill);
    for (QCPItemPosition* position : {band->topLeft, band->bottomRight}) {
        position->setAxes(plot.across(), plot.up());
        position->setAxisRect(plot.rect);
        position->setTypeX(QCPItemPosition::ptPlotCoords);
        position->setTypeY(QCPItemPosition::ptAxisRectRatio);
    }
    return band;
}

void ChartPanel::refresh() {
    if (!m_snapshot) {
        return;
    }
    rebuildList();
    if (m_plots.empty()) {
        return;
    }
    const double from = m_to > 0 ? m_from : 0;
    const double to = m_to > 0 ? m_to : std::max(1.0, seconds(m_snapshot->run.furthest));
    for (const auto& plot : m_plots) {
        plot->across()->setRange(from, to);
        QVector<double> heights;
        double peak = 0;
        double highest = 0;
        for (Curve& curve : plot->curves) {
            const observe::SeriesPage* page = pageOf(curve.key);
            if (page != nullptr && (curve.shown != page || curve.from != from || curve.to != to)) {
                curve.shown = page;
                curve.from = from;
                curve.to = to;
                fill(curve, *page);
            }
            for (const QCPGraphData& point : *curve.most->data()) {
                heights.append(point.value);
                peak = std::max(peak, point.value);
            }
            for (const QCPGraphData& point : *curve.mean->data()) {
                highest = std::max(highest, point.value);
            }
        }
        // The line itself is never cut: only the band of what came in bursts is.
        const double top = std::max(usualHeight(std::move(heights), peak), highest);
        plot->up()->setRange(0, top <= 0 ? 1 : top * 1.1);
        plot->beyond->setVisible(top < peak);
        plot->beyond->setText(tr("bursts of a moment reach %1").arg(format::value(peak, plot->unit.toStdString())));
        const double now = seconds(m_snapshot->run.now);
        plot->now->point1->setCoords(now, 0);
        plot->now->point2->setCoords(now, 1);
        plot->now->setVisible(m_snapshot->run.now < m_snapshot->run.furthest);
        showFaults(*plot);
    }
    showCursor();
}

/// The line of the cursor, and in the legends what was measured there: without a cursor, at the instant that is shown.
void ChartPanel::showCursor() {
    const double at = m_cursor >= 0 ? m_cursor : seconds(m_snapshot->run.now);
    for (const auto& plot : m_plots) {
        plot->cursor->point1->setCoords(at, 0);
        plot->cursor->point2->setCoords(at, 1);
        plot->cursor->setVisible(m_cursor >= 0);
        for (const Curve& curve : plot->curves) {
            const auto drawn = curve.mean->data();
            auto point = drawn->findEnd(at, false);
            const bool isMeasured = point != drawn->constBegin();
            const QString value =
                isMeasured ? format::value((--point)->value, plot->unit.toStdString()) : QStringLiteral("–");
            QString title = curve.title;
            if (title.size() > titleMax) {
                title = title.left(titleMax - 1) + QStringLiteral("…");
            }
            curve.mean->setName(title + QStringLiteral("  ") + value);
        }
    }
    m_view->replot(QCustomPlot::rpQueuedReplot);
}

void ChartPanel::setCursorTime(double atSeconds) {
    if (m_cursor != atSeconds) {
        m_cursor = atSeconds;
        if (m_snapshot && isVisible()) {
            showCursor();
        }
    }
}

void ChartPanel::changeEvent(QEvent* event) {
    if ((event->type() == QEvent::StyleChange || event->type() == QEvent::PaletteChange) && m_view != nullptr) {
        retint();
        m_view->replot(QCustomPlot::rpQueuedReplot);
    }
    QWidget::changeEvent(event);
}

}  // namespace millrace::widgets
