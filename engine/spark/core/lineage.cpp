#include "engine/spark/core/lineage.h"

#include <algorithm>
#include <iterator>

namespace millrace::spark {

std::optional<Partition> parentPartition(const NarrowDependency& dependency, const Rdd& parent, Partition partition) {
    if (!dependency.isPartOfUnion) {
        return partition;
    }
    const Partition own = partition - dependency.first;
    return own >= 0 && own < parent.partitions ? std::optional(own) : std::nullopt;
}

RddId Lineage::add(Ref<Rdd> rdd) {
    rdd->id = m_nextRdd;
    m_nextRdd = RddId{m_nextRdd.value + 1};
    const RddId id = rdd->id;
    hold(*rdd);
    m_unneeded.push_back(id);
    m_rdds.set(id, RddRef(std::move(rdd)));
    return id;
}

void Lineage::restore(Ref<Rdd> rdd) {
    m_nextRdd = std::max(m_nextRdd, RddId{rdd->id.value + 1});
    const RddId id = rdd->id;
    hold(*rdd);
    if (const RddRef* before = m_rdds.find(id)) {
        letGo(**before);
    }
    m_unneeded.push_back(id);
    m_rdds.set(id, RddRef(std::move(rdd)));
}

ShuffleId Lineage::addShuffle(Ref<Shuffle> shuffle) {
    shuffle->id = m_nextShuffle;
    m_nextShuffle = ShuffleId{m_nextShuffle.value + 1};
    const ShuffleId id = shuffle->id;
    auto outputs = makeRef<MapOutputs>();
    outputs->maps.resize(static_cast<std::size_t>(shuffle->maps));
    m_outputs.set(id, std::move(outputs));
    m_unneededShuffles.push_back(id);
    m_shuffles.set(id, ShuffleRef(std::move(shuffle)));
    return id;
}

void Lineage::setOutput(ShuffleId shuffle, Partition map, ExecutorId executor) {
    Ref<MapOutputs>* known = m_outputs.update(shuffle);
    if (known == nullptr) {
        return;
    }
    MapOutputs& outputs = writable(*known);
    MapOutput& output = outputs.maps[static_cast<std::size_t>(map)];
    outputs.available += output.executor == noExecutor ? 1 : 0;
    output.executor = executor;
    outputs.hasBeenWhole = outputs.hasBeenWhole || outputs.isWhole();
}

void Lineage::dropOutputs(ShuffleId shuffle, ExecutorId executor) {
    Ref<MapOutputs>* known = m_outputs.update(shuffle);
    if (known == nullptr) {
        return;
    }
    MapOutputs& outputs = writable(*known);
    for (MapOutput& output : outputs.maps) {
        if (executor != noExecutor && output.executor == executor) {
            output.executor = noExecutor;
            --outputs.available;
        }
    }
}

std::int32_t Lineage::dropOutputs(ExecutorId executor) {
    std::int32_t lost = 0;
    std::vector<ShuffleId> hit;
    for (const auto& [id, outputs] : m_outputs) {
        const auto count = std::count_if(outputs->maps.begin(), outputs->maps.end(),
                                         [&](const MapOutput& each) { return each.executor == executor; });
        if (count > 0) {
            hit.push_back(id);
            lost += static_cast<std::int32_t>(count);
        }
    }
    for (const ShuffleId id : hit) {
        dropOutputs(id, executor);
    }
    return lost;
}

void Lineage::notePut(const BlockId& block, ExecutorId executor) {
    std::vector<ExecutorId>& places = m_places[block];
    if (std::find(places.begin(), places.end(), executor) == places.end()) {
        places.push_back(executor);
    }
}

void Lineage::noteGone(const BlockId& block, ExecutorId executor) {
    if (std::vector<ExecutorId>* places = m_places.update(block)) {
        std::erase(*places, executor);
        if (places->empty()) {
            m_places.erase(block);
        }
    }
}

std::vector<BlockId> Lineage::dropBlocks(ExecutorId executor) {
    std::vector<BlockId> hit;
    std::vector<BlockId> lost;
    for (const auto& [block, places] : m_places) {
        if (std::find(places.begin(), places.end(), executor) != places.end()) {
            hit.push_back(block);
            if (places.size() == 1) {
                lost.push_back(block);
            }
        }
    }
    for (const BlockId& block : hit) {
        noteGone(block, executor);
    }
    return lost;
}

std::vector<ExecutorId> Lineage::placesOf(const BlockId& block) const {
    const std::vector<ExecutorId>* places = m_places.find(block);
    return places != nullptr ? *places : std::vector<ExecutorId>{};
}

bool Lineage::keepsSomething(ExecutorId executor) const {
    for (const auto& [shuffle, outputs] : m_outputs) {
        if (std::any_of(outputs->maps.begin(), outputs->maps.end(),
                        [&](const MapOutput& each) { return each.executor == executor; })) {
            return true;
        }
    }
    for (const auto& [block, places] : m_places) {
        if (std::find(places.begin(), places.end(), executor) != places.end()) {
            return true;
        }
    }
    return false;
}

bool Lineage::isWhollyStored(const Rdd& rdd) const {
    if (!rdd.isPersisted()) {
        return false;
    }
    for (Partition p = 0; p < rdd.partitions; ++p) {
        if (!m_places.contains(rddBlock(rdd.id, p))) {
            return false;
        }
    }
    return true;
}

void Lineage::cut(RddId id) {
    if (!m_rdds.contains(id)) {
        return;
    }
    letGo(*m_rdds.at(id));
    auto changed = makeRef<Rdd>(*m_rdds.at(id));
    changed->dependencies.clear();
    changed->transformation = nullptr;
    changed->blocks.clear();
    changed->ranges.clear();
    changed->isCheckpointed = true;
    m_rdds.set(id, RddRef(std::move(changed)));
}

void Lineage::unpersist(RddId id) {
    if (!m_rdds.contains(id)) {
        return;
    }
    auto changed = makeRef<Rdd>(*m_rdds.at(id));
    changed->level = notStored;
    for (Partition p = 0; p < changed->partitions; ++p) {
        m_places.erase(rddBlock(id, p));
    }
    m_rdds.set(id, RddRef(std::move(changed)));
}

template <class Visit>
void Lineage::walkStage(RddId id, const Visit& visit) const {
    std::set<RddId> seen;
    std::vector<RddId> open{id};
    while (!open.empty()) {
        const RddId next = open.back();
        open.pop_back();
        if (!seen.insert(next).second) {
            continue;
        }
        const RddRef& rdd = m_rdds.at(next);
        if (!visit(rdd)) {
            continue;
        }
        for (const Dependency& dependency : rdd->dependencies) {
            if (const auto* narrow = std::get_if<NarrowDependency>(&dependency)) {
                open.push_back(narrow->parent);
            }
        }
    }
}

std::vector<ShuffleId> Lineage::parentShuffles(RddId id) const {
    std::vector<ShuffleId> shuffles;
    walkStage(id, [&](const RddRef& rdd) {
        if (isWhollyStored(*rdd)) {
            return false;
        }
        for (const Dependency& dependency : rdd->dependencies) {
            if (const auto* wide = std::get_if<ShuffleDependency>(&dependency)) {
                shuffles.push_back(wide->shuffle);
            }
        }
        return true;
    });
    std::sort(shuffles.begin(), shuffles.end());
    shuffles.erase(std::unique(shuffles.begin(), shuffles.end()), shuffles.end());
    return shuffles;
}

void Lineage::addNeeds(RddId id, Partition partition, std::vector<Need>& needs) const {
    const Rdd& rdd = *m_rdds.at(id);
    Need need;
    need.rdd = id;
    need.partition = partition;
    if (rdd.isPersisted()) {
        need.block = rddBlock(id, partition);
        need.places = placesOf(need.block);
        if (!need.places.empty()) {
            needs.push_back(std::move(need));
            return;
        }
    }
    if (rdd.isCheckpointed) {
        need.kind = Need::Kind::Checkpoint;
        needs.push_back(std::move(need));
        return;
    }
    if (!rdd.blocks.empty()) {
        const InputBlock& block = rdd.blocks[static_cast<std::size_t>(partition)];
        need.block = block.id;
        need.places = placesOf(block.id);
        need.segment = block.segment;
        need.kind = need.places.empty() && block.segment >= 0 ? Need::Kind::Log : Need::Kind::Block;
        needs.push_back(std::move(need));
        return;
    }
    if (!rdd.ranges.empty()) {
        need.kind = Need::Kind::Offsets;
        need.range = rdd.ranges[static_cast<std::size_t>(partition)];
        needs.push_back(std::move(need));
        return;
    }
    for (const Dependency& dependency : rdd.dependencies) {
        if (const auto* narrow = std::get_if<NarrowDependency>(&dependency)) {
            if (const auto parent = parentPartition(*narrow, *m_rdds.at(narrow->parent), partition)) {
                addNeeds(narrow->parent, *parent, needs);
            }
            continue;
        }
        Need pieces = need;
        pieces.kind = Need::Kind::Shuffle;
        pieces.shuffle = m_shuffles.at(std::get<ShuffleDependency>(dependency).shuffle);
        pieces.outputs = outputs(pieces.shuffle->id);
        pieces.reduce = partition;
        needs.push_back(std::move(pieces));
    }
}

std::vector<Need> Lineage::needsOf(RddId id, Partition partition) const {
    std::vector<Need> needs;
    addNeeds(id, partition, needs);
    return needs;
}

std::vector<RddRef> Lineage::stageOf(RddId id) const {
    std::vector<RddRef> stage;
    walkStage(id, [&](const RddRef& rdd) {
        stage.push_back(rdd);
        return true;
    });
    std::sort(stage.begin(), stage.end(), [](const RddRef& a, const RddRef& b) { return a->id < b->id; });
    return stage;
}

std::vector<ExecutorId> Lineage::preferredOf(RddId id, Partition partition) const {
    const Rdd& rdd = *m_rdds.at(id);
    if (rdd.isPersisted()) {
        if (std::vector<ExecutorId> places = placesOf(rddBlock(id, partition)); !places.empty()) {
            return places;
        }
    }
    if (!rdd.blocks.empty()) {
        return placesOf(rdd.blocks[static_cast<std::size_t>(partition)].id);
    }
    if (!rdd.ranges.empty() && rdd.ranges[static_cast<std::size_t>(partition)].place != noExecutor) {
        return {rdd.ranges[static_cast<std::size_t>(partition)].place};
    }
    for (const Dependency& dependency : rdd.dependencies) {
        const auto* narrow = std::get_if<NarrowDependency>(&dependency);
        if (narrow == nullptr) {
            continue;
        }
        if (const auto parent = parentPartition(*narrow, *m_rdds.at(narrow->parent), partition)) {
            if (std::vector<ExecutorId> places = preferredOf(narrow->parent, *parent); !places.empty()) {
                return places;
            }
        }
    }
    return {};
}

void Lineage::hold(const Rdd& rdd) {
    for (const Dependency& dependency : rdd.dependencies) {
        if (const auto* narrow = std::get_if<NarrowDependency>(&dependency)) {
            ++m_users[narrow->parent];
        } else {
            const auto& shuffle = std::get<ShuffleDependency>(dependency);
            ++m_users[shuffle.parent];
            ++m_shuffleUsers[shuffle.shuffle];
        }
    }
}

void Lineage::release(RddId id) {
    if (--m_users[id] == 0) {
        m_users.erase(id);
        m_unneeded.push_back(id);
    }
}

void Lineage::letGo(const Rdd& rdd) {
    for (const Dependency& dependency : rdd.dependencies) {
        if (const auto* narrow = std::get_if<NarrowDependency>(&dependency)) {
            release(narrow->parent);
        } else {
            const auto& shuffle = std::get<ShuffleDependency>(dependency);
            release(shuffle.parent);
            if (--m_shuffleUsers[shuffle.shuffle] == 0) {
                m_shuffleUsers.erase(shuffle.shuffle);
                m_unneededShuffles.push_back(shuffle.shuffle);
            }
        }
    }
}

Lineage::Forgotten Lineage::keepOnly(const std::vector<RddId>& roots) {
    std::vector<RddId> sorted = roots;
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    std::vector<RddId> changed;
    std::set_difference(sorted.begin(), sorted.end(), m_roots.begin(), m_roots.end(), std::back_inserter(changed));
    for (const RddId root : changed) {
        ++m_users[root];
    }
    changed.clear();
    std::set_difference(m_roots.begin(), m_roots.end(), sorted.begin(), sorted.end(), std::back_inserter(changed));
    for (const RddId root : changed) {
        release(root);
    }
    m_roots = std::move(sorted);
    Forgotten forgotten;
    while (!m_unneeded.empty()) {
        const RddId id = m_unneeded.back();
        m_unneeded.pop_back();
        const RddRef* known = m_users.contains(id) ? nullptr : m_rdds.find(id);
        if (known == nullptr) {
            continue;
        }
        const RddRef rdd = *known;
        m_rdds.erase(id);
        letGo(*rdd);
        forgotten.rdds.push_back(id);
        if (rdd->isPersisted()) {
            forgotten.keptRdds.push_back(id);
        }
        for (Partition p = 0; p < rdd->partitions; ++p) {
            m_places.erase(rddBlock(id, p));
        }
        for (const InputBlock& block : rdd->blocks) {
            m_places.erase(block.id);
        }
    }
    for (const ShuffleId id : m_unneededShuffles) {
        if (!m_shuffleUsers.contains(id) && m_shuffles.contains(id)) {
            m_shuffles.erase(id);
            m_outputs.erase(id);
            forgotten.shuffles.push_back(id);
        }
    }
    m_unneededShuffles.clear();
    std::sort(forgotten.rdds.begin(), forgotten.rdds.end());
    std::sort(forgotten.keptRdds.begin(), forgotten.keptRdds.end());
    std::sort(forgotten.shuffles.begin(), forgotten.shuffles.end());
    return forgotten;
}

}  // namespace millrace::spark
