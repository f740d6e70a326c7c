#include "app/studio/page_tabs.h"

#include <QTabWidget>
#include <algorithm>

#include "widgets/hadoop/dfs_panel.h"
#include "widgets/hadoop/jobs_panel.h"
#include "widgets/ingest/board_panel.h"
#include "widgets/ingest/data_panel.h"
#include "widgets/ingest/records_panel.h"
#include "widgets/pages/page.h"
#include "widgets/spark/streaming_panel.h"

namespace millrace::studio {

PageTabs::PageTabs(QTabWidget& tabs, RunControl& run, QObject* parent) : QObject(parent), m_tabs(tabs), m_run(run) {
    add(new widgets::StreamingPanel(&tabs));
    add(new widgets::JobsPanel(&tabs));
    add(new widgets::DfsPanel(&tabs));
    add(new widgets::BoardPanel(&tabs));
    add(new widgets::DataPanel(&tabs));
    add(new widgets::RecordsPanel(&tabs));
    connect(&tabs, &QTabWidget::currentChanged, this, [this] {
        ask();
        refresh();
    });
    connect(&run, &RunControl::told, this, &PageTabs::showSnapshot);
}

void PageTabs::add(widgets::Page* page) {
    m_pages.push_back(page);
    m_tabs.setTabVisible(m_tabs.addTab(page, page->title()), false);
    connect(page, &widgets::Page::requestChanged, this, &PageTabs::ask);
    connect(page, &widgets::Page::objectChosen, this, &PageTabs::objectChosen);
    connect(page, &widgets::Page::seekRequested, &m_run.bridge(), &bridge::EngineBridge::seek);
}

bool PageTabs::isPage(int tab) const {
    return std::any_of(m_pages.begin(), m_pages.end(), [&](auto* page) { return m_tabs.indexOf(page) == tab; });
}

int PageTabs::tabOf(const QString& name) const {
    const auto found = std::find_if(m_pages.begin(), m_pages.end(), [&](auto* page) { return page->name() == name; });
    const int tab = found == m_pages.end() ? -1 : m_tabs.indexOf(*found);
    return tab >= 0 && m_tabs.isTabVisible(tab) ? tab : -1;
}

bool PageTabs::show(const QString& place) {
    const int tab = tabOf(place.section(QLatin1Char('/'), 0, 0));
    if (tab < 0) {
        return false;
    }
    m_tabs.setCurrentIndex(tab);
    refresh();  // it may have been the one that was open, behind a panel that was hidden
    const QString view = place.section(QLatin1Char('/'), 1, 1);
    widgets::Page* page = open();
    if (!view.isEmpty() && page != nullptr) {
        page->showView(view);
        return page->views().contains(view);
    }
    return true;
}

widgets::Page* PageTabs::open() const {
    const auto found =
        std::find_if(m_pages.begin(), m_pages.end(), [&](auto* page) { return m_tabs.currentWidget() == page; });
    return found == m_pages.end() ? nullptr : *found;
}

/// Where nothing has been described yet, the page begins with what everybody is shown and says what it wants of it.
void PageTabs::ask() {
    widgets::Page* page = m_tabs.isHidden() ? nullptr : open();
    const observe::PageRequest wanted = page != nullptr ? page->request() : observe::PageRequest{};
    if (!(wanted == m_asked)) {
        m_asked = wanted;
        m_run.bridge().look(wanted);
    }
}

void PageTabs::refresh() {
    widgets::Page* page = m_tabs.isHidden() ? nullptr : open();
    if (page != nullptr) {
        page->setSnapshot(m_snapshot);
    }
    ask();
}

void PageTabs::choose(const QString& object) {
    for (widgets::Page* page : m_pages) {
        if (observe::kindOf(object.toStdString()) == page->kind()) {
            page->choose(object);
        }
    }
}

/// A page whose objects are gone for a while keeps its tab; one of which another run has nothing loses it.
void PageTabs::showSnapshot(const observe::SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    if (!snapshot) {
        m_known.clear();
    }
    for (widgets::Page* page : m_pages) {
        const auto known = std::find(m_known.begin(), m_known.end(), page);
        if (!snapshot || known != m_known.end()) {
            continue;
        }
        const int tab = m_tabs.indexOf(page);
        const bool isOf = !page->objects(*snapshot).isEmpty();
        if (isOf) {
            m_known.push_back(page);
        } else if (m_tabs.currentIndex() == tab) {
            m_tabs.setCurrentIndex(0);
        }
        if (m_tabs.isTabVisible(tab) != isOf) {
            m_tabs.setTabVisible(tab, isOf);
        }
    }
    refresh();
}

}  // namespace millrace::studio
