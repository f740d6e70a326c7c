#include "engine/spark/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>

namespace millrace::spark {

std::string_view TextArena::keep(std::string_view text) {
    constexpr std::size_t smallest = 256;
    constexpr std::size_t largest = std::size_t{1} << 15U;
    if (text.empty()) {
        return "";
    }
    if (text.size() > m_left) {
        m_size = std::max(std::clamp(m_size * 2, smallest, largest), text.size());
        m_next = m_chunks.emplace_back(std::make_unique_for_overwrite<char[]>(m_size)).get();
        m_left = m_size;
    }
    char* const at = m_next;
    std::copy(text.begin(), text.end(), at);
    m_next += text.size();
    m_left -= text.size();
    return {at, text.size()};
}

Cell Cell::ofText(std::string_view text) {
    Cell cell;
    cell.m_kind = Kind::Text;
    cell.m_value.text = text.data();
    cell.m_size = static_cast<std::uint32_t>(text.size());
    return cell;
}

Cell Cell::ofLong(std::int64_t number) {
    Cell cell;
    cell.m_kind = Kind::Long;
    cell.m_value.number = number;
    return cell;
}

Cell Cell::ofDouble(double number) {
    Cell cell;
    cell.m_kind = Kind::Double;
    cell.m_value.real = number;
    return cell;
}

std::int64_t Cell::asLong() const {
    switch (m_kind) {
        case Kind::Long:
            return m_value.number;
        case Kind::Double:
            return static_cast<std::int64_t>(std::clamp(m_value.real, -9e18, 9e18));
        case Kind::Text: {
            std::int64_t number = 0;
            std::from_chars(m_value.text, m_value.text + m_size, number);
            return number;
        }
        case Kind::Null:
            break;
    }
    return 0;
}

double Cell::asDouble() const {
    switch (m_kind) {
        case Kind::Long:
            return static_cast<double>(m_value.number);
        case Kind::Double:
            return m_value.real;
        case Kind::Text: {
            double number = 0;
            std::from_chars(m_value.text, m_value.text + m_size, number);
            return number;
        }
        case Kind::Null:
            break;
    }
    return 0;
}

std::string Cell::toText() const {
    switch (m_kind) {
        case Kind::Long:
            return std::to_string(m_value.number);
        case Kind::Double:
            return fmt::format("{}", m_value.real);
        case Kind::Text:
            return std::string{asText()};
        case Kind::Null:
            break;
    }
    return {};
}

std::int32_t Cell::hashCode() const {
    switch (m_kind) {
        case Kind::Text: {
            std::uint32_t hash = 0;
            for (std::uint32_t i = 0; i < m_size; ++i) {
                hash = hash * 31 + static_cast<unsigned char>(m_value.text[i]);
            }
            return static_cast<std::int32_t>(hash);
        }
        case Kind::Long: {
            const auto word = static_cast<std::uint64_t>(m_value.number);
            return static_cast<std::int32_t>(static_cast<std::uint32_t>(word ^ (word >> 32U)));
        }
        case Kind::Double: {
            const auto word = std::bit_cast<std::uint64_t>(m_value.real);
            return static_cast<std::int32_t>(static_cast<std::uint32_t>(word ^ (word >> 32U)));
        }
        case Kind::Null:
            break;
    }
    return 0;
}

void Cell::digest(Digest& digest) const {
    switch (m_kind) {
        case Kind::Text:
            digest.add(asText());
            return;
        case Kind::Long:
            digest.add(m_value.number);
            return;
        case Kind::Double:
            digest.add(m_value.real);
            return;
        case Kind::Null:
            digest.add(std::uint64_t{0x6E756C6CU});
            return;
    }
}

bool operator==(const Cell& a, const Cell& b) {
    if (a.m_kind != b.m_kind) {
        return false;
    }
    switch (a.m_kind) {
        case Cell::Kind::Text:
            return a.asText() == b.asText();
        case Cell::Kind::Long:
            return a.m_value.number == b.m_value.number;
        case Cell::Kind::Double:
            return std::bit_cast<std::uint64_t>(a.m_value.real) == std::bit_cast<std::uint64_t>(b.m_value.real);
        case Cell::Kind::Null:
            break;
    }
    return true;
}

bool operator<(const Cell& a, const Cell& b) {
    if (a.isText() != b.isText()) {
        return b.isText();
    }
    return a.isText() ? a.asText() < b.asText() : a.asDouble() < b.asDouble();
}

ByteCount Rows::bytes() const {
    if (m_bytes < 0) {
        constexpr ByteCount perRow = 8;
        ByteCount sum = static_cast<ByteCount>(size()) * perRow;
        for (const Cell& cell : cells) {
            sum += cell.bytes();
        }
        m_bytes = sum + (state ? state->bytes() : 0);
    }
    return m_bytes;
}

std::uint64_t Rows::digest() const {
    if (m_digest == 0) {
        Digest digest;
        digest.add(width);
        for (const Cell& cell : cells) {
            cell.digest(digest);
        }
        if (!origins.empty()) {
            digest.add(origins.front().position);
            digest.add(origins.back().position);
        }
        if (state) {
            digest.add(state->digest());
        }
        m_digest = digest.value() | 1U;
    }
    return m_digest;
}

std::vector<std::uint32_t> Rows::adopt(const Rows& other) {
    for (const Ref<const Counted>& owner : other.owners) {
        if (owners.empty() || std::find(owners.rbegin(), std::min(owners.rbegin() + 8, owners.rend()), owner) ==
                                  std::min(owners.rbegin() + 8, owners.rend())) {
            owners.push_back(owner);
        }
    }
    std::vector<std::uint32_t> places;
    for (const std::string_view source : other.sources) {
        const auto known = std::find(sources.begin(), sources.end(), source);
        places.push_back(static_cast<std::uint32_t>(known - sources.begin()));
        if (known == sources.end()) {
            sources.push_back(source);
        }
    }
    return places;
}

void Rows::append(const Rows& other) {
    const std::size_t before = size();
    const std::vector<std::uint32_t> places = adopt(other);
    cells.insert(cells.end(), other.cells.begin(), other.cells.end());
    if (other.origins.empty() && origins.empty()) {
        return;
    }
    origins.resize(before);
    for (RowOrigin origin : other.origins) {
        origin.source = origin.source < places.size() ? places[origin.source] : 0;
        origins.push_back(origin);
    }
    origins.resize(size());
}

RowsRef merged(const std::vector<RowsRef>& pieces, std::uint32_t width) {
    if (pieces.size() == 1) {
        return pieces.front();
    }
    auto all = makeRef<Rows>(width);
    std::size_t cells = 0;
    for (const RowsRef& piece : pieces) {
        cells += piece->cells.size();
    }
    all->cells.reserve(cells);
    for (const RowsRef& piece : pieces) {
        all->append(*piece);
    }
    return all;
}

}  // namespace millrace::spark
