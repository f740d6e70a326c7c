#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/gateway/gateway_process.h"
#include "engine/gateway/loopback_server.h"
#include "engine/run/engine.h"
#include "engine/run/inputs.h"
#include "engine/run/recording.h"

namespace millrace::gateway {

/// The gateway comes into the world, on a host of its own: the first input of a served run.
class OpenDoorsInput final : public run::StorableInput {
public:
    explicit OpenDoorsInput(std::vector<BrokerDoor> doors) : m_doors(std::move(doors)) {}

    void apply(sim::World& world) const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
    [[nodiscard]] std::string_view kind() const override { return kindName; }
    [[nodiscard]] std::string payload() const override;
    [[nodiscard]] Result<void> fits(const sim::World& world) const override;

    static constexpr std::string_view kindName = "doors";
    [[nodiscard]] static Result<Ref<const sim::Input>> fromPayload(std::string_view json);

private:
    std::vector<BrokerDoor> m_doors;
};

/// The broker with the i-th smallest id is reached at `port` + i.
[[nodiscard]] std::vector<BrokerDoor> doorsOf(const scenario::Scenario& scenario, std::uint16_t port);

/// Whether the real ports of the doors are free at this moment: told before anything else is begun.
[[nodiscard]] Result<void> checkPorts(const std::vector<BrokerDoor>& doors);

struct ServeOptions {
    std::uint16_t port = 0;
    run::RecordingWriter* recording = nullptr;         ///< gets every input as it happens
    std::function<void()> onReady;                     ///< the ports are open
    std::size_t memory = 0;                            ///< of this process, in bytes; 0: as much as there is
    std::function<void(const std::string&)> onMemory;  ///< told what its being used up means, and that it is free again
    std::function<bool(const sim::World&)> keepGoing;  ///< asked at multiples of run::checkInterval; false stops
};

/// Hands to clients what leaves the world for them; to be called from `EngineOptions::onEffects`.
void sendToClients(LoopbackServer& server, const std::vector<sim::NumberedEffect>& effects);

/// What a broker's settings say about connections and requests.
[[nodiscard]] DoorLimits limitsOf(const scenario::BrokerPlan& broker);

/// Plays the scenario's prologue at full speed until `run.open_at` has passed and the cluster is ready (with nothing
/// but the cluster in it, until brokers have begun their housekeeping too), opens the
/// ports, and then plays along with the wall clock, never ahead of it, until SIGINT or SIGTERM. A frame enters at the
/// simulated time of its arrival, or later when the engine is behind; what the world sends leaves when its time has
/// come. A broker's port is open while its process runs. When the process has used up its memory, nothing more is read
/// from clients until some is free again; when it grows by half beyond that, it ends with an error. The engine's
/// session need not keep a history.
Result<run::Played> serve(run::Engine& engine, LoopbackServer& server, const ServeOptions& options);

}  // namespace millrace::gateway
