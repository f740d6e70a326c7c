#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engine/base/digest.h"
#include "engine/base/shared_map.h"
#include "engine/ingest/pipeline/step.h"
#include "engine/ingest/pipeline/table_file.h"

namespace millrace::ingest {

namespace {

using Type = flow::ParameterType;

constexpr CpuTime perLook{150};  // a look into a map in memory
constexpr CpuTime perHash{300};

using PlacesResult = Result<std::vector<std::size_t>, StepTrouble>;

PlacesResult placesOf(const StepMaking& making, std::string_view key) {
    std::vector<std::size_t> places;
    for (const std::string& field : making.values.list(key)) {
        const auto at = columnIn(making.columns, field);
        if (!at) {
            return noSuchField(key, field, making.columns);
        }
        if (std::find(places.begin(), places.end(), *at) != places.end()) {
            return stepTrouble(std::string(key), fmt::format("'{}' stands there twice", field));
        }
        places.push_back(*at);
    }
    return places;
}

// --- deduplicate ----------------------------------------------------------------------------------------------------

struct DeduplicateConfig final : Counted {
    std::vector<std::size_t> fields;  ///< empty: the record as it came
    std::int64_t withinMillis = 0;    ///< 0: for ever
};

/// Remembers keys, and by their records' own times forgets those that are too old.
class DeduplicateStep final : public StepBase<DeduplicateStep> {
public:
    explicit DeduplicateStep(Ref<const DeduplicateConfig> config) : m_config(std::move(config)) {}

    void take(PipelineRecord record, StepOutput& output) override {
        output.cost += perLook;
        const std::string key = keyOf(record);
        if (m_seen.contains(key)) {
            ++output.dropped;
            return;
        }
        m_seen.set(key, true);
        if (m_config->withinMillis > 0) {
            m_newest = std::max(m_newest, record.millis);
            m_byTime.set(std::pair{record.millis, key}, true);
            forget();
        }
        output.passed.push_back(std::move(record));
    }

private:
    [[nodiscard]] std::string keyOf(const PipelineRecord& record) const {
        if (m_config->fields.empty()) {
            return record.text;
        }
        std::string key;
        for (const std::size_t at : m_config->fields) {
            key += flow::toText(record.row[at]);
            key += '\x1f';
        }
        return key;
    }
    void forget() {
        while (!m_byTime.empty() && (*m_byTime.begin()).first.first < m_newest - m_config->withinMillis) {
            const auto oldest = (*m_byTime.begin()).first;
            m_seen.erase(oldest.second);
            m_byTime.erase(oldest);
        }
    }

    Ref<const DeduplicateConfig> m_config;
    std::int64_t m_newest = 0;
    SharedMap<std::string, bool> m_seen;
    SharedMap<std::pair<std::int64_t, std::string>, bool> m_byTime;
};

StepResult makeDeduplicate(const StepMaking& making) {
    auto fields = placesOf(making, "fields");
    if (!fields) {
        return tl::unexpected(std::move(fields.error()));
    }
    auto config = makeRef<DeduplicateConfig>();
    config->fields = std::move(*fields);
    config->withinMillis = making.values.duration("within").value_or(SimDuration{0}).count() / 1'000'000;
    return MadeStep{makeRef<DeduplicateStep>(config), making.columns};
}

// --- mask -----------------------------------------------------------------------------------------------------------

enum class MaskHow : std::uint8_t { Hash, Redact, Partial };

struct MaskConfig final : Counted {
    MaskHow how = MaskHow::Hash;
    std::vector<std::size_t> fields;
    std::size_t keeps = 4;
    std::string salt;
};

class MaskStep final : public StepBase<MaskStep> {
public:
    explicit MaskStep(Ref<const MaskConfig> config) : m_config(std::move(config)) {}

    void take(PipelineRecord record, StepOutput& output) override {
        for (const std::size_t at : m_config->fields) {
            output.cost += perHash;
            if (!flow::isNull(record.row[at])) {
                record.row[at] = masked(flow::toText(record.row[at]));
            }
        }
        record.text.clear();  // What was masked shall not go on beside it.
        output.passed.push_back(std::move(record));
    }

private:
    [[nodiscard]] flow::Datum masked(const std::string& text) const {
        switch (m_config->how) {
            case MaskHow::Redact:
                return std::string("***");
            case MaskHow::Partial:
                return text.size() <= m_config->keeps ? std::string(text.size(), '*')
                                                      : std::string(text.size() - m_config->keeps, '*') +
                                                            text.substr(text.size() - m_config->keeps);
            case MaskHow::Hash:
                break;
        }
        Digest digest;
        digest.add(std::string_view{m_config->salt});
        digest.add(std::string_view{text});
        return fmt::format("{:016x}", digest.value());
    }

    Ref<const MaskConfig> m_config;
};

StepResult makeMask(const StepMaking& making) {
    auto fields = placesOf(making, "fields");
    if (!fields) {
        return tl::unexpected(std::move(fields.error()));
    }
    if (fields->empty()) {
        return stepTrouble("fields", "no field is masked");
    }
    auto config = makeRef<MaskConfig>();
    const std::string how = making.values.text("how");
    config->how = how == "redact" ? MaskHow::Redact : how == "partial" ? MaskHow::Partial : MaskHow::Hash;
    config->fields = std::move(*fields);
    config->keeps = static_cast<std::size_t>(making.values.integer("keeps").value_or(4));
    config->salt = making.values.text("salt");
    std::vector<flow::Column> columns = making.columns;
    for (const std::size_t at : config->fields) {
        columns[at].type = flow::DatumType::Text;
    }
    return MadeStep{makeRef<MaskStep>(config), std::move(columns)};
}

// --- look up --------------------------------------------------------------------------------------------------------

struct LookupConfig final : Counted {
    Ref<const TableFile> table;
    std::size_t field = 0;
    std::vector<std::size_t> added;  ///< columns of the table
    enum class Otherwise : std::uint8_t { Empty, Reject, Drop } otherwise = Otherwise::Empty;
};

class LookupStep final : public StepBase<LookupStep> {
public:
    explicit LookupStep(Ref<const LookupConfig> config) : m_config(std::move(config)) {}

    void take(PipelineRecord record, StepOutput& output) override {
        output.cost += perLook;
        const std::string key = flow::toText(record.row[m_config->field]);
        const auto found = m_config->table->rowsByKey.find(key);
        if (found == m_config->table->rowsByKey.end()) {
            if (m_config->otherwise == LookupConfig::Otherwise::Drop) {
                ++output.dropped;
                return;
            }
            if (m_config->otherwise == LookupConfig::Otherwise::Reject) {
                output.reject(std::move(record), "the table has no such value");
                return;
            }
            record.row.resize(record.row.size() + m_config->added.size());
        } else {
            for (const std::size_t at : m_config->added) {
                record.row.emplace_back(found->second[at]);
            }
        }
        output.passed.push_back(std::move(record));
    }

private:
    Ref<const LookupConfig> m_config;
};

StepResult makeLookup(const StepMaking& making) {
    if (!making.file) {
        return stepTrouble("path", "a file of the table is needed");
    }
    auto table = TableFile::make(*making.file, making.values.text("key"));
    if (!table) {
        return stepTrouble(making.values.text("key").empty() ? "path" : "key", std::move(table.error()));
    }
    auto config = makeRef<LookupConfig>();
    config->table = std::move(*table);
    const auto field = columnIn(making.columns, making.values.text("field"));
    if (!field) {
        return noSuchField("field", making.values.text("field"), making.columns);
    }
    config->field = *field;
    const std::string otherwise = making.values.text("otherwise");
    config->otherwise = otherwise == "reject" ? LookupConfig::Otherwise::Reject
                        : otherwise == "drop" ? LookupConfig::Otherwise::Drop
                                              : LookupConfig::Otherwise::Empty;
    std::vector<std::string> add = making.values.list("add");
    add = add.empty() ? config->table->columns : add;
    std::vector<flow::Column> columns = making.columns;
    for (const std::string& name : add) {
        const auto& names = config->table->columns;
        const auto at = std::find(names.begin(), names.end(), name);
        if (at == names.end()) {
            return stepTrouble("add", fmt::format("the table has no column '{}' beside its key", name));
        }
        if (columnIn(columns, name)) {
            return stepTrouble("add", fmt::format("there is a field '{}' already", name));
        }
        config->added.push_back(static_cast<std::size_t>(at - names.begin()));
        columns.push_back({name, flow::DatumType::Text});
    }
    return MadeStep{makeRef<LookupStep>(config), std::move(columns)};
}

}  // namespace

const StepKind& deduplicateStep() {
    static const StepKind row{
        {.node = flow::NodeKind::IngestStep,
         .kind = "deduplicate",
         .title = "Deduplicate",
         .help = "Passes the first record of each key and leaves out the others.",
         .outputs = "the fields that come in",
         .parameters = {{.key = "fields",
                         .type = Type::FieldList,
                         .help = "The fields that make the key; without them, the record as it came.",
                         .most = 64,
                         .blank = "the record as it came"},
                        {.key = "within",
                         .type = Type::Duration,
                         .help = "How long a key is remembered, by the records' own times; 0s: for ever, and what it "
                                 "remembers grows without bound.",
                         .defaultText = "1h"}},
         .summary = {"fields"}},
        makeDeduplicate};
    return row;
}

const StepKind& maskStep() {
    static const StepKind row{
        {.node = flow::NodeKind::IngestStep,
         .kind = "mask",
         .title = "Mask",
         .help = "Hides what stands in fields. What is masked before it is loaded can never be brought back.",
         .outputs = "the fields that come in, the masked ones as text",
         .parameters = {{.key = "fields",
                         .type = Type::FieldList,
                         .help = "The fields that are hidden.",
                         .isRequired = true,
                         .most = 64},
                        {.key = "how",
                         .type = Type::Choice,
                         .help = "hash puts the same pseudonym for the same value (a keyed 64-bit hash), redact three "
                                 "stars, partial stars for all but the last letters.",
                         .defaultText = "hash",
                         .choices = {"hash", "redact", "partial"}},
                        {.key = "keeps",
                         .type = Type::Integer,
                         .help = "Letters that partial leaves.",
                         .readWhen = flow::when("how", {"partial"}),
                         .defaultText = "4",
                         .least = 0,
                         .most = 1000},
                        {.key = "salt",
                         .type = Type::Text,
                         .help = "Goes into the hash, so that nobody can try values without it.",
                         .readWhen = flow::when("how", {"hash"}),
                         .blank = "none"}},
         .summary = {"fields"}},
        makeMask};
    return row;
}

const StepKind& lookupStep() {
    static const StepKind row{
        {.node = flow::NodeKind::IngestStep,
         .kind = "look-up",
         .title = "Enrich",
         .help = "Adds what a table says about a field: a CSV file whose first line names its columns.",
         .outputs = "the fields that come in, and columns of the table as text",
         .parameters =
             {{.key = "path", .type = Type::FilePath, .help = "The table's file.", .isRequired = true},
              {.key = "field", .type = Type::Field, .help = "The field that is looked up.", .isRequired = true},
              {.key = "key",
               .type = Type::Text,
               .help = "The column of the table that it is looked for in.",
               .blank = "the first"},
              {.key = "add",
               .type = Type::TextList,
               .help = "The columns that are added.",
               .most = 64,
               .blank = "all but the key"},
              {.key = "otherwise",
               .type = Type::Choice,
               .help = "What becomes of a record that the table says nothing about.",
               .defaultText = "empty",
               .choices = {"empty", "reject", "drop"}}},
         .summary = {"field"}},
        makeLookup};
    return row;
}

}  // namespace millrace::ingest
