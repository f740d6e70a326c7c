#pragma once

#include <QApplication>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QMimeData>
#include <QTest>

#include "widgets/canvas/logical_canvas.h"

/// The hands of whoever uses the window, for every test that has one.
namespace millrace::hands {

/// What the drag of a part onto a canvas ends with: the same events that the system sends.
inline void dropPart(QWidget& canvas, const QString& part, const QPoint& at) {
    QMimeData data;
    data.setData(QLatin1String(widgets::partMimeType), part.toUtf8());
    QDragEnterEvent enter(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&canvas, &enter);
    QVERIFY(enter.isAccepted());
    QDragMoveEvent move(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&canvas, &move);
    QDropEvent drop(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&canvas, &drop);
}

inline void drag(QWidget& widget, const QPointF& from, const QPointF& to) {
    QTest::mousePress(&widget, Qt::LeftButton, {}, from.toPoint());
    QTest::mouseMove(&widget, ((from + to) / 2).toPoint());
    QTest::mouseMove(&widget, to.toPoint());
    QTest::mouseRelease(&widget, Qt::LeftButton, {}, to.toPoint());
}

}  // namespace millrace::hands
