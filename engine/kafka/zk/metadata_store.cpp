#include "engine/kafka/zk/metadata_store.h"

#include <string_view>

#include "engine/kafka/zk/znodes.h"

namespace millrace::kafka {

namespace {

/// The name behind the last slash of the path.
std::string_view nameOf(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

/// Of "/brokers/topics/<topic>/partitions/<p>/state".
TopicPartition partitionOf(std::string_view path) {
    std::string_view rest = path.substr(std::string_view{znodes::topics}.size() + 1);
    const std::string_view topic = rest.substr(0, rest.find('/'));
    rest.remove_prefix(topic.size() + std::string_view{"/partitions/"}.size());
    return {TopicName(topic), PartitionIndex{std::stoi(std::string{rest.substr(0, rest.find('/'))})}};
}

zookeeper::Tag tagOf(ZkPurpose purpose, ControllerEpoch term) {
    return kafka::tagOf(purpose, static_cast<std::uint64_t>(term.value));
}

MetadataStore::BrokersListed brokersOf(const zookeeper::Reply& reply) {
    MetadataStore::BrokersListed listed;
    for (const std::string& name : reply.children) {
        listed.brokers.push_back(BrokerId{std::stoi(name)});
    }
    return listed;
}

MetadataStore::TopicsListed topicsOf(const zookeeper::Reply& reply) {
    MetadataStore::TopicsListed listed;
    for (const std::string& name : reply.children) {
        listed.topics.emplace_back(name);
    }
    return listed;
}

MetadataStore::BrokerRead brokerOf(const zookeeper::Reply& reply, bool isThere) {
    const BrokerId id{std::stoi(std::string{nameOf(reply.path)})};
    return {id, isThere ? znodes::readBroker(id, reply.data) : std::nullopt,
            BrokerEpoch{static_cast<std::int64_t>(reply.stat.czxid.value)}};
}

MetadataStore::PartitionStateRead stateOf(const zookeeper::Reply& reply, bool isThere) {
    auto state = isThere ? znodes::readPartitionState(reply.data) : std::nullopt;
    if (state) {
        state->partitionEpoch = reply.stat.version;
    }
    return {partitionOf(reply.path), std::move(state)};
}

}  // namespace

void MetadataStore::listBrokers(ControllerEpoch term) {
    m_client.getChildren(m_context, tagOf(ZkPurpose::ListBrokers, term), znodes::brokerIds, true);
}

void MetadataStore::listTopics(ControllerEpoch term) {
    m_client.getChildren(m_context, tagOf(ZkPurpose::ListTopics, term), znodes::topics, true);
}

void MetadataStore::readBroker(ControllerEpoch term, BrokerId broker) {
    m_client.getData(m_context, tagOf(ZkPurpose::ReadBroker, term), znodes::broker(broker));
}

void MetadataStore::readTopic(ControllerEpoch term, const TopicName& topic) {
    m_client.getData(m_context, tagOf(ZkPurpose::ReadTopic, term), znodes::topic(topic), true);
}

void MetadataStore::readTopicConfig(ControllerEpoch term, const TopicName& topic) {
    m_client.getData(m_context, tagOf(ZkPurpose::ReadTopicOptions, term), znodes::topicConfig(topic));
}

void MetadataStore::readPartitionState(ControllerEpoch term, const TopicPartition& partition) {
    m_client.getData(m_context, tagOf(ZkPurpose::ReadPartitionState, term), znodes::partitionState(partition));
}

void MetadataStore::writeStates(ControllerEpoch term, std::int32_t epochVersion,
                                const std::vector<StateChange>& changes) {
    using zookeeper::Operation;
    std::vector<Operation> operations{Operation::check(znodes::controllerEpoch, epochVersion)};
    for (const StateChange& change : changes) {
        const TopicPartition& partition = change.state.partition;
        const std::string state = znodes::writePartitionState(change.state);
        if (!change.isCreation) {
            operations.push_back(
                Operation::setData(znodes::partitionState(partition), state, change.state.partitionEpoch));
            continue;
        }
        if (change.isFirstOfTopic) {
            operations.push_back(Operation::create(znodes::topicPartitions(partition.topic), ""));
        }
        operations.push_back(Operation::create(znodes::partition(partition), ""));
        operations.push_back(Operation::create(znodes::partitionState(partition), state));
    }
    m_client.multi(m_context, tagOf(ZkPurpose::WriteStates, term), std::move(operations));
}

void MetadataStore::createTopic(std::uint64_t token, const TopicName& topic, const Assignment& assignment,
                                const ConfigMap& config) {
    m_client.multi(m_context, kafka::tagOf(ZkPurpose::CreateTopic, token),
                   {zookeeper::Operation::create(znodes::topicConfig(topic), znodes::writeConfig(config)),
                    zookeeper::Operation::create(znodes::topic(topic), znodes::writeTopic(assignment))});
}

std::optional<MetadataStore::Answered> MetadataStore::read(const zookeeper::Reply& reply) {
    if (reply.error == zookeeper::ErrorCode::SessionExpired) {
        return std::nullopt;
    }
    const ControllerEpoch term{static_cast<std::int32_t>(reply.tag.token)};
    const bool isThere = reply.error == zookeeper::ErrorCode::Ok;
    switch (purposeOf(reply)) {
        case ZkPurpose::ListBrokers:
            return Answered{term, brokersOf(reply)};
        case ZkPurpose::ListTopics:
            return Answered{term, topicsOf(reply)};
        case ZkPurpose::ReadBroker:
            return Answered{term, brokerOf(reply, isThere)};
        case ZkPurpose::ReadTopic:
            return Answered{
                term, TopicRead{TopicName{nameOf(reply.path)}, isThere ? znodes::readTopic(reply.data) : Assignment{}}};
        case ZkPurpose::ReadTopicOptions:
            return Answered{term, TopicConfigRead{TopicName{nameOf(reply.path)}, znodes::readConfig(reply.data)}};
        case ZkPurpose::ReadPartitionState:
            return Answered{term, stateOf(reply, isThere)};
        case ZkPurpose::WriteStates:
            return Answered{
                term, StatesWritten{isThere, !isThere && !reply.results.empty() &&
                                                 reply.results.front().error == zookeeper::ErrorCode::BadVersion}};
        default:
            return std::nullopt;
    }
}

MetadataStore::TopicCreated MetadataStore::readCreated(const zookeeper::Reply& reply) {
    switch (reply.error) {
        case zookeeper::ErrorCode::Ok:
            return {reply.tag.token, ErrorCode::None, {}};
        case zookeeper::ErrorCode::ConnectionLoss:
            return {reply.tag.token, ErrorCode::RequestTimedOut, {}};  // made or not: who asks again finds out
        case zookeeper::ErrorCode::NodeExists:
            return {reply.tag.token, ErrorCode::TopicAlreadyExists, {}};
        default:
            return {reply.tag.token, ErrorCode::UnknownServerError, std::string{toText(reply.error)}};
    }
}

MetadataStore::Change MetadataStore::read(const zookeeper::WatchFired& fired) {
    const std::string_view topics = znodes::topics;
    Change change;
    change.brokers = fired.path == znodes::brokerIds;
    change.topics = fired.path == topics;
    if (fired.path.starts_with(std::string{topics} + '/')) {
        change.topic = TopicName{std::string_view{fired.path}.substr(topics.size() + 1)};
    }
    return change;
}

void ConfigStore::readTopicConfig(const TopicName& topic) {
    m_client.getData(m_context, kafka::tagOf(ZkPurpose::ReadTopicConfig), znodes::topicConfig(topic));
}

ConfigStore::TopicConfigRead ConfigStore::read(const zookeeper::Reply& reply) {
    return {TopicName{nameOf(reply.path)}, reply.error == zookeeper::ErrorCode::SessionExpired,
            znodes::readConfig(reply.data)};
}

}  // namespace millrace::kafka
