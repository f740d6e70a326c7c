#include "widgets/pages/time_axis.h"

#include <QLocale>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

QString inSeconds(double seconds, int decimals) {
    return QLocale(QLocale::English).toString(seconds, 'f', decimals);
}

int decimalsOf(double apartBy) {
    return std::clamp(static_cast<int>(std::ceil(-std::log10(apartBy) - 1e-9)), 0, 6);
}

}  // namespace

double niceStep(double span, int wanted) {
    if (!(span > 0) || wanted < 1) {
        return 1;
    }
    const double raw = span / wanted;
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (raw <= factor * power) {
            return factor * power;
        }
    }
    return 10 * power;
}

TimeAxis::TimeAxis(SimTime from, SimTime to, double left, double right)
    : m_from(from), m_to(std::max(to, from + SimDuration(1))), m_left(left), m_right(std::max(right, left + 1)) {}

double TimeAxis::xOf(SimTime time) const {
    const double share = static_cast<double>((time - m_from).count()) / static_cast<double>((m_to - m_from).count());
    return m_left + share * (m_right - m_left);
}

SimTime TimeAxis::timeAt(double x) const {
    const double share = std::clamp((x - m_left) / (m_right - m_left), 0.0, 1.0);
    return m_from + SimDuration(std::llround(share * static_cast<double>((m_to - m_from).count())));
}

std::vector<TimeAxis::Tick> TimeAxis::ticks(int leastApart) const {
    const double span = static_cast<double>((m_to - m_from).count()) / 1e9;
    const double begin = static_cast<double>(m_from.time_since_epoch().count()) / 1e9;
    const double apartBy = niceStep(span, std::max(1, static_cast<int>((m_right - m_left) / leastApart)));
    const int decimals = decimalsOf(apartBy);
    std::vector<Tick> ticks;
    for (double i = std::ceil(begin / apartBy - 1e-9); i * apartBy <= begin + span * (1 + 1e-9); i += 1) {
        const double x = m_left + (i * apartBy - begin) / span * (m_right - m_left);
        ticks.push_back({x, inSeconds(i * apartBy, decimals) + (ticks.empty() ? QStringLiteral(" s") : QString())});
    }
    return ticks;
}

void TimeAxis::paint(QPainter& painter, const QRectF& box, double words) const {
    constexpr int apart = 84;
    constexpr double half = 40;
    painter.setFont(textFont(TextRole::Caption));
    for (const Tick& tick : ticks(apart)) {
        const double x = std::round(tick.x) + 0.5;
        painter.setPen(QPen(theme().line, 1, Qt::DotLine));
        painter.drawLine(QPointF(x, box.top() + words), QPointF(x, box.bottom()));
        painter.setPen(theme().dim);
        // The words themselves stay inside, and stand over their line as far as that allows.
        const double wide = painter.fontMetrics().horizontalAdvance(tick.text) / 2.0 + 1;
        const double middle = std::clamp(x, box.left() + wide, std::max(box.left() + wide, box.right() - wide));
        painter.drawText(QRectF(middle - half, box.top(), 2 * half, words), Qt::AlignHCenter | Qt::AlignVCenter,
                         tick.text);
    }
}

QString instantText(SimTime time) {
    const qint64 millis = time.time_since_epoch().count() / 1'000'000;
    const int decimals = millis % 1000 == 0 ? 0 : millis % 100 == 0 ? 1 : millis % 10 == 0 ? 2 : 3;
    return inSeconds(static_cast<double>(millis) / 1000, decimals) + QStringLiteral(" s");
}

}  // namespace millrace::widgets
