#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/observe/hadoop_view.h"
#include "engine/observe/object_id.h"

namespace millrace::observe {

/// A machine of the cluster as NameNode and JobTracker see it.
struct DfsNodeView {
    ObjectId id;  ///< the DataNode
    std::string name;
    std::string rack;
    ObjectId host;
    bool isLive = false;
    SimDuration sinceHeard{0};  ///< since its last heartbeat
    std::int64_t capacity = 0;
    std::int64_t used = 0;
    std::int64_t remaining = 0;
    std::int64_t blocks = 0;
    std::int32_t transfers = 0;  ///< that are under way there
    bool isSilent = false;       ///< live, but not heard of when it should have been
};

struct DfsFileView {
    std::string path;
    std::int64_t length = 0;
    std::int32_t replication = 0;
    std::int32_t blocks = 0;
    bool isOpen = false;
};

/// A block and which nodes have it, by their places in the page's `nodes`.
struct DfsBlockView {
    std::uint64_t number = 0;
    std::int32_t file = -1;  ///< its place in the page's `files`
    std::int32_t index = 0;  ///< in the file
    std::int64_t length = 0;
    std::int32_t wanted = 0;
    bool isOpen = false;  ///< it is being written
    std::vector<std::int32_t> replicas;
    std::vector<std::int32_t> corrupt;
    std::vector<std::int32_t> expected;  ///< the pipeline that writes it

    [[nodiscard]] bool isUnderReplicated() const {
        return !isOpen && static_cast<std::int32_t>(replicas.size()) < wanted;
    }
};

/// HDFS as its NameNode knows it.
struct DfsPage {
    ObjectId id;
    SimTime now{};
    DfsView summary;
    std::int64_t capacity = 0;
    std::int64_t remaining = 0;
    std::uint64_t safeBlocks = 0;    ///< that have enough replicas to leave safe mode
    std::vector<DfsNodeView> nodes;  ///< by rack, then by name
    std::vector<DfsFileView> files;
    std::vector<DfsBlockView> blocks;  ///< in the order of files; the endangered ones where not all have room
    std::int64_t blocksInAll = 0;
    std::int64_t shortBlocks = 0;  ///< under-replicated ones of which no copy is made: every live node has one
    SimDuration deadAfter{0};      ///< a DataNode that is not heard of for so long is dead
};

enum class AttemptEnd : std::uint8_t { Running, Succeeded, Failed, Killed };

/// An attempt of a task of a job. An instant that it has not come to is max().
struct AttemptView {
    ObjectId tracker;
    SimTime started{};
    SimTime copied = SimTime::max();  ///< a reduce had all map output
    SimTime sorted = SimTime::max();
    SimTime ended = SimTime::max();
    double progress = 0;  ///< 0 to 1
    AttemptEnd end = AttemptEnd::Running;
    bool isSpeculative = false;
    int distance = 0;  ///< of a map to its split: 0 same machine, 2 same rack, 4 elsewhere
};

struct MapReduceTaskView {
    std::int32_t number = 0;
    bool isReduce = false;
    bool isDone = false;
    bool isPending = false;
    double progress = 0;
    std::vector<AttemptView> attempts;
    std::string split;  ///< of a map: what it reads
};

/// Of one kind of tasks.
struct TaskKindView {
    double progress = 0;
    std::int32_t tasks = 0;
    std::int32_t pending = 0;
    std::int32_t running = 0;
    std::int32_t complete = 0;
    std::int32_t killed = 0;  ///< attempts
    std::int32_t failed = 0;  ///< attempts
};

struct JobCounterView {
    std::string_view name;
    std::int64_t map = 0;
    std::int64_t reduce = 0;
    std::int64_t total = 0;
};

/// The trackers as the JobTracker sees them, or NodeManagers as the ResourceManager does.
struct TrackerView {
    ObjectId id;
    ObjectId host;
    std::string rack;
    bool isAlive = false;
    SimDuration sinceHeard{0};
    std::int32_t mapSlots = 0;
    std::int32_t reduceSlots = 0;
    std::int32_t maps = 0;  ///< that run
    std::int32_t reduces = 0;
    bool isSilent = false;         ///< alive, but not heard of when it should have been
    std::int32_t containers = 0;   ///< of a NodeManager
    std::int64_t memory = 0;       ///< MB that a NodeManager gives to containers
    std::int64_t memoryInUse = 0;  ///< MB of these
};

struct JobTrackerSummary {
    bool isThere = false;
    bool isReady = false;  ///< it takes jobs
    std::int32_t maps = 0;
    std::int32_t reduces = 0;
    std::int32_t mapSlots = 0;
    std::int32_t reduceSlots = 0;
    std::int32_t live = 0;
    std::int32_t trackers = 0;
    std::int32_t submissions = 0;
    bool isYarn = false;  ///< it is a ResourceManager: there are containers with memory instead of slots
    std::int32_t containers = 0;
    std::int64_t memory = 0;       ///< MB of the NodeManagers that are alive
    std::int64_t memoryInUse = 0;  ///< MB
};

/// A job as the JobTracker knows it.
struct JobPage {
    ObjectId id;
    SimTime now{};
    JobTrackerSummary cluster;
    std::vector<TrackerView> trackers;
    bool isKnown = false;  ///< by this JobTracker: one that starts again has forgotten all jobs
    std::string state;
    std::string application;    ///< on YARN: ACCEPTED, RUNNING, FINISHED ...; empty: the ResourceManager knows none
    std::uint32_t attempt = 0;  ///< of its ApplicationMaster
    bool hasLostTasks = false;  ///< nobody knows how they went
    SimTime submitted{};
    SimTime ended = SimTime::max();
    TaskKindView maps;
    TaskKindView reduces;
    std::vector<MapReduceTaskView> tasks;  ///< maps, then reduces
    std::vector<JobCounterView> counters;
    /// Bytes of map output by map and by reduce; a map that is not done has an empty row.
    std::vector<std::vector<std::int64_t>> shuffle;
};

}  // namespace millrace::observe
