#pragma once

#include <QTemporaryDir>
#include <memory>

#include "app/studio/main_window.h"

namespace millrace::studio {

/// A window with a synthetic engine behind it, and the hands that draw in it: what tests of the window share.
class WindowStage {
protected:
    /// Settings of their own, so that a test neither reads nor changes those of the user.
    void prepare();
    void openWindow();
    /// As it is when somebody starts the program at that size.
    void openWindow(const QSize& size);
    /// With the engine itself behind it.
    void openRealWindow(const QSize& size);
    void closeWindow() { m_window.reset(); }

    /// What the drag of a part ends with: the same events that the system sends.
    void dropPart(const QString& part, const QPoint& at);
    void drag(QWidget& widget, const QPointF& from, const QPointF& to);

    /// Starts the run and pauses it at its first picture.
    void play();

    /// Answers the question that a window is about to ask; `asked` tells that it did.
    static void answerWith(const QString& button, bool& asked);

    void open(bridge::SessionMaker sessions, const QSize& size = {1600, 1000});

    QTemporaryDir m_folder;
    std::unique_ptr<MainWindow> m_window;
};

}  // namespace millrace::studio
