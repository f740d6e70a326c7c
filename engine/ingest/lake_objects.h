#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/ingest/sink.h"

namespace millrace::ingest {

/// The objects of a lake by their folders, as numbers: a value.
class LakeObjects {
public:
    /// A write of a transaction: the first one to a folder makes an object there.
    void add(const SinkWrite& write, std::uint64_t transaction) {
        const auto& folder = std::get<std::string>(write.values.front());
        Folder& known = m_folders.insert(folder).first;
        const ByteCount size = static_cast<ByteCount>(std::get<std::string>(write.values.back()).size()) + 1;
        known.bytes += size;
        m_bytes += size;
        if (known.objects == 0 || known.newest != transaction) {
            known.newest = transaction;
            ++known.objects;
            ++m_count;
        }
    }
    /// Folders with more than one object; `bytes` is what lies in them.
    [[nodiscard]] std::vector<std::string> fragmented(ByteCount& bytes) const {
        std::vector<std::string> all;
        for (const auto& [name, folder] : m_folders) {
            if (folder.objects > 1) {
                all.push_back(name);
                bytes += folder.bytes;
            }
        }
        return all;
    }
    void compact(const std::vector<std::string>& folders) {
        for (const std::string& name : folders) {
            Folder& folder = m_folders.insert(name).first;
            m_count -= folder.objects - 1;
            folder.objects = 1;
            folder.newest = 0;
        }
    }
    [[nodiscard]] std::uint64_t count() const { return m_count; }
    [[nodiscard]] std::uint64_t folders() const { return m_folders.size(); }
    [[nodiscard]] ByteCount bytes() const { return m_bytes; }

    [[nodiscard]] static std::size_t foldersIn(const SinkCommit& request) {
        std::set<std::string_view> folders;
        for (const SinkWrite& write : request.writes) {
            folders.insert(std::get<std::string>(write.values.front()));
        }
        return folders.size();
    }

private:
    struct Folder {
        std::uint64_t objects = 0;
        std::uint64_t newest = 0;  ///< the transaction that made the newest
        ByteCount bytes = 0;
    };
    SharedMap<std::string, Folder> m_folders;
    std::uint64_t m_count = 0;
    ByteCount m_bytes = 0;
};

}  // namespace millrace::ingest
