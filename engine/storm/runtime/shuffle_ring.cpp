#include "engine/storm/runtime/shuffle_ring.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace millrace::storm {

namespace {

constexpr std::uint8_t weightMax = 100;

template <class T>
void shuffleAll(std::vector<T>& items, RandomStream& random) {
    for (std::size_t i = items.size(); i > 1; --i) {
        std::swap(items[i - 1], items[static_cast<std::size_t>(random.below(i))]);
    }
}

Scope wider(Scope scope) {
    return scope == Scope::WorkerLocal ? Scope::HostLocal
           : scope == Scope::HostLocal ? Scope::RackLocal
                                       : Scope::Everything;
}
Scope narrower(Scope scope) {
    return scope == Scope::Everything  ? Scope::RackLocal
           : scope == Scope::RackLocal ? Scope::HostLocal
                                       : Scope::WorkerLocal;
}

Scope scopeOf(TaskId task, const RouteTable& routes) {
    const auto at = static_cast<std::size_t>(task.value);
    return at < routes.routes.size() ? routes.routes[at].scope : Scope::Everything;
}

}  // namespace

ShuffleRing::ShuffleRing(std::vector<TaskId> targets, RandomStream& random) {
    const auto state = makeRef<State>();
    state->targets = std::move(targets);
    state->weights.assign(state->targets.size(), weightMax);
    state->ring = state->targets;
    shuffleAll(state->ring, random);
    m_state = state;
}

void ShuffleRing::keepLocal(const RouteTable& routes, RandomStream& random) {
    std::vector<TaskId> local;
    std::copy_if(targets().begin(), targets().end(), std::back_inserter(local),
                 [&](TaskId task) { return scopeOf(task, routes) == Scope::WorkerLocal; });
    if (!local.empty() && local.size() < targets().size()) {
        *this = ShuffleRing(std::move(local), random);
    }
}

std::vector<std::size_t> ShuffleRing::State::within(Scope limit, const RouteTable& routes) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        if (scopeOf(targets[i], routes) <= limit) {
            found.push_back(i);
        }
    }
    return found;
}

/// Everything holds every target, so a scope that has none is always left in the end.
Scope ShuffleRing::State::nextScope(const RouteTable& routes, const LoadMap* loads,
                                    const TopologyConfig& config) const {
    Scope next = scope;
    std::vector<std::size_t> found = within(next, routes);
    while (found.empty()) {
        next = wider(next);
        found = within(next, routes);
    }
    if (loads == nullptr) {
        return next;
    }
    double sum = 0;
    for (const std::size_t i : found) {
        sum += loads->of(targets[i]);
    }
    const double mean = sum / static_cast<double>(found.size());
    if (mean > config.localityHigherBound) {
        return wider(next);
    }
    return mean < config.localityLowerBound && !within(narrower(next), routes).empty() ? narrower(next) : next;
}

void ShuffleRing::refresh(const RouteTable& routes, const LoadMap* loads, const TopologyConfig& config,
                          RandomStream& random) {
    if (targets().size() < 2) {
        return;
    }
    const auto next = makeRef<State>(*m_state);
    next->scope = m_state->nextScope(routes, loads, config);
    if (next->scope != m_state->scope) {
        std::fill(next->weights.begin(), next->weights.end(), weightMax);
    }
    next->chosen = m_state->within(next->scope, routes);
    if (loads != nullptr) {
        double least = 1;
        for (const std::size_t i : next->chosen) {
            least = std::min(least, loads->of(next->targets[i]));
        }
        constexpr double alike = 0.05;
        for (const std::size_t i : next->chosen) {
            std::uint8_t& weight = next->weights[i];
            const bool isFree = loads->of(next->targets[i]) <= least + alike;
            weight = static_cast<std::uint8_t>(isFree ? std::min<int>(weightMax, weight + 1)
                                                      : std::max<int>(0, weight - 10));
        }
    }
    if (next->chosen != m_state->chosen || next->weights != m_state->weights) {
        next->fill(random);
        m_next = 0;
    }
    m_state = next;
}

void ShuffleRing::State::fill(RandomStream& random) {
    ring.clear();
    std::uint64_t sum = 0;
    for (const std::size_t i : chosen) {
        sum += weights[i];
    }
    const std::size_t size = chosen.size() == 1 ? 1 : std::max<std::size_t>(1'000, 5 * targets.size());
    ring.reserve(size);
    for (const std::size_t i : chosen) {
        ring.insert(ring.end(), sum == 0 ? size / chosen.size() : weights[i] * size / sum, targets[i]);
    }
    while (ring.size() < size) {
        ring.push_back(ring[static_cast<std::size_t>(random.below(ring.size()))]);
    }
    shuffleAll(ring, random);
}

}  // namespace millrace::storm
