#include "app/studio/window_actions.h"

#include <QActionGroup>
#include <QApplication>
#include <QDockWidget>
#include <QMainWindow>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QPainter>
#include <QSettings>
#include <QStyle>
#include <QToolBar>
#include <QToolButton>
#include <algorithm>
#include <array>
#include <functional>

#include "app/studio/explorer_entries.h"
#include "app/studio/file_names.h"
#include "app/studio/parts.h"
#include "app/studio/resource_files.h"
#include "engine/base/plain_file.h"
#include "engine/run/session.h"
#include "engine/scenario/document/reader.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/controls/command_palette.h"
#include "widgets/controls/key_overlay.h"
#include "widgets/controls/sentence_bar.h"
#include "widgets/models/losses.h"
#include "widgets/pages/page.h"
#include "widgets/style/format.h"
#include "widgets/style/icons.h"
#include "widgets/style/palette.h"
#include "widgets/timeline/time_deck.h"

namespace millrace::studio {

using widgets::Icon;

namespace {

/// The colour by which parts and objects of a kind are known everywhere.
QIcon swatch(observe::ObjectKind kind) {
    QPixmap picture(32, 32);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(widgets::theme().kind(kind));
    painter.drawRoundedRect(QRectF(8, 6, 16, 20), 4, 4);
    return QIcon(picture);
}

}  // namespace

WindowActions::WindowActions(QMainWindow& window, const StudioParts& parts, bool keepsSettings)
    : QObject(&window), m_window(window), m_parts(parts), m_keepsSettings(keepsSettings) {
    makeFileActions();
    makeEditActions();
    makeViewActions();
    makeRunActions();
    makeFaultActions();
    QMenu* help = m_window.menuBar()->addMenu(tr("&Help"));
    makeAction(help, tr("&Key to strips and signs"), QKeySequence(QStringLiteral("?")), [this] {
        m_parts.faces.key().setVisible(!m_parts.faces.key().isVisible());
        m_parts.faces.key().place();
    })->setIcon(widgets::icon(Icon::Key));
    makeAction(help, tr("Find a &command…"), QKeySequence(QStringLiteral("Ctrl+K")), [this] { openCommandPalette(); });
    makeAction(help, tr("&About Millrace"), {}, [this] {
        QMessageBox::about(
            &m_window, tr("Millrace"),
            tr("Millrace %1\n\nBuild a streaming system, run it, break it, and see why it behaved so.\n\n"
               "Free software under the GNU General Public License, version 3 or later.")
                .arg(QApplication::applicationVersion()));
    });
    makeToolBar();
    connect(&parts.run, &RunControl::told, this, &WindowActions::showStale);
    connect(&parts.run, &RunControl::staleChanged, this, &WindowActions::showStale);
    connect(&parts.run, &RunControl::refused, this, &WindowActions::showStale);
    connect(&parts.document, &ScenarioDocument::changed, this, &WindowActions::showStale);
}

QAction* WindowActions::makeAction(QMenu* menu, const QString& text, const QKeySequence& shortcut,
                                   const std::function<void()>& run) {
    auto* action = new QAction(text, this);
    action->setShortcut(shortcut);
    if (!shortcut.isEmpty()) {
        QString plain = text;
        plain.remove(QLatin1Char('&'));
        action->setToolTip(QStringLiteral("%1 (%2)").arg(plain, shortcut.toString(QKeySequence::NativeText)));
    }
    connect(action, &QAction::triggered, this, run);
    if (menu != nullptr) {
        menu->addAction(action);
    }
    return action;
}

/// Each by its title and what it is about, in one line; all of it in the tool-tip.
void WindowActions::fillExamples(QMenu& menu) {
    constexpr int lineMax = 460;
    menu.setToolTipsVisible(true);
    for (const std::filesystem::path& path : shippedFiles()) {
        const auto content = readPlainFile(path, ScenarioDocument::bytesMost);
        if (!content) {
            continue;
        }
        const QString file = fileNameOf(path.native());
        const scenario::Value root = scenario::readDocument(*content).root;
        const auto word = [&root](const char* key) {
            const scenario::Value* value = root.find(key);
            return value == nullptr ? QString() : QString::fromStdString(value->asText());
        };
        const QString title = word("title").isEmpty() ? shownFileName(fileNameOf(path.stem().native())) : word("title");
        const QString about = word("about");
        const QString line =
            menu.fontMetrics().elidedText(about.section(QStringLiteral(". "), 0, 0), Qt::ElideRight, lineMax);
        QString shown = about.isEmpty() ? title : tr("%1 — %2").arg(title, line);
        QAction* action = menu.addAction(shown.replace(QLatin1Char('&'), QLatin1String("&&")), this,
                                         [this, file] { m_parts.files.openWhenAsked(file); });
        action->setToolTip(QStringLiteral("<p>%1</p>").arg(about.toHtmlEscaped()));
        action->setIconText(tr("Example: %1").arg(title));
    }
}

void WindowActions::makeFileActions() {
    QMenu* menu = m_window.menuBar()->addMenu(tr("&File"));
    makeAction(menu, tr("&New scenario"), QKeySequence::New, [this] {
        m_parts.files.startNew();
    })->setIcon(widgets::icon(Icon::New));
    makeAction(menu, tr("&Open…"), QKeySequence::Open, [this] {
        m_parts.files.askAndOpen();
    })->setIcon(widgets::icon(Icon::Open));
    fillExamples(*menu->addMenu(tr("&Examples")));
    menu->addSeparator();
    makeAction(menu, tr("&Save"), QKeySequence::Save, [this] {
        m_parts.files.save();
    })->setIcon(widgets::icon(Icon::Save));
    makeAction(menu, tr("Save &as…"), QKeySequence(QStringLiteral("Ctrl+Shift+S")), [this] { m_parts.files.saveAs(); });
    menu->addSeparator();
    makeAction(menu, tr("&Quit"), QKeySequence(QStringLiteral("Ctrl+Q")), [this] { m_window.close(); });
}

void WindowActions::makeEditActions() {
    QMenu* menu = m_window.menuBar()->addMenu(tr("&Edit"));
    QAction* undo = m_parts.document.undoStack().createUndoAction(this, tr("Undo"));
    undo->setShortcut(QKeySequence::Undo);
    undo->setIcon(widgets::icon(Icon::Undo));
    QAction* redo = m_parts.document.undoStack().createRedoAction(this, tr("Redo"));
    redo->setShortcuts({QKeySequence(QStringLiteral("Ctrl+Shift+Z")), QKeySequence(QStringLiteral("Ctrl+Y"))});
    redo->setIcon(widgets::icon(Icon::Redo));
    menu->addAction(undo);
    menu->addAction(redo);
    menu->addSeparator();
    // Delete, F2 and Ctrl+A belong to whatever has the focus; on the canvas they mean cards. std::invoke, here and
    // below: with ->* in a lambda, g++ 12's check of dynamic types reads a pointer that it has not set.
    const auto onCanvas = [this, menu](const QString& text, const QString& key,
                                       void (widgets::LogicalCanvas::*call)()) {
        QAction* action =
            makeAction(menu, text, QKeySequence(key), [this, call] { std::invoke(call, m_parts.faces.logical()); });
        action->setShortcutContext(Qt::WidgetShortcut);
        m_parts.faces.logical().addAction(action);
    };
    const auto withCards = [this, menu](const QString& text, const QString& key, void (DrawingControl::*call)()) {
        QAction* action =
            makeAction(menu, text, QKeySequence(key), [this, call] { std::invoke(call, m_parts.drawing); });
        action->setShortcutContext(Qt::WidgetShortcut);
        m_parts.faces.logical().addAction(action);
    };
    withCards(tr("&Copy"), QStringLiteral("Ctrl+C"), &DrawingControl::copy);
    withCards(tr("&Paste"), QStringLiteral("Ctrl+V"), &DrawingControl::pasteFromClipboard);
    withCards(tr("D&uplicate"), QStringLiteral("Ctrl+D"), &DrawingControl::duplicate);
    onCanvas(tr("&Delete"), QStringLiteral("Del"), &widgets::LogicalCanvas::removeSelected);
    onCanvas(tr("&Rename"), QStringLiteral("F2"), &widgets::LogicalCanvas::renameSelected);
    onCanvas(tr("Select &all"), QStringLiteral("Ctrl+A"), &widgets::LogicalCanvas::selectAll);
    menu->addSeparator();
    makeAction(menu, tr("&Connect the selected cards"), QKeySequence(QStringLiteral("Ctrl+L")),
               [this] { m_parts.drawing.connectSelected(); });
    makeAction(menu, tr("&Arrange all cards"), QKeySequence(QStringLiteral("Ctrl+Shift+L")),
               [this] { m_parts.drawing.arrange(); });
}

void WindowActions::makeViewActions() {
    QMenu* menu = m_window.menuBar()->addMenu(tr("&View"));
    m_perspectives = new QActionGroup(this);
    const std::pair<QString, QString> perspectives[] = {{QStringLiteral("design"), tr("Design")},
                                                        {QStringLiteral("run"), tr("Run")},
                                                        {QStringLiteral("break"), tr("Break")}};
    int number = 1;
    for (const auto& [name, title] : perspectives) {
        QAction* action = makeAction(menu, title, QKeySequence(QStringLiteral("Ctrl+%1").arg(number++)),
                                     [this, name = name] { setPerspective(name); });
        action->setCheckable(true);
        action->setData(name);
        action->setChecked(name == QLatin1String("run"));
        m_perspectives->addAction(action);
    }
    menu->addSeparator();
    const auto onBoth = [this, menu](const QString& text, const QString& key, Icon picture,
                                     void (widgets::ZoomCanvas::*call)()) {
        makeAction(menu, text, QKeySequence(key), [this, call] {
            if (m_parts.faces.physical().hasFocus()) {
                std::invoke(call, m_parts.faces.physical());
            } else {
                std::invoke(call, m_parts.faces.logical());
            }
        })->setIcon(widgets::icon(picture));
    };
    onBoth(tr("Zoom in"), QStringLiteral("Ctrl++"), Icon::ZoomIn, &widgets::ZoomCanvas::zoomIn);
    onBoth(tr("Zoom out"), QStringLiteral("Ctrl+-"), Icon::ZoomOut, &widgets::ZoomCanvas::zoomOut);
    makeAction(menu, tr("Fit both faces"), QKeySequence(QStringLiteral("Ctrl+0")), [this] {
        m_parts.faces.logical().fit();
        m_parts.faces.physical().fit();
    })->setIcon(widgets::icon(Icon::Fit));
    menu->addSeparator();
    makePanelActions(*menu);
    menu->addSeparator();
    m_darkAction = makeAction(menu, tr("Dark theme"), QKeySequence(QStringLiteral("Ctrl+Shift+D")), [] {});
    m_darkAction->setIcon(widgets::icon(Icon::Theme));
    m_darkAction->setCheckable(true);
    m_darkAction->setChecked(widgets::currentTheme() == widgets::Theme::Dark);
    connect(m_darkAction, &QAction::toggled, this, &WindowActions::switchTheme);
}

void WindowActions::makePanelActions(QMenu& menu) {
    makeAction(&menu, tr("Go to an object…"), QKeySequence(QStringLiteral("Ctrl+F")), [this] {
        m_parts.sides.findObject();
    })->setIcon(widgets::icon(Icon::Search));
    menu.addAction(m_parts.sides.left().toggleViewAction());
    menu.addAction(m_parts.sides.right().toggleViewAction());
    const auto forTab = [this, &menu](const QString& text, const QString& key, BottomPanel::Tab tab) {
        makeAction(&menu, text, QKeySequence(key), [this, tab] { m_parts.bottom.showTab(tab); });
    };
    forTab(tr("Show events"), QStringLiteral("Ctrl+E"), BottomPanel::EventsTab);
    forTab(tr("Show charts"), QStringLiteral("Ctrl+G"), BottomPanel::ChartsTab);
    forTab(tr("Show problems"), QStringLiteral("Ctrl+P"), BottomPanel::ProblemsTab);
    for (const widgets::Page* page : m_parts.bottom.pages().pages()) {
        makeAction(&menu, tr("Show page: %1").arg(page->title()), {},
                   [this, name = page->name()] { m_parts.bottom.showPage(name); });
    }
    makeAction(&menu, tr("Panel below the deck, and back"), QKeySequence(QStringLiteral("Ctrl+J")),
               [this] { m_parts.bottom.toggle(); });
    makeAction(&menu, tr("Time deck as one row, and back"), {},
               [this] { m_parts.bottom.deck().setCompact(!m_parts.bottom.deck().isCompact()); });
    const auto showFacts = [this, &menu](const QString& text, const QString& key, widgets::InspectorPanel::Tab tab) {
        makeAction(&menu, text, QKeySequence(key), [this, tab] { m_parts.sides.showTab(tab); });
    };
    showFacts(tr("Properties of the selection"), QStringLiteral("Alt+Return"), widgets::InspectorPanel::Properties);
    showFacts(tr("State of the selection"), QStringLiteral("Alt+S"), widgets::InspectorPanel::State);
    showFacts(tr("Metrics of the selection"), QStringLiteral("Alt+M"), widgets::InspectorPanel::Metrics);
    showFacts(tr("Why is it so?"), QStringLiteral("W"), widgets::InspectorPanel::Why);
    makeAction(&menu, tr("Back to what was selected before"), QKeySequence(QStringLiteral("Alt+Left")),
               [this] { m_parts.selection.goBack(); });
    makeAction(&menu, tr("Forward in what was selected"), QKeySequence(QStringLiteral("Alt+Right")),
               [this] { m_parts.selection.goForward(); });
}

void WindowActions::makeRunActions() {
    QMenu* menu = m_window.menuBar()->addMenu(tr("&Run"));
    const widgets::TransportActions& deck = m_parts.bottom.deck().actions();
    menu->addActions({deck.play, deck.step, deck.stepBack, deck.fast, deck.express});
    menu->addSeparator();
    menu->addAction(deck.toStart);
    makeAction(menu, tr("Back to now"), QKeySequence(QStringLiteral("Ctrl+End")),
               [this] { m_parts.run.bridge().backToNow(); });
    makeAction(menu, tr("Start the run again"), QKeySequence(QStringLiteral("F5")),
               [this] { m_parts.files.restartWhenAsked(); });
    menu->addSeparator();
    const auto scaleSpeed = [this, menu](const QString& text, const QString& key, double factor) {
        makeAction(menu, text, QKeySequence(key), [this, factor] {
            m_parts.bottom.deck().setSpeed(std::clamp(m_parts.bottom.deck().speed() * factor, 1e-5, 1e3));
            m_parts.run.setSpeed(m_parts.bottom.deck().speed());
        });
    };
    scaleSpeed(tr("Slower"), QStringLiteral("["), 0.5);
    scaleSpeed(tr("Faster"), QStringLiteral("]"), 2.0);
    if (m_parts.comparison != nullptr) {
        menu->addSeparator();
        makeAction(menu, tr("Compare…"), QKeySequence(QStringLiteral("Ctrl+Shift+E")),
                   [this] { m_parts.comparison->show(); })
            ->setToolTip(
                tr("Run the pipelines on each of their engines, or this scenario beside others, and measure them"));
    }
    menu->addSeparator();
    makeCheckpointMenu(*menu->addMenu(tr("&Memory for going back")));
}

/// How much checkpoints may hold: what a machine of little memory and a run of much history need differs.
void WindowActions::makeCheckpointMenu(QMenu& menu) {
    constexpr std::array<qint64, 5> choices{128, 256, 512, 1024, 2048};  // MiB
    constexpr int shift = 20;
    const QString key = QStringLiteral("run/checkpoint_mib");
    const qint64 standard = run::SessionOptions::memoryBudgetDefault >> shift;
    if (!m_parts.run.checkpointBytes() && m_keepsSettings) {
        const qint64 kept = QSettings().value(key, standard).toLongLong();
        m_parts.run.setCheckpointBytes(std::clamp(kept, choices.front(), choices.back()) << shift);
    }
    menu.setToolTipsVisible(true);
    menu.setToolTip(
        tr("What checkpoints of the past may hold beside the present. With less, fewer of them stay, and going back to "
           "an instant far from one takes longer"));
    auto* group = new QActionGroup(this);
    for (const qint64 size : choices) {
        const QString text = size < 1024 ? tr("%1 MiB").arg(size) : tr("%1 GiB").arg(size / 1024);
        QAction* action =
            menu.addAction(size == standard ? tr("%1 (default)").arg(text) : text, this, [this, size, key] {
                m_parts.run.setCheckpointBytes(size << shift);
                if (m_keepsSettings) {
                    QSettings().setValue(key, size);
                }
            });
        action->setToolTip(menu.toolTip());
        action->setIconText(tr("Memory for going back: %1").arg(text));
        action->setCheckable(true);
        action->setChecked(size << shift ==
                           m_parts.run.checkpointBytes().value_or(run::SessionOptions::memoryBudgetDefault));
        group->addAction(action);
    }
}

void WindowActions::makeFaultActions() {
    QMenu* menu = m_window.menuBar()->addMenu(tr("F&aults"));
    m_tools = new QActionGroup(this);
    m_tools->setExclusionPolicy(QActionGroup::ExclusionPolicy::ExclusiveOptional);
    for (const widgets::FaultTool& tool : widgets::faultTools()) {
        const QString kind = tool.kind;
        QAction* action = makeAction(menu, tool.title, QKeySequence(tool.shortcut), [this, kind] {
            const bool isInHand = m_parts.hand.tool() != nullptr && m_parts.hand.tool()->kind == kind;
            if (isInHand) {
                m_parts.hand.putAway();
            } else {
                m_parts.hand.take(kind);
            }
        });
        action->setIcon(widgets::icon(tool.icon));
        action->setToolTip(QStringLiteral("%1 (%2)\n%3").arg(tool.title, tool.shortcut, tool.hint));
        action->setData(kind);
        action->setCheckable(true);
        m_tools->addAction(action);
    }
    menu->addSeparator();
    QAction* plans = makeAction(menu, tr("Plan instead of now"), QKeySequence(QStringLiteral("Alt+P")), [] {});
    plans->setCheckable(true);
    plans->setToolTip(
        tr("While this is on, a click with a fault tool plans the fault 5 s ahead for 15 s, as a bar on the "
           "time strip that can be dragged (Alt+P). Alt and a click do the same once"));
    m_planAction = plans;
    connect(plans, &QAction::toggled, this, [this](bool isOn) { m_parts.hand.setPlanning(isOn); });
    connect(&m_parts.hand, &widgets::ToolHand::changed, this, [this, plans] {
        for (QAction* action : m_tools->actions()) {
            action->setChecked(m_parts.hand.tool() != nullptr &&
                               m_parts.hand.tool()->kind == action->data().toString());
        }
        plans->setChecked(m_parts.hand.isPlanning());
        if (m_parts.hand.tool() != nullptr) {
            m_toolHint = m_parts.hand.isPlanning()
                             ? tr("plan %1. Esc puts the tool away").arg(m_parts.hand.tool()->hint)
                             : tr("%1. Esc puts the tool away").arg(m_parts.hand.tool()->hint);
            m_parts.faces.say(m_toolHint);
        } else if (m_parts.faces.sentence().headline() == m_toolHint) {
            m_parts.faces.sentence().unsay();
        }
    });
    makeAction(menu, tr("Keep the faults done by hand in the scenario"), {}, [this] {
        m_parts.faults.keepByHand();
    })->setIcon(widgets::icon(Icon::Save));
    menu->addSeparator();
    makeAction(menu, tr("Put the tool away"), QKeySequence(QStringLiteral("Esc")), [this] {
        m_parts.faces.key().hide();
        m_parts.hand.putAway();
    });
    makeAction(menu, tr("Revive the selection"), QKeySequence(QStringLiteral("Alt+R")), [this] {
        if (!m_parts.selection.current().isEmpty()) {
            m_parts.faults.revive(m_parts.selection.current());
        }
    })->setIcon(widgets::icon(Icon::Revive));
    makeAction(menu, tr("Mend the reader of the selected pipeline, and read its dead letters again"), {}, [this] {
        m_parts.faults.mendReader(m_parts.selection.current());
    })->setIcon(widgets::icon(Icon::Revive));
    makeAction(menu, tr("Revive all"), QKeySequence(QStringLiteral("Alt+Shift+R")), [this] {
        m_parts.faults.reviveAll();
    })->setIcon(widgets::icon(Icon::Revive));
}

void WindowActions::makeToolBar() {
    m_toolBar = m_window.addToolBar(tr("Tools"));
    m_toolBar->setObjectName(QStringLiteral("tools"));
    m_toolBar->setMovable(false);
    m_toolBar->setIconSize(QSize(16, 16));
    m_toolBar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_toolBar->addActions(m_perspectives->actions());
    m_toolBar->addSeparator();
    m_search = new QToolButton(m_toolBar);
    m_search->setText(tr("Find   Ctrl+K"));
    m_search->setToolTip(tr("Find a command by its words"));
    m_search->setIcon(widgets::icon(Icon::Search));
    m_search->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    connect(m_search, &QToolButton::clicked, this, &WindowActions::openCommandPalette);
    m_toolBar->addWidget(m_search);
    m_toolBar->addSeparator();
    // Shown and hidden as a whole, while their keys go on working.
    m_faultBar = new QToolBar(tr("Faults"), m_toolBar);
    m_faultBar->setIconSize(m_toolBar->iconSize());
    m_faultBar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_faultBar->addActions(m_tools->actions());
    m_planAction->setIconText(tr("Plan"));
    m_planAction->setIcon(widgets::icon(Icon::Clock));
    m_faultBar->addAction(m_planAction);
    m_faultBar->setMinimumWidth(m_faultBar->sizeHint().width());
    m_faultTools = m_toolBar->addWidget(m_faultBar);
    auto* spacer = new QWidget(m_toolBar);
    spacer->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    m_toolBar->addWidget(spacer);
    makeRunState();
    m_window.setContextMenuPolicy(Qt::NoContextMenu);
}

void WindowActions::makeRunState() {
    auto* restart = new QToolButton(m_toolBar);
    restart->setText(tr("Restart to apply (F5)"));
    restart->setToolTip(
        tr("The run was started from an earlier version of the scenario. Start it again to see the edits."));
    restart->setIcon(widgets::icon(Icon::Revive));
    restart->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    restart->setProperty("role", QStringLiteral("alert"));
    connect(restart, &QToolButton::clicked, &m_parts.files, &FileControl::restartWhenAsked);
    // A widget in a toolbar is shown and hidden through its action.
    m_restartAction = m_toolBar->addWidget(restart);
    m_restartAction->setVisible(false);
    m_runState = new QToolButton(m_toolBar);
    m_runState->setAccessibleName(tr("How the run stands"));
    m_runState->setToolTip(
        tr("How the run stands; invariants are what must be true at every instant of a correct run.\n"
           "Click to see what is wrong, or what each of them says"));
    connect(m_runState, &QToolButton::clicked, this, [this] {
        if (m_parts.bottom.hasProblems()) {
            m_parts.bottom.showTab(BottomPanel::ProblemsTab);
            return;
        }
        m_parts.selection.clear();
        m_parts.sides.showTab(widgets::InspectorPanel::State);
    });
    m_toolBar->addWidget(m_runState);
}

void WindowActions::fitToolBar() {
    if (m_faultBar == nullptr) {
        return;  // the window is being built
    }
    // The shortcut of the search goes before the names of tools do.
    struct Fit {
        Qt::ToolButtonStyle style;
        QString search;
        bool isDense;
    };
    const std::vector<Fit> fits{{Qt::ToolButtonTextBesideIcon, tr("Find   Ctrl+K"), false},
                                {Qt::ToolButtonTextBesideIcon, tr("Find"), false},
                                {Qt::ToolButtonTextBesideIcon, tr("Find"), true},
                                {Qt::ToolButtonIconOnly, tr("Find   Ctrl+K"), false}};
    for (const Fit& fit : fits) {
        m_search->setText(fit.search);
        if (m_faultBar->property("dense").toBool() != fit.isDense) {
            m_faultBar->setProperty("dense", fit.isDense);
            const auto buttons = m_faultBar->findChildren<QToolButton*>();
            for (QToolButton* button : buttons) {
                button->style()->polish(button);
            }
        }
        m_faultBar->setToolButtonStyle(fit.style);
        m_faultBar->layout()->invalidate();
        m_toolBar->layout()->invalidate();
        const int others = m_toolBar->sizeHint().width() - m_faultBar->minimumWidth();
        m_faultBar->setMinimumWidth(m_faultBar->sizeHint().width());
        if (others + m_faultBar->minimumWidth() <= m_window.width()) {
            break;
        }
    }
}

void WindowActions::showStale() {
    const auto shown = [this] { return std::pair(m_restartAction->isVisible(), m_runState->text()); };
    const auto before = shown();
    m_restartAction->setVisible(m_parts.run.isStale());
    showRunState();
    if (shown() != before) {
        fitToolBar();
    }
}

void WindowActions::showRunState() {
    using widgets::Meaning;
    if (!m_parts.run.snapshot()) {
        const bool isWrong = m_parts.document.hasErrors();
        m_runState->setText(isWrong                 ? tr("not ready: see Problems")
                            : m_parts.run.isKnown() ? tr("starts…")
                                                    : tr("ready: Space plays it"));
        widgets::setMeaning(*m_runState, isWrong ? Meaning::Warning : Meaning::Dim);
        m_parts.bottom.deck().strip().setInvitation(
            isWrong ? tr("This cannot run yet: Problems says what is to be mended") : QString());
        return;
    }
    const auto& invariants = m_parts.run.snapshot()->run.invariants;
    const auto total = static_cast<qsizetype>(invariants.size());
    const auto broken =
        std::count_if(invariants.begin(), invariants.end(), [](const auto& each) { return !each.holds; });
    if (total == 0) {
        m_runState->setText(widgets::format::text(observe::toText(m_parts.run.snapshot()->run.mode)));
    } else {
        m_runState->setText(broken == 0 ? tr("● invariants hold (%1)").arg(total)
                                        : tr("✕ %1 of %2 invariants broken").arg(broken).arg(total));
    }
    Meaning meaning = broken > 0 ? Meaning::Bad : total > 0 ? Meaning::Good : Meaning::Dim;
    if (const QString lacks = widgets::briefOfShortcomings(m_parts.run.snapshot()->run);
        !lacks.isEmpty() && broken == 0) {
        m_runState->setText(tr("▲ %1").arg(lacks));  // the rules hold, and there is something to know all the same
        meaning = Meaning::Warning;
    }
    widgets::setMeaning(*m_runState, meaning);
}

QList<QAction*> WindowActions::all() const {
    QList<QAction*> actions;
    for (const QAction* menuAction : m_window.menuBar()->actions()) {
        for (QAction* action : menuAction->menu()->actions()) {
            if (action->menu() == nullptr && !action->isSeparator()) {
                actions.append(action);
            } else if (action->menu() != nullptr) {
                actions.append(action->menu()->actions());
            }
        }
    }
    return actions;
}

std::vector<widgets::Command> WindowActions::everyCommand() {
    std::vector<widgets::Command> commands = widgets::commandsOf(all());
    for (const widgets::Part& part : parts()) {
        commands.push_back({tr("Add: %1").arg(part.title), part.group, swatch(part.kind),
                            [this, name = part.name] { m_parts.drawing.addInView(name); }});
    }
    for (const widgets::ExplorerEntry& entry : explorerEntries(m_parts.document.root())) {
        if (entry.id.isEmpty()) {
            continue;
        }
        const std::string id = entry.id.toStdString();
        const observe::ObjectKind kind = observe::kindOf(id);
        const bool isComponent = observe::rowOf(kind).isOfJob();
        const QString title =
            kind == observe::ObjectKind::Unknown ? entry.title : widgets::format::text(observe::titleOf(id));
        commands.push_back(
            {isComponent ? QStringLiteral("%1 %2").arg(widgets::format::text(observe::toText(kind)), title) : title,
             tr("go to"), swatch(kind), [this, id = entry.id] { m_parts.faces.goTo(id); }});
    }
    return commands;
}

void WindowActions::openCommandPalette() {
    auto* commands = new widgets::CommandPalette(everyCommand(), &m_window);
    commands->show();
}

void WindowActions::setPerspective(const QString& name) {
    const bool isDesign = name == QLatin1String("design");
    const bool isBreak = name == QLatin1String("break");
    m_parts.sides.setDesigning(isDesign);
    m_parts.bottom.setDesigning(isDesign);
    m_parts.bottom.deck().setCompact(!isBreak || m_window.height() < Faces::heightForBoth);  // lanes are for faults
    m_faultTools->setVisible(!isDesign);  // nothing runs yet that could be broken
    if (isDesign || isBreak) {
        m_parts.faces.showFace(isBreak ? Faces::PhysicalFace : Faces::LogicalFace);
    }
    m_parts.faces.split(isBreak ? 30 : 45);
    m_parts.sides.inspector().showTab(isDesign  ? widgets::InspectorPanel::Properties
                                      : isBreak ? widgets::InspectorPanel::Why
                                                : widgets::InspectorPanel::State);
}

/// An empty drawing is drawn on.
void WindowActions::design() {
    for (QAction* perspective : m_perspectives->actions()) {
        if (perspective->data() == QLatin1String("design") && !perspective->isChecked()) {
            perspective->trigger();
        }
    }
}

void WindowActions::followTheme() {
    m_darkAction->setChecked(widgets::currentTheme() == widgets::Theme::Dark);
}

void WindowActions::switchTheme(bool dark) {
    widgets::applyTheme(*qApp, dark ? widgets::Theme::Dark : widgets::Theme::Light);
    if (m_keepsSettings) {
        QSettings().setValue(QStringLiteral("window/theme"), dark ? QStringLiteral("dark") : QStringLiteral("light"));
    }
}

}  // namespace millrace::studio
