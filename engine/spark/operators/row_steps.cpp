#include "engine/spark/operators/row_steps.h"

#include <utility>

#include "engine/spark/cost.h"

namespace millrace::spark {

namespace {

flow::Datum datumOf(const Cell& cell) {
    switch (cell.kind()) {
        case Cell::Kind::Long:
            return cell.asLong();
        case Cell::Kind::Double:
            return cell.asDouble();
        case Cell::Kind::Text:
            return std::string{cell.asText()};
        case Cell::Kind::Null:
            break;
    }
    return {};
}

/// Rows know no flags: true is 1.
Cell cellOf(flow::Datum&& datum, TextArena& texts) {
    if (auto* text = std::get_if<std::string>(&datum)) {
        return Cell::ofText(texts.keep(*text));
    }
    if (const auto* flag = std::get_if<bool>(&datum)) {
        return Cell::ofLong(*flag ? 1 : 0);
    }
    if (const auto* whole = std::get_if<std::int64_t>(&datum)) {
        return Cell::ofLong(*whole);
    }
    const auto* real = std::get_if<double>(&datum);
    return real != nullptr ? Cell::ofDouble(*real) : Cell{};
}

class RowTransformation final : public Transformation {
public:
    RowTransformation(std::string_view name, Ref<const ingest::RowStep> step, bool givesAside)
        : m_name(name), m_step(std::move(step)), m_givesAside(givesAside) {}

    [[nodiscard]] std::string_view name() const override { return m_name; }

    [[nodiscard]] RowsRef apply(const Inputs& inputs, const Place&, Work& work) const override {
        auto rows = makeRef<Rows>(static_cast<std::uint32_t>((m_givesAside ? m_step->aside : m_step->main).size()));
        const Rows* from = inputs.empty() || inputs.front().empty() ? nullptr : inputs.front().front().get();
        if (from == nullptr) {
            return rows;
        }
        rows->adopt(*from);
        auto texts = makeRef<TextArena>();
        std::size_t bytes = 0;
        ingest::Row row;
        for (std::size_t i = 0; i < from->size(); ++i) {
            row.clear();
            for (std::uint32_t field = 0; field < from->width; ++field) {
                row.push_back(datumOf(from->at(i, field)));
            }
            bytes += m_step->bytesOf(row);
            m_step->apply(row, [&](ingest::Row made, bool isAside) {
                if (isAside != m_givesAside) {
                    return;
                }
                for (flow::Datum& each : made) {
                    rows->cells.push_back(cellOf(std::move(each), *texts));
                }
                if (!from->origins.empty()) {
                    rows->origins.push_back(from->origins[i]);
                }
            });
        }
        rows->owners.emplace_back(std::move(texts));
        work.rows(from->size(), cost::row + m_step->work.perTuple);
        work.bytes(static_cast<ByteCount>(bytes), m_step->work.perByte);
        return rows;
    }

private:
    std::string_view m_name;
    Ref<const ingest::RowStep> m_step;
    bool m_givesAside;
};

}  // namespace

Ref<const Transformation> makeRowTransformation(std::string_view name, Ref<const ingest::RowStep> step,
                                                bool givesAside) {
    return makeRef<RowTransformation>(name, std::move(step), givesAside);
}

}  // namespace millrace::spark
