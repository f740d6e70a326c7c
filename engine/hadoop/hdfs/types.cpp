#include "engine/hadoop/hdfs/types.h"

namespace millrace::hadoop {

std::string_view reasonOf(DfsError error) {
    switch (error) {
        case DfsError::None:
            return "done";
        case DfsError::NotFound:
            return "the file does not exist";
        case DfsError::AlreadyExists:
            return "the file exists already";
        case DfsError::AlreadyBeingCreated:
            return "the file is being written by another client";
        case DfsError::LeaseExpired:
            return "the writer has no lease on the file";
        case DfsError::SafeMode:
            return "the NameNode is in safe mode";
        case DfsError::NotReplicatedYet:
            return "the block before has not reached its minimal replication";
        case DfsError::NoTargets:
            return "the file could only be replicated to 0 nodes";
        case DfsError::BlockMissing:
            return "no live DataNode has the block";
        case DfsError::Pipeline:
            return "all DataNodes of the pipeline are bad";
        case DfsError::Unreachable:
            return "the NameNode does not answer";
    }
    return {};
}

std::string parentOf(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos || slash == 0 ? std::string{"/"} : std::string{path.substr(0, slash)};
}

}  // namespace millrace::hadoop
