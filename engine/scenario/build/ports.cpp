#include "engine/scenario/build/ports.h"

#include "engine/base/check.h"
#include "engine/ingest/sink_process.h"
#include "engine/kafka/broker/config.h"
#include "engine/storm/config.h"
#include "engine/zookeeper/server.h"

namespace millrace::scenario {

namespace {

/// The ports of all hosts that somebody has been given already.
class PortBook {
public:
    /// The wanted port, or the next one behind it that is free there.
    sim::Port portOn(const std::string& host, sim::Port wanted) {
        constexpr std::uint32_t portMax = 65'535;
        constexpr std::uint32_t firstUnprivileged = 1'024;
        Host& taken = m_hosts[host];
        std::uint32_t& next = taken.nextBehind.try_emplace(wanted, wanted.value).first->second;
        MILLRACE_CHECK(taken.ports.size() <= static_cast<std::size_t>(listenersOfHostMax), host, taken.ports.size());
        while (!taken.ports.insert(next).second) {
            next = next == portMax ? firstUnprivileged : next + 1;
        }
        return sim::Port{static_cast<std::uint16_t>(next)};
    }

private:
    struct Host {
        std::set<std::uint32_t> ports;
        std::map<sim::Port, std::uint32_t> nextBehind;  ///< where the search goes on, by what was wanted
    };
    std::map<std::string, Host> m_hosts;
};

}  // namespace

Ports assignPorts(const Scenario& plan) {
    PortBook book;
    Ports ports;
    for (const ServerPlan& server : plan.cluster.servers) {
        const zookeeper::EnsembleMember usual;
        ports.servers.push_back({book.portOn(server.host, usual.clientPort), book.portOn(server.host, usual.quorumPort),
                                 book.portOn(server.host, usual.electionPort)});
    }
    for (const BrokerPlan& broker : plan.cluster.brokers) {
        ports.brokers.push_back(book.portOn(broker.host, kafka::defaultBrokerPort));
    }
    for (const SinkPlan& sink : plan.sinks) {
        if (!sink.host.empty()) {
            ports.sinks[sink.name] = book.portOn(sink.host, ingest::sinkPort);
        }
    }
    if (plan.storm) {
        const storm::ClusterConfig usual;
        ports.nimbus = book.portOn(plan.storm->nimbusHost, usual.nimbusPort);
        for (const SupervisorPlan& supervisor : plan.storm->supervisors) {
            ports.supervisors.push_back(book.portOn(supervisor.host, usual.supervisorPort));
        }
        for (const SupervisorPlan& supervisor : plan.storm->supervisors) {
            constexpr sim::Port firstSlot{6700};
            std::vector<sim::Port>& slots = ports.slots.emplace_back();
            for (std::int32_t i = 0; i < supervisor.slotCount; ++i) {
                slots.push_back(book.portOn(supervisor.host, firstSlot));
            }
        }
    }
    return ports;
}

}  // namespace millrace::scenario
