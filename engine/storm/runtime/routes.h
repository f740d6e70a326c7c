#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/pool_allocator.h"
#include "engine/base/ref.h"
#include "engine/sim/ids.h"
#include "engine/sim/message.h"
#include "engine/storm/ids.h"

namespace millrace::storm {

/// How near a task is: in the same worker, on the same node, in the same rack.
enum class Scope : std::uint8_t { WorkerLocal, HostLocal, RackLocal, Everything };

/// Where a worker reaches the topology's tasks: in itself, or through its connection to another worker. Made by the
/// worker whenever an assignment or a connection changes, shared by its executors, immutable.
struct RouteTable final : Counted {
    enum class Kind : std::uint8_t { Unknown, Local, Remote };
    struct Route {
        Kind kind = Kind::Unknown;
        bool isPressed = false;  ///< its worker has said that the task's queue is full
        Scope scope = Scope::Everything;
        std::uint16_t peer = 0;
        sim::ActorId actor = sim::noActor;
    };
    struct Peer {
        sim::ConnectionId connection = sim::noConnection;
        bool isOpen = false;
    };
    std::vector<Route> routes;  ///< by task id; [0] is nobody
    std::vector<Peer> peers;
    bool isAssigned = false;  ///< the assignment is known, so scopes are
    bool isActive = false;    ///< the topology is active and all connections stand: spouts may run
};
using RouteTableRef = Ref<const RouteTable>;

/// Worker to its executors.
struct RoutesChanged final : sim::MessageBase<RoutesChanged> {
    static constexpr std::string_view Name = "storm.RoutesChanged";
    RouteTableRef table;
    explicit RoutesChanged(RouteTableRef routes) : table(std::move(routes)) {}
    void digest(Digest& digest) const override {
        digest.add(table->isActive);
        for (const RouteTable::Route& route : table->routes) {
            digest.add(static_cast<std::uint64_t>(route.kind) * 4 + (route.isPressed ? 1U : 0U));
            digest.add(static_cast<std::uint64_t>(route.peer));
        }
    }
};

/// Worker to worker: everything that one run of an executor has for tasks of that worker. Each part goes to one task.
struct Transfer final : sim::MessageBase<Transfer> {
    static constexpr std::string_view Name = "storm.Transfer";
    struct Part {
        TaskId target;
        sim::MessageRef message;
    };
    std::vector<Part, PoolAllocator<Part>> parts;

    [[nodiscard]] ByteCount wireSize() const override {
        ByteCount size = 4;
        for (const Part& part : parts) {
            size += part.message->wireSize();
        }
        return size;
    }
    void digest(Digest& digest) const override {
        for (const Part& part : parts) {
            digest.add(part.message->contentDigest());
        }
    }
};

}  // namespace millrace::storm
