#include "engine/run/inputs.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace millrace::run {

void FaultInput::apply(sim::World& world) const {
    if (m_at && *m_at > world.now()) {
        world.scheduleFault(*m_at, m_fault);
    } else {
        world.injectFault(m_fault);
    }
}

void FaultInput::digest(Digest& digest) const {
    digest.add(sim::toText(m_fault.kind));
    digest.add(m_fault.target);
    digest.add(m_fault.value);
    digest.add(m_fault.duration ? m_fault.duration->count() : std::int64_t{-1});
    if (m_at) {
        digest.add(nanoseconds(*m_at));
    }
}

std::string FaultInput::summary() const {
    return fmt::format("{} {}", sim::toText(m_fault.kind), m_fault.target);
}

std::string FaultInput::payload() const {
    nlohmann::ordered_json json{{"kind", sim::toText(m_fault.kind)}, {"target", m_fault.target}};
    if (m_fault.value != 0) {
        json["value"] = m_fault.value;
    }
    if (m_fault.duration) {
        json["for_ns"] = m_fault.duration->count();
    }
    if (m_at) {
        json["at_ns"] = nanoseconds(*m_at);
    }
    return json.dump();
}

Result<Ref<const sim::Input>> FaultInput::fromPayload(std::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("kind") || !json["kind"].is_string() || !json.contains("target") ||
        !json["target"].is_string()) {
        return failure("a recorded fault needs \"kind\" and \"target\"");
    }
    const auto kind = sim::faultKindFromText(json["kind"].get<std::string>());
    if (!kind) {
        return failure(fmt::format("unknown fault \"{}\"", json["kind"].get<std::string>()));
    }
    sim::FaultSpec fault{*kind, json["target"].get<std::string>(), 0, std::nullopt};
    if (json.contains("value") && json["value"].is_number()) {
        fault.value = json["value"].get<double>();
    }
    if (json.contains("for_ns") && json["for_ns"].is_number_integer()) {
        fault.duration = SimDuration{json["for_ns"].get<std::int64_t>()};
    }
    std::optional<SimTime> at;
    if (json.contains("at_ns") && json["at_ns"].is_number_integer()) {
        at = SimTime{SimDuration{json["at_ns"].get<std::int64_t>()}};
    }
    return Ref<const sim::Input>(makeRef<FaultInput>(std::move(fault), at));
}

}  // namespace millrace::run
