#include <algorithm>
#include <string>
#include <utility>

#include "engine/hadoop/daemons.h"
#include "engine/hadoop/hdfs/placement.h"
#include "engine/hadoop/mapreduce/export.h"
#include "engine/hadoop/mapreduce/job_client.h"
#include "engine/scenario/sections/hadoop/hadoop_config.h"
#include "engine/scenario/sections/hadoop/hadoop_section.h"
#include "engine/scenario/sections/kafka/source_trace.h"
#include "engine/scenario/world_builder.h"

namespace millrace::scenario {

namespace {

/// The lines of a source that ends.
std::string linesOfSource(const Ref<const ingest::SourceSpec>& spec, const Scenario& scenario) {
    ingest::SourceCursor cursor = traceOf(spec, scenario);
    std::string text;
    while (!cursor.exhausted()) {
        text += cursor.take().value;
        text += '\n';
    }
    return text;
}

class HadoopBuilder {
public:
    explicit HadoopBuilder(WorldBuilder& builder)
        : m_builder(builder), m_plan(*builder.plan().hadoop), m_cluster(makeRef<hadoop::ClusterConfig>()) {}

    void build() {
        m_cluster->hdfs = hdfsConfig(m_plan.config);
        m_cluster->mapreduce = trackerConfig(m_plan.config);
        m_cluster->nameNode = address(m_plan.nameNode, sim::Port{8020});
        if (m_plan.jobTracker) {
            m_cluster->jobTracker = address(*m_plan.jobTracker, sim::Port{8021});
        }
        for (const HadoopDaemonPlan& each : m_plan.dataNodes) {
            m_cluster->dataNodes.push_back(address(each, sim::Port{50010}));
        }
        for (const HadoopDaemonPlan& each : m_plan.taskTrackers) {
            m_cluster->trackers.push_back(address(each, sim::Port{50060}));
            applySlots(m_cluster->trackers.back(), each.config);
        }
        if (m_plan.resourceManager) {
            m_cluster->yarn = yarnConfig(m_plan.config);
            m_cluster->resourceManager = address(*m_plan.resourceManager, sim::Port{8032});
        }
        for (const HadoopDaemonPlan& each : m_plan.nodeManagers) {
            m_cluster->trackers.push_back(address(each, sim::Port{8041}));
            applyMemory(m_cluster->trackers.back(), each.config);
        }
        for (const DfsFilePlan& file : m_plan.files) {
            if (!file.putAt) {
                m_cluster->files.push_back(stored(file));
            }
        }
        m_cluster->blocks = hadoop::placeStored(*m_cluster, m_builder.plan().run.seed);
        m_builder.surroundings().hadoop = m_cluster;
        addDaemons();
        addClients();
    }

private:
    hadoop::DaemonAddress address(const HadoopDaemonPlan& plan, sim::Port port) {
        const sim::HostId host = m_builder.world().findHost(plan.host);
        const sim::HostSpec& spec = m_builder.world().host(host).spec;
        hadoop::DaemonAddress address;
        address.name = plan.name;
        address.host = host;
        address.rack = spec.rack.empty() ? "default-rack" : spec.rack;
        address.port = m_builder.ports().portOn(plan.host, port);
        address.readRate = spec.disk.readRate;
        return address;
    }

    hadoop::StoredFile stored(const DfsFilePlan& file) {
        const auto& source = m_builder.surroundings().sources.at(file.source);
        hadoop::StoredFile stored;
        stored.path = file.path;
        stored.content = makeRef<Bytes>(linesOfSource(source, m_builder.plan()));
        stored.replication = static_cast<std::uint32_t>(
            file.replication.value_or(static_cast<std::int32_t>(m_cluster->hdfs.replication)));
        stored.blockSize = file.blockSize.value_or(m_cluster->hdfs.blockSize);
        return stored;
    }

    void addDaemons() {
        using namespace hadoop;
        m_builder.add(m_plan.nameNode.host, makeNameNodeBlueprint(m_cluster), m_plan.nameNode.restart);
        for (NodeIndex i = 0; i < m_plan.dataNodes.size(); ++i) {
            m_builder.add(m_plan.dataNodes[i].host, makeDataNodeBlueprint(m_cluster, i), m_plan.dataNodes[i].restart);
        }
        if (m_plan.resourceManager) {
            m_builder.add(m_plan.resourceManager->host, makeResourceManagerBlueprint(m_cluster),
                          m_plan.resourceManager->restart);
            for (NodeIndex i = 0; i < m_plan.nodeManagers.size(); ++i) {
                m_builder.add(m_plan.nodeManagers[i].host, makeNodeManagerBlueprint(m_cluster, i),
                              m_plan.nodeManagers[i].restart);
            }
        }
        if (!m_plan.jobTracker) {
            return;
        }
        m_builder.add(m_plan.jobTracker->host, makeJobTrackerBlueprint(m_cluster), m_plan.jobTracker->restart);
        for (NodeIndex i = 0; i < m_plan.taskTrackers.size(); ++i) {
            m_builder.add(m_plan.taskTrackers[i].host, makeTaskTrackerBlueprint(m_cluster, i),
                          m_plan.taskTrackers[i].restart);
        }
    }

    void addClients() {
        for (const DfsFilePlan& file : m_plan.files) {
            if (file.putAt) {
                m_builder.add(m_builder.hostOr(file.host, file.name),
                              hadoop::makePutBlueprint(m_cluster, file.name, stored(file)), *file.putAt);
            }
        }
        const std::vector<JobPlan>& jobs = m_builder.plan().jobs;
        for (const JobPlan& plan : jobs) {
            hadoop::JobOrder order;
            order.resubmits = plan.resubmits;
            for (const std::string& name : plan.after) {
                const auto before =
                    std::find_if(jobs.begin(), jobs.end(), [&](const JobPlan& each) { return each.name == name; });
                order.after.push_back(before->parameters.text("output") + "/_SUCCESS");
            }
            for (const std::string& name : plan.files) {
                const auto file = std::find_if(m_plan.files.begin(), m_plan.files.end(),
                                               [&](const DfsFilePlan& each) { return each.name == name; });
                order.after.push_back(file->path);
            }
            m_builder.add(m_builder.hostOr(plan.host, plan.name),
                          hadoop::makeJobBlueprint(m_cluster, jobSpec(plan, m_builder.plan()), std::move(order)),
                          plan.submitAt);
        }
        for (const ExportPlan& plan : m_plan.exports) {
            auto spec = makeRef<hadoop::ExportSpec>();
            const PlacedSink& sink = m_builder.surroundings().sinks.at(plan.sink);
            spec->name = plan.name;
            spec->folder = plan.folder;
            spec->sink = sink.spec;
            spec->client.host = sink.host;
            spec->client.port = sink.port;
            spec->client.writer = "export/" + plan.name;
            m_builder.add(m_builder.hostOr(plan.host, plan.name),
                          hadoop::makeExportBlueprint(m_cluster, std::move(spec)), plan.restart);
        }
    }

    WorldBuilder& m_builder;
    const HadoopPlan& m_plan;
    Ref<hadoop::ClusterConfig> m_cluster;
};

}  // namespace

Result<void> HadoopSection::build(WorldBuilder& builder) const {
    if (builder.plan().hadoop) {
        HadoopBuilder(builder).build();
    }
    return {};
}

}  // namespace millrace::scenario
