#include "engine/storm/operators/window_buffer.h"

#include <algorithm>
#include <cmath>

#include "engine/flow/datum.h"
#include "engine/storm/cost.h"
#include "engine/storm/operators/datums.h"
#include "engine/storm/operators/text_bolts.h"

namespace millrace::storm {

namespace {

// A queue's entry at the arrival; at each evaluation the list of the window is walked and copied.
constexpr CpuTime perArrival{250};
constexpr CpuTime perTupleOfWindow{40};

/// To itself: a watermark is due, or a window of arrival times.
struct WindowDue final : sim::MessageBase<WindowDue> {
    static constexpr std::string_view Name = "storm.WindowDue";
    TaskId task;
    explicit WindowDue(TaskId whose) : task(whose) {}
    void digest(Digest& digest) const override { digest.add(task.value); }
};

std::int64_t millisecondsOf(const flow::ParameterValues& values, std::string_view key) {
    const auto duration = values.duration(key);
    return duration ? std::chrono::floor<std::chrono::milliseconds>(*duration).count() : 0;
}

}  // namespace

void WindowSpec::digest(Digest& to) const {
    for (const std::int64_t each : {length, slide, count, slideCount, lag, watermarkEvery, idle.value_or(-1)}) {
        to.add(each);
    }
    to.add(std::string_view{timeField});
}

void WindowBuffer::prepare(sim::Context& context, const OperatorSetup& setup) {
    m_task = setup.task;
    m_newest.assign(setup.self().inputs.size(), never);
    m_nextTurn = context.now();
    if (!m_spec.timeField.empty()) {
        m_timeFields = fieldIndices(setup.self(), m_spec.timeField);
    }
    arm(context);
}

/// At a fixed rate: a turn that is late does not make the next one later.
void WindowBuffer::arm(sim::Context& context) {
    if (m_spec.count == 0 || m_spec.idle) {
        const bool isByWatermark = m_spec.isOfEvents() || m_spec.count > 0;
        const std::int64_t wait = isByWatermark ? m_spec.watermarkEvery : m_spec.slide;
        m_nextTurn = std::max(m_nextTurn + std::chrono::milliseconds{wait}, context.now());
        context.arm(m_nextTurn - context.now(), makeRef<WindowDue>(m_task));
    }
}

std::optional<std::int64_t> WindowBuffer::timeOf(BoltOutput& output, const TupleView& tuple) const {
    if (m_spec.timeField.empty()) {
        return output.context().clockMillis();
    }
    const auto number = flow::asNumber(datumOf(tuple.value(m_timeFields[tuple.input()])));
    constexpr double most = 4e15;
    return number && std::abs(*number) < most ? std::optional(static_cast<std::int64_t>(*number)) : std::nullopt;
}

bool WindowBuffer::take(BoltOutput& output, const TupleView& tuple, const Evaluate& evaluate) {
    output.spend(perArrival);
    const auto time = timeOf(output, tuple);
    m_lastArrival = output.context().clockMillis();
    if (!time) {
        ++m_late;  // no time at all is no better
        return false;
    }
    if (m_spec.isOfEvents()) {
        m_newest[tuple.input()] = std::max(m_newest[tuple.input()], *time);
        if (*time < m_watermark) {
            ++m_late;
            return false;
        }
    }
    WindowTuple kept;
    kept.held = output.hold();
    kept.records = tuple.recordSet();
    kept.record = tuple.recordIndex();
    kept.lineage = tuple.lineage();
    kept.input = tuple.input();
    kept.values.assign(tuple.values().begin(), tuple.values().end());
    const std::uint64_t number = m_number++;
    // Of a window by count the order is that of the arrivals.
    m_tuples.set(Place{m_spec.count > 0 ? 0 : *time, number}, std::move(kept));
    if (m_spec.count > 0 && ++m_sinceEvaluation >= static_cast<std::uint64_t>(m_spec.slideCount)) {
        evaluateCount(output, evaluate);
    }
    return true;
}

bool WindowBuffer::handle(BoltOutput& output, const sim::Message& message, const Evaluate& evaluate) {
    const auto* due = message.as<WindowDue>();
    if (due == nullptr || due->task != m_task) {
        return false;
    }
    arm(output.context());
    if (m_spec.count > 0) {
        closeCount(output, evaluate);
    } else if (m_spec.isOfEvents()) {
        advance(output, evaluate);
    } else {
        evaluateArrivals(output, evaluate);
    }
    return true;
}

void WindowBuffer::advance(BoltOutput& output, const Evaluate& evaluate) {
    const auto [slowest, fastest] = std::minmax_element(m_newest.begin(), m_newest.end());
    if (rests(output) && !m_tuples.empty()) {
        const std::int64_t all = aligned(*fastest) + m_spec.length;
        fireUpTo(output, all, evaluate);
        m_watermark = std::max(m_watermark, all + 1);  // what comes of these windows is late
        expireUpTo(output, all);
        return;
    }
    if (*slowest == never) {
        return;  // an input has said nothing yet
    }
    const std::int64_t watermark = *slowest - m_spec.lag;
    if (watermark > m_watermark) {
        m_watermark = watermark;
        fireUpTo(output, watermark, evaluate);
    }
}

bool WindowBuffer::rests(BoltOutput& output) const {
    return m_spec.idle && output.context().clockMillis() - m_lastArrival >= *m_spec.idle;
}

/// The first end of a window at or behind a time.
std::int64_t WindowBuffer::aligned(std::int64_t time) const {
    const std::int64_t rest = time % m_spec.slide;
    return rest == 0 ? time : time + m_spec.slide - (rest < 0 ? rest + m_spec.slide : rest);
}

void WindowBuffer::fireUpTo(BoltOutput& output, std::int64_t watermark, const Evaluate& evaluate) {
    if (m_tuples.empty()) {
        return;
    }
    if (m_end == never) {
        m_end = aligned((*m_tuples.begin()).first.first);
    }
    while (m_end <= watermark) {
        if (evaluateEnd(output, m_end, evaluate)) {
            m_end += m_spec.slide;
            continue;
        }
        // Nothing lies there: on to the first window that has a tuple.
        const auto next = m_tuples.lowerBound(Place{m_end + 1, 0});
        if (!(next != m_tuples.end()) || (*next).first.first > watermark) {
            return;
        }
        m_end = aligned((*next).first.first);
    }
}

void WindowBuffer::expireUpTo(BoltOutput& output, std::int64_t time) {
    while (!m_tuples.empty() && (*m_tuples.begin()).first.first <= time) {
        const Place place = (*m_tuples.begin()).first;
        output.ack((*m_tuples.begin()).second.held);
        m_tuples.erase(place);
    }
}

/// All that came since the window before began, and no less than has come since it was evaluated: an evaluation that is
/// late leaves nothing out.
void WindowBuffer::evaluateArrivals(BoltOutput& output, const Evaluate& evaluate) {
    const std::int64_t now = output.context().clockMillis();
    const std::int64_t start = now - m_spec.length;
    while (!m_tuples.empty()) {
        const Place place = (*m_tuples.begin()).first;
        if (place.first > start || place.second >= m_evaluatedBefore) {
            break;
        }
        output.ack((*m_tuples.begin()).second.held);
        m_tuples.erase(place);
    }
    Window window;
    for (auto at = m_tuples.begin(); at != m_tuples.end(); ++at) {
        window.push_back(&(*at).second);
    }
    m_evaluatedBefore = m_number;
    if (!window.empty()) {
        output.spend(perTupleOfWindow * static_cast<std::int64_t>(window.size()));
        evaluate(start, now, window);
    }
}

bool WindowBuffer::evaluateEnd(BoltOutput& output, std::int64_t end, const Evaluate& evaluate) {
    expireUpTo(output, end - m_spec.length);
    Window window;
    for (auto at = m_tuples.begin(); at != m_tuples.end() && (*at).first.first <= end; ++at) {
        window.push_back(&(*at).second);
    }
    if (window.empty()) {
        return false;
    }
    output.spend(perTupleOfWindow * static_cast<std::int64_t>(window.size()));
    evaluate(end - m_spec.length, end, window);
    return true;
}

/// What is left of a window by count when nothing comes any more.
void WindowBuffer::closeCount(BoltOutput& output, const Evaluate& evaluate) {
    if (!rests(output) || m_tuples.empty()) {
        return;
    }
    if (m_sinceEvaluation > 0) {
        evaluateCount(output, evaluate);
    }
    expireUpTo(output, 0);
}

/// The newest tuples, of those that were evaluated before as many as windows overlap.
void WindowBuffer::evaluateCount(BoltOutput& output, const Evaluate& evaluate) {
    const std::int64_t overlap = std::max<std::int64_t>(0, m_spec.count - m_spec.slideCount);
    const auto kept =
        static_cast<std::uint64_t>(std::min(m_spec.count, overlap + static_cast<std::int64_t>(m_sinceEvaluation)));
    m_sinceEvaluation = 0;
    while (m_tuples.size() > kept) {
        const Place place = (*m_tuples.begin()).first;
        output.ack((*m_tuples.begin()).second.held);
        m_tuples.erase(place);
    }
    Window window;
    for (auto at = m_tuples.begin(); at != m_tuples.end(); ++at) {
        window.push_back(&(*at).second);
    }
    output.spend(perTupleOfWindow * static_cast<std::int64_t>(window.size()));
    const auto last = static_cast<std::int64_t>((*m_tuples.last()).first.second);
    evaluate(last + 1 - static_cast<std::int64_t>(window.size()), last, window);
}

void WindowBuffer::tellMerged(BoltOutput& output, const WindowTuple& one, std::span<const WindowTuple* const> parents) {
    if (!output.context().isListenedTo()) {
        return;
    }
    const SourceRecord& record = one.records->records[one.record];
    const auto merged = makeRef<ingest::RecordsMerged>();
    merged->source = record.source;
    merged->position = record.position;
    for (const WindowTuple* each : parents) {
        const SourceRecord& parent = each->records->records[each->record];
        merged->parents.emplace_back(parent.source, parent.position);
    }
    output.context().tell(merged);
}

std::vector<flow::Parameter> windowParameters() {
    using Type = flow::ParameterType;
    const auto duration = [](std::string_view key, std::string_view help, std::string_view blank) {
        return flow::Parameter{
            .key = key, .type = Type::Duration, .help = help, .least = 0.001, .most = 604'800, .blank = blank};
    };
    flow::Parameter length = duration("length", "How long a window is.", "by count");
    length.start = "10s";
    return {std::move(length),
            duration("slide", "How long after the other windows end; without it they tumble.", "as long as a window"),
            {.key = "tuples",
             .type = Type::Integer,
             .help = "Instead of a length: how many tuples a window has.",
             .least = 1,
             .most = 1'000'000,
             .blank = "by time"},
            {.key = "slide_tuples",
             .type = Type::Integer,
             .help = "After how many tuples the next window ends.",
             .least = 1,
             .most = 1'000'000,
             .blank = "as many as a window has"},
            {.key = "time",
             .type = Type::Field,
             .help = "The field with the time of an event, in milliseconds since 1970; without it, time is "
                     "when tuples arrive.",
             .blank = "when tuples arrive"},
            {.key = "lag",
             .type = Type::Duration,
             .help = "With the time of events: how much out of order tuples may come (withLag); later ones are late.",
             .defaultText = "0s",
             .most = 604'800},
            {.key = "watermark_every",
             .type = Type::Duration,
             .help = "How often a watermark is made (topology.bolts.watermark.event.interval.ms).",
             .readWhen = {{"time"}, {"idle"}},  // by either it looks from time to time
             .defaultText = "1s",
             .least = 0.001,
             .most = 3'600},
            duration("idle", "Beyond Storm: when nothing has come for so long, open windows are evaluated.",
                     "never, as in Storm")};
}

Result<WindowSpec, BoltTrouble> windowSpec(const flow::ParameterValues& values) {
    WindowSpec spec;
    spec.length = millisecondsOf(values, "length");
    spec.slide = values.duration("slide") ? millisecondsOf(values, "slide") : spec.length;
    spec.count = values.integer("tuples").value_or(0);
    spec.slideCount = values.integer("slide_tuples").value_or(spec.count);
    spec.timeField = values.text("time");
    spec.lag = millisecondsOf(values, "lag");
    spec.watermarkEvery = std::max<std::int64_t>(1, millisecondsOf(values, "watermark_every"));
    if (values.duration("idle")) {
        spec.idle = millisecondsOf(values, "idle");
    }
    if ((spec.length > 0) == (spec.count > 0)) {
        return boltTrouble("length", "a window has a length or a number of tuples (\"tuples\"), one of the two");
    }
    if (spec.count > 0 && (values.duration("slide") || !spec.timeField.empty())) {
        return boltTrouble(values.duration("slide") ? "slide" : "time",
                           "a window by number of tuples slides by tuples (\"slide_tuples\") and has no times");
    }
    if (spec.length > 0 && values.integer("slide_tuples")) {
        return boltTrouble("slide_tuples", "a window of a length slides by a time (\"slide\")");
    }
    if (spec.timeField.empty() && spec.lag > 0) {
        return boltTrouble("lag", "without the time of events (\"time\") nothing is late");
    }
    if (spec.timeField.empty() && spec.length > 0 && spec.idle) {
        return boltTrouble("idle", "windows of arrivals are evaluated by the clock, whether something comes or not");
    }
    return spec;
}

}  // namespace millrace::storm
