#pragma once

#include <QWidget>

namespace millrace::widgets {

/// The key to strips and signs. It lies over the canvas, opens from "?", and goes at a click or Esc.
class KeyOverlay final : public QWidget {
    Q_OBJECT

public:
    explicit KeyOverlay(QWidget* parent);

    /// Stays at the upper right corner of its parent.
    void place();

signals:
    void closed();

protected:
    void paintEvent(QPaintEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
};

}  // namespace millrace::widgets
