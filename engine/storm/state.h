#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sim/disk.h"
#include "engine/sim/ids.h"
#include "engine/storm/ids.h"
#include "engine/storm/topology.h"

namespace millrace::storm {

/// The tree under `storm.zookeeper.root`. Contents are lines of words, readable in any view of the tree.
namespace paths {
inline constexpr std::string_view root = "/storm";
inline constexpr std::string_view storms = "/storm/storms";
inline constexpr std::string_view assignments = "/storm/assignments";
inline constexpr std::string_view supervisors = "/storm/supervisors";
inline constexpr std::string_view nimbuses = "/storm/nimbuses";
inline constexpr std::string_view leaderLock = "/storm/leader-lock";
inline constexpr std::string_view blobstore = "/storm/blobstore";
[[nodiscard]] inline std::string under(std::string_view parent, std::string_view name) {
    return std::string{parent} + "/" + std::string{name};
}
}  // namespace paths

/// A place for one worker: a port of a supervisor (node).
struct Slot {
    std::string node;
    sim::Port port;
    friend auto operator<=>(const Slot&, const Slot&) = default;
};

enum class TopologyStatus : std::uint8_t { Active, Inactive, Killed, Rebalancing };
[[nodiscard]] std::string_view toText(TopologyStatus status);

/// `/storm/storms/<id>`: that the topology is there.
struct StormBase {
    std::string name;
    TopologyStatus status = TopologyStatus::Active;
    std::int32_t workers = 1;
    std::int64_t launchedMillis = 0;

    [[nodiscard]] std::string encode() const;
    [[nodiscard]] static std::optional<StormBase> decode(std::string_view text);
    friend bool operator==(const StormBase&, const StormBase&) = default;
};

/// `/storm/assignments/<id>`: which executor runs where, since when, and the hosts of the nodes.
struct Assignment {
    struct Place {
        Slot slot;
        SimTime since;  ///< start of the launch grace; kept while the executor stays
        friend bool operator==(const Place&, const Place&) = default;
    };
    std::map<ExecutorRange, Place> executors;
    std::map<std::string, std::string> hosts;  ///< node -> host

    [[nodiscard]] std::string encode() const;
    [[nodiscard]] static std::optional<Assignment> decode(std::string_view text);
    /// The executors of each slot.
    [[nodiscard]] std::map<Slot, std::vector<ExecutorRange>> bySlot() const;
    friend bool operator==(const Assignment&, const Assignment&) = default;
};

/// `/storm/supervisors/<id>`, ephemeral: a node and its slots.
struct SupervisorInfo {
    std::string host;
    std::vector<sim::Port> ports;
    std::vector<sim::Port> usedPorts;

    [[nodiscard]] std::string encode() const;
    [[nodiscard]] static std::optional<SupervisorInfo> decode(std::string_view text);
    friend bool operator==(const SupervisorInfo&, const SupervisorInfo&) = default;
};

/// A topology's code and configuration as a file: Nimbus's blob, a supervisor's copy of it.
class TopologyChunk final : public sim::Chunk {
public:
    explicit TopologyChunk(TopologyRef topology) : m_topology(std::move(topology)) {}
    [[nodiscard]] ByteCount size() const override { return 64 * 1024; }
    [[nodiscard]] std::uint64_t digest() const override { return m_topology->digest(); }
    [[nodiscard]] const TopologyRef& topology() const { return m_topology; }

private:
    TopologyRef m_topology;
};
/// A name as one word of a line: blanks in it (and '%') are written as %xx.
[[nodiscard]] std::string asWord(std::string_view name);
[[nodiscard]] std::string fromWord(std::string_view word);

/// The topology that the file holds, or null.
[[nodiscard]] TopologyRef readTopology(const sim::ProcessDisk& disk, std::string_view file);

/// "1-2 5 7-9"
[[nodiscard]] std::string toText(const std::vector<ExecutorRange>& executors);

}  // namespace millrace::storm
