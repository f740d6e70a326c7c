#include <QtTest/QtTest>
#include <string>

#include "engine/ingest/web_log.h"

using namespace millrace;
using ingest::parseWebLogLine;

namespace {

const std::string whole =
    R"log(83.149.9.216 - frank [17/May/2015:10:05:03 +0000] "GET /a/b.png?c=d HTTP/1.1" 200 203023 "http://x.org/" "Mozilla/5.0 (X11)")log";

QString text(std::string_view view) {
    return QString::fromUtf8(view.data(), static_cast<qsizetype>(view.size()));
}

}  // namespace

class TestWebLog : public QObject {
    Q_OBJECT
private slots:
    void everyFieldOfAWholeLineIsFound();
    void linesThatMustParse_data();
    void linesThatMustParse();
    void linesThatAreRejected_data();
    void linesThatAreRejected();
    void rareTimesAreTimes();
    void whatStandsBeforeTheTimeIsToldApart_data();
    void whatStandsBeforeTheTimeIsToldApart();
    void requestsAreSplitAsServersMeanThem_data();
    void requestsAreSplitAsServersMeanThem();
    void noCutOfALineIsTakenForMoreThanItHolds();
    void aRejectedLineIsJournalledWithFileAndLine();
};

void TestWebLog::everyFieldOfAWholeLineIsFound() {
    const auto line = parseWebLogLine(whole);
    QVERIFY(line);
    QCOMPARE(text(line->host), QStringLiteral("83.149.9.216"));
    QCOMPARE(text(line->ident), QStringLiteral("-"));
    QCOMPARE(text(line->user), QStringLiteral("frank"));
    QCOMPARE(text(line->time), QStringLiteral("17/May/2015:10:05:03 +0000"));
    QCOMPARE(text(line->request), QStringLiteral("GET /a/b.png?c=d HTTP/1.1"));
    QCOMPARE(text(line->method), QStringLiteral("GET"));
    QCOMPARE(text(line->path), QStringLiteral("/a/b.png?c=d"));
    QCOMPARE(text(line->protocol), QStringLiteral("HTTP/1.1"));
    QCOMPARE(line->status, 200);
    QCOMPARE(line->bytes, std::int64_t{203023});
    QCOMPARE(text(line->referrer), QStringLiteral("http://x.org/"));
    QCOMPARE(text(line->agent), QStringLiteral("Mozilla/5.0 (X11)"));
}

void TestWebLog::linesThatMustParse_data() {
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<int>("status");
    QTest::addColumn<qint64>("bytes");
    QTest::addColumn<QByteArray>("agent");
    const QByteArray start = R"(h - - [17/May/2015:10:05:03 +0000] )";
    QTest::newRow("no referrer, no agent") << start + R"("GET / HTTP/1.0" 404 17)" << 404 << qint64{17} << QByteArray();
    QTest::newRow("a dash for bytes") << start + R"("GET / HTTP/1.0" 304 - "-" "a")" << 304 << qint64{0}
                                      << QByteArray("a");
    QTest::newRow("agent cut off") << start + R"("GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0 (comp)" << 200 << qint64{5}
                                   << QByteArray("Mozilla/5.0 (comp");
    QTest::newRow("referrer cut off") << start + R"("GET / HTTP/1.1" 200 5 "http://w)" << 200 << qint64{5}
                                      << QByteArray();
    QTest::newRow("escaped quotes") << start + R"("GET /\"x\" HTTP/1.1" 400 5 "-" "say \"hi\"")" << 400 << qint64{5}
                                    << QByteArray(R"(say \"hi\")");
    QTest::newRow("request that is a dash") << start + R"("-" 408 0 "-" "-")" << 408 << qint64{0} << QByteArray("-");
    QTest::newRow("request that is noise")
        << start + R"("\x16\x03\x01" 400 226 "-" "-")" << 400 << qint64{226} << QByteArray("-");
    QTest::newRow("user with a blank") << QByteArray(R"(h - a b [17/May/2015:10:05:03 -0730] "GET / HTTP/1.1" 200 5)")
                                       << 200 << qint64{5} << QByteArray();
    QTest::newRow("carriage return at the end")
        << start + "\"GET / HTTP/1.1\" 200 5\r" << 200 << qint64{5} << QByteArray();
    QTest::newRow("IPv6") << QByteArray(R"(2001:db8::1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/2.0" 500 5)") << 500
                          << qint64{5} << QByteArray();
}

void TestWebLog::linesThatMustParse() {
    QFETCH(QByteArray, line);
    const auto parsed = parseWebLogLine(line.toStdString());
    QVERIFY2(parsed, parsed ? "" : std::string{parsed.error()}.c_str());
    QTEST(parsed->status, "status");
    QTEST(qint64{parsed->bytes}, "bytes");
    QFETCH(QByteArray, agent);
    // The views point into the line, so that has to live as long.
    const std::string kept = line.toStdString();
    QCOMPARE(text(parseWebLogLine(kept)->agent), QString::fromUtf8(agent));
}

void TestWebLog::linesThatAreRejected_data() {
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArray>("reason");
    const QByteArray time = "[17/May/2015:10:05:03 +0000]";
    QTest::newRow("empty") << QByteArray("") << QByteArray("no host at the start of the line");
    QTest::newRow("words") << QByteArray("this is not a log line") << QByteArray("no user and time after the identity");
    QTest::newRow("one word") << QByteArray("hello") << QByteArray("no identity after the host");
    QTest::newRow("time not closed") << QByteArray("h - - [17/May/2015:10:05:03 +0000")
                                     << QByteArray("no closing bracket after the time");
    QTest::newRow("another time") << QByteArray("h - - [2015-05-17T10:05:03Z] \"GET / HTTP/1.1\" 200 5")
                                  << QByteArray("the time is not of the form 17/May/2015:10:05:03 +0000");
    for (const char* never : {"30/Feb/2015:10:05:03 +0000", "17/Okt/2015:10:05:03 +0000", "17/May/2015:25:05:03 +0000",
                              "17/May/2015:10:61:03 +0000", "17/May/2015:10:05:03 +9900", "29/Feb/2015:10:05:03 +0000",
                              "00/May/2015:10:05:03 +0000", "17/ayJ/2015:10:05:03 +0000"}) {
        QTest::newRow(never) << "h - - [" + QByteArray(never) + "] \"GET / HTTP/1.1\" 200 5"
                             << QByteArray("no calendar or clock has this time");
    }
    QTest::newRow("no request") << "h - - " + time + " 200 5" << QByteArray("no quoted request after the time");
    QTest::newRow("request not closed") << "h - - " + time + " \"GET / HTTP/1.1 200 5"
                                        << QByteArray("no closing quote after the request");
    QTest::newRow("backslash at the end")
        << "h - - " + time + " \"GET / HTTP/1.1\\" << QByteArray("no closing quote after the request");
    QTest::newRow("status in letters") << "h - - " + time + " \"GET / HTTP/1.1\" OK 5"
                                       << QByteArray("the status is not a number of three digits");
    QTest::newRow("status that is a dash") << "h - - " + time + " \"GET / HTTP/1.1\" - 5"
                                           << QByteArray("the status is a dash: the server has logged none");
    QTest::newRow("status negative") << "h - - " + time + " \"GET / HTTP/1.1\" -200 5"
                                     << QByteArray("the status is not a number of three digits");
    QTest::newRow("no bytes") << "h - - " + time + " \"GET / HTTP/1.1\" 200" << QByteArray("no bytes after the status");
    QTest::newRow("bytes in letters") << "h - - " + time + " \"GET / HTTP/1.1\" 200 many"
                                      << QByteArray("the bytes are neither a number nor a dash");
    QTest::newRow("bytes too many") << "h - - " + time + " \"GET / HTTP/1.1\" 200 99999999999999999999"
                                    << QByteArray("the bytes are neither a number nor a dash");
}

void TestWebLog::rareTimesAreTimes() {
    for (const char* rare :
         {"29/Feb/2016:10:05:03 +0000", "31/Dec/2016:23:59:60 +0000", "01/Jan/2015:00:00:00 -1200"}) {
        QVERIFY2(parseWebLogLine("h - - [" + std::string(rare) + "] \"GET / HTTP/1.1\" 200 5"), rare);
    }
}

void TestWebLog::linesThatAreRejected() {
    QFETCH(QByteArray, line);
    QFETCH(QByteArray, reason);
    const auto parsed = parseWebLogLine(line.toStdString());
    QVERIFY(!parsed);
    QCOMPARE(text(parsed.error()), QString::fromUtf8(reason));
}

void TestWebLog::whatStandsBeforeTheTimeIsToldApart_data() {
    QTest::addColumn<QByteArray>("front");
    QTest::addColumn<QString>("virtualHost");
    QTest::addColumn<QString>("host");
    QTest::addColumn<QString>("ident");
    QTest::addColumn<QString>("user");
    const auto row = [](const QByteArray& front, const char* virtualHost, const char* host, const char* ident,
                        const char* user) {
        QTest::newRow(front.toHex().constData()) << front << QString::fromUtf8(virtualHost) << QString::fromUtf8(host)
                                                 << QString::fromUtf8(ident) << QString::fromUtf8(user);
    };
    row("203.0.113.9 - ann", "", "203.0.113.9", "-", "ann");
    row("shop.example:443 203.0.113.9 - ann", "shop.example:443", "203.0.113.9", "-", "ann");
    row("shop.example 2001:db8::5 - -", "shop.example", "2001:db8::5", "-", "-");
    row("shop.example:443 fe80::a00:27ff:fe12:3456%eth0 - -", "shop.example:443", "fe80::a00:27ff:fe12:3456%eth0", "-",
        "-");
    row("fe80::1%eth0 - -", "", "fe80::1%eth0", "-", "-");
    row("::1 - -", "", "::1", "-", "-");
    row("::ffff:192.0.2.1 - -", "", "::ffff:192.0.2.1", "-", "-");
    row("[2001:db8::1]:8080 203.0.113.9 - -", "[2001:db8::1]:8080", "203.0.113.9", "-", "-");
    row("192.0.2.1:80 203.0.113.9 - -", "192.0.2.1:80", "203.0.113.9", "-", "-");
    row("_ 203.0.113.9 - -", "_", "203.0.113.9", "-", "-");
    row("shop.example client.example.org - ann lee", "shop.example", "client.example.org", "-", "ann lee");
    row("client.example.org - ann", "", "client.example.org", "-", "ann");
    row("client.example.org ident.example ann", "", "client.example.org", "ident.example", "ann");
    row("203.0.113.9 my ident -", "", "203.0.113.9", "my", "ident -");
    row("203.0.113.9 - ops[7]", "", "203.0.113.9", "-", "ops[7]");
    row("203.0.113.9 - [ops] [7]", "", "203.0.113.9", "-", "[ops] [7]");
    row("203.0.113.9 - \"ann lee \"", "", "203.0.113.9", "-", "\"ann lee \"");
    row("203.0.113.9 - ", "", "203.0.113.9", "-", "");
    row("\xEF\xBB\xBF"
        "203.0.113.9 - -",
        "", "203.0.113.9", "-", "-");
    row(QByteArray(5, '\0') + "203.0.113.9 - -", "", "203.0.113.9", "-", "-");
    // What proxies put behind the client's address.
    row("203.0.113.9, 10.0.0.1 - ann", "", "203.0.113.9", "-", "ann");
    row("2001:db8::5, 10.0.0.1, 10.0.0.2 - -", "", "2001:db8::5", "-", "-");
    row("203.0.113.9,10.0.0.1 - ann", "", "203.0.113.9", "-", "ann");
    row("shop.example 203.0.113.9, 10.0.0.1 - -", "shop.example", "203.0.113.9", "-", "-");
    row("shop.example:443 203.0.113.9,10.0.0.1 - -", "shop.example:443", "203.0.113.9", "-", "-");
    // A name with a port is never a client.
    row("shop.example:443 - - -", "shop.example:443", "-", "-", "-");
    row("shop.example:443 client - ann", "shop.example:443", "client", "-", "ann");
}

void TestWebLog::whatStandsBeforeTheTimeIsToldApart() {
    QFETCH(QByteArray, front);
    const std::string line =
        (front + " [17/May/2015:10:05:03 +0000] \"GET /[1] HTTP/1.1\" 200 5 \"-\" \"a [b]\"").toStdString();
    const auto parsed = parseWebLogLine(line);
    QVERIFY2(parsed, parsed ? "" : std::string{parsed.error()}.c_str());
    QTEST(text(parsed->virtualHost), "virtualHost");
    QTEST(text(parsed->host), "host");
    QTEST(text(parsed->ident), "ident");
    QTEST(text(parsed->user), "user");
    QCOMPARE(text(parsed->time), QStringLiteral("17/May/2015:10:05:03 +0000"));
    QCOMPARE(text(parsed->path), QStringLiteral("/[1]"));
    QVERIFY(parsed->isCombined);
}

void TestWebLog::requestsAreSplitAsServersMeanThem_data() {
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<QString>("parts");
    QTest::newRow("usual") << QByteArray("GET /a HTTP/1.1") << QStringLiteral("GET|/a|HTTP/1.1");
    QTest::newRow("HTTP/0.9") << QByteArray("GET /") << QStringLiteral("GET|/|");
    QTest::newRow("HTTP/0.9 with a blank") << QByteArray("GET /a b") << QStringLiteral("GET|/a b|");
    QTest::newRow("blanks in the path") << QByteArray("GET /two words here HTTP/1.1")
                                        << QStringLiteral("GET|/two words here|HTTP/1.1");
    QTest::newRow("a star") << QByteArray("OPTIONS * HTTP/1.0") << QStringLiteral("OPTIONS|*|HTTP/1.0");
    QTest::newRow("a tunnel") << QByteArray("CONNECT x.example:443 HTTP/1.1")
                              << QStringLiteral("CONNECT|x.example:443|HTTP/1.1");
    QTest::newRow("another protocol") << QByteArray("OPTIONS sip:nm SIP/2.0")
                                      << QStringLiteral("OPTIONS|sip:nm|SIP/2.0");
    QTest::newRow("noise") << QByteArray(R"(\x03\x00\x00/*\xE0\x00\x00Cookie: mstshash=Operator)")
                           << QStringLiteral("||");
    QTest::newRow("three words") << QByteArray("foo bar baz") << QStringLiteral("||");
    QTest::newRow("a letter") << QByteArray("G") << QStringLiteral("||");
    QTest::newRow("a dash") << QByteArray("-") << QStringLiteral("||");
    QTest::newRow("nothing") << QByteArray("") << QStringLiteral("||");
    QTest::newRow("a blank at the end") << QByteArray("GET ") << QStringLiteral("||");
}

void TestWebLog::requestsAreSplitAsServersMeanThem() {
    QFETCH(QByteArray, request);
    const std::string line = ("h - - [17/May/2015:10:05:03 +0000] \"" + request + "\" 400 5").toStdString();
    const auto parsed = parseWebLogLine(line);
    QVERIFY(parsed);
    QTEST(text(parsed->method) + u'|' + text(parsed->path) + u'|' + text(parsed->protocol), "parts");
    QVERIFY(!parsed->isCombined);
}

void TestWebLog::noCutOfALineIsTakenForMoreThanItHolds() {
    // Wherever a line is cut off: rejected before the bytes begin, accepted from their first digit on.
    const std::size_t bytesAt = whole.find("203023");
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        const std::string cut = whole.substr(0, size);
        const auto parsed = parseWebLogLine(cut);
        QCOMPARE(parsed.has_value(), size > bytesAt);
        if (parsed && size > bytesAt + 6) {
            QCOMPARE(parsed->bytes, std::int64_t{203023});
            QVERIFY(parsed->agent.empty() || cut.find(parsed->agent) != std::string::npos);
        }
    }
}

void TestWebLog::aRejectedLineIsJournalledWithFileAndLine() {
    const auto draft = ingest::lineRejected({"log", "logs/access.log", 41, "no host at the start of the line",
                                             std::string("\xE9t\xE9 ") + std::string(999, 'x')});
    QCOMPARE(text(draft.kind), QStringLiteral("ingest.line-rejected"));
    QCOMPARE(text(draft.text), QStringLiteral("Line 42 of access.log: no host at the start of the line"));
    QVERIFY(draft.severity == sim::Severity::Warning);
    QCOMPARE(text(draft.fields.at(1).second), QStringLiteral("41"));
    QCOMPARE(text(draft.fields.at(3).second), QStringLiteral("42"));
    QCOMPARE(text(draft.fields.at(2).second), QStringLiteral("logs/access.log"));
    QCOMPARE(text(draft.fields.at(5).second), QStringLiteral("\\xe9t\\xe9 ") + QString(156, u'x'));
    const auto foreign = ingest::lineRejected({"access-3", "", 41, "no identity after the host", "x"});
    QCOMPARE(text(foreign.text), QStringLiteral("Record 41 of access-3: no identity after the host"));
}

QTEST_APPLESS_MAIN(TestWebLog)
#include "tst_web_log.moc"
