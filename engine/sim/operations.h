#pragma once

#include <string>
#include <utility>

#include "engine/sim/journal.h"
#include "engine/sim/message.h"
#include "engine/sim/slots.h"

namespace millrace::sim {

// What the operations of a handler carry from the call to the commit. Internal to engine/sim.

// A timer's id: a flag for timers that wait for somebody, 43 bits that count, and the second in which it is due (20
// bits), for the sweeping of cancellations.
inline constexpr std::uint64_t timerWaits = std::uint64_t{1} << 43U;
inline constexpr std::uint32_t timerDueMask = (1U << 20U) - 1;
[[nodiscard]] constexpr std::uint64_t timerToken(TimerId id) {
    return id.value & ((std::uint64_t{1} << 44U) - 1);
}
[[nodiscard]] constexpr std::uint32_t timerDue(TimerId id) {
    return static_cast<std::uint32_t>(id.value >> 44U);
}
[[nodiscard]] constexpr TimerId makeTimerId(std::uint64_t token, SimTime due) {
    const auto second = static_cast<std::uint64_t>(nanoseconds(due) / 1'000'000'000) & timerDueMask;
    return TimerId{(second << 44U) | token};
}

/// Token of a ProcessStart event: the service manager's try, not an order from elsewhere.
inline constexpr std::uint64_t startByManager = 1;

struct WaitParty final : Counted {
    WaitedFor party;
    explicit WaitParty(WaitedFor p) : party(p) {}
};

struct DraftHolder final : Counted {
    JournalDraft draft;
    explicit DraftHolder(JournalDraft d) : draft(std::move(d)) {}
};

/// Travels with a FlushDone event.
struct FlushRequest final : MessageBase<FlushRequest> {
    static constexpr std::string_view Name = "sim.FlushRequest";
    FileId file;
    std::uint64_t end = 0;
    MessageRef done;
    void digest(Digest& digest) const override { digest.add(file.value); }
};

}  // namespace millrace::sim
