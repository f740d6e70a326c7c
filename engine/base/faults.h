#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace {

enum class FaultKind : std::uint8_t {
    Crash,      ///< process: killed at once, page cache kept. `for`: restarts after it
    Stop,       ///< process: asked to end in order (SIGTERM). `for`: restarts after it
    Restart,    ///< process: boots again when it is not running
    Power,      ///< host: power lost, unflushed data gone. `for`: comes back after it, with the processes it ran
    PowerOn,    ///< host
    Pause,      ///< process: handles nothing (garbage collection, SIGSTOP)
    Resume,     ///< process
    SlowCpu,    ///< host: value = how many times slower, > 0
    SlowDisk,   ///< host: value = how many times slower, > 0
    FullDisk,   ///< host: every write fails
    FreeDisk,   ///< host
    Cut,        ///< link, one or both directions: nothing passes
    Heal,       ///< link
    Delay,      ///< link: value = extra seconds
    Loss,       ///< link: value = share of packets lost, 0 to 1
    Duplicate,  ///< link: value = share of packets sent twice, 0 to 1
    Skew,       ///< host: value = seconds its clock is ahead
    Revive      ///< process, host or "all": what is down starts, what is paused goes on, what ails is as specified
};

/// How strong a fault is: one number, which the document writes in its own form.
struct FaultQuantity {
    enum class Form : std::uint8_t { Factor, Duration, Share };

    std::string_view key;  ///< its field in the document
    Form form = Form::Factor;
    std::string_view help;
    double neutral = 0;  ///< with this nothing is wrong: the same kind with it takes the fault back
    double least = 0;
    double most = 0;     ///< of a Duration: as far as those of the document go
    double ofTool = 0;   ///< with which a tool of the window strikes
    double inWords = 1;  ///< the sentence says the value times this: seconds as milliseconds, shares as per cent
};

/// Everything that is to be said about one kind of fault. Document, schema, checks, tools, deck, journal and report are
/// made from these rows; `sim` carries the faults out.
struct FaultRow {
    /// What it hits. What happens to a link happens to all links of a host that is named instead.
    enum class Hits : std::uint8_t { Process, Host, Link, Anything };
    /// As a tool of the window that is taken in hand.
    struct Tool {
        int place = 0;  ///< in the row of tools, from 1
        std::string_view title;
        std::string_view doing;  ///< at the pointer, before whom to click
        std::string_view icon;
    };

    FaultKind kind;
    std::string_view name;   ///< in the document
    std::string_view title;  ///< of its bar, before whom it hits
    Hits hits = Hits::Process;
    std::string_view sentence;  ///< with {0} for what it hits and {1} for its value
    std::optional<FaultQuantity> quantity = {};
    std::optional<FaultKind> undoneBy = {};  ///< its own kind: by the neutral value; none: it is a repair
    std::string_view mended = {};            ///< the sentence for the neutral value, where it is another
    std::optional<Tool> tool = {};

    [[nodiscard]] constexpr bool isRepair() const { return !undoneBy.has_value(); }
};

namespace faults {

using Form = FaultQuantity::Form;
using Hits = FaultRow::Hits;

// One row a kind, in the order of the kinds.
// clang-format off
inline constexpr std::array<FaultRow, 18> rows{{
    {.kind = FaultKind::Crash, .name = "crash", .title = "crash", .hits = Hits::Process, .sentence = "{0} crashed", .undoneBy = FaultKind::Restart,
     .tool = FaultRow::Tool{1, "Crash", "crash", "crash"}},
    {.kind = FaultKind::Stop, .name = "stop", .title = "stop", .hits = Hits::Process, .sentence = "{0} is asked to stop", .undoneBy = FaultKind::Restart,
     .tool = FaultRow::Tool{8, "Stop", "stop in order", "stop"}},
    {.kind = FaultKind::Restart, .name = "restart", .title = "restart", .hits = Hits::Process, .sentence = "{0} is to start again"},
    {.kind = FaultKind::Power, .name = "power", .title = "power loss", .hits = Hits::Host, .sentence = "{0} lost power", .undoneBy = FaultKind::PowerOn,
     .tool = FaultRow::Tool{2, "Power off", "power off", "power"}},
    {.kind = FaultKind::PowerOn, .name = "power-on", .title = "power on", .hits = Hits::Host, .sentence = "{0} has power again"},
    {.kind = FaultKind::Pause, .name = "pause", .title = "pause", .hits = Hits::Process, .sentence = "{0} is paused", .undoneBy = FaultKind::Resume,
     .tool = FaultRow::Tool{3, "Pause", "pause", "hourglass"}},
    {.kind = FaultKind::Resume, .name = "resume", .title = "resume", .hits = Hits::Process, .sentence = "{0} goes on"},
    {.kind = FaultKind::SlowCpu, .name = "slow-cpu", .title = "slow cpu", .hits = Hits::Host, .sentence = "the processor of {0} is {1:g} times slower",
     .quantity = FaultQuantity{"factor", Form::Factor, "How many times slower.", 1, 0.001, 1e6, 10, 1}, .undoneBy = FaultKind::SlowCpu, .mended = "the processor of {0} has its full speed",
     .tool = FaultRow::Tool{4, "Slow", "slow processor", "slow"}},
    {.kind = FaultKind::SlowDisk, .name = "slow-disk", .title = "slow disk", .hits = Hits::Host, .sentence = "the disk of {0} is {1:g} times slower",
     .quantity = FaultQuantity{"factor", Form::Factor, "How many times slower.", 1, 0.001, 1e6, 20, 1}, .undoneBy = FaultKind::SlowDisk, .mended = "the disk of {0} has its full speed",
     .tool = FaultRow::Tool{6, "Slow disk", "slow disk", "slow-disk"}},
    {.kind = FaultKind::FullDisk, .name = "full-disk", .title = "full disk", .hits = Hits::Host, .sentence = "the disk of {0} is full", .undoneBy = FaultKind::FreeDisk,
     .tool = FaultRow::Tool{7, "Full disk", "full disk", "full-disk"}},
    {.kind = FaultKind::FreeDisk, .name = "free-disk", .title = "free disk", .hits = Hits::Host, .sentence = "the disk of {0} has room"},
    {.kind = FaultKind::Cut, .name = "cut", .title = "cut", .hits = Hits::Link, .sentence = "{0} is cut", .undoneBy = FaultKind::Heal,
     .tool = FaultRow::Tool{5, "Cut", "cut off the network", "cut"}},
    {.kind = FaultKind::Heal, .name = "heal", .title = "heal", .hits = Hits::Link, .sentence = "{0} is whole"},
    {.kind = FaultKind::Delay, .name = "delay", .title = "delay", .hits = Hits::Link, .sentence = "{0} takes {1:g} ms longer",
     .quantity = FaultQuantity{"by", Form::Duration, "How much longer a packet takes.", 0, 0, 1e8, 0.1, 1000}, .undoneBy = FaultKind::Delay},
    {.kind = FaultKind::Loss, .name = "loss", .title = "loss", .hits = Hits::Link, .sentence = "{0} loses {1:g} % of its packets",
     .quantity = FaultQuantity{"share", Form::Share, "Share of the packets, from 0 to 1.", 0, 0, 1, 0.1, 100}, .undoneBy = FaultKind::Loss},
    {.kind = FaultKind::Duplicate, .name = "duplicate", .title = "duplicate", .hits = Hits::Link, .sentence = "{0} sends {1:g} % of its packets twice",
     .quantity = FaultQuantity{"share", Form::Share, "Share of the packets, from 0 to 1.", 0, 0, 1, 0.1, 100}, .undoneBy = FaultKind::Duplicate},
    {.kind = FaultKind::Skew, .name = "skew", .title = "skew", .hits = Hits::Host, .sentence = "the clock of {0} is {1:g} s ahead",
     .quantity = FaultQuantity{"by", Form::Duration, "How far the clock is ahead.", 0, -1e8, 1e8, 1, 1}, .undoneBy = FaultKind::Skew},
    {.kind = FaultKind::Revive, .name = "revive", .title = "revive", .hits = Hits::Anything, .sentence = "{0} is revived"},
}};
// clang-format on

static_assert([] {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (static_cast<std::size_t>(rows[i].kind) != i) {
            return false;
        }
    }
    return true;
}());

}  // namespace faults

[[nodiscard]] constexpr const FaultRow& rowOf(FaultKind kind) {
    return faults::rows[static_cast<std::size_t>(kind)];
}
/// Null where no fault has this name.
[[nodiscard]] constexpr const FaultRow* findFault(std::string_view name) {
    for (const FaultRow& row : faults::rows) {
        if (row.name == name) {
            return &row;
        }
    }
    return nullptr;
}

/// Whether one of this kind and strength takes faults of the other kind back.
[[nodiscard]] constexpr bool repairs(FaultKind kind, double value, FaultKind other) {
    if (kind == FaultKind::Revive) {
        return !rowOf(other).isRepair();
    }
    const auto& quantity = rowOf(kind).quantity;
    return rowOf(other).undoneBy == kind && (kind != other || (quantity && quantity->neutral == value));
}
/// Whether it takes something back instead of doing harm.
[[nodiscard]] constexpr bool isRepair(FaultKind kind, double value) {
    return rowOf(kind).isRepair() || repairs(kind, value, kind);
}

}  // namespace millrace
