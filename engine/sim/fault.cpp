#include "engine/sim/fault.h"

#include <fmt/format.h>

namespace millrace::sim {

std::string sentenceOf(const FaultSpec& fault, std::string_view hit) {
    const FaultRow& row = rowOf(fault.kind);
    const bool isAll = row.hits == FaultRow::Hits::Anything && hit == "run";
    const bool isMended = row.quantity && !row.mended.empty() && fault.value == row.quantity->neutral;
    return fmt::format(fmt::runtime(isMended ? row.mended : row.sentence),
                       isAll ? "everything that was down or ailing" : hit,
                       fault.value * (row.quantity ? row.quantity->inWords : 1));
}

}  // namespace millrace::sim
