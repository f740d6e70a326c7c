#include <QLineF>
#include <QSignalSpy>
#include <QTest>

#include "tests/support/synthetic_session.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/cluster/cluster_layout.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/models/fault_tool.h"
#include "widgets/models/selection.h"

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
    void everyThingHasItsPlaceInsideItsHost();
    void theLayoutStaysWhileStatesChange();
    void hostsStayWhileABrokerStartsAgainAndTheRoomChanges();
    void aFaceThatWasDraggedInIsFittedAgain();
    void aFaceThatWasMovedKeepsSomethingInView();
    void thousandsOfPartitionsAreAMapAndTheWorstOfThem();
    void oneRecordBehindIsSeenAmongMillions();
    void aStripIsNeverLongerThanItsTrack_data();
    void aStripIsNeverLongerThanItsTrack();
    void figuresOfACardComeFromTheViews();
    void wiresKnowWhatTheyMayJoin();
    void theMarqueeSelectsWhatItTouches();
    void arrowsGoFromCardToCard();
    void zoomingKeepsThePointUnderTheMouse();
    void aClickWithAToolActsAndDoesNotSelect();
    void theToolForHostsHitsTheHostUnderABroker();
    void aToolThatDoesNotSuitSaysWhatItIsFor();
};

void TestCanvas::everyThingHasItsPlaceInsideItsHost() {
    const auto snapshot = syntheticSnapshot();
    for (const double aspect : {0.4, 1.0, 3.0}) {
        const ClusterLayout layout = layoutCluster(*snapshot, aspect);
        const ClusterItem* host = nullptr;
        int strips = 0;
        for (const ClusterItem& item : layout.items) {
            if (item.kind == observe::ObjectKind::Host) {
                host = &item;
            }
            QVERIFY(host != nullptr);
            QVERIFY2(host->box.contains(item.box), qPrintable(item.id));
            strips += item.kind == observe::ObjectKind::Partition ? 1 : 0;
        }
        QCOMPARE(strips, 18);
        QVERIFY(layout.find(QStringLiteral("nimbus")) != nullptr);
        QVERIFY(layout.find(QStringLiteral("worker:audit/2")) != nullptr);
    }
}

void TestCanvas::theLayoutStaysWhileStatesChange() {
    auto snapshot = *syntheticSnapshot();
    const ClusterLayout before = layoutCluster(snapshot, 1.5);
    snapshot.cluster.brokers[1].state = observe::LifeState::Crashed;
    snapshot.cluster.hosts[3].state = observe::LifeState::PoweredOff;
    const ClusterLayout after = layoutCluster(snapshot, 1.5);
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
    QHash<QString, QRectF> places;
    for (const observe::HostView& host : before->cluster.hosts) {
        places.insert(QString::fromStdString(host.id), canvas.itemInView(QString::fromStdString(host.id)));
    }
    QCOMPARE(places.size(), 5);
    auto after = std::make_shared<observe::Snapshot>(*before);
    after->cluster.brokers[1].state = observe::LifeState::Starting;
    after->cluster.brokers[1].replicas.clear();  // it has been told nothing yet
    canvas.setSnapshot(after);
    for (auto place = places.begin(); place != places.end(); ++place) {
        QCOMPARE(canvas.itemInView(place.key()), place.value());
    }
    // Where the host was is the host: what was aimed at is what is hit.
    for (auto place = places.begin(); place != places.end(); ++place) {
        QTest::mouseClick(&canvas, Qt::LeftButton, {}, (place->topLeft() + QPointF(4, place->height() - 3)).toPoint());
        QCOMPARE(selection.current(), place.key());
    }
    // A little more or less room changes the size, not the order: who stood beside whom stays there.
    for (int height = 400; height >= 350; height -= 10) {
        canvas.resize(900, height);
        for (auto one = places.begin(); one != places.end(); ++one) {
            for (auto other = places.begin(); other != places.end(); ++other) {
                const bool wasLeft = one->left() < other->left() - 1;
                const bool isLeft = canvas.itemInView(one.key()).left() < canvas.itemInView(other.key()).left() - 1;
                QVERIFY2(wasLeft == isLeft, qPrintable(one.key() + other.key()));
            }
        }
    }
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
    const auto layout = layoutCluster(snapshot, 1.5);
    const ClusterItem* broker = layout.find(QStringLiteral("broker:1"));
    QVERIFY(broker != nullptr);
    QVERIFY2(broker->box.height() < 250, qPrintable(QString::number(broker->box.height())));
    QStringList shown;
    int maps = 0;
    for (const ClusterItem& item : layout.items) {
        if (item.owner == QLatin1String("broker:1") && item.kind == observe::ObjectKind::Partition) {
            QVERIFY(broker->box.contains(item.box));
            maps += item.childIndex < 0 ? 1 : 0;
            shown += item.childIndex < 0 ? QStringList() : QStringList{item.id};
        }
    }
    QCOMPARE(maps, 1);
    QCOMPARE(shown.size(), 3);
    QVERIFY2(shown.filter(QStringLiteral("7777")).size() == 1, qPrintable(shown.join(QLatin1Char(' '))));
}

void TestCanvas::oneRecordBehindIsSeenAmongMillions() {
    const double full = stripShare(5'000'000, 0, 5'000'000, 5'000'000);
    const double behind = stripShare(4'999'999, 0, 5'000'000, 5'000'000);
    QVERIFY(full - behind > 0.02);
    QVERIFY(stripShare(4'999'000, 0, 5'000'000, 5'000'000) < behind);
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
    QCOMPARE(liveFigures(*snapshot, diagram.nodes[0]).strong, QStringLiteral("lag 160 · 400 ms"));
    QCOMPARE(liveFigures(*snapshot, diagram.nodes[1]).strong, QStringLiteral("pending 812"));
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
    QVERIFY(canvas.visibleScene().contains(QRectF(0, 0, 632, 84)));
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
