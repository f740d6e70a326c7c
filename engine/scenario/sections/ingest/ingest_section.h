#pragma once

#include "engine/scenario/section.h"

namespace millrace::scenario {

/// Where records come from, where results go, and what brings them there without more: `sources`, `sinks`, `ingestion`.
class IngestSection final : public Section {
public:
    [[nodiscard]] std::vector<Field> fields() const override;
    void judge(const Value& root, const KnownNames& known, Complaints& complaints) const override;
    [[nodiscard]] bool reads(const Value& root, std::string_view source) const override;
    void draw(const Value& document, FlowDrawing& drawing) const override;
    void read(const PlanReader& root, const std::map<std::string, std::string>& paths, Scenario& plan) const override;
    void addLoad(const Value& root, HostLoad& load) const override;
    [[nodiscard]] std::span<const TargetKind> targets() const override;
    [[nodiscard]] std::span<const ProcessKind> processes() const override;
    [[nodiscard]] const Collection* collectionOf(flow::NodeKind node) const override;
    [[nodiscard]] std::span<const flow::Operator* const> operatorsOf(flow::NodeKind node) const override;
    [[nodiscard]] std::vector<Error> troubleWith(const Scenario& plan) const override;
    [[nodiscard]] Result<void> build(WorldBuilder& builder) const override;
    [[nodiscard]] std::vector<std::string> standIns(const Scenario& plan) const override;

    void describe(const Scenario& plan, const sim::World& world, observe::SystemViews& views) const override;
    void findWorkInside(const Scenario& plan, const sim::World& world, OpenWork& work) const override;
    void markInside(const Scenario& plan, const sim::World& world, const ProgressMark& mark) const override;
    void findWorkAtEnds(const Scenario& plan, const sim::World& world, OpenWork& work) const override;
    [[nodiscard]] SimDuration longestSilence(const Scenario& plan) const override;
    [[nodiscard]] SimDuration lastStart(const Scenario& plan) const override;
    void markEnds(const Scenario& plan, const sim::World& world, const ProgressMark& mark) const override;
    void addWaits(WaitStage stage, const sim::World& world, const observe::SystemViews& views,
                  std::vector<observe::WaitView>& waits) const override;
    void addToReport(ReportStage stage, const observe::SystemViews& views,
                     nlohmann::ordered_json& report) const override;
    [[nodiscard]] std::string reportText(ReportStage stage, const observe::SystemViews& views) const override;
    [[nodiscard]] std::span<const Metric* const> metrics() const override;
};

}  // namespace millrace::scenario
