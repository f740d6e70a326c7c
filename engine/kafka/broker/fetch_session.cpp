#include "engine/kafka/broker/fetch_session.h"

#include <algorithm>

#include "engine/base/check.h"

namespace millrace::kafka {

namespace {

void sortByTurn(FetchItems& items) {
    const auto isEarlier = [](const FetchItem* a, const FetchItem* b) { return a->turn < b->turn; };
    if (std::is_sorted(items.begin(), items.end(), isEarlier)) {
        return;  // mostly one or two
    }
    std::sort(items.begin(), items.end(), isEarlier);
}

}  // namespace

void FetchSession::add(Slot slot, const FetchRequest::Partition& asked) {
    const auto place = static_cast<std::uint32_t>(m_items.size());
    FetchItem& item = m_items.emplace_back();
    item.slot = slot;
    item.asked = asked;
    item.turn = m_nextTurn++;
    m_awake.push_back(place);
    if (slot == noSlot) {
        ++m_unknown;
        return;
    }
    if (slot >= m_places.size()) {
        m_places.resize(slot + std::size_t{1}, nowhere);
    }
    MILLRACE_CHECK(m_places[slot] == nowhere, slot);
    m_places[slot] = place;
}

FetchItem* FetchSession::find(Slot slot, const TopicPartition& partition) {
    if (m_unknown > 0) {
        const auto at = std::find_if(m_items.begin(), m_items.end(), [&](const FetchItem& item) {
            return item.slot == noSlot && item.asked.partition == partition;
        });
        if (at != m_items.end()) {
            return &*at;
        }
    }
    const std::uint32_t place = placeOf(slot);
    return place == nowhere ? nullptr : &m_items[place];
}

FetchItem* FetchSession::findAsleep(Slot slot) {
    const std::uint32_t place = placeOf(slot);
    return place == nowhere || m_items[place].isAwake ? nullptr : &m_items[place];
}

void FetchSession::remove(const FetchItem& item) {
    const auto place = static_cast<std::uint32_t>(&item - m_items.data());
    MILLRACE_CHECK(place < m_items.size());
    const auto last = static_cast<std::uint32_t>(m_items.size() - 1);
    if (item.isAwake) {
        std::erase(m_awake, place);
    }
    if (item.slot == noSlot) {
        --m_unknown;
    } else {
        m_places[item.slot] = nowhere;
    }
    if (place != last) {
        m_items[place] = std::move(m_items[last]);
        if (m_items[place].slot != noSlot) {
            m_places[m_items[place].slot] = place;
        }
        if (m_items[place].isAwake) {
            std::replace(m_awake.begin(), m_awake.end(), last, place);
        }
    }
    m_items.pop_back();
}

void FetchSession::wake(FetchItem& item) {
    if (!item.isAwake) {
        item.isAwake = true;
        m_awake.push_back(static_cast<std::uint32_t>(&item - m_items.data()));
    }
}

FetchItems FetchSession::awake() {
    FetchItems items;
    items.reserve(m_awake.size());
    for (const std::uint32_t place : m_awake) {
        items.push_back(&m_items[place]);
    }
    sortByTurn(items);
    return items;
}

FetchItems FetchSession::all() {
    FetchItems items;
    items.reserve(m_items.size());
    for (FetchItem& item : m_items) {
        items.push_back(&item);
    }
    sortByTurn(items);
    return items;
}

void FetchSession::moveToEnd(const FetchItems& items) {
    for (FetchItem* const item : items) {
        item->turn = m_nextTurn++;
    }
}

}  // namespace millrace::kafka
