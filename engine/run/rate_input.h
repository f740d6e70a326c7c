#pragma once

#include <string>
#include <string_view>

#include "engine/run/inputs.h"

namespace millrace::run {

/// Another rate for a source from now on, by hand. Its producer, or the receivers and pipelines that read it
/// without one, get its records at it, also when they start again. Records a second, greater than 0.
class RateInput final : public StorableInput {
public:
    /// Of the source that a producer reads, by the producer's name.
    RateInput(std::string producer, double recordsPerSecond) : m_name(std::move(producer)), m_rate(recordsPerSecond) {}
    /// Of a source, by its name: whoever reads it.
    [[nodiscard]] static Ref<const RateInput> ofSource(std::string source, double recordsPerSecond);

    void apply(sim::World& world) const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
    [[nodiscard]] std::string_view kind() const override { return kindName; }
    [[nodiscard]] std::string payload() const override;
    [[nodiscard]] Result<void> fits(const sim::World& world) const override;

    static constexpr std::string_view kindName = "rate";
    [[nodiscard]] static Result<Ref<const sim::Input>> fromPayload(std::string_view json);

private:
    std::string m_name;  ///< as in "producer/<id>", or the source's
    bool m_isOfSource = false;
    double m_rate;
};

/// The reader of an ingestion pipeline is mended by hand: its dead letters are read once more. Without effect where
/// there is nothing to mend.
class MendInput final : public StorableInput {
public:
    explicit MendInput(std::string pipeline) : m_pipeline(std::move(pipeline)) {}

    void apply(sim::World& world) const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
    [[nodiscard]] std::string_view kind() const override { return kindName; }
    [[nodiscard]] std::string payload() const override;
    [[nodiscard]] Result<void> fits(const sim::World& world) const override;

    static constexpr std::string_view kindName = "mend-reader";
    [[nodiscard]] static Result<Ref<const sim::Input>> fromPayload(std::string_view json);

private:
    std::string m_pipeline;
};

}  // namespace millrace::run
