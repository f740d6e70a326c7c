#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/link_ends.h"
#include "engine/sim/journal_kinds.h"
#include "engine/sim/world_wires.h"

namespace millrace::sim {

namespace {

/// Whether the return of power starts it: children are spawned again by who spawned them.
bool waitsForPower(const Host& host, const ProcessSlot& process) {
    return !host.poweredOn && !process.isChild;
}

/// How things are once the fault is over, for the journal.
std::string endOf(FaultKind kind, std::string_view hit) {
    switch (kind) {
        case FaultKind::Crash:
        case FaultKind::Stop:
            return fmt::format("{} is to start again", hit);
        case FaultKind::Power:
            return fmt::format("{} has power again", hit);
        case FaultKind::Pause:
            return fmt::format("{} is no longer paused", hit);
        case FaultKind::SlowCpu:
            return fmt::format("the processor of {} has its full speed again", hit);
        case FaultKind::SlowDisk:
            return fmt::format("the disk of {} has its full speed again", hit);
        case FaultKind::FullDisk:
            return fmt::format("the disk of {} has room again", hit);
        case FaultKind::Cut:
            return fmt::format("{} is no longer cut", hit);
        case FaultKind::Delay:
            return fmt::format("the packets of {} are as quick as before", hit);
        case FaultKind::Loss:
            return fmt::format("{} loses no more packets", hit);
        case FaultKind::Duplicate:
            return fmt::format("{} sends no more packets twice", hit);
        case FaultKind::Skew:
            return fmt::format("the clock of {} is right again", hit);
        default:
            return fmt::format("{} of {} is over", toText(kind), hit);
    }
}

}  // namespace

std::optional<FaultTarget> World::resolveTarget(std::string_view target) const {
    if (target == "all") {
        return FaultTarget(Everything{});
    }
    const auto colon = target.find(':');
    const std::string_view scheme = target.substr(0, colon);
    const std::string_view name = colon == std::string_view::npos ? std::string_view{} : target.substr(colon + 1);
    if (scheme == "host" || scheme == "disk") {
        const HostId id = findHost(name);
        return id == noHost ? std::nullopt : std::optional<FaultTarget>(id);
    }
    if (scheme == "process") {
        const ProcessId id = findProcess(name);
        return id == noProcess ? std::nullopt : std::optional<FaultTarget>(id);
    }
    if (scheme == "link") {
        const auto ends = linkEndsIn(name, [&](std::string_view host) { return findHost(host) != noHost; });
        return ends.empty() ? std::nullopt
                            : std::optional<FaultTarget>(
                                  LinkTarget{findHost(ends[0].one), findHost(ends[0].other), ends[0].mark == '-'});
    }
    return m_resolver ? m_resolver->resolve(*this, target) : std::nullopt;
}

JournalId World::applyFault(const FaultSpec& fault, JournalId cause) {
    const std::optional<FaultTarget> target = resolveTarget(fault.target);
    std::string hit;
    if (target) {
        if (const auto* process = std::get_if<ProcessId>(&*target)) {
            hit = m_processes[process->value]->name();
        } else if (const auto* host = std::get_if<HostId>(&*target)) {
            hit = "host/" + m_hosts[host->value]->spec.name;
        } else if (const auto* link = std::get_if<LinkTarget>(&*target)) {
            hit = fmt::format("link/{}{}{}", m_hosts[link->a.value]->spec.name, link->bothWays ? "-" : ">",
                              m_hosts[link->b.value]->spec.name);
        } else {
            hit = "run";
        }
    }
    JournalDraft draft{happened::faultInjected,
                       target ? Severity::Notice : Severity::Warning,
                       target
                           ? sentenceOf(fault, hit)
                           : fmt::format("{}: \"{}\" names nothing that is here now", toText(fault.kind), fault.target),
                       {field::faultKind(toText(fault.kind)), {"target", fault.target}, field::hit(hit)}};
    const ProcessId* started = target && fault.kind == FaultKind::Restart ? std::get_if<ProcessId>(&*target) : nullptr;
    if (started != nullptr) {
        const ProcessSlot& process = *m_processes[started->value];
        const Host& host = *m_hosts[process.host.value];
        if (waitsForPower(host, process)) {
            draft.text += fmt::format(", once {} has power", host.spec.name);
        }
    }
    if (fault.value != 0) {
        draft.fields.emplace_back("value", fmt::format("{}", fault.value));
    }
    const JournalId entry = writeJournal(hit.empty() ? std::string{"run"} : hit, std::move(draft), cause);

    auto record = makeRef<FaultRecord>();
    record->time = m_now;
    record->spec = fault;
    const std::optional<FaultKind> undoneBy = rowOf(fault.kind).undoneBy;
    if (!target || !undoneBy) {
        record->spec.duration.reset();  // Nothing of it will end.
    }
    record->resolved = hit;
    record->entry = entry;
    const bool mends = isRepair(fault.kind, fault.value);
    // The end of a timed fault meets what it hit, not what the target's text names by then.
    if (target && !hit.empty()) {
        if (std::holds_alternative<ProcessId>(*target)) {
            record->spec.target = "process:" + hit;
        }
    }
    const auto index = static_cast<std::uint32_t>(m_faults.endIndex());
    m_faults.append(std::move(record));
    if (target && mends && fault.kind != FaultKind::Restart) {  // What is started is up when it has booted.
        closeFaults(fault.kind, fault.value, fault.kind == FaultKind::Revive ? *target : *hitBy(fault));
    } else if (target && !mends && undoneBy) {
        m_openFaults.set(index, true);
    }
    if (target) {
        setFault(fault, *target, entry, false);
        if (fault.duration && undoneBy) {
            m_queue.push(m_now + *fault.duration, EventKind::FaultEnd, index, 0, 0, nullptr, entry);
        }
    }
    return entry;
}

/// Whether all that `inner` is lies in `outer`: of links every direction, of a host its processes and all links that
/// end there.
bool World::covers(const FaultTarget& outer, const FaultTarget& inner) const {
    if (std::holds_alternative<Everything>(outer) || std::holds_alternative<Everything>(inner)) {
        return std::holds_alternative<Everything>(outer);
    }
    const auto* host = std::get_if<HostId>(&outer);
    if (const auto* process = std::get_if<ProcessId>(&inner)) {
        const auto* same = std::get_if<ProcessId>(&outer);
        return same != nullptr ? *same == *process : host != nullptr && m_processes[process->value]->host == *host;
    }
    if (const auto* inside = std::get_if<HostId>(&inner)) {
        return host != nullptr && *host == *inside;
    }
    const auto& inside = std::get<LinkTarget>(inner);
    if (host != nullptr) {
        return inside.a == *host || inside.b == *host;
    }
    const auto* outside = std::get_if<LinkTarget>(&outer);
    if (outside == nullptr) {
        return false;
    }
    const bool isSame = outside->a == inside.a && outside->b == inside.b;
    const bool isTurned = outside->a == inside.b && outside->b == inside.a;
    return outside->bothWays ? isSame || isTurned : isSame && !inside.bothWays;
}

/// What a fault really hits: where a process is named for the sake of its machine, the machine.
std::optional<FaultTarget> World::hitBy(const FaultSpec& fault) const {
    std::optional<FaultTarget> target = resolveTarget(fault.target);
    const ProcessId* process = target ? std::get_if<ProcessId>(&*target) : nullptr;
    if (process != nullptr &&
        (rowOf(fault.kind).hits == FaultRow::Hits::Host || rowOf(fault.kind).hits == FaultRow::Hits::Link)) {
        target = m_processes[process->value]->host;
    }
    return target;
}

/// The parts of a target that other faults of the kind may hold for themselves: the ways to and from a host, the two
/// ways of a link, the processes of a host that stand still.
std::vector<FaultTarget> World::piecesOf(FaultKind kind, const FaultTarget& target) const {
    std::vector<FaultTarget> pieces;
    const auto addWays = [&](HostId a, HostId b) {
        pieces.emplace_back(LinkTarget{a, b, false});
        pieces.emplace_back(LinkTarget{b, a, false});
    };
    const auto* host = std::get_if<HostId>(&target);
    const auto* link = std::get_if<LinkTarget>(&target);
    if (host != nullptr && rowOf(kind).hits == FaultRow::Hits::Link) {
        for (std::uint32_t other = 0; other < m_hosts.size(); ++other) {
            if (HostId{other} != *host) {
                addWays(*host, HostId{other});
            }
        }
    } else if (link != nullptr && link->bothWays) {
        addWays(link->a, link->b);
    } else if (host != nullptr && rowOf(kind).hits == FaultRow::Hits::Process) {
        for (std::uint32_t i = 0; i < m_processes.size(); ++i) {
            if (m_processes[i]->host == *host) {
                pieces.emplace_back(ProcessId{i});
            }
        }
    } else {
        pieces.push_back(target);
    }
    return pieces;
}

void World::closeFault(std::uint32_t index) {
    auto ended = makeRef<FaultRecord>(*m_faults[index]);
    ended->ended = m_now;
    m_faults.update(index) = std::move(ended);
    m_openFaults.erase(index);
}

/// Faults that this kind and strength takes back and that hit nothing beyond the target are over.
void World::closeFaults(FaultKind repair, double value, const FaultTarget& target) {
    std::vector<std::uint32_t> over;
    for (const auto& [index, isOpen] : m_openFaults) {
        const FaultSpec& spec = m_faults[index]->spec;
        if (!repairs(repair, value, spec.kind)) {
            continue;
        }
        const std::optional<FaultTarget> hit = hitBy(spec);
        if (hit && covers(target, *hit)) {
            over.push_back(index);
        }
    }
    for (const std::uint32_t index : over) {
        closeFault(index);
    }
}

/// The newest fault that holds the target, lasts and is undone by the same as this kind: who crashed is not started by
/// the end of a stop.
const FaultRecord* World::stillHolding(FaultKind kind, const FaultTarget& target) const {
    const FaultRecord* newest = nullptr;
    for (const auto& [index, isOpen] : m_openFaults) {
        const FaultSpec& spec = m_faults[index]->spec;
        const bool isAlike =
            spec.kind == kind || (rowOf(kind).undoneBy && rowOf(spec.kind).undoneBy == rowOf(kind).undoneBy);
        const std::optional<FaultTarget> hit = isAlike ? hitBy(spec) : std::nullopt;
        if (hit && covers(*hit, target)) {
            newest = m_faults[index].get();
        }
    }
    return newest;
}

void World::endFault(std::uint32_t index) {
    const Ref<const FaultRecord> record = m_faults[index];
    if (record->ended) {
        return;  // Somebody has repaired it.
    }
    const std::optional<FaultTarget> target = hitBy(record->spec);
    closeFault(index);
    const std::vector<FaultTarget> pieces = target ? piecesOf(record->spec.kind, *target) : std::vector<FaultTarget>{};
    const bool isStillHeld = std::any_of(pieces.begin(), pieces.end(), [&](const FaultTarget& piece) {
        return stillHolding(record->spec.kind, piece) != nullptr;
    });
    const JournalId entry =
        writeJournal(record->resolved,
                     JournalDraft{happened::faultEnded,
                                  Severity::Notice,
                                  isStillHeld ? fmt::format("one {} of {} is over, and another lasts",
                                                            rowOf(record->spec.kind).title, record->resolved)
                                              : endOf(record->spec.kind, record->resolved),
                                  {field::faultKind(toText(record->spec.kind)), field::hit(record->resolved)}},
                     record->entry);
    if (!target) {
        return;
    }
    FaultSpec undo = record->spec;
    undo.kind = *rowOf(record->spec.kind).undoneBy;
    undo.value = rowOf(undo.kind).quantity ? rowOf(undo.kind).quantity->neutral : 0;
    undo.duration.reset();
    // What another fault of the kind does to a part of it lasts.
    for (const FaultTarget& piece : pieces) {
        const FaultRecord* other = stillHolding(record->spec.kind, piece);
        if (other == nullptr) {
            setFault(undo, piece, entry, true);
        } else if (undo.kind == other->spec.kind) {
            setFault(FaultSpec{other->spec}, piece, entry, true);
        }
    }
}

void World::setFault(const FaultSpec& fault, const FaultTarget& target, JournalId entry, bool ending) {
    // A fault for a host may name one of its processes and the other way round: the nearest meaning wins.
    const auto asProcess = [&]() -> std::optional<ProcessId> {
        const auto* id = std::get_if<ProcessId>(&target);
        return id == nullptr ? std::nullopt : std::optional(*id);
    };
    const auto asHost = [&]() -> std::optional<HostId> {
        if (const auto* id = std::get_if<HostId>(&target)) {
            return *id;
        }
        if (const auto id = asProcess()) {
            return m_processes[id->value]->host;
        }
        return std::nullopt;
    };
    const auto forPaths = [&](auto change) {
        if (const auto* link = std::get_if<LinkTarget>(&target)) {
            change(m_network.path(link->a, link->b));
            if (link->bothWays) {
                change(m_network.path(link->b, link->a));
            }
        } else if (const auto host = asHost()) {
            for (std::uint32_t other = 0; other < m_hosts.size(); ++other) {
                if (HostId{other} != *host) {
                    change(m_network.path(*host, HostId{other}));
                    change(m_network.path(HostId{other}, *host));
                }
            }
        }
    };
    const auto silence = [&](JournalId& place) {
        if (!ending) {
            place = entry;
        }
    };
    switch (fault.kind) {
        case FaultKind::Crash:
            if (const auto id = asProcess(); id && m_processes[id->value]->isAlive()) {
                endProcess(*id, ProcessState::Crashed, ProcessExited::Reason::Crashed, entry, true);
            } else if (id && m_processes[id->value]->willStartAgain()) {
                abandonRestart(*id, ProcessState::Crashed, entry);
            }
            break;
        case FaultKind::Stop:
            if (const auto id = asProcess()) {
                requestStop(*id, entry);
            }
            break;
        case FaultKind::Restart:
            if (const auto id = asProcess(); id && !m_processes[id->value]->isAlive()) {
                startAgain(*id, entry);
            } else if (id && m_processes[id->value]->isToStop) {
                processAt(*id).startsWhenStopped = true;
            }
            break;
        case FaultKind::Power:
            if (const auto id = asHost()) {
                losePower(*id, entry);
            }
            break;
        case FaultKind::PowerOn:
            if (const auto id = asHost()) {
                returnPower(*id, entry);
            }
            break;
        case FaultKind::Pause:
        case FaultKind::Resume:
            if (const auto id = asProcess()) {
                setPaused(*id, fault.kind == FaultKind::Pause, entry);
            } else if (const auto host = asHost()) {
                for (std::uint32_t i = 0; i < m_processes.size(); ++i) {
                    if (m_processes[i]->host == *host) {
                        setPaused(ProcessId{i}, fault.kind == FaultKind::Pause, entry);
                    }
                }
            }
            break;
        case FaultKind::SlowCpu:
            if (const auto id = asHost()) {
                hostAt(*id).slowFactor = fault.value > 0 ? fault.value : 1.0;
                silence(hostAt(*id).silencedBy);
            }
            break;
        case FaultKind::SlowDisk:
            if (const auto id = asHost()) {
                hostAt(*id).disk.slowFactor = fault.value > 0 ? fault.value : 1.0;
                silence(hostAt(*id).silencedBy);
            }
            break;
        case FaultKind::FullDisk:
        case FaultKind::FreeDisk:
            if (const auto id = asHost()) {
                hostAt(*id).disk.setFull(fault.kind == FaultKind::FullDisk);
                silence(hostAt(*id).silencedBy);
                hostAt(*id).filledBy = fault.kind == FaultKind::FullDisk ? entry : noEntry;
            }
            break;
        case FaultKind::Cut:
        case FaultKind::Heal:
            if (const auto* link = std::get_if<LinkTarget>(&target)) {
                setCut(*link, fault.kind == FaultKind::Cut, entry);
            } else if (const auto host = asHost()) {
                for (std::uint32_t other = 0; other < m_hosts.size(); ++other) {
                    if (HostId{other} != *host) {
                        setCut(LinkTarget{*host, HostId{other}, true}, fault.kind == FaultKind::Cut, entry);
                    }
                }
            }
            break;
        case FaultKind::Delay:
            forPaths([&](Path& path) {
                path.extraDelay = fromSeconds(fault.value);
                silence(path.silencedBy);
            });
            break;
        case FaultKind::Loss:
            forPaths([&](Path& path) {
                path.loss = fault.value;
                silence(path.silencedBy);
            });
            break;
        case FaultKind::Duplicate:
            forPaths([&](Path& path) { path.duplicate = fault.value; });
            break;
        case FaultKind::Skew:
            if (const auto id = asHost()) {
                hostAt(*id).clockSkew = fromSeconds(fault.value);
            }
            break;
        case FaultKind::Revive:
            if (const auto id = asProcess()) {
                reviveProcess(*id, entry, true);
            } else if (const auto host = asHost()) {
                reviveHost(*host, entry);
            } else if (std::holds_alternative<Everything>(target)) {
                for (std::uint32_t i = 0; i < m_hosts.size(); ++i) {
                    reviveHost(HostId{i}, entry);
                }
            }
            break;
    }
}

/// What went down starts again: by a fault, with its host, or by its own failure. What has done its work stays ended
/// unless it is named, and what is not due yet comes when it is. A child that ended is its parent's to start again.
void World::reviveProcess(ProcessId id, JournalId entry, bool isNamed) {
    const ProcessSlot& process = *m_processes[id.value];
    if (!m_hosts[process.host.value]->poweredOn) {
        returnPower(process.host, entry);
    }
    if (process.isAlive() && process.isToStop) {
        processAt(id).startsWhenStopped = true;
    }
    if (process.state == ProcessState::Paused) {
        setPaused(id, false, entry);
        return;
    }
    const bool isDown = process.state == ProcessState::Crashed || process.state == ProcessState::HostOff ||
                        process.endedByItself || process.isToStop ||
                        (isNamed && process.state == ProcessState::Stopped);
    if (isDown && !process.isAlive() && !process.isChild) {
        m_queue.push(m_now, EventKind::ProcessStart, id.value, 0, 0, nullptr, entry);
    }
}

void World::reviveHost(HostId id, JournalId entry) {
    returnPower(id, entry);
    Host& host = hostAt(id);
    host.slowFactor = 1.0;
    host.disk.slowFactor = 1.0;
    host.disk.setFull(false);
    host.filledBy = noEntry;
    host.clockSkew = SimDuration{};
    for (std::uint32_t other = 0; other < m_hosts.size(); ++other) {
        if (HostId{other} == id) {
            continue;
        }
        for (const auto& [from, to] : {std::pair{id, HostId{other}}, std::pair{HostId{other}, id}}) {
            Path& path = m_network.path(from, to);  // good until the next path is asked for
            path.extraDelay = SimDuration{};
            path.loss = 0;
            path.duplicate = 0;
        }
        setCut(LinkTarget{id, HostId{other}, true}, false, entry);
    }
    for (std::uint32_t i = 0; i < m_processes.size(); ++i) {
        if (m_processes[i]->host == id) {
            reviveProcess(ProcessId{i}, entry, false);
        }
    }
}

/// Whoever of its actors takes stops ends the process in its own time; without one it ends at once, as a program does
/// that leaves SIGTERM alone. What is down stays down.
void World::requestStop(ProcessId id, JournalId entry) {
    if (!m_processes[id.value]->isAlive()) {
        if (m_processes[id.value]->willStartAgain()) {
            abandonRestart(id, ProcessState::Stopped, entry);
        }
        std::erase(hostAt(m_processes[id.value]->host).runningAtPowerLoss, id);
        return;
    }
    processAt(id).isToStop = true;
    bool isTaken = false;
    for (const std::uint32_t index : m_processes[id.value]->actors) {
        if (m_actors[index]->actor->takesStops()) {
            isTaken = true;
            m_queue.push(m_now, EventKind::Mail, index, m_actors[index]->generation, 0, makeRef<StopRequested>(),
                         entry);
        }
    }
    if (!isTaken) {
        endProcess(id, ProcessState::Stopped, ProcessExited::Reason::Finished, entry, true);
    }
}

/// Where there is no power, what is to start waits for it.
void World::startAgain(ProcessId id, JournalId entry) {
    const ProcessSlot& process = *m_processes[id.value];
    if (m_hosts[process.host.value]->poweredOn) {
        m_queue.push(m_now, EventKind::ProcessStart, id.value, 0, 0, nullptr, entry);
        return;
    }
    std::vector<ProcessId>& waiting = hostAt(process.host).runningAtPowerLoss;
    if (waitsForPower(*m_hosts[process.host.value], process) &&
        std::find(waiting.begin(), waiting.end(), id) == waiting.end()) {
        waiting.push_back(id);
    }
}

void World::setPaused(ProcessId id, bool paused, JournalId entry) {
    ProcessSlot& process = processAt(id);
    if (!process.isAlive() || (process.state == ProcessState::Paused) == paused) {
        return;
    }
    process.state = paused ? ProcessState::Paused : ProcessState::Running;
    process.since = m_now;
    if (paused) {
        process.silencedBy = entry;
    }
    const std::vector<std::uint32_t> actors = process.actors;
    for (const std::uint32_t index : actors) {
        slot(index).paused = paused;
    }
    if (paused) {
        return;
    }
    for (const std::uint32_t index : actors) {
        if (m_actors[index]->doneWhilePaused) {
            m_queue.push(m_now, EventKind::HandlerDone, index, m_actors[index]->generation, 0, nullptr, entry);
        } else {
            enqueueForCore(index);
        }
    }
}

void World::losePower(HostId id, JournalId entry) {
    if (!m_hosts[id.value]->poweredOn) {
        return;
    }
    Host& host = hostAt(id);
    host.poweredOn = false;
    host.silencedBy = entry;
    host.runningAtPowerLoss.clear();
    for (std::uint32_t i = 0; i < m_processes.size(); ++i) {
        const ProcessSlot& process = *m_processes[i];
        if (process.host == id && process.isAlive()) {
            if (!process.isChild) {
                host.runningAtPowerLoss.push_back(process.id);
            }
            endProcess(process.id, ProcessState::HostOff, ProcessExited::Reason::Crashed, entry, false);
        } else if (process.host == id && process.willStartAgain()) {
            host.runningAtPowerLoss.push_back(process.id);
            abandonRestart(process.id, ProcessState::HostOff, entry);
        }
    }
    const ByteCount before = hostAt(id).disk.used();
    hostAt(id).disk.losePower(m_now);
    if (const ByteCount lost = before - hostAt(id).disk.used(); lost > 0) {
        writeJournal("host/" + m_hosts[id.value]->spec.name,
                     JournalDraft{happened::unflushedLost,
                                  Severity::Warning,
                                  fmt::format("{} bytes not yet flushed to disk were lost with the power", lost),
                                  {{"bytes", std::to_string(lost)}}},
                     entry);
    }
    m_network.emptyCard(id, m_now);
}

void World::returnPower(HostId id, JournalId entry) {
    if (m_hosts[id.value]->poweredOn) {
        return;
    }
    closeFaults(FaultKind::PowerOn, 0, id);
    Host& host = hostAt(id);
    host.poweredOn = true;
    for (const ProcessId process : std::exchange(host.runningAtPowerLoss, {})) {
        m_queue.push(m_now, EventKind::ProcessStart, process.value, 0, 0, nullptr, entry);
    }
    Wires wires(*this);
    for (std::uint32_t other = 0; other < m_hosts.size(); ++other) {
        m_network.release(wires, HostId{other}, id);
    }
}

void World::setCut(const LinkTarget& link, bool cut, JournalId entry) {
    Wires wires(*this);
    m_network.setCut(wires, link.a, link.b, cut, entry);
    if (link.bothWays) {
        m_network.setCut(wires, link.b, link.a, cut, entry);
    }
}

}  // namespace millrace::sim
