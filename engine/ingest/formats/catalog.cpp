#include <algorithm>
#include <array>

#include "engine/ingest/formats/format.h"

namespace millrace::ingest {

std::optional<std::size_t> Layout::find(std::string_view name) const {
    const auto at = std::find_if(columns.begin(), columns.end(), [&](const auto& each) { return each.name == name; });
    return at != columns.end() ? std::optional(static_cast<std::size_t>(at - columns.begin())) : std::nullopt;
}

std::optional<std::size_t> Layout::subject() const {
    const auto at = std::find_if(columns.begin(), columns.end(), [](const auto& each) {
        return each.type == flow::DatumType::Text && each.name != "time";
    });
    return at != columns.end() ? std::optional(static_cast<std::size_t>(at - columns.begin())) : std::nullopt;
}

std::span<const Format* const> formats() {
    static const std::array all{&jsonFormat(),       &csvFormat(),        &commonFormat(), &combinedFormat(),
                                &syslog5424Format(), &syslog3164Format(), &nmeaFormat(),   &senmlFormat(),
                                &fixFormat(),        &hl7Format(),        &framedFormat()};
    return all;
}

const Format* findFormat(std::string_view name) {
    const auto all = formats();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Format* each) { return each->name == name; });
    return found != all.end() ? *found : nullptr;
}

std::vector<std::string_view> formatNames() {
    std::vector<std::string_view> names;
    for (const Format* each : formats()) {
        names.push_back(each->name);
    }
    return names;
}

}  // namespace millrace::ingest
