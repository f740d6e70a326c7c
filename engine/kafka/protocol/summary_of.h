#pragma once

#include <string>

#include "engine/kafka/protocol/visitor.h"

namespace millrace::kafka {

/// What a message says of itself when it has no sentence of its own: its name, the texts that stand in it itself (a
/// group, a member), how many partitions it is about, and what went wrong.
class SummaryOf : public SilentVisitor<SummaryOf> {
public:
    SummaryOf(std::int16_t version, std::string_view name) : SilentVisitor(version), said(name) {}
    std::string said;

    [[nodiscard]] bool concerns(Versions in) const { return in.hold(m_version); }
    template <class T>
    void number(const T& x) {
        if constexpr (std::same_as<T, ErrorCode>) {
            if (x != ErrorCode::None) {
                (said += ' ') += toText(x);
            }
        }
    }
    void topics(const auto& items, auto, const TopicsBy&) {
        said += " (" + std::to_string(items.size()) + (items.size() == 1 ? " partition)" : " partitions)");
    }
    void text(const auto& text, bool) {
        if (const std::string_view words = textOf(text); !words.empty()) {
            (said += ' ') += words;
        }
    }
};

}  // namespace millrace::kafka
