#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/ref.h"
#include "engine/base/sim_time.h"
#include "engine/base/strong.h"
#include "engine/hadoop/broken_rules.h"
#include "engine/hadoop/slice.h"
#include "engine/sim/ids.h"

namespace millrace::hadoop {

/// A DataNode or a TaskTracker by its place in the configuration.
using NodeIndex = std::uint32_t;
inline constexpr NodeIndex noNode = 0xFFFFFFFFU;

/// A daemon's machine and where it is reached.
struct DaemonAddress {
    std::string name;  ///< "dn1": the process is "datanode/dn1"
    sim::HostId host = sim::noHost;
    std::string rack;
    sim::Port port{0};
    ByteCount readRate = 500LL << 20U;  ///< bytes/s of the machine's disk
    // Of a TaskTracker
    std::uint32_t mapSlots = 2;
    std::uint32_t reduceSlots = 2;
    // Of a NodeManager
    std::uint32_t memory = 8192;  ///< MB that it gives to containers
    std::uint32_t vcores = 8;
};

/// Of hdfs-site.xml and core-site.xml, with the defaults of Hadoop 1.2.
struct HdfsConfig {
    ByteCount blockSize = 64LL << 20U;
    std::uint32_t replication = 3;
    std::uint32_t replicationMin = 1;
    std::uint32_t replicationMax = 512;
    SimDuration heartbeatInterval = std::chrono::seconds{3};
    SimDuration heartbeatRecheck = std::chrono::minutes{5};
    SimDuration blockReportInterval = std::chrono::hours{1};
    SimDuration replicationInterval = std::chrono::seconds{3};
    SimDuration pendingTimeout = std::chrono::minutes{5};
    std::uint32_t replicationStreams = 2;
    double safeModeThreshold = 0.999;
    SimDuration safeModeExtension = std::chrono::seconds{30};
    ByteCount packetSize = 64LL << 10U;
    std::uint32_t blockWriteRetries = 3;
    std::uint32_t acquireFailures = 3;
    SimDuration socketTimeout = std::chrono::seconds{60};
    std::uint32_t connectRetries = 10;  ///< ipc.client.connect.max.retries, a second apart
    bool syncOnClose = false;
    bool considersLoad = true;
    ByteCount reserved = 0;

    /// After this silence a DataNode counts as dead: 10.5 minutes by default.
    [[nodiscard]] SimDuration deadAfter() const { return 2 * heartbeatRecheck + 10 * heartbeatInterval; }
    /// How often a writer renews its lease and says to its pipelines that it is still there.
    static constexpr SimDuration renewEvery = std::chrono::seconds{30};
    /// How long a DataNode waits for a writer that says nothing.
    [[nodiscard]] SimDuration writerPatience() const { return std::max(socketTimeout, 2 * renewEvery); }
    static constexpr SimDuration leaseSoftLimit = std::chrono::seconds{60};
    static constexpr SimDuration leaseHardLimit = std::chrono::hours{1};
};

/// Of mapred-site.xml: what the daemons go by.
struct TrackerConfig {
    SimDuration heartbeatMin = std::chrono::milliseconds{300};
    std::uint32_t heartbeatsPerSecond = 100;
    SimDuration trackerExpiry = std::chrono::minutes{10};

    /// How long a tracker waits between two heartbeats in a cluster of so many.
    [[nodiscard]] SimDuration heartbeatOf(std::size_t trackers) const {
        const SimDuration shared = std::chrono::seconds{1} * static_cast<std::int64_t>(trackers) /
                                   static_cast<std::int64_t>(heartbeatsPerSecond);
        return std::max(heartbeatMin, shared);
    }
};

/// Of yarn-site.xml, with the defaults of Hadoop 2.4: what ResourceManager and NodeManagers go by.
struct YarnConfig {
    std::uint32_t minimumMemory = 1024;  ///< MB: containers are multiples of it
    std::uint32_t maximumMemory = 8192;
    double appMasterShare = 0.1;       ///< of the memory: how many applications are active at once follows from it
    std::uint32_t localityDelay = 40;  ///< nodes that are passed over before a rack's other node is taken
    SimDuration nodeHeartbeat = std::chrono::seconds{1};
    SimDuration nodeExpiry = std::chrono::minutes{10};
    SimDuration appMasterExpiry = std::chrono::minutes{10};
    std::uint32_t appMasterAttempts = 2;
    SimDuration connectRetry = std::chrono::seconds{30};  ///< of a NodeManager whose ResourceManager is gone
    SimDuration connectMaxWait = std::chrono::minutes{15};

    /// What a container of so much has.
    [[nodiscard]] std::uint32_t roundedUp(std::uint32_t asked) const {
        const std::uint32_t whole = (asked + minimumMemory - 1) / minimumMemory * minimumMemory;
        return std::min(std::max(whole, minimumMemory), maximumMemory);
    }
};

/// A file that stands in HDFS when the run begins.
struct StoredFile {
    std::string path;
    BytesRef content;
    std::uint32_t replication = 3;
    ByteCount blockSize = 64LL << 20U;
};
struct StoredBlock {
    std::uint64_t id = 0;
    std::uint32_t file = 0;
    ByteCount offset = 0;
    ByteCount length = 0;
    std::vector<NodeIndex> nodes;
    std::vector<BlockChunkRef> chunks;  ///< shared by all replicas
};

/// A cluster as all its processes know it. Immutable and shared.
struct ClusterConfig final : Counted {
    HdfsConfig hdfs;
    TrackerConfig mapreduce;
    DaemonAddress nameNode;
    std::optional<DaemonAddress> jobTracker;
    std::vector<DaemonAddress> dataNodes;
    std::optional<DaemonAddress> resourceManager;  ///< with it jobs run on YARN, and there is no JobTracker
    YarnConfig yarn;
    std::vector<DaemonAddress> trackers;  ///< the nodes that run tasks: TaskTrackers, or NodeManagers
    std::vector<StoredFile> files;
    std::vector<StoredBlock> blocks;  ///< of these files, in order
    BrokenRules broken;

    [[nodiscard]] bool isYarn() const { return resourceManager.has_value(); }
    /// 0: the same machine, 2: the same rack, 4: another one.
    [[nodiscard]] static int distance(const DaemonAddress& node, sim::HostId host, const std::string& rack) {
        return node.host == host ? 0 : node.rack == rack ? 2 : 4;
    }
    [[nodiscard]] std::string rackOf(sim::HostId host) const {
        for (const DaemonAddress& node : dataNodes) {
            if (node.host == host) {
                return node.rack;
            }
        }
        return {};
    }
};
using ClusterRef = Ref<const ClusterConfig>;

}  // namespace millrace::hadoop
