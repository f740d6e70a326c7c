#include <QTest>

#include "app/studio/fault_plan.h"
#include "app/studio/graph_edits.h"
#include "app/studio/object_path.h"
#include "app/studio/planned_cluster.h"
#include "app/studio/property_sheets.h"
#include "app/studio/running_change.h"
#include "engine/base/faults.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/document/reader.h"
#include "engine/scenario/document/writer.h"
#include "engine/scenario/flow_of.h"
#include "engine/scenario/operators.h"
#include "engine/scenario/references.h"
#include "engine/scenario/scenario_reader.h"

using namespace millrace;
using namespace millrace::studio;
using namespace std::chrono_literals;

namespace {

/// "log>access, access>lines": all wires by the short names of their ends.
QString wiresOf(const scenario::Value& root) {
    QStringList wires;
    for (const flow::Edge& wire : scenario::flowOf(root).edges) {
        wires.append(QString::fromStdString(observe::titleOf(wire.from) + ">" + observe::titleOf(wire.to)));
    }
    return wires.join(QStringLiteral(", "));
}

QString errorsOf(const scenario::Value& root) {
    QStringList errors;
    const auto reading = scenario::readScenario(root, {"drawn.json", {}, {}});
    for (const scenario::Complaint& complaint : reading.complaints.all()) {
        if (complaint.severity == scenario::Complaint::Severity::Error) {
            errors.append(QString::fromStdString(complaint.field + ": " + complaint.message));
        }
    }
    return errors.join(QLatin1Char('\n'));
}

}  // namespace

class TestGraphEdits : public QObject {
    Q_OBJECT

private slots:
    void anEmptyScenarioHasACluster();
    void aPipelineDrawnFromThePaletteCanRun();
    void aStreamHasASheetInPlainFields();
    void whatIsNoObjectOfARunHasASheet();
    void anotherKindOfFaultIsAsStrongAsItsToolStrikes();
    void targetsThatAreProposedForAFaultAreTaken();
    void whatARunTakesFollowsFromTheTwoDocuments();
    void severalTopologiesAreDrawnAndEdited();
    void eachKindOfBoltCanBeDrawnAndRun();
    void aSinkGetsABoltThatWrites();
    void aMovedScenarioReadsTheSameFiles();
    void wiresThatMakeNoSenseAreRefused();
    void removingATopicRemovesItsWires();
    void renamingFollowsEveryReference();
    void aNameThatIsTakenIsRefused();
    void positionsSurviveARename();
    void everyObjectLeadsBackFromItsPath();
    void aPropertyIsSetAndGivenBackToItsDefault();
    void renamingATopicFollowsItsReadersAndFaults();
    void aDrawingShowsNoMorePartitionsThanCanBeToldApart();
    void theStrengthOfAPlannedFaultStandsUnderItsOwnWord_data();
    void theStrengthOfAPlannedFaultStandsUnderItsOwnWord();
    void theHistoryNamesEditsAsPeopleWould();
    void aLinkFollowsTheNamesOfItsHosts();
    void whatRunsOnAMachineFollowsItsNewName();

private:
    scenario::Value draw(const std::vector<const char*>& parts);
    std::vector<observe::ObjectId> m_ids;
};

scenario::Value TestGraphEdits::draw(const std::vector<const char*>& parts) {
    scenario::Value root = emptyScenario();
    m_ids.clear();
    for (const char* part : parts) {
        const auto edited = addPart(root, part, {static_cast<double>(m_ids.size()) * 200, 0});
        if (!edited) {
            qFatal("no such part: %s", part);
        }
        root = edited->root;
        m_ids.push_back(edited->object);
    }
    return root;
}

void TestGraphEdits::anEmptyScenarioHasACluster() {
    QCOMPARE(errorsOf(emptyScenario()), QString());
    QVERIFY(scenario::flowOf(emptyScenario()).nodes.empty());
}

void TestGraphEdits::aPipelineDrawnFromThePaletteCanRun() {
    scenario::Value root =
        draw({"source/generator", "topic", "spout/kafka", "bolt/split", "bolt/count", "sink/sqlite"});
    for (std::size_t i = 0; i + 1 < m_ids.size(); ++i) {
        const auto edited = connectObjects(root, m_ids[i], m_ids[i + 1]);
        QVERIFY2(edited, m_ids[i].c_str());
        root = edited->root;
    }
    QCOMPARE(wiresOf(root), QStringLiteral("source records>topic topic, topic topic>spout, spout>split, split>count, "
                                           "count>write-results, write-results>sink results"));
    QCOMPARE(errorsOf(root), QString());
}

void TestGraphEdits::aStreamHasASheetInPlainFields() {
    scenario::Value root =
        draw({"source/generator", "topic", "spout/kafka", "bolt/split", "bolt/count", "sink/sqlite"});
    for (std::size_t i = 0; i + 1 < m_ids.size(); ++i) {
        root = connectObjects(root, m_ids[i], m_ids[i + 1])->root;
    }
    const auto wire = [&](std::size_t from, const char* stream) {
        return widgets::DiagramEdge{QString::fromStdString(m_ids[from]),
                                    QString::fromStdString(m_ids[from + 1]),
                                    {},
                                    QString::fromLatin1(stream)};
    };
    auto sheet = sheetOfWire(root, wire(3, "default"), {});
    QCOMPARE(sheet.size(), std::size_t(4));
    QCOMPARE(sheet[0].name, QStringLiteral("grouping"));
    QVERIFY(sheet[0].choices.contains(QStringLiteral("local-or-shuffle")));
    QVERIFY2(sheet[1].help.contains(QStringLiteral("split sends: ")), qPrintable(sheet[1].help));
    // By fields, without any: said beside the field. Then by one, and by none again.
    root = *withProperty(root, sheet[0].path, QStringLiteral("fields"));
    root = *withProperty(root, sheet[1].path, QStringLiteral("word"));
    QCOMPARE(errorsOf(root), QString());
    sheet = sheetOfWire(root, wire(3, "default"), {});
    QCOMPARE(sheet[1].value, QStringLiteral("word"));
    root = *withProperty(root, sheet[0].path, QStringLiteral("all"));
    QCOMPARE(errorsOf(root), QString());
    QCOMPARE(sheetOfWire(root, wire(3, "default"), {})[1].value, QString());
    QVERIFY(sheetOfWire(root, wire(3, "rejected"), {}).empty());
    QCOMPARE(sheetOfWire(root, wire(0, ""), {}).front().value, QStringLiteral("topic"));
    QCOMPARE(sheetOfWire(root, wire(1, ""), {}).front().path, QStringLiteral("topologies.main.spouts.spout.topic"));
}

void TestGraphEdits::whatIsNoObjectOfARunHasASheet() {
    scenario::Value root = draw({"topic", "spout/kafka"});
    root = withPlannedFault(root, {"slow-disk", "host:h1", SimDuration(5s), SimDuration(10s), 20});
    const auto fieldsOf = [&](const QString& id) {
        QStringList names;
        for (const widgets::Property& each : sheetOf(root, id, {})) {
            names.append(each.path.contains(QLatin1String(".config.")) ? QStringLiteral("config") : each.name);
        }
        names.removeDuplicates();
        return names.join(QLatin1Char(' '));
    };
    QCOMPARE(fieldsOf({}), QStringLiteral("title about seed start duration open at"));
    QCOMPARE(fieldsOf(topologySheet("main")), QStringLiteral("workers profile submit at config"));
    QCOMPARE(fieldsOf(faultSheet(0)), QStringLiteral("at kind target for factor"));
    QCOMPARE(subjectOf(root, topologySheet("main")).kind, QStringLiteral("topology"));
    QCOMPARE(subjectOf(root, faultSheet(0)).title, QStringLiteral("slow disk host h1"));
    QVERIFY(subjectOf(root, faultSheet(1)).title.isEmpty());
    QCOMPARE(sheetAt({"faults", "[0]", "at"}), faultSheet(0));
    root = *withProperty(root, QStringLiteral("faults[0].for"), QStringLiteral("3s"));
    QCOMPARE(plannedFaults(root)[0].duration.value(), SimDuration(3s));
    QCOMPARE(editName(root, QStringLiteral("topologies.main.workers"), QStringLiteral("3")),
             QStringLiteral("Set workers of topology main to 3"));
    QCOMPARE(editName(root, QStringLiteral("title"), QStringLiteral("Word count")),
             QStringLiteral("Set title of the scenario to Word count"));
}

void TestGraphEdits::anotherKindOfFaultIsAsStrongAsItsToolStrikes() {
    scenario::Value root = withPlannedFault(emptyScenario(), {"slow-disk", "host:h1", SimDuration(5s), {}, 20});
    root = withFaultKind(root, 0, "power");
    QCOMPARE(errorsOf(root).contains(QStringLiteral("faults")), false);
    QCOMPARE(plannedFaults(root)[0].value, 0.0);
    root = withFaultKind(root, 0, "slow-cpu");
    QVERIFY(plannedFaults(root)[0].value > 1);
    QCOMPARE(errorsOf(root).contains(QStringLiteral("faults")), false);
}

void TestGraphEdits::targetsThatAreProposedForAFaultAreTaken() {
    scenario::Value root = draw({"source/generator", "topic", "spout/kafka"});
    root = connectObjects(root, m_ids[0], m_ids[1])->root;
    root = connectObjects(root, m_ids[1], m_ids[2])->root;
    for (const FaultRow& row : faults::rows) {
        const auto targets = scenario::faultTargets(root, row.name);
        const QString kind = QString::fromLatin1(row.name.data(), static_cast<qsizetype>(row.name.size()));
        QVERIFY2(!targets.empty() || row.hits == FaultRow::Hits::Link, qPrintable(kind));
        for (const std::string& target : targets) {
            const auto hit = withPlannedFault(root, {std::string(row.name), target, SimDuration(5s), {}, 2});
            QVERIFY2(!errorsOf(hit).contains(QStringLiteral("faults[0].target")),
                     qPrintable(kind + QLatin1Char(' ') + QString::fromStdString(target)));
        }
    }
    root = withPlannedFault(root, {"crash", "broker:1", SimDuration(5s), {}, 0});
    QStringList proposed;
    for (const widgets::Property& each : sheetOf(root, faultSheet(0), {})) {
        proposed += each.path == QLatin1String("faults[0].target") ? each.choices : QStringList();
    }
    for (const char* wanted : {"broker:1", "leader:topic-0", "controller", "producer:records", "nimbus"}) {
        QVERIFY2(proposed.contains(QLatin1String(wanted)), qPrintable(proposed.join(QLatin1Char(' '))));
    }
    QVERIFY(!proposed.contains(QStringLiteral("host:h1")));
}

void TestGraphEdits::whatARunTakesFollowsFromTheTwoDocuments() {
    scenario::Value root = draw({"source/generator", "topic"});
    root = connectObjects(root, m_ids[0], m_ids[1])->root;
    root = withPlannedFault(root, {"crash", "broker:1", SimDuration(5s), SimDuration(2s), 0});
    root = withPlannedFault(root, {"crash", "broker:2", SimDuration(15s), SimDuration(2s), 0});
    const scenario::Value running = root;
    observe::RunView run;
    run.now = SimTime(SimDuration(10s));
    for (const PlannedFault& fault : plannedFaults(root)) {
        observe::FaultBar& bar = run.faults.emplace_back();
        bar.kind = fault.kind;
        bar.target = fault.target;
        bar.at = SimTime(fault.at);
        bar.isPlanned = true;
    }
    const auto between = [&](const scenario::Value& before, const scenario::Value& after) {
        return runningChange(before, after, running, run, [](std::size_t) { return true; });
    };
    const auto kindsOf = [](const std::optional<RunningChange>& change) {
        QStringList kinds;
        for (const bridge::Command& command : change ? change->commands : std::vector<bridge::Command>()) {
            kinds.append(QString::fromStdString(command.kind));
        }
        return kinds.join(QLatin1Char(' '));
    };
    const std::string source(observe::nameOf(m_ids[0]));
    const QString rate = QStringLiteral("sources.%1.rate").arg(QString::fromStdString(source));
    QVERIFY(!between(root, root));
    // A rate and a fault that is yet to come, in one edit.
    auto after = *withProperty(root, rate, QStringLiteral("70/s"));
    QCOMPARE(kindsOf(between(root, after)), QStringLiteral("rate"));
    after = withMovedFault(after, 1, SimDuration(20s), SimDuration(3s));
    const auto both = between(root, after);
    QCOMPARE(kindsOf(both), QStringLiteral("rate withdraw crash"));
    QVERIFY(both->running == after);
    QCOMPARE(both->commands[2].at.value(), SimTime(SimDuration(20s)));
    // What the run has met stays there; what it does not know cannot be taken from it.
    QVERIFY(!between(root, withMovedFault(root, 0, SimDuration(20s), {})));
    QVERIFY(!between(root, withMovedFault(root, 1, SimDuration(8s), {})));
    QCOMPARE(kindsOf(between(root, withoutPlannedFault(root, 1))), QStringLiteral("withdraw"));
    const scenario::Value more = withPlannedFault(root, {"crash", "broker:3", SimDuration(30s), {}, 0});
    QCOMPARE(kindsOf(between(root, more)), QStringLiteral("crash"));
    QVERIFY(!between(more, withoutPlannedFault(more, 2)));
    // With anything else in the same edit the run has to start again; anything else before it changes nothing.
    const scenario::Value other = *withProperty(root, QStringLiteral("topics.topic.partitions"), QStringLiteral("7"));
    QVERIFY(!between(root, *withProperty(other, rate, QStringLiteral("70/s"))));
    const auto late = between(other, *withProperty(other, rate, QStringLiteral("70/s")));
    QCOMPARE(kindsOf(late), QStringLiteral("rate"));
    QVERIFY(late->running == *withProperty(root, rate, QStringLiteral("70/s")));
}

void TestGraphEdits::severalTopologiesAreDrawnAndEdited() {
    scenario::Value root = draw({"source/generator", "topic", "spout/kafka", "bolt/split"});
    for (std::size_t i = 0; i + 1 < m_ids.size(); ++i) {
        root = connectObjects(root, m_ids[i], m_ids[i + 1])->root;
    }
    const auto second = addPart(root, "topology", {0, 200});
    QVERIFY(second);
    QCOMPARE(second->object, std::string("spout:topology/spout"));
    root = connectObjects(second->root, m_ids[1], second->object)->root;
    const auto count = addPart(root, "bolt/count", {200, 200}, "topology");
    QCOMPARE(count->object, std::string("bolt:topology/count"));
    root = connectObjects(count->root, second->object, count->object)->root;
    QCOMPARE(errorsOf(root), QString());
    // A bolt that has no wire yet goes where it is fed; one that has stays.
    const auto filter = addPart(root, "bolt/filter", {300, 200});
    QCOMPARE(filter->object, std::string("bolt:main/filter"));
    const auto joined = connectObjects(filter->root, second->object, filter->object);
    QVERIFY(joined);
    QCOMPARE(joined->object, std::string("bolt:topology/filter"));
    QVERIFY(positionOf(joined->root, joined->object));
    QVERIFY(!connectObjects(joined->root, m_ids[2], count->object));
    QVERIFY(!QString::fromStdString(joined->note).contains(QStringLiteral("is gone")));
    // Whoever takes the last bolt of a topology away is told that it goes, with its settings.
    const scenario::Value* lone =
        scenario::valueAt(filter->root, scenario::Path({"topologies", "main", "bolts", "filter"}));
    QVERIFY(lone != nullptr);
    const auto lonely =
        scenario::withValue(root, scenario::Path({"topologies", "lonely"}),
                            scenario::Value::object({{"workers", scenario::Value::integer(3)},
                                                     {"bolts", scenario::Value::object({{"one", *lone}})}}));
    QVERIFY(lonely);
    const auto taken = connectObjects(*lonely, second->object, "bolt:lonely/one");
    QVERIFY(taken);
    QVERIFY(taken->root.find("topologies")->find("lonely") == nullptr);
    QVERIFY2(QString::fromStdString(taken->note).contains(QStringLiteral("lonely, which held nothing else, is gone")),
             taken->note.c_str());
    // One name in both is two cards.
    const auto another = addPart(joined->root, "bolt/split", {400, 200}, "topology");
    QCOMPARE(another->object, std::string("bolt:topology/split"));
    const auto renamed = renameObject(another->root, another->object, "cut");
    QCOMPARE(renamed->object, std::string("bolt:topology/cut"));
    QVERIFY(scenario::flowOf(renamed->root).find("bolt:main/split") != nullptr);
    // The last card takes its topology with it.
    const auto removed = removeObjects(
        renamed->root, {"spout:topology/spout", "bolt:topology/count", "bolt:topology/filter", "bolt:topology/cut"});
    QVERIFY(removed->root.find("topologies")->find("topology") == nullptr);
}

/// Whatever the catalog holds: its row says enough to draw it, to wire it and to explain it.
void TestGraphEdits::eachKindOfBoltCanBeDrawnAndRun() {
    for (const flow::Operator* row : scenario::operatorsOf(flow::NodeKind::Bolt)) {
        const std::string bolt = "bolt/" + std::string(row->kind);
        const flow::Parameter* target = row->reference(flow::NodeKind::Sink);
        const std::string sink = "sink/" + std::string(target == nullptr ? "sqlite" : target->ofKind);
        scenario::Value root =
            draw({"source/generator", "topic", "spout/kafka", bolt.c_str(), sink.c_str(), "spout/kafka"});
        using Wires = std::vector<std::pair<std::size_t, std::size_t>>;
        const bool hasTwo = row->kind == "join";  // it is whole with its second wire
        if (!hasTwo) {
            root = removeObjects(root, {m_ids[5]})->root;
        }
        const Wires wires =
            hasTwo ? Wires{{0, 1}, {1, 2}, {2, 3}, {1, 5}, {5, 3}, {3, 4}} : Wires{{0, 1}, {1, 2}, {2, 3}, {3, 4}};
        for (const auto& [from, to] : wires) {
            const auto edited = connectObjects(root, m_ids[from], m_ids[to]);
            QVERIFY2(edited, bolt.c_str());
            root = edited->root;
        }
        QCOMPARE(errorsOf(root), QString());
        const auto sheet = sheetOf(root, QString::fromStdString(m_ids[3]), {});
        const auto kind =
            std::find_if(sheet.begin(), sheet.end(), [](const auto& p) { return p.name == QLatin1String("kind"); });
        QVERIFY2(kind != sheet.end() && kind->help.startsWith(QString::fromStdString(std::string(row->help))),
                 bolt.c_str());
        for (const flow::Parameter& each : row->parameters) {
            const QString name =
                QString::fromStdString(std::string(each.key)).replace(QLatin1Char('_'), QLatin1Char(' '));
            QVERIFY2(std::any_of(sheet.begin(), sheet.end(), [&](const auto& p) { return p.name == name; }),
                     qPrintable(name));
        }
    }
}

void TestGraphEdits::aSinkGetsABoltThatWrites() {
    const scenario::Value root = draw({"spout/kafka", "bolt/split", "sink/sqlite"});
    const auto wired = connectObjects(root, m_ids[0], m_ids[1]);
    QVERIFY(wired);
    const auto edited = connectObjects(wired->root, m_ids[1], m_ids[2]);
    QVERIFY(edited);
    QCOMPARE(edited->object, std::string("bolt:main/write-results"));
    QVERIFY(!edited->note.empty());
    const std::string text = scenario::writeDocument(edited->root);
    QVERIFY2(text.find("word TEXT") != std::string::npos, text.c_str());
}

void TestGraphEdits::aMovedScenarioReadsTheSameFiles() {
    const auto document = scenario::readDocument(
        R"({"sources": {"a": {"path": "data/a.log"}, "b": {"path": "/var/b.log"}, "c": {"kind": "generator"}}})");
    const scenario::Value moved = withMovedSources(document.root, "/data/scenarios", "/data/mine");
    QCOMPARE(moved.find("sources")->find("a")->find("path")->asText(), std::string("../scenarios/data/a.log"));
    QCOMPARE(moved.find("sources")->find("b")->find("path")->asText(), std::string("/var/b.log"));
    QVERIFY(withMovedSources(document.root, "/x", "/x") == document.root);
}

void TestGraphEdits::wiresThatMakeNoSenseAreRefused() {
    const scenario::Value root = draw({"source/file", "topic", "spout/kafka", "sink/file"});
    QVERIFY(!connectObjects(root, m_ids[0], m_ids[2]));
    QVERIFY(!connectObjects(root, m_ids[3], m_ids[0]));
    QVERIFY(!connectObjects(root, m_ids[1], m_ids[0]));
    QVERIFY(!connectObjects(root, "bolt:main/nobody", m_ids[3]));
}

void TestGraphEdits::removingATopicRemovesItsWires() {
    scenario::Value root = draw({"source/generator", "topic", "spout/kafka"});
    root = connectObjects(root, m_ids[0], m_ids[1])->root;
    root = connectObjects(root, m_ids[1], m_ids[2])->root;
    QVERIFY(!wiresOf(root).isEmpty());
    const auto edited = removeObjects(root, {m_ids[1]});
    QVERIFY(edited);
    QCOMPARE(wiresOf(edited->root), QString());
    QCOMPARE(scenario::flowOf(edited->root).nodes.size(), std::size_t(2));
}

void TestGraphEdits::renamingFollowsEveryReference() {
    scenario::Value root = draw({"source/generator", "topic", "spout/kafka", "bolt/split"});
    for (std::size_t i = 0; i + 1 < m_ids.size(); ++i) {
        root = connectObjects(root, m_ids[i], m_ids[i + 1])->root;
    }
    auto edited = renameObject(root, m_ids[1], "access");
    QVERIFY(edited);
    QCOMPARE(edited->object, std::string("topic:access"));
    edited = renameObject(edited->root, m_ids[2], "lines");
    QVERIFY(edited);
    QCOMPARE(wiresOf(edited->root), QStringLiteral("source records>topic access, topic access>lines, lines>split"));
}

void TestGraphEdits::aLinkFollowsTheNamesOfItsHosts() {
    const auto read = scenario::readDocument(
        R"({"hosts": {"h1": {}, "h2": {}, "h3": {}}, "links": {"default": {}, "h1-h2": {"latency": "8ms"}, "h2-h3": {}},
        "faults": [{"at": "1s", "kind": "cut", "target": "link:h1-h2", "for": "1s"}]})");
    const auto renamed = renameObject(read.root, "host:h2", "web-a");
    QVERIFY(renamed);
    const auto at = [](const scenario::Value& root, std::vector<std::string> path) {
        return scenario::valueAt(root, scenario::Path(std::move(path)));
    };
    QVERIFY(at(renamed->root, {"links", "h1-web-a", "latency"}) != nullptr);
    QVERIFY(at(renamed->root, {"links", "web-a-h3"}) != nullptr);
    QVERIFY(at(renamed->root, {"links", "default"}) != nullptr);
    const scenario::Value* target = at(renamed->root, {"faults"})->items()[0].find("target");
    QVERIFY(target != nullptr);
    QCOMPARE(target->asText(), std::string("link:h1-web-a"));
}

void TestGraphEdits::whatRunsOnAMachineFollowsItsNewName() {
    const auto read = scenario::readDocument(
        R"({"faults": [{"at": "1s", "kind": "power", "target": "host:h1"},
        {"at": "2s", "kind": "crash", "target": "broker:1"}, {"at": "3s", "kind": "crash", "target": "broker:2"}]})");
    const auto planned = scenario::withValue(emptyScenario(), scenario::Path({"faults"}), *read.root.find("faults"));
    QVERIFY(planned);
    auto edited = renameObject(*planned, "host:h1", "rack-a");
    QVERIFY(edited);
    edited = renameObject(edited->root, "broker:1", "7");
    QVERIFY(edited);
    QCOMPARE(errorsOf(edited->root), QString());
    const scenario::Value* broker =
        scenario::valueAt(edited->root, scenario::Path({"cluster", "brokers", "7", "host"}));
    QVERIFY(broker != nullptr);
    QCOMPARE(broker->asText(), std::string("rack-a"));
    QStringList targets;
    for (const scenario::Value& fault : edited->root.find("faults")->items()) {
        targets << QString::fromStdString(fault.find("target")->asText());
    }
    QCOMPARE(targets.join(QLatin1Char(' ')), QStringLiteral("host:rack-a broker:7 broker:2"));
}

void TestGraphEdits::aNameThatIsTakenIsRefused() {
    const scenario::Value root = draw({"spout/kafka", "bolt/split", "topic", "topic"});
    QVERIFY(!renameObject(root, m_ids[0], "split"));
    QVERIFY(!renameObject(root, m_ids[2], "topic-2"));
    QVERIFY(!renameObject(root, m_ids[2], ""));
}

void TestGraphEdits::positionsSurviveARename() {
    const scenario::Value root = moveObjects(draw({"topic"}), {{"topic:topic", {120, -48}}});
    const auto edited = renameObject(root, "topic:topic", "access");
    QVERIFY(edited);
    QCOMPARE(positionOf(edited->root, "topic:access"), std::optional(Position{120, -48}));
    QVERIFY(!positionOf(edited->root, "topic:topic"));
}

void TestGraphEdits::everyObjectLeadsBackFromItsPath() {
    const scenario::Value root =
        draw({"source/file", "topic", "spout/kafka", "bolt/count", "sink/file", "host", "broker", "supervisor"});
    for (const observe::ObjectId& id : m_ids) {
        QCOMPARE(objectAt(pathOf(root, id)), id);
    }
    QCOMPARE(objectAt(pathOf(root, "nimbus")), std::string("nimbus"));
    QCOMPARE(objectAt({"run", "seed"}), std::string());
}

void TestGraphEdits::aPropertyIsSetAndGivenBackToItsDefault() {
    const scenario::Value root = draw({"topic"});
    const auto six = withProperty(root, QStringLiteral("topics.topic.partitions"), QStringLiteral("6"));
    QVERIFY(six);
    const auto sheet = sheetOf(*six, QStringLiteral("topic:topic"), {});
    const auto partitions =
        std::find_if(sheet.begin(), sheet.end(), [](const auto& p) { return p.name == QLatin1String("partitions"); });
    QVERIFY(partitions != sheet.end());
    QCOMPARE(partitions->value, QStringLiteral("6"));
    QVERIFY(std::any_of(sheet.begin(), sheet.end(),
                        [](const auto& p) { return p.name == QLatin1String("min.insync.replicas"); }));
    const auto back = withProperty(*six, QStringLiteral("topics.topic.partitions"), QString());
    QVERIFY(back);
    QVERIFY(!(*back == *six));
}

void TestGraphEdits::renamingATopicFollowsItsReadersAndFaults() {
    scenario::Value root = draw({"topic", "topic"});
    const auto put = [&](const char* path, const char* json) {
        root = *scenario::withValue(root, scenario::Path::parse(path, root), scenario::readDocument(json).root);
    };
    put("clients", R"({"groups": {"readers": {"topics": ["topic", "topic2"], "members": 2}}})");
    put("faults", R"([{"at": "5s", "kind": "crash", "target": "leader:topic-0"},
                      {"at": "6s", "kind": "crash", "target": "leader:topic-x-0"}])");
    const auto renamed = renameObject(root, "topic:topic", "access");
    QVERIFY(renamed);
    const std::string text = scenario::writeDocument(renamed->root);
    QVERIFY2(text.find("leader:access-0") != std::string::npos, text.c_str());
    QVERIFY2(text.find("leader:topic-x-0") != std::string::npos, text.c_str());
    QVERIFY2(text.find("leader:topic-0") == std::string::npos, text.c_str());
    const scenario::Value* topics = scenario::valueAt(
        renamed->root, scenario::Path(std::vector<std::string>{"clients", "groups", "readers", "topics"}));
    QVERIFY(topics != nullptr);
    QCOMPARE(topics->items()[0].asText(), std::string("access"));
    // What goes takes along what was to hit it, and is read no longer.
    const auto without = removeObjects(renamed->root, {"topic:access"});
    QVERIFY(without);
    const std::string rest = scenario::writeDocument(without->root);
    QVERIFY2(rest.find("access") == std::string::npos, rest.c_str());
}

/// A small file may claim any number of partitions: what would be refused must not take the memory before.
void TestGraphEdits::aDrawingShowsNoMorePartitionsThanCanBeToldApart() {
    std::string text = R"({"millrace": 1, "topics": {"first": {"partitions": 12})";
    for (int i = 0; i < 100; ++i) {
        text += ", \"t" + std::to_string(i) + "\": {\"partitions\": 200000}";
    }
    const auto plan = plannedCluster(scenario::readDocument(text + "}}").root);
    QCOMPARE(plan->cluster.topics.size(), std::size_t(101));
    QCOMPARE(plan->cluster.topics[0].partitions.size(), std::size_t(12));
    std::size_t all = 0;
    for (const observe::TopicView& topic : plan->cluster.topics) {
        all += topic.partitions.size();
    }
    QCOMPARE(all, std::size_t(20'000));
    for (const char* none : {"-5", "\"many\"", "1e300"}) {
        const auto odd = plannedCluster(
            scenario::readDocument(std::string(R"({"millrace": 1, "topics": {"t": {"partitions": )") + none + "}}}")
                .root);
        QVERIFY(odd->cluster.topics[0].partitions.size() <= 20'000);
    }
}

void TestGraphEdits::theStrengthOfAPlannedFaultStandsUnderItsOwnWord_data() {
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<double>("strength");
    QTest::addColumn<QByteArray>("word");
    QTest::newRow("slow-cpu") << QByteArray("host:b") << 20.0 << QByteArray("factor");
    QTest::newRow("slow-disk") << QByteArray("host:b") << 2.5 << QByteArray("factor");
    QTest::newRow("delay") << QByteArray("link:z-b") << 0.25 << QByteArray("by");
    QTest::newRow("skew") << QByteArray("host:b") << 3.0 << QByteArray("by");
    QTest::newRow("loss") << QByteArray("link:z-b") << 0.1 << QByteArray("share");
    QTest::newRow("duplicate") << QByteArray("link:z-b") << 0.2 << QByteArray("share");
}

/// What the plan writes is what the scenario's reader takes: a fault under a foreign word would be refused.
void TestGraphEdits::theStrengthOfAPlannedFaultStandsUnderItsOwnWord() {
    QFETCH(QByteArray, target);
    QFETCH(double, strength);
    QFETCH(QByteArray, word);
    const scenario::Value root = scenario::readDocument(R"({"millrace": 1, "hosts": {"z": {}, "b": {}},
"cluster": {"coordination": "zookeeper", "servers": {"zk1": {"host": "z"}}, "brokers": {"1": {"host": "b"}}}})")
                                     .root;
    const PlannedFault fault{QTest::currentDataTag(), target.toStdString(), 5s, SimDuration(2s), strength};
    const scenario::Value planned = withPlannedFault(root, fault);
    QCOMPARE(errorsOf(planned), QString());
    const scenario::Value& entry = planned.find("faults")->items().front();
    for (const char* each : {"factor", "by", "share"}) {
        QVERIFY2((entry.find(each) != nullptr) == (word == each), each);
    }
    const auto back = plannedFaults(planned);
    QCOMPARE(back.size(), std::size_t(1));
    QCOMPARE(back[0].value, strength);
}

void TestGraphEdits::theHistoryNamesEditsAsPeopleWould() {
    const scenario::Value root = draw({"topic", "spout/kafka", "bolt/count"});
    const auto name = [&](const char* path, const char* value) {
        return editName(root, QString::fromLatin1(path), QString::fromLatin1(value));
    };
    QCOMPARE(name("topics.topic.partitions", "6"), QStringLiteral("Set partitions of topic topic to 6"));
    QCOMPARE(name("topologies.main.bolts.count.config.topology.max.task.parallelism", "3"),
             QStringLiteral("Set topology.max.task.parallelism of count to 3"));
    QCOMPARE(name("topologies.main.workers", "2"), QStringLiteral("Set workers of topology main to 2"));
    QCOMPARE(name("cluster.brokers.1.config.log.segment.bytes", ""),
             QStringLiteral("Set log.segment.bytes of broker 1 back to its default"));
    QCOMPARE(name("run.open_at", "30s"), QStringLiteral("Set open at of the run to 30s"));
}

QTEST_APPLESS_MAIN(TestGraphEdits)
#include "tst_graph_edits.moc"
