#include "engine/run/rejected_book.h"

#include <algorithm>
#include <tuple>

namespace millrace::run {

bool RejectedBook::take(const sim::ToldFact& told) {
    const auto* fact = told.fact->as<ingest::LineRejected>();
    if (fact == nullptr) {
        return false;
    }
    auto at = std::find_if(m_reasons.begin(), m_reasons.end(),
                           [&](const Ref<Reason>& reason) { return reason->group.reason == fact->reason; });
    if (at == m_reasons.end()) {
        auto reason = makeRef<Reason>();
        reason->group.reason = fact->reason;
        at = m_reasons.insert(m_reasons.end(), std::move(reason));
    }
    Reason& reason = writable(*at);
    if (!mark(reason.lines, fact->source, fact->position)) {
        return true;  // Its tuple has come again.
    }
    (void)mark(m_lines, fact->source, fact->position);
    ++reason.group.count;
    RejectedSample sample{fact->source, fact->file, fact->position, fact->text};
    std::vector<RejectedSample>& samples = reason.group.samples;
    const auto isBefore = [](const RejectedSample& a, const RejectedSample& b) {
        return std::tie(a.source, a.position) < std::tie(b.source, b.position);
    };
    if (samples.size() < samplesMax || isBefore(sample, samples.back())) {
        const auto place = std::upper_bound(samples.begin(), samples.end(), sample, isBefore);
        samples.insert(place, std::move(sample));
        samples.resize(std::min(samples.size(), samplesMax));
    }
    return true;
}

bool RejectedBook::mark(Lines& lines, const std::string& source, std::int64_t position) {
    auto at = std::find_if(lines.begin(), lines.end(), [&](const auto& each) { return each.first == source; });
    if (at == lines.end()) {
        at = lines.insert(at, {source, {}});
    }
    return at->second.mark(position);
}

std::int64_t RejectedBook::count() const {
    std::int64_t sum = 0;
    for (const auto& [source, positions] : m_lines) {
        sum += positions.count();
    }
    return sum;
}

std::vector<RejectedGroup> RejectedBook::groups() const {
    std::vector<RejectedGroup> groups;
    groups.reserve(m_reasons.size());
    for (const Ref<Reason>& reason : m_reasons) {
        groups.push_back(reason->group);
    }
    std::sort(groups.begin(), groups.end(), [](const RejectedGroup& a, const RejectedGroup& b) {
        return std::tie(b.count, a.reason) < std::tie(a.count, b.reason);
    });
    return groups;
}

}  // namespace millrace::run
