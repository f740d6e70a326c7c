#include <utility>

#include "engine/base/check.h"
#include "engine/scenario/plan_reader.h"
#include "engine/scenario/sections/hadoop/collections.h"
#include "engine/scenario/sections/hadoop/hadoop_section.h"

namespace millrace::scenario {

namespace {

HadoopDaemonPlan hadoopDaemon(const std::string& name, const PlanReader& object, const Settings& ofAll) {
    HadoopDaemonPlan plan{name, object.text("host"), ofAll, object.restart()};
    plan.config.overlay(object.settings(hadoopScope, Profile::Current));
    return plan;
}

DfsFilePlan dfsFile(const std::string& name, const PlanReader& object) {
    DfsFilePlan plan;
    plan.name = name;
    plan.path = object.text("path");
    plan.source = object.text("source");
    plan.host = object.text("host");
    if (object.has("replication")) {
        plan.replication = object.count("replication", 1);
    }
    if (object.has("block_size")) {
        plan.blockSize = object.size("block_size", 0);
    }
    if (object.has("put_at")) {
        plan.putAt = object.duration("put_at", SimDuration::zero());
    }
    return plan;
}

}  // namespace

void HadoopSection::read(const PlanReader& root, const std::map<std::string, std::string>& /*paths*/,
                         Scenario& scenario) const {
    if (!root.has("hadoop")) {
        return;
    }
    const PlanReader hadoop = root.object("hadoop");
    HadoopPlan plan;
    plan.config = hadoop.settings(hadoopScope, Profile::Current);
    plan.nameNode = hadoopDaemon("namenode", hadoop.object("namenode"), plan.config);
    if (hadoop.has("jobtracker")) {
        plan.jobTracker = hadoopDaemon("jobtracker", hadoop.object("jobtracker"), plan.config);
    }
    for (const Member& member : hadoop.members("datanodes")) {
        plan.dataNodes.push_back(hadoopDaemon(member.key, PlanReader(&member.value), plan.config));
    }
    for (const Member& member : hadoop.members("tasktrackers")) {
        plan.taskTrackers.push_back(hadoopDaemon(member.key, PlanReader(&member.value), plan.config));
    }
    if (hadoop.has("yarn")) {
        const PlanReader yarn = hadoop.object("yarn");
        plan.resourceManager = hadoopDaemon("resourcemanager", yarn.object("resource_manager"), plan.config);
        for (const Member& member : yarn.members("node_managers")) {
            plan.nodeManagers.push_back(hadoopDaemon(member.key, PlanReader(&member.value), plan.config));
        }
    }
    for (const Member& member : hadoop.members("files")) {
        plan.files.push_back(dfsFile(member.key, PlanReader(&member.value)));
    }
    for (const Member& member : hadoop.members("exports")) {
        const PlanReader object(&member.value);
        plan.exports.push_back(
            {member.key, object.text("folder"), object.text("sink"), object.text("host"), object.restart()});
    }
    for (const Member& member : root.members("jobs")) {
        const PlanReader job(&member.value);
        JobPlan each;
        each.name = member.key;
        each.kind = job.text("kind");
        const flow::Operator* row = findOperator(flow::NodeKind::Job, each.kind);
        MILLRACE_CHECK(row != nullptr, each.kind);
        each.parameters = job.valuesFor(*row);
        each.priority = job.text("priority", "NORMAL");
        each.submitAt = job.duration("submit_at", SimDuration::zero());
        each.after = job.texts("after");
        each.files = job.texts("files");
        each.resubmits = job.has("resubmit") && job.find("resubmit")->asBoolean();
        each.host = job.text("host");
        each.config = plan.config;
        each.config.overlay(job.settings(hadoopScope, Profile::Current));
        scenario.jobs.push_back(std::move(each));
    }
    scenario.hadoop = std::move(plan);
}

std::vector<std::string> HadoopSection::standIns(const Scenario& plan) const {
    if (!plan.hadoop) {
        return {};
    }
    std::vector<std::string> all = {
        "the NameNode merges its edit log when it starts (Hadoop 1.2: the secondary NameNode, every hour)",
        "a DataNode counts as dead the moment that its time is over (Hadoop 1.2: at the next look, every 5 minutes)",
        "every block is read from the disk (Hadoop 1.2: from the page cache, where it is still there)",
        "blocks that are written stay in the page cache and cost no time of the disk (Hadoop 1.2: the system writes "
        "them back)",
        "a job runs from its one file job.split (Hadoop 1.2: jar and configuration are copied to each tracker)",
        "HDFS 2 is not modelled: high availability, federation"};
    if (plan.hadoop->resourceManager) {
        all.emplace_back(
            "an ApplicationMaster is started by the answer to a heartbeat of its node (Hadoop 2.4: at once)");
        all.emplace_back("the ResourceManager keeps what was last said of a job (Hadoop 2.4: the history server)");
    }
    return all;
}

}  // namespace millrace::scenario
