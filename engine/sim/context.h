#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/result.h"
#include "engine/sim/disk.h"
#include "engine/sim/effect.h"
#include "engine/sim/fact.h"
#include "engine/sim/ids.h"
#include "engine/sim/journal.h"
#include "engine/sim/message.h"
#include "engine/sim/process.h"
#include "engine/sim/slots.h"

namespace millrace::sim {

class World;

/// The only way out of an actor. Everything here that changes something takes effect when the processor time declared
/// by `spend` has passed, in the order of the calls; if the process dies before, none of it happens. Queries show the
/// world as it was when the handler was granted its core.
class Context {
public:
    // --- who and when
    [[nodiscard]] SimTime now() const;
    /// This host's own clock, which a fault may skew. Only for time stamps, never for ordering.
    [[nodiscard]] std::int64_t clockMillis() const;  ///< milliseconds since 1970-01-01 UTC
    [[nodiscard]] ActorId self() const;
    [[nodiscard]] ProcessId process() const;
    [[nodiscard]] HostId host() const;
    [[nodiscard]] const std::string& hostName() const;
    [[nodiscard]] std::uint32_t incarnation() const;  ///< of the process, from 1
    /// The connection the current message came through; `noConnection` for local messages and timers.
    [[nodiscard]] ConnectionId connection() const;

    // --- processor time
    /// Adds to the handler's cost: nanoseconds on a core of speed 1.0.
    void spend(CpuTime cost);

    // --- messages within the process
    /// To an actor of the same process: arrives at the same instant, after what was sent before.
    void send(ActorId to, MessageRef message);

    /// Actors of one process share its memory: what another one's state is at this instant, and how many messages wait
    /// for it. Null and 0 when there is no such actor in this process any more.
    [[nodiscard]] const Actor* peer(ActorId actor) const;
    [[nodiscard]] std::uint64_t waiting(ActorId actor) const;

    // --- timers, to this actor itself
    TimerId arm(SimDuration delay, MessageRef message);
    /// A timer that waits for somebody. When it fires, the journal entries written by its handler have as cause what
    /// silenced that party (crash, power, pause, cut, slow, full), or, if nothing did, what armed the timer.
    TimerId waitFor(WaitedFor party, SimDuration delay, MessageRef message);
    /// Fired, unknown and cancelled timers are ignored.
    void cancel(TimerId timer);

    // --- connections (TCP's contract)
    /// Where another actor of this host listens already the process ends, as programs do that are told *address in
    /// use*.
    void listen(Port port);
    /// Answered by ConnectionOpened or ConnectionFailed. Messages may be transmitted at once; they wait for the
    /// opening.
    ConnectionId connect(HostId host, Port port, SimDuration timeout = std::chrono::seconds{10});
    /// First in, first out. On a closed connection the message is dropped (the close is, or will be, told).
    void transmit(ConnectionId connection, MessageRef message);
    void close(ConnectionId connection);
    /// Bytes accepted from this end that the peer has not taken yet. Above `connectionWindow` they wait on this side.
    [[nodiscard]] ByteCount unsent(ConnectionId connection) const;
    static constexpr ByteCount connectionWindow = sim::connectionWindow;
    [[nodiscard]] HostId findHost(std::string_view name) const;  ///< `noHost` when there is none

    // --- this process's files on the disk of its host
    [[nodiscard]] ProcessDisk disk() const;
    /// The number of one of them, to write to: who writes often keeps it. No file stands there before something is
    /// written. It stays the file's whatever happens to the process.
    [[nodiscard]] FileId file(const std::string& name);
    /// Full when the bytes, with those of this handler's earlier writes, do not fit.
    Result<void, DiskError> append(FileId file, ChunkRef chunk);
    Result<void, DiskError> append(const std::string& name, ChunkRef chunk) {
        return append(file(name), std::move(chunk));
    }
    /// Atomic rewrite of a small file (write beside, rename); flushed like any other.
    Result<void, DiskError> replace(FileId file, ChunkRef chunk);
    Result<void, DiskError> replace(const std::string& name, ChunkRef chunk) {
        return replace(file(name), std::move(chunk));
    }
    /// Keeps the chunks before absolute index `chunksEnd`.
    void truncate(FileId file, std::uint64_t chunksEnd);
    void truncate(const std::string& name, std::uint64_t chunksEnd) { truncate(file(name), chunksEnd); }
    void dropFront(FileId file, std::uint64_t firstChunk);
    void dropFront(const std::string& name, std::uint64_t firstChunk) { dropFront(file(name), firstChunk); }
    void remove(FileId file);
    void remove(const std::string& name) { remove(file(name)); }
    /// `done` comes back to this actor when everything written to the file before now is on the medium.
    void flush(FileId file, MessageRef done);
    void flush(const std::string& name, MessageRef done) { flush(file(name), std::move(done)); }

    // --- processes on this host
    /// During `Blueprint::boot` only (name is completed to "<process>/<name>").
    ActorId addActor(std::string_view name, Ref<Actor> actor);
    /// Also from a handler: a further actor of this process.
    ActorId spawnActor(std::string_view name, Ref<Actor> actor);
    /// Starts the blueprint on this host; a process slot with that name is reused when it is not running.
    ProcessId spawn(Ref<const Blueprint> blueprint);
    /// Ends a process of this host (also this one). This actor gets ProcessExited if it spawned or watches it.
    void kill(ProcessId process, ProcessExited::Reason reason = ProcessExited::Reason::Killed);
    /// ProcessExited will come when it ends (at once when it is not running).
    void watch(ProcessId process);
    [[nodiscard]] ProcessState stateOf(ProcessId process) const;  ///< of this host's processes
    [[nodiscard]] ProcessId findProcess(std::string_view name) const;

    // --- chance, story, outside
    [[nodiscard]] RandomStream& random();
    /// A further stream of this actor; keep it in the actor's state.
    [[nodiscard]] RandomStream makeStream(std::string_view name) const;
    void journal(JournalDraft draft);
    void effect(Ref<const Effect> effect);
    /// Whether somebody keeps books: nothing else may depend on it.
    [[nodiscard]] bool isListenedTo() const;
    /// For the books of the run. Does nothing when nobody keeps any; whoever makes a fact that costs asks
    /// `isListenedTo` first.
    void tell(Ref<const Fact> fact);

private:
    friend class World;
    explicit Context(World& world) : m_world(world) {}
    [[nodiscard]] ByteCount freeOnDisk() const;
    Result<void, DiskError> write(OpKind kind, FileId file, ChunkRef chunk);
    World& m_world;
};

}  // namespace millrace::sim
