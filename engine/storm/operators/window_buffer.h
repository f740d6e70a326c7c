#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/ingest/facts.h"
#include "engine/storm/operators/bolt_kind.h"
#include "engine/storm/runtime/operator.h"

namespace millrace::storm {

/// Which tuples a window holds and when it is evaluated. Times in milliseconds.
struct WindowSpec {
    std::int64_t length = 0;  ///< of a window in time
    std::int64_t slide = 0;   ///< tumbling: as long as the window
    std::int64_t count = 0;   ///< instead of a length: so many tuples
    std::int64_t slideCount = 0;
    std::string timeField;  ///< empty: when tuples arrive
    std::int64_t lag = 0;   ///< how much out of order tuples may come
    std::int64_t watermarkEvery = 1'000;
    std::optional<std::int64_t> idle;

    [[nodiscard]] bool isOfEvents() const { return !timeField.empty() && count == 0; }
    /// What Storm holds against topology.message.timeout.secs: length and slide of a window in time.
    [[nodiscard]] SimDuration keepsFor() const { return std::chrono::milliseconds{count > 0 ? 0 : length + slide}; }
    void digest(Digest& to) const;
};

[[nodiscard]] std::vector<flow::Parameter> windowParameters();
[[nodiscard]] Result<WindowSpec, BoltTrouble> windowSpec(const flow::ParameterValues& values);

/// A tuple that a window keeps. What it holds of records keeps the text of its values.
struct WindowTuple {
    HeldTuple held = 0;
    RecordSetRef records;
    std::uint32_t record = 0;
    std::uint32_t lineage = 0;
    std::uint16_t input = 0;
    std::vector<Value> values;
};

/// The tuples of a window, as Storm's windowed bolts keep them (2.8): a tuple is held when it comes and acked when it
/// has left the last window that it belongs to, which is found out when the next one is evaluated. A window ends at
/// multiples of its slide and holds what lies behind its start, up to its end, the end included. With the time of
/// events, a watermark is made every second from the newest time of each input, less the lag; windows up to it are
/// evaluated, empty ones are not, and a tuple that is older than it is late, as one without a time is, which ends
/// Storm's worker. Results are anchored to the tuples that they were made from, not to all of the window as Storm's,
/// and to at most 65,535 roots. Beyond Storm: an input that rests for the time `idle` lets the watermark pass all
/// windows that are open. Left out: windows in time that slide by tuples and the other way round.
class WindowBuffer {
public:
    using Window = std::vector<const WindowTuple*>;
    /// Evaluates a window from `start` to `end`.
    using Evaluate = std::function<void(std::int64_t start, std::int64_t end, const Window& window)>;

    WindowBuffer() = default;
    explicit WindowBuffer(WindowSpec spec) : m_spec(std::move(spec)) {}

    void prepare(sim::Context& context, const OperatorSetup& setup);
    /// Takes the tuple at hand. False when it is late.
    bool take(BoltOutput& output, const TupleView& tuple, const Evaluate& evaluate);
    /// True when the message was a window's.
    bool handle(BoltOutput& output, const sim::Message& message, const Evaluate& evaluate);
    [[nodiscard]] std::uint64_t late() const { return m_late; }
    /// Tells the books that a tuple was made from these and goes on with the record of one.
    static void tellMerged(BoltOutput& output, const WindowTuple& one, std::span<const WindowTuple* const> parents);

private:
    using Place = std::pair<std::int64_t, std::uint64_t>;  ///< time and number

    [[nodiscard]] std::optional<std::int64_t> timeOf(BoltOutput& output, const TupleView& tuple) const;
    [[nodiscard]] std::int64_t aligned(std::int64_t time) const;
    void arm(sim::Context& context);
    void advance(BoltOutput& output, const Evaluate& evaluate);
    void fireUpTo(BoltOutput& output, std::int64_t watermark, const Evaluate& evaluate);
    bool evaluateEnd(BoltOutput& output, std::int64_t end, const Evaluate& evaluate);
    void evaluateCount(BoltOutput& output, const Evaluate& evaluate);
    void closeCount(BoltOutput& output, const Evaluate& evaluate);
    [[nodiscard]] bool rests(BoltOutput& output) const;
    void evaluateArrivals(BoltOutput& output, const Evaluate& evaluate);
    void expireUpTo(BoltOutput& output, std::int64_t time);

    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::min();

    WindowSpec m_spec;
    TaskId m_task;
    std::vector<std::size_t> m_timeFields;  // by input
    std::vector<std::int64_t> m_newest;     // by input
    SharedMap<Place, WindowTuple> m_tuples;
    std::uint64_t m_number = 0;
    std::uint64_t m_sinceEvaluation = 0;
    std::int64_t m_watermark = never;
    std::int64_t m_end = never;  ///< of the window that is evaluated next
    std::int64_t m_lastArrival = 0;
    SimTime m_nextTurn;
    std::uint64_t m_evaluatedBefore = 0;  ///< of arrivals: numbers below have been in a window
    std::uint64_t m_late = 0;
};

}  // namespace millrace::storm
