#pragma once

#include <array>

#include "engine/base/ref.h"

namespace millrace::pool {

/// While one lives, cells that are freed are set aside: they lie scattered over cold pages, and taking them again for
/// what is new would touch such a page for each. They are used when no new slab can be had. For dropping checkpoints.
class ColdFrees {
public:
    ColdFrees();
    ~ColdFrees();
    ColdFrees(const ColdFrees&) = delete;
    ColdFrees& operator=(const ColdFrees&) = delete;

private:
    std::array<FreeCell*, classCount> m_hot;
};

}  // namespace millrace::pool
