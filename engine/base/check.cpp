#include "engine/base/check.h"

namespace millrace {

namespace {
thread_local CheckScope* innermost = nullptr;
}

CheckScope::CheckScope(std::string (*describe)(const void*), const void* subject)
    : m_outer(innermost), m_describe(describe), m_subject(subject) {
    innermost = this;
}

CheckScope::~CheckScope() {
    innermost = m_outer;
}

std::string CheckScope::current() {
    return innermost == nullptr ? std::string{} : innermost->m_describe(innermost->m_subject);
}

void checkFailed(std::string_view condition, std::string_view file, int line, const std::string& values) {
    throw CheckFailed(
        fmt::format("{}:{}: check failed: {} {}{}", file, line, condition, values, CheckScope::current()));
}

}  // namespace millrace
