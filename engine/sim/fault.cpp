#include "engine/sim/fault.h"

#include <array>
#include <utility>

namespace millrace::sim {

namespace {

constexpr std::array<std::pair<FaultKind, std::string_view>, 16> names{{
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

std::vector<std::string_view> faultKindNames() {
    std::vector<std::string_view> all;
    all.reserve(names.size());
    for (const auto& entry : names) {
        all.push_back(entry.second);
    }
    return all;
}

}  // namespace millrace::sim
