#pragma once

#include <cstdint>
#include <memory>

#include "engine/observe/object_id.h"

namespace millrace::observe {

struct BoardPage;
struct DataPage;
struct DfsPage;
struct JobPage;
struct StreamingPage;
struct TopicPage;

/// Which page somebody has open: whose it is, and what of it he has chosen. Only that is described, and a page that is
/// closed costs nothing.
struct PageRequest {
    ObjectId object;         ///< empty: none is open
    std::int64_t part = -1;  ///< such as a batch; what it says is the page's own; below 0: the newest

    friend bool operator==(const PageRequest&, const PageRequest&) = default;
};

/// The pages that were asked for; the others are null.
struct Pages {
    std::shared_ptr<const StreamingPage> streaming;
    std::shared_ptr<const DfsPage> dfs;
    std::shared_ptr<const JobPage> job;
    std::shared_ptr<const DataPage> data;
    std::shared_ptr<const TopicPage> topic;
    std::shared_ptr<const BoardPage> board;
};

}  // namespace millrace::observe
