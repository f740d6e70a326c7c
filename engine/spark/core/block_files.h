#pragma once

#include <string>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/sim/context.h"
#include "engine/spark/ids.h"

namespace millrace::spark {

/// The files of an executor's blocks and shuffle data. A file whose block is gone is the next one's: a disk remembers
/// each name that it was ever given, and so an executor has as many as it had blocks at one time.
class BlockFiles {
public:
    /// The block's file; a free one when it has none.
    [[nodiscard]] sim::FileId of(sim::Context& context, const BlockId& block) {
        if (const sim::FileId* known = m_files.find(block)) {
            return *known;
        }
        if (m_free.empty()) {
            m_free.push_back(context.file("blockmgr/" + std::to_string(m_made++)));
        }
        const sim::FileId file = m_free.back();
        m_free.pop_back();
        m_files.set(block, file);
        return file;
    }
    /// Removes it, if it is there.
    void remove(sim::Context& context, const BlockId& block) {
        if (const auto file = m_files.take(block)) {
            context.remove(*file);
            m_free.push_back(*file);
        }
    }
    /// How many names it has used so far.
    [[nodiscard]] std::uint64_t made() const { return m_made; }

private:
    SharedMap<BlockId, sim::FileId> m_files;
    std::vector<sim::FileId> m_free;
    std::uint64_t m_made = 0;
};

}  // namespace millrace::spark
