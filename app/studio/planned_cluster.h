#pragma once

#include "engine/observe/snapshot.h"
#include "engine/scenario/document/value.h"

namespace millrace::studio {

/// What the physical face shows before there is a run: the hosts of the document and what is to run on them.
[[nodiscard]] observe::SnapshotPtr plannedCluster(const scenario::Value& root);

}  // namespace millrace::studio
