#include <QTest>

#include <ctime>
#include <string>
#include <vector>

#include "engine/flow/pattern.h"
#include "engine/storm/operators/catalog.h"

using namespace millrace;
using namespace millrace::storm;

namespace {

QString groupsOf(const char* pattern, std::string_view text) {
    const auto made = flow::Pattern::make(pattern);
    if (!made) {
        return QString::fromStdString("refused: " + made.error().text());
    }
    QStringList groups;
    for (const std::string_view group : (*made)->groupsIn(text)) {
        groups << QString::fromUtf8(group.data(), static_cast<qsizetype>(group.size()));
    }
    return (*made)->isFoundIn(text) ? groups.join(u'|') : QStringLiteral("no match");
}

}  // namespace

class TestOperators : public QObject {
    Q_OBJECT
private slots:
    void patternFindsWhatPerlWouldFind_data() {
        QTest::addColumn<QByteArray>("pattern");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("groups");
        const auto row = [](const char* pattern, const QByteArray& text, const QString& groups) {
            QTest::newRow(pattern) << QByteArray(pattern) << text << groups;
        };
        row("(\\w+)@(\\w+)\\.org", "to ann@example.org, bob@other.org", QStringLiteral("ann|example"));
        row("^(\\S+) \\S+ \\S+ \\[([^\\]]+)\\]", "h - - [now] x", QStringLiteral("h|now"));
        row("(a|ab)(c|bcd)?", "abcd", QStringLiteral("a|bcd"));
        row("(a+?)(a*)", "aaa", QStringLiteral("a|aa"));
        row("(x)|(y)", "y", QStringLiteral("|y"));
        row("\"([^\"\\\\]|\\\\.)*\"", "say \"a \\\" b\" now", QStringLiteral("b"));
        row("^(..)$", "é€", QStringLiteral("é€"));
        row("([äöü])", "schön", QStringLiteral("ö"));
        row("^(.)(.*)$", "ab\r", QStringLiteral("a|b\r"));
        row("(?i)(HELLO)", "say hello", QStringLiteral("hello"));
        row("(?P<code>[0-9]{3})", "is 404", QStringLiteral("404"));
        row("[[:digit:]]+(?:,[[:digit:]]+)*", "1,2", QString());
        row("^b", "ab", QStringLiteral("no match"));
        row("\\Q(?=\\E(x)", "(?=x", QStringLiteral("x"));
        row("[(?=]+\\\\1(z)", "(?=\\1z", QStringLiteral("z"));
    }
    void patternFindsWhatPerlWouldFind() {
        QFETCH(QByteArray, pattern);
        QFETCH(QByteArray, text);
        QFETCH(QString, groups);
        QCOMPARE(groupsOf(pattern.constData(), {text.constData(), static_cast<std::size_t>(text.size())}), groups);
    }

    void patternTakesBytesForCharactersInATextThatIsNoUtf8() {
        const auto pattern = flow::Pattern::make("^caf(.) (.)$");
        QVERIFY(pattern);
        const std::string latin = "caf\xE9 \xE8";
        const auto groups = (*pattern)->groupsIn(latin);
        QCOMPARE(groups.size(), 2U);
        QVERIFY(groups[0] == "\xE9" && groups[1] == "\xE8");
        QVERIFY((*pattern)->isFoundIn("café è"));
        // A character that is no byte is not there.
        const auto euro = flow::Pattern::make("\\x{20AC}");
        QVERIFY(euro);
        QVERIFY((*euro)->isFoundIn("5 \u20ac"));
        QVERIFY(!(*euro)->isFoundIn("5 \xE9"));
    }

    void whatWouldNeedMoreThanOnePassIsRefusedWithItsPlace_data() {
        QTest::addColumn<QByteArray>("pattern");
        QTest::addColumn<QString>("begins");
        const auto row = [](const char* pattern, const char* begins) {
            QTest::newRow(pattern) << QByteArray(pattern) << QString::fromUtf8(begins);
        };
        row("ab(?=c)", "at character 3: (?= is look-around");
        row("(?!x)y", "at character 1: (?! is look-around");
        row("é(?<=x)", "at character 2: (?<= is look-around");
        row("a(?<!b)", "at character 2: (?<! is look-around");
        row("(a)\\\\\\1", "at character 6: \\1 is a back-reference");
        row("(?P<n>a)\\k<n>", "at character 9: \\k is a back-reference");
        row("(?P<n>a)(?P=n)", "at character 9: (?P= is a back-reference");
        row("a++", "at character 2: ++ is possessive");
        row("(?>a)", "at character 1: (?> is an atomic group");
        row("(?<n>a)", "at character 1: (?< is not known here: a named group is");
        row("\\u20AC", "at character 1: \\u is not known here");
        row("a{2000}", "at character 2: ");
        row("(a", "at character 1: missing ): ");
        row("[a", "at character 1: ");
        row("*a", "at character 1: ");
        row("a\\", "trailing \\");
    }
    void whatWouldNeedMoreThanOnePassIsRefusedWithItsPlace() {
        QFETCH(QByteArray, pattern);
        QFETCH(QString, begins);
        const auto made = flow::Pattern::make(pattern.toStdString());
        QVERIFY2(!made, "it is taken");
        const QString said = QString::fromStdString(made.error().text());
        QVERIFY2(said.startsWith(begins), qPrintable(said));
    }

    /// Each of these overflowed the stack or went on for ever.
    void aLineOfAnyLengthCostsAPatternLinearWork() {
        const std::clock_t start = std::clock();
        const std::string x(2'000'000, 'x');
        const auto isFound = [](const char* pattern, std::string_view text) {
            return (*flow::Pattern::make(pattern))->isFoundIn(text);
        };
        QVERIFY(isFound("^(x|y)*$", x));
        QVERIFY(!isFound("(x+x+)+y", x));
        QVERIFY(isFound("\"([^\"\\\\]|\\\\.)*\"", '"' + x + '"'));
        QVERIFY(!isFound("(.*)(.*)(.*)(.*)(.*)[yz]", x));
        QCOMPARE((*flow::Pattern::make("(x*)(y?)"))->groupsIn(x).front().size(), x.size());
        QVERIFY(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC < 20);
    }

    void boltSaysWhatIsWrongWithItsPattern() {
        BoltParameters parameters;
        parameters.values["pattern"] = {"a(?=b)"};
        const auto filter = makeBolt("filter", parameters, {});
        QVERIFY(!filter);
        QCOMPARE(filter.error().parameter, std::string{"pattern"});
        QVERIFY(filter.error().message.starts_with("at character 2: (?= is look-around"));
    }
};

QTEST_APPLESS_MAIN(TestOperators)
#include "tst_operators.moc"
