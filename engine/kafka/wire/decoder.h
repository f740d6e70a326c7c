#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "engine/kafka/protocol/visitor.h"
#include "engine/kafka/wire/wire_reader.h"

namespace millrace::kafka::codec {

/// Bytes that one frame may unpack to, however many batches it has.
inline constexpr std::size_t plainBytesMax = std::size_t{256} << 20U;

/// The records of one partition in a request: one batch of format 2, or why they are none.
[[nodiscard]] Result<BatchRef, ErrorCode> readBatch(std::string_view bytes, std::size_t& plainLeft);

/// Reads what an `Encoder` has written. What does not stand in the version keeps what it says when nobody sets it.
template <bool isFlexible>
class Decoder : public Visitor<Decoder<isFlexible>> {
public:
    Decoder(std::int16_t version, WireReader& in) : Visitor<Decoder>(version), m_in(in) {}

    [[nodiscard]] bool concerns(Versions in) const { return in.hold(this->m_version); }
    template <class T>
    static void absent(const T&, Versions) {}

    template <class T>
    void number(T& x) {
        x = WireNumber<T>::from(m_in.template number<typename WireNumber<T>::Int>());
    }
    template <class T>
    void text(T& text, bool) {
        text = T(WireReader::textOf(nextText().value_or(std::string_view{})));
    }
    void nullText(std::optional<std::string>& text) {
        const auto next = nextText();
        text = next ? std::optional{WireReader::textOf(*next)} : std::nullopt;
    }
    void blob(BytesRef& bytes) { bytes = makeRef<Bytes>(std::string{nextBytes()}); }
    void batch(BatchRef& batch, ErrorCode& refused) {
        const std::string_view bytes = nextBytes();
        if (!m_in.ok()) {
            return;
        }
        auto read = this->m_version < 3 ? tl::unexpected(ErrorCode::UnsupportedForMessageFormat)
                                        : readBatch(bytes, m_plainLeft);
        if (read) {
            batch = std::move(*read);
        } else {
            refused = read.error();
        }
    }
    void batches(Batches& batches) {
        for (std::string_view rest = nextBytes(); !rest.empty() && m_in.ok();) {
            constexpr std::size_t head = 12;
            WireReader length(rest.substr(0, head));
            static_cast<void>(length.int64());
            const std::string_view bytes = rest.substr(0, head + static_cast<std::uint32_t>(length.int32()));
            auto read = readBatch(bytes, m_plainLeft);
            if (!read) {
                m_in.fail();
                return;
            }
            batches.push_back(std::move(*read));
            rest.remove_prefix(bytes.size());
        }
    }
    template <class T, class Memory, class Layout>
    void items(std::vector<T, Memory>& items, Layout layout) {
        read(items, nextCount().value_or(0), layout);
    }
    template <class T, class Layout>
    void nullItems(std::optional<std::vector<T>>& list, bool, Layout layout) {
        if (const auto count = nextCount()) {
            read(list.emplace(), *count, layout);
        }
    }
    template <class T, class Memory, class Layout>
    void topics(std::vector<T, Memory>& items, Layout layout, const TopicsBy& by) {
        readTopics(items, nextCount().value_or(0), layout, by);
    }
    template <class T>
    void nullTopics(std::optional<std::vector<T>>& list, bool) {
        if (const auto count = nextCount()) {
            readTopics(list.emplace(), *count, PartitionFields{}, {});
        }
    }
    template <class T, class Layout>
    void structure(T& item, Layout layout) {
        this->inMessage(item, layout);
        if constexpr (!isBare<T, Layout>) {
            end(item, layout);
        }
    }
    template <class T, class Memory>
    void only(std::vector<T, Memory>& items) {
        this->inMessage(items.emplace_back(), OwnFields{});
    }
    template <class T, class Layout>
    void listOfOne(T& item, Layout layout) {
        if (nextCount().value_or(0) == 1) {
            structure(item, layout);
        } else {
            m_in.fail();
        }
    }
    template <class T>
    void constant(T x) {
        this->value(x, true);
    }
    void emptyList() {
        if (nextCount().value_or(0) != 0) {
            m_in.fail();
        }
    }
    template <class T>
    static void tag(std::uint32_t, const T&, Versions) {}
    /// The tagged fields of a structure: those that it lists, and others, which are skipped.
    template <class T, class Layout>
    void end(T& item, Layout layout) {
        if constexpr (isFlexible) {
            for (std::uint32_t left = m_in.unsignedVarint(); left > 0 && m_in.ok(); --left) {
                const std::uint32_t tag = m_in.unsignedVarint();
                WireReader content(m_in.take(m_in.unsignedVarint()));
                Tagged tagged(this->m_version, tag, content);
                layout(tagged, item);
                if (!content.ok()) {
                    m_in.fail();
                }
            }
        }
    }

private:
    /// Passes over all fields but the one with the tag.
    class Tagged : public SilentVisitor<Tagged> {
    public:
        Tagged(std::int16_t version, std::uint32_t tag, WireReader& in)
            : SilentVisitor<Tagged>(version), m_tag(tag), m_in(in) {}
        template <class T>
        void tag(std::uint32_t tag, T& x, Versions in) {
            if (tag != m_tag || !in.hold(this->m_version)) {
                return;
            }
            Decoder<true> inner(this->m_version, m_in);
            if constexpr (requires { x.emplace(); }) {
                inner.value(x.emplace(), false);
            } else {
                inner.value(x, false);
            }
        }

    private:
        std::uint32_t m_tag;
        WireReader& m_in;
    };

    [[nodiscard]] std::optional<std::string_view> nextText() {
        return isFlexible ? m_in.compactBytes() : m_in.nullableString();
    }
    [[nodiscard]] std::string_view nextBytes() {
        return (isFlexible ? m_in.compactBytes() : m_in.nullableBytes()).value_or(std::string_view{});
    }
    [[nodiscard]] std::optional<std::int32_t> nextCount() {
        return isFlexible ? m_in.compactArray() : m_in.nullableArray();
    }
    [[nodiscard]] TopicName nextTopic(const TopicsBy& by) {
        TopicName name;
        Uuid id;
        if (by.names.hold(this->m_version)) {
            text(name, false);
        }
        if (by.ids.hold(this->m_version)) {
            this->value(id, false);
        }
        return by.names.hold(this->m_version) ? name : nameOf(id);
    }
    template <class T, class Memory, class Layout>
    void read(std::vector<T, Memory>& items, std::int32_t count, Layout layout) {
        if constexpr (requires { T::itemsMax; }) {
            if (static_cast<std::size_t>(count) > T::itemsMax) {
                m_in.fail();
            }
        }
        for (; count > 0 && m_in.ok(); --count) {
            structure(items.emplace_back(), layout);
        }
    }
    template <class T, class Memory, class Layout>
    void readTopics(std::vector<T, Memory>& items, std::int32_t topics, Layout layout, const TopicsBy& by) {
        for (; topics > 0 && m_in.ok(); --topics) {
            const TopicName topic = nextTopic(by);
            for (std::int32_t count = nextCount().value_or(0); count > 0 && m_in.ok(); --count) {
                T& item = items.emplace_back();
                setTopic(item, topic);
                structure(item, layout);
            }
            if constexpr (isFlexible) {
                m_in.skipTags();
            }
        }
    }

    WireReader& m_in;
    std::size_t m_plainLeft = plainBytesMax;
};

}  // namespace millrace::kafka::codec
