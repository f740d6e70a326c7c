#include "engine/sim/context.h"

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/sim/operations.h"
#include "engine/sim/world.h"

namespace millrace::sim {

namespace {

Op& prepare(std::vector<Op>& ops, OpKind kind) {
    Op& op = ops.emplace_back();
    op.kind = kind;
    return op;
}

}  // namespace

SimTime Context::now() const {
    return m_world.m_now;
}

std::int64_t Context::clockMillis() const {
    const SimDuration skew = m_world.m_hosts[host().value]->clockSkew;
    return m_world.m_spec.startMillis + (nanoseconds(m_world.m_now) + skew.count()) / 1'000'000;
}

ActorId Context::self() const {
    const std::uint32_t index = m_world.m_running.actor;
    return ActorId{(static_cast<std::uint64_t>(m_world.m_actors[index]->generation) << 32U) | index};
}

ProcessId Context::process() const {
    return m_world.m_running.process;
}

HostId Context::host() const {
    return m_world.m_running.host;
}

const std::string& Context::hostName() const {
    return m_world.m_hosts[host().value]->spec.name;
}

std::uint32_t Context::incarnation() const {
    return m_world.m_processes[process().value]->incarnation;
}

ConnectionId Context::connection() const {
    return m_world.m_running.connection;
}

void Context::spend(CpuTime cost) {
    MILLRACE_CHECK(cost.count() >= 0, cost.count());
    m_world.m_running.cost += cost;
}

void Context::send(ActorId to, MessageRef message) {
    const auto index = static_cast<std::uint32_t>(to.value & 0xFFFFFFFFU);
    MILLRACE_CHECK(index < m_world.m_actors.size(), index);
    Op& op = prepare(m_world.m_running.ops, OpKind::Send);
    op.a = to.value;
    op.object = std::move(message);
}

const Actor* Context::peer(ActorId actor) const {
    const auto index = static_cast<std::uint32_t>(actor.value & 0xFFFFFFFFU);
    const auto generation = static_cast<std::uint32_t>(actor.value >> 32U);
    if (index >= m_world.m_actors.size()) {
        return nullptr;
    }
    const ActorSlot& slot = *m_world.m_actors[index];
    return slot.generation == generation && slot.process == process() ? slot.actor.get() : nullptr;
}

std::uint64_t Context::waiting(ActorId actor) const {
    return peer(actor) != nullptr ? m_world.m_actors[actor.value & 0xFFFFFFFFU]->mailbox.size() : 0;
}

TimerId Context::arm(SimDuration delay, MessageRef message) {
    MILLRACE_CHECK(delay.count() >= 0, delay.count());
    Op& op = prepare(m_world.m_running.ops, OpKind::Arm);
    op.a = makeTimerId(m_world.m_nextTimer++, m_world.m_now + delay).value;
    op.b = delay.count();
    op.object = std::move(message);
    return TimerId{op.a};
}

TimerId Context::waitFor(WaitedFor party, SimDuration delay, MessageRef message) {
    MILLRACE_CHECK(delay.count() >= 0, delay.count());
    Op& op = prepare(m_world.m_running.ops, OpKind::WaitFor);
    op.a = makeTimerId(m_world.m_nextTimer++ | timerWaits, m_world.m_now + delay).value;
    op.b = delay.count();
    op.object = std::move(message);
    op.object2 = makeRef<WaitParty>(party);
    return TimerId{op.a};
}

void Context::cancel(TimerId timer) {
    if (timer != noTimer) {
        prepare(m_world.m_running.ops, OpKind::Cancel).a = timer.value;
    }
}

void Context::listen(Port port) {
    prepare(m_world.m_running.ops, OpKind::Listen).a = port.value;
}

ConnectionId Context::connect(HostId host, Port port, SimDuration timeout) {
    const ConnectionId id = m_world.reserveConnection();
    Op& op = prepare(m_world.m_running.ops, OpKind::Connect);
    op.a = id.value;
    op.extra = host.value;
    op.b = (timeout.count() << 16U) | port.value;
    return id;
}

void Context::transmit(ConnectionId connection, MessageRef message) {
    Op& op = prepare(m_world.m_running.ops, OpKind::Transmit);
    op.a = connection.value;
    op.object = std::move(message);
}

void Context::close(ConnectionId connection) {
    prepare(m_world.m_running.ops, OpKind::Close).a = connection.value;
}

ByteCount Context::unsent(ConnectionId connection) const {
    return m_world.m_network.unsent(connection);
}

HostId Context::findHost(std::string_view name) const {
    return m_world.findHost(name);
}

ProcessDisk Context::disk() const {
    return m_world.diskOf(process());
}

ByteCount Context::freeOnDisk() const {
    return m_world.m_hosts[host().value]->disk.free();
}

FileId Context::file(const std::string& name) {
    const std::string folder = ProcessDisk::folderOf(m_world.m_processes[process().value]->name());
    std::string path;
    path.reserve(folder.size() + name.size());
    path += folder;
    path += name;
    return m_world.hostAt(host()).disk.idOf(path);
}

Result<void, DiskError> Context::write(OpKind kind, FileId file, ChunkRef chunk) {
    if (m_world.m_running.diskReserved + chunk->size() > freeOnDisk()) {
        return tl::unexpected(DiskError::Full);
    }
    m_world.m_running.diskReserved += chunk->size();
    Op& op = prepare(m_world.m_running.ops, kind);
    op.extra = file.value;
    op.object = std::move(chunk);
    return {};
}

Result<void, DiskError> Context::append(FileId file, ChunkRef chunk) {
    return write(OpKind::Append, file, std::move(chunk));
}

Result<void, DiskError> Context::replace(FileId file, ChunkRef chunk) {
    return write(OpKind::Replace, file, std::move(chunk));
}

void Context::truncate(FileId file, std::uint64_t chunksEnd) {
    Op& op = prepare(m_world.m_running.ops, OpKind::Truncate);
    op.a = chunksEnd;
    op.extra = file.value;
}

void Context::dropFront(FileId file, std::uint64_t firstChunk) {
    Op& op = prepare(m_world.m_running.ops, OpKind::DropFront);
    op.a = firstChunk;
    op.extra = file.value;
}

void Context::remove(FileId file) {
    prepare(m_world.m_running.ops, OpKind::Remove).extra = file.value;
}

void Context::flush(FileId file, MessageRef done) {
    Op& op = prepare(m_world.m_running.ops, OpKind::Flush);
    op.object = std::move(done);
    op.extra = file.value;
}

ActorId Context::addActor(std::string_view name, Ref<Actor> actor) {
    MILLRACE_CHECK(m_world.m_running.booting, name);
    const std::uint32_t index = m_world.makeActor(process(), std::string{name}, std::move(actor));
    return ActorId{(static_cast<std::uint64_t>(m_world.m_actors[index]->generation) << 32U) | index};
}

ActorId Context::spawnActor(std::string_view name, Ref<Actor> actor) {
    const std::uint32_t index = m_world.makeActor(process(), std::string{name}, std::move(actor));
    const ActorId id{(static_cast<std::uint64_t>(m_world.m_actors[index]->generation) << 32U) | index};
    send(id, m_world.m_startMessage);
    return id;
}

ProcessId Context::spawn(Ref<const Blueprint> blueprint) {
    ProcessId id = m_world.findProcess(blueprint->name());
    if (id == noProcess) {
        id = m_world.makeProcess(host(), std::move(blueprint), true);
    } else {
        ProcessSlot& process = m_world.processAt(id);
        MILLRACE_CHECK(!process.isAlive() && process.host == host(), process.name());
        process.blueprint = std::move(blueprint);
    }
    prepare(m_world.m_running.ops, OpKind::Spawn).extra = id.value;
    Op& op = prepare(m_world.m_running.ops, OpKind::Watch);
    op.extra = id.value;
    op.a = 1;
    return id;
}

void Context::kill(ProcessId process, ProcessExited::Reason reason) {
    MILLRACE_CHECK(m_world.m_processes[process.value]->host == host(), process.value);
    Op& op = prepare(m_world.m_running.ops, OpKind::Kill);
    op.extra = process.value;
    op.a = static_cast<std::uint64_t>(reason);
}

void Context::watch(ProcessId process) {
    prepare(m_world.m_running.ops, OpKind::Watch).extra = process.value;
}

ProcessState Context::stateOf(ProcessId process) const {
    const ProcessSlot& slot = *m_world.m_processes[process.value];
    MILLRACE_CHECK(slot.host == host(), slot.name());
    return slot.state;
}

ProcessId Context::findProcess(std::string_view name) const {
    return m_world.findProcess(name);
}

RandomStream& Context::random() {
    return m_world.slot(m_world.m_running.actor).random;
}

RandomStream Context::makeStream(std::string_view name) const {
    const ActorSlot& actor = *m_world.m_actors[m_world.m_running.actor];
    return RandomStream(m_world.m_spec.seed, fmt::format("{}/{}#{}", actor.name, name, actor.incarnation));
}

void Context::journal(JournalDraft draft) {
    prepare(m_world.m_running.ops, OpKind::Journal).object = makeRef<DraftHolder>(std::move(draft));
}

void Context::effect(Ref<const Effect> effect) {
    prepare(m_world.m_running.ops, OpKind::Effect).object = std::move(effect);
}

bool Context::isListenedTo() const {
    return m_world.m_isListenedTo;
}

void Context::tell(Ref<const Fact> fact) {
    if (m_world.m_isListenedTo) {
        prepare(m_world.m_running.ops, OpKind::Tell).object = std::move(fact);
    }
}

}  // namespace millrace::sim
