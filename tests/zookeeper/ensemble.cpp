#include "tests/zookeeper/ensemble.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace millrace::zookeeper::testing {

void Probe::handle(sim::Context& context, const sim::Message& message) {
    if (const auto* order = message.as<Order>()) {
        const Tag tag{order->token, 0};
        if (order->isClose) {
            zk.close(context);
            story.emplace_back("closed");
        } else if (!zk.isStarted()) {
            return;
        } else if (order->isMulti) {
            zk.multi(context, tag, order->operations);
        } else {
            const Operation& o = order->operations.front();
            switch (o.code) {
                case OpCode::Create:
                    zk.create(context, tag, o.path, o.data, o.mode);
                    break;
                case OpCode::Delete:
                    zk.remove(context, tag, o.path, o.version);
                    break;
                case OpCode::SetData:
                    zk.setData(context, tag, o.path, o.data, o.version);
                    break;
                case OpCode::Exists:
                    zk.exists(context, tag, o.path, o.watch);
                    break;
                case OpCode::GetData:
                    zk.getData(context, tag, o.path, o.watch);
                    break;
                case OpCode::GetChildren:
                    zk.getChildren(context, tag, o.path, o.watch);
                    break;
                default:
                    zk.sync(context, tag);
                    break;
            }
        }
        return;
    }
    if (zk.handle(context, message)) {
        for (const Event& event : zk.takeEvents()) {
            note(context, event);
        }
    }
}

void Probe::note(sim::Context& context, const Event& event) {
    if (const auto* connected = std::get_if<Connected>(&event)) {
        story.emplace_back(connected->isNewSession ? "connected" : "resumed");
    } else if (std::holds_alternative<Disconnected>(event)) {
        story.emplace_back("disconnected");
    } else if (std::holds_alternative<SessionExpired>(event)) {
        story.emplace_back("expired");
        zk.start(context, m_config);
    } else if (const auto* fired = std::get_if<WatchFired>(&event)) {
        story.push_back(fmt::format("{} {}", toText(fired->event), fired->path));
    } else {
        replies.push_back(std::get<Reply>(event));
    }
}

Ensemble::Ensemble(int servers, std::uint64_t seed, const std::function<void(EnsembleConfig&)>& adjust)
    : world(sim::WorldSpec{.seed = seed}) {
    for (int i = 1; i <= servers; ++i) {
        sim::HostSpec host;
        host.name = serverHost(i);
        EnsembleMember member;
        member.id = ServerId{i};
        member.name = fmt::format("zk{}", i);
        member.host = world.addHost(host);
        config.members.push_back(member);
    }
    if (adjust) {
        adjust(config);
    }
    for (const EnsembleMember& member : config.members) {
        world.addProcess(member.host, makeServerBlueprint(config, member.id));
    }
}

namespace {

class ProbeBlueprint final : public sim::Blueprint {
public:
    explicit ProbeBlueprint(ClientConfig config) : m_config(std::move(config)) {}
    [[nodiscard]] const std::string& name() const override { return m_config.name; }
    void boot(sim::Context& context) const override { context.addActor("probe", makeRef<Probe>(m_config)); }

private:
    ClientConfig m_config;
};

Operation read(OpCode code, std::string path, bool watch) {
    Operation operation;
    operation.code = code;
    operation.path = std::move(path);
    operation.watch = watch;
    return operation;
}

}  // namespace

Operation exists(std::string path, bool watch) {
    return read(OpCode::Exists, std::move(path), watch);
}
Operation getData(std::string path, bool watch) {
    return read(OpCode::GetData, std::move(path), watch);
}
Operation getChildren(std::string path, bool watch) {
    return read(OpCode::GetChildren, std::move(path), watch);
}
Operation syncAll() {
    return read(OpCode::Sync, "/", false);
}

void Ensemble::addClient(const std::string& name, SimDuration timeout) {
    sim::HostSpec host;
    host.name = name + "-host";
    ClientConfig client;
    client.name = "client/" + name;
    client.servers = config.clientAddresses();
    client.sessionTimeout = timeout;
    world.addProcess(world.addHost(host), makeRef<ProbeBlueprint>(client), world.now());
}

void Ensemble::send(const std::string& client, Ref<Order> order) {
    const std::string actor = "client/" + client + "/probe";
    MILLRACE_CHECK(world.findActor(actor) != nullptr, actor);
    world.deliver(world.findActorId(actor), std::move(order));
}

std::uint64_t Ensemble::order(const std::string& client, Operation operation) {
    auto what = makeRef<Order>();
    what->operations.push_back(std::move(operation));
    what->token = ++m_token;
    send(client, std::move(what));
    return m_token;
}

std::uint64_t Ensemble::orderMulti(const std::string& client, std::vector<Operation> operations) {
    auto what = makeRef<Order>();
    what->operations = std::move(operations);
    what->isMulti = true;
    what->token = ++m_token;
    send(client, std::move(what));
    return m_token;
}

void Ensemble::closeSession(const std::string& client) {
    auto what = makeRef<Order>();
    what->isClose = true;
    send(client, std::move(what));
}

const Reply* Ensemble::replyTo(const std::string& client, std::uint64_t token) const {
    for (const Reply& reply : probe(client).replies) {
        if (reply.tag.token == token) {
            return &reply;
        }
    }
    return nullptr;
}

Reply Ensemble::await(const std::string& client, std::uint64_t token) {
    const bool came = runUntil([&] { return replyTo(client, token) != nullptr; });
    MILLRACE_CHECK(came, client, token);
    return *replyTo(client, token);
}

Reply Ensemble::perform(const std::string& client, Operation operation) {
    return await(client, order(client, std::move(operation)));
}

Reply Ensemble::performMulti(const std::string& client, std::vector<Operation> operations) {
    return await(client, orderMulti(client, std::move(operations)));
}

bool Ensemble::runUntil(const std::function<bool()>& holds, SimDuration limit) {
    const SimTime end = world.now() + limit;
    while (!holds()) {
        if (world.now() >= end) {
            return false;
        }
        run(10ms);
    }
    return true;
}

bool Ensemble::runUntilServing(std::size_t servers, SimDuration limit) {
    return runUntil([&] { return leader() != 0 && serving() >= servers; }, limit);
}

void Ensemble::fault(sim::FaultKind kind, const std::string& target, double value) {
    sim::FaultSpec spec;
    spec.kind = kind;
    spec.target = target;
    spec.value = value;
    world.injectFault(spec);
}

bool Ensemble::isConnected(const std::string& client) const {
    const auto* found = world.findActor<Probe>("client/" + client + "/probe");
    return found != nullptr && found->zk.isConnected();
}

const Probe& Ensemble::probe(const std::string& client) const {
    const auto* found = world.findActor<Probe>("client/" + client + "/probe");
    MILLRACE_CHECK(found != nullptr, client);
    return *found;
}

const Server* Ensemble::server(int number) const {
    return world.findActor<Server>(fmt::format("zookeeper/zk{}/server", number));
}

int Ensemble::leader() const {
    int found = 0;
    std::uint32_t epoch = 0;
    for (int i = 1; i <= static_cast<int>(config.members.size()); ++i) {
        const Server* each = server(i);
        if (each != nullptr && each->isServing() && each->state() == ServerState::Leading && each->epoch() >= epoch) {
            found = i;
            epoch = each->epoch();
        }
    }
    return found;
}

int Ensemble::aFollower() const {
    for (int i = 1; i <= static_cast<int>(config.members.size()); ++i) {
        const Server* each = server(i);
        if (each != nullptr && each->isServing() && each->state() == ServerState::Following) {
            return i;
        }
    }
    return 0;
}

int Ensemble::serverOf(const std::string& client) const {
    for (const EnsembleMember& member : config.members) {
        if (isConnected(client) && member.host == probe(client).zk.serverHost()) {
            return member.id.value;
        }
    }
    return 0;
}

std::size_t Ensemble::serving() const {
    std::size_t count = 0;
    for (int i = 1; i <= static_cast<int>(config.members.size()); ++i) {
        count += server(i) != nullptr && server(i)->isServing() ? 1U : 0U;
    }
    return count;
}

std::vector<const sim::JournalEntry*> Ensemble::entries(std::string_view kind) const {
    std::vector<const sim::JournalEntry*> found;
    const sim::Journal& journal = world.journal();
    for (std::uint32_t id = journal.firstId().value; id <= journal.lastId().value; ++id) {
        const sim::JournalEntry* entry = journal.find(sim::JournalId{id});
        if (entry != nullptr && entry->kind == kind) {
            found.push_back(entry);
        }
    }
    return found;
}

std::string Ensemble::textOfCause(const sim::JournalEntry& entry) const {
    const sim::JournalEntry* cause = world.journal().find(entry.cause);
    if (cause == nullptr) {
        return "nothing";
    }
    if (cause->kind != "sim.fault-injected") {
        return std::string{cause->kind};
    }
    return fmt::format("{} {}", cause->field("kind"), cause->field("target"));
}

}  // namespace millrace::zookeeper::testing
