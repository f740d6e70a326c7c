#include "app/studio/side_panels.h"

#include <QAction>
#include <QDockWidget>
#include <QLabel>
#include <QLayout>
#include <QMainWindow>
#include <QTabWidget>
#include <QToolBar>

#include "app/studio/explorer_entries.h"
#include "app/studio/parts.h"
#include "app/studio/property_sheets.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/controls/explorer_panel.h"
#include "widgets/controls/sentence_bar.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/inspector/property_editor.h"
#include "widgets/panels/part_palette.h"
#include "widgets/style/icons.h"
#include "widgets/style/palette.h"

namespace millrace::studio {

using widgets::Icon;

SidePanels::SidePanels(QMainWindow& window, ScenarioDocument& document, RunControl& run, Faces& faces,
                       widgets::Selection& selection)
    : QObject(&window), m_window(window), m_document(document), m_run(run), m_faces(faces), m_selection(selection) {
    m_parts = new widgets::PartPalette(parts(), &m_window);
    m_explorer = new widgets::ExplorerPanel(m_selection, &m_window);
    m_left = new QTabWidget(&m_window);
    m_left->setDocumentMode(true);
    m_left->setAccessibleName(tr("Palette and explorer"));
    m_left->addTab(m_parts, tr("Palette"));
    m_left->addTab(m_explorer, tr("Explorer"));
    m_leftDock = makeDock(tr("Parts"), QStringLiteral("palette"), m_left);
    m_window.addDockWidget(Qt::LeftDockWidgetArea, m_leftDock);
    m_leftDock->hide();
    makeRail();

    m_inspector = new widgets::InspectorPanel(m_selection, &m_window);
    m_rightDock = makeDock(tr("Inspector"), QStringLiteral("inspector"), m_inspector);
    m_window.addDockWidget(Qt::RightDockWidgetArea, m_rightDock);
    m_window.resizeDocks({m_leftDock, m_rightDock}, {170, 300}, Qt::Horizontal);
    connect(&m_selection, &widgets::Selection::changed, this, [this] {
        showSheet();
        if (!m_run.isKnown() && !m_selection.current().isEmpty()) {
            m_inspector->showTab(widgets::InspectorPanel::Properties);  // there is no state yet that could be looked at
        }
    });
    connect(&faces.logical(), &widgets::LogicalCanvas::edgeSelected, this,
            [this](const std::optional<widgets::DiagramEdge>& wire) {
                m_wire = wire;
                m_inspector->setEdge(wire);
                showSheet();
            });
    connect(&faces.sentence(), &widgets::SentenceBar::whyRequested, this, &SidePanels::explain);
    connect(&faces.sentence(), &widgets::SentenceBar::whyOfObjectRequested, this, [this](const QString& id) {
        m_selection.select(id);
        showTab(widgets::InspectorPanel::Why);
    });
    connect(m_inspector, &widgets::InspectorPanel::seekRequested, &run.bridge(), &bridge::EngineBridge::seek);
    connect(m_explorer, &widgets::ExplorerPanel::activated, &faces, &Faces::goTo);
    connect(m_left, &QTabWidget::currentChanged, this, [this] { m_explorer->setSnapshot(m_run.snapshot()); });
    connect(&run, &RunControl::told, this, [this](const observe::SnapshotPtr& snapshot) {
        m_inspector->setSnapshot(snapshot);
        m_explorer->setSnapshot(snapshot);
    });
    connect(&document, &ScenarioDocument::fileChanged, this,
            [this] { m_inspector->setScenarioTitle(m_document.title()); });
    connect(&document, &ScenarioDocument::finishing, this, [this] { m_inspector->properties().finishEdit(); });
}

QDockWidget* SidePanels::makeDock(const QString& title, const QString& name, QWidget* content) {
    auto* dock = new QDockWidget(title, &m_window);
    dock->setObjectName(name);
    auto* bar = new QLabel(title, dock);
    bar->setObjectName(QStringLiteral("dockTitle"));
    bar->setFont(widgets::textFont(widgets::TextRole::CardTitle));
    bar->setContentsMargins(14, 7, 8, 7);
    bar->setToolTip(tr("Drag to move it or tear it off; the View menu hides and shows it"));
    dock->setTitleBarWidget(bar);
    dock->setWidget(content);
    return dock;
}

/// Where the palette is folded away, a rail brings it back.
void SidePanels::makeRail() {
    m_rail = new QToolBar(tr("Panels"), &m_window);
    m_rail->setObjectName(QStringLiteral("rail"));
    m_rail->setMovable(false);
    m_rail->setIconSize(QSize(18, 18));
    m_rail->setFixedWidth(44);
    m_window.addToolBar(Qt::LeftToolBarArea, m_rail);
    const auto add = [this](Icon picture, const QString& text, QWidget* panel) {
        QAction* action = m_rail->addAction(widgets::icon(picture), text, this, [this, panel] {
            if (panel->parentWidget() == &m_faces.above()) {
                m_faces.above().setVisible(m_faces.above().isHidden());
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

/// Where a column of parts would take from the wires what makes them readable, parts lie above the drawing.
void SidePanels::place() {
    constexpr int roomForColumn = 1420;
    const bool isFlat = m_isDesigning && m_window.width() < roomForColumn;
    const bool wasFlat = m_parts->parentWidget() == &m_faces.above();
    if (isFlat && !wasFlat) {
        m_left->removeTab(m_left->indexOf(m_parts));
        m_parts->setStrip(true);
        m_faces.above().layout()->addWidget(m_parts);
        m_parts->show();
    } else if (wasFlat && !isFlat) {
        m_parts->setStrip(false);
        m_left->insertTab(0, m_parts, tr("Palette"));
        m_left->setCurrentWidget(m_parts);
    }
    if (isFlat != wasFlat) {
        m_faces.above().setVisible(isFlat);
        m_leftDock->setVisible(m_isDesigning && !isFlat);
        m_rail->setVisible(!m_isDesigning || isFlat);
    }
}

/// Of what is selected: an object, a topology, a planned fault, a wire; or else of the scenario.
void SidePanels::showSheet() {
    const QString id = m_selection.current();
    const scenario::Value& root = m_document.root();
    if (id.isEmpty() && m_wire) {
        m_inspector->setSheet(sheetOfWire(root, *m_wire, m_document.problems()));
        return;
    }
    const SheetSubject subject = subjectOf(root, id);
    m_inspector->setSheet(sheetOf(root, id, m_document.problems()), subject.title, subject.kind);
    if (!subject.title.isEmpty()) {
        m_inspector->showTab(widgets::InspectorPanel::Properties);  // it has settings and nothing else
    }
}

void SidePanels::setDesigning(bool isDesigning) {
    m_isDesigning = isDesigning;
    m_leftDock->setVisible(isDesigning);  // elsewhere nothing is built: its width goes to the wires
    m_rail->setVisible(!isDesigning);
    place();
    if (m_parts->parentWidget() == &m_faces.above()) {
        m_leftDock->hide();
        m_rail->show();
        m_faces.above().show();
    }
    m_rightDock->show();
}

void SidePanels::shareWidth(bool isRoomy) {
    m_window.resizeDocks({m_leftDock, m_rightDock}, {148, isRoomy ? 276 : 244}, Qt::Horizontal);
}

void SidePanels::refresh() {
    showSheet();
    m_explorer->setEntries(explorerEntries(m_document.root()));
}

void SidePanels::showTab(widgets::InspectorPanel::Tab tab) {
    m_rightDock->show();
    m_inspector->showTab(tab);
}

void SidePanels::explain(quint64 journalEntry) {
    m_rightDock->show();
    m_inspector->explain(journalEntry);
}

void SidePanels::showField(const QString& path) {
    m_rightDock->show();
    m_inspector->editProperty(path);
}

void SidePanels::findObject() {
    m_leftDock->show();
    m_left->setCurrentWidget(m_explorer);
    m_explorer->focusSearch();
}

}  // namespace millrace::studio
