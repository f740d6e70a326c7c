#include "engine/sim/series.h"

#include <limits>
#include <utility>

namespace millrace::sim {

namespace {

/// Samples that are joined.
struct Joined {
    float min = std::numeric_limits<float>::max();
    float max = std::numeric_limits<float>::lowest();
    double sum = 0;
    std::uint64_t count = 0;

    void add(double value, std::uint64_t times) {
        if (times > 0) {
            const auto narrow = static_cast<float>(value);
            add(narrow, narrow, value * static_cast<double>(times), times);
        }
    }
    void add(float least, float most, double all, std::uint64_t times) {
        min = std::min(min, least);
        max = std::max(max, most);
        sum += all;
        count += times;
    }
};

}  // namespace

// --- writing
// ----------------------------------------------------------------------------------------------------------

std::uint64_t SampleLog::numberAt(SimTime time) const {
    return m_before + static_cast<std::uint64_t>((time - m_since) / m_name->interval);
}

std::uint64_t SampleLog::samplesAt(SimTime newest) const {
    if (!isLive()) {
        return m_end;
    }
    return newest < m_since ? m_before : numberAt(newest) + 1;
}

SimTime SampleLog::timeOf(std::uint64_t number) const {
    Stretch in{m_since, m_before};
    if (number < m_before) {
        const auto& past = m_past->all;
        std::uint64_t low = 0;
        for (std::uint64_t high = past.size(); high - low > 1;) {
            const std::uint64_t middle = low + (high - low) / 2;
            (past[middle].before <= number ? low : high) = middle;
        }
        in = past[low];
    }
    return in.first + m_name->interval * static_cast<std::int64_t>(number - in.before);
}

void SampleLog::end(SimTime last) {
    m_end = samplesAt(last);
}

void SampleLog::add(SimTime time, double value) {
    if (!isLive()) {
        const std::uint64_t samples = std::exchange(m_end, notEnded);
        // One that has begun again in time for its next sample leaves no gap.
        if (samples > m_before && numberAt(time) != samples) {
            if (!m_past) {
                m_past = makeRef<Stretches>();
            }
            writable(m_past).all.append({m_since, m_before});
        }
        if (samples == m_before || numberAt(time) != samples) {
            m_since = time;
            m_before = samples;
        }
    }
    const std::uint64_t number = numberAt(time);
    if (value == m_last || (m_newestCount > 0 && number <= m_written)) {
        return;  // Of two for one time the first is kept.
    }
    const double implied = isCounter() ? 0 : m_last;
    // A new incarnation starts to count from zero again.
    const double sample = isCounter() && value >= m_last ? value - m_last : value;
    const std::uint64_t group = number / m_perEntry;
    Joined joined;
    if (m_newestCount > 0) {
        Entry& newest = m_newest[m_newestCount - 1];
        const bool goesOn = newest.group == group;
        const std::uint64_t end = goesOn ? number : (std::uint64_t{newest.group} + 1) * m_perEntry;
        joined.add(newest.min, newest.max, newest.sum, 1);
        joined.add(implied, end - m_written - 1);
        newest = {newest.group, joined.min, joined.max, joined.sum};
        if (goesOn) {
            --m_newestCount;
        } else {
            // How a gauge stands is read from what is joined only where all of it is equal.
            if (!isCounter() && m_perEntry > 1 && group > std::uint64_t{newest.group} + 1) {
                Joined flat;
                flat.add(implied, m_perEntry);
                append({newest.group + 1, flat.min, flat.max, flat.sum});
            }
            joined = {};
            joined.add(implied, number - group * m_perEntry);
        }
    } else {
        joined.add(implied, number - group * m_perEntry);
    }
    joined.add(sample, 1);
    m_written = number;
    m_last = value;
    append({static_cast<std::uint32_t>(group), joined.min, joined.max, joined.sum});
    while (entryCount() > entriesMax) {
        thin();
    }
}

void SampleLog::append(const Entry& entry) {
    if (m_newestCount == newestMax) {
        if (!m_older) {
            m_older = makeRef<Entries>();
        }
        auto& older = writable(m_older).all;
        for (const Entry& each : m_newest) {
            older.append(each);
        }
        m_newestCount = 0;
    }
    m_newest[m_newestCount++] = entry;
}

/// What a sample is that is not written and stands before the entry.
double SampleLog::impliedBefore(std::uint64_t index) const {
    if (isCounter() || index == 0) {
        return 0;
    }
    return index == entryCount() ? m_last : entry(index - 1).sum / m_perEntry;
}

/// Joins by twos what is written.
void SampleLog::thin() {
    const SampleLog before = *this;
    m_older = nullptr;
    m_newestCount = 0;
    m_perEntry *= 2;
    const std::uint64_t samples = before.m_written + 1;
    const auto append = [&](std::uint64_t group, const Joined& joined) {
        this->append({static_cast<std::uint32_t>(group), joined.min, joined.max, joined.sum});
    };
    for (std::uint64_t i = 0; i < before.entryCount();) {
        const std::uint64_t group = before.entry(i).group / 2;
        const std::uint64_t end = std::min((group + 1) * m_perEntry, samples);
        double implied = before.impliedBefore(i);
        Joined joined;
        for (std::uint64_t number = group * m_perEntry; number < end;) {
            const std::uint64_t next =
                i < before.entryCount() ? std::uint64_t{before.entry(i).group} * before.m_perEntry : end;
            if (next > number) {
                joined.add(implied, std::min(next, end) - number);
                number = std::min(next, end);
                continue;
            }
            const Entry& entry = before.entry(i++);
            const std::uint64_t count = std::min<std::uint64_t>(before.m_perEntry, samples - number);
            joined.add(entry.min, entry.max, entry.sum, count);
            number += count;
            implied = before.impliedBefore(i);
        }
        append(group, joined);
        if (!isCounter() && i < before.entryCount() && before.entry(i).group / 2 > group + 1) {
            Joined flat;
            flat.add(implied, m_perEntry);
            append(group + 1, flat);
        }
    }
}

// --- reading
// ----------------------------------------------------------------------------------------------------------

Series::Points::Points(const SampleLog& log, std::uint64_t samples) : m_log(&log), m_samples(samples) {
    const auto sizeIn = [samples](std::uint32_t perPoint) { return (samples + perPoint - 1) / perPoint; };
    while (sizeIn(m_perPoint) > pointsMax) {
        m_perPoint *= 2;
    }
    m_size = sizeIn(m_perPoint);
}

Series::Iterator::Iterator(const Points& points, std::uint64_t index) : m_points(points), m_index(index) {
    const SampleLog& log = *points.m_log;
    // There is at most one entry to a group, so not more of them at and behind the point than groups.
    const std::uint64_t group = index * points.m_perPoint / log.m_perEntry;
    const std::uint64_t groups = (points.m_samples + log.m_perEntry - 1) / log.m_perEntry;
    std::uint64_t high = log.entryCount();
    const std::uint64_t behind = groups > group ? groups - group : 0;
    m_entry = high > behind ? high - behind : 0;
    while (m_entry < high) {
        const std::uint64_t middle = m_entry + (high - m_entry) / 2;
        if (log.entry(middle).group < group) {
            m_entry = middle + 1;
        } else {
            high = middle;
        }
    }
    m_implied = log.impliedBefore(m_entry);
    look();
}

void Series::Iterator::look() {
    const SampleLog& log = *m_points.m_log;
    std::uint64_t number = m_index * m_points.m_perPoint;
    if (number >= m_points.m_samples) {
        return;
    }
    const std::uint64_t entries = log.entryCount();
    const std::uint64_t end = std::min(number + m_points.m_perPoint, m_points.m_samples);
    Joined joined;
    while (number < end) {
        const std::uint64_t next = m_entry < entries ? std::uint64_t{log.entry(m_entry).group} * log.m_perEntry : end;
        if (next > number) {
            joined.add(m_implied, std::min(next, end) - number);
            number = std::min(next, end);
            continue;
        }
        const SampleLog::Entry& entry = log.entry(m_entry++);
        const std::uint64_t after = m_entry == entries ? log.m_written + 1 : number + log.m_perEntry;
        joined.add(entry.min, entry.max, entry.sum, after - number);
        number = after;
        m_implied = log.impliedBefore(m_entry);
    }
    m_point = {log.timeOf(end - 1), joined.min, joined.max, joined.sum, static_cast<std::uint32_t>(joined.count)};
}

}  // namespace millrace::sim
