#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "engine/base/faults.h"
#include "engine/scenario/nearest.h"
#include "engine/scenario/references.h"
#include "engine/scenario/references/judge.h"
#include "engine/scenario/sections.h"
#include "engine/scenario/written_out.h"

namespace millrace::scenario {

namespace {

std::optional<std::string> troubleWithLink(const ReferenceJudge& judge, std::string_view name) {
    const Names& hosts = judge.names(hostNames);
    const auto ends = linkEndsIn(name, [&](std::string_view each) { return contains(hosts, each); });
    if (ends.size() > 1) {
        return fmt::format("{}: give one of these hosts a name without a hyphen", severalLinks(ends));
    }
    if (!ends.empty()) {
        return ends[0].one != ends[0].other ? std::nullopt
                                            : std::optional<std::string>("a link joins two different hosts");
    }
    return fmt::format("\"{}\" does not name two hosts; write link:h1-h2, or link:h1>h2 for one direction",
                       shown(name));
}

/// What the simulator itself knows.
constexpr TargetKind targetsOfSimulator[] = {
    {.noun = "host", .example = "host:h4", .names = &hostNames},
    {.noun = "disk", .example = "disk:h1", .names = &hostNames},
    {.noun = "link", .example = "link:h1-h2", .trouble = troubleWithLink},
    {.noun = "all", .example = "all", .standsAlone = true},
};

std::vector<const TargetKind*> allTargetKinds() {
    std::vector<const TargetKind*> kinds;
    const auto add = [&](std::span<const TargetKind> more) {
        for (const TargetKind& each : more) {
            kinds.push_back(&each);
        }
    };
    for (const Section* section : sections()) {
        add(section->targets());
    }
    add(targetsOfSimulator);
    return kinds;
}

/// To whom such a fault happens, where it is not to what is named so; empty where it fits.
std::string_view otherVictim(const FaultRow& row, std::string_view noun) {
    const bool isHost = noun == "host" || noun == "disk";
    switch (row.hits) {
        case FaultRow::Hits::Anything:
            return noun == "link" ? "a process, a host or all" : "";
        case FaultRow::Hits::Link:
            return noun == "link" || noun == "host" ? "" : "a link, or to all links of a host";
        case FaultRow::Hits::Process:
            return noun == "link" || noun == "all" || isHost ? "a process, such as broker:1" : "";
        case FaultRow::Hits::Host:
            return isHost ? "" : "a host";
    }
    return "";
}

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
        if (const std::string_view other = otherVictim(*row, noun); !other.empty()) {
            error(target.place(), path + ".target", fmt::format("\"{}\" happens to {}", row->name, other));
        }
    }

    std::optional<std::string> troubleWithTarget(std::string_view target) {
        const std::size_t colon = target.find(':');
        const std::string_view noun = target.substr(0, colon);
        const std::string_view name = colon == std::string_view::npos ? std::string_view() : target.substr(colon + 1);
        if (noun == "process") {
            return troubleWithProcess(name);
        }
        Names nouns;
        std::string examples;
        for (const TargetKind* kind : allTargetKinds()) {
            if (kind->noun == noun && (!kind->standsAlone || colon == std::string_view::npos)) {
                return kind->names != nullptr     ? missing(name, *kind->names)
                       : kind->trouble != nullptr ? kind->trouble(*this, name)
                                                  : std::nullopt;
            }
            nouns.push_back(kind->noun);
            examples += fmt::format("{}{}", examples.empty() ? "" : ", ", kind->example);
        }
        return fmt::format("\"{}\" is not a target; targets look like {}{}", shown(target), examples,
                           suggestion(noun, nouns));
    }

    /// A process by the name that the journal calls it.
    std::optional<std::string> troubleWithProcess(std::string_view name) {
        const std::size_t slash = name.find('/');
        const std::string_view first = name.substr(0, slash);
        const std::string_view rest = slash == std::string_view::npos ? std::string_view() : name.substr(slash + 1);
        std::string examples;
        for (const Section* section : sections()) {
            for (const ProcessKind& kind : section->processes()) {
                if (kind.kind == first) {
                    const auto trouble = kind.names != nullptr
                                             ? missing(fmt::format("process {}/", first), rest, names(*kind.names))
                                             : kind.trouble(*this, rest);
                    if (!trouble || !trouble->empty()) {
                        return trouble;
                    }
                }
                if (!kind.example.empty()) {
                    examples += fmt::format("{}{}", examples.empty() ? "" : ", ", kind.example);
                }
            }
        }
        return fmt::format("there is no process \"{}\"; processes look like {}", shown(name), examples);
    }
};

}  // namespace

namespace {

/// What a kind without a collection may call its own: names of the document, their partitions, their first workers.
Names namesThatAreGiven(const Value& root) {
    Names names;
    const auto takeMembers = [&names](const Value& map) {
        for (const Member& member : map.isObject() ? map.members() : std::span<const Member>()) {
            names.push_back(member.key);
        }
    };
    for (const Member& part : root.members()) {
        takeMembers(part.value);
        for (const Member& inner : part.value.isObject() ? part.value.members() : std::span<const Member>()) {
            takeMembers(inner.value);
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

/// Targets of one kind, those that are judged to be there.
class TargetLister final : private ReferenceJudge {
public:
    using ReferenceJudge::ReferenceJudge;

    void list(const TargetKind& kind) {
        const std::string prefix = fmt::format("{}:", kind.noun);
        if (kind.standsAlone) {
            if (kind.trouble == nullptr || !kind.trouble(*this, {})) {
                m_targets.emplace_back(kind.noun);
            }
        } else if (kind.names != nullptr) {
            for (const std::string_view name : names(*kind.names)) {
                m_targets.push_back(prefix + std::string(name));
            }
        } else if (kind.noun == "link") {
            listLinks(prefix);
        } else if (kind.trouble != nullptr) {
            listJudged(kind, prefix);
        }
    }

    [[nodiscard]] std::vector<std::string> take() {
        m_targets.resize(std::min(m_targets.size(), listedMax));
        return std::move(m_targets);
    }

private:
    static constexpr std::size_t listedMax = 500;
    static constexpr int partitionsMax = 32;

    /// By their hosts, whatever the document calls them.
    void listLinks(const std::string& prefix) {
        for (const Member& link : membersAt(root(), {"links"})) {
            const Value* between = link.value.isObject() ? link.value.find("between") : nullptr;
            const std::string name = between != nullptr && between->items().size() == 2
                                         ? between->items()[0].asText() + "-" + between->items()[1].asText()
                                         : link.key;
            if (!troubleWithLink(*this, name)) {
                m_targets.push_back(prefix + name);
            }
        }
    }

    void listJudged(const TargetKind& kind, const std::string& prefix) {
        const auto take = [&](const std::string& name) {
            const bool isThere = !kind.trouble(*this, name);
            if (isThere) {
                m_targets.push_back(prefix + name);
            }
            return isThere;
        };
        for (const std::string_view name : namesThatAreGiven(root())) {
            if (take(std::string(name)) || take(fmt::format("{}/1", name))) {
                continue;
            }
            for (int i = 0; i < partitionsMax && take(fmt::format("{}-{}", name, i)); ++i) {
            }
        }
    }

    std::vector<std::string> m_targets;
};

}  // namespace

std::vector<std::string> faultTargets(const Value& document, std::string_view kind) {
    const Value root = writtenOut(document).document;
    const FaultRow* row = findFault(kind);
    const KnownNames known(root);
    Complaints unheard;
    TargetLister lister(root, known, unheard);
    for (const TargetKind* each : allTargetKinds()) {
        if (row == nullptr || otherVictim(*row, each->noun).empty()) {
            lister.list(*each);
        }
    }
    return lister.take();
}

void judgeFaults(const Value& root, const KnownNames& known, Complaints& complaints) {
    FaultJudge(root, known, complaints).judge();
}

}  // namespace millrace::scenario
