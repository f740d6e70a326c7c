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

/// How durations are spread.
struct SpreadView {
    std::int64_t count = 0;
    SimDuration mean{};
    SimDuration median{};
    SimDuration high{};  ///< 95 of 100 are no longer
    SimDuration longest{};
};

/// What has come of a source's readings at a sink.
struct SinkScore {
    std::string sink;
    std::int64_t records = 0;     ///< different ones, copies included
    std::int64_t readings = 0;    ///< different ones
    std::int64_t damaged = 0;     ///< records of these
    std::int64_t anomalies = 0;   ///< records of these
    std::int64_t duplicates = 0;  ///< records of a reading that was there already
    SpreadView freshness;         ///< from the measurement to the commit

    /// Of the source's readings.
    [[nodiscard]] double completeness(std::int64_t ofReadings) const {
        return ofReadings == 0 ? 1 : static_cast<double>(readings) / static_cast<double>(ofReadings);
    }
    /// Of the records, those that are as they were measured.
    [[nodiscard]] double validity() const {
        return records == 0 ? 1 : 1 - static_cast<double>(damaged) / static_cast<double>(records);
    }
};

/// The quality of a source's data, against the truth that its flaws were made from.
struct ScoreView {
    std::string source;
    bool canSendAgain = true;    ///< without end: no crash of its reader loses anything
    std::int64_t readings = 0;   ///< that were made
    std::int64_t missing = 0;    ///< of these, lost on the way to the reader
    std::int64_t records = 0;    ///< that came to the reader, copies included
    std::int64_t damaged = 0;    ///< of these
    std::int64_t late = 0;       ///< of these, held back
    std::int64_t copied = 0;     ///< of these, a second time
    std::int64_t anomalies = 0;  ///< of these, unlike the others by the model itself
    std::int64_t gone = 0;       ///< of these, not taken in time and not sent again
    SpreadView lateness;         ///< from the measurement to the arrival
    std::vector<SinkScore> sinks;
};

struct OriginsView {
    std::vector<OriginView> sources;
    std::vector<ScoreView> scores;
    std::vector<LossView> losses;
};

/// What of the run a person must not overlook: "2,000 acknowledged records are lost, 1 was given up by its producer".
/// Empty when there is nothing of the kind.
[[nodiscard]] std::string shortcomingsText(const OriginsView& origins);

}  // namespace millrace::observe
