#pragma once

#include <array>
#include <string_view>

#include "engine/base/journal_kind.h"

/// What happens to processes, hosts and links, whatever runs there.
namespace millrace::sim::happened {

inline constexpr JournalKind faultInjected{"sim.fault-injected", "Somebody, or the plan, broke or mended something."};
inline constexpr JournalKind faultEnded{"sim.fault-ended", "A fault with an end is over."};
inline constexpr JournalKind unflushedLost{"sim.unflushed-lost",
                                           "A host lost its power, and what its disk had not written was gone."};
inline constexpr JournalKind processStarted{"sim.process-started", "A process started again."};
inline constexpr JournalKind processEnded{"sim.process-ended",
                                          "A process ended by its own failure: it starts again, or stays down."};
inline constexpr JournalKind processStopped{"sim.process-stopped",
                                            "A process that was asked to stop has ended in order."};
inline constexpr JournalKind addressInUse{"sim.address-in-use", "A process ended because another listens on its port."};

/// All of them, in the order in which they are listed.
inline constexpr std::array all{&faultInjected, &faultEnded,     &unflushedLost, &processStarted,
                                &processEnded,  &processStopped, &addressInUse};

}  // namespace millrace::sim::happened

/// What such entries say and somebody reads.
namespace millrace::sim::field {

inline constexpr JournalField<std::string_view> faultKind{"kind"};  ///< of a fault, by its name in documents
inline constexpr JournalField<std::string_view> hit{"hit"};         ///< whom a fault met: a place

}  // namespace millrace::sim::field
