#include <fmt/format.h>

#include "engine/lab/invariant.h"

namespace millrace::lab {

namespace {

/// Effects leave the world in order of their numbers, none twice and none left out. What is remembered outlives a
/// rewind: that is when an effect may come again.
class EffectsCarriedOutOnce final : public Invariant {
public:
    [[nodiscard]] std::string_view name() const override { return "effects-carried-out-once"; }
    [[nodiscard]] std::string_view statement() const override {
        return "Every effect is carried out exactly once and in order, whatever is rewound";
    }
    void observe(const sim::World&) override {}
    void forget() override {}

    void observeEffects(const sim::World& world, const std::vector<sim::NumberedEffect>& effects) override {
        for (const sim::NumberedEffect& effect : effects) {
            const std::uint64_t number = effect.number.value;
            const std::uint64_t next = m_last == 0 ? number : m_last + 1;
            expect(world, number == next, [&] {
                return number <= m_last
                           ? fmt::format("effect {} was carried out again: {}", number, effect.effect->summary())
                           : fmt::format("effects {} to {} were left out", next, number - 1);
            });
            m_last = std::max(m_last, number);
        }
    }
    void finish(const sim::World& world, bool /*drained*/) override {
        if (m_last != 0) {
            const std::uint64_t made = world.nextEffect().value - 1;
            expect(world, made == m_last,
                   [&] { return fmt::format("{} effects were made and {} carried out", made, m_last); });
        }
    }

private:
    std::uint64_t m_last = 0;
};

}  // namespace

std::unique_ptr<Invariant> makeEffectsCarriedOutOnce() {
    return std::make_unique<EffectsCarriedOutOnce>();
}

Invariants standardInvariants() {
    Invariants all;
    addReplicationInvariants(all);
    all.push_back(makeTuplesAckedOrReplayed());
    all.push_back(makeSpoutsCommitWhatIsAcked());
    all.push_back(makeGroupingsReachTheirTasks());
    all.push_back(makeCoordinationTreesAgree());
    all.push_back(makeEffectsCarriedOutOnce());
    all.push_back(makeFiguresNeverFall());
    all.push_back(makeJobsEqualASinglePass());
    addHadoopInvariants(all);
    addRecordInvariants(all);
    addCoordinationInvariants(all);
    addStreamInvariants(all);
    return all;
}

}  // namespace millrace::lab
