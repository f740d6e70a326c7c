#include <QElapsedTimer>
#include <QLineF>
#include <QMenu>
#include <QPainter>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>

#include "engine/base/metric.h"
#include "tests/support/synthetic_session.h"
#include "widgets/canvas/card_painter.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/cluster/cluster_layout.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/models/fault_tool.h"
#include "widgets/models/selection.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

using namespace millrace;
using namespace millrace::widgets;

namespace {

observe::SnapshotPtr syntheticSnapshot() {
    support::SyntheticSession session;
    session.open({});
    return std::make_shared<observe::Snapshot>(session.snapshot(bridge::Detail::Complete));
}

Diagram threeCards() {
    const auto node = [](const char* id, observe::ObjectKind kind, double x) {
        DiagramNode made;
        made.id = QString::fromLatin1(id);
        made.kind = kind;
        made.position = QPointF(x, 0);
        return made;
    };
    Diagram diagram;
    diagram.nodes = {node("topic:access", observe::ObjectKind::Topic, 0),
                     node("spout:audit/lines", observe::ObjectKind::Spout, 240),
                     node("bolt:audit/count", observe::ObjectKind::Bolt, 480)};
    diagram.edges = {{QStringLiteral("topic:access"), QStringLiteral("spout:audit/lines"), {}}};
    return diagram;
}

}  // namespace

class TestCanvas : public QObject {
    Q_OBJECT

private slots:
    void brokersAreColumnsInTheOrderOfTheirNumbersAtEverySize();
    void nothingOnTheMachinesFaceCoversAnother();
    void whatAlmostFitsIsSqueezedBeforeAnythingGoesBeyondTheEdge();
    void theLayoutStaysWhileStatesChange();
    void aProcessWithoutAViewOfItsOwnHasACard();
    void aCardWithoutAPageOfItsOwnShowsReadings();
    void hostsStayWhileABrokerStartsAgainAndTheRoomChanges();
    void internalTopicsAreShownWhenAskedForAndCountedByThemselves();
    void theRowUnderThePointerPrintsItsOffsetsAndMovesNothing();
    void stripsOfATopicHaveOneScale();
    void manyBrokersGoOnBeyondTheEdgeAndTheWheelGoesThere();
    void everyTopicOfTheMapIsNamed();
    void aCardIsNamedWholeBesideItsButton();
    void whatWaitsInProducersIsWrittenOnNoBroker();
    void aProducerSaysWhatItHoldsHoweverNarrow();
    void namesOfMessagesAreWholeAndCoverNothing();
    void aNameIsWholeOnALowCard();
    void noNameOfAWireLiesOverAnotherWireOrIsCut();
    void everyColumnHasTheHeadingOfWhatStandsInIt();
    void whatIsDownCanBeFound();
    void machinesWithoutBrokersShareTheRoom();
    void executorsThatDoNotRunAreHollow();
    void whatACardIsStandsBesideNoWordOfItsColour();
    void aCardSaysWhatItIsHoweverNarrow();
    void whatACardIsIsNeverShortened();
    void whatALowCardHasNoRowForStandsBesideItsNumber();
    void aPatternIsReadOnTwoLines();
    void buttonsStandInTheLineOfTheirMachine();
    void aFanThatLeavesTheViewIsOneWireWithItsNumber();
    void namesBesideTheBrokersAreWhole();
    void linesBetweenMachinesCrossNoCard();
    void aHostWithSeveralProcessesIsNamedOnEach();
    void theMenuOfATopicOffersTheLeadersThatItHas();
    void theMenuOfABoltOffersWorkersOfItsOwnTopology();
    void aWireThatGoesBackGoesAroundTheCards();
    void wiresThatGoBackTogetherAreTwoLines();
    void aCardThatIsDraggedLiesAboveTheOthers();
    void aFlowThatIsTooLargeOpensWhereItBegins();
    void labelsStandBesideTheirWires();
    void aFaceThatWasDraggedInIsFittedAgain();
    void aFaceThatWasMovedKeepsSomethingInView();
    void thousandsOfPartitionsAreAMapAndTheWorstOfThem();
    void oneRecordBehindIsSeenAmongMillions();
    void aStripIsNeverLongerThanItsTrack_data();
    void aStripIsNeverLongerThanItsTrack();
    void figuresOfACardComeFromTheViews();
    void aBrokerThatIsDownSaysSoBesideItsButton();
    void whatGoesIntoASinkIsWhatEachOfItsWritersGives();
    void aTopicSaysWhoReadsItInOneWord();
    void whatACardIsDoesNotComeAndGoWithItsNumber();
    void aLowCardKeepsAllItsRows();
    void thousandsOfPartitionsAreBarsOnACardToo();
    void aRateStandsOnNoOtherWire();
    void whatACardIsAndWhoIsControllerAreSaidAtEveryWidth();
    void howFullAQueueIsCountsTheSizeThatItsTopologyHas();
    void aFrameOfSomethingLargeIsQuick_data();
    void aFrameOfSomethingLargeIsQuick();
    void aFrameCostsWhatIsInView();
    void whatFlowsMovesWhileCardsStandStill();
    void wiresKnowWhatTheyMayJoin();
    void theMarqueeSelectsWhatItTouches();
    void arrowsGoFromCardToCard();
    void zoomingKeepsThePointUnderTheMouse();
    void aClickWithAToolActsAndDoesNotSelect();
    void theToolForHostsHitsTheHostUnderABroker();
    void aToolThatDoesNotSuitSaysWhatItIsFor();
};

void TestCanvas::brokersAreColumnsInTheOrderOfTheirNumbersAtEverySize() {
    auto snapshot = *syntheticSnapshot();
    // However the views list them.
    std::swap(snapshot.cluster.brokers[0], snapshot.cluster.brokers[2]);
    for (const QSizeF room : {QSizeF(824, 230), QSizeF(938, 240), QSizeF(2058, 560), QSizeF(400, 900)}) {
        const ClusterLayout layout = layoutCluster(snapshot, room);
        QCOMPARE(layout.lines.size(), std::size_t(6));
        const ClusterItem* before = nullptr;
        for (const char* id : {"broker:1", "broker:2", "broker:3"}) {
            const ClusterItem* broker = layout.find(QLatin1String(id));
            QVERIFY(broker != nullptr);
            QVERIFY(broker->box.width() >= 120);
            if (before != nullptr) {
                QVERIFY(broker->box.left() > before->box.right());
                QCOMPARE(broker->box.top(), before->box.top());
                QCOMPARE(broker->box.size(), before->box.size());
            }
            before = broker;
        }
        // A partition is one row: at the same height and as long in all columns.
        QHash<QString, QRectF> rows;
        int strips = 0;
        for (const ClusterItem& item : layout.items) {
            if (item.kind != observe::ObjectKind::Partition) {
                continue;
            }
            ++strips;
            QVERIFY(layout.find(item.owner)->box.contains(item.box));
            const QRectF first = rows.value(item.id, item.box);
            QCOMPARE(item.box.top(), first.top());
            QCOMPARE(item.box.size(), first.size());
            rows.insert(item.id, item.box);
        }
        QCOMPARE(strips, 18);
        QCOMPARE(rows.size(), 6);
    }
}

void TestCanvas::nothingOnTheMachinesFaceCoversAnother() {
    auto snapshot = *syntheticSnapshot();
    snapshot.cluster.hosts[1].state = observe::LifeState::PoweredOff;
    observe::HostView& spare = snapshot.cluster.hosts.emplace_back(snapshot.cluster.hosts[0]);
    spare.id = observe::hostId("spare");
    spare.processes.clear();
    snapshot.cluster.hosts[0].processes = {"producer:log", "sink:audit", "group:readers"};
    for (const QSizeF room : {QSizeF(824, 230), QSizeF(938, 240), QSizeF(1400, 700), QSizeF(2058, 560)}) {
        const ClusterLayout layout = layoutCluster(snapshot, room);
        std::vector<const ClusterItem*> cards;
        QSet<QString> hosts;
        for (const ClusterItem& item : layout.items) {
            const bool isLine = item.kind == observe::ObjectKind::Host && !item.owner.isEmpty();
            if (item.kind == observe::ObjectKind::Host) {
                hosts.insert(item.id);
            }
            if (isLine) {
                QVERIFY2(layout.find(item.owner)->box.contains(item.box), qPrintable(item.id));
            } else if (item.owner.isEmpty()) {
                cards.push_back(&item);
            }
            QVERIFY(layout.bounds.adjusted(-1, -1, 1, 1).contains(item.box));
        }
        QCOMPARE(hosts.size(), 6);
        QCOMPARE(cards.size(), std::size_t(3 + 3 + 1 + 3 + 2 + 1));
        for (const ClusterItem* one : cards) {
            for (const ClusterItem* other : cards) {
                QVERIFY2(one == other || !one->box.intersects(other->box), qPrintable(one->id + other->id));
            }
            for (const ClusterHead& head : layout.heads) {
                QVERIFY2(!head.box.intersects(one->box), qPrintable(one->id));
            }
        }
        // A host without power can be had back wherever it is named.
        QVERIFY(!layout.find(QStringLiteral("host:h2"))->reviveBox.isNull());
    }
}

void TestCanvas::aProcessWithoutAViewOfItsOwnHasACard() {
    auto snapshot = *syntheticSnapshot();
    snapshot.processes.push_back({"server:other", "host:h6", observe::LifeState::Crashed, "leader"});
    Selection selection;
    ToolHand hand;
    PhysicalCanvas canvas(selection, hand);
    canvas.resize(1200, 700);
    canvas.setSnapshot(std::make_shared<const observe::Snapshot>(snapshot));
    const QString id = QStringLiteral("server:other");
    const ClusterItem* card = canvas.layoutShown().find(id);
    QVERIFY(card != nullptr);
    QCOMPARE(card->state, observe::LifeState::Crashed);
    QVERIFY(!card->reviveBox.isNull());
    QVERIFY(!canvas.grab().isNull());  // lays out anew: the card is another one from here on
    hand.take(QStringLiteral("crash"));
    QVERIFY(canvas.hintAt(canvas.itemInView(id).center()).contains(QStringLiteral("down already")));
}

void TestCanvas::aCardWithoutAPageOfItsOwnShowsReadings() {
    constexpr Metric rows{.id = "rows_read", .whose = "stage", .unit = "rows", .meaning = "rows that it has read"};
    observe::Snapshot snapshot;
    snapshot.nodes.push_back({.id = "stage:job/1", .main = {&rows, 12}, .executors = 2, .busy = 0.5});
    snapshot.wires.push_back({"topic:words", "stage:job/1", 1000, 50, 200});
    DiagramNode node;
    node.id = QStringLiteral("stage:job/1");
    const LiveFigures figures = liveFigures(snapshot, node);
    QVERIFY(figures.isKnown);
    QCOMPARE(figures.strong, format::value(12, "rows"));
    QCOMPARE(figures.bar, 0.5);
    QCOMPARE(figures.executors, 2);
    // Whatever it counts, nothing is cut on a card of the least width.
    for (const auto& [value, unit] :
         {std::pair(123'456.0, "lines"), std::pair(1'234'567.0, "records/s"), std::pair(98'765'432.0, "B/s"),
          std::pair(12'345.0, "containers"), std::pair(0.25, "blocks that lack a replica")}) {
        const Metric metric{.id = "figure", .whose = "stage", .unit = unit, .meaning = "something"};
        snapshot.nodes[0].main = {&metric, value};
        snapshot.nodes[0].second = {&rows, 98'765};
        const LiveFigures shown = liveFigures(snapshot, node);
        CardLook look;
        look.box = QRectF(0, 0, 100, 84);
        look.title = QStringLiteral("map");
        look.strong = shown.strong;
        look.brief = shown.brief;
        look.dim = shown.dim;
        look.dimBrief = shown.dimBrief;
        QCOMPARE(wordsCutOn(look), QStringList());
    }
    // Two readings of one unit are told apart.
    constexpr Metric maps{.id = "map_progress", .whose = "job", .unit = "%", .meaning = "maps"};
    constexpr Metric reduces{.id = "reduce_progress", .whose = "job", .unit = "%", .meaning = "reduces"};
    snapshot.nodes[0].main = {&maps, 100};
    snapshot.nodes[0].second = {&reduces, 40};
    QCOMPARE(liveFigures(snapshot, node).brief, QStringLiteral("map 100 %"));
    QCOMPARE(liveFigures(snapshot, node).dim, QStringLiteral("reduce 40 %"));
    // What is marked says why, with how many.
    QVERIFY(!liveFigures(snapshot, node).isTroubled);
    snapshot.nodes[0].trouble = "waiting";
    QCOMPARE(liveFigures(snapshot, node).alert, QStringLiteral("waiting"));
    snapshot.nodes[0].troubled = 98'765;
    QVERIFY(liveFigures(snapshot, node).isTroubled);
    QCOMPARE(liveFigures(snapshot, node).alert, QStringLiteral("98,765 waiting"));
    QVERIFY(!liveFigures(snapshot, node).alertBrief.isEmpty());
    const LiveFlow flow = liveFlow(snapshot, {QStringLiteral("topic:words"), node.id, {}});
    QVERIFY(flow.isKnown);
    QCOMPARE(flow.pressure, 0.25);
}

void TestCanvas::whatAlmostFitsIsSqueezedBeforeAnythingGoesBeyondTheEdge() {
    // Three brokers, a producer, a group and a sink, three supervisors of two slots, in a window of 1280 x 860.
    auto snapshot = *syntheticSnapshot();
    snapshot.cluster.hosts[0].processes = {"producer:log", "sink:audit", "group:readers"};
    snapshot.storm.supervisors.resize(2);
    snapshot.storm.supervisors.push_back(snapshot.storm.supervisors[0]);
    snapshot.storm.supervisors[2].id = observe::supervisorId("s3");
    for (observe::SupervisorView& supervisor : snapshot.storm.supervisors) {
        supervisor.workerSlots.resize(2);
    }
    const QSizeF room(849, 228);
    const ClusterLayout layout = layoutCluster(snapshot, room);
    QVERIFY2(layout.bounds.width() * layout.scale <= room.width() + 1,
             qPrintable(QString::number(layout.bounds.width() * layout.scale)));
    for (const observe::SupervisorView& supervisor : snapshot.storm.supervisors) {
        const ClusterItem* card = layout.find(QString::fromStdString(supervisor.id));
        QVERIFY(card != nullptr);
        int places = 0;
        for (const ClusterItem& item : layout.items) {
            places += item.owner == card->id && item.kind == observe::ObjectKind::Worker ? 1 : 0;
            QVERIFY(item.owner != card->id || card->box.contains(item.box));
        }
        QCOMPARE(places, 2);
    }
}

void TestCanvas::theLayoutStaysWhileStatesChange() {
    auto snapshot = *syntheticSnapshot();
    const QSizeF room(900, 400);
    const ClusterLayout before = layoutCluster(snapshot, room);
    snapshot.cluster.brokers[1].state = observe::LifeState::Crashed;
    snapshot.cluster.hosts[3].state = observe::LifeState::PoweredOff;
    const ClusterLayout after = layoutCluster(snapshot, room);
    QCOMPARE(after.items.size(), before.items.size());
    for (std::size_t i = 0; i < before.items.size(); ++i) {
        QCOMPARE(after.items[i].box, before.items[i].box);
    }
    QVERIFY(before.find(QStringLiteral("broker:2"))->reviveBox.isNull());
    QVERIFY(!after.find(QStringLiteral("broker:2"))->reviveBox.isNull());
    QVERIFY(!after.find(QStringLiteral("host:h4"))->reviveBox.isNull());
}

void TestCanvas::hostsStayWhileABrokerStartsAgainAndTheRoomChanges() {
    Selection selection;
    ToolHand hand;
    PhysicalCanvas canvas(selection, hand);
    canvas.resize(900, 420);
    canvas.show();
    auto before = std::make_shared<observe::Snapshot>(*syntheticSnapshot());
    canvas.setSnapshot(before);
    const auto placesNow = [&] {
        QHash<QString, QRectF> places;
        for (const ClusterItem& item : canvas.layoutShown().items) {
            places.insert(item.id, canvas.itemInView(item.id));
        }
        return places;
    };
    const QHash<QString, QRectF> places = placesNow();
    auto after = std::make_shared<observe::Snapshot>(*before);
    after->cluster.brokers[1].state = observe::LifeState::Starting;
    after->cluster.brokers[1].replicas.clear();  // it has been told nothing yet
    canvas.setSnapshot(after);
    QCOMPARE(placesNow(), places);
    // No broker that could tell of topics lives: their rows stay.
    auto dark = std::make_shared<observe::Snapshot>(*after);
    dark->cluster.topics.clear();
    for (observe::BrokerView& broker : dark->cluster.brokers) {
        broker.state = observe::LifeState::Crashed;
        broker.replicas.clear();
    }
    canvas.setSnapshot(dark);
    QCOMPARE(placesNow(), places);
    canvas.setSnapshot(before);
    // Where the host was is the host: what was aimed at is what is hit.
    for (const observe::HostView& host : before->cluster.hosts) {
        const QRectF place = places.value(QString::fromStdString(host.id));
        QTest::mouseClick(&canvas, Qt::LeftButton, {}, (place.topLeft() + QPointF(4, place.height() - 3)).toPoint());
        QCOMPARE(selection.current(), QString::fromStdString(host.id));
    }
    // Whatever sizes the window had, the same size shows the same.
    for (const QSize size : {QSize(600, 200), QSize(2000, 900), QSize(300, 800)}) {
        canvas.resize(size);
        canvas.resize(900, 420);
        QCOMPARE(placesNow(), places);
    }
}

void TestCanvas::internalTopicsAreShownWhenAskedForAndCountedByThemselves() {
    auto snapshot = std::make_shared<observe::Snapshot>(*syntheticSnapshot());
    observe::TopicView internal;
    internal.name = "__consumer_offsets";
    for (int p = 0; p < 50; ++p) {
        observe::PartitionView& partition = internal.partitions.emplace_back();
        partition.partition = p;
        partition.leader = 1;
        partition.replicas = partition.inSync = {1};
        observe::ReplicaView replica;
        replica.topic = internal.name;
        replica.partition = p;
        replica.isLeader = true;
        auto& replicas = snapshot->cluster.brokers[0].replicas;
        replicas.insert(replicas.begin() + p, replica);
    }
    snapshot->cluster.topics.push_back(internal);
    Selection selection;
    ToolHand hand;
    PhysicalCanvas canvas(selection, hand);
    canvas.resize(1200, 500);
    canvas.show();
    canvas.setSnapshot(snapshot);
    QCOMPARE(canvas.layoutShown().rows.size(), std::size_t(6));
    QCOMPARE(canvas.offsetsOn(QStringLiteral("broker:1")), QStringLiteral("leads 2 of 6 · has 50 internal"));
    QCOMPARE(canvas.offsetsOn(QStringLiteral("broker:2")), QStringLiteral("leads 2 of 6"));
    // One that is back and leads less than it is to lead says when it gets the rest, in as many words as have room.
    auto back = std::make_shared<observe::Snapshot>(*snapshot);
    observe::WaitView& wait = back->waits.emplace_back();
    wait.object = "broker:2";
    wait.until = SimTime(std::chrono::seconds(311));
    canvas.setSnapshot(back);
    const QString leads = canvas.offsetsOn(QStringLiteral("broker:2"));
    QVERIFY2(leads.startsWith(QStringLiteral("leads 2")) && leads.endsWith(QStringLiteral(" 311 s")),
             qPrintable(leads));
    canvas.resize(2400, 500);
    QCOMPARE(canvas.offsetsOn(QStringLiteral("broker:2")), QStringLiteral("leads 2 of 6, more from 311 s on"));
    canvas.resize(1200, 500);
    canvas.setSnapshot(snapshot);
    auto* button = canvas.findChild<QToolButton*>();
    QVERIFY(button != nullptr && button->isVisible() && !button->isChecked());
    QVERIFY2(button->text().contains(QStringLiteral("50")), qPrintable(button->text()));
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(canvas.layoutShown().rows.size(), std::size_t(56));
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(canvas.layoutShown().rows.size(), std::size_t(6));
}

void TestCanvas::theRowUnderThePointerPrintsItsOffsetsAndMovesNothing() {
    Selection selection;
    ToolHand hand;
    PhysicalCanvas canvas(selection, hand);
    canvas.resize(1200, 500);
    canvas.show();
    const auto snapshot = syntheticSnapshot();
    canvas.setSnapshot(snapshot);
    const QString partition = QStringLiteral("partition:access-4");
    const QRectF strip = canvas.replicaInView(partition, QStringLiteral("broker:2"));
    const std::vector<ClusterItem> before = canvas.layoutShown().items;
    QTest::mouseMove(&canvas, strip.center().toPoint());
    // All columns print the same row, each its own offsets.
    for (std::size_t b = 0; b < 3; ++b) {
        const observe::BrokerView& broker = snapshot->cluster.brokers[b];
        const QString words = canvas.offsetsOn(QString::fromStdString(broker.id));
        QVERIFY2(words.startsWith(QStringLiteral("end %1").arg(broker.replicas[4].logEndOffset)), qPrintable(words));
    }
    // From its name at the left too.
    const ClusterLayout& layout = canvas.layoutShown();
    QCOMPARE(layout.rowAt(QPointF(layout.names.left() + 4, layout.lines[4].top + 3)), 4);
    QCOMPARE(layout.items.size(), before.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
        QCOMPARE(layout.items[i].box, before[i].box);
    }
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, strip.center().toPoint());
    QCOMPARE(selection.current(), partition);
}

void TestCanvas::stripsOfATopicHaveOneScale() {
    // 333 of 826 offsets are as long on the dead broker as they would be on any other.
    const double behind = stripShare(333, 0, 826, 826);
    const double full = stripShare(826, 0, 826, 826);
    QVERIFY(std::abs(behind / full - 333.0 / 826.0) < 0.04);
    auto snapshot = *syntheticSnapshot();
    auto& replicas = snapshot.cluster.brokers[1].replicas;
    replicas[0].logEndOffset = 5;
    snapshot.cluster.brokers[2].replicas[5].logEndOffset = 5'000;
    const auto rows = clusterRows(snapshot, false);
    QCOMPARE(rows.size(), std::size_t(6));
    for (const ClusterRow& row : rows) {
        QCOMPARE(row.scale.last, std::int64_t(5'000));
        QCOMPARE(row.scale.first, std::int64_t(0));
    }
    QCOMPARE(rows[0].position, std::int64_t(100));
    QCOMPARE(rows[0].unread, std::int64_t(160));
    QCOMPARE(rows[1].unread, std::int64_t(-1));
}

void TestCanvas::manyBrokersGoOnBeyondTheEdgeAndTheWheelGoesThere() {
    auto snapshot = std::make_shared<observe::Snapshot>(*syntheticSnapshot());
    auto& brokers = snapshot->cluster.brokers;
    for (int b = 4; b <= 12; ++b) {
        brokers.push_back(brokers[1]);
        brokers.back().id = observe::brokerId(b);
    }
    for (int p = 6; p < 300; ++p) {
        observe::PartitionView partition = snapshot->cluster.topics[0].partitions[1];
        partition.partition = p;
        snapshot->cluster.topics[0].partitions.push_back(partition);
    }
    Selection selection;
    ToolHand hand;
    PhysicalCanvas canvas(selection, hand);
    canvas.resize(970, 270);
    canvas.show();
    canvas.setSnapshot(snapshot);
    const ClusterLayout& layout = canvas.layoutShown();
    QVERIFY(!layout.map.isEmpty());
    QVERIFY(layout.map.cell.width() >= 4 && layout.map.cell.height() >= 4);
    QCOMPARE(layout.map.perCell, std::size_t(1));
    const QRectF one = canvas.itemInView(QStringLiteral("broker:1"));
    const QRectF last = canvas.itemInView(QStringLiteral("broker:12"));
    QVERIFY(layout.find(QStringLiteral("broker:1"))->box.width() >= 120);
    QVERIFY(QRectF(canvas.rect()).contains(one));
    QVERIFY(last.left() > canvas.width());
    // What is beyond the edge is told in words.
    QVERIFY2(canvas.beyondWords().contains(QStringLiteral(" of 12 brokers in view")), qPrintable(canvas.beyondWords()));
    QVERIFY2(canvas.beyondWords().contains(QStringLiteral("ZooKeeper")), qPrintable(canvas.beyondWords()));
    // No column is cut by the edge, and no sliver of the next one stands there.
    for (int b = 1; b <= 12; ++b) {
        const QRectF column = canvas.itemInView(QStringLiteral("broker:%1").arg(b));
        QVERIFY2(column.right() <= canvas.width() || column.left() >= canvas.width() - 1,
                 qPrintable(QStringLiteral("broker %1: %2 to %3").arg(b).arg(column.left()).arg(column.right())));
    }
    QCOMPARE(last.top(), one.top());
    // A partition has its cell at one place in every column.
    const QString partition = QStringLiteral("partition:access-200");
    const QRectF here = canvas.replicaInView(partition, QStringLiteral("broker:1"));
    const QRectF there = canvas.replicaInView(partition, QStringLiteral("broker:12"));
    QCOMPARE(here.topLeft() - one.topLeft(), there.topLeft() - last.topLeft());
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, here.center().toPoint());
    QCOMPARE(selection.current(), partition);
    const double zoom = canvas.zoom();
    for (int i = 0; i < 30; ++i) {
        QWheelEvent wheel(QPointF(400, 100), canvas.mapToGlobal(QPointF(400, 100)), {}, QPoint(0, -120), Qt::NoButton,
                          Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(&canvas, &wheel);
    }
    QCOMPARE(canvas.zoom(), zoom);
    QVERIFY(QRectF(canvas.rect()).contains(canvas.itemInView(QStringLiteral("broker:12"))));
    QVERIFY(QRectF(canvas.rect()).contains(canvas.itemInView(QStringLiteral("supervisor:s2"))));
}

void TestCanvas::aCardIsNamedWholeBesideItsButton() {
    auto snapshot = std::make_shared<observe::Snapshot>(*syntheticSnapshot());
    snapshot->storm.nimbus.state = observe::LifeState::Crashed;
    Selection selection;
    ToolHand hand;
    PhysicalCanvas canvas(selection, hand);
    canvas.resize(1060, 280);
    canvas.show();
    canvas.setSnapshot(snapshot);
    const ClusterItem* card = canvas.layoutShown().find(format::text(snapshot->storm.nimbus.id));
    QVERIFY(card != nullptr && !card->reviveBox.isNull());
    QVERIFY(card->box.contains(card->reviveBox));
    QVERIFY(card->box.bottom() - card->reviveBox.bottom() >= 3);  // it touches no border
    // The name has the row above the button.
    const QImage picture = canvas.grab().toImage();
    const auto inkIn = [&](const QRectF& scene) {
        const QRect box =
            QRectF(canvas.itemInView(card->id).topLeft() + (scene.topLeft() - card->box.topLeft()) * canvas.zoom(),
                   scene.size() * canvas.zoom())
                .toRect();
        int ink = 0;
        for (int y = box.top(); y < box.bottom(); ++y) {
            for (int x = box.left(); x < box.right(); ++x) {
                ink += picture.pixelColor(x, y).lightness() < 100 ? 1 : 0;
            }
        }
        return ink;
    };
    const double named = QFontMetricsF(textFont(TextRole::CardTitle)).horizontalAdvance(QStringLiteral("Nimbus"));
    const QPointF end = card->box.topLeft() + QPointF(24 + named - 10, 4);
    QVERIFY(inkIn(QRectF(end, QSizeF(9, 20))) > 5);  // its last letter
}

void TestCanvas::whatWaitsInProducersIsWrittenOnNoBroker() {
    auto snapshot = std::make_shared<observe::Snapshot>(*syntheticSnapshot());
    QVERIFY(!snapshot->sources.empty());
    observe::WaitView& wait = snapshot->waits.emplace_back();  // what is on its way is nothing to be warned of
    wait.object = snapshot->sources[0].id;
    wait.brief = "waits for broker 2";
    Selection selection;
    ToolHand hand;
    PhysicalCanvas canvas(selection, hand);
    canvas.resize(970, 270);
    canvas.show();
    for (const std::int64_t held : {6, 1603, 16030, 1603000, 160300000}) {
        snapshot->sources[0].unacknowledged = held;
        canvas.setSnapshot(std::make_shared<observe::Snapshot>(*snapshot));
        const QImage picture = canvas.grab().toImage();
        const QRectF last = canvas.itemInView(QStringLiteral("broker:3"));
        const QColor wanted = theme().severity(observe::Severity::Warning);
        const auto inkFrom = [&](double left, double right) {
            int ink = 0;
            for (int y = static_cast<int>(last.bottom()) - 34; y < static_cast<int>(last.bottom()) - 2; ++y) {
                for (int x = static_cast<int>(left); x < static_cast<int>(right); ++x) {
                    const QColor seen = picture.pixelColor(x, y);
                    ink += std::abs(seen.red() - wanted.red()) + std::abs(seen.green() - wanted.green()) +
                                       std::abs(seen.blue() - wanted.blue()) <
                                   120
                               ? 1
                               : 0;
                }
            }
            return ink;
        };
        QVERIFY2(inkFrom(last.left(), last.right()) == 0, qPrintable(QString::number(held)));
        QVERIFY2(inkFrom(last.right() + 1, last.right() + 60) > 0, qPrintable(QString::number(held)));
    }
}

void TestCanvas::aProducerSaysWhatItHoldsHoweverNarrow() {
    for (const char* name : {"producer:log", "producer:src-sessions"}) {
        auto snapshot = std::make_shared<observe::Snapshot>(*syntheticSnapshot());
        observe::ProducerView& producer = snapshot->cluster.producers.emplace_back();
        producer.id = name;
        producer.state = observe::LifeState::Running;
        snapshot->cluster.hosts.front().processes.push_back(producer.id);
        snapshot->sources[0].producer = producer.id;
        observe::WaitView& wait = snapshot->waits.emplace_back();  // what is on its way is nothing to be warned of
        wait.object = snapshot->sources[0].id;
        wait.brief = "waits for broker 2";
        Selection selection;
        ToolHand hand;
        for (const int width : {900, 1000, 1200, 1800}) {
            PhysicalCanvas canvas(selection, hand);
            canvas.resize(width, 420);
            canvas.show();
            const auto picture = [&](std::int64_t held) {
                snapshot->sources[0].unacknowledged = held;
                canvas.setSnapshot(std::make_shared<observe::Snapshot>(*snapshot));
                return canvas.grab(canvas.itemInView(QLatin1String(name)).toRect() & canvas.rect()).toImage();
            };
            const QRect card = canvas.itemInView(QLatin1String(name)).toRect();
            if (!canvas.rect().contains(card)) {
                continue;
            }
            // The word, in the colour of a warning, and the number: another one is another picture.
            for (const auto& [held, more] : {std::pair(6, 7), std::pair(1603, 1604), std::pair(160'300, 170'300)}) {
                const QImage seen = picture(held);
                const QColor wanted = theme().severity(observe::Severity::Warning);
                int ink = 0;
                for (int y = 0; y < seen.height(); ++y) {
                    for (int x = 24; x < seen.width(); ++x) {
                        const QColor at = seen.pixelColor(x, y);
                        ink += std::abs(at.red() - wanted.red()) + std::abs(at.green() - wanted.green()) +
                                           std::abs(at.blue() - wanted.blue()) <
                                       120
                                   ? 1
                                   : 0;
                    }
                }
                const QString where =
                    QStringLiteral("%1 holds %2 in %3 px").arg(QLatin1String(name)).arg(held).arg(width);
                QVERIFY2(ink > 0, qPrintable(where));
                QVERIFY2(picture(more) != seen, qPrintable(where));
            }
        }
    }
}

void TestCanvas::namesOfMessagesAreWholeAndCoverNothing() {
    const auto snapshot = syntheticSnapshot();
    const ClusterLayout layout = layoutCluster(*snapshot, QSizeF(938, 240));
    const std::vector<Traffic> traffic{
        {QStringLiteral("broker:1"), QStringLiteral("broker:3"), QStringLiteral("fetch response"), {}, {}},
        {QStringLiteral("broker:3"), QStringLiteral("nimbus"), QStringLiteral("fetch request"), {}, {}},
        {QStringLiteral("broker:2"), QStringLiteral("broker:3"), QStringLiteral("fetch response"), {}, {}}};
    std::size_t most = 0;
    for (double right = 200; right < 938; right += 13) {
        const QRectF seen(0, 0, right, 240);
        const auto pills = MachineFlows::pills(layout, traffic, seen);
        most = std::max(most, pills.size());
        for (const MachineFlows::Pill& pill : pills) {
            QVERIFY(seen.contains(pill.box));
            for (const ClusterItem& item : layout.items) {
                QVERIFY2(!item.box.adjusted(0, -1, 0, 0).intersects(pill.box), qPrintable(item.id));
            }
        }
    }
    QVERIFY(most >= 2);
}

void TestCanvas::aNameIsWholeOnALowCard() {
    for (const double height : {44.0, 48.0, 56.0, 84.0}) {
        CardLook look;
        look.title = QStringLiteral("keep-rejected");
        look.strong = QStringLiteral("0/s");
        look.box = QRectF(0, 0, 110, height);
        QCOMPARE(wordsCutOn(look), QStringList());
    }
}

void TestCanvas::executorsThatDoNotRunAreHollow() {
    observe::Snapshot snapshot;
    observe::TopologyView& topology = snapshot.storm.topologies.emplace_back();
    observe::ComponentView& component = topology.components.emplace_back();
    component.id = "bolt:audit/count";
    component.name = "count";
    component.executors = 2;
    DiagramNode node;
    node.id = QStringLiteral("bolt:audit/count");
    node.kind = observe::ObjectKind::Bolt;
    QCOMPARE(liveFigures(snapshot, node).idle, 2);  // no worker yet
    for (int i = 0; i < 2; ++i) {
        observe::WorkerView& worker = topology.workers.emplace_back();
        worker.executors.emplace_back().component = "count";
    }
    QCOMPARE(liveFigures(snapshot, node).idle, 0);
    topology.workers[1].state = observe::LifeState::PoweredOff;
    QCOMPARE(liveFigures(snapshot, node).idle, 1);
    // And drawn so, by shape and not by colour alone.
    const auto filled = [](int hollow) {
        QImage picture(60, 20, QImage::Format_RGB32);
        picture.fill(theme().surface);
        QPainter painter(&picture);
        paintDots(painter, QPointF(4, 4), 50, 2, theme().bolt, 1, hollow);
        painter.end();
        return (picture.pixelColor(7, 7) == theme().bolt ? 1 : 0) + (picture.pixelColor(17, 7) == theme().bolt ? 1 : 0);
    };
    QCOMPARE(filled(0), 2);
    QCOMPARE(filled(1), 1);
}

void TestCanvas::whatACardIsStandsBesideNoWordOfItsColour() {
    CardLook look;
    look.box = QRectF(0, 0, 84, 60);
    look.title = QStringLiteral("a-long-name");
    look.strong = QStringLiteral("1,234,567/s");
    look.dim = QStringLiteral("waits");
    const auto draw = [&](const QString& note) {
        look.note = note;
        QImage picture(84, 60, QImage::Format_RGB32);
        picture.fill(theme().surface);
        QPainter painter(&picture);
        paintCard(painter, look, 1);
        painter.end();
        return picture;
    };
    QCOMPARE(draw(QStringLiteral("split")), draw(QString()));
    // Where there is room beside its name it is there.
    look.title = QStringLiteral("a");
    QVERIFY(draw(QStringLiteral("split")) != draw(QString()));
}

void TestCanvas::aCardSaysWhatItIsHoweverNarrow() {
    const auto draw = [](const QString& strong, const QString& note) {
        CardLook look;
        look.box = QRectF(0, 0, narrowCard, cardHeight);
        look.title = QStringLiteral("errors");
        look.strong = strong;
        look.dim = QStringLiteral("826 ns");
        look.dots = 2;
        look.bar = 0;
        look.barText = QStringLiteral("0 %");
        look.note = note;
        QImage picture(static_cast<int>(narrowCard), static_cast<int>(cardHeight), QImage::Format_RGB32);
        picture.fill(theme().surface);
        QPainter painter(&picture);
        paintCard(painter, look, 1);
        return picture;
    };
    // Whether a rate is short or long.
    for (const char* strong : {"0/s", "1,579/s"}) {
        QVERIFY2(draw(QLatin1String(strong), QStringLiteral("filter")) != draw(QLatin1String(strong), QString()),
                 strong);
    }
}

namespace {

QImage pictureOf(CardLook look, double width, double height) {
    look.box = QRectF(0, 0, width, height);
    QImage picture(static_cast<int>(width), static_cast<int>(height), QImage::Format_RGB32);
    picture.fill(theme().surface);
    QPainter painter(&picture);
    paintCard(painter, look, 1);
    return picture;
}

bool hasColor(const QImage& picture, const QRect& within, const QColor& color) {
    for (int y = within.top(); y <= within.bottom(); ++y) {
        for (int x = within.left(); x <= within.right(); ++x) {
            if (picture.pixelColor(x, y) == color) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace

void TestCanvas::whatACardIsIsNeverShortened() {
    CardLook look;
    look.title = QStringLiteral("recent");
    look.strong = QStringLiteral("proc. 551 ms");
    look.dim = QStringLiteral("total 551 ms");
    look.dots = 2;
    for (const char* note : {"countByValueAndWindow", "reduceByKeyAndWindow", "card-payments", "deduplicate", "map"}) {
        look.note = QLatin1String(note);
        for (const double width : {96.0, 110.0, 176.0}) {
            look.box = QRectF(0, 0, width, cardHeight);
            const QString words = wordsOnCard(look).join(QString());
            QVERIFY2(words.contains(look.note), qPrintable(words));
        }
    }
    // Where there is no room at all it is left out, rather than to read as something else.
    look.note = QStringLiteral("countByValueAndWindow");
    for (const double height : {44.0, 58.0, 72.0, 84.0}) {
        look.box = QRectF(0, 0, 84, height);
        const QString words = wordsOnCard(look).join(QString());
        QVERIFY2(words.contains(look.note) || !words.contains(QStringLiteral("count")), qPrintable(words));
    }
    QCOMPARE(noteOnTwoLines(QStringLiteral("reduceByKeyAndWindow")),
             QStringList({QStringLiteral("reduceByKey"), QStringLiteral("AndWindow")}));
}

void TestCanvas::whatALowCardHasNoRowForStandsBesideItsNumber() {
    CardLook look;
    look.title = QStringLiteral("parse");
    look.strong = QStringLiteral("95/s");
    look.leastStrong = QStringLiteral("88.8 k/s");
    look.dim = QStringLiteral("2.31 µs");
    look.note = QStringLiteral("parse");
    look.edge = theme().bolt;
    look.dots = 1;
    look.bar = 0.4;
    look.barText = QStringLiteral("40 %");
    look.box = QRectF(0, 0, 124, 40);
    QCOMPARE(wordsOnCard(look), QStringList({QStringLiteral("parse"), QStringLiteral("parse"), look.dim, look.strong}));
    look.box = QRectF(0, 0, 124, 52);
    QVERIFY(wordsOnCard(look).contains(look.barText));
    QVERIFY(hasColor(pictureOf(look, 124, 52), QRect(60, 19, 60, 14), theme().bolt));
}

void TestCanvas::aPatternIsReadOnTwoLines() {
    const auto draw = [](const char* strong) {
        CardLook look;
        look.box = QRectF(0, 0, narrowCard, cardHeight);
        look.title = QStringLiteral("errors");
        look.strong = QLatin1String(strong);
        look.isExcerpt = true;
        QImage picture(static_cast<int>(narrowCard), static_cast<int>(cardHeight), QImage::Format_RGB32);
        picture.fill(theme().surface);
        QPainter painter(&picture);
        paintCard(painter, look, 1);
        return picture;
    };
    // The ends of both are seen.
    QVERIFY(draw("[4-9][0-9][0-9]") != draw("[4-9][0-9][0-8]"));
    QVERIFY(draw("broker-failover.db") != draw("broker-failover.dc"));
}

void TestCanvas::buttonsStandInTheLineOfTheirMachine() {
    auto snapshot = std::make_shared<observe::Snapshot>(*syntheticSnapshot());
    for (observe::BrokerView& broker : snapshot->cluster.brokers) {
        broker.state = observe::LifeState::Crashed;
    }
    for (observe::SupervisorView& supervisor : snapshot->storm.supervisors) {
        supervisor.state = observe::LifeState::Crashed;
    }
    for (const bool isOff : {false, true}) {
        for (observe::HostView& host : snapshot->cluster.hosts) {
            host.state = isOff ? observe::LifeState::PoweredOff : observe::LifeState::Running;
        }
        Selection selection;
        ToolHand hand;
        PhysicalCanvas canvas(selection, hand);
        canvas.resize(970, 460);
        canvas.show();
        canvas.setSnapshot(std::make_shared<observe::Snapshot>(*snapshot));
        int seen = 0;
        for (const ClusterItem& button : canvas.layoutShown().items) {
            if (button.reviveBox.isNull() || button.kind == observe::ObjectKind::Worker) {
                continue;
            }
            ++seen;
            for (const ClusterItem& other : canvas.layoutShown().items) {
                const bool isSlot = other.kind == observe::ObjectKind::Worker;
                QVERIFY2(!isSlot || !other.box.intersects(button.reviveBox), qPrintable(button.id));
            }
        }
        QVERIFY(seen > 0);
    }
}

void TestCanvas::aFanThatLeavesTheViewIsOneWireWithItsNumber() {
    Diagram diagram;
    DiagramNode spout;
    spout.id = QStringLiteral("spout:wide/sentences");
    spout.kind = observe::ObjectKind::Spout;
    spout.position = QPointF(0, 11 * 92);
    diagram.nodes = {spout};
    for (int i = 0; i < 23; ++i) {
        DiagramNode bolt;
        bolt.id = QStringLiteral("bolt:wide/split-%1").arg(i);
        bolt.kind = observe::ObjectKind::Bolt;
        bolt.position = QPointF(240, i * 92);
        diagram.nodes.push_back(bolt);
        diagram.edges.push_back({spout.id, bolt.id, QStringLiteral("shuffle")});
    }
    Selection selection;
    ToolHand hand;
    LogicalCanvas canvas(selection, hand);
    canvas.resize(900, 400);
    canvas.show();
    canvas.setDiagram(diagram);
    int inView = 0;
    for (const DiagramNode& node : diagram.nodes) {
        const QRectF seen = canvas.cardInView(node.id) & QRectF(canvas.rect()).adjusted(0, 32, 0, 0);
        inView += node.kind == observe::ObjectKind::Bolt && !seen.isEmpty() ? 1 : 0;
    }
    QVERIFY(inView < 20);
    int beyond = 0;
    for (const auto& [pill, words] : canvas.fansBeyondTheView()) {
        QVERIFY(QRectF(canvas.rect()).adjusted(0, 32, 0, 0).contains(pill.center()));
        for (const DiagramNode& node : diagram.nodes) {
            QVERIFY2(!canvas.cardInView(node.id).intersects(pill), qPrintable(node.id));
        }
        beyond += words.section(QLatin1Char(' '), -1).toInt();
    }
    QCOMPARE(canvas.fansBeyondTheView().size(), std::size_t(2));
    QVERIFY2(beyond + inView >= 22 && beyond + inView <= 24, qPrintable(QString::number(beyond)));
    QVERIFY2(canvas.headingWords().contains(QStringLiteral("of 24 cards in view")), qPrintable(canvas.headingWords()));
}

void TestCanvas::everyTopicOfTheMapIsNamed() {
    auto snapshot = std::make_shared<observe::Snapshot>(*syntheticSnapshot());
    auto& topics = snapshot->cluster.topics;
    const observe::TopicView like = topics[0];
    topics.clear();
    auto& replicas = snapshot->cluster.brokers[0].replicas;
    const observe::ReplicaView replica = replicas.front();
    replicas.clear();
    const std::vector<std::string> names{"audit-trail", "orders", "page-clicks", "payments", "sessions", "web-access"};
    for (const std::string& name : names) {
        observe::TopicView& topic = topics.emplace_back(like);
        topic.name = name;
        topic.id = observe::topicId(name);
        topic.partitions.resize(50, like.partitions[0]);
        for (int p = 0; p < 50; ++p) {
            topic.partitions[static_cast<std::size_t>(p)].partition = p;
            replicas.push_back(replica);
            replicas.back().topic = name;
            replicas.back().partition = p;
        }
    }
    Selection selection;
    ToolHand hand;
    PhysicalCanvas canvas(selection, hand);
    canvas.resize(970, 270);
    canvas.show();
    canvas.setSnapshot(snapshot);
    QVERIFY(!canvas.layoutShown().map.isEmpty());
    QStringList shown;
    double free = -1;
    for (const auto& [top, name] : canvas.topicsOfMap()) {
        QVERIFY(top >= free);
        free = top + 12;
        shown << name;
    }
    for (const std::string& name : names) {
        QVERIFY2(shown.contains(QString::fromStdString(name)), qPrintable(shown.join(QLatin1Char('|'))));
    }
}

void TestCanvas::namesBesideTheBrokersAreWhole() {
    auto snapshot = std::make_shared<observe::Snapshot>(*syntheticSnapshot());
    snapshot->cluster.hosts.front().processes.push_back("producer:src-audit-trail");
    const QFontMetricsF metrics(textFont(TextRole::CardTitle));
    for (const QSizeF room : {QSizeF(1300, 320), QSizeF(2058, 560)}) {
        const ClusterLayout layout = layoutCluster(*snapshot, room);
        const ClusterItem* card = layout.find(QStringLiteral("producer:src-audit-trail"));
        QVERIFY(card != nullptr);
        QVERIFY2(metrics.horizontalAdvance(QStringLiteral("src-audit-trail")) <= card->box.width() - 32,
                 qPrintable(QString::number(card->box.width())));
        QVERIFY(layout.bounds.width() <= room.width() + 0.5);
    }
    // They take nothing from brokers that can spare nothing.
    const ClusterLayout usual = layoutCluster(*syntheticSnapshot(), QSizeF(1060, 260));
    const ClusterItem* server = usual.find(QStringLiteral("server:zk1"));
    QVERIFY(server != nullptr);
    QVERIFY2(server->box.width() < 117, qPrintable(QString::number(server->box.width())));
}

void TestCanvas::linesBetweenMachinesCrossNoCard() {
    const auto snapshot = syntheticSnapshot();
    for (const QSizeF room : {QSizeF(824, 230), QSizeF(938, 240), QSizeF(2058, 560)}) {
        const ClusterLayout layout = layoutCluster(*snapshot, room);
        int drawn = 0;
        for (const ClusterItem& from : layout.items) {
            for (const ClusterItem& to : layout.items) {
                const auto isProcess = [](const ClusterItem& item) {
                    return !item.id.isEmpty() && item.kind != observe::ObjectKind::Host &&
                           item.kind != observe::ObjectKind::Partition;
                };
                if (!isProcess(from) || !isProcess(to)) {
                    continue;
                }
                const QPainterPath way = MachineFlows::way(layout, from.id, to.id, drawn);
                drawn += way.isEmpty() ? 0 : 1;
                for (int i = 1; i < 100 && !way.isEmpty(); ++i) {
                    const QPointF at = way.pointAtPercent(i / 100.0);
                    for (const ClusterItem& card : layout.items) {
                        QVERIFY2(!card.box.adjusted(0.5, 0.5, -0.5, -0.5).contains(at),
                                 qPrintable(from.id + QLatin1Char('>') + to.id + QLatin1Char(' ') + card.id));
                    }
                }
            }
        }
        QVERIFY(drawn > 50);
    }
    // What is shown is what somebody looks at, and nothing else.
    auto busy = *snapshot;
    busy.flights.flights = {{1, "broker:1", "broker:2", SimTime(busy.run.now - std::chrono::milliseconds(1)),
                             SimTime(busy.run.now + std::chrono::milliseconds(1)), "FetchRequest"}};
    MachineFlows flows;
    flows.take(busy);
    QVERIFY(flows.of({}, busy).empty());
    QVERIFY(flows.of({QStringLiteral("broker:3")}, busy).empty());
    const auto shown = flows.of({QStringLiteral("broker:2")}, busy);
    QCOMPARE(shown.size(), std::size_t(1));
    QCOMPARE(shown[0].kind, QStringLiteral("fetch request"));
    busy.run.mode = observe::RunMode::Step;
    QCOMPARE(flows.of({}, busy).size(), std::size_t(1));
}

void TestCanvas::aHostWithSeveralProcessesIsNamedOnEach() {
    const ClusterLayout layout = layoutCluster(*syntheticSnapshot(), QSizeF(938, 300));
    QSet<QString> cards;
    for (const ClusterItem& item : layout.items) {
        if (item.id == QLatin1String("host:h1")) {
            cards.insert(item.owner);
        }
    }
    QCOMPARE(cards, QSet<QString>({QStringLiteral("broker:1"), QStringLiteral("server:zk1")}));
}

void TestCanvas::theMenuOfATopicOffersTheLeadersThatItHas() {
    Selection selection;
    ToolHand hand;
    LogicalCanvas canvas(selection, hand);
    canvas.setDiagram(threeCards());
    auto snapshot = std::make_shared<observe::Snapshot>(*syntheticSnapshot());
    snapshot->cluster.topics[0].partitions.resize(2);
    snapshot->cluster.topics[0].partitions[0].leader = -1;
    canvas.setSnapshot(snapshot);
    QMenu menu;
    canvas.fillNodeMenu(menu, canvas.diagram().nodes[0]);
    QStringList crashes;
    for (const QAction* action : menu.actions()) {
        crashes += action->text().startsWith(QStringLiteral("Crash")) ? QStringList(action->text()) : QStringList();
    }
    QCOMPARE(crashes.size(), 1);
    QVERIFY2(crashes[0].contains(QStringLiteral("access-1")), qPrintable(crashes[0]));
}

void TestCanvas::theMenuOfABoltOffersWorkersOfItsOwnTopology() {
    Selection selection;
    ToolHand hand;
    LogicalCanvas canvas(selection, hand);
    canvas.setDiagram(threeCards());
    auto snapshot = std::make_shared<observe::Snapshot>(*syntheticSnapshot());
    observe::TopologyView other = snapshot->storm.topologies[0];
    other.name = "other";
    other.workers.resize(1);
    other.workers[0].id = observe::workerId("other", 1);
    snapshot->storm.topologies.push_back(other);
    canvas.setSnapshot(snapshot);
    QMenu menu;
    canvas.fillNodeMenu(menu, canvas.diagram().nodes[2]);
    int offered = 0;
    for (const QAction* action : menu.actions()) {
        QVERIFY2(!action->text().contains(QStringLiteral("other")), qPrintable(action->text()));
        offered += action->text().startsWith(QStringLiteral("Crash")) ? 1 : 0;
    }
    QCOMPARE(offered, 2);
}

void TestCanvas::aWireThatGoesBackGoesAroundTheCards() {
    Selection selection;
    ToolHand hand;
    LogicalCanvas canvas(selection, hand);
    canvas.resize(900, 500);
    Diagram diagram = threeCards();
    const QString from = QStringLiteral("bolt:audit/count");
    const QString to = QStringLiteral("spout:audit/lines");
    const QString first = QStringLiteral("topic:access");
    // Back by one card, and over another.
    diagram.edges = {{from, to, QStringLiteral("shuffle")}, {from, first, QStringLiteral("all")}};
    canvas.setDiagram(diagram);
    for (const DiagramEdge& edge : canvas.diagram().edges) {
        const QPainterPath wire = canvas.wireInView(edge.from, edge.to);
        QVERIFY(!wire.isEmpty());
        for (int i = 0; i <= 200; ++i) {
            const QPointF at = wire.pointAtPercent(i / 200.0);
            for (const DiagramNode& node : diagram.nodes) {
                QVERIFY2(!canvas.cardInView(node.id).adjusted(3, 1, -3, -1).contains(at), qPrintable(node.id));
            }
        }
        const QRectF label = canvas.labelInView(edge.from, edge.to);
        QVERIFY(!label.isEmpty());
    }
}

void TestCanvas::wiresThatGoBackTogetherAreTwoLines() {
    const std::vector<QRectF> cards{QRectF(300, 0, 100, 80), QRectF(40, 200, 100, 80), QRectF(40, 300, 100, 80)};
    const QPointF start(400, 40);
    const Wire first = routeWire(start, QPointF(40, 240), cards);
    const Wire second = routeWire(start, QPointF(40, 340), cards, first.runs);
    QVERIFY(first.length > 400 && second.length > first.length);
    constexpr double atPort = 40;  // they leave it together
    for (double at = atPort; at < second.length; at += 3) {
        for (const QPointF& point : first.points) {
            QVERIFY(QLineF(second.at(at), point).length() > 3);
        }
    }
}

void TestCanvas::aCardThatIsDraggedLiesAboveTheOthers() {
    Selection selection;
    ToolHand hand;
    LogicalCanvas canvas(selection, hand);
    canvas.resize(900, 400);
    canvas.show();
    Diagram diagram = threeCards();
    canvas.setDiagram(diagram);
    connect(&canvas, &LogicalCanvas::moveRequested, &canvas, [&](const QHash<QString, QPointF>& positions) {
        for (DiagramNode& node : diagram.nodes) {
            node.position = positions.value(node.id, node.position);
        }
        canvas.setDiagram(diagram);
    });
    const QString first = QStringLiteral("topic:access");
    const QString last = QStringLiteral("bolt:audit/count");
    const QPoint from = canvas.cardInView(first).center().toPoint();
    const QPoint over = canvas.cardInView(last).center().toPoint() + QPoint(20, 10);
    QTest::mousePress(&canvas, Qt::LeftButton, {}, from);
    QTest::mouseMove(&canvas, (from + over) / 2);
    QTest::mouseMove(&canvas, over);
    // Its edge is seen where the other card would cover it.
    const QRectF card = canvas.cardInView(first);
    QVERIFY(canvas.cardInView(last).intersects(card));
    const QImage picture = canvas.grab().toImage();
    const QColor edge = picture.pixelColor(QPointF(card.left() + 3 * canvas.zoom(), card.center().y() + 12).toPoint());
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, over);
    QCOMPARE(edge, theme().kind(observe::ObjectKind::Topic));
    QVERIFY(canvas.cardInView(last).intersects(canvas.cardInView(first)));
    // And what is clicked there is the card that is seen.
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, over);
    QCOMPARE(selection.current(), first);
}

void TestCanvas::aFlowThatIsTooLargeOpensWhereItBegins() {
    Selection selection;
    ToolHand hand;
    LogicalCanvas canvas(selection, hand);
    canvas.resize(900, 300);
    canvas.show();
    Diagram diagram;
    DiagramNode source;
    source.id = QStringLiteral("source:log");
    source.kind = observe::ObjectKind::Source;
    source.position = QPointF(0, 3'700);
    diagram.nodes.push_back(source);
    for (int i = 0; i < 70; ++i) {
        DiagramNode bolt;
        bolt.id = QStringLiteral("bolt:main/b%1").arg(i);
        bolt.kind = observe::ObjectKind::Bolt;
        bolt.position = QPointF(200, i * 108);
        diagram.nodes.push_back(bolt);
    }
    canvas.setDiagram(diagram);
    QVERIFY(QRectF(canvas.rect()).contains(canvas.cardInView(source.id)));
}

void TestCanvas::labelsStandBesideTheirWires() {
    Selection selection;
    ToolHand hand;
    LogicalCanvas canvas(selection, hand);
    canvas.resize(900, 400);
    Diagram diagram = threeCards();
    diagram.edges = {{diagram.nodes[0].id, diagram.nodes[1].id, QStringLiteral("all")},
                     {diagram.nodes[1].id, diagram.nodes[2].id, QStringLiteral("fields(status)")}};
    canvas.setDiagram(diagram);
    for (const DiagramEdge& edge : canvas.diagram().edges) {
        const QRectF label = canvas.labelInView(edge.from, edge.to);
        QVERIFY(!label.isEmpty());
        const QPainterPath wire = canvas.wireInView(edge.from, edge.to);
        for (int i = 0; i <= 100; ++i) {
            QVERIFY(!label.contains(wire.pointAtPercent(i / 100.0)));
        }
        for (const DiagramNode& node : diagram.nodes) {
            QVERIFY(!canvas.cardInView(node.id).intersects(label));
        }
    }
    // As the zoom of the view, so the wire in it: no shorter than sixty pixels at a hundred per cent.
    canvas.zoomBy(1 / canvas.zoom(), QPointF(450, 200));
    const QPainterPath wire = canvas.wireInView(diagram.edges[0].from, diagram.edges[0].to);
    QVERIFY(wire.boundingRect().width() >= shortestWire);
}

void TestCanvas::noNameOfAWireLiesOverAnotherWireOrIsCut() {
    Diagram diagram;
    const auto add = [&](const char* id, observe::ObjectKind kind, double x, double y) {
        DiagramNode node;
        node.id = QLatin1String(id);
        node.kind = kind;
        node.title = node.id.section(QLatin1Char('/'), -1).section(QLatin1Char(':'), -1);
        node.position = QPointF(x, y);
        diagram.nodes.push_back(node);
    };
    using observe::ObjectKind;
    add("source:log", ObjectKind::Source, 0, 110);
    add("topic:access", ObjectKind::Topic, 220, 110);
    add("spout:audit/lines", ObjectKind::Spout, 440, 110);
    add("bolt:audit/parse", ObjectKind::Bolt, 660, 110);
    add("bolt:audit/errors", ObjectKind::Bolt, 880, 0);
    add("bolt:audit/count", ObjectKind::Bolt, 880, 110);
    add("bolt:audit/keep-errors", ObjectKind::Bolt, 1100, 0);
    add("bolt:audit/keep-counts", ObjectKind::Bolt, 1100, 110);
    add("bolt:audit/keep-rejected", ObjectKind::Bolt, 1100, 220);
    add("sink:audit", ObjectKind::Sink, 1320, 110);
    const auto wire = [&](int from, int to, const char* label) {
        diagram.edges.push_back({diagram.nodes[static_cast<std::size_t>(from)].id,
                                 diagram.nodes[static_cast<std::size_t>(to)].id, QLatin1String(label)});
    };
    wire(2, 3, "shuffle");
    wire(3, 4, "shuffle");
    wire(3, 5, "fields(status)");
    wire(3, 8, "rejected: shuffle");
    wire(4, 6, "shuffle");
    wire(5, 7, "shuffle");
    Selection selection;
    ToolHand hand;
    int named = 0;
    for (const QSize size : {QSize(700, 300), QSize(760, 215), QSize(836, 340), QSize(836, 420), QSize(905, 215),
                             QSize(992, 420), QSize(1080, 270), QSize(1110, 200), QSize(2100, 560)}) {
        LogicalCanvas canvas(selection, hand);
        canvas.resize(size);
        canvas.show();
        canvas.setDiagram(diagram);
        for (const DiagramEdge& edge : diagram.edges) {
            const QRectF label = canvas.labelInView(edge.from, edge.to);
            if (label.isEmpty()) {
                continue;  // rather nowhere
            }
            ++named;
            const QString where = QStringLiteral("%1 at %2 x %3").arg(edge.label).arg(size.width()).arg(size.height());
            QVERIFY2(QRectF(canvas.rect()).contains(label), qPrintable(where));
            for (const DiagramEdge& other : diagram.edges) {
                const QPainterPath path = canvas.wireInView(other.from, other.to);
                for (int i = 0; i <= 200; ++i) {
                    QVERIFY2(!label.contains(path.pointAtPercent(i / 200.0)), qPrintable(where));
                }
            }
            for (const DiagramNode& node : diagram.nodes) {
                QVERIFY2(!canvas.cardInView(node.id).intersects(label), qPrintable(where));
            }
        }
    }
    QVERIFY2(named >= 45, qPrintable(QString::number(named)));
}

void TestCanvas::machinesWithoutBrokersShareTheRoom() {
    auto snapshot = *syntheticSnapshot();
    snapshot.cluster.brokers.clear();
    snapshot.cluster.topics.clear();
    for (const QSizeF room : {QSizeF(938, 240), QSizeF(1400, 500)}) {
        const ClusterLayout layout = layoutCluster(snapshot, room);
        double right = 0;
        for (const ClusterItem& item : layout.items) {
            right = std::max(right, item.box.right());
            if (item.kind == observe::ObjectKind::Supervisor) {
                QVERIFY2(item.box.width() > 150, qPrintable(QString::number(item.box.width())));
            }
        }
        QVERIFY(right * layout.scale <= room.width() + 1);
        // The name of the face covers no heading.
        const double named = QFontMetricsF(textFont(TextRole::CardTitle)).horizontalAdvance(QStringLiteral("Physical"));
        for (const ClusterHead& head : layout.heads) {
            QVERIFY(head.box.top() > 0 || head.box.left() * layout.scale >= named + 4);
        }
    }
}

void TestCanvas::everyColumnHasTheHeadingOfWhatStandsInIt() {
    auto snapshot = *syntheticSnapshot();
    while (snapshot.storm.supervisors.size() < 5) {
        observe::SupervisorView& more = snapshot.storm.supervisors.emplace_back(snapshot.storm.supervisors[0]);
        more.id = observe::supervisorId("more" + std::to_string(snapshot.storm.supervisors.size()));
    }
    for (const QSizeF room : {QSizeF(1400, 240), QSizeF(900, 240), QSizeF(1060, 420)}) {
        const ClusterLayout layout = layoutCluster(snapshot, room);
        int counted = 0;
        for (const ClusterHead& head : layout.heads) {
            counted += head.kind == observe::ObjectKind::Supervisor && !head.isAgain ? 1 : 0;
        }
        QCOMPARE(counted, 1);  // how many live is said once
        for (const ClusterItem& item : layout.items) {
            if (item.kind != observe::ObjectKind::Supervisor) {
                continue;
            }
            const ClusterHead* nearest = nullptr;
            for (const ClusterHead& head : layout.heads) {
                const bool isOver = head.box.left() == item.box.left() && head.box.bottom() <= item.box.top();
                nearest = isOver && (nearest == nullptr || head.box.top() > nearest->box.top()) ? &head : nearest;
            }
            QVERIFY2(nearest != nullptr && nearest->kind == observe::ObjectKind::Supervisor, qPrintable(item.id));
        }
    }
}

void TestCanvas::whatIsDownCanBeFound() {
    auto snapshot = std::make_shared<observe::Snapshot>(*syntheticSnapshot());
    observe::SupervisorView& supervisor = snapshot->storm.supervisors.front();
    QVERIFY(!snapshot->storm.topologies.empty() && !supervisor.workerSlots.empty());
    observe::WorkerView& worker = snapshot->storm.topologies.front().workers.front();
    supervisor.state = worker.state = observe::LifeState::PoweredOff;
    worker.host = supervisor.host;
    worker.port = supervisor.workerSlots.front().port;
    worker.executors.clear();
    for (observe::SlotView& slot : supervisor.workerSlots) {
        slot.worker.clear();
    }
    for (observe::HostView& host : snapshot->cluster.hosts) {
        host.state = host.id == supervisor.host ? observe::LifeState::PoweredOff : host.state;
    }
    Selection selection;
    ToolHand hand;
    PhysicalCanvas canvas(selection, hand);
    canvas.resize(1100, 300);
    canvas.show();
    canvas.setSnapshot(snapshot);
    // A worker without power lies in its slot.
    const ClusterItem* dead = canvas.layoutShown().find(QString::fromStdString(worker.id));
    QVERIFY(dead != nullptr && dead->owner == QString::fromStdString(supervisor.id));
    QCOMPARE(dead->state, observe::LifeState::PoweredOff);
    QCOMPARE(canvas.countDown(), std::size_t(2));
    QVERIFY(!canvas.grab().isNull());
}

void TestCanvas::aFaceThatWasDraggedInIsFittedAgain() {
    Selection selection;
    ToolHand hand;
    LogicalCanvas canvas(selection, hand);
    canvas.resize(900, 600);
    canvas.show();
    Diagram diagram = threeCards();
    canvas.setDiagram(diagram);
    connect(&canvas, &LogicalCanvas::moveRequested, &canvas, [&](const QHash<QString, QPointF>& positions) {
        for (DiagramNode& node : diagram.nodes) {
            node.position = positions.value(node.id, node.position);
        }
        canvas.setDiagram(diagram);
    });
    const QString id = QStringLiteral("bolt:audit/count");
    const QPoint card = canvas.cardInView(id).center().toPoint();
    QTest::mousePress(&canvas, Qt::LeftButton, {}, card);
    QTest::mouseMove(&canvas, card + QPoint(0, 100));
    QTest::mouseMove(&canvas, QPoint(card.x(), 560));
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, QPoint(card.x(), 560));
    // Nothing moved under the hand ...
    QVERIFY(std::abs(canvas.cardInView(id).center().y() - 560) < 10);
    // ... and with another size of the face all of it is in view again.
    canvas.resize(900, 240);
    for (const DiagramNode& node : diagram.nodes) {
        QVERIFY2(QRectF(canvas.rect()).contains(canvas.cardInView(node.id)), qPrintable(node.id));
    }
}

void TestCanvas::aFaceThatWasMovedKeepsSomethingInView() {
    Selection selection;
    ToolHand hand;
    LogicalCanvas canvas(selection, hand);
    canvas.resize(900, 600);
    canvas.show();
    canvas.setDiagram(threeCards());
    const auto isShown = [&] {
        const auto& nodes = canvas.diagram().nodes;
        return std::any_of(nodes.begin(), nodes.end(), [&](const DiagramNode& node) {
            const QRectF seen = canvas.cardInView(node.id) & QRectF(canvas.rect());
            return seen.width() > 20 && seen.height() > 20;
        });
    };
    const QPoint grip(450, 300);
    for (const QPoint by : {QPoint(0, 270), QPoint(0, -270), QPoint(420, 200)}) {
        canvas.resize(900, 600);
        canvas.fit();
        QTest::mousePress(&canvas, Qt::MiddleButton, {}, grip);
        QTest::mouseMove(&canvas, grip + by);
        QTest::mouseRelease(&canvas, Qt::MiddleButton, {}, grip + by);
        const double zoom = canvas.zoom();
        canvas.resize(400, 160);
        QVERIFY(isShown());
        QCOMPARE(canvas.zoom(), zoom);
    }
}

void TestCanvas::thousandsOfPartitionsAreAMapAndTheWorstOfThem() {
    auto snapshot = *syntheticSnapshot();
    auto& replicas = snapshot.cluster.brokers[0].replicas;
    const observe::ReplicaView first = replicas.front();
    replicas.assign(10'000, first);
    for (std::size_t i = 0; i < replicas.size(); ++i) {
        replicas[i].partition = static_cast<std::int32_t>(i);
        replicas[i].isInSync = i != 7'777;
    }
    const auto layout = layoutCluster(snapshot, QSizeF(900, 260));
    const ClusterItem* broker = layout.find(QStringLiteral("broker:1"));
    QVERIFY(broker != nullptr);
    QVERIFY2(broker->box.height() < 250, qPrintable(QString::number(broker->box.height())));
    QVERIFY(!layout.map.isEmpty());
    const std::size_t cells = (layout.rows.size() + layout.map.perCell - 1) / layout.map.perCell;
    QVERIFY(broker->box.contains(layout.map.cellBox(broker->box, 0)));
    QVERIFY(broker->box.contains(layout.map.cellBox(broker->box, cells - 1)));
    QStringList shown;
    for (const ClusterItem& item : layout.items) {
        if (item.owner == QLatin1String("broker:1") && item.kind == observe::ObjectKind::Partition) {
            QVERIFY(broker->box.contains(item.box));
            shown += item.id;
        }
    }
    QCOMPARE(shown.size(), 3);
    QVERIFY2(shown.filter(QStringLiteral("7777")).size() == 1, qPrintable(shown.join(QLatin1Char(' '))));
}

void TestCanvas::oneRecordBehindIsSeenAmongMillions() {
    const double full = stripShare(5'000'000, 0, 5'000'000, 5'000'000);
    const double behind = stripShare(4'999'999, 0, 5'000'000, 5'000'000);
    QVERIFY(full - behind > 0.02);
    QVERIFY(stripShare(4'999'000, 0, 5'000'000, 5'000'000) < behind);
}

void TestCanvas::aBrokerThatIsDownSaysSoBesideItsButton() {
    auto snapshot = *syntheticSnapshot();
    snapshot.cluster.brokers[1].state = observe::LifeState::Crashed;
    Selection selection;
    ToolHand hand;
    PhysicalCanvas canvas(selection, hand);
    canvas.resize(2000, 900);
    canvas.setSnapshot(std::make_shared<const observe::Snapshot>(snapshot));
    const QString id = QString::fromStdString(snapshot.cluster.brokers[1].id);
    QVERIFY(!canvas.grab().isNull());
    QVERIFY(!canvas.layoutShown().find(id)->reviveBox.isNull());
    QVERIFY2(canvas.wordsOn(id).contains(QStringLiteral("crashed")), qPrintable(canvas.wordsOn(id).join(u'|')));
}

void TestCanvas::aStripIsNeverLongerThanItsTrack_data() {
    QTest::addColumn<qint64>("offset");
    QTest::addColumn<qint64>("start");
    QTest::addColumn<qint64>("end");
    QTest::newRow("empty") << qint64(0) << qint64(0) << qint64(0);
    QTest::newRow("one record") << qint64(1) << qint64(0) << qint64(1);
    QTest::newRow("before the start") << qint64(5) << qint64(10) << qint64(20);
    QTest::newRow("beyond the end") << qint64(30) << qint64(10) << qint64(20);
    QTest::newRow("all deleted") << qint64(20) << qint64(20) << qint64(20);
}

void TestCanvas::aStripIsNeverLongerThanItsTrack() {
    QFETCH(qint64, offset);
    QFETCH(qint64, start);
    QFETCH(qint64, end);
    const double share = stripShare(offset, start, end, end);
    QVERIFY(share >= 0 && share <= 1);
}

void TestCanvas::figuresOfACardComeFromTheViews() {
    const auto snapshot = syntheticSnapshot();
    const Diagram diagram = threeCards();
    QCOMPARE(liveFigures(*snapshot, diagram.nodes[0]).strong, QStringLiteral("400/s"));
    QCOMPARE(liveFigures(*snapshot, diagram.nodes[0]).dim, QStringLiteral("lag 160 · 400 ms"));
    QCOMPARE(liveFigures(*snapshot, diagram.nodes[1]).strong, QStringLiteral("400/s"));
    QCOMPARE(liveFigures(*snapshot, diagram.nodes[1]).dim, QStringLiteral("812 open · 41 ms"));
    QCOMPARE(liveFigures(*snapshot, diagram.nodes[2]).barText, QStringLiteral("25 %"));
    QCOMPARE(liveFigures(*snapshot, diagram.nodes[2]).executors, 4);
    DiagramNode unknown = diagram.nodes[2];
    unknown.id = QStringLiteral("bolt:audit/new");
    QVERIFY(!liveFigures(*snapshot, unknown).isKnown);
    QVERIFY(liveFlow(*snapshot, diagram.edges[0]).perSecond > 0);

    observe::Snapshot one;
    one.sources.resize(1);
    one.sources[0].id = "source:records";
    one.sources[0].kind = "generator";
    one.sources[0].produced = 1;
    one.sources[0].recordsPerSecond = 1;
    DiagramNode source;
    source.id = QStringLiteral("source:records");
    source.kind = observe::ObjectKind::Source;
    QCOMPARE(liveFigures(one, source).strong, QStringLiteral("1 record/s"));
    QVERIFY2(liveFigures(one, source).toolTip.startsWith(QStringLiteral("1 record handed over")),
             qPrintable(liveFigures(one, source).toolTip));
}

void TestCanvas::whatGoesIntoASinkIsWhatEachOfItsWritersGives() {
    observe::Snapshot snapshot;
    observe::TopologyView& topology = snapshot.storm.topologies.emplace_back();
    for (const char* id : {"bolt:t/keep", "bolt:t/rejected"}) {
        topology.components.emplace_back().id = id;
    }
    topology.components[0].executedPerSecond = 400;
    snapshot.sinks.emplace_back().id = "sink:db";
    snapshot.sinks[0].rowsPerSecond = 800;
    const auto flowFrom = [&](const char* from) {
        return liveFlow(snapshot, {QLatin1String(from), QStringLiteral("sink:db"), {}}).perSecond;
    };
    QCOMPARE(flowFrom("bolt:t/keep"), 400.0);
    QCOMPARE(flowFrom("bolt:t/rejected"), 0.0);
}

void TestCanvas::aTopicSaysWhoReadsItInOneWord() {
    observe::Snapshot snapshot;
    observe::TopicView& topic = snapshot.cluster.topics.emplace_back();
    topic.id = "topic:access";
    topic.name = "access";
    const DiagramNode node = threeCards().nodes[0];
    QCOMPARE(liveFigures(snapshot, node).dim, QStringLiteral("no reader"));
    QVERIFY(liveFigures(snapshot, node).dimBrief.isEmpty());
    // A reader that commits under no group's name.
    snapshot.wires.push_back({"topic:access", "stream:audit/lines", 20, 0, 0});
    QCOMPARE(liveFigures(snapshot, node).dim, QStringLiteral("read by lines"));
    // Behind an operator of Spark nobody counts.
    snapshot.wires.push_back({"stream:audit/lines", "dstream:audit/parse", 20, 0, 0});
    snapshot.wires.push_back({"dstream:audit/parse", "dstream:audit/count", 20, 0, 0});
    const auto flow = [&](const char* from, const char* to) {
        return liveFlow(snapshot, {QLatin1String(from), QLatin1String(to), {}});
    };
    QCOMPARE(flow("stream:audit/lines", "dstream:audit/parse").text, QStringLiteral("20/s"));
    QCOMPARE(flow("dstream:audit/parse", "dstream:audit/count").text, QString());
    QVERIFY(flow("dstream:audit/parse", "dstream:audit/count").perSecond > 0);
}

void TestCanvas::whatACardIsDoesNotComeAndGoWithItsNumber() {
    CardLook look;
    look.title = QStringLiteral("keep-errors-of-all");
    look.leastStrong = QStringLiteral("88.8 k/s");
    look.note = QStringLiteral("sqlite");
    for (const int width : {90, 100, 110, 120, 130, 150}) {
        const auto atRight = [&](const char* strong) {
            look.strong = QLatin1String(strong);
            return pictureOf(look, width, 46).copy(width - 36, 18, 28, 18);
        };
        QCOMPARE(atRight("0/s"), atRight("12 k/s"));
    }
}

void TestCanvas::aLowCardKeepsAllItsRows() {
    CardLook look;
    look.title = QStringLiteral("parse");
    look.strong = QStringLiteral("400/s");
    look.dim = QStringLiteral("2.75 µs");
    look.edge = theme().bolt;
    look.dots = 3;
    look.bar = 0.4;
    look.barText = QStringLiteral("40 %");
    constexpr double low = 64;  // three rows of cards in a window of 1440 x 900
    const QImage picture = pictureOf(look, 120, low);
    QVERIFY(hasColor(picture, QRect(8, 48, 60, 14), theme().bolt));
    QVERIFY(hasColor(picture, QRect(30, 48, 80, 14), theme().good));
}

void TestCanvas::thousandsOfPartitionsAreBarsOnACardToo() {
    CardLook look;
    look.title = QStringLiteral("busy");
    look.edge = theme().topic;
    look.cells = 3000;
    look.troubledCells.assign(3000, false);
    look.troubledCells[2999] = true;
    const QImage picture = pictureOf(look, 100, 84);
    QVERIFY(hasColor(picture, QRect(10, 66, 80, 14), theme().topic));
    QVERIFY(hasColor(picture, QRect(60, 66, 38, 14), theme().warning));
}

void TestCanvas::aRateStandsOnNoOtherWire() {
    auto snapshot = std::make_shared<observe::Snapshot>();
    Diagram diagram;
    const auto add = [&](const char* id, double x, double y) {
        DiagramNode node;
        node.id = QLatin1String(id);
        node.kind = observe::kindOf(id);
        node.title = node.id.section(QLatin1Char('/'), -1);
        node.position = QPointF(x, y);
        diagram.nodes.push_back(node);
    };
    add("stream:a/lines", 0, 165);
    add("stream:a/parse", 220, 110);
    add("stream:a/rejects", 220, 220);
    add("stream:a/errors", 440, 0);
    add("stream:a/count", 440, 110);
    add("output:a/keep-errors", 660, 0);
    add("output:a/keep-counts", 660, 110);
    add("output:a/keep-rejected", 660, 220);
    for (const auto& [from, to] : {std::pair(0, 1), std::pair(0, 2), std::pair(1, 3), std::pair(1, 4), std::pair(2, 7),
                                   std::pair(3, 5), std::pair(4, 6)}) {
        const DiagramNode& first = diagram.nodes[static_cast<std::size_t>(from)];
        const DiagramNode& last = diagram.nodes[static_cast<std::size_t>(to)];
        diagram.edges.push_back({first.id, last.id, {}});
        snapshot->wires.push_back({format::utf8(first.id), format::utf8(last.id), 20, 0, 0});
    }
    Selection selection;
    ToolHand hand;
    int told = 0;
    for (const QSize size : {QSize(520, 260), QSize(640, 275), QSize(780, 275), QSize(900, 420), QSize(1400, 420)}) {
        LogicalCanvas canvas(selection, hand);
        canvas.resize(size);
        canvas.show();
        canvas.setDiagram(diagram);
        canvas.setSnapshot(snapshot);
        for (const DiagramEdge& edge : diagram.edges) {
            const QRectF label = canvas.labelInView(edge.from, edge.to);
            told += label.isEmpty() ? 0 : 1;
            for (const DiagramEdge& other : diagram.edges) {
                const QPainterPath path = canvas.wireInView(other.from, other.to);
                for (int i = 0; i <= 200; ++i) {
                    QVERIFY2(label.isEmpty() || !label.contains(path.pointAtPercent(i / 200.0)),
                             qPrintable(QStringLiteral("%1 on %2 at %3").arg(edge.to, other.to).arg(size.width())));
                }
            }
        }
    }
    QVERIFY2(told >= 20, qPrintable(QString::number(told)));
}

void TestCanvas::whatACardIsAndWhoIsControllerAreSaidAtEveryWidth() {
    auto snapshot = std::make_shared<observe::Snapshot>(*syntheticSnapshot());
    snapshot->cluster.brokers[0].isController = true;
    observe::ProducerView& producer = snapshot->cluster.producers.emplace_back();
    producer.id = "producer:writer-of-all";
    snapshot->cluster.hosts.front().processes.push_back(producer.id);
    snapshot->sources[0].producer = producer.id;
    Selection selection;
    ToolHand hand;
    for (const std::int64_t held : {0, 6}) {
        snapshot->sources[0].unacknowledged = held;
        for (const int width : {900, 1000, 1120, 1300, 2060}) {
            PhysicalCanvas canvas(selection, hand);
            canvas.resize(width, 420);
            canvas.show();
            canvas.setSnapshot(std::make_shared<observe::Snapshot>(*snapshot));
            const QString broker = canvas.wordsOn(QStringLiteral("broker:1")).join(QLatin1Char('|'));
            QVERIFY2(broker.contains(QStringLiteral("controller")), qPrintable(broker));
            const QString service = canvas.wordsOn(QStringLiteral("producer:writer-of-all")).join(QLatin1Char('|'));
            QVERIFY2(
                service.contains(QStringLiteral("|producer")) || (held > 0 && service.contains(QStringLiteral("held"))),
                qPrintable(QStringLiteral("%1 at %2").arg(service).arg(width)));
        }
    }
}

void TestCanvas::howFullAQueueIsCountsTheSizeThatItsTopologyHas() {
    observe::Snapshot snapshot;
    observe::TopologyView& topology = snapshot.storm.topologies.emplace_back();
    observe::StreamView& stream = topology.streams.emplace_back();
    stream.from = "spout:t/lines";
    stream.to = "bolt:t/count";
    stream.queued = 512;
    DiagramEdge edge;
    edge.from = QStringLiteral("spout:t/lines");
    edge.to = QStringLiteral("bolt:t/count");
    QVERIFY(liveFlow(snapshot, edge).pressure < 0.02);  // of Storm's usual 32,768
    topology.receiveBufferSize = 1024;
    QCOMPARE(liveFlow(snapshot, edge).pressure, 0.5);
    topology.receiveBufferSize = 256;
    QCOMPARE(liveFlow(snapshot, edge).pressure, 1.0);
}

namespace {

/// So many bolts in layers of ten, each fed by two of the layer before.
Diagram manyCards(int bolts) {
    Diagram diagram;
    for (int i = 0; i < bolts; ++i) {
        DiagramNode node;
        node.id = QStringLiteral("bolt:big/b%1").arg(i);
        node.title = QStringLiteral("bolt %1").arg(i);
        node.kind = observe::ObjectKind::Bolt;
        node.position = QPointF(i / 10 * 200, i % 10 * 112);
        diagram.nodes.push_back(node);
        if (i >= 10) {
            const QString to = node.id;
            diagram.edges.push_back({QStringLiteral("bolt:big/b%1").arg(i - 10), to, QStringLiteral("shuffle")});
            diagram.edges.push_back({QStringLiteral("bolt:big/b%1").arg(i - i % 10 - 10 + (i + 1) % 10), to, {}});
        }
    }
    return diagram;
}

/// How large an installation is.
struct Extent {
    int bolts = 0;
    int tokens = 0;  ///< on wires
    int brokers = 0;
    int partitions = 0;
};

/// Brokers on hosts of their own, with partitions of three replicas, and a topology.
observe::Snapshot somethingLarge(const Extent& extent, const Diagram& diagram) {
    observe::Snapshot snapshot;
    snapshot.run.now = snapshot.run.furthest = SimTime(std::chrono::seconds(10));
    observe::TopicView& topic = snapshot.cluster.topics.emplace_back();
    topic.id = "topic:big";
    topic.name = "big";
    snapshot.cluster.brokers.resize(static_cast<std::size_t>(extent.brokers));
    for (int b = 0; b < extent.brokers; ++b) {
        snapshot.cluster.hosts.emplace_back().id = "host:h" + std::to_string(b);
        snapshot.cluster.brokers[static_cast<std::size_t>(b)].id = observe::brokerId(b);
        snapshot.cluster.brokers[static_cast<std::size_t>(b)].host = "host:h" + std::to_string(b);
    }
    for (int p = 0; p < extent.partitions; ++p) {
        observe::PartitionView& partition = topic.partitions.emplace_back();
        partition.partition = p;
        partition.leader = p % extent.brokers;
        for (int r = 0; r < 3; ++r) {
            observe::ReplicaView replica;
            replica.topic = "big";
            replica.partition = p;
            replica.isLeader = r == 0;
            replica.logEndOffset = replica.highWatermark = 1000 + p;
            snapshot.cluster.brokers[static_cast<std::size_t>((p + r) % extent.brokers)].replicas.push_back(replica);
            partition.replicas.push_back((p + r) % extent.brokers);
            partition.inSync.push_back((p + r) % extent.brokers);
        }
    }
    observe::TopologyView& topology = snapshot.storm.topologies.emplace_back();
    topology.name = "big";
    for (const DiagramNode& node : diagram.nodes) {
        observe::ComponentView& component = topology.components.emplace_back();
        component.id = node.id.toStdString();
        component.name = node.title.toStdString();
        component.executors = component.tasks = 4;
    }
    for (const DiagramEdge& edge : diagram.edges) {
        topology.streams.push_back({edge.from.toStdString(), edge.to.toStdString(), "default", "shuffle", 100, 3});
    }
    for (int i = 0; i < extent.tokens; ++i) {
        const observe::StreamView& stream = topology.streams[static_cast<std::size_t>(i) % topology.streams.size()];
        const SimTime departs = snapshot.run.now - std::chrono::milliseconds(i % 900);
        snapshot.flights.flights.push_back({static_cast<std::uint64_t>(i), stream.from, stream.to, departs,
                                            departs + std::chrono::milliseconds(1'500), "storm.TupleBatch"});
    }
    return snapshot;
}

}  // namespace

void TestCanvas::aFrameOfSomethingLargeIsQuick_data() {
    QTest::addColumn<int>("bolts");
    QTest::addColumn<int>("tokens");
    QTest::addColumn<int>("brokers");
    QTest::addColumn<int>("partitions");
    QTest::addColumn<int>("most");
    // In microseconds. It is to be 10 to 30 ms; machines that build beside it and sanitizers take longer.
    constexpr int usual = 150'000;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    constexpr int ofThousands = 10 * usual;
#else
    constexpr int ofThousands = usual;
#endif
    QTest::addRow("a topology of 200 bolts") << 200 << 0 << 12 << 300 << usual;
    QTest::addRow("200 bolts with 5,000 tokens") << 200 << 5'000 << 12 << 300 << usual;
    QTest::addRow("a topology of 2,000 bolts") << 2'000 << 0 << 12 << 300 << ofThousands;
    QTest::addRow("12 brokers with 300 partitions") << 0 << 0 << 12 << 300 << usual;
    QTest::addRow("200 hosts with 800 partitions") << 0 << 0 << 200 << 800 << usual;
}

/// What a frame of the window costs: a new snapshot taken over and drawn.
void TestCanvas::aFrameOfSomethingLargeIsQuick() {
    QFETCH(const int, bolts);
    QFETCH(const int, tokens);
    QFETCH(const int, brokers);
    QFETCH(const int, partitions);
    QFETCH(const int, most);
    const bool isLogical = bolts > 0;
    Selection selection;
    ToolHand hand;
    LogicalCanvas logical(selection, hand);
    PhysicalCanvas physical(selection, hand);
    const Diagram diagram = manyCards(std::max(bolts, 200));
    logical.setDiagram(diagram);
    observe::Snapshot snapshot = somethingLarge({bolts, tokens, brokers, partitions}, diagram);
    QWidget& face = isLogical ? static_cast<QWidget&>(logical) : static_cast<QWidget&>(physical);
    face.resize(1100, 420);
    face.show();
    QVERIFY(QTest::qWaitForWindowExposed(&face));
    QImage picture(face.size(), QImage::Format_ARGB32_Premultiplied);
    std::vector<qint64> taken;
    for (int i = 0; i < 21; ++i) {
        snapshot.run.now += std::chrono::milliseconds(16);
        for (observe::BrokerView& broker : snapshot.cluster.brokers) {
            for (observe::ReplicaView& replica : broker.replicas) {
                ++replica.logEndOffset;
            }
        }
        const auto next = std::make_shared<observe::Snapshot>(snapshot);
        QElapsedTimer clock;
        clock.start();
        logical.setSnapshot(isLogical ? next : nullptr);
        if (!isLogical) {
            physical.setSnapshot(next);
        }
        face.render(&picture);
        taken.push_back(clock.nsecsElapsed() / 1000);
    }
    std::nth_element(taken.begin(), taken.begin() + 10, taken.end());
    qInfo("%s: %.1f ms a frame, the median of 21", QTest::currentDataTag(), static_cast<double>(taken[10]) / 1000);
    QVERIFY(taken[10] < most);
}

void TestCanvas::aFrameCostsWhatIsInView() {
    const auto least = [](int bolts, int brokers) {
        Selection selection;
        ToolHand hand;
        LogicalCanvas logical(selection, hand);
        PhysicalCanvas physical(selection, hand);
        const Diagram diagram = manyCards(bolts);
        logical.setDiagram(diagram);
        const observe::Snapshot snapshot = somethingLarge({bolts, 0, brokers, 4 * brokers}, diagram);
        QWidget& face = bolts > 20 ? static_cast<QWidget&>(logical) : static_cast<QWidget&>(physical);
        face.resize(1100, 420);
        face.show();
        QImage picture(face.size(), QImage::Format_ARGB32_Premultiplied);
        qint64 shortest = std::numeric_limits<qint64>::max();
        for (int i = 0; i < 9; ++i) {
            const auto next = std::make_shared<observe::Snapshot>(snapshot);
            QElapsedTimer clock;
            clock.start();
            if (bolts > 20) {
                logical.setSnapshot(next);
            } else {
                physical.setSnapshot(next);
            }
            face.render(&picture);
            shortest = std::min(shortest, clock.nsecsElapsed() / 1000);
        }
        return shortest;
    };
    // Ten times as much, of which no more is seen.
    for (const auto& [few, many] :
         {std::pair(least(200, 12), least(2'000, 12)), std::pair(least(20, 20), least(20, 200))}) {
        QVERIFY2(many < 5 * few + 5'000, qPrintable(QStringLiteral("%1 and %2 us").arg(few).arg(many)));
    }
}

void TestCanvas::whatFlowsMovesWhileCardsStandStill() {
    observe::Snapshot snapshot = *syntheticSnapshot();
    QVERIFY(!snapshot.sources.empty() && !snapshot.cluster.topics.empty());
    snapshot.sources[0].recordsPerSecond = 400;
    Diagram diagram;
    for (const observe::ObjectId& id : {snapshot.sources[0].id, snapshot.cluster.topics[0].id}) {
        DiagramNode node;
        node.id = format::text(id);
        node.kind = observe::kindOf(id);
        node.title = node.id;
        node.position = QPointF(240 * static_cast<double>(diagram.nodes.size()), 0);
        diagram.nodes.push_back(node);
    }
    diagram.edges = {{diagram.nodes[0].id, diagram.nodes[1].id, {}}};
    Selection selection;
    ToolHand hand;
    LogicalCanvas canvas(selection, hand);
    canvas.setDiagram(diagram);
    canvas.resize(900, 300);
    canvas.show();
    canvas.setSnapshot(std::make_shared<observe::Snapshot>(snapshot));
    const auto picture = [](LogicalCanvas& face) { return face.grab().toImage(); };
    const QImage before = picture(canvas);
    QCOMPARE(picture(canvas), before);
    snapshot.run.now += std::chrono::milliseconds(16);
    canvas.moveTo(std::make_shared<observe::Snapshot>(snapshot));
    QVERIFY(picture(canvas) != before);
    // What a card says waits for the next telling; a selection is seen at once, and as on a face that was never kept.
    snapshot.sources[0].recordsPerSecond = 0;
    snapshot.sources[0].produced += 1000;
    canvas.setSnapshot(std::make_shared<observe::Snapshot>(snapshot));
    (void)picture(canvas);
    selection.select(diagram.nodes[1].id);
    LogicalCanvas fresh(selection, hand);
    fresh.setDiagram(diagram);
    fresh.resize(900, 300);
    fresh.show();
    fresh.setSnapshot(std::make_shared<observe::Snapshot>(snapshot));
    QCOMPARE(picture(canvas), picture(fresh));
}

void TestCanvas::wiresKnowWhatTheyMayJoin() {
    using observe::ObjectKind;
    QVERIFY(canConnect(ObjectKind::Source, ObjectKind::Topic));
    QVERIFY(canConnect(ObjectKind::Bolt, ObjectKind::Bolt));
    QVERIFY(!canConnect(ObjectKind::Source, ObjectKind::Bolt));
    QVERIFY(!canConnect(ObjectKind::Sink, ObjectKind::Topic));
}

void TestCanvas::theMarqueeSelectsWhatItTouches() {
    Selection selection;
    ToolHand hand;
    LogicalCanvas canvas(selection, hand);
    canvas.resize(900, 400);
    canvas.setDiagram(threeCards());
    const QRectF first = canvas.cardInView(QStringLiteral("topic:access"));
    const QRectF second = canvas.cardInView(QStringLiteral("spout:audit/lines"));
    QTest::mousePress(&canvas, Qt::LeftButton, {}, (first.topLeft() - QPointF(15, 15)).toPoint());
    QTest::mouseMove(&canvas, second.center().toPoint());
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, second.center().toPoint());
    QCOMPARE(selection.ids(), QStringList({QStringLiteral("topic:access"), QStringLiteral("spout:audit/lines")}));
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, QPoint(5, 395));
    QVERIFY(selection.ids().isEmpty());
}

void TestCanvas::arrowsGoFromCardToCard() {
    Selection selection;
    ToolHand hand;
    LogicalCanvas canvas(selection, hand);
    canvas.resize(900, 400);
    canvas.setDiagram(threeCards());
    QTest::keyClick(&canvas, Qt::Key_Right);
    QCOMPARE(selection.current(), QStringLiteral("topic:access"));
    QTest::keyClick(&canvas, Qt::Key_Right);
    QCOMPARE(selection.current(), QStringLiteral("spout:audit/lines"));
    QSignalSpy moved(&canvas, &LogicalCanvas::moveRequested);
    QTest::keyClick(&canvas, Qt::Key_Down, Qt::ControlModifier);
    QCOMPARE(moved.count(), 1);
    QSignalSpy removed(&canvas, &LogicalCanvas::removeRequested);
    QTest::keyClick(&canvas, Qt::Key_Delete);
    QCOMPARE(removed.first().first().toStringList(), QStringList{QStringLiteral("spout:audit/lines")});
}

void TestCanvas::zoomingKeepsThePointUnderTheMouse() {
    Selection selection;
    ToolHand hand;
    LogicalCanvas canvas(selection, hand);
    canvas.resize(900, 400);
    canvas.setDiagram(threeCards());
    const QPointF mouse(200, 150);
    const QPointF before = canvas.toScene(mouse);
    canvas.zoomBy(1.7, mouse);
    QVERIFY(QLineF(before, canvas.toScene(mouse)).length() < 0.01);
    canvas.fit();
    QVERIFY(canvas.visibleScene().contains(QRectF(0, 0, 606, 92)));
}

void TestCanvas::aClickWithAToolActsAndDoesNotSelect() {
    Selection selection;
    ToolHand hand;
    PhysicalCanvas canvas(selection, hand);
    canvas.resize(1200, 500);
    canvas.setSnapshot(syntheticSnapshot());
    QSignalSpy fault(&canvas, &PhysicalCanvas::faultRequested);
    hand.take(QStringLiteral("crash"));
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, canvas.itemInView(QStringLiteral("nimbus")).center().toPoint());
    QCOMPARE(fault.count(), 1);
    QCOMPARE(fault.first(), QVariantList({QStringLiteral("crash"), QStringLiteral("nimbus")}));
    QVERIFY(selection.ids().isEmpty());
    hand.putAway();
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, canvas.itemInView(QStringLiteral("nimbus")).center().toPoint());
    QCOMPARE(fault.count(), 1);
    QCOMPARE(selection.current(), QStringLiteral("nimbus"));
}

void TestCanvas::theToolForHostsHitsTheHostUnderABroker() {
    Selection selection;
    ToolHand hand;
    PhysicalCanvas canvas(selection, hand);
    canvas.resize(1200, 500);
    canvas.setSnapshot(syntheticSnapshot());
    QSignalSpy fault(&canvas, &PhysicalCanvas::faultRequested);
    hand.take(QStringLiteral("power"));
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, canvas.itemInView(QStringLiteral("broker:3")).center().toPoint());
    QCOMPARE(fault.count(), 1);
    QCOMPARE(fault.first(), QVariantList({QStringLiteral("power"), QStringLiteral("host:h3")}));
}

void TestCanvas::aToolThatDoesNotSuitSaysWhatItIsFor() {
    Selection selection;
    ToolHand hand;
    PhysicalCanvas canvas(selection, hand);
    canvas.resize(1200, 500);
    canvas.setSnapshot(syntheticSnapshot());
    QSignalSpy fault(&canvas, &PhysicalCanvas::faultRequested);
    QSignalSpy message(&canvas, &PhysicalCanvas::message);
    hand.take(QStringLiteral("crash"));
    const QRectF host = canvas.itemInView(QStringLiteral("host:h1"));
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, QPointF(host.left() + 4, host.center().y()).toPoint());
    QCOMPARE(fault.count(), 0);
    QCOMPARE(message.count(), 1);
}

QTEST_MAIN(TestCanvas)
#include "tst_canvas.moc"
