#pragma once

#include "engine/sim/message.h"
#include "engine/spark/ids.h"

namespace millrace::spark {

// What a driver's timers bring it.

template <class Derived>
struct DriverTimer : sim::MessageBase<Derived> {
    void digest(Digest&) const override {}
};

struct DriverReady final : DriverTimer<DriverReady> {
    static constexpr std::string_view Name = "spark.DriverReady";
};
struct BatchTime final : DriverTimer<BatchTime> {
    static constexpr std::string_view Name = "spark.BatchTime";
};
struct OfferTime final : DriverTimer<OfferTime> {
    static constexpr std::string_view Name = "spark.OfferTime";
};
struct SpeculationTime final : DriverTimer<SpeculationTime> {
    static constexpr std::string_view Name = "spark.SpeculationTime";
};
struct ResubmitTime final : DriverTimer<ResubmitTime> {
    static constexpr std::string_view Name = "spark.ResubmitTime";
};
struct CheckExecutorsTime final : DriverTimer<CheckExecutorsTime> {
    static constexpr std::string_view Name = "spark.CheckExecutorsTime";
};
struct PlaceReceiversTime final : DriverTimer<PlaceReceiversTime> {
    static constexpr std::string_view Name = "spark.PlaceReceiversTime";
};
struct AllocationTime final : DriverTimer<AllocationTime> {
    static constexpr std::string_view Name = "spark.AllocationTime";
};
struct MasterRetry final : sim::MessageBase<MasterRetry> {
    static constexpr std::string_view Name = "spark.MasterRetry";
    std::uint64_t round;
    explicit MasterRetry(std::uint64_t of) : round(of) {}
    void digest(Digest& digest) const override { digest.add(round); }
};
/// The driver's log of received blocks is on the medium.
struct BlockLogged final : sim::MessageBase<BlockLogged> {
    static constexpr std::string_view Name = "spark.BlockLogged";
    BlockId block;
    sim::ConnectionId to;
    BlockLogged(BlockId which, sim::ConnectionId who) : block(which), to(who) {}
    void digest(Digest& digest) const override { digest.add(block.number); }
};

}  // namespace millrace::spark
