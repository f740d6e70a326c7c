#pragma once

#include "engine/sim/message.h"

namespace millrace::sim {

/// The first message of every actor; the world turns it into `Actor::start`.
struct StartMessage final : MessageBase<StartMessage> {
    static constexpr std::string_view Name = "sim.Start";
    void digest(Digest&) const override {}
};

}  // namespace millrace::sim
