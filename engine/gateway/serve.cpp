#include "engine/gateway/serve.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/base/cold_frees.h"
#include "engine/base/resident.h"
#include "engine/base/slab_arena.h"
#include "engine/gateway/client_input.h"
#include "engine/kafka/describe.h"
#include "engine/scenario/sections/kafka/broker_endpoints.h"

namespace millrace::gateway {
namespace {

using Clock = LoopbackServer::Clock;
using namespace std::chrono_literals;

constexpr std::string_view hostName = "gateway";
/// Simulated time within which a cluster that can become ready does.
constexpr SimDuration readyWithin = 10min;
/// Events between two looks at the sockets while the engine is behind the clock: some milliseconds, for answers leave
/// after them.
constexpr std::uint64_t eventsAtOnce = 2'000;
constexpr auto idleMax = 20ms;
constexpr auto memoryInterval = 50ms;
constexpr auto pageOutInterval = 1s;
constexpr std::size_t mebibyte = 1U << 20U;

bool isReady(const run::Engine& engine) {
    observe::ClusterView view;
    kafka::describe(engine.world(), view);
    const bool brokersRun = std::all_of(view.brokers.begin(), view.brokers.end(), [](const auto& broker) {
        return broker.state == observe::LifeState::Running || observe::isDown(broker.state);
    });
    const bool topicsLed = std::all_of(view.topics.begin(), view.topics.end(), [](const auto& topic) {
        return std::all_of(topic.partitions.begin(), topic.partitions.end(),
                           [](const auto& partition) { return partition.leader >= 0; });
    });
    return view.controller >= 0 && brokersRun && topicsLed && view.topics.size() >= engine.scenario().topics.size();
}

/// A served run: the engine, the sockets, and how wall time and simulated time hang together.
class Serving {
public:
    Serving(run::Engine& engine, LoopbackServer& server, const ServeOptions& options)
        : m_engine(engine), m_server(server), m_options(options), m_doors(doorsOf(engine.scenario(), options.port)) {
        if (options.memory > 0) {
            server.setBudget(options.memory / 4);
        }
        for (const scenario::BrokerPlan& broker : engine.scenario().cluster.brokers) {
            m_limits[kafka::BrokerId{broker.id}] = limitsOf(broker);
        }
    }

    Result<run::Played> run() {
        for (const auto step : {&Serving::playPrologue, &Serving::openDoors, &Serving::playAlong, &Serving::close}) {
            if (auto done = (this->*step)(); !done) {
                return tl::unexpected(done.error());
            }
        }
        m_played.isToldToEnd = m_server.isStopped();
        m_played.wallSeconds = std::chrono::duration<double>(Clock::now() - m_startedAt).count();
        if (m_hasBurst) {
            return failure(fmt::format("the run needs more than {} MiB", m_options.memory / mebibyte * 3 / 2),
                           "--memory");
        }
        return m_played;
    }

private:
    [[nodiscard]] run::Session& session() { return m_engine.session(); }

    /// Plays to a time, or so many events, and looks at every instant at which a replay will look.
    Result<void> advance(SimTime until, std::uint64_t eventsMax = ~std::uint64_t{0}) {
        while (!m_isOver && eventsMax > 0) {
            const SimTime look = run::nextLook(m_engine.world().now());
            const SimTime target = std::min(until, look);
            const std::uint64_t most = std::min(eventsMax, eventsAtOnce);
            auto ran = session().advance(target, most);
            if (!ran) {
                return tl::unexpected(ran.error());
            }
            m_played.events += *ran;
            eventsMax -= std::min(eventsMax, *ran);
            watch();
            if (m_engine.world().now() < target) {
                if (*ran >= most) {
                    continue;
                }
                break;
            }
            if (target == look && m_options.keepGoing && !m_options.keepGoing(m_engine.world())) {
                m_played.reason = run::StopReason::Cancelled;
                m_isOver = true;
            }
            if (target == until) {
                break;
            }
        }
        return m_options.recording != nullptr ? m_options.recording->note(m_engine.world()) : Result<void>{};
    }

    /// However much there is to do: a signal is heard, and sockets are served.
    void watch() {
        m_server.poll();
        m_isOver = m_isOver || m_server.isStopped();
        if (m_options.memory > 0 && Clock::now() >= m_nextMemoryLook) {
            m_nextMemoryLook = Clock::now() + memoryInterval;
            watchMemory();
        }
    }

    void watchMemory() {
        std::size_t resident = residentBytes();
        if (resident > m_options.memory && Clock::now() >= m_nextPageOut) {
            m_nextPageOut = Clock::now() + pageOutInterval;  // what is in use comes back, and that costs
            SlabArena::pageOut();
            resident = residentBytes();
        }
        const bool isFull = resident > m_options.memory;
        m_server.setHeld(isFull);
        if (isFull != std::exchange(m_isFull, isFull) && m_options.onMemory) {
            m_options.onMemory(isFull
                                   ? fmt::format("memory is used up, {} of {} MiB: nothing more is read from clients "
                                                 "until some is free (retention of topics, --memory)",
                                                 resident / mebibyte, m_options.memory / mebibyte)
                                   : fmt::format("memory is free again, {} of {} MiB in use", resident / mebibyte,
                                                 m_options.memory / mebibyte));
        }
        if (resident > m_options.memory + m_options.memory / 2) {
            m_hasBurst = true;
            m_isOver = true;
        }
    }

    Result<void> playPrologue() {
        const SimTime openAt{m_engine.scenario().run.openAt};
        std::optional<SimTime> readySince;
        while (!m_isOver) {
            const SimTime now = m_engine.world().now();
            readySince = isReady(m_engine) ? readySince.value_or(now) : std::optional<SimTime>{};
            if (!readySince && now >= openAt + readyWithin) {
                return failure(fmt::format("the cluster is not ready after {}", toText(now)));
            }
            const SimTime due = readySince ? std::max(openAt, settledAt(*readySince)) : now + 100ms;
            if (now >= due) {
                return {};
            }
            if (auto played = advance(due); !played) {
                return played;
            }
        }
        return {};
    }

    /// Brokers begin their housekeeping, such as deleting old segments, some time after their start. Where nothing else
    /// goes on, clients find a cluster that has been up for longer than that, as real clusters have.
    [[nodiscard]] SimTime settledAt(SimTime ready) const {
        if (!isLeftAlone(m_engine.scenario())) {
            return ready;
        }
        SimDuration longest{0};
        for (const scenario::BrokerPlan& broker : m_engine.scenario().cluster.brokers) {
            longest = std::max(longest, broker.config.duration("log.initial.task.delay.ms"));
        }
        return ready + std::clamp<SimDuration>(longest, SimDuration{0}, readyWithin);
    }
    [[nodiscard]] static bool isLeftAlone(const scenario::Scenario& scenario) {
        return scenario.sources.empty() && scenario.producers.empty() && scenario.groups.empty() &&
               scenario.topologies.empty() && scenario.faults.empty();
    }

    Result<void> openDoors() {
        if (m_isOver) {
            return {};
        }
        // Taken ports are told before anything else; the clients that come meanwhile wait in the system's queue.
        if (auto opened = matchDoors(); !opened) {
            return opened;
        }
        if (auto entered = enter(makeRef<OpenDoorsInput>(m_doors)); !entered) {
            return entered;
        }
        m_wallZero = Clock::now();
        m_simZero = m_engine.world().now();
        if (m_options.onReady) {
            m_options.onReady();
        }
        return {};
    }

    /// A port is open while its broker's process runs.
    Result<void> matchDoors() {
        const sim::World& world = m_engine.world();
        for (const BrokerDoor& door : m_doors) {
            const sim::ProcessId process = world.findProcess(kafka::brokerProcessName(door.id));
            const bool runs = process != sim::noProcess && world.process(process).isAlive();
            if (auto matched = m_server.setOpen(door.id, door.realPort, runs, m_limits[door.id]); !matched) {
                return matched;
            }
        }
        return {};
    }

    Result<void> enter(Ref<const sim::Input> input) {
        if (m_options.recording != nullptr) {
            const run::RecordedInput record{m_engine.world().now(), m_engine.world().eventsProcessed(), input};
            if (auto written = m_options.recording->write(record); !written) {
                return written;
            }
        }
        return session().inject(std::move(input));
    }

    [[nodiscard]] SimTime simTimeOf(Clock::time_point wall) const {
        return m_simZero + std::chrono::duration_cast<SimDuration>(wall - m_wallZero);
    }
    [[nodiscard]] Clock::time_point wallTimeOf(SimTime time) const {
        return m_wallZero + std::chrono::duration_cast<Clock::duration>(time - m_simZero);
    }

    Result<void> playAlong() {
        while (!m_isOver && !m_server.isStopped()) {
            watch();
            for (const LoopbackServer::Arrival& arrival : m_server.takeArrivals()) {
                const SimTime due = std::max(simTimeOf(arrival.at), m_engine.world().now());
                if (auto played = advance(due); !played) {
                    return played;
                }
                if (m_isOver) {
                    return {};
                }
                if (auto entered = enter(makeRef<ClientInput>(arrival.did)); !entered) {
                    return entered;
                }
            }
            const SimTime target = std::max(simTimeOf(Clock::now()), m_engine.world().now());
            if (auto played = advance(target, eventsAtOnce); !played) {
                return played;
            }
            if (auto matched = matchDoors(); !matched) {
                return matched;
            }
            const SimTime next = m_engine.world().nextEventTime();
            if (next > target && !m_server.hasArrivals()) {
                const auto latest = Clock::now() + idleMax;
                m_server.waitUntil(next == SimTime::max() ? latest : std::min(latest, wallTimeOf(next)));
            }
        }
        return {};
    }

    Result<void> close() {
        const auto deadline = Clock::now() + 1s;
        while (m_server.unsent() > 0 && Clock::now() < deadline) {
            m_server.waitUntil(deadline);
        }
        return m_options.recording != nullptr ? m_options.recording->finish(m_engine.world()) : Result<void>{};
    }

    run::Engine& m_engine;
    LoopbackServer& m_server;
    const ServeOptions& m_options;
    std::vector<BrokerDoor> m_doors;
    std::map<kafka::BrokerId, DoorLimits> m_limits;
    Clock::time_point m_startedAt = Clock::now();
    Clock::time_point m_wallZero;
    SimTime m_simZero;
    run::Played m_played;
    Clock::time_point m_nextPageOut;
    Clock::time_point m_nextMemoryLook;
    bool m_isFull = false;
    bool m_hasBurst = false;
    bool m_isOver = false;
};

}  // namespace

std::vector<BrokerDoor> doorsOf(const scenario::Scenario& scenario, std::uint16_t port) {
    std::vector<BrokerDoor> doors;
    for (const kafka::BrokerEndpoint& broker : scenario::brokerEndpoints(scenario)) {
        doors.push_back({broker.id, broker.host, static_cast<std::uint16_t>(broker.port), 0});
    }
    std::sort(doors.begin(), doors.end(), [](const BrokerDoor& a, const BrokerDoor& b) { return a.id < b.id; });
    for (std::size_t i = 0; i < doors.size(); ++i) {
        doors[i].realPort = static_cast<std::uint16_t>(port + i);
    }
    return doors;
}

Result<void> checkPorts(const std::vector<BrokerDoor>& doors) {
    for (const BrokerDoor& door : doors) {
        const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int yes = 1;
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(door.realPort);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const bool isFree = probe >= 0 && ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
                            ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        const int error = errno;
        if (probe >= 0) {
            ::close(probe);
        }
        if (!isFree) {
            return machineFailure(fmt::format("port {} cannot be opened: {}; choose another with --port", door.realPort,
                                              std::strerror(error)),
                                  "127.0.0.1");
        }
    }
    return {};
}

DoorLimits limitsOf(const scenario::BrokerPlan& broker) {
    DoorLimits limits;
    limits.connectionsMax = broker.config.integer("max.connections");
    limits.connectionsPerIpMax = broker.config.integer("max.connections.per.ip");
    limits.requestBytesMax = broker.config.integer("socket.request.max.bytes");
    limits.queuedBytesMax = broker.config.integer("queued.max.request.bytes");
    return limits;
}

void sendToClients(LoopbackServer& server, const std::vector<sim::NumberedEffect>& effects) {
    for (const sim::NumberedEffect& numbered : effects) {
        if (const auto* effect = dynamic_cast<const ClientEffect*>(numbered.effect.get())) {
            server.send(*effect);
        }
    }
}

Result<run::Played> serve(run::Engine& engine, LoopbackServer& server, const ServeOptions& options) {
    return Serving(engine, server, options).run();
}

// --- OpenDoorsInput -------------------------------------------------------------------------------------------------

void OpenDoorsInput::apply(sim::World& world) const {
    sim::HostSpec host;
    host.name = hostName;
    const sim::HostId known = world.findHost(hostName);
    world.addProcess(known != sim::noHost ? known : world.addHost(host), makeGatewayBlueprint(m_doors), world.now());
}

void OpenDoorsInput::digest(Digest& digest) const {
    for (const BrokerDoor& door : m_doors) {
        digest.add(door.id.value);
        digest.add(std::string_view{door.host});
        digest.add(static_cast<std::uint64_t>(door.port));
        digest.add(static_cast<std::uint64_t>(door.realPort));
    }
}

std::string OpenDoorsInput::summary() const {
    return fmt::format("the ports of {} brokers are opened", m_doors.size());
}

Result<void> OpenDoorsInput::fits(const sim::World& world) const {
    if (world.findProcess(gatewayProcess) != sim::noProcess) {
        return failure("the doors have been opened before: this line stands there twice");
    }
    for (const BrokerDoor& door : m_doors) {
        if (world.findHost(door.host) == sim::noHost ||
            world.findProcess(kafka::brokerProcessName(door.id)) == sim::noProcess) {
            return failure(
                fmt::format("there is no broker {} on a host {}: the recording is damaged or of another "
                            "scenario",
                            door.id.value, door.host));
        }
    }
    return {};
}

std::string OpenDoorsInput::payload() const {
    auto json = nlohmann::ordered_json::array();
    for (const BrokerDoor& door : m_doors) {
        json.push_back(
            {{"broker", door.id.value}, {"host", door.host}, {"port", door.port}, {"real_port", door.realPort}});
    }
    return json.dump();
}

Result<Ref<const sim::Input>> OpenDoorsInput::fromPayload(std::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_array()) {
        return failure("the doors of a recording are a list");
    }
    std::vector<BrokerDoor> doors;
    for (const auto& door : json) {
        const auto isNumber = [&](const char* key, std::int64_t most) {
            return door.contains(key) && door[key].is_number_integer() && door[key].get<std::int64_t>() >= 0 &&
                   door[key].get<std::int64_t>() <= most;
        };
        constexpr std::int64_t portMost = std::numeric_limits<std::uint16_t>::max();
        constexpr std::int64_t idMost = std::numeric_limits<std::int32_t>::max();
        if (!door.is_object() || !isNumber("broker", idMost) || !isNumber("port", portMost) ||
            !isNumber("real_port", portMost) || !door.contains("host") || !door["host"].is_string()) {
            return failure("a door needs \"broker\", \"host\", \"port\" and \"real_port\"");
        }
        doors.push_back({kafka::BrokerId{door["broker"].get<std::int32_t>()}, door["host"].get<std::string>(),
                         door["port"].get<std::uint16_t>(), door["real_port"].get<std::uint16_t>()});
    }
    return Ref<const sim::Input>(makeRef<OpenDoorsInput>(std::move(doors)));
}

}  // namespace millrace::gateway
