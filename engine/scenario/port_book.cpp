#include "engine/scenario/port_book.h"

#include "engine/base/check.h"

namespace millrace::scenario {

sim::Port PortBook::portOn(const std::string& host, sim::Port wanted) {
    constexpr std::uint32_t portMax = 65'535;
    constexpr std::uint32_t firstUnprivileged = 1'024;
    Host& taken = m_hosts[host];
    std::uint32_t& next = taken.nextBehind.try_emplace(wanted, wanted.value).first->second;
    MILLRACE_CHECK(taken.ports.size() <= static_cast<std::size_t>(listenersOfHostMax), host, taken.ports.size());
    while (!taken.ports.insert(next).second) {
        next = next == portMax ? firstUnprivileged : next + 1;
    }
    return sim::Port{static_cast<std::uint16_t>(next)};
}

}  // namespace millrace::scenario
