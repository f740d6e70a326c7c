#include "engine/sim/metrics.h"

#include <algorithm>
#include <tuple>

namespace millrace::sim {

namespace {

template <class Counters>
auto placeOf(Counters& all, std::string_view actor, std::string_view name, std::string_view label) {
    const auto wanted = std::tuple(actor, name, label);
    return std::lower_bound(all.begin(), all.end(), wanted, [](const PastCounters::Counter& each, const auto& key) {
        return std::tuple<std::string_view, std::string_view, std::string_view>(each.actor, each.name, each.label) <
               key;
    });
}

bool isOf(const PastCounters::Counter& counter, std::string_view actor, std::string_view name, std::string_view label) {
    return counter.actor == actor && counter.name == name && counter.label == label;
}

}  // namespace

const PastCounters::Counter* PastCounters::find(std::string_view actor, std::string_view name,
                                                std::string_view label) const {
    const auto at = placeOf(all, actor, name, label);
    return at != all.end() && isOf(*at, actor, name, label) ? &*at : nullptr;
}

void PastCounters::add(std::string_view actor, std::string_view name, std::string_view label, double value) {
    auto at = placeOf(all, actor, name, label);
    if (at == all.end() || !isOf(*at, actor, name, label)) {
        at = all.insert(at, {std::string{actor}, std::string{name}, std::string{label}, 0, 0});
    }
    at->sum += value;
    at->last = value;
}

}  // namespace millrace::sim
