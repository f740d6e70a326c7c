#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <sstream>

#include "engine/scenario/document/edit.h"
#include "engine/scenario/document/reader.h"
#include "engine/scenario/document/writer.h"

using namespace millrace::scenario;

namespace {

Value documentOf(std::string_view text) {
    const DocumentReading reading = readDocument(text);
    if (!reading.complaints.empty()) {
        qWarning("%s", toText(reading.complaints.all().front(), "text").c_str());
    }
    return reading.root;
}

std::string complaintOf(std::string_view text) {
    const DocumentReading reading = readDocument(text);
    return reading.complaints.empty() ? "none" : toText(reading.complaints.all().front(), "f");
}

std::string contentOf(const std::string& path) {
    std::ostringstream content;
    content << std::ifstream(path).rdbuf();
    return content.str();
}

}  // namespace

class TestDocument : public QObject {
    Q_OBJECT

private slots:
    void everyKeyAndValueKnowsItsPlace() {
        const Value root = documentOf("{\n  \"a\": 1,\n  \"bc\" : [true,\n    {\"d\": \"e\"}]\n}");
        QCOMPARE(root.place(), (Place{1, 1}));
        QCOMPARE(root.member("a")->keyPlace, (Place{2, 3}));
        QCOMPARE(root.find("a")->place(), (Place{2, 8}));
        const Value& list = *root.find("bc");
        QCOMPARE(list.place(), (Place{3, 10}));
        QCOMPARE(list.items()[0].place(), (Place{3, 11}));
        QCOMPARE(list.items()[1].place(), (Place{4, 5}));
        QCOMPARE(list.items()[1].member("d")->keyPlace, (Place{4, 6}));
        QCOMPARE(list.items()[1].find("d")->place(), (Place{4, 11}));
    }

    void columnsCountCharactersAndNotBytes() {
        const Value root = documentOf("{\"\xC3\xA4\xF0\x9F\x98\x80\": 5}");
        QCOMPARE(root.members()[0].value.place(), (Place{1, 8}));
    }

    void brokenTextIsToldWithItsPlace_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("complaint");
        QTest::newRow("nothing") << QByteArray("") << QByteArray("f:1:1: the file is empty");
        QTest::newRow("cut off in an object")
            << QByteArray("{\"run\": {\"seed\": 1")
            << QByteArray("f:1:19: run.seed: the file ends before the document does; it may have been cut off");
        QTest::newRow("cut off in a text")
            << QByteArray("{\"title\": \"abc")
            << QByteArray("f:1:15: title: the file ends before the document does; it may have been cut off");
        QTest::newRow("comma at the end")
            << QByteArray("[1,]") << QByteArray("f:1:4: [1]: this is not JSON: Invalid value.");
        QTest::newRow("huge number") << QByteArray("{\"a\": 1e999}")
                                     << QByteArray(
                                            "f:1:7: a: this is not JSON: Number too big to be stored in double.");
        QTest::newRow("invalid UTF-8") << QByteArray("{\"a\": \"\xff\"}")
                                       << QByteArray("f:1:8: a: this is not JSON: Invalid encoding in string.");
        QTest::newRow("zero byte") << QByteArray("{\"a\"\0: 1}", 9)
                                   << QByteArray("f:1:5: a zero byte: this is not a text file");
        QTest::newRow("two roots")
            << QByteArray("{} {}")
            << QByteArray("f:1:4: this is not JSON: The document root must not be followed by other values.");
        QTest::newRow("repeated key") << QByteArray("{\"a\": {\"b\": 1,\n\"b\": 2}}")
                                      << QByteArray("f:2:1: a.b: this key already stands at line 1");
    }
    void brokenTextIsToldWithItsPlace() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, complaint);
        QCOMPARE(QByteArray::fromStdString(complaintOf({text.data(), static_cast<std::size_t>(text.size())})),
                 complaint);
    }

    void depthHasALimitThatIsTold() {
        const std::string deep = std::string(100000, '[');
        QVERIFY(complaintOf(deep).find("more than 64 deep") != std::string::npos);
        const std::string just = std::string(documentDepthMax, '[') + std::string(documentDepthMax, ']');
        QCOMPARE(complaintOf(just), std::string("none"));
    }

    void firstOfRepeatedKeysCounts() {
        const DocumentReading reading = readDocument("{\"a\": 1, \"a\": 2}");
        QCOMPARE(reading.root.find("a")->asInteger(), 1);
        QCOMPARE(reading.root.members().size(), std::size_t{1});
    }

    void whatIsWrittenReadsBackEqual() {
        const Value root = documentOf(
            "{\"z\": 1, \"a\": [1.5, -2, 1e300, true, null, \"\\u00e4\\n\\\"\\\\\"], \"o\": {\"x\": {}, \"y\": []}, "
            "\"big\": 9223372036854775807}");
        QVERIFY(documentOf(writeDocument(root)) == root);
        QCOMPARE(writeDocument(documentOf(writeDocument(root))), writeDocument(root));
    }

    void writerKeepsTheOrderOfKeys() {
        QCOMPARE(writeDocument(documentOf(R"({"z": 1, "a": {"y": 2, "b": [1, 2]}})")),
                 std::string("{\n  \"z\": 1,\n  \"a\": {\"y\": 2, \"b\": [1, 2]}\n}\n"));
    }

    void editsLeaveTheOldDocumentAsItWas() {
        const Value before = documentOf(R"({"hosts": {"h1": {"cores": 2}}, "faults": [{"at": "1s"}]})");
        const Value after = *withValue(before, Path({"hosts", "h2", "cores"}), Value::integer(8));
        QCOMPARE(valueAt(after, Path({"hosts", "h2", "cores"}))->asInteger(), 8);
        QVERIFY(valueAt(before, Path({"hosts", "h2"})) == nullptr);
        const Value longer = *withValue(after, Path({"faults", "1", "at"}), Value::text("2s"));
        QCOMPARE(longer.find("faults")->items().size(), std::size_t{2});
        const Value shorter = *without(longer, Path({"faults", "0"}));
        QCOMPARE(valueAt(shorter, Path({"faults", "0", "at"}))->asText(), std::string("2s"));
        QVERIFY(*without(shorter, Path({"faults"})) == *without(after, Path({"faults"})));
    }

    void renamingKeepsThePositionAndRefusesTakenNames() {
        const Value before = documentOf(R"({"a": 1, "b": 2, "c": 3})");
        const Value after = *renamed(before, Path({"b"}), "x");
        QCOMPARE(writeDocument(after), std::string("{\n  \"a\": 1,\n  \"x\": 2,\n  \"c\": 3\n}\n"));
        QVERIFY(!renamed(before, Path({"b"}), "c"));
        QVERIFY(!renamed(before, Path({"nothing"}), "c"));
        QVERIFY(!renamed(before, Path({"b"}), ""));
    }

    void editsThatMakeNoSenseAreRefused() {
        const Value root = documentOf(R"({"title": "t", "faults": []})");
        QVERIFY(!withValue(root, Path({"title", "x"}), Value()));
        QVERIFY(!withValue(root, Path({"faults", "5"}), Value()));
        QVERIFY(!withValue(root, Path({"faults", "x"}), Value()));
        QVERIFY(!without(root, Path({"x"})));
    }

    void pathsKeepTheDotsOfSettingsAndOfNames() {
        const Value root = documentOf(R"({"topics": {"web.access": {"partitions": 1}, "web": {}}})");
        QCOMPARE(Path::parse("cluster.config.zookeeper.session.timeout.ms", root).steps(),
                 (std::vector<std::string>{"cluster", "config", "zookeeper.session.timeout.ms"}));
        QCOMPARE(Path::parse("topics.web.access.partitions", root).steps(),
                 (std::vector<std::string>{"topics", "web.access", "partitions"}));
        QCOMPARE(Path::parse("topics.web.partitions", root).steps(),
                 (std::vector<std::string>{"topics", "web", "partitions"}));
        QCOMPARE(toText(Path::parse("a.b", root)), std::string("a.b"));
    }

    void settingsAreJsonIfTheyParse() {
        QVERIFY(readSetting("12").isInteger());
        QVERIFY(readSetting("true").isBoolean());
        QVERIFY(readSetting("[1, 2]").isList());
        QCOMPARE(readSetting("../a b.log").asText(), std::string("../a b.log"));
        QCOMPARE(readSetting("\"12\"").asText(), std::string("12"));
        QCOMPARE(readSetting("").asText(), std::string());
        QCOMPARE(readSetting("5s").asText(), std::string("5s"));
    }

    void savingReplacesTheWholeFileOrNothing() {
        const QTemporaryDir folder;
        const std::string path = folder.filePath(QStringLiteral("s.json")).toStdString();
        QVERIFY(!saveFile(path, "first"));
        QVERIFY(!saveFile(path, "second"));
        QCOMPARE(contentOf(path), std::string("second"));
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 1);
        const auto trouble = saveFile(path + "/impossible", "third");
        QVERIFY(trouble && trouble->find("cannot write") != std::string::npos);
        QCOMPARE(contentOf(path), std::string("second"));
    }

    void savingOverAFolderIsRefusedAndLeavesNothingBehind() {
        const QTemporaryDir folder;
        const std::string path = folder.filePath(QStringLiteral("taken")).toStdString();
        QVERIFY(QDir(folder.path()).mkdir(QStringLiteral("taken")));
        QVERIFY(saveFile(path, "text").has_value());
        QVERIFY(QDir(folder.path()).entryList(QDir::Files).isEmpty());
    }
};

namespace millrace::scenario {
char* toString(const Place& place) {
    return qstrdup(qPrintable(QStringLiteral("%1:%2").arg(place.line).arg(place.column)));
}
}  // namespace millrace::scenario

QTEST_APPLESS_MAIN(TestDocument)
#include "tst_document.moc"
