#include <fmt/format.h>

#include <map>

#include "engine/lab/invariant.h"
#include "engine/zookeeper/server_actor.h"

namespace millrace::lab {

namespace {

/// Two servers whose trees end with the same transaction have the same tree, and an epoch has one leader. Digests of
/// earlier looks are kept, so that a server that lags is compared with what the others had then.
class CoordinationTreesAgree final : public Invariant {
public:
    [[nodiscard]] std::string_view name() const override { return "coordination-trees-agree"; }
    [[nodiscard]] std::string_view statement() const override {
        return "ZooKeeper's servers have equal trees after equal transactions, and an epoch has one leader";
    }
    void forget() override {
        m_digests.clear();
        m_leaders.clear();
    }

    void observe(const sim::World& world) override {
        for (std::uint32_t i = 0; i < world.processCount(); ++i) {
            const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
            if (!process.name().starts_with("zookeeper/")) {
                continue;
            }
            if (const auto* server = world.findActor<zookeeper::Server>(process.name() + "/server")) {
                compare(world, *server);
            }
        }
        constexpr std::size_t kept = 10'000;
        while (m_digests.size() > kept) {
            m_digests.erase(m_digests.begin());
        }
    }

private:
    void compare(const sim::World& world, const zookeeper::Server& server) {
        const zookeeper::Tree& tree = server.tree();
        const auto [known, isNew] = m_digests.try_emplace(tree.lastZxid(), tree.digest());
        if (!isNew) {
            expect(world, known->second == tree.digest(), [&] {
                return fmt::format("the tree of {} at zxid {} is not what another server had there",
                                   server.member().name, zookeeper::toText(tree.lastZxid()));
            });
        }
        if (!server.isServing() || server.state() != zookeeper::ServerState::Leading) {
            return;
        }
        const auto [leader, isFirst] = m_leaders.try_emplace(server.epoch(), server.member().id);
        expect(world, isFirst || leader->second == server.member().id, [&] {
            return fmt::format("{} leads epoch {}, which had another leader", server.member().name, server.epoch());
        });
    }

    std::map<zookeeper::Zxid, std::uint64_t> m_digests;
    std::map<std::uint32_t, zookeeper::ServerId> m_leaders;
};

}  // namespace

std::unique_ptr<Invariant> makeCoordinationTreesAgree() {
    return std::make_unique<CoordinationTreesAgree>();
}

}  // namespace millrace::lab
