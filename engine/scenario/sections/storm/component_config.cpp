#include "engine/scenario/sections/storm/component_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "engine/scenario/catalog/config_catalog.h"
#include "engine/scenario/sections/kafka/unpaused_fetches.h"
#include "engine/scenario/sections/storm/collections.h"

namespace millrace::scenario {

namespace {

/// Settings of one component of a topology: a key that has no say there is named, none is taken and forgotten.
class ComponentConfigJudge final : private ReferenceJudge {
public:
    using ReferenceJudge::ReferenceJudge;

    void judge() {
        for (const Member& topology : membersAt(root(), {"topologies"})) {
            const std::string path = "topologies." + topology.key;
            for (const Member& bolt : membersAt(topology.value, {"bolts"})) {
                judgeBolt(bolt.value, path, path + ".bolts." + bolt.key);
            }
            for (const Member& spout : membersAt(topology.value, {"spouts"})) {
                judgeSpout(spout.value, path + ".spouts." + spout.key);
                warnOfUnpausedFetches(*this, spout.value, "fetch.min.bytes", "fetch.max.wait.ms",
                                      path + ".spouts." + spout.key);
            }
        }
    }

private:
    /// Storm merges few keys of a component over its topology's (Executor.normalizedComponentConf).
    void judgeBolt(const Value& bolt, const std::string& topologyPath, const std::string& path) {
        for (const Member& setting : membersAt(bolt, {"config"})) {
            const ConfigKey* key = findConfigKey(stormScope, setting.key);
            const bool isOwn = setting.key == "topology.tasks" || setting.key == "topology.max.task.parallelism" ||
                               setting.key == "topology.tick.tuple.freq.secs";
            const std::string keyPath = path + ".config." + setting.key;
            if (key != nullptr && key->modelling == Modelling::Modelled && !isOwn) {
                error(setting.keyPlace, keyPath,
                      setting.key.starts_with("topology.")
                          ? fmt::format("this is a setting of the whole topology: set it in {}.config", topologyPath)
                          : std::string{"this is a setting of Storm's daemons: set it in storm.config"});
            }
            if (setting.key == "topology.tasks" && bolt.find("tasks") != nullptr) {
                error(setting.keyPlace, keyPath, "the bolt has \"tasks\" already: set one of the two");
            }
        }
    }

    void judgeSpout(const Value& spout, const std::string& path) {
        static constexpr std::array ofTheGroupProtocol{
            std::string_view{"session.timeout.ms"}, std::string_view{"heartbeat.interval.ms"},
            std::string_view{"max.poll.interval.ms"}, std::string_view{"partition.assignment.strategy"},
            std::string_view{"group.instance.id"}};
        for (const Member& setting : membersAt(spout, {"config"})) {
            const std::string keyPath = path + ".config." + setting.key;
            if (setting.key == "enable.auto.commit" || setting.key == "auto.commit.interval.ms") {
                error(setting.keyPlace, keyPath,
                      "a Kafka spout commits what is acked by itself, every 30 s (offsetCommitPeriodMs), and refuses "
                      "this key");
            } else if (std::find(ofTheGroupProtocol.begin(), ofTheGroupProtocol.end(), setting.key) !=
                       ofTheGroupProtocol.end()) {
                warning(
                    setting.keyPlace, keyPath,
                    "this changes nothing: a Kafka spout is no member of its group, its partitions are dealt to its "
                    "tasks");
            } else if (setting.key == "max.poll.records") {
                warning(setting.keyPlace, keyPath,
                        "this changes nothing: the spout takes what was fetched whole and emits it tuple by tuple");
            } else if (setting.key == "auto.offset.reset" && setting.value.isText() &&
                       setting.value.asText() != "earliest") {
                warning(setting.keyPlace, keyPath,
                        "this changes nothing: a Kafka spout begins by its first_poll_offset_strategy "
                        "(UNCOMMITTED_EARLIEST unless set), and after a lost log at the earliest record");
            }
        }
    }
};

}  // namespace

void judgeComponentConfig(const Value& root, const KnownNames& known, Complaints& complaints) {
    ComponentConfigJudge(root, known, complaints).judge();
}

}  // namespace millrace::scenario
