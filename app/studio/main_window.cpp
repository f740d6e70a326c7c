#include "app/studio/main_window.h"

#include <QAction>
#include <QCloseEvent>
#include <QDockWidget>
#include <QKeyEvent>
#include <QScreen>
#include <QSettings>
#include <QTimer>
#include <algorithm>
#include <iterator>
#include <utility>

#include "app/studio/file_names.h"
#include "app/studio/notice_control.h"
#include "app/studio/property_sheets.h"
#include "app/studio/screen_fit.h"
#include "engine/scenario/document/edit.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/controls/command_palette.h"
#include "widgets/controls/key_overlay.h"
#include "widgets/controls/sentence_bar.h"
#include "widgets/panels/part_palette.h"
#include "widgets/style/format.h"
#include "widgets/timeline/time_deck.h"

namespace millrace::studio {

using widgets::format::text;

MainWindow::MainWindow(bridge::SessionMaker sessions, StudioOptions options, QWidget* parent)
    : QMainWindow(parent), m_options(std::move(options)) {
    setAccessibleName(tr("Millrace"));
    setDockOptions(AnimatedDocks | AllowTabbedDocks);
    setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
    setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
    m_run = new RunControl(m_document, std::move(sessions), this);
    m_run->setCheckpointBytes(m_options.checkpointBytes);
    if (m_options.endsWithProcess) {
        m_run->bridge().endWithProcess();
    }
    m_faces = new Faces(m_document, *m_run, m_selection, m_hand, this);
    setCentralWidget(m_faces);
    m_sides = new SidePanels(*this, m_document, *m_run, *m_faces, m_selection);
    m_bottom = new BottomPanel(*this, m_document, *m_run);
    m_faults = new FaultControl(m_document, *m_run, m_selection, this);
    m_drawing = new DrawingControl(m_document, *m_run, *m_faults, m_selection, this);
    m_files = new FileControl(m_document, *m_run, *m_faults, *this);
    m_files->setPlaysOnOpen(m_options.playOnOpen);
    m_notices = new NoticeControl(m_document, *m_run, *m_files, m_faces->notices(), *this);
    if (!m_options.recoveryFolder.isEmpty()) {
        m_notices->watchRecovery(m_options.recoveryFolder);
    }
    if (m_options.comparer) {
        m_comparison = new ComparisonControl(m_document, *m_bottom, m_options.comparer, *this);
        connect(m_comparison, &ComparisonControl::said, this, [this](const QString& words) { m_faces->say(words); });
    }
    m_actions = new WindowActions(*this,
                                  {m_document, m_selection, m_hand, *m_run, *m_faces, *m_sides, *m_bottom, *m_faults,
                                   *m_drawing, *m_files, m_comparison},
                                  m_options.keepsSettings);
    m_drawing->serve(m_faces->logical(), m_faces->physical(), m_sides->inspector());
    m_faults->serve(m_faces->logical(), m_faces->physical(), m_bottom->deck());
    connectParts();
    connectRun();
    showDocument();
    showTitle();
    resize(1440, 900);
}

/// Who listens goes before what is listened to: widgets that close still tell of what they lose.
MainWindow::~MainWindow() {
    for (QObject* part : std::initializer_list<QObject*>{m_actions, m_comparison, m_notices, m_files, m_drawing,
                                                         m_faults, m_bottom, m_sides, m_faces, m_run}) {
        delete part;
    }
}

void MainWindow::connectParts() {
    const auto say = [this](const QString& words) { m_faces->say(words); };
    connect(m_bottom, &BottomPanel::said, this, say);
    connect(m_faults, &FaultControl::said, this, say);
    connect(m_drawing, &DrawingControl::said, this, say);
    connect(m_drawing, &DrawingControl::unsaid, this, [this](const QString& words) { m_faces->unsay(words); });
    connect(m_files, &FileControl::said, this, say);
    connect(m_notices, &NoticeControl::said, this, say);
    connect(m_bottom, &BottomPanel::problemChosen, this, &MainWindow::goToProblem);
    connect(&m_bottom->pages(), &PageTabs::objectChosen, this,
            [this](const QString& object) { m_faces->goTo(object); });
    connect(&m_selection, &widgets::Selection::changed, this,
            [this] { m_bottom->pages().choose(m_selection.current()); });
    connect(m_notices, &NoticeControl::problemChosen, this, &MainWindow::goToProblem);
    connect(m_bottom, &BottomPanel::entryChosen, this, [this](quint64 entry, const QString& object) {
        m_selection.select(object);
        m_sides->inspector().explain(entry);
    });
    connect(&m_sides->palette(), &widgets::PartPalette::partChosen, m_drawing, &DrawingControl::addInView);
    connect(m_files, &FileControl::begun, this, [this] {
        m_selection.clear();
        m_faces->logical().fit();
    });
    connect(m_files, &FileControl::startedNew, m_actions, &WindowActions::design);
    connect(&m_document, &ScenarioDocument::changed, this, &MainWindow::showDocument);
    connect(&m_document, &ScenarioDocument::fileChanged, this, &MainWindow::showTitle);
}

void MainWindow::connectRun() {
    connect(&m_faces->key(), &widgets::KeyOverlay::closed, this, [this] {
        if (std::exchange(m_playsAfterKey, false)) {
            m_run->playOrStart();
        }
    });
    connect(&m_bottom->deck(), &widgets::TimeDeck::playRequested, this, &MainWindow::playOrStart);
    connect(m_run, &RunControl::cannotStart, this, [this] {
        const auto& problems = m_document.problems();
        const auto first = std::find_if(problems.begin(), problems.end(), [](const observe::ProblemView& problem) {
            return problem.severity >= observe::Severity::Error;
        });
        m_faces->say(tr("This cannot run yet: %1").arg(text(first->text)));
    });
    connect(m_run, &RunControl::refused, this, [this](const std::vector<observe::ProblemView>& problems) {
        m_bottom->showProblems(problems);
        const auto first = std::find_if(problems.begin(), problems.end(), [](const observe::ProblemView& problem) {
            return problem.severity >= observe::Severity::Error;
        });
        m_faces->say(first == problems.end() ? tr("The run could not start") : text(first->text));
    });
    connect(m_run, &RunControl::opened, this, [this](const std::vector<observe::ProblemView>& problems, bool play) {
        if (!problems.empty() && problems.back().field == "run.open_at") {
            // It is known only once the run stands there.
            m_faces->say(widgets::format::capitalised(text(problems.back().text)));
        }
        m_playsAfterKey = play && m_faces->key().isVisible();  // nothing is missed while the key is read
        if (play && !m_playsAfterKey) {
            m_run->bridge().play();
        }
    });
    connect(m_run, &RunControl::staleChanged, this, [this](bool isStale) {
        const QString edited = tr("Edited: the run goes on as it was started. Restart to apply it (F5)");
        if (isStale) {
            m_faces->say(edited);
        } else {
            m_faces->unsay(edited);
        }
    });
}

void MainWindow::playOrStart() {
    m_playsAfterKey = false;
    m_faces->key().hide();
    m_run->playOrStart();
}

std::vector<widgets::Command> MainWindow::everyCommand() {
    return m_actions->everyCommand();
}

void MainWindow::offerRecovery() {
    m_notices->offerRecovery();
}

void MainWindow::showInternalError(const QString& what, const QString& bundle) {
    m_notices->showInternalError(what, bundle);
}

void MainWindow::showDocument() {
    constexpr int usualShare = 45;
    widgets::LogicalCanvas& logical = m_faces->logical();
    const bool isAnother = m_drawing->show();
    if (isAnother && m_faces->physical().isVisible() && logical.wantedHeight() > logical.height()) {
        m_faces->split(usualShare);
    }
    m_sides->refresh();
    m_bottom->showProblems();
    m_faces->showPlan();
}

void MainWindow::showTitle() {
    setWindowTitle(tr("%1[*] — Millrace").arg(m_document.title()));
    setWindowModified(m_document.isModified());
    setWindowFilePath(shownFileName(m_document.file()));
}

void MainWindow::goToProblem(const observe::ProblemView& problem) {
    const auto steps = scenario::Path::parse(problem.field, m_document.root()).steps();
    m_faces->goTo(problem.object.empty() ? sheetAt(steps) : text(problem.object));
    m_sides->showField(text(problem.field));
}

/// On a small screen the faces need what the panels can spare.
void MainWindow::shareRoom() {
    constexpr QSize roomy(1400, 900);
    constexpr int wide = 1600;
    if (width() < wide) {
        m_sides->shareWidth(width() >= roomy.width());
    }
    // Six rows of events on an ordinary screen, and a share of a large one.
    const int rows = height() < roomy.height() ? 130 : std::max(168, height() / 5);
    m_bottom->shareHeight(rows);
    if (height() < roomy.height()) {
        m_faces->split(50);
    }
}

/// A window as large as the screen reaches beyond it by its frame, which is known once the system has drawn it.
void MainWindow::fitToScreen() {
    const QScreen* at = screen();
    if (at == nullptr || isMaximized() || isFullScreen()) {
        return;
    }
    const QRect wanted = fitted(geometry(), frameGeometry(), at->availableGeometry(), minimumSize());
    if (wanted.size() != size()) {
        resize(wanted.size());
    }
    if (wanted.topLeft() != pos()) {
        move(wanted.topLeft());
    }
}

void MainWindow::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    if (std::exchange(m_wasShown, true)) {
        return;
    }
    shareRoom();
    m_faces->logical().setFocus();
    if (!m_options.keepsSettings) {
        return;
    }
    for (const int soon : {150, 700, 2500}) {
        QTimer::singleShot(soon, this, &MainWindow::fitToScreen);  // a busy system draws its frame late
    }
    QSettings settings;
    m_bottom->deck().setCompact(settings.value(QStringLiteral("window/compact_deck"), true).toBool());
    restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
    restoreState(settings.value(QStringLiteral("window/state")).toByteArray());
    if (!settings.value(QStringLiteral("window/key_seen")).toBool()) {
        m_faces->key().show();
        m_faces->key().place();
        settings.setValue(QStringLiteral("window/key_seen"), true);
    }
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    if (m_actions != nullptr) {  // or the window is being built
        m_sides->place();
        m_faces->share();
        m_actions->fitToolBar();
    }
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!m_files->mayLeaveRun(tr("Quit")) || !m_files->maySwitchDocument()) {
        event->ignore();
        return;
    }
    if (m_options.keepsSettings) {
        QSettings settings;
        settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
        settings.setValue(QStringLiteral("window/state"), saveState());
        settings.setValue(QStringLiteral("window/compact_deck"), m_bottom->deck().isCompact());
    }
    event->accept();
}

bool MainWindow::showPage(const QString& place) {
    static constexpr std::pair<QLatin1String, Faces::Face> faces[] = {{QLatin1String("logical"), Faces::LogicalFace},
                                                                      {QLatin1String("physical"), Faces::PhysicalFace}};
    const auto* face =
        std::find_if(std::begin(faces), std::end(faces), [&](const auto& each) { return each.first == place; });
    if (m_comparison != nullptr && place.section(QLatin1Char('/'), 0, 0) == QLatin1String("compare")) {
        return m_comparison->show(place.section(QLatin1Char('/'), 1, 1));
    }
    if (face == std::end(faces)) {
        return m_bottom->showPage(place);
    }
    m_faces->showFace(face->second);
    return true;
}

void MainWindow::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) {
        m_faces->key().hide();
        m_hand.putAway();
        return;
    }
    QMainWindow::keyPressEvent(event);
}

bool MainWindow::event(QEvent* event) {
    if (event->type() == QEvent::ApplicationPaletteChange && m_actions != nullptr) {
        m_actions->followTheme();
    }
    return QMainWindow::event(event);
}

}  // namespace millrace::studio
