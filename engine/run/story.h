#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/observe/cluster_view.h"
#include "engine/observe/run_view.h"
#include "engine/run/session.h"
#include "engine/sim/world.h"

namespace millrace::run {

/// The object a place in the journal or a process name stands for: "broker/1" is `broker:1`, "zookeeper/zk2" is
/// `server:zk2`.
[[nodiscard]] observe::ObjectId objectOf(std::string_view placeOrProcess);

/// The newest `max` entries of severity notice and above and the newest `max` details, in order, with the entries that
/// they name as causes. Looks at the newest 200,000 entries.
[[nodiscard]] observe::JournalPage describeJournal(const sim::World& world, std::size_t max);
/// One entry and its chain of causes, newest first; ends at an entry without a cause.
[[nodiscard]] std::vector<observe::JournalEntryView> describeCauses(const sim::World& world, std::uint64_t entry);

/// All series at most `pointsMax` points each: counters as rates a second, gauges as they are.
[[nodiscard]] std::vector<std::shared_ptr<const observe::SeriesPage>> describeSeries(const sim::World& world,
                                                                                     std::size_t pointsMax);

/// Faults that were injected and those that are planned.
[[nodiscard]] std::vector<observe::FaultBar> describeFaults(const sim::World& world);
[[nodiscard]] std::vector<observe::HostView> describeHosts(const sim::World& world);
[[nodiscard]] observe::FlightView describeFlights(const sim::World& world, std::size_t max);

/// Time, event number, seed, fingerprint, checkpoints, branches and faults. Mode and speed are the caller's.
[[nodiscard]] observe::RunView describeRun(const Session& session);

}  // namespace millrace::run
