#include "engine/kafka/broker/coordinator_runtime.h"

#include "engine/kafka/cost.h"
#include "engine/kafka/partitioner.h"

namespace millrace::kafka {

PartitionIndex CoordinatorShards::partitionOf(const CoordinatorServices& services, std::string_view key) const {
    return offsetsPartitionOf(key, services.partitionCount(m_topic));
}

ErrorCode CoordinatorShards::check(const CoordinatorServices& services, std::string_view key) const {
    const std::int32_t count = services.partitionCount(m_topic);
    if (count == 0) {
        return ErrorCode::CoordinatorNotAvailable;
    }
    const PartitionIndex partition = offsetsPartitionOf(key, count);
    if (isActive(partition)) {
        return ErrorCode::None;
    }
    return isLoading(partition) ? ErrorCode::CoordinatorLoadInProgress : ErrorCode::NotCoordinator;
}

bool CoordinatorShards::isLoading(PartitionIndex partition) const {
    return std::any_of(m_loading.begin(), m_loading.end(),
                       [&](const Loading& each) { return each.partition == partition; });
}

CoordinatorShards::Reading CoordinatorShards::begin(const CoordinatorServices& services, PartitionIndex partition) {
    std::erase_if(m_loading, [&](const Loading& each) { return each.partition == partition; });
    const PartitionLog* stored = log(services, partition);
    if (stored == nullptr || stored->batches().empty() || isActive(partition)) {
        return {};
    }
    std::int64_t records = 0;
    for (std::uint64_t i = stored->batches().firstIndex(); i < stored->batches().endIndex(); ++i) {
        records += stored->batches()[i]->recordCount();
    }
    m_loading.push_back({partition, ++m_loads});
    return {m_loads, cost::bytes(stored->size(), cost::groupLoadByte) + records * cost::groupLoadRecord};
}

bool CoordinatorShards::finish(PartitionIndex partition, std::uint64_t round) {
    return std::erase_if(m_loading,
                         [&](const Loading& each) { return each.partition == partition && each.round == round; }) > 0;
}

void CoordinatorShards::activate(PartitionIndex partition) {
    const auto at = std::lower_bound(m_active.begin(), m_active.end(), partition);
    if (at == m_active.end() || *at != partition) {
        m_active.insert(at, partition);
    }
}

void CoordinatorShards::resign(PartitionIndex partition) {
    std::erase(m_active, partition);
    std::erase_if(m_loading, [&](const Loading& each) { return each.partition == partition; });
}

}  // namespace millrace::kafka
