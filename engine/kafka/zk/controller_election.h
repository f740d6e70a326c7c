#pragma once

#include <cstdint>
#include <optional>

#include "engine/kafka/types.h"
#include "engine/kafka/zk/purpose.h"

namespace millrace::kafka {

/// Who of the brokers is the controller: whoever made the ephemeral /controller, in one transaction with the next epoch
/// in /controller_epoch, so that no two have the same. Whoever holds it watches that the node stays its own; all others
/// watch that it goes. Source: KafkaZkClient.registerControllerAndIncrementControllerEpoch, KafkaController.elect of
/// Kafka 3.9. Owned by the broker's actor, whose ZooKeeper session it shares.
class ControllerElection {
public:
    explicit ControllerElection(BrokerId self) : m_self(self) {}

    /// What a reply came to.
    struct Outcome {
        enum class Kind : std::uint8_t { None, Elected, Lost };
        Kind kind = Kind::None;
        ControllerEpoch epoch;
        std::int32_t epochVersion = 0;  ///< of the node that says so: writes check it
        bool isWatched = false;         ///< otherwise `watch` has to follow
    };

    /// Tries to become the controller, unless it is or tries already; called when the broker is registered.
    void elect(sim::Context& context, zookeeper::ZkClient& client);
    /// Of an elected one: tells when somebody takes the node away.
    void watch(sim::Context& context, zookeeper::ZkClient& client) const;
    /// No longer the controller, for whatever reason.
    void resign() { m_isHeld = false; }
    void onSessionExpired() { m_isHeld = m_isElecting = false; }
    /// Nothing when the reply is not of the election.
    [[nodiscard]] std::optional<Outcome> onReply(sim::Context& context, zookeeper::ZkClient& client,
                                                 const zookeeper::Reply& reply);
    /// True when the watch was the election's.
    bool onWatch(sim::Context& context, zookeeper::ZkClient& client, const zookeeper::WatchFired& fired);

private:
    [[nodiscard]] Outcome elected(ControllerEpoch epoch, std::int32_t epochVersion, bool isWatched);
    [[nodiscard]] Outcome onEpoch(sim::Context& context, zookeeper::ZkClient& client, const zookeeper::Reply& reply);

    BrokerId m_self;
    bool m_isHeld = false;
    bool m_isElecting = false;
    std::int32_t m_readEpoch = 0;  ///< what /controller_epoch said when the claim was made
};

}  // namespace millrace::kafka
