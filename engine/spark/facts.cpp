#include "engine/spark/facts.h"

namespace millrace::spark {

std::vector<SourcePositions> positionsOf(const Rows& rows) {
    std::vector<SourcePositions> all(rows.sources.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].source = rows.sources[i];
    }
    for (const RowOrigin& origin : rows.origins) {
        if (origin.position < 0 || origin.source >= all.size()) {
            continue;
        }
        auto& stretches = all[origin.source].stretches;
        if (!stretches.empty() && stretches.back().second == origin.position) {
            ++stretches.back().second;
        } else {
            stretches.emplace_back(origin.position, origin.position + 1);
        }
    }
    return all;
}

}  // namespace millrace::spark
