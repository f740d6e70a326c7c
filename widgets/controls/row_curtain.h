#pragma once

#include <QWidget>

class QAbstractScrollArea;

namespace millrace::widgets {

/// Lies over the row that the lower edge of a scrolled page or list would cut, so that rows are seen whole or not at
/// all. It takes no room: nothing moves when it comes and goes.
class RowCurtain final : public QWidget {
    Q_OBJECT

public:
    explicit RowCurtain(QAbstractScrollArea& area);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void fit();
    [[nodiscard]] int cutRow() const;

    QAbstractScrollArea& m_area;
    QWidget* m_page = nullptr;  ///< that a scroll area holds
    bool m_isDue = false;
};

}  // namespace millrace::widgets
