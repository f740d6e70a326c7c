#include "engine/observe/kinds.h"

#include <algorithm>

namespace millrace::observe {

namespace {

using Kind = ObjectKind;

// clang-format off
constexpr KindRow rows[] = {
    {.kind = Kind::Source, .prefix = "source", .word = "source", .several = "Sources", .tone = Tone::Origin,
     .place = "sources.*", .family = "Sources", .gives = "records", .isCard = true, .stand = Stand::Service, .heading = "Services", .target = "producer", .isHit = true,
     .ways = {{{Kind::Topic, EdgeKind::Feed}, {Kind::Producer, EdgeKind::Feed}, {Kind::StreamInput, EdgeKind::Feed}, {Kind::Ingestion, EdgeKind::Feed}}}},
    {.kind = Kind::Topic, .prefix = "topic", .word = "topic", .several = "Topics", .tone = Tone::Log,
     .place = "topics.*", .family = "Kafka", .gives = "records", .isCard = true, .target = "leader",
     .ways = {{{Kind::Spout, EdgeKind::Subscription}, {Kind::Group, EdgeKind::Subscription}, {Kind::StreamInput, EdgeKind::Subscription}}},
     .part = {"Topic", "Keeps records in partitions on the brokers.", "topic"}},
    {.kind = Kind::Spout, .prefix = "spout", .word = "spout", .several = "Spouts", .titled = Titled::ByPart, .tone = Tone::Reader,
     .place = "topologies.*.spouts.*", .family = "Storm", .gives = "tuples", .isCard = true,
     .ways = {{{Kind::Bolt, EdgeKind::Stream}, {Kind::Sink, EdgeKind::Write, Kind::Bolt}}}},
    {.kind = Kind::Bolt, .prefix = "bolt", .word = "bolt", .several = "Bolts", .titled = Titled::ByPart, .tone = Tone::Step,
     .place = "topologies.*.bolts.*", .family = "Storm", .gives = "tuples", .isCard = true,
     .ways = {{{Kind::Bolt, EdgeKind::Stream}, {Kind::Sink, EdgeKind::Write}}}},
    {.kind = Kind::StreamInput, .prefix = "stream", .word = "input stream", .several = "Input streams", .titled = Titled::ByPart, .tone = Tone::Reader,
     .place = "streaming.*.inputs.*", .family = "Spark", .gives = "rows", .isCard = true,
     .ways = {{{Kind::StreamOperator, EdgeKind::Stream}, {Kind::StreamOutput, EdgeKind::Stream}}}},
    {.kind = Kind::StreamOperator, .prefix = "dstream", .word = "stream operator", .several = "Stream operators", .titled = Titled::ByPart, .tone = Tone::Step,
     .place = "streaming.*.operators.*", .family = "Spark", .gives = "rows", .isCard = true,
     .ways = {{{Kind::StreamOperator, EdgeKind::Stream}, {Kind::StreamOutput, EdgeKind::Stream}}}},
    {.kind = Kind::StreamOutput, .prefix = "output", .word = "output operation", .several = "Output operations", .titled = Titled::ByPart, .tone = Tone::Step,
     .place = "streaming.*.outputs.*", .family = "Spark", .gives = "rows", .isCard = true,
     .ways = {{{Kind::Sink, EdgeKind::Write}}}},
    {.kind = Kind::Ingestion, .prefix = "ingestion", .word = "ingestion pipeline", .several = "Ingestion pipelines", .titled = Titled::ByName, .tone = Tone::Step,
     .place = "ingestion.*", .family = "Ingestion", .gives = "rows", .isCard = true, .stand = Stand::Service, .heading = "Services", .isHit = true,
     .ways = {{{Kind::Sink, EdgeKind::Feed}}}},
    {.kind = Kind::IngestStep, .prefix = "step", .word = "step", .several = "Steps", .titled = Titled::ByPart, .tone = Tone::Step,
     .place = "ingestion.*.steps.*", .isListed = true},
    {.kind = Kind::Sink, .prefix = "sink", .word = "sink", .several = "Sinks", .tone = Tone::End,
     .place = "sinks.*", .family = "Sinks", .isCard = true, .stand = Stand::Service, .heading = "Services", .isHit = true},
    {.kind = Kind::DfsFile, .prefix = "file", .word = "file in HDFS", .several = "Files in HDFS", .tone = Tone::Log,
     .place = "hadoop.files.*", .family = "Hadoop", .gives = "lines", .isCard = true, .process = "put",
     .part = {"File in HDFS", "A file that is in HDFS when the run begins, or is put there later.", "file"}},
    {.kind = Kind::Job, .prefix = "job", .word = "job", .several = "Jobs", .titled = Titled::ByName, .tone = Tone::Step,
     .place = "jobs.*", .family = "Hadoop", .gives = "lines", .isCard = true, .process = "jobclient"},
    {.kind = Kind::Pipeline, .prefix = "pipeline", .word = "pipeline", .several = "Pipelines", .titled = Titled::ByName, .tone = Tone::Step,
     .place = "pipelines.*", .isListed = true},
    {.kind = Kind::PipelineStep, .prefix = "pipeline-step", .word = "step", .several = "Steps of pipelines", .titled = Titled::ByPart, .tone = Tone::Step,
     .place = "pipelines.*.steps.*", .isListed = true},
    {.kind = Kind::Group, .prefix = "group", .word = "consumer group", .several = "Groups", .tone = Tone::Log,
     .place = "clients.groups.*", .isListed = true, .stand = Stand::Service, .heading = "Services"},
    {.kind = Kind::Producer, .prefix = "producer", .word = "producer", .several = "Producers", .tone = Tone::Log,
     .place = "clients.producers.*", .broughtBy = "sources.*", .gives = "records", .stand = Stand::Service, .heading = "Services", .isHit = true,
     .ways = {{{Kind::Topic, EdgeKind::Feed}}}},
    {.kind = Kind::Partition, .prefix = "partition", .word = "partition", .several = "Partitions", .titled = Titled::ByName, .tone = Tone::Log,
     .place = "topics.*", .partSign = '-'},
    {.kind = Kind::Host, .prefix = "host", .word = "host", .several = "Hosts",
     .place = "hosts.*", .family = "Cluster", .stand = Stand::Machine, .heading = "Other hosts",
     .part = {"Host", "A machine with four cores.", "h", true}},
    {.kind = Kind::Broker, .prefix = "broker", .word = "broker", .several = "Brokers",
     .place = "cluster.brokers.*", .family = "Cluster", .stand = Stand::Column,
     .part = {"Broker", "A Kafka broker on a host of its own.", "", true}},
    {.kind = Kind::Server, .prefix = "server", .word = "server", .several = "ZooKeeper servers", .title = "ZooKeeper",
     .place = "cluster.servers.*", .family = "Cluster", .stand = Stand::Card, .heading = "ZooKeeper", .process = "zookeeper",
     .part = {"ZooKeeper server", "One more server of the ensemble; it has 1, 3 or 5.", "zk", true}},
    {.kind = Kind::Nimbus, .prefix = "nimbus", .word = "Nimbus", .several = "Nimbus", .title = "Nimbus",
     .place = "storm.nimbus", .stand = Stand::Card, .heading = "Services"},
    {.kind = Kind::Supervisor, .prefix = "supervisor", .word = "supervisor", .several = "Supervisors",
     .place = "storm.supervisors.*", .family = "Cluster", .stand = Stand::Card, .heading = "Supervisors",
     .part = {"Supervisor", "A Storm node with four slots on a host of its own.", "s", true}},
    {.kind = Kind::Worker, .prefix = "worker", .word = "worker", .several = "Workers",
     .place = "topologies.*", .partSign = '/', .stand = Stand::Slot},
    {.kind = Kind::NameNode, .prefix = "namenode", .word = "NameNode", .several = "NameNode", .title = "NameNode",
     .place = "hadoop.namenode", .stand = Stand::Card, .heading = "HDFS"},
    {.kind = Kind::DataNode, .prefix = "datanode", .word = "DataNode", .several = "DataNodes", .title = "DataNode",
     .place = "hadoop.datanodes.*", .family = "Cluster", .stand = Stand::Card, .heading = "HDFS",
     .part = {"DataNode", "Keeps blocks of HDFS on a host of its own.", "dn", true}},
    {.kind = Kind::JobTracker, .prefix = "jobtracker", .word = "JobTracker", .several = "JobTracker", .title = "JobTracker",
     .place = "hadoop.jobtracker", .stand = Stand::Card, .heading = "MapReduce"},
    {.kind = Kind::TaskTracker, .prefix = "tasktracker", .word = "TaskTracker", .several = "TaskTrackers", .title = "TaskTracker",
     .place = "hadoop.tasktrackers.*", .family = "Cluster", .stand = Stand::Card, .heading = "MapReduce",
     .part = {"TaskTracker", "Runs the tasks of jobs in two map and two reduce slots.", "tt", true}},
    {.kind = Kind::ResourceManager, .prefix = "resourcemanager", .word = "ResourceManager", .several = "ResourceManager", .title = "ResourceManager",
     .place = "hadoop.yarn.resource_manager", .stand = Stand::Card, .heading = "YARN"},
    {.kind = Kind::NodeManager, .prefix = "nodemanager", .word = "NodeManager", .several = "NodeManagers", .title = "NodeManager",
     .place = "hadoop.yarn.node_managers.*", .family = "Cluster", .stand = Stand::Card, .heading = "YARN",
     .part = {"NodeManager", "Runs containers of YARN in the memory that it gives to them.", "nm", true}},
    {.kind = Kind::SparkMaster, .prefix = "spark-master", .word = "Spark master", .several = "Spark masters", .title = "Spark master",
     .place = "spark.master", .stand = Stand::Card, .heading = "Services"},
    {.kind = Kind::SparkWorker, .prefix = "spark-worker", .word = "Spark worker", .several = "Spark workers", .title = "Spark worker",
     .place = "spark.workers.*", .family = "Cluster", .stand = Stand::Card, .heading = "Spark",
     .part = {"Spark worker", "Gives the cores of its host to Spark's executors.", "w", true}},
    {.kind = Kind::Driver, .prefix = "driver", .word = "driver", .several = "Drivers",
     .place = "streaming.*", .stand = Stand::Card, .heading = "Services"},
    {.kind = Kind::Executor, .prefix = "executor", .word = "executor", .several = "Executors",
     .place = "streaming.*", .partSign = '/', .stand = Stand::Card, .heading = "Spark"},
    {.kind = Kind::Link, .prefix = "link", .word = "link", .several = "Links", .place = "links.*"},
    {.kind = Kind::Disk, .prefix = "disk", .word = "disk", .several = "Disks", .place = "hosts.*", .partSign = '\n'},
};
// clang-format on

constexpr KindRow unknown{.prefix = {}, .word = "object", .several = "Objects", .titled = Titled::ByName};

}  // namespace

bool KindRow::isFed() const {
    return std::any_of(std::begin(rows), std::end(rows), [this](const KindRow& from) {
        return std::any_of(from.ways.begin(), from.ways.end(),
                           [this](const Way& way) { return way.to == kind && kind != ObjectKind::Unknown; });
    });
}

std::span<const KindRow> kinds() {
    return rows;
}

const KindRow& rowOf(ObjectKind kind) {
    const auto found =
        std::find_if(std::begin(rows), std::end(rows), [kind](const KindRow& each) { return each.kind == kind; });
    return found != std::end(rows) ? *found : unknown;
}

std::optional<Way> wayBetween(ObjectKind from, ObjectKind to) {
    for (const Way& way : rowOf(from).ways) {
        if (way.to == to && to != ObjectKind::Unknown) {
            return way;
        }
    }
    return std::nullopt;
}

std::size_t rankOf(ObjectKind kind) {
    const auto firstStep = [](std::string_view place) { return place.substr(0, place.find('.')); };
    const std::string_view part = firstStep(rowOf(kind).place);
    const auto found = std::find_if(std::begin(rows), std::end(rows),
                                    [&](const KindRow& each) { return firstStep(each.place) == part; });
    return static_cast<std::size_t>(found - std::begin(rows));
}

}  // namespace millrace::observe
