#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/sim_time.h"
#include "engine/base/strong.h"
#include "engine/kafka/log/record_batch.h"
#include "engine/kafka/protocol/versions.h"
#include "engine/kafka/types.h"

namespace millrace::kafka {

/// How numbers of all kinds stand on the wire: as a big-endian integer of their own width, times as milliseconds and
/// ports in 32 bits.
template <class T>
struct WireNumber {};
template <std::integral T>
struct WireNumber<T> {
    using Int = T;
    static constexpr Int of(T x) { return x; }
    static constexpr T from(Int x) { return x; }
};
template <>
struct WireNumber<bool> {
    using Int = std::int8_t;
    static constexpr Int of(bool x) { return x ? 1 : 0; }
    static constexpr bool from(Int x) { return x != 0; }
};
template <>
struct WireNumber<std::uint16_t> {
    using Int = std::int32_t;
    static constexpr Int of(std::uint16_t x) { return x; }
    static constexpr std::uint16_t from(Int x) { return static_cast<std::uint16_t>(x); }
};
template <class T>
requires std::is_enum_v<T>
struct WireNumber<T> {
    using Int = std::underlying_type_t<T>;
    static constexpr Int of(T x) { return static_cast<Int>(x); }
    static constexpr T from(Int x) { return static_cast<T>(x); }
};
template <class T>
requires requires {
    typename T::Representation;
}
struct WireNumber<T> {
    using Int = typename T::Representation;
    static constexpr Int of(T x) { return x.value; }
    static constexpr T from(Int x) { return T{x}; }
};
template <>
struct WireNumber<SimDuration> {
    using Int = std::int32_t;
    static constexpr Int of(SimDuration x) { return static_cast<Int>(x / std::chrono::milliseconds{1}); }
    static constexpr SimDuration from(Int x) { return std::chrono::milliseconds{x}; }
};

template <class T>
concept Number = requires {
    typename WireNumber<std::remove_const_t<T>>::Int;
};
template <class T>
concept Text = std::same_as<std::remove_const_t<T>, std::string> || std::same_as<std::remove_const_t<T>, TopicName> ||
    std::same_as<std::remove_const_t<T>, ClientId>;
/// Stands in lists without a structure around it.
template <class T>
concept Bare = Number<T> || Text<T>;

/// Sixteen bytes that name a topic of KRaft's or of 2.8 and later.
struct Uuid {
    std::int64_t high = 0;
    std::int64_t low = 0;
    static void fields(auto& v, auto& id) {
        v.field(id.high);
        v.field(id.low);
    }
    static constexpr bool isRaw = true;  ///< no structure of its own on the wire
    friend bool operator==(const Uuid&, const Uuid&) = default;
};

[[nodiscard]] inline std::string_view textOf(const std::string& text) {
    return text;
}
template <class Tag>
[[nodiscard]] std::string_view textOf(const SharedName<Tag>& name) {
    return name.text();
}

/// The fields that a structure lists itself.
struct OwnFields {
    template <class V, class T>
    void operator()(V& v, T& item) const {
        std::remove_const_t<T>::fields(v, item);
    }
};

/// Topics hold their partitions on the wire; here partitions stand in one flat list, those of a topic side by side.
[[nodiscard]] inline const TopicName& topicOf(const TopicPartition& item) {
    return item.topic;
}
template <class Item>
[[nodiscard]] const TopicName& topicOf(const Item& item) {
    return item.partition.topic;
}
inline void setTopic(TopicPartition& item, const TopicName& topic) {
    item.topic = topic;
}
template <class Item>
void setTopic(Item& item, const TopicName& topic) {
    item.partition.topic = topic;
}
template <class Items>
[[nodiscard]] std::size_t endOfTopic(const Items& items, std::size_t begin) {
    const TopicName& topic = topicOf(items[begin]);
    std::size_t end = begin + 1;
    while (end < items.size() && topicOf(items[end]) == topic) {
        ++end;
    }
    return end;
}
/// Topics are called by their names, by ids, or by both. Those that are known by nothing but an id have a name made of
/// it, which no other topic can have; an id beside a name is not modelled.
struct TopicsBy {
    Versions names = always;
    Versions ids{1, 0};
};
[[nodiscard]] inline TopicName nameOf(const Uuid& id) {
    return TopicName("#" + std::to_string(id.high) + "," + std::to_string(id.low));
}
[[nodiscard]] inline std::optional<Uuid> idIn(const TopicName& name) {
    const char* at = name.text().data();
    const char* const end = at + name.size();
    Uuid id;
    for (std::int64_t* part : {&id.high, &id.low}) {
        const auto [next, error] = std::from_chars(std::min(at + 1, end), end, *part);
        if (at == end || (*at != '#' && *at != ',') || error != std::errc{}) {
            return std::nullopt;
        }
        at = next;
    }
    return id;
}

/// What a partition says within its topic: a bare index, or the item's own fields.
struct PartitionFields {
    template <class V, class T>
    void operator()(V& v, T& item) const {
        if constexpr (std::is_same_v<std::remove_const_t<T>, TopicPartition>) {
            v.field(item.partition);
        } else {
            std::remove_const_t<T>::fields(v, item);
        }
    }
};

/// Nothing but its index.
struct IndexFields {
    template <class V, class T>
    void operator()(V& v, T& item) const {
        v.field(item.partition.partition);
    }
    static constexpr bool isBare = true;
};
/// Structures and layouts that end without tags of their own.
template <class T>
concept Raw = requires {
    T::isRaw;
};
template <class Layout>
concept BareLayout = requires {
    Layout::isBare;
};
template <class T, class Layout>
inline constexpr bool isBare = Raw<T> || BareLayout<Layout> || (Bare<T> && std::same_as<Layout, OwnFields>) ||
                               (std::same_as<T, TopicPartition> && std::same_as<Layout, PartitionFields>);

/// The words in which messages describe themselves: `static void fields(auto& v, auto& m)` names each field in the
/// order of the wire with the versions in which it stands. Tagged fields come last, in the order of their tags.
///
/// `Self` gives the primitives (number, text, nullText, blob, batch, batches, items, nullItems, topics, nullTopics,
/// structure, only, listOfOne, constant, emptyList, tag, absent) and says whether a field that stands in some versions
/// concerns it. Everything is a template and inlined: no field costs a call.
template <class Self>
class Visitor {
public:
    constexpr explicit Visitor(std::int16_t version) : m_version(version) {}
    [[nodiscard]] std::int16_t version() const { return m_version; }

    template <class T>
    void field(T& x, Versions in = always) {
        if (self().concerns(in)) {
            value(x, false);
        } else {
            self().absent(x, in);
        }
    }
    /// The same for a number that says something else than 0 when nobody has set it.
    template <Number T>
    void field(T& x, Versions in, std::remove_const_t<T> unset) {
        if (self().concerns(in)) {
            self().number(x);
        } else if (x != unset) {
            self().absent(x, in);
        }
    }
    /// A text that is null when it is empty, or a list that may be null, and the versions that have such a null.
    template <class T>
    void nullable(T& x, Versions in = always, Versions nullIn = always) {
        if (self().concerns(in)) {
            value(x, nullIn.hold(m_version));
        } else {
            self().absent(x, in);
        }
    }
    template <class Items, class Layout>
    void nullableList(Items& items, Versions nullIn, Layout layout) {
        self().nullItems(items, nullIn.hold(m_version), layout);
    }
    /// Structures that are described by whoever sends them.
    template <class Items, class Layout>
    void list(Items& items, Versions in, Layout layout) {
        if (self().concerns(in)) {
            self().items(items, layout);
        } else {
            self().absent(items, in);
        }
    }
    template <class Items, class Layout = PartitionFields>
    void byTopic(Items& items, Versions in = always, Layout layout = {}, TopicsBy by = {}) {
        if (self().concerns(in)) {
            self().topics(items, layout, by);
        } else {
            self().absent(items, in);
        }
    }
    template <class Items>
    void nullableByTopic(Items& items, Versions nullIn) {
        self().nullTopics(items, nullIn.hold(m_version));
    }
    /// A list that has one item here.
    template <class T, class Layout>
    void one(T& item, Versions in, Layout layout) {
        if (self().concerns(in)) {
            self().listOfOne(item, layout);
        }
    }
    /// Before a request could name many there was one, which stands in the message itself.
    template <class Items>
    void single(Items& items, Versions in) {
        if (in.hold(m_version)) {
            self().only(items);
        }
    }
    /// What is not modelled has one value.
    template <class T>
    void fixed(T x, Versions in = always) {
        if (self().concerns(in)) {
            self().constant(x);
        }
    }
    /// A list that has nothing in it here.
    void nothing(Versions in = always) {
        if (self().concerns(in)) {
            self().emptyList();
        }
    }
    /// Stands behind all others, and only when it says something.
    template <class T>
    void tagged(std::uint32_t tag, T& x, Versions in = always) {
        self().tag(tag, x, in);
    }
    /// Records of one partition in a request: one batch, or the error with which they were refused when they came.
    template <class Batch, class Error>
    void records(Batch& batch, Error& refused) {
        self().batch(batch, refused);
    }

    template <class T>
    void value(T& x, bool mayBeNull) {
        using U = std::remove_const_t<T>;
        if constexpr (Number<U>) {
            self().number(x);
        } else if constexpr (Text<U>) {
            self().text(x, mayBeNull);
        } else if constexpr (std::same_as<U, std::optional<std::string>>) {
            self().nullText(x);
        } else if constexpr (std::same_as<U, BytesRef>) {
            self().blob(x);
        } else if constexpr (std::same_as<U, Batches>) {
            self().batches(x);
        } else if constexpr (requires { x->size(); }) {
            self().nullItems(x, mayBeNull, OwnFields{});
        } else if constexpr (requires { x.size(); }) {
            self().items(x, OwnFields{});
        } else {
            self().structure(x, OwnFields{});
        }
    }

    /// What an item says without the tags that may end it.
    template <class T, class Layout>
    void inMessage(T& item, Layout layout) {
        if constexpr (Bare<T> && std::same_as<Layout, OwnFields>) {
            value(item, false);
        } else {
            layout(self(), item);
        }
    }

protected:
    [[nodiscard]] Self& self() { return static_cast<Self&>(*this); }
    std::int16_t m_version;
};

/// Passes over all that its heir does not look at itself.
template <class Self>
class SilentVisitor : public Visitor<Self> {
public:
    using Visitor<Self>::Visitor;
    [[nodiscard]] static constexpr bool concerns(Versions) { return false; }
    static void absent(const auto&, Versions) {}
    static void number(const auto&) {}
    static void text(const auto&, bool) {}
    static void nullText(const auto&) {}
    static void blob(const auto&) {}
    static void batch(const auto&, const auto&) {}
    static void batches(const auto&) {}
    static void items(const auto&, auto) {}
    static void nullItems(const auto&, bool, auto) {}
    static void topics(const auto&, auto, const TopicsBy&) {}
    static void nullTopics(const auto&, bool) {}
    static void structure(const auto&, auto) {}
    static void only(const auto&) {}
    static void listOfOne(const auto&, auto) {}
    static void constant(const auto&) {}
    static void emptyList() {}
    static void tag(std::uint32_t, const auto&, Versions) {}
};

}  // namespace millrace::kafka
