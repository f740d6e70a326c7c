#include "engine/ingest/preview.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "engine/base/utf8.h"
#include "engine/ingest/column_guess.h"
#include "engine/ingest/file_content.h"
#include "engine/ingest/web_log.h"

namespace millrace::ingest {

namespace {

constexpr std::size_t lineMax = 400;  // bytes of a line that are shown

std::vector<std::pair<std::string, std::string>> fieldsOf(const WebLogLine& line) {
    std::vector<std::pair<std::string, std::string>> fields;
    const auto add = [&](const char* name, std::string_view value) {
        fields.emplace_back(name, storableText(utf8Front(value, lineMax)));
    };
    if (!line.virtualHost.empty()) {
        add("virtual host", line.virtualHost);
    }
    add("host", line.host);
    add("user", line.user);
    add("time", line.time);
    add("request", line.request);
    add("method", line.method);
    add("path", line.path);
    add("protocol", line.protocol);
    add("status", std::to_string(line.status));
    add("bytes", std::to_string(line.bytes));
    if (line.isCombined) {
        add("referrer", line.referrer);
        add("agent", line.agent);
    }
    return fields;
}

bool isJsonObject(std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t");
    const std::size_t last = line.find_last_not_of(" \t");
    return first != std::string_view::npos && line[first] == '{' && line[last] == '}';
}

/// Tells the format by what most lines fit.
class Guess {
public:
    void look(std::string_view line) {
        ++m_lines;
        m_columns.look(line);
        m_objects += isJsonObject(line) ? 1 : 0;
        if (const auto parsed = parseWebLogLine(line)) {
            ++m_fitting;
            m_combined += parsed->isCombined ? 1 : 0;
            m_withNames += parsed->virtualHost.empty() ? 0 : 1;
        }
    }
    void tell(FilePreview& preview) const {
        preview.linesSeen = m_lines;
        preview.webLogLines = m_fitting;
        if (m_fitting * 2 >= m_lines && m_fitting > 0) {
            preview.format = m_combined * 2 >= m_fitting ? LineFormat::Combined : LineFormat::Common;
            preview.linesFitting = m_fitting;
            preview.hasVirtualHosts = m_withNames * 2 > m_fitting;
        } else if (m_objects * 2 >= m_lines && m_objects > 0) {
            preview.format = LineFormat::Json;
            preview.linesFitting = m_objects;
            preview.columns = m_columns.columns();
        } else if (m_columns.isCsv()) {
            preview.format = LineFormat::Csv;
            preview.linesFitting = m_columns.even();
            preview.columns = m_columns.columns();
            preview.hasHeader = m_columns.hasHeader();
        } else {
            preview.linesFitting = m_lines;
        }
    }

private:
    std::int64_t m_lines = 0;
    std::int64_t m_objects = 0;
    std::int64_t m_fitting = 0;
    std::int64_t m_combined = 0;
    std::int64_t m_withNames = 0;
    ColumnGuess m_columns;
};

PreviewLine shown(std::string_view line, std::int64_t number, bool isWebLog) {
    PreviewLine preview;
    preview.number = number;
    const std::string_view front = utf8Front(line, lineMax);
    preview.text = storableText(front);
    preview.isCut = front.size() < line.size();
    if (!isWebLog) {
        return preview;
    }
    if (const auto parsed = parseWebLogLine(line)) {
        preview.fields = fieldsOf(*parsed);
    } else {
        preview.reason = parsed.error();
    }
    return preview;
}

}  // namespace

std::string_view toText(LineFormat format) {
    switch (format) {
        case LineFormat::Common:
            return "common format";
        case LineFormat::Combined:
            return "combined format";
        case LineFormat::Json:
            return "a JSON object a line";
        case LineFormat::Csv:
            return "values between commas";
        case LineFormat::Plain:
            break;
    }
    return "plain lines";
}

std::string FilePreview::formatText() const {
    if (format == LineFormat::Plain) {
        return std::string{toText(format)};
    }
    return fmt::format("{}{}: {} of {}{} lines fit", toText(format),
                       hasVirtualHosts ? " with a name before the host" : "", linesFitting,
                       traits.isWhole ? "" : "the first ", linesSeen);
}

std::string FilePreview::columnsText() const {
    std::string text;
    for (const flow::Column& each : columns) {
        text += fmt::format("{}\"{} {}\"", text.empty() ? "" : ", ", each.name, flow::toText(each.type));
    }
    return text.empty() ? text : fmt::format("\"columns\": [{}]", text);
}

std::vector<std::string> FilePreview::notes() const {
    std::vector<std::string> all = traits.notes();
    if (traits.longestLine > recordMax) {
        all.push_back(
            fmt::format("the longest line has {} bytes: more than a record may have (max.request.size, "
                        "message.max.bytes, {} unless set), so its producer gives it up",
                        traits.longestLine, recordMax));
    }
    if (format == LineFormat::Json || (format == LineFormat::Plain && linesSeen > 0)) {
        const std::string fits = webLogLines == 0
                                     ? "the format combined does not fit"
                                     : fmt::format("the format combined fits only {} of {}{} lines", webLogLines,
                                                   traits.isWhole ? "" : "the first ", linesSeen);
        all.push_back(fits + ": extract takes fields of such lines by a pattern");
    }
    if (!columns.empty()) {
        all.push_back(fmt::format("as fields, guessed from {} lines{}: {}; other types can be written", linesSeen,
                                  hasHeader ? ", of which the first names them" : "", columnsText()));
    }
    if (traits.lines == 0) {
        all.emplace_back(traits.isWhole ? "it holds no line" : "what was read of it holds no line; it goes on behind");
    }
    return all;
}

Result<FilePreview> previewFile(const std::string& path, const PreviewOptions& options) {
    const std::size_t bytesMax = options.bytesMax == 0 ? std::numeric_limits<std::size_t>::max() : options.bytesMax;
    auto front = readFront(path, bytesMax);
    if (!front) {
        return tl::unexpected(std::move(front.error()));
    }
    UnpackLimits limits;
    limits.isFront = !front->isWhole;
    limits.takesPart = options.bytesMax != 0;
    limits.textMax = std::min(limits.textMax, bytesMax);
    auto log = readLogText(std::move(front->bytes), limits);
    if (!log) {
        return failure(std::move(log.error().message), path);
    }
    if (!log->traits.isWhole && log->traits.lines > 1) {
        // The last line is cut.
        log->text.resize(log->text.rfind('\n', log->text.size() - 2) + 1);
        --log->traits.lines;
    }
    FilePreview preview;
    preview.path = path;
    preview.traits = log->traits;
    const auto read = makeRef<FileContent>(path, std::move(*log));
    const FileContent& content = *read;
    Guess guess;
    for (std::int64_t i = 0; i < content.lineCount(); ++i) {
        guess.look(content.line(i));
    }
    guess.tell(preview);
    const bool isWebLog = preview.format == LineFormat::Combined || preview.format == LineFormat::Common;
    const auto count = std::min(content.lineCount(), static_cast<std::int64_t>(options.linesMax));
    for (std::int64_t i = 0; i < count; ++i) {
        preview.lines.push_back(shown(content.line(i), i + 1, isWebLog));
    }
    return preview;
}

}  // namespace millrace::ingest
