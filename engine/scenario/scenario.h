#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/flow/operator.h"
#include "engine/scenario/catalog/config_catalog.h"
#include "engine/scenario/document/value.h"
#include "engine/sim/fault.h"
#include "engine/sim/host.h"
#include "engine/sim/network.h"
#include "engine/sim/process.h"

namespace millrace::scenario {

struct RunPlan {
    std::uint64_t seed = 1;
    std::int64_t startMillis = 1'767'225'600'000;  ///< 2026-01-01T00:00:00Z
    std::optional<SimDuration> duration;
    SimDuration openAt{0};
};

struct LinkPlan {
    std::string name;
    std::string a;
    std::string b;
    sim::LinkSpec spec;
};

struct ServerPlan {
    std::string name;
    std::string host;
    Settings config;  ///< the ensemble's settings under its own
    sim::RestartPolicy restart;
};

struct BrokerPlan {
    std::int32_t id = 0;
    std::string host;
    Settings config;  ///< the cluster's settings under its own
    sim::RestartPolicy restart;
};

struct ClusterPlan {
    Profile profile = Profile::Current;
    std::vector<ServerPlan> servers;  ///< by name
    std::vector<BrokerPlan> brokers;  ///< by id
};

struct TopicPlan {
    std::string name;
    std::int32_t partitions = 1;
    std::int32_t replicas = 1;
    Settings config;
};

struct GeneratorPlan {
    double jitter = 0;
    std::optional<std::int64_t> count;
    std::int64_t recordBytes = 100;
    std::int64_t keys = 0;        ///< 0: records without keys
    double keyExponent = 0;       ///< of the Zipf distribution; 0 is uniform
    std::int64_t vocabulary = 0;  ///< 0: filler instead of words
    std::int64_t wordsPerRecord = 0;
    double wordExponent = 1;
};

struct SourcePlan {
    enum class Kind : std::uint8_t { File, Generator, Model, Replay };

    std::string name;
    Kind kind = Kind::File;
    std::string kindName;        ///< as the document has it
    std::string path;            ///< of a file, resolved
    std::optional<double> rate;  ///< records a second; without one, as fast as they are taken
    SimDuration startAt{0};
    GeneratorPlan generator;
    flow::ParameterValues values;  ///< of a model or a replay, by its kind's row
    flow::ParameterValues flaws;   ///< empty: none
    flow::ParameterValues bursts;
    std::optional<SimDuration> keeps;  ///< how long it can send again; without a value, always
    std::int64_t seed = 0;             ///< beside the run's

    /// Ends by itself: a run with only such sources can be drained.
    [[nodiscard]] bool isFinite() const {
        return kind == Kind::File || kind == Kind::Replay || generator.count.has_value();
    }
};

struct ProducerPlan {
    std::string id;  ///< of the source whose own producer it is, or of the entry in clients.producers
    std::string source;
    std::string topic;
    std::string host;
    Settings config;
    sim::RestartPolicy restart;
};

struct GroupPlan {
    std::string name;
    std::vector<std::string> topics;
    std::int32_t members = 1;
    std::string host;
    Settings config;
    SimDuration work = std::chrono::microseconds{2};  ///< of a member for each record
    sim::RestartPolicy restart;
};

struct InputPlan {
    std::string from;
    std::string stream = "default";
    std::string grouping = "shuffle";
    std::vector<std::string> fields;
};

struct SpoutPlan {
    std::string name;
    std::string topic;
    std::string group;
    std::int32_t executors = 1;
    std::int32_t tasks = 1;
    bool startsAtLatest = false;  ///< firstPollOffsetStrategy
    Settings config;
};

struct BoltPlan {
    std::string name;
    std::string kind;
    std::int32_t executors = 1;
    std::int32_t tasks = 1;
    std::vector<InputPlan> inputs;
    flow::ParameterValues parameters;  ///< of its kind's row in the catalog
    Settings config;
    SimDuration cost{0};       ///< processor time of each tuple, beside its kind's
    SimDuration tickEvery{0};  ///< 0: it gets no tick tuples
};

struct TopologyPlan {
    std::string name;
    std::int32_t workers = 1;
    SimDuration submitAt{0};
    Profile profile = Profile::Current;
    std::vector<SpoutPlan> spouts;
    std::vector<BoltPlan> bolts;
    Settings config;
};

struct SupervisorPlan {
    std::string name;
    std::string host;
    std::int32_t slotCount = 4;
    Settings config;  ///< Storm's settings under its own
    sim::RestartPolicy restart;
};

struct StormPlan {
    Profile profile = Profile::Current;
    std::string nimbusHost;
    sim::RestartPolicy nimbusRestart;
    std::vector<SupervisorPlan> supervisors;
    Settings config;
};

struct ColumnPlan {
    std::string name;
    std::string type;  ///< INTEGER, REAL or TEXT
};

struct TablePlan {
    std::string name;
    bool countsKeys = false;  ///< adds to the count of a key instead of adding rows
    std::vector<ColumnPlan> columns;
    std::vector<std::string> keys = {};  ///< sets the row of its key instead of adding one; columns
};

struct SinkPlan {
    std::string name;
    std::string kind;
    std::string host;
    std::string path;  ///< resolved
    bool writesOnce = false;
    bool isWrittenByTheClock = false;  ///< by batches or ticks, with or without records: what it gets is no progress
    std::vector<TablePlan> tables;     ///< empty: those of the web log audit
    flow::ParameterValues values;      ///< by its kind's row
};

struct IngestStepPlan {
    std::string name;
    std::string kind;
    std::string path;  ///< of a file that it looks up in, resolved
    flow::ParameterValues values;
};

struct IngestionPlan {
    std::string name;
    std::string kind;
    std::string host;
    flow::ParameterValues values;  ///< by its kind's row
    SimDuration startAt{0};
    std::vector<IngestStepPlan> steps;
    sim::RestartPolicy restart;
};

struct HadoopDaemonPlan {
    std::string name;
    std::string host;
    Settings config;  ///< Hadoop's settings under its own
    sim::RestartPolicy restart;
};

/// A file in HDFS, with the lines of a source.
struct DfsFilePlan {
    std::string name;
    std::string path;
    std::string source;
    std::optional<std::int32_t> replication;
    std::optional<ByteCount> blockSize;
    std::optional<SimDuration> putAt;  ///< by a client on `host`; without it, it stands there from the beginning
    std::string host;
};

/// What a job wrote, on its way from HDFS into a sink.
struct ExportPlan {
    std::string name;
    std::string folder;
    std::string sink;
    std::string host;
    sim::RestartPolicy restart;
};

struct HadoopPlan {
    HadoopDaemonPlan nameNode;
    std::optional<HadoopDaemonPlan> jobTracker;
    std::vector<HadoopDaemonPlan> dataNodes;
    std::vector<HadoopDaemonPlan> taskTrackers;
    std::optional<HadoopDaemonPlan> resourceManager;  ///< jobs run on YARN
    std::vector<HadoopDaemonPlan> nodeManagers;
    std::vector<DfsFilePlan> files;
    std::vector<ExportPlan> exports;
    Settings config;
};

struct JobPlan {
    std::string name;
    std::string kind;
    flow::ParameterValues parameters;  ///< of its kind's row in the catalog
    std::string priority;
    SimDuration submitAt{0};
    std::vector<std::string> after;  ///< jobs
    std::vector<std::string> files;  ///< of hadoop.files, that must be complete
    bool resubmits = false;
    std::string host;
    Settings config;  ///< the cluster's settings under its own
};

/// A step of a drawn pipeline.
struct PipelineStepPlan {
    std::string name;
    std::string kind;
    std::string from;      ///< another step; empty: the records
    bool isAside = false;  ///< reads what that one puts aside
    flow::ParameterValues parameters;
};

/// A drawn pipeline; what runs it stands among topologies, streaming applications and jobs.
struct PipelinePlan {
    std::string name;
    std::vector<std::string> runOn;
    std::string source;
    std::string sink;
    std::vector<PipelineStepPlan> steps;
};

struct SparkWorkerPlan {
    std::string name;
    std::string host;
    std::int32_t cores = 0;
    ByteCount memory = 0;
    sim::RestartPolicy restart;
};

struct SparkPlan {
    std::string masterHost;
    sim::RestartPolicy masterRestart;
    std::vector<SparkWorkerPlan> workers;
    Settings config;
};

/// An input, operator or output operation of a streaming application, as it is drawn.
struct StreamPartPlan {
    std::string name;
    std::string kind;
    std::vector<std::string> from;
    flow::ParameterValues parameters;
    Settings consumer;  ///< of an input that reads a topic
};

struct StreamingPlan {
    std::string name;
    std::string host;
    sim::RestartPolicy restart;
    SimDuration batch = std::chrono::seconds{1};
    bool checkpoints = false;
    bool isOnHdfs = false;  ///< checkpoints and logs of received blocks
    SimDuration checkpointInterval{0};
    std::vector<StreamPartPlan> inputs;
    std::vector<StreamPartPlan> operators;
    std::vector<StreamPartPlan> outputs;
    std::map<std::string, std::string> sourceHosts;  ///< of the sources that receivers read, where one is named
    Settings config;
};

struct FaultPlan {
    SimDuration at{0};
    sim::FaultSpec spec;
};

/// A scenario that holds together: every reference leads somewhere, every quantity is in its unit, every default is
/// filled in. A plain value; only `readScenario` makes one. What no engine reads (canvas, lesson, experiment) stands in
/// the document.
struct Scenario {
    std::string file;  ///< as named by whoever opened it
    std::string title;
    std::string about;
    RunPlan run;
    std::vector<sim::HostSpec> hosts;
    SimDuration defaultLatency = std::chrono::microseconds{250};
    std::vector<LinkPlan> links;
    ClusterPlan cluster;
    std::vector<TopicPlan> topics;
    std::vector<SourcePlan> sources;
    std::vector<ProducerPlan> producers;
    std::vector<ProducerPlan> topicSinks;  ///< sinks that are topics, by their ids; without a source
    std::vector<GroupPlan> groups;
    std::optional<StormPlan> storm;
    std::vector<TopologyPlan> topologies;
    std::optional<SparkPlan> spark;
    std::vector<StreamingPlan> streaming;
    std::vector<SinkPlan> sinks;
    std::vector<IngestionPlan> ingestion;
    std::vector<PipelinePlan> pipelines;
    std::optional<HadoopPlan> hadoop;
    std::vector<JobPlan> jobs;
    std::vector<FaultPlan> faults;
    std::vector<std::string> notModelled;
    Value document;

    [[nodiscard]] std::string name() const;  ///< the file's name without folder and ending
};

}  // namespace millrace::scenario
