#pragma once

#include <QObject>

namespace millrace::widgets {

/// Keeps the wheel from changing a value that nobody is editing: a choice, number or slider without the focus leaves
/// the wheel to the page it stands on, which scrolls. Watches every widget of the application it is installed on, those
/// that are made later too.
class WheelGuard final : public QObject {
public:
    using QObject::QObject;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
};

}  // namespace millrace::widgets
