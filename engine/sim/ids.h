#pragma once

#include "engine/base/sim_time.h"
#include "engine/base/strong.h"

namespace millrace::sim {

using HostId = Strong<struct HostIdTag, std::uint32_t>;
/// A process slot: keeps its number over crashes and restarts.
using ProcessId = Strong<struct ProcessIdTag, std::uint32_t>;
/// An actor of one incarnation of a process; a restart boots new ones. Packs slot and generation, so a stale id is
/// known.
using ActorId = Strong<struct ActorIdTag, std::uint64_t>;
/// One end's handle of a connection; the other end has another.
using ConnectionId = Strong<struct ConnectionIdTag, std::uint64_t>;
using TimerId = Strong<struct TimerIdTag, std::uint64_t>;
/// A file of a host's disk, whether something stands there or not.
using FileId = Strong<struct FileIdTag, std::uint32_t>;
using Port = Strong<struct PortTag, std::uint16_t>;
/// Number of a journal entry; 0 is "none".
using JournalId = Strong<struct JournalIdTag, std::uint32_t>;
using EffectNumber = Strong<struct EffectNumberTag, std::uint64_t>;

inline constexpr HostId noHost{0xFFFFFFFFU};
inline constexpr ProcessId noProcess{0xFFFFFFFFU};
inline constexpr ActorId noActor{~std::uint64_t{0}};
inline constexpr ConnectionId noConnection{~std::uint64_t{0}};
inline constexpr TimerId noTimer{0};
inline constexpr JournalId noEntry{0};

}  // namespace millrace::sim
