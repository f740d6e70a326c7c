#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/ingest/formats/format.h"
#include "engine/ingest/pipeline/step.h"

namespace millrace::ingest {

/// What a pipeline does about records whose form is another one than its columns say. It is noticed when several in a
/// row have it: a single one may be damaged.
enum class DriftPolicy : std::uint8_t {
    Fail,    ///< once noticed, records of the other form are rejected
    Ignore,  ///< new fields are left out, missing ones are empty, values of another type are rejected
    Evolve   ///< new fields go along, missing ones are empty, values of another type are taken as they can be
};

/// How the form has changed.
struct SchemaDrift {
    enum class What : std::uint8_t { NewField, MissingField, Retyped };
    What what = What::NewField;
    std::string field;
    [[nodiscard]] std::string text() const;  ///< "has a new field 'humidity'"
};

/// Reads records by a format and columns, and watches their form: a value.
class RecordReader {
public:
    RecordReader() = default;
    /// Without a format a record is a single text, `line`.
    RecordReader(const Format* format, Layout layout, DriftPolicy policy)
        : m_format(format), m_layout(std::move(layout)), m_policy(policy) {}

    /// Sets row and more of the record by its text; the error is why it cannot be read. `news` gets what has been
    /// noticed with it.
    Result<void, std::string> read(PipelineRecord& record, std::vector<SchemaDrift>& news);
    void setPolicy(DriftPolicy policy) { m_policy = policy; }
    [[nodiscard]] std::int64_t drifted() const { return m_drifted; }  ///< records of another form, once noticed
    [[nodiscard]] const Layout& layout() const { return m_layout; }

private:
    using Key = std::pair<SchemaDrift::What, std::string>;
    Result<void, std::string> readMembers(PipelineRecord& record, std::vector<SchemaDrift>& news);
    Result<void, std::string> readValues(PipelineRecord& record, std::vector<SchemaDrift>& news);
    Result<void, std::string> readPlain(PipelineRecord& record) const;
    [[nodiscard]] std::vector<Key> deviationsOf(const JsonMembers& members) const;
    /// Counts deviations in a row; true when one of them has been noticed.
    bool note(const std::vector<Key>& deviations, std::vector<SchemaDrift>& news);

    const Format* m_format = nullptr;
    Layout m_layout;
    DriftPolicy m_policy = DriftPolicy::Ignore;
    std::int64_t m_drifted = 0;
    std::map<Key, std::uint32_t> m_streaks;  ///< at most one for each column and a bounded number of others
    std::vector<bool> m_wasThere;            ///< columns that have ever had a value
};

}  // namespace millrace::ingest
