#pragma once

#include "engine/scenario/section.h"

namespace millrace::scenario {

/// The ensemble: `cluster.servers` and `cluster.zookeeper`, which stand in Kafka's part of the document.
class ZooKeeperSection final : public Section {
public:
    [[nodiscard]] std::vector<Field> fields() const override;
    void judge(const Value& root, const KnownNames& known, Complaints& complaints) const override;
    void describePlan(const PlannedProcesses& planned) const override;
    void read(const PlanReader& root, const std::map<std::string, std::string>& paths, Scenario& plan) const override;
    [[nodiscard]] std::vector<Catalogue> catalogues() const override;
    void addLoad(const Value& root, HostLoad& load) const override;
    [[nodiscard]] std::span<const TargetKind> targets() const override;
    [[nodiscard]] std::span<const ProcessKind> processes() const override;
    [[nodiscard]] Result<void> build(WorldBuilder& builder) const override;

    void describe(const Scenario& plan, const sim::World& world, observe::SystemViews& views) const override;
    [[nodiscard]] std::unique_ptr<Standstill> watchLeaders(const Scenario& plan) const override;
    void addWaits(WaitStage stage, const sim::World& world, const observe::SystemViews& views,
                  std::vector<observe::WaitView>& waits) const override;
    [[nodiscard]] std::span<const Metric* const> metrics() const override;
};

}  // namespace millrace::scenario
