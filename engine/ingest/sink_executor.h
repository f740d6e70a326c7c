#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/ingest/sink.h"

namespace millrace::ingest {

class SinkWriter;

/// Carries sink effects out, outside of the world: transactions into databases of SQLite and PostgreSQL, lines into
/// files, objects into folders, in the order in which they are handed over. What has been committed is always a prefix
/// of the effects. The first failure (path is a folder, disk full, file is not a database) is returned with the path;
/// what was committed before it stays. A real file that is there already: a database that an earlier run made is moved
/// aside to the next free of
/// "<name>.previous<ext>", "<name>.previous-2<ext>" and so on; in any other database the sink's tables are added or
/// appended to; a text file is moved aside to the next free
/// "<name>.<number><ext>", as is a lake's folder that an earlier run made. In PostgreSQL a sink has a schema of its
/// name: that of an earlier run becomes "<name>_previous", "<name>_previous_2" and so on. Nothing is deleted. Effects
/// are only read, no handle of theirs is copied, so this may run on another thread than the world while the caller
/// keeps them alive. Whether an effect was carried out before (after a rewind) is the caller's bookkeeping.
class SinkExecutor {
public:
    SinkExecutor();
    ~SinkExecutor();
    SinkExecutor(SinkExecutor&&) noexcept;
    SinkExecutor& operator=(SinkExecutor&&) noexcept;

    /// Whether `open` can be expected to succeed: the real file is none of the special kinds, may be written, its
    /// medium takes bytes, a foreign database has room for the sink's tables and nobody holds it. Touches nothing.
    [[nodiscard]] static Result<void> check(const Ref<const SinkSpec>& sink);
    /// Opens the sink's real file or database; nothing happens when it has neither. To be called before the run, so
    /// that a bad path is told at once.
    Result<void> open(Ref<const SinkSpec> sink);
    /// What stood in a sink's place and lies elsewhere now, a sentence each.
    [[nodiscard]] std::vector<std::string> keptAside() const;
    /// One real transaction for the whole span. Effects of sinks that were not opened, or that are not SinkEffects, are
    /// left alone.
    Result<void> carryOut(std::span<const Ref<const sim::Effect>> effects);
    /// Everything is in the files, and they are closed. Done by the destructor too, which cannot tell of errors.
    Result<void> close();

private:
    std::map<std::string, std::unique_ptr<SinkWriter>, std::less<>> m_writers;  // by id of the sink
};

/// Carries out the transactions of one sink.
class SinkWriter {
public:
    virtual ~SinkWriter() = default;
    virtual Result<void> begin() = 0;
    virtual Result<void> write(const SinkEffect& effect) = 0;
    virtual Result<void> commit() = 0;
    virtual void rollBack() noexcept = 0;
    virtual Result<void> close() = 0;

    /// Where that lies now which stood in the place of its file; empty when nothing did.
    [[nodiscard]] const std::string& keptAs() const { return m_keptAs; }
    void setKeptAs(std::string path) { m_keptAs = std::move(path); }
    /// The sink's field that says where it writes to.
    [[nodiscard]] virtual std::string_view place() const { return "path"; }

private:
    std::string m_keptAs;
};

/// The file makes room for another: gives where it is now, "<name>.<number><ext>".
[[nodiscard]] Result<std::string> moveAside(const std::string& path);
[[nodiscard]] Result<void> checkSqliteFile(const SinkSpec& sink);
[[nodiscard]] Result<std::unique_ptr<SinkWriter>> openSqliteWriter(Ref<const SinkSpec> sink);
/// Why a connection is none, as far as its text tells.
[[nodiscard]] std::optional<std::string> troubleWithPostgres(const std::string& connection);
/// Why nothing in PostgreSQL can have this name.
[[nodiscard]] std::optional<std::string> troubleWithPostgresName(std::string_view name);
/// Whether a connection is not to be shown.
[[nodiscard]] bool holdsPassword(const std::string& connection);
[[nodiscard]] Result<void> checkPostgres(const SinkSpec& sink);
[[nodiscard]] Result<std::unique_ptr<SinkWriter>> openPostgresWriter(Ref<const SinkSpec> sink);
[[nodiscard]] Result<std::unique_ptr<SinkWriter>> openLineWriter(Ref<const SinkSpec> sink);
/// The page of a dashboard.
[[nodiscard]] Result<std::unique_ptr<SinkWriter>> openBoardWriter(Ref<const SinkSpec> sink);
[[nodiscard]] Result<void> checkLakeFolder(const SinkSpec& sink);
/// Why a lake cannot lie there, where the scenario is to blame: a file, a folder of somebody else. One of an earlier
/// run is moved aside, and an empty one is taken.
[[nodiscard]] std::optional<std::string> troubleWithLakeFolder(const std::string& folder);
[[nodiscard]] Result<std::unique_ptr<SinkWriter>> openLakeWriter(Ref<const SinkSpec> sink);

}  // namespace millrace::ingest
