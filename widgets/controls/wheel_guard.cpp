#include "widgets/controls/wheel_guard.h"

#include <QAbstractSpinBox>
#include <QComboBox>
#include <QEvent>
#include <QScrollBar>
#include <QSlider>
#include <QTabBar>

namespace millrace::widgets {

namespace {

/// Whether the wheel would change what is set there, as it would not on a list or a page.
bool holdsValue(const QWidget& widget) {
    return qobject_cast<const QComboBox*>(&widget) != nullptr ||
           qobject_cast<const QAbstractSpinBox*>(&widget) != nullptr ||
           qobject_cast<const QTabBar*>(&widget) != nullptr ||
           (qobject_cast<const QAbstractSlider*>(&widget) != nullptr &&
            qobject_cast<const QScrollBar*>(&widget) == nullptr);
}

}  // namespace

bool WheelGuard::eventFilter(QObject* watched, QEvent* event) {
    auto* widget = qobject_cast<QWidget*>(watched);
    if (widget == nullptr || (event->type() != QEvent::Polish && event->type() != QEvent::Wheel) ||
        !holdsValue(*widget)) {
        return QObject::eventFilter(watched, event);
    }
    if (event->type() == QEvent::Polish) {
        // Rolling over a field is no way to ask for its focus.
        if (widget->focusPolicy() == Qt::WheelFocus) {
            widget->setFocusPolicy(Qt::StrongFocus);
        }
        return QObject::eventFilter(watched, event);
    }
    if (widget->hasFocus()) {
        return QObject::eventFilter(watched, event);
    }
    event->ignore();  // the page below takes it
    return true;
}

}  // namespace millrace::widgets
