#pragma once

#include <QRect>
#include <QSize>

namespace millrace::studio {

/// Where a window stands so that it and its frame, which the system draws around it, lie within the room of a screen:
/// no larger than that (but never smaller than `least`), and moved as little as need be. `window` is without the frame,
/// `outer` with it; the result is for QWidget::move, which counts the frame, and QWidget::resize, which does not.
[[nodiscard]] QRect fitted(const QRect& window, const QRect& outer, const QRect& room, const QSize& least);

}  // namespace millrace::studio
