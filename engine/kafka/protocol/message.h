#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "engine/kafka/protocol/digest_of.h"
#include "engine/kafka/protocol/encoder.h"
#include "engine/kafka/protocol/summary_of.h"
#include "engine/kafka/types.h"
#include "engine/sim/message.h"

namespace millrace::kafka {

class BrokerCall;

/// "kafka.ProduceRequest"
inline constexpr std::string_view requestSuffix = "Request";
inline constexpr std::string_view responseSuffix = "Response";
template <const Api& row, const std::string_view& suffix>
struct MessageName {
    static constexpr auto letters = [] {
        constexpr std::string_view room = "kafka.";
        std::array<char, room.size() + row.name.size() + suffix.size()> all{};
        auto at = all.begin();
        for (const std::string_view part : {room, row.name, suffix}) {
            at = std::copy(part.begin(), part.end(), at);
        }
        return all;
    }();
    static constexpr std::string_view text{letters.data(), letters.size()};
};

/// Bytes of a frame: its length, its header and the body.
template <class M>
[[nodiscard]] ByteCount frameSize(const M& message, ByteCount header) {
    const auto with = [&](auto body) {
        body.structure(message, OwnFields{});
        return header + body.out.size;
    };
    // The header of a flexible body ends with its own tags: none.
    if (constexpr std::int16_t usual = M::api.served; message.version == usual) [[likely]] {
        constexpr bool isFlexible = M::api.isFlexible(usual);
        return with(Encoder<isFlexible, ByteCounter, usual>(usual, {})) + (isFlexible && !M::hasPlainHeader ? 1 : 0);
    }
    return M::api.isFlexible(message.version)
               ? with(Encoder<true, ByteCounter>(message.version, {})) + (M::hasPlainHeader ? 0 : 1)
               : with(Encoder<false, ByteCounter>(message.version, {}));
}

/// A request with Kafka's header: the client's name, the version in which it speaks, and the number that its answer
/// will carry. The answer comes back on the same connection in the same version, and a connection's requests are
/// answered in order. Clients of the simulation speak the newest version that brokers serve; others come through the
/// gateway with the version of their frame.
///
/// `Derived` lists its fields once (`fields`, in the words of `Visitor`); size, digest, summary and both codecs follow
/// from that list and from the row of its API.
template <class Derived, class AnsweredBy, const Api& row>
struct Request : sim::MessageBase<Derived> {
    using Response = AnsweredBy;
    static constexpr std::string_view Name = MessageName<row, requestSuffix>::text;
    static constexpr const Api& api = row;
    static constexpr bool hasPlainHeader = false;
    CorrelationId correlationId;
    std::int16_t version = row.served;
    ClientId clientId;

    /// Length, api key, version, correlation id, client id; the id keeps its 16-bit length in flexible versions.
    [[nodiscard]] ByteCount wireSize() const final {
        return frameSize(self(), 4 + 2 + 2 + 4 + 2 + static_cast<ByteCount>(clientId.size()));
    }
    void digest(Digest& digest) const final {
        DigestOf of(version, digest);
        of.number(correlationId);
        of.number(version);
        of.text(clientId, false);
        Derived::fields(of, self());
    }
    [[nodiscard]] std::string summary() const override {
        SummaryOf of(version, row.name);
        Derived::fields(of, self());
        return of.said;
    }

protected:
    Request() = default;

private:
    [[nodiscard]] const Derived& self() const { return static_cast<const Derived&>(*this); }
};

template <class Derived, const Api& row>
struct Response : sim::MessageBase<Derived> {
    static constexpr std::string_view Name = MessageName<row, responseSuffix>::text;
    static constexpr const Api& api = row;
    static constexpr bool hasPlainHeader = row.hasPlainAnswer;
    CorrelationId correlationId;
    std::int16_t version = row.served;

    /// Takes number and version from the request, or from where it came.
    template <class Asker>
    void answers(const Asker& asker) {
        correlationId = asker.correlationId;
        version = asker.version;
    }

    /// Length and correlation id.
    [[nodiscard]] ByteCount wireSize() const final { return frameSize(self(), 4 + 4); }
    void digest(Digest& digest) const final {
        DigestOf of(version, digest);
        of.number(correlationId);
        of.number(version);
        Derived::fields(of, self());
    }
    [[nodiscard]] std::string summary() const override {
        SummaryOf of(version, row.name);
        of.said += ':';
        Derived::fields(of, self());
        return of.said;
    }

protected:
    Response() = default;

private:
    [[nodiscard]] const Derived& self() const { return static_cast<const Derived&>(*this); }
};

/// Nobody has a quota here, so nobody is held back.
inline constexpr std::int32_t noThrottle = 0;
/// Authorized operations that nobody asked for.
inline constexpr std::int32_t noOperations = std::numeric_limits<std::int32_t>::min();

}  // namespace millrace::kafka
