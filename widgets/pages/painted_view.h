#pragma once

#include <QRectF>
#include <QString>
#include <QWidget>
#include <functional>
#include <vector>

class QPainter;

namespace millrace::widgets {

/// A picture whose parts answer: each has a key, a tool-tip, and can be chosen by mouse. Heirs paint and say where
/// parts stand.
class PaintedView : public QWidget {
    Q_OBJECT

public:
    explicit PaintedView(QWidget* parent = nullptr);

    /// As it was painted last; empty where there is nothing.
    [[nodiscard]] QString tipAt(const QPointF& at) const;
    [[nodiscard]] QString keyAt(const QPointF& at) const;
    [[nodiscard]] QRectF boxOf(const QString& key) const;
    [[nodiscard]] QStringList keys() const;

signals:
    void chosen(const QString& key);
    void activated(const QString& key);

protected:
    virtual void paint(QPainter& painter) = 0;
    /// Words are put together only for what the pointer rests on.
    using Tip = std::function<QString()>;
    void addPart(const QRectF& box, const QString& key, Tip tip);
    void addPart(const QRectF& box, const QString& key, const QString& tip);
    /// What of it is seen: the rest need not be painted.
    [[nodiscard]] const QRectF& seen() const { return m_seen; }
    /// One word in the middle of what is free: why there is nothing to be seen.
    void paintNothing(QPainter& painter, const QString& words) const;

    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;

private:
    struct Part {
        QRectF box;
        QString key;
        Tip tip;
    };
    [[nodiscard]] const Part* partAt(const QPointF& at) const;

    std::vector<Part> m_parts;
    QRectF m_seen;
};

/// A sample of a fill with its word; gives where the next may begin.
struct LegendEntry {
    QBrush fill;
    QString words;
};
void paintLegend(QPainter& painter, const QRectF& box, const std::vector<LegendEntry>& entries);

}  // namespace millrace::widgets
