#include "engine/zookeeper/describe.h"

#include <fmt/format.h>

#include "engine/describe/life.h"
#include "engine/observe/wording.h"
#include "engine/sim/silence.h"
#include "engine/zookeeper/server_actor.h"

namespace millrace::zookeeper {

namespace {

constexpr std::string_view prefix = "zookeeper/";

observe::ServerRole roleOf(const Server& server) {
    if (!server.isServing()) {
        return observe::ServerRole::Looking;
    }
    if (server.config().members.size() == 1) {
        return observe::ServerRole::Standalone;
    }
    return server.state() == ServerState::Leading ? observe::ServerRole::Leader : observe::ServerRole::Follower;
}

}  // namespace

void describe(const sim::World& world, observe::ClusterView& view) {
    bool hasLeader = false;
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        if (!process.name().starts_with(prefix)) {
            continue;
        }
        observe::ServerView server;
        server.id = observe::serverId(std::string_view{process.name()}.substr(prefix.size()));
        server.host = observe::hostId(world.host(process.host).spec.name);
        server.state = describe::lifeOf(process.state);
        if (const auto* actor = world.findActor<Server>(process.name() + "/server")) {
            server.role = roleOf(*actor);
            server.zxid = actor->tree().lastZxid().value;
            server.znodes = static_cast<std::int64_t>(actor->tree().nodeCount());
            server.sessions = static_cast<std::int64_t>(actor->tree().sessions().size());
            hasLeader |= server.role == observe::ServerRole::Leader || server.role == observe::ServerRole::Standalone;
        }
        view.servers.push_back(std::move(server));
    }
    view.hasQuorum = hasLeader || view.servers.empty();
}

std::vector<observe::WaitView> describeWaits(const sim::World& world, const observe::ClusterView& view) {
    std::vector<observe::WaitView> waits;
    if (view.hasQuorum) {
        return waits;
    }
    const std::size_t needed = view.servers.size() / 2 + 1;
    observe::WaitView wait;
    wait.brief = "has no quorum";
    std::vector<std::string> down;
    for (const observe::ServerView& server : view.servers) {
        if (server.state != observe::LifeState::Running) {
            const sim::Silence silence = sim::silenceOf(world, fmt::format("{}{}", prefix, observe::nameOf(server.id)));
            wait.on = server.id;
            wait.since = silence.since;
            wait.entry = silence.entry.value;
            down.push_back(observe::titleOf(server.id));
        }
    }
    wait.text = fmt::format(
        "{} of {} servers must agree before anything is written, and {}: no session expires and "
        "no leader is elected meanwhile",
        needed, view.servers.size(),
        down.empty() ? std::string{"they have not found a leader yet"}
                     : fmt::format("{} {}", observe::listed(down), down.size() == 1 ? "is down" : "are down"));
    for (const observe::ServerView& server : view.servers) {
        if (server.state == observe::LifeState::Running) {
            wait.object = server.id;
            waits.push_back(wait);
        }
    }
    return waits;
}

std::optional<NodeOwner> ownerOf(const sim::World& world, std::string_view path) {
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const std::string& name = world.process(sim::ProcessId{i}).name();
        const auto* server = name.starts_with(prefix) ? world.findActor<Server>(name + "/server") : nullptr;
        if (server == nullptr || !server->isServing() || server->state() != ServerState::Leading) {
            continue;
        }
        const Node* node = server->tree().find(path);
        const SessionId session = node != nullptr ? node->stat.ephemeralOwner : SessionId{};
        const auto tracked = server->sessions().all().find(session);
        if (tracked != server->sessions().all().end()) {
            return NodeOwner{session, tracked->second.expires,
                             observe::serverId(std::string_view{name}.substr(prefix.size()))};
        }
    }
    return std::nullopt;
}

const Tree* furthestTree(const sim::World& world) {
    const Tree* furthest = nullptr;
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        const auto* server = process.isAlive() && process.name().starts_with(prefix)
                                 ? world.findActor<Server>(process.name() + "/server")
                                 : nullptr;
        if (server != nullptr && (furthest == nullptr || furthest->lastZxid() < server->tree().lastZxid())) {
            furthest = &server->tree();
        }
    }
    return furthest;
}

}  // namespace millrace::zookeeper
