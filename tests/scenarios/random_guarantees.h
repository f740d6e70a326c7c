#pragma once

#include <cstdint>
#include <string>

namespace millrace::swarm {

/// In the `about` of a scenario in which every record goes through unchanged, so that it can be counted at its end.
inline constexpr const char* guaranteeMark = "Each record must arrive.";

/// One topic into Storm and into Spark without receivers, and a source into a reliable receiver, each straight into a
/// sink that writes at least once or exactly once, with faults on every kind of process that are all over at some time.
[[nodiscard]] std::string guaranteeScenario(std::uint64_t seed);

/// What the totals at the end of such a run contradict; empty when they are what was promised:
/// - each record that stands in the topic is in the sinks of Storm and of the direct stream, at least once;
/// - each record of the receiver's source is in its sink where blocks go into the write-ahead log and the driver has
///   checkpoints, at least once (without them what is received and not worked off dies with its driver, as in Spark);
/// - a sink that writes once has none of them twice;
/// - what arrives more often than once has a fault that explains it.
[[nodiscard]] std::string brokenGuarantee(const std::string& scenarioText, const std::string& reportText);

/// What a pipeline that loads records as they come promises, and the totals of a run that is done do not keep: at least
/// once never below, once equal, at most once never above. Empty: nothing, or there is no such pipeline.
[[nodiscard]] std::string brokenIngestion(const std::string& scenarioText, const std::string& reportText);

}  // namespace millrace::swarm
