#include "engine/scenario/references/judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/scenario/nearest.h"

namespace millrace::scenario {

Names namesOf(const Value* map) {
    Names names;
    if (map != nullptr) {
        for (const Member& member : map->members()) {
            names.push_back(member.key);
        }
    }
    return names;
}

bool contains(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

const Value* at(const Value& root, std::initializer_list<std::string_view> steps) {
    const Value* here = &root;
    for (const std::string_view step : steps) {
        here = here != nullptr ? here->find(step) : nullptr;
    }
    return here;
}

std::span<const Member> membersAt(const Value& root, std::initializer_list<std::string_view> steps) {
    const Value* map = at(root, steps);
    return map != nullptr ? map->members() : std::span<const Member>();
}

std::string textOf(const Value& object, std::string_view key, std::string_view otherwise) {
    const Value* value = object.find(key);
    return value != nullptr && value->isText() ? value->asText() : std::string(otherwise);
}

KnownNames::KnownNames(const Value& root)
    : hosts(namesOf(at(root, {"hosts"}))),
      topics(namesOf(at(root, {"topics"}))),
      sources(namesOf(at(root, {"sources"}))),
      sinks(namesOf(at(root, {"sinks"}))),
      brokers(namesOf(at(root, {"cluster", "brokers"}))),
      servers(namesOf(at(root, {"cluster", "servers"}))),
      supervisors(namesOf(at(root, {"storm", "supervisors"}))),
      topologies(namesOf(at(root, {"topologies"}))),
      producers(namesOf(at(root, {"clients", "producers"}))) {
    for (const Member& source : membersAt(root, {"sources"})) {
        if (source.value.find("topic") != nullptr) {
            producers.push_back(source.key);
        }
    }
}

void ReferenceJudge::error(Place place, std::string path, std::string message) {
    m_complaints.error(place, std::move(path), std::move(message));
}

void ReferenceJudge::warning(Place place, std::string path, std::string message, Complaint::Code code) {
    m_complaints.warning(place, std::move(path), std::move(message), code);
}

void ReferenceJudge::warnOfUnpausedFetches(const Value& owner, std::string_view least, std::string_view longest,
                                           const std::string& path) {
    for (const Member& setting : membersAt(owner, {"config"})) {
        const bool isZero = (setting.value.isNumber() && setting.value.asNumber() == 0) ||
                            (setting.value.isText() && setting.value.asText() == "0");
        if (isZero && (setting.key == least || setting.key == longest)) {
            warning(
                setting.keyPlace, fmt::format("{}.config.{}", path, setting.key),
                "with 0 a broker answers at once even when it has nothing, and is asked again at once: thousands of "
                "requests a second for nothing, as in Kafka");
        }
    }
}

std::string ReferenceJudge::hint(std::string_view name, const Names& names) const {
    return m_complaints.areMany() ? std::string() : suggestion(name, names);
}

void ReferenceJudge::refer(const Value& value, std::string_view what, const Names& names, const std::string& path) {
    if (!value.isText() || value.asText().empty() || contains(names, value.asText())) {
        return;
    }
    error(value.place(), path,
          fmt::format("there is no {} \"{}\"{}", what, shown(value.asText()), hint(value.asText(), names)));
}

void ReferenceJudge::referIfSet(const Value& object, std::string_view key, std::string_view what, const Names& names,
                                const std::string& path) {
    if (const Value* value = object.find(key)) {
        refer(*value, what, names, fmt::format("{}.{}", path, key));
    }
}

void ReferenceJudge::referEach(const Value* list, std::string_view what, const Names& names, const std::string& path) {
    std::size_t index = 0;
    for (const Value& each : list != nullptr ? list->items() : std::span<const Value>()) {
        refer(each, what, names, fmt::format("{}[{}]", path, index++));
    }
}

void ReferenceJudge::require(const Value& object, std::string_view key, std::string_view help,
                             const std::string& path) {
    if (object.find(key) == nullptr) {
        error(object.place(), fmt::format("{}.{}", path, key), fmt::format("\"{}\" is missing: {}", key, help));
    }
}

}  // namespace millrace::scenario
