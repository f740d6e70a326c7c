#pragma once

#include <QColor>
#include <QFont>
#include <array>
#include <string_view>

#include "engine/observe/object_id.h"
#include "engine/observe/state.h"

class QApplication;
class QWidget;

namespace millrace::widgets {

enum class Theme { Light, Dark };

/// Every colour of the window. Nothing else in widgets/ and app/ names a colour.
struct Palette {
    QColor background;
    QColor surface;
    QColor line;
    QColor text;
    QColor dim;
    QColor accent;
    QColor soft;
    QColor source;
    QColor topic;
    QColor spout;
    QColor bolt;
    QColor sink;
    QColor host;
    QColor good;
    QColor warning;
    QColor bad;
    QColor off;
    QColor track;      ///< empty part of bars and strips
    QColor faultFill;  ///< bars of faults on the deck and behind sparklines
    QColor pastTint;   ///< wash over the deck while a past instant is shown
    std::array<QColor, 6> series;
    bool isDark = false;

    [[nodiscard]] QColor kind(observe::ObjectKind kind) const;
    [[nodiscard]] QColor state(observe::LifeState state) const;
    [[nodiscard]] QColor severity(observe::Severity severity) const;
};

/// The palette of the theme in use. Painters ask at paint time, so a change of theme needs a repaint and nothing else.
[[nodiscard]] const Palette& theme();
[[nodiscard]] Theme currentTheme();

/// What the desktop prefers, judged by its window colour before any theme of ours was applied.
[[nodiscard]] Theme systemTheme(const QApplication& application);

/// Sets palette, fonts and style sheet of the application and repaints every window.
void applyTheme(QApplication& application, Theme wanted);

/// What the colour of a widget's text says. Style sheets colour it, so it is a property of its and not a palette.
enum class Meaning { Plain, Dim, Good, Warning, Bad };
void setMeaning(QWidget& widget, Meaning meaning);
[[nodiscard]] Meaning meaningOf(observe::LifeState state);
/// For painters.
[[nodiscard]] QColor colourOf(Meaning meaning);

enum class TextRole { Body, Caption, CardTitle, Title, Strong, Clock, Mono };

/// Tabular figures where numbers change in place.
[[nodiscard]] QFont textFont(TextRole role);

}  // namespace millrace::widgets
