#pragma once

#include <QColor>
#include <QIcon>
#include <QRectF>
#include <string_view>

class QPainter;

namespace millrace::widgets {

/// One drawn family: 1.5 px strokes on a 16 px grid, tinted by the palette.
enum class Icon {
    ToStart,
    StepBack,
    Play,
    Pause,
    Step,
    Fast,
    Express,
    Select,
    Crash,
    Power,
    Cut,
    Slow,
    Hourglass,
    DiskFull,
    SlowDisk,
    Clock,
    Revive,
    Crown,
    Search,
    Undo,
    Redo,
    Fit,
    ZoomIn,
    ZoomOut,
    Key,
    Warning,
    Error,
    New,
    Open,
    Save,
    Theme,
    Close,
    Fork,
    Stop,
};

/// By the name that engine tables use for it; Select where there is none.
[[nodiscard]] Icon iconNamed(std::string_view name);

/// Draws the icon into the square `box` with the colour.
void paintIcon(QPainter& painter, Icon icon, const QRectF& box, const QColor& color);

/// Text follows the text colour, dimmed when disabled and in the accent colour when checked; OnAccent stands on a
/// filled button.
enum class Tint { Text, OnAccent };

[[nodiscard]] QIcon icon(Icon icon, Tint tint = Tint::Text);

}  // namespace millrace::widgets
