#pragma once

#include "engine/sim/disk.h"
#include "engine/sim/message.h"

/// What a DataNode tells itself, and what it keeps beside its blocks.
namespace millrace::hadoop {

struct DataNodeTimer final : sim::MessageBase<DataNodeTimer> {
    static constexpr std::string_view Name = "hadoop.DataNodeTimer";
    [[nodiscard]] std::string summary() const override {
        static constexpr std::string_view words[] = {"heartbeat", "next try to reach the NameNode",
                                                     "time-out of the NameNode's answer", "read of the disk"};
        return std::string{words[static_cast<std::size_t>(purpose)]};
    }
    enum class Purpose : std::uint8_t { Heartbeat, Reconnect, NameNodeSilent, DiskRead };
    Purpose purpose;
    std::uint64_t argument;
    explicit DataNodeTimer(Purpose what, std::uint64_t about = 0) : purpose(what), argument(about) {}
    void digest(Digest& digest) const override {
        digest.add(static_cast<std::uint32_t>(purpose));
        digest.add(argument);
    }
};

struct BlockFlushed final : sim::MessageBase<BlockFlushed> {
    static constexpr std::string_view Name = "hadoop.BlockFlushed";
    std::uint64_t block;
    std::uint64_t upstream;  ///< connection to be answered; 0: nobody
    std::uint64_t number;
    BlockFlushed(std::uint64_t id, std::uint64_t connection, std::uint64_t packet)
        : block(id), upstream(connection), number(packet) {}
    void digest(Digest& digest) const override {
        digest.add(block);
        digest.add(number);
    }
};

/// The file beside a block's: its generation, and whether it has ended.
class MetaChunk final : public sim::Chunk {
public:
    MetaChunk(std::uint64_t generation, bool isFinal) : m_generation(generation), m_isFinal(isFinal) {}
    [[nodiscard]] ByteCount size() const override { return 16; }
    [[nodiscard]] std::uint64_t digest() const override { return m_generation << 1U | (m_isFinal ? 1U : 0U); }
    [[nodiscard]] std::uint64_t generation() const { return m_generation; }
    [[nodiscard]] bool isFinal() const { return m_isFinal; }

private:
    std::uint64_t m_generation;
    bool m_isFinal;
};

}  // namespace millrace::hadoop
