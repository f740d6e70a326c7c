#include "engine/hadoop/mapreduce/job_kinds.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstring>
#include <vector>

#include "engine/ingest/web_log.h"
#include "engine/observe/kinds.h"

namespace millrace::hadoop {

namespace {

using flow::Parameter;
using Type = flow::ParameterType;

Parameter inputParameter() {
    return {.key = "input",
            .type = Type::Text,
            .help = "The file in HDFS that it reads, or a folder of such files.",
            .isRequired = true,
            .start = "/input"};
}
Parameter outputParameter() {
    return {.key = "output",
            .type = Type::Text,
            .help = "The folder in HDFS that it writes; it must not be there before.",
            .isRequired = true,
            .start = "/output/@"};
}
Parameter reducesParameter() {
    return {.key = "reduces",
            .type = Type::Integer,
            .help = "Reduce tasks: the parts of its output. Without any, the maps write what they emit, unsorted.",
            .defaultText = "1",
            .least = 0,
            .most = 10'000};
}
Parameter combinerParameter() {
    return {.key = "combiner",
            .type = Type::Flag,
            .help = "Adds up each key of a map's output before it is sent to the reduces.",
            .defaultText = "true"};
}

// --- word count -----------------------------------------------------------------------------------------------------

constexpr bool isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

void mapWords(std::string_view line, ByteCount /*position*/, const JobSpec& /*job*/, Emitter& emitter) {
    std::size_t at = 0;
    while (at < line.size()) {
        while (at < line.size() && isBlank(line[at])) {
            ++at;
        }
        std::size_t end = at;
        while (end < line.size() && !isBlank(line[end])) {
            ++end;
        }
        if (end > at) {
            emitter.put(line.substr(at, end - at), 1);
        }
        at = end;
    }
}

// --- sort -----------------------------------------------------------------------------------------------------------

void mapLine(std::string_view line, ByteCount /*position*/, const JobSpec& /*job*/, Emitter& emitter) {
    emitter.put(line, 0);
}

// --- log analysis ---------------------------------------------------------------------------------------------------

void mapLog(std::string_view line, ByteCount /*position*/, const JobSpec& job, Emitter& emitter) {
    const auto parsed = ingest::parseWebLogLine(line);
    if (!parsed) {
        ++emitter.malformed;
        return;
    }
    constexpr std::size_t upToHour = std::string_view{"17/May/2015:10"}.size();
    const std::string by = job.parameters.text("by");
    if (by == "url") {
        emitter.put(parsed->path, 1);
    } else if (by == "host") {
        emitter.put(parsed->host, 1);
    } else if (by == "bytes-by-host") {
        emitter.put(parsed->host, parsed->bytes);
    } else if (by == "hour") {
        emitter.put(parsed->time.substr(0, upToHour), 1);
    } else {
        std::array<char, 16> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), parsed->status);
        emitter.put({digits.data(), static_cast<std::size_t>(end.ptr - digits.data())}, 1);
    }
}

void filterLog(std::string_view line, ByteCount /*position*/, const JobSpec& job, Emitter& emitter) {
    const auto parsed = ingest::parseWebLogLine(line);
    if (!parsed) {
        ++emitter.malformed;
    } else if (parsed->status >= job.parameters.integer("least_status").value_or(0)) {
        emitter.put(line, 0);
    }
}

// --- log audit ------------------------------------------------------------------------------------------------------

void mapAudit(std::string_view line, ByteCount /*position*/, const JobSpec& /*job*/, Emitter& emitter) {
    constexpr std::int32_t firstError = 400;
    const auto parsed = ingest::parseWebLogLine(line);
    if (!parsed) {
        ++emitter.malformed;
        emitter.put(fmt::format("rejected\t{}\t{}", parsed.error(), line), 1);
        return;
    }
    emitter.put(fmt::format("status_counts\t{}", parsed->status), 1);
    if (parsed->status >= firstError) {
        emitter.put(fmt::format("errors\t{}\t{}", parsed->status, line), 1);
    }
}

// --- top ------------------------------------------------------------------------------------------------------------

constexpr std::int64_t inversionBase = 9'000'000'000'000'000'000;

/// Lines "key TAB number", as other jobs write them: the largest number comes first in the order of keys.
void mapTop(std::string_view line, ByteCount /*position*/, const JobSpec& /*job*/, Emitter& emitter) {
    const std::size_t tab = line.rfind('\t');
    std::int64_t number = 0;
    const char* end = line.data() + line.size();
    if (tab == std::string_view::npos || std::from_chars(line.data() + tab + 1, end, number).ptr != end || number < 0) {
        ++emitter.malformed;
        return;
    }
    emitter.put(fmt::format("{:019}\t{}", inversionBase - number, line.substr(0, tab)), number);
}

// --- a drawn pipeline -----------------------------------------------------------------------------------------------

void mapPipeline(std::string_view line, ByteCount /*position*/, const JobSpec& job, Emitter& emitter) {
    emitter.time += job.graph->run(
        line, [&](std::uint32_t table, const std::vector<ingest::SinkValue>& values, std::int64_t increment) {
            emitter.put(ingest::tableLine(job.graph->tables()[table].name, values), increment);
        });
}

std::vector<JobKind> makeKinds() {
    constexpr auto node = observe::ObjectKind::Job;
    std::vector<JobKind> kinds;
    kinds.push_back({{.node = node,
                      .kind = "wordcount",
                      .title = "Word count",
                      .help = "Counts how often each word occurs.",
                      .outputs = "lines of word and count",
                      .parameters = {inputParameter(), outputParameter(), reducesParameter(), combinerParameter()},
                      .summary = {"input"},
                      .stem = "word-count"},
                     mapWords,
                     JobKind::Reduce::Sum,
                     true,
                     4});
    kinds.push_back(
        {{.node = node,
          .kind = "log-analysis",
          .title = "Log analysis",
          .help = "Counts the lines of a web server's access log by one of their fields.",
          .outputs = "lines of field and count",
          .parameters = {inputParameter(),
                         outputParameter(),
                         reducesParameter(),
                         combinerParameter(),
                         {.key = "by",
                          .type = Type::Choice,
                          .help = "By what is counted: status, url, host, hour; or the bytes sent to each host.",
                          .defaultText = "status",
                          .choices = {"status", "url", "host", "hour", "bytes-by-host"}}},
          .summary = {"by"}},
         mapLog,
         JobKind::Reduce::Sum,
         true,
         8});
    kinds.push_back(
        {{.node = node,
          .kind = "log-filter",
          .title = "Log filter",
          .help = "Keeps the lines of a web server's access log whose status is at least so much. There are "
                  "no reduces: each map writes its own part of the output.",
          .outputs = "lines of the log",
          .parameters = {inputParameter(),
                         outputParameter(),
                         {.key = "least_status",
                          .type = Type::Integer,
                          .help = "The least status that is kept.",
                          .defaultText = "400",
                          .least = 0,
                          .most = 999}},
          .summary = {"least_status"}},
         filterLog,
         JobKind::Reduce::Repeat,
         false,
         0,
         0});
    kinds.push_back({{.node = node,
                      .kind = "log-audit",
                      .title = "Log audit",
                      .help = "Keeps each request with status 400 and above, counts how often each status occurs, and "
                              "keeps lines of no format apart.",
                      .outputs = "lines of table and row: errors, status_counts, rejected",
                      .parameters = {inputParameter(), outputParameter(), reducesParameter(), combinerParameter()},
                      .summary = {"input"}},
                     mapAudit,
                     JobKind::Reduce::Sum,
                     true,
                     8});
    kinds.push_back({{.node = node,
                      .kind = "sort",
                      .title = "Sort",
                      .help = "Sorts lines; each part of the output is sorted by itself.",
                      .outputs = "lines",
                      .parameters = {inputParameter(), outputParameter(), reducesParameter()},
                      .summary = {"input"}},
                     mapLine,
                     JobKind::Reduce::Repeat,
                     false,
                     0});
    kinds.push_back({{.node = node,
                      .kind = "top",
                      .title = "Top",
                      .help = "Of lines of key and number, as other jobs write them, keeps those with the largest "
                              "numbers, by one reduce.",
                      .outputs = "lines of key and number",
                      .parameters = {inputParameter(),
                                     outputParameter(),
                                     {.key = "count",
                                      .type = Type::Integer,
                                      .help = "How many are kept.",
                                      .defaultText = "10",
                                      .least = 1,
                                      .most = 1'000'000}},
                      .summary = {"count"}},
                     mapTop,
                     JobKind::Reduce::First,
                     false,
                     8});
    kinds.push_back({{.node = node,
                      .kind = "pipeline",
                      .title = "Drawn pipeline",
                      .help = "Computes a pipeline of the scenario over lines at rest: each map its steps, the reduces "
                              "its counts and sums.",
                      .outputs = "lines of table, row and number",
                      .parameters = {inputParameter(),
                                     outputParameter(),
                                     reducesParameter(),
                                     combinerParameter(),
                                     {.key = "pipeline",
                                      .type = Type::Reference,
                                      .help = "Which one.",
                                      .isRequired = true,
                                      .refersTo = observe::ObjectKind::Pipeline,
                                      .start = ""}},
                      .summary = {"pipeline"}},
                     mapPipeline,
                     JobKind::Reduce::Sum,
                     true,
                     8});
    return kinds;
}

const std::vector<JobKind>& allKinds() {
    static const std::vector<JobKind> kinds = makeKinds();
    return kinds;
}

}  // namespace

std::span<const JobKind* const> jobKinds() {
    static const std::vector<const JobKind*> pointers = [] {
        std::vector<const JobKind*> all;
        for (const JobKind& kind : allKinds()) {
            all.push_back(&kind);
        }
        return all;
    }();
    return pointers;
}

std::span<const flow::Operator* const> jobOperators() {
    static const std::vector<const flow::Operator*> rows = [] {
        std::vector<const flow::Operator*> all;
        for (const JobKind& kind : allKinds()) {
            all.push_back(&kind.row);
        }
        return all;
    }();
    return rows;
}

const JobKind* findJobKind(std::string_view kind) {
    for (const JobKind* each : jobKinds()) {
        if (each->row.kind == kind) {
            return each;
        }
    }
    return nullptr;
}

std::uint64_t reduceTo(std::string& output, const Run& merged, const JobSpec& job) {
    std::uint64_t written = 0;
    const std::int64_t most = job.parameters.integer("count").value_or(10);
    for (const Run::Group& group : merged.groups()) {
        const std::string_view key = merged.key(group);
        switch (job.kind->reduce) {
            case JobKind::Reduce::Sum:
                output.append(key);
                output.push_back('\t');
                output.append(std::to_string(group.sum));
                output.push_back('\n');
                ++written;
                break;
            case JobKind::Reduce::Repeat:
                for (std::uint64_t i = 0; i < group.records; ++i) {
                    output.append(key);
                    output.push_back('\n');
                    ++written;
                }
                break;
            case JobKind::Reduce::First: {
                const std::size_t tab = key.find('\t');
                const std::int64_t number =
                    group.records == 0 ? 0 : group.sum / static_cast<std::int64_t>(group.records);
                for (std::uint64_t i = 0; i < group.records && written < static_cast<std::uint64_t>(most); ++i) {
                    output.append(key.substr(tab + 1));
                    output.push_back('\t');
                    output.append(std::to_string(number));
                    output.push_back('\n');
                    ++written;
                }
                break;
            }
        }
    }
    return written;
}

void Emitter::write(std::string_view key, std::int64_t value) {
    m_output->append(key);
    if (m_kind->reduce != JobKind::Reduce::Repeat) {
        m_output->push_back('\t');
        m_output->append(std::to_string(value));
    }
    m_output->push_back('\n');
}

std::string singlePass(std::string_view text, const JobSpec& job) {
    KeyTable table;
    std::string direct;
    Emitter emitter = job.reduces == 0 ? Emitter(direct, *job.kind) : Emitter(table);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        job.kind->map(text.substr(at, end - at), static_cast<ByteCount>(at), job, emitter);
        at = end + 1;
    }
    if (job.reduces == 0) {
        return direct;
    }
    std::string output;
    (void)reduceTo(output, *table.sorted(1, false, job.kind->valueBytes).front(), job);
    return output;
}

}  // namespace millrace::hadoop
