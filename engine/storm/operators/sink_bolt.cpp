#include "engine/storm/operators/sink_bolt.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/utf8.h"
#include "engine/storm/operators/text_bolts.h"

namespace millrace::storm {

namespace {

constexpr flow::Work sinkWork{.perTuple = std::chrono::microseconds{1}};  // making the row of a request

struct Config final : Counted {
    SinkBoltConfig settings;
    int table = 0;
    explicit Config(SinkBoltConfig what) : settings(std::move(what)) {}

    [[nodiscard]] bool isFile() const { return settings.sink->kind == ingest::SinkKind::File; }
    [[nodiscard]] const ingest::SinkTable& sinkTable() const {
        return settings.sink->tables[static_cast<std::size_t>(table)];
    }
};

/// Where a column's value comes from: a field of the tuple (0, 1, ...) or the record behind it.
enum Origin : int {
    FromSource = -1,
    FromPosition = -2,
    FromTopic = -3,
    FromPartition = -4,
    FromOffset = -5,
    FromLine = -6,
    Nowhere = -7
};

int placeOf(const std::vector<std::string>& fields, const std::string& column) {
    static constexpr std::pair<std::string_view, int> ofRecord[] = {{"source", FromSource},
                                                                    {"position", FromPosition},
                                                                    {"topic", FromTopic},
                                                                    {"partition", FromPartition},
                                                                    {"offset", FromOffset}};
    for (const auto& [name, place] : ofRecord) {
        if (column == name) {
            return place;
        }
    }
    const auto at = std::find(fields.begin(), fields.end(), column);
    if (at != fields.end()) {
        return static_cast<int>(at - fields.begin());
    }
    return column == "line" ? FromLine : Nowhere;
}

/// Logs hold bytes that are no text; a database and whoever reads it later want text.
std::string stored(std::string_view text) {
    return isStorableText(text) ? std::string{text} : storableText(text);
}

ingest::SinkValue sinkValue(const Value& value, ingest::SinkColumn::Type type) {
    const bool isText = type == ingest::SinkColumn::Type::Text;
    switch (value.kind()) {
        case Value::Kind::Null:
            return {};
        case Value::Kind::Text:
            return stored(value.asText());
        case Value::Kind::Double:
            return isText ? ingest::SinkValue{value.toText()} : ingest::SinkValue{value.asDouble()};
        default:
            return isText ? ingest::SinkValue{value.toText()} : ingest::SinkValue{value.asLong()};
    }
}

class SinkBolt final : public BoltBase<SinkBolt> {
public:
    explicit SinkBolt(Ref<const Config> config) : m_config(std::move(config)) {}

    void prepare(sim::Context&, const OperatorSetup& setup) override {
        // The tasks of an executor share its mailbox.
        ingest::SinkClientConfig client = m_config->settings.client;
        client.writer = fmt::format("{}/{}", setup.topology.name, setup.self().id);
        m_client = ingest::SinkClient(std::move(client), static_cast<std::uint32_t>(setup.taskIndex));
        for (const ResolvedInput& input : setup.self().inputs) {
            Input& places = m_inputs.emplace_back();
            if (m_config->isFile()) {
                if (!m_config->settings.field.empty()) {
                    places.columns.push_back(static_cast<int>(*fieldIndex(input.fields, m_config->settings.field)));
                }
                continue;
            }
            for (const ingest::SinkColumn& column : m_config->sinkTable().columns) {
                places.columns.push_back(placeOf(input.fields, column.name));
            }
            places.increment = placeOf(input.fields, "increment");
        }
    }

    void execute(BoltOutput& output, const TupleView& tuple) override {
        ingest::SinkWrite write;
        write.table = static_cast<std::uint32_t>(m_config->table);
        const SourceRecord& record = tuple.record();
        // A record of a foreign client has no origin of ours: where it stands in its topic tells it apart.
        const bool hasOrigin = !record.source.empty() && record.position >= 0;
        write.origin.source =
            hasOrigin ? std::string{record.source} : fmt::format("{}-{}", record.topic, record.partition);
        write.origin.position = hasOrigin ? record.position : record.offset;
        write.origin.part = tuple.lineage();
        const Input& input = m_inputs[tuple.input()];
        if (m_config->isFile()) {
            write.values.emplace_back(stored(lineOf(input, tuple)));
        } else {
            for (std::size_t i = 0; i < input.columns.size(); ++i) {
                write.values.push_back(columnValue(tuple, input.columns[i], m_config->sinkTable().columns[i].type));
            }
            if (input.increment >= 0) {
                write.increment = tuple.value(static_cast<std::size_t>(input.increment)).asLong();
            }
        }
        output.spend(sinkWork.perTuple);
        m_client.add(output.context(), std::move(write), output.hold());
    }

    bool handle(BoltOutput& output, const sim::Message& message) override {
        ingest::SinkClient::Outcome outcome;
        if (!m_client.handle(output.context(), message, outcome)) {
            return false;
        }
        for (const HeldTuple tuple : outcome.committed) {
            output.ack(tuple);
        }
        for (const HeldTuple tuple : outcome.failed) {
            output.fail(tuple);
        }
        return true;
    }

private:
    struct Input {
        std::vector<int> columns;  // places, in the table's order
        int increment = Nowhere;
    };

    [[nodiscard]] static std::string lineOf(const Input& input, const TupleView& tuple) {
        if (!input.columns.empty()) {
            return tuple.value(static_cast<std::size_t>(input.columns.front())).toText();
        }
        std::string line;
        for (const Value& value : tuple.values()) {
            line += (line.empty() ? "" : "\t") + value.toText();
        }
        return line;
    }

    [[nodiscard]] static ingest::SinkValue columnValue(const TupleView& tuple, int place,
                                                       ingest::SinkColumn::Type type) {
        const SourceRecord& record = tuple.record();
        switch (place) {
            case FromSource:
                return std::string{record.source};
            case FromPosition:
                return record.position;
            case FromTopic:
                return std::string{record.topic};
            case FromPartition:
                return std::int64_t{record.partition};
            case FromOffset:
                return record.offset;
            case FromLine:
                return stored(record.value);
            case Nowhere:
                return {};
            default:
                return sinkValue(tuple.value(static_cast<std::size_t>(place)), type);
        }
    }

    Ref<const Config> m_config;
    ingest::SinkClient m_client;
    std::vector<Input> m_inputs;
};

class SinkBoltFactory final : public BoltFactory {
public:
    explicit SinkBoltFactory(Ref<const Config> config) : m_config(std::move(config)) {}
    [[nodiscard]] std::string_view kind() const override { return ingest::toText(m_config->settings.sink->kind); }

    [[nodiscard]] Result<std::vector<StreamSpec>, BoltTrouble> streams(
        const std::vector<StreamSpec>& inputs) const override {
        for (const StreamSpec& input : inputs) {
            if (m_config->isFile()) {
                if (auto at = fieldIndex(input.fields, m_config->settings.field); !at) {
                    return tl::unexpected(std::move(at.error()));
                }
                continue;
            }
            for (const ingest::SinkColumn& column : m_config->sinkTable().columns) {
                if (placeOf(input.fields, column.name) == Nowhere) {
                    return tl::unexpected(BoltTrouble{
                        "table", fmt::format("'{}' has a column '{}', the input has only {}",
                                             m_config->sinkTable().name, column.name, fmt::join(input.fields, ", "))});
                }
            }
        }
        return std::vector<StreamSpec>{};
    }
    [[nodiscard]] Ref<Bolt> make() const override { return makeRef<SinkBolt>(m_config); }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(kind());
        digest.add(std::string_view{m_config->settings.sink->id});
        digest.add(std::string_view{m_config->settings.table});
        digest.add(std::string_view{m_config->settings.field});
        return digest.value();
    }

private:
    Ref<const Config> m_config;
};

}  // namespace

Ref<const BoltFactory> makeSinkBolt(SinkBoltConfig settings) {
    const auto config = makeRef<Config>(std::move(settings));
    if (!config->isFile()) {
        config->table = config->settings.sink->findTable(config->settings.table);
        MILLRACE_CHECK(config->table >= 0, config->settings.table);
    }
    return makeRef<SinkBoltFactory>(config);
}

namespace {

BoltResult makeWriter(ingest::SinkKind kind, const flow::ParameterValues& parameters,
                      const BoltSurroundings& surroundings) {
    if (!surroundings.sink) {
        return boltTrouble("sink", fmt::format("there is no sink '{}'", parameters.text("sink")));
    }
    if (surroundings.sink->kind != kind) {
        return boltTrouble("sink", fmt::format("'{}' is of kind {}, the bolt writes to {}", surroundings.sink->id,
                                               ingest::toText(surroundings.sink->kind), ingest::toText(kind)));
    }
    SinkBoltConfig config;
    config.sink = surroundings.sink;
    config.table = parameters.text("table");
    config.field = parameters.text("field");
    config.client = surroundings.client;
    config.client.host = surroundings.sinkHost;
    config.client.port = surroundings.sinkPort;
    if (kind == ingest::SinkKind::Sqlite && surroundings.sink->findTable(config.table) < 0) {
        return boltTrouble("table",
                           fmt::format("the sink '{}' has no table '{}'", surroundings.sink->id, config.table));
    }
    return makeSinkBolt(std::move(config));
}

flow::Parameter sinkParameter(ingest::SinkKind kind) {
    return {.key = "sink",
            .type = flow::ParameterType::Reference,
            .help = "Where it writes.",
            .isRequired = true,
            .refersTo = flow::NodeKind::Sink,
            .ofKind = ingest::toText(kind)};
}

}  // namespace

const BoltKind& sqliteKind() {
    static const BoltKind row{{.kind = "sqlite",
                               .title = "Write to SQLite",
                               .help = "Writes rows or counts into a table of a SQLite sink.",
                               .outputs = "nothing",
                               .parameters = {sinkParameter(ingest::SinkKind::Sqlite),
                                              {.key = "table",
                                               .type = flow::ParameterType::Table,
                                               .help = "The table of the sink that it fills.",
                                               .isRequired = true}},
                               .summary = {"table"},
                               .work = sinkWork,
                               .stem = "write"},
                              [](const flow::ParameterValues& parameters, const BoltSurroundings& surroundings) {
                                  return makeWriter(ingest::SinkKind::Sqlite, parameters, surroundings);
                              }};
    return row;
}

const BoltKind& fileKind() {
    static const BoltKind row{{.kind = "file",
                               .title = "Write to file",
                               .help = "Writes lines into a file sink.",
                               .outputs = "nothing",
                               .parameters = {sinkParameter(ingest::SinkKind::File),
                                              {.key = "field",
                                               .type = flow::ParameterType::Field,
                                               .help = "The field that is the line; without one, all, separated by "
                                                       "tabs.",
                                               .blank = "all, separated by tabs",
                                               .start = "value"}},
                               .summary = {"field"},
                               .work = sinkWork,
                               .stem = "write"},
                              [](const flow::ParameterValues& parameters, const BoltSurroundings& surroundings) {
                                  return makeWriter(ingest::SinkKind::File, parameters, surroundings);
                              }};
    return row;
}

}  // namespace millrace::storm
