#pragma once

#include "engine/sim/message.h"
#include "engine/zookeeper/types.h"

/// What a server tells itself: timers, and that something is on the disk.
namespace millrace::zookeeper {

struct ServerTimer final : sim::MessageBase<ServerTimer> {
    static constexpr std::string_view Name = "zookeeper.ServerTimer";
    [[nodiscard]] std::string summary() const override {
        static constexpr std::string_view words[] = {
            "next round of votes", "end of an election",     "deadline of the start",  "next try to reach the leader",
            "half a tick",         "time-out of a follower", "time-out of the leader", "end of a session"};
        return std::string{words[static_cast<std::size_t>(purpose)]};
    }
    enum class Purpose : std::uint8_t {
        Resend,         ///< votes, while looking
        Settle,         ///< argument: the election's stamp
        StartDeadline,  ///< leader or follower must be serving by now (initLimit)
        Reconnect,      ///< to a leader that did not take us yet
        Tick,           ///< half a tick, of the leader
        LinkSilent,     ///< argument: the follower's connection
        LeaderSilent,
        Expiry  ///< argument: the session
    };
    Purpose purpose;
    std::uint64_t term;
    std::uint64_t argument;
    ServerTimer(Purpose what, std::uint64_t when, std::uint64_t about = 0)
        : purpose(what), term(when), argument(about) {}
    void digest(Digest& digest) const override {
        digest.add(static_cast<std::uint32_t>(purpose));
        digest.add(term);
        digest.add(argument);
    }
};

struct Flushed final : sim::MessageBase<Flushed> {
    static constexpr std::string_view Name = "zookeeper.Flushed";
    enum class What : std::uint8_t {
        Transaction,    ///< the log, up to `zxid`
        OwnEpoch,       ///< leader: the new epoch is accepted
        AcceptedEpoch,  ///< follower: the new epoch is accepted
        History,        ///< the log after a synchronisation: the epoch file comes next
        NewLeader,      ///< the epoch file: the new leader's history is this server's
        Installed,      ///< follower: the leader's snapshot
        Snapshot        ///< an own snapshot
    };
    What what;
    std::uint64_t term;
    Zxid zxid;
    Flushed(What it, std::uint64_t when, Zxid upTo = {}) : what(it), term(when), zxid(upTo) {}
    void digest(Digest& digest) const override {
        digest.add(static_cast<std::uint32_t>(what));
        digest.add(term);
        digest.add(zxid.value);
    }
};

}  // namespace millrace::zookeeper
