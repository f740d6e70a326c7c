#include "engine/hadoop/hdfs/stored_content.h"

#include <fmt/format.h>

#include "engine/hadoop/hdfs/name_node.h"
#include "engine/hadoop/slice.h"
#include "engine/sim/world.h"

namespace millrace::hadoop {

namespace {

/// A sound replica that is as long as the NameNode knows the block to be, whoever has it.
bool addBlock(const sim::World& world, const ClusterConfig& cluster, const Block& block, std::string& to) {
    for (const DaemonAddress& node : cluster.dataNodes) {
        const sim::ProcessId process = world.findProcess("datanode/" + node.name);
        const sim::File* replica =
            process == sim::noProcess ? nullptr : world.diskOf(process).find(fmt::format("current/blk_{}", block.id));
        if (replica == nullptr || replica->length() != block.length) {
            continue;
        }
        std::string bytes;
        bool isIntact = true;
        for (const sim::ChunkRef& chunk : replica->chunks()) {
            const auto& part = static_cast<const BlockChunk&>(*chunk);
            isIntact = isIntact && part.isIntact();
            bytes += part.data().text();
        }
        if (isIntact) {
            to += bytes;
            return true;
        }
    }
    return false;
}

}  // namespace

std::optional<std::string> storedContent(const sim::World& world, std::string_view path) {
    const auto* nameNode = world.findActor<NameNode>("namenode/namenode");
    const FileNode* file = nameNode == nullptr ? nullptr : nameNode->space().find(path);
    if (file == nullptr || file->isDirectory || file->isOpen()) {
        return std::nullopt;
    }
    std::string content;
    for (std::uint64_t i = 0; i < file->blocks.size(); ++i) {
        if (!addBlock(world, nameNode->cluster(), file->blocks[i], content)) {
            return std::nullopt;
        }
    }
    return content;
}

}  // namespace millrace::hadoop
