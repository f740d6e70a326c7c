#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace millrace {

/// Thrown by a broken invariant of the program itself. The run stops; nothing may swallow it but the outermost caller.
class CheckFailed : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

/// Text that a running world adds to a failed check: seed, simulated time, event number.
class CheckScope {
public:
    explicit CheckScope(std::string (*describe)(const void*), const void* subject);
    ~CheckScope();
    CheckScope(const CheckScope&) = delete;
    CheckScope& operator=(const CheckScope&) = delete;

    static std::string current();

private:
    CheckScope* m_outer;
    std::string (*m_describe)(const void*);
    const void* m_subject;
};

[[noreturn]] void checkFailed(std::string_view condition, std::string_view file, int line, const std::string& values);

namespace detail {
inline std::string checkValues() {
    return {};
}
template <class... Values>
std::string checkValues(const Values&... values) {
    std::string text;
    ((text += fmt::format("{} ", values)), ...);
    return text;
}
}  // namespace detail

}  // namespace millrace

/// Always on. Prints the condition, the values, and where the world stands.
#define MILLRACE_CHECK(condition, ...)                                                                             \
    do {                                                                                                           \
        if (!(condition)) [[unlikely]] {                                                                           \
            ::millrace::checkFailed(#condition, __FILE__, __LINE__, ::millrace::detail::checkValues(__VA_ARGS__)); \
        }                                                                                                          \
    } while (false)
