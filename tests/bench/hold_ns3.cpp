#include "tests/bench/hold_ns3.h"

#include <ns3/core-module.h>

namespace {

millrace::bench::Draw drawNext = nullptr;

void fire() {
    ns3::Simulator::Schedule(ns3::NanoSeconds(drawNext()), &fire);
}

}  // namespace

namespace millrace::bench {

void prepareNs3(std::uint64_t pending, Draw draw) {
    drawNext = draw;
    ns3::ObjectFactory factory;
    factory.SetTypeId("ns3::PriorityQueueScheduler");
    ns3::Simulator::SetScheduler(factory);
    for (std::uint64_t i = 0; i < pending; ++i) {
        ns3::Simulator::Schedule(ns3::NanoSeconds(draw()), &fire);
    }
}

std::uint64_t runNs3(std::int64_t nanoseconds) {
    const std::uint64_t before = ns3::Simulator::GetEventCount();
    ns3::Simulator::Stop(ns3::NanoSeconds(nanoseconds));
    ns3::Simulator::Run();
    return ns3::Simulator::GetEventCount() - before;
}

void destroyNs3() {
    ns3::Simulator::Destroy();
}

}  // namespace millrace::bench
