#include "engine/kafka/broker/topic_creator.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/random.h"
#include "engine/kafka/broker/znodes.h"
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

Result<std::vector<std::vector<BrokerId>>, ErrorCode> TopicCreator::place(const CreateTopicsRequest::Topic& topic,
                                                                          const MetadataCache& metadata) const {
    if (!isTopicName(topic.name.text())) {
        return tl::unexpected(ErrorCode::InvalidTopic);
    }
    if (metadata.hasTopic(topic.name)) {
        return tl::unexpected(ErrorCode::TopicAlreadyExists);
    }
    if (!topic.assignment.empty()) {
        for (const std::vector<BrokerId>& replicas : topic.assignment) {
            const bool areKnown = std::all_of(replicas.begin(), replicas.end(),
                                              [&](BrokerId replica) { return metadata.isAlive(replica); });
            if (replicas.empty() || !areKnown || replicas.size() != topic.assignment.front().size()) {
                return tl::unexpected(ErrorCode::InvalidReplicaAssignment);
            }
        }
        return topic.assignment;
    }
    std::vector<PlacementBroker> brokers;
    for (const BrokerEndpoint& broker : metadata.brokers()) {
        brokers.push_back({broker.id, broker.rack});
    }
    // The draw depends on seed and topic only: neither on who creates it nor on when.
    RandomStream random(m_config->placementSeed, "topic/" + topic.name.text() + "/placement");
    const std::uint64_t bound = std::max<std::uint64_t>(brokers.size(), 1);
    const auto start = static_cast<std::uint32_t>(random.below(bound));
    const auto shift = static_cast<std::uint32_t>(random.below(bound));
    return placeReplicas(std::move(brokers), topic.partitions < 0 ? m_config->numPartitions : topic.partitions,
                         topic.replicationFactor < 0 ? m_config->defaultReplicationFactor : topic.replicationFactor,
                         start, shift);
}

std::uint64_t TopicCreator::write(sim::Context& context, zookeeper::ZkClient& client, const TopicName& topic,
                                  const std::vector<std::vector<BrokerId>>& assignment,
                                  const std::vector<std::pair<std::string, std::string>>& config) {
    const std::uint64_t token = m_nextToken++;
    client.multi(context, tagOf(ZkPurpose::CreateTopic, token),
                 {zookeeper::Operation::create(znodes::topicConfig(topic), znodes::writeConfig(config)),
                  zookeeper::Operation::create(znodes::topic(topic), znodes::writeTopic(assignment))});
    return token;
}

void TopicCreator::onRequest(sim::Context& context, zookeeper::ZkClient& client, const RequestOrigin& origin,
                             const CreateTopicsRequest& request, const MetadataCache& metadata, bool isController) {
    Parked parked{origin.connection, origin.correlationId, context.now() + request.timeout, {}};
    for (const CreateTopicsRequest::Topic& asked : request.topics) {
        Topic topic;
        topic.name = asked.name;
        const auto placed = place(asked, metadata);
        if (!isController) {
            topic.error = ErrorCode::NotController;
        } else if (!placed) {
            topic.error = placed.error();
        } else if (!request.validateOnly) {
            topic.partitions = static_cast<std::int32_t>(placed->size());
            topic.token = write(context, client, asked.name, *placed, asked.config);
        }
        parked.topics.push_back(std::move(topic));
    }
    m_parked.push_back(std::move(parked));
    context.arm(request.timeout, makeRef<TopicCreatorAlarm>());
    check(context.now(), metadata);
}

ErrorCode TopicCreator::createOnDemand(sim::Context& context, zookeeper::ZkClient& client, const TopicName& topic,
                                       const MetadataCache& metadata) {
    if (!isTopicName(topic.text())) {
        return ErrorCode::InvalidTopic;
    }
    if (std::find(m_onDemand.begin(), m_onDemand.end(), topic) != m_onDemand.end()) {
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
    const auto placed = place(wanted, metadata);
    if (!placed) {
        return placed.error();
    }
    write(context, client, topic, *placed, wanted.config);
    m_onDemand.push_back(topic);
    return ErrorCode::LeaderNotAvailable;
}

void TopicCreator::onReply(const zookeeper::Reply& reply) {
    for (Parked& parked : m_parked) {
        for (Topic& topic : parked.topics) {
            if (topic.token == reply.tag.token && topic.token != 0) {
                topic.isWritten = reply.error == zookeeper::ErrorCode::Ok;
                if (reply.error == zookeeper::ErrorCode::ConnectionLoss) {
                    topic.error = ErrorCode::RequestTimedOut;  // made or not: who asks again finds out
                } else if (reply.error == zookeeper::ErrorCode::NodeExists) {
                    topic.error = ErrorCode::TopicAlreadyExists;
                } else if (reply.error != zookeeper::ErrorCode::Ok) {
                    topic.error = ErrorCode::UnknownServerError;
                    topic.message = std::string{toText(reply.error)};
                }
            }
        }
    }
    if (reply.error != zookeeper::ErrorCode::Ok) {
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
        response->correlationId = parked.correlationId;
        for (const Topic& topic : parked.topics) {
            response->topics.push_back({topic.name, topic.error, topic.message});
        }
        m_answers.push_back({parked.connection, std::move(response), false});
        m_parked.erase(m_parked.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

}  // namespace millrace::kafka
