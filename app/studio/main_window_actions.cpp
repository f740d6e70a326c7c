#include <QActionGroup>
#include <QApplication>
#include <QDockWidget>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenuBar>
#include <QMessageBox>
#include <QPainter>
#include <QSettings>
#include <QTabWidget>
#include <QToolBar>
#include <QToolButton>
#include <algorithm>
#include <array>
#include <functional>

#include "app/studio/explorer_entries.h"
#include "app/studio/file_names.h"
#include "app/studio/main_window.h"
#include "app/studio/parts.h"
#include "app/studio/resource_files.h"
#include "engine/base/plain_file.h"
#include "engine/run/session.h"
#include "engine/scenario/document/reader.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/controls/command_palette.h"
#include "widgets/controls/explorer_panel.h"
#include "widgets/controls/key_overlay.h"
#include "widgets/controls/sentence_bar.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/models/problems_model.h"
#include "widgets/style/format.h"
#include "widgets/style/icons.h"
#include "widgets/style/palette.h"
#include "widgets/timeline/time_deck.h"

// Everything that can be asked of the window: by menu, toolbar, shortcut and command palette.
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

QAction* MainWindow::makeAction(QMenu* menu, const QString& text, const QKeySequence& shortcut,
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

void MainWindow::makeActions() {
    makeFileActions();
    makeEditActions();
    makeViewActions();
    makeRunActions();
    makeFaultActions();
    QMenu* help = menuBar()->addMenu(tr("&Help"));
    makeAction(help, tr("&Key to strips and signs"), QKeySequence(QStringLiteral("?")), [this] {
        m_key->setVisible(!m_key->isVisible());
        m_key->place();
    })->setIcon(widgets::icon(Icon::Key));
    makeAction(help, tr("Find a &command…"), QKeySequence(QStringLiteral("Ctrl+K")), [this] { openCommandPalette(); });
    makeAction(help, tr("&About Millrace"), {}, [this] {
        QMessageBox::about(
            this, tr("Millrace"),
            tr("Millrace %1\n\nBuild a streaming system, run it, break it, and see why it behaved so.\n\n"
               "Free software under the GNU General Public License, version 3 or later.")
                .arg(QApplication::applicationVersion()));
    });
    makeToolBar();
}

/// Each by its title and what it is about, in one line; all of it in the tool-tip.
void MainWindow::fillExamples(QMenu& menu) {
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
        QAction* action = menu.addAction(shown.replace(QLatin1Char('&'), QLatin1String("&&")), this, [this, file] {
            if (mayLeaveRun(tr("Leave")) && maySwitchDocument()) {
                openFile(file);
            }
        });
        action->setToolTip(QStringLiteral("<p>%1</p>").arg(about.toHtmlEscaped()));
        action->setIconText(tr("Example: %1").arg(title));
    }
}

void MainWindow::makeFileActions() {
    QMenu* menu = menuBar()->addMenu(tr("&File"));
    makeAction(menu, tr("&New scenario"), QKeySequence::New, [this] {
        newScenario();
    })->setIcon(widgets::icon(Icon::New));
    makeAction(menu, tr("&Open…"), QKeySequence::Open, [this] {
        const QString folder = QFileInfo(nameForDialog(m_document.file())).path();
        const QString file = QFileDialog::getOpenFileName(this, tr("Open scenario"), folder, tr("Scenarios (*.json)"));
        if (!file.isEmpty() && mayLeaveRun(tr("Leave")) && maySwitchDocument()) {
            openFile(file);
        }
    })->setIcon(widgets::icon(Icon::Open));
    fillExamples(*menu->addMenu(tr("&Examples")));
    menu->addSeparator();
    makeAction(menu, tr("&Save"), QKeySequence::Save, [this] { save(); })->setIcon(widgets::icon(Icon::Save));
    makeAction(menu, tr("Save &as…"), QKeySequence(QStringLiteral("Ctrl+Shift+S")), [this] { saveAs(); });
    menu->addSeparator();
    makeAction(menu, tr("&Quit"), QKeySequence(QStringLiteral("Ctrl+Q")), [this] { close(); });
}

void MainWindow::makeEditActions() {
    QMenu* menu = menuBar()->addMenu(tr("&Edit"));
    QAction* undo = m_document.undoStack().createUndoAction(this, tr("Undo"));
    undo->setShortcut(QKeySequence::Undo);
    undo->setIcon(widgets::icon(Icon::Undo));
    QAction* redo = m_document.undoStack().createRedoAction(this, tr("Redo"));
    redo->setShortcuts({QKeySequence(QStringLiteral("Ctrl+Shift+Z")), QKeySequence(QStringLiteral("Ctrl+Y"))});
    redo->setIcon(widgets::icon(Icon::Redo));
    menu->addAction(undo);
    menu->addAction(redo);
    menu->addSeparator();
    // Delete, F2 and Ctrl+A belong to whatever has the focus; on the canvas they mean cards. std::invoke, here and
    // below: with ->* in a lambda, g++ 12's check of dynamic types reads a pointer that it has not set.
    const auto onCanvas = [this, menu](const QString& text, const QString& key,
                                       void (widgets::LogicalCanvas::*call)()) {
        QAction* action = makeAction(menu, text, QKeySequence(key), [this, call] { std::invoke(call, m_logical); });
        action->setShortcutContext(Qt::WidgetShortcut);
        m_logical->addAction(action);
    };
    const auto withCards = [this, menu](const QString& text, const QString& key, void (MainWindow::*call)()) {
        QAction* action = makeAction(menu, text, QKeySequence(key), [this, call] { (this->*call)(); });
        action->setShortcutContext(Qt::WidgetShortcut);
        m_logical->addAction(action);
    };
    withCards(tr("&Copy"), QStringLiteral("Ctrl+C"), &MainWindow::copyCards);
    withCards(tr("&Paste"), QStringLiteral("Ctrl+V"), &MainWindow::pasteFromClipboard);
    withCards(tr("D&uplicate"), QStringLiteral("Ctrl+D"), &MainWindow::duplicateCards);
    onCanvas(tr("&Delete"), QStringLiteral("Del"), &widgets::LogicalCanvas::removeSelected);
    onCanvas(tr("&Rename"), QStringLiteral("F2"), &widgets::LogicalCanvas::renameSelected);
    onCanvas(tr("Select &all"), QStringLiteral("Ctrl+A"), &widgets::LogicalCanvas::selectAll);
    menu->addSeparator();
    makeAction(menu, tr("&Connect the selected cards"), QKeySequence(QStringLiteral("Ctrl+L")), [this] {
        const QStringList ids = m_selection.ids();
        for (qsizetype i = 0; i + 1 < ids.size(); ++i) {
            emit m_logical->connectRequested(ids[i], ids[i + 1]);
        }
    });
    makeAction(menu, tr("&Arrange all cards"), QKeySequence(QStringLiteral("Ctrl+Shift+L")), [this] { arrange(); });
}

void MainWindow::makeViewActions() {
    QMenu* menu = menuBar()->addMenu(tr("&View"));
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
            if (m_physical->hasFocus()) {
                std::invoke(call, m_physical);
            } else {
                std::invoke(call, m_logical);
            }
        })->setIcon(widgets::icon(picture));
    };
    onBoth(tr("Zoom in"), QStringLiteral("Ctrl++"), Icon::ZoomIn, &widgets::ZoomCanvas::zoomIn);
    onBoth(tr("Zoom out"), QStringLiteral("Ctrl+-"), Icon::ZoomOut, &widgets::ZoomCanvas::zoomOut);
    makeAction(menu, tr("Fit both faces"), QKeySequence(QStringLiteral("Ctrl+0")), [this] {
        m_logical->fit();
        m_physical->fit();
    })->setIcon(widgets::icon(Icon::Fit));
    menu->addSeparator();
    makeAction(menu, tr("Go to an object…"), QKeySequence(QStringLiteral("Ctrl+F")), [this] {
        m_leftDock->show();
        m_left->setCurrentWidget(m_explorer);
        m_explorer->focusSearch();
    })->setIcon(widgets::icon(Icon::Search));
    menu->addAction(m_leftDock->toggleViewAction());
    menu->addAction(m_rightDock->toggleViewAction());
    const auto forTab = [this, menu](const QString& text, const QString& key, BottomTab tab) {
        makeAction(menu, text, QKeySequence(key), [this, tab] { showTab(tab); });
    };
    forTab(tr("Show events"), QStringLiteral("Ctrl+E"), EventsTab);
    forTab(tr("Show charts"), QStringLiteral("Ctrl+G"), ChartsTab);
    forTab(tr("Show problems"), QStringLiteral("Ctrl+P"), ProblemsTab);
    makeAction(menu, tr("Panel below the deck, and back"), QKeySequence(QStringLiteral("Ctrl+J")),
               [this] { showBottomPanel(m_tabs->isHidden()); });
    makeAction(menu, tr("Time deck as one row, and back"), {}, [this] { m_deck->setCompact(!m_deck->isCompact()); });
    const auto showFacts = [this, menu](const QString& text, const QString& key, widgets::InspectorPanel::Tab tab) {
        makeAction(menu, text, QKeySequence(key), [this, tab] {
            m_rightDock->show();
            m_inspector->showTab(tab);
        });
    };
    showFacts(tr("Properties of the selection"), QStringLiteral("Alt+Return"), widgets::InspectorPanel::Properties);
    showFacts(tr("State of the selection"), QStringLiteral("Alt+S"), widgets::InspectorPanel::State);
    showFacts(tr("Metrics of the selection"), QStringLiteral("Alt+M"), widgets::InspectorPanel::Metrics);
    showFacts(tr("Why is it so?"), QStringLiteral("W"), widgets::InspectorPanel::Why);
    makeAction(menu, tr("Back to what was selected before"), QKeySequence(QStringLiteral("Alt+Left")),
               [this] { m_selection.goBack(); });
    makeAction(menu, tr("Forward in what was selected"), QKeySequence(QStringLiteral("Alt+Right")),
               [this] { m_selection.goForward(); });
    menu->addSeparator();
    m_darkAction = makeAction(menu, tr("Dark theme"), QKeySequence(QStringLiteral("Ctrl+Shift+D")), [] {});
    m_darkAction->setIcon(widgets::icon(Icon::Theme));
    m_darkAction->setCheckable(true);
    m_darkAction->setChecked(widgets::currentTheme() == widgets::Theme::Dark);
    connect(m_darkAction, &QAction::toggled, this, &MainWindow::switchTheme);
}

void MainWindow::makeRunActions() {
    QMenu* menu = menuBar()->addMenu(tr("&Run"));
    const widgets::TransportActions& deck = m_deck->actions();
    menu->addActions({deck.play, deck.step, deck.stepBack, deck.fast, deck.express});
    menu->addSeparator();
    menu->addAction(deck.toStart);
    makeAction(menu, tr("Back to now"), QKeySequence(QStringLiteral("Ctrl+End")), [this] { m_bridge.backToNow(); });
    makeAction(menu, tr("Start the run again"), QKeySequence(QStringLiteral("F5")), [this] { restartWhenAsked(); });
    menu->addSeparator();
    const auto scaleSpeed = [this, menu](const QString& text, const QString& key, double factor) {
        makeAction(menu, text, QKeySequence(key), [this, factor] {
            m_deck->setSpeed(std::clamp(m_deck->speed() * factor, 1e-5, 1e3));
            m_bridge.setSpeed(m_deck->speed());
        });
    };
    scaleSpeed(tr("Slower"), QStringLiteral("["), 0.5);
    scaleSpeed(tr("Faster"), QStringLiteral("]"), 2.0);
    menu->addSeparator();
    makeCheckpointMenu(*menu->addMenu(tr("&Memory for going back")));
}

/// How much checkpoints may hold: what a machine of little memory and a run of much history need differs.
void MainWindow::makeCheckpointMenu(QMenu& menu) {
    constexpr std::array<qint64, 5> choices{128, 256, 512, 1024, 2048};  // MiB
    constexpr int shift = 20;
    const QString key = QStringLiteral("run/checkpoint_mib");
    const qint64 standard = run::SessionOptions::memoryBudgetDefault >> shift;
    if (!m_options.checkpointBytes && m_options.keepsSettings) {
        const qint64 kept = QSettings().value(key, standard).toLongLong();
        m_options.checkpointBytes = std::clamp(kept, choices.front(), choices.back()) << shift;
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
                m_options.checkpointBytes = size << shift;
                m_bridge.setCheckpointBytes(*m_options.checkpointBytes);
                if (m_options.keepsSettings) {
                    QSettings().setValue(key, size);
                }
            });
        action->setToolTip(menu.toolTip());
        action->setIconText(tr("Memory for going back: %1").arg(text));
        action->setCheckable(true);
        action->setChecked(size << shift ==
                           m_options.checkpointBytes.value_or(run::SessionOptions::memoryBudgetDefault));
        group->addAction(action);
    }
}

void MainWindow::makeFaultActions() {
    QMenu* menu = menuBar()->addMenu(tr("F&aults"));
    m_tools = new QActionGroup(this);
    m_tools->setExclusionPolicy(QActionGroup::ExclusionPolicy::ExclusiveOptional);
    for (const widgets::FaultTool& tool : widgets::faultTools()) {
        const QString kind = tool.kind;
        QAction* action = makeAction(menu, tool.title, QKeySequence(tool.shortcut), [this, kind] {
            const bool isInHand = m_hand.tool() != nullptr && m_hand.tool()->kind == kind;
            if (isInHand) {
                m_hand.putAway();
            } else {
                m_hand.take(kind);
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
    connect(plans, &QAction::toggled, this, [this](bool isOn) { m_hand.setPlanning(isOn); });
    connect(&m_hand, &widgets::ToolHand::changed, this, [this, plans] {
        for (QAction* action : m_tools->actions()) {
            action->setChecked(m_hand.tool() != nullptr && m_hand.tool()->kind == action->data().toString());
        }
        plans->setChecked(m_hand.isPlanning());
        if (m_hand.tool() != nullptr) {
            m_toolHint = m_hand.isPlanning() ? tr("plan %1. Esc puts the tool away").arg(m_hand.tool()->hint)
                                             : tr("%1. Esc puts the tool away").arg(m_hand.tool()->hint);
            say(m_toolHint);
        } else if (m_sentence->headline() == m_toolHint) {
            m_sentence->unsay();
        }
    });
    makeAction(menu, tr("Keep the faults done by hand in the scenario"), {}, [this] {
        keepFaultsByHand();
    })->setIcon(widgets::icon(Icon::Save));
    menu->addSeparator();
    makeAction(menu, tr("Put the tool away"), QKeySequence(QStringLiteral("Esc")), [this] {
        m_key->hide();
        m_hand.putAway();
    });
    makeAction(menu, tr("Revive the selection"), QKeySequence(QStringLiteral("Alt+R")), [this] {
        if (!m_selection.current().isEmpty()) {
            revive(m_selection.current());
        }
    })->setIcon(widgets::icon(Icon::Revive));
    makeAction(menu, tr("Revive all"), QKeySequence(QStringLiteral("Alt+Shift+R")), [this] {
        reviveAll();
    })->setIcon(widgets::icon(Icon::Revive));
}

void MainWindow::makeToolBar() {
    m_toolBar = addToolBar(tr("Tools"));
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
    connect(m_search, &QToolButton::clicked, this, &MainWindow::openCommandPalette);
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
    m_restartButton = new QToolButton(m_toolBar);
    m_restartButton->setText(tr("Restart to apply (F5)"));
    m_restartButton->setToolTip(
        tr("The run was started from an earlier version of the scenario. Start it again to see the edits."));
    m_restartButton->setIcon(widgets::icon(Icon::Revive));
    m_restartButton->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_restartButton->setProperty("role", QStringLiteral("alert"));
    connect(m_restartButton, &QToolButton::clicked, this, &MainWindow::restartWhenAsked);
    // A widget in a toolbar is shown and hidden through its action.
    QAction* restartAction = m_toolBar->addWidget(m_restartButton);
    restartAction->setVisible(false);
    m_restartAction = restartAction;
    m_runState = new QToolButton(m_toolBar);
    m_runState->setAccessibleName(tr("How the run stands"));
    m_runState->setToolTip(
        tr("How the run stands; invariants are what must be true at every instant of a correct run.\n"
           "Click to see what is wrong, or what each of them says"));
    connect(m_runState, &QToolButton::clicked, this, [this] {
        if (m_problems->rowCount() > 0) {
            showTab(ProblemsTab);
            return;
        }
        m_selection.clear();
        m_rightDock->show();
        m_inspector->showTab(widgets::InspectorPanel::State);
    });
    m_toolBar->addWidget(m_runState);
    setContextMenuPolicy(Qt::NoContextMenu);
}

/// How the run stands, and the way to apply edits, are always seen: where they would not be, tools go without their
/// names.
void MainWindow::fitToolBar() {
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
        if (others + m_faultBar->minimumWidth() <= width()) {
            break;
        }
    }
}

/// Where the palette is folded away, a rail brings it back.
void MainWindow::makeRail() {
    m_rail = new QToolBar(tr("Panels"), this);
    m_rail->setObjectName(QStringLiteral("rail"));
    m_rail->setMovable(false);
    m_rail->setIconSize(QSize(18, 18));
    m_rail->setFixedWidth(44);
    addToolBar(Qt::LeftToolBarArea, m_rail);
    const auto add = [this](Icon picture, const QString& text, QWidget* panel) {
        QAction* action = m_rail->addAction(widgets::icon(picture), text, this, [this, panel] {
            if (panel->parentWidget() == m_partsAbove) {
                m_partsAbove->setVisible(m_partsAbove->isHidden());
                return;
            }
            const bool isShown = m_leftDock->isVisible() && m_left->currentWidget() == panel;
            m_left->setCurrentWidget(panel);
            m_leftDock->setVisible(!isShown);
        });
        action->setToolTip(tr("%1: show or hide it").arg(text));
    };
    add(Icon::New, tr("Parts to build with"), m_parts);
    add(Icon::Search, tr("Explorer of all objects"), m_explorer);
}

QList<QAction*> MainWindow::allActions() const {
    QList<QAction*> actions;
    for (const QAction* menuAction : menuBar()->actions()) {
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

/// What can be done, what can be added, and where one can go.
std::vector<widgets::Command> MainWindow::everyCommand() {
    std::vector<widgets::Command> all = widgets::commandsOf(allActions());
    for (const widgets::Part& part : parts()) {
        all.push_back({tr("Add: %1").arg(part.title), part.group, swatch(part.kind),
                       [this, name = part.name] { addPartInView(name); }});
    }
    for (const widgets::ExplorerEntry& entry : explorerEntries(m_document.root())) {
        if (entry.id.isEmpty()) {
            continue;
        }
        const std::string id = entry.id.toStdString();
        const observe::ObjectKind kind = observe::kindOf(id);
        const bool isComponent = observe::rowOf(kind).isOfJob();
        const QString title =
            kind == observe::ObjectKind::Unknown ? entry.title : widgets::format::text(observe::titleOf(id));
        all.push_back(
            {isComponent ? QStringLiteral("%1 %2").arg(widgets::format::text(observe::toText(kind)), title) : title,
             tr("go to"), swatch(kind), [this, id = entry.id] { goTo(id); }});
    }
    return all;
}

void MainWindow::openCommandPalette() {
    auto* commands = new widgets::CommandPalette(everyCommand(), this);
    commands->show();
}

}  // namespace millrace::studio
