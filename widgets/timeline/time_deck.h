#pragma once

#include <QAction>
#include <QFont>
#include <QWidget>
#include <optional>
#include <utility>

#include "engine/observe/snapshot.h"
#include "widgets/style/palette.h"
#include "widgets/timeline/time_strip.h"

class QBoxLayout;
class QHBoxLayout;
class QLabel;
class QPushButton;
class QSlider;
class QToolButton;
class QVBoxLayout;

namespace millrace::widgets {

/// The actions of a tape deck. They are shared with menu, toolbar and command palette.
struct TransportActions {
    QAction* toStart = nullptr;
    QAction* stepBack = nullptr;
    QAction* play = nullptr;  ///< pauses while the run goes on
    QAction* step = nullptr;
    QAction* fast = nullptr;
    QAction* express = nullptr;
};

/// Always visible: transport, speed, clock, and the strip of the run.
class TimeDeck final : public QWidget {
    Q_OBJECT

public:
    explicit TimeDeck(QWidget* parent = nullptr);

    void setSnapshot(observe::SnapshotPtr snapshot);
    void setSpeed(double simulatedPerReal);
    /// The speed of play, without the factor of Fast.
    [[nodiscard]] double speed() const { return m_speed; }
    [[nodiscard]] const TransportActions& actions() const { return m_actions; }
    [[nodiscard]] TimeStrip& strip() const { return *m_strip; }

    /// One row with the strip in it, or the row above a strip with all its lanes.
    void setCompact(bool isCompact);
    [[nodiscard]] bool isCompact() const { return m_strip->isCompact(); }
    [[nodiscard]] QAction* lanesAction() const { return m_lanes; }

    /// Not what the row needs at its present width: in a narrower window it says less.
    [[nodiscard]] QSize minimumSizeHint() const override;

signals:
    void playRequested();
    void pauseRequested();
    void stepRequested();
    void stepBackRequested();
    void toStartRequested();
    void fastRequested();
    void expressRequested();
    void speedChanged(double simulatedPerReal);
    void compactChanged(bool isCompact);

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void makeActions();
    [[nodiscard]] QWidget* makeTransport();
    [[nodiscard]] QString statusText() const;
    void showPlay(bool going);
    void showClock(SimTime now);
    void showStatus();
    void arrangeRow();
    void showNothing();
    void showSpeed();
    void showLanesAction();
    void takeSpeed();
    void retint();
    [[nodiscard]] bool isNarrow() const;

    TransportActions m_actions;
    QAction* m_lanes = nullptr;  ///< checked while all lanes of the strip are shown
    QToolButton* m_lanesButton = nullptr;
    QHBoxLayout* m_rowLayout = nullptr;
    QBoxLayout* m_speedBox = nullptr;  ///< slider and its words: above each other in one row, to leave the strip room
    QBoxLayout* m_pastBox = nullptr;
    QVBoxLayout* m_column = nullptr;
    QLabel* m_speedLabel = nullptr;
    observe::SnapshotPtr m_snapshot;
    QWidget* m_row = nullptr;
    QToolButton* m_playButton = nullptr;
    QSlider* m_slider = nullptr;
    QLabel* m_speedText = nullptr;
    QLabel* m_clock = nullptr;
    QLabel* m_facts = nullptr;
    QLabel* m_status = nullptr;
    /// What the status was last cut for.
    struct Fitted {
        QString status;
        QFont font;
        int width = 0;
        friend bool operator==(const Fitted&, const Fitted&) = default;
    };
    std::optional<std::pair<bool, Theme>> m_playShown;
    Fitted m_fitted;
    QLabel* m_pastText = nullptr;
    QPushButton* m_backToNow = nullptr;
    TimeStrip* m_strip = nullptr;
    double m_speed = 1.0;
    bool m_isTinted = false;
};

}  // namespace millrace::widgets
