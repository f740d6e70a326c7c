#include "engine/lab/kafka_looks.h"

#include <algorithm>

namespace millrace::lab {

namespace {

/// Index of the first batch that does not begin before the offset.
std::uint64_t firstFrom(const kafka::PartitionLog& log, kafka::Offset offset) {
    const auto& batches = log.batches();
    const std::uint64_t at = log.batchHolding(offset);
    return at < batches.endIndex() && batches[at]->baseOffset() < offset ? at + 1 : at;
}

}  // namespace

const kafka::RecordBatch* batchAt(const kafka::PartitionLog& log, kafka::Offset base) {
    const auto& batches = log.batches();
    const std::uint64_t at = firstFrom(log, base);
    return at < batches.endIndex() && batches[at]->baseOffset() == base ? batches[at].get() : nullptr;
}

const kafka::RecordBatch* BatchWalk::at(kafka::Offset base) {
    const auto& batches = m_log.batches();
    if (m_next >= batches.endIndex() || batches[m_next]->baseOffset() != base) {
        m_next = firstFrom(m_log, base);
    }
    return m_next < batches.endIndex() && batches[m_next]->baseOffset() == base ? batches[m_next++].get() : nullptr;
}

kafka::Offset borderAt(const kafka::PartitionLog& log, kafka::Offset offset) {
    const auto& batches = log.batches();
    const std::uint64_t at = firstFrom(log, offset);
    if (offset >= log.end() || batches.firstIndex() == batches.endIndex()) {
        return std::min(offset, log.end());
    }
    const bool begins = at < batches.endIndex() && batches[at]->baseOffset() == offset;
    return begins || at == batches.firstIndex() ? offset : batches[at - 1]->baseOffset();
}

}  // namespace millrace::lab
