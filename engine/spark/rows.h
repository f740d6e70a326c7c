#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/ref.h"
#include "engine/base/strong.h"

namespace millrace::spark {

/// One field of a row: nothing, a number, or a text that somebody else holds.
class Cell {
public:
    enum class Kind : std::uint8_t { Null, Long, Double, Text };

    constexpr Cell() = default;
    [[nodiscard]] static Cell ofText(std::string_view text);
    [[nodiscard]] static Cell ofLong(std::int64_t number);
    [[nodiscard]] static Cell ofDouble(double number);

    [[nodiscard]] Kind kind() const { return m_kind; }
    [[nodiscard]] bool isNull() const { return m_kind == Kind::Null; }
    [[nodiscard]] bool isText() const { return m_kind == Kind::Text; }
    [[nodiscard]] std::string_view asText() const { return {m_value.text, m_size}; }
    [[nodiscard]] std::int64_t asLong() const;  ///< 0 of what is no number
    [[nodiscard]] double asDouble() const;      ///< 0 of what is no number
    [[nodiscard]] std::string toText() const;   ///< for people, files and keys
    [[nodiscard]] ByteCount bytes() const { return m_kind == Kind::Text ? 4 + ByteCount{m_size} : 8; }
    /// What Java's hashCode gives for a string of Latin letters, a Long or a Double: it decides the partition.
    [[nodiscard]] std::int32_t hashCode() const;
    void digest(Digest& digest) const;

    friend bool operator==(const Cell& a, const Cell& b);
    /// Numbers before texts; for orders that have to be the same in each run.
    friend bool operator<(const Cell& a, const Cell& b);

private:
    union Value {
        const char* text;
        std::int64_t number;
        double real;
    };
    Value m_value{.number = 0};
    std::uint32_t m_size = 0;
    Kind m_kind = Kind::Null;
};

/// The record that a row was made from one to one; rows that sum up many have none.
struct RowOrigin {
    std::int64_t position = -1;
    std::uint32_t source = 0;  ///< index in `Rows::sources`
    std::uint32_t part = 0;    ///< tells apart what was made from one record
};

/// Texts that were made on the way and are in no record.
class TextArena final : public Counted {
public:
    /// A copy that lives as long as the arena. Amortised time is that of copying.
    std::string_view keep(std::string_view text);
    [[nodiscard]] bool isEmpty() const { return m_chunks.empty(); }

private:
    std::vector<std::unique_ptr<char[]>> m_chunks;
    char* m_next = nullptr;
    std::size_t m_left = 0;
    std::size_t m_size = 0;  ///< of the newest chunk
};

/// State of keys that travels from batch to batch beside the rows (`mapWithState`).
class KeyedState : public Counted {
public:
    [[nodiscard]] virtual std::uint64_t size() const = 0;
    [[nodiscard]] virtual ByteCount bytes() const = 0;
    [[nodiscard]] virtual std::uint64_t digest() const = 0;
};

/// One partition of an RDD: rows of equally many fields, in order. Immutable once it is shared: block store, network,
/// shuffle file and checkpoint hold the same object. Texts are views into `owners`.
class Rows final : public Counted {
public:
    Rows() = default;
    explicit Rows(std::uint32_t fields) : width(fields) {}

    std::uint32_t width = 1;
    std::vector<Cell> cells;
    std::vector<RowOrigin> origins;  ///< of each row, or none at all
    std::vector<std::string_view> sources;
    std::vector<Ref<const Counted>> owners;
    Ref<const KeyedState> state;

    [[nodiscard]] std::size_t size() const { return width == 0 ? 0 : cells.size() / width; }
    [[nodiscard]] const Cell* row(std::size_t index) const { return cells.data() + index * width; }
    [[nodiscard]] const Cell& at(std::size_t index, std::size_t field) const { return cells[index * width + field]; }
    /// As they are serialised: what network, disk and memory are charged with.
    [[nodiscard]] ByteCount bytes() const;
    [[nodiscard]] std::uint64_t digest() const;

    /// Takes over what the rows of another one need: its texts stay alive. Gives what its sources are called here.
    std::vector<std::uint32_t> adopt(const Rows& other);
    void append(const Rows& other);

private:
    mutable ByteCount m_bytes = -1;
    mutable std::uint64_t m_digest = 0;
};
using RowsRef = Ref<const Rows>;

/// Several pieces as one; a single one as it is.
[[nodiscard]] RowsRef merged(const std::vector<RowsRef>& pieces, std::uint32_t width);

}  // namespace millrace::spark
