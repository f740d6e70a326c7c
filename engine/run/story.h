#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/observe/cluster_view.h"
#include "engine/observe/run_view.h"
#include "engine/run/session.h"
#include "engine/sim/world.h"

namespace millrace::run {

/// The objects that places in the journal, owners of series and processes of a world stand for: "broker/1/requests" is
/// `broker:1`, "zookeeper/zk2" is `server:zk2`, "worker/audit/6700@h4" is the worker's number, as in `worker:audit/1`.
class ObjectNames {
public:
    explicit ObjectNames(const sim::World& world);

    [[nodiscard]] observe::ObjectId of(std::string_view placeOrProcess) const;

    /// A journal's sentence as people read it: processes and hosts by their names, numbers with thousands, names that a
    /// program made without their stamp. "broker/1 crashed" is "broker 1 crashed", "12345 rows" "12,345 rows".
    [[nodiscard]] std::string readable(std::string_view text) const;

private:
    std::map<std::string, observe::ObjectId, std::less<>> m_known;  ///< by process name
};

/// The newest `max` entries of severity notice and above and the newest `max` details, in order, with the entries that
/// they name as causes. Looks at the newest 200,000 entries.
[[nodiscard]] observe::JournalPage describeJournal(const sim::World& world, std::size_t max);
/// One entry and its chain of causes, newest first; ends at an entry without a cause.
[[nodiscard]] std::vector<observe::JournalEntryView> describeCauses(const sim::World& world, std::uint64_t entry);

/// All series at most `pointsMax` points each: counters as rates a second, gauges as they are.
[[nodiscard]] std::vector<std::shared_ptr<const observe::SeriesPage>> describeSeries(const sim::World& world,
                                                                                     std::size_t pointsMax);

/// Faults that were injected and those that are planned. What takes a fault back ends its bar, and is listed itself, as
/// of no length, for who counts what was done.
enum class Repairs : std::uint8_t { LeftOut, Listed };
[[nodiscard]] std::vector<observe::FaultBar> describeFaults(const sim::World& world,
                                                            Repairs repairs = Repairs::LeftOut);
[[nodiscard]] std::vector<observe::HostView> describeHosts(const sim::World& world);
[[nodiscard]] observe::FlightView describeFlights(const sim::World& world, std::size_t max);

/// What has become of all records.
[[nodiscard]] observe::OriginsView describeOrigins(const Ledger& ledger);

/// Time, event number, seed, fingerprint, checkpoints, branches and faults. Mode and speed are the caller's.
[[nodiscard]] observe::RunView describeRun(const Session& session);

}  // namespace millrace::run
