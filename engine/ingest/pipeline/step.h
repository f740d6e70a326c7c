#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/result.h"
#include "engine/base/sim_time.h"
#include "engine/flow/operator.h"
#include "engine/ingest/file_content.h"
#include "engine/ingest/formats/format.h"
#include "engine/ingest/sink.h"

namespace millrace::ingest {

/// A record on its way through an ingestion pipeline.
struct PipelineRecord {
    Origin origin;
    SimTime measured;         ///< when what it tells was so, by the true clock
    std::int64_t millis = 0;  ///< when it was so by what it says itself, or when it came; milliseconds since 1970
    std::string text;         ///< as it came
    Row row;                  ///< by the columns of where it stands
    /// Fields that the columns do not have, of a pipeline that takes them along.
    std::vector<std::pair<std::string, flow::Datum>> more;
};

/// One that goes to the dead letters.
struct RejectedRecord {
    PipelineRecord record;
    std::string step;
    std::string reason;
};

/// Something that an alert was raised for.
struct RaisedAlert {
    std::string text;
    std::string about;  ///< the key that it is about, or empty
    SimTime measured;   ///< of the record that raised it
};

/// A record that was made of several: the one that goes on, and the positions of all.
struct MergedRecords {
    Origin origin;
    std::vector<std::int64_t> positions;
};

/// What comes out of a step.
struct StepOutput {
    std::vector<PipelineRecord> passed;
    std::vector<RejectedRecord> rejected;
    std::vector<RaisedAlert> alerts;
    std::vector<MergedRecords> merged;
    std::int64_t dropped = 0;  ///< left out because the step is there for that
    CpuTime cost{0};

    void reject(PipelineRecord record, std::string reason) {
        rejected.push_back({std::move(record), {}, std::move(reason)});
    }
};

/// A step of a pipeline with its state: a value that is copied with the world and saved with each checkpoint. What it
/// remembers is bounded or told in its row.
class Step : public Counted {
public:
    [[nodiscard]] virtual Ref<Step> clone() const = 0;
    virtual void take(PipelineRecord record, StepOutput& output) = 0;
    /// No more records will come.
    virtual void finish(StepOutput& /*output*/) {}
};
template <class Derived>
class StepBase : public Step {
public:
    [[nodiscard]] Ref<Step> clone() const final { return makeRef<Derived>(static_cast<const Derived&>(*this)); }
};

/// A parameter and why its value cannot be.
struct StepTrouble {
    std::string_view key;
    std::string reason;
};
struct MadeStep {
    Ref<const Step> step;
    std::vector<flow::Column> columns;  ///< of what it passes
};
using StepResult = Result<MadeStep, StepTrouble>;

/// What a step is made from.
struct StepMaking {
    const flow::ParameterValues& values;
    const std::vector<flow::Column>& columns;  ///< of what comes in
    Ref<const FileContent> file;               ///< of its parameter `path`; null: it has none
};

/// Everything about one kind of step, in a row beside its code. Document, schema, checks, sheets and `millrace list
/// operators` are made from the rows.
struct StepKind {
    flow::Operator about;
    StepResult (*make)(const StepMaking& making) = nullptr;
};

/// In the order in which they are listed.
[[nodiscard]] std::span<const StepKind* const> stepKinds();
[[nodiscard]] const StepKind* findStepKind(std::string_view kind);
[[nodiscard]] std::span<const flow::Operator* const> stepOperators();

/// The place of a column; nothing when there is none of that name.
[[nodiscard]] std::optional<std::size_t> columnIn(const std::vector<flow::Column>& columns, std::string_view name);
[[nodiscard]] tl::unexpected<StepTrouble> stepTrouble(std::string_view key, std::string reason);
/// "there is no field 'x', only a, b".
[[nodiscard]] tl::unexpected<StepTrouble> noSuchField(std::string_view key, std::string_view name,
                                                      const std::vector<flow::Column>& columns);

// The rows.
[[nodiscard]] const StepKind& cleanStep();
[[nodiscard]] const StepKind& whereStep();
[[nodiscard]] const StepKind& mapStep();
[[nodiscard]] const StepKind& deduplicateStep();
[[nodiscard]] const StepKind& maskStep();
[[nodiscard]] const StepKind& lookupStep();
[[nodiscard]] const StepKind& aggregateStep();
[[nodiscard]] const StepKind& anomalyStep();
[[nodiscard]] const StepKind& alertStep();

}  // namespace millrace::ingest
