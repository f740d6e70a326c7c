#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/hadoop/mapreduce/job_kinds.h"
#include "engine/hadoop/settings.h"
#include "engine/scenario/references/judge.h"
#include "engine/scenario/sections/hadoop/collections.h"
#include "engine/scenario/sections/hadoop/hadoop_section.h"
#include "engine/scenario/sections/ingest/collections.h"
#include "engine/scenario/sections/pipelines/collections.h"
#include "engine/scenario/units.h"

namespace millrace::scenario {

namespace {

/// Daemons, files and jobs: names that lead nowhere, paths that cannot be, what cannot work together.
class HadoopJudge final : private ReferenceJudge {
public:
    using ReferenceJudge::ReferenceJudge;

    void judge() {
        const Value* hadoop = at(root(), {"hadoop"});
        if (hadoop != nullptr && hadoop->isObject()) {
            checkDaemons();
            checkFiles();
            checkExports();
        }
        checkJobs(hadoop);
    }

private:
    /// Settings under "config" of the object that stand where nobody reads them.
    void checkKeys(const Value& object, const std::string& path, hadoop::SettingOf reader, std::string_view whose) {
        for (const Member& each : membersAt(object, {"config"})) {
            const ConfigKey* key = findConfigKey(hadoopScope, each.key);
            if (key != nullptr && key->modelling == Modelling::Modelled && hadoop::readerOf(each.key) != reader) {
                error(each.keyPlace, fmt::format("{}.config.{}", path, each.key),
                      fmt::format("it is no setting of a {}: it stands in hadoop.config", whose));
            }
        }
    }

    [[nodiscard]] bool isYarn() const { return at(root(), {"hadoop", "yarn"}) != nullptr; }

    /// A setting that nobody goes by where the document's jobs run.
    void checkWhoReads(const Value& object, const std::string& path) {
        for (const Member& each : membersAt(object, {"config"})) {
            const ConfigKey* key = findConfigKey(hadoopScope, each.key);
            if (key == nullptr || key->modelling != Modelling::Modelled) {
                continue;
            }
            if (isYarn() && !hadoop::isReadOnYarn(each.key)) {
                error(each.keyPlace, fmt::format("{}.config.{}", path, each.key),
                      "it is a setting of JobTracker and TaskTrackers, and jobs run on YARN here: take it out");
            } else if (!isYarn() && !hadoop::isReadOnMapReduce1(each.key)) {
                error(each.keyPlace, fmt::format("{}.config.{}", path, each.key),
                      "it is a setting of YARN, which this document does not have: it needs hadoop.yarn");
            }
        }
    }

    /// MB by a setting's name, where it stands next or in hadoop.config.
    [[nodiscard]] std::int64_t megabytes(std::initializer_list<const Value*> objects, std::string_view key) const {
        for (const Value* object : objects) {
            const Value* value = object != nullptr ? at(*object, {"config", key}) : nullptr;
            if (const auto number = wholeNumberIn(value)) {
                constexpr std::int64_t most = 1U << 20U;  // beyond that its own key is complained of
                return std::clamp<std::int64_t>(*number, 0, most);
            }
        }
        const ConfigKey* row = findConfigKey(hadoopScope, key);
        return std::stoll(std::string(row->defaultText));
    }

    void checkYarn() {
        const Value* hadoop = at(root(), {"hadoop"});
        for (const std::string_view other : {"jobtracker", "tasktrackers"}) {
            if (const Value* there = at(root(), {"hadoop", other})) {
                error(there->place(), fmt::format("hadoop.{}", other),
                      "jobs run on YARN here (hadoop.yarn), or with JobTracker and TaskTrackers: take one of them out");
            }
        }
        if (const Value* object = at(root(), {"hadoop", "yarn", "resource_manager"}); object != nullptr) {
            referIfSet(*object, "host", hostNames, "hadoop.yarn.resource_manager");
        }
        std::set<std::string> hosts;
        for (const Member& each : membersAt(root(), {"hadoop", "yarn", "node_managers"})) {
            const std::string path = "hadoop.yarn.node_managers." + each.key;
            checkKeys(each.value, path, hadoop::SettingOf::NodeManagers, "NodeManager");
            referIfSet(each.value, "host", hostNames, path);
            if (!hosts.insert(textOf(each.value, "host")).second) {
                warning(each.keyPlace, path, "another one of its kind runs on this host: they share its disk");
            }
        }
        const std::int64_t least = megabytes({hadoop}, "yarn.scheduler.minimum-allocation-mb");
        const std::int64_t most = megabytes({hadoop}, "yarn.scheduler.maximum-allocation-mb");
        if (least > most) {
            error(hadoop->place(), "hadoop.config.yarn.scheduler.minimum-allocation-mb",
                  fmt::format("a container has at least {} MB and at most {} MB", least, most));
        }
    }

    /// Containers that no node has room for, or none beside the job's ApplicationMaster: it would wait for ever.
    void checkRoom(const Member& job, const std::string& path) {
        const Value* hadoop = at(root(), {"hadoop"});
        std::vector<std::int64_t> nodes;
        for (const Member& each : membersAt(root(), {"hadoop", "yarn", "node_managers"})) {
            nodes.push_back(megabytes({&each.value, hadoop}, "yarn.nodemanager.resource.memory-mb"));
        }
        std::sort(nodes.begin(), nodes.end(), std::greater<>());
        const std::int64_t least =
            std::max<std::int64_t>(1, megabytes({hadoop}, "yarn.scheduler.minimum-allocation-mb"));
        const std::int64_t most = megabytes({hadoop}, "yarn.scheduler.maximum-allocation-mb");
        constexpr std::string_view ofMaster = "yarn.app.mapreduce.am.resource.mb";
        const auto container = [&](std::string_view key) {
            return std::min(most, std::max(least, (megabytes({&job.value, hadoop}, key) + least - 1) / least * least));
        };
        std::vector<std::pair<std::string_view, std::string_view>> wishes{{ofMaster, "its ApplicationMaster"},
                                                                          {"mapreduce.map.memory.mb", "a map"}};
        if (hasReduces(job)) {
            wishes.emplace_back("mapreduce.reduce.memory.mb", "a reduce");
        }
        for (const auto& [key, who] : wishes) {
            const std::string where = fmt::format("{}.config.{}", path, key);
            const std::int64_t asked = megabytes({&job.value, hadoop}, key);
            const std::int64_t whole = container(key);
            // Beside the master: on another node, or on the largest one with it.
            const bool hasOther = nodes.size() > 1 && std::min(whole, container(ofMaster)) <= nodes[1];
            if (asked > most) {
                error(job.keyPlace, where,
                      fmt::format("{} wants {} MB, and a container has at most {} MB "
                                  "(yarn.scheduler.maximum-allocation-mb)",
                                  who, asked, most));
            } else if (whole > nodes.front()) {
                error(job.keyPlace, where,
                      fmt::format("the container of {} has {} MB, and the largest NodeManager gives {} MB "
                                  "(yarn.nodemanager.resource.memory-mb): it would wait for ever",
                                  who, whole, nodes.front()));
            } else if (key != ofMaster && !hasOther && whole + container(ofMaster) > nodes.front()) {
                error(
                    job.keyPlace, where,
                    fmt::format("the container of {} has {} MB, and beside the job's ApplicationMaster with {} MB no "
                                "NodeManager has so much (yarn.nodemanager.resource.memory-mb): it would wait for ever",
                                who, whole, container(ofMaster)));
            }
        }
    }

    [[nodiscard]] static bool hasReduces(const Member& job) {
        const hadoop::JobKind* kind = hadoop::findJobKind(textOf(job.value, "kind"));
        return kind != nullptr && countIn(job.value, "reduces", kind->reduces) > 0;
    }

    void checkDaemons() {
        checkWhoReads(*at(root(), {"hadoop"}), "hadoop");
        if (isYarn()) {
            checkYarn();
        }
        for (const Member& each : membersAt(root(), {"hadoop", "tasktrackers"})) {
            checkKeys(each.value, "hadoop.tasktrackers." + each.key, hadoop::SettingOf::TaskTrackers, "TaskTracker");
        }
        for (const std::string_view daemon : {"namenode", "jobtracker"}) {
            if (const Value* object = at(root(), {"hadoop", daemon}); object != nullptr && object->isObject()) {
                referIfSet(*object, "host", hostNames, fmt::format("hadoop.{}", daemon));
            }
        }
        for (const std::string_view daemons : {"datanodes", "tasktrackers"}) {
            std::set<std::string> hosts;
            for (const Member& each : membersAt(root(), {"hadoop", daemons})) {
                const std::string path = fmt::format("hadoop.{}.{}", daemons, each.key);
                referIfSet(each.value, "host", hostNames, path);
                if (!hosts.insert(textOf(each.value, "host")).second) {
                    warning(each.keyPlace, path, "another one of its kind runs on this host: they share its disk");
                }
            }
        }
    }

    void checkPath(const Value& object, std::string_view key, const std::string& path) {
        const Value* value = object.find(key);
        if (value != nullptr && value->isText() &&
            (!value->asText().starts_with('/') || value->asText().ends_with('/') ||
             value->asText().find("//") != std::string::npos)) {
            error(value->place(), fmt::format("{}.{}", path, key),
                  "a path in HDFS begins with a slash and does not end with one, as in /logs/access.log");
        }
    }

    void checkFiles() {
        std::set<std::string> paths;
        const std::size_t nodes = membersAt(root(), {"hadoop", "datanodes"}).size();
        for (const Member& file : membersAt(root(), {"hadoop", "files"})) {
            const std::string path = "hadoop.files." + file.key;
            checkPath(file.value, "path", path);
            referIfSet(file.value, "host", hostNames, path);
            referIfSet(file.value, "source", sourceNames, path);
            if (!paths.insert(textOf(file.value, "path")).second) {
                error(file.keyPlace, path + ".path", "another file has this path");
            }
            const std::int64_t replicas = countIn(file.value, "replication", 1);
            if (replicas > static_cast<std::int64_t>(nodes)) {
                warning(file.keyPlace, path + ".replication",
                        fmt::format("there are {} DataNodes for {} replicas: its blocks stay under-replicated", nodes,
                                    replicas));
            }
            if (const Value* size = file.value.find("block_size"); size != nullptr && size->isText()) {
                const auto parsed = parseSize(size->asText());
                if (parsed.has_value() && *parsed < 512) {
                    error(size->place(), path + ".block_size", "a block has at least 512 bytes");
                }
            }
            checkSource(file, path);
        }
    }

    void checkExports() {
        for (const Member& each : membersAt(root(), {"hadoop", "exports"})) {
            const std::string path = "hadoop.exports." + each.key;
            checkPath(each.value, "folder", path);
            referIfSet(each.value, "host", hostNames, path);
            referIfSet(each.value, "sink", sinkNames, path);
            const Value* sink = at(root(), {"sinks", textOf(each.value, "sink")});
            if (sink != nullptr && sink->isObject() && textOf(*sink, "kind") != "sqlite") {
                error(each.value.find("sink")->place(), path + ".sink", "rows are exported to a sink of kind sqlite");
            }
        }
    }

    void checkSource(const Member& file, const std::string& path) {
        const Value* source = at(root(), {"sources", textOf(file.value, "source")});
        const std::string kind = source != nullptr && source->isObject() ? textOf(*source, "kind") : std::string();
        if (!kind.empty() && kind != "file" && kind != "replay" && source->find("count") == nullptr) {
            error(file.value.find("source")->place(), path + ".source",
                  "this source never ends: a file needs one with a count");
        }
        if (source == nullptr || !source->isObject() || kind == "file" || kind == "replay") {
            return;
        }
        // It stands there from the first instant on, byte for byte.
        constexpr double bytesMost = 1U << 30U;
        constexpr std::int64_t usualSize = 100;
        const auto size = parseSize(textOf(*source, "size"));
        const double bytes = static_cast<double>(countIn(*source, "count", 0)) *
                             (static_cast<double>(size ? *size : usualSize) + 1);  // with the end of its line
        if (bytes > bytesMost) {
            error(
                file.value.find("source")->place(), path + ".source",
                fmt::format("these are {:.3g} GiB of records: a file in HDFS has at most 1 GiB here, for its bytes are "
                            "kept in memory; give the source a smaller count or size",
                            bytes / bytesMost));
        }
    }

    /// Whether a job waits for another, or for one that waits for it.
    [[nodiscard]] bool comesAfter(const std::string& job, const std::string& other) const {
        std::set<std::string> seen;
        std::vector<std::string> next{job};
        while (!next.empty()) {
            const std::string name = next.back();
            next.pop_back();
            const Value* after = at(root(), {"jobs", name, "after"});
            for (const Value& each : after != nullptr && after->isList() ? after->items() : std::span<const Value>()) {
                if (each.isText() && each.asText() == other) {
                    return true;
                }
                if (each.isText() && seen.insert(each.asText()).second) {
                    next.push_back(each.asText());
                }
            }
        }
        return false;
    }

    void checkJobs(const Value* hadoop) {
        const bool hasTracker = hadoop != nullptr && at(root(), {"hadoop", "jobtracker"}) != nullptr &&
                                !membersAt(root(), {"hadoop", "tasktrackers"}).empty();
        const bool onYarn = isYarn() && !membersAt(root(), {"hadoop", "yarn", "node_managers"}).empty();
        std::set<std::string> outputs;
        for (const Member& job : membersAt(root(), {"jobs"})) {
            const std::string path = "jobs." + job.key;
            if (!hasTracker && !onYarn) {
                error(job.keyPlace, path,
                      "a job needs hadoop.jobtracker and hadoop.tasktrackers to run on, or hadoop.yarn");
            } else if (onYarn) {
                checkRoom(job, path);
            }
            checkWhoReads(job.value, path);
            checkKeys(job.value, path, hadoop::SettingOf::Jobs, "job");
            checkPath(job.value, "input", path);
            checkPath(job.value, "output", path);
            referIfSet(job.value, "host", hostNames, path);
            referEach(job.value.find("after"), jobNames, path + ".after");
            referEach(job.value.find("files"), dfsFileNames, path + ".files");
            referIfSet(job.value, "pipeline", pipelineNames, path);
            if (comesAfter(job.key, job.key)) {
                error(job.value.find("after")->place(), path + ".after", "it waits for itself: this job never begins");
            }
            if (!outputs.insert(textOf(job.value, "output")).second) {
                error(job.keyPlace, path + ".output", "another job writes this folder, and a job needs one of its own");
            }
        }
    }
};

}  // namespace

void HadoopSection::judge(const Value& root, const KnownNames& known, Complaints& complaints) const {
    HadoopJudge(root, known, complaints).judge();
}

void HadoopSection::addLoad(const Value& root, HostLoad& load) const {
    for (const std::string_view daemon : {"namenode", "jobtracker"}) {
        if (const Value* object = at(root, {"hadoop", daemon}); object != nullptr && object->isObject()) {
            load.listeners[textOf(*object, "host")] += 1;
        }
    }
    for (const std::string_view daemons : {"datanodes", "tasktrackers"}) {
        for (const Member& each : membersAt(root, {"hadoop", daemons})) {
            load.listeners[textOf(each.value, "host")] += 1;
        }
    }
    if (const Value* object = at(root, {"hadoop", "yarn", "resource_manager"});
        object != nullptr && object->isObject()) {
        load.listeners[textOf(*object, "host")] += 1;
    }
    for (const Member& each : membersAt(root, {"hadoop", "yarn", "node_managers"})) {
        load.listeners[textOf(each.value, "host")] += 1;
    }
    for (const Member& file : membersAt(root, {"hadoop", "files"})) {
        load.ownHosts += file.value.find("put_at") != nullptr && file.value.find("host") == nullptr ? 1 : 0;
    }
    for (const Member& each : membersAt(root, {"hadoop", "exports"})) {
        load.ownHosts += each.value.find("host") == nullptr ? 1 : 0;
    }
    for (const Member& job : membersAt(root, {"jobs"})) {
        load.ownHosts += job.value.find("host") == nullptr ? 1 : 0;
    }
}

bool HadoopSection::reads(const Value& root, std::string_view source) const {
    for (const Member& file : membersAt(root, {"hadoop", "files"})) {
        if (textOf(file.value, "source") == source) {
            return true;
        }
    }
    return false;
}

}  // namespace millrace::scenario
