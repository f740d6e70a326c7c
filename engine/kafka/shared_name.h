#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/digest.h"
#include "engine/base/ref.h"

namespace millrace::kafka {

/// A name that travels in many messages and stands in many keys: copying shares it, and comparing for equality looks at
/// the text only when two equal names were made apart. Ordered by text, so that it may be a key wherever order is seen.
template <class Tag>
class SharedName {
    struct Text final : Counted {
        std::string text;
        std::uint64_t hash;
        explicit Text(std::string_view value) : text(value), hash(nameHash64(value)) {}
    };

public:
    SharedName() = default;
    explicit SharedName(std::string_view text) : m_text(text.empty() ? nullptr : makeRef<Text>(text)) {}

    [[nodiscard]] const std::string& text() const { return m_text ? m_text->text : none; }
    [[nodiscard]] std::size_t size() const { return m_text ? m_text->text.size() : 0; }
    [[nodiscard]] bool empty() const { return !m_text; }
    /// Depends on the text only.
    [[nodiscard]] std::uint64_t hash() const { return m_text ? m_text->hash : 0; }

    friend bool operator==(const SharedName& a, const SharedName& b) {
        return a.m_text == b.m_text || (a.hash() == b.hash() && a.text() == b.text());
    }
    friend std::strong_ordering operator<=>(const SharedName& a, const SharedName& b) {
        if (a.m_text == b.m_text) {
            return std::strong_ordering::equal;
        }
        return a.text().compare(b.text()) <=> 0;
    }

private:
    static inline const std::string none;

    Ref<const Text> m_text;
};

using TopicName = SharedName<struct TopicNameTag>;
using ClientId = SharedName<struct ClientIdTag>;

}  // namespace millrace::kafka
