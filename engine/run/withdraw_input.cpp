#include "engine/run/withdraw_input.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace millrace::run {

void WithdrawInput::apply(sim::World& world) const {
    world.withdrawFault(m_at, m_fault, m_target);
}

void WithdrawInput::digest(Digest& digest) const {
    digest.add(nanoseconds(m_at));
    digest.add(sim::toText(m_fault));
    digest.add(std::string_view{m_target});
}

std::string WithdrawInput::summary() const {
    return fmt::format("no longer plan {} {} at {:g} s", sim::toText(m_fault), m_target, seconds(m_at));
}

std::string WithdrawInput::payload() const {
    return nlohmann::ordered_json{{"at_ns", nanoseconds(m_at)}, {"fault", sim::toText(m_fault)}, {"target", m_target}}
        .dump();
}

Result<Ref<const sim::Input>> WithdrawInput::fromPayload(std::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("fault") || !json["fault"].is_string() || !json.contains("target") ||
        !json["target"].is_string() || !json.contains("at_ns") || !json["at_ns"].is_number_integer()) {
        return failure("a recorded withdrawal needs \"at_ns\", \"fault\" and \"target\"");
    }
    const auto kind = sim::faultKindFromText(json["fault"].get<std::string>());
    if (!kind) {
        return failure(fmt::format("unknown fault \"{}\"", json["fault"].get<std::string>()));
    }
    return Ref<const sim::Input>(makeRef<WithdrawInput>(SimTime{SimDuration{json["at_ns"].get<std::int64_t>()}}, *kind,
                                                        json["target"].get<std::string>()));
}

}  // namespace millrace::run
