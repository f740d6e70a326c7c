#pragma once

#include "engine/sim/ids.h"
#include "engine/sim/message.h"

namespace millrace::sim {

/// What one direction of a connection holds on its way and at the receiver; the rest waits with the sender.
inline constexpr ByteCount connectionWindow = 256 * 1024;

/// A message that is ready for an actor, with what it brings along.
struct Mail {
    MessageRef message;
    JournalId cause = noEntry;
    ConnectionId connection = noConnection;  ///< the receiver's end of it
    std::uint32_t takes = 0;                 ///< bytes of the connection's window that are freed when it is handled
};

}  // namespace millrace::sim
