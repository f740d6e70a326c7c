#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/ref.h"
#include "engine/ingest/board_spec.h"
#include "engine/sim/effect.h"
#include "engine/sim/message.h"

namespace millrace::ingest {

/// Where a record came from: the headers `mr.source` and `mr.position` that it carries through the whole pipeline.
struct Origin {
    std::string source;         ///< id of the source
    std::int64_t position = 0;  ///< zero-based line or sequence number
    /// Tells apart what was made from one record (the words of a sentence); the same at each repetition, 0 for the
    /// record itself and what was made from it one to one.
    std::uint32_t part = 0;

    friend bool operator==(const Origin&, const Origin&) = default;
};

enum class SinkKind : std::uint8_t {
    Sqlite,     ///< rows and counts in the tables of a SQLite database
    File,       ///< lines at the end of a text file
    Lake,       ///< lines in objects of a folder, by partition: one object a transaction and partition
    Documents,  ///< JSON documents by their ids in a SQLite database, with indexes over their members
    Archive,    ///< lines at the end of a file that is compressed by gzip
    Dashboard,  ///< tiles with the newest row of each key, a curve and alerts; a page of HTML
    Topic       ///< records of a topic, through a producer of the sink's own (`kafka/client/topic_sink.h`)
};
/// `Append`: what arrives twice is there twice. `Once`: a write is ignored when its (source, position, table) was seen.
enum class WriteMode : std::uint8_t { Append, Once };

[[nodiscard]] std::string_view toText(SinkKind kind);
/// Its file is a SQLite database with the sink's tables.
[[nodiscard]] constexpr bool isDatabase(SinkKind kind) {
    return kind == SinkKind::Sqlite || kind == SinkKind::Documents;
}
/// A write to it is a line.
[[nodiscard]] constexpr bool takesLines(SinkKind kind) {
    return !isDatabase(kind) && kind != SinkKind::Topic && kind != SinkKind::Dashboard;
}
[[nodiscard]] std::string_view toText(WriteMode mode);

using SinkValue = std::variant<std::monostate, std::int64_t, double, std::string>;

struct SinkColumn {
    enum class Type : std::uint8_t { Integer, Real, Text };
    std::string name;
    Type type = Type::Text;
};

/// `Rows`: a write adds one row of all columns. `Counts`: one key column and a column `count`; a write adds its
/// increment to the count of its key. Totals are never written, so that no order or repetition of writes can overwrite
/// one with another. `Keyed`: a write sets the row of its key, so that a repetition changes nothing.
struct SinkTable {
    enum class Kind : std::uint8_t { Rows, Counts, Keyed };
    std::string name;
    Kind kind = Kind::Rows;
    std::vector<SinkColumn> columns;
    std::vector<std::string> keys = {};  ///< `Keyed` only: names of columns
};

/// How a lake lays out what is written to it.
struct LakeSpec {
    enum class Partition : std::uint8_t { None, Date, Hour };
    Partition partition = Partition::Date;
    bool isCsv = false;           ///< else JSON lines
    std::string header;           ///< the first line of each object of a lake of CSV
    SimDuration compactEvery{0};  ///< 0: objects are never put together

    /// "date=2026-01-01/hour=07/", or nothing.
    [[nodiscard]] std::string folderOf(std::int64_t millis) const;
};

/// A sink that writes once notes in the bits of a number which tables a row has gone to.
inline constexpr std::size_t tablesOnceMost = 63;

/// Deliberate faults of a sink's process: a test plants one to prove that an invariant notices it. All off is right.
struct BrokenSinkRules {
    bool writeTwice = false;          ///< every second request is written twice
    bool leaveOut = false;            ///< every second request is answered and not written
    bool answerBeforeCommit = false;  ///< a request is answered when it comes
    bool forgetSeen = false;          ///< what was written before is written once more whatever `write` says
};

/// What a sink is. Immutable and shared: blueprint, effects and executor all speak of the same one.
struct SinkSpec final : Counted {
    std::string id;
    SinkKind kind = SinkKind::Sqlite;
    std::string path;        ///< of the real file
    std::string connection;  ///< to the real PostgreSQL; with neither, the effects are carried out nowhere
    WriteMode write = WriteMode::Append;
    std::vector<SinkTable> tables;  ///< SQLite and documents, at most 63
    SimDuration commitLatency{0};   ///< how long a commit takes beside what its machine needs for it
    LakeSpec lake;
    std::vector<std::string> indexes;  ///< of documents: members that are indexed
    Ref<const BoardSpec> board;        ///< of a dashboard that a pipeline feeds
    BrokenSinkRules broken;

    /// Index of the table, -1 when there is none of this name.
    [[nodiscard]] int findTable(std::string_view table) const;
    /// A write to it sets what stands there under its key.
    [[nodiscard]] bool isKeyed(std::uint32_t table) const {
        return table < tables.size() && tables[table].kind == SinkTable::Kind::Keyed;
    }
};

/// The tables of the web log audit: `errors`, `status_counts`, `rejected`.
[[nodiscard]] std::vector<SinkTable> webLogAuditTables();

/// One write: a row for a table, an increment for a key, or a line for a file.
/// A write to a lake has its folder before its line, one to a topic its key or nothing before its value, one to a
/// dashboard its tile and when it was measured before the row (`board.h`).
struct SinkWrite {
    std::uint32_t table = 0;  ///< index in SinkSpec::tables; 0 for a file
    Origin origin;
    std::vector<SinkValue> values;  ///< `Rows`, `Keyed`: one a column; `Counts`: the key; file: the line
    std::int64_t increment = 1;     ///< `Counts` only

    void digest(Digest& digest) const;
    [[nodiscard]] ByteCount wireSize() const;
};

/// To a sink's process: make these writes durable, all of them or none.
struct SinkCommit final : sim::MessageBase<SinkCommit> {
    static constexpr std::string_view Name = "ingest.SinkCommit";
    std::uint64_t request = 0;
    std::vector<SinkWrite> writes;
    std::string writer;  ///< "audit/save": the topology and the bolt that ask for it, for the journal alone
    CpuTime work{0};     ///< that the sink's machine does for it beside writing: it transforms what it holds

    SinkCommit(std::uint64_t number, std::vector<SinkWrite> what, std::string who = {});
    [[nodiscard]] ByteCount wireSize() const override { return m_wireSize; }
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;

private:
    ByteCount m_wireSize = 0;
};

/// From the sink's process: the writes of this request are committed, or none of them is and none will be.
struct SinkAnswer final : sim::MessageBase<SinkAnswer> {
    static constexpr std::string_view Name = "ingest.SinkAnswer";
    std::uint64_t request = 0;
    bool committed = false;
    CpuTime cost{0};  ///< the request's share of the sink's processor time; follows from what was asked

    SinkAnswer(std::uint64_t number, bool done, CpuTime share = CpuTime{0})
        : request(number), committed(done), cost(share) {}
    void digest(Digest& digest) const override {
        digest.add(request);
        digest.add(committed);
    }
};

/// Leaves the world when a transaction has been committed in simulated time: the outside does the same to the real
/// file. Transactions of a sink count from 1. After a crash of the sink's process its last transaction may leave once
/// more, under the same number, as a database replays its log; the outside ignores numbers that it has carried out.
class SinkEffect final : public sim::Effect {
public:
    SinkEffect(Ref<const SinkSpec> sink, std::uint64_t transaction, std::vector<Ref<const SinkCommit>> requests,
               std::vector<std::string> compacted = {});

    [[nodiscard]] const std::string& destination() const override { return m_destination; }
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;

    [[nodiscard]] const SinkSpec& sink() const { return *m_sink; }
    [[nodiscard]] std::uint64_t transaction() const { return m_transaction; }
    [[nodiscard]] const std::vector<Ref<const SinkCommit>>& requests() const { return m_requests; }
    /// Folders of a lake whose objects are put together into one; then there are no requests.
    [[nodiscard]] const std::vector<std::string>& compacted() const { return m_compacted; }

private:
    Ref<const SinkSpec> m_sink;
    std::uint64_t m_transaction;
    std::vector<Ref<const SinkCommit>> m_requests;
    std::vector<std::string> m_compacted;
    std::string m_destination;
};

}  // namespace millrace::ingest
