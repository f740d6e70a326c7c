#pragma once

#include <limits>
#include <string>
#include <type_traits>

#include "engine/base/random.h"
#include "engine/kafka/protocol/apis.h"

/// Messages of any kind by chance, and messages with one field changed, from the lists of their fields.
namespace millrace::kafka::messages {

inline std::string randomText(RandomStream& random, std::uint64_t most = 12) {
    std::string text(random.below(most), 'a');
    for (char& c : text) {
        c = static_cast<char>('a' + random.below(26));
    }
    return text;
}

inline BatchRef randomBatch(RandomStream& random) {
    RecordBatchBuilder builder;
    for (std::uint64_t left = 1 + random.below(3); left > 0; --left) {
        builder.append(static_cast<std::int64_t>(random.below(1'000'000)), std::nullopt, randomText(random, 40));
    }
    return builder.build();
}

/// Fills what stands in the version; integers also with the values at their ends.
class Filler : public SilentVisitor<Filler> {
public:
    /// `ends`: how often a number is one at an end of its range. With `words` and `topics` texts are among those.
    struct Taste {
        double ends = 0;
        std::vector<std::string> words{};
        std::vector<std::string> topics{};
    };
    Filler(std::int16_t version, RandomStream& random, const Taste& taste)
        : SilentVisitor(version), m_random(random), m_taste(taste) {}

    [[nodiscard]] bool concerns(Versions in) const { return in.hold(m_version); }
    template <class T>
    void number(T& x) {
        using Int = typename WireNumber<T>::Int;
        constexpr std::int64_t ends[] = {std::numeric_limits<Int>::min(), std::numeric_limits<Int>::max(), -1, 0, 1};
        x = WireNumber<T>::from(static_cast<Int>(
            m_random.chance(m_taste.ends) ? ends[m_random.below(5)] : static_cast<std::int64_t>(m_random.below(100))));
    }
    void number(IsolationLevel& x) { x = static_cast<IsolationLevel>(m_random.below(2)); }
    void number(Acks& x) { x = m_random.chance(0.5) ? Acks::All : Acks::Leader; }
    template <class T>
    void text(T& text, bool) {
        text = T(m_taste.words.empty() ? randomText(m_random) : m_taste.words[m_random.below(m_taste.words.size())]);
    }
    void nullText(std::optional<std::string>& text) {
        text = m_random.chance(0.5) ? std::optional{randomText(m_random)} : std::nullopt;
    }
    void blob(BytesRef& bytes) { bytes = makeRef<Bytes>(randomText(m_random, 40)); }
    void batch(BatchRef& batch, ErrorCode& refused) {
        batch = m_version < 3 ? BatchRef{} : randomBatch(m_random);
        refused = m_version < 3 ? ErrorCode::UnsupportedForMessageFormat : ErrorCode::None;
    }
    void batches(Batches& batches) {
        for (std::uint64_t left = m_random.below(3); left > 0; --left) {
            batches.push_back(randomBatch(m_random));
        }
    }
    template <class T, class Memory, class Layout>
    void items(std::vector<T, Memory>& items, Layout layout) {
        fill(items, m_random.below(4), layout);
    }
    template <class T, class Layout>
    void nullItems(std::optional<std::vector<T>>& list, bool mayBeNull, Layout layout) {
        if (!mayBeNull || m_random.chance(0.7)) {
            fill(list.emplace(), mayBeNull ? m_random.below(4) : 1 + m_random.below(4), layout);
        }
    }
    /// Names are few, so that neighbours share them.
    template <class T, class Memory, class Layout>
    void topics(std::vector<T, Memory>& items, Layout layout, const TopicsBy& by) {
        items.resize(m_random.below(6));
        std::string topic;
        for (T& item : items) {
            if (!m_taste.topics.empty()) {
                topic = m_taste.topics[m_random.below(m_taste.topics.size())];
            } else if (topic.empty() || m_random.chance(0.4)) {
                topic = "t" + randomText(m_random);
            }
            const auto number = static_cast<std::int64_t>(topic.size());
            setTopic(item, by.names.hold(m_version) ? TopicName(topic) : nameOf(Uuid{-number, number}));
            layout(*this, item);
            if (!m_taste.topics.empty() && m_random.chance(0.7)) {
                indexOf(item) = PartitionIndex{static_cast<std::int32_t>(m_random.below(2))};
            }
        }
    }
    template <class T>
    void nullTopics(std::optional<std::vector<T>>& list, bool mayBeNull) {
        if (!mayBeNull || m_random.chance(0.7)) {
            topics(list.emplace(), PartitionFields{}, {});
        }
    }
    template <class T, class Layout>
    void structure(T& item, Layout layout) {
        layout(*this, item);
    }
    template <class T, class Memory>
    void only(std::vector<T, Memory>& items) {
        fill(items, 1, OwnFields{});
    }
    template <class T, class Layout>
    void listOfOne(T& item, Layout layout) {
        layout(*this, item);
    }
    template <class T>
    void tag(std::uint32_t, std::optional<T>& x, Versions in) {
        if (in.hold(m_version) && m_random.chance(0.5)) {
            value(x.emplace(), false);
        }
    }

private:
    static PartitionIndex& indexOf(TopicPartition& item) { return item.partition; }
    template <class T>
    static PartitionIndex& indexOf(T& item) {
        return item.partition.partition;
    }
    template <class T, class Memory, class Layout>
    void fill(std::vector<T, Memory>& items, std::uint64_t count, Layout layout) {
        items.resize(count);
        for (T& item : items) {
            if constexpr (Bare<T> && std::is_same_v<Layout, OwnFields>) {
                value(item, false);
            } else {
                layout(*this, item);
            }
        }
    }
    RandomStream& m_random;
    const Taste& m_taste;
};

template <class M>
[[nodiscard]] M randomMessage(RandomStream& random, std::int16_t version, const Filler::Taste& taste = {}) {
    M message;
    message.version = version;
    message.correlationId = CorrelationId{42};
    if constexpr (requires { message.clientId; }) {
        message.clientId = ClientId("probe");
    }
    Filler filler(version, random, taste);
    M::fields(filler, message);
    if constexpr (requires { message.decoded(); }) {
        message.decoded();
    }
    return message;
}

/// Changes the field with this number, lists and what may be absent counted as fields of their own.
class Changer : public SilentVisitor<Changer> {
public:
    explicit Changer(std::size_t which) : SilentVisitor(0), m_which(which) {}
    std::size_t seen = 0;

    [[nodiscard]] static constexpr bool concerns(Versions in) { return !in.isElsewhere; }
    template <class T>
    void number(T& x) {
        if (isMine()) {
            x = WireNumber<T>::from(static_cast<typename WireNumber<T>::Int>(WireNumber<T>::of(x) ^ 1));
        }
    }
    template <class T>
    void text(T& text, bool) {
        if (isMine()) {
            text = T(std::string(textOf(text)) + "x");
        }
    }
    void nullText(std::optional<std::string>& text) {
        if (isMine()) {
            text = text ? std::nullopt : std::optional{std::string{}};
        }
    }
    void blob(BytesRef& bytes) {
        if (isMine()) {
            bytes = makeRef<Bytes>("changed " + std::string(bytes ? bytes->text() : std::string_view{}));
        }
    }
    void batch(BatchRef& batch, ErrorCode& refused) {
        number(refused);
        if (isMine()) {
            batch = otherThan(batch);
        }
    }
    void batches(Batches& batches) {
        if (isMine()) {
            batches.push_back(otherThan(nullptr));
        } else if (!batches.empty() && isMine()) {
            batches.front() = otherThan(batches.front());
        }
    }
    template <class T, class Memory, class Layout>
    void items(std::vector<T, Memory>& items, Layout layout) {
        if (isMine()) {
            items.emplace_back();
            return;
        }
        for (T& item : items) {
            if constexpr (Bare<T>) {
                value(item, false);
            } else {
                layout(*this, item);
            }
        }
    }
    template <class T, class Layout>
    void nullItems(std::optional<std::vector<T>>& list, bool, Layout layout) {
        if (isMine()) {
            list = list ? std::nullopt : std::optional{std::vector<T>{}};
        } else if (list) {
            items(*list, layout);
        }
    }
    template <class T, class Memory, class Layout>
    void topics(std::vector<T, Memory>& all, Layout layout, const TopicsBy&) {
        for (T& item : all) {
            if (isMine()) {
                setTopic(item, TopicName(topicOf(item).text() + "x"));
            }
        }
        items(all, layout);
    }
    template <class T>
    void nullTopics(std::optional<std::vector<T>>& list, bool) {
        nullItems(list, true, PartitionFields{});
    }
    template <class T, class Layout>
    void structure(T& item, Layout layout) {
        layout(*this, item);
    }
    template <class T, class Layout>
    void listOfOne(T& item, Layout layout) {
        layout(*this, item);
    }
    template <class T>
    void tag(std::uint32_t, std::optional<T>& x, Versions) {
        if (isMine()) {
            x = x ? std::nullopt : std::optional{T{}};
        } else if (x) {
            value(*x, false);
        }
    }

private:
    [[nodiscard]] bool isMine() { return seen++ == m_which; }
    [[nodiscard]] static BatchRef otherThan(const BatchRef& batch) {
        return batch ? batch->rebased(batch->baseOffset() + 7, batch->leaderEpoch()) : [] {
            RecordBatchBuilder builder;
            builder.append(1, std::nullopt, "another");
            return builder.build();
        }();
    }
    std::size_t m_which;
};

}  // namespace millrace::kafka::messages
