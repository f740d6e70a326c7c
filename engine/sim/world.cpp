#include "engine/sim/world.h"

#include <fmt/format.h>

#include <utility>

#include "engine/base/check.h"
#include "engine/sim/host_metrics.h"
#include "engine/sim/start_message.h"

namespace millrace::sim {

World::World(WorldSpec spec) : m_spec(spec), m_fingerprint(Digest{spec.seed}.value()) {
    m_network = Network(spec.defaultLatency, RandomStream(spec.seed, "sim/network"));
    m_nextSample = SimTime{spec.sampleInterval};
    m_nextLook = std::min(m_nextSample, SimTime{std::chrono::seconds{1}});
    m_startMessage = makeRef<StartMessage>();
    m_surveyReporter = m_series.addReporter();
}

World::World(const World& other) = default;
World& World::operator=(const World& other) = default;

HostId World::addHost(HostSpec spec) {
    const HostId id{static_cast<std::uint32_t>(m_hosts.size())};
    MILLRACE_CHECK(!m_hostByName.contains(spec.name), spec.name);
    MILLRACE_CHECK(spec.cores > 0 && spec.speed > 0 && spec.cardRate > 0, spec.name);
    m_hostByName.set(spec.name, id.value);
    auto host = makeRef<Host>();
    host->id = id;
    host->disk = Disk(spec.disk);
    host->reporter = m_series.addReporter();
    m_network.addHost(spec.cardRate);
    host->spec = std::move(spec);
    m_hosts.push_back(std::move(host));
    return id;
}

void World::setLink(HostId a, HostId b, LinkSpec spec) {
    m_network.path(a, b).spec = spec;
    m_network.path(b, a).spec = spec;
}

ProcessId World::addProcess(HostId host, Ref<const Blueprint> blueprint, SimTime startAt,
                            std::optional<RestartPolicy> restart) {
    const ProcessId id = makeProcess(host, std::move(blueprint), false);
    processAt(id).restart = restart;
    m_queue.push(startAt, EventKind::ProcessStart, id.value, 0, 0, nullptr, noEntry);
    return id;
}

void World::scheduleFault(SimTime at, FaultSpec fault) {
    const auto index = static_cast<std::uint32_t>(m_planned.endIndex());
    m_planned.append(PlannedFault{at, std::move(fault)});
    m_queue.push(at, EventKind::Fault, index, 0, 0, nullptr, noEntry);
}

double World::ratePerSecond(std::string_view owner, const Metric& metric, std::string_view label) const {
    constexpr SimDuration window = std::chrono::seconds{2};
    const std::optional<Series> series = m_series.find(owner, metric.id, label);
    if (!series) {
        return 0;
    }
    const Series::Points& points = series->points();
    const SimDuration perPoint = series->interval() * series->samplesPerPoint();
    const auto near = static_cast<std::uint64_t>(window / perPoint) + 3;
    double sum = 0;
    std::uint32_t samples = 0;
    const auto end = points.end();
    for (auto point = points.from(points.size() - std::min(near, points.size())); point != end; ++point) {
        // Of an instant that is shown, its own sample may be closed or not: both must look the same.
        if (point->time < m_now && m_now - point->time <= std::max(window, point->count * series->interval())) {
            sum += point->sum;
            samples += point->count;
        }
    }
    return samples == 0 ? 0 : sum / (samples * seconds(series->interval()));
}

bool World::withdrawFault(SimTime at, FaultKind kind, std::string_view target) {
    for (std::size_t i = m_planned.firstIndex(); i < m_planned.endIndex(); ++i) {
        const PlannedFault& planned = m_planned[i];
        if (!planned.done && planned.at == at && planned.spec.kind == kind && planned.spec.target == target) {
            m_planned.update(i).done = true;  // its event finds that nothing is left to do
            return true;
        }
    }
    return false;
}

std::vector<std::pair<SimTime, FaultSpec>> World::faultsToCome() const {
    std::vector<std::pair<SimTime, FaultSpec>> coming;
    for (const PlannedFault& planned : m_planned) {
        if (!planned.done) {
            coming.emplace_back(planned.at, planned.spec);
        }
    }
    return coming;
}

SimTime World::nextEventTime() const {
    return m_queue.empty() ? SimTime::max() : atNanoseconds(m_queue.minTime());
}

std::uint64_t World::run(SimTime until, std::uint64_t eventsMax) {
    std::uint64_t processed = 0;
    while (processed < eventsMax) {
        if (m_queue.empty() || m_queue.minTime() > nanoseconds(until)) {
            if (until > m_now && until != SimTime::max()) {
                closeSamples(until);
                m_now = until;
            }
            break;
        }
        step();
        ++processed;
    }
    return processed;
}

void World::passTo(SimTime time) {
    MILLRACE_CHECK(time >= m_now && nextEventTime() >= time, toText(time), toText(m_now));
    closeSamples(time);
    m_now = time;
}

void World::apply(const Input& input) {
    Digest digest{m_fingerprint};
    digest.add(nanoseconds(m_now));
    input.digest(digest);
    m_fingerprint = digest.value();
    input.apply(*this);
    dispatchHosts();
}

void World::injectFault(const FaultSpec& fault) {
    applyFault(fault, noEntry);
    dispatchHosts();
}

void World::deliver(ActorId actor, MessageRef message) {
    const auto index = static_cast<std::uint32_t>(actor.value & 0xFFFFFFFFU);
    const auto generation = static_cast<std::uint32_t>(actor.value >> 32U);
    if (index >= m_actors.size() || m_actors[index]->generation != generation) {
        return;
    }
    m_queue.push(m_now, EventKind::Mail, index, generation, 0, std::move(message), noEntry);
}

std::vector<NumberedEffect> World::takeEffects() {
    std::vector<NumberedEffect> taken;
    taken.reserve(m_effects.size());
    for (const NumberedEffect& effect : m_effects) {
        taken.push_back(effect);
    }
    m_effects.clear();
    return taken;
}

HostId World::findHost(std::string_view name) const {
    const std::uint32_t* id = m_hostByName.find(name);
    return id == nullptr ? noHost : HostId{*id};
}

ProcessId World::findProcess(std::string_view name) const {
    const std::uint32_t* id = m_processByName.find(name);
    return id == nullptr ? noProcess : ProcessId{*id};
}

ActorId World::findActorId(std::string_view fullName) const {
    const std::uint32_t* index = m_actorByName.find(fullName);
    if (index == nullptr || m_actors[*index]->phase == ActorPhase::Free) {
        return noActor;
    }
    return ActorId{(static_cast<std::uint64_t>(m_actors[*index]->generation) << 32U) | *index};
}

const Actor* World::findActor(std::string_view fullName) const {
    const std::uint32_t* index = m_actorByName.find(fullName);
    return index == nullptr || !m_actors[*index]->hasStarted() ? nullptr : m_actors[*index]->actor.get();
}

std::uint64_t World::mailboxSize(std::string_view fullName) const {
    const std::uint32_t* index = m_actorByName.find(fullName);
    return index == nullptr ? 0 : m_actors[*index]->mailbox.size();
}

void World::takeFacts(std::vector<ToldFact>& into) {
    into.clear();
    into.swap(m_facts);
}

JournalId World::writeJournal(const std::string& place, JournalDraft draft, JournalId cause) {
    auto entry = makeRef<JournalEntry>();
    entry->time = m_now;
    entry->place = place;
    entry->kind = draft.kind;
    entry->severity = draft.severity;
    entry->text = std::move(draft.text);
    entry->fields = std::move(draft.fields);
    entry->cause = cause;
    return m_journal.append(std::move(entry), draft);
}

void World::emitEffect(Ref<const Effect> effect) {
    Digest digest;
    digest.add(effect->destination());
    effect->digest(digest);
    const std::uint64_t content = digest.value();
    Digest rolling{m_fingerprint};
    rolling.add(m_nextEffect.value);
    rolling.add(content);
    m_fingerprint = rolling.value();
    m_effects.append(NumberedEffect{m_nextEffect, m_now, content, std::move(effect)});
    ++m_nextEffect.value;
}

namespace {

/// Puts what an actor or a host gives into the world's series.
class SeriesSink final : public MetricSink {
public:
    SeriesSink(SeriesStore& store, ReporterId reporter, SeriesStore::Pace pace, SampleInstant at,
               const std::string& owner, SeriesSink* everySecond)
        : m_report(store, reporter, pace, at), m_owner(owner), m_everySecond(everySecond) {}

    void add(const Metric& metric, double value, std::string_view label) override {
        m_report.add(m_owner, metric, label, value);
    }
    MetricSink* everySecond() override { return m_everySecond; }

private:
    SeriesStore::Report m_report;
    const std::string& m_owner;
    SeriesSink* m_everySecond;
};

}  // namespace

void World::closeSamples(SimTime before) {
    while (m_nextSample < before) {
        sampleAll(m_nextSample);
        m_nextSample += m_spec.sampleInterval;
    }
    while (SimTime{std::chrono::seconds{m_fingerprintsBySecond.endIndex() + 1}} < before) {
        m_fingerprintsBySecond.append(m_fingerprint);
    }
    m_nextLook = std::min(m_nextSample, SimTime{std::chrono::seconds{m_fingerprintsBySecond.endIndex() + 1}});
}

/// An actor that has handled nothing since the sample before stands as it did, and is not asked.
void World::sampleAll(SimTime time) {
    using Pace = SeriesStore::Pace;
    const SimDuration interval = m_spec.sampleInterval;
    const std::int64_t inSecond = std::max<std::int64_t>(1, std::chrono::seconds{1} / interval);
    const SampleInstant at{time, interval};
    const SampleInstant second{time, interval * inSecond};
    const bool isSecond = time.time_since_epoch() % second.interval == SimDuration{0};
    const SimTime before = m_series.newest(isSecond ? second.interval : interval);
    m_series.begin(at);
    if (isSecond) {
        m_series.begin(second);
    }
    for (const Ref<ActorSlot>& actor : m_actors) {
        if (actor->phase != ActorPhase::Free && actor->hasStarted() && actor->handledAt > before) {
            if (isSecond) {
                SeriesSink everySecond(m_series, actor->reporter, Pace::Seldom, second, actor->name, nullptr);
                SeriesSink sink(m_series, actor->reporter, Pace::Often, at, actor->name, &everySecond);
                actor->actor->sample(sink);
            } else {
                SeriesSink sink(m_series, actor->reporter, Pace::Often, at, actor->name, nullptr);
                actor->actor->sample(sink);
            }
        }
    }
    for (const Ref<Host>& host : m_hosts) {
        const std::string owner = "host/" + host->spec.name;
        SeriesSink sink(m_series, host->reporter, Pace::Often, at, owner, nullptr);
        sink.add(metric::cpuSeconds, seconds(host->cpuTime), {});
        sink.add(metric::cardBytesOut, static_cast<double>(m_network.card(host->id).bytesSent), {});
        sink.add(metric::cardBytesIn, static_cast<double>(m_network.card(host->id).bytesReceived), {});
        sink.add(metric::diskUsedBytes, static_cast<double>(host->disk.used()), {});
        sink.add(metric::diskBusySeconds, seconds(host->disk.busyTime()), {});
    }
    if (m_survey && isSecond) {
        SeriesStore::Report report(m_series, m_surveyReporter, Pace::Seldom, second);
        m_survey->sample(*this, report);
    }
}

}  // namespace millrace::sim
