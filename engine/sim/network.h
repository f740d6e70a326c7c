#pragma once

#include <array>
#include <map>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/ref.h"
#include "engine/base/shared_map.h"
#include "engine/base/shared_queue.h"
#include "engine/sim/ids.h"
#include "engine/sim/mail.h"
#include "engine/sim/message.h"

namespace millrace::sim {

struct LinkSpec {
    SimDuration latency = std::chrono::microseconds{250};  ///< one way
    ByteCount rate = 0;                                    ///< bytes/s of the path; 0: only the sender's card limits it
};

/// One direction between two hosts.
struct Path {
    LinkSpec spec;
    bool cut = false;
    SimDuration extraDelay{0};
    double loss = 0;       ///< share of packets
    double duplicate = 0;  ///< share of packets
    SimTime freeAt;        ///< when a path of limited rate has carried what was given to it
    JournalId silencedBy = noEntry;
    ByteCount bytes = 0;
};

/// One direction of a connection: what waits for the window, what is under way, what is held up.
struct Flow {
    SharedQueue<Mail> waiting;  ///< beyond the window, or before the opening, on the sender's side
    ByteCount waitingBytes = 0;
    ByteCount inFlight = 0;  ///< sent and not yet taken by the peer's handler
    SimTime lastArrival;     ///< first in, first out
    SharedQueue<Mail> held;  ///< arrived at a cut or a dead host: retransmitted with TCP's back-off
    SimTime heldSince;
    bool wantsWritable = false;
};

/// A connection with TCP's contract. End 0 connected, end 1 accepted.
struct Connection final : Counted {
    struct End {
        HostId host = noHost;
        ProcessId process = noProcess;
        std::uint32_t actor = 0;  ///< slot
        std::uint32_t actorGeneration = 0;
        bool open = false;   ///< this side has not closed, died or been told of the other's end
        bool ready = false;  ///< this side knows that the connection is established
    };
    std::uint32_t generation = 0;
    bool used = false;
    Port port;
    SimTime connectDeadline;
    std::array<End, 2> ends;
    std::array<Flow, 2> flows;  ///< flows[i] leaves from end i
    static constexpr std::uint32_t noPath = 0xFFFFFFFFU;
    std::array<std::uint32_t, 2> paths{noPath, noPath};  ///< what flows[i] takes, once something was sent
};

/// Paths between hosts and the connections over them.
struct Network {
    std::vector<Path> paths;  ///< only those that differ from the default or have been used
    SharedMap<std::pair<HostId, HostId>, std::uint32_t> pathIndex;
    std::vector<Ref<Connection>> connections;
    std::vector<std::uint32_t> freeConnections;
    std::map<std::pair<HostId, Port>, std::pair<std::uint32_t, std::uint32_t>> listeners;  ///< actor slot, generation
    RandomStream random;
};

}  // namespace millrace::sim
