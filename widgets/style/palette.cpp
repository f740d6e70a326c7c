#include "widgets/style/palette.h"

#include <QApplication>
#include <QFontDatabase>
#include <QLabel>
#include <QPalette>
#include <QStyle>
#include <QStyleFactory>
#include <QWidget>
#include <array>

/// A resource of a static library is there once somebody asks for it, by a name that must stand outside of namespaces.
static void loadImages() {
    Q_INIT_RESOURCE(images);
}

namespace millrace::widgets {

namespace {

QColor hex(const char* name) {
    return QColor(QLatin1String(name));
}

Palette lightPalette() {
    Palette p;
    p.background = hex("#F4F6F8");
    p.surface = hex("#FFFFFF");
    p.line = hex("#D8DEE6");
    p.text = hex("#1B2430");
    p.dim = hex("#5B6776");
    p.accent = hex("#0B7A9E");
    p.soft = hex("#E6F2F6");
    p.source = hex("#5E73D1");
    p.topic = hex("#0B7A9E");
    p.spout = hex("#2B9464");
    p.bolt = hex("#C27719");
    p.sink = hex("#7C58AC");
    p.host = hex("#5B6776");
    p.good = hex("#2B9464");
    p.warning = hex("#C99700");
    p.bad = hex("#CF3F36");
    p.off = hex("#8A94A3");
    p.track = hex("#DCE2EA");
    p.faultFill = hex("#F3D2D0");
    p.pastTint = hex("#FBF4E0");
    p.series = {hex("#0072B2"), hex("#D55E00"), hex("#009E73"), hex("#CC79A7"), hex("#E69F00"), hex("#56B4E9")};
    return p;
}

Palette darkPalette() {
    Palette p;
    p.background = hex("#12171D");
    p.surface = hex("#1B222A");
    p.line = hex("#2F3944");
    p.text = hex("#E7ECF2");
    p.dim = hex("#98A5B3");
    p.accent = hex("#3FB0D3");
    p.soft = hex("#16303A");
    p.source = hex("#8C9CEB");
    p.topic = hex("#3FB0D3");
    p.spout = hex("#4DBE8A");
    p.bolt = hex("#E6A04A");
    p.sink = hex("#AD8BDB");
    p.host = hex("#98A5B3");
    p.good = hex("#4DBE8A");
    p.warning = hex("#E2B93B");
    p.bad = hex("#F0675D");
    p.off = hex("#6C7784");
    p.track = hex("#303A45");
    p.faultFill = hex("#4A2A2C");
    p.pastTint = hex("#2A2619");
    p.series = {hex("#56B4E9"), hex("#D55E00"), hex("#009E73"), hex("#CC79A7"), hex("#E69F00"), hex("#F0E442")};
    p.isDark = true;
    return p;
}

Theme activeTheme = Theme::Light;

const Palette& paletteOf(Theme theme) {
    static const Palette light = lightPalette();
    static const Palette dark = darkPalette();
    return theme == Theme::Dark ? dark : light;
}

QPalette toQtPalette(const Palette& p) {
    QPalette qt;
    qt.setColor(QPalette::Window, p.surface);
    qt.setColor(QPalette::WindowText, p.text);
    qt.setColor(QPalette::Base, p.surface);
    qt.setColor(QPalette::AlternateBase, p.background);
    qt.setColor(QPalette::Text, p.text);
    qt.setColor(QPalette::PlaceholderText, p.dim);
    qt.setColor(QPalette::Button, p.surface);
    qt.setColor(QPalette::ButtonText, p.text);
    qt.setColor(QPalette::BrightText, p.bad);
    qt.setColor(QPalette::ToolTipBase, p.surface);
    qt.setColor(QPalette::ToolTipText, p.text);
    qt.setColor(QPalette::Highlight, p.soft);
    qt.setColor(QPalette::HighlightedText, p.text);
    qt.setColor(QPalette::Link, p.accent);
    qt.setColor(QPalette::Light, p.line);
    qt.setColor(QPalette::Midlight, p.line);
    qt.setColor(QPalette::Mid, p.line);
    qt.setColor(QPalette::Dark, p.line);
    qt.setColor(QPalette::Shadow, p.line);
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        qt.setColor(QPalette::Disabled, role, p.off);
    }
    return qt;
}

QString styleSheet(const Palette& p) {
    QString sheet = QStringLiteral(R"(
QMainWindow, QDialog { background: @surface; }
QMainWindow::separator { background: @line; width: 1px; height: 1px; }
QMenuBar { background: @surface; border-bottom: 1px solid @line; padding: 2px 8px; }
QMenuBar::item { padding: 4px 10px; border-radius: 6px; background: transparent; }
QMenuBar::item:selected { background: @soft; }
QMenu { background: @surface; border: 1px solid @line; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: @soft; color: @text; }
QMenu::item:disabled { color: @off; }
QMenu::separator { height: 1px; background: @line; margin: 4px 8px; }
QMenu::icon { padding-left: 8px; }
QToolBar { background: @surface; border: none; border-bottom: 1px solid @line; spacing: 4px; padding: 4px 8px; }
QToolBar QToolBar { border: none; padding: 0; }
QToolBar#rail { border: none; border-right: 1px solid @line; padding: 6px 0; }
QToolBar::separator { background: @line; width: 1px; margin: 4px 6px; }
QToolButton { border: 1px solid transparent; border-radius: 6px; padding: 4px 8px; background: transparent; color: @text; }
QToolBar[dense="true"] QToolButton { padding: 4px 4px; }
QToolBar#rail QToolButton { padding: 6px 3px; }
QToolButton:hover { background: @background; border-color: @line; }
QToolButton:checked { background: @soft; border-color: @accent; color: @accent; }
QToolButton:focus { border-color: @accent; }
QToolButton:disabled { color: @off; }
QToolButton[role="framed"] { border-color: @line; background: @surface; }
QToolButton[role="framed"]:hover { background: @background; border-color: @off; }
QToolButton[role="framed"]:checked { border-color: @accent; background: @soft; }
QToolButton[role="primary"] { border-color: @accent; background: @accent; }
QToolButton[role="primary"]:hover { border-color: @text; }
QToolButton[role="alert"] { border-color: @accent; background: @soft; color: @accent; }
QPushButton { border: 1px solid @line; border-radius: 6px; padding: 5px 12px; background: @surface; color: @text; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QPushButton:hover { background: @background; }
QPushButton:focus { border-color: @accent; }
QPushButton:default { border-color: @accent; color: @accent; }
QPushButton:disabled { color: @off; }
QPushButton[flat="true"] { border: none; color: @link; background: transparent; }
QPushButton[flat="true"]:hover { background: @soft; }
QPushButton[flat="true"]:focus { border: 1px solid @accent; }
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit {
  border: 1px solid @line; border-radius: 6px; padding: 4px 8px; background: @background;
  selection-background-color: @accent; selection-color: @surface; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus { border-color: @accent; }
QLineEdit[isRefused="true"] { border: 2px solid @bad; }
QComboBox::drop-down { border: none; width: 18px; }
QComboBox::down-arrow { image: url(:/millrace/widgets/chevron.png); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @surface; border: 1px solid @line; selection-background-color: @soft; }
QTabWidget::pane { border: none; border-top: 1px solid @line; }
QTabBar { background: transparent; }
QTabBar::tab { padding: 6px 12px; border: none; border-bottom: 2px solid transparent; color: @dim; background: transparent; }
QTabWidget#inspectorTabs QTabBar::tab { padding: 6px 8px; }
QTabBar::tab:selected { color: @accent; border-bottom-color: @accent; }
QTabBar::tab:hover { color: @text; }
QTableView, QTreeView, QListView, QListWidget { background: @surface; border: 1px solid transparent; outline: none;
  selection-background-color: @soft; selection-color: @text; }
QTableView::item, QTreeView::item, QListView::item { padding: 2px 6px; border: none; }
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected { background: @soft; color: @text; }
QTableView:focus, QTreeView:focus, QListView:focus { border-color: @accent; }
QTreeView::indicator, QListView::indicator, QTableView::indicator { width: 12px; height: 12px; border: 1px solid @dim;
  border-radius: 3px; background: @surface; }
QTreeView::indicator:checked, QListView::indicator:checked, QTableView::indicator:checked { background: @accent;
  border-color: @accent; }
QHeaderView::section { background: @surface; color: @dim; border: none; border-bottom: 1px solid @line; padding: 4px 6px; }
QHeaderView { background: @surface; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @line; border-radius: 4px; min-height: 24px; min-width: 24px; margin: 1px; }
QScrollBar::handle:hover { background: @off; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page { background: none; border: none; width: 0; height: 0; }
QSplitter::handle { background: @line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QDockWidget { color: @text; }
QDockWidget::title { background: @surface; padding: 6px 12px; text-align: left; border-bottom: 1px solid @line; }
QScrollArea { background: @surface; border: none; }
QScrollArea > QWidget > QWidget { background: @surface; }
QScrollArea#notices, QScrollArea#notices > QWidget > QWidget { background: @background; }
QSlider:horizontal { min-height: 22px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: @line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: @accent; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -7px 0; border-radius: 9px; background: @surface; border: 2px solid @accent; }
QSlider:focus { border: none; }
QSlider::handle:horizontal:focus { background: @accent; border-color: @text; }
QToolButton:focus { border-color: @accent; }
QToolButton[role="primary"]:focus { border: 2px solid @text; }
QTabBar:focus { border: 1px solid @accent; border-radius: 4px; }
QWidget#dockTitle { background: @surface; border-bottom: 1px solid @line; }
QStatusBar { background: @surface; border-top: 1px solid @line; color: @dim; }
QStatusBar::item { border: none; }
QToolTip { background: @surface; color: @text; border: 1px solid @line; padding: 4px 6px; }
QCheckBox { color: @text; }
QCheckBox::indicator { width: 12px; height: 12px; border: 1px solid @dim; border-radius: 3px; background: @surface; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; }
QCheckBox:focus { color: @accent; }
QCheckBox::indicator:focus { border: 2px solid @accent; }
*[role="dim"] { color: @dim; }
*[role="bad"] { color: @bad; }
*[role="good"] { color: @wellSaid; }
*[role="warning"] { color: @caution; }
)");
    const std::pair<const char*, QColor> names[] = {
        {"@surface", p.surface},
        {"@background", p.background},
        {"@line", p.line},
        {"@text", p.text},
        {"@dim", p.dim},
        {"@caution", p.severity(observe::Severity::Warning)},
        {"@accent", p.accent},
        {"@soft", p.soft},
        {"@off", p.off},
        {"@bad", p.bad},
        {"@good", p.good},
        {"@wellSaid", p.isDark ? p.good : p.good.darker(125)},
        {"@link", p.isDark ? p.accent : p.accent.darker(112)},
    };
    for (const auto& [name, color] : names) {
        sheet.replace(QLatin1String(name), color.name());
    }
    return sheet;
}

QString interfaceFamily() {
    // Debian's plain X session names no interface font and falls back to one whose figures are wide; prefer what the
    // look was drawn with when it is installed.
    static const QString family = [] {
        const QStringList families = QFontDatabase::families();
        for (const char* wanted : {"Inter", "Noto Sans", "Cantarell", "DejaVu Sans"}) {
            if (families.contains(QLatin1String(wanted))) {
                return QString::fromLatin1(wanted);
            }
        }
        return QApplication::font().family();
    }();
    return family;
}

}  // namespace

QColor Palette::kind(observe::ObjectKind k) const {
    switch (observe::rowOf(k).tone) {
        case observe::Tone::Origin:
            return source;
        case observe::Tone::Log:
            return topic;
        case observe::Tone::Reader:
            return spout;
        case observe::Tone::Step:
            return bolt;
        case observe::Tone::End:
            return sink;
        case observe::Tone::Machine:
            break;
    }
    return host;
}

QColor Palette::state(observe::LifeState s) const {
    using observe::LifeState;
    switch (s) {
        case LifeState::Running:
            return good;
        case LifeState::Starting:
        case LifeState::Paused:
            return warning;
        case LifeState::Crashed:
        case LifeState::PoweredOff:
            return bad;
        case LifeState::Stopped:
        case LifeState::Planned:
            return off;
    }
    return off;
}

QColor Palette::severity(observe::Severity s) const {
    using observe::Severity;
    switch (s) {
        case Severity::Debug:
            return dim;
        case Severity::Info:
        case Severity::Notice:
            return text;
        case Severity::Warning:
            return isDark ? warning : warning.darker(140);  // 4.5 to 1 on white
        case Severity::Error:
            return bad;
    }
    return text;
}

const Palette& theme() {
    return paletteOf(activeTheme);
}

Theme currentTheme() {
    return activeTheme;
}

Theme systemTheme(const QApplication& application) {
    Q_UNUSED(application)
    return QGuiApplication::palette().color(QPalette::Window).lightness() < 128 ? Theme::Dark : Theme::Light;
}

void applyTheme(QApplication& application, Theme wanted) {
    loadImages();
    activeTheme = wanted;
    if (QStyle* fusion = QStyleFactory::create(QStringLiteral("Fusion"))) {
        QApplication::setStyle(fusion);
    }
    QApplication::setPalette(toQtPalette(theme()));
    QApplication::setFont(textFont(TextRole::Body));
    application.setStyleSheet(styleSheet(theme()));
    for (QWidget* widget : QApplication::allWidgets()) {
        widget->update();
    }
}

void setMeaning(QWidget& widget, Meaning meaning) {
    constexpr std::array<const char*, 5> names{"plain", "dim", "good", "warning", "bad"};
    const QString name = QString::fromLatin1(names.at(static_cast<std::size_t>(meaning)));
    if (widget.property("role").toString() != name) {
        widget.setProperty("role", name);
        widget.style()->unpolish(&widget);
        widget.style()->polish(&widget);
    }
}

Meaning meaningOf(observe::LifeState state) {
    using observe::LifeState;
    switch (state) {
        case LifeState::Running:
            return Meaning::Good;
        case LifeState::Starting:
        case LifeState::Paused:
            return Meaning::Warning;
        case LifeState::Crashed:
        case LifeState::PoweredOff:
            return Meaning::Bad;
        case LifeState::Stopped:
        case LifeState::Planned:
            return Meaning::Dim;
    }
    return Meaning::Plain;
}

QColor colourOf(Meaning meaning) {
    constexpr int readable = 125;  // 4.5 to 1 on white
    const Palette& p = theme();
    switch (meaning) {
        case Meaning::Plain:
            return p.text;
        case Meaning::Dim:
            return p.dim;
        case Meaning::Good:
            return p.isDark ? p.good : p.good.darker(readable);
        case Meaning::Warning:
            return p.severity(observe::Severity::Warning);
        case Meaning::Bad:
            return p.bad;
    }
    return p.text;
}

QFont textFont(TextRole role) {
    QFont f(interfaceFamily());
    f.setPixelSize(12);
    switch (role) {
        case TextRole::Body:
            break;
        case TextRole::Caption:
            f.setPixelSize(11);
            break;
        case TextRole::CardTitle:
            f.setPixelSize(13);
            f.setWeight(QFont::DemiBold);
            break;
        case TextRole::Title:
            f.setPixelSize(15);
            f.setWeight(QFont::DemiBold);
            break;
        case TextRole::Strong:
            f.setWeight(QFont::Medium);
            break;
        case TextRole::Clock:
            f = QFontDatabase::systemFont(QFontDatabase::FixedFont);
            f.setPixelSize(16);
            f.setWeight(QFont::DemiBold);
            break;
        case TextRole::Mono:
            f = QFontDatabase::systemFont(QFontDatabase::FixedFont);
            f.setPixelSize(11);
            break;
    }
    return f;
}

}  // namespace millrace::widgets
