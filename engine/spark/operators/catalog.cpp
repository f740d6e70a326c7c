#include "engine/spark/operators/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/flow/pattern.h"
#include "engine/spark/cost.h"
#include "engine/spark/operators/keyed.h"
#include "engine/spark/operators/narrow.h"
#include "engine/spark/operators/row_steps.h"
#include "engine/spark/streaming/direct_reader.h"

namespace millrace::spark {

namespace {

using Node = flow::NodeKind;
using Type = flow::ParameterType;
using flow::Parameter;

Parameter fieldNamed(std::string_view help, std::string_view start = "value") {
    return {
        .key = "field", .type = Type::Field, .help = help, .blank = "value or word, else the first", .start = start};
}
Parameter keyField() {
    return {
        .key = "key", .type = Type::Field, .help = "The field by which rows belong together.", .blank = "the first"};
}
Parameter valueField() {
    return {.key = "value",
            .type = Type::Field,
            .help = "The field whose values become one; without it each row counts one.",
            .blank = "count rows"};
}
Parameter reductionChoice() {
    return {.key = "function",
            .type = Type::Choice,
            .help = "How two values become one.",
            .defaultText = "sum",
            .choices = {"sum", "min", "max"}};
}
Parameter partitionCount() {
    return {.key = "partitions",
            .type = Type::Integer,
            .help = "Partitions behind the shuffle, which are its reduce tasks.",
            .least = 1,
            .most = 10'000,
            .blank = "spark.default.parallelism"};
}
Parameter windowLength() {
    return {.key = "window",
            .type = Type::Duration,
            .help = "How much of the stream it looks at: a multiple of the slide of what comes in.",
            .isRequired = true,
            .start = "10s"};
}
Parameter slideLength() {
    return {.key = "slide",
            .type = Type::Duration,
            .help = "How often it gives a result: a multiple of the slide of what comes in.",
            .blank = "that of what comes in"};
}
Parameter storageChoice(std::string_view help, std::string_view otherwise) {
    Parameter parameter{
        .key = "storage_level", .type = Type::Choice, .help = help, .defaultText = otherwise, .choices = {}};
    for (const NamedStorageLevel& each : storageLevels) {
        parameter.choices.push_back(each.name);
    }
    return parameter;
}
Parameter persistence() {
    return storageChoice("Where its RDDs are kept, for who reads them more than once.", "NONE");
}
Parameter inverse() {
    return {.key = "inverse",
            .type = Type::Flag,
            .help =
                "Takes the last window, subtracts what leaves and adds what enters, instead of adding everything "
                "up anew. Needs checkpoints; keys stay at zero unless drop_zeros says otherwise.",
            .defaultText = "false"};
}
Parameter dropZeros() {
    return {.key = "drop_zeros",
            .type = Type::Flag,
            .help = "A filter function that forgets keys whose value has become 0.",
            .defaultText = "false"};
}

Parameter only(flow::Conditions readWhen, Parameter parameter) {
    parameter.readWhen = std::move(readWhen);
    return parameter;
}

flow::Operator streamOperator(std::string_view kind, std::string_view title, std::string_view help,
                              std::string_view outputs, std::vector<Parameter> parameters,
                              std::vector<std::string_view> summary = {}) {
    parameters.push_back(persistence());
    return {.node = Node::StreamOperator,
            .kind = kind,
            .title = title,
            .help = help,
            .outputs = outputs,
            .parameters = std::move(parameters),
            .summary = std::move(summary),
            .work = {.perTuple = cost::row}};
}

flow::Operator receiverKind(std::string_view kind, std::string_view title, std::string_view help) {
    return {.node = Node::StreamInput,
            .kind = kind,
            .title = title,
            .help = help,
            .outputs = "value",
            .parameters = {{.key = "source",
                            .type = Type::Reference,
                            .help = "The source whose records it receives.",
                            .isRequired = true,
                            .refersTo = Node::Source,
                            .start = ""},
                           {.key = "receivers",
                            .type = Type::Integer,
                            .help = "How many receivers share it. Each keeps a core for good.",
                            .defaultText = "1",
                            .least = 1,
                            .most = 100},
                           {.key = "preferred_host",
                            .type = Type::Text,
                            .help = "The host on which a receiver runs if "
                                    "there is an executor.",
                            .blank = "any"},
                           storageChoice("Where its blocks are kept; _2 means a copy on another executor.",
                                         "MEMORY_AND_DISK_SER_2")},
            .work = {.perTuple = cost::receiverRecord}};
}

const flow::Operator& socketKind() {
    static const flow::Operator row = receiverKind(
        "socket", "Socket stream",
        "A receiver reads what a server sends. What it has not stored when it is lost is gone: nobody sends it again.");
    return row;
}
const flow::Operator& reliableKind() {
    static const flow::Operator row =
        receiverKind("reliable", "Reliable receiver",
                     "A receiver that tells its source what has been stored; the source sends again what has not.");
    return row;
}
const flow::Operator& kafkaKind() {
    static const flow::Operator row{
        .node = Node::StreamInput,
        .kind = "kafka",
        .title = "Direct Kafka stream",
        .help =
            "Each batch is a range of offsets of each partition, read by the tasks themselves, without receivers. "
            "What has to be computed again is read again.",
        .outputs = "topic, partition, offset, key, value",
        .parameters = {{.key = "topic",
                        .type = Type::Reference,
                        .help = "The topic that it reads.",
                        .isRequired = true,
                        .refersTo = Node::Topic,
                        .start = ""},
                       {.key = "starting_offsets",
                        .type = Type::Choice,
                        .help = "Where it begins when there is no checkpoint.",
                        .defaultText = "earliest",
                        .choices = {"earliest", "latest"}},
                       {.key = "commit_offsets",
                        .type = Type::Flag,
                        .help = "Commits to Kafka what a finished batch has read, when the next one is made "
                                "(commitAsync): the group's lag is seen there, and a driver without a checkpoint "
                                "begins there.",
                        .defaultText = "false"}},
        .work = {.perTuple = cost::kafkaRecord}};
    return row;
}

/// Steps over single rows that other engines have too, by the names that they have here: Spark's own map and filter
/// take a function, and this is which.
struct SharedStep {
    std::string_view kind;
    std::string_view step;   ///< `ingest::RowStepKind`
    std::string_view title;  ///< as Spark's programs write it
    std::string_view name;   ///< of its RDD
};
constexpr SharedStep sharedSteps[] = {
    {"parse", "parse", "map (parse)", "map"},    {"where", "where", "filter (condition)", "filter"},
    {"compute", "map", "map (formula)", "map"},  {"lookup", "lookup", "map (look up)", "map"},
    {"format", "format", "map (format)", "map"},
};

flow::Operator sharedOperator(const SharedStep& shared) {
    const ingest::RowStepKind& kind = *ingest::findRowStepKind(shared.step);
    std::vector<Parameter> parameters = kind.parameters;
    if (!kind.aside.empty()) {
        parameters.push_back({.key = "aside",
                              .type = Type::Flag,
                              .help = "Gives what is put aside (lines that do not fit, keys that are in no table) "
                                      "instead of the results.",
                              .defaultText = "false"});
    }
    std::vector<std::string_view> summary{parameters.front().key};
    return streamOperator(shared.kind, shared.title, kind.help, kind.outputs, std::move(parameters),
                          std::move(summary));
}

const std::vector<flow::Operator>& streamOperators() {
    static const std::vector<flow::Operator> rows{
        streamOperator("flatMap", "flatMap", "Cuts a text into words, one row each.", "word",
                       {fieldNamed("The field that is cut."),
                        {.key = "separator", .type = Type::Text, .help = "Where it is cut.", .blank = "white space"}},
                       {"field"}),
        streamOperator("map", "map", "Chooses and reorders fields, or finds them in a text by a pattern.",
                       "the chosen fields",
                       {{.key = "fields",
                         .type = Type::TextList,
                         .help = "The fields that stay, in their new order; with a pattern, names for its groups.",
                         .isRequired = true},
                        {.key = "pattern",
                         .type = Type::Pattern,
                         .help = "Its groups become the fields; rows in which it is not found are left out."},
                        {.key = "field",
                         .type = Type::Field,
                         .help = "In which field the pattern is looked for.",
                         .readWhen = flow::with("pattern"),
                         .blank = "value or word, else the first"},
                        {.key = "pair_with",
                         .type = Type::Integer,
                         .help = "A number that is put behind them, as in map(word => (word, 1)); its name is "
                                 "count, or pair where that is taken.",
                         .readWhen = flow::without("pattern")}},
                       {"fields"}),
        streamOperator("filter", "filter", "Lets rows pass by a pattern or by bounds of a number.", "as they came",
                       {fieldNamed("The field that is looked at."),
                        {.key = "pattern", .type = Type::Pattern, .help = "What is to be found in it."},
                        {.key = "negate",
                         .type = Type::Flag,
                         .help = "What matches is left out.",
                         .readWhen = flow::with("pattern"),
                         .defaultText = "false"},
                        {.key = "least",
                         .type = Type::Number,
                         .help = "The least that passes.",
                         .readWhen = flow::without("pattern"),
                         .blank = "no bound"},
                        {.key = "most",
                         .type = Type::Number,
                         .help = "The most that passes.",
                         .readWhen = flow::without("pattern"),
                         .blank = "no bound"}},
                       {"pattern", "least"}),
        streamOperator(
            "parseLog", "map (access log)", "Parses lines of a web server's log; those that do not parse are left out.",
            "line, host, time, request, method, path, status, bytes, and of a topic: topic, partition, offset",
            {fieldNamed("The field with the line."),
             {.key = "rejected",
              .type = Type::Flag,
              .help = "Gives the lines that do not parse instead, with the reason.",
              .defaultText = "false"}}),
        streamOperator("union", "union", "Several streams as one.", "as they came", {}),
        streamOperator("repartition", "repartition", "Deals the rows out anew, round robin, over so many partitions.",
                       "as they came", {partitionCount()}, {"partitions"}),
        streamOperator("reduceByKey", "reduceByKey", "The values of each key of a batch become one.", "key, count",
                       {keyField(), valueField(), reductionChoice(), partitionCount()}, {"key"}),
        streamOperator("groupByKey", "groupByKey", "The values of each key of a batch behind one another.",
                       "key, values", {keyField(), valueField(), partitionCount()}, {"key"}),
        streamOperator("count", "count", "How many rows the batch has.", "key, count", {}),
        streamOperator("countByValue", "countByValue", "How often each value occurs in a batch.", "key, count",
                       {keyField(), partitionCount()}, {"key"}),
        streamOperator("join", "join", "Rows of two streams of the same batch with the same key.",
                       "key, the other fields of both",
                       {{.key = "type",
                         .type = Type::Choice,
                         .help = "Which keys are given that one side alone has.",
                         .defaultText = "inner",
                         .choices = {"inner", "left", "right", "full"}},
                        partitionCount()},
                       {"type"}),
        streamOperator("cogroup", "cogroup",
                       "Of each key that one of two streams has, the rows of both sides, as two texts.",
                       "key, left, right", {partitionCount()}),
        streamOperator(
            "transform", "transform",
            "A function of the whole RDD of a batch: the first row of each value (distinct), or the rows with the "
            "highest or lowest values in their order (sortBy and take).",
            "as they came",
            {{.key = "function",
              .type = Type::Choice,
              .help = "What is done with the RDD.",
              .defaultText = "distinct",
              .choices = {"distinct", "highest", "lowest"}},
             fieldNamed("The field that is looked at."),
             {.key = "take",
              .type = Type::Integer,
              .help = "Of highest and lowest: how many rows stay.",
              .readWhen = flow::when("function", {"highest", "lowest"}),
              .defaultText = "10",
              .least = 1,
              .most = 1'000'000},
             only(flow::when("function", {"distinct"}), partitionCount())},
            {"function"}),
        streamOperator("window", "window", "The rows of the last batches together.", "as they came",
                       {windowLength(), slideLength()}, {"window"}),
        streamOperator("reduceByKeyAndWindow", "reduceByKeyAndWindow", "The values of each key of a window become one.",
                       "key, count",
                       {keyField(), valueField(), reductionChoice(), windowLength(), slideLength(), inverse(),
                        only(flow::with("inverse"), dropZeros()), partitionCount()},
                       {"window"}),
        streamOperator("reduceByWindow", "reduceByWindow", "All values of a window become one.", "key, count",
                       {{.key = "value",
                         .type = Type::Field,
                         .help = "The field whose values become one.",
                         .isRequired = true,
                         .start = "value"},
                        reductionChoice(),
                        windowLength(),
                        slideLength(),
                        inverse()},
                       {"window"}),
        streamOperator("countByWindow", "countByWindow", "How many rows a window has, by an inverse function.",
                       "key, count", {windowLength(), slideLength()}, {"window"}),
        streamOperator("countByValueAndWindow", "countByValueAndWindow",
                       "How often each value occurs in a window, by an inverse function.", "key, count",
                       {keyField(), windowLength(), slideLength(), partitionCount()}, {"window"}),
        streamOperator("updateStateByKey", "updateStateByKey",
                       "A value for each key that was ever seen, gone through as a whole in every batch.", "key, count",
                       {keyField(), valueField(), reductionChoice(), dropZeros(), partitionCount()}, {"key"}),
        streamOperator("mapWithState", "mapWithState",
                       "A value for each key, of which only those of the batch are touched and given.", "key, count",
                       {keyField(),
                        valueField(),
                        reductionChoice(),
                        {.key = "timeout",
                         .type = Type::Duration,
                         .help = "Keys that are silent so long are dropped, when every tenth batch looks for them.",
                         .blank = "never"},
                        partitionCount()},
                       {"key"}),
        sharedOperator(sharedSteps[0]),
        sharedOperator(sharedSteps[1]),
        sharedOperator(sharedSteps[2]),
        sharedOperator(sharedSteps[3]),
        sharedOperator(sharedSteps[4]),
    };
    return rows;
}

const flow::Operator& sinkOutput() {
    static const flow::Operator row{
        .node = Node::StreamOutput,
        .kind = "foreachRDD",
        .title = "foreachRDD",
        .help =
            "Each partition writes its rows to a sink. A task that is repeated writes again: at least once, and "
            "exactly once where the sink writes once.",
        .outputs = "",
        .parameters = {{.key = "sink",
                        .type = Type::Reference,
                        .help = "Where the rows go.",
                        .isRequired = true,
                        .refersTo = Node::Sink,
                        .start = ""},
                       {.key = "table", .type = Type::Table, .help = "The table of a database.", .blank = "its first"},
                       {.key = "line",
                        .type = Type::Field,
                        .help = "Of a file: the field that is written.",
                        .blank = "all, parted by tabs"}},
        .work = {.perTuple = cost::sinkRow}};
    return row;
}
const flow::Operator& printOutput() {
    static const flow::Operator row{.node = Node::StreamOutput,
                                    .kind = "print",
                                    .title = "print",
                                    .help = "Writes the first ten rows of each batch into the journal.",
                                    .outputs = "",
                                    .parameters = {}};
    return row;
}

// --- from a row to streams ------------------------------------------------------------------------------------------

using Fields = std::vector<std::string>;

Result<std::uint32_t, OperatorTrouble> placeOfField(const Fields& fields, const std::string& name,
                                                    std::string_view parameter) {
    if (name.empty()) {
        for (const std::string_view usual : {"value", "word"}) {
            if (const auto at = std::find(fields.begin(), fields.end(), usual); at != fields.end()) {
                return static_cast<std::uint32_t>(at - fields.begin());
            }
        }
        return 0U;
    }
    const auto at = std::find(fields.begin(), fields.end(), name);
    if (at != fields.end()) {
        return static_cast<std::uint32_t>(at - fields.begin());
    }
    std::string known;
    for (const std::string& each : fields) {
        known += (known.empty() ? "" : ", ") + each;
    }
    return tl::unexpected(
        OperatorTrouble{std::string{parameter}, fmt::format("no field \"{}\" comes in: there are {}", name, known)});
}

/// Builds the streams of one operator.
class Making {
public:
    Making(Program& program, const std::string& name, const flow::ParameterValues& values,
           const std::vector<StreamId>& from)
        : m_program(program), m_name(name), m_values(values), m_from(from) {}

    using Made = Result<StreamId, OperatorTrouble>;

    Made make(const std::string& kind) {
        Made made = makeOf(kind);
        if (made) {
            if (const auto level = storageLevelOf(m_values.text("storage_level")); level && level->isKept()) {
                m_program.streams[static_cast<std::size_t>(made->value)].level = *level;
            }
        }
        return made;
    }

private:
    Made makeOf(const std::string& kind) {
        if (m_from.empty()) {
            return trouble("from", "nothing comes in");
        }
        const bool isOfTwo = kind == "join" || kind == "cogroup";
        const bool takesSeveral = kind == "union" || isOfTwo;
        if (isOfTwo && m_from.size() != 2) {
            return trouble("from", fmt::format("a {} has two streams, a left and a right one", kind));
        }
        if (!takesSeveral && m_from.size() != 1) {
            return trouble("from", "it reads one stream: a union makes one of several");
        }
        if (kind == "flatMap") {
            return narrow(kind, {"word"}, "field",
                          [&](std::uint32_t at) { return makeFlatMap(at, m_values.text("separator")); });
        }
        if (kind == "parseLog") {
            const bool rejected = m_values.text("rejected") == "true";
            Fields fields = rejected ? rejectedFields() : logFields();
            std::vector<std::uint32_t> also;
            for (const std::string_view each : {"topic", "partition", "offset"}) {
                const auto place = std::find(incoming().begin(), incoming().end(), each);
                if (place != incoming().end()) {
                    fields.emplace_back(each);
                    also.push_back(static_cast<std::uint32_t>(place - incoming().begin()));
                }
            }
            return narrow("map", std::move(fields), "field",
                          [&](std::uint32_t at) { return makeLogParser(at, rejected, also); });
        }
        if (kind == "map") {
            return makeMap();
        }
        if (kind == "filter") {
            return makeFilter();
        }
        if (kind == "union") {
            return makeUnion();
        }
        if (kind == "repartition") {
            StreamSpec spec = following(StreamSpec::Kind::Spread, kind, incoming());
            spec.partitions = partitions();
            return put(std::move(spec));
        }
        if (kind == "join") {
            return makeJoinOf();
        }
        if (kind == "cogroup") {
            const std::string key = incoming().front();
            StreamSpec spec = following(StreamSpec::Kind::Join, kind, {key, beside(key, "left"), beside(key, "right")});
            spec.parents = m_from;
            spec.transformation = makeCogroup();
            spec.partitions = partitions();
            return put(std::move(spec));
        }
        if (kind == "transform") {
            return makeTransform();
        }
        if (kind == "window") {
            StreamSpec spec = following(StreamSpec::Kind::Window, kind, incoming());
            setWindow(spec);
            return put(std::move(spec));
        }
        for (const SharedStep& each : sharedSteps) {
            if (each.kind == kind) {
                return makeShared(each);
            }
        }
        return makeKeyed(kind);
    }

    Made makeShared(const SharedStep& shared) {
        auto step = ingest::makeRowStep(shared.step, m_values, incoming());
        if (!step) {
            return trouble(step.error().parameter, step.error().message);
        }
        const bool givesAside = m_values.text("aside") == "true";
        StreamSpec spec = following(StreamSpec::Kind::Narrow, shared.name, givesAside ? (*step)->aside : (*step)->main);
        spec.transformation = makeRowTransformation(shared.name, std::move(*step), givesAside);
        return put(std::move(spec));
    }

    Made trouble(std::string parameter, std::string message) const {
        return tl::unexpected(OperatorTrouble{std::move(parameter), std::move(message)});
    }
    [[nodiscard]] const Fields& incoming(std::size_t i = 0) const { return m_program.stream(m_from[i]).fields; }
    [[nodiscard]] std::int32_t partitions() const {
        return static_cast<std::int32_t>(m_values.integer("partitions").value_or(0));
    }
    StreamSpec following(StreamSpec::Kind kind, std::string_view label, Fields fields) const {
        StreamSpec spec;
        spec.kind = kind;
        spec.name = m_name;
        spec.label = std::string{label};
        spec.parents = {m_from.front()};
        spec.fields = std::move(fields);
        return spec;
    }
    Made put(StreamSpec spec) {
        const StreamId id{static_cast<std::int32_t>(m_program.streams.size())};
        m_program.streams.push_back(std::move(spec));
        return id;
    }
    void setWindow(StreamSpec& spec) const {
        spec.window = m_values.duration("window").value_or(SimDuration{0});
        spec.slide = m_values.duration("slide").value_or(SimDuration{0});
    }
    [[nodiscard]] Reduction reduction() const {
        const std::string text = m_values.text("function");
        return text == "min" ? Reduction::Min : text == "max" ? Reduction::Max : Reduction::Sum;
    }

    template <class Make>
    Made narrow(std::string_view label, Fields fields, std::string_view parameter, const Make& transformation) {
        const auto at = placeOfField(incoming(), m_values.text(parameter), parameter);
        if (!at) {
            return tl::unexpected(at.error());
        }
        StreamSpec spec = following(StreamSpec::Kind::Narrow, label, std::move(fields));
        spec.transformation = transformation(*at);
        return put(std::move(spec));
    }

    Made makeMap() {
        Fields fields = m_values.list("fields");
        const std::string pattern = m_values.text("pattern");
        if (!pattern.empty()) {
            const auto groups = groupsOf(pattern);
            if (!groups) {
                return trouble("pattern", groups.error());
            }
            if (*groups != fields.size() || fields.empty()) {
                return trouble("fields", flow::namesForGroups(fields.size(), *groups));
            }
            if (const auto twice = flow::firstRepeated(fields)) {
                return trouble("fields", fmt::format("'{}' is the name of two fields", *twice));
            }
            return narrow("map", fields, "field", [&](std::uint32_t at) { return *makeExtraction(at, pattern); });
        }
        std::vector<std::uint32_t> places;
        for (const std::string& each : fields) {
            const auto at = placeOfField(incoming(), each, "fields");
            if (!at) {
                return tl::unexpected(at.error());
            }
            places.push_back(*at);
        }
        const auto constant = m_values.integer("pair_with");
        if (constant) {
            const bool isTaken = std::find(fields.begin(), fields.end(), "count") != fields.end();
            fields.emplace_back(isTaken ? "pair" : "count");
        }
        if (const auto twice = flow::firstRepeated(fields)) {
            return trouble("fields", fmt::format("'{}' is the name of two fields", *twice));
        }
        StreamSpec spec = following(StreamSpec::Kind::Narrow, "map", std::move(fields));
        spec.transformation = makeProjection(std::move(places), constant);
        return put(std::move(spec));
    }

    Made makeFilter() {
        const std::string pattern = m_values.text("pattern");
        const auto bound = [&](std::string_view key) -> std::optional<double> {
            const std::string text = m_values.text(key);
            return text.empty() ? std::nullopt : std::optional(std::strtod(text.c_str(), nullptr));
        };
        if (!pattern.empty()) {
            if (const auto groups = groupsOf(pattern); !groups) {
                return trouble("pattern", groups.error());
            }
        } else if (!bound("least") && !bound("most")) {
            return trouble("pattern", "a filter needs a pattern, or a bound (least, most)");
        }
        return narrow("filter", incoming(), "field", [&](std::uint32_t at) {
            return pattern.empty() ? makeNumberFilter(at, bound("least"), bound("most"))
                                   : *makePatternFilter(at, pattern, m_values.text("negate") != "true");
        });
    }

    Made makeTransform() {
        const std::string function = m_values.text("function");
        const auto at = placeOfField(incoming(), m_values.text("field"), "field");
        if (!at) {
            return tl::unexpected(at.error());
        }
        if (function != "highest" && function != "lowest") {
            StreamSpec spec = following(StreamSpec::Kind::Shuffled, "transform", incoming());
            spec.keyField = *at;
            spec.transformation = makeDistinct(*at);
            spec.partitions = partitions();
            return put(std::move(spec));
        }
        // Each partition gives its own best, and of those one partition takes the best.
        const auto count = static_cast<std::size_t>(m_values.integer("take").value_or(10));
        StreamSpec own = following(StreamSpec::Kind::Narrow, "transform", incoming());
        own.transformation = makeTop(*at, count, function == "highest");
        m_from = {*put(std::move(own))};
        StreamSpec together = following(StreamSpec::Kind::Spread, "transform", incoming());
        together.partitions = 1;
        m_from = {*put(std::move(together))};
        StreamSpec best = following(StreamSpec::Kind::Narrow, "transform", incoming());
        best.transformation = makeTop(*at, count, function == "highest");
        return put(std::move(best));
    }

    Made makeUnion() {
        for (std::size_t i = 1; i < m_from.size(); ++i) {
            if (incoming(i) != incoming(0)) {
                return trouble("from", "the streams of a union have the same fields");
            }
        }
        StreamSpec spec = following(StreamSpec::Kind::Union, "union", incoming());
        spec.parents = m_from;
        return put(std::move(spec));
    }

    Made makeJoinOf() {
        Fields fields = incoming(0);
        for (std::size_t i = 1; i < incoming(1).size(); ++i) {
            std::string name = incoming(1)[i];
            while (std::find(fields.begin(), fields.end(), name) != fields.end()) {
                name.insert(0, "right_");
            }
            fields.push_back(std::move(name));
        }
        StreamSpec spec = following(StreamSpec::Kind::Join, "join", std::move(fields));
        spec.parents = m_from;
        const std::string type = m_values.text("type");
        spec.join = type == "left"    ? JoinKind::Left
                    : type == "right" ? JoinKind::Right
                    : type == "full"  ? JoinKind::Full
                                      : JoinKind::Inner;
        spec.transformation = makeJoin(spec.join, 0, static_cast<std::uint32_t>(incoming(0).size()),
                                       static_cast<std::uint32_t>(incoming(1).size()));
        spec.partitions = partitions();
        return put(std::move(spec));
    }

    /// Behind the reduction of each batch: the last window by an inverse, or a window and one more reduction.
    Made overWindow(StreamSpec reduce, const std::string& kind, bool byInverse) {
        const Reduction how = reduce.reduction;
        const Fields names = reduce.fields;
        const std::int32_t parts = reduce.partitions;
        const auto reduced = put(std::move(reduce));
        m_from = {*reduced};
        if (byInverse) {
            StreamSpec window = following(StreamSpec::Kind::InverseWindow, kind, names);
            setWindow(window);
            window.dropsZeros = m_values.text("drop_zeros") == "true";
            window.partitions = parts;
            return put(std::move(window));
        }
        StreamSpec window = following(StreamSpec::Kind::Window, "window", names);
        setWindow(window);
        const auto windowed = put(std::move(window));
        m_from = {*windowed};
        StreamSpec again = following(StreamSpec::Kind::Shuffled, kind, names);
        again.combiner = makeReducer(how, {});
        again.transformation = makeReduction(how);
        again.partitions = parts;
        return put(std::move(again));
    }

    /// Every row belongs to one and the same key; gives where that and the value stand.
    KeyValue withOneKey(bool countsRows, std::int32_t value) {
        if (countsRows) {
            StreamSpec one = following(StreamSpec::Kind::Narrow, "map", {"key", "count"});
            one.transformation = makeCountOfPartition();
            m_from = {*put(std::move(one))};
            return {0, 1};
        }
        StreamSpec one = following(StreamSpec::Kind::Narrow, "map", {"value", "key"});
        one.transformation = makeProjection({static_cast<std::uint32_t>(std::max(value, 0))}, 0);
        m_from = {*put(std::move(one))};
        return {1, 0};
    }

    /// The second name of a pair: one by which it can be told from the first.
    static std::string beside(const std::string& first, const std::string& wanted) {
        return first == wanted ? wanted + "_2" : wanted;
    }

    /// Everything that reduces by key is built of the same pieces, as in Spark.
    Made makeKeyed(const std::string& kind) {
        const bool isOneKey = kind == "count" || kind == "countByWindow" || kind == "reduceByWindow";
        const bool countsRows =
            kind == "count" || kind == "countByWindow" || kind == "countByValue" || kind == "countByValueAndWindow";
        KeyValue fields;
        const auto key = m_values.text("key").empty() ? Result<std::uint32_t, OperatorTrouble>(0U)
                                                      : placeOfField(incoming(), m_values.text("key"), "key");
        if (!key) {
            return tl::unexpected(key.error());
        }
        fields.key = *key;
        fields.value = -1;
        if (!countsRows && !m_values.text("value").empty()) {
            const auto value = placeOfField(incoming(), m_values.text("value"), "value");
            if (!value) {
                return tl::unexpected(value.error());
            }
            fields.value = static_cast<std::int32_t>(*value);
        }
        const std::string keyName = isOneKey ? "key" : incoming()[fields.key];
        if (kind == "groupByKey") {
            StreamSpec spec = following(StreamSpec::Kind::Shuffled, kind, {keyName, beside(keyName, "values")});
            spec.keyField = fields.key;
            spec.transformation = makeGrouping(fields);
            spec.partitions = partitions();
            return put(std::move(spec));
        }
        const Reduction how = countsRows ? Reduction::Sum : reduction();
        if (isOneKey) {
            fields = withOneKey(countsRows, fields.value);
        }
        const bool isState = kind == "updateStateByKey" || kind == "mapWithState";
        StreamSpec reduce = following(StreamSpec::Kind::Shuffled, "reduceByKey", {keyName, beside(keyName, "count")});
        reduce.reduction = how;
        reduce.keyField = fields.key;
        reduce.valueField = fields.value;
        reduce.combiner = makeReducer(how, fields);
        reduce.transformation = makeReduction(how);
        reduce.partitions = isOneKey ? 1 : partitions();
        if (isState) {
            reduce.kind = kind == "updateStateByKey" ? StreamSpec::Kind::State : StreamSpec::Kind::MapWithState;
            reduce.label = kind;
            reduce.dropsZeros = m_values.text("drop_zeros") == "true";
            reduce.timeout = m_values.duration("timeout").value_or(SimDuration{0});
            return put(std::move(reduce));
        }
        const bool isWindowed = kind.ends_with("Window");
        if (!isWindowed) {
            reduce.label = kind == "reduceByKey" ? "reduceByKey" : kind;
            return put(std::move(reduce));
        }
        const bool byInverse = countsRows || m_values.text("inverse") == "true";
        if (byInverse && how != Reduction::Sum) {
            return trouble("inverse", "only a sum has an inverse: of a minimum or a maximum nothing can be taken back");
        }
        return overWindow(std::move(reduce), kind, byInverse);
    }

    Program& m_program;
    const std::string& m_name;
    const flow::ParameterValues& m_values;
    std::vector<StreamId> m_from;
};

}  // namespace

std::span<const flow::Operator* const> inputKinds() {
    static const std::array<const flow::Operator*, 3> all{&socketKind(), &reliableKind(), &kafkaKind()};
    return all;
}

std::span<const flow::Operator* const> operatorKinds() {
    static const std::vector<const flow::Operator*> all = [] {
        std::vector<const flow::Operator*> rows;
        for (const flow::Operator& each : streamOperators()) {
            rows.push_back(&each);
        }
        return rows;
    }();
    return all;
}

std::span<const flow::Operator* const> outputKinds() {
    static const std::array<const flow::Operator*, 2> all{&sinkOutput(), &printOutput()};
    return all;
}

std::vector<std::string> fieldsOf(InputSpec::Kind kind) {
    return kind == InputSpec::Kind::Direct ? DirectReader::fields() : std::vector<std::string>{"value"};
}

StreamId addInput(Program& program, InputSpec input) {
    const auto number = static_cast<std::int32_t>(program.inputs.size());
    StreamSpec spec;
    spec.kind = input.kind == InputSpec::Kind::Direct ? StreamSpec::Kind::Direct : StreamSpec::Kind::Receiver;
    spec.name = input.name;
    spec.label = input.kind == InputSpec::Kind::Direct ? "createDirectStream" : "receiverStream";
    spec.fields = fieldsOf(input.kind);
    spec.input = number;
    const std::int32_t receivers = std::max(input.receivers, 1);
    program.inputs.push_back(std::move(input));
    std::vector<StreamId> all;
    for (std::int32_t i = 0; i < receivers; ++i) {
        spec.receiver = i;
        all.push_back(StreamId{static_cast<std::int32_t>(program.streams.size())});
        program.streams.push_back(spec);
    }
    if (all.size() == 1) {
        return all.front();
    }
    StreamSpec united;
    united.kind = StreamSpec::Kind::Union;
    united.name = spec.name;
    united.label = "union";
    united.fields = spec.fields;
    united.parents = all;
    program.streams.push_back(std::move(united));
    return StreamId{static_cast<std::int32_t>(program.streams.size()) - 1};
}

Result<StreamId, OperatorTrouble> addOperator(Program& program, const std::string& name, const std::string& kind,
                                              const flow::ParameterValues& values, const std::vector<StreamId>& from) {
    return Making(program, name, values, from).make(kind);
}

}  // namespace millrace::spark
