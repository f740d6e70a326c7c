#pragma once

#include "engine/observe/board_page.h"
#include "widgets/pages/painted_view.h"

namespace millrace::widgets {

/// The tiles of a dashboard: of each key the value that is drawn over time, large, with its curve, the other fields of
/// its newest row, how old that is, and which alerts hold.
class TileView final : public PaintedView {
    Q_OBJECT

public:
    explicit TileView(QWidget* parent = nullptr);

    void setPage(std::shared_ptr<const observe::BoardPage> page, SimTime now);
    /// Why there is nothing to be seen.
    void setNothing(const QString& words);

    [[nodiscard]] int heightForWidth(int width) const override;
    [[nodiscard]] bool hasHeightForWidth() const override { return true; }

protected:
    void paint(QPainter& painter) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    [[nodiscard]] int columns(int width) const;
    [[nodiscard]] double tileHeight() const;
    [[nodiscard]] static QString tipOf(const observe::TileView& tile);
    void paintTile(QPainter& painter, std::size_t index, const QRectF& box);
    void paintCurve(QPainter& painter, const observe::TileView& tile, const QRectF& box) const;
    void fitHeight();

    std::shared_ptr<const observe::BoardPage> m_page;
    SimTime m_now;
    QString m_nothing;
};

}  // namespace millrace::widgets
