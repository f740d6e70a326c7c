#include "engine/storm/operators/catalog.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/storm/operators/count_bolt.h"
#include "engine/storm/operators/extract_bolt.h"
#include "engine/storm/operators/sink_bolt.h"
#include "engine/storm/operators/text_bolts.h"

namespace millrace::storm {

namespace {

using Type = ParameterType;

constexpr OperatorParameter fieldParameter{
    "field", Type::Text, "The field of the tuple that it looks at; without a name line, value, word or the first.",
    "",      false,      ""};

constexpr std::string_view patternHelp =
    "A regular expression, found anywhere in the text unless ^ and $ bind it. RE2's syntax: Perl's without look-around "
    "and back-references, so that no line can hold it up.";
constexpr std::string_view patternGroupsHelp =
    "For the format pattern: a regular expression with groups, in RE2's syntax (Perl's without look-around and "
    "back-references).";

std::vector<OperatorKind> makeKinds() {
    std::vector<OperatorKind> kinds;
    kinds.push_back({"kafka",
                     ComponentKind::Spout,
                     "Kafka spout",
                     "Reads a topic as a consumer group does and emits one tuple a record. A tuple that fails is "
                     "emitted again; what "
                     "is done is committed every 30 s.",
                     "default: topic, partition, offset, key, value",
                     {{"topic", Type::Topic, "The topic that it reads.", "", true, ""},
                      {"group", Type::Text, "The consumer group under which it commits.", "", false, ""}}});
    kinds.push_back(
        {"split",
         ComponentKind::Bolt,
         "Split",
         "Cuts a text into parts and emits one tuple a part.",
         "default: word",
         {fieldParameter,
          {"separator", Type::Text, "What stands between the parts; without it, white space.", "", false, ""}}});
    kinds.push_back({"filter",
                     ComponentKind::Bolt,
                     "Filter",
                     "Passes on the tuples whose field matches a regular expression.",
                     "default: the fields that come in",
                     {fieldParameter,
                      {"pattern", Type::Pattern, patternHelp, "", true, ""},
                      {"keep", Type::Choice, "Which tuples pass.", "matching", false, "matching|others"}}});
    kinds.push_back(
        {"extract",
         ComponentKind::Bolt,
         "Extract",
         "Takes the fields out of a line. A line that does not fit goes to the stream rejected.",
         "default: the fields, then line; rejected: reason, line",
         {fieldParameter,
          {"format", Type::Choice,
           "combined is a line of a web server's access log; pattern takes the groups of a regular expression.",
           "combined", false, "combined|pattern"},
          {"pattern", Type::Pattern, patternGroupsHelp, "", false, ""},
          {"fields", Type::TextList, "For the format pattern: names for its groups.", "", false, ""}}});
    kinds.push_back({"count",
                     ComponentKind::Bolt,
                     "Count",
                     "Counts the values of a field in memory.",
                     "default: the field, count, increment",
                     {fieldParameter}});
    kinds.push_back({"sqlite",
                     ComponentKind::Bolt,
                     "SQLite",
                     "Writes rows or counts to a table of a SQLite sink.",
                     "nothing",
                     {{"sink", Type::Sink, "Where it writes.", "", true, ""},
                      {"table", Type::Text, "The table of the sink that it fills.", "", true, ""}}});
    kinds.push_back(
        {"file",
         ComponentKind::Bolt,
         "File",
         "Writes lines to a file sink.",
         "nothing",
         {{"sink", Type::Sink, "Where it writes.", "", true, ""},
          {"field", Type::Text, "The field that is the line; without one, all, separated by tabs.", "", false, ""}}});
    return kinds;
}

tl::unexpected<BoltTrouble> trouble(std::string_view parameter, std::string message) {
    return tl::unexpected(BoltTrouble{std::string{parameter}, std::move(message)});
}

using BoltResult = Result<Ref<const BoltFactory>, BoltTrouble>;

BoltResult makeExtract(const BoltParameters& parameters, const BoltSurroundings& surroundings) {
    const std::string format = parameters.text("format", "combined");
    if (format == "combined") {
        return makeWebLogExtract(parameters.text("field"), surroundings.sourceFiles);
    }
    if (format != "pattern") {
        return trouble("format", fmt::format("'{}' is neither combined nor pattern", format));
    }
    auto pattern = Pattern::make(parameters.text("pattern"));
    if (!pattern) {
        return trouble("pattern", pattern.error().text());
    }
    std::vector<std::string> names = parameters.list("fields");
    if (names.empty() || names.size() > (*pattern)->groupCount()) {
        return trouble("fields",
                       fmt::format("{} names for {} groups of the pattern", names.size(), (*pattern)->groupCount()));
    }
    return makePatternExtract(parameters.text("field"), std::move(*pattern), std::move(names),
                              surroundings.sourceFiles);
}

BoltResult makeSink(std::string_view kind, const BoltParameters& parameters, const BoltSurroundings& surroundings) {
    if (!surroundings.sink) {
        return trouble("sink", fmt::format("there is no sink '{}'", parameters.text("sink")));
    }
    const bool isFile = surroundings.sink->kind == ingest::SinkKind::File;
    if (isFile != (kind == "file")) {
        return trouble("sink", fmt::format("'{}' is of kind {}, the bolt writes to {}", surroundings.sink->id,
                                           ingest::toText(surroundings.sink->kind), kind));
    }
    SinkBoltConfig config;
    config.sink = surroundings.sink;
    config.table = parameters.text("table");
    config.field = parameters.text("field");
    config.client = surroundings.client;
    config.client.host = surroundings.sinkHost;
    config.client.port = surroundings.sinkPort;
    if (!isFile && surroundings.sink->findTable(config.table) < 0) {
        return trouble("table", fmt::format("the sink '{}' has no table '{}'", surroundings.sink->id, config.table));
    }
    return makeSinkBolt(std::move(config));
}

}  // namespace

const OperatorParameter* OperatorKind::find(std::string_view key) const {
    const auto found = std::find_if(parameters.begin(), parameters.end(),
                                    [&](const OperatorParameter& each) { return each.key == key; });
    return found != parameters.end() ? &*found : nullptr;
}

std::span<const OperatorKind> operatorKinds() {
    static const std::vector<OperatorKind> kinds = makeKinds();
    return kinds;
}

const OperatorKind* findOperatorKind(std::string_view kind) {
    const auto kinds = operatorKinds();
    const auto found =
        std::find_if(kinds.begin(), kinds.end(), [&](const OperatorKind& each) { return each.kind == kind; });
    return found != kinds.end() ? &*found : nullptr;
}

std::string BoltParameters::text(std::string_view key, std::string_view otherwise) const {
    const auto found = values.find(key);
    return found != values.end() && !found->second.empty() ? found->second.front() : std::string{otherwise};
}

std::vector<std::string> BoltParameters::list(std::string_view key) const {
    const auto found = values.find(key);
    return found != values.end() ? found->second : std::vector<std::string>{};
}

BoltResult makeBolt(std::string_view kind, const BoltParameters& parameters, const BoltSurroundings& surroundings) {
    if (kind == "split") {
        return makeSplit(parameters.text("field"), parameters.text("separator"));
    }
    if (kind == "filter") {
        auto pattern = Pattern::make(parameters.text("pattern"));
        if (!pattern) {
            return trouble("pattern", pattern.error().text());
        }
        return makeFilter(parameters.text("field"), std::move(*pattern),
                          parameters.text("keep", "matching") == "matching");
    }
    if (kind == "extract") {
        return makeExtract(parameters, surroundings);
    }
    if (kind == "count") {
        return makeCount(parameters.text("field"));
    }
    if (kind == "sqlite" || kind == "file") {
        return makeSink(kind, parameters, surroundings);
    }
    return trouble("kind", fmt::format("there is no bolt of kind '{}'", kind));
}

}  // namespace millrace::storm
