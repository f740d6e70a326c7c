#include "engine/observe/object_id.h"
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

QTEST_APPLESS_MAIN(TestObjectId)
#include "tst_object_id.moc"
