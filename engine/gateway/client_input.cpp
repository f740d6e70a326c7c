#include "engine/gateway/client_input.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/gateway/serve.h"

namespace millrace::gateway {
namespace {

using What = ClientDid::What;

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> reversed = [] {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    }
    return values;
}();

std::string_view toText(What what) {
    switch (what) {
        case What::Opened:
            return "open";
        case What::Sent:
            return "frame";
        case What::TurnedAway:
            return "turned-away";
        case What::Closed:
            break;
    }
    return "close";
}

}  // namespace

std::string toBase64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            group = (group << 8U) | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            text.push_back(i <= count ? alphabet[(group >> (18U - 6U * i)) & 63U] : '=');
        }
    }
    return text;
}

std::optional<std::string> fromBase64(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t at = 0; at < text.size(); at += 4) {
        const bool isLast = at + 4 == text.size();
        std::size_t padding = 0;
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const char c = text[at + i];
            const std::int8_t value = reversed[static_cast<unsigned char>(c)];
            const bool isPadding = c == '=' && isLast && i >= 2;
            if ((value < 0 && !isPadding) || (padding > 0 && !isPadding)) {
                return std::nullopt;
            }
            padding += isPadding ? 1U : 0U;
            group = (group << 6U) | (isPadding ? 0U : static_cast<std::uint32_t>(value));
        }
        for (std::size_t i = 0; i < 3 - padding; ++i) {
            bytes.push_back(static_cast<char>((group >> (16U - 8U * i)) & 0xFFU));
        }
    }
    return bytes;
}

void ClientInput::apply(sim::World& world) const {
    const sim::ActorId gateway = world.findActorId(gatewayActor);
    if (gateway != sim::noActor) {
        world.deliver(gateway, m_did);
    }
}

Result<void> ClientInput::fits(const sim::World& world) const {
    if (world.findProcess(gatewayProcess) == sim::noProcess) {
        return failure(fmt::format("{}, and no door has been opened before", m_did->summary()));
    }
    if (m_did->what == What::Opened && !hasDoor(world, m_did->broker)) {
        return failure(
            fmt::format("{}, and there is no door to that broker: the recording is damaged or of another "
                        "scenario",
                        m_did->summary()));
    }
    return {};
}

std::string ClientInput::payload() const {
    nlohmann::ordered_json json{{"client", m_did->client.value}, {"did", toText(m_did->what)}};
    if (!m_did->reason.empty()) {
        json["why"] = m_did->reason;
    }
    if (m_did->what == What::Opened || m_did->what == What::TurnedAway) {
        json["broker"] = m_did->broker.value;
    } else if (m_did->what == What::Sent) {
        json["bytes"] = toBase64(m_did->frame->text());
    }
    return json.dump();
}

Result<Ref<const sim::Input>> ClientInput::fromPayload(std::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("client") || !json["client"].is_number_unsigned()) {
        return failure("what a client did needs \"client\" and \"did\"");
    }
    const ClientNumber client{json["client"].get<std::uint64_t>()};
    const std::string did = json.value("did", std::string{});
    const std::string why = json.value("why", std::string{});
    const auto made = [&](What what, kafka::BrokerId broker) {
        return Ref<const sim::Input>(makeRef<ClientInput>(makeRef<ClientDid>(client, what, broker, BytesRef{}, why)));
    };
    for (const What what : {What::Opened, What::TurnedAway}) {
        if (did == toText(what) && json.contains("broker") && json["broker"].is_number_integer()) {
            return made(what, kafka::BrokerId{json["broker"].get<std::int32_t>()});
        }
    }
    if (did == toText(What::Closed)) {
        return made(What::Closed, kafka::noBroker);
    }
    const auto bytes = json.contains("bytes") && json["bytes"].is_string()
                           ? fromBase64(json["bytes"].get_ref<const std::string&>())
                           : std::nullopt;
    if (did != toText(What::Sent) || !bytes) {
        return failure(fmt::format("what client {} did cannot be read", client.value));
    }
    return Ref<const sim::Input>(
        makeRef<ClientInput>(makeRef<ClientDid>(client, What::Sent, kafka::noBroker, makeRef<Bytes>(*bytes))));
}

run::InputCodec inputCodec() {
    run::InputCodec codec;
    codec.add(std::string{ClientInput::kindName}, &ClientInput::fromPayload);
    codec.add(std::string{OpenDoorsInput::kindName}, &OpenDoorsInput::fromPayload);
    return codec;
}

}  // namespace millrace::gateway
