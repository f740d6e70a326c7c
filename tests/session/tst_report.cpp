#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTest>

#include "engine/observe/object_id.h"
#include "engine/run/report/report.h"

using namespace millrace;
using namespace millrace::run;

namespace {

observe::PartitionView partition(std::int32_t index, std::int32_t leader) {
    observe::PartitionView view;
    view.partition = index;
    view.leader = leader;
    view.replicas = {1, 2};
    view.inSync = {1, 2};
    view.logStartOffset = 11;
    view.highWatermark = 4711;
    view.logEndOffset = 4712;
    return view;
}

/// Broker 1 runs, broker 2 is dead; partition 0 is led by broker 1, 1 by nobody, and 2 by the dead one, as brokers
/// still believe.
Report halfDead() {
    Report report;
    for (const std::int32_t id : {1, 2}) {
        observe::BrokerView broker;
        broker.id = observe::brokerId(id);
        broker.host = observe::hostId("h");
        broker.state = id == 1 ? observe::LifeState::Running : observe::LifeState::Crashed;
        report.cluster.brokers.push_back(broker);
    }
    observe::TopicView topic;
    topic.name = "access";
    topic.partitions = {partition(0, 1), partition(1, -1), partition(2, 2)};
    report.cluster.topics.push_back(topic);
    observe::GroupView group;
    group.name = "audit";
    group.lag = 716;
    group.offsets = {{"access", 0, 4706, -1, 5}, {"access", 1, 4000, -1, 711}};
    report.cluster.groups.push_back(group);
    return report;
}

}  // namespace

class TestReport : public QObject {
    Q_OBJECT

private slots:
    void whatNobodyKnowsOfAnOfflinePartitionIsNull() {
        const QJsonObject json = QJsonDocument::fromJson(QByteArray::fromStdString(reportJson(halfDead()))).object();
        const QJsonArray partitions = json[QLatin1String("topics")][0][QLatin1String("partitions")].toArray();
        for (const char* field : {"log_start_offset", "high_watermark", "log_end_offset"}) {
            const QLatin1String name(field);
            QVERIFY2(partitions[0].toObject()[name].toInt() > 0, field);
            QVERIFY2(partitions[1].toObject()[name].isNull(), field);
            QVERIFY2(partitions[2].toObject()[name].isNull(), field);
        }
        const QJsonArray groups = json[QLatin1String("groups")].toArray();
        // A lag is a number all the same.
        QCOMPARE(groups[0].toObject()[QLatin1String("lag")].toInt(), 716);
        QCOMPARE(groups[0][QLatin1String("offsets")][0][QLatin1String("lag")].toInt(), 5);
        QCOMPARE(groups[0][QLatin1String("offsets")][1][QLatin1String("lag")].toInt(), 711);
    }

    void whatNobodyKnowsIsADashInTheTextAndColumnsStayStraight() {
        const QString text = QString::fromStdString(reportText(halfDead()));
        QStringList rows;
        for (const QString& line : text.split(QLatin1Char('\n'))) {
            if (line.contains(QLatin1String("access-"))) {
                rows.append(line);
            }
        }
        QCOMPARE(rows.size(), 3);
        QVERIFY(rows[0].endsWith(QLatin1String("4712")));
        for (const QString& row : {rows[1], rows[2]}) {
            QVERIFY2(row.endsWith(QChar(0x2013)), qPrintable(row));
            QVERIFY2(!row.contains(QLatin1String("4711")), qPrintable(row));
            QCOMPARE(row.size(), rows[0].size());
        }
        QVERIFY(text.contains(QRegularExpression(QStringLiteral("audit .*716 +0\n"))));
    }

    void aRunWhoseDurationIsOverIsNotSaidToBeStuck() {
        Report report;
        report.scenario = "s";
        report.stopped = Stop::Stuck;
        QVERIFY(reportText(report).starts_with("s: it got stuck\n"));
        report.isDurationOver = true;
        QVERIFY(reportText(report).starts_with("s: its duration (run.duration) was over before all was done\n"));
        QVERIFY(reportJson(report).find("\"stopped\": \"stuck\"") != std::string::npos);
    }

    void aRunThatLostOrGaveUpRecordsHasNotDealtWithEverything() {
        Report report;
        report.scenario = "s";
        report.stopped = Stop::Drained;
        QVERIFY(reportText(report).starts_with("s: everything that came in has been dealt with\n"));
        report.origins.losses.push_back({"p1", "access", 3, 2000, 1000, 2999, "unclean-election", false, SimTime{}});
        QVERIFY(
            reportText(report).starts_with("s: nothing is left to be done, but 2000 acknowledged records are lost\n"));
        QVERIFY(!report.hasBrokenPromises());
        observe::OriginView origin;
        origin.source = "log";
        origin.failed = 1;
        origin.givenUp = {{"MESSAGE_TOO_LARGE", 1, 17, 17}};
        report.origins.sources.push_back(origin);
        const QString text = QString::fromStdString(reportText(report));
        QVERIFY(text.startsWith(QStringLiteral(
            "s: nothing is left to be done, but 2000 acknowledged records are lost, 1 record was given up\n")));
        QVERIFY(text.contains(QRegularExpression(QStringLiteral("p1 +access-3 +2000 +1000..2999 +unclean-election"))));
        QVERIFY(text.contains(QRegularExpression(QStringLiteral("log +1 +17 +MESSAGE_TOO_LARGE"))));
        const QJsonObject json = QJsonDocument::fromJson(QByteArray::fromStdString(reportJson(report))).object();
        const QJsonObject loss = json[QLatin1String("losses")][0].toObject();
        QCOMPARE(loss[QLatin1String("producer")].toString(), QStringLiteral("p1"));
        QCOMPARE(loss[QLatin1String("partition")].toInt(), 3);
        QCOMPARE(loss[QLatin1String("records")].toInt(), 2000);
        QCOMPARE(loss[QLatin1String("from_offset")].toInt(), 1000);
        QCOMPARE(loss[QLatin1String("to_offset")].toInt(), 2999);
        QCOMPARE(loss[QLatin1String("cause")].toString(), QStringLiteral("unclean-election"));
        report.origins.losses[0].wasPromised = true;
        QVERIFY(report.hasBrokenPromises());
    }
};

QTEST_APPLESS_MAIN(TestReport)
#include "tst_report.moc"
