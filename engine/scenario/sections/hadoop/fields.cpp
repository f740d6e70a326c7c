#include "engine/scenario/shape/fields.h"
#include "engine/hadoop/mapreduce/job_kinds.h"
#include "engine/hadoop/settings.h"
#include "engine/scenario/sections/hadoop/collections.h"
#include "engine/scenario/sections/hadoop/hadoop_section.h"
#include "engine/scenario/sections/ingest/collections.h"

namespace millrace::scenario {

namespace {

// One line a field: these are tables.
// clang-format off

const Shape& nameNodeShape() {
    static const Shape shape{"namenode", {
        hostField("Where the NameNode runs.", true),
        restartField(),
    }};
    return shape;
}

const Shape& jobTrackerShape() {
    static const Shape shape{"jobtracker", {
        hostField("Where the JobTracker runs.", true),
        restartField(),
    }};
    return shape;
}

const Shape& dataNodeShape() {
    static const Shape shape{"datanode", {
        hostField("Where the DataNode runs; its rack is the host's.", true),
        restartField(),
    }};
    return shape;
}

const Shape& taskTrackerShape() {
    static const Shape shape{"tasktracker", {
        hostField("Where the TaskTracker and its tasks run.", true),
        configField(hadoopScope, "Settings of this TaskTracker by Hadoop's names: its slots."),
        restartField(),
    }};
    return shape;
}

const Shape& resourceManagerShape() {
    static const Shape shape{"resourcemanager", {
        hostField("Where the ResourceManager runs.", true),
        restartField(),
    }};
    return shape;
}

const Shape& nodeManagerShape() {
    static const Shape shape{"nodemanager", {
        hostField("Where the NodeManager and its containers run.", true),
        configField(hadoopScope, "Settings of this NodeManager by Hadoop's names: the memory that it gives to containers."),
        restartField(),
    }};
    return shape;
}

const Shape& yarnShape() {
    static const Shape shape{"yarn", {
        {.key = "resource_manager", .type = FieldType::Object, .help = "The master of YARN.", .isRequired = true, .shape = &resourceManagerShape()},
        {.key = "node_managers", .type = FieldType::Map, .help = "The nodes that run containers.", .isRequired = true, .most = 1000, .shape = &nodeManagerShape()},
    }};
    return shape;
}

const Shape& dfsFileShape() {
    static const Shape shape{"hdfs_file", {
        {.key = "path", .type = FieldType::Text, .help = "Its path in HDFS, as in /logs/access.log.", .isRequired = true},
        {.key = "source", .type = FieldType::Reference, .help = "The source whose records are its lines; it must come to an end.", .isRequired = true, .collection = &sourceNames},
        {.key = "replication", .type = FieldType::Integer, .help = "Replicas of its blocks; without a number, dfs.replication.", .least = 1, .most = 512, .blank = "dfs.replication"},
        {.key = "block_size", .type = FieldType::Size, .help = "Size of its blocks; without one, dfs.block.size.", .blank = "dfs.block.size"},
        {.key = "put_at", .type = FieldType::Duration, .help = "When a client writes it; without a time, it stands there when the run begins.", .blank = "before the run"},
        only(flow::with("put_at"), hostField("Where that client runs; without one, on a host of its own.", false)),
    }};
    return shape;
}

const Shape& exportShape() {
    static const Shape shape{"hdfs_export", {
        {.key = "folder", .type = FieldType::Text, .help = "The output folder of a job whose lines are a table, a row of it and a number, as those of a drawn pipeline.", .isRequired = true},
        {.key = "sink", .type = FieldType::Reference, .help = "The database whose tables they go to, once the job has succeeded.", .isRequired = true, .collection = &sinkNames},
        hostField("Where the client runs that does it; without one, on a host of its own.", false),
        restartField(),
    }};
    return shape;
}

const Shape& hadoopShape() {
    static const Shape shape{"hadoop", {
        {.key = "namenode", .type = FieldType::Object, .help = "The master of HDFS.", .isRequired = true, .shape = &nameNodeShape()},
        {.key = "datanodes", .type = FieldType::Map, .help = "The nodes that keep blocks.", .isRequired = true, .most = 1000, .shape = &dataNodeShape()},
        {.key = "jobtracker", .type = FieldType::Object, .help = "The master of MapReduce 1; jobs need it, or YARN.", .shape = &jobTrackerShape()},
        {.key = "tasktrackers", .type = FieldType::Map, .help = "The nodes that run tasks.", .most = 1000, .shape = &taskTrackerShape()},
        {.key = "yarn", .type = FieldType::Object, .help = "YARN of Hadoop 2, on which jobs run in the place of JobTracker and TaskTrackers.", .shape = &yarnShape()},
        {.key = "files", .type = FieldType::Map, .help = "Files in HDFS.", .most = 1000, .shape = &dfsFileShape()},
        {.key = "exports", .type = FieldType::Map, .help = "What goes from HDFS into sinks.", .most = 1000, .shape = &exportShape()},
        configField(hadoopScope, "Settings of all daemons and jobs by Hadoop's names."),
    }};
    return shape;
}

const Shape& jobShape() {
    static const Shape shape = shapeOfKinds("job", flow::NodeKind::Job, "What it computes.", {
        {.key = "submit_at", .type = FieldType::Duration, .help = "When it is submitted.", .defaultText = "0s"},
        {.key = "after", .type = FieldType::TextList, .help = "Jobs that must have succeeded before it is submitted.", .most = 100, .collection = &jobNames},
        {.key = "files", .type = FieldType::TextList, .help = "Files of hadoop.files that must stand there completely before it is submitted.", .most = 100, .collection = &dfsFileNames},
        {.key = "priority", .type = FieldType::Choice, .help = "Which job gets slots first.", .defaultText = "NORMAL", .choices = {"VERY_HIGH", "HIGH", "NORMAL", "LOW", "VERY_LOW"}},
        {.key = "resubmit", .type = FieldType::Flag, .help = "Whether it is submitted once more, its output removed, when the JobTracker or ResourceManager has lost it.", .defaultText = "false"},
        hostField("Where the program runs that submits it; without one, on a host of its own.", false),
        configField(hadoopScope, "Settings of this job by Hadoop's names."),
    });
    return shape;
}

// clang-format on

}  // namespace

// clang-format off
std::vector<Field> HadoopSection::fields() const {
    return {
        {.key = "hadoop", .type = FieldType::Object, .help = "HDFS, and MapReduce 1 or YARN.", .shape = &hadoopShape()},
        {.key = "jobs", .type = FieldType::Map, .help = "What MapReduce runs.", .most = 1000, .shape = &jobShape()},
    };
}
// clang-format on

std::vector<Catalogue> HadoopSection::catalogues() const {
    return {{hadoopScope, "Hadoop", "hadoopConfig", hadoop::settings()}};
}

const Collection* HadoopSection::collectionOf(flow::NodeKind node) const {
    return node == flow::NodeKind::Job ? &jobNames : node == flow::NodeKind::DfsFile ? &dfsFileNames : nullptr;
}

std::span<const flow::Operator* const> HadoopSection::operatorsOf(flow::NodeKind node) const {
    return node == flow::NodeKind::Job ? hadoop::jobOperators() : std::span<const flow::Operator* const>();
}

}  // namespace millrace::scenario
