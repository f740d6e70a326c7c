#include "engine/scenario/references/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/scenario/document/writer.h"
#include "engine/scenario/nearest.h"

namespace millrace::scenario {

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

std::int64_t countIn(const Value& object, std::string_view key, std::int64_t otherwise) {
    const Value* value = object.find(key);
    constexpr std::int64_t most = 1'000'000'000;
    return value != nullptr && value->isInteger() ? std::clamp<std::int64_t>(value->asInteger(), 0, most) : otherwise;
}

std::optional<std::int64_t> wholeNumberIn(const Value* setting) {
    const std::string text = setting != nullptr ? settingText(*setting) : std::string();
    std::int64_t number = 0;
    const auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isWhole = trouble == std::errc() && end == text.data() + text.size();
    return isWhole ? std::optional(number) : std::nullopt;
}

std::optional<bool> flagIn(const Value* setting) {
    const std::string text = setting != nullptr ? settingText(*setting) : std::string();
    return text == "true" || text == "false" ? std::optional(text == "true") : std::nullopt;
}

const Names& KnownNames::of(const Collection& collection) const {
    const auto [at, isNew] = m_names.try_emplace(collection.path);
    if (isNew) {
        at->second = namesOf(m_root, collection);
    }
    return at->second;
}

void ReferenceJudge::error(Place place, std::string path, std::string message) {
    m_complaints.error(place, std::move(path), std::move(message));
}

void ReferenceJudge::warning(Place place, std::string path, std::string message, Complaint::Code code) {
    m_complaints.warning(place, std::move(path), std::move(message), code);
}

std::string ReferenceJudge::hint(std::string_view name, const Names& names) const {
    return m_complaints.areMany() ? std::string() : suggestion(name, names);
}

std::optional<std::string> ReferenceJudge::missing(std::string_view what, std::string_view name,
                                                   const Names& names) const {
    if (contains(names, name)) {
        return std::nullopt;
    }
    return fmt::format("there is no {} \"{}\"{}", what, shown(name), hint(name, names));
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

void ReferenceJudge::referEach(const Value* list, const Collection& collection, const std::string& path) {
    std::size_t index = 0;
    for (const Value& each : list != nullptr ? list->items() : std::span<const Value>()) {
        refer(each, collection.noun, names(collection), fmt::format("{}[{}]", path, index++));
    }
}

void ReferenceJudge::require(const Value& object, std::string_view key, std::string_view help,
                             const std::string& path) {
    if (object.find(key) == nullptr) {
        error(object.place(), fmt::format("{}.{}", path, key), fmt::format("\"{}\" is missing: {}", key, help));
    }
}

void ReferenceJudge::bound(std::int64_t count, std::int64_t most, std::string_view what, const std::string& path) {
    const Value* value = m_root.find(path.substr(0, path.find('.')));
    if (count > most) {
        error(value != nullptr ? value->place() : Place{}, path,
              fmt::format("{} {} in all; a scenario has at most {}", count, what, most));
    }
}

}  // namespace millrace::scenario
