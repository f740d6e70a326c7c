#pragma once

#include <QObject>
#include <vector>

#include "app/studio/run_control.h"

class QTabWidget;

namespace millrace::widgets {
class Page;
}

namespace millrace::studio {

/// The pages of systems among the tabs below the deck: each is there while the run has something of its own, is fed
/// while it is seen, and only then described.
class PageTabs final : public QObject {
    Q_OBJECT

public:
    PageTabs(QTabWidget& tabs, RunControl& run, QObject* parent);

    [[nodiscard]] const std::vector<widgets::Page*>& pages() const { return m_pages; }
    /// Whether that tab is a page.
    [[nodiscard]] bool isPage(int tab) const;
    /// The tab of the page with that name; -1 where there is none, or the run has nothing of it.
    [[nodiscard]] int tabOf(const QString& name) const;
    /// "page" or "page/view"; false where there is no such page in this run.
    bool show(const QString& place);
    /// The object was chosen elsewhere: the page of its kind shows it.
    void choose(const QString& object);
    /// The panel was shown or hidden.
    void refresh();

signals:
    void objectChosen(const QString& object);

private:
    void add(widgets::Page* page);
    void showSnapshot(const observe::SnapshotPtr& snapshot);
    void ask();
    [[nodiscard]] widgets::Page* open() const;

    QTabWidget& m_tabs;
    RunControl& m_run;
    std::vector<widgets::Page*> m_pages;
    std::vector<widgets::Page*> m_known;  ///< of which this run has something
    observe::SnapshotPtr m_snapshot;
    observe::PageRequest m_asked;
};

}  // namespace millrace::studio
