#include "engine/base/metric.h"

#include <algorithm>
#include <array>
#include <utility>

namespace millrace {

std::string Metric::name() const {
    std::string words(title.empty() ? id : title);
    std::replace(words.begin(), words.end(), '_', ' ');
    return words;
}

std::string_view Metric::chartUnit() const {
    using Rate = std::pair<std::string_view, std::string_view>;
    // A processor that works for a second each second is a core in use. Things are counted as such: "/s".
    constexpr std::array<Rate, 5> rates{Rate{"B", "B/s"}, Rate{"ms", "ms/s"}, Rate{"ns", "ns/s"}, Rate{"s", "s/s"},
                                        Rate{"core seconds", "cores"}};
    if (kind == MetricKind::Gauge) {
        return unit;
    }
    const auto* const found =
        std::find_if(rates.begin(), rates.end(), [this](const Rate& each) { return each.first == unit; });
    return found != rates.end() ? found->second : "/s";
}

std::string_view toText(MetricKind kind) {
    return kind == MetricKind::Counter ? "counter" : "gauge";
}

}  // namespace millrace
