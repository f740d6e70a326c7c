#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <stdexcept>
#include <utility>

#include "engine/base/random.h"
#include "engine/base/resident.h"
#include "engine/run/checkpoint_thinning.h"
#include "engine/run/effect_pump.h"
#include "engine/run/recording.h"
#include "engine/run/session.h"
#include "engine/run/story.h"
#include "tests/sim/demo_actors.h"

using namespace millrace;
using namespace millrace::sim;
using namespace millrace::sim::demo;
using namespace millrace::run;
using namespace std::chrono_literals;

namespace {

constexpr SimTime at(double s) {
    return SimTime{fromSeconds(s)};
}

struct Said final : Effect {
    std::string to = "sink:test";
    std::string text;
    explicit Said(std::string t) : text(std::move(t)) {}
    [[nodiscard]] const std::string& destination() const override { return to; }
    void digest(Digest& digest) const override { digest.add(text); }
    [[nodiscard]] std::string summary() const override { return text; }
};

/// Writes an effect every 5 ms; a Number from outside changes what it says.
class Speaker final : public ActorBase<Speaker> {
public:
    std::int64_t heard = 0;
    void start(Context& context) override { context.arm(5ms, makeRef<Tick>()); }
    void handle(Context& context, const Message& message) override {
        if (const auto* number = message.as<Number>()) {
            heard += number->value;
            return;
        }
        context.spend(std::chrono::microseconds{static_cast<std::int64_t>(context.random().below(500))});
        context.effect(makeRef<Said>(fmt::format("{} {}", context.random().below(1000), heard)));
        context.arm(5ms, makeRef<Tick>());
    }
};

class Tell final : public Input {
public:
    explicit Tell(std::int64_t value) : m_value(value) {}
    void apply(World& world) const override {
        world.deliver(world.findActorId("speaker/main"), makeRef<Number>(m_value));
    }
    void digest(Digest& digest) const override { digest.add(m_value); }
    [[nodiscard]] std::string summary() const override { return fmt::format("tell {}", m_value); }

private:
    std::int64_t m_value;
};

/// Ten kilobytes that are under way for a second, every 5 ms.
struct Parcel final : MessageBase<Parcel> {
    static constexpr std::string_view Name = "test.Parcel";
    std::string content = std::string(10'000, 'x');
    void digest(Digest& digest) const override { digest.add(content.size()); }
};
class Carrier final : public ActorBase<Carrier> {
public:
    void start(Context& context) override { context.arm(5ms, makeRef<Tick>()); }
    void handle(Context& context, const Message& message) override {
        if (message.as<Tick>() != nullptr) {
            context.arm(1s, makeRef<Parcel>());
            context.arm(5ms, makeRef<Tick>());
        }
    }
};

World stage() {
    World world = pair(3);
    world.addProcess(world.findHost("a"), makeRef<DemoBlueprint>("speaker", [](Context& context, const DemoBlueprint&) {
                         context.addActor("main", makeRef<Speaker>());
                     }));
    return world;
}

/// Checkpoints at every opportunity, so that the tests meet many.
constexpr SessionOptions eager{.checkpointSeconds = 0, .checkpointEventsMin = 100};

std::int64_t heardBy(const World& world) {
    return world.findActor<Speaker>("speaker/main")->heard;
}

}  // namespace

class TestSession : public QObject {
    Q_OBJECT
private slots:
    void anyPastInstantShowsWhatWasShownThen_data() {
        QTest::addColumn<int>("seed");
        for (int seed = 1; seed <= 5; ++seed) {
            QTest::addRow("seed %d", seed) << seed;
        }
    }
    void anyPastInstantShowsWhatWasShownThen() {
        QFETCH(int, seed);
        RandomStream random(static_cast<std::uint64_t>(seed), "session");
        Session session(stage(), {}, eager);
        struct Seen {
            SimTime time;
            std::uint64_t events;
            std::uint64_t fingerprint;
        };
        std::vector<Seen> seen;
        for (int i = 0; i < 60; ++i) {
            QVERIFY(session.advance(session.now() + SimDuration{static_cast<std::int64_t>(random.below(100'000'000))})
                        .has_value());
            if (random.below(4) == 0) {
                QVERIFY(session.inject(makeRef<Tell>(static_cast<std::int64_t>(random.below(100)))).has_value());
                // What is visited later is the instant with the input in it.
            }
            QVERIFY(session.advance(session.now() + 1ns).has_value());
            seen.push_back({session.now(), session.world().eventsProcessed(), session.world().fingerprint()});
        }
        QVERIFY(session.checkpointTimes().size() > 10);
        for (int i = 0; i < 100; ++i) {
            const Seen& wanted = seen[random.below(seen.size())];
            QVERIFY(session.seek(wanted.time).has_value());
            QCOMPARE(session.now(), wanted.time);
            QCOMPARE(session.world().eventsProcessed(), wanted.events);
            QCOMPARE(session.world().fingerprint(), wanted.fingerprint);
        }
        QVERIFY(session.seek(at(1000)).has_value());
        QCOMPARE(session.world().fingerprint(), seen.back().fingerprint);
        QVERIFY(!session.isInPast());
        QCOMPARE(session.branches().size(), 1U);
    }

    void playingOnFromThePastContinuesTheSameRun() {
        Session session(stage(), {}, eager);
        QVERIFY(session.advance(at(1)).has_value());
        QVERIFY(session.inject(makeRef<Tell>(5)).has_value());
        QVERIFY(session.advance(at(2)).has_value());
        Session straight(stage(), {}, eager);
        QVERIFY(straight.advance(at(1)).has_value());
        QVERIFY(straight.inject(makeRef<Tell>(5)).has_value());
        QVERIFY(straight.advance(at(3)).has_value());

        QVERIFY(session.seek(at(0.5)).has_value());
        QVERIFY(session.isInPast());
        QVERIFY(session.advance(at(3)).has_value());
        QVERIFY(!session.isInPast());
        QCOMPARE(session.world().fingerprint(), straight.world().fingerprint());
        QCOMPARE(session.inputs().size(), 1U);
    }

    void effectsAreCarriedOutOncePerBranchWhateverIsVisited() {
        std::vector<std::string> carried;
        Session session(
            stage(),
            [&](std::vector<NumberedEffect> effects) -> Result<void> {
                for (const NumberedEffect& effect : effects) {
                    carried.push_back(effect.effect->summary());
                }
                return {};
            },
            eager);
        QVERIFY(session.advance(at(1)).has_value());
        const std::vector<std::string> first = carried;
        QVERIFY(first.size() > 150);
        QVERIFY(session.seek(at(0.2)).has_value());
        QVERIFY(session.advance(at(0.7)).has_value());
        QCOMPARE(carried, first);
        QVERIFY(session.inject(makeRef<Tell>(1)).has_value());
        QVERIFY(session.advance(at(2)).has_value());
        QCOMPARE(carried, first);  // A branch writes nowhere unless told where.
        session.switchTo(0);
        QVERIFY(session.advance(at(1.5)).has_value());
        QVERIFY(carried.size() > first.size());
        QVERIFY(std::equal(first.begin(), first.end(), carried.begin()));
    }

    void anInputInThePastStartsABranchAndBothFuturesAreKept() {
        Session session(stage(), {}, eager);
        QVERIFY(session.advance(at(2)).has_value());
        const std::uint64_t original = session.world().fingerprint();
        QVERIFY(session.seek(at(1)).has_value());
        QVERIFY(session.inject(makeRef<Tell>(42)).has_value());
        QVERIFY(!session.isInPast());
        QVERIFY(session.advance(at(2)).has_value());
        QCOMPARE(heardBy(session.world()), 42);
        QVERIFY(session.world().fingerprint() != original);
        const auto branches = session.branches();
        QCOMPARE(branches.size(), 2U);
        QCOMPARE(branches[1].parent, 0);
        QCOMPARE(branches[1].forkTime, at(1));
        session.switchTo(0);
        QCOMPARE(session.world().fingerprint(), original);
        QCOMPARE(heardBy(session.world()), 0);
        session.switchTo(1);
        QVERIFY(session.seek(at(0.5)).has_value());
        QVERIFY(session.seek(at(2)).has_value());
        QCOMPARE(heardBy(session.world()), 42);
    }

    void undoPlaysOnWithoutTheLastInput() {
        Session session(stage(), {}, eager);
        QVERIFY(session.advance(at(0.5)).has_value());
        QVERIFY(session.inject(makeRef<Tell>(1)).has_value());
        QVERIFY(session.advance(at(1)).has_value());
        QVERIFY(session.inject(makeRef<Tell>(10)).has_value());
        QVERIFY(session.advance(at(2)).has_value());
        QCOMPARE(heardBy(session.world()), 11);
        QVERIFY(session.undoInput(1).has_value());
        QCOMPARE(session.now(), at(1));
        QVERIFY(session.advance(at(2)).has_value());
        QCOMPARE(heardBy(session.world()), 1);

        Session never(stage(), {}, eager);
        QVERIFY(never.advance(at(0.5)).has_value());
        QVERIFY(never.inject(makeRef<Tell>(1)).has_value());
        QVERIFY(never.advance(at(2)).has_value());
        QCOMPARE(session.world().fingerprint(), never.world().fingerprint());
    }

    void aCancelledSeekLeavesTheHeadWhereItWas() {
        Session session(stage(), {}, SessionOptions{.checkpointSeconds = 1e9});
        QVERIFY(session.advance(at(300)).has_value());
        QVERIFY(session.seek(at(1)).has_value());
        const std::uint64_t here = session.world().fingerprint();
        int asked = 0;
        QVERIFY(session.seek(at(290), [&](double) { return ++asked < 1; }).has_value());
        QVERIFY(asked >= 1);
        QCOMPARE(session.now(), at(1));
        QCOMPARE(session.world().fingerprint(), here);
    }

    void steppingBackByOneEventIsExact() {
        Session session(stage(), {}, eager);
        std::vector<std::uint64_t> fingerprints;
        while (session.world().eventsProcessed() < 500) {
            fingerprints.push_back(session.world().fingerprint());
            QCOMPARE(session.advance(at(100), 1).value(), 1U);
        }
        for (const std::uint64_t back : {499U, 498U, 250U, 1U}) {
            QVERIFY(session.seekToEvent(back).has_value());
            QCOMPARE(session.world().fingerprint(), fingerprints[back]);
        }
    }

    void aRecordingReplaysToTheSameFingerprintAndTellsWhenItCannot() {
        InputCodec codec;
        const QTemporaryDir folder;
        const std::string path = (folder.path() + QStringLiteral("/run.jsonl")).toStdString();
        Session session(stage(), {}, eager);
        auto writer = RecordingWriter::create(path, {"stage.json", "{\n\"text\": \"ä\"}", {{"run.seed", "3"}}, 3, 0});
        QVERIFY(writer.has_value());
        const auto doAt = [&](double time, FaultKind kind, const char* target) {
            QVERIFY(session.advance(at(time)).has_value());
            QVERIFY(session.inject(makeRef<FaultInput>(fault(kind, target, 300ms))).has_value());
            QVERIFY(writer->write(session.inputs().back()).has_value());
        };
        doAt(0.5, FaultKind::Crash, "process:server");
        doAt(0.5, FaultKind::SlowCpu, "host:a");
        doAt(1.25, FaultKind::Cut, "link:a-b");
        QVERIFY(session.advance(at(3)).has_value());
        QVERIFY(writer->finish(session.world()).has_value());

        const auto recording = readRecording(path, codec);
        QVERIFY(recording.has_value());
        QCOMPARE(recording->inputs.size(), 3U);
        QCOMPARE(recording->header.text, std::string{"{\n\"text\": \"ä\"}"});
        Session again(stage(), {}, eager);
        QVERIFY(replay(again, *recording).has_value());
        QCOMPARE(again.world().fingerprint(), session.world().fingerprint());

        World different = stage();
        different.scheduleFault(at(2.3), fault(FaultKind::Crash, "process:client"));
        Session other(std::move(different), {}, eager);
        const auto parted = replay(other, *recording);
        QVERIFY(!parted.has_value());
        std::ofstream(path, std::ios::app) << "{\"t\":1,\"e\":1,\"kind\":\"no\",\"payload\":{}}\n";
        const auto broken = readRecording(path, codec);
        QVERIFY(!broken.has_value());
        QVERIFY2(broken.error().where.ends_with("run.jsonl:8"), broken.error().where.c_str());
    }

    void aRecordingWithAFieldOfTheWrongKindIsRefusedWithItsLine() {
        const QTemporaryDir folder;
        const std::string path = folder.filePath(QStringLiteral("run.jsonl")).toStdString();
        const std::string head = R"({"millrace_recording":1,"scenario":"{}","seed":1,"start_ms":0)";
        const auto refused = [&](const std::string& lines, const char* line, const char* field) {
            std::ofstream(path) << lines << '\n';
            const auto broken = readRecording(path, InputCodec{});
            return !broken.has_value() && broken.error().where.ends_with(line) &&
                   broken.error().message.find(field) != std::string::npos &&
                   broken.error().message.find("exception") == std::string::npos && broken.error().message.size() < 120;
        };
        QVERIFY(refused(head + R"(,"file":5})", "run.jsonl:1", "\"file\""));
        QVERIFY(refused(head + R"(,"settings":[{"path":1}]})", "run.jsonl:1", "\"settings\""));
        QVERIFY(refused(head + "}\n" + R"({"second":1,"fingerprint":1})", "run.jsonl:2", "\"fingerprint\""));
        QVERIFY(refused(head + "}\n" + R"({"end_t":1,"events":0,"fingerprint":1})", "run.jsonl:2", "\"fingerprint\""));
        QVERIFY(
            refused(head + "}\n" + R"({"t":1,"e":1,"payload":{},"kind":)" + "\"" + std::string(100'000, 'k') + "\"}",
                    "run.jsonl:2", "unknown kind of input"));
    }

    void whatWasUnderWayAtCheckpointsCountsAgainstTheirBudget() {
        if (!pool::isUsed) {
            QSKIP("the sanitizer has the heap to itself");
        }
        World world = pair(3);
        world.addProcess(world.findHost("a"), makeRef<DemoBlueprint>("carrier", [](Context& context, const auto&) {
                             context.addActor("main", makeRef<Carrier>());
                         }));
        constexpr std::int64_t budget = 16 << 20;
        SessionOptions options = eager;
        options.memoryBudget = budget;
        Session session(std::move(world), {}, options);
        QVERIFY(session.advance(at(3)));
        const std::int64_t before = liveBytes();
        std::int64_t most = 0;
        std::size_t checkpoints = 0;
        for (int second = 4; second <= 120; ++second) {  // 240 MB of parcels
            QVERIFY(session.advance(at(second)));
            most = std::max(most, liveBytes());
            checkpoints = std::max(checkpoints, session.checkpointTimes().size());
        }
        QVERIFY2(most - before < budget + (4 << 20), qPrintable(QString::number((most - before) >> 20)));
        // A second of parcels is two megabytes: beside the present's own, seven of them, and the start.
        QVERIFY2(checkpoints >= 8, qPrintable(QString::number(checkpoints)));
        QVERIFY(session.seek(at(20)));
        QCOMPARE(session.now(), at(20));
    }

    void checkpointsThatHoldMuchEachAreNotLookedOverAgainAndAgain() {
        if (!pool::isUsed) {
            QSKIP("the sanitizer has the heap to itself");
        }
        // Each of the newest holds half a megabyte of its own: together more than the budget.
        struct Rewriter final : ActorBase<Rewriter> {
            struct Sheet final : Counted {
                std::array<char, 1'000> text{};
            };
            std::vector<Ref<Sheet>> sheets;
            void start(Context& context) override {
                for (int i = 0; i < 500; ++i) {
                    sheets.push_back(makeRef<Sheet>());
                }
                context.arm(5ms, makeRef<Tick>());
            }
            void handle(Context& context, const Message& message) override {
                if (message.as<Tick>() != nullptr) {
                    for (Ref<Sheet>& sheet : sheets) {
                        ++writable(sheet).text[0];
                    }
                    context.arm(5ms, makeRef<Tick>());
                }
            }
        };
        // How often one run is thinned depends on how fast it goes: faster ones take checkpoints less often.
        std::uint64_t thinnings = 0;
        for (int run = 0; run < 3; ++run) {
            World world = pair(3);
            world.addProcess(world.findHost("a"), makeRef<DemoBlueprint>("rewriter", [](Context& context, const auto&) {
                                 context.addActor("main", makeRef<Rewriter>());
                             }));
            SessionOptions options = eager;
            options.memoryBudget = 8 << 20;
            Session session(std::move(world), {}, options);
            const std::int64_t before = liveBytes();
            std::int64_t most = 0;
            std::size_t checkpoints = 0;
            constexpr int looks = 2'000;
            for (int i = 1; i <= looks; ++i) {
                QVERIFY(session.advance(at(i * 0.05)));
                most = std::max(most, liveBytes());
                checkpoints = std::max(checkpoints, session.checkpointTimes().size());
            }
            QVERIFY2(most - before < options.memoryBudget + (2 << 20),
                     qPrintable(QString::number((most - before) >> 10)));
            thinnings += session.thinnings();
            QVERIFY2(session.thinnings() < looks / 4, qPrintable(QString::number(session.thinnings())));
            QVERIFY2(checkpoints >= 8, qPrintable(QString::number(checkpoints)));
        }
        QVERIFY2(thinnings > 10, qPrintable(QString::number(thinnings)));
    }

    void aBurstLosesItsOwnCheckpointsAndNotThoseBeforeIt() {
        constexpr ByteCount mega = 1 << 20;
        std::vector<CheckpointTrace> traces;
        for (std::uint64_t i = 0; i < 60; ++i) {
            const bool bursts = i >= 10 && i < 34;
            traces.push_back({i, 0.06 * static_cast<double>(i), mega, bursts ? 30 * mega : 2 * mega});
        }
        const std::vector<bool> all(traces.size(), true);
        const std::vector<bool> gone = chooseGone(traces, all, CheckpointWays::ofRound(0, 0.1801), 300 * mega);
        ByteCount freed = 0;
        double way = 0;
        double before = 0;
        for (std::size_t i = 0; i < gone.size(); ++i) {
            QVERIFY2(!gone[i] || (i >= 10 && i < 34), qPrintable(QString::number(i)));
            freed += gone[i] ? traces[i].most() : 0;
            if (!gone[i]) {
                way = std::max(way, traces[i].work - std::exchange(before, traces[i].work));
            }
        }
        QVERIFY2(freed >= 300 * mega && freed < 340 * mega, qPrintable(QString::number(freed / mega)));
        QVERIFY2(way < 0.1802, qPrintable(QString::number(way)));
    }

    void furtherRoundsThinMoreAndMostOfAllFarFromTheEnd() {
        std::vector<CheckpointTrace> traces;
        for (std::uint64_t i = 0; i < 2'000; ++i) {
            traces.push_back({i, 0.06 * static_cast<double>(i), 1000, 0});
        }
        std::vector<bool> mayGo(traces.size(), true);
        mayGo[700] = false;
        std::size_t keptBefore = traces.size();
        for (std::size_t round = 0; round < CheckpointWays::roundsMost; round += 4) {
            const auto gone = chooseGone(traces, mayGo, CheckpointWays::ofRound(round, 0.1801), 1LL << 40U);
            const auto kept = static_cast<std::size_t>(std::count(gone.begin(), gone.end(), false));
            QVERIFY(!gone.front() && !gone.back() && !gone[700]);
            QVERIFY2(kept <= keptBefore, qPrintable(QString::number(kept)));
            const auto half = gone.begin() + 1'000;
            QVERIFY(round == 0 || round > 8 ||
                    std::count(gone.begin(), half, false) < std::count(half, gone.end(), false));
            keptBefore = kept;
        }
        QCOMPARE(keptBefore, 3U);
    }

    void whatComesOutOfOneStretchLeavesAsAWhole() {
        int handings = 0;
        std::size_t effects = 0;
        Session session(stage(), [&](const std::vector<NumberedEffect>& some) -> Result<void> {
            ++handings;
            effects += some.size();
            return {};
        });
        QVERIFY(session.advance(at(20)));
        QVERIFY(session.world().eventsProcessed() > 5'000);
        QVERIFY2(effects > 1'000, qPrintable(QString::number(effects)));
        QCOMPARE(handings, 1);
    }

    void whatWasWrittenBeforeARuleBreaksIsHandedOver() {
        World world = stage();
        world.addProcess(world.findHost("a"), makeRef<DemoBlueprint>("breaker", [](Context& context, const auto&) {
                             struct Breaker final : ActorBase<Breaker> {
                                 void start(Context& own) override { own.arm(5s, makeRef<Tick>()); }
                                 void handle(Context&, const Message&) override {
                                     throw std::runtime_error("a rule is broken");
                                 }
                             };
                             context.addActor("main", makeRef<Breaker>());
                         }));
        std::size_t effects = 0;
        Session session(std::move(world), [&](const std::vector<NumberedEffect>& some) -> Result<void> {
            effects += some.size();
            return {};
        });
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, (void)session.advance(at(20)));
        QVERIFY2(effects > 500, qPrintable(QString::number(effects)));
    }

    void theStoryOfARunReadsAsPeopleAndTheWindowNameThings() {
        const World world = stage();
        const ObjectNames names(world);
        QCOMPARE(names.of("broker/1/requests"), std::string{"broker:1"});
        QCOMPARE(names.of("zookeeper/zk2"), std::string{"server:zk2"});
        QCOMPARE(names.of("host/h4"), std::string{"host:h4"});
        QCOMPARE(names.of("nimbus"), std::string{"nimbus"});
        QCOMPARE(names.readable("broker/1 is the controller, nimbus (on host/h4) saw /brokers/ids/1"),
                 std::string{"broker 1 is the controller, Nimbus (on host h4) saw /brokers/ids/1"});
        // Numbers have thousands where they count something, and no name has the stamp that a program gave it.
        QCOMPARE(names.readable("12345 rows, 1003287 bytes (6189 of 2000/s) on s1:6700, block 1073741825, \"4711\""),
                 std::string{"12,345 rows, 1,003,287 bytes (6,189 of 2,000/s) on s1:6700, block 1073741825, \"4711\""});
        QCOMPARE(names.readable("readers-1-70b06302-9963-81e4-5c05-18f5532eb778 joins, trends-1-1767225601 has exited"),
                 std::string{"readers-1 joins, trends has exited"});
        QCOMPARE(names.readable("sink/events starts again, ingestion/each/pipeline reads"),
                 std::string{"sink events starts again, ingestion pipeline each reads"});

        Session session(stage(), {}, eager);
        QVERIFY(session.advance(at(1)).has_value());
        QVERIFY(session.inject(makeRef<FaultInput>(fault(FaultKind::Crash, "process:server", 1s))).has_value());
        QVERIFY(session.advance(at(4)).has_value());
        const auto journal = describeJournal(session.world(), 2);
        QCOMPARE(journal.total, 3U);
        QCOMPARE(journal.entries.size(), 2U);
        QCOMPARE(journal.causes.size(), 1U);
        // How things are once a fault is over.
        QCOMPARE(journal.entries.front().text, std::string{"Server is to start again"});
        // Details do not push notices out.
        World noisy = stage();
        noisy.injectFault(fault(FaultKind::Crash, "process:client"));
        noisy.addProcess(noisy.findHost("a"),
                         makeRef<DemoBlueprint>("chatter", [](Context& context, const DemoBlueprint&) {
                             struct Chatter final : ActorBase<Chatter> {
                                 void start(Context& own) override {
                                     for (int i = 0; i < 100; ++i) {
                                         own.journal({"demo.chatter", Severity::Detail, "said something", {}});
                                     }
                                 }
                                 void handle(Context&, const Message&) override {}
                             };
                             context.addActor("main", makeRef<Chatter>());
                         }));
        noisy.run(at(1));
        const auto mixed = describeJournal(noisy, 10);
        QCOMPARE(mixed.entries.size(), 11U);
        QCOMPARE(mixed.entries.front().kind, std::string{"sim.fault-injected"});
        const auto chain = describeCauses(session.world(), journal.entries.back().id);
        QCOMPARE(chain.size(), 3U);
        QCOMPARE(chain.back().kind, std::string{"sim.fault-injected"});
        const auto faults = describeFaults(session.world());
        QCOMPARE(faults.size(), 1U);
        QCOMPARE(faults[0].at, at(1));
        QCOMPARE(faults[0].until, at(2));
        for (const auto& page : describeSeries(session.world(), 10)) {
            QVERIFY(page->points.size() <= 10);
            QVERIFY(!page->points.empty());
        }
        const std::uint64_t fingerprint = session.world().fingerprint();
        (void)describeFlights(session.world(), 100);
        (void)describeHosts(session.world());
        QVERIFY(!describeRun(session).nextEvent.empty());
        QCOMPARE(session.world().fingerprint(), fingerprint);
    }

    void aFloodIsOneLineThatCounts() {
        World world = stage();
        world.addProcess(
            world.findHost("a"), makeRef<DemoBlueprint>("flood", [](Context& context, const DemoBlueprint&) {
                struct Flood final : ActorBase<Flood> {
                    void start(Context& own) override {
                        own.journal({"demo.before", Severity::Notice, "before", {}});
                        for (int i = 0; i < 50; ++i) {
                            own.journal({"demo.flood", Severity::Warning, fmt::format("no. {}", i), {}, "x"});
                        }
                        own.journal({"demo.after", Severity::Notice, "after", {}});
                    }
                    void handle(Context&, const Message&) override {}
                };
                context.addActor("main", makeRef<Flood>());
            }));
        world.run(at(1));
        const observe::JournalPage page = describeJournal(world, 10);
        std::vector<std::string> kinds;
        for (const observe::JournalEntryView& entry : page.entries) {
            kinds.push_back(entry.kind);
            if (entry.kind == "demo.flood") {
                QCOMPARE(entry.count, std::uint64_t{50});
                QCOMPARE(entry.last, SimTime{});
                QVERIFY2(entry.text.starts_with("no. 0; 49 more like it up to"), entry.text.c_str());
            }
        }
        QCOMPARE(kinds, (std::vector<std::string>{"demo.before", "demo.flood", "demo.after"}));
    }

    void aFailedEffectStopsTheRunAndWhatWasCarriedOutIsAPrefix() {
        std::vector<std::string> carried;
        EffectPump pump([&](std::span<const Ref<const Effect>> effects) -> Result<void> {
            for (const auto& effect : effects) {
                if (carried.size() == 20) {
                    return failure("disk full", "test.db");
                }
                carried.push_back(effect->summary());
            }
            return {};
        });
        Session session(
            stage(), [&](std::vector<NumberedEffect> effects) { return pump.push(std::move(effects)); }, eager);
        QString message;
        for (int i = 1; i <= 1000 && message.isEmpty(); ++i) {
            if (const auto advanced = session.advance(at(i * 0.02)); !advanced) {
                message = QString::fromStdString(advanced.error().message);
            }
        }
        QCOMPARE(message, QStringLiteral("disk full"));
        QCOMPARE(carried.size(), 20U);
        QVERIFY(!pump.drain().has_value());
    }
};

QTEST_APPLESS_MAIN(TestSession)
#include "tst_session.moc"
