#include <fmt/format.h>

#include <map>
#include <string>

#include "engine/lab/invariant.h"
#include "engine/storm/runtime/acker_executor.h"
#include "engine/storm/runtime/spout_executor.h"
#include "engine/storm/runtime/worker.h"

namespace millrace::lab {

namespace {

/// At every look each spout executor's books must balance: what it has emitted is acked, failed (and so handed back to
/// the spout, which emits it again) or pending. And no acker may have declared a tree complete while tuples of it were
/// under way: then a loss behind it would never be replayed. An executor that dies takes its books along.
class TuplesAckedOrReplayed final : public Invariant {
public:
    [[nodiscard]] std::string_view name() const override { return "tuples-acked-or-replayed"; }
    [[nodiscard]] std::string_view statement() const override {
        return "Every spout tuple is acked when all tuples made from it are, and replayed otherwise";
    }
    void forget() override { m_completed.clear(); }

    void observe(const sim::World& world) override {
        forEachExecutor(world, [&](const std::string& name, const sim::Actor& actor) {
            if (const auto* acker = dynamic_cast<const storm::AckerExecutor*>(&actor)) {
                balance(world, name, *acker);
            } else if (const auto* spout = dynamic_cast<const storm::SpoutExecutor*>(&actor)) {
                balance(world, name, *spout);
            }
        });
    }

    void finish(const sim::World& world, bool drained) override {
        if (!drained) {
            return;
        }
        forEachExecutor(world, [&](const std::string& name, const sim::Actor& actor) {
            if (const auto* spout = dynamic_cast<const storm::SpoutExecutor*>(&actor)) {
                expect(world, spout->pending() == 0, [&] {
                    return fmt::format("{} still waits for {} tuples after all is drained", name, spout->pending());
                });
            }
        });
    }

private:
    static void forEachExecutor(const sim::World& world, auto&& f) {
        for (std::uint32_t i = 0; i < world.processCount(); ++i) {
            const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
            if (!process.isAlive() || !process.name().starts_with("worker/")) {
                continue;
            }
            const auto* worker = world.findActor<storm::Worker>(process.name() + "/main");
            if (worker == nullptr || !worker->isLaunched()) {
                continue;
            }
            for (const storm::ExecutorRange& range : worker->config().executors) {
                const std::string name = process.name() + "/" + storm::executorName(*worker->config().topology, range);
                if (const sim::Actor* executor = world.findActor(name)) {
                    f(name, *executor);
                }
            }
        }
    }

    void balance(const sim::World& world, const std::string& name, const storm::AckerExecutor& acker) {
        std::uint64_t& known = m_completed[name];
        check(acker.completed() >= known ? acker.completed() - known : acker.completed());
        known = acker.completed();
        if (acker.completedEarly() > 0) {
            violate(world, fmt::format("{} has declared {} trees complete while tuples of them were under way", name,
                                       acker.completedEarly()));
        }
    }

    void balance(const sim::World& world, const std::string& name, const storm::SpoutExecutor& spout) {
        const std::uint64_t emitted = spout.emitFigures().emitted;
        const std::uint64_t accounted = spout.figures().acked + spout.figures().failed + spout.pending();
        expect(world, emitted == accounted && spout.figures().replayed <= spout.figures().failed, [&] {
            return fmt::format(
                "{} has emitted {} tuples, of which {} are acked, {} failed, {} pending, and {} emitted again", name,
                emitted, spout.figures().acked, spout.figures().failed, spout.pending(), spout.figures().replayed);
        });
    }

    std::map<std::string, std::uint64_t> m_completed;
};

}  // namespace

std::unique_ptr<Invariant> makeTuplesAckedOrReplayed() {
    return std::make_unique<TuplesAckedOrReplayed>();
}

}  // namespace millrace::lab
