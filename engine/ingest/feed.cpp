#include "engine/ingest/feed.h"

#include <algorithm>

#include "engine/base/check.h"

namespace millrace::ingest {

FeedCursor::FeedCursor(Ref<const FeedSpec> spec) : m_spec(std::move(spec)), m_state(makeRef<State>()) {
    m_state->model = m_spec->model->clone();
    m_state->flaws = FlawMaker(m_spec->flaws, m_spec->seed, m_spec->name);
    m_state->next = m_spec->begin;
    if (m_spec->isTimed) {
        m_state->next += fromSeconds(m_state->model->gap(m_spec->begin));
    }
    lookAhead();
}

bool FeedCursor::isDry() const {
    const State& state = *m_state;
    return (m_spec->readingsMax && state.readings >= *m_spec->readingsMax) || state.model->isAtEnd();
}

SimTime FeedCursor::nextDue() const {
    return exhausted() ? SimTime::max() : (*m_state->waiting.begin()).first.first;
}

void FeedCursor::enter(State& state, Waiting waiting) {
    const std::pair key{waiting.truth.due, state.entered++};
    state.waiting.set(key, std::move(waiting));
}

/// Takes readings until none that is still to be read can come before the first that waits.
void FeedCursor::lookAhead() {
    State& state = writable(m_state);
    if (state.model->isShared()) {
        state.model = cloned([&] { return state.model->clone(); });
    }
    Reading reading;
    while (!isDry() && (state.waiting.empty() || state.next < nextDue())) {
        const SimTime due = state.next;
        reading.isAnomaly = false;
        reading.stampedOff = SimDuration{0};
        reading.values.clear();
        reading.text.clear();
        reading.key.clear();
        reading.startMillis = m_spec->flaws.startMillis;
        state.model->read(due, reading);
        const double gap = state.model->isAtEnd() ? 0 : state.model->gap(due);
        if (m_spec->isTimed) {
            state.next += fromSeconds(gap);
        } else {
            state.next = after(due, gap);
        }
        Waiting waiting;
        waiting.truth.reading = state.readings++;
        waiting.truth.measured = due;
        if (state.flaws.isMissing(reading.key)) {
            ++state.missing;
            continue;
        }
        waiting.truth.flaws = state.flaws.stamp(reading, due, m_spec->layout);
        if (m_spec->format != nullptr) {
            if (m_spec->flaws.formChange.at) {
                Layout layout = m_spec->layout;
                m_spec->flaws.formChange.apply(due, layout, reading.values);
                m_spec->format->write(layout, reading.values, waiting.text);
            } else {
                m_spec->format->write(m_spec->layout, reading.values, waiting.text);
            }
        } else {
            waiting.text = reading.text;
        }
        if (state.flaws.damageText(waiting.text)) {
            waiting.truth.flaws |= Damaged;
        }
        waiting.key = reading.key;
        const SimDuration late = state.flaws.lateness();
        if (late > SimDuration{0}) {
            waiting.truth.flaws |= Late;
        }
        waiting.truth.due = due + late;
        if (const auto again = state.flaws.copyAfter()) {
            Waiting copy = waiting;
            copy.truth.flaws |= Copied;
            copy.truth.due += *again;
            enter(state, std::move(copy));
        }
        enter(state, std::move(waiting));
    }
}

RecordTruth FeedCursor::take() {
    MILLRACE_CHECK(!exhausted());
    State& state = writable(m_state);
    const auto first = state.waiting.begin();
    const auto key = (*first).first;
    RecordTruth truth = (*first).second.truth;
    m_key = (*first).second.key;
    m_text = (*first).second.text;
    state.waiting.erase(key);
    truth.position = state.position++;
    lookAhead();
    return truth;
}

SimTime FeedCursor::after(SimTime due, double gap) const {
    const double shape = m_spec->shape.factorAt(due);
    double rate = m_spec->rate;
    SimTime at = due;
    for (const FeedSpec::RateStep& step : m_spec->rateSteps) {
        if (step.from > at) {
            const SimTime end = rate > 0 ? at + fromSeconds(gap / (rate * shape)) : at;
            if (end <= step.from) {
                return end;
            }
            gap -= seconds(step.from - at) * rate * shape;
            at = step.from;
        }
        rate = step.rate;
    }
    return rate > 0 ? at + fromSeconds(gap / (rate * shape)) : at;
}

void FeedCursor::setRate(double recordsPerSecond, SimTime now) {
    auto spec = makeRef<FeedSpec>(*m_spec);
    spec->rateSteps.push_back({now, recordsPerSecond});
    follow(std::move(spec), now);
}

void FeedCursor::follow(Ref<const FeedSpec> spec, SimTime now) {
    m_spec = std::move(spec);
    State& state = writable(m_state);
    const double rate = m_spec->rateSteps.empty() ? m_spec->rate : m_spec->rateSteps.back().rate;
    if (rate > 0 && !m_spec->isTimed && state.next > now) {
        state.next = std::min(state.next, now + fromSeconds(1 / rate));
    }
    lookAhead();
}

}  // namespace millrace::ingest
