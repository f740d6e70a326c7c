#include "engine/gateway/gateway_process.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>

#include "engine/base/check.h"
#include "engine/gateway/journal_kinds.h"
#include "engine/gateway/metrics.h"
#include "engine/kafka/protocol/apis.h"
#include "engine/kafka/wire/codec.h"
#include "engine/sim/link.h"
#include "engine/sim/metrics.h"
#include "engine/sim/world.h"

namespace millrace::gateway {
namespace {

constexpr std::string_view loopback = "127.0.0.1";

/// A request that has not been answered yet, and its answer when that is ready before it is its turn.
struct Pending {
    std::optional<std::string> answer;
};

struct Client {
    sim::Link link;
    std::deque<Pending> pending;
    std::uint32_t jammed = 0;  ///< requests without an answer that wait for room in the connection's window
};

/// Time to look whether a jammed connection has room again.
struct LookAgain final : sim::MessageBase<LookAgain> {
    static constexpr std::string_view Name = "gateway.LookAgain";
    ClientNumber client;
    explicit LookAgain(ClientNumber of) : client(of) {}
    void digest(Digest& digest) const override { digest.add(client.value); }
};

constexpr SimDuration lookInterval = std::chrono::milliseconds{10};

/// Calls `use` for each broker that a response says how to reach, whatever response that is.
template <class Use>
class Addresses : public kafka::SilentVisitor<Addresses<Use>> {
public:
    explicit Addresses(Use use) : kafka::SilentVisitor<Addresses>(0), m_use(std::move(use)) {}
    [[nodiscard]] static constexpr bool concerns(kafka::Versions) { return true; }
    template <class Items>
    void items(Items& items, auto) {
        if constexpr (requires { items.front().id, items.front().host, items.front().port; }) {
            for (auto& item : items) {
                m_use(item);
            }
        }
    }

private:
    Use m_use;
};

class GatewayActor final : public sim::ActorBase<GatewayActor> {
public:
    explicit GatewayActor(std::vector<BrokerDoor> doors) : m_doors(std::move(doors)) {}

    void handle(sim::Context& context, const sim::Message& message) override {
        if (const auto* did = message.as<ClientDid>()) {
            onClient(context, *did);
            return;
        }
        if (const auto* look = message.as<LookAgain>()) {
            if (const auto at = m_clients.find(look->client); at != m_clients.end()) {
                letGo(context, at);
            }
            return;
        }
        const auto known = m_numbers.find(context.connection());
        if (known == m_numbers.end()) {
            return;
        }
        const auto at = m_clients.find(known->second);
        const sim::Link::News news = at->second.link.read(context, message);
        if (news == sim::Link::News::Lost) {
            hangUp(context, at);
        } else if (news == sim::Link::News::Message) {
            onResponse(context, at, message);
        }
    }

    void sample(sim::MetricSink& sink) const override {
        sink.add(metric::clients, static_cast<double>(m_clients.size()));
        sink.add(metric::framesIn, static_cast<double>(m_framesIn));
        sink.add(metric::bytesIn, static_cast<double>(m_bytesIn));
        sink.add(metric::bytesOut, static_cast<double>(m_bytesOut));
    }

private:
    using Clients = std::map<ClientNumber, Client>;

    void onClient(sim::Context& context, const ClientDid& did) {
        if (did.what == ClientDid::What::Opened) {
            open(context, did);
            return;
        }
        if (did.what == ClientDid::What::TurnedAway) {
            journalTurnedAway(context, did);
            return;
        }
        const auto at = m_clients.find(did.client);
        if (at == m_clients.end()) {
            return;  // it has been hung up on meanwhile
        }
        if (did.what == ClientDid::What::Closed) {
            if (!did.reason.empty()) {
                journalRefusal(context, did.client, did.reason);
            }
            at->second.link.close(context);
            forget(at);
        } else {
            onFrame(context, at, did.frame->text());
        }
    }

    void open(sim::Context& context, const ClientDid& did) {
        const BrokerDoor* door = doorOf(did.broker);
        MILLRACE_CHECK(door != nullptr, did.broker.value);  // as `hasDoor` has told whoever sent it
        const sim::HostId host = context.findHost(door->host);
        MILLRACE_CHECK(host != sim::noHost, door->host);
        Client client;
        client.link.open(context, host, sim::Port{door->port});
        m_numbers.insert_or_assign(client.link.connection(), did.client);
        m_clients.insert_or_assign(did.client, std::move(client));
    }

    void onFrame(sim::Context& context, Clients::iterator at, std::string_view frame) {
        Client& client = at->second;
        ++m_framesIn;
        m_bytesIn += frame.size();
        auto decoded = kafka::codec::decodeRequest(frame);
        if (!decoded) {
            journalRefusal(context, at->first, decoded.error());
            hangUp(context, at);
            return;
        }
        Pending pending;
        if (decoded->api == &kafka::apiVersionsApi) {
            pending.answer = kafka::codec::encodeApiVersions(*decoded);
        } else {
            client.link.transmit(context, std::move(decoded->message));
        }
        if (decoded->isAnswered) {
            client.pending.push_back(std::move(pending));
            flush(context, at);
        } else {
            ++client.jammed;
            if (client.jammed == 1) {
                letGo(context, at);
            }
        }
    }

    /// Tells that requests without answers are done with, or looks again later.
    void letGo(sim::Context& context, Clients::iterator at) {
        if (context.unsent(at->second.link.connection()) > sim::Context::connectionWindow) {
            context.arm(lookInterval, makeRef<LookAgain>(at->first));
        } else if (at->second.jammed > 0) {
            context.effect(makeRef<ClientEffect>(at->first, std::string{}, std::exchange(at->second.jammed, 0)));
        }
    }

    // A connection's responses come in the order of its requests; those that were answered here stand between them.
    void onResponse(sim::Context& context, Clients::iterator client, const sim::Message& message) {
        auto& pending = client->second.pending;
        const auto at = std::find_if(pending.begin(), pending.end(), [](const Pending& each) { return !each.answer; });
        MILLRACE_CHECK(at != pending.end(), message.summary());
        at->answer = encode(message);
        flush(context, client);
    }

    void flush(sim::Context& context, Clients::iterator client) {
        std::string bytes;
        std::uint32_t requests = 0;
        auto& pending = client->second.pending;
        for (; !pending.empty() && pending.front().answer; ++requests) {
            bytes += *pending.front().answer;
            pending.pop_front();
        }
        if (requests > 0) {
            m_bytesOut += bytes.size();
            context.effect(makeRef<ClientEffect>(client->first, std::move(bytes), requests));
        }
    }

    void hangUp(sim::Context& context, Clients::iterator client) {
        client->second.link.close(context);
        context.effect(makeRef<ClientEffect>(client->first, std::string{}, 0U));
        forget(client);
    }

    void forget(Clients::iterator client) {
        m_numbers.erase(client->second.link.lastConnection());
        m_clients.erase(client);
    }

    /// Brokers tell their simulated addresses; clients can only reach the real ones.
    [[nodiscard]] std::string encode(const sim::Message& message) const {
        std::string bytes;
        const bool isAnswer = kafka::Apis::findIf([&]<class Request>() {
            using Response = typename Request::Response;
            const auto* typed = message.as<Response>();
            if (typed != nullptr && namesBrokers<Response>(*typed)) {
                Response outside = *typed;
                Addresses addresses([&](auto& broker) { readdress(broker); });
                Response::fields(addresses, outside);
                bytes = kafka::codec::encodeResponse(outside);
            } else if (typed != nullptr) {
                bytes = kafka::codec::encodeResponse(*typed);
            }
            return typed != nullptr;
        });
        MILLRACE_CHECK(isAnswer, message.summary());
        return bytes;
    }

    template <class Response>
    [[nodiscard]] static bool namesBrokers(const Response& response) {
        bool found = false;
        Addresses addresses([&](const auto&) { found = true; });
        Response::fields(addresses, response);
        return found;
    }

    template <class Broker>
    void readdress(Broker& broker) const {
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

    static void journalRefusal(sim::Context& context, ClientNumber client, const std::string& why) {
        sim::JournalDraft draft;
        draft.kind = happened::clientRefused;
        draft.severity = sim::Severity::Warning;
        draft.text = fmt::format("Client {} is hung up on: {}", client.value, why);
        draft.fields = {{"client", std::to_string(client.value)}, {"reason", why}};
        draft.alike = draft.kind;  // strangers come by the thousand, each with something else that is wrong
        draft.isOwnReason = true;
        context.journal(std::move(draft));
    }

    static void journalTurnedAway(sim::Context& context, const ClientDid& did) {
        sim::JournalDraft draft;
        draft.kind = happened::clientsTurnedAway;
        draft.severity = sim::Severity::Warning;
        draft.text =
            fmt::format("Broker {} takes no further connection from outside: {}", did.broker.value, did.reason);
        draft.fields = {{"broker", std::to_string(did.broker.value)}, {"reason", did.reason}};
        draft.alike = std::to_string(did.broker.value);
        draft.isOwnReason = true;
        context.journal(std::move(draft));
    }

    std::vector<BrokerDoor> m_doors;
    Clients m_clients;
    std::map<sim::ConnectionId, ClientNumber> m_numbers;
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
        case What::TurnedAway:
            return fmt::format("broker {} takes no connection: {}", broker.value, reason);
        case What::Closed:
            break;
    }
    return reason.empty() ? fmt::format("client {} closes its connection", client.value)
                          : fmt::format("client {} is disconnected: {}", client.value, reason);
}

ClientEffect::ClientEffect(ClientNumber client, std::string bytes, std::uint32_t requests)
    : m_client(client), m_bytes(std::move(bytes)), m_requests(requests), m_destination("client:" + toText(client)) {}

void ClientEffect::digest(Digest& digest) const {
    digest.add(m_client.value);
    digest.add(std::string_view{m_bytes});
    digest.add(static_cast<std::uint64_t>(m_requests));
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
