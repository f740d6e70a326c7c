#include "engine/lab/worn_replicas.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "engine/kafka/journal_kinds.h"
#include "engine/sim/journal_kinds.h"

namespace millrace::lab {

using kafka::BrokerId;

namespace {

std::int32_t numberIn(std::string_view text) {
    std::int32_t number = -1;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

constexpr kafka::PartitionIndex noPartition{-1};

}  // namespace

void WornReplicas::forget() {
    m_partitions.clear();
    m_isAnyWorn = false;
    m_seen = sim::noEntry;
}

WornReplicas::News WornReplicas::update(const sim::World& world, const PartitionLooks& looks) {
    News news;
    const sim::Journal& journal = world.journal();
    for (std::uint32_t id = std::max(m_seen.value + 1, journal.firstId().value); id <= journal.lastId().value; ++id) {
        if (const sim::JournalEntry* entry = journal.find(sim::JournalId{id})) {
            take(world, *entry, news);
        }
    }
    m_seen = journal.lastId();
    for (const kafka::TopicPartition& name : news.isOfAll ? looks.all() : news.partitions) {
        takeMembers(name, looks);
    }
    for (const kafka::TopicPartition& name : looks.changed()) {
        takeMembers(name, looks);
    }
    return news;
}

void WornReplicas::takeMembers(const kafka::TopicPartition& name, const PartitionLooks& looks) {
    const std::optional<PartitionLook> look = looks.find(name);
    const ReplicaLook* leader = look ? look->leader() : nullptr;
    if (leader == nullptr) {
        return;
    }
    Partition& partition = m_partitions[name];
    if (leader->replica->leaderEpoch() >= partition.epoch) {
        keepMembers(partition, leader->replica->inSyncSet());
    }
}

void WornReplicas::keepMembers(Partition& partition, const std::vector<BrokerId>& inSync) {
    partition.inSync = inSync;
    std::erase_if(partition.worn, [&](const auto& entry) { return !kafka::holds(inSync, entry.first); });
}

void WornReplicas::take(const sim::World& world, const sim::JournalEntry& entry, News& news) {
    if (entry.kind == sim::happened::faultInjected) {
        if (sim::field::faultKind.of(entry) == "power") {
            losePower(world, sim::field::hit.of(entry).value_or(""));
            news.isOfAll = true;
        }
        return;
    }
    if (entry.kind == kafka::happened::controllerElected) {
        news.isOfAll = true;
        for (auto& [name, partition] : m_partitions) {
            for (auto& [broker, hasControllerChanged] : partition.worn) {
                hasControllerChanged = true;
            }
        }
        return;
    }
    const bool isSet = entry.kind == kafka::happened::isrShrunk || entry.kind == kafka::happened::isrExpanded;
    if (!isSet && entry.kind != kafka::happened::leaderElected && entry.kind != kafka::happened::partitionOffline) {
        return;
    }
    namespace field = kafka::field;
    news.partitions.push_back(
        {kafka::TopicName(field::topic.of(entry).value_or("")), field::partition.of(entry).value_or(noPartition)});
    Partition& partition = m_partitions[news.partitions.back()];
    const std::vector<BrokerId> inSync = field::inSync.of(entry).value_or(std::vector<BrokerId>{});
    const std::optional<kafka::LeaderEpoch> epoch = field::epoch.of(entry);
    if (!epoch) {
        partition.inSync = inSync;  // A leader's word, which may come after a newer one of the controller.
        return;
    }
    partition.epoch = *epoch;
    keepMembers(partition, inSync);
    const bool isWorn = mayLack(partition, field::leader.of(entry).value_or(kafka::noBroker));
    if (isWorn || field::why.of(entry) == "unclean") {
        constexpr std::size_t kept = 64;
        partition.excused[partition.epoch] = {partition.epoch, isWorn};
        if (partition.excused.size() > kept) {
            partition.excused.erase(partition.excused.begin());
        }
    }
}

void WornReplicas::losePower(const sim::World& world, std::string_view hit) {
    constexpr std::string_view hostPrefix = "host/";
    sim::HostId host = sim::noHost;
    if (hit.starts_with(hostPrefix)) {
        host = world.findHost(hit.substr(hostPrefix.size()));
    } else if (const sim::ProcessId process = world.findProcess(hit); process != sim::noProcess) {
        host = world.process(process).host;
    }
    forEachBroker(world, [&](const sim::ProcessSlot& process, const kafka::Broker*) {
        if (process.host != host) {
            return;
        }
        const BrokerId broker{numberIn(std::string_view{process.name()}.substr(std::string_view{"broker/"}.size()))};
        for (auto& [name, partition] : m_partitions) {
            if (kafka::holds(partition.inSync, broker)) {
                partition.worn[broker] = false;
                m_isAnyWorn = true;
            }
        }
    });
}

bool WornReplicas::isWorn(const kafka::TopicPartition& partition, BrokerId broker) const {
    const auto at = m_partitions.find(partition);
    return at != m_partitions.end() && at->second.worn.contains(broker);
}

bool WornReplicas::mayLack(const Partition& partition, BrokerId leader) {
    const auto at = partition.worn.find(leader);
    return at != partition.worn.end() &&
           (at->second || std::all_of(partition.inSync.begin(), partition.inSync.end(),
                                      [&](BrokerId id) { return partition.worn.contains(id); }));
}

std::optional<WornReplicas::Excuse> WornReplicas::excuses(const kafka::TopicPartition& name, BrokerId leader,
                                                          kafka::LeaderEpoch lastEpoch, kafka::LeaderEpoch epoch,
                                                          bool allowsUnclean) const {
    const auto at = m_partitions.find(name);
    if (at == m_partitions.end()) {
        return std::nullopt;
    }
    const Partition& partition = at->second;
    if (epoch <= lastEpoch) {  // It goes on in the epoch that it had: what it writes now is told by none.
        return mayLack(partition, leader) ? std::optional(Excuse{kafka::LeaderEpoch{epoch.value + 1}, true})
                                          : std::nullopt;
    }
    std::optional<Excuse> excuse;
    const auto end = partition.excused.upper_bound(epoch);
    for (auto each = partition.excused.upper_bound(lastEpoch); each != end; ++each) {
        if (each->second.isOfPower || allowsUnclean) {
            excuse = Excuse{each->second.from, each->second.isOfPower || (excuse && excuse->isOfPower)};
        }
    }
    // A controller that wrote the election, and was replaced before it heard of that, has told nobody.
    return !excuse && mayLack(partition, leader) ? std::optional(Excuse{epoch, true}) : excuse;
}

void WornReplicas::becomesWhole(const kafka::TopicPartition& partition, BrokerId broker) {
    if (!m_isAnyWorn) {
        return;
    }
    if (const auto at = m_partitions.find(partition); at != m_partitions.end()) {
        at->second.worn.erase(broker);
    }
}

}  // namespace millrace::lab
