#include "engine/hadoop/mapreduce/run.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/digest.h"

namespace millrace::hadoop {

namespace {

constexpr ByteCount lengthsOfRecord = 2;

std::uint64_t hashOf(std::string_view key) {
    Digest digest;
    digest.add(key);
    return digest.value();
}

}  // namespace

std::uint32_t partitionOf(std::string_view key, std::uint32_t reduces) {
    std::uint32_t hash = 1;
    for (const char c : key) {
        hash = 31 * hash + static_cast<std::uint32_t>(static_cast<std::int32_t>(static_cast<signed char>(c)));
    }
    return (hash & 0x7FFFFFFFU) % reduces;
}

void KeyTable::grow() {
    const std::size_t size = std::max<std::size_t>(64, m_slots.size() * 2);
    m_slots.assign(size, 0);
    for (std::uint32_t i = 0; i < m_entries.size(); ++i) {
        std::size_t slot = m_entries[i].hash & (size - 1);
        while (m_slots[slot] != 0) {
            slot = (slot + 1) & (size - 1);
        }
        m_slots[slot] = i + 1;
    }
}

void KeyTable::add(std::string_view key, std::uint64_t records, std::int64_t sum) {
    if ((m_entries.size() + 1) * 2 > m_slots.size()) {
        grow();
    }
    m_records += records;
    m_keyBytes += static_cast<ByteCount>(key.size() * records);
    const std::uint64_t hash = hashOf(key);
    const std::size_t mask = m_slots.size() - 1;
    std::size_t slot = hash & mask;
    while (m_slots[slot] != 0) {
        Entry& entry = m_entries[m_slots[slot] - 1];
        if (entry.hash == hash && keyOf(entry) == key) {
            entry.records += records;
            entry.sum += sum;
            return;
        }
        slot = (slot + 1) & mask;
    }
    m_slots[slot] = static_cast<std::uint32_t>(m_entries.size()) + 1;
    MILLRACE_CHECK(m_keys.size() + key.size() < 0xFFFFFFFFU, m_keys.size());
    m_entries.push_back(
        {hash, static_cast<std::uint32_t>(m_keys.size()), static_cast<std::uint32_t>(key.size()), records, sum});
    m_keys.append(key);
}

void KeyTable::add(const Run& run) {
    for (const Run::Group& group : run.groups()) {
        add(run.key(group), group.records, group.sum);
    }
}

void KeyTable::clear() {
    *this = KeyTable();
}

std::vector<RunRef> KeyTable::sorted(std::uint32_t reduces, bool combines, ByteCount valueBytes) const {
    std::vector<std::vector<std::uint32_t>> order(reduces);
    for (std::uint32_t i = 0; i < m_entries.size(); ++i) {
        order[partitionOf(keyOf(m_entries[i]), reduces)].push_back(i);
    }
    std::vector<RunRef> runs;
    for (std::vector<std::uint32_t>& each : order) {
        std::sort(each.begin(), each.end(),
                  [&](std::uint32_t a, std::uint32_t b) { return keyOf(m_entries[a]) < keyOf(m_entries[b]); });
        auto run = makeRef<Run>();
        Digest digest;
        run->m_groups.reserve(each.size());
        for (const std::uint32_t index : each) {
            const Entry& entry = m_entries[index];
            const std::uint64_t records = combines ? 1 : entry.records;
            run->m_groups.push_back({static_cast<std::uint32_t>(run->m_keys.size()), entry.length, records, entry.sum});
            run->m_keys.append(keyOf(entry));
            run->m_records += records;
            run->m_bytes += static_cast<ByteCount>(records) * (entry.length + valueBytes + lengthsOfRecord);
            digest.add(entry.hash);
            digest.add(records);
            digest.add(entry.sum);
        }
        run->m_digest = digest.value();
        runs.push_back(std::move(run));
    }
    return runs;
}

}  // namespace millrace::hadoop
