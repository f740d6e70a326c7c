#include <fmt/format.h>

#include <array>
#include <map>
#include <string>
#include <utility>

#include "engine/kafka/client/group_member_process.h"
#include "engine/kafka/client/producer_process.h"
#include "engine/lab/invariant.h"

namespace millrace::lab {

namespace {

/// What has happened has happened, whatever becomes of the process that it happened to: the figures of producers and of
/// members of groups are those of all their incarnations together.
class FiguresNeverFall final : public Invariant {
public:
    [[nodiscard]] std::string_view name() const override { return "figures-never-fall"; }
    [[nodiscard]] std::string_view statement() const override {
        return "What a client has sent, got acknowledged, read and committed never becomes less, also when it starts "
               "again";
    }
    void forget() override { m_last.clear(); }

    void observe(const sim::World& world) override {
        constexpr std::string_view producers = "producer/";
        for (std::uint32_t i = 0; i < world.processCount(); ++i) {
            const std::string& name = world.process(sim::ProcessId{i}).name();
            if (name.starts_with(producers)) {
                const auto records =
                    kafka::producerFigures(world, std::string_view{name}.substr(producers.size())).records;
                compare(world, name, {records.sent, records.acked, records.failed, records.retried});
            }
        }
        for (const kafka::GroupMemberProcess& member : kafka::groupMemberProcesses(world)) {
            const auto figures = kafka::groupMemberFigures(world, member.group, member.member);
            compare(world, kafka::groupMemberProcessName(member.group, member.member),
                    {figures.consumed, figures.commits, figures.rebalances, figures.pollTimeouts});
        }
    }

private:
    using Figures = std::array<std::int64_t, 4>;

    void compare(const sim::World& world, const std::string& process, const Figures& now) {
        Figures& last = m_last[process];
        for (std::size_t i = 0; i < now.size(); ++i) {
            expect(world, now[i] >= last[i],
                   [&] { return fmt::format("a figure of {} has gone from {} to {}", process, last[i], now[i]); });
        }
        last = now;
    }

    std::map<std::string, Figures> m_last;
};

}  // namespace

std::unique_ptr<Invariant> makeFiguresNeverFall() {
    return std::make_unique<FiguresNeverFall>();
}

}  // namespace millrace::lab
