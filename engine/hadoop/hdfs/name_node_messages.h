#pragma once

#include "engine/sim/message.h"

/// What a NameNode tells itself.
namespace millrace::hadoop {

struct NameNodeTimer final : sim::MessageBase<NameNodeTimer> {
    static constexpr std::string_view Name = "hadoop.NameNodeTimer";
    [[nodiscard]] std::string summary() const override {
        static constexpr std::string_view words[] = {"round of replication", "deadline of a DataNode's heartbeat",
                                                     "end of safe mode", "check of leases"};
        return std::string{words[static_cast<std::size_t>(purpose)]};
    }
    enum class Purpose : std::uint8_t { Replicate, NodeSilent, SafeModeEnds, Leases };
    Purpose purpose;
    std::uint32_t node;
    std::uint64_t watch;
    explicit NameNodeTimer(Purpose what, std::uint32_t who = 0, std::uint64_t number = 0)
        : purpose(what), node(who), watch(number) {}
    void digest(Digest& digest) const override {
        digest.add(static_cast<std::uint32_t>(purpose));
        digest.add(node);
        digest.add(watch);
    }
};

struct EditsFlushed final : sim::MessageBase<EditsFlushed> {
    static constexpr std::string_view Name = "hadoop.EditsFlushed";
    std::uint64_t upTo;
    explicit EditsFlushed(std::uint64_t edits) : upTo(edits) {}
    void digest(Digest& digest) const override { digest.add(upTo); }
};

}  // namespace millrace::hadoop
