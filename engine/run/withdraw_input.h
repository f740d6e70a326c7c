#pragma once

#include <string>
#include <string_view>

#include "engine/run/inputs.h"

namespace millrace::run {

/// A planned fault that has not happened yet is taken out of the plan, by hand. Without effect when there is none of
/// this kind for this target at that time.
class WithdrawInput final : public StorableInput {
public:
    WithdrawInput(SimTime at, sim::FaultKind fault, std::string target)
        : m_at(at), m_fault(fault), m_target(std::move(target)) {}

    void apply(sim::World& world) const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
    [[nodiscard]] std::string_view kind() const override { return kindName; }
    [[nodiscard]] std::string payload() const override;

    static constexpr std::string_view kindName = "withdraw";
    [[nodiscard]] static Result<Ref<const sim::Input>> fromPayload(std::string_view json);

private:
    SimTime m_at;
    sim::FaultKind m_fault;
    std::string m_target;
};

}  // namespace millrace::run
