#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace millrace {

enum class MetricKind : std::uint8_t {
    Counter,  ///< only grows within an incarnation; drawn as a rate
    Gauge     ///< a level at the sample's instant
};

/// Where a metric is shown: the archive keeps every one, and charts can draw every one.
enum class MetricPlace : std::uint8_t {
    Charts,
    Everywhere  ///< also as a fact of its object in the inspector and as a figure in the report
};

/// A figure that a room counts, as a constant of that room: what charts, inspector, archive, report and lists say of it
/// derives from here. Lives as long as the program: series point at it.
struct Metric {
    std::string_view id;     ///< its series' name, in snake case: "bytes_in"
    std::string_view whose;  ///< who counts it: "broker"
    MetricKind kind = MetricKind::Gauge;
    std::string_view unit = {};  ///< of its value: "records", "B", "ms"; empty for yes and no
    std::string_view meaning = {};
    std::string_view title = {};  ///< for people where the id does not do
    MetricPlace place = MetricPlace::Charts;

    /// Its title, or its id in words: "bytes in".
    [[nodiscard]] std::string name() const;
    /// What an axis says: that of a gauge's value, or that of a counter's growth in a second.
    [[nodiscard]] std::string_view chartUnit() const;
};

[[nodiscard]] std::string_view toText(MetricKind kind);

}  // namespace millrace
