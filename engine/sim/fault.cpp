#include "engine/sim/fault.h"

#include <fmt/format.h>

#include <string>

namespace millrace::sim {

std::string sentenceOf(const FaultSpec& fault, std::string_view hit) {
    const FaultRow& row = rowOf(fault.kind);
    const bool isAll = row.hits == FaultRow::Hits::Anything && hit == "run";
    const bool isMended = row.quantity && !row.mended.empty() && fault.value == row.quantity->neutral;
    // From a second on it is told in seconds.
    std::string sentence(isMended ? row.mended : row.sentence);
    double inWords = row.quantity ? row.quantity->inWords : 1;
    if (const std::size_t unit = sentence.find(" ms"); unit != std::string::npos && fault.value >= 1) {
        sentence.erase(unit + 1, 1);
        inWords = 1;
    }
    return fmt::format(fmt::runtime(sentence), isAll ? "everything that was down or ailing" : hit,
                       fault.value * inWords);
}

}  // namespace millrace::sim
