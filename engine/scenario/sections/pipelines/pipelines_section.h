#pragma once

#include "engine/scenario/section.h"

namespace millrace::scenario {

/// Drawn pipelines that run on several engines: `pipelines`. Each stands for a topology of Storm, an application of
/// Spark Streaming and a job of Hadoop, which it writes out as their own parts of the document; this section puts no
/// process into a world.
class PipelinesSection final : public Section {
public:
    [[nodiscard]] std::vector<Field> fields() const override;
    [[nodiscard]] const Collection* collectionOf(flow::NodeKind node) const override;
    [[nodiscard]] std::span<const flow::Operator* const> operatorsOf(flow::NodeKind node) const override;
    void writeOut(WrittenOut& result) const override;
    void judge(const Value& root, const KnownNames& known, Complaints& complaints) const override;
    void read(const PlanReader& root, const std::map<std::string, std::string>& paths, Scenario& plan) const override;
    [[nodiscard]] std::vector<Error> troubleWith(const Scenario& plan) const override;
    [[nodiscard]] Result<void> build(WorldBuilder& builder) const override;
    [[nodiscard]] std::vector<std::string> standIns(const Scenario& plan) const override;
};

}  // namespace millrace::scenario
