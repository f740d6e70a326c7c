#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/base/strong.h"

namespace millrace {

/// What may happen, as an entry of the journal tells it: a constant of the room in which it happens, so that who writes
/// it and who looks for it mean the same. Lives as long as the program: entries point at its id.
struct JournalKind {
    std::string_view id;       ///< "<room>.<what-happened>" in kebab case: "kafka.leader-elected"
    std::string_view meaning;  ///< when it is written

    constexpr operator std::string_view() const { return id; }  // NOLINT(google-explicit-constructor): stands for it
};

/// How a fact stands in an entry, and is read there again. Lists are joined by commas.
template <class T>
struct JournalValue;

template <>
struct JournalValue<std::string_view> {
    static std::string write(std::string_view text) { return std::string{text}; }
    static std::optional<std::string_view> read(std::string_view text) { return text; }
};

template <class T>
requires std::is_integral_v<T>
struct JournalValue<T> {
    static std::string write(T number) { return std::to_string(number); }
    static std::optional<T> read(std::string_view text) {
        T number{};
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
    }
};

template <class Tag, class Rep>
struct JournalValue<Strong<Tag, Rep>> {
    static std::string write(Strong<Tag, Rep> id) { return JournalValue<Rep>::write(id.value); }
    static std::optional<Strong<Tag, Rep>> read(std::string_view text) {
        const std::optional<Rep> value = JournalValue<Rep>::read(text);
        return value ? std::optional(Strong<Tag, Rep>{*value}) : std::nullopt;
    }
};

template <class T>
struct JournalValue<std::vector<T>> {
    static std::string write(const std::vector<T>& values) {
        std::string text;
        for (const T& value : values) {
            text += (text.empty() ? "" : ",") + JournalValue<T>::write(value);
        }
        return text;
    }
    static std::optional<std::vector<T>> read(std::string_view text) {
        std::vector<T> values;
        while (!text.empty()) {
            const std::size_t comma = std::min(text.find(','), text.size());
            const std::optional<T> value = JournalValue<T>::read(text.substr(0, comma));
            if (!value) {
                return std::nullopt;
            }
            values.push_back(*value);
            text.remove_prefix(std::min(comma + 1, text.size()));
        }
        return values;
    }
};

/// A fact of entries that somebody reads: its key and its type.
template <class T>
struct JournalField {
    std::string_view key;

    /// For the fields of a draft.
    [[nodiscard]] std::pair<std::string_view, std::string> operator()(const T& value) const {
        return {key, JournalValue<T>::write(value)};
    }
    /// What an entry says; nothing where it does not, or not so.
    template <class Entry>
    [[nodiscard]] std::optional<T> of(const Entry& entry) const {
        for (const auto& [name, value] : entry.fields) {
            if (name == key) {
                return JournalValue<T>::read(value);
            }
        }
        return std::nullopt;
    }
};

}  // namespace millrace
