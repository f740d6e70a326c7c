#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/sim/message.h"
#include "engine/zookeeper/tree.h"
#include "engine/zookeeper/types.h"

/// What clients and servers, and servers among each other, tell each other over connections.
namespace millrace::zookeeper {

// --- client port ----------------------------------------------------------------------------------------------------

/// First on a connection: a new session (`noSession`), or the one that the client already holds.
struct ClientConnect final : sim::MessageBase<ClientConnect> {
    static constexpr std::string_view Name = "zookeeper.ClientConnect";
    std::string name;
    SessionId session;
    SimDuration timeout{0};
    Zxid lastZxid;  ///< newest the client has seen; a server behind it must not serve it
    void digest(Digest& digest) const override;
};

/// `noSession`: the session has expired.
struct ClientConnected final : sim::MessageBase<ClientConnected> {
    static constexpr std::string_view Name = "zookeeper.ClientConnected";
    SessionId session;
    SimDuration timeout{0};
    void digest(Digest& digest) const override;
};

struct ClientRequest final : sim::MessageBase<ClientRequest> {
    static constexpr std::string_view Name = "zookeeper.ClientRequest";
    std::uint64_t xid = 0;
    OpCode code = OpCode::Exists;
    std::vector<Operation> operations;  ///< one; several in a Multi; none in CloseSession
    [[nodiscard]] bool isWrite() const;
    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

struct ClientResponse final : sim::MessageBase<ClientResponse> {
    static constexpr std::string_view Name = "zookeeper.ClientResponse";
    std::uint64_t xid = 0;
    Zxid zxid;
    ErrorCode error = ErrorCode::Ok;
    std::string path;
    std::string data;
    Stat stat;
    std::vector<std::string> children;
    std::vector<OperationResult> results;
    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

struct WatchNotification final : sim::MessageBase<WatchNotification> {
    static constexpr std::string_view Name = "zookeeper.WatchNotification";
    std::string path;
    WatchEvent event = WatchEvent::NodeDataChanged;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

enum class WatchKind : std::uint8_t { Data, Exists, Children };

/// After a reconnect: the watches that the client still waits for, and what it had seen when it left.
struct SetWatches final : sim::MessageBase<SetWatches> {
    static constexpr std::string_view Name = "zookeeper.SetWatches";
    Zxid lastZxid;
    std::vector<std::pair<std::string, WatchKind>> watches;
    void digest(Digest& digest) const override;
};

/// Heartbeat of a session; the server sends one back.
struct ClientPing final : sim::MessageBase<ClientPing> {
    static constexpr std::string_view Name = "zookeeper.ClientPing";
    void digest(Digest&) const override {}
};

// --- election port --------------------------------------------------------------------------------------------------

enum class ServerState : std::uint8_t { Looking, Following, Leading };
[[nodiscard]] std::string_view toText(ServerState state);

/// Whom a server wants as leader, and why: the newest epoch, then the newest transaction, then the greatest id wins.
struct Vote {
    ServerId leader = noServer;
    Zxid zxid;
    std::uint32_t epoch = 0;
    friend bool operator==(const Vote&, const Vote&) = default;
};

struct Notification final : sim::MessageBase<Notification> {
    static constexpr std::string_view Name = "zookeeper.Notification";
    ServerId from;
    ServerState state = ServerState::Looking;
    Vote vote;
    std::uint64_t round = 0;  ///< of the election
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

// --- quorum port: discovery, synchronisation, broadcast (Zab 1.0)
// -----------------------------------------------------

struct FollowerInfo final : sim::MessageBase<FollowerInfo> {
    static constexpr std::string_view Name = "zookeeper.FollowerInfo";
    ServerId from;
    std::uint32_t acceptedEpoch = 0;
    void digest(Digest& digest) const override;
};
struct LeaderInfo final : sim::MessageBase<LeaderInfo> {
    static constexpr std::string_view Name = "zookeeper.LeaderInfo";
    std::uint32_t newEpoch = 0;
    void digest(Digest& digest) const override;
};
struct AckEpoch final : sim::MessageBase<AckEpoch> {
    static constexpr std::string_view Name = "zookeeper.AckEpoch";
    std::uint32_t currentEpoch = 0;
    Zxid lastZxid;
    bool counts = true;  ///< false: this epoch was acknowledged before, which must not count twice
    void digest(Digest& digest) const override;
};

/// Brings a follower to the leader's history: the tail it lacks (Diff), first cutting what nobody committed (Trunc), or
/// the whole tree (Snap). Ends with the new leader's claim, which the follower acknowledges when all of it is on disk.
struct Synchronise final : sim::MessageBase<Synchronise> {
    static constexpr std::string_view Name = "zookeeper.Synchronise";
    enum class Mode : std::uint8_t { Diff, Trunc, Snap };
    Mode mode = Mode::Diff;
    Zxid truncateTo;  ///< of Trunc
    Tree snapshot;    ///< of Snap
    std::vector<TransactionRef> tail;
    Zxid committed;  ///< of the tail, this much is committed
    std::uint32_t newEpoch = 0;
    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};
[[nodiscard]] std::string_view toText(Synchronise::Mode mode);

struct AckNewLeader final : sim::MessageBase<AckNewLeader> {
    static constexpr std::string_view Name = "zookeeper.AckNewLeader";
    Zxid logged;
    void digest(Digest& digest) const override { digest.add(logged.value); }
};
/// The follower may serve clients.
struct UpToDate final : sim::MessageBase<UpToDate> {
    static constexpr std::string_view Name = "zookeeper.UpToDate";
    Zxid committed;
    void digest(Digest& digest) const override { digest.add(committed.value); }
};
struct Proposal final : sim::MessageBase<Proposal> {
    static constexpr std::string_view Name = "zookeeper.Proposal";
    TransactionRef transaction;
    [[nodiscard]] ByteCount wireSize() const override { return transaction->size() + 24; }
    void digest(Digest& digest) const override { digest.add(transaction->digest()); }
    [[nodiscard]] std::string summary() const override;
};
/// Everything up to `logged` is on the follower's disk.
struct ProposalAck final : sim::MessageBase<ProposalAck> {
    static constexpr std::string_view Name = "zookeeper.ProposalAck";
    Zxid logged;
    void digest(Digest& digest) const override { digest.add(logged.value); }
};
struct Commit final : sim::MessageBase<Commit> {
    static constexpr std::string_view Name = "zookeeper.Commit";
    Zxid committed;
    void digest(Digest& digest) const override { digest.add(committed.value); }
};
/// A write that a follower got from one of its clients.
struct ForwardedWrite final : sim::MessageBase<ForwardedWrite> {
    static constexpr std::string_view Name = "zookeeper.ForwardedWrite";
    WriteRequest request;
    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};
/// A client with a session from elsewhere has come to a follower: may it go on?
struct Revalidate final : sim::MessageBase<Revalidate> {
    static constexpr std::string_view Name = "zookeeper.Revalidate";
    SessionId session;
    void digest(Digest& digest) const override { digest.add(session.value); }
};
struct Revalidated final : sim::MessageBase<Revalidated> {
    static constexpr std::string_view Name = "zookeeper.Revalidated";
    SessionId session;
    bool isValid = false;
    void digest(Digest& digest) const override;
};
struct LeaderPing final : sim::MessageBase<LeaderPing> {
    static constexpr std::string_view Name = "zookeeper.LeaderPing";
    void digest(Digest&) const override {}
};
/// With the sessions heard of since the last one.
struct FollowerPing final : sim::MessageBase<FollowerPing> {
    static constexpr std::string_view Name = "zookeeper.FollowerPing";
    std::vector<SessionId> touched;
    [[nodiscard]] ByteCount wireSize() const override { return 64 + 12 * static_cast<ByteCount>(touched.size()); }
    void digest(Digest& digest) const override;
};
/// To the follower whose client asked: all that was committed before has been sent.
struct SyncDone final : sim::MessageBase<SyncDone> {
    static constexpr std::string_view Name = "zookeeper.SyncDone";
    SessionId session;
    std::uint64_t xid = 0;
    void digest(Digest& digest) const override;
};

}  // namespace millrace::zookeeper
