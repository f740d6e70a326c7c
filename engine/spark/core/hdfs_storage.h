#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/hadoop/hdfs/dfs_client.h"
#include "engine/sim/context.h"
#include "engine/spark/rows.h"

namespace millrace::spark {

/// Whole files of rows in a folder of HDFS, as a checkpoint's writer has them: under a name of its own first, then in
/// the place of what stands under the file's name, so that nobody ever reads half of one (Spark: ReliableCheckpointRDD,
/// FileBasedWriteAheadLog). What the NameNode or the DataNodes do not do is told as not stored; where the NameNode is
/// in safe mode it waits. A value in the state of an actor.
class HdfsStorage {
public:
    struct Outcome {
        std::vector<std::pair<std::uint64_t, bool>> written;  ///< token, and whether it is stored
        std::vector<std::pair<std::uint64_t, RowsRef>>
            read;  ///< null: there is none of that name, or it cannot be read
    };

    HdfsStorage() = default;
    /// `user` tells its files apart from those of others while they are written.
    HdfsStorage(hadoop::ClusterRef cluster, std::string folder, std::string user)
        : m_cluster(std::move(cluster)), m_folder(std::move(folder)), m_user(std::move(user)) {}

    void write(sim::Context& context, const std::string& file, const RowsRef& rows, std::uint64_t token);
    void read(sim::Context& context, const std::string& file, std::uint64_t token);
    /// Nobody is told what came of it.
    void remove(sim::Context& context, const std::string& file);
    /// True when the message was its client's.
    bool handle(sim::Context& context, const sim::Message& message, Outcome& outcome);

private:
    enum class Step : std::uint8_t { Writing, MakingRoom, Renaming, Reading, Removing };
    struct Work {
        Step step = Step::Writing;
        std::uint64_t token = 0;
        std::string path;
        std::string own;  ///< while it is written
        RowsRef rows;     ///< read so far
    };

    void begin(sim::Context& context);
    void take(sim::Context& context, const hadoop::DfsEvent& event, Outcome& outcome);
    void goOn(sim::Context& context, Work work, bool isDone, Outcome& outcome);

    hadoop::ClusterRef m_cluster;
    std::string m_folder;
    std::string m_user;
    hadoop::DfsClient m_dfs;
    bool m_hasBegun = false;
    std::map<hadoop::DfsClient::Token, Work> m_works;
    std::uint64_t m_next = 1;
};

/// "/spark/<application>".
[[nodiscard]] std::string hdfsFolder(std::string_view application);

}  // namespace millrace::spark
