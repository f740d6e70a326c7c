#include <algorithm>

#include "engine/base/check.h"
#include "engine/kafka/controller/controller.h"
#include "engine/kafka/cost.h"

namespace millrace::kafka {

namespace {

constexpr std::string_view uncleanKey = "unclean.leader.election.enable";

}  // namespace

void Controller::begin(sim::Context& context, MetadataStore& store) {
    if (!m_due.any()) {
        if (!m_alterPartition.empty()) {
            beginAlterPartition(context, store);
        }
        return;
    }
    m_readsEverything = m_due.everything;
    m_balances = m_due.balance;
    m_hasListedBrokers = false;
    if (m_readsEverything) {
        m_partitions.clear();
        m_topics.clear();
    }
    m_step = Step::Listing;
    m_outstanding = 0;
    if (m_due.brokers || m_readsEverything) {
        store.listBrokers(m_epoch);
        ++m_outstanding;
    }
    if (m_due.topics || m_readsEverything) {
        store.listTopics(m_epoch);
        ++m_outstanding;
    }
    m_foundTopics = std::exchange(m_due.changedTopics, {});
    m_foundBrokers.clear();
    m_toRead.clear();
    m_due = {};
    if (m_outstanding == 0) {
        readListed(context, store);
    }
}

// --- what was read; what is no longer there is as if it had not been listed

void Controller::take(const MetadataStore::BrokersListed& listed) {
    m_hasListedBrokers = true;
    for (const BrokerId broker : listed.brokers) {
        m_foundBrokers.push_back({{broker, {}, 0, {}}, BrokerEpoch{-1}});
    }
}

void Controller::take(const MetadataStore::TopicsListed& listed) {
    for (const TopicName& topic : listed.topics) {
        if (!m_topics.contains(topic)) {
            m_foundTopics.push_back(topic);
        }
    }
}

void Controller::take(const MetadataStore::BrokerRead& read) {
    const auto at = std::find_if(m_foundBrokers.begin(), m_foundBrokers.end(),
                                 [&](const LiveBroker& broker) { return broker.endpoint.id == read.broker; });
    if (at == m_foundBrokers.end()) {
        return;
    }
    if (read.endpoint) {
        *at = {*read.endpoint, read.epoch};
    } else {
        m_foundBrokers.erase(at);
    }
}

void Controller::take(const MetadataStore::TopicRead& read) {
    std::int32_t index = 0;
    for (const std::vector<BrokerId>& replicas : read.assignment) {
        const TopicPartition partition{read.topic, PartitionIndex{index++}};
        if (!m_partitions.contains(partition)) {
            Known& known = m_partitions[partition];
            known.state.partition = partition;
            known.state.replicas = replicas;
            m_toRead.push_back(partition);
        }
    }
}

void Controller::take(const MetadataStore::TopicConfigRead& read) {
    for (const auto& [key, value] : read.config) {
        if (key == uncleanKey) {
            m_topics.set(read.topic, value == "true");
        }
    }
}

void Controller::take(const MetadataStore::PartitionStateRead& read) {
    Known* known = m_partitions.update(read.partition);
    if (known != nullptr && read.state) {
        known->hasState = true;
        known->state.leader = read.state->leader;
        known->state.leaderEpoch = read.state->leaderEpoch;
        known->state.isr = read.state->isr;
        known->state.controllerEpoch = read.state->controllerEpoch;
        known->state.partitionEpoch = read.state->partitionEpoch;
    }
}

void Controller::answered(sim::Context& context, MetadataStore& store) {
    if (m_step == Step::Idle || m_step == Step::Writing || --m_outstanding > 0) {
        return;
    }
    switch (m_step) {
        case Step::Listing:
            readListed(context, store);
            return;
        case Step::Reading:
            readStates(context, store);
            return;
        default:
            takeBrokers(context);
            decide(context, store);
            return;
    }
}

void Controller::readListed(sim::Context& context, MetadataStore& store) {
    m_step = Step::Reading;
    m_outstanding = 0;
    for (const LiveBroker& broker : m_foundBrokers) {
        store.readBroker(m_epoch, broker.endpoint.id);
        ++m_outstanding;
    }
    for (const TopicName& topic : m_foundTopics) {
        m_topics.set(topic, m_config->uncleanLeaderElection);
        store.readTopic(m_epoch, topic);
        store.readTopicConfig(m_epoch, topic);
        m_outstanding += 2;
    }
    m_foundTopics.clear();
    if (m_outstanding == 0) {
        readStates(context, store);
    }
}

void Controller::readStates(sim::Context& context, MetadataStore& store) {
    m_step = Step::ReadingStates;
    m_outstanding = 0;
    for (const TopicPartition& partition : m_toRead) {
        store.readPartitionState(m_epoch, partition);
        ++m_outstanding;
    }
    if (m_outstanding == 0) {
        takeBrokers(context);
        decide(context, store);
    }
}

/// Who lives from here on. One that has registered anew is first gone, and comes in the next piece of work.
void Controller::takeBrokers(sim::Context& context) {
    m_newBrokers.clear();
    m_hasLostBrokers = false;
    if (!m_hasListedBrokers) {
        return;
    }
    std::vector<LiveBroker> next;
    for (const LiveBroker& found : m_foundBrokers) {
        const LiveBroker* before = live(found.endpoint.id);
        if (before != nullptr && before->epoch != found.epoch) {
            m_due.brokers = true;
            continue;
        }
        if (before == nullptr) {
            m_newBrokers.push_back(found.endpoint.id);
            m_channels.add(found.endpoint);
        }
        next.push_back(found);
    }
    for (const LiveBroker& before : m_brokers) {
        const bool isStill = std::any_of(next.begin(), next.end(), [&](const LiveBroker& broker) {
            return broker.endpoint.id == before.endpoint.id;
        });
        if (!isStill) {
            m_hasLostBrokers = true;
            m_channels.remove(context, before.endpoint.id);
        }
    }
    m_brokers = std::move(next);
    std::erase_if(m_shuttingDown, [&](BrokerId broker) { return live(broker) == nullptr; });
}

void Controller::decide(sim::Context& context, MetadataStore& store) {
    std::vector<Change> changes;
    for (const auto& [partition, known] : m_partitions) {
        if (auto change = changeFor(known)) {
            changes.push_back(std::move(*change));
        }
    }
    if (m_balances && changes.empty()) {
        changes = changesForBalance();
    }
    context.spend(cost::controllerPartition * static_cast<std::int64_t>(changes.size()));
    if (changes.empty()) {
        finishRefresh({});
        return;
    }
    write(store, std::move(changes), false);
}

void Controller::write(MetadataStore& store, std::vector<Change> changes, bool isAlterPartition) {
    std::vector<MetadataStore::StateChange> states;
    const TopicName* lastTopic = nullptr;
    for (const Change& change : changes) {
        const TopicName& topic = change.state.partition.topic;
        // The first partition of a topic that gets a state makes the topic's folder.
        const bool isFirstHere = lastTopic == nullptr || !(*lastTopic == topic);
        states.push_back({change.state, change.isCreation, change.isCreation && isFirstHere && !hasStates(topic)});
        lastTopic = change.isCreation ? &topic : lastTopic;
    }
    store.writeStates(m_epoch, m_epochVersion, states);
    m_step = Step::Writing;
    m_isAlterPartition = isAlterPartition;
    m_writing = std::move(changes);
}

bool Controller::hasStates(const TopicName& topic) const {
    for (auto at = m_partitions.lowerBound(TopicPartition{topic, PartitionIndex{0}});
         at != m_partitions.end() && at->first.topic == topic; ++at) {
        if (at->second.hasState) {
            return true;
        }
    }
    return false;
}

void Controller::onWritten(sim::Context& context, const MetadataStore::StatesWritten& outcome) {
    if (m_step != Step::Writing) {
        return;
    }
    const std::vector<Change> written = std::exchange(m_writing, {});
    const bool isDone = outcome.isDone;
    m_step = Step::Idle;
    std::vector<TopicPartition> changed;
    if (isDone) {
        for (const Change& change : written) {
            Known& known = m_partitions[change.state.partition];
            if (!m_isAlterPartition) {
                journalChange(context, known.state, change);
            }
            const std::int32_t version = change.isCreation ? 0 : known.state.partitionEpoch + 1;
            stopFollowing(known.state, change.state);
            known.hasState = true;
            known.state = change.state;
            known.state.partitionEpoch = version;
            changed.push_back(change.state.partition);
        }
    } else {
        if (outcome.isReplaced) {
            if (m_isAlterPartition) {
                answerAlterPartition(false);
            }
            resign(context);
            m_isReplaced = true;
            return;
        }
        // Lost on the way, or something stands otherwise than remembered: read it all again.
        m_due.everything = true;
        m_due.brokers = true;
    }
    if (m_isAlterPartition) {
        answerAlterPartition(isDone);
        if (isDone) {
            tellMetadata(changed);
        }
        return;
    }
    if (isDone) {
        finishRefresh(changed);
    }
}

/// A broker that is about to stop fetches no more of what it only followed: it could be in sync again otherwise.
void Controller::stopFollowing(const PartitionState& before, const PartitionState& after) {
    for (const BrokerId broker : m_shuttingDown) {
        const LiveBroker* to = live(broker);
        if (to == nullptr || before.leader == broker || !holds(before.isr, broker) || holds(after.isr, broker)) {
            continue;
        }
        auto stop = makeRef<StopReplicaRequest>();
        stop->stamp = {m_config->id, m_epoch, to->epoch};
        stop->partitions.push_back({after.partition, after.leaderEpoch, false});
        m_channels.enqueue(broker, std::move(stop));
    }
}

void Controller::finishRefresh(const std::vector<TopicPartition>& changed) {
    m_step = Step::Idle;
    if (m_readsEverything || !changed.empty() || !m_newBrokers.empty() || m_hasLostBrokers) {
        tellBrokers(changed, m_newBrokers, m_readsEverything);
    }
}

// --- in-sync sets that leaders ask for

void Controller::beginAlterPartition(sim::Context& context, MetadataStore& store) {
    m_altering = std::move(m_alterPartition.front());
    m_alterPartition.erase(m_alterPartition.begin());
    m_alterAnswer = makeRef<AlterPartitionResponse>();
    m_alterAnswer->correlationId = m_altering.origin.correlationId;
    std::vector<Change> changes;
    for (const AlterPartitionRequest::Partition& asked : m_altering.request->partitions) {
        AlterPartitionResponse::Partition answer;
        answer.partition = asked.partition;
        const Known* known = m_partitions.find(asked.partition);
        if (known == nullptr || !known->hasState) {
            answer.error = ErrorCode::UnknownTopicOrPartition;
        } else {
            const PartitionState& state = known->state;
            answer.leader = state.leader;
            answer.leaderEpoch = state.leaderEpoch;
            answer.isr = state.isr;
            answer.partitionEpoch = state.partitionEpoch;
            const bool areLive =
                std::all_of(asked.newIsr.begin(), asked.newIsr.end(), [&](BrokerId id) { return isLive(id); });
            if (asked.leaderEpoch != state.leaderEpoch || state.leader != m_altering.request->broker) {
                answer.error = ErrorCode::FencedLeaderEpoch;
            } else if (asked.partitionEpoch != state.partitionEpoch) {
                answer.error = ErrorCode::InvalidUpdateVersion;
            } else if (!areLive) {
                answer.error = ErrorCode::IneligibleReplica;
            } else {
                Change change{state, false, "asked by the leader"};
                change.state.isr = asked.newIsr;
                change.state.controllerEpoch = m_epoch;
                change.state.isNew = false;
                answer.isr = asked.newIsr;
                answer.partitionEpoch = state.partitionEpoch + 1;
                changes.push_back(std::move(change));
            }
        }
        m_alterAnswer->partitions.push_back(std::move(answer));
    }
    context.spend(cost::controllerPartition * static_cast<std::int64_t>(m_altering.request->partitions.size()));
    m_isAlterPartition = true;
    if (changes.empty()) {
        answerAlterPartition(true);
        return;
    }
    write(store, std::move(changes), true);
}

void Controller::answerAlterPartition(bool isWritten) {
    if (!isWritten) {
        // Not known to have happened: the leader asks again and finds out.
        m_alterAnswer->error = ErrorCode::NotController;
        m_alterAnswer->partitions.clear();
    }
    m_answers.push_back({m_altering.origin.connection, std::move(m_alterAnswer), false});
    m_alterAnswer = nullptr;
    m_altering = {};
    m_isAlterPartition = false;
}

void Controller::tellMetadata(const std::vector<TopicPartition>& changed) {
    for (const LiveBroker& broker : m_brokers) {
        auto metadata = makeRef<UpdateMetadataRequest>();
        metadata->stamp = {m_config->id, m_epoch, broker.epoch};
        for (const LiveBroker& each : m_brokers) {
            metadata->liveBrokers.push_back(each.endpoint);
        }
        for (const TopicPartition& partition : changed) {
            metadata->partitions.push_back(m_partitions.at(partition).state);
        }
        m_channels.enqueue(broker.endpoint.id, std::move(metadata));
    }
}

}  // namespace millrace::kafka
