#include "app/cli/report_output.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "engine/scenario/document/complaint.h"
#include "engine/scenario/document/edit.h"

namespace millrace::cli {

namespace {

/// What comes from files and their names must not steer a terminal: control characters but line ends and tabs, those of
/// the upper half (U+0080 to U+009F) too, are told by `escape`, which is given the bytes of one.
template <class Escape>
void sayPlain(std::string_view text, const Escape& escape) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
        const bool isLow = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F;
        const bool isHigh = byte == 0xC2 && next >= 0x80 && next <= 0x9F;
        if (isLow || isHigh) {
            plain += escape(byte, isHigh ? next : 0U);
            i += isHigh ? 1 : 0;
        } else {
            plain += text[i];
        }
    }
    static_cast<void>(std::fwrite(plain.data(), 1, plain.size(), stdout));
}

}  // namespace

void say(const std::string& text) {
    sayPlain(text, [](unsigned first, unsigned second) {
        return second == 0 ? fmt::format("\\x{:02x}", first) : fmt::format("\\x{:02x}\\x{:02x}", first, second);
    });
}

void sayJson(const std::string& json) {
    sayPlain(json, [](unsigned first, unsigned second) {
        return fmt::format("\\u{:04x}", second == 0 ? first : second);  // U+0080 to U+009F end in their second byte.
    });
}

namespace {

/// Whether whoever read the output has gone, as `head -1` does when it has enough.
bool isReaderGone() {
    pollfd output{STDOUT_FILENO, POLLOUT, 0};
    return ::poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

}  // namespace

ExitStatus afterOutput(ExitStatus status) {
    const bool hadTrouble = std::ferror(stdout) != 0;
    errno = 0;
    if ((std::fflush(stdout) == 0 && !hadTrouble) || isReaderGone()) {
        return status;
    }
    return machineFailed(Error{fmt::format("what it says cannot be written{}{}", errno != 0 ? ": " : "",
                                           errno != 0 ? std::strerror(errno) : ""),
                               "standard output"});
}

void addReportOption(CLI::App& command, ReportFormat& format) {
    command
        .add_option_function<std::string>(
            "--report",
            [&format](const std::string& text) {
                if (text != "text" && text != "json") {
                    throw CLI::ValidationError("--report", "\"" + text + "\" is neither text nor json");
                }
                format = text == "json" ? ReportFormat::Json : ReportFormat::Text;
            },
            "What is printed at the end: text or json")
        ->type_name("text|json");
}

void printReport(const run::Report& report, ReportFormat format) {
    if (format == ReportFormat::Json) {
        sayJson(run::reportJson(report));
    } else {
        say(run::reportText(report));
    }
}

std::vector<observe::InvariantView> viewsOf(const lab::Checker& checker) {
    std::vector<observe::InvariantView> views;
    for (const lab::InvariantStatus& status : checker.status()) {
        const std::string violation =
            status.first ? fmt::format("at {}: {}", toText(status.first->time), status.first->text) : std::string();
        views.push_back({status.name, static_cast<std::int64_t>(status.checked), status.holds(), violation});
    }
    return views;
}

ExitStatus refuse(const std::string& file, const Error& error) {
    fmt::print(stderr, "{}{}{}: {}\n", file, error.where.empty() ? "" : ": ", error.where, error.message);
    return error.kind == ErrorKind::Machine ? ExitStatus::Machine : ExitStatus::Refused;
}

ExitStatus refuse(const std::string& file, const Error& error, const scenario::Value& document) {
    const scenario::Place place = scenario::placeOf(document, error.where);
    const scenario::Complaint complaint{scenario::Complaint::Severity::Error, place, error.where, error.message};
    fmt::print(stderr, "{}\n", toText(complaint, file));
    return error.kind == ErrorKind::Machine ? ExitStatus::Machine : ExitStatus::Refused;
}

ExitStatus machineFailed(const Error& error) {
    fmt::print(stderr, "millrace: {}{}{}\n", error.where, error.where.empty() ? "" : ": ", error.message);
    return ExitStatus::Machine;
}

ExitStatus outputRefused(const Error& error, std::string_view option) {
    const bool isTold = error.kind == ErrorKind::Input;  // what stands there is named with what helps
    static_cast<void>(machineFailed(
        isTold ? error : Error{fmt::format("{}; name another file with {}", error.message, option), error.where}));
    return error.kind == ErrorKind::Machine ? ExitStatus::Machine : ExitStatus::Refused;
}

ExitStatus statusOf(const run::Report& report) {
    const bool holds = std::all_of(report.invariants.begin(), report.invariants.end(),
                                   [](const observe::InvariantView& each) { return each.holds; });
    const bool ended = report.stopped == run::Stop::Drained || report.stopped == run::Stop::Until ||
                       report.stopped == run::Stop::Signal;
    return holds && ended && !report.hasBrokenPromises() ? ExitStatus::Done : ExitStatus::Broken;
}

}  // namespace millrace::cli
