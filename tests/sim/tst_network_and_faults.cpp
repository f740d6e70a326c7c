#include <QtTest/QTest>

#include <array>

#include "engine/sim/world.h"
#include "tests/sim/demo_actors.h"

using namespace millrace;
using namespace millrace::sim;
using namespace millrace::sim::demo;
using namespace std::chrono_literals;

namespace {

const Client& clientOf(const World& world) {
    return *world.findActor<Client>("client/main");
}
const Server& serverOf(const World& world) {
    return *world.findActor<Server>("server/main");
}
QString text(const std::string& s) {
    return QString::fromStdString(s);
}

const JournalEntry* newest(const World& world, std::string_view kind) {
    for (JournalId id = world.journal().lastId(); id != noEntry; id = JournalId{id.value - 1}) {
        if (const JournalEntry* entry = world.journal().find(id); entry != nullptr && entry->kind == kind) {
            return entry;
        }
    }
    return nullptr;
}

/// Waits for its peer for 2 s and then complains in the journal.
class Watcher final : public ActorBase<Watcher> {
public:
    void start(Context& context) override { context.arm(1s, makeRef<Number>(0)); }
    void handle(Context& context, const Message& message) override {
        if (message.as<Number>() != nullptr) {
            context.waitFor(context.findProcess("server"), 2s, makeRef<Tick>());
        } else {
            context.journal({"demo.missed", Severity::Warning, "the server did not answer", {}});
        }
    }
};

/// Tells itself something and writes two entries about it; hears it and writes a third.
class Teller final : public ActorBase<Teller> {
public:
    void start(Context& context) override { context.arm(1s, makeRef<Tick>()); }
    void handle(Context& context, const Message& message) override {
        if (message.as<Tick>() != nullptr) {
            context.journal({"demo.first", Severity::Notice, "it was time", {}});
            context.journal({"demo.second", Severity::Notice, "and there is more", {}});
            context.send(context.self(), makeRef<Number>(1));
        } else {
            context.journal({"demo.heard", Severity::Notice, "so I have heard", {}});
        }
    }
};

/// Fails a second after each start.
class Failing final : public ActorBase<Failing> {
public:
    void start(Context& context) override { context.arm(1s, makeRef<Tick>()); }
    void handle(Context& context, const Message&) override {
        context.journal({"demo.failed", Severity::Error, "it fails", {}});
        context.kill(context.process(), ProcessExited::Reason::Crashed);
    }
};

/// Starts a process of its own.
class Parent final : public ActorBase<Parent> {
public:
    void start(Context& context) override { context.spawn(server("child")); }
    void handle(Context&, const Message&) override {}
};

World withFailing(std::optional<RestartPolicy> policy) {
    World world;
    world.addProcess(
        world.addHost(HostSpec{.name = "a"}),
        makeRef<DemoBlueprint>(
            "failing", [](Context& context, const DemoBlueprint&) { context.addActor("main", makeRef<Failing>()); }),
        SimTime{}, policy);
    return world;
}

/// Seconds at which the fault ended; -1 when it has not.
double endOf(const World& world, std::uint64_t fault) {
    const std::optional<SimTime> ended = world.faults()[fault]->ended;
    return ended ? seconds(*ended) : -1.0;
}

/// Null when nothing was ever said of the way, nor sent over it.
const Path* pathOf(const World& world, HostId from, HostId to) {
    return world.network().findPath(from, to);
}

}  // namespace

/// Needs two seconds to bring everything in order.
class Patient final : public ActorBase<Patient> {
public:
    [[nodiscard]] bool takesStops() const override { return true; }
    void handle(Context& context, const Message& message) override {
        if (message.as<StopRequested>() != nullptr) {
            context.arm(2s, makeRef<Tick>());
        } else if (message.as<Tick>() != nullptr) {
            context.kill(context.process(), ProcessExited::Reason::Finished);
        }
    }
};

class TestNetworkAndFaults : public QObject {
    Q_OBJECT
private slots:
    void messagesArriveInOrderAndAnswersComeBack() {
        World world = pair();
        world.run(atNanoseconds(1'000'000'000));
        QVERIFY(clientOf(world).sent >= 90);
        QVERIFY(clientOf(world).answered >= clientOf(world).sent - 2);
        const auto n = static_cast<std::int64_t>(clientOf(world).answered);
        QVERIFY(serverOf(world).sum >= n * (n + 1) / 2);
    }

    void nobodyListeningIsRefusedAtOnce() {
        World world;
        world.addHost(HostSpec{.name = "a"});
        world.addProcess(world.addHost(HostSpec{.name = "b"}), client("client", "a"));
        world.run(atNanoseconds(100'000'000));
        QCOMPARE(text(lastOf(clientOf(world).story)), QStringLiteral("0.000500 s refused"));
    }

    void aHostWithoutPowerAnswersNothingUntilTheTimeOut() {
        World world;
        world.addHost(HostSpec{.name = "a"});
        world.scheduleFault(SimTime{}, fault(FaultKind::Power, "host:a"));
        world.addProcess(world.addHost(HostSpec{.name = "b"}), client("client", "a"));
        world.run(atNanoseconds(4'000'000'000));
        QVERIFY(clientOf(world).story.empty());
        world.run(atNanoseconds(20'000'000'000));
        QVERIFY2(lastOf(clientOf(world).story).ends_with("timed out"), lastOf(clientOf(world).story).c_str());
    }

    void aCrashResetsThePeerAndARestartBootsANewIncarnation() {
        World world = pair();
        world.scheduleFault(atNanoseconds(500'000'000), fault(FaultKind::Crash, "process:server", 1s));
        world.run(atNanoseconds(1'000'000'000));
        QCOMPARE(text(lastOf(clientOf(world).story)), QStringLiteral("0.500250 s reset"));
        QVERIFY(world.findActor("server/main") == nullptr);
        world.run(atNanoseconds(2'000'000'000));
        const ProcessSlot& server = world.process(world.findProcess("server"));
        QCOMPARE(server.incarnation, 2U);
        QVERIFY(server.state == ProcessState::Running);
        QCOMPARE(serverOf(world).sum, 0);
    }

    void whatIsAskedToStopEndsInOrderAndStartsAgainAfterItsTime() {
        World world = pair();
        world.scheduleFault(atNanoseconds(500'000'000), fault(FaultKind::Stop, "process:server", 1s));
        world.run(atNanoseconds(1'000'000'000));
        QVERIFY2(lastOf(clientOf(world).story).ends_with("closed"), lastOf(clientOf(world).story).c_str());
        const ProcessSlot& server = world.process(world.findProcess("server"));
        QVERIFY(server.state == ProcessState::Stopped);
        QCOMPARE(text(std::string{world.journal().find(server.silencedBy)->text}),
                 QStringLiteral("server has stopped"));
        world.run(atNanoseconds(2'000'000'000));
        QVERIFY(world.process(world.findProcess("server")).state == ProcessState::Running);
        QVERIFY(world.faults().front()->ended);
    }

    /// It says when all is in order; what was to start again before that waits for it.
    void whoTakesStopsEndsInItsOwnTime() {
        const auto patient = [](const char* name) {
            return makeRef<DemoBlueprint>(
                name, [](Context& context, const DemoBlueprint&) { context.addActor("main", makeRef<Patient>()); });
        };
        World world;
        const HostId host = world.addHost(HostSpec{.name = "a"});
        world.addProcess(host, patient("first"));
        world.addProcess(host, patient("second"));
        world.scheduleFault(atNanoseconds(1'000'000'000), fault(FaultKind::Stop, "process:first"));
        world.scheduleFault(atNanoseconds(1'000'000'000), fault(FaultKind::Stop, "process:second", 500ms));
        world.run(atNanoseconds(2'500'000'000));
        const auto stateOf = [&](const char* name) { return world.process(world.findProcess(name)).state; };
        QVERIFY(stateOf("first") == ProcessState::Running);
        world.run(atNanoseconds(3'500'000'000));
        QVERIFY(stateOf("first") == ProcessState::Stopped);
        QVERIFY(stateOf("second") == ProcessState::Running);
        QCOMPARE(world.process(world.findProcess("second")).incarnation, 2U);
        world.injectFault(fault(FaultKind::Revive, "all"));
        world.run(atNanoseconds(4'000'000'000));
        QVERIFY(stateOf("first") == ProcessState::Running);
    }

    void whoIsRevivedWhileItEndsInOrderStartsAgain() {
        World world;
        const HostId host = world.addHost(HostSpec{.name = "a"});
        world.addProcess(host, makeRef<DemoBlueprint>("first", [](Context& context, const DemoBlueprint&) {
                             context.addActor("main", makeRef<Patient>());
                         }));
        world.scheduleFault(atNanoseconds(1'000'000'000), fault(FaultKind::Stop, "process:first"));
        world.scheduleFault(atNanoseconds(1'500'000'000), fault(FaultKind::Revive, "process:first"));
        world.run(atNanoseconds(5'000'000'000));
        QCOMPARE(world.process(world.findProcess("first")).incarnation, 2U);
        QVERIFY(world.process(world.findProcess("first")).state == ProcessState::Running);
    }

    void endOfAStopStartsNobodyWhomACrashKeepsDown() {
        World world = pair();
        world.scheduleFault(atNanoseconds(1'000'000'000), fault(FaultKind::Crash, "process:server", 10s));
        world.scheduleFault(atNanoseconds(2'000'000'000), fault(FaultKind::Stop, "process:server", 2s));
        world.run(atNanoseconds(5'000'000'000));
        QVERIFY(!world.process(world.findProcess("server")).isAlive());
        world.run(atNanoseconds(12'000'000'000));
        QVERIFY(world.process(world.findProcess("server")).isAlive());
    }

    void whoIsStoppedWithoutPowerStaysDownWhenItReturns() {
        World world = pair();
        world.scheduleFault(atNanoseconds(1'000'000'000), fault(FaultKind::Power, "host:a", 3s));
        world.scheduleFault(atNanoseconds(2'000'000'000), fault(FaultKind::Stop, "process:server"));
        world.run(atNanoseconds(10'000'000'000));
        QVERIFY(!world.process(world.findProcess("server")).isAlive());
        world.injectFault(fault(FaultKind::Revive, "process:server"));
        world.run(atNanoseconds(11'000'000'000));
        QVERIFY(world.process(world.findProcess("server")).isAlive());
    }

    void aPowerLossIsSilentAndTheReturnResetsWhoStillSends() {
        World world = pair();
        world.scheduleFault(atNanoseconds(500'000'000), fault(FaultKind::Power, "host:a", 3s));
        world.run(atNanoseconds(3'000'000'000));
        QVERIFY2(clientOf(world).open, "no reset may come from a host without power");
        const std::int64_t heard = clientOf(world).answered;
        world.run(atNanoseconds(8'000'000'000));
        QVERIFY2(lastOf(clientOf(world).story).ends_with("reset"), lastOf(clientOf(world).story).c_str());
        QCOMPARE(clientOf(world).answered, heard);
    }

    void aCutDelaysAndLosesNothing() {
        World world = pair();
        world.scheduleFault(atNanoseconds(500'000'000), fault(FaultKind::Cut, "link:a-b", 2s));
        world.run(atNanoseconds(2'400'000'000));
        const std::int64_t during = clientOf(world).answered;
        QVERIFY(during <= 50);
        world.run(atNanoseconds(10'000'000'000));
        QVERIFY(clientOf(world).open);
        QVERIFY(clientOf(world).sent > 900);
        std::int64_t expected = 1;
        for (const std::string& line : serverOf(world).story) {
            if (const auto at = line.find("number "); at != std::string::npos) {
                QCOMPARE(std::stoll(line.substr(at + 7)), expected);
                ++expected;
            }
        }
        QVERIFY(expected > 900);
        QVERIFY(clientOf(world).answered >= clientOf(world).sent - 2);
    }

    void aOneWayCutStopsOneDirectionOnly() {
        World world = pair();
        world.scheduleFault(atNanoseconds(500'000'000), fault(FaultKind::Cut, "link:a>b"));
        world.run(atNanoseconds(2'000'000'000));
        QVERIFY(clientOf(world).answered <= 50);
        QVERIFY2(serverOf(world).sum > 150 * 151 / 2, "the other direction goes on");
    }

    void lossIsSeenAsDelayNotAsGaps() {
        World lossy = pair();
        lossy.scheduleFault(SimTime{}, fault(FaultKind::Loss, "link:a-b", {}, 0.2));
        lossy.run(atNanoseconds(5'000'000'000));
        World clean = pair();
        clean.run(atNanoseconds(5'000'000'000));
        QVERIFY(clientOf(lossy).answered < clientOf(clean).answered);
        const auto& server = serverOf(lossy);
        std::int64_t numbers = 0;
        for (const std::string& line : server.story) {
            numbers += line.find("number") != std::string::npos ? 1 : 0;
        }
        QCOMPARE(server.sum, numbers * (numbers + 1) / 2);
    }

    void aPausedProcessHandlesNothingAndThenEverything() {
        World world = pair();
        world.scheduleFault(atNanoseconds(500'000'000), fault(FaultKind::Pause, "process:server", 1s));
        world.run(atNanoseconds(1'400'000'000));
        const std::int64_t paused = serverOf(world).sum;
        QVERIFY(paused <= 50 * 51 / 2);
        world.run(atNanoseconds(3'000'000'000));
        QVERIFY(clientOf(world).answered >= clientOf(world).sent - 2);
    }

    void aSlowReceiverFillsTheWindowAndTheSenderSeesIt() {
        World world;
        const HostId a = world.addHost(HostSpec{.name = "a", .cores = 1});
        const HostId b = world.addHost(HostSpec{.name = "b"});
        world.addProcess(a, makeRef<DemoBlueprint>("server", [](Context& context, const DemoBlueprint&) {
                             auto server = makeRef<Server>();
                             server->cost = 100ms;
                             context.addActor("main", std::move(server));
                         }));
        world.addProcess(b, makeRef<DemoBlueprint>("client", [](Context& context, const DemoBlueprint&) {
                             auto client = makeRef<Client>("a");
                             client->size = 50'000;
                             context.addActor("main", std::move(client));
                         }));
        world.run(atNanoseconds(5'000'000'000));
        // 10 a second are handled; the window of 256 KiB holds five more; the rest waits at the sender, nothing is
        // lost.
        QVERIFY(clientOf(world).sent > 400);
        QVERIFY(clientOf(world).answered <= 50);
        QVERIFY(world.mailboxSize("server/main") <= 6);
    }

    void unflushedDataIsLostWithThePowerAndKeptInACrash() {
        World world;
        const HostId a = world.addHost(HostSpec{.name = "a"});
        struct Writer final : ActorBase<Writer> {
            void start(Context& context) override {
                (void)context.append("log", makeRef<TextChunk>("one"));
                context.flush("log", makeRef<Tick>());
            }
            void handle(Context& context, const Message&) override {
                (void)context.append("log", makeRef<TextChunk>("two"));
            }
        };
        world.addProcess(a, makeRef<DemoBlueprint>("writer", [](Context& context, const DemoBlueprint&) {
                             if (context.disk().find("log") == nullptr) {
                                 context.addActor("main", makeRef<Writer>());
                             }
                         }));
        world.run(atNanoseconds(1'000'000'000));
        const auto length = [&](const World& w) { return w.diskOf(w.findProcess("writer")).find("log")->length(); };
        QCOMPARE(length(world), 6);
        World crashed = world;
        crashed.injectFault(fault(FaultKind::Crash, "process:writer"));
        QCOMPARE(length(crashed), 6);
        World dark = world;
        dark.injectFault(fault(FaultKind::Power, "host:a"));
        QCOMPARE(length(dark), 3);
        QCOMPARE(length(world), 6);
        World later = world;
        later.run(atNanoseconds(40'000'000'000));
        later.injectFault(fault(FaultKind::Power, "host:a"));
        QCOMPARE(length(later), 6);  // The operating system has written it back after 30 s.
    }

    void aFullDiskRefusesWrites() {
        World world;
        const HostId a = world.addHost(HostSpec{.name = "a", .disk = DiskSpec{.capacity = 100}});
        struct Writer final : ActorBase<Writer> {
            int refused = 0;
            void start(Context& context) override {
                for (int i = 0; i < 3; ++i) {
                    refused += context.append("log", makeRef<TextChunk>(std::string(40, 'x'))).has_value() ? 0 : 1;
                }
            }
            void handle(Context&, const Message&) override {}
        };
        world.addProcess(a, makeRef<DemoBlueprint>("writer", [](Context& context, const DemoBlueprint&) {
                             context.addActor("main", makeRef<Writer>());
                         }));
        world.run(atNanoseconds(1'000'000'000));
        QCOMPARE(world.findActor<Writer>("writer/main")->refused, 1);
        QCOMPARE(world.host(a).disk.used(), 80);
    }

    void anAbsenceLeadsBackToWhatSilencedTheParty_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("target");
        QTest::addRow("crash") << static_cast<int>(FaultKind::Crash) << QStringLiteral("process:server");
        QTest::addRow("power") << static_cast<int>(FaultKind::Power) << QStringLiteral("host:a");
        QTest::addRow("pause") << static_cast<int>(FaultKind::Pause) << QStringLiteral("process:server");
        QTest::addRow("cut") << static_cast<int>(FaultKind::Cut) << QStringLiteral("link:a-b");
    }
    void anAbsenceLeadsBackToWhatSilencedTheParty() {
        QFETCH(int, kind);
        QFETCH(QString, target);
        World world = pair();
        world.addProcess(world.findHost("b"),
                         makeRef<DemoBlueprint>("watcher", [](Context& context, const DemoBlueprint&) {
                             context.addActor("main", makeRef<Watcher>());
                         }));
        World quiet = world;
        world.scheduleFault(atNanoseconds(1'500'000'000), fault(static_cast<FaultKind>(kind), target.toStdString()));
        world.run(atNanoseconds(4'000'000'000));
        const JournalEntry* missed = newest(world, "demo.missed");
        QVERIFY(missed != nullptr);
        const JournalEntry* cause = world.journal().find(missed->cause);
        QVERIFY2(cause != nullptr, "the absence has no cause");
        QCOMPARE(cause->kind, std::string_view{"sim.fault-injected"});
        quiet.run(atNanoseconds(4'000'000'000));
        QVERIFY(newest(quiet, "demo.missed")->cause == noEntry);
    }

    void entriesOfOneHandlerHaveTheCauseOfTheirEventAndWhatIsSentCarriesTheNewest() {
        World world = pair();
        world.addProcess(world.findHost("b"),
                         makeRef<DemoBlueprint>("teller", [](Context& context, const DemoBlueprint&) {
                             context.addActor("main", makeRef<Teller>());
                         }));
        world.scheduleFault(atNanoseconds(1'000'000), fault(FaultKind::Crash, "process:teller", 500ms));
        world.run(atNanoseconds(3'000'000'000));
        const JournalEntry* started = newest(world, "sim.process-started");
        const JournalEntry* first = newest(world, "demo.first");
        const JournalEntry* second = newest(world, "demo.second");
        QVERIFY(started != nullptr && first != nullptr && second != nullptr);
        QCOMPARE(first->cause, started->id);
        QCOMPARE(second->cause, started->id);
        QCOMPARE(newest(world, "demo.heard")->cause, second->id);
    }

    void aLossOfPowerKeepsWhatTheSystemHadWrittenBack() {
        Disk disk(DiskSpec{.writeback = 30s});
        const FileId log = disk.idOf("log");
        QCOMPARE(disk.find("log"), nullptr);
        const auto write = [&](std::int64_t atMillis) {
            disk.append(log, makeRef<TextChunk>(std::string(10, 'x')), atNanoseconds(atMillis * 1'000'000));
        };
        for (const std::int64_t at : {0, 50, 5'000, 5'040, 20'000}) {
            write(at);
        }
        Disk early = disk;
        early.losePower(atNanoseconds(29'000'000'000));
        QCOMPARE(early.find("log")->length(), ByteCount{0});
        Disk later = disk;
        later.losePower(atNanoseconds(35'200'000'000));
        QCOMPARE(later.find("log")->chunks().size(), std::uint64_t{4});
        QCOMPARE(later.used(), ByteCount{40});
        // What was flushed stays, whatever its age.
        disk.finishFlush(log, 5);
        QCOMPARE(disk.find("log")->unflushedBytes(), ByteCount{0});
        disk.losePower(atNanoseconds(20'100'000'000));
        QCOMPARE(disk.used(), ByteCount{50});
    }

    void bytesOfAFileAreCountedWhateverIsCutOff() {
        Disk disk;
        const FileId log = disk.idOf("log");
        for (int i = 1; i <= 10; ++i) {
            disk.append(log, makeRef<TextChunk>(std::string(static_cast<std::size_t>(i), 'x')), SimTime{});
        }
        disk.finishFlush(log, 4);                                     // 1 + 2 + 3 + 4
        QCOMPARE(disk.find("log")->unflushedBytes(), ByteCount{45});  // 5 ... 10
        disk.truncate(log, 8);                                        // without 9 and 10
        QCOMPARE(disk.find("log")->length(), ByteCount{36});
        QCOMPARE(disk.find("log")->unflushedBytes(), ByteCount{26});
        disk.dropFront(log, 6);  // 7 and 8 are left
        QCOMPARE(disk.used(), ByteCount{15});
        QCOMPARE(disk.find("log")->unflushedBytes(), ByteCount{15});
        disk.truncate(log, 6);
        QCOMPARE(disk.used(), ByteCount{0});
        disk.remove(log);
        QCOMPARE(disk.list("").size(), std::size_t{0});
        disk.truncate(log, 0);
        QCOMPARE(disk.find("log"), nullptr);
        disk.append(log, makeRef<TextChunk>("again"), SimTime{});
        QCOMPARE(disk.idOf("log"), log);
        QCOMPARE(disk.find("log")->length(), ByteCount{5});
    }

    void whoeverListensOnAPortThatIsTakenEndsAndSaysSo() {
        World world;
        const HostId a = world.addHost(HostSpec{.name = "a"});
        const HostId b = world.addHost(HostSpec{.name = "b"});
        const auto boot = [](Context& context, const DemoBlueprint&) { context.addActor("main", makeRef<Server>()); };
        world.addProcess(a, makeRef<DemoBlueprint>("first", boot));
        world.addProcess(a, makeRef<DemoBlueprint>("second", boot), atNanoseconds(1'000'000));
        world.addProcess(b, makeRef<DemoBlueprint>("elsewhere", boot));
        world.addProcess(b, client("client", "a"), atNanoseconds(500'000'000));
        world.run(atNanoseconds(2'000'000'000));
        const auto stateOf = [&](const char* name) { return world.process(world.findProcess(name)).state; };
        QVERIFY(stateOf("first") == ProcessState::Running);
        QVERIFY(stateOf("second") == ProcessState::Crashed);
        QVERIFY(stateOf("elsewhere") == ProcessState::Running);
        QCOMPARE(text(newest(world, "sim.address-in-use")->text),
                 QStringLiteral("second ends: address in use, first listens on port 9 of a"));
        QVERIFY2(world.findActor<Server>("first/main")->sum > 0, "who was there first is reached");

        world.injectFault(fault(FaultKind::Crash, "process:first"));
        world.injectFault(fault(FaultKind::Restart, "process:second"));
        world.run(atNanoseconds(3'000'000'000));
        QVERIFY2(stateOf("second") == ProcessState::Running, "a dead process holds no port");
    }

    void processesOfOneHostDoNotMeetInAFile() {
        struct Writer final : ActorBase<Writer> {
            std::string text;
            std::size_t files = 0;
            explicit Writer(std::string what) : text(std::move(what)) {}
            void start(Context& context) override {
                (void)context.replace("state", makeRef<TextChunk>(text));
                context.arm(1s, makeRef<Tick>());
            }
            void handle(Context& context, const Message&) override { files = context.disk().list("").size(); }
        };
        World world;
        const HostId a = world.addHost(HostSpec{.name = "a"});
        const auto boot = [](Context& context, const DemoBlueprint& blueprint) {
            context.addActor("main", makeRef<Writer>(std::string(blueprint.name())));
        };
        world.addProcess(a, makeRef<DemoBlueprint>("s", boot));
        world.addProcess(a, makeRef<DemoBlueprint>("s1", boot));
        world.run(atNanoseconds(2'000'000'000));
        for (const char* name : {"s", "s1"}) {
            const File* file = world.diskOf(world.findProcess(name)).find("state");
            QVERIFY(file != nullptr);
            QCOMPARE(text(std::string(static_cast<const TextChunk&>(*file->last()).text())), QString::fromUtf8(name));
            QCOMPARE(world.findActor<Writer>(std::string(name) + "/main")->files, std::size_t{1});
        }
    }

    void anActorThatHasNotStartedIsNotThereYet() {
        World world;
        const HostId a = world.addHost(HostSpec{.name = "a"});
        world.addProcess(a, server("server"));
        world.scheduleFault(SimTime{}, fault(FaultKind::Pause, "process:server", 1s));
        world.run(atNanoseconds(500'000'000));
        QVERIFY(world.process(world.findProcess("server")).state == ProcessState::Paused);
        QVERIFY(world.findActor("server/main") == nullptr);
        world.run(atNanoseconds(1'500'000'000));
        QVERIFY(world.findActor("server/main") != nullptr);
    }

    void whatShouldStartWhileItsHostIsOffStartsWithThePower() {
        World world;
        const HostId a = world.addHost(HostSpec{.name = "a"});
        world.addProcess(a, server("late"), atNanoseconds(1'000'000'000));
        world.scheduleFault(atNanoseconds(500'000'000), fault(FaultKind::Power, "host:a", 2s));
        world.run(atNanoseconds(2'000'000'000));
        QVERIFY(world.process(world.findProcess("late")).state == ProcessState::NotStarted);
        world.run(atNanoseconds(3'000'000'000));
        QVERIFY(world.process(world.findProcess("late")).state == ProcessState::Running);
    }

    void whatSomebodyStartsWhileItsHostIsOffStartsWithThePower() {
        World world;
        const HostId a = world.addHost(HostSpec{.name = "a"});
        world.addProcess(a, server("server"));
        world.scheduleFault(atNanoseconds(100'000'000), fault(FaultKind::Crash, "process:server"));
        world.scheduleFault(atNanoseconds(500'000'000), fault(FaultKind::Power, "host:a", 2s));
        world.scheduleFault(atNanoseconds(1'000'000'000), fault(FaultKind::Restart, "process:server"));
        world.run(atNanoseconds(2'000'000'000));
        QVERIFY(!world.process(world.findProcess("server")).isAlive());
        QCOMPARE(text(newest(world, "sim.fault-injected")->text),
                 QStringLiteral("server is to start again, once a has power"));
        QVERIFY(!world.faults()[0]->ended);
        world.run(atNanoseconds(3'000'000'000));
        QVERIFY(world.process(world.findProcess("server")).state == ProcessState::Running);
        QVERIFY(world.faults()[0]->ended == atNanoseconds(2'500'000'000));
    }

    void ofAChildNobodySaysThatItStartsWithThePower() {
        World world;
        const HostId a = world.addHost(HostSpec{.name = "a"});
        world.addProcess(a, makeRef<DemoBlueprint>("parent", [](Context& context, const DemoBlueprint&) {
                             context.addActor("main", makeRef<Parent>());
                         }));
        world.scheduleFault(atNanoseconds(500'000'000), fault(FaultKind::Power, "host:a", 2s));
        world.scheduleFault(atNanoseconds(1'000'000'000), fault(FaultKind::Restart, "process:child"));
        world.run(atNanoseconds(2'000'000'000));
        const JournalEntry* told = newest(world, "sim.fault-injected");
        QVERIFY2(told->text.find("has power") == std::string::npos, told->text.c_str());
        world.run(atNanoseconds(3'000'000'000));
        QCOMPARE(world.process(world.findProcess("child")).host.value, a.value);
        QCOMPARE(world.process(world.findProcess("parent")).incarnation, 2U);
    }

    void aProcessThatEndsByItselfIsStartedAgainAsItsPolicySays_data() {
        QTest::addColumn<bool>("isOn");
        QTest::addColumn<int>("limit");
        QTest::addColumn<int>("starts");
        QTest::addRow("on failure, without limit") << true << -1 << 4;
        QTest::addRow("on failure, twice in a row") << true << 2 << 3;
        QTest::addRow("never") << false << -1 << 1;
    }
    void aProcessThatEndsByItselfIsStartedAgainAsItsPolicySays() {
        QFETCH(bool, isOn);
        QFETCH(int, limit);
        QFETCH(int, starts);
        RestartPolicy policy{isOn, 2s, {}};
        if (limit >= 0) {
            policy.limit = static_cast<std::uint32_t>(limit);
        }
        World world = withFailing(policy);
        world.run(atNanoseconds(11'500'000'000));  // It fails a second after each start.
        const ProcessSlot& process = world.process(world.findProcess("failing"));
        QCOMPARE(process.incarnation, static_cast<std::uint32_t>(starts));
        const JournalEntry* end = newest(world, "sim.process-ended");
        QVERIFY(end != nullptr);
        QCOMPARE(world.journal().find(end->cause)->kind, std::string_view{"demo.failed"});
        const bool goesOn = isOn && limit < 0;
        QCOMPARE(process.willStartAgain() || process.isAlive(), goesOn);
        QCOMPARE(process.endedByItself, !process.isAlive());
        QVERIFY2(end->text.find(goesOn ? "starts again at" : "stays down") != std::string::npos, end->text.c_str());
        if (goesOn) {
            const JournalEntry* start = newest(world, "sim.process-started");
            QVERIFY2(start->text.ends_with("try 3"), start->text.c_str());
        }
    }

    void aProcessThatNobodyLooksAfterStaysDown() {
        World world = withFailing(std::nullopt);
        world.run(atNanoseconds(20'000'000'000));
        QCOMPARE(world.process(world.findProcess("failing")).incarnation, 1U);
        QVERIFY(newest(world, "sim.process-ended") == nullptr);
    }

    void aCrashHoldsDownWhatItsServiceManagerWasAboutToStart() {
        World world = withFailing(RestartPolicy{true, 2s, {}});
        world.scheduleFault(atNanoseconds(1'500'000'000), fault(FaultKind::Crash, "process:failing", 10s));
        world.run(atNanoseconds(11'000'000'000));
        QCOMPARE(world.process(world.findProcess("failing")).incarnation, 1U);
        QVERIFY(!world.process(world.findProcess("failing")).willStartAgain());
        world.run(atNanoseconds(11'600'000'000));
        QCOMPARE(world.process(world.findProcess("failing")).incarnation, 2U);
    }

    void aCrashWithoutAnEndIsForGoodWhateverThePolicy() {
        World world = withFailing(RestartPolicy{true, 2s, {}});
        world.scheduleFault(atNanoseconds(500'000'000), fault(FaultKind::Crash, "process:failing"));
        world.run(atNanoseconds(60'000'000'000));
        QCOMPARE(world.process(world.findProcess("failing")).incarnation, 1U);
    }

    void aRevivalStartsWhatIsDownAndNothingElse() {
        World world;
        const HostId a = world.addHost(HostSpec{.name = "a"});
        struct Brief final : ActorBase<Brief> {
            void start(Context& context) override { context.kill(context.process(), ProcessExited::Reason::Finished); }
            void handle(Context&, const Message&) override {}
        };
        world.addProcess(a, makeRef<DemoBlueprint>("brief", [](Context& context, const DemoBlueprint&) {
                             context.addActor("main", makeRef<Brief>());
                         }));
        world.addProcess(a, server("late"), atNanoseconds(5'000'000'000));
        world.addProcess(a, server("down"));
        world.scheduleFault(atNanoseconds(1'000'000'000), fault(FaultKind::Crash, "process:down"));
        world.scheduleFault(atNanoseconds(2'000'000'000), fault(FaultKind::Revive, "all"));
        world.run(atNanoseconds(3'000'000'000));
        const auto starts = [&](std::string_view name) { return world.process(world.findProcess(name)).incarnation; };
        QCOMPARE(starts("down"), 2U);
        QCOMPARE(starts("brief"), 1U);
        QCOMPARE(starts("late"), 0U);
        world.scheduleFault(atNanoseconds(3'500'000'000), fault(FaultKind::Revive, "process:brief"));
        world.run(atNanoseconds(6'000'000'000));
        QCOMPARE(starts("brief"), 2U);
        QCOMPARE(starts("late"), 1U);
    }

    void eachFaultEndsWhenItIsOver() {
        World world = pair();
        world.scheduleFault(atNanoseconds(1'000'000'000), fault(FaultKind::Crash, "process:server", 2s));
        world.scheduleFault(atNanoseconds(5'000'000'000), fault(FaultKind::Crash, "process:server", 2s));
        world.scheduleFault(atNanoseconds(9'000'000'000), fault(FaultKind::Crash, "process:server"));
        world.scheduleFault(atNanoseconds(12'000'000'000), fault(FaultKind::Restart, "process:server"));
        world.run(atNanoseconds(20'000'000'000));
        QCOMPARE(endOf(world, 0), 3.0);
        QCOMPARE(endOf(world, 1), 7.0);
        QCOMPARE(endOf(world, 2), 12.0);
    }

    void aRepairEndsTheFaultAndItsOwnEndNoLaterOne() {
        World world = pair();
        world.scheduleFault(atNanoseconds(1'000'000'000), fault(FaultKind::Pause, "process:server", 10s));
        world.scheduleFault(atNanoseconds(2'000'000'000), fault(FaultKind::Resume, "process:server"));
        world.scheduleFault(atNanoseconds(5'000'000'000), fault(FaultKind::Pause, "process:server"));
        world.scheduleFault(atNanoseconds(1'000'000'000), fault(FaultKind::Cut, "link:a>b"));
        world.scheduleFault(atNanoseconds(3'000'000'000), fault(FaultKind::Heal, "link:b-a"));
        world.run(atNanoseconds(20'000'000'000));
        QCOMPARE(endOf(world, 0), 2.0);
        QVERIFY(world.process(world.findProcess("server")).state == ProcessState::Paused);
        QCOMPARE(endOf(world, 1), 3.0);
    }

    void whatTwoFaultsHoldComesBackWhenBothAreOver() {
        World world = pair();
        world.scheduleFault(atNanoseconds(1'000'000'000), fault(FaultKind::Crash, "process:server", 10s));
        world.scheduleFault(atNanoseconds(2'000'000'000), fault(FaultKind::Crash, "process:server", 2s));
        world.scheduleFault(atNanoseconds(1'000'000'000), fault(FaultKind::Delay, "link:a-b", 10s, 0.5));
        world.scheduleFault(atNanoseconds(2'000'000'000), fault(FaultKind::Delay, "link:a-b", 2s, 0.001));
        world.run(atNanoseconds(5'000'000'000));
        QVERIFY(!world.process(world.findProcess("server")).isAlive());
        const auto delay = [](const World& w) { return pathOf(w, w.findHost("a"), w.findHost("b"))->extraDelay; };
        QVERIFY(delay(world) == 500ms);
        world.run(atNanoseconds(12'000'000'000));
        QVERIFY(world.process(world.findProcess("server")).isAlive());
        QVERIFY(delay(world) == SimDuration{0});
    }

    void theEndOfAWideFaultLeavesANarrowerOneInside_data() {
        QTest::addColumn<QByteArray>("wide");
        QTest::addColumn<QByteArray>("narrow");
        QTest::newRow("a link inside a host") << QByteArray("host:a") << QByteArray("link:a-b");
        QTest::newRow("a way inside a host") << QByteArray("host:a") << QByteArray("link:b>a");
        QTest::newRow("a way inside a link") << QByteArray("link:a-b") << QByteArray("link:a>b");
        QTest::newRow("a link between two hosts") << QByteArray("host:a") << QByteArray("host:b");
    }
    void theEndOfAWideFaultLeavesANarrowerOneInside() {
        QFETCH(QByteArray, wide);
        QFETCH(QByteArray, narrow);
        World world = pair();
        const HostId c = world.addHost(HostSpec{.name = "c"});
        const HostId a = world.findHost("a");
        const HostId b = world.findHost("b");
        const std::array kinds{std::pair{FaultKind::Cut, 0.0}, std::pair{FaultKind::Delay, 0.5},
                               std::pair{FaultKind::Loss, 0.5}, std::pair{FaultKind::Duplicate, 0.5}};
        for (const auto& [kind, value] : kinds) {
            world.scheduleFault(atNanoseconds(1'000'000'000), fault(kind, wide.toStdString(), 4s, value));
            world.scheduleFault(atNanoseconds(2'000'000'000), fault(kind, narrow.toStdString(), {}, value / 2));
        }
        world.run(atNanoseconds(6'000'000'000));
        const auto isHarmed = [&](HostId from, HostId to) {
            const Path* path = pathOf(world, from, to);
            const bool cut = path != nullptr && path->cut;
            const bool all = cut && path->extraDelay == 250ms && path->loss == 0.25 && path->duplicate == 0.25;
            return cut == all ? int{cut} : -1;
        };
        const bool isOneWay = narrow.contains('>');
        QCOMPARE(isHarmed(a, b), isOneWay && narrow != "link:a>b" ? 0 : 1);
        QCOMPARE(isHarmed(b, a), isOneWay && narrow != "link:b>a" ? 0 : 1);
        QCOMPARE(isHarmed(a, c), 0);
        QCOMPARE(isHarmed(c, a), 0);
    }

    void aFaultOfAMachineIsTheSameWhicheverOfItsProcessesIsNamed() {
        World world = pair();
        world.scheduleFault(atNanoseconds(1'000'000'000), fault(FaultKind::FullDisk, "host:a"));
        world.scheduleFault(atNanoseconds(2'000'000'000), fault(FaultKind::FullDisk, "process:server", 1s));
        world.run(atNanoseconds(4'000'000'000));
        const HostId host = world.process(world.findProcess("server")).host;
        QVERIFY(world.host(host).disk.isFull());
        world.scheduleFault(atNanoseconds(5'000'000'000), fault(FaultKind::FreeDisk, "process:server"));
        world.run(atNanoseconds(6'000'000'000));
        QVERIFY(!world.host(host).disk.isFull());
        QCOMPARE(endOf(world, 0), 5.0);
    }

    void entriesThatSayTheSameAreCountedIntoOne() {
        struct Flood final : ActorBase<Flood> {
            std::int64_t said = 0;
            void start(Context& context) override { context.arm(1ms, makeRef<Tick>()); }
            void handle(Context& context, const Message&) override {
                context.journal({"demo.other", Severity::Notice, "another story", {}});
                for (int i = 0; i < 10; ++i, ++said) {
                    context.journal({"demo.flood", Severity::Warning, fmt::format("line {}", said), {}, "lines"});
                }
                if (said < 5000) {
                    context.arm(1ms, makeRef<Tick>());
                }
            }
        };
        World world;
        world.addProcess(world.addHost(HostSpec{.name = "h"}),
                         makeRef<DemoBlueprint>("flood", [](Context& context, const DemoBlueprint&) {
                             context.addActor("main", makeRef<Flood>());
                         }));
        world.run(atNanoseconds(250'000'000));
        const World early = world;
        world.run(atNanoseconds(1'000'000'000));
        const JournalEntry* first = nullptr;
        std::uint64_t kept = 0;
        std::uint64_t others = 0;
        for (std::uint32_t id = 1; id <= world.journal().lastId().value; ++id) {
            const JournalEntry* entry = world.journal().find(JournalId{id});
            QCOMPARE(entry->id.value, id);
            const bool isFlood = entry->kind == "demo.flood";
            first = first == nullptr && isFlood ? entry : first;
            kept += isFlood ? 1 : 0;
            others += isFlood ? 0 : 1;
            QVERIFY(entry->cause < entry->id);
        }
        QCOMPARE(kept, Journal::keptOfAlike);
        QCOMPARE(others, std::uint64_t{500});  // What else happened is all there.
        const Repeats* repeats = world.journal().repeatsOf(*first);
        QCOMPARE(repeats->count, std::uint64_t{5000});
        QCOMPARE(repeats->first, first->id);
        QCOMPARE(repeats->last, atNanoseconds(500'000'000));
        // A copy of the world goes on counting from where it was taken, and the original is as it was.
        const Repeats* then = early.journal().repeatsOf(*early.journal().find(first->id));
        QCOMPARE(then->count, std::uint64_t{2500});
        World again = early;
        again.run(atNanoseconds(1'000'000'000));
        QCOMPARE(again.journal().repeatsOf(*first)->count, std::uint64_t{5000});
        QCOMPARE(again.fingerprint(), world.fingerprint());
    }

    void aTargetThatNamesNothingIsSaidInTheJournal() {
        World world = pair();
        world.injectFault(fault(FaultKind::Crash, "broker:9"));
        const JournalEntry* entry = newest(world, "sim.fault-injected");
        QVERIFY(entry->severity == Severity::Warning);
        QVERIFY(entry->text.find("broker:9") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestNetworkAndFaults)
#include "tst_network_and_faults.moc"
