#include "engine/sim/fault.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace millrace::sim {

namespace {

constexpr std::array<std::pair<FaultKind, std::string_view>, 17> names{{
    {FaultKind::Crash, "crash"},
    {FaultKind::Restart, "restart"},
    {FaultKind::Power, "power"},
    {FaultKind::PowerOn, "power-on"},
    {FaultKind::Pause, "pause"},
    {FaultKind::Resume, "resume"},
    {FaultKind::SlowCpu, "slow-cpu"},
    {FaultKind::SlowDisk, "slow-disk"},
    {FaultKind::FullDisk, "full-disk"},
    {FaultKind::FreeDisk, "free-disk"},
    {FaultKind::Cut, "cut"},
    {FaultKind::Heal, "heal"},
    {FaultKind::Delay, "delay"},
    {FaultKind::Loss, "loss"},
    {FaultKind::Duplicate, "duplicate"},
    {FaultKind::Skew, "skew"},
    {FaultKind::Revive, "revive"},
}};

}  // namespace

std::string_view toText(FaultKind kind) {
    for (const auto& [known, name] : names) {
        if (known == kind) {
            return name;
        }
    }
    return "?";
}

std::optional<FaultKind> faultKindFromText(std::string_view text) {
    for (const auto& [kind, name] : names) {
        if (name == text) {
            return kind;
        }
    }
    return std::nullopt;
}

std::string sentenceOf(const FaultSpec& fault, std::string_view hit) {
    const bool isUndone = fault.value == 1;  // of the two that make something slower
    switch (fault.kind) {
        case FaultKind::Crash:
            return fmt::format("{} crashed", hit);
        case FaultKind::Restart:
            return fmt::format("{} is to start again", hit);
        case FaultKind::Power:
            return fmt::format("{} lost power", hit);
        case FaultKind::PowerOn:
            return fmt::format("{} has power again", hit);
        case FaultKind::Pause:
            return fmt::format("{} is paused", hit);
        case FaultKind::Resume:
            return fmt::format("{} goes on", hit);
        case FaultKind::SlowCpu:
            return isUndone ? fmt::format("the processor of {} has its full speed", hit)
                            : fmt::format("the processor of {} is {:g} times slower", hit, fault.value);
        case FaultKind::SlowDisk:
            return isUndone ? fmt::format("the disk of {} has its full speed", hit)
                            : fmt::format("the disk of {} is {:g} times slower", hit, fault.value);
        case FaultKind::FullDisk:
            return fmt::format("the disk of {} is full", hit);
        case FaultKind::FreeDisk:
            return fmt::format("the disk of {} has room", hit);
        case FaultKind::Cut:
            return fmt::format("{} is cut", hit);
        case FaultKind::Heal:
            return fmt::format("{} is whole", hit);
        case FaultKind::Delay:
            return fmt::format("{} takes {:g} ms longer", hit, fault.value * 1000);
        case FaultKind::Loss:
            return fmt::format("{} loses {:g} % of its packets", hit, fault.value * 100);
        case FaultKind::Duplicate:
            return fmt::format("{} sends {:g} % of its packets twice", hit, fault.value * 100);
        case FaultKind::Skew:
            return fmt::format("the clock of {} is {:g} s ahead", hit, fault.value);
        case FaultKind::Revive:
            return fmt::format("{} is revived", hit == "run" ? "everything that was down or ailing" : hit);
    }
    return {};
}

std::optional<FaultKind> repairedBy(const FaultSpec& fault) {
    switch (fault.kind) {
        case FaultKind::Restart:
            return FaultKind::Crash;
        case FaultKind::PowerOn:
            return FaultKind::Power;
        case FaultKind::Resume:
            return FaultKind::Pause;
        case FaultKind::FreeDisk:
            return FaultKind::FullDisk;
        case FaultKind::Heal:
            return FaultKind::Cut;
        case FaultKind::SlowCpu:
        case FaultKind::SlowDisk:
            return fault.value == 1 ? std::optional(fault.kind) : std::nullopt;
        case FaultKind::Delay:
        case FaultKind::Loss:
        case FaultKind::Duplicate:
        case FaultKind::Skew:
            return fault.value == 0 ? std::optional(fault.kind) : std::nullopt;
        default:
            return std::nullopt;
    }
}

std::vector<std::string_view> faultKindNames() {
    std::vector<std::string_view> all;
    all.reserve(names.size());
    for (const auto& entry : names) {
        all.push_back(entry.second);
    }
    return all;
}

}  // namespace millrace::sim
