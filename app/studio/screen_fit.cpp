#include "app/studio/screen_fit.h"

#include <algorithm>

namespace millrace::studio {

QRect fitted(const QRect& window, const QRect& outer, const QRect& room, const QSize& least) {
    const QSize frame = outer.size() - window.size();
    const QSize size = window.size().boundedTo(room.size() - frame).expandedTo(least);
    const auto within = [](int at, int length, int from, int to) {
        return std::clamp(at, from, std::max(from, to - length));
    };
    const QSize whole = size + frame;
    return {QPoint(within(outer.x(), whole.width(), room.x(), room.x() + room.width()),
                   within(outer.y(), whole.height(), room.y(), room.y() + room.height())),
            size};
}

}  // namespace millrace::studio
