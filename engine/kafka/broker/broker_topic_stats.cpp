#include "engine/kafka/broker/broker_topic_stats.h"

#include <algorithm>

namespace millrace::kafka {

void ReplicaFigures::add(const ReplicaFigures& other) {
    recordsIn += other.recordsIn;
    bytesIn += other.bytesIn;
    bytesOut += other.bytesOut;
    isrShrinks += other.isrShrinks;
    isrExpands += other.isrExpands;
    logSize += other.logSize;
    led += other.led;
    underReplicated += other.underReplicated;
}

void ReplicaFigures::subtract(const ReplicaFigures& other) {
    recordsIn -= other.recordsIn;
    bytesIn -= other.bytesIn;
    bytesOut -= other.bytesOut;
    isrShrinks -= other.isrShrinks;
    isrExpands -= other.isrExpands;
    logSize -= other.logSize;
    led -= other.led;
    underReplicated -= other.underReplicated;
}

void BrokerTopicStats::addReplica(const TopicName& topic) {
    // Replicas of one topic mostly come side by side.
    const bool isLast = !m_topicOf.empty() && m_topics[m_topicOf.back()].first == topic;
    const auto at =
        isLast ? m_topics.begin() + m_topicOf.back()
               : std::find_if(m_topics.begin(), m_topics.end(), [&](const auto& each) { return each.first == topic; });
    m_topicOf.push_back(static_cast<std::uint32_t>(at - m_topics.begin()));
    if (at == m_topics.end()) {
        m_topics.emplace_back(topic, ReplicaFigures{});
    }
    m_replicas.emplace_back();
}

void BrokerTopicStats::set(Slot slot, const ReplicaFigures& now) {
    ReplicaFigures& known = m_replicas[slot];
    if (now.isAnything() && !known.isAnything()) {
        m_measured.insert(std::lower_bound(m_measured.begin(), m_measured.end(), slot), slot);
    }
    ReplicaFigures& topic = m_topics[m_topicOf[slot]].second;
    topic.subtract(known);
    topic.add(now);
    known = now;
}

ReplicaFigures BrokerTopicStats::all() const {
    ReplicaFigures all;
    for (const auto& [topic, figures] : m_topics) {
        all.add(figures);
    }
    return all;
}

}  // namespace millrace::kafka
