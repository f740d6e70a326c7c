#pragma once

#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/digest.h"
#include "engine/base/ref.h"
#include "engine/base/strong.h"
#include "engine/sim/ids.h"

namespace millrace::sim {

/// Stable number of a kind of message: a hash of its name, so that it is the same in every build.
using MessageKind = Strong<struct MessageKindTag, std::uint32_t>;

[[nodiscard]] constexpr MessageKind messageKind(std::string_view name) {
    return MessageKind{nameHash32(name)};
}

/// Of a type with a `Name`.
template <class T>
inline constexpr MessageKind messageKindOf = messageKind(T::Name);

/// What actors tell each other: immutable from the moment it is sent, counted, pooled.
/// `digest` covers all that influences the receiver; `wireSize` is what the network carries; `summary` is for people.
class Message : public Counted {
public:
    [[nodiscard]] virtual MessageKind kind() const = 0;
    [[nodiscard]] virtual std::string_view kindName() const = 0;
    /// Bytes on the wire, framing included.
    [[nodiscard]] virtual ByteCount wireSize() const { return 64; }
    virtual void digest(Digest& digest) const = 0;
    [[nodiscard]] virtual std::string summary() const { return std::string{kindName()}; }

    /// The content's digest, computed once.
    [[nodiscard]] std::uint64_t contentDigest() const {
        if (m_digest == 0) {
            Digest digest;
            this->digest(digest);
            m_digest = digest.value() | 1U;
        }
        return m_digest;
    }

    template <class T>
    [[nodiscard]] const T* as() const {
        return kind() == messageKindOf<T> ? static_cast<const T*>(this) : nullptr;
    }

protected:
    Message() = default;
    Message(const Message& other) : Counted(other) {}
    Message& operator=(const Message&) = delete;

private:
    mutable std::uint64_t m_digest = 0;
};
using MessageRef = Ref<const Message>;

/// Usage: `struct Ping final : MessageBase<Ping> { static constexpr std::string_view Name = "demo.Ping"; ... };`
/// Two types with one name would be taken for each other: names are `<room>.<Type>`.
template <class Derived>
class MessageBase : public Message {
public:
    [[nodiscard]] MessageKind kind() const final { return messageKindOf<Derived>; }
    [[nodiscard]] std::string_view kindName() const final { return Derived::Name; }
};

// --- What the simulator itself tells actors -------------------------------------------------------------------------

/// To the connecting actor: the peer accepted; data may flow. `Context::connection()` says which connection.
struct ConnectionOpened final : MessageBase<ConnectionOpened> {
    static constexpr std::string_view Name = "sim.ConnectionOpened";
    void digest(Digest&) const override {}
};

/// To the connecting actor: nobody listens there (host up), or no answer came in time (host off, path cut).
struct ConnectionFailed final : MessageBase<ConnectionFailed> {
    static constexpr std::string_view Name = "sim.ConnectionFailed";
    enum class Reason : std::uint8_t { Refused, TimedOut };
    Reason reason = Reason::Refused;
    explicit ConnectionFailed(Reason why) : reason(why) {}
    void digest(Digest& digest) const override { digest.add(static_cast<std::uint64_t>(reason)); }
};

/// To the listening actor: a peer has connected.
struct ConnectionAccepted final : MessageBase<ConnectionAccepted> {
    static constexpr std::string_view Name = "sim.ConnectionAccepted";
    HostId peerHost;
    ProcessId peer;
    Port port;
    ConnectionAccepted(HostId host, ProcessId process, Port at) : peerHost(host), peer(process), port(at) {}
    void digest(Digest& digest) const override {
        digest.add(peer.value);
        digest.add(static_cast<std::uint64_t>(port.value));
    }
};

/// To the surviving end: closed in order by the peer, reset because the peer died, or given up after TCP's time-out.
struct ConnectionClosed final : MessageBase<ConnectionClosed> {
    static constexpr std::string_view Name = "sim.ConnectionClosed";
    enum class Reason : std::uint8_t { Closed, Reset, TimedOut };
    Reason reason = Reason::Closed;
    explicit ConnectionClosed(Reason why) : reason(why) {}
    void digest(Digest& digest) const override { digest.add(static_cast<std::uint64_t>(reason)); }
};

/// To the sending actor, after `unsent` had reached the window: it has drained to half of it.
struct ConnectionWritable final : MessageBase<ConnectionWritable> {
    static constexpr std::string_view Name = "sim.ConnectionWritable";
    void digest(Digest&) const override {}
};

/// To an actor that takes stops: the process is to end in order.
struct StopRequested final : MessageBase<StopRequested> {
    static constexpr std::string_view Name = "sim.StopRequested";
    void digest(Digest&) const override {}
};

/// To the actor that spawned a child or watches a process: it is gone.
struct ProcessExited final : MessageBase<ProcessExited> {
    static constexpr std::string_view Name = "sim.ProcessExited";
    enum class Reason : std::uint8_t { Finished, Killed, Crashed };
    ProcessId exited;
    Reason reason;
    ProcessExited(ProcessId process, Reason why) : exited(process), reason(why) {}
    void digest(Digest& digest) const override {
        digest.add(exited.value);
        digest.add(static_cast<std::uint64_t>(reason));
    }
};

}  // namespace millrace::sim
