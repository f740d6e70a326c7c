#pragma once

#include <array>
#include <string_view>

#include "engine/base/journal_kind.h"

/// What clients from outside go through.
namespace millrace::gateway::happened {

inline constexpr JournalKind clientRefused{"gateway.client-refused", "A client was hung up on."};
inline constexpr JournalKind clientsTurnedAway{"gateway.clients-turned-away",
                                               "A broker takes no further connection from outside."};

/// All of them, in the order in which they are listed.
inline constexpr std::array all{&clientRefused, &clientsTurnedAway};

}  // namespace millrace::gateway::happened
