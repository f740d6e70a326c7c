#include "engine/scenario/references/judge.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <optional>

#include "engine/base/faults.h"
#include "engine/scenario/nearest.h"

namespace millrace::scenario {

namespace {

/// Faults: whom they hit, and whether such a thing can happen to it.
class FaultJudge final : private ReferenceJudge {
public:
    using ReferenceJudge::ReferenceJudge;

    void judge() { checkFaults(); }

private:
    void checkFaults() {
        const Value* faults = root().find("faults");
        std::size_t index = 0;
        for (const Value& fault : faults != nullptr ? faults->items() : std::span<const Value>()) {
            const std::string path = fmt::format("faults[{}]", index++);
            const Value* target = fault.find("target");
            if (target != nullptr && !target->asText().empty()) {
                if (const auto trouble = troubleWithTarget(target->asText())) {
                    error(target->place(), path + ".target", *trouble);
                } else {
                    checkKindFits(fault, *target, path);
                }
            }
            checkDuration(fault, path);
        }
    }

    /// Repairs happen once: there is nothing that would be over after a while.
    void checkDuration(const Value& fault, const std::string& path) {
        const Value* duration = fault.find("for");
        const FaultRow* row = findFault(textOf(fault, "kind"));
        if (duration != nullptr && row != nullptr && row->isRepair()) {
            error(duration->place(), path + ".for",
                  fmt::format("\"{}\" has no end: \"for\" belongs to the fault that it repairs", row->name));
        }
    }

    void checkKindFits(const Value& fault, const Value& target, const std::string& path) {
        const FaultRow* row = findFault(textOf(fault, "kind"));
        if (row == nullptr) {
            return;
        }
        const std::string noun = target.asText().substr(0, target.asText().find(':'));
        const bool isHost = noun == "host" || noun == "disk";
        const auto refuse = [&](std::string_view wanted) {
            error(target.place(), path + ".target", fmt::format("\"{}\" happens to {}", row->name, wanted));
        };
        switch (row->hits) {
            case FaultRow::Hits::Anything:
                return noun == "link" ? refuse("a process, a host or all") : void();
            case FaultRow::Hits::Link:
                return noun == "link" || noun == "host" ? void() : refuse("a link, or to all links of a host");
            case FaultRow::Hits::Process:
                return noun == "link" || noun == "all" || isHost ? refuse("a process, such as broker:1") : void();
            case FaultRow::Hits::Host:
                return isHost ? void() : refuse("a host");
        }
    }

    std::optional<std::string> missing(std::string_view what, std::string_view name, const Names& known) {
        if (contains(known, name)) {
            return std::nullopt;
        }
        return fmt::format("there is no {} \"{}\"{}", what, shown(name), hint(name, known));
    }

    std::optional<std::string> troubleWithTarget(std::string_view target) {
        if (target == "nimbus") {
            return at(root(), {"storm", "nimbus"}) != nullptr ? std::nullopt
                                                              : std::optional<std::string>("there is no Nimbus");
        }
        const std::size_t colon = target.find(':');
        const std::string_view noun = target.substr(0, colon);
        const std::string_view name = colon == std::string_view::npos ? std::string_view() : target.substr(colon + 1);
        if (noun == "broker") {
            return missing("broker", name, known().brokers);
        }
        if (noun == "host" || noun == "disk") {
            return missing("host", name, known().hosts);
        }
        if (noun == "server") {
            return missing("ZooKeeper server", name, known().servers);
        }
        if (noun == "supervisor") {
            return missing("supervisor", name, known().supervisors);
        }
        if (noun == "worker") {
            return troubleWithWorker(name);
        }
        if (noun == "leader") {
            return troubleWithLeader(name);
        }
        if (noun == "link") {
            return troubleWithLink(name);
        }
        if (noun == "sink") {
            return missing("sink", name, known().sinks);
        }
        if (noun == "producer") {
            return missing("producer", name, known().producers);
        }
        if (noun == "process") {
            return troubleWithProcess(name);
        }
        if (target == "controller" || target == "all") {
            return std::nullopt;
        }
        static const Names nouns = {"sink",       "producer", "broker", "leader", "host", "nimbus",
                                    "supervisor", "worker",   "server", "link",   "disk", "all"};
        return fmt::format(
            "\"{}\" is not a target; targets look like broker:2, leader:access-0, host:h4, nimbus, "
            "supervisor:s1, worker:audit/1, server:zk2, link:h1-h2, disk:h1, controller, sink:audit, producer:log, "
            "all{}",
            shown(target), suggestion(noun, nouns));
    }

    /// A process by the name that the journal calls it.
    std::optional<std::string> troubleWithProcess(std::string_view name) {
        const std::size_t slash = name.find('/');
        const std::string_view kind = name.substr(0, slash);
        const std::string_view rest = slash == std::string_view::npos ? std::string_view() : name.substr(slash + 1);
        const std::map<std::string_view, const Names*> kinds = {
            {"broker", &known().brokers}, {"zookeeper", &known().servers}, {"producer", &known().producers},
            {"sink", &known().sinks},     {"submit", &known().topologies}, {"supervisor", &known().supervisors}};
        if (const auto found = kinds.find(kind); found != kinds.end()) {
            return missing("process " + std::string(kind) + "/", rest, *found->second);
        }
        if (kind == "worker") {
            return missing("topology", rest.substr(0, rest.find('/')), known().topologies);
        }
        if (kind == "group" && isMember(rest)) {
            return std::nullopt;
        }
        if (name == "nimbus" && at(root(), {"storm", "nimbus"}) != nullptr) {
            return std::nullopt;
        }
        return fmt::format(
            "there is no process \"{}\"; processes look like broker/1, zookeeper/zk1, producer/log, "
            "group/readers/1, sink/audit, supervisor/s1",
            shown(name));
    }

    [[nodiscard]] bool isMember(std::string_view name) const {
        const std::size_t slash = name.rfind('/');
        const Value* group = at(root(), {"clients", "groups", name.substr(0, slash)});
        if (slash == std::string_view::npos || group == nullptr) {
            return false;
        }
        const Value* members = group->find("members");
        const std::int64_t count = members != nullptr && members->isInteger() ? members->asInteger() : 1;
        std::int64_t number = 0;
        const auto [stop, trouble] = std::from_chars(name.data() + slash + 1, name.data() + name.size(), number);
        return trouble == std::errc() && stop == name.data() + name.size() && number >= 1 && number <= count;
    }

    std::optional<std::string> troubleWithWorker(std::string_view name) {
        const std::size_t slash = name.find('/');
        if (const auto trouble = missing("topology", name.substr(0, slash), known().topologies)) {
            return trouble;
        }
        const std::string_view number = slash == std::string_view::npos ? std::string_view() : name.substr(slash + 1);
        const bool isNumber = !number.empty() && number.size() < 10 && number.front() != '0' &&
                              number.find_first_not_of("0123456789") == std::string_view::npos;
        return isNumber ? std::nullopt
                        : std::optional<std::string>(
                              fmt::format("a worker is named by its topology and its number from 1, as in worker:{}/1",
                                          name.substr(0, slash)));
    }

    std::optional<std::string> troubleWithLeader(std::string_view name) {
        const std::size_t dash = name.rfind('-');
        if (dash == std::string_view::npos) {
            return "a leader is named by topic and partition, as in leader:access-0";
        }
        if (const auto trouble = missing("topic", name.substr(0, dash), known().topics)) {
            return trouble;
        }
        const Value* partitions = at(root(), {"topics", name.substr(0, dash), "partitions"});
        const std::int64_t count = partitions != nullptr && partitions->isInteger() ? partitions->asInteger() : 1;
        std::int64_t index = -1;
        const auto [stop, trouble] = std::from_chars(name.data() + dash + 1, name.data() + name.size(), index);
        if (trouble != std::errc() || stop != name.data() + name.size() || index < 0 || index >= count) {
            return fmt::format("the topic \"{}\" has the partitions 0 to {}", name.substr(0, dash), count - 1);
        }
        return std::nullopt;
    }

    std::optional<std::string> troubleWithLink(std::string_view name) {
        for (std::size_t mark = name.find_first_of("->"); mark != std::string_view::npos;
             mark = name.find_first_of("->", mark + 1)) {
            if (contains(known().hosts, name.substr(0, mark)) && contains(known().hosts, name.substr(mark + 1))) {
                return name.substr(0, mark) != name.substr(mark + 1)
                           ? std::nullopt
                           : std::optional<std::string>("a link joins two different hosts");
            }
        }
        return fmt::format("\"{}\" does not name two hosts; write link:h1-h2, or link:h1>h2 for one direction",
                           shown(name));
    }
};

}  // namespace

void judgeFaults(const Value& root, const KnownNames& known, Complaints& complaints) {
    FaultJudge(root, known, complaints).judge();
}

}  // namespace millrace::scenario
