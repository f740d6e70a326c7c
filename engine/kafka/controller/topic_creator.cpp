#include "engine/kafka/controller/topic_creator.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/base/random.h"
#include "engine/kafka/controller/placement.h"

namespace millrace::kafka {

bool isTopicName(std::string_view name) {
    const auto isLegal = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    };
    return !name.empty() && name.size() <= 249 && name != "." && name != ".." &&
           std::all_of(name.begin(), name.end(), isLegal);
}

std::int64_t TopicCreator::roomIn(const MetadataCache& metadata) const {
    std::int64_t coming = static_cast<std::int64_t>(m_onDemand.size()) * m_config->numPartitions;
    for (const Parked& parked : m_parked) {
        for (const Topic& topic : parked.topics) {
            const bool isComing = topic.error == ErrorCode::None && !metadata.hasTopic(topic.name);
            coming += isComing ? topic.partitions : 0;
        }
    }
    return std::max<std::int64_t>(partitionsMax - metadata.partitionCount() - coming, 0);
}

Result<TopicCreator::Assignment, TopicCreator::Refusal> TopicCreator::checkOwn(const CreateTopicsRequest::Topic& topic,
                                                                               const MetadataCache& metadata) {
    if (topic.partitions != -1 || topic.replicationFactor != -1) {
        return tl::unexpected(Refusal{ErrorCode::InvalidRequest,
                                      "Numbers of partitions and replicas are not given beside an assignment."});
    }
    Assignment assignment(topic.assignment.size());
    for (const CreateTopicsRequest::Assignment& asked : topic.assignment) {
        const auto index = static_cast<std::size_t>(asked.partition.value);
        const std::vector<BrokerId>& replicas = asked.replicas;
        const bool isInRow = index < assignment.size() && assignment[index].empty();
        const bool areKnown =
            std::all_of(replicas.begin(), replicas.end(), [&](BrokerId replica) { return metadata.isAlive(replica); });
        const bool areApart = std::set<BrokerId>(replicas.begin(), replicas.end()).size() == replicas.size();
        if (!isInRow || replicas.empty() || !areKnown || !areApart ||
            replicas.size() != topic.assignment.front().replicas.size()) {
            return tl::unexpected(
                Refusal{ErrorCode::InvalidReplicaAssignment,
                        "Partitions are numbered from 0 and each has the same number of different live brokers."});
        }
        assignment[index] = replicas;
    }
    return assignment;
}

Result<TopicCreator::Assignment, TopicCreator::Refusal> TopicCreator::place(const CreateTopicsRequest::Topic& topic,
                                                                            const MetadataCache& metadata,
                                                                            std::int64_t room) const {
    if (!isTopicName(topic.name.text())) {
        return tl::unexpected(Refusal{ErrorCode::InvalidTopic, {}});
    }
    if (metadata.hasTopic(topic.name)) {
        return tl::unexpected(Refusal{ErrorCode::TopicAlreadyExists, {}});
    }
    if (const auto wrong = troubleWithTopicConfig(topic.config)) {
        return tl::unexpected(Refusal{ErrorCode::InvalidConfig, *wrong});
    }
    const bool isOwn = !topic.assignment.empty();
    const std::int32_t partitions = topic.partitions == -1 ? m_config->numPartitions : topic.partitions;
    const std::int64_t asked = isOwn ? static_cast<std::int64_t>(topic.assignment.size()) : partitions;
    if (asked > room) {
        return tl::unexpected(Refusal{
            ErrorCode::InvalidPartitions,
            fmt::format("{} partitions are too many: a request may add {}, and the cluster has room for {} in all.",
                        asked, partitionsPerRequestMax, partitionsMax)});
    }
    if (isOwn) {
        return checkOwn(topic, metadata);
    }
    std::vector<PlacementBroker> brokers;
    for (const BrokerEndpoint& broker : metadata.brokers()) {
        brokers.push_back({broker.id, broker.rack});
    }
    const std::int16_t replicas =
        topic.replicationFactor == -1 ? m_config->defaultReplicationFactor : topic.replicationFactor;
    // The draw depends on seed and topic only: neither on who creates it nor on when.
    RandomStream random(m_config->placementSeed, "topic/" + topic.name.text() + "/placement");
    const std::uint64_t bound = std::max<std::uint64_t>(brokers.size(), 1);
    const auto start = static_cast<std::uint32_t>(random.below(bound));
    const auto shift = static_cast<std::uint32_t>(random.below(bound));
    const std::size_t alive = brokers.size();
    auto placed = placeReplicas(std::move(brokers), partitions, replicas, start, shift);
    if (placed) {
        return std::move(*placed);
    }
    switch (placed.error()) {
        case ErrorCode::InvalidPartitions:
            return tl::unexpected(Refusal{placed.error(), "A topic has at least one partition."});
        case ErrorCode::InvalidReplicationFactor:
            return tl::unexpected(
                Refusal{placed.error(),
                        fmt::format("{} replicas of each partition cannot stand on {} brokers.", replicas, alive)});
        default:
            return tl::unexpected(Refusal{placed.error(), {}});
    }
}

std::uint64_t TopicCreator::write(MetadataStore& store, const TopicName& topic,
                                  const std::vector<std::vector<BrokerId>>& assignment,
                                  const std::vector<std::pair<std::string, std::string>>& config) {
    const std::uint64_t token = m_nextToken++;
    store.createTopic(token, topic, assignment, config);
    return token;
}

void TopicCreator::onRequest(sim::Context& context, MetadataStore& store, const RequestOrigin& origin,
                             const CreateTopicsRequest& request, const MetadataCache& metadata, bool isController) {
    const SimDuration timeout = std::max(request.timeout, SimDuration{0});
    Parked parked{origin.connection, origin.correlationId, origin.version, context.now() + timeout, {}};
    std::map<TopicName, int> times;
    for (const CreateTopicsRequest::Topic& asked : request.topics) {
        ++times[asked.name];
    }
    const bool isScenario = origin.clientId.text() == topicSetupClient;
    std::int64_t room = isScenario ? roomIn(metadata) : std::min(partitionsPerRequestMax, roomIn(metadata));
    for (const CreateTopicsRequest::Topic& asked : request.topics) {
        Topic topic;
        topic.name = asked.name;
        if (!isController) {
            topic.error = ErrorCode::NotController;
        } else if (times[asked.name] > 1) {
            topic.error = ErrorCode::InvalidRequest;
            topic.message = "The request names this topic more than once.";
        } else if (const auto placed = place(asked, metadata, room); !placed) {
            topic.error = placed.error().error;
            topic.message = placed.error().message;
            if (topic.error == ErrorCode::InvalidReplicaAssignment && asked.assignment.empty()) {
                topic.message = "some brokers have a rack and some have none";
            }
        } else {
            room -= static_cast<std::int64_t>(placed->size());
            if (!request.validateOnly) {
                topic.partitions = static_cast<std::int32_t>(placed->size());
                topic.token = write(store, asked.name, *placed, asked.config);
            }
        }
        parked.topics.push_back(std::move(topic));
    }
    m_parked.push_back(std::move(parked));
    // Without time the topics are made and the answer is that they are not there yet, as ZkAdminManager says it.
    context.arm(timeout, makeRef<TopicCreatorAlarm>());
    check(context.now(), metadata);
}

ErrorCode TopicCreator::createOnDemand(MetadataStore& store, const TopicName& topic, const MetadataCache& metadata) {
    if (!isTopicName(topic.text())) {
        return ErrorCode::InvalidTopic;
    }
    if (m_onDemand.size() >= onDemandMax ||
        std::find(m_onDemand.begin(), m_onDemand.end(), topic) != m_onDemand.end()) {
        return ErrorCode::LeaderNotAvailable;
    }
    CreateTopicsRequest::Topic wanted;
    wanted.name = topic;
    if (topic.text() == consumerOffsetsTopic) {
        wanted.partitions = m_config->offsetsTopicPartitions;
        wanted.replicationFactor = m_config->offsetsTopicReplicationFactor;
        wanted.config = {
            {"cleanup.policy", "compact"}, {"compression.type", "producer"}, {"segment.bytes", "104857600"}};
    }
    const auto placed = place(wanted, metadata, roomIn(metadata));
    if (!placed) {
        return placed.error().error;
    }
    write(store, topic, *placed, wanted.config);
    m_onDemand.push_back(topic);
    return ErrorCode::LeaderNotAvailable;
}

void TopicCreator::onCreated(const MetadataStore::TopicCreated& created) {
    for (Parked& parked : m_parked) {
        for (Topic& topic : parked.topics) {
            if (topic.token == created.token && topic.token != 0) {
                topic.isWritten = created.error == ErrorCode::None;
                if (!topic.isWritten) {
                    topic.error = created.error;
                    topic.message = created.message.empty() ? topic.message : created.message;
                }
            }
        }
    }
    if (created.error != ErrorCode::None) {
        m_onDemand.clear();  // whoever still wants one asks again
    }
}

bool TopicCreator::isVisible(const Topic& topic, const MetadataCache& metadata) {
    if (metadata.partitionCount(topic.name) < topic.partitions) {
        return false;
    }
    for (std::int32_t i = 0; i < topic.partitions; ++i) {
        const PartitionState* state = metadata.partition({topic.name, PartitionIndex{i}});
        if (state == nullptr || state->leader == noBroker) {
            return false;
        }
    }
    return true;
}

void TopicCreator::check(SimTime now, const MetadataCache& metadata) {
    std::erase_if(m_onDemand, [&](const TopicName& topic) { return metadata.hasTopic(topic); });
    for (std::size_t i = 0; i < m_parked.size();) {
        Parked& parked = m_parked[i];
        bool isSettled = true;
        for (Topic& topic : parked.topics) {
            const bool isOpen = topic.error == ErrorCode::None && topic.token != 0;
            if (!isOpen || (topic.isWritten && isVisible(topic, metadata))) {
                continue;
            }
            if (now >= parked.deadline) {
                topic.error = ErrorCode::RequestTimedOut;
            } else {
                isSettled = false;
            }
        }
        if (!isSettled) {
            ++i;
            continue;
        }
        auto response = makeRef<CreateTopicsResponse>();
        response->answers(parked);
        for (const Topic& topic : parked.topics) {
            response->topics.push_back({topic.name, topic.error, topic.message});
        }
        m_answers.push_back({parked.connection, std::move(response), false});
        m_parked.erase(m_parked.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

}  // namespace millrace::kafka
