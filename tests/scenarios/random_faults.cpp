#include "tests/scenarios/random_faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engine/base/faults.h"
#include "engine/scenario/shape/shape.h"

namespace millrace::swarm {

namespace {

/// What takes it back, where that is a fault of its own.
std::optional<std::string> repairOf(const FaultRow& row) {
    const bool isOther = row.undoneBy && *row.undoneBy != row.kind;
    return isOther ? std::optional(std::string{rowOf(*row.undoneBy).name}) : std::nullopt;
}

class FaultMaker {
public:
    FaultMaker(Dice& dice, const Things& things, int seconds) : m_dice(dice), m_things(things), m_seconds(seconds) {
        const scenario::Field* kind = scenario::shapeAt({"faults", "0"})->find("kind");
        m_knowsRevive = std::find(kind->choices.begin(), kind->choices.end(), "revive") != kind->choices.end();
    }

    RandomFaults make() {
        const int count = m_dice.pick({0, 1, 1, 2, 2, 3, 4, 6, 12});
        for (int i = 0; i < count; ++i) {
            if (m_made.list.empty() || !m_dice.chance(0.1)) {
                addNew();
            } else {
                addAgain();
            }
        }
        return std::move(m_made);
    }

private:
    void addNew() {
        Json fault;
        const std::string kind = m_knowsRevive && m_dice.chance(0.05) ? std::string("revive") : someKind();
        fault["at"] = instant();
        fault["kind"] = kind;
        fault["target"] = targetFor(kind);
        const bool isHarmless = addAmount(fault, kind);
        if (fault["target"].get<std::string>().empty()) {
            return;
        }
        m_made.fillsDisks = m_made.fillsDisks || kind == "full-disk";
        addEnd(fault, kind, isHarmless);
    }

    std::string someKind() {
        return m_dice.pick<std::string>({"crash",     "crash",     "crash", "restart",   "power",    "power",
                                         "power-on",  "pause",     "pause", "resume",    "slow-cpu", "slow-disk",
                                         "full-disk", "free-disk", "stop",  "stop",      "cut",      "cut",
                                         "heal",      "delay",     "loss",  "duplicate", "skew"});
    }

    void addEnd(Json& fault, const std::string& kind, bool isHarmless) {
        const FaultRow& row = *findFault(kind);
        const bool isRepair = row.isRepair();
        if (!isRepair && m_dice.chance(0.8)) {
            fault["for"] = length();
            m_made.list.push_back(fault);
            return;
        }
        m_made.list.push_back(fault);
        if (isRepair || isHarmless) {
            return;
        }
        const auto repair = repairOf(row);
        if (!repair || m_dice.chance(0.5)) {
            m_made.allEnd = false;
            return;
        }
        // What "leader" and "controller" mean may have changed by then.
        const std::string target = fault["target"].get<std::string>();
        m_made.allEnd = m_made.allEnd && !target.starts_with("leader:") && target != "controller";
        m_made.list.push_back(Json::object({{"at", fmt::format("{}ms", m_seconds * 1000 + m_dice.between(1, 5000))},
                                            {"kind", *repair},
                                            {"target", target}}));
    }

    /// The same once more, at the same instant or at another.
    void addAgain() {
        Json fault = m_made.list[static_cast<std::size_t>(m_dice.between(0, static_cast<int>(m_made.list.size()) - 1))];
        if (m_dice.chance(0.7)) {
            fault["at"] = instant();
        }
        // Without an end, and after what would have repaired it.
        m_made.allEnd = m_made.allEnd && fault.contains("for");
        m_made.list.push_back(fault);
    }

    std::string instant() {
        switch (m_dice.between(0, 9)) {
            case 0:
                return "0s";
            case 1:
                return "1ns";
            case 2:
                return fmt::format("{}s", m_seconds);
            case 3:
                return m_made.list.empty() ? "3s" : m_made.list.back()["at"].get<std::string>();
            case 4:
                return fmt::format("{}s", m_dice.between(0, m_seconds));
            default:
                return fmt::format("{}ms", m_dice.between(0, m_seconds * 1000));
        }
    }

    std::string length() {
        if (m_dice.chance(0.06)) {
            return fmt::format("{}s", m_dice.between(60, 400));  // longer than sessions, retries and time-outs
        }
        switch (m_dice.between(0, 7)) {
            case 0:
                return "1ns";
            case 1:
                return "1ms";
            case 2:
                return fmt::format("{}ms", m_dice.between(1, 1000));
            case 3:
                return fmt::format("{}s", m_dice.between(20, 60));
            default:
                return fmt::format("{}ms", m_dice.between(1000, 20'000));
        }
    }

    /// How much slower, later, less; whether the run can live with it for good.
    bool addAmount(Json& fault, const std::string& kind) {
        if (kind == "slow-cpu" || kind == "slow-disk") {
            const double factor = m_dice.pick({0.5, 1.0, 2.0, 10.0, 50.0, 300.0});
            fault["factor"] = factor;
            return factor <= 2;
        }
        if (kind == "delay") {
            const int milliseconds = m_dice.pick({0, 1, 20, 200, 3000});
            fault["by"] = fmt::format("{}ms", milliseconds);
            return milliseconds <= 20;
        }
        if (kind == "skew") {
            fault["by"] = m_dice.pick<std::string>({"0s", "1ms", "2s", "1h"});
            return true;
        }
        if (kind == "loss" || kind == "duplicate") {
            const double share = m_dice.pick({0.0, 0.01, 0.1, 0.5, 1.0});
            fault["share"] = share;
            return share <= 0.01 || kind == "duplicate";
        }
        return false;
    }

    std::string targetFor(const std::string& kind) {
        if (kind == "revive" && m_dice.chance(0.3)) {
            return m_dice.chance(0.5) || m_things.hosts.empty() ? "all" : "host:" + m_dice.oneOf(m_things.hosts);
        }
        if (kind == "revive") {
            return process();
        }
        if (findFault(kind)->hits == FaultRow::Hits::Process) {
            return process();
        }
        if (findFault(kind)->hits == FaultRow::Hits::Link) {
            return link();
        }
        const std::string host = m_things.hosts.empty() ? "" : m_dice.oneOf(m_things.hosts);
        const bool isOfDisk = kind == "slow-disk" || kind == "full-disk" || kind == "free-disk";
        return host.empty() ? "" : (isOfDisk && m_dice.chance(0.5) ? "disk:" : "host:") + host;
    }

    std::string link() {
        if (m_knowsRevive && !m_things.hosts.empty() && m_dice.chance(0.2)) {
            return "host:" + m_dice.oneOf(m_things.hosts);  // all ways to and from it
        }
        if (m_things.hosts.size() < 2) {
            return "";
        }
        const std::string& from = m_dice.oneOf(m_things.hosts);
        const std::string& to = m_dice.oneOf(m_things.hosts);
        return from == to ? "" : fmt::format("link:{}{}{}", from, m_dice.chance(0.3) ? ">" : "-", to);
    }

    static std::string named(Dice& dice, const char* noun, const std::vector<std::string>& names) {
        return names.empty() ? "" : noun + dice.oneOf(names);
    }

    std::string process() {
        // One in two of those that every engine has, where there are others.
        if (!m_things.processes.empty() && (m_things.brokers.empty() || m_dice.chance(0.5))) {
            return m_dice.chance(0.1) ? named(m_dice, "sink:", m_things.sinks) : m_dice.oneOf(m_things.processes);
        }
        switch (m_dice.between(0, 10)) {
            case 10:
                return named(m_dice, "process:group/", m_things.members);
            case 0:
                return m_things.brokers.empty() ? "" : "controller";
            case 1:
                return named(m_dice, "server:", m_things.servers);
            case 2:
                return m_things.supervisors.empty() ? "" : "nimbus";
            case 3:
                return named(m_dice, "supervisor:", m_things.supervisors);
            case 4:
                return worker();
            case 5:
                return named(m_dice, "sink:", m_things.sinks);
            case 6:
                return named(m_dice, "producer:", m_things.producers);
            case 7:
                return leader();
            default:
                return named(m_dice, "broker:", m_things.brokers);
        }
    }

    std::string worker() {
        if (m_things.topologies.empty()) {
            return "";
        }
        const auto& [name, workers] = m_dice.oneOf(m_things.topologies);
        return fmt::format("worker:{}/{}", name, m_dice.between(1, workers));
    }

    std::string leader() {
        if (m_things.topics.empty()) {
            return "";
        }
        const auto& [name, partitions] = m_dice.oneOf(m_things.topics);
        return fmt::format("leader:{}-{}", name, m_dice.between(0, partitions - 1));
    }

    Dice& m_dice;
    const Things& m_things;
    int m_seconds;
    bool m_knowsRevive = false;  ///< and that whole hosts can be cut off
    RandomFaults m_made;
};

}  // namespace

RandomFaults randomFaults(Dice& dice, const Things& things, int seconds) {
    return FaultMaker(dice, things, seconds).make();
}

}  // namespace millrace::swarm
