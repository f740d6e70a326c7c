#include "engine/storm/operators/extract_bolt.h"

#include <fmt/format.h>

#include "engine/ingest/web_log.h"
#include "engine/storm/cost.h"
#include "engine/storm/operators/rejects.h"

namespace millrace::storm {

namespace {

constexpr flow::Work combinedWork{.perByte = std::chrono::nanoseconds{8}};  // the line is parsed
constexpr flow::Work patternWork{.perByte = cost::regexPerByte};
constexpr std::uint8_t mainStream = 0;
constexpr std::uint8_t rejectedStream = 1;

struct ExtractConfig final : Counted {
    std::string field;
    Ref<const flow::Pattern> pattern;  ///< null: combined format
    std::vector<std::string> names;
    std::map<std::string, std::string> sourceFiles;
};

class ExtractBolt final : public BoltBase<ExtractBolt>, public Rejecting {
public:
    explicit ExtractBolt(Ref<const ExtractConfig> config) : m_config(std::move(config)) {}

    void prepare(sim::Context&, const OperatorSetup& setup) override {
        m_fields = fieldIndices(setup.self(), m_config->field);
        m_component = setup.self().id;
    }

    void execute(BoltOutput& output, const TupleView& tuple) override {
        const Value& value = tuple.value(m_fields[tuple.input()]);
        const std::string_view line = value.isText() ? value.asText() : std::string_view{};
        const flow::Work& work = m_config->pattern ? patternWork : combinedWork;
        output.spend(work.perByte * static_cast<std::int64_t>(line.size()));
        if (m_config->pattern) {
            takeGroups(output, tuple, line);
        } else {
            parse(output, tuple, line);
        }
    }

private:
    void reject(BoltOutput& output, const TupleView& tuple, std::string_view line, std::string_view reason) {
        Rejecting::reject(output, tuple, rejectedStream, reason, line, m_component, m_config->sourceFiles);
    }

    void parse(BoltOutput& output, const TupleView& tuple, std::string_view line) {
        const auto parsed = ingest::parseWebLogLine(line);
        if (!parsed) {
            reject(output, tuple, line, parsed.error());
            return;
        }
        output.emitTuple(mainStream,
                         {Value::ofText(parsed->host), Value::ofText(parsed->time), Value::ofText(parsed->request),
                          Value::ofText(parsed->method), Value::ofText(parsed->path), Value::ofText(parsed->protocol),
                          Value::ofInt(parsed->status), Value::ofLong(parsed->bytes), Value::ofText(parsed->referrer),
                          Value::ofText(parsed->agent), Value::ofText(line)});
    }

    void takeGroups(BoltOutput& output, const TupleView& tuple, std::string_view line) {
        const std::vector<std::string_view> groups = m_config->pattern->groupsIn(line);
        if (groups.size() < m_config->names.size()) {
            reject(output, tuple, line, "the pattern does not match");
            return;
        }
        std::vector<Value> values;
        for (std::size_t i = 0; i < m_config->names.size(); ++i) {
            values.push_back(Value::ofText(groups[i]));
        }
        values.push_back(Value::ofText(line));
        output.emitTuple(mainStream, values);
    }

    Ref<const ExtractConfig> m_config;
    std::string m_component;
    std::vector<std::size_t> m_fields;
};

class ExtractFactory final : public BoltFactory {
public:
    explicit ExtractFactory(Ref<const ExtractConfig> config) : m_config(std::move(config)) {}
    [[nodiscard]] std::string_view kind() const override { return "extract"; }

    [[nodiscard]] Result<std::vector<StreamSpec>, BoltTrouble> streams(
        const std::vector<StreamSpec>& inputs) const override {
        for (const StreamSpec& input : inputs) {
            if (auto at = fieldIndex(input.fields, m_config->field); !at) {
                return tl::unexpected(std::move(at.error()));
            }
        }
        std::vector<std::string> fields = m_config->names;
        if (!m_config->pattern) {
            fields = {"host", "time", "request", "method", "path", "protocol", "status", "bytes", "referrer", "agent"};
        }
        fields.emplace_back("line");
        return std::vector<StreamSpec>{{std::string{defaultStream}, std::move(fields)},
                                       {"rejected", {"reason", "line"}}};
    }
    [[nodiscard]] Ref<Bolt> make() const override { return makeRef<ExtractBolt>(m_config); }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(kind());
        digest.add(std::string_view{m_config->field});
        digest.add(m_config->pattern ? std::string_view{m_config->pattern->text()} : std::string_view{});
        for (const std::string& name : m_config->names) {
            digest.add(std::string_view{name});
        }
        return digest.value();
    }

private:
    Ref<const ExtractConfig> m_config;
};

}  // namespace

Ref<const BoltFactory> makeWebLogExtract(std::string field, std::map<std::string, std::string> sourceFiles) {
    const auto config = makeRef<ExtractConfig>();
    config->field = std::move(field);
    config->sourceFiles = std::move(sourceFiles);
    return makeRef<ExtractFactory>(config);
}

Ref<const BoltFactory> makePatternExtract(std::string field, Ref<const flow::Pattern> pattern,
                                          std::vector<std::string> names,
                                          std::map<std::string, std::string> sourceFiles) {
    const auto config = makeRef<ExtractConfig>();
    config->field = std::move(field);
    config->pattern = std::move(pattern);
    config->names = std::move(names);
    config->sourceFiles = std::move(sourceFiles);
    return makeRef<ExtractFactory>(config);
}

namespace {

BoltResult makeExtract(const flow::ParameterValues& parameters, const BoltSurroundings& surroundings) {
    if (parameters.text("format") == "combined") {
        return makeWebLogExtract(parameters.text("field"), surroundings.sourceFiles);
    }
    auto pattern = flow::Pattern::make(parameters.text("pattern"));
    if (!pattern) {
        return boltTrouble("pattern", pattern.error().text());
    }
    std::vector<std::string> names = parameters.list("fields");
    if (names.size() != (*pattern)->groupCount() || names.empty()) {
        return boltTrouble("fields", flow::namesForGroups(names.size(), (*pattern)->groupCount()));
    }
    std::vector<std::string> all = names;
    all.emplace_back("line");
    if (const auto twice = flow::firstRepeated(all)) {
        return boltTrouble("fields", fmt::format("'{}' is the name of two fields{}", *twice,
                                                 *twice == "line" ? ": the whole line comes as 'line'" : ""));
    }
    return makePatternExtract(parameters.text("field"), std::move(*pattern), std::move(names),
                              surroundings.sourceFiles);
}

}  // namespace

const BoltKind& extractKind() {
    using Type = flow::ParameterType;
    static const BoltKind row{
        {.kind = "extract",
         .title = "Extract fields",
         .help = "Takes the fields out of a line. A line that does not fit goes to the stream rejected.",
         .outputs = "default: the fields, then line; rejected: reason, line",
         .parameters = {fieldParameter("The field of the tuple that holds the line.", false),
                        {.key = "pattern",
                         .type = Type::Pattern,
                         .help = "For the format pattern: a regular expression with groups, in RE2's syntax (Perl's "
                                 "without look-around and back-references).",
                         .isRequired = true,
                         .readWhen = flow::when("format", {"pattern"})},
                        {.key = "format",
                         .type = Type::Choice,
                         .help = "combined is a line of a web server's access log; pattern takes the groups of a "
                                 "regular expression.",
                         .defaultText = "pattern",
                         .choices = {"combined", "pattern"},
                         .start = "combined"},
                        {.key = "fields",
                         .type = Type::TextList,
                         .help = "Names for the groups of the pattern.",
                         .isRequired = true,
                         .readWhen = flow::when("format", {"pattern"})}},
         .summary = {"pattern", "field"},
         .work = combinedWork,
         .mainField =
             [](const flow::ParameterValues& values, const std::string&) {
                 return std::string{values.text("format") == "combined" ? "status" : "line"};
             }},
        makeExtract};
    return row;
}

std::uint64_t rejectedLines(const Bolt& bolt) {
    const auto* rejecting = dynamic_cast<const Rejecting*>(&bolt);
    return rejecting != nullptr ? rejecting->rejected() : 0;
}

}  // namespace millrace::storm
