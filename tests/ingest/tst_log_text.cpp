#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <functional>
#include <string>

#include "engine/ingest/compression.h"
#include "engine/ingest/file_content.h"
#include "engine/ingest/log_text.h"
#include "engine/ingest/preview.h"

using namespace millrace;
using namespace millrace::ingest;
using namespace std::string_view_literals;

namespace {

std::string gzip(const std::string& text) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}
/// With a checksum, as the command line tool writes it.
std::string zstd(const std::string& text) {
    std::string packed(ZSTD_compressBound(text.size()) + 16, '\0');
    ZSTD_CCtx* context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    packed.resize(ZSTD_compress2(context, packed.data(), packed.size(), text.data(), text.size()));
    ZSTD_freeCCtx(context);
    return packed;
}
std::string xz(const std::string& text) {
    std::string packed(lzma_stream_buffer_bound(text.size()), '\0');
    std::size_t size = 0;
    (void)lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()),
                                  text.size(), reinterpret_cast<std::uint8_t*>(packed.data()), &size, packed.size());
    packed.resize(size);
    return packed;
}

using Pack = std::function<std::string(const std::string&)>;

const std::string line = R"(203.0.113.9 - - [04/Mar/2026:08:00:01 +0000] "GET /ok HTTP/1.1" 404 10 "-" "probe/1.0")";

std::string manyLines(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += line + ' ' + std::to_string(i * 7919 % 10'007) + '\n';
    }
    return text;
}

std::string utf16(const std::u16string& text, bool isLittle) {
    std::string bytes;
    for (const char16_t unit : text) {
        const auto low = static_cast<char>(unit & 0xFFU);
        const auto high = static_cast<char>(unit >> 8U);
        bytes += isLittle ? std::string{low, high} : std::string{high, low};
    }
    return bytes;
}

QString linesOf(const FileContent& content) {
    QStringList lines;
    for (std::int64_t i = 0; i < content.lineCount(); ++i) {
        lines << QString::fromUtf8(content.line(i).data(), static_cast<qsizetype>(content.line(i).size()));
    }
    return lines.join(u'|');
}

/// The lines of a log and what is told of it, or why it is refused.
QString told(const std::string& bytes) {
    auto log = readLogText(bytes);
    if (!log) {
        return QString::fromStdString(log.error().message);
    }
    QStringList notes{QString::fromStdString(log->traits.text())};
    for (const std::string& note : log->traits.notes()) {
        notes << QString::fromStdString(note);
    }
    return linesOf(*makeRef<FileContent>("x.log", std::move(*log))) + QStringLiteral(" # ") + notes.join(u';');
}

class TestFolder {
public:
    std::string write(const char* name, const std::string& bytes) const {
        const std::string path = m_folder.filePath(QString::fromUtf8(name)).toStdString();
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }

private:
    QTemporaryDir m_folder;
};

}  // namespace

class TestLogText : public QObject {
    Q_OBJECT
private slots:
    void packedLogIsTheSameContentAsItsText_data() {
        QTest::addColumn<QByteArray>("name");
        for (const char* name : {"gzip", "zstd", "xz"}) {
            QTest::newRow(name) << QByteArray(name);
        }
    }
    void packedLogIsTheSameContentAsItsText() {
        QFETCH(QByteArray, name);
        const Pack pack = name == "gzip" ? Pack(gzip) : name == "zstd" ? Pack(zstd) : Pack(xz);
        const std::string text = manyLines(5'000);
        const TestFolder folder;
        const auto plain = readFile(folder.write("a.log", text));
        const auto packed = readFile(folder.write("a.log.1", pack(text)));  // By its bytes, not by its name.
        QVERIFY(plain && packed);
        QCOMPARE((*packed)->lineCount(), std::int64_t{5'000});
        QCOMPARE((*packed)->hash(), (*plain)->hash());

        // Rotated logs are put together packed: several members are one text.
        const std::string half = manyLines(2'500);
        const auto joined = unpack(pack(half) + pack(half), compressionOf(pack(half)));
        QVERIFY(joined);
        QVERIFY(joined->text == half + half && joined->bytesLeftOver == 0);

        const std::string bytes = pack(text);
        const auto cut = unpack(std::string_view{bytes}.substr(0, bytes.size() / 2), compressionOf(bytes));
        QVERIFY(!cut);
        QVERIFY2(cut.error().message.find("end in the middle") != std::string::npos, cut.error().message.c_str());
        std::string broken = bytes;
        for (std::size_t i = broken.size() / 3; i < broken.size() / 3 + 16; ++i) {
            broken[i] = static_cast<char>(broken[i] ^ 0x55);
        }
        const auto damaged = unpack(broken, compressionOf(bytes));
        QVERIFY(!damaged);
        QVERIFY2(damaged.error().message.starts_with("its " + name.toStdString() + " data "),
                 damaged.error().message.c_str());
        const auto tooLarge = unpack(bytes, compressionOf(bytes), {1'000, false, false});
        QVERIFY(!tooLarge);
        QVERIFY(tooLarge.error().message.find("unpack it and cut it") != std::string::npos);
        for (std::size_t size = 0; size < 64; ++size) {
            (void)unpack(std::string_view{bytes}.substr(0, size), compressionOf(bytes));
        }
    }

    void bytesBehindThePackedDataAreCounted() {
        QCOMPARE(
            told(gzip("a\n") + "rubbish"),
            QStringLiteral("a # gzip, UTF-8, lines end in LF, 1 line in 2 bytes;7 bytes after the end of the gzip data "
                           "left out"));
        QCOMPARE(told(gzip("a\n") + std::string(512, '\0')),
                 QStringLiteral("a # gzip, UTF-8, lines end in LF, 1 line in 2 bytes"));
    }

    void linesAreTextWhateverTheFileIsEncodedIn_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("lines");
        const auto row = [](const char* name, const std::string& bytes, std::string_view lines) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes)
                                << QString::fromUtf8(lines.data(), static_cast<qsizetype>(lines.size()));
        };
        row("plain", "a\nb\n", "a|b # UTF-8, lines end in LF, 2 lines in 4 bytes");
        row("empty", "", " # UTF-8, no line ends, 0 lines in 0 bytes");
        row("without an end", "a\nb", "a|b # UTF-8, lines end in LF, 2 lines in 3 bytes");
        row("CR LF", "a\r\n\r\nb\r\n", "a||b # UTF-8, lines end in CR LF, 3 lines in 8 bytes");
        row("some CR LF", "a\r\nb\n", "a|b # UTF-8, lines end in LF, some in CR LF, 2 lines in 5 bytes");
        row("CR alone", "a\rb\r", "a|b # UTF-8, lines end in CR, 2 lines in 4 bytes");
        row("a mark",
            "\xEF\xBB\xBF"
            "a\n",
            "a # UTF-8 with a byte order mark, lines end in LF, 1 line in 2 bytes");
        row("UTF-16 with a mark", "\xFF\xFE" + utf16(u"é😀\r\nb\n", true),
            "é😀|b # UTF-16 (little-endian) with a byte order mark, lines end in LF, some in CR LF, 2 lines in 10 "
            "bytes");
        row("UTF-16, other way round", "\xFE\xFF" + utf16(u"a\nb\n", false),
            "a|b # UTF-16 (big-endian) with a byte order mark, lines end in LF, 2 lines in 4 bytes");
        row("UTF-16 without a mark", utf16(u"some text\n", true),
            "some text # UTF-16 (little-endian), lines end in LF, 1 line in 10 bytes");
        row("big-endian without a mark", utf16(u"some text\n", false),
            "some text # UTF-16 (big-endian), lines end in LF, 1 line in 10 bytes");
        row("half a character", "\xFF\xFE" + utf16(std::u16string{u'a', char16_t{0xD800}, u'b', u'\n'}, true),
            "a\\x00\\xd8b # UTF-16 (little-endian) with a byte order mark, lines end in LF, 1 line in 11 bytes;1 unit "
            "that "
            "cannot stand in UTF-16: kept as \\xhh");
        row("a hole of NULs", std::string(4096, '\0') + "a\n" + std::string("b\0c\n", 4),
            "a|b\0c # UTF-8, lines end in LF, 2 lines in 6 bytes;4,096 NUL bytes at the start of lines left out"sv);
        row("marks of joined files",
            "\xEF\xBB\xBF\xEF\xBB\xBF"
            "a\n\xEF\xBB\xBF"
            "b \xEF\xBB\xBF\n",
            "a|b \xEF\xBB\xBF # UTF-8 with a byte order mark, lines end in LF, 2 lines in 8 bytes;2 byte order marks "
            "at "
            "the start of lines left out");
        row("packed with lzma", std::string("\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0rest", 18),
            "is packed with lzma, and lines of text are expected: convert or unpack it first");
        row("packed once more", gzip(gzip("a\n")), "holds what is packed once more, with gzip: unpack it once");
        row("a zip archive", "PK\x03\x04rest",
            "is a zip archive, and lines of text are expected: convert or unpack it first");
        row("packed with bzip2", "BZh91AY",
            "is packed with bzip2, and lines of text are expected: convert or unpack it first");
    }
    void linesAreTextWhateverTheFileIsEncodedIn() {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, lines);
        QCOMPARE(told(bytes.toStdString()), lines);
    }

    void linesThatAreNoUtf8AreCountedAndKept() {
        const auto log = readLogText("caf\xE9\nplain\n\xFF\xFE\xF0\n");
        QVERIFY(log);
        QCOMPARE(log->traits.linesNotUtf8, std::int64_t{2});
        QCOMPARE(log->traits.notes().front(),
                 std::string("2 lines with bytes that are no UTF-8: sinks store them as \\xhh"));
        QVERIFY(log->text.starts_with("caf\xE9\n"));
    }

    void previewTellsTheFormatAndTheFirstLines() {
        const TestFolder folder;
        const std::string text = line + "\nnot a line \xFF\n" + "shop.example " + line + "\r\n";
        const auto preview = previewFile(folder.write("a.log", text));
        QVERIFY(preview);
        QCOMPARE(preview->formatText(), std::string("combined format: 2 of 3 lines fit"));
        QCOMPARE(preview->lines.size(), 3U);
        QCOMPARE(preview->lines[0].fields.front().second, std::string("203.0.113.9"));
        QCOMPARE(preview->lines[1].reason, std::string("no user and time after the identity"));
        QCOMPARE(preview->lines[1].text, std::string("not a line \\xff"));
        QCOMPARE(preview->lines[2].fields.front(),
                 (std::pair<std::string, std::string>{"virtual host", "shop.example"}));

        const auto common = previewFile(folder.write("c.log", "h - - [04/Mar/2026:08:00:01 +0000] \"GET /\" 200 5\n"));
        QCOMPARE(common->formatText(), std::string("common format: 1 of 1 lines fit"));
        const auto json = previewFile(folder.write("j.log", "{\"a\": 1}\n{\"a\": 2}\n"));
        QCOMPARE(json->formatText(), std::string("a JSON object a line: 2 of 2 lines fit"));
        QCOMPARE(previewFile(folder.write("p.log", "hello\n"))->formatText(), std::string("plain lines"));
        const auto few =
            previewFile(folder.write("f.log", "h - - [04/Mar/2026:08:00:01 +0000] \"GET /\" 200 5\nno\nno\n"));
        QCOMPARE(few->notes().front(),
                 std::string("the format combined fits only 1 of 3 lines: extract takes fields of "
                             "such lines by a pattern"));
        const auto hole = previewFile(folder.write("h.log", std::string(200'000, '\0')), {10, 100'000});
        QCOMPARE(hole->notes().back(), std::string("what was read of it holds no line; it goes on behind"));
        QVERIFY(!previewFile(folder.write("z.log", "PK\x03\x04")));
        QVERIFY(!previewFile("/dev/zero"));
    }

    void previewGuessesTheTypesOfFields() {
        const TestFolder folder;
        const auto columnsOf = [&](const std::string& text) {
            return previewFile(folder.write("t.csv", text))->columnsText();
        };
        QCOMPARE(columnsOf("timestamp,value\n2015-02-26 21:42:53,104\n2015-02-26 21:47:53,100\n"),
                 std::string(R"("columns": ["timestamp TEXT", "value INTEGER"])"));
        QCOMPARE(columnsOf("1,a,true\n2.5,b,false\n"),
                 std::string(R"("columns": ["column1 REAL", "column2 TEXT", "column3 BOOLEAN"])"));
        QCOMPARE(columnsOf("{\"t\": 1, \"on\": true}\n{\"t\": 1.5, \"name\": \"7\"}\n"),
                 std::string(R"("columns": ["t REAL", "on BOOLEAN", "name TEXT"])"));
        QCOMPARE(columnsOf("hello, you\nthis is text\nand more\n"), std::string());
        const auto csv = previewFile(folder.write("v.csv", "a,b\n1,2\n3,4\n"));
        QCOMPARE(csv->formatText(), std::string("values between commas: 3 of 3 lines fit"));
        QVERIFY(csv->hasHeader);
    }

    void previewReadsTheFrontOfALargeFileAndSaysSo() {
        const TestFolder folder;
        for (const std::string& bytes : {manyLines(50'000), gzip(manyLines(50'000)), zstd(manyLines(50'000))}) {
            const auto preview = previewFile(folder.write("big.log", bytes), {2, 100'000});
            QVERIFY2(preview, preview ? "" : preview.error().message.c_str());
            QVERIFY(!preview->traits.isWhole);
            QVERIFY(preview->linesSeen > 900 && preview->linesSeen < 1'200);
            QCOMPARE(preview->linesFitting, preview->linesSeen);
            QVERIFY(preview->formatText().find("of the first") != std::string::npos);
        }
        const auto huge = previewFile(folder.write("huge.log", std::string(1'300'000, 'b') + "\n"), {1, 0});
        QVERIFY(huge->lines.front().isCut && huge->lines.front().text.size() == 400);
        QVERIFY(huge->notes().front().starts_with("the longest line has 1300000 bytes"));
    }
};

QTEST_GUILESS_MAIN(TestLogText)
#include "tst_log_text.moc"
