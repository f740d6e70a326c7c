#include "engine/gateway/gateway_process.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>

#include "engine/base/shared_map.h"
#include "engine/kafka/protocol/group.h"
#include "engine/kafka/protocol/metadata.h"
#include "engine/kafka/wire/codec.h"
#include "engine/sim/context.h"
#include "engine/sim/metrics.h"
#include "engine/sim/world.h"

namespace millrace::gateway {
namespace {

constexpr std::string_view loopback = "127.0.0.1";

/// A request that has not been answered yet, and its answer when that is ready before it is its turn.
struct Pending {
    kafka::codec::DecodedRequest request;
    std::optional<std::string> answer;
};

struct Client {
    ClientNumber number;
    sim::ConnectionId connection = sim::noConnection;
    std::deque<Pending> pending;
};

class GatewayActor final : public sim::ActorBase<GatewayActor> {
public:
    explicit GatewayActor(std::vector<BrokerDoor> doors) : m_doors(std::move(doors)) {}

    void handle(sim::Context& context, const sim::Message& message) override {
        if (const auto* did = message.as<ClientDid>()) {
            onClient(context, *did);
            return;
        }
        const auto at = std::find_if(m_clients.begin(), m_clients.end(),
                                     [&](const Client& client) { return client.connection == context.connection(); });
        if (at == m_clients.end() || message.as<sim::ConnectionOpened>() != nullptr ||
            message.as<sim::ConnectionWritable>() != nullptr) {
            return;
        }
        if (message.as<sim::ConnectionClosed>() != nullptr || message.as<sim::ConnectionFailed>() != nullptr) {
            hangUp(context, at);
            return;
        }
        onResponse(context, *at, message);
    }

    void sample(sim::MetricSink& sink) const override {
        sink.gauge("clients", static_cast<double>(m_clients.size()));
        sink.counter("frames_in", static_cast<double>(m_framesIn));
        sink.counter("bytes_in", static_cast<double>(m_bytesIn));
        sink.counter("bytes_out", static_cast<double>(m_bytesOut));
    }

private:
    using Clients = std::vector<Client>;

    void onClient(sim::Context& context, const ClientDid& did) {
        if (did.what == ClientDid::What::Opened) {
            open(context, did);
            return;
        }
        const auto at = std::find_if(m_clients.begin(), m_clients.end(),
                                     [&](const Client& client) { return client.number == did.client; });
        if (at == m_clients.end()) {
            return;  // it has been hung up on meanwhile
        }
        if (did.what == ClientDid::What::Closed) {
            context.close(at->connection);
            m_clients.erase(at);
        } else {
            onFrame(context, at, did.frame->text());
        }
    }

    void open(sim::Context& context, const ClientDid& did) {
        const BrokerDoor* door = doorOf(did.broker);
        MILLRACE_CHECK(door != nullptr, did.broker.value);  // as `hasDoor` has told whoever sent it
        const sim::HostId host = context.findHost(door->host);
        MILLRACE_CHECK(host != sim::noHost, door->host);
        m_clients.push_back({did.client, context.connect(host, sim::Port{door->port}), {}});
    }

    void onFrame(sim::Context& context, Clients::iterator client, std::string_view frame) {
        ++m_framesIn;
        m_bytesIn += frame.size();
        auto decoded = kafka::codec::decodeRequest(frame);
        if (!decoded) {
            journalBadFrame(context, *client, decoded.error());
            hangUp(context, client);
            return;
        }
        Pending pending{std::move(*decoded), std::nullopt};
        if (pending.request.message) {
            context.transmit(client->connection, std::exchange(pending.request.message, nullptr));
        } else if (pending.request.head.key == kafka::codec::ApiKey::ApiVersions) {
            pending.answer = kafka::codec::encodeApiVersions(pending.request);
        } else if (pending.request.expectsAnswer) {
            pending.answer = kafka::codec::encodeRefusedProduce(pending.request);
        } else {
            hangUp(context, client);  // with acks = 0 that is how a producer hears of an error
            return;
        }
        if (pending.request.expectsAnswer) {
            client->pending.push_back(std::move(pending));
            flush(context, *client);
        }
    }

    // A connection's responses come in the order of its requests; those that were answered here stand between them.
    void onResponse(sim::Context& context, Client& client, const sim::Message& message) {
        const auto at = std::find_if(client.pending.begin(), client.pending.end(),
                                     [](const Pending& pending) { return !pending.answer; });
        MILLRACE_CHECK(at != client.pending.end(), message.summary());
        at->answer = encode(at->request, message);
        flush(context, client);
    }

    void flush(sim::Context& context, Client& client) {
        std::string bytes;
        while (!client.pending.empty() && client.pending.front().answer) {
            bytes += *client.pending.front().answer;
            client.pending.pop_front();
        }
        if (!bytes.empty()) {
            m_bytesOut += bytes.size();
            context.effect(makeRef<ClientEffect>(client.number, std::move(bytes)));
        }
    }

    void hangUp(sim::Context& context, Clients::iterator client) {
        context.close(client->connection);
        context.effect(makeRef<ClientEffect>(client->number, std::string{}));
        m_clients.erase(client);
    }

    /// Brokers tell their simulated addresses; clients can only reach the real ones.
    [[nodiscard]] std::string encode(const kafka::codec::DecodedRequest& request, const sim::Message& message) const {
        if (const auto* metadata = message.as<kafka::MetadataResponse>()) {
            kafka::MetadataResponse outside = *metadata;
            for (kafka::BrokerEndpoint& broker : outside.brokers) {
                readdress(broker);
            }
            return kafka::codec::encodeResponse(request, outside);
        }
        if (const auto* found = message.as<kafka::FindCoordinatorResponse>()) {
            kafka::FindCoordinatorResponse outside = *found;
            readdress(outside.coordinator);
            return kafka::codec::encodeResponse(request, outside);
        }
        return kafka::codec::encodeResponse(request, message);
    }

    void readdress(kafka::BrokerEndpoint& broker) const {
        if (const BrokerDoor* door = doorOf(broker.id)) {
            broker.host = loopback;
            broker.port = door->realPort;
        }
    }

    [[nodiscard]] const BrokerDoor* doorOf(kafka::BrokerId id) const {
        const auto at =
            std::find_if(m_doors.begin(), m_doors.end(), [&](const BrokerDoor& door) { return door.id == id; });
        return at != m_doors.end() ? &*at : nullptr;
    }

    static void journalBadFrame(sim::Context& context, const Client& client, const std::string& why) {
        sim::JournalDraft draft;
        draft.kind = "gateway.client-refused";
        draft.severity = sim::Severity::Warning;
        draft.text = fmt::format("Client {} is hung up on: {}", client.number.value, why);
        draft.fields = {{"client", std::to_string(client.number.value)}, {"reason", why}};
        context.journal(std::move(draft));
    }

    std::vector<BrokerDoor> m_doors;
    Clients m_clients;
    std::uint64_t m_framesIn = 0;
    std::uint64_t m_bytesIn = 0;
    std::uint64_t m_bytesOut = 0;
};

class GatewayBlueprint final : public sim::Blueprint {
public:
    explicit GatewayBlueprint(std::vector<BrokerDoor> doors) : m_doors(std::move(doors)) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override { context.addActor("clients", makeRef<GatewayActor>(m_doors)); }
    [[nodiscard]] const std::vector<BrokerDoor>& doors() const { return m_doors; }

private:
    std::vector<BrokerDoor> m_doors;
    std::string m_name{gatewayProcess};
};

}  // namespace

std::string ClientDid::summary() const {
    switch (what) {
        case What::Opened:
            return fmt::format("client {} opens a connection to broker {}", client.value, broker.value);
        case What::Sent:
            return fmt::format("client {} sends a frame of {} bytes", client.value, frame->size());
        case What::Closed:
            break;
    }
    return fmt::format("client {} closes its connection", client.value);
}

ClientEffect::ClientEffect(ClientNumber client, std::string bytes)
    : m_client(client), m_bytes(std::move(bytes)), m_destination("client:" + toText(client)) {}

void ClientEffect::digest(Digest& digest) const {
    digest.add(m_client.value);
    digest.add(std::string_view{m_bytes});
}

std::string ClientEffect::summary() const {
    return hangsUp() ? fmt::format("hang up on client {}", m_client.value)
                     : fmt::format("{} bytes to client {}", m_bytes.size(), m_client.value);
}

Ref<const sim::Blueprint> makeGatewayBlueprint(std::vector<BrokerDoor> doors) {
    return makeRef<GatewayBlueprint>(std::move(doors));
}

bool hasDoor(const sim::World& world, kafka::BrokerId broker) {
    const sim::ProcessId process = world.findProcess(gatewayProcess);
    const auto* gateway = process == sim::noProcess
                              ? nullptr
                              : dynamic_cast<const GatewayBlueprint*>(world.process(process).blueprint.get());
    return gateway != nullptr && std::any_of(gateway->doors().begin(), gateway->doors().end(),
                                             [&](const BrokerDoor& door) { return door.id == broker; });
}

}  // namespace millrace::gateway
