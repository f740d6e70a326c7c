#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/storm/runtime/operator.h"

namespace millrace::storm {

/// A bolt that turns lines away which do not fit: what it says about one, and how many there were.
class Rejecting {
public:
    [[nodiscard]] std::uint64_t rejected() const { return m_rejected; }

protected:
    ~Rejecting() = default;
    /// Tells the journal and the books, and emits (reason, line). `reason` has static storage, so a tuple may hold a
    /// view of it; `sourceFiles` are paths of file sources by source id.
    void reject(BoltOutput& output, const TupleView& tuple, std::uint8_t stream, std::string_view reason,
                std::string_view line, const std::string& component,
                const std::map<std::string, std::string>& sourceFiles);

private:
    std::uint64_t m_rejected = 0;
};

}  // namespace millrace::storm
