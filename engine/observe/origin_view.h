#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/sim_time.h"

namespace millrace::observe {

/// Acknowledged records that are gone.
struct LossView {
    std::string producer;
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t records = 0;
    std::int64_t fromOffset = 0;
    std::int64_t toOffset = 0;  ///< the last one
    std::string cause;          ///< "unclean-election", "acks", "power-loss"
    bool wasPromised = false;   ///< by acks = all with at least two in-sync replicas asked for
    SimTime at{};
};

/// Records of a source that its producer gave up for the same reason.
struct GivenUpView {
    std::string reason;
    std::int64_t records = 0;
    std::int64_t firstPosition = 0;
    std::int64_t lastPosition = 0;
};

struct OriginAtSink {
    std::string sink;
    std::int64_t written = 0;   ///< positions of which something is committed there
    std::int64_t repeated = 0;  ///< writes whose origin had been written before
};

/// What has become of a source's records, from the ledger of origins. Numbers of positions unless told otherwise.
struct OriginView {
    std::string source;
    std::string producer;
    std::int64_t sent = 0;
    std::int64_t acked = 0;          ///< records, each acknowledgement
    std::int64_t stored = 0;         ///< stand in a log
    std::int64_t doubled = 0;        ///< appended again while they stood in a log
    std::int64_t retried = 0;        ///< sent again
    std::int64_t failed = 0;         ///< given up
    std::int64_t failedPresent = 0;  ///< of these, stand in a log all the same
    std::int64_t lost = 0;           ///< acknowledged and gone
    std::int64_t reordered = 0;      ///< batches that came behind a younger one of their partition
    std::int64_t vanished = 0;       ///< known when nothing is left to be done: sent, and neither stored nor told
    std::vector<GivenUpView> givenUp;
    std::vector<OriginAtSink> sinks;
};

struct OriginsView {
    std::vector<OriginView> sources;
    std::vector<LossView> losses;
};

/// What of the run a person must not overlook: "2,000 acknowledged records are lost, 1 was given up by its producer".
/// Empty when there is nothing of the kind.
[[nodiscard]] std::string shortcomingsText(const OriginsView& origins);

}  // namespace millrace::observe
