#pragma once

#include <QList>
#include <QObject>

#include "app/studio/page_tabs.h"
#include "app/studio/run_control.h"

class QAbstractItemModel;
class QDockWidget;
class QMainWindow;
class QTabWidget;
class QTableView;
class QWidget;

namespace millrace::widgets {
class ChartPanel;
class EventRows;
class JournalFilter;
class JournalModel;
class ProblemsModel;
class TimeDeck;
}  // namespace millrace::widgets

namespace millrace::studio {

/// The time deck, always in view, and below it what happened, its curves, and what is wrong.
class BottomPanel final : public QObject {
    Q_OBJECT

public:
    enum Tab { EventsTab, ChartsTab, ProblemsTab };

    BottomPanel(QMainWindow& window, ScenarioDocument& document, RunControl& run);

    [[nodiscard]] widgets::TimeDeck& deck() { return *m_deck; }
    [[nodiscard]] PageTabs& pages() { return *m_pages; }
    [[nodiscard]] bool hasProblems() const;
    /// Opens a page, "page" or "page/view"; false where the run has nothing of it.
    bool showPage(const QString& place);
    void showTab(Tab tab);
    /// A panel behind the pages, as high as they are; its tab is there while it is offered.
    void addPanel(QWidget& panel, const QString& title);
    void offerPanel(QWidget& panel, bool isOffered);
    void showPanel(QWidget& panel);
    [[nodiscard]] bool isShown(const QWidget& panel) const;
    void toggle();
    void setDesigning(bool isDesigning);
    void shareHeight(int rows);
    /// What keeps the document from running; with it what the engine said against it.
    void showProblems(const std::vector<observe::ProblemView>& ofRun = {});

signals:
    void said(const QString& words);
    void problemChosen(const millrace::observe::ProblemView& problem);
    /// An entry of the journal was chosen, and where it happened.
    void entryChosen(quint64 entry, const QString& object);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makeTabs(QWidget& bottom);
    void connectDeck();
    [[nodiscard]] QTableView* makeEvents();
    [[nodiscard]] QTableView* makeProblems();
    [[nodiscard]] QWidget* makeEventFilter();
    [[nodiscard]] QTableView* makeTable(QAbstractItemModel* model, const QString& name);
    void giveRoom(int tab);
    void showPanel(bool isShown);
    void fit();
    void fitEvents();
    void followEvents();
    void showSnapshot(const observe::SnapshotPtr& snapshot);
    void showInvariants(const observe::RunView& run);
    void countProblems();

    QMainWindow& m_window;
    ScenarioDocument& m_document;
    RunControl& m_run;
    QDockWidget* m_bottomDock = nullptr;
    widgets::TimeDeck* m_deck = nullptr;
    QTabWidget* m_tabs = nullptr;
    PageTabs* m_pages = nullptr;
    widgets::ChartPanel* m_charts = nullptr;
    widgets::JournalModel* m_journal = nullptr;
    widgets::JournalFilter* m_journalFilter = nullptr;
    widgets::ProblemsModel* m_problems = nullptr;
    QTableView* m_events = nullptr;
    widgets::EventRows* m_eventRows = nullptr;
    QList<QWidget*> m_panels;  ///< behind the pages
    int m_panelHeight = 0;     ///< below the deck, before it was hidden
    int m_heightBefore = 0;    ///< of the panel below; 0 while charts and pages have taken nothing
    int m_heightTaken = 0;
    int m_tabBeforeDesign = -1;  ///< below zero while something is not designed
    bool m_followsEvents = true;
    bool m_isViolationSaid = false;
};

}  // namespace millrace::studio
