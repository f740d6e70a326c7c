#include "app/bridge/run_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <utility>

#include "app/bridge/series_totals.h"
#include "engine/base/check.h"
#include "engine/kafka/describe.h"
#include "engine/run/failure_bundle.h"
#include "engine/run/inputs.h"
#include "engine/run/rate_input.h"
#include "engine/run/report_of.h"
#include "engine/run/story.h"
#include "engine/run/waiting_for.h"
#include "engine/run/waits.h"
#include "engine/run/withdraw_input.h"
#include "engine/scenario/scenario_reader.h"
#include "engine/scenario/sections/pages.h"
#include "engine/scenario/units.h"

namespace millrace::bridge {

using std::chrono::steady_clock;

namespace {

constexpr std::size_t journalShownMax = 2000;
constexpr std::size_t seriesPointsMax = 1200;
constexpr std::size_t seriesPointsLeast = 200;
constexpr std::size_t seriesPointsInAll = 500'000;
constexpr int seriesShare = 10;  // of the time at most one part goes into series
constexpr std::size_t flightsMax = 600;
constexpr SimDuration judgePeriod = std::chrono::milliseconds(100);
constexpr SimDuration quietBeforeEnd = std::chrono::seconds(10);
constexpr std::chrono::milliseconds seriesPeriod{200};
constexpr std::chrono::milliseconds journalPeriod{100};
constexpr std::chrono::milliseconds pagesPeriod{100};
constexpr std::chrono::microseconds strideTarget{1500};  // so that a budget is kept to within a few milliseconds
constexpr std::uint64_t prologueEvents = 1'000;          // between two looks of the invariants
constexpr SimDuration strideOfTime = std::chrono::seconds(2);

observe::ProblemView problemOf(const scenario::Complaint& complaint) {
    return {complaint.severity == scenario::Complaint::Severity::Error ? observe::Severity::Error
                                                                       : observe::Severity::Warning,
            {},
            complaint.field,
            complaint.message,
            SimTime::max(),
            0,
            complaint.code == scenario::Complaint::Code::Machine};
}

Ref<const sim::Input> inputOf(const Command& command, const scenario::Scenario& scenario) {
    if (command.kind == "rate") {
        const bool isThere = std::any_of(scenario.sources.begin(), scenario.sources.end(), [&](const auto& each) {
            return observe::sourceId(each.name) == command.target;
        });
        return isThere ? Ref<const sim::Input>(
                             run::RateInput::ofSource(std::string(observe::nameOf(command.target)), command.value))
                       : Ref<const sim::Input>();
    }
    if (command.kind == run::MendInput::kindName) {
        return makeRef<run::MendInput>(std::string(observe::nameOf(command.target)));
    }
    if (command.kind == "withdraw") {
        const auto fault = sim::faultKindFromText(command.fault);
        return !fault || !command.at ? Ref<const sim::Input>()
                                     : makeRef<run::WithdrawInput>(*command.at, *fault, command.target);
    }
    const auto kind = sim::faultKindFromText(command.kind);
    if (!kind) {
        return {};
    }
    sim::FaultSpec fault;
    fault.kind = *kind;
    fault.target = command.target;
    fault.value = command.value;
    fault.duration = command.duration;
    return makeRef<run::FaultInput>(std::move(fault), command.at);
}

}  // namespace

RunSession::RunSession(std::string failureFolder, std::string version)
    : m_failureFolder(std::move(failureFolder)), m_version(std::move(version)) {
    const char* planted = std::getenv("MILLRACE_TEST_FAILED_CHECK_AT");
    if (const auto time = scenario::parseDuration(planted != nullptr ? planted : ""); planted != nullptr && time) {
        m_plantedCheck = SimTime{*time};
    }
}
RunSession::~RunSession() = default;

void RunSession::finish() {
    if (m_engine) {
        (void)m_engine->finish();  // nobody is left to be told
    }
}

template <typename Value>
bool RunSession::accept(const Result<Value>& result) {
    if (!result) {
        m_endReason = result.error().where.empty() ? result.error().message
                                                   : result.error().where + ": " + result.error().message;
        m_hasFailed = result.error().kind == ErrorKind::Machine;
    }
    return result.has_value();
}

void RunSession::goOn() {
    m_endReason.clear();
    m_doneSince.reset();
    m_judgement.reset();
    m_hasFailed = false;
}

std::string RunSession::keepAfterFailure(const std::string& what) {
    run::FailureScene scene;
    if (m_engine) {
        try {
            static_cast<void>(m_engine->finish());
        } catch (const std::exception&) {
            // The first failure is the one that is told.
        }
        scene = {&m_engine->scenario(), &m_engine->world(), &m_engine->session().inputs()};
    }
    const auto bundle = run::writeFailureBundle(
        m_failureFolder, {what, "millrace-studio " + m_request.file, m_version, m_request.text}, scene);
    return bundle.value_or(std::string());
}

OpenAnswer RunSession::open(const OpenRequest& request, const std::atomic<bool>& isCancelled) {
    m_request = request;
    OpenAnswer answer;
    scenario::ScenarioReading reading = scenario::readScenario(request.text, {request.file, {}, {}});
    for (const scenario::Complaint& complaint : reading.complaints.all()) {
        answer.problems.push_back(problemOf(complaint));
    }
    if (!reading.scenario) {
        return answer;
    }
    m_title = reading.scenario->title.empty() ? reading.scenario->name() : reading.scenario->title;
    const SimDuration openAt = reading.scenario->run.openAt;
    run::EngineOptions options;
    options.carryOut = request.carriesOut;
    options.session.memoryBudget = request.checkpointBytes.value_or(options.session.memoryBudget);
    m_checker = lab::Checker();
    options.onEffects = [this](const sim::World& world, const std::vector<sim::NumberedEffect>& effects) {
        m_checker.observeEffects(world, effects);
    };
    auto engine = run::Engine::open(std::move(*reading.scenario), options);
    if (!engine) {
        answer.problems.push_back({observe::Severity::Error,
                                   {},
                                   engine.error().where,
                                   engine.error().message,
                                   SimTime::max(),
                                   0,
                                   engine.error().kind == ErrorKind::Machine});
        return answer;
    }
    m_engine = std::move(*engine);
    m_checker.follow(m_engine->session().ledger());
    m_problems = answer.problems;
    playPrologue(SimTime(openAt), isCancelled);
    answer.problems = m_problems;
    answer.isOpen = m_endReason.empty();
    if (!answer.isOpen) {
        answer.problems.push_back({observe::Severity::Error, {}, {}, m_endReason, SimTime::max(), 0, m_hasFailed});
    }
    return answer;
}

/// What comes before the instant on which the scenario opens. Whoever waits for it would wait for ever for "2000h".
void RunSession::playPrologue(SimTime openAt, const std::atomic<bool>& isCancelled) {
    const auto begin = steady_clock::now();
    while (now() < openAt && !isCancelled && accept(m_engine->session().advance(openAt, prologueEvents))) {
        m_checker.observe(m_engine->world());
        if (now() < openAt && steady_clock::now() - begin > m_prologueBudget) {
            m_problems.push_back({observe::Severity::Warning,
                                  {},
                                  "run.open_at",
                                  fmt::format("the run opens at {:.1f} s: to play as far as {:.1f} s first takes too "
                                              "long",
                                              seconds(now()), seconds(openAt))});
            break;
        }
    }
}

SimTime RunSession::now() const {
    return m_engine ? m_engine->session().now() : SimTime{};
}

SimTime RunSession::furthest() const {
    return m_engine ? m_engine->session().furthest() : SimTime{};
}

std::uint64_t RunSession::events() const {
    return m_engine ? m_engine->world().eventsProcessed() : 0;
}

void RunSession::setCheckpointBytes(std::int64_t bytes) {
    if (m_engine) {
        m_engine->session().setMemoryBudget(bytes);
    }
}

void RunSession::look(const observe::PageRequest& page) {
    m_hasPages = m_hasPages && m_page == page;
    m_page = page;
}

void RunSession::advance(SimTime target, std::chrono::nanoseconds budget) {
    run::Session& session = m_engine->session();
    const auto& duration = m_engine->scenario().run.duration;
    if (duration) {
        target = std::min(target, SimTime(*duration));
    }
    const auto begin = steady_clock::now();
    auto last = begin;
    // The instant that was asked for is not left half done: what had happened by then would depend on the machine.
    const auto isThere = [&] { return session.now() >= target && session.world().nextEventTime() > target; };
    const auto mayGoOn = [&] { return last - begin < budget || session.now() == target; };
    while (!isThere() && !hasEnded() && mayGoOn()) {
        if (!m_judgement || *m_judgement < session.now()) {  // steps go past it
            m_judgement = nextJudgement();
        }
        const SimTime judgement = *m_judgement;
        const SimTime far = target - session.now() > strideOfTime ? session.now() + strideOfTime : target;
        const SimTime stop = std::min(far, judgement);
        const auto processed = session.advance(stop, m_eventsAStride);
        if (!accept(processed)) {
            return;
        }
        m_checker.observe(session.world());
        MILLRACE_CHECK(!m_plantedCheck || session.now() < *m_plantedCheck, toText(session.now()));
        const auto now = steady_clock::now();
        if (*processed >= m_eventsAStride) {
            const double took = std::chrono::duration<double>(now - last).count();
            const double wanted = std::chrono::duration<double>(strideTarget).count();
            const double factor = std::clamp(wanted / std::max(took, 1e-7), 0.5, 2.0);
            m_eventsAStride = std::clamp<std::uint64_t>(
                static_cast<std::uint64_t>(static_cast<double>(m_eventsAStride) * factor), 50, 200000);
        }
        last = now;
        if (stop == judgement && session.world().nextEventTime() > judgement) {
            m_judgement.reset();
            judgeEnd(judgement);
        }
    }
    if (duration && session.now() >= SimTime(*duration)) {
        m_endReason = "the scenario's duration is over";
    }
}

/// By the simulated clock: where a run ends does not depend on how fast it is played. Nothing changes before the next
/// event; with it done, or when nothing has been left to do for long enough, it is looked at.
SimTime RunSession::nextJudgement() const {
    const run::Session& session = m_engine->session();
    const auto atOrAfter = [](SimTime time) {
        return SimTime{(time.time_since_epoch() + judgePeriod - SimDuration{1}) / judgePeriod * judgePeriod};
    };
    const SimTime event = session.world().nextEventTime();
    SimTime next = event == SimTime::max() ? SimTime{(session.now().time_since_epoch() / judgePeriod + 1) * judgePeriod}
                                           : atOrAfter(event);
    if (m_doneSince && atOrAfter(*m_doneSince + quietBeforeEnd) > session.now()) {
        next = std::min(next, atOrAfter(*m_doneSince + quietBeforeEnd));
    }
    return next;
}

/// It ends when nothing has been left to do for a while: what has done its work still puts its things away.
void RunSession::judgeEnd(SimTime now) {
    const auto& sources = m_engine->scenario().sources;
    const bool isFinite = !sources.empty() && std::all_of(sources.begin(), sources.end(),
                                                          [](const auto& source) { return source.isFinite(); });
    if (!isFinite) {
        return;
    }
    if (!run::waitingFor(m_engine->scenario(), m_engine->world()).empty()) {
        m_doneSince.reset();
        return;
    }
    m_doneSince = m_doneSince.value_or(now);
    const run::Session& session = m_engine->session();
    const End here{now, session.currentBranch(), session.inputs().size()};
    const bool isKnown = m_end && m_end->branch == here.branch && m_end->inputs == here.inputs && now >= m_end->at;
    if ((isKnown || now - *m_doneSince >= quietBeforeEnd) && !session.isInPast()) {
        m_end = isKnown ? m_end : here;
        const std::string shortcomings =
            run::shortcomingsOf(run::describeOrigins(m_engine->session().ledger()),
                                run::describeSystems(m_engine->scenario(), m_engine->world()));
        m_endReason = shortcomings.empty() ? "all is read, processed and written"
                                           : "nothing is left to be done, but " + shortcomings;
    }
}

void RunSession::step() {
    const SimTime next = m_engine->world().nextEventTime();
    if (next != SimTime::max()) {
        accept(m_engine->session().advance(next, 1));
    }
}

void RunSession::stepBack() {
    goOn();
    if (const std::uint64_t before = events(); before > 0) {
        accept(m_engine->session().seekToEvent(before - 1));
    }
}

void RunSession::seek(SimTime time, const std::atomic<bool>& isCancelled) {
    goOn();
    accept(m_engine->session().seek(time, [&isCancelled](double) { return !isCancelled; }));
}

ActionId RunSession::inject(const Command& command) {
    const Ref<const sim::Input> input = inputOf(command, m_engine->scenario());
    const auto* storable = dynamic_cast<const run::StorableInput*>(input.get());
    if (storable == nullptr || !storable->fits(m_engine->world())) {
        return {};
    }
    goOn();
    if (!accept(m_engine->session().inject(input))) {
        return {};
    }
    const run::Session& session = m_engine->session();
    const ActionId id{m_nextAction++};
    m_actions.emplace(id.value, Action{session.currentBranch(), session.inputs().size() - 1, input});
    return id;
}

void RunSession::revoke(ActionId action) {
    const auto found = m_actions.find(action.value);
    if (found == m_actions.end()) {
        return;
    }
    goOn();
    const Action& done = found->second;
    run::Session& session = m_engine->session();
    const auto stands = [&] {
        return done.index < session.inputs().size() && session.inputs()[done.index].input.get() == done.input.get();
    };
    if (!stands()) {
        session.switchTo(done.branch);
    }
    if (stands()) {
        accept(session.undoInput(done.index));
    }
}

void RunSession::reinstate(ActionId action) {
    const auto found = m_actions.find(action.value);
    if (found != m_actions.end()) {
        goOn();
        m_engine->session().switchTo(found->second.branch);
    }
}

void RunSession::switchBranch(std::uint32_t branch) {
    goOn();
    m_engine->session().switchTo(static_cast<int>(branch));
}

void RunSession::refreshJournal(Detail detail) {
    const run::Session& session = m_engine->session();
    const std::uint64_t end = session.world().journal().written();
    const auto wall = steady_clock::now();
    const bool isRecent = detail == Detail::WhileRunning && wall - m_journalAt < journalPeriod && m_journalEnd <= end;
    const bool isSame = m_journalEnd == end || isRecent;
    if (!m_journal || m_journalBranch != session.currentBranch() || !isSame) {
        m_journalAt = wall;
        m_journal = std::make_shared<observe::JournalPage>(run::describeJournal(session.world(), journalShownMax));
        m_journalBranch = session.currentBranch();
        m_journalEnd = end;
    }
}

/// What nobody has open is not described, and what stands still only once.
void RunSession::refreshPages(Detail detail) {
    const run::Session& session = m_engine->session();
    const auto wall = steady_clock::now();
    const bool isSame = m_pagesBranch == session.currentBranch() && m_pagesEvents == events();
    const bool isRecent = detail == Detail::WhileRunning && m_pagesBranch == session.currentBranch() &&
                          m_pagesEvents <= events() && wall - m_pagesAt < pagesPeriod;
    if (m_hasPages && (isSame || isRecent)) {
        return;
    }
    m_pages = scenario::describePage(session.world(), m_page);
    if (const std::string source(observe::nameOf(m_page.object)); observe::sourceId(source) == m_page.object) {
        m_pages.data = std::make_shared<observe::DataPage>(session.ledger().describeData(source));
    }
    m_hasPages = true;
    m_pagesBranch = session.currentBranch();
    m_pagesEvents = events();
    m_pagesAt = wall;
}

void RunSession::refreshSeries(Detail detail, const observe::StormView& storm) {
    // What lies to the right of a rewound head is drawn too: series are those of the furthest world.
    const run::Session& session = m_engine->session();
    const sim::World& furthest = session.furthestWorld();
    // A sample is closed as the clock passes its end: one that ends right now is not there yet.
    const std::int64_t sample = (furthest.now().time_since_epoch() - SimDuration{1}) / furthest.spec().sampleInterval;
    if (sample == m_seriesSample && m_seriesBranch == session.currentBranch()) {
        return;
    }
    const auto wall = steady_clock::now();
    if (detail == Detail::WhileRunning && m_seriesBranch == session.currentBranch() &&
        wall - m_seriesAt < std::max<steady_clock::duration>(seriesPeriod, m_seriesTook * seriesShare)) {
        return;
    }
    // Thousands of series are told in fewer points each, and less often: frames must not wait for them.
    const std::size_t count = std::max<std::size_t>(1, furthest.series().size());
    const std::size_t points = std::clamp(seriesPointsInAll / count, seriesPointsLeast, seriesPointsMax);
    m_series = withComponents(withTotals(run::describeSeries(furthest, points)), storm);
    m_seriesSample = sample;
    m_seriesBranch = session.currentBranch();
    m_seriesAt = steady_clock::now();
    m_seriesTook = m_seriesAt - wall;
}

void RunSession::fillRates(observe::Snapshot& snapshot) const {
    for (observe::SourceView& source : snapshot.sources) {
        source.recordsPerSecond = newestRate(m_series, source.producer, "records sent", now());
    }
    for (observe::ProducerView& producer : snapshot.cluster.producers) {
        producer.recordsPerSecond = newestRate(m_series, producer.id, "records sent", now());
    }
    for (observe::SinkView& sink : snapshot.sinks) {
        sink.rowsPerSecond = newestRate(m_series, sink.id, "written", now());
    }
}

observe::Snapshot RunSession::snapshot(Detail detail) {
    observe::Snapshot snapshot;
    const run::Session& session = m_engine->session();
    const sim::World& world = session.world();
    snapshot.run = run::describeRun(session);
    snapshot.run.scenario = m_title;
    snapshot.run.about = m_engine->scenario().about;
    snapshot.run.endReason = m_endReason;
    snapshot.run.hasFailed = m_hasFailed;
    snapshot.run.problems = m_problems;
    for (const lab::InvariantStatus& status : m_checker.status()) {
        observe::InvariantView& view = snapshot.run.invariants.emplace_back();
        view.name = status.name;
        std::replace(view.name.begin(), view.name.end(), '-', ' ');
        view.checked = static_cast<std::int64_t>(status.checked);
        view.holds = status.holds();
        view.statement = status.statement;
        if (status.first) {
            view.firstViolation = status.first->text;
            view.violatedAt = status.first->time;
            view.entry = status.first->entry.value;
        }
    }
    if (m_engine->scenario().run.duration) {
        snapshot.run.end = SimTime(*m_engine->scenario().run.duration);
    }
    static_cast<observe::SystemViews&>(snapshot) = run::describeSystems(m_engine->scenario(), world);
    snapshot.waits = run::describeWaits(world, snapshot);
    run::addOrigins(snapshot.cluster, snapshot.run.origins);
    snapshot.flights = run::describeFlights(world, flightsMax);
    refreshJournal(detail);
    refreshSeries(detail, snapshot.storm);
    refreshPages(detail);
    snapshot.pages = m_pages;
    snapshot.journal = m_journal;
    snapshot.series = m_series;
    fillRates(snapshot);
    return snapshot;
}

}  // namespace millrace::bridge
