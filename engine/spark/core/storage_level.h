#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::spark {

/// Where a block is kept, by Spark's names. Serialised or not makes no difference to what a block takes here.
struct StorageLevel {
    bool inMemory = false;
    bool onDisk = false;
    std::int32_t replicas = 1;

    [[nodiscard]] bool isKept() const { return inMemory || onDisk; }
    friend bool operator==(const StorageLevel&, const StorageLevel&) = default;
};

inline constexpr StorageLevel notStored{};
inline constexpr StorageLevel memoryOnly{true, false, 1};
inline constexpr StorageLevel memoryAndDisk{true, true, 1};
inline constexpr StorageLevel memoryAndDiskTwice{true, true, 2};
inline constexpr StorageLevel diskOnly{false, true, 1};

struct NamedStorageLevel {
    std::string_view name;
    StorageLevel level;
};
inline constexpr std::array storageLevels{
    NamedStorageLevel{"NONE", notStored},
    NamedStorageLevel{"MEMORY_ONLY", memoryOnly},
    NamedStorageLevel{"MEMORY_ONLY_SER", memoryOnly},
    NamedStorageLevel{"MEMORY_ONLY_2", {true, false, 2}},
    NamedStorageLevel{"MEMORY_AND_DISK", memoryAndDisk},
    NamedStorageLevel{"MEMORY_AND_DISK_SER", memoryAndDisk},
    NamedStorageLevel{"MEMORY_AND_DISK_2", memoryAndDiskTwice},
    NamedStorageLevel{"MEMORY_AND_DISK_SER_2", memoryAndDiskTwice},
    NamedStorageLevel{"DISK_ONLY", diskOnly},
};

[[nodiscard]] inline std::optional<StorageLevel> storageLevelOf(std::string_view name) {
    for (const NamedStorageLevel& each : storageLevels) {
        if (each.name == name) {
            return each.level;
        }
    }
    return std::nullopt;
}

}  // namespace millrace::spark
