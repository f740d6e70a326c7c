#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/kafka/describe.h"
#include "engine/observe/cluster_view.h"
#include "engine/observe/topology_view.h"
#include "engine/scenario/open_work.h"
#include "engine/scenario/scenario.h"
#include "engine/sim/world.h"

namespace millrace::scenario {

/// Brokers, topics, groups and producers, with everybody who reads and everybody who is to. All who speak of a lag take
/// it from here.
void describeCluster(const Scenario& plan, const sim::World& world, observe::ClusterView& view);
/// Sources as they stand in a world, by the producers that read them.
[[nodiscard]] std::vector<observe::SourceView> describeSources(const Scenario& plan, const sim::World& world);

/// Who is to read what beside the members of groups: of all sections.
[[nodiscard]] kafka::Readers subscriptionsOf(const Scenario& plan);
/// These with how far each has read.
[[nodiscard]] kafka::Readers withPositions(kafka::Readers readers, const sim::World& world);

/// What keeps everybody from reading all of these topics: a partition that nobody leads who runs, whose high watermark
/// is then not known either, and records that no high watermark has passed.
void findUnreadable(const Scenario& plan, const observe::ClusterView& cluster,
                    const std::set<std::string, std::less<>>& topics, OpenWork& work);

}  // namespace millrace::scenario
