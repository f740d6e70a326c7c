#include "engine/kafka/zk/controller_election.h"

#include <charconv>
#include <string>

#include "engine/kafka/zk/znodes.h"

namespace millrace::kafka {

namespace {

constexpr std::uint64_t ofHolder = 2;  // a question of whoever holds the node
constexpr std::uint64_t isMine = 1;    // the epoch of a claim whose answer was lost

void readController(sim::Context& context, zookeeper::ZkClient& client) {
    client.getData(context, tagOf(ZkPurpose::ReadController), znodes::controller, true);
}

void readEpoch(sim::Context& context, zookeeper::ZkClient& client, std::uint64_t token) {
    client.getData(context, tagOf(ZkPurpose::ReadControllerEpoch, token), znodes::controllerEpoch);
}

}  // namespace

void ControllerElection::elect(sim::Context& context, zookeeper::ZkClient& client) {
    if (!m_isHeld && !m_isElecting) {
        m_isElecting = true;
        readController(context, client);
    }
}

void ControllerElection::watch(sim::Context& context, zookeeper::ZkClient& client) const {
    client.exists(context, tagOf(ZkPurpose::ReadController, ofHolder), znodes::controller, true);
}

ControllerElection::Outcome ControllerElection::elected(ControllerEpoch epoch, std::int32_t epochVersion,
                                                        bool isWatched) {
    m_isElecting = false;
    m_isHeld = true;
    return {Outcome::Kind::Elected, epoch, epochVersion, isWatched};
}

std::optional<ControllerElection::Outcome> ControllerElection::onReply(sim::Context& context,
                                                                       zookeeper::ZkClient& client,
                                                                       const zookeeper::Reply& reply) {
    using zookeeper::ErrorCode;
    const ZkPurpose purpose = purposeOf(reply);
    if (purpose != ZkPurpose::ReadController && purpose != ZkPurpose::ReadControllerEpoch &&
        purpose != ZkPurpose::CreateControllerEpoch && purpose != ZkPurpose::ClaimController) {
        return std::nullopt;
    }
    const bool isThere = reply.error == ErrorCode::Ok;
    if (purpose == ZkPurpose::ReadController && reply.tag.token == ofHolder) {
        const bool isLost =
            reply.error == ErrorCode::NoNode || (isThere && reply.stat.ephemeralOwner != client.session());
        m_isHeld = m_isHeld && !isLost;
        return Outcome{isLost ? Outcome::Kind::Lost : Outcome::Kind::None, {}, 0, false};
    }
    if (reply.error == ErrorCode::SessionExpired) {
        return Outcome{};
    }
    switch (purpose) {
        case ZkPurpose::ReadController:
            if (reply.error == ErrorCode::NoNode) {
                readEpoch(context, client, 0);
            } else if (isThere && reply.stat.ephemeralOwner == client.session() && !m_isHeld) {
                readEpoch(context, client, isMine);  // the claim's answer was lost, the claim was not
            } else {
                m_isElecting = false;  // there is one; its node is watched
            }
            return Outcome{};
        case ZkPurpose::ReadControllerEpoch:
            return onEpoch(context, client, reply);
        case ZkPurpose::CreateControllerEpoch:
            readEpoch(context, client, 0);
            return Outcome{};
        default:
            break;
    }
    // The claim.
    if (isThere && reply.results.size() == 2) {
        return elected(ControllerEpoch{m_readEpoch + 1}, reply.results[1].stat.version, false);
    }
    readController(context, client);
    return Outcome{};
}

ControllerElection::Outcome ControllerElection::onEpoch(sim::Context& context, zookeeper::ZkClient& client,
                                                        const zookeeper::Reply& reply) {
    if (reply.error == zookeeper::ErrorCode::NoNode) {
        client.create(context, tagOf(ZkPurpose::CreateControllerEpoch), znodes::controllerEpoch, "0");
        return {};
    }
    m_readEpoch = 0;
    std::from_chars(reply.data.data(), reply.data.data() + reply.data.size(), m_readEpoch);
    if (reply.tag.token == isMine) {
        return elected(ControllerEpoch{m_readEpoch}, reply.stat.version, true);
    }
    client.multi(
        context, tagOf(ZkPurpose::ClaimController),
        {zookeeper::Operation::create(znodes::controller, znodes::writeController(m_self, context.clockMillis()),
                                      zookeeper::CreateMode::Ephemeral),
         zookeeper::Operation::setData(znodes::controllerEpoch, std::to_string(m_readEpoch + 1), reply.stat.version)});
    return {};
}

bool ControllerElection::onWatch(sim::Context& context, zookeeper::ZkClient& client,
                                 const zookeeper::WatchFired& fired) {
    if (fired.path != znodes::controller) {
        return false;
    }
    if (m_isHeld) {
        watch(context, client);
    } else {
        elect(context, client);
    }
    return true;
}

}  // namespace millrace::kafka
