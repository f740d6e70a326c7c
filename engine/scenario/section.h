#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/flow/graph.h"
#include "engine/flow/operator.h"
#include "engine/observe/system_views.h"
#include "engine/scenario/catalog/config_catalog.h"
#include "engine/scenario/collection.h"
#include "engine/scenario/document/complaint.h"
#include "engine/scenario/document/value.h"
#include "engine/scenario/open_work.h"
#include "engine/scenario/report_values.h"
#include "engine/scenario/run_judgement.h"
#include "engine/scenario/scenario.h"
#include "engine/scenario/shape/shape.h"
#include "engine/sim/fault.h"
#include "engine/sim/world.h"

namespace millrace::kafka {
struct Readers;
}

namespace millrace::scenario {

class FlowDrawing;
class KnownNames;
class PlanReader;
class PlannedProcesses;
class ReferenceJudge;
class WorldBuilder;
struct WrittenOut;

/// What faults may be aimed at: "broker:2".
struct TargetKind {
    std::string_view noun;     ///< before the colon
    std::string_view example;  ///< for people who wrote something else
    bool standsAlone = false;  ///< without colon and name
    /// Those that there are; without a collection, `trouble` says why there is none of a name.
    const Collection* names = nullptr;
    std::optional<std::string> (*trouble)(const ReferenceJudge& judge, std::string_view name) = nullptr;
    /// Whom it hits in a world at that instant. The simulator knows hosts, disks, links and "all" by itself.
    std::optional<sim::FaultTarget> (*resolve)(const sim::World& world, std::string_view name) = nullptr;
};

/// Processes by the names that the journal calls them: "broker/1".
struct ProcessKind {
    std::string_view kind;     ///< before the first slash
    std::string_view example;  ///< empty: not worth telling
    const Collection* names = nullptr;
    /// Without a collection: why there is none of that name; an empty text when there is no more to say.
    std::optional<std::string> (*trouble)(const ReferenceJudge& judge, std::string_view name) = nullptr;
    bool isReplaced = false;  ///< when one is gone for good, somebody starts another in its place
    ByteCount heap = 0;       ///< that its JVM gets where the real system's scripts start it; 0: it has none of its own
    /// Of those that have it from a setting: what it is in this world.
    ByteCount (*heapOf)(const sim::World& world, const sim::ProcessSlot& process) = nullptr;
};

/// What the parts of a document put on hosts.
struct HostLoad {
    std::int64_t ownHosts = 0;  ///< of clients that name none: each has one for itself
    std::map<std::string, std::int64_t> listeners;
};

/// What a system says about itself: its part of the document, what is wrong with that, what it becomes. Everything else
/// in this room goes over the list in `sections/systems.cpp` and names no system. A section has no state; it depends on
/// its engine and on the sections before it.
class Section {
public:
    virtual ~Section() = default;

    /// Its fields of the document's top level.
    [[nodiscard]] virtual std::vector<Field> fields() const = 0;
    [[nodiscard]] virtual std::vector<Catalogue> catalogues() const { return {}; }
    /// Where nodes of a sort are named to which operators refer; null: not here.
    [[nodiscard]] virtual const Collection* collectionOf(flow::NodeKind /*node*/) const { return nullptr; }
    /// The kinds that nodes of a sort have, in the order of the palette.
    [[nodiscard]] virtual std::span<const flow::Operator* const> operatorsOf(flow::NodeKind /*node*/) const {
        return {};
    }

    /// Adds what its parts stand for, written as parts of other systems.
    virtual void writeOut(WrittenOut& /*result*/) const {}

    /// What no single field tells: names that lead nowhere, sizes, contradictions. The document has the right shape, or
    /// is judged as far as it has.
    virtual void judge(const Value& root, const KnownNames& known, Complaints& complaints) const = 0;
    virtual void addLoad(const Value& /*root*/, HostLoad& /*load*/) const {}
    /// Whether something in its part reads as a consumer group and needs a coordinator.
    [[nodiscard]] virtual bool hasGroups(const Value& /*root*/) const { return false; }
    /// Whether something in its part takes the records of a source without a producer.
    [[nodiscard]] virtual bool reads(const Value& /*root*/, std::string_view /*source*/) const { return false; }
    [[nodiscard]] virtual std::span<const TargetKind> targets() const { return {}; }
    [[nodiscard]] virtual std::span<const ProcessKind> processes() const { return {}; }

    /// Its part of the logical face; works on documents that are being edited.
    virtual void draw(const Value& /*document*/, FlowDrawing& /*drawing*/) const {}

    /// What a person sees of it before it runs; works on documents that are being edited.
    virtual void describePlan(const PlannedProcesses& /*planned*/) const {}
    /// What an object of a kind begins with that is drawn, beside the host that it stands on. Of operators their rows
    /// say it.
    [[nodiscard]] virtual Value startOf(observe::ObjectKind /*kind*/, const Value& /*document*/) const {
        return Value::object({});
    }

    /// Reads its part of the plan out of a document without errors; what sections before it have read is there.
    /// `paths` holds what file fields (such as `sources.log.path`) resolve to.
    virtual void read(const PlanReader& root, const std::map<std::string, std::string>& paths,
                      Scenario& plan) const = 0;
    /// What only the engine's rooms can judge, with the fields that are wrong.
    [[nodiscard]] virtual std::vector<Error> troubleWith(const Scenario& /*plan*/) const { return {}; }
    /// Puts its processes into a world. Fails for what only the engine's rooms can judge (a file that is gone); the
    /// error names the field of the scenario.
    [[nodiscard]] virtual Result<void> build(WorldBuilder& builder) const = 0;
    /// What it does otherwise than the real system left alone, whatever the scenario sets.
    [[nodiscard]] virtual std::vector<std::string> standIns(const Scenario& /*plan*/) const { return {}; }

    // How a run of it stands. Nothing of this changes a world.

    /// What a person sees of it.
    virtual void describe(const Scenario& /*plan*/, const sim::World& /*world*/,
                          observe::SystemViews& /*views*/) const {}
    /// What its rooms count.
    [[nodiscard]] virtual std::span<const Metric* const> metrics() const { return {}; }
    /// Which object a process is whose name does not say it, by that name.
    virtual void addObjectNames(const sim::World& /*world*/,
                                std::map<std::string, observe::ObjectId, std::less<>>& /*names*/) const {}
    /// Who reads topics, and how far each has read, besides the members of groups.
    virtual void addSubscriptions(const Scenario& /*plan*/, kafka::Readers& /*readers*/) const {}
    virtual void addPositions(const sim::World& /*world*/, kafka::Readers& /*readers*/) const {}
    /// What is not finished: at the ends, which is cheap to see and asked often; and inside.
    virtual void findWorkAtEnds(const Scenario& /*plan*/, const sim::World& /*world*/, OpenWork& /*work*/) const {}
    virtual void findWorkInside(const Scenario& /*plan*/, const sim::World& /*world*/, OpenWork& /*work*/) const {}
    /// The longest that it may be silent by its own settings, and when the last of it begins.
    [[nodiscard]] virtual SimDuration longestSilence(const Scenario& /*plan*/) const { return SimDuration{0}; }
    [[nodiscard]] virtual SimDuration lastStart(const Scenario& /*plan*/) const { return SimDuration{0}; }
    /// What only grows as the run comes nearer to its end: at the ends, and inside.
    virtual void markEnds(const Scenario& /*plan*/, const sim::World& /*world*/, const ProgressMark& /*mark*/) const {}
    virtual void markInside(const Scenario& /*plan*/, const sim::World& /*world*/, const ProgressMark& /*mark*/) const {
    }
    /// Null: it has no leaders.
    [[nodiscard]] virtual std::unique_ptr<Standstill> watchLeaders(const Scenario& /*plan*/) const { return nullptr; }
    /// What stands still at this instant and for whom it waits, behind what is told already.
    virtual void addWaits(WaitStage /*stage*/, const sim::World& /*world*/, const observe::SystemViews& /*views*/,
                          std::vector<observe::WaitView>& /*waits*/) const {}
    /// Its part of the report about a run: as the form that scripts rely on, and for people.
    virtual void addToReport(ReportStage /*stage*/, const observe::SystemViews& /*views*/,
                             nlohmann::ordered_json& /*report*/) const {}
    /// What of its work came to nothing though nobody waits for it any more, in words: "job top-words failed"; empty
    /// where all of it is well.
    [[nodiscard]] virtual std::string shortcomings(const observe::SystemViews& /*views*/) const { return {}; }
    [[nodiscard]] virtual std::string reportText(ReportStage /*stage*/, const observe::SystemViews& /*views*/) const {
        return {};
    }
};

}  // namespace millrace::scenario
