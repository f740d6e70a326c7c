#include <QDir>
#include <QFile>
#include <QTest>

#include "engine/base/random.h"
#include "engine/scenario/document/reader.h"
#include "engine/scenario/document/writer.h"
#include "engine/scenario/scenario_reader.h"

using namespace millrace;
using namespace millrace::scenario;

namespace {

std::vector<std::string> shippedScenarios() {
    std::vector<std::string> texts;
    const QDir folder(QStringLiteral("scenarios"));
    for (const QString& name : folder.entryList({QStringLiteral("*.json")}, QDir::Files, QDir::Name)) {
        QFile file(folder.filePath(name));
        if (file.open(QIODevice::ReadOnly)) {
            texts.push_back(file.readAll().toStdString());
        }
    }
    return texts;
}

/// Pieces that break readers more often than random bytes do.
const std::vector<std::string> nastyPieces = {"{",
                                              "}",
                                              "[",
                                              "]",
                                              ",",
                                              ":",
                                              "\"",
                                              "\\",
                                              "\\u0000",
                                              "\\ud800",
                                              "\xff",
                                              "\xc3",
                                              "null",
                                              "true",
                                              "-0",
                                              "1e308",
                                              "1e999",
                                              "-1",
                                              "0.1e-40",
                                              "1e20",
                                              "\"\"",
                                              "{}",
                                              "[]",
                                              "[[[[[[[[",
                                              "9223372036854775808",
                                              "18446744073709551616",
                                              "\"250\"",
                                              "\"1e5ms\"",
                                              "\"-1s\"",
                                              "\"99999999999999d\"",
                                              "\"x\": {}",
                                              "\"config\": {\"acks\": []}",
                                              "\"kind\": 5",
                                              "\"inputs\": 3",
                                              "\"path\": \"/\"",
                                              "\n",
                                              std::string(1, '\0'),
                                              "\"pattern\": \"(((((((((\"",
                                              "\"pattern\": \"a{999}{999}\""};

std::string mutated(std::string text, RandomStream& random) {
    const std::uint64_t changes = 1 + random.below(6);
    for (std::uint64_t i = 0; i < changes && !text.empty(); ++i) {
        const std::size_t at = random.below(text.size());
        switch (random.below(6)) {
            case 0:
                text[at] = static_cast<char>(random.below(256));
                break;
            case 1:
                text.erase(at, 1 + random.below(40));
                break;
            case 2:
                text.insert(at, nastyPieces[random.below(nastyPieces.size())]);
                break;
            case 3:
                text.resize(at);
                break;
            case 4:
                text.insert(at, text.substr(random.below(text.size()), random.below(200)));
                break;
            default:
                text.replace(at, 1, nastyPieces[random.below(nastyPieces.size())]);
                break;
        }
    }
    return text;
}

}  // namespace

class TestScenarioFuzz : public QObject {
    Q_OBJECT

private slots:
    void mutatedScenariosAreReadOrRefusedAndNeverCrash() {
        const std::vector<std::string> texts = shippedScenarios();
        QVERIFY(!texts.empty());
        RandomStream random(20260101, "fuzz");
        int refused = 0;
        constexpr int rounds = 20000;
        for (int i = 0; i < rounds; ++i) {
            const std::string text = mutated(texts[random.below(texts.size())], random);
            const ScenarioReading reading = readScenario(text, {"scenarios/fuzz.json", {}, {}});
            QCOMPARE(reading.scenario.has_value(), !reading.complaints.hasErrors());
            refused += reading.complaints.hasErrors() ? 1 : 0;
        }
        QVERIFY2(refused > rounds / 2 && refused < rounds, qPrintable(QString::number(refused)));
    }

    void whatCouldBeReadOfAMutatedDocumentSurvivesWritingAndReading() {
        RandomStream random(7, "fuzz");
        const std::vector<std::string> texts = shippedScenarios();
        for (int i = 0; i < 500; ++i) {
            const Value root = readDocument(mutated(texts[random.below(texts.size())], random)).root;
            QVERIFY(readDocument(writeDocument(root)).root == root);
        }
    }

    void hostileDocumentsAreRefusedQuickly_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("deep lists") << QByteArray(1000000, '[');
        QTest::newRow("deep objects") << QByteArray("{\"a\":").repeated(200000);
        QTest::newRow("long text") << QByteArray("\"") + QByteArray(3000000, 'x');
        QTest::newRow("long number") << QByteArray(1000000, '9');
        QTest::newRow("many keys") << QByteArray("{") + QByteArray("\"a\":1,").repeated(100000) +
                                          QByteArray("\"b\":1}");
        QTest::newRow("random bytes") << QByteArray("\x80\x81\xfe\xff").repeated(1000);
    }
    void hostileDocumentsAreRefusedQuickly() {
        QFETCH(QByteArray, text);
        const ScenarioReading reading = readScenario(text.toStdString(), {"s.json", {}, {}});
        QVERIFY(reading.complaints.hasErrors());
        QVERIFY(!reading.scenario);
    }
};

QTEST_APPLESS_MAIN(TestScenarioFuzz)
#include "tst_scenario_fuzz.moc"
