#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "engine/scenario/operators.h"
#include "engine/scenario/references/judge.h"
#include "engine/scenario/sections.h"
#include "engine/scenario/sections/ingest/collections.h"
#include "engine/scenario/sections/kafka/collections.h"
#include "engine/scenario/sections/spark/collections.h"
#include "engine/scenario/sections/spark/spark_section.h"

namespace millrace::scenario {

namespace {

/// Master, workers and streaming applications.
class StreamingJudge final : private ReferenceJudge {
public:
    using ReferenceJudge::ReferenceJudge;

    void judge() {
        if (const Value* master = at(root(), {"spark", "master"})) {
            referIfSet(*master, "host", hostNames, "spark.master");
        }
        for (const Member& worker : membersAt(root(), {"spark", "workers"})) {
            referIfSet(worker.value, "host", hostNames, "spark.workers." + worker.key);
            noSlash(worker, "spark.workers." + worker.key);
        }
        for (const Member& application : membersAt(root(), {"streaming"})) {
            judgeApplication(application, "streaming." + application.key);
        }
    }

private:
    std::set<std::string> m_received;  ///< sources that an input reads

    void noSlash(const Member& member, const std::string& path) {
        if (member.key.find_first_of("/@") != std::string::npos) {
            error(member.keyPlace, path, "its processes are named after it: there is no / and no @ in its name");
        }
    }

    void judgeApplication(const Member& application, const std::string& path) {
        if (const Value* storage = application.value.find("storage");
            storage != nullptr && textOf(application.value, "storage") == "hdfs" &&
            (at(root(), {"hadoop", "namenode"}) == nullptr || membersAt(root(), {"hadoop", "datanodes"}).empty())) {
            error(storage->place(), path + ".storage", "there is no HDFS: it needs a NameNode and a DataNode");
        }
        noSlash(application, path);
        referIfSet(application.value, "host", hostNames, path);
        if (names(sparkWorkerNames).empty()) {
            error(application.keyPlace, path, "a streaming application needs Spark: spark.master and spark.workers");
        }
        Names given = namesOf(application.value.find("inputs"));
        const Names operators = namesOf(application.value.find("operators"));
        for (const Member& each : membersAt(application.value, {"operators"})) {
            if (contains(given, each.key)) {
                error(each.keyPlace, path + ".operators." + each.key, "an input has this name");
            }
        }
        given.insert(given.end(), operators.begin(), operators.end());
        checkNotEmpty(application, "inputs", "a streaming application needs an input", path);
        checkNotEmpty(application, "outputs",
                      "no output operations registered, so nothing to execute: it needs an output", path);
        for (const Member& each : membersAt(application.value, {"inputs"})) {
            const std::string inputPath = path + ".inputs." + each.key;
            checkPart(each.value, flow::NodeKind::StreamInput, inputPath);
            const std::string name = textOf(each.value, "source");
            if (!name.empty() && !m_received.insert(name).second) {
                error(each.value.find("source")->place(), inputPath + ".source",
                      "another input receives this source: one input may have several receivers");
            }
            const Value* source = at(root(), {"sources", name});
            if (source != nullptr && source->find("topic") != nullptr) {
                error(each.value.find("source")->place(), inputPath + ".source",
                      "the records of this source go to a topic: read that, or take its topic away");
            }
        }
        for (const Member& each : membersAt(application.value, {"operators"})) {
            checkPart(each.value, flow::NodeKind::StreamOperator, path + ".operators." + each.key);
            checkFrom(each.value, given, path + ".operators." + each.key);
        }
        for (const Member& each : membersAt(application.value, {"outputs"})) {
            checkPart(each.value, flow::NodeKind::StreamOutput, path + ".outputs." + each.key);
            checkFrom(each.value, given, path + ".outputs." + each.key);
        }
    }

    void checkNotEmpty(const Member& application, std::string_view key, std::string_view message,
                       const std::string& path) {
        const Value* map = application.value.find(key);
        if (map != nullptr && map->isObject() && map->members().empty()) {
            error(map->place(), fmt::format("{}.{}", path, key), std::string(message));
        }
    }

    void checkFrom(const Value& part, const Names& given, const std::string& path) {
        const Value* from = part.find("from");
        if (from == nullptr || !from->isList()) {
            return;
        }
        std::size_t index = 0;
        for (const Value& each : from->items()) {
            if (each.isText()) {
                refer(each, "input or operator", given, fmt::format("{}.from[{}]", path, index));
            }
            ++index;
        }
    }

    void checkPart(const Value& part, flow::NodeKind node, const std::string& path) {
        const flow::Operator* row = operatorOf(node, part);
        for (const flow::Parameter& parameter : row != nullptr ? row->parameters : std::vector<flow::Parameter>{}) {
            if (parameter.type == flow::ParameterType::Reference) {
                referIfSet(part, parameter.key, collectionOf(parameter.refersTo), path);
            }
        }
        if (node == flow::NodeKind::StreamOutput) {
            checkHowItIsWritten(part, path);
        }
        if (row != nullptr && row->find("preferred_host") != nullptr) {
            referIfSet(part, "preferred_host", hostNames, path);
            const Value* host = part.find("preferred_host");
            const auto workers = membersAt(root(), {"spark", "workers"});
            const bool hasWorker = std::any_of(workers.begin(), workers.end(), [&](const Member& each) {
                return host != nullptr && textOf(each.value, "host") == host->asText();
            });
            if (host != nullptr && host->isText() && !hasWorker && contains(names(hostNames), host->asText())) {
                warning(host->place(), path + ".preferred_host",
                        fmt::format("this changes nothing: no Spark worker runs on {}", host->asText()));
            }
        }
    }

    void checkHowItIsWritten(const Value& output, const std::string& path) {
        const Value* sink = at(root(), {"sinks", textOf(output, "sink")});
        const std::string kind = sink != nullptr && sink->isObject() ? textOf(*sink, "kind") : std::string();
        const std::string_view idle = kind == "sqlite" ? "line" : kind == "file" ? "table" : "";
        if (const Value* value = output.find(idle)) {
            warning(value->place(), fmt::format("{}.{}", path, idle),
                    kind == "file" ? "this changes nothing: a file has no tables"
                                   : "this changes nothing: rows go into the columns of a table");
        }
    }
};

}  // namespace

void SparkSection::judge(const Value& root, const KnownNames& known, Complaints& complaints) const {
    StreamingJudge(root, known, complaints).judge();
}

bool SparkSection::reads(const Value& root, std::string_view source) const {
    for (const Member& application : membersAt(root, {"streaming"})) {
        for (const Member& input : membersAt(application.value, {"inputs"})) {
            if (textOf(input.value, "source") == source) {
                return true;
            }
        }
    }
    return false;
}

void SparkSection::addLoad(const Value& root, HostLoad& load) const {
    if (const Value* master = at(root, {"spark", "master"})) {
        load.listeners[textOf(*master, "host")] += 1;
    }
    for (const Member& application : membersAt(root, {"streaming"})) {
        load.listeners[textOf(application.value, "host")] += 2;
    }
}

}  // namespace millrace::scenario
