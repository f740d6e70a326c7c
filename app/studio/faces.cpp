#include "app/studio/faces.h"

#include <QSplitter>
#include <QTabBar>
#include <QVBoxLayout>
#include <algorithm>

#include "app/studio/planned_cluster.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/controls/key_overlay.h"
#include "widgets/controls/sentence_bar.h"
#include "widgets/panels/notice_board.h"

namespace millrace::studio {

Faces::Faces(ScenarioDocument& document, RunControl& run, widgets::Selection& selection, widgets::ToolHand& hand,
             QWidget* parent)
    : QWidget(parent), m_document(document), m_run(run), m_selection(selection) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_notices = new widgets::NoticeBoard(this);
    layout->addWidget(m_notices);
    m_faceTabs = new QTabBar(this);
    m_faceTabs->setAccessibleName(tr("Faces"));
    m_faceTabs->setDrawBase(false);
    m_faceTabs->setExpanding(false);
    m_faceTabs->setFocusPolicy(Qt::TabFocus);
    m_faceTabs->addTab(tr("Logical: what flows where"));
    m_faceTabs->addTab(tr("Physical: what runs where"));
    m_faceTabs->hide();
    layout->addWidget(m_faceTabs);
    m_above = new QWidget(this);
    auto* above = new QVBoxLayout(m_above);
    above->setContentsMargins(0, 0, 0, 0);
    m_above->hide();
    layout->addWidget(m_above);
    m_faces = new QSplitter(Qt::Vertical, this);
    m_faces->setChildrenCollapsible(true);
    m_logical = new widgets::LogicalCanvas(selection, hand, m_faces);
    m_physical = new widgets::PhysicalCanvas(selection, hand, m_faces);
    m_faces->addWidget(m_logical);
    m_faces->addWidget(m_physical);
    m_faces->setStretchFactor(0, 45);
    m_faces->setStretchFactor(1, 55);
    layout->addWidget(m_faces, 1);
    connect(m_faceTabs, &QTabBar::currentChanged, this, &Faces::share);
    // Tools of faults work on machines.
    connect(&hand, &widgets::ToolHand::changed, this, [this, &hand] {
        if (hand.tool() != nullptr) {
            showFace(PhysicalFace);
        }
    });
    m_sentence = new widgets::SentenceBar(this);
    layout->addWidget(m_sentence);
    m_key = new widgets::KeyOverlay(this);
    connect(m_logical, &widgets::LogicalCanvas::message, this, &Faces::say);
    connect(m_physical, &widgets::PhysicalCanvas::message, this, &Faces::say);
    connect(&run.live(), &LiveActions::message, this, &Faces::say);
    connect(&run, &RunControl::told, this, &Faces::showSnapshot);
    connect(&run, &RunControl::moved, this, [this](const observe::SnapshotPtr& snapshot) {
        m_logical->moveTo(snapshot);
        m_physical->moveTo(snapshot);
    });
}

void Faces::showSnapshot(const observe::SnapshotPtr& snapshot) {
    m_logical->setSnapshot(snapshot);
    if (snapshot) {
        m_physical->setSnapshot(snapshot);
    } else {
        m_physical->setPlan(plannedCluster(m_document.root()));
    }
    m_sentence->setSnapshot(snapshot);
    tellOfDown();
}

/// The machines may be behind the other tab: that something is down is said there, as often as it can be found.
void Faces::tellOfDown() {
    const std::size_t down = m_run.isKnown() ? m_physical->countDown() : 0;
    const QString words = tr("Physical: what runs where");
    m_faceTabs->setTabText(PhysicalFace, down == 0 ? words : tr("%1 · ✕ %2 down").arg(words).arg(down));
}

void Faces::showPlan() {
    if (!m_run.isKnown()) {
        m_physical->setPlan(plannedCluster(m_document.root()));
    }
}

void Faces::say(const QString& words) {
    m_sentence->say(words);
}

/// If that is what is said.
void Faces::unsay(const QString& words) {
    if (m_sentence->headline() == words) {
        m_sentence->unsay();
    }
}

void Faces::showFace(Face face) {
    m_faceTabs->setCurrentIndex(face);
}

/// Another size of the middle part does not leave the line between the faces on a card.
void Faces::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    // When the faces have their new sizes.
    QMetaObject::invokeMethod(
        this,
        [this] {
            share();
            keepCardsWhole();
        },
        Qt::QueuedConnection);
}

/// Brings the object into the middle of the face that draws it.
void Faces::goTo(const QString& id) {
    m_selection.select(id);
    const QRectF card = m_logical->cardInView(id);
    const QRectF item = m_physical->itemInView(id);
    if (!card.isNull() || !item.isNull()) {
        showFace(card.isNull() ? PhysicalFace : LogicalFace);
    }
    if (!card.isNull() && !QRectF(m_logical->rect()).contains(card)) {
        m_logical->centerOn(m_logical->toScene(card.center()));
    } else if (!item.isNull() && !QRectF(m_physical->rect()).contains(item)) {
        m_physical->centerOn(m_physical->toScene(item.center()));
    }
}

/// Two faces one above the other need some height; in less of it each has all of it, in turn.
void Faces::share() {
    constexpr int centreForBoth = 430;  // panels may have grown
    const bool isLow = window()->height() < heightForBoth || (window()->isVisible() && height() < centreForBoth);
    m_faceTabs->setVisible(isLow);
    m_logical->setVisible(!isLow || m_faceTabs->currentIndex() == LogicalFace);
    m_physical->setVisible(!isLow || m_faceTabs->currentIndex() == PhysicalFace);
}

void Faces::keepCardsWhole() {
    constexpr int usualShare = 45;
    if (m_logical->isVisible() && m_physical->isVisible() && m_logical->leastHeight() > m_logical->height()) {
        split(usualShare);
    }
}

void Faces::split(int share) {
    constexpr int most = 52;  // of a hundred
    const int height = std::max(2, m_faces->height());
    constexpr int roomyForBoth = 640;
    const bool isTight = share < most - 10 && height < roomyForBoth;
    const int wanted = isTight ? m_logical->leastHeight() : m_logical->wantedHeight();
    const int logical = std::clamp(wanted, height * share / 100, height * std::max(share, most) / 100);
    m_faces->setSizes({logical, height - logical});
}

}  // namespace millrace::studio
