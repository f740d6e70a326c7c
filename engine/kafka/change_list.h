#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace millrace::kafka {

/// Which of many numbered things have changed since somebody looked: a list of all of them with the one changed last at
/// its head. To note a change costs O(1), to go through what changed since a stamp as much as there is. Several may
/// look, each with a stamp of its own; one that has never looked starts with stamp 0 and is told of all.
class ChangeList {
public:
    using Stamp = std::uint64_t;

    [[nodiscard]] std::size_t size() const { return m_links.size(); }
    /// A new thing, which counts as changed now.
    void add() {
        m_links.push_back({});
        linkFirst(static_cast<std::uint32_t>(m_links.size() - 1));
    }
    void note(std::uint32_t index) {
        if (index != m_first) {
            const Link link = m_links[index];
            m_links[link.newer].older = link.older;  // not the first, so there is a newer one
            if (link.older != none) {
                m_links[link.older].newer = link.newer;
            }
            linkFirst(index);
            return;
        }
        m_links[index].stamp = ++m_stamp;
    }
    /// Of the newest change.
    [[nodiscard]] Stamp stamp() const { return m_stamp; }
    /// What has changed after the stamp, the newest first.
    template <class F>
    void forEachSince(Stamp stamp, const F& f) const {
        for (std::uint32_t at = m_first; at != none && m_links[at].stamp > stamp; at = m_links[at].older) {
            f(at);
        }
    }

private:
    static constexpr std::uint32_t none = 0xFFFFFFFFU;
    struct Link {
        Stamp stamp = 0;
        std::uint32_t newer = none;
        std::uint32_t older = none;
    };

    void linkFirst(std::uint32_t index) {
        m_links[index] = {++m_stamp, none, m_first};
        if (m_first != none) {
            m_links[m_first].newer = index;
        }
        m_first = index;
    }

    std::vector<Link> m_links;
    std::uint32_t m_first = none;
    Stamp m_stamp = 0;
};

}  // namespace millrace::kafka
