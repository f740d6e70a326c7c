#pragma once

#include <string>

#include "engine/base/digest.h"
#include "engine/base/ref.h"
#include "engine/sim/ids.h"

namespace millrace::sim {

/// Something that leaves the world (a transaction for a database, a line for a file, bytes to a client). It is carried
/// out once, outside, in order of its number; the world only says it. Systems derive their own; the executor knows the
/// kinds.
class Effect : public Counted {
public:
    /// The outside thing it goes to: "sink:audit", "client:17".
    [[nodiscard]] virtual const std::string& destination() const = 0;
    virtual void digest(Digest& digest) const = 0;
    [[nodiscard]] virtual std::string summary() const = 0;
};

struct NumberedEffect {
    EffectNumber number;
    SimTime time;
    std::uint64_t digest = 0;
    Ref<const Effect> effect;
};

}  // namespace millrace::sim
