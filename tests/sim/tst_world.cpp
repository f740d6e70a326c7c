#include <QtTest/QTest>
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "engine/sim/world.h"
#include "tests/sim/demo_actors.h"

using namespace millrace;
using namespace millrace::sim;
using namespace millrace::sim::demo;
using namespace std::chrono_literals;

namespace {

constexpr SimTime at(double s) {
    return SimTime{fromSeconds(s)};
}

/// Draws a number every millisecond, tells the others of its process, writes effects.
class Gambler final : public ActorBase<Gambler> {
public:
    std::uint64_t total = 0;
    bool drawsOneMore = false;
    std::int64_t offset = 0;

    void start(Context& context) override { context.arm(1ms, makeRef<Tick>()); }
    void handle(Context& context, const Message&) override {
        context.spend(std::chrono::microseconds{static_cast<std::int64_t>(context.random().below(300))});
        if (drawsOneMore && context.now() > at(0.5)) {
            drawsOneMore = false;
            (void)context.random().next();
        }
        total += context.random().below(100);
        if (total % 7 == 0) {
            context.effect(makeRef<Said>(fmt::format("{} {}", total, offset)));
        }
        context.arm(1ms, makeRef<Number>(static_cast<std::int64_t>(total % 10) + offset));
    }

private:
    struct Said final : Effect {
        std::string to = "sink:test";
        std::string text;
        explicit Said(std::string t) : text(std::move(t)) {}
        [[nodiscard]] const std::string& destination() const override { return to; }
        void digest(Digest& digest) const override { digest.add(text); }
        [[nodiscard]] std::string summary() const override { return text; }
    };
};

Ref<const Blueprint> gambler(std::int64_t change = 0) {
    return makeRef<DemoBlueprint>(
        "gambler",
        [](Context& context, const DemoBlueprint& self) {
            for (int i = 0; i < 3; ++i) {
                auto actor = makeRef<Gambler>();
                actor->drawsOneMore = i == 1 && self.number == 1;
                actor->offset = i == 1 && self.number == 2 ? 1 : 0;
                context.addActor(fmt::format("g{}", i), std::move(actor));
            }
        },
        std::string{}, change);
}

World casino(std::uint64_t seed, std::int64_t change = 0) {
    World world = pair(seed);
    world.addProcess(world.addHost(HostSpec{.name = "c", .cores = 2}), gambler(change));
    world.scheduleFault(at(0.3), fault(FaultKind::Crash, "process:server", 200ms));
    world.scheduleFault(at(0.6), fault(FaultKind::Loss, "link:a-b", 300ms, 0.1));
    return world;
}

class CrashInput final : public Input {
public:
    void apply(World& world) const override { world.injectFault(fault(FaultKind::Crash, "process:client")); }
    void digest(Digest& digest) const override { digest.add("crash client"); }
    [[nodiscard]] std::string summary() const override { return "crash client"; }
};

/// Spends 10 ms for each number, in parallel with its siblings.
class Worker final : public ActorBase<Worker> {
public:
    SimTime lastDone;
    int done = 0;
    void start(Context& context) override {
        for (int i = 0; i < 4; ++i) {
            context.send(context.self(), makeRef<Number>(i));
        }
    }
    void handle(Context& context, const Message& message) override {
        if (message.as<Number>() != nullptr) {
            context.spend(10ms);
            context.send(context.self(), makeRef<Tick>());
        } else {
            ++done;
            lastDone = context.now();
        }
    }
};

constexpr Metric looksMetric{"looks", "counting", MetricKind::Counter};
constexpr Metric levelMetric{"level", "idle"};
constexpr Metric seldomMetric{"seldom", "counting", MetricKind::Counter};

}  // namespace

class TestWorld : public QObject {
    Q_OBJECT
private slots:
    void theSameSeedGivesTheSameFingerprintAndAnotherSeedAnother() {
        World first = casino(7);
        World second = casino(7);
        World other = casino(8);
        first.run(at(2));
        second.run(at(2));
        other.run(at(2));
        QCOMPARE(first.fingerprint(), second.fingerprint());
        QCOMPARE(first.eventsProcessed(), second.eventsProcessed());
        QVERIFY(first.fingerprint() != other.fingerprint());
    }

    void oneDrawOrOneByteMoreChangesTheFingerprint() {
        World plain = casino(7);
        World oneDraw = casino(7, 1);
        World oneByte = casino(7, 2);
        for (World* world : {&plain, &oneDraw, &oneByte}) {
            world->run(at(1));
        }
        QVERIFY(plain.fingerprint() != oneDraw.fingerprint());
        QVERIFY(plain.fingerprint() != oneByte.fingerprint());
    }

    void runningInPiecesAndLookingChangesNothing() {
        World whole = casino(7);
        whole.run(at(2));
        World pieces = casino(7);
        for (int i = 1; i <= 2000; ++i) {
            pieces.run(at(i / 1000.0));
            (void)pieces.nextEventTime();
            (void)pieces.findActor("server/main");
            (void)pieces.series().size();
        }
        QCOMPARE(pieces.fingerprint(), whole.fingerprint());
        QCOMPARE(pieces.eventsProcessed(), whole.eventsProcessed());
    }

    void aCheckpointContinuesToTheSameEndWhileTheOriginalRunsOn() {
        World world = casino(7);
        world.run(at(0.35));
        const World checkpoint = world;
        const std::uint64_t then = checkpoint.fingerprint();
        world.run(at(2));
        QCOMPARE(checkpoint.fingerprint(), then);
        World restored = checkpoint;
        restored.run(at(2));
        QCOMPARE(restored.fingerprint(), world.fingerprint());
        QCOMPARE(restored.journal().size(), world.journal().size());
        QCOMPARE(restored.takeEffects().size(), world.takeEffects().size());
    }

    void aForkAgreesUntilTheFirstDifferentInput() {
        World world = casino(7);
        world.run(at(0.2));
        World fork = world;
        world.run(at(0.7));
        fork.run(at(0.7));
        QCOMPARE(fork.fingerprint(), world.fingerprint());
        fork.apply(CrashInput{});
        QVERIFY(fork.fingerprint() != world.fingerprint());
        fork.run(at(1));
        world.run(at(1));
        QVERIFY(fork.fingerprint() != world.fingerprint());
        QVERIFY(world.findActor("client/main") != nullptr);
        QVERIFY(fork.findActor("client/main") == nullptr);
    }

    void theTimeOfAnInputIsPartOfTheFingerprint() {
        World world = pair();
        world.run(at(0.2));
        World later = world;
        later.passTo(std::min(later.nextEventTime(), later.now() + 1us));
        QVERIFY(later.now() > world.now());
        QCOMPARE(later.fingerprint(), world.fingerprint());
        world.apply(CrashInput{});
        later.apply(CrashInput{});
        QVERIFY(later.fingerprint() != world.fingerprint());
    }

    void effectsAreNumberedInOrderAndLeaveOnce() {
        World world = casino(7);
        world.run(at(0.5));
        const auto first = world.takeEffects();
        QVERIFY(!first.empty());
        QVERIFY(world.takeEffects().empty());
        world.run(at(1));
        const auto second = world.takeEffects();
        std::uint64_t expected = 1;
        for (const auto* batch : {&first, &second}) {
            for (const NumberedEffect& effect : *batch) {
                QCOMPARE(effect.number.value, expected++);
            }
        }
    }

    void actorsShareTheCoresOfTheirHost_data() {
        QTest::addColumn<int>("cores");
        QTest::addColumn<double>("slow");
        QTest::addColumn<double>("expected");
        QTest::addRow("1 core") << 1 << 1.0 << 0.120;
        QTest::addRow("2 cores") << 2 << 1.0 << 0.060;
        QTest::addRow("3 cores") << 3 << 1.0 << 0.040;
        QTest::addRow("8 cores: one actor is one at a time") << 8 << 1.0 << 0.040;
        QTest::addRow("3 cores, twice as slow") << 3 << 2.0 << 0.080;
    }
    void actorsShareTheCoresOfTheirHost() {
        QFETCH(int, cores);
        QFETCH(double, slow);
        QFETCH(double, expected);
        World world;
        const HostId host = world.addHost(HostSpec{.name = "h", .cores = static_cast<std::uint32_t>(cores)});
        world.addProcess(host, makeRef<DemoBlueprint>("workers", [](Context& context, const DemoBlueprint&) {
                             for (int i = 0; i < 3; ++i) {
                                 context.addActor(fmt::format("w{}", i), makeRef<Worker>());
                             }
                         }));
        if (slow != 1.0) {
            world.injectFault(fault(FaultKind::SlowCpu, "host:h", {}, slow));
        }
        world.run(at(1));
        SimTime last;
        for (int i = 0; i < 3; ++i) {
            const auto* worker = world.findActor<Worker>(fmt::format("workers/w{}", i));
            QCOMPARE(worker->done, 4);
            last = std::max(last, worker->lastDone);
        }
        QCOMPARE(seconds(last), expected);
        QCOMPARE(seconds(world.host(host).cpuTime), 0.12 * slow);
    }

    void whatAHandlerDidIsUndoneWhenItsProcessDiesBeforeItsTimeHasPassed() {
        World world;
        const HostId host = world.addHost(HostSpec{.name = "h", .cores = 1});
        world.addProcess(host, makeRef<DemoBlueprint>("worker", [](Context& context, const DemoBlueprint&) {
                             struct Careless final : ActorBase<Careless> {
                                 void start(Context& context) override {
                                     context.spend(10ms);
                                     (void)context.append("file", makeRef<TextChunk>("text"));
                                     context.journal({"demo.wrote", Severity::Notice, "wrote", {}});
                                 }
                                 void handle(Context&, const Message&) override {}
                             };
                             context.addActor("main", makeRef<Careless>());
                         }));
        World survives = world;
        survives.run(at(1));
        QVERIFY(survives.diskOf(survives.findProcess("worker")).find("file") != nullptr);
        world.scheduleFault(at(0.005), fault(FaultKind::Crash, "process:worker"));
        world.run(at(1));
        QVERIFY(world.diskOf(world.findProcess("worker")).find("file") == nullptr);
        QCOMPARE(world.host(host).coresBusy, 0U);
        QCOMPARE(world.journal().size(), 1U);
    }

    void cancelledTimersDoNotFireAndOthersDo() {
        struct Canceller final : ActorBase<Canceller> {
            int fired = 0;
            TimerId timer;
            void start(Context& context) override {
                timer = context.arm(100ms, makeRef<Number>(1));
                context.arm(200ms, makeRef<Number>(2));
                context.arm(50ms, makeRef<Tick>());
                for (int i = 0; i < 2000; ++i) {
                    context.cancel(context.arm(1h, makeRef<Number>(4)));
                }
            }
            void handle(Context& context, const Message& message) override {
                if (message.as<Tick>() != nullptr) {
                    context.cancel(timer);
                } else {
                    fired += static_cast<int>(message.as<Number>()->value);
                    context.cancel(timer);
                }
            }
        };
        World world;
        world.addProcess(world.addHost(HostSpec{.name = "h"}),
                         makeRef<DemoBlueprint>("p", [](Context& context, const DemoBlueprint&) {
                             context.addActor("main", makeRef<Canceller>());
                         }));
        world.run(SimTime{2h});
        QCOMPARE(world.findActor<Canceller>("p/main")->fired, 2);
    }

    void samplesAreClosedEveryHundredMillisecondsWhoeverWatches() {
        World whole = casino(7);
        whole.run(at(2));
        World pieces = casino(7);
        for (int i = 1; i <= 40; ++i) {
            pieces.run(at(i * 0.05));
        }
        const auto a = whole.series().find("server/main", "sum");
        const auto b = pieces.series().find("server/main", "sum");
        QVERIFY(a && b);
        QVERIFY(a->points().size() >= 16);
        QCOMPARE(a->points().size(), b->points().size());
        for (std::uint64_t i = 0; i < a->points().size(); ++i) {
            QCOMPARE(a->points()[i].sum, b->points()[i].sum);
            QCOMPARE(nanoseconds(a->points()[i].time), nanoseconds(b->points()[i].time));
        }
    }

    void figuresThatAreManyAreSampledOnceASecondAndTheirRatesAreRight() {
        struct Counting final : ActorBase<Counting> {
            void start(Context& context) override { context.arm(100ms, makeRef<Tick>()); }
            void handle(Context& context, const Message&) override {
                ++looks;
                context.arm(100ms, makeRef<Tick>());
            }
            void sample(MetricSink& sink) const override {
                sink.add(looksMetric, looks);
                if (MetricSink* every = sink.everySecond()) {
                    every->add(seldomMetric, looks, "a");
                    every->add(seldomMetric, 2 * looks, "b");
                }
            }
            double looks = 0;
        };
        World world = pair();
        world.addProcess(world.findHost("a"), makeRef<DemoBlueprint>("counting", [](Context& context, const auto&) {
                             context.addActor("main", makeRef<Counting>());
                         }));
        world.run(at(5.05));
        const auto often = world.series().find("counting/main", "looks");
        const auto seldom = world.series().find("counting/main", "seldom", "a");
        QVERIFY(often && seldom);
        QCOMPARE(often->points().size(), 50U);
        QCOMPARE(seldom->points().size(), 5U);
        QCOMPARE(seldom->interval(), SimDuration{1s});
        for (std::uint64_t i = 1; i < seldom->points().size(); ++i) {
            QCOMPARE(seldom->points()[i].sum, 10.0);
        }
        QCOMPARE(world.ratePerSecond("counting/main", looksMetric), 10.0);
        QCOMPARE(world.ratePerSecond("counting/main", seldomMetric, "a"), 10.0);
        QCOMPARE(world.ratePerSecond("counting/main", seldomMetric, "b"), 20.0);
        std::vector<std::string> names;
        world.series().forEach([&](const Series& series) {
            names.push_back(series.id().owner + " " + series.id().name + " " + series.id().label);
        });
        QVERIFY(std::is_sorted(names.begin(), names.end()));
        QCOMPARE(names.size(), world.series().size());
    }

    void whoHandlesNothingIsNotAskedForItsFiguresAndStandsAsItDid() {
        struct Idle final : ActorBase<Idle> {
            void start(Context& context) override { context.arm(2050ms, makeRef<Tick>()); }
            void handle(Context&, const Message&) override { level = 7; }
            void sample(MetricSink& sink) const override {
                ++asked;
                sink.add(levelMetric, level);
            }
            double level = 3;
            mutable int asked = 0;
        };
        World world = pair();
        world.addProcess(world.findHost("a"), makeRef<DemoBlueprint>("idle", [](Context& context, const auto&) {
                             context.addActor("main", makeRef<Idle>());
                         }));
        world.run(at(4.05));
        QCOMPARE(world.findActor<Idle>("idle/main")->asked, 4);  // after each change, and at the second after it
        const auto series = world.series().find("idle/main", "level");
        QVERIFY(series);
        QCOMPARE(series->points().size(), 40U);
        for (const Series::Point& point : series->points()) {
            QCOMPARE(point.sum, point.time < at(2.05) ? 3.0 : 7.0);
            QCOMPARE(point.count, 1U);
        }
        // Down from 5.05 s on, and up again two seconds later: nothing is measured meanwhile.
        world.scheduleFault(at(5.05), fault(FaultKind::Crash, "process:idle"));
        world.scheduleFault(at(7.05), fault(FaultKind::Restart, "process:idle"));
        world.run(at(9.05));
        const auto points = world.series().find("idle/main", "level")->points();
        QCOMPARE(points.size(), 50U + 20U);
        QCOMPARE(nanoseconds(points[49].time), nanoseconds(at(5)));
        QCOMPARE(nanoseconds(points[50].time), nanoseconds(at(7.1)));
        QCOMPARE(points[50].sum, 3.0);
        QCOMPARE(nanoseconds(points.back().time), nanoseconds(at(9)));
    }

    void fingerprintsBySecondTellWhereTwoRunsPart() {
        World world = pair();
        World other = pair();
        other.scheduleFault(at(2.5), fault(FaultKind::Crash, "process:server"));
        world.run(at(4.5));
        for (int i = 1; i <= 9; ++i) {
            other.run(at(i * 0.5));
        }
        QCOMPARE(world.fingerprintsBySecond().size(), 4U);
        QCOMPARE(other.fingerprintsBySecond().size(), 4U);
        for (std::uint64_t second = 0; second < 4; ++second) {
            QCOMPARE(world.fingerprintsBySecond()[second] == other.fingerprintsBySecond()[second], second < 2);
        }
    }
};

QTEST_APPLESS_MAIN(TestWorld)
#include "tst_world.moc"
