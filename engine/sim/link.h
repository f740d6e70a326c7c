#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/sim/context.h"

namespace millrace::sim {

/// How long a link rests before it connects again.
struct Backoff {
    SimDuration first{0};   ///< after the first failure; doubles with each further one in a row,
    SimDuration most{0};    ///< up to this;
    double jitter = 0;      ///< drawn from this share around it,
    SimDuration spread{0};  ///< and so many whole milliseconds later by chance, this excluded

    [[nodiscard]] static constexpr Backoff constant(SimDuration pause) { return {pause, pause, 0, SimDuration{0}}; }
    [[nodiscard]] SimDuration after(std::uint32_t failures, RandomStream& random) const;
};

/// Which alarms look after requests that have no answer yet.
enum class LinkWatch : std::uint8_t {
    First,              ///< one at a time, for the request that is due first; it outlives its connection
    FirstOfConnection,  ///< the same, but with its connection it becomes stale
    Each,               ///< one for each request, of which one is under way at a time; what was answered makes it stale
    EachUntilAnswered   ///< one for each request, cancelled with its answer
};

/// A conversation with a peer: one connection at a time, opened by this side; what was asked and has no answer yet, by
/// the asker's tags; the alarms over it; the rest before the next attempt. A value in the state of the actor that
/// talks.
///
/// It arms what its owner makes (the alarms' kinds and contents are the owner's) and decides nothing by itself: the
/// owner hands it the messages of its connection (`read`) and its alarms (`due`, `isOverdue`) and says what follows.
/// An alarm that carries its round is stale when the link has begun another one since. What watches a connection waits
/// *for* it, so that whatever comes of the silence has as cause what silenced the peer or the way to it.
class Link {
public:
    using Tag = std::uint64_t;
    enum class State : std::uint8_t { Closed, Connecting, Open, BackingOff };
    /// What a message of its connection means to the link.
    enum class News : std::uint8_t {
        None,    ///< nothing to the owner
        Opened,  ///< requests may be sent
        Lost,    ///< the connection is gone or was not made: closed, reset, refused, silent (`lossOf`)
        Message  ///< the peer's
    };
    /// What an alarm that carries its round means.
    enum class Due : std::uint8_t {
        Nothing,    ///< it is stale
        Reconnect,  ///< the rest is over
        Answer      ///< a request has had no answer in its time
    };
    static constexpr SimDuration connectPatience = std::chrono::seconds{10};

    explicit Link(LinkWatch watch = LinkWatch::First) : m_watch(watch) {}

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] bool isClosed() const { return m_state == State::Closed; }
    [[nodiscard]] bool isConnecting() const { return m_state == State::Connecting; }
    [[nodiscard]] bool isOpen() const { return m_state == State::Open; }
    [[nodiscard]] bool isBackingOff() const { return m_state == State::BackingOff; }
    /// Open, and nothing is under way.
    [[nodiscard]] bool isIdle() const { return isOpen() && m_sent.empty(); }
    [[nodiscard]] bool isConnected() const { return m_connection != noConnection; }  ///< or connecting
    [[nodiscard]] ConnectionId connection() const { return m_connection; }
    /// The connection, or the one that was given up last.
    [[nodiscard]] ConnectionId lastConnection() const { return isConnected() ? m_connection : m_left; }
    [[nodiscard]] bool owns(ConnectionId connection) const { return isConnected() && connection == m_connection; }
    /// It was this link's until it was given up: what still comes from it is for nobody.
    [[nodiscard]] bool hasLeft(ConnectionId connection) const { return m_left != noConnection && connection == m_left; }
    [[nodiscard]] std::size_t inFlight() const { return m_sent.size(); }
    [[nodiscard]] std::uint64_t round() const { return m_round; }
    /// When the peer was heard last, or the connection was begun.
    [[nodiscard]] SimTime heardAt() const { return m_heardAt; }

    /// Messages may be transmitted at once; they wait for the opening.
    void open(Context& context, HostId host, Port port, SimDuration patience = connectPatience);
    /// What needs no answer.
    void transmit(Context& context, MessageRef message) const;
    /// Asks; the answer is waited for so long. `makeAlarm(round)` makes what is armed, if anything is.
    template <class MakeAlarm>
    void request(Context& context, MessageRef message, Tag tag, SimDuration patience, MakeAlarm&& makeAlarm) {
        MILLRACE_CHECK(isConnected(), tag);
        transmit(context, std::move(message));
        m_sent.push_back({tag, context.now() + patience, noTimer});
        if (isForFirst()) {
            watch(context, makeAlarm);
            return;
        }
        m_round += m_watch == LinkWatch::Each ? 1 : 0;
        m_sent.back().alarm = context.waitFor(m_connection, patience, makeAlarm(m_round));
    }
    /// The oldest request has its answer: answers come in the order of requests.
    Tag answered();
    /// This one has; false when it is not under way.
    bool answered(Context& context, Tag tag);
    /// Looks at the connection's silence after so long.
    void watchSilence(Context& context, SimDuration after, MessageRef alarm) const {
        context.waitFor(m_connection, after, std::move(alarm));
    }
    News read(const Context& context, const Message& message);
    /// What has no answer, in the order of asking; forgotten with this.
    std::vector<Tag> takeUnanswered(Context& context);
    /// Gives the connection up, with all that is under way.
    void close(Context& context);
    /// Gives the connection up if there is one, and rests; `makeAlarm(round)` ends the rest.
    template <class MakeAlarm>
    void backOff(Context& context, const Backoff& backoff, RandomStream& random, MakeAlarm&& makeAlarm) {
        close(context);
        m_state = State::BackingOff;
        ++m_round;
        context.arm(backoff.after(m_failures++, random), makeAlarm(m_round));
    }
    template <class MakeAlarm>
    void backOff(Context& context, const Backoff& backoff, MakeAlarm&& makeAlarm) {
        backOff(context, backoff, context.random(), makeAlarm);
    }
    /// The rest is over.
    void endRest() { m_state = m_state == State::BackingOff ? State::Closed : m_state; }

    [[nodiscard]] Due due(std::uint64_t round);
    /// Of a link with one alarm at a time: whether the request that is due first is overdue; if it is not, the alarm is
    /// armed for what is.
    template <class MakeAlarm>
    [[nodiscard]] bool isOverdue(Context& context, MakeAlarm&& makeAlarm) {
        if (context.now() < m_watchedUntil) {
            return false;  // an earlier one took its place
        }
        m_watchedUntil = SimTime::max();
        if (firstDeadline() <= context.now()) {
            return true;
        }
        watch(context, makeAlarm);
        return false;
    }
    /// All alarms of before are stale.
    void beginRound() { ++m_round; }
    /// Counts its next round with others that may take its place, so that their alarms are never taken for each
    /// other's.
    void countWith(std::uint64_t& rounds) { m_round = rounds++; }

private:
    struct Sent {
        Tag tag = 0;
        SimTime deadline;
        TimerId alarm = noTimer;
    };

    [[nodiscard]] bool isForFirst() const {
        return m_watch == LinkWatch::First || m_watch == LinkWatch::FirstOfConnection;
    }
    [[nodiscard]] SimTime firstDeadline() const;
    void leave();
    template <class MakeAlarm>
    void watch(Context& context, MakeAlarm& makeAlarm) {
        const SimTime due = firstDeadline();
        if (due < m_watchedUntil) {
            m_watchedUntil = due;
            context.waitFor(m_connection, due - context.now(), makeAlarm(m_round));
        }
    }

    LinkWatch m_watch;
    State m_state = State::Closed;
    std::uint32_t m_failures = 0;  ///< in a row
    ConnectionId m_connection = noConnection;
    ConnectionId m_left = noConnection;
    std::uint64_t m_round = 0;
    SimTime m_heardAt;
    SimTime m_watchedUntil = SimTime::max();
    std::vector<Sent> m_sent;
};

/// Which of its owner's links a connection is of: noted when it is opened, forgotten when it is given up.
template <class Key>
class LinkIndex {
public:
    void note(ConnectionId connection, const Key& key) { m_entries.insert(placeOf(connection), {connection, key}); }
    void forget(ConnectionId connection) {
        if (const auto at = placeOf(connection); at != m_entries.end() && at->first == connection) {
            m_entries.erase(at);
        }
    }
    /// Null when it is none of them.
    [[nodiscard]] const Key* find(ConnectionId connection) const {
        const auto at = placeOf(connection);
        return at != m_entries.end() && at->first == connection ? &at->second : nullptr;
    }
    [[nodiscard]] bool contains(ConnectionId connection) const { return find(connection) != nullptr; }

private:
    using Entries = std::vector<std::pair<ConnectionId, Key>>;
    [[nodiscard]] typename Entries::const_iterator placeOf(ConnectionId connection) const {
        return std::lower_bound(
            m_entries.begin(), m_entries.end(), connection,
            [](const std::pair<ConnectionId, Key>& entry, ConnectionId id) { return entry.first < id; });
    }
    Entries m_entries;  ///< in order of connections
};

/// In words, for what tells a link's owner that the connection is gone or was not made: "connection refused".
[[nodiscard]] std::string_view lossOf(const Message& message);

}  // namespace millrace::sim
