#include "engine/ingest/kinds.h"

#include <array>
#include <deque>
#include <vector>

#include "engine/ingest/flaws.h"
#include "engine/ingest/formats/format.h"
#include "engine/ingest/models/model.h"

namespace millrace::ingest {

namespace {

using flow::NodeKind;
using flow::Parameter;
using Type = flow::ParameterType;

Parameter topicParameter() {
    return {.key = "topic",
            .type = Type::Reference,
            .help = "Where its records go, through a producer of the source's name.",
            .refersTo = NodeKind::Topic};
}
Parameter rateParameter() {
    return {.key = "rate",
            .type = Type::Rate,
            .help = "Records a second, or max: as fast as the producer takes them.",
            .defaultText = "max",
            .choices = {"max"},
            .start = "100/s"};
}
Parameter startParameter() {
    return {.key = "start_at", .type = Type::Duration, .help = "When the first record is sent.", .defaultText = "0s"};
}

Parameter keysParameter() {
    return {.key = "keys",
            .type = Type::Object,
            .help = "Keys of the records; without it they have none.",
            .fields = {{.key = "count",
                        .type = Type::Integer,
                        .help = "How many different keys there are.",
                        .isRequired = true,
                        .least = 1,
                        .most = 100'000'000},
                       {.key = "distribution",
                        .type = Type::Choice,
                        .help = "How often each key comes.",
                        .defaultText = "uniform",
                        .choices = {"uniform", "zipf"}},
                       {.key = "exponent",
                        .type = Type::Number,
                        .help = "Of the Zipf distribution: larger is more uneven.",
                        .readWhen = flow::when("distribution", {"zipf"}),
                        .defaultText = "1",
                        .least = 0.01,
                        .most = 10}}};
}

Parameter wordsParameter() {
    return {.key = "words",
            .type = Type::Object,
            .help = "Fills the records with words.",
            .fields = {{.key = "vocabulary",
                        .type = Type::Integer,
                        .help = "How many different words there are.",
                        .isRequired = true,
                        .least = 1,
                        .most = 1'000'000,
                        .start = "500"},
                       {.key = "per_record",
                        .type = Type::Integer,
                        .help = "Words in a record.",
                        .isRequired = true,
                        .least = 1,
                        .most = 10'000,
                        .start = "5"},
                       {.key = "exponent",
                        .type = Type::Number,
                        .help = "Of the Zipf distribution of words: larger is more uneven.",
                        .defaultText = "1",
                        .least = 0.01,
                        .most = 10}}};
}

Parameter pathParameter() {
    return {.key = "path",
            .type = Type::FilePath,
            .help = "The file whose lines are sent.",
            .isRequired = true,
            .start = ""};
}

Parameter countParameter() {
    return {.key = "count",
            .type = Type::Integer,
            .help = "Ends after this many records; without it, never.",
            .least = 0,
            .blank = "without end"};
}
Parameter keepsParameter(std::string_view usual = {}) {
    return {.key = "keeps",
            .type = Type::Duration,
            .help = "For how long it can send a record again after its reader crashed; 0s: what nobody read is gone.",
            .defaultText = usual,
            .blank = usual.empty() ? "for ever" : std::string_view{}};
}
Parameter seedParameter(flow::Conditions readWhen = {}) {
    return {.key = "seed",
            .type = Type::Integer,
            .help = "Other readings and flaws for the same seed of the run.",
            .readWhen = std::move(readWhen),
            .defaultText = "0",
            .least = 0};
}

/// What every source can have beside what it reads.
void addFlaws(std::vector<Parameter>& parameters) {
    parameters.push_back(flawsParameter());
    parameters.push_back(shapeParameter());
    parameters.push_back(keepsParameter());
    parameters.push_back(seedParameter());
}

/// The row of a model as a kind of source.
flow::Operator modelSource(const ModelKind& model) {
    flow::Operator row = model.about;
    row.outputs = "records";
    row.summary = {"rate"};
    std::vector<Parameter> parameters{topicParameter()};
    parameters.insert(parameters.end(), row.parameters.begin(), row.parameters.end());
    parameters.push_back({.key = "rate",
                          .type = Type::Rate,
                          .help = "Readings a second of all devices together.",
                          .blank = "as its devices send"});
    parameters.push_back(startParameter());
    parameters.push_back({.key = "count",
                          .type = Type::Integer,
                          .help = "Ends after this many readings, also those that are missing; without it, never.",
                          .least = 0,
                          .blank = "without end"});
    parameters.push_back({.key = "format",
                          .type = Type::Choice,
                          .help = "How a reading is written.",
                          .defaultText = model.usualFormat,
                          .choices = formatNames()});
    addFlaws(parameters);
    if (model.isLostWhenLate) {
        for (Parameter& each : parameters) {
            each = each.key == "keeps" ? keepsParameter("0s") : each;
        }
    }
    row.parameters = std::move(parameters);
    return row;
}

const flow::Operator& generatorKind() {
    static const flow::Operator row{
        .node = NodeKind::Source,
        .kind = "generator",
        .title = "Generator",
        .help = "Makes up records of words at a rate.",
        .outputs = "records",
        .parameters = {topicParameter(),
                       wordsParameter(),
                       rateParameter(),
                       startParameter(),
                       {.key = "jitter",
                        .type = Type::Number,
                        .help = "0 sends at even intervals, 1 at random ones with the same mean.",
                        .readWhen = flow::unless("rate", {"max"}),
                        .defaultText = "0",
                        .least = 0,
                        .most = 1},
                       countParameter(),
                       {.key = "size",
                        .type = Type::Size,
                        .help = "Bytes of each record; at most 100 MiB, the largest request that a broker takes unless "
                                "socket.request.max.bytes says otherwise.",
                        .defaultText = "100B",
                        .most = 104857600},
                       keysParameter(),
                       flawsParameter(),
                       shapeParameter(),
                       keepsParameter(),
                       seedParameter()},
        .summary = {"rate"},
        .stem = "records"};
    return row;
}

const flow::Operator& linesKind() {
    static const flow::Operator row{
        .node = NodeKind::Source,
        .kind = "file",
        .title = "File lines",
        .help = "Sends the lines of a file, one record each.",
        .outputs = "records",
        .parameters = {pathParameter(), topicParameter(), rateParameter(), startParameter(), flawsParameter(),
                       shapeParameter(), keepsParameter(), seedParameter(flow::with("flaws"))},
        .summary = {"rate"},
        .stem = "log"};
    return row;
}

const flow::Operator& replayKind() {
    static const flow::Operator row{
        .node = NodeKind::Source,
        .kind = "replay",
        .title = "Replay",
        .help = "Sends the lines of a file when their own time stamps say: CSV, JSON lines, access logs, syslog.",
        .outputs = "records",
        .parameters = {pathParameter(),
                       topicParameter(),
                       {.key = "time",
                        .type = Type::Text,
                        .help = "The column or member that is the time stamp; without a name, the first that looks "
                                "like one.",
                        .blank = "the first that looks like one"},
                       {.key = "speed",
                        .type = Type::Number,
                        .help = "How many times as fast as it was written.",
                        .defaultText = "1",
                        .least = 0.001,
                        .most = 1'000'000'000},
                       startParameter(),
                       countParameter(),
                       flawsParameter(),
                       keepsParameter(),
                       seedParameter()},
        .summary = {"speed"},
        .stem = "replay"};
    return row;
}

Parameter pathParameter(std::string_view start) {
    return {.key = "path",
            .type = Type::FilePath,
            .help = "The file that is written; without one, results stay inside the simulation.",
            .start = start};
}
Parameter writeParameter() {
    return {.key = "write",
            .type = Type::Choice,
            .help = "append is at least once; once also remembers what it has written.",
            .defaultText = "append",
            .choices = {"append", "once"}};
}

Parameter latencyParameter(std::string_view usual) {
    return {.key = "commit_latency",
            .type = Type::Duration,
            .help = "How long a commit takes beside what its machine needs for it.",
            .defaultText = usual};
}

const flow::Operator& lakeKind() {
    static const flow::Operator row{
        .node = NodeKind::Sink,
        .kind = "lake",
        .title = "Data lake",
        .help = "A folder of objects, partitioned by the events' times; each transaction adds an object to its folder.",
        .outputs = "nothing",
        .parameters = {{.key = "path",
                        .type = Type::FilePath,
                        .help = "The folder that is written; without one, objects stay inside the simulation.",
                        .start = "@"},
                       writeParameter(),
                       {.key = "partition",
                        .type = Type::Choice,
                        .help = "A folder for each day, or in it for each hour, of universal time.",
                        .defaultText = "date",
                        .choices = {"none", "date", "hour"}},
                       {.key = "format",
                        .type = Type::Choice,
                        .help = "How rows are written.",
                        .defaultText = "json",
                        .choices = {"json", "csv"}},
                       {.key = "compact_every",
                        .type = Type::Duration,
                        .help = "How often the small objects of a folder are put together into one; 0s: never.",
                        .defaultText = "0s"},
                       latencyParameter("50ms")},
        .summary = {"path"},
        .stem = "lake"};
    return row;
}

Parameter connectionParameter() {
    return {.key = "connection",
            .type = Type::Text,
            .help =
                "A PostgreSQL database that is written instead of a file, in a schema of the sink's name, as in "
                "postgresql://user@host/database or \"host=... dbname=...\". Its password is better in PGPASSWORD "
                "or in the file ~/.pgpass than here.",
            .blank = "the SQLite file of path, or none"};
}

const flow::Operator& warehouseKind() {
    static const flow::Operator row{
        .node = NodeKind::Sink,
        .kind = "warehouse",
        .title = "Warehouse",
        .help = "A database of typed tables, facts and dimensions; loads are cheap in bulk and dear one by one.",
        .outputs = "nothing",
        .parameters = {pathParameter("@.db"), connectionParameter(), writeParameter(), latencyParameter("200ms")},
        .summary = {"path"},
        .stem = "warehouse"};
    return row;
}

const flow::Operator& documentsKind() {
    static const flow::Operator row{
        .node = NodeKind::Sink,
        .kind = "documents",
        .title = "Document store",
        .help = "JSON documents by their ids; one of the same id is replaced.",
        .outputs = "nothing",
        .parameters = {pathParameter("@.db"),
                       writeParameter(),
                       {.key = "indexes",
                        .type = Type::TextList,
                        .help = "Members of the documents by which they can be found quickly.",
                        .most = 16},
                       latencyParameter("5ms")},
        .summary = {"path"},
        .stem = "documents"};
    return row;
}

const flow::Operator& archiveKind() {
    static const flow::Operator row{.node = NodeKind::Sink,
                                    .kind = "archive",
                                    .title = "Archive",
                                    .help = "A text file that is compressed by gzip.",
                                    .outputs = "nothing",
                                    .parameters = {pathParameter("@.gz"), writeParameter(), latencyParameter("20ms")},
                                    .summary = {"path"},
                                    .stem = "archive"};
    return row;
}

const flow::Operator& dashboardKind() {
    static const flow::Operator row{
        .node = NodeKind::Sink,
        .kind = "dashboard",
        .title = "Dashboard",
        .help =
            "Shows the newest row of each key as a tile, with a curve and alerts: the tab Dashboard. It shows the rows "
            "of one ingestion pipeline.",
        .outputs = "nothing",
        .parameters = {{.key = "path",
                        .type = Type::FilePath,
                        .help = "A page of HTML that is written anew while rows come; without one, it is seen in the "
                                "studio alone.",
                        .start = "@.html"},
                       {.key = "chart",
                        .type = Type::Text,
                        .help = "The field that is drawn over time, large, with its last 120 values.",
                        .blank = "the first field that is a number, but neither key nor the event's time"},
                       {.key = "alerts",
                        .type = Type::TextList,
                        .help =
                            "Conditions over the fields of a row, as in \"temperature > 60\": each marks the tiles for "
                            "which it holds, and is told when it begins to.",
                        .most = 16},
                       latencyParameter("0s")},
        .summary = {"chart"},
        .stem = "dashboard"};
    return row;
}

const flow::Operator& topicSinkKind() {
    static const flow::Operator row{.node = NodeKind::Sink,
                                    .kind = "topic",
                                    .title = "Topic",
                                    .help =
                                        "Records of a topic, through a producer of its own: what a pipeline brings "
                                        "in goes on from there. At least once.",
                                    .outputs = "records",
                                    .parameters = {{.key = "topic",
                                                    .type = Type::Reference,
                                                    .help = "Where its records go.",
                                                    .isRequired = true,
                                                    .refersTo = NodeKind::Topic}},
                                    .summary = {"topic"},
                                    .stem = "out"};
    return row;
}

const flow::Operator& databaseKind() {
    static const flow::Operator row{.node = NodeKind::Sink,
                                    .kind = "sqlite",
                                    .title = "SQLite",
                                    .help = "A database file for results.",
                                    .outputs = "nothing",
                                    .parameters = {pathParameter("@.db"), writeParameter(), latencyParameter("0s")},
                                    .summary = {"path"},
                                    .stem = "results"};
    return row;
}

const flow::Operator& textKind() {
    static const flow::Operator row{.node = NodeKind::Sink,
                                    .kind = "file",
                                    .title = "File",
                                    .help = "A text file for results.",
                                    .outputs = "nothing",
                                    .parameters = {pathParameter("@.txt"), writeParameter(), latencyParameter("0s")},
                                    .summary = {"path"},
                                    .stem = "output"};
    return row;
}

}  // namespace

std::span<const flow::Operator* const> sourceKinds() {
    static const std::deque<flow::Operator> models = [] {
        std::deque<flow::Operator> rows;
        for (const ModelKind* each : modelKinds()) {
            rows.push_back(modelSource(*each));
        }
        return rows;
    }();
    static const std::vector<const flow::Operator*> kinds = [] {
        std::vector<const flow::Operator*> all{&generatorKind(), &linesKind(), &replayKind()};
        for (const flow::Operator& each : models) {
            all.push_back(&each);
        }
        return all;
    }();
    return kinds;
}

std::span<const flow::Operator* const> sinkKinds() {
    static const std::array kinds{&databaseKind(),  &textKind(),    &lakeKind(),      &warehouseKind(),
                                  &documentsKind(), &archiveKind(), &dashboardKind(), &topicSinkKind()};
    return kinds;
}

}  // namespace millrace::ingest
