#include <QtTest/QTest>

#include "engine/lab/checker.h"
#include "engine/zookeeper/server.h"

using namespace millrace;
using namespace millrace::lab;
using namespace std::chrono_literals;

namespace {

/// Counts its looks, and breaks at a given one.
class Scripted final : public Invariant {
public:
    explicit Scripted(int breaksAt = 0) : m_breaksAt(breaksAt) {}
    [[nodiscard]] std::string_view name() const override { return "scripted"; }
    [[nodiscard]] std::string_view statement() const override { return "It breaks when it is told to"; }
    void forget() override { ++forgotten; }
    void observe(const sim::World& world) override {
        ++looks;
        expect(world, looks != m_breaksAt, [&] { return "broken at look " + std::to_string(looks); });
    }
    int looks = 0;
    int forgotten = 0;

private:
    int m_breaksAt;
};

sim::World ensemble() {
    sim::World world(sim::WorldSpec{.seed = 3});
    zookeeper::EnsembleConfig config;
    for (int i = 1; i <= 3; ++i) {
        sim::HostSpec host;
        host.name = "h" + std::to_string(i);
        zookeeper::EnsembleMember member;
        member.id = zookeeper::ServerId{i};
        member.name = "zk" + std::to_string(i);
        member.host = world.addHost(host);
        config.members.push_back(member);
    }
    for (const auto& member : config.members) {
        world.addProcess(member.host, zookeeper::makeServerBlueprint(config, member.id));
    }
    return world;
}

void runFor(sim::World& world, SimDuration duration) {
    world.run(world.now() + duration);
}

}  // namespace

class TestChecker : public QObject {
    Q_OBJECT

private slots:
    void aCheckedRunHasTheFingerprintOfAnUncheckedOne() {
        sim::World unchecked = ensemble();
        unchecked.run(SimTime{5s});
        sim::World checked = ensemble();
        Checker checker;
        while (checked.now() < SimTime{5s}) {
            runFor(checked, 10ms);
            checker.observe(checked);
        }
        QCOMPARE(checked.fingerprint(), unchecked.fingerprint());
        QVERIFY(checker.holds());
    }

    void looksAreAtMostTenASecondBesidesNews() {
        sim::World world = ensemble();
        Invariants invariants;
        auto scripted = std::make_unique<Scripted>();
        const Scripted& seen = *scripted;
        invariants.push_back(std::move(scripted));
        Checker checker(std::move(invariants));
        world.run(SimTime{2s});  // the election's news are over
        checker.observe(world);
        QCOMPARE(seen.looks, 1);
        for (int i = 0; i < 100; ++i) {
            runFor(world, 10ms);
            checker.observe(world);
        }
        QCOMPARE(seen.looks, 11);
        sim::FaultSpec fault;
        fault.target = "process:zookeeper/zk1";
        world.injectFault(fault);
        checker.observe(world);
        QCOMPARE(seen.looks, 12);
        checker.observe(world);
        QCOMPARE(seen.looks, 12);
    }

    void theFirstViolationIsKept() {
        sim::World world = ensemble();
        Invariants invariants;
        invariants.push_back(std::make_unique<Scripted>(3));
        Checker checker(std::move(invariants));
        for (int i = 0; i < 10; ++i) {
            runFor(world, 1s);
            checker.observe(world);
        }
        QVERIFY(!checker.holds());
        const InvariantStatus status = checker.status().front();
        QCOMPARE(status.first->time, SimTime{3s});
        QCOMPARE(status.first->text, std::string{"broken at look 3"});
        QCOMPARE(status.first->entry, world.journal().lastId());
        QCOMPARE(status.checked, std::uint64_t{10});
    }

    void aRewindOrAnotherBranchStartsAnew() {
        sim::World world = ensemble();
        Invariants invariants;
        auto scripted = std::make_unique<Scripted>();
        const Scripted& seen = *scripted;
        invariants.push_back(std::move(scripted));
        Checker checker(std::move(invariants));
        runFor(world, 3s);
        sim::World past = world;
        runFor(world, 3s);
        checker.observe(world);
        QCOMPARE(seen.forgotten, 0);
        checker.observe(past);
        QCOMPARE(seen.forgotten, 1);
        sim::FaultSpec fault;
        fault.target = "process:zookeeper/zk1";
        past.injectFault(fault);
        runFor(past, 10s);
        runFor(world, 1s);
        world.injectFault(fault);
        checker.observe(past);
        QCOMPARE(seen.forgotten, 1);
        runFor(world, 10s);
        checker.observe(world);
        QCOMPARE(seen.forgotten, 2);
    }
};

QTEST_APPLESS_MAIN(TestChecker)
#include "tst_checker.moc"
