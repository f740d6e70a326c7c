#include "tests/support/synthetic_session.h"

#include <algorithm>

namespace millrace::support {

using observe::LifeState;

namespace {

constexpr double recordsPerSecond = 400;
constexpr SimDuration eventPeriod = std::chrono::microseconds(250);
constexpr SimDuration sessionTimeout = std::chrono::seconds(6);
constexpr int partitions = 6;

}  // namespace

bridge::OpenAnswer SyntheticSession::open(const bridge::OpenRequest& request,
                                          const std::atomic<bool>& /*isCancelled*/) {
    m_isOpen = true;
    m_title = request.file.empty() ? "synthetic" : request.file.substr(request.file.rfind('/') + 1);
    m_branches.assign(1, Branch{});
    m_current = 0;
    m_now = SimTime(std::chrono::seconds(2));
    branch().furthest = m_now;
    return {true, {}};
}

SimTime SyntheticSession::furthest() const {
    return branch().furthest;
}

std::uint64_t SyntheticSession::events() const {
    return static_cast<std::uint64_t>(m_now.time_since_epoch() / eventPeriod);
}

void SyntheticSession::advance(SimTime target, std::chrono::nanoseconds budget) {
    // A thousand times real time, so that express ends a tick too.
    const SimDuration reach = std::chrono::duration_cast<SimDuration>(budget) * 1000;
    m_now = target - m_now > reach ? m_now + reach : target;
    branch().furthest = std::max(branch().furthest, m_now);
}

void SyntheticSession::step() {
    m_now += eventPeriod;
    branch().furthest = std::max(branch().furthest, m_now);
}

void SyntheticSession::stepBack() {
    m_now = std::max(SimTime{}, m_now - eventPeriod);
}

void SyntheticSession::seek(SimTime time, const std::atomic<bool>& isCancelled) {
    if (!isCancelled) {
        m_now = std::clamp(time, SimTime{}, branch().furthest);
    }
}

void SyntheticSession::fork() {
    Branch forked;
    forked.forkedAt = m_now;
    forked.furthest = m_now;
    forked.parent = static_cast<std::uint32_t>(m_current);
    for (const Done& done : branch().done) {
        if (done.at <= m_now) {
            forked.done.push_back(done);
        }
    }
    m_branches.push_back(std::move(forked));
    m_current = m_branches.size() - 1;
}

bridge::ActionId SyntheticSession::inject(const bridge::Command& command) {
    if (m_now < branch().furthest) {
        fork();
    }
    const bridge::ActionId id{m_nextAction++};
    branch().done.push_back({m_now, command, id});
    return id;
}

void SyntheticSession::revoke(bridge::ActionId action) {
    for (const Done& done : branch().done) {
        if (done.id == action) {
            m_now = done.at;
            fork();
            std::erase_if(branch().done, [&](const Done& each) { return each.id.value >= action.value; });
            return;
        }
    }
}

void SyntheticSession::reinstate(bridge::ActionId action) {
    for (std::size_t i = 0; i < m_branches.size(); ++i) {
        for (const Done& done : m_branches[i].done) {
            if (done.id == action) {
                m_current = i;
                m_now = branch().furthest;
                return;
            }
        }
    }
}

void SyntheticSession::switchBranch(std::uint32_t wanted) {
    m_current = std::min<std::size_t>(wanted, m_branches.size() - 1);
    m_now = branch().furthest;
}

std::optional<SimTime> SyntheticSession::downSince(const observe::ObjectId& id) const {
    std::optional<SimTime> since;
    for (const Done& done : branch().done) {
        const std::string& kind = done.command.kind;
        if (done.at > m_now || (done.command.target != id && done.command.target != "all")) {
            continue;
        }
        if (kind == "crash" || kind == "power") {
            since = done.at;
        } else if (kind == "restart" || kind == "power-on" || kind == "revive") {
            since.reset();
        }
    }
    return since;
}

std::int64_t SyntheticSession::recordsAt(SimTime time) const {
    return static_cast<std::int64_t>(seconds(time) * recordsPerSecond);
}

void SyntheticSession::fillCluster(observe::ClusterView& view) const {
    for (int h = 1; h <= 5; ++h) {
        observe::HostView host;
        host.id = observe::hostId("h" + std::to_string(h));
        host.rack = h % 2 == 0 ? "B" : "A";
        host.cores = 4;
        host.coreUtilisation = 0.1 * h;
        host.diskCapacityBytes = 256LL << 30;
        host.state = downSince(host.id) ? LifeState::PoweredOff : LifeState::Running;
        view.hosts.push_back(std::move(host));
    }
    for (int s = 1; s <= 3; ++s) {
        observe::ServerView server;
        server.id = observe::serverId("zk" + std::to_string(s));
        server.host = observe::hostId("h" + std::to_string(s));
        server.role = s == 2 ? observe::ServerRole::Leader : observe::ServerRole::Follower;
        server.zxid = (1ULL << 32) + static_cast<std::uint64_t>(seconds(m_now));
        server.state = downSince(server.id) ? LifeState::Crashed : LifeState::Running;
        view.servers.push_back(std::move(server));
    }
    observe::TopicView topic;
    topic.id = observe::topicId("access");
    topic.name = "access";
    topic.replicationFactor = 3;
    topic.minInSync = 2;
    topic.recordsInPerSecond = recordsPerSecond;
    topic.bytesInPerSecond = recordsPerSecond * 240;
    const auto isUp = [&](int broker) {
        const auto down = downSince(observe::brokerId(broker));
        return !down || m_now - *down < sessionTimeout;
    };
    for (int p = 0; p < partitions; ++p) {
        observe::PartitionView partition;
        partition.partition = p;
        partition.replicas = {p % 3 + 1, (p + 1) % 3 + 1, (p + 2) % 3 + 1};
        for (const std::int32_t broker : partition.replicas) {
            if (isUp(broker)) {
                partition.inSync.push_back(broker);
            }
        }
        partition.leader = partition.inSync.empty() ? -1 : partition.inSync.front();
        partition.leaderEpoch = partition.leader == partition.replicas.front() ? 0 : 1;
        partition.logEndOffset = recordsAt(m_now) / partitions + p * 40;
        partition.highWatermark = std::max<std::int64_t>(0, partition.logEndOffset - 3 * p);
        topic.partitions.push_back(std::move(partition));
    }
    for (int b = 1; b <= 3; ++b) {
        observe::BrokerView broker;
        broker.id = observe::brokerId(b);
        broker.host = observe::hostId("h" + std::to_string(b));
        const auto down = downSince(broker.id);
        broker.state = down ? LifeState::Crashed : LifeState::Running;
        broker.isController = b == 1;
        broker.isRegistered = isUp(b);
        broker.bytesInPerSecond = 63000;
        for (const observe::PartitionView& partition : topic.partitions) {
            observe::ReplicaView replica;
            replica.topic = topic.name;
            replica.partition = partition.partition;
            replica.isLeader = partition.leader == b;
            replica.isInSync = std::find(partition.inSync.begin(), partition.inSync.end(), b) != partition.inSync.end();
            replica.leaderEpoch = partition.leaderEpoch;
            replica.logEndOffset =
                down ? recordsAt(*down) / partitions : partition.logEndOffset - (replica.isLeader ? 0 : b);
            replica.highWatermark = std::min(partition.highWatermark, replica.logEndOffset);
            broker.replicas.push_back(std::move(replica));
        }
        view.brokers.push_back(std::move(broker));
    }
    view.controller = 1;
    view.topics.push_back(std::move(topic));
    observe::GroupView group;
    group.id = observe::groupId("audit");
    group.name = "audit";
    group.state = "Stable";
    group.lag = 160;
    group.uncommitted = 160;
    group.unreadTime = std::chrono::milliseconds(400);
    group.offsets.push_back({"access", 0, 100, 100, 160, 160});
    view.groups.push_back(std::move(group));
}

void SyntheticSession::fillStorm(observe::StormView& view) const {
    view.nimbus = {observe::nimbusId(), observe::hostId("h4"),
                   downSince("nimbus") ? LifeState::Crashed : LifeState::Running};
    observe::TopologyView topology;
    topology.name = "audit";
    topology.status = "ACTIVE";
    const auto component = [&](const char* name, observe::ComponentKind kind, int executors, double rate,
                               double capacity) {
        observe::ComponentView c;
        c.id = kind == observe::ComponentKind::Spout ? observe::spoutId("audit", name) : observe::boltId("audit", name);
        c.name = name;
        c.kind = kind;
        c.executors = executors;
        c.tasks = executors;
        c.emittedPerSecond = rate;
        c.executedPerSecond = rate;
        c.executed = recordsAt(m_now);
        c.capacity = capacity;
        c.executeLatency = std::chrono::microseconds(40);
        c.completeLatency = std::chrono::milliseconds(41);
        c.pending = 812;
        topology.components.push_back(std::move(c));
    };
    component("lines", observe::ComponentKind::Spout, 2, 400, 0.4);
    component("count", observe::ComponentKind::Bolt, 4, 398, 0.25);
    component("keep", observe::ComponentKind::Bolt, 2, 396, 0.97);
    topology.streams = {
        {observe::spoutId("audit", "lines"), observe::boltId("audit", "count"), "default", "fields(status)", 398, 120},
        {observe::spoutId("audit", "lines"), observe::boltId("audit", "keep"), "default", "shuffle", 396, 30000}};
    for (int w = 1; w <= 2; ++w) {
        observe::WorkerView worker;
        worker.id = observe::workerId("audit", w);
        worker.supervisor = observe::supervisorId("s" + std::to_string(w));
        worker.host = observe::hostId("h" + std::to_string(w + 3));
        worker.port = 6700;
        worker.state = downSince(worker.id) ? LifeState::Crashed : LifeState::Running;
        for (const char* name : {"lines", "count", "count", "keep"}) {
            observe::ExecutorView executor;
            executor.component = name;
            executor.worker = worker.id;
            worker.executors.push_back(std::move(executor));
        }
        topology.workers.push_back(std::move(worker));
        observe::SupervisorView supervisor;
        supervisor.id = observe::supervisorId("s" + std::to_string(w));
        supervisor.host = observe::hostId("h" + std::to_string(w + 3));
        supervisor.state = downSince(supervisor.id) ? LifeState::Crashed : LifeState::Running;
        for (int port = 6700; port < 6704; ++port) {
            supervisor.workerSlots.push_back({port, port == 6700 ? observe::workerId("audit", w) : std::string()});
        }
        view.supervisors.push_back(std::move(supervisor));
    }
    view.topologies.push_back(std::move(topology));
}

void SyntheticSession::fillJournal(observe::JournalPage& page) const {
    const auto add = [&](SimTime at, const observe::ObjectId& place, observe::Severity severity, const char* kind,
                         std::string text, std::uint64_t cause) {
        page.entries.push_back({page.entries.size() + 1, at, place, severity, kind, std::move(text), cause});
        return page.entries.size();
    };
    add(SimTime(std::chrono::milliseconds(400)), observe::brokerId(1), observe::Severity::Notice,
        "kafka.controller-elected", "broker 1 became controller", 0);
    for (const Done& done : branch().done) {
        if (done.at > m_now) {
            continue;
        }
        const std::string name = observe::titleOf(done.command.target);
        const auto fault = add(done.at, done.command.target, observe::Severity::Notice, "sim.fault",
                               "you did " + done.command.kind + " to " + name, 0);
        const bool isBroker = observe::kindOf(done.command.target) == observe::ObjectKind::Broker;
        if (isBroker && done.command.kind == "crash" && m_now >= done.at + sessionTimeout &&
            downSince(done.command.target)) {
            const auto expired = add(done.at + sessionTimeout, done.command.target, observe::Severity::Warning,
                                     "zookeeper.session-expired", "session of " + name + " expired after 6.0 s", fault);
            add(done.at + sessionTimeout, observe::brokerId(1), observe::Severity::Warning, "kafka.leader-elected",
                "leaders of its partitions moved away from " + name, expired);
        }
    }
    page.total = page.entries.size();
}

void SyntheticSession::fillSeries(observe::Snapshot& snapshot) const {
    const auto series = [&](const char* name, const observe::ObjectId& object, const char* unit, double base) {
        auto page = std::make_shared<observe::SeriesPage>();
        page->name = name;
        page->object = object;
        page->unit = unit;
        page->resolution = std::chrono::milliseconds(100);
        for (SimTime at = SimTime(page->resolution); at <= branch().furthest; at += page->resolution) {
            const double ripple = base * (1 + 0.05 * static_cast<double>(nanoseconds(at) / 100000000 % 7));
            page->points.push_back({at, ripple * 0.9, ripple * 1.1, ripple});
        }
        snapshot.series.push_back(std::move(page));
    };
    series("throughput", {}, "/s", recordsPerSecond);
    series("lag", {}, "records", 160);
    series("bytes_in", observe::brokerId(2), "B/s", 63000);
}

observe::Snapshot SyntheticSession::snapshot(bridge::Detail) {
    observe::Snapshot snapshot;
    snapshot.run.scenario = m_title;
    snapshot.run.now = m_now;
    snapshot.run.furthest = branch().furthest;
    snapshot.run.events = events();
    snapshot.run.seed = 7;
    snapshot.run.fingerprint = 0x9f3c000000000000ULL + static_cast<std::uint64_t>(nanoseconds(m_now)) + m_current;
    observe::InvariantView invariant;
    invariant.name = "one leader per epoch";
    invariant.checked = static_cast<std::int64_t>(events());
    invariant.holds = m_now < m_breaksAt;
    invariant.firstViolation = invariant.holds ? "" : "broker 1 and broker 2 lead access-0 in epoch 3";
    invariant.violatedAt = m_breaksAt;
    snapshot.run.invariants.push_back(std::move(invariant));
    for (const Done& done : branch().done) {
        if (done.command.kind == "crash" || done.command.kind == "power") {
            snapshot.run.faults.push_back({done.command.kind, done.command.target, done.at, SimTime::max(), false});
        }
    }
    for (std::size_t i = 0; i < m_branches.size(); ++i) {
        snapshot.run.branches.push_back({static_cast<std::uint32_t>(i), m_branches[i].parent,
                                         i == 0 ? "main" : "branch " + std::to_string(i), m_branches[i].forkedAt,
                                         m_branches[i].furthest, i == m_current});
    }
    for (SimTime at{}; at <= branch().furthest; at += std::chrono::seconds(1)) {
        snapshot.run.checkpoints.push_back(at);
    }
    fillCluster(snapshot.cluster);
    fillStorm(snapshot.storm);
    observe::SourceView source;
    source.id = observe::sourceId("log");
    source.name = "log";
    source.kind = "file";
    source.produced = recordsAt(m_now);
    source.total = 100000;
    source.recordsPerSecond = recordsPerSecond;
    snapshot.sources.push_back(std::move(source));
    observe::SinkView sink;
    sink.id = observe::sinkId("audit");
    sink.name = "audit";
    sink.kind = "sqlite";
    sink.written = recordsAt(m_now) / 40;
    sink.rowsPerSecond = 9;
    snapshot.sinks.push_back(std::move(sink));
    auto page = std::make_shared<observe::JournalPage>();
    fillJournal(*page);
    snapshot.journal = std::move(page);
    fillSeries(snapshot);
    return snapshot;
}

}  // namespace millrace::support
