#include "engine/sim/link.h"

#include <QtTest/QTest>

#include <algorithm>
#include <cmath>

#include "tests/sim/demo_actors.h"

using namespace millrace;
using namespace millrace::sim;
using namespace millrace::sim::demo;
using namespace std::chrono_literals;

namespace {

constexpr SimDuration patience = 1s;
constexpr Backoff doubling{100ms, 1s};

struct Alarm final : MessageBase<Alarm> {
    static constexpr std::string_view Name = "demo.LinkAlarm";
    bool isRest;
    std::uint64_t round;
    Alarm(bool rest, std::uint64_t of) : isRest(rest), round(of) {}
    void digest(Digest& digest) const override {
        digest.add(isRest);
        digest.add(round);
    }
};

/// Asks the server on "a" something as soon as it may and again each 100 ms, one question at a time, and writes down
/// what becomes of it. With `asksOnce` it asks its question once.
class Talker final : public ActorBase<Talker> {
public:
    Talker(LinkWatch watch, bool once) : link(watch), asksOnce(once), m_watch(watch) {}
    Link link;
    SharedLog<std::string> story;
    std::vector<SimTime> attempts;
    std::uint64_t asked = 0;
    std::uint64_t answered = 0;
    bool asksOnce;

    void start(Context& context) override { open(context); }
    void handle(Context& context, const Message& message) override {
        if (const auto* alarm = message.as<Alarm>()) {
            onAlarm(context, *alarm);
        } else if (message.as<Tick>() != nullptr) {
            ask(context);
        } else if (link.owns(context.connection())) {
            onNews(context, link.read(context, message), message);
        }
    }

private:
    void open(Context& context) {
        attempts.push_back(context.now());
        link.open(context, context.findHost("a"), Port{9}, 5s);
    }
    void ask(Context& context) {
        if (link.isIdle() && !(asksOnce && asked > 0)) {
            ++asked;
            link.request(context, makeRef<Number>(1), asked, patience,
                         [](std::uint64_t round) { return makeRef<Alarm>(false, round); });
        }
    }
    void rest(Context& context, std::string_view why) {
        tell(context, why);
        for (const Link::Tag tag : link.takeUnanswered(context)) {
            tell(context, fmt::format("{} was not answered", tag));
        }
        context.journal({"demo.lost", Severity::Warning, "the server is lost", {}});
        link.backOff(context, doubling, [](std::uint64_t round) { return makeRef<Alarm>(true, round); });
    }
    void onAlarm(Context& context, const Alarm& alarm) {
        if (alarm.isRest) {
            link.endRest();
            open(context);
            return;
        }
        const bool isLate = m_watch == LinkWatch::First || m_watch == LinkWatch::FirstOfConnection
                                ? (m_watch == LinkWatch::First || alarm.round == link.round()) &&
                                      link.isOverdue(context, [](std::uint64_t r) { return makeRef<Alarm>(false, r); })
                                : m_watch == LinkWatch::EachUntilAnswered || link.due(alarm.round) == Link::Due::Answer;
        if (isLate) {
            rest(context, "late");
        }
    }
    void onNews(Context& context, Link::News news, const Message& message) {
        if (news == Link::News::Opened) {
            tell(context, "opened");
            ask(context);
        } else if (news == Link::News::Lost) {
            rest(context, lossOf(message));
        } else if (news == Link::News::Message) {
            ++answered;
            if (m_watch == LinkWatch::EachUntilAnswered) {
                link.answered(context, asked);
            } else {
                link.answered();
            }
            context.arm(100ms, makeRef<Tick>());
        }
    }
    void tell(Context& context, std::string_view what) {
        story.append(fmt::format("{:.1f} {}", seconds(context.now()), what));
    }
    LinkWatch m_watch;
};

class TalkerBlueprint final : public Blueprint {
public:
    TalkerBlueprint(LinkWatch watch, bool once) : m_watch(watch), m_once(once) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(Context& context) const override { context.addActor("main", makeRef<Talker>(m_watch, m_once)); }

private:
    std::string m_name = "talker";
    LinkWatch m_watch;
    bool m_once;
};

World talking(LinkWatch watch, bool once = false, bool hasServer = true) {
    World world(WorldSpec{.seed = 7});
    const HostId a = world.addHost(HostSpec{.name = "a"});
    const HostId b = world.addHost(HostSpec{.name = "b"});
    if (hasServer) {
        world.addProcess(a, server());
    }
    world.addProcess(b, makeRef<TalkerBlueprint>(watch, once));
    return world;
}

const Talker& talkerOf(const World& world) {
    return *world.findActor<Talker>("talker/main");
}

QStringList storyOf(const World& world) {
    QStringList lines;
    for (const std::string& line : talkerOf(world).story) {
        lines.append(QString::fromStdString(line));
    }
    return lines;
}

void addWatches() {
    QTest::addColumn<int>("watch");
    QTest::newRow("one alarm at a time") << static_cast<int>(LinkWatch::First);
    QTest::newRow("one alarm at a time, of its connection") << static_cast<int>(LinkWatch::FirstOfConnection);
    QTest::newRow("one for each request") << static_cast<int>(LinkWatch::Each);
    QTest::newRow("one for each request, cancelled") << static_cast<int>(LinkWatch::EachUntilAnswered);
}

}  // namespace

class TestLink : public QObject {
    Q_OBJECT

private slots:
    void whateverIsAnsweredInTimeIsNeverTakenForLate_data() { addWatches(); }
    void whateverIsAnsweredInTimeIsNeverTakenForLate() {
        QFETCH(int, watch);
        World world = talking(static_cast<LinkWatch>(watch));
        world.run(atNanoseconds(10'000'000'000));
        QCOMPARE(storyOf(world), QStringList{QStringLiteral("0.0 opened")});
        QVERIFY(talkerOf(world).answered > 90);
    }

    void aSilentPeerIsGivenUpAndTheCauseIsWhatSilencedIt_data() { addWatches(); }
    void aSilentPeerIsGivenUpAndTheCauseIsWhatSilencedIt() {
        QFETCH(int, watch);
        World world = talking(static_cast<LinkWatch>(watch));
        world.scheduleFault(atNanoseconds(550'000'000), fault(FaultKind::Pause, "process:server", 4s));
        world.run(atNanoseconds(1'650'000'000));
        const QStringList story = storyOf(world);
        QCOMPARE(story.size(), 3);
        QCOMPARE(story[1], QStringLiteral("1.6 late"));
        QVERIFY(story[2].endsWith(QStringLiteral("was not answered")));
        QVERIFY(talkerOf(world).link.isBackingOff());
        const JournalEntry* lost = world.journal().find(world.journal().lastId());
        QVERIFY(lost != nullptr);
        QCOMPARE(lost->kind, std::string_view{"demo.lost"});
        const JournalEntry* cause = world.journal().find(lost->cause);
        QVERIFY2(cause != nullptr, "the silence has no cause");
        QCOMPARE(cause->kind, std::string_view{"sim.fault-injected"});
    }

    void anAlarmOfTheConnectionBeforeIsStale_data() { addWatches(); }
    void anAlarmOfTheConnectionBeforeIsStale() {
        QFETCH(int, watch);
        World world = talking(static_cast<LinkWatch>(watch));
        world.scheduleFault(atNanoseconds(550'000'000), fault(FaultKind::Crash, "process:server", 100ms));
        world.run(atNanoseconds(5'000'000'000));
        const QStringList story = storyOf(world);
        QVERIFY2(!story.filter(QStringLiteral("connection reset")).isEmpty(), qPrintable(story.join(u'\n')));
        QVERIFY2(story.filter(QStringLiteral("late")).isEmpty(), qPrintable(story.join(u'\n')));
        QVERIFY(talkerOf(world).link.isOpen());
    }

    void restsDoubleUpToTheirMost() {
        World world = talking(LinkWatch::First, false, false);
        world.run(atNanoseconds(5'000'000'000));
        const std::vector<SimTime>& attempts = talkerOf(world).attempts;
        std::vector<int> rests;
        for (std::size_t i = 1; i < attempts.size(); ++i) {
            rests.push_back(static_cast<int>(seconds(attempts[i] - attempts[i - 1]) * 10));  // without the way there
        }
        QCOMPARE(rests, (std::vector<int>{1, 2, 4, 8, 10, 10, 10}));
        QVERIFY(storyOf(world).first().endsWith(QStringLiteral("connection refused")));
    }

    void afterAnOpeningTheFirstRestIsShortAgain() {
        World world = talking(LinkWatch::First, false, false);
        world.run(atNanoseconds(1'600'000'000));
        World later = world;
        later.addProcess(later.findHost("a"), server(), later.now());
        later.scheduleFault(atNanoseconds(4'000'000'000), fault(FaultKind::Crash, "process:server"));
        later.run(atNanoseconds(4'150'000'000));
        const std::vector<SimTime>& attempts = talkerOf(later).attempts;
        QVERIFY(seconds(attempts.back()) > 4.0);
        QVERIFY(seconds(attempts.back()) < 4.15);
    }

    void whatIsClosedForgetsWhatIsUnderWay() {
        World world = talking(LinkWatch::Each, true);
        world.scheduleFault(atNanoseconds(0), fault(FaultKind::Pause, "process:server", 10s));
        world.run(atNanoseconds(1'100'000'000));
        QCOMPARE(talkerOf(world).link.inFlight(), std::size_t{0});
        QVERIFY(!talkerOf(world).link.isOpen());
    }

    void aConnectionIsFoundUntilItIsForgotten() {
        LinkIndex<int> index;
        for (const int key : {5, 1, 9}) {
            index.note(ConnectionId{static_cast<std::uint64_t>(key) * 10}, key);
        }
        QCOMPARE(*index.find(ConnectionId{10}), 1);
        QCOMPARE(*index.find(ConnectionId{90}), 9);
        QVERIFY(!index.contains(ConnectionId{20}));
        index.forget(ConnectionId{10});
        index.forget(ConnectionId{20});
        index.forget(noConnection);
        QVERIFY(!index.contains(ConnectionId{10}));
        QVERIFY(index.contains(ConnectionId{50}) && index.contains(ConnectionId{90}));
    }

    void aRestIsDrawnAroundItsLengthAndOnlyIfAsked() {
        RandomStream drawn(1, "rests");
        QCOMPARE((Backoff{24h, 100h}.after(30, drawn)), SimDuration{100h});
        QCOMPARE((Backoff{100'000h, 2'000'000h}.after(40, drawn)), SimDuration{2'000'000h});
        const Backoff jittery{50ms, 1s, 0.2, 0s};
        const Backoff late{0s, 0s, 0, 1s};
        for (std::uint32_t failures = 0; failures < 40; ++failures) {
            const double base = std::min(0.05 * std::pow(2.0, failures), 1.0);
            const double rest = seconds(jittery.after(failures, drawn));
            QVERIFY(rest >= 0.8 * base && rest <= 1.2 * base);
            QVERIFY(late.after(failures, drawn) < SimDuration{1s});
        }
        RandomStream untouched(1, "rests");
        RandomStream same(1, "rests");
        QCOMPARE(Backoff::constant(70ms).after(9, untouched), SimDuration{70ms});
        QCOMPARE(untouched.below(1'000'000), same.below(1'000'000));
    }
};

QTEST_APPLESS_MAIN(TestLink)
#include "tst_link.moc"
