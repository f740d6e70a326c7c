#pragma once

#include "engine/base/digest.h"
#include "engine/kafka/protocol/visitor.h"

namespace millrace::kafka {

/// The digest of a message: every field in every version, so that what an encoder would refuse counts as well. Small
/// numbers share words; lists say their length, so that no two messages run into each other.
class DigestOf : public Visitor<DigestOf> {
public:
    DigestOf(std::int16_t version, Digest& digest) : Visitor(version), m_into(digest), m_digest(digest) {}
    ~DigestOf() {
        flush();
        m_into = m_digest;
    }
    DigestOf(const DigestOf&) = delete;
    DigestOf& operator=(const DigestOf&) = delete;

    [[nodiscard]] static constexpr bool concerns(Versions in) { return !in.isElsewhere; }
    template <class T>
    static void absent(const T&, Versions) {}

    template <class T>
    [[gnu::always_inline]] void number(const T& x) {
        if constexpr (std::same_as<T, SimDuration>) {
            pack<64>(static_cast<std::uint64_t>(x.count()));
        } else {
            using Bits = std::make_unsigned_t<typename WireNumber<T>::Int>;
            pack<sizeof(Bits) * 8>(static_cast<Bits>(WireNumber<T>::of(x)));
        }
    }
    template <class T>
    void text(const T& text, bool) {
        if constexpr (requires { text.hash(); }) {
            pack<64>(text.hash());
        } else {
            flush();
            m_digest.add(std::string_view{text});
        }
    }
    void nullText(const std::optional<std::string>& text) {
        pack<8>(text ? 1U : 0U);
        flush();
        if (text) {
            m_digest.add(std::string_view{*text});
        }
    }
    void blob(const BytesRef& bytes) { pack<64>(bytes && bytes->size() > 0 ? bytes->digest() : 0); }
    template <class Error>
    void batch(const BatchRef& batch, const Error& refused) {
        number(refused);
        pack<64>(batch ? batch->digest() : 0);
    }
    void batches(const Batches& batches) {
        count(batches.size());
        for (const BatchRef& batch : batches) {
            m_digest.add(batch->digest());
        }
    }
    template <class Items, class Layout>
    void items(const Items& items, Layout layout) {
        count(items.size());
        for (const auto& item : items) {
            inMessage(item, layout);
            flush();
        }
    }
    template <class Items, class Layout>
    void nullItems(const Items& list, bool, Layout layout) {
        pack<8>(list ? 1U : 0U);
        flush();
        if (list) {
            items(*list, layout);
        }
    }
    template <class Items, class Layout>
    void topics(const Items& items, Layout layout, const TopicsBy&) {
        count(items.size());
        for (const auto& item : items) {
            m_digest.add(topicOf(item).hash());
            layout(*this, item);
            flush();
        }
    }
    template <class Items>
    void nullTopics(const Items& list, bool) {
        pack<8>(list ? 1U : 0U);
        flush();
        if (list) {
            topics(*list, PartitionFields{}, {});
        }
    }
    template <class T, class Layout>
    void listOfOne(const T& item, Layout layout) {
        layout(*this, item);
    }
    template <class T, class Layout>
    void structure(const T& item, Layout layout) {
        layout(*this, item);
    }
    template <class Items>
    static void only(const Items&) {}  // they stand in the list as well
    template <class T>
    static void constant(const T&) {}
    static void emptyList() {}
    template <class T>
    void tag(std::uint32_t, const T& x, Versions) {
        if constexpr (requires { x.has_value(); }) {
            pack<8>(x ? 1U : 0U);
            flush();
            if (x) {
                value(*x, false);
                flush();
            }
        } else {
            value(x, false);
        }
    }

private:
    template <unsigned bits>
    [[gnu::always_inline]] void pack(std::uint64_t word) {
        if constexpr (bits == 64) {
            flush();
            m_digest.add(word);
        } else {
            if (m_used + bits > 64) {
                flush();
            }
            m_word = (m_word << bits) | word;
            m_used += bits;
        }
    }
    [[gnu::always_inline]] void flush() {
        if (m_used > 0) {
            m_digest.add(m_word);
            m_word = 0;
            m_used = 0;
        }
    }
    [[gnu::always_inline]] void count(std::size_t items) {
        pack<32>(static_cast<std::uint32_t>(items));
        flush();
    }

    Digest& m_into;
    Digest m_digest;  // so that the compiler need not fear that what it reads is what it writes
    std::uint64_t m_word = 0;
    unsigned m_used = 0;
};

}  // namespace millrace::kafka
