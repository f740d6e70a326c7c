#include "engine/run/checkpoint_thinning.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace millrace::run {

CheckpointWays CheckpointWays::ofRound(std::size_t round, double shortest) {
    if (round == 0) {
        return {shortest, 0};
    }
    constexpr int firstShare = -6;  // a 64th of the distance
    const double more = static_cast<double>(round - 1);
    return {shortest * std::exp2(more / 2), std::exp2(firstShare + more)};
}

std::vector<bool> chooseGone(std::span<const CheckpointTrace> all, const std::vector<bool>& mayGo,
                             const CheckpointWays& ways, ByteCount wanted) {
    std::vector<bool> gone(all.size(), false);
    if (all.size() < 3) {
        return gone;
    }
    std::vector<std::size_t> before(all.size());  // the nearest that stay
    std::vector<std::size_t> after(all.size());
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < all.size(); ++i) {
        before[i] = i == 0 ? 0 : i - 1;
        after[i] = i + 1;
        if (i > 0 && i + 1 < all.size() && mayGo[i]) {
            order.push_back(i);
        }
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return all[a].most() > all[b].most(); });
    ByteCount found = 0;
    for (const std::size_t i : order) {
        if (found >= wanted) {
            break;
        }
        const double way = all[after[i]].work - all[before[i]].work;
        if (way > ways.least + ways.perDistance * (all.back().work - all[i].work)) {
            continue;
        }
        gone[i] = true;
        found += all[i].most();
        after[before[i]] = after[i];
        before[after[i]] = before[i];
    }
    return gone;
}

}  // namespace millrace::run
