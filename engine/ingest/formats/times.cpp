#include <array>
#include <chrono>
#include <cstdlib>

#include "engine/ingest/formats/format.h"

namespace millrace::ingest {

namespace {

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Takes what it reads from the front of a text; once something does not fit, nothing does.
class Scanner {
public:
    explicit Scanner(std::string_view text) : m_rest(text) {}

    unsigned number(std::size_t digits) {
        unsigned value = 0;
        if (m_rest.size() < digits) {
            m_fits = false;
            return 0;
        }
        for (const char c : m_rest.substr(0, digits)) {
            m_fits = m_fits && c >= '0' && c <= '9';
            value = value * 10 + static_cast<unsigned>(c - '0');
        }
        m_rest.remove_prefix(digits);
        return value;
    }
    void skip(char wanted) {
        if (!takes(wanted)) {
            m_fits = false;
        }
    }
    bool takes(char wanted) {
        if (m_rest.empty() || m_rest.front() != wanted) {
            return false;
        }
        m_rest.remove_prefix(1);
        return true;
    }
    unsigned month() {
        for (unsigned i = 0; i < months.size(); ++i) {
            if (m_rest.starts_with(months[i])) {
                m_rest.remove_prefix(3);
                return i + 1;
            }
        }
        m_fits = false;
        return 1;
    }
    /// Digits behind a point, to thousandths.
    unsigned thousandths() {
        unsigned value = 0;
        unsigned scale = 100;
        while (!m_rest.empty() && m_rest.front() >= '0' && m_rest.front() <= '9') {
            value += static_cast<unsigned>(m_rest.front() - '0') * scale;
            scale /= 10;
            m_rest.remove_prefix(1);
        }
        return value;
    }
    /// Minutes east of Greenwich of "Z", "+0200", "-05:00" or nothing.
    std::int64_t zone() {
        if (m_rest.empty() || takes('Z')) {
            return 0;
        }
        const bool isWest = m_rest.front() == '-';
        if (!takes('+') && !takes('-')) {
            m_fits = false;
            return 0;
        }
        const unsigned hours = number(2);
        (void)takes(':');
        const unsigned minutes = number(2);
        const auto east = static_cast<std::int64_t>(hours) * 60 + minutes;
        return isWest ? -east : east;
    }
    [[nodiscard]] bool isDone() const { return m_fits && m_rest.empty(); }
    [[nodiscard]] bool fits() const { return m_fits; }

private:
    std::string_view m_rest;
    bool m_fits = true;
};

bool isOfCalendar(const CivilTime& time) {
    const std::chrono::year_month_day day{std::chrono::year{time.year}, std::chrono::month{time.month},
                                          std::chrono::day{time.day}};
    return day.ok() && time.hour < 24 && time.minute < 60 && time.second <= 60;
}

std::optional<std::int64_t> instantOf(const Scanner& scanner, const CivilTime& time, std::int64_t minutesEast) {
    if (!scanner.isDone() || !isOfCalendar(time)) {
        return std::nullopt;
    }
    return millisecondsOf(time) - minutesEast * 60'000;
}

}  // namespace

std::string_view monthName(unsigned month) {
    return months[(month - 1) % 12];
}

CivilTime civilTime(std::int64_t milliseconds) {
    const auto instant = std::chrono::sys_time<std::chrono::milliseconds>{std::chrono::milliseconds{milliseconds}};
    const auto day = std::chrono::floor<std::chrono::days>(instant);
    const std::chrono::year_month_day date{day};
    const auto rest = static_cast<unsigned>((instant - day).count());
    return {static_cast<int>(date.year()),
            static_cast<unsigned>(date.month()),
            static_cast<unsigned>(date.day()),
            rest / 3'600'000,
            rest / 60'000 % 60,
            rest / 1'000 % 60,
            rest % 1'000};
}

std::int64_t millisecondsOf(const CivilTime& time) {
    const std::chrono::sys_days day{std::chrono::year{time.year} / std::chrono::month{time.month} /
                                    std::chrono::day{time.day}};
    const std::int64_t seconds =
        (static_cast<std::int64_t>(time.hour) * 60 + time.minute) * 60 + static_cast<std::int64_t>(time.second);
    return day.time_since_epoch().count() * std::int64_t{86'400'000} + seconds * 1'000 + time.milli;
}

std::optional<std::int64_t> instantIn(std::string_view text) {
    Scanner scanner(text);
    CivilTime time;
    time.year = static_cast<int>(scanner.number(4));
    scanner.skip('-');
    time.month = scanner.number(2);
    scanner.skip('-');
    time.day = scanner.number(2);
    if (!scanner.fits()) {
        return std::nullopt;
    }
    if (!scanner.isDone()) {
        if (!scanner.takes('T') && !scanner.takes(' ')) {
            return std::nullopt;
        }
        time.hour = scanner.number(2);
        scanner.skip(':');
        time.minute = scanner.number(2);
        if (scanner.takes(':')) {
            time.second = scanner.number(2);
        }
        if (scanner.takes('.')) {
            time.milli = scanner.thousandths();
        }
    }
    const std::int64_t east = scanner.zone();
    return instantOf(scanner, time, east);
}

std::optional<std::int64_t> webLogInstantIn(std::string_view text) {
    Scanner scanner(text);
    CivilTime time;
    time.day = scanner.number(2);
    scanner.skip('/');
    time.month = scanner.month();
    scanner.skip('/');
    time.year = static_cast<int>(scanner.number(4));
    scanner.skip(':');
    time.hour = scanner.number(2);
    scanner.skip(':');
    time.minute = scanner.number(2);
    scanner.skip(':');
    time.second = scanner.number(2);
    (void)scanner.takes(' ');
    const std::int64_t east = scanner.zone();
    return instantOf(scanner, time, east);
}

std::optional<std::int64_t> syslogInstantIn(std::string_view text, int year) {
    Scanner scanner(text);
    CivilTime time;
    time.year = year;
    time.month = scanner.month();
    scanner.skip(' ');
    time.day = scanner.takes(' ') ? scanner.number(1) : scanner.number(2);
    scanner.skip(' ');
    time.hour = scanner.number(2);
    scanner.skip(':');
    time.minute = scanner.number(2);
    scanner.skip(':');
    time.second = scanner.number(2);
    return instantOf(scanner, time, 0);
}

}  // namespace millrace::ingest
