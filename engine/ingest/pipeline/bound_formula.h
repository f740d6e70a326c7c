#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/sim_time.h"
#include "engine/flow/expression.h"
#include "engine/ingest/formats/format.h"
#include "engine/ingest/pipeline/step.h"

namespace millrace::ingest {

/// A formula over rows of known columns.
class BoundFormula {
public:
    /// The error says what is wrong with the formula, or which field there is not.
    [[nodiscard]] static Result<BoundFormula, std::string> make(const std::string& text,
                                                                const std::vector<flow::Column>& columns) {
        auto formula = flow::Expression::make(text);
        if (!formula) {
            return tl::unexpected(formula.error().text());
        }
        BoundFormula bound;
        bound.m_formula = std::move(*formula);
        for (const std::string& field : bound.m_formula->fields()) {
            const auto at = columnIn(columns, field);
            if (!at) {
                return tl::unexpected(noSuchField({}, field, columns).value().reason);
            }
            bound.m_places.push_back(*at);
        }
        return bound;
    }

    [[nodiscard]] flow::Datum valueOf(const Row& row) const {
        return m_formula->valueOf([&](std::size_t field) { return row[m_places[field]]; });
    }
    [[nodiscard]] bool holds(const Row& row) const {
        return m_formula->holds([&](std::size_t field) { return row[m_places[field]]; });
    }
    [[nodiscard]] const std::string& text() const { return m_formula->text(); }
    /// A node of a compiled formula takes 20 ns, boxed numbers included.
    [[nodiscard]] CpuTime cost() const { return CpuTime{20} * static_cast<std::int64_t>(m_formula->size()); }

private:
    Ref<const flow::Expression> m_formula;
    std::vector<std::size_t> m_places;
};

}  // namespace millrace::ingest
