#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "engine/flow/operator.h"
#include "engine/scenario/catalog/config_catalog.h"
#include "engine/scenario/document/value.h"
#include "engine/scenario/document/writer.h"
#include "engine/scenario/operators.h"
#include "engine/scenario/units.h"
#include "engine/sim/process.h"

namespace millrace::scenario {

/// One object of a document that has been found free of errors, read by key.
class PlanReader {
public:
    explicit PlanReader(const Value* object) : m_object(object) {}

    [[nodiscard]] const Value* find(std::string_view key) const {
        return m_object != nullptr ? m_object->find(key) : nullptr;
    }
    [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
    [[nodiscard]] PlanReader object(std::string_view key) const { return PlanReader(find(key)); }
    [[nodiscard]] std::span<const Member> members(std::string_view key) const {
        return has(key) ? find(key)->members() : std::span<const Member>();
    }
    [[nodiscard]] std::span<const Value> items(std::string_view key) const {
        return has(key) ? find(key)->items() : std::span<const Value>();
    }
    [[nodiscard]] std::string text(std::string_view key, std::string otherwise = {}) const {
        return has(key) ? find(key)->asText() : std::move(otherwise);
    }
    [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t otherwise) const {
        return has(key) ? find(key)->asInteger() : otherwise;
    }
    [[nodiscard]] std::int32_t count(std::string_view key, std::int32_t otherwise) const {
        return static_cast<std::int32_t>(integer(key, otherwise));
    }
    [[nodiscard]] double number(std::string_view key, double otherwise) const {
        return has(key) ? find(key)->asNumber() : otherwise;
    }
    [[nodiscard]] SimDuration duration(std::string_view key, SimDuration otherwise) const {
        return has(key) ? quantity(parseDuration(find(key)->asText())) : otherwise;
    }
    [[nodiscard]] ByteCount size(std::string_view key, ByteCount otherwise) const {
        return has(key) ? quantity(parseSize(find(key)->asText())) : otherwise;
    }
    [[nodiscard]] ByteCount byteRate(std::string_view key, ByteCount otherwise) const {
        return has(key) ? quantity(parseByteRate(find(key)->asText())) : otherwise;
    }
    [[nodiscard]] std::vector<std::string> texts(std::string_view key) const {
        std::vector<std::string> all;
        for (const Value& each : items(key)) {
            all.push_back(each.asText());
        }
        return all;
    }
    [[nodiscard]] sim::RestartPolicy restart() const {
        const PlanReader object = this->object("restart");
        sim::RestartPolicy policy;
        policy.isOn = object.text("policy", "on-failure") == "on-failure";
        policy.delay = object.duration("delay", policy.delay);
        if (object.has("limit")) {
            policy.limit = static_cast<std::uint32_t>(object.integer("limit", 0));
        }
        return policy;
    }
    [[nodiscard]] Profile profile() const { return text("profile") == "course" ? Profile::Course : Profile::Current; }
    [[nodiscard]] Settings settings(ConfigScope scope, Profile profile) const {
        Settings settings(scope, profile);
        for (const Member& each : members("config")) {
            settings.set(each.key, settingText(each.value));
        }
        return settings;
    }

    [[nodiscard]] flow::ParameterValues valuesFor(const flow::Operator& row) const { return valuesOf(*m_object, row); }

private:
    template <typename T>
    static T quantity(const Parsed<T>& parsed) {
        MILLRACE_CHECK(parsed.has_value(), parsed.error());
        return *parsed;
    }

    const Value* m_object;
};

}  // namespace millrace::scenario
