#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/base/check.h"
#include "engine/sim/operations.h"
#include "engine/sim/start_message.h"
#include "engine/sim/world_wires.h"

namespace millrace::sim {

namespace {

std::string describeWorld(const void* subject) {
    const auto& world = *static_cast<const World*>(subject);
    return fmt::format("[seed {}, time {}, event {}]", world.spec().seed, toText(world.now()), world.eventsProcessed());
}

constexpr MessageKind startKind = messageKind(StartMessage::Name);

}  // namespace

namespace {

/// Tells the processor that an object, if there is one, will be read soon.
template <class T>
void fetch(const T* object, std::size_t bytes) {
    if (object == nullptr) {
        return;
    }
    constexpr std::size_t line = 64;
    const auto* const at = reinterpret_cast<const char*>(object);
    for (std::size_t i = 0; i < bytes; i += line) {
        __builtin_prefetch(at + i);
    }
}

bool concernsActor(EventKind kind) {
    return kind == EventKind::Mail || kind == EventKind::Timer || kind == EventKind::HandlerDone;
}

}  // namespace

/// Events touch objects that others have pushed out of the near caches. While one is worked on, what the next two will
/// touch can come: of the second its own objects, of the first what these point to.
void World::fetchAhead() const {
    constexpr std::size_t headBytes = 128;
    if (const Event* const second = m_queue.upcoming(1)) {
        fetch(second->message, headBytes);
        if (concernsActor(second->kind())) {
            fetch(m_actors[second->target].get(), sizeof(ActorSlot));
        } else if (second->kind() == EventKind::Arrival) {
            fetch(&m_network.connectionOf(*second), sizeof(Connection));
        }
    }
    if (const Event* const first = m_queue.upcoming(0)) {
        if (concernsActor(first->kind())) {
            const ActorSlot& actor = *m_actors[first->target];
            fetch(actor.actor.get(), headBytes);
            fetch(actor.prepared.data(), headBytes);
        } else if (first->kind() == EventKind::Arrival) {
            const Connection& connection = m_network.connectionOf(*first);
            fetch(m_actors[connection.ends[1 - (first->token() & 1U)].actor].get(), sizeof(ActorSlot));
        }
    }
}

bool World::step() {
    if (m_queue.empty()) {
        return false;
    }
    const CheckScope scope(&describeWorld, this);
    const Event event = m_queue.pop();
    fetchAhead();
    auto message = MessageRef::adopt(event.message);
    const SimTime time = atNanoseconds(event.time);
    if (m_nextLook < time) [[unlikely]] {
        closeSamples(time);
    }
    m_now = time;
    ++m_events;
    switch (event.kind()) {
        case EventKind::Mail:
            if ((m_actors[event.target]->generation & 0xFFFFU) == event.generation()) {
                post(event.target, Mail{std::move(message), event.cause, m_network.connectionOfMail(event.token())});
            }
            break;
        case EventKind::Timer:
            fireTimer(event, std::move(message));
            break;
        case EventKind::HandlerDone:
            if ((m_actors[event.target]->generation & 0xFFFFU) == event.generation()) {
                finishHandler(event.target);
            }
            break;
        case EventKind::Arrival:
        case EventKind::Retransmit:
        case EventKind::GiveUp:
        case EventKind::ConnectTry:
        case EventKind::ConnectDone: {
            Wires wires(*this);
            m_network.handle(wires, event, std::move(message));
            break;
        }
        case EventKind::FlushDone: {
            const auto* flushed = static_cast<const FlushRequest*>(message.get());
            hostAt(HostId{static_cast<std::uint32_t>(event.token())}).disk.finishFlush(flushed->file, flushed->end);
            if ((m_actors[event.target]->generation & 0xFFFFU) == event.generation()) {
                post(event.target, Mail{flushed->done, event.cause});
            }
            break;
        }
        case EventKind::ProcessStart: {
            const ProcessSlot& process = *m_processes[event.target];
            // A start by the service manager that was given up, or put off, is none.
            const bool isDue = event.token() != startByManager || process.startsAgainAt == m_now;
            if (isDue && !process.isAlive() && m_hosts[process.host.value]->poweredOn) {
                bootProcess(process.id, event.cause);
            } else if (process.state == ProcessState::NotStarted) {
                hostAt(process.host).runningAtPowerLoss.push_back(process.id);  // Its turn comes with the power.
            }
            break;
        }
        case EventKind::Fault: {
            if (!m_planned[event.target].done) {
                m_planned.update(event.target).done = true;
                applyFault(FaultSpec{m_planned[event.target].spec}, noEntry);
            }
            break;
        }
        case EventKind::FaultEnd:
            endFault(event.target);
            break;
    }
    if (!m_hostsToDispatch.empty()) {
        dispatchHosts();
    }
    return true;
}

void World::fireTimer(const Event& event, MessageRef message) {
    if ((m_actors[event.target]->generation & 0xFFFFU) != event.generation()) {
        return;
    }
    JournalId cause = event.cause;
    if ((event.token() & timerWaits) != 0) {
        ActorSlot& waiter = slot(event.target);
        const Wait* wait = waiter.waits.find(event.token());
        if (wait == nullptr) {
            return;  // Cancelled.
        }
        cause = causeOfSilence(*wait, waiter.host, cause);
        waiter.waits.erase(event.token());
    } else if (!m_actors[event.target]->cancelledTimers.empty() &&
               slot(event.target).cancelledTimers.erase(event.token())) {
        return;
    }
    post(event.target, Mail{std::move(message), cause});
}

/// Who is at the other end, where that is known: a connection may be gone by the time its silence is felt.
WaitedFor World::lastingParty(const WaitedFor& party) const {
    const auto* id = std::get_if<ConnectionId>(&party);
    const Connection* connection = id != nullptr ? m_network.find(*id) : nullptr;
    if (connection == nullptr) {
        return party;
    }
    const Connection::End& peer = connection->ends[1 - Network::endOf(*id)];
    return peer.process != noProcess ? WaitedFor{peer.process} : party;
}

/// The newest entry that silenced the party or the way to it, if it came after the arming or still holds.
JournalId World::causeOfSilence(const Wait& wait, HostId waiter, JournalId otherwise) const {
    JournalId newest = noEntry;
    const auto consider = [&](JournalId entry, bool stillHolds) {
        if (entry > newest && (stillHolds || entry > wait.armedAfter)) {
            newest = entry;
        }
    };
    const auto considerHost = [&](HostId id) {
        const Host& host = *m_hosts[id.value];
        consider(host.silencedBy, !host.poweredOn || host.slowFactor != 1.0 || host.disk.slowFactor != 1.0);
        for (const auto& [from, to] : {std::pair{waiter, id}, std::pair{id, waiter}}) {
            if (const Path* path = m_network.findPath(from, to)) {
                consider(path->silencedBy, path->cut || path->loss > 0 || path->extraDelay.count() > 0);
            }
        }
    };
    const auto considerProcess = [&](ProcessId id) {
        const ProcessSlot& process = *m_processes[id.value];
        consider(process.silencedBy, process.state != ProcessState::Running);
        considerHost(process.host);
    };
    if (const auto* process = std::get_if<ProcessId>(&wait.party)) {
        considerProcess(*process);
    } else if (const auto* host = std::get_if<HostId>(&wait.party)) {
        considerHost(*host);
    } else if (const Connection* connection = m_network.find(std::get<ConnectionId>(wait.party))) {
        const Connection::End& peer = connection->ends[1 - Network::endOf(std::get<ConnectionId>(wait.party))];
        if (peer.process != noProcess) {
            considerProcess(peer.process);
        } else if (peer.host != noHost) {
            considerHost(peer.host);
        }
    }
    return newest == noEntry ? otherwise : newest;
}

/// Remembers the cancellation until the timer's due time has surely passed: the queue itself is never searched. What
/// has become pointless is swept out whenever the memory has doubled. A timer that waits for somebody is known by its
/// wait.
void World::cancelTimer(std::uint32_t index, TimerId timer) {
    constexpr std::size_t sweepAt = 256;
    constexpr std::int64_t slackSeconds = 16;
    const auto nowSeconds = nanoseconds(m_now) / 1'000'000'000;
    const auto isOver = [nowSeconds](std::uint32_t due) {
        const auto passed = static_cast<std::uint32_t>(nowSeconds - due) & timerDueMask;
        return passed >= slackSeconds && passed < timerDueMask / 2;
    };
    if ((timerToken(timer) & timerWaits) != 0) {
        slot(index).waits.erase(timerToken(timer));
        return;
    }
    const std::uint32_t due = timerDue(timer);
    if (isOver(due)) {
        return;
    }
    auto& cancelled = slot(index).cancelledTimers;
    cancelled.set(timerToken(timer), due);
    if (cancelled.size() >= sweepAt && std::has_single_bit(cancelled.size())) {
        SharedMap<std::uint64_t, std::uint32_t> kept;
        for (const auto& [token, dueSeconds] : cancelled) {
            if (!isOver(dueSeconds)) {
                kept.set(token, dueSeconds);
            }
        }
        if (kept.size() < cancelled.size()) {
            cancelled = kept;
        }
    }
}

void World::post(std::uint32_t index, Mail mail) {
    ActorSlot& actor = slot(index);
    if (actor.phase == ActorPhase::Idle && !actor.paused) {
        const Host& host = *m_hosts[actor.host.value];
        if (host.coresBusy < host.spec.cores && host.runQueue.empty()) {
            runHandler(index, std::move(mail));
            return;
        }
    }
    if (actor.phase == ActorPhase::Free) {
        return;
    }
    actor.mailbox.push(std::move(mail));
    if (actor.phase == ActorPhase::Idle) {
        actor.phase = ActorPhase::Waiting;
    }
    enqueueForCore(index);
}

/// Stands the actor in its host's queue if it waits, is not paused and does not stand there yet.
void World::enqueueForCore(std::uint32_t index) {
    ActorSlot& actor = slot(index);
    if (actor.phase != ActorPhase::Waiting || actor.paused || actor.queued) {
        return;
    }
    actor.queued = true;
    hostAt(actor.host).runQueue.push(index);
    wantDispatch(actor.host);
}

void World::wantDispatch(HostId host) {
    if (std::find(m_hostsToDispatch.begin(), m_hostsToDispatch.end(), host) == m_hostsToDispatch.end()) {
        m_hostsToDispatch.push_back(host);
    }
}

void World::dispatchHosts() {
    while (!m_hostsToDispatch.empty()) {
        const HostId id = m_hostsToDispatch.front();
        m_hostsToDispatch.erase(m_hostsToDispatch.begin());
        while (true) {
            const Host& host = *m_hosts[id.value];
            if (host.coresBusy >= host.spec.cores || host.runQueue.empty()) {
                break;
            }
            const std::uint32_t index = hostAt(id).runQueue.pop();
            ActorSlot& actor = slot(index);
            if (!actor.queued || actor.host != id) {
                continue;
            }
            actor.queued = false;
            if (actor.phase != ActorPhase::Waiting || actor.paused || actor.mailbox.empty()) {
                continue;
            }
            actor.phase = ActorPhase::Idle;
            runHandler(index, actor.mailbox.pop());
        }
    }
}

void World::runHandler(std::uint32_t index, Mail mail) {
    ActorSlot& actor = slot(index);
    const MessageKind kind = mail.message->kind();
    Digest digest{m_fingerprint};
    digest.add(nanoseconds(m_now));
    digest.add(actor.nameHash + actor.incarnation);
    digest.add(mail.message->contentDigest() ^ kind.value);
    m_fingerprint = digest.value();

    ++actor.handled;
    actor.handledAt = m_now;
    m_running.actor = index;
    m_running.process = actor.process;
    m_running.host = actor.host;
    m_running.cause = mail.cause;
    m_running.connection = mail.connection;
    m_running.cost = CpuTime{0};
    m_running.diskReserved = 0;
    if (mail.takes > 0) {
        Wires wires(*this);
        m_network.taken(wires, mail);
    }
    if (actor.actor->isShared()) {
        actor.actor = cloned([&] { return actor.actor->clone(); });
    }
    Context context(*this);
    if (kind == startKind) {
        actor.actor->start(context);
    } else {
        actor.actor->handle(context, *mail.message);
    }

    std::vector<Op> ops = std::move(m_running.ops);
    if (m_running.cost.count() == 0) {
        const std::uint32_t generation = actor.generation;
        commit(index, ops, mail.cause);
        ops.clear();
        m_running.ops = std::move(ops);
        afterHandler(index, generation);
        return;
    }
    Host& host = hostAt(actor.host);
    const double slowness = host.slowFactor / host.spec.speed;
    const SimDuration takes =
        slowness == 1.0
            ? m_running.cost
            : SimDuration{static_cast<std::int64_t>(static_cast<double>(m_running.cost.count()) * slowness)};
    m_running.ops = std::move(actor.prepared);
    m_running.ops.clear();
    actor.prepared = std::move(ops);
    actor.preparedCause = mail.cause;
    actor.phase = ActorPhase::Busy;
    actor.cpuTime += takes;
    ++host.coresBusy;
    host.cpuTime += takes;
    m_queue.push(m_now + takes, EventKind::HandlerDone, index, actor.generation, 0, nullptr, mail.cause);
}

void World::finishHandler(std::uint32_t index) {
    ActorSlot& actor = slot(index);
    if (!actor.doneWhilePaused) {
        --hostAt(actor.host).coresBusy;
        wantDispatch(actor.host);
    }
    if (actor.paused) {
        actor.doneWhilePaused = true;  // Its effects wait for the resumption; its core does not.
        return;
    }
    actor.doneWhilePaused = false;
    const std::uint32_t generation = actor.generation;
    std::vector<Op> ops = std::move(actor.prepared);
    actor.prepared.clear();
    actor.phase = ActorPhase::Idle;
    commit(index, ops, actor.preparedCause);
    ops.clear();
    if (m_actors[index]->generation == generation) {
        slot(index).prepared = std::move(ops);
        if (isNextOnItsHost(index)) {
            ActorSlot& next = slot(index);
            runHandler(index, next.mailbox.pop());  // what standing in the queue would come to
            return;
        }
    }
    afterHandler(index, generation);
}

/// Whether an idle actor with mail would be the only one whose turn it is, anywhere.
bool World::isNextOnItsHost(std::uint32_t index) const {
    const ActorSlot& actor = *m_actors[index];
    if (actor.phase != ActorPhase::Idle || actor.paused || actor.mailbox.empty()) {
        return false;
    }
    const Host& host = *m_hosts[actor.host.value];
    return m_hostsToDispatch.size() == 1 && m_hostsToDispatch.front() == actor.host && host.runQueue.empty() &&
           host.coresBusy < host.spec.cores;
}

void World::afterHandler(std::uint32_t index, std::uint32_t generation) {
    const ActorSlot& actor = *m_actors[index];
    if (actor.generation == generation && actor.phase == ActorPhase::Idle && !actor.mailbox.empty()) {
        slot(index).phase = ActorPhase::Waiting;
        enqueueForCore(index);
    }
}

/// What an entry names itself as its reason, where that is known; else what led to the event that wrote it.
JournalId World::reasonOf(const JournalDraft& draft, HostId host, JournalId otherwise) const {
    if (draft.isOfFullDisk) {
        const JournalId filledBy = m_hosts[host.value]->filledBy;
        return filledBy == noEntry ? otherwise : filledBy;
    }
    const ProcessId silent = draft.silent.empty() ? noProcess : findProcess(draft.silent);
    return silent == noProcess ? otherwise : causeOfSilence({silent, JournalId{UINT32_MAX}}, host, otherwise);
}

/// What is sent carries the newest entry in its past; an entry's own cause is that of the event that wrote it, so
/// entries of one handler stand side by side.
void World::commit(std::uint32_t index, std::vector<Op>& ops, JournalId eventCause) {
    JournalId cause = eventCause;
    const std::uint32_t generation = m_actors[index]->generation;
    for (Op& op : ops) {
        if (op.kind == OpKind::Arm) {
            m_queue.push(m_now + SimDuration{op.b}, EventKind::Timer, index, generation, timerToken(TimerId{op.a}),
                         MessageRef::adopt(static_cast<const Message*>(op.object.detach())), cause);
            continue;
        }
        if (op.kind == OpKind::Journal) {
            const JournalDraft& draft = static_cast<const DraftHolder&>(*op.object).draft;
            cause = writeJournal(m_processes[m_actors[index]->process.value]->name(), JournalDraft{draft},
                                 reasonOf(draft, m_actors[index]->host, eventCause));
            continue;
        }
        execute(index, op, cause);
        if (m_actors[index]->generation != generation) {
            return;  // It ended itself.
        }
    }
}

void World::execute(std::uint32_t index, Op& op, JournalId cause) {
    const auto message = [&op] { return MessageRef::adopt(static_cast<const Message*>(op.object.detach())); };
    const auto file = [&op] { return FileId{op.extra}; };
    const auto chunk = [&op] { return ChunkRef::adopt(static_cast<const Chunk*>(op.object.detach())); };
    const ActorSlot& actor = *m_actors[index];
    switch (op.kind) {
        case OpKind::Send: {
            const auto target = static_cast<std::uint32_t>(op.a & 0xFFFFFFFFU);
            const auto generation = static_cast<std::uint32_t>(op.a >> 32U);
            if (m_actors[target]->generation == generation) {
                m_queue.push(m_now, EventKind::Mail, target, generation, 0, message(), cause);
            }
            break;
        }
        case OpKind::Arm:
            break;  // Done by `commit`, the hot path.
        case OpKind::WaitFor: {
            const std::uint64_t token = timerToken(TimerId{op.a});
            const WaitedFor& party = static_cast<const WaitParty&>(*op.object2).party;
            slot(index).waits.set(token, Wait{lastingParty(party), m_journal.lastId()});
            m_queue.push(m_now + SimDuration{op.b}, EventKind::Timer, index, actor.generation, token, message(), cause);
            break;
        }
        case OpKind::Cancel:
            cancelTimer(index, TimerId{op.a});
            break;
        case OpKind::Listen:
            listenAt(index, Port{static_cast<std::uint16_t>(op.a)}, cause);
            break;
        case OpKind::Connect: {
            Wires wires(*this);
            m_network.connect(wires, ConnectionId{op.a}, HostId{op.extra},
                              Port{static_cast<std::uint16_t>(static_cast<std::uint64_t>(op.b) & 0xFFFFU)},
                              SimDuration{op.b >> 16U}, cause);
            break;
        }
        case OpKind::Transmit: {
            Wires wires(*this);
            m_network.transmit(wires, ConnectionId{op.a}, message(), cause);
            break;
        }
        case OpKind::Close:
            closeConnection(ConnectionId{op.a}, ConnectionClosed::Reason::Closed, true, cause);
            break;
        case OpKind::Append:
            hostAt(actor.host).disk.append(file(), chunk(), m_now);
            break;
        case OpKind::Replace:
            hostAt(actor.host).disk.replace(file(), chunk(), m_now);
            break;
        case OpKind::Truncate:
            hostAt(actor.host).disk.truncate(file(), op.a);
            break;
        case OpKind::DropFront:
            hostAt(actor.host).disk.dropFront(file(), op.a);
            break;
        case OpKind::Remove:
            hostAt(actor.host).disk.remove(file());
            break;
        case OpKind::Flush: {
            Host& host = hostAt(actor.host);
            const File* flushed = host.disk.find(file());
            auto request = makeRef<FlushRequest>();
            request->file = file();
            request->end = flushed == nullptr ? 0 : flushed->chunks().endIndex();
            request->done = message();
            const SimTime done = host.disk.startFlush(file(), m_now);
            m_queue.push(done, EventKind::FlushDone, index, actor.generation, actor.host.value, std::move(request),
                         cause);
            break;
        }
        case OpKind::Spawn:
            m_queue.push(m_now, EventKind::ProcessStart, op.extra, 0, 0, nullptr, cause);
            break;
        case OpKind::Kill: {
            const ProcessId victim{op.extra};
            const auto reason = static_cast<ProcessExited::Reason>(op.a);
            if (victim == actor.process && reason == ProcessExited::Reason::Crashed) {
                failProcess(victim, cause);
            } else if (m_processes[victim.value]->isAlive()) {
                endProcess(victim, ProcessState::Stopped, reason, cause, true);
            }
            break;
        }
        case OpKind::Watch: {
            ProcessSlot& process = processAt(ProcessId{op.extra});
            const ActorId self{(static_cast<std::uint64_t>(actor.generation) << 32U) | index};
            if (process.isAlive() || op.a == 1) {
                process.watchers.push_back(self);
            } else {
                m_queue.push(m_now, EventKind::Mail, index, actor.generation, 0,
                             makeRef<ProcessExited>(process.id, ProcessExited::Reason::Crashed), cause);
            }
            break;
        }
        case OpKind::Journal:
            break;  // Done by `commit`, as it changes the cause.
        case OpKind::Effect:
            emitEffect(Ref<const Effect>::adopt(static_cast<const Effect*>(op.object.detach())));
            break;
        case OpKind::Tell:
            m_facts.push_back({m_now, actor.process, actor.incarnation,
                               Ref<const Fact>::adopt(static_cast<const Fact*>(op.object.detach()))});
            break;
    }
}

namespace {

/// What a message is, for people: its own summary, or the words of its name ("storm.SpoutWake": "spout wake").
std::string wordsOf(const Message& message) {
    std::string summary = message.summary();
    const std::string_view name = message.kindName();
    if (summary != name) {
        return summary;
    }
    std::string words;
    for (const char c : name.substr(name.find('.') + 1)) {
        const bool isUpper = c >= 'A' && c <= 'Z';
        words += isUpper && !words.empty() ? " " : "";
        words += isUpper ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return words;
}

/// What a timer is for: that it is one is said already.
std::string purposeOf(const Message& timer) {
    std::string words = wordsOf(timer);
    for (const std::string_view last : {" timer", " alarm"}) {
        if (words.ends_with(last)) {
            words.resize(words.size() - last.size());
        }
    }
    return words;
}

}  // namespace

std::string World::nextEventText() const {
    if (m_queue.empty()) {
        return {};
    }
    const Event* next = nullptr;
    const std::int64_t time = m_queue.minTime();
    m_queue.forEach([&](const Event& event) {
        if (next == nullptr && event.time == time) {
            next = &event;
        }
    });
    const auto actor = [&] { return m_actors[next->target]->name; };
    const auto message = [&] { return next->message == nullptr ? std::string{"something"} : wordsOf(*next->message); };
    const auto peer = [&] {
        const Connection& connection = m_network.connectionOf(*next);
        const ProcessId to = connection.ends[1 - (next->token() & 1U)].process;
        return to == noProcess ? std::string{"?"} : m_processes[to.value]->name();
    };
    switch (next->kind()) {
        case EventKind::Mail:
            return fmt::format("{} to {}", message(), actor());
        case EventKind::Timer:
            return next->message == nullptr ? fmt::format("timer of {}", actor())
                                            : fmt::format("{} of {}", purposeOf(*next->message), actor());
        case EventKind::HandlerDone:
            return fmt::format("{} finishes a handler", actor());
        case EventKind::Arrival:
            return fmt::format("{} reaches {}", message(), peer());
        case EventKind::Retransmit:
            return "held packets are sent again";
        case EventKind::GiveUp:
            return "a connection's time-out";
        case EventKind::ConnectTry:
            return "a connection attempt arrives";
        case EventKind::ConnectDone:
            return "the answer to a connection attempt";
        case EventKind::FlushDone:
            return "a flush is done";
        case EventKind::ProcessStart:
            return fmt::format("{} starts", m_processes[next->target]->name());
        case EventKind::Fault:
            return fmt::format("fault: {}", toText(m_planned[next->target].spec.kind));
        case EventKind::FaultEnd:
            return fmt::format("end of fault: {}", toText(m_faults[next->target]->spec.kind));
    }
    return {};
}

}  // namespace millrace::sim
