#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/observe/run_view.h"
#include "engine/scenario/catalog/config_catalog.h"
#include "engine/sim/world.h"

namespace millrace::scenario {

// What sections use to say how a run of theirs stands; `run` judges by it.

/// A figure that only ever grows as a run comes nearer to its end.
using ProgressMark = std::function<void(std::string name, std::int64_t value)>;

/// Time-outs beyond this are meant as "for ever".
inline constexpr SimDuration timeoutMax = std::chrono::hours{1};
/// The longest of these time-outs.
[[nodiscard]] SimDuration longestOf(const Settings& settings, std::initializer_list<std::string_view> keys);

/// The longest time for which something had no leader.
class LeaderlessGap {
public:
    /// What lasts shorter is not told: a session's time-out and an election.
    static constexpr SimDuration lasting = std::chrono::seconds{30};

    void look(bool isLed, SimTime now);
    [[nodiscard]] std::pair<SimTime, SimTime> longestUpTo(SimTime now) const;
    /// Whether nobody led at the last look.
    [[nodiscard]] bool isOpen() const { return m_since.has_value(); }

private:
    std::optional<SimTime> m_since = SimTime{};
    std::pair<SimTime, SimTime> m_longest{};
};
[[nodiscard]] bool isLasting(const std::pair<SimTime, SimTime>& gap);
/// "from 1.0 s on, to the end"
[[nodiscard]] std::string timeText(const std::pair<SimTime, SimTime>& gap, SimTime end);

/// The actor of a process that runs; null when it is down or stands still.
template <class Actor>
const Actor* runningActor(const sim::World& world, const std::string& process, const std::string& actor) {
    const sim::ProcessId id = world.findProcess(process);
    const bool runs = id != sim::noProcess && world.process(id).state == sim::ProcessState::Running;
    return runs ? world.findActor<Actor>(actor) : nullptr;
}

/// Notices what a run without an end would pass over: what nobody leads for long. Asked once a simulated second.
class Standstill {
public:
    virtual ~Standstill() = default;
    virtual void look(const sim::World& world) = 0;
    /// One sentence for all that stood still for the same time, in the order in which it began.
    [[nodiscard]] virtual std::vector<std::string> sentences(const sim::World& world) const = 0;
};

/// Who waits is told before whom it waits for; what follows from what is told, last.
enum class WaitStage : std::uint8_t { Clients, Servers, Consequences };
[[nodiscard]] const observe::WaitView* findWait(const std::vector<observe::WaitView>& waits, std::string_view object);

}  // namespace millrace::scenario
