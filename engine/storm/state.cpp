#include "engine/storm/state.h"

#include <fmt/format.h>

#include <charconv>

namespace millrace::storm {

namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return parts;
}

template <class Number>
std::optional<Number> number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::string portsText(const std::vector<sim::Port>& ports) {
    std::string text;
    for (const sim::Port port : ports) {
        text += (text.empty() ? "" : ",") + std::to_string(port.value);
    }
    return text.empty() ? "-" : text;
}

std::vector<sim::Port> portsOf(std::string_view text) {
    std::vector<sim::Port> ports;
    for (const std::string_view part : split(text == "-" ? std::string_view{} : text, ',')) {
        ports.emplace_back(number<std::uint16_t>(part).value_or(0));
    }
    return ports;
}

}  // namespace

std::string asWord(std::string_view name) {
    std::string word;
    for (const char c : name) {
        const bool isSpecial = c == ' ' || c == '%' || c == '\n' || c == '\t';
        word += isSpecial ? fmt::format("%{:02x}", static_cast<unsigned char>(c)) : std::string(1, c);
    }
    return word;
}

std::string fromWord(std::string_view word) {
    std::string name;
    for (std::size_t i = 0; i < word.size(); ++i) {
        unsigned code = 0;
        const char* digits = word.data() + i + 1;
        const bool isCoded =
            word[i] == '%' && i + 2 < word.size() && std::from_chars(digits, digits + 2, code, 16).ptr == digits + 2;
        name += isCoded ? static_cast<char>(code) : word[i];
        i += isCoded ? 2 : 0;
    }
    return name;
}

std::string_view toText(TopologyStatus status) {
    switch (status) {
        case TopologyStatus::Active:
            return "ACTIVE";
        case TopologyStatus::Inactive:
            return "INACTIVE";
        case TopologyStatus::Killed:
            return "KILLED";
        case TopologyStatus::Rebalancing:
            return "REBALANCING";
    }
    return {};
}

std::string StormBase::encode() const {
    return fmt::format("{} {} {} {}", asWord(name), toText(status), workers, launchedMillis);
}

std::optional<StormBase> StormBase::decode(std::string_view text) {
    const auto words = split(text, ' ');
    if (words.size() != 4) {
        return std::nullopt;
    }
    StormBase base;
    base.name = fromWord(words[0]);
    for (const TopologyStatus status :
         {TopologyStatus::Active, TopologyStatus::Inactive, TopologyStatus::Killed, TopologyStatus::Rebalancing}) {
        if (toText(status) == words[1]) {
            base.status = status;
        }
    }
    base.workers = number<std::int32_t>(words[2]).value_or(1);
    base.launchedMillis = number<std::int64_t>(words[3]).value_or(0);
    return base;
}

std::string Assignment::encode() const {
    std::string text;
    for (const auto& [node, host] : hosts) {
        text += fmt::format("node {} {}\n", asWord(node), asWord(host));
    }
    for (const auto& [executor, place] : executors) {
        text += fmt::format("executor {} {} {} {} {}\n", executor.first.value, executor.last.value,
                            asWord(place.slot.node), place.slot.port.value, nanoseconds(place.since));
    }
    return text;
}

std::optional<Assignment> Assignment::decode(std::string_view text) {
    Assignment assignment;
    for (const std::string_view line : split(text, '\n')) {
        const auto words = split(line, ' ');
        if (words.size() == 3 && words[0] == "node") {
            assignment.hosts[fromWord(words[1])] = fromWord(words[2]);
        } else if (words.size() == 6 && words[0] == "executor") {
            const ExecutorRange range{TaskId{number<std::int32_t>(words[1]).value_or(0)},
                                      TaskId{number<std::int32_t>(words[2]).value_or(0)}};
            const Slot slot{fromWord(words[3]), sim::Port{number<std::uint16_t>(words[4]).value_or(0)}};
            assignment.executors[range] = {slot, atNanoseconds(number<std::int64_t>(words[5]).value_or(0))};
        } else {
            return std::nullopt;
        }
    }
    return assignment;
}

std::map<Slot, std::vector<ExecutorRange>> Assignment::bySlot() const {
    std::map<Slot, std::vector<ExecutorRange>> slots;
    for (const auto& [executor, place] : executors) {
        slots[place.slot].push_back(executor);
    }
    return slots;
}

std::string SupervisorInfo::encode() const {
    return fmt::format("{} {} {}", asWord(host), portsText(ports), portsText(usedPorts));
}

std::optional<SupervisorInfo> SupervisorInfo::decode(std::string_view text) {
    const auto words = split(text, ' ');
    if (words.size() != 3) {
        return std::nullopt;
    }
    return SupervisorInfo{fromWord(words[0]), portsOf(words[1]), portsOf(words[2])};
}

TopologyRef readTopology(const sim::ProcessDisk& disk, std::string_view file) {
    const sim::File* found = disk.find(file);
    if (found == nullptr || found->last() == nullptr) {
        return nullptr;
    }
    const auto* chunk = dynamic_cast<const TopologyChunk*>(found->last());
    return chunk != nullptr ? chunk->topology() : TopologyRef{};
}

std::string toText(const std::vector<ExecutorRange>& executors) {
    std::string text;
    for (const ExecutorRange& range : executors) {
        text += text.empty() ? "" : " ";
        text += range.first == range.last ? std::to_string(range.first.value)
                                          : fmt::format("{}-{}", range.first.value, range.last.value);
    }
    return text;
}

}  // namespace millrace::storm
