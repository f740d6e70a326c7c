#include "engine/scenario/run_judgement.h"

#include <algorithm>

namespace millrace::scenario {

SimDuration longestOf(const Settings& settings, std::initializer_list<std::string_view> keys) {
    SimDuration longest{0};
    for (const std::string_view key : keys) {
        if (settings.optionalInteger(key)) {
            longest = std::max(longest, std::min(settings.duration(key), timeoutMax));
        }
    }
    return longest;
}

void LeaderlessGap::look(bool isLed, SimTime now) {
    m_longest = longestUpTo(now);
    if (isLed) {
        m_since.reset();
    } else if (!m_since) {
        m_since = now;
    }
}

std::pair<SimTime, SimTime> LeaderlessGap::longestUpTo(SimTime now) const {
    const bool isLonger = m_since && now - *m_since > m_longest.second - m_longest.first;
    return isLonger ? std::pair{*m_since, now} : m_longest;
}

bool isLasting(const std::pair<SimTime, SimTime>& gap) {
    return gap.second - gap.first >= LeaderlessGap::lasting;
}

std::string timeText(const std::pair<SimTime, SimTime>& gap, SimTime end) {
    const std::string begin = gap.first == SimTime{} ? "from the start" : "from " + toText(gap.first);
    return gap.second >= end ? begin + " on, to the end" : begin + " to " + toText(gap.second);
}

const observe::WaitView* findWait(const std::vector<observe::WaitView>& waits, std::string_view object) {
    const auto at =
        std::find_if(waits.begin(), waits.end(), [&](const observe::WaitView& each) { return each.object == object; });
    return at == waits.end() ? nullptr : &*at;
}

}  // namespace millrace::scenario
