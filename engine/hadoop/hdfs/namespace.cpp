#include "engine/hadoop/hdfs/namespace.h"

#include <algorithm>
#include <utility>

namespace millrace::hadoop {

void Edit::digest(Digest& digest) const {
    digest.add(static_cast<std::uint32_t>(kind));
    digest.add(path);
    digest.add(target);
    digest.add(client);
    block.digest(digest);
    digest.add(replication);
    digest.add(blockSize);
}

std::uint64_t EditChunk::digest() const {
    Digest digest;
    m_edit.digest(digest);
    return digest.value();
}

ByteCount FileNode::length() const {
    ByteCount sum = 0;
    for (const Block& block : blocks) {
        sum += block.length;
    }
    return sum;
}

Namespace::Namespace() {
    auto root = makeRef<FileNode>();
    root->isDirectory = true;
    m_nodes.set("/", std::move(root));
}

const FileNode* Namespace::find(std::string_view path) const {
    const Ref<FileNode>* node = m_nodes.find(path);
    return node != nullptr ? node->get() : nullptr;
}

namespace {

std::string folderPrefix(std::string_view folder) {
    return folder == "/" ? std::string{"/"} : std::string{folder} + "/";
}

}  // namespace

std::vector<std::string> Namespace::childrenOf(std::string_view folder) const {
    std::vector<std::string> children;
    const std::string prefix = folderPrefix(folder);
    for (auto at = m_nodes.lowerBound(prefix); at != m_nodes.end() && at->first.starts_with(prefix); ++at) {
        const std::string_view rest = std::string_view{at->first}.substr(prefix.size());
        if (!rest.empty() && rest.find('/') == std::string_view::npos) {
            children.push_back(at->first);
        }
    }
    return children;
}

std::vector<std::string> Namespace::allBelow(std::string_view path) const {
    std::vector<std::string> all;
    if (find(path) != nullptr) {
        all.emplace_back(path);
    }
    const std::string prefix = folderPrefix(path);
    for (auto at = m_nodes.lowerBound(prefix); at != m_nodes.end() && at->first.starts_with(prefix); ++at) {
        if (at->first != path) {
            all.push_back(at->first);
        }
    }
    return all;
}

FileStatus Namespace::statusOf(const std::string& path, const FileNode& node) const {
    return {path, node.isDirectory, node.isOpen(), node.length(), node.replication, node.blockSize};
}

void Namespace::put(const std::string& path, Ref<FileNode> node) {
    makeFolders(parentOf(path));
    m_files += node->isDirectory ? 0U : 1U;
    m_nodes.set(path, std::move(node));
}

void Namespace::makeFolders(const std::string& path) {
    if (find(path) != nullptr) {
        return;
    }
    auto folder = makeRef<FileNode>();
    folder->isDirectory = true;
    put(path, std::move(folder));
}

void Namespace::apply(const Edit& change) {
    switch (change.kind) {
        case Edit::Kind::Mkdirs:
            makeFolders(change.path);
            break;
        case Edit::Kind::Create: {
            auto file = makeRef<FileNode>();
            file->replication = change.replication;
            file->blockSize = change.blockSize;
            file->writer = change.client;
            put(change.path, std::move(file));
            break;
        }
        case Edit::Kind::AddBlock:
            edit(change.path).blocks.append(change.block);
            m_nextBlock = std::max(m_nextBlock, change.block.id + 1);
            m_nextGeneration = std::max(m_nextGeneration, change.block.generation + 1);
            ++m_blocks;
            break;
        case Edit::Kind::AbandonBlock: {
            FileNode& file = edit(change.path);
            file.blocks.truncate(file.blocks.endIndex() - 1);
            --m_blocks;
            break;
        }
        case Edit::Kind::SetBlock: {
            FileNode& file = edit(change.path);
            file.blocks.update(file.blocks.endIndex() - 1) = change.block;
            m_nextGeneration = std::max(m_nextGeneration, change.block.generation + 1);
            break;
        }
        case Edit::Kind::Close: {
            FileNode& file = edit(change.path);
            file.writer.clear();
            break;
        }
        case Edit::Kind::Lease:
            edit(change.path).writer = change.client;
            break;
        case Edit::Kind::Rename:
            makeFolders(parentOf(change.target));
            for (const std::string& path : allBelow(change.path)) {
                Ref<FileNode> node = m_nodes.at(path);
                m_nodes.erase(path);
                m_nodes.set(change.target + path.substr(change.path.size()), std::move(node));
            }
            break;
        case Edit::Kind::Remove:
            for (const std::string& path : allBelow(change.path)) {
                const FileNode* node = find(path);
                m_files -= node->isDirectory ? 0U : 1U;
                m_blocks -= node->blocks.size();
                m_nodes.erase(path);
            }
            break;
    }
}

}  // namespace millrace::hadoop
