#include "engine/run/inputs.h"

#include <fmt/format.h>

#include <algorithm>
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
    constexpr double valueMost = 1e8;  // seconds: as far as a scenario's durations go
    if (json.contains("value") && json["value"].is_number()) {
        fault.value = json["value"].get<double>();
    }
    const auto& quantity = rowOf(*kind).quantity;
    const double least = quantity ? std::min(quantity->least, 0.0) : 0;
    const double most = quantity && quantity->form == FaultQuantity::Form::Share ? quantity->most : valueMost;
    if (!(fault.value >= least && fault.value <= most)) {
        return failure(fmt::format("{:g} is no value for a recorded {}", fault.value, sim::toText(*kind)));
    }
    constexpr std::int64_t timeMost = std::int64_t{1} << 53U;  // ns, as in a scenario
    const auto timeIn = [&](const char* key) -> std::optional<std::int64_t> {
        return json.contains(key) && json[key].is_number_integer() ? std::optional(json[key].get<std::int64_t>())
                                                                   : std::nullopt;
    };
    const auto length = timeIn("for_ns");
    const auto planned = timeIn("at_ns");
    if (length.value_or(0) < 0 || length.value_or(0) > timeMost || planned.value_or(0) < 0 ||
        planned.value_or(0) > timeMost) {
        return failure("the times of a recorded fault lie between 0 and 104 days");
    }
    if (length) {
        fault.duration = SimDuration{*length};
    }
    const std::optional<SimTime> at = planned ? std::optional(SimTime{SimDuration{*planned}}) : std::nullopt;
    return Ref<const sim::Input>(makeRef<FaultInput>(std::move(fault), at));
}

}  // namespace millrace::run
