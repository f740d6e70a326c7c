#include "engine/zookeeper/describe.h"

#include "engine/zookeeper/server_actor.h"

namespace millrace::zookeeper {

namespace {

constexpr std::string_view prefix = "zookeeper/";

observe::LifeState lifeOf(sim::ProcessState state) {
    switch (state) {
        case sim::ProcessState::NotStarted:
            return observe::LifeState::Starting;
        case sim::ProcessState::Running:
            return observe::LifeState::Running;
        case sim::ProcessState::Paused:
            return observe::LifeState::Paused;
        case sim::ProcessState::Crashed:
            return observe::LifeState::Crashed;
        case sim::ProcessState::Stopped:
            return observe::LifeState::Stopped;
        case sim::ProcessState::HostOff:
            return observe::LifeState::PoweredOff;
    }
    return observe::LifeState::Crashed;
}

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
        server.state = lifeOf(process.state);
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

}  // namespace millrace::zookeeper
