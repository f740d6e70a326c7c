#include "engine/observe/object_id.h"
#include "engine/observe/place.h"
#include "engine/observe/snapshot.h"

#include <QTest>

using namespace millrace::observe;

class TestObjectId : public QObject {
    Q_OBJECT

private slots:
    void idsAreWhatFaultTargetsAreCalled();
    void kindAndNameComeBackOutOfAnId_data();
    void kindAndNameComeBackOutOfAnId();
    void titlesAreWhatPeopleSay();
    void anUnknownPrefixIsNoKind();
    void everyStateHasItsOwnWord();
    void eachKindIsFoundByItsPrefixAndItsPlace();
    void whoMayFeedWhomStandsInTheRows();
};

void TestObjectId::idsAreWhatFaultTargetsAreCalled() {
    QCOMPARE(brokerId(2), std::string("broker:2"));
    QCOMPARE(hostId("h4"), std::string("host:h4"));
    QCOMPARE(nimbusId(), std::string("nimbus"));
    QCOMPARE(supervisorId("s1"), std::string("supervisor:s1"));
    QCOMPARE(workerId("audit", 1), std::string("worker:audit/1"));
    QCOMPARE(serverId("zk2"), std::string("server:zk2"));
}

void TestObjectId::kindAndNameComeBackOutOfAnId_data() {
    QTest::addColumn<QString>("id");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("name");
    const auto row = [](const std::string& id, ObjectKind kind, const char* name) {
        QTest::addRow("%s", id.c_str()) << QString::fromStdString(id) << static_cast<int>(kind)
                                        << QString::fromLatin1(name);
    };
    row(topicId("access"), ObjectKind::Topic, "access");
    row(partitionId("access", 3), ObjectKind::Partition, "access-3");
    row(boltId("audit", "count"), ObjectKind::Bolt, "audit/count");
    row(spoutId("audit", "lines"), ObjectKind::Spout, "audit/lines");
    row(sourceId("log"), ObjectKind::Source, "log");
    row(sinkId("a:b"), ObjectKind::Sink, "a:b");
    row(producerId("web"), ObjectKind::Producer, "web");
    row(groupId("audit"), ObjectKind::Group, "audit");
    row(nimbusId(), ObjectKind::Nimbus, "nimbus");
}

void TestObjectId::kindAndNameComeBackOutOfAnId() {
    QFETCH(QString, id);
    QFETCH(int, kind);
    QFETCH(QString, name);
    const std::string text = id.toStdString();
    QCOMPARE(static_cast<int>(kindOf(text)), kind);
    QCOMPARE(QString::fromStdString(std::string(nameOf(text))), name);
}

void TestObjectId::titlesAreWhatPeopleSay() {
    QCOMPARE(titleOf("broker:2"), std::string("broker 2"));
    QCOMPARE(titleOf("nimbus"), std::string("Nimbus"));
    QCOMPARE(titleOf("bolt:audit/count"), std::string("count"));
    QCOMPARE(titleOf("partition:access-0"), std::string("access-0"));
    QCOMPARE(titleOf("server:zk2"), std::string("ZooKeeper zk2"));
}

void TestObjectId::anUnknownPrefixIsNoKind() {
    QCOMPARE(kindOf("brokers:2"), ObjectKind::Unknown);
    QCOMPARE(kindOf(""), ObjectKind::Unknown);
    QCOMPARE(titleOf("leftover"), std::string("leftover"));
}

void TestObjectId::everyStateHasItsOwnWord() {
    std::vector<std::string_view> words;
    for (const LifeState state : {LifeState::Running, LifeState::Starting, LifeState::Paused, LifeState::Crashed,
                                  LifeState::PoweredOff, LifeState::Stopped, LifeState::Planned}) {
        QVERIFY(!toText(state).empty());
        QVERIFY(std::find(words.begin(), words.end(), toText(state)) == words.end());
        words.push_back(toText(state));
    }
    QVERIFY(isDown(LifeState::Crashed));
    QVERIFY(!isDown(LifeState::Paused));
}

void TestObjectId::eachKindIsFoundByItsPrefixAndItsPlace() {
    for (const KindRow& row : kinds()) {
        QCOMPARE(kindOf(row.prefix), row.kind);
        QCOMPARE(rowOf(row.kind).prefix, row.prefix);
        QVERIFY2(!row.word.empty() && !row.several.empty() && !row.place.empty(), row.prefix.data());
        if (row.hasName() && (row.isCard || row.stand != Stand::Nowhere)) {
            const ObjectId id = idOf(row.kind, "audit", "one");
            QCOMPARE(objectAt(placeOf(id)), id);
            std::vector<std::string> field = placeOf(id);
            field.push_back("config");
            QCOMPARE(objectAt(field), id);
        }
    }
    QCOMPARE(placeOf("bolt:audit/count"), (std::vector<std::string>{"topologies", "audit", "bolts", "count"}));
    QCOMPARE(placeOf("partition:a-b-3"), (std::vector<std::string>{"topics", "a-b"}));
    QCOMPARE(otherPlaceOf("producer:log"), (std::vector<std::string>{"sources", "log"}));
    QCOMPARE(objectAt({"topologies", "audit"}), std::string());
}

void TestObjectId::whoMayFeedWhomStandsInTheRows() {
    QVERIFY(wayBetween(ObjectKind::Source, ObjectKind::Topic));
    QVERIFY(!wayBetween(ObjectKind::Topic, ObjectKind::Source));
    QVERIFY(!wayBetween(ObjectKind::Unknown, ObjectKind::Unknown));
    QCOMPARE(wayBetween(ObjectKind::Spout, ObjectKind::Sink)->through, ObjectKind::Bolt);
    QVERIFY(!rowOf(ObjectKind::Source).isFed());
    QVERIFY(!rowOf(ObjectKind::Sink).feeds());
    QVERIFY(rowOf(ObjectKind::Worker).isProcess());
    QVERIFY(!rowOf(ObjectKind::Group).isProcess());
}

QTEST_APPLESS_MAIN(TestObjectId)
#include "tst_object_id.moc"
