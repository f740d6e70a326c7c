#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/strong.h"
#include "engine/kafka/types.h"
#include "engine/sim/effect.h"
#include "engine/sim/message.h"
#include "engine/sim/process.h"

namespace millrace::sim {
class World;
}

namespace millrace::gateway {

/// A TCP connection from outside, in order of its opening, from 1.
using ClientNumber = Strong<struct ClientNumberTag, std::uint64_t>;

/// A broker in the world and where the outside reaches it.
struct BrokerDoor {
    kafka::BrokerId id;
    std::string host;            ///< simulated
    std::uint16_t port = 9092;   ///< simulated
    std::uint16_t realPort = 0;  ///< on 127.0.0.1
};

/// To the gateway, from outside: what a client did. Whole protocol frames, never single reads. `TurnedAway` is told of
/// clients that have no number: a broker took no connection of theirs.
struct ClientDid final : sim::MessageBase<ClientDid> {
    static constexpr std::string_view Name = "gateway.ClientDid";
    enum class What : std::uint8_t { Opened, Sent, Closed, TurnedAway };
    ClientNumber client;
    What what;
    kafka::BrokerId broker;  ///< of Opened and TurnedAway
    BytesRef frame;          ///< of Sent: without its length prefix
    std::string reason;      ///< of TurnedAway, and of Closed when it was not the client who left

    ClientDid(ClientNumber who, What did, kafka::BrokerId to, BytesRef bytes, std::string why = {})
        : client(who), what(did), broker(to), frame(std::move(bytes)), reason(std::move(why)) {}
    void digest(Digest& digest) const override {
        digest.add(client.value);
        digest.add(static_cast<std::uint64_t>(what));
        digest.add(broker.value);
        digest.add(frame ? frame->digest() : std::uint64_t{0});
        digest.add(std::string_view{reason});
    }
    [[nodiscard]] std::string summary() const override;
};

/// What leaves the world for a client: bytes of responses with the number of requests that are done with, or the end of
/// its connection.
class ClientEffect final : public sim::Effect {
public:
    /// Neither bytes nor requests: hang up. Requests that want no answer are done with without bytes.
    ClientEffect(ClientNumber client, std::string bytes, std::uint32_t requests);

    [[nodiscard]] const std::string& destination() const override { return m_destination; }
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;

    [[nodiscard]] ClientNumber client() const { return m_client; }
    [[nodiscard]] const std::string& bytes() const { return m_bytes; }
    [[nodiscard]] std::uint32_t requests() const { return m_requests; }
    [[nodiscard]] bool hangsUp() const { return m_bytes.empty() && m_requests == 0; }

private:
    ClientNumber m_client;
    std::string m_bytes;
    std::uint32_t m_requests;
    std::string m_destination;
};

/// The process "gateway" with one actor, "gateway/clients": real Kafka clients as the world sees them. Each client has
/// a simulated connection of its own to the broker whose port it opened; its frames become typed requests, the broker's
/// responses become bytes again, in the versions that were asked for, with the addresses that the outside can reach. A
/// broker that refuses or resets the connection hangs up on the client; ApiVersions is answered here. Responses leave
/// in the order of the requests. A request that wants no answer is done with when the connection's window has room for
/// it, so that a client that never waits is held up as by TCP. What a client may send is checked by the codec; a frame
/// that is none ends its connection, as Kafka does. Costs no processor time: it stands for the clients' own machines.
[[nodiscard]] Ref<const sim::Blueprint> makeGatewayBlueprint(std::vector<BrokerDoor> doors);

/// Whether the gateway of this world has a door to the broker; false when there is no gateway.
[[nodiscard]] bool hasDoor(const sim::World& world, kafka::BrokerId broker);

inline constexpr std::string_view gatewayProcess = "gateway";
inline constexpr std::string_view gatewayActor = "gateway/clients";

}  // namespace millrace::gateway
