#pragma once

#include "engine/scenario/document/value.h"
#include "widgets/controls/explorer_panel.h"

namespace millrace::studio {

/// What the explorer lists: the stream by kind, and hosts with what runs on them.
[[nodiscard]] std::vector<widgets::ExplorerEntry> explorerEntries(const scenario::Value& root);

}  // namespace millrace::studio
