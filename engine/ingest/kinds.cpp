#include "engine/ingest/kinds.h"

#include <array>

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
                        .defaultText = "0",
                        .least = 0,
                        .most = 1},
                       {.key = "count",
                        .type = Type::Integer,
                        .help = "Ends after this many records; without it, never.",
                        .least = 0,
                        .blank = "without end"},
                       {.key = "size",
                        .type = Type::Size,
                        .help = "Bytes of each record; at most 100 MiB, the largest request that a broker takes unless "
                                "socket.request.max.bytes says otherwise.",
                        .defaultText = "100B",
                        .most = 104857600},
                       keysParameter()},
        .summary = {"rate"},
        .stem = "records"};
    return row;
}

const flow::Operator& linesKind() {
    static const flow::Operator row{.node = NodeKind::Source,
                                    .kind = "file",
                                    .title = "File lines",
                                    .help = "Sends the lines of a file, one record each.",
                                    .outputs = "records",
                                    .parameters = {{.key = "path",
                                                    .type = Type::FilePath,
                                                    .help = "The file whose lines are sent.",
                                                    .isRequired = true,
                                                    .start = ""},
                                                   topicParameter(),
                                                   rateParameter(),
                                                   startParameter()},
                                    .summary = {"rate"},
                                    .stem = "log"};
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

const flow::Operator& databaseKind() {
    static const flow::Operator row{.node = NodeKind::Sink,
                                    .kind = "sqlite",
                                    .title = "SQLite",
                                    .help = "A database file for results.",
                                    .outputs = "nothing",
                                    .parameters = {pathParameter("@.db"), writeParameter()},
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
                                    .parameters = {pathParameter("@.txt"), writeParameter()},
                                    .summary = {"path"},
                                    .stem = "output"};
    return row;
}

}  // namespace

std::span<const flow::Operator* const> sourceKinds() {
    static const std::array kinds{&generatorKind(), &linesKind()};
    return kinds;
}

std::span<const flow::Operator* const> sinkKinds() {
    static const std::array kinds{&databaseKind(), &textKind()};
    return kinds;
}

}  // namespace millrace::ingest
