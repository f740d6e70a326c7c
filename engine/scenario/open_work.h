#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace millrace::scenario {

/// What keeps a run from being drained, in words; empty: drained.
class OpenWork {
public:
    /// For people: all reasons, and those that only explain others. Else the first that is found is enough.
    explicit OpenWork(bool isForPeople) : m_isForPeople(isForPeople) {}

    [[nodiscard]] bool isForPeople() const { return m_isForPeople; }
    [[nodiscard]] const std::vector<std::string>& reasons() const { return m_reasons; }

    template <typename... Arguments>
    void because(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
        m_reasons.push_back(fmt::format(format, std::forward<Arguments>(arguments)...));
    }

private:
    bool m_isForPeople;
    std::vector<std::string> m_reasons;
};

}  // namespace millrace::scenario
