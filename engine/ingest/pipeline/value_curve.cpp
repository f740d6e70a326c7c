#include "engine/ingest/pipeline/value_curve.h"

#include <algorithm>

namespace millrace::ingest {

double ValueCurve::at(SimDuration age) const {
    if (m_points.empty()) {
        return 1;
    }
    const auto next =
        std::find_if(m_points.begin(), m_points.end(), [&](const auto& each) { return each.first >= age; });
    if (next == m_points.begin() || next == m_points.end()) {
        return next == m_points.end() ? m_points.back().second : next->second;
    }
    const auto& before = *(next - 1);
    const double share = seconds(age - before.first) / seconds(next->first - before.first);
    return before.second + share * (next->second - before.second);
}

}  // namespace millrace::ingest
