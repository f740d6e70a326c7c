#include "engine/run/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "engine/base/thousands.h"
#include "engine/describe/life.h"
#include "engine/ingest/journal_kinds.h"
#include "engine/kafka/journal_kinds.h"
#include "engine/observe/place.h"
#include "engine/scenario/sections.h"
#include "engine/sim/host_metrics.h"
#include "engine/sim/journal_kinds.h"
#include "engine/storm/journal_kinds.h"

namespace millrace::run {

namespace {

constexpr std::uint32_t searchedMax = 200'000;  // entries looked through for a page

observe::Severity severityOf(sim::Severity severity) {
    switch (severity) {
        case sim::Severity::Trace:
            return observe::Severity::Debug;
        case sim::Severity::Detail:
            return observe::Severity::Info;
        case sim::Severity::Notice:
            return observe::Severity::Notice;
        case sim::Severity::Warning:
            return observe::Severity::Warning;
        case sim::Severity::Error:
            return observe::Severity::Error;
    }
    return observe::Severity::Info;
}

/// Whether the entry tells of something done from outside that takes a fault back.
bool tellsOfRepair(const sim::JournalEntry& entry) {
    if (entry.kind != sim::happened::faultInjected) {
        return false;
    }
    const FaultRow* row = findFault(sim::field::faultKind.of(entry).value_or(""));
    return row != nullptr && isRepair(row->kind, std::strtod(std::string(entry.field("value")).c_str(), nullptr));
}

/// The cause as it is told. A line that cannot be read is its own reason, whatever brought its tuple to that worker; a
/// job that is done is so because all of its tasks are, of which the journal says nothing.
std::uint32_t toldCauseOf(const sim::JournalEntry& entry) {
    const bool isOwnReason =
        entry.kind == ingest::happened::lineRejected || entry.kind == std::string_view{"hadoop.job-succeeded"};
    return isOwnReason ? 0 : entry.cause.value;
}

/// "access-3" and what it says of a topic and a partition of it.
void addPartition(std::vector<observe::ObjectId>& ids, std::string_view text) {
    const auto dash = text.rfind('-');
    std::int32_t number = -1;
    if (dash != std::string_view::npos) {
        std::from_chars(text.data() + dash + 1, text.data() + text.size(), number);
    }
    if (number >= 0) {
        ids.push_back(observe::topicId(text.substr(0, dash)));
        ids.push_back(observe::partitionId(text.substr(0, dash), number));
    }
}

/// The parts of "a,b,c".
std::vector<std::string_view> listed(std::string_view rest) {
    std::vector<std::string_view> parts;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(','), rest.size());
        parts.push_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return parts;
}

const std::vector<const observe::KindRow*>& partsOfJobs() {
    static const std::vector<const observe::KindRow*> rows = [] {
        std::vector<const observe::KindRow*> found;
        for (const observe::KindRow& row : observe::kinds()) {
            if (row.isOfJob()) {
                found.push_back(&row);
            }
        }
        return found;
    }();
    return rows;
}

/// What an entry concerns besides its place, by its typed facts: topics, partitions and components have no process of
/// their own in which they could write.
std::vector<observe::ObjectId> aboutOf(const observe::ObjectId& place, const sim::JournalEntry& entry) {
    std::vector<observe::ObjectId> ids;
    const std::string_view topic = kafka::field::topic.of(entry).value_or("");
    if (const auto partition = kafka::field::partition.of(entry); partition && !topic.empty()) {
        ids.push_back(observe::topicId(topic));
        ids.push_back(observe::partitionId(topic, partition->value));
    } else if (!topic.empty()) {
        ids.push_back(observe::topicId(topic));
    }
    for (const std::string_view each : listed(kafka::field::partitions.of(entry).value_or(""))) {
        addPartition(ids, each);
    }
    // Components are told of by the worker that runs them, which knows its topology.
    const std::string_view worker =
        observe::rowOf(observe::kindOf(place)).stand == observe::Stand::Slot ? observe::nameOf(place) : "";
    const std::string_view topology = storm::field::topology.of(entry).value_or(worker.substr(0, worker.find('/')));
    if (const auto spout = storm::field::component.of(entry)) {
        ids.push_back(observe::spoutId(topology, *spout));
    }
    for (const observe::KindRow* row : partsOfJobs()) {
        if (const std::string_view part = entry.field(row->prefix); !part.empty()) {
            ids.push_back(observe::idOf(row->kind, topology, part));
        }
    }
    for (const std::string_view writer : listed(ingest::field::writers.of(entry).value_or(""))) {
        if (const std::size_t slash = writer.find('/'); slash != std::string_view::npos) {
            ids.push_back(observe::boltId(writer.substr(0, slash), writer.substr(slash + 1)));
        }
    }
    return ids;
}

/// A name at its front stays as it is: of a file, of a server.
void capitalise(std::string& sentence) {
    const std::string_view first = std::string_view{sentence}.substr(0, sentence.find(' '));
    if (const std::size_t slash = first.find('/'); slash != std::string_view::npos && slash > 0) {
        sentence.insert(0, "Process ");  // one that is no object of its own
        return;
    }
    if (!sentence.empty() && first.find_first_of("0123456789._/-") == std::string_view::npos) {
        sentence.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(sentence.front())));
    }
}

/// One that stands for others tells how many there are and when the newest came.
observe::JournalEntryView viewOf(const ObjectNames& names, const sim::Journal& journal,
                                 const sim::JournalEntry& entry) {
    observe::JournalEntryView view{entry.id.value,          entry.time,
                                   names.of(entry.place),   severityOf(entry.severity),
                                   std::string{entry.kind}, names.readable(entry.text),
                                   toldCauseOf(entry),      tellsOfRepair(entry)};
    capitalise(view.text);
    view.about = aboutOf(view.place, entry);
    const sim::Repeats* repeats = journal.repeatsOf(entry);
    if (repeats != nullptr && repeats->first == entry.id && repeats->count > 1) {
        view.count = repeats->count;
        view.last = repeats->last;
        view.text +=
            names.readable(fmt::format("; {} more like it up to {:.3f} s", repeats->count - 1, seconds(repeats->last)));
    }
    return view;
}

/// The entry that stands for this one and those that say the same, if it is remembered.
const sim::JournalEntry* headOf(const sim::Journal& journal, const sim::JournalEntry* entry) {
    const sim::Repeats* repeats = entry == nullptr ? nullptr : journal.repeatsOf(*entry);
    const sim::JournalEntry* first = repeats == nullptr ? nullptr : journal.find(repeats->first);
    return first == nullptr ? entry : first;
}

/// The kind whose processes are called so before the first slash, or null.
const observe::KindRow* kindOfProcess(std::string_view word) {
    const auto all = observe::kinds();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const observe::KindRow& each) { return each.processWord() == word; });
    return found != all.end() ? &*found : nullptr;
}

/// What has a process or a machine is told of by what it is and how it is called.
bool isProcessOrHost(std::string_view word) {
    const auto slash = word.find('/');
    if (slash == std::string_view::npos) {
        const observe::KindRow* row = kindOfProcess(word);
        return row != nullptr && row->isProcess() && row->place.find('*') == std::string_view::npos;
    }
    const observe::KindRow* row = slash + 1 < word.size() ? kindOfProcess(word.substr(0, slash)) : nullptr;
    const bool isOnMachine = row != nullptr && row->stand != observe::Stand::Nowhere;
    return isOnMachine || (row != nullptr && row->kind == observe::ObjectKind::Link);
}

/// A card that runs on a machine, told of as a process: "sink/events" is the sink events.
std::string titleOfProcess(std::string_view word, const observe::ObjectId& id) {
    const observe::KindRow* row = kindOfProcess(word.substr(0, word.find('/')));
    return row != nullptr && row->isCard ? fmt::format("{} {}", row->word, observe::nameOf(id)) : observe::titleOf(id);
}

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

/// "12,345" for 12345: a number by itself, or with a fraction. What is part of a name or a number that counts nothing,
/// as a port or the id of a block, stays.
std::string countIn(std::string_view word, std::string_view before) {
    const auto end = static_cast<std::size_t>(std::find_if_not(word.begin(), word.end(), isDigit) - word.begin());
    const std::string_view rest = word.substr(end);
    const bool isFraction =
        rest.size() > 1 && rest.front() == '.' && std::all_of(rest.begin() + 1, rest.end(), isDigit);
    const bool isNumber = end > 3 && word.front() != '0' && (rest.empty() || rest == "/s" || rest == "%" || isFraction);
    if (!isNumber || before == "block" || before == "port" || before == "stage" || before == "id") {
        return std::string{word};
    }
    return withThousands(std::string{word}, end);
}

/// Names that a program gave itself end with what tells it from all others: a UUID of members, the counter and the
/// second of topologies. A sentence does without.
std::string_view withoutStamp(std::string_view word) {
    constexpr std::size_t uuid = 36;
    const auto isUuid = [](std::string_view text) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            const bool isDash = i == 8 || i == 13 || i == 18 || i == 23;
            if (isDash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) {
                return false;
            }
        }
        return true;
    };
    if (word.size() > uuid + 1 && word[word.size() - uuid - 1] == '-' && isUuid(word.substr(word.size() - uuid))) {
        return word.substr(0, word.size() - uuid - 1);
    }
    constexpr std::size_t second = 10;
    const std::size_t dash = word.rfind('-');
    if (dash == std::string_view::npos || dash == 0 || word.size() - dash - 1 != second ||
        !std::all_of(word.begin() + static_cast<std::ptrdiff_t>(dash) + 1, word.end(), isDigit)) {
        return word;
    }
    const std::size_t counter = word.rfind('-', dash - 1);
    const bool isCounted = counter != std::string_view::npos && counter > 0 && counter + 1 < dash &&
                           std::all_of(word.begin() + static_cast<std::ptrdiff_t>(counter) + 1,
                                       word.begin() + static_cast<std::ptrdiff_t>(dash), isDigit);
    return isCounted ? word.substr(0, counter) : word;
}

/// Who of several in one object measured it: the member of a group, the executor in a worker.
std::string partOf(std::string_view owner) {
    const bool isWorker = owner.starts_with("worker/");
    if (!isWorker && !owner.starts_with("group/")) {
        return {};
    }
    std::size_t at = owner.find('/');
    for (int skipped = 0; skipped < (isWorker ? 2 : 1) && at != std::string_view::npos; ++skipped) {
        at = owner.find('/', at + 1);
    }
    if (at == std::string_view::npos) {
        return {};
    }
    owner.remove_prefix(at + 1);
    return isWorker ? std::string{owner} : fmt::format("of member {}", owner.substr(0, owner.find('/')));
}

std::shared_ptr<const observe::SeriesPage> pageOf(const ObjectNames& names, const sim::Series& series,
                                                  std::size_t pointsMax) {
    auto page = std::make_shared<observe::SeriesPage>();
    page->name = series.metric().name();
    page->object = names.of(series.id().owner);
    page->unit = series.metric().chartUnit();
    page->meaning = series.metric().meaning;
    if (!series.id().label.empty()) {
        page->name += " " + series.id().label;
    }
    if (const std::string part = partOf(series.id().owner); !part.empty()) {
        page->name += fmt::format(" {}", part);
    }
    const sim::Series::Points& points = series.points();
    const std::uint64_t merged = (points.size() + pointsMax - 1) / std::max<std::size_t>(pointsMax, 1);
    const std::uint64_t step = std::max<std::uint64_t>(1, merged);
    page->resolution = series.interval() * static_cast<std::int64_t>(step * series.samplesPerPoint());
    const double scale = series.kind() == MetricKind::Counter ? 1.0 / seconds(series.interval()) : 1.0;
    page->points.reserve(static_cast<std::size_t>(points.size() / step + 1));
    const auto end = points.end();
    for (auto at = points.begin(); at != end;) {
        sim::Series::Point joined = *at;
        double count = joined.count;
        for (std::uint64_t i = 1; ++at != end && i < step; ++i) {
            joined.time = at->time;
            joined.min = std::min(joined.min, at->min);
            joined.max = std::max(joined.max, at->max);
            joined.sum += at->sum;
            count += at->count;
        }
        page->points.push_back({joined.time, static_cast<double>(joined.min) * scale,
                                static_cast<double>(joined.max) * scale, joined.sum / count * scale});
    }
    return page;
}

}  // namespace

ObjectNames::ObjectNames(const sim::World& world) {
    for (const scenario::Section* section : scenario::sections()) {
        section->addObjectNames(world, m_known);
    }
}

observe::ObjectId ObjectNames::of(std::string_view place) const {
    const auto slash = place.find('/');
    if (slash == std::string_view::npos) {
        return std::string{place};
    }
    const observe::KindRow* row = kindOfProcess(place.substr(0, slash));
    const std::string_view scheme = row != nullptr ? row->prefix : place.substr(0, slash);
    // Some processes have two names behind their word; what follows them is an actor.
    const auto second = place.find('/', slash + 1);
    const auto end = second == std::string_view::npos ? second : place.find('/', second + 1);
    if (const auto known = m_known.find(place.substr(0, end)); known != m_known.end()) {
        return known->second;
    }
    if (row != nullptr && row->stand == observe::Stand::Slot) {
        return fmt::format("{}:{}", scheme, place.substr(slash + 1, end - slash - 1));
    }
    const std::string_view name = place.substr(slash + 1);
    return fmt::format("{}:{}", scheme, name.substr(0, name.find('/')));
}

std::string ObjectNames::readable(std::string_view text) const {
    std::string result;
    result.reserve(text.size());
    std::string_view before;
    bool isQuoted = false;
    char sign = ' ';  // in front of the word
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" ,;:()\""), text.size());
        const std::string_view word = text.substr(0, end);
        const bool isAlone = !isQuoted && (sign == ' ' || sign == '(');
        result += isProcessOrHost(word) ? titleOfProcess(word, of(word))
                  : isAlone             ? countIn(withoutStamp(word), before)
                                        : std::string{isQuoted ? word : withoutStamp(word)};
        if (end < text.size()) {
            sign = text[end];
            result += sign;
            isQuoted = isQuoted != (sign == '"');
        }
        before = word.empty() ? before : word;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result;
}

observe::JournalPage describeJournal(const sim::World& world, std::size_t max) {
    observe::JournalPage page;
    const ObjectNames names(world);
    const sim::Journal& journal = world.journal();
    page.total = journal.size() + journal.forgotten();
    page.dropped = journal.forgotten();
    // A flood of details must not push out what a person should see: the newest `max` of each are taken.
    const std::uint32_t last = journal.lastId().value;
    const std::uint32_t first = std::max(journal.firstId().value, last > searchedMax ? last - searchedMax : 1U);
    std::size_t notices = 0;
    std::size_t details = 0;
    std::set<std::uint32_t> shown;
    for (std::uint32_t id = last; id >= first && id > 0 && notices < max; --id) {
        const sim::JournalEntry* entry = headOf(journal, journal.find(sim::JournalId{id}));
        const bool isNotice = entry->severity >= sim::Severity::Notice;
        std::size_t& taken = isNotice ? notices : details;
        if (taken < max && shown.insert(entry->id.value).second) {
            ++taken;
        }
    }
    std::set<std::uint32_t> older;
    for (const std::uint32_t id : shown) {
        const sim::JournalEntry* entry = journal.find(sim::JournalId{id});
        page.entries.push_back(viewOf(names, journal, *entry));
        for (std::uint32_t cause = entry->cause.value;
             cause != 0 && !shown.contains(cause) && older.insert(cause).second;) {
            const sim::JournalEntry* before = journal.find(sim::JournalId{cause});
            cause = before == nullptr ? 0 : before->cause.value;
        }
    }
    for (const std::uint32_t id : older) {
        if (const sim::JournalEntry* entry = journal.find(sim::JournalId{id})) {
            page.causes.push_back(viewOf(names, journal, *entry));
        }
    }
    return page;
}

std::vector<observe::JournalEntryView> describeCauses(const sim::World& world, std::uint64_t id) {
    std::vector<observe::JournalEntryView> chain;
    const ObjectNames names(world);
    const sim::Journal& journal = world.journal();
    const auto* entry = journal.find(sim::JournalId{static_cast<std::uint32_t>(id)});
    while (entry != nullptr) {
        chain.push_back(viewOf(names, journal, *entry));
        entry = journal.find(entry->cause);
    }
    return chain;
}

std::vector<std::shared_ptr<const observe::SeriesPage>> describeSeries(const sim::World& world, std::size_t pointsMax) {
    std::vector<std::shared_ptr<const observe::SeriesPage>> pages;
    const ObjectNames names(world);
    world.series().forEach([&](const sim::Series& series) { pages.push_back(pageOf(names, series, pointsMax)); });
    return pages;
}

std::vector<observe::FaultBar> describeFaults(const sim::World& world, Repairs repairs) {
    std::vector<observe::FaultBar> bars;
    const ObjectNames names(world);
    for (const auto& record : world.faults()) {
        const bool mends = isRepair(record->spec.kind, record->spec.value);
        if (mends && repairs == Repairs::LeftOut) {
            continue;  // What it mends ends there; it has no length of its own.
        }
        observe::FaultBar bar;
        bar.kind = sim::toText(record->spec.kind);
        bar.target = record->resolved.empty() ? record->spec.target : names.of(record->resolved);
        bar.at = record->time;
        bar.value = record->spec.value;
        bar.hasMissed = record->resolved.empty();
        if (record->ended) {
            bar.until = *record->ended;
        } else if (mends || record->resolved.empty()) {
            bar.until = bar.at;
        } else if (record->spec.duration) {
            bar.until = record->time + *record->spec.duration;
        }
        bars.push_back(std::move(bar));
    }
    for (const auto& [at, spec] : world.faultsToCome()) {
        bars.push_back({std::string{sim::toText(spec.kind)}, spec.target, at,
                        spec.duration ? at + *spec.duration : SimTime::max(), true, spec.value});
    }
    return bars;
}

std::vector<observe::HostView> describeHosts(const sim::World& world) {
    std::vector<observe::HostView> views;
    for (std::uint32_t i = 0; i < world.hostCount(); ++i) {
        const sim::Host& host = world.host(sim::HostId{i});
        const std::string owner = "host/" + host.spec.name;
        observe::HostView view;
        view.id = observe::hostId(host.spec.name);
        view.rack = host.spec.rack;
        view.state = host.poweredOn ? observe::LifeState::Running : observe::LifeState::PoweredOff;
        view.cores = host.spec.cores;
        view.speedFactor = host.spec.speed / host.slowFactor;
        // A handler's work is counted when it begins: a long one may come to more than the time that has passed.
        view.coreUtilisation = std::min(1.0, world.ratePerSecond(owner, sim::metric::cpuSeconds) / host.spec.cores);
        view.diskUtilisation = std::min(1.0, world.ratePerSecond(owner, sim::metric::diskBusySeconds));
        view.diskUsedBytes = host.disk.used();
        view.diskCapacityBytes = host.disk.spec().capacity;
        view.networkInBytesPerSecond = world.ratePerSecond(owner, sim::metric::cardBytesIn);
        view.networkOutBytesPerSecond = world.ratePerSecond(owner, sim::metric::cardBytesOut);
        view.clockSkew = host.clockSkew;
        if (host.disk.isFull()) {
            view.ailments.push_back("disk full");  // what stops somebody stands before what makes him slow
        }
        if (host.slowFactor != 1.0) {
            view.ailments.push_back(fmt::format("processor {:g} times slower", host.slowFactor));
        }
        if (host.disk.slowFactor != 1.0) {
            view.ailments.push_back(fmt::format("disk {:g} times slower", host.disk.slowFactor));
        }
        world.network().forEachPath([&](sim::HostId from, sim::HostId to, const sim::Path& path) {
            if (from == host.id && path.cut) {
                view.cutFrom.push_back(observe::hostId(world.host(to).spec.name));
            }
        });
        views.push_back(std::move(view));
    }
    const ObjectNames names(world);
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        if (process.isAlive() || !process.isChild) {
            observe::HostView& host = views[process.host.value];
            host.processes.push_back(names.of(process.name()));
            const observe::LifeState state = describe::lifeOf(process.state);
            if (!process.isChild && (observe::isDown(state) || state == observe::LifeState::Paused)) {
                host.silent.emplace_back(host.processes.back(), state);
            }
        }
    }
    return views;
}

observe::FlightView describeFlights(const sim::World& world, std::size_t max) {
    observe::FlightView view;
    const ObjectNames names(world);
    for (const sim::MessageInFlight& flight : world.messagesInFlight(max)) {
        if (flight.from == sim::noProcess || flight.to == sim::noProcess) {
            continue;
        }
        view.flights.push_back({flight.id, names.of(world.process(flight.from).name()),
                                names.of(world.process(flight.to).name()), flight.departs, flight.arrives,
                                std::string{flight.kind}});
    }
    return view;
}

observe::OriginsView describeOrigins(const Ledger& ledger) {
    observe::OriginsView view;
    for (const Loss& loss : ledger.losses()) {
        view.losses.push_back({loss.producer, loss.topic, loss.partition, loss.records, loss.from, loss.to,
                               std::string{toText(loss.cause)}, loss.wasPromised, loss.time});
    }
    view.scores = ledger.scores();
    const std::vector<SinkFate> fates = ledger.sinks();
    for (const SourceFigures& figures : ledger.sources()) {
        observe::OriginView& origin = view.sources.emplace_back();
        origin.source = figures.source;
        origin.producer = figures.producer;
        origin.sent = figures.sent;
        origin.acked = figures.acked;
        origin.stored = figures.stored;
        origin.doubled = figures.doubled;
        origin.retried = figures.retried;
        origin.failed = figures.failed;
        origin.failedPresent = figures.failedPresent;
        origin.lost = figures.ackedLost;
        origin.reordered = figures.reordered;
        for (const GivenUp& each : figures.givenUp) {
            origin.givenUp.push_back({each.reason, each.records, each.first, each.last});
        }
        for (const SinkFate& fate : fates) {
            if (fate.source == figures.source) {
                origin.sinks.push_back({fate.sink, fate.written, fate.repeated});
            }
        }
    }
    // Sources that receivers read: handed to one, in a batch that is done.
    for (const StreamFigures& figures : ledger.streams().figures()) {
        observe::OriginView& origin = view.sources.emplace_back();
        origin.source = figures.source;
        origin.producer = figures.application + "/" + figures.input;
        origin.sent = figures.handed;
        origin.acked = origin.stored = figures.processed;
        origin.doubled = figures.doubled;
        origin.retried = figures.handedAgain;
        for (const SinkFate& fate : fates) {
            if (fate.source == figures.source) {
                origin.sinks.push_back({fate.sink, fate.written, fate.repeated});
            }
        }
    }
    return view;
}

observe::RunView describeRun(const Session& session) {
    observe::RunView view;
    const sim::World& world = session.world();
    view.now = world.now();
    view.furthest = session.furthest();
    view.events = world.eventsProcessed();
    view.seed = world.spec().seed;
    view.fingerprint = world.fingerprint();
    view.nextEvent = ObjectNames(world).readable(world.nextEventText());
    view.checkpoints = session.checkpointTimes();
    view.faults = describeFaults(session.furthestWorld());
    view.origins = describeOrigins(session.ledger());
    for (const BranchView& branch : session.branches()) {
        observe::BranchLane lane;
        lane.id = static_cast<std::uint32_t>(branch.id);
        lane.parent = static_cast<std::uint32_t>(std::max(0, branch.parent));
        lane.title = branch.parent < 0 ? std::string{"main"}
                                       : fmt::format("fork at {:.3f} s: {}", seconds(branch.forkTime), branch.reason);
        lane.forkedAt = branch.forkTime;
        lane.furthest = branch.furthest;
        lane.isCurrent = branch.id == session.currentBranch();
        view.branches.push_back(std::move(lane));
    }
    return view;
}

}  // namespace millrace::run
