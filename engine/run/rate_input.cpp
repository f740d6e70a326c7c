#include "engine/run/rate_input.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/ingest/pipeline/pipeline.h"
#include "engine/kafka/client/producer_process.h"
#include "engine/spark/streaming/source_server.h"

namespace millrace::run {

void RateInput::apply(sim::World& world) const {
    if (world.findProcess(kafka::producerProcessName(m_producer)) != sim::noProcess) {
        kafka::setSourceRate(world, m_producer, m_rate);
    } else {
        (void)spark::setSourceRate(world, m_producer, m_rate);
        (void)ingest::setSourceRate(world, m_producer, m_rate);
    }
}

void RateInput::digest(Digest& digest) const {
    digest.add(std::string_view{m_producer});
    digest.add(m_rate);
}

std::string RateInput::summary() const {
    return fmt::format("read the source of {} at {:g}/s", m_producer, m_rate);
}

Result<void> RateInput::fits(const sim::World& world) const {
    const bool isThere = world.findProcess(kafka::producerProcessName(m_producer)) != sim::noProcess ||
                         spark::hasSourceServer(world, m_producer) || ingest::hasReader(world, m_producer);
    if (!isThere) {
        return failure(
            fmt::format("there is no producer \"{}\": the recording is damaged or of another scenario", m_producer));
    }
    return {};
}

std::string RateInput::payload() const {
    return nlohmann::ordered_json{{"producer", m_producer}, {"per_second", m_rate}}.dump();
}

Result<Ref<const sim::Input>> RateInput::fromPayload(std::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("producer") || !json["producer"].is_string() ||
        !json.contains("per_second") || !json["per_second"].is_number()) {
        return failure("a recorded rate needs \"producer\" and \"per_second\"");
    }
    const double rate = json["per_second"].get<double>();
    if (!std::isfinite(rate) || rate <= 0) {
        return failure(fmt::format("a recorded rate of {:g} records a second is not greater than 0", rate));
    }
    return Ref<const sim::Input>(makeRef<RateInput>(json["producer"].get<std::string>(), rate));
}

}  // namespace millrace::run
