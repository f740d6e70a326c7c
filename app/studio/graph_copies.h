#pragma once

#include <string>
#include <vector>

#include "app/studio/graph_edits.h"

namespace millrace::studio {

/// The cards with these ids as a text that can be pasted into this or another scenario; empty when none is a card.
[[nodiscard]] std::string copyObjects(const scenario::Value& root, const std::vector<observe::ObjectId>& ids);

struct Pasted {
    scenario::Value root;
    std::vector<observe::ObjectId> objects;  ///< the new cards
};

/// New cards under free names, moved by the offset. Wires between copied cards are copied with them; wires that come
/// from other cards are kept when those are there. Nothing when the text holds no cards.
[[nodiscard]] std::optional<Pasted> pasteObjects(const scenario::Value& root, const std::string& text, Position offset);

}  // namespace millrace::studio
