#pragma once

#include <cstdint>
#include <map>

#include "engine/base/shared_map.h"
#include "engine/hadoop/mapreduce/protocol.h"
#include "engine/sim/context.h"

namespace millrace::hadoop {

/// The output of finished maps on a machine, and its service to reduces: a value in the TaskTracker or NodeManager that
/// ran them. What it served is gone when that starts again. Source: Hadoop 1.2, MapOutputServlet; 2.4, ShuffleHandler.
class ShuffleServer {
public:
    struct Output {
        Ref<const MapOutput> output;
        sim::FileId file;
    };

    /// Nothing of an earlier life is served.
    void start(sim::Context& context, ByteCount readRate);
    /// False: the disk is full.
    [[nodiscard]] bool keep(sim::Context& context, const AttemptId& map, Ref<const MapOutput> output);
    void forgetJob(sim::Context& context, JobId job);
    void forgetAll(sim::Context& context);
    /// Answered when the disk has given it.
    void fetch(sim::Context& context, const FetchOutput& fetch);
    /// True when the message was an alarm of its own.
    bool handle(sim::Context& context, const sim::Message& message);

    [[nodiscard]] const SharedMap<AttemptId, Output>& outputs() const { return m_outputs; }
    [[nodiscard]] ByteCount bytesServed() const { return m_bytesServed; }

private:
    /// A fetch that waits for the disk.
    struct Serving {
        sim::ConnectionId connection;
        Ref<const FetchedOutput> answer;
    };

    SharedMap<AttemptId, Output> m_outputs;
    std::uint64_t m_nextServing = 1;
    std::map<std::uint64_t, Serving> m_serving;
    ByteCount m_readRate = 0;  ///< bytes/s of the machine's disk
    SimTime m_diskFreeAt;
    ByteCount m_bytesServed = 0;
};

}  // namespace millrace::hadoop
