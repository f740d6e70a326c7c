#include "engine/storm/runtime/tuple.h"

#include <fmt/format.h>

namespace millrace::storm {

void TupleBatch::digest(Digest& digest) const {
    digest.add((static_cast<std::uint64_t>(source.value) << 32U) | static_cast<std::uint64_t>(target.value));
    digest.add((static_cast<std::uint64_t>(tuples.size()) << 32U) | static_cast<std::uint64_t>(roots.size()));
    // Tuples of one record mostly stand together.
    std::uint64_t origin = 0;
    const TupleHead* before = nullptr;
    for (const TupleHead& tuple : tuples) {
        if (before == nullptr || before->record != tuple.record || before->recordSet != tuple.recordSet) {
            const SourceRecord& record = recordSets[tuple.recordSet]->records[tuple.record];
            origin = (static_cast<std::uint64_t>(record.offset) << 24U) ^
                     (static_cast<std::uint64_t>(record.partition) << 8U);
            before = &tuple;
        }
        digest.add(origin ^ tuple.stream ^ (static_cast<std::uint64_t>(tuple.lineage) << 32U));
    }
    for (const Value& value : values) {
        value.digest(digest);
    }
    for (const RootEdge& root : roots) {
        digest.add(root.root ^ (root.edge * 3));
    }
}

std::string TupleBatch::summary() const {
    return fmt::format("{} tuple{} from task {} to task {}", tuples.size(), tuples.size() == 1 ? "" : "s", source.value,
                       target.value);
}

void AckBatch::digest(Digest& digest) const {
    digest.add((static_cast<std::uint64_t>(source.value) << 32U) | static_cast<std::uint64_t>(target.value));
    for (const Entry& entry : entries) {
        digest.add(entry.root);
        digest.add(entry.value ^ (static_cast<std::uint64_t>(entry.kind) << 56U) ^
                   static_cast<std::uint64_t>(entry.spout.value));
        digest.add((static_cast<std::uint64_t>(entry.count) << 32U) | static_cast<std::uint32_t>(entry.copies));
    }
}

std::string AckBatch::summary() const {
    return fmt::format("{} ack{} from task {} to acker {}", entries.size(), entries.size() == 1 ? "" : "s",
                       source.value, target.value);
}

void TreeResults::digest(Digest& digest) const {
    digest.add((static_cast<std::uint64_t>(source.value) << 32U) | static_cast<std::uint64_t>(target.value));
    for (const Entry& entry : entries) {
        digest.add(entry.root);
        digest.add(static_cast<std::uint64_t>(entry.age.count()) * 2 + (entry.failed ? 1U : 0U));
    }
}

std::string TreeResults::summary() const {
    return fmt::format("{} tree{} from acker {} to spout task {}", entries.size(), entries.size() == 1 ? "" : "s",
                       source.value, target.value);
}

}  // namespace millrace::storm
