#include "engine/spark/operators/keyed.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/spark/cost.h"

namespace millrace::spark {

namespace {

/// A map from keys to places that keeps the order of arrival: open addressing, made anew for each partition.
class KeyTable {
public:
    explicit KeyTable(std::size_t expected) {
        std::size_t size = 16;
        while (size < expected * 2) {
            size *= 2;
        }
        m_slots.assign(size, 0);
    }

    /// The key's place, and whether it is new.
    std::pair<std::uint32_t, bool> insert(const Cell& key) {
        if ((m_keys.size() + 1) * 2 > m_slots.size()) {
            grow();
        }
        const auto hash = static_cast<std::uint32_t>(key.hashCode());
        std::size_t at = spread(hash);
        while (m_slots[at] != 0) {
            const std::uint32_t place = m_slots[at] - 1;
            if (m_hashes[place] == hash && m_keys[place] == key) {
                return {place, false};
            }
            at = (at + 1) & (m_slots.size() - 1);
        }
        m_slots[at] = static_cast<std::uint32_t>(m_keys.size()) + 1;
        m_keys.push_back(key);
        m_hashes.push_back(hash);
        return {static_cast<std::uint32_t>(m_keys.size()) - 1, true};
    }
    [[nodiscard]] std::int64_t find(const Cell& key) const {
        const auto hash = static_cast<std::uint32_t>(key.hashCode());
        for (std::size_t at = spread(hash); m_slots[at] != 0; at = (at + 1) & (m_slots.size() - 1)) {
            const std::uint32_t place = m_slots[at] - 1;
            if (m_hashes[place] == hash && m_keys[place] == key) {
                return place;
            }
        }
        return -1;
    }
    [[nodiscard]] const std::vector<Cell>& keys() const { return m_keys; }

private:
    [[nodiscard]] std::size_t spread(std::uint32_t hash) const {
        return static_cast<std::size_t>((std::uint64_t{hash} * 0x9E3779B97F4A7C15ULL) >> 32U) & (m_slots.size() - 1);
    }
    void grow() {
        m_slots.assign(m_slots.size() * 2, 0);
        for (std::size_t i = 0; i < m_keys.size(); ++i) {
            std::size_t at = spread(m_hashes[i]);
            while (m_slots[at] != 0) {
                at = (at + 1) & (m_slots.size() - 1);
            }
            m_slots[at] = static_cast<std::uint32_t>(i) + 1;
        }
    }

    std::vector<std::uint32_t> m_slots;  // place + 1; 0 is free
    std::vector<Cell> m_keys;
    std::vector<std::uint32_t> m_hashes;
};

const Cell oneCell = Cell::ofLong(1);

Cell reduced(Reduction reduction, const Cell& a, const Cell& b) {
    switch (reduction) {
        case Reduction::Min:
            return b < a ? b : a;
        case Reduction::Max:
            return a < b ? b : a;
        case Reduction::Sum:
            break;
    }
    const bool isReal = a.kind() == Cell::Kind::Double || b.kind() == Cell::Kind::Double;
    return isReal ? Cell::ofDouble(a.asDouble() + b.asDouble()) : Cell::ofLong(a.asLong() + b.asLong());
}

Cell less(const Cell& a, const Cell& b) {
    const bool isReal = a.kind() == Cell::Kind::Double || b.kind() == Cell::Kind::Double;
    return isReal ? Cell::ofDouble(a.asDouble() - b.asDouble()) : Cell::ofLong(a.asLong() - b.asLong());
}

/// Of a sum, a text that looks like a number is one.
Cell asValue(Reduction reduction, const Cell& value) {
    if (reduction != Reduction::Sum || !value.isText()) {
        return value;
    }
    const bool isReal = value.asText().find_first_of(".eE") != std::string_view::npos;
    return isReal ? Cell::ofDouble(value.asDouble()) : Cell::ofLong(value.asLong());
}

std::size_t rowsIn(const std::vector<RowsRef>& pieces) {
    std::size_t sum = 0;
    for (const RowsRef& piece : pieces) {
        sum += piece->size();
    }
    return sum;
}

/// Keys with their values so far, in the order in which the keys first came.
struct Totals {
    KeyTable table;
    std::vector<Cell> values;
    explicit Totals(std::size_t expected) : table(std::min<std::size_t>(expected, 1U << 16U)) {}

    void add(Reduction reduction, const Cell& key, const Cell& value) {
        const auto [place, isNew] = table.insert(key);
        if (isNew) {
            values.push_back(asValue(reduction, value));
        } else {
            values[place] = reduced(reduction, values[place], asValue(reduction, value));
        }
    }
    /// The rows (key, value).
    void writeTo(Rows& rows) const {
        rows.cells.reserve(rows.cells.size() + values.size() * 2);
        for (std::size_t i = 0; i < values.size(); ++i) {
            rows.cells.push_back(table.keys()[i]);
            rows.cells.push_back(values[i]);
        }
    }
};

RowsRef reducePieces(Reduction reduction, KeyValue fields, const std::vector<RowsRef>& pieces, Work& work) {
    Totals totals(rowsIn(pieces));
    auto rows = makeRef<Rows>(2);
    for (const RowsRef& piece : pieces) {
        const std::size_t count = piece->size();
        for (std::size_t i = 0; i < count; ++i) {
            const Cell* row = piece->row(i);
            totals.add(reduction, row[fields.key], fields.value >= 0 ? row[fields.value] : oneCell);
        }
        work.rows(count, cost::hashUpdate);
    }
    // The few texts that are left must not keep everything alive that they came in.
    totals.writeTo(*rows);
    auto arena = makeRef<TextArena>();
    for (Cell& cell : rows->cells) {
        if (cell.isText()) {
            cell = Cell::ofText(arena->keep(cell.asText()));
        }
    }
    if (!arena->isEmpty()) {
        rows->owners.push_back(std::move(arena));
    }
    return rows;
}

std::vector<RowsRef> allOf(const Inputs& inputs, std::size_t from = 0) {
    std::vector<RowsRef> all;
    for (std::size_t i = from; i < inputs.size(); ++i) {
        all.insert(all.end(), inputs[i].begin(), inputs[i].end());
    }
    return all;
}

class Reducer final : public Aggregator {
public:
    Reducer(Reduction reduction, KeyValue fields) : m_reduction(reduction), m_fields(fields) {}
    [[nodiscard]] RowsRef combine(const std::vector<RowsRef>& pieces, Work& work) const override {
        return reducePieces(m_reduction, m_fields, pieces, work);
    }

private:
    Reduction m_reduction;
    KeyValue m_fields;
};

class ReductionOf final : public Transformation {
public:
    ReductionOf(Reduction reduction, KeyValue fields) : m_reduction(reduction), m_fields(fields) {}
    [[nodiscard]] std::string_view name() const override { return "reduceByKey"; }
    [[nodiscard]] RowsRef apply(const Inputs& inputs, const Place&, Work& work) const override {
        return reducePieces(m_reduction, m_fields, allOf(inputs), work);
    }

private:
    Reduction m_reduction;
    KeyValue m_fields;
};

class Grouping final : public Transformation {
public:
    explicit Grouping(KeyValue fields) : m_fields(fields) {}
    [[nodiscard]] std::string_view name() const override { return "groupByKey"; }
    [[nodiscard]] RowsRef apply(const Inputs& inputs, const Place&, Work& work) const override {
        const std::vector<RowsRef> pieces = allOf(inputs);
        KeyTable table(16);
        std::vector<std::string> texts;
        auto rows = makeRef<Rows>(2);
        for (const RowsRef& piece : pieces) {
            rows->adopt(*piece);
            for (std::size_t i = 0; i < piece->size(); ++i) {
                const Cell* row = piece->row(i);
                const auto [place, isNew] = table.insert(row[m_fields.key]);
                const std::string value = m_fields.value >= 0 ? row[m_fields.value].toText() : std::string{};
                if (isNew) {
                    texts.push_back(value);
                } else {
                    texts[place] += "," + value;
                }
            }
            work.rows(piece->size(), cost::hashUpdate);
        }
        auto arena = makeRef<TextArena>();
        for (std::size_t i = 0; i < texts.size(); ++i) {
            rows->cells.push_back(table.keys()[i]);
            rows->cells.push_back(Cell::ofText(arena->keep(texts[i])));
        }
        rows->owners.push_back(arena);
        return rows;
    }

private:
    KeyValue m_fields;
};

class Join final : public Transformation {
public:
    Join(JoinKind kind, std::uint32_t leftKey, std::uint32_t leftWidth, std::uint32_t rightWidth)
        : m_kind(kind), m_leftKey(leftKey), m_leftWidth(leftWidth), m_rightWidth(rightWidth) {}
    [[nodiscard]] std::string_view name() const override { return "join"; }
    [[nodiscard]] RowsRef apply(const Inputs& inputs, const Place&, Work& work) const override {
        auto rows = makeRef<Rows>(m_leftWidth + m_rightWidth - 1);
        KeyTable table(16);
        std::vector<std::vector<const Cell*>> sides[2];
        for (std::size_t side = 0; side < 2 && side < inputs.size(); ++side) {
            for (const RowsRef& piece : inputs[side]) {
                rows->adopt(*piece);
                for (std::size_t i = 0; i < piece->size(); ++i) {
                    const Cell* row = piece->row(i);
                    const std::uint32_t place = table.insert(row[side == 0 ? m_leftKey : 0]).first;
                    sides[0].resize(std::max<std::size_t>(sides[0].size(), place + std::size_t{1}));
                    sides[1].resize(sides[0].size());
                    sides[side][place].push_back(row);
                }
                work.rows(piece->size(), cost::hashUpdate);
            }
        }
        sides[1].resize(sides[0].size());
        for (std::size_t place = 0; place < sides[0].size(); ++place) {
            std::vector<const Cell*> left = sides[0][place];
            std::vector<const Cell*> right = sides[1][place];
            if (left.empty() && (m_kind == JoinKind::Right || m_kind == JoinKind::Full)) {
                left.push_back(nullptr);
            }
            if (right.empty() && (m_kind == JoinKind::Left || m_kind == JoinKind::Full)) {
                right.push_back(nullptr);
            }
            for (const Cell* a : left) {
                for (const Cell* b : right) {
                    rows->cells.push_back(table.keys()[place]);
                    add(*rows, a, m_leftKey, m_leftWidth);
                    add(*rows, b, 0, m_rightWidth);
                }
            }
        }
        work.rows(rows->size(), cost::row);
        return rows;
    }

private:
    static void add(Rows& rows, const Cell* from, std::uint32_t key, std::uint32_t width) {
        for (std::uint32_t i = 0; i < width; ++i) {
            if (i != key) {
                rows.cells.push_back(from != nullptr ? from[i] : Cell{});
            }
        }
    }
    JoinKind m_kind;
    std::uint32_t m_leftKey;
    std::uint32_t m_leftWidth;
    std::uint32_t m_rightWidth;
};

/// The fields of a row beside its first, as one text.
std::string othersOf(const Cell* row, std::uint32_t width) {
    std::string text;
    for (std::uint32_t i = 1; i < width; ++i) {
        text += (i > 1 ? ";" : "") + row[i].toText();
    }
    return text;
}

class Cogroup final : public Transformation {
public:
    [[nodiscard]] std::string_view name() const override { return "cogroup"; }
    [[nodiscard]] RowsRef apply(const Inputs& inputs, const Place&, Work& work) const override {
        auto rows = makeRef<Rows>(3);
        KeyTable table(16);
        std::vector<std::string> sides[2];
        for (std::size_t side = 0; side < 2 && side < inputs.size(); ++side) {
            for (const RowsRef& piece : inputs[side]) {
                rows->adopt(*piece);
                for (std::size_t i = 0; i < piece->size(); ++i) {
                    const auto [place, isNew] = table.insert(piece->at(i, 0));
                    sides[0].resize(table.keys().size());
                    sides[1].resize(table.keys().size());
                    std::string& text = sides[side][place];
                    text += (text.empty() ? "" : ",") + othersOf(piece->row(i), piece->width);
                }
                work.rows(piece->size(), cost::hashUpdate);
            }
        }
        auto arena = makeRef<TextArena>();
        for (std::size_t place = 0; place < table.keys().size(); ++place) {
            rows->cells.push_back(table.keys()[place]);
            rows->cells.push_back(Cell::ofText(arena->keep(sides[0][place])));
            rows->cells.push_back(Cell::ofText(arena->keep(sides[1][place])));
        }
        rows->owners.push_back(arena);
        work.rows(rows->size(), cost::row);
        return rows;
    }
};

class Distinct final : public Transformation {
public:
    explicit Distinct(std::uint32_t key) : m_key(key) {}
    [[nodiscard]] std::string_view name() const override { return "distinct"; }
    [[nodiscard]] RowsRef apply(const Inputs& inputs, const Place&, Work& work) const override {
        const std::vector<RowsRef> pieces = allOf(inputs);
        auto rows = makeRef<Rows>(pieces.empty() ? 1 : pieces.front()->width);
        KeyTable table(16);
        for (const RowsRef& piece : pieces) {
            const std::vector<std::uint32_t> sources = rows->adopt(*piece);
            for (std::size_t i = 0; i < piece->size(); ++i) {
                if (table.insert(piece->at(i, m_key)).second) {
                    rows->cells.insert(rows->cells.end(), piece->row(i), piece->row(i) + piece->width);
                    RowOrigin origin = i < piece->origins.size() ? piece->origins[i] : RowOrigin{};
                    origin.source = origin.source < sources.size() ? sources[origin.source] : 0;
                    rows->origins.push_back(origin);
                }
            }
            work.rows(piece->size(), cost::hashUpdate);
        }
        return rows;
    }

private:
    std::uint32_t m_key;
};

class Top final : public Transformation {
public:
    Top(std::uint32_t field, std::size_t count, bool isDescending)
        : m_field(field), m_count(count), m_isDescending(isDescending) {}
    [[nodiscard]] std::string_view name() const override { return "top"; }
    [[nodiscard]] RowsRef apply(const Inputs& inputs, const Place&, Work& work) const override {
        const std::vector<RowsRef> pieces = allOf(inputs);
        const std::uint32_t width = pieces.empty() ? 1 : pieces.front()->width;
        const RowsRef all = pieces.empty() ? RowsRef(makeRef<const Rows>(width)) : merged(pieces, width);
        std::vector<std::size_t> order(all->size());
        for (std::size_t i = 0; i < order.size(); ++i) {
            order[i] = i;
        }
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return m_isDescending ? all->at(b, m_field) < all->at(a, m_field)
                                  : all->at(a, m_field) < all->at(b, m_field);
        });
        order.resize(std::min(order.size(), m_count));
        auto rows = makeRef<Rows>(width);
        rows->owners = all->owners;
        rows->sources = all->sources;
        for (const std::size_t i : order) {
            rows->cells.insert(rows->cells.end(), all->row(i), all->row(i) + width);
            if (!all->origins.empty()) {
                rows->origins.push_back(all->origins[i]);
            }
        }
        work.rows(all->size(), cost::hashUpdate);
        return rows;
    }

private:
    std::uint32_t m_field;
    std::size_t m_count;
    bool m_isDescending;
};

/// Texts of state must not keep the blocks alive that they came in: they are copied.
Cell kept(const Cell& cell, TextArena& arena) {
    return cell.isText() ? Cell::ofText(arena.keep(cell.asText())) : cell;
}

class StateUpdate final : public Transformation {
public:
    StateUpdate(Reduction reduction, bool hasState, bool dropsZeros)
        : m_reduction(reduction), m_hasState(hasState), m_dropsZeros(dropsZeros) {}
    [[nodiscard]] std::string_view name() const override { return "updateStateByKey"; }
    [[nodiscard]] RowsRef apply(const Inputs& inputs, const Place&, Work& work) const override {
        const RowsRef state = m_hasState && !inputs[0].empty() ? inputs[0].front() : RowsRef(makeRef<const Rows>(2));
        const RowsRef fresh = reducePieces(m_reduction, {}, allOf(inputs, m_hasState ? 1 : 0), work);
        // A cogroup over all keys: what has no news is gone through as well.
        work.rows(state->size(), cost::hashUpdate);
        auto rows = makeRef<Rows>(2);
        rows->owners = state->owners;
        auto arena = makeRef<TextArena>();
        KeyTable news(fresh->size());
        for (std::size_t i = 0; i < fresh->size(); ++i) {
            news.insert(fresh->at(i, 0));
        }
        std::vector<bool> taken(fresh->size(), false);
        rows->cells.reserve(state->cells.size() + fresh->cells.size());
        for (std::size_t i = 0; i < state->size(); ++i) {
            Cell value = state->at(i, 1);
            const std::int64_t place = fresh->size() > 0 ? news.find(state->at(i, 0)) : -1;
            if (place >= 0) {
                value = kept(reduced(m_reduction, value, fresh->at(static_cast<std::size_t>(place), 1)), *arena);
                taken[static_cast<std::size_t>(place)] = true;
            }
            add(*rows, state->at(i, 0), value);
        }
        for (std::size_t i = 0; i < fresh->size(); ++i) {
            if (!taken[i]) {
                add(*rows, kept(fresh->at(i, 0), *arena), kept(fresh->at(i, 1), *arena));
            }
        }
        if (!arena->isEmpty()) {
            rows->owners.push_back(arena);
        }
        return rows;
    }

private:
    void add(Rows& rows, const Cell& key, const Cell& value) const {
        if (!m_dropsZeros || value.isText() || value.asDouble() != 0) {
            rows.cells.push_back(key);
            rows.cells.push_back(value);
        }
    }
    Reduction m_reduction;
    bool m_hasState;
    bool m_dropsZeros;
};

/// The state of a partition as a persistent map: a batch writes a few keys of many.
class StateMap final : public KeyedState {
public:
    struct Entry {
        std::int64_t number = 0;
        double real = 0;
        bool isReal = false;
        std::int64_t updatedMillis = 0;
    };
    SharedMap<std::string, Entry> entries;
    std::uint64_t mix = 0;  ///< grows with each write; stands for the content
    ByteCount size8 = 0;

    [[nodiscard]] std::uint64_t size() const override { return entries.size(); }
    [[nodiscard]] ByteCount bytes() const override { return size8; }
    [[nodiscard]] std::uint64_t digest() const override { return mix; }
};

class MapWithState final : public Transformation {
public:
    MapWithState(Reduction reduction, bool hasState, std::int64_t timeoutMillis)
        : m_reduction(reduction), m_hasState(hasState), m_timeout(timeoutMillis) {}
    [[nodiscard]] std::string_view name() const override { return "mapWithState"; }
    [[nodiscard]] RowsRef apply(const Inputs& inputs, const Place& place, Work& work) const override {
        auto state = makeRef<StateMap>();
        if (m_hasState && !inputs[0].empty() && inputs[0].front()->state) {
            state = makeRef<StateMap>(static_cast<const StateMap&>(*inputs[0].front()->state));
        }
        const RowsRef fresh = reducePieces(m_reduction, {}, allOf(inputs, m_hasState ? 1 : 0), work);
        auto rows = makeRef<Rows>(2);
        rows->adopt(*fresh);
        constexpr ByteCount perEntry = 32;
        Digest mix(state->mix + 1);
        for (std::size_t i = 0; i < fresh->size(); ++i) {
            const std::string key = fresh->at(i, 0).toText();
            auto [entry, isNew] = state->entries.insert(key);
            const Cell before = entry.isReal ? Cell::ofDouble(entry.real) : Cell::ofLong(entry.number);
            const Cell after = isNew ? fresh->at(i, 1) : reduced(m_reduction, before, fresh->at(i, 1));
            entry.isReal = after.kind() == Cell::Kind::Double;
            entry.real = after.asDouble();
            entry.number = after.asLong();
            entry.updatedMillis = place.batchMillis;
            state->size8 += isNew ? static_cast<ByteCount>(key.size()) + perEntry : 0;
            mix.add(std::string_view{key});
            after.digest(mix);
            rows->cells.push_back(fresh->at(i, 0));
            rows->cells.push_back(entry.isReal ? Cell::ofDouble(entry.real) : Cell::ofLong(entry.number));
        }
        work.rows(fresh->size(), cost::hashUpdate);
        if (m_timeout > 0) {
            work.rows(state->entries.size(), cost::row);  // a full scan
            std::vector<std::string> silent;
            for (const auto& [key, entry] : state->entries) {
                if (entry.updatedMillis + m_timeout <= place.batchMillis) {
                    silent.push_back(key);
                }
            }
            for (const std::string& key : silent) {
                state->entries.erase(key);
                state->size8 -= static_cast<ByteCount>(key.size()) + perEntry;
                mix.add(std::string_view{key});
            }
        }
        state->mix = mix.value();
        rows->state = Ref<const KeyedState>(std::move(state));
        return rows;
    }

private:
    Reduction m_reduction;
    bool m_hasState;
    std::int64_t m_timeout;
};

class InverseWindow final : public Transformation {
public:
    InverseWindow(bool hasWindow, std::size_t leaving, bool dropsZeros)
        : m_hasWindow(hasWindow), m_leaving(leaving), m_dropsZeros(dropsZeros) {}
    [[nodiscard]] std::string_view name() const override { return "reduceByKeyAndWindow"; }
    [[nodiscard]] RowsRef apply(const Inputs& inputs, const Place&, Work& work) const override {
        Totals totals(16);
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const bool leaves = i >= (m_hasWindow ? 1U : 0U) && i < (m_hasWindow ? 1U : 0U) + m_leaving;
            for (const RowsRef& piece : inputs[i]) {
                for (std::size_t k = 0; k < piece->size(); ++k) {
                    const Cell* row = piece->row(k);
                    totals.add(Reduction::Sum, row[0],
                               leaves ? less(Cell::ofLong(0), asValue(Reduction::Sum, row[1])) : row[1]);
                }
                work.rows(piece->size(), cost::hashUpdate);
            }
        }
        auto rows = makeRef<Rows>(2);
        auto arena = makeRef<TextArena>();
        for (std::size_t i = 0; i < totals.values.size(); ++i) {
            if (!m_dropsZeros || totals.values[i].asDouble() != 0) {
                rows->cells.push_back(kept(totals.table.keys()[i], *arena));
                rows->cells.push_back(totals.values[i]);
            }
        }
        rows->owners.push_back(arena);
        return rows;
    }

private:
    bool m_hasWindow;
    std::size_t m_leaving;
    bool m_dropsZeros;
};

}  // namespace

Ref<const Aggregator> makeReducer(Reduction reduction, KeyValue fields) {
    return makeRef<Reducer>(reduction, fields);
}
Ref<const Transformation> makeReduction(Reduction reduction, KeyValue fields) {
    return makeRef<ReductionOf>(reduction, fields);
}
Ref<const Transformation> makeGrouping(KeyValue fields) {
    return makeRef<Grouping>(fields);
}
Ref<const Transformation> makeJoin(JoinKind kind, std::uint32_t leftKey, std::uint32_t leftWidth,
                                   std::uint32_t rightWidth) {
    return makeRef<Join>(kind, leftKey, leftWidth, rightWidth);
}
Ref<const Transformation> makeCogroup() {
    return makeRef<Cogroup>();
}

Ref<const Transformation> makeDistinct(std::uint32_t key) {
    return makeRef<Distinct>(key);
}

Ref<const Transformation> makeTop(std::uint32_t field, std::size_t count, bool isDescending) {
    return makeRef<Top>(field, count, isDescending);
}

Ref<const Transformation> makeStateUpdate(Reduction reduction, bool hasState, bool dropsZeros) {
    return makeRef<StateUpdate>(reduction, hasState, dropsZeros);
}
Ref<const Transformation> makeMapWithState(Reduction reduction, bool hasState, std::int64_t timeoutMillis) {
    return makeRef<MapWithState>(reduction, hasState, timeoutMillis);
}
Ref<const Transformation> makeInverseWindow(bool hasWindow, std::size_t leaving, bool dropsZeros) {
    return makeRef<InverseWindow>(hasWindow, leaving, dropsZeros);
}

}  // namespace millrace::spark
