#include "engine/run/rate_input.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/ingest/pipeline/pipeline.h"
#include "engine/kafka/client/producer_process.h"
#include "engine/spark/streaming/source_server.h"

namespace millrace::run {

Ref<const RateInput> RateInput::ofSource(std::string source, double recordsPerSecond) {
    auto input = makeRef<RateInput>(std::move(source), recordsPerSecond);
    input->m_isOfSource = true;
    return input;
}

void RateInput::apply(sim::World& world) const {
    if (!m_isOfSource) {
        kafka::setSourceRate(world, m_name, m_rate);
        return;
    }
    for (const std::string& producer : kafka::producersOf(world, m_name)) {
        kafka::setSourceRate(world, producer, m_rate);
    }
    (void)spark::setSourceRate(world, m_name, m_rate);
    (void)ingest::setSourceRate(world, m_name, m_rate);
}

void RateInput::digest(Digest& digest) const {
    digest.add(std::string_view{m_name});
    if (m_isOfSource) {
        digest.add(std::string_view{"source"});
    }
    digest.add(m_rate);
}

std::string RateInput::summary() const {
    return m_isOfSource ? fmt::format("read the source {} at {:g}/s", m_name, m_rate)
                        : fmt::format("read the source of {} at {:g}/s", m_name, m_rate);
}

Result<void> RateInput::fits(const sim::World& world) const {
    const bool isThere = m_isOfSource ? !kafka::producersOf(world, m_name).empty() ||
                                            spark::hasSourceServer(world, m_name) || ingest::hasReader(world, m_name)
                                      : world.findProcess(kafka::producerProcessName(m_name)) != sim::noProcess;
    if (!isThere) {
        return failure(fmt::format("there is no {} \"{}\": the recording is damaged or of another scenario",
                                   m_isOfSource ? "reader of source" : "producer", m_name));
    }
    return {};
}

std::string RateInput::payload() const {
    return nlohmann::ordered_json{{m_isOfSource ? "source" : "producer", m_name}, {"per_second", m_rate}}.dump();
}

Result<Ref<const sim::Input>> RateInput::fromPayload(std::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    const char* const key = json.is_object() && json.contains("source") ? "source" : "producer";
    if (!json.is_object() || !json.contains(key) || !json[key].is_string() || !json.contains("per_second") ||
        !json["per_second"].is_number()) {
        return failure("a recorded rate needs \"source\" or \"producer\", and \"per_second\"");
    }
    const double rate = json["per_second"].get<double>();
    if (!std::isfinite(rate) || rate <= 0) {
        return failure(fmt::format("a recorded rate of {:g} records a second is not greater than 0", rate));
    }
    const auto name = json[key].get<std::string>();
    return std::string_view{key} == "source" ? Ref<const sim::Input>(ofSource(name, rate))
                                             : Ref<const sim::Input>(makeRef<RateInput>(name, rate));
}

void MendInput::apply(sim::World& world) const {
    (void)ingest::mendReader(world, m_pipeline);
}

void MendInput::digest(Digest& digest) const {
    digest.add(kindName);
    digest.add(std::string_view{m_pipeline});
}

std::string MendInput::summary() const {
    return fmt::format("mend the reader of {}", m_pipeline);
}

std::string MendInput::payload() const {
    return nlohmann::ordered_json{{"pipeline", m_pipeline}}.dump();
}

Result<void> MendInput::fits(const sim::World& world) const {
    if (!ingest::canMendReader(world, m_pipeline)) {
        return failure(
            fmt::format("there is no pipeline \"{}\" with dead letters whose reader could be mended: the recording is "
                        "damaged or of "
                        "another scenario",
                        m_pipeline));
    }
    return {};
}

Result<Ref<const sim::Input>> MendInput::fromPayload(std::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("pipeline") || !json["pipeline"].is_string()) {
        return failure("a recorded mending of a reader needs \"pipeline\"");
    }
    return Ref<const sim::Input>(makeRef<MendInput>(json["pipeline"].get<std::string>()));
}

}  // namespace millrace::run
