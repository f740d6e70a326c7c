#include <QTemporaryDir>
#include <QtTest>

#include "tests/tidy/house.h"

using namespace millrace::tidy;

namespace {

using Rule = QStringList (*)(const QDir&);

// A small project that breaks no rule, to which a test adds the file that does.
class Project {
public:
    Project() {
        add(u"README.md"_qs, "# A project\n");
        add(u"engine/README.md"_qs, "# The engine\n");
        add(u"engine/base/time.h"_qs, "#pragma once\n\n#include <chrono>\n");
        add(u"engine/kafka/log/log.h"_qs, "#pragma once\n\n#include \"engine/base/time.h\"\n");
        add(u"engine/kafka/log/log.cpp"_qs,
            "#include \"engine/kafka/log/log.h\"\n\n#include <boost/graph/adjacency_list.hpp>\n");
        add(u"engine/storm/runtime/spout.cpp"_qs, "#include \"engine/kafka/log/log.h\"\n");
        add(u"widgets/README.md"_qs, "# Widgets\n");
        add(u"widgets/charts/chart.cpp"_qs,
            "#include <qcustomplot.h>\n\n#include <QWidget>\n#include \"engine/base/time.h\"\n");
    }

    void add(const QString& path, const QByteArray& text) {
        const QString full = m_folder.filePath(path);
        QVERIFY(QDir().mkpath(QFileInfo(full).path()));
        QFile file(full);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    }

    QDir root() const { return QDir(m_folder.path()); }

private:
    QTemporaryDir m_folder;
};

QString together(const QStringList& complaints) {
    return complaints.join(u'\n');
}

void addRules() {
    QTest::addColumn<Rule>("rule");
    QTest::newRow("floors") << Rule(brokenFloors);
    QTest::newRow("floors inside") << Rule(brokenFloorsInside);
    QTest::newRow("sections") << Rule(namedSystems);
    QTest::newRow("ZooKeeper in Kafka") << Rule(namedZooKeeper);
    QTest::newRow("kinds") << Rule(askedKinds);
    QTest::newRow("includes") << Rule(misplacedIncludes);
    QTest::newRow("classes of the studio") << Rule(crowdedClasses);
    QTest::newRow("wrapped libraries") << Rule(exposedLibraries);
    QTest::newRow("determinism") << Rule(brokenDeterminism);
    QTest::newRow("links") << Rule(ownConnections);
    QTest::newRow("names") << Rule(misnamedFiles);
    QTest::newRow("top level") << Rule(untidyTopLevel);
    QTest::newRow("stray outputs") << Rule(strayOutputs);
    QTest::newRow("machine paths") << Rule(machinePaths);
}

}  // namespace

Q_DECLARE_METATYPE(Rule)

class TestHouse : public QObject {
    Q_OBJECT

private slots:
    void thisProjectKeepsTheRule_data() { addRules(); }
    void thisProjectKeepsTheRule() {
        QFETCH(Rule, rule);
        const QDir root(QStringLiteral("."));
        QVERIFY2(root.exists(QStringLiteral("CMakePresets.json")), "the test runs at the root of the source tree");
        QVERIFY(projectFiles(root).size() > 10);
        const QStringList complaints = rule(root);
        QVERIFY2(complaints.isEmpty(), qPrintable(together(complaints)));
    }

    void aTidyProjectHasNoComplaints_data() { addRules(); }
    void aTidyProjectHasNoComplaints() {
        QFETCH(Rule, rule);
        const Project project;
        QCOMPARE(together(rule(project.root())), QString());
    }

    void aPlantedFaultIsFound_data() {
        QTest::addColumn<Rule>("rule");
        QTest::addColumn<QString>("path");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("complaint");
        const auto plant = [](const char* name, Rule rule, const char* path, const char* text, const char* complaint) {
            QTest::newRow(name) << rule << QString::fromUtf8(path) << QByteArray(text) << QString::fromUtf8(complaint);
        };
        plant("a room above", brokenFloors, "engine/kafka/bad.cpp", "\n#include \"engine/storm/spout.h\"\n",
              "engine/kafka/bad.cpp:2: engine/kafka (floor 5) includes engine/storm (floor 6)");
        plant("a room beside", brokenFloors, "engine/observe/bad.h", "#include \"engine/sim/world.h\"\n",
              "engine/observe/bad.h:1: engine/observe (floor 2) includes engine/sim (floor 2)");
        plant("an engine in a widget", brokenFloors, "widgets/bad.h", "#include \"engine/sim/world.h\"\n",
              "widgets/bad.h:1: widgets sees base, flow and observe, not engine/sim");
        plant("a widget in the engine", brokenFloors, "engine/run/bad.h", "#include \"app/studio/window.h\"\n",
              "engine/run/bad.h:1: engine/run (floor 8) includes app (floor 10)");
        plant("Qt in the engine", brokenFloors, "engine/run/bad.cpp", "#include <QString>\n",
              "engine/run/bad.cpp:1: engine/run is built without Qt but includes QString");
        plant("Qt in the command line", brokenFloors, "app/cli/bad.cpp", "#include <QtCore/QString>\n",
              "app/cli/bad.cpp:1: app/cli is built without Qt but includes QtCore/QString");
        plant("widgets in the command line", brokenFloors, "app/cli/bad.cpp", "#include \"widgets/chart.h\"\n",
              "app/cli/bad.cpp:1: app/cli includes widgets");
        plant("an unknown room", brokenFloors, "engine/attic/bad.cpp", "\n",
              "engine/attic/bad.cpp:1: stands in no room of the house");
        plant(
            "a part above", brokenFloorsInside, "engine/kafka/log/bad.h",
            "#include \"engine/kafka/protocol/fetch.h\"\n",
            "engine/kafka/log/bad.h:1: stands on floor 1 of engine/kafka and includes engine/kafka/protocol/fetch.h of "
            "floor 2");
        plant("a part beside", brokenFloorsInside, "engine/kafka/group/bad.h",
              "#include \"engine/kafka/controller/controller.h\"\n",
              "engine/kafka/group/bad.h:1: stands on floor 5 of engine/kafka and includes "
              "engine/kafka/controller/controller.h of floor 5");
        plant("a file without a floor", brokenFloorsInside, "engine/storm/bad.h", "#pragma once\n",
              "engine/storm/bad.h:1: stands on no floor of engine/storm");
        plant("a system beside its section", namedSystems, "engine/scenario/bad.cpp",
              "#include \"engine/storm/config.h\"\n",
              "engine/scenario/bad.cpp:1: names a system (engine/storm/config.h): its section says what is to be said");
        plant("a question to ZooKeeper", namedZooKeeper, "engine/kafka/controller/bad.cpp",
              "#include \"engine/zookeeper/client.h\"\n",
              "engine/kafka/controller/bad.cpp:1: asks ZooKeeper itself: engine/kafka/zk says what the cluster keeps "
              "there");
        plant("a switch over kinds", askedKinds, "widgets/charts/bad.cpp", "\n    case observe::ObjectKind::Broker:\n",
              "widgets/charts/bad.cpp:2: \"case observe::ObjectKind::Broker\" asks for a kind by name: its row says "
              "what is to be known of it");
        plant("a kind that is asked for", askedKinds, "app/studio/bad.cpp",
              "const bool isStep = kind == flow::NodeKind::Bolt;\n",
              "app/studio/bad.cpp:1: \"== flow::NodeKind::Bolt\" asks for a kind by name: its row says what is to be "
              "known of it");
        plant("a relative include", misplacedIncludes, "engine/kafka/bad.h", "#include \"log.h\"\n",
              "engine/kafka/bad.h:1: \"log.h\" is no path from the root of the project");
        plant("own header late", misplacedIncludes, "engine/kafka/log/log.cpp",
              "#include \"engine/base/time.h\"\n#include \"engine/kafka/log/log.h\"\n",
              "engine/kafka/log/log.cpp:1: does not include engine/kafka/log/log.h first");
        QByteArray crowd = "class Window {\npublic:\n";
        for (int i = 0; i < 41; ++i) {
            crowd += "    void f" + QByteArray::number(i) + "() { m_x = 1; }\n";
        }
        plant("a class that does everything", crowdedClasses, "app/studio/bad.h", crowd + "    int m_x{0};\n};\n",
              "app/studio/bad.h:1: Window has 1 members and 41 functions: it is several parts");
        plant("a large library in a header", exposedLibraries, "widgets/bad.h", "#include <qcustomplot.h>\n",
              "widgets/bad.h:1: qcustomplot.h belongs into a source file, behind a wrapper");
        plant("a clock in the engine", brokenDeterminism, "engine/sim/bad.cpp",
              "auto t = std::chrono::steady_clock::now();\n",
              "engine/sim/bad.cpp:1: steady_clock would make a run depend on more than build, scenario and seed");
        plant("a distribution of the library", brokenDeterminism, "engine/base/bad.h",
              "std::normal_distribution<> d;\n",
              "engine/base/bad.h:1: std::normal_distribution would make a run depend on more than build, scenario and "
              "seed");
        plant("a connection of one's own", ownConnections, "engine/kafka/bad.cpp",
              "m_connection = context.connect(host, port);\n",
              "engine/kafka/bad.cpp:1: context.connect(: who talks to a peer has a sim::Link to it");
        plant("a name in capitals", misnamedFiles, "engine/base/BadName.cpp", "\n",
              "engine/base/BadName.cpp:1: is not named in_snake_case");
        plant("a header without guard", misnamedFiles, "engine/base/bad.h", "// #pragma once is missing\n",
              "engine/base/bad.h:1: has no #pragma once");
        plant("a run's output", strayOutputs, "tests/scenarios/kept/text.txt", "\n",
              "tests/scenarios/kept/text.txt:1: is no scenario but what a run left");
        plant("a stray file", untidyTopLevel, "notes.txt", "\n", "notes.txt:1: does not belong to the top level");
        plant("a folder without words", untidyTopLevel, "app/main.cpp", "\n", "app:1: has no README.md");
        plant("a machine's path", machinePaths, "engine/base/bad.h",
              "// see /ho"
              "me/someone/notes\n",
              "engine/base/bad.h:1: /ho"
              "me/someone is a path of some machine");
    }
    void aPlantedFaultIsFound() {
        QFETCH(Rule, rule);
        QFETCH(QString, path);
        QFETCH(QByteArray, text);
        QFETCH(QString, complaint);
        Project project;
        project.add(path, text);
        QCOMPARE(together(rule(project.root())), complaint);
    }

    void theFacadeMayUseClocksAndThreads() {
        Project project;
        project.add(QStringLiteral("engine/run/clock.cpp"), "auto t = std::chrono::steady_clock::now();\n");
        QCOMPARE(together(brokenDeterminism(project.root())), QString());
    }
};

QTEST_APPLESS_MAIN(TestHouse)

#include "tst_house.moc"
