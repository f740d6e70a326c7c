#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/ref.h"
#include "engine/sim/message.h"
#include "engine/storm/ids.h"

namespace millrace::storm {

/// How full the queues of a topology's tasks are, as one worker knows it: of its own tasks what it sees, of others what
/// their workers have last said. Immutable, shared by the worker's executors.
struct LoadMap final : Counted {
    /// Of a task whose worker has said nothing yet: Storm takes it for fully loaded.
    static constexpr float unknown = 1.0F;
    std::vector<float> loads;  ///< by task id, 0 to 1

    [[nodiscard]] double of(TaskId task) const {
        const auto at = static_cast<std::size_t>(task.value);
        return at < loads.size() ? static_cast<double>(loads[at]) : static_cast<double>(unknown);
    }
};
using LoadMapRef = Ref<const LoadMap>;

/// Worker to its executors: choose your targets anew.
struct LoadChanged final : sim::MessageBase<LoadChanged> {
    static constexpr std::string_view Name = "storm.LoadChanged";
    LoadMapRef map;
    explicit LoadChanged(LoadMapRef loads) : map(std::move(loads)) {}
    void digest(Digest& digest) const override {
        for (const float load : map->loads) {
            digest.add(static_cast<double>(load));
        }
    }
};

/// Worker to the workers that send to it: how full the queues of its tasks are.
struct LoadReport final : sim::MessageBase<LoadReport> {
    static constexpr std::string_view Name = "storm.LoadReport";
    struct Entry {
        TaskId task;
        float load = 0;
    };
    std::vector<Entry> entries;
    [[nodiscard]] ByteCount wireSize() const override { return static_cast<ByteCount>(16 + entries.size() * 12); }
    void digest(Digest& digest) const override {
        for (const Entry& entry : entries) {
            digest.add(entry.task.value);
            digest.add(static_cast<double>(entry.load));
        }
    }
};

}  // namespace millrace::storm
