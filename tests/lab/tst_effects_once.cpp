#include <QtTest/QTest>

#include "engine/run/session.h"
#include "tests/lab/planted.h"
#include "tests/sim/demo_actors.h"

using namespace millrace;
using namespace millrace::lab;
using namespace millrace::lab::test;

namespace {

struct Said final : sim::Effect {
    std::string to = "sink:test";
    std::string text;
    explicit Said(std::string t) : text(std::move(t)) {}
    [[nodiscard]] const std::string& destination() const override { return to; }
    void digest(Digest& digest) const override { digest.add(text); }
    [[nodiscard]] std::string summary() const override { return text; }
};

class Speaker final : public sim::ActorBase<Speaker> {
public:
    void start(sim::Context& context) override { context.arm(5ms, makeRef<sim::demo::Tick>()); }
    void handle(sim::Context& context, const sim::Message&) override {
        context.effect(makeRef<Said>(std::to_string(context.random().below(1000))));
        context.arm(5ms, makeRef<sim::demo::Tick>());
    }
};

}  // namespace

class TestEffectsOnce : public QObject {
    Q_OBJECT

private slots:
    void anEffectThatIsCarriedOutTwiceIsNoticed() {
        const auto play = [](bool planted) {
            sim::World world = sim::demo::pair(3);
            world.addProcess(world.findHost("a"),
                             makeRef<sim::demo::DemoBlueprint>(
                                 "speaker", [](sim::Context& context, const sim::demo::DemoBlueprint&) {
                                     context.addActor("main", makeRef<Speaker>());
                                 }));
            Checker checker;
            const sim::World* head = nullptr;
            run::SessionOptions options;
            options.carriesOutAgain = planted;
            run::Session session(
                std::move(world),
                [&](const std::vector<sim::NumberedEffect>& effects) {
                    checker.observeEffects(*head, effects);
                    return Result<void>{};
                },
                options);
            head = &session.world();
            MILLRACE_CHECK(session.advance(SimTime{1s}).has_value());
            MILLRACE_CHECK(session.seek(SimTime{500ms}).has_value());
            MILLRACE_CHECK(session.advance(SimTime{2s}).has_value());
            checker.finish(session.world(), true);
            return checker;
        };
        const Checker clean = play(false);
        expectCaught(violationsOf(clean), statusOf(clean, "effects-carried-out-once"),
                     statusOf(play(true), "effects-carried-out-once"));
    }
};

QTEST_APPLESS_MAIN(TestEffectsOnce)
#include "tst_effects_once.moc"
