#include "engine/sim/link.h"

namespace millrace::sim {

SimDuration Backoff::after(std::uint32_t failures, RandomStream& random) const {
    SimDuration pause = std::min(first, most);
    for (std::uint32_t doubled = 0; doubled < failures && pause > SimDuration{0} && pause < most; ++doubled) {
        pause = pause > most / 2 ? most : pause * 2;  // a rest may be longer than half of all time
    }
    if (jitter > 0) {
        pause = fromSeconds(seconds(pause) * (1.0 - jitter + 2 * jitter * random.uniform()));
    }
    if (spread > SimDuration{0}) {
        const auto choices = std::chrono::duration_cast<std::chrono::milliseconds>(spread).count();
        pause += std::chrono::milliseconds{random.below(static_cast<std::uint64_t>(choices))};
    }
    return pause;
}

void Link::open(Context& context, HostId host, Port port, SimDuration patience) {
    MILLRACE_CHECK(!isConnected(), m_connection.value);
    ++m_round;
    m_connection = context.connect(host, port, patience);
    m_state = State::Connecting;
    m_heardAt = context.now();
}

void Link::transmit(Context& context, MessageRef message) const {
    if (isConnected()) {
        context.transmit(m_connection, std::move(message));
    }
}

Link::Tag Link::answered() {
    MILLRACE_CHECK(!m_sent.empty());
    MILLRACE_CHECK(m_watch != LinkWatch::EachUntilAnswered);
    const Tag tag = m_sent.front().tag;
    m_sent.erase(m_sent.begin());
    m_round += m_watch == LinkWatch::Each ? 1 : 0;
    return tag;
}

bool Link::answered(Context& context, Tag tag) {
    const auto at = std::find_if(m_sent.begin(), m_sent.end(), [&](const Sent& sent) { return sent.tag == tag; });
    if (at == m_sent.end()) {
        return false;
    }
    if (m_watch == LinkWatch::EachUntilAnswered) {
        context.cancel(at->alarm);
    }
    m_sent.erase(at);
    m_round += m_watch == LinkWatch::Each ? 1 : 0;
    return true;
}

Link::News Link::read(const Context& context, const Message& message) {
    m_heardAt = context.now();
    if (message.as<ConnectionOpened>() != nullptr) {
        m_state = State::Open;
        m_failures = 0;
        return News::Opened;
    }
    if (message.as<ConnectionFailed>() != nullptr || message.as<ConnectionClosed>() != nullptr) {
        leave();
        return News::Lost;
    }
    return message.as<ConnectionWritable>() != nullptr ? News::None : News::Message;
}

std::vector<Link::Tag> Link::takeUnanswered(Context& context) {
    std::vector<Tag> tags;
    tags.reserve(m_sent.size());
    for (const Sent& sent : m_sent) {
        tags.push_back(sent.tag);
        if (m_watch == LinkWatch::EachUntilAnswered) {
            context.cancel(sent.alarm);
        }
    }
    m_sent.clear();
    return tags;
}

void Link::close(Context& context) {
    if (isConnected()) {
        context.close(m_connection);
        leave();
    }
    m_state = State::Closed;
    (void)takeUnanswered(context);
    if (m_watch == LinkWatch::FirstOfConnection) {
        m_watchedUntil = SimTime::max();
    }
}

void Link::leave() {
    m_left = std::exchange(m_connection, noConnection);
    m_state = State::Closed;
}

Link::Due Link::due(std::uint64_t round) {
    if (round != m_round) {
        return Due::Nothing;
    }
    if (isBackingOff()) {
        endRest();
        return Due::Reconnect;
    }
    return m_sent.empty() ? Due::Nothing : Due::Answer;
}

SimTime Link::firstDeadline() const {
    SimTime first = SimTime::max();
    for (const Sent& sent : m_sent) {
        first = std::min(first, sent.deadline);
    }
    return first;
}

std::string_view lossOf(const Message& message) {
    if (const auto* failed = message.as<ConnectionFailed>()) {
        return failed->reason == ConnectionFailed::Reason::Refused ? "connection refused" : "connection timed out";
    }
    const auto* closed = message.as<ConnectionClosed>();
    MILLRACE_CHECK(closed != nullptr, message.summary());
    switch (closed->reason) {
        case ConnectionClosed::Reason::Closed:
            return "connection closed";
        case ConnectionClosed::Reason::Reset:
            return "connection reset";
        case ConnectionClosed::Reason::TimedOut:
            break;
    }
    return "connection silent";
}

}  // namespace millrace::sim
