#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/shared_queue.h"
#include "engine/sim/disk.h"
#include "engine/sim/ids.h"
#include "engine/sim/series_store.h"

namespace millrace::sim {

struct HostSpec {
    std::string name;
    std::uint32_t cores = 4;
    double speed = 1.0;                ///< of one core; 1.0 is the core that cost tables speak of
    ByteCount memory = 16LL << 30U;    ///< bytes
    ByteCount cardRate = 125'000'000;  ///< bytes/s out of the network card (1 Gbit/s)
    std::string rack;
    DiskSpec disk;
};

/// A machine: cores with a queue of actors that wait for one, a disk, a clock; its network card stands in the network.
struct Host final : Counted {
    HostSpec spec;
    HostId id;
    bool poweredOn = true;
    Disk disk;

    std::uint32_t coresBusy = 0;
    double slowFactor = 1.0;              ///< set by a fault; 2 = twice as slow
    SimDuration clockSkew{0};             ///< how far its clock is ahead
    SharedQueue<std::uint32_t> runQueue;  ///< actor slots that wait for a core, first come first served

    SimDuration cpuTime{0};  ///< processor time used, summed over cores
    ReporterId reporter;     ///< of its figures

    JournalId silencedBy = noEntry;  ///< newest entry that took it (or its speed) away
    JournalId filledBy = noEntry;    ///< the fault that holds its disk full
    std::vector<ProcessId> runningAtPowerLoss;
};

}  // namespace millrace::sim
