#pragma once

#include <algorithm>
#include <bit>
#include <cstring>

#include "engine/kafka/protocol/visitor.h"

namespace millrace::kafka {

/// A string's length has 16 bits with a sign in the classic encoding; what is longer is cut.
inline constexpr std::size_t stringMax = 32'767;

/// Counts bytes instead of writing them.
class ByteCounter {
public:
    ByteCount size = 0;
    template <std::integral Int>
    void integer(Int) {
        size += sizeof(Int);
    }
    /// A byte for each seven bits, begun ones too: nine sixty-fourths are near enough to a seventh of up to 64.
    void varint(std::uint64_t value) { size += (static_cast<ByteCount>(std::bit_width(value | 1U)) * 9 + 64) >> 6; }
    void raw(std::string_view bytes) { skip(bytes.size()); }
    void skip(std::size_t bytes) { size += static_cast<ByteCount>(bytes); }
    void batch(const RecordBatch& batch) { size += batch.size(); }
};

/// Writes bytes where somebody who has counted them has made room.
class ByteWriter {
public:
    char* at = nullptr;
    template <std::integral Int>
    void integer(Int value) {
        auto bits = static_cast<std::make_unsigned_t<Int>>(value);
        if constexpr (sizeof(Int) == 8) {
            bits = __builtin_bswap64(bits);
        } else if constexpr (sizeof(Int) == 4) {
            bits = __builtin_bswap32(bits);
        } else if constexpr (sizeof(Int) == 2) {
            bits = __builtin_bswap16(bits);
        }
        std::memcpy(at, &bits, sizeof(Int));
        at += sizeof(Int);
    }
    void varint(std::uint64_t value) {
        for (; value >= 0x80U; value >>= 7U) {
            *at++ = static_cast<char>(value | 0x80U);
        }
        *at++ = static_cast<char>(value);
    }
    void raw(std::string_view bytes) { at = std::copy(bytes.begin(), bytes.end(), at); }
    void batch(const RecordBatch& batch) { at = batch.copyTo(at); }
};

/// Puts a message's fields as Kafka's classic or flexible encoding has them: into a counter for its size, into memory
/// for its bytes, so that the two cannot differ. With a `known` version nothing is asked field by field: the compiler
/// leaves in what stands in that version, and sizes of fixed fields become one number.
template <bool isFlexible, class Out, std::int16_t known = -1>
class Encoder : public Visitor<Encoder<isFlexible, Out, known>> {
public:
    Encoder(std::int16_t version, Out begin) : Visitor<Encoder>(version), out(begin) {}
    Out out;
    bool hasRefused = false;  ///< a field says something that its version has no place for

    [[nodiscard]] bool concerns(Versions in) const {
        if constexpr (known >= 0) {
            return in.hold(known);
        } else {
            return in.hold(this->m_version);
        }
    }
    template <class T>
    void absent(const T& x, Versions in) {
        if constexpr (std::same_as<Out, ByteWriter>) {
            hasRefused = hasRefused || (!in.isDropped && says(x));
        }
    }

    template <class T>
    void number(const T& x) {
        out.integer(WireNumber<T>::of(x));
    }
    template <class T>
    void text(const T& text, bool mayBeNull) {
        if (const std::string_view words = textOf(text); words.empty() && mayBeNull) {
            noText();
        } else {
            string(words);
        }
    }
    void nullText(const std::optional<std::string>& text) {
        if (text) {
            string(*text);
        } else {
            noText();
        }
    }
    void blob(const BytesRef& bytes) {
        const std::string_view content = bytes ? bytes->text() : std::string_view{};
        count(content.size());
        out.raw(content);
    }
    template <class Error>
    void batch(const BatchRef& batch, const Error&) {
        count(batch ? static_cast<std::size_t>(batch->size()) : 0);
        if (batch) {
            out.batch(*batch);
        }
    }
    void batches(const Batches& batches) {
        ByteCounter all;
        for (const BatchRef& batch : batches) {
            all.batch(*batch);
        }
        count(static_cast<std::size_t>(all.size));
        for (const BatchRef& batch : batches) {
            out.batch(*batch);
        }
    }
    template <class Items, class Layout>
    void items(const Items& items, Layout layout) {
        count(items.size());
        for (const auto& item : items) {
            structure(item, layout);
        }
    }
    template <class Items, class Layout>
    void nullItems(const Items& list, bool mayBeNull, Layout layout) {
        if (list) {
            items(*list, layout);
        } else {
            noList(mayBeNull);
        }
    }
    template <class Items, class Layout>
    void topics(const Items& items, Layout layout, const TopicsBy& by) {
        std::size_t topics = 0;
        if constexpr (isCounting) {
            // Their number has its size whenever it is known: one walk is enough.
            for (std::size_t at = 0; at < items.size(); ++topics) {
                at = partitionsOfTopic(items, at, layout, by);
            }
            count(topics);
        } else {
            for (std::size_t at = 0; at < items.size(); at = endOfTopic(items, at)) {
                ++topics;
            }
            count(topics);
            for (std::size_t at = 0; at < items.size();) {
                at = partitionsOfTopic(items, at, layout, by);
            }
        }
    }
    template <class Items>
    void nullTopics(const Items& list, bool mayBeNull) {
        if (list) {
            topics(*list, PartitionFields{}, {});
        } else {
            noList(mayBeNull);
        }
    }
    template <class T, class Layout>
    void structure(const T& item, Layout layout) {
        this->inMessage(item, layout);
        if constexpr (!isBare<T, Layout>) {
            end(item, layout);
        }
    }
    template <class Items>
    void only(const Items& items) {
        if (items.size() == 1) {
            this->inMessage(items.front(), OwnFields{});
        } else {
            hasRefused = true;
        }
    }
    template <class T, class Layout>
    void listOfOne(const T& item, Layout layout) {
        count(1);
        structure(item, layout);
    }
    void constant(const auto& x) { this->value(x, true); }
    void emptyList() { count(0); }
    template <class T>
    void tag(std::uint32_t, const T& x, Versions in) {
        if (!isFlexible || !concerns(in)) {
            absent(x, in);
        }
    }
    /// The tagged fields that say something.
    template <class T, class Layout>
    void end(const T& item, Layout layout) {
        if constexpr (isFlexible) {
            Tags counted(this->m_version, nullptr);
            layout(counted, item);
            tags(counted.found);
            if (counted.found > 0) [[unlikely]] {
                Tags written(this->m_version, this);
                layout(written, item);
            }
        }
    }

private:
    static constexpr bool isCounting = std::same_as<Out, ByteCounter>;

    /// Puts the topic whose first partition stands at `begin`; gives where the next one begins.
    template <class Items, class Layout>
    std::size_t partitionsOfTopic(const Items& items, std::size_t begin, Layout layout, const TopicsBy& by) {
        const std::size_t end = endOfTopic(items, begin);
        topic(topicOf(items[begin]), by);
        count(end - begin);
        for (std::size_t at = begin; at < end; ++at) {
            structure(items[at], layout);
        }
        tags(0);
        return end;
    }

    /// Passes over all fields but the tagged ones; counts those, and writes them when it has somewhere to write.
    class Tags : public SilentVisitor<Tags> {
    public:
        Tags(std::int16_t version, Encoder* out) : SilentVisitor<Tags>(version), m_out(out) {}
        std::uint32_t found = 0;
        template <class T>
        void tag(std::uint32_t tag, const std::optional<T>& x, Versions in) {
            if (!(known >= 0 ? in.hold(known) : in.hold(this->m_version)) || !x) {
                return;
            }
            ++found;
            if (m_out != nullptr) {
                Encoder<true, ByteCounter> size(this->m_version, {});
                size.value(*x, false);
                m_out->out.varint(tag);
                m_out->out.varint(static_cast<std::uint64_t>(size.out.size));
                m_out->value(*x, false);
            }
        }

    private:
        Encoder* m_out;
    };

    template <class T>
    [[nodiscard]] static bool says(const T& x) {
        if constexpr (requires { x.has_value(); }) {
            return x.has_value();
        } else if constexpr (requires { x.empty(); }) {
            return !x.empty();
        } else {
            return !(x == T{});
        }
    }
    void topic(const TopicName& name, const TopicsBy& by) {
        if (concerns(by.names)) {
            if constexpr (isCounting) {
                stringOf(name.size());
            } else {
                string(name.text());
            }
        } else if constexpr (std::same_as<Out, ByteWriter>) {
            hasRefused = hasRefused || !idIn(name);
        }
        if (concerns(by.ids)) {
            const Uuid id = std::same_as<Out, ByteWriter> ? idIn(name).value_or(Uuid{}) : Uuid{};
            this->value(id, false);
        }
    }
    void count(std::size_t items) {
        if constexpr (isFlexible) {
            out.varint(items + 1);
        } else {
            out.integer(static_cast<std::int32_t>(items));
        }
    }
    /// What a string of this length takes.
    void stringOf(std::size_t size) {
        if constexpr (isFlexible) {
            out.varint(size + 1);
        } else {
            size = std::min(size, stringMax);
            out.integer(static_cast<std::int16_t>(size));
        }
        out.skip(size);
    }
    void string(std::string_view text) {
        if constexpr (isFlexible) {
            out.varint(text.size() + 1);
        } else {
            text = text.substr(0, stringMax);
            out.integer(static_cast<std::int16_t>(text.size()));
        }
        out.raw(text);
    }
    void noText() {
        if constexpr (isFlexible) {
            out.varint(0);
        } else {
            out.integer(std::int16_t{-1});
        }
    }
    void noList(bool mayBeNull) {
        if constexpr (isFlexible) {
            out.varint(mayBeNull ? 0 : 1);
        } else {
            out.integer(mayBeNull ? std::int32_t{-1} : std::int32_t{0});
        }
    }
    void tags(std::uint32_t found) {
        if constexpr (isFlexible) {
            out.varint(found);
        }
    }
};

}  // namespace millrace::kafka
