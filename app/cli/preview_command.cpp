#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/cli/cli.h"
#include "app/cli/report_output.h"
#include "engine/ingest/preview.h"

namespace millrace::cli {

namespace {

struct PreviewCommandOptions {
    std::string file;
    std::size_t lines = 10;
    std::string report = "text";
};

using Json = nlohmann::ordered_json;

void printText(const ingest::FilePreview& preview) {
    say(fmt::format("{}\n  {}\n  {}\n", preview.path, preview.traits.text(), preview.formatText()));
    for (const std::string& note : preview.notes()) {
        say(fmt::format("  {}\n", note));
    }
    for (const ingest::PreviewLine& line : preview.lines) {
        say(fmt::format("\n{:>4}  {}{}\n", line.number, line.text, line.isCut ? " ..." : ""));
        if (!line.reason.empty()) {
            say(fmt::format("      rejected: {}\n", line.reason));
        }
        for (const auto& [name, value] : line.fields) {
            say(fmt::format("      {:<12}  {}\n", name, value));
        }
    }
}

void printJson(const ingest::FilePreview& preview) {
    Json lines = Json::array();
    for (const ingest::PreviewLine& line : preview.lines) {
        Json fields = Json::object();
        for (const auto& [name, value] : line.fields) {
            fields[name] = value;
        }
        lines.push_back({{"line", line.number}, {"text", line.text}, {"cut", line.isCut}, {"fields", fields}});
        if (!line.reason.empty()) {
            lines.back()["rejected"] = line.reason;
        }
    }
    Json columns = Json::array();
    for (const flow::Column& each : preview.columns) {
        columns.push_back({{"name", each.name}, {"type", flow::toText(each.type)}});
    }
    const ingest::TextTraits& traits = preview.traits;
    const Json json = {{"file", preview.path},
                       {"compression", ingest::toText(traits.compression)},
                       {"encoding", ingest::toText(traits.encoding)},
                       {"byte_order_mark", traits.hasByteOrderMark},
                       {"line_ends", ingest::toText(traits.lineEnds)},
                       {"whole", traits.isWhole},
                       {"bytes", traits.textBytes},
                       {"lines_seen", preview.linesSeen},
                       {"lines_fitting", preview.linesFitting},
                       {"format", ingest::toText(preview.format)},
                       {"virtual_hosts", preview.hasVirtualHosts},
                       {"longest_line", traits.longestLine},
                       {"header", preview.hasHeader},
                       {"columns", columns},
                       {"notes", preview.notes()},
                       {"lines", lines}};
    sayJson(json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

ExitStatus preview(const PreviewCommandOptions& options) {
    ingest::PreviewOptions how;
    how.linesMax = options.lines;
    const auto preview = ingest::previewFile(options.file, how);
    if (!preview) {
        return refuse(preview.error().where, Error{preview.error().message, {}, preview.error().kind});
    }
    if (options.report == "json") {
        printJson(*preview);
    } else {
        printText(*preview);
    }
    return ExitStatus::Done;
}

}  // namespace

void addPreviewCommand(CLI::App& app, Action& action) {
    CLI::App* command =
        app.add_subcommand("preview", "Show how a log file would be read: packing, encoding, format, first lines");
    const auto options = std::make_shared<PreviewCommandOptions>();
    command->add_option("FILE", options->file, "A log file, packed or not")->required();
    command->add_option("--lines", options->lines, "How many lines to show")->check(CLI::Range(0, 10'000));
    command->add_option("--report", options->report, "text or json")->check(CLI::IsMember({"text", "json"}));
    command->callback([options, &action] { action = [options] { return preview(*options); }; });
}

}  // namespace millrace::cli
