#include "engine/spark/core/rdd.h"

#include "engine/spark/cost.h"

namespace millrace::spark {

std::vector<RowsRef> splitForShuffle(const Shuffle& shuffle, const RowsRef& rows, Work& work) {
    const RowsRef from = shuffle.combiner ? shuffle.combiner->combine({rows}, work) : rows;
    const auto reduces = static_cast<std::size_t>(shuffle.reduces);
    std::vector<RowsRef> parts(reduces);
    work.cpu += cost::shuffleFile;
    work.rows(from->size(), cost::serialise);
    work.bytes(from->bytes(), cost::perByteSerialised);
    if (from->size() == 0) {
        return parts;  // What is empty is not written.
    }
    if (reduces == 1) {
        parts.front() = from;
        return parts;
    }
    std::vector<std::uint32_t> targets(from->size());
    std::vector<std::uint32_t> counts(reduces, 0);
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const auto target = shuffle.spreads
                                ? i % reduces
                                : static_cast<std::size_t>(partitionOf(from->at(i, shuffle.keyField), shuffle.reduces));
        targets[i] = static_cast<std::uint32_t>(target);
        ++counts[target];
    }
    std::vector<Ref<Rows>> made(reduces);
    for (std::size_t r = 0; r < reduces; ++r) {
        if (counts[r] > 0) {
            made[r] = makeRef<Rows>(from->width);
            made[r]->owners = from->owners;
            made[r]->sources = from->sources;
            made[r]->cells.reserve(std::size_t{counts[r]} * from->width);
            if (!from->origins.empty()) {
                made[r]->origins.reserve(counts[r]);
            }
        }
    }
    for (std::size_t i = 0; i < targets.size(); ++i) {
        Rows& to = *made[targets[i]];
        const Cell* row = from->row(i);
        to.cells.insert(to.cells.end(), row, row + from->width);
        if (!from->origins.empty()) {
            to.origins.push_back(from->origins[i]);
        }
    }
    for (std::size_t r = 0; r < reduces; ++r) {
        parts[r] = RowsRef(std::move(made[r]));
    }
    return parts;
}

}  // namespace millrace::spark
