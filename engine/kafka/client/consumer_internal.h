#pragma once

#include <cstdint>

#include "engine/sim/message.h"

// Shared by the source files of Consumer; nobody else includes it.
namespace millrace::kafka {

struct ConsumerTimer final : sim::MessageBase<ConsumerTimer> {
    static constexpr std::string_view Name = "kafka.ConsumerTimer";
    [[nodiscard]] std::string summary() const override { return "next fetch"; }
    std::uint32_t instance;
    explicit ConsumerTimer(std::uint32_t of) : instance(of) {}
    void digest(Digest& digest) const override { digest.add(instance); }
};

}  // namespace millrace::kafka
