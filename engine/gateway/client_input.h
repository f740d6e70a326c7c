#pragma once

#include <string>
#include <string_view>

#include "engine/gateway/gateway_process.h"
#include "engine/run/inputs.h"
#include "engine/run/recording.h"

namespace millrace::gateway {

/// What a client did, as a recorded input: enters the gateway's mailbox.
class ClientInput final : public run::StorableInput {
public:
    explicit ClientInput(Ref<const ClientDid> did) : m_did(std::move(did)) {}

    void apply(sim::World& world) const override;
    void digest(Digest& digest) const override { m_did->digest(digest); }
    [[nodiscard]] std::string summary() const override { return m_did->summary(); }
    [[nodiscard]] std::string_view kind() const override { return kindName; }
    [[nodiscard]] std::string payload() const override;
    [[nodiscard]] Result<void> fits(const sim::World& world) const override;

    static constexpr std::string_view kindName = "client";
    [[nodiscard]] static Result<Ref<const sim::Input>> fromPayload(std::string_view json);

private:
    Ref<const ClientDid> m_did;
};

/// Reads recordings of served runs.
[[nodiscard]] run::InputCodec inputCodec();

[[nodiscard]] std::string toBase64(std::string_view bytes);
/// Nothing when the text is no base64.
[[nodiscard]] std::optional<std::string> fromBase64(std::string_view text);

}  // namespace millrace::gateway
