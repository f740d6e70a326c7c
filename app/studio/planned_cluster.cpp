#include "app/studio/planned_cluster.h"

#include <algorithm>

#include "app/studio/graph_values.h"

namespace millrace::studio {

using namespace values;
using observe::LifeState;
using scenario::Value;

namespace {

observe::ObjectId hostOf(const Value& object) {
    const std::string name = textAt(object, "host");
    return name.empty() ? observe::ObjectId() : observe::hostId(name);
}

double numberAt(const Value& object, std::string_view key, double otherwise) {
    const Value* value = object.find(key);
    return value != nullptr && value->isInteger() ? static_cast<double>(value->asInteger()) : otherwise;
}

class Planner {
public:
    explicit Planner(const Value& root) : m_root(root) {}

    [[nodiscard]] observe::SnapshotPtr plan() {
        addHosts();
        addCluster();
        addTopics();
        addStorm();
        return std::make_shared<const observe::Snapshot>(std::move(m_plan));
    }

private:
    void addHosts() {
        forEach({"hosts"}, [this](const std::string& name, const Value& object) {
            observe::HostView& host = m_plan.cluster.hosts.emplace_back();
            host.id = observe::hostId(name);
            host.rack = textAt(object, "rack");
            host.state = LifeState::Planned;
            host.cores = numberAt(object, "cores", 0);
        });
    }

    void addCluster() {
        forEach({"cluster", "brokers"}, [this](const std::string& name, const Value& object) {
            observe::BrokerView& broker = m_plan.cluster.brokers.emplace_back();
            broker.id = "broker:" + name;
            broker.host = hostOf(object);
            broker.state = LifeState::Planned;
        });
        forEach({"cluster", "servers"}, [this](const std::string& name, const Value& object) {
            observe::ServerView& server = m_plan.cluster.servers.emplace_back();
            server.id = observe::serverId(name);
            server.host = hostOf(object);
            server.state = LifeState::Planned;
        });
    }

    /// Their partitions are rows before anybody holds them, so that nothing moves when the run begins.
    void addTopics() {
        forEach({"topics"}, [this](const std::string& name, const Value& object) {
            // A drawing shows no more of them than could be told apart, whatever its text claims.
            constexpr std::size_t mostInAll = 20'000;
            observe::TopicView& topic = m_plan.cluster.topics.emplace_back();
            topic.id = observe::topicId(name);
            topic.name = name;
            const auto count = static_cast<std::size_t>(
                std::clamp(numberAt(object, "partitions", 1), 0.0, static_cast<double>(mostInAll - m_partitions)));
            m_partitions += count;
            topic.partitions.resize(count);
            for (std::size_t i = 0; i < count; ++i) {
                topic.partitions[i].partition = static_cast<std::int32_t>(i);
            }
        });
    }

    void addStorm() {
        if (const Value* nimbus = at(m_root, {"storm", "nimbus"})) {
            m_plan.storm.nimbus = {observe::nimbusId(), hostOf(*nimbus), LifeState::Planned};
        }
        forEach({"storm", "supervisors"}, [this](const std::string& name, const Value& object) {
            observe::SupervisorView& supervisor = m_plan.storm.supervisors.emplace_back();
            supervisor.id = observe::supervisorId(name);
            supervisor.host = hostOf(object);
            supervisor.state = LifeState::Planned;
            constexpr double slotsDefault = 4;
            const auto slotCount =
                static_cast<std::size_t>(std::clamp(numberAt(object, "slots", slotsDefault), 0.0, 64.0));
            supervisor.workerSlots.resize(slotCount);
        });
    }

    void forEach(const std::vector<std::string>& collection, const auto& use) {
        for (const std::string& name : keysAt(m_root, collection)) {
            std::vector<std::string> path = collection;
            path.push_back(name);
            if (const Value* object = at(m_root, std::move(path)); object != nullptr && object->isObject()) {
                use(name, *object);
            }
        }
    }

    const Value& m_root;
    observe::Snapshot m_plan;
    std::size_t m_partitions = 0;
};

}  // namespace

observe::SnapshotPtr plannedCluster(const Value& root) {
    return Planner(root).plan();
}

}  // namespace millrace::studio
