#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/sim/fault.h"
#include "engine/sim/world.h"

namespace millrace::run {

/// An input that can be written down and read again: what a recording holds. `kind` names the type, `payload` is JSON.
class StorableInput : public sim::Input {
public:
    [[nodiscard]] virtual std::string_view kind() const = 0;
    [[nodiscard]] virtual std::string payload() const = 0;
    /// Whether it makes sense in this world. What was recorded always does; what a damaged recording holds may not.
    [[nodiscard]] virtual Result<void> fits(const sim::World&) const { return {}; }
};

/// A fault, or its repair, by hand: what a click on "crash" or "Revive" does. With a time it is planned: it happens
/// then, as one that the scenario plans.
class FaultInput final : public StorableInput {
public:
    explicit FaultInput(sim::FaultSpec fault, std::optional<SimTime> at = std::nullopt)
        : m_fault(std::move(fault)), m_at(at) {}

    [[nodiscard]] const sim::FaultSpec& fault() const { return m_fault; }
    [[nodiscard]] std::optional<SimTime> at() const { return m_at; }
    void apply(sim::World& world) const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
    [[nodiscard]] std::string_view kind() const override { return kindName; }
    [[nodiscard]] std::string payload() const override;

    static constexpr std::string_view kindName = "fault";
    [[nodiscard]] static Result<Ref<const sim::Input>> fromPayload(std::string_view json);

private:
    sim::FaultSpec m_fault;
    std::optional<SimTime> m_at;
};

}  // namespace millrace::run
