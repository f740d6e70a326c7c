#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/flow/datum.h"
#include "engine/ingest/log_text.h"

namespace millrace::ingest {

/// Bytes of a record: max.request.size and message.max.bytes unless told otherwise.
inline constexpr std::int64_t recordMax = 1'048'576;

/// What the lines of a log look like, as far as a bolt can make use of it.
enum class LineFormat : std::uint8_t {
    Common,    ///< host ident user [time] "request" status bytes
    Combined,  ///< with "referrer" "agent"
    Json,      ///< an object a line
    Csv,       ///< values between commas, as many in each line
    Plain      ///< anything else
};
[[nodiscard]] std::string_view toText(LineFormat format);

/// One line as it would be read: its fields by name, or why it fits no format.
struct PreviewLine {
    std::int64_t number = 0;  ///< from 1
    std::string text;         ///< storable; cut where `isCut`
    bool isCut = false;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string reason;
};

/// A look at a file before it is bound to a source: how it is packed and encoded, what its lines are, and the first of
/// them. A value: the terminal prints it, a window shows it.
struct FilePreview {
    std::string path;
    TextTraits traits;
    LineFormat format = LineFormat::Plain;
    bool hasVirtualHosts = false;
    std::int64_t linesSeen = 0;     ///< that the format was told by
    std::int64_t linesFitting = 0;  ///< of these
    std::int64_t webLogLines = 0;   ///< of these, that are lines of a web server's log, whatever most of them are
    std::vector<PreviewLine> lines;
    /// Of JSON and CSV: as they are guessed from what was read. Who binds the file may write other types.
    std::vector<flow::Column> columns;
    bool hasHeader = false;  ///< of CSV: the first line names the columns

    /// "\"columns\": [\"timestamp TEXT\", \"value REAL\"]", as a pipeline or a parse bolt takes them; or nothing.
    [[nodiscard]] std::string columnsText() const;
    /// "combined format with a name before the host: 200 of 200 lines fit"
    [[nodiscard]] std::string formatText() const;
    /// What was left out or changed, and what to know before it is bound; one sentence each.
    [[nodiscard]] std::vector<std::string> notes() const;
};

struct PreviewOptions {
    std::size_t linesMax = 10;                     ///< shown
    std::size_t bytesMax = std::size_t{1} << 20U;  ///< read of the file, and of the text in it; 0: everything
};

/// The error says why it cannot be read as a log; its place is the path.
[[nodiscard]] Result<FilePreview> previewFile(const std::string& path, const PreviewOptions& options = {});

}  // namespace millrace::ingest
