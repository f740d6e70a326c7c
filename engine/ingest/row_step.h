#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/result.h"
#include "engine/base/sim_time.h"
#include "engine/flow/operator.h"
#include "engine/ingest/formats/format.h"

namespace millrace::ingest {

/// What is wrong with a step: `parameter` is the one of its own that it is about, empty when it is none.
struct RowStepTrouble {
    std::string parameter;
    std::string message;
};

/// What becomes of one record, whatever engine does it: a function from a row to rows. Immutable, shared and without
/// memory: the same row gives the same rows, wherever and however often. Bolts of the same names do the same to tuples.
class RowStep : public Counted {
public:
    /// The fields of what it gives: `main` of its results, `aside` of what it puts apart (lines that do not fit, keys
    /// that are in no table); empty where nothing can be.
    std::vector<std::string> main;
    std::vector<std::string> aside;
    /// Processor time on a core of speed 1.0 for a row, and for a byte of the text that it looks at.
    flow::Work work;

    /// `give` gets each row that comes of it, and whether it was put aside.
    using Give = std::function<void(Row row, bool isAside)>;
    virtual void apply(std::span<const flow::Datum> row, const Give& give) const = 0;
    /// Of the text that it looks at.
    [[nodiscard]] virtual std::size_t bytesOf(std::span<const flow::Datum> /*row*/) const { return 0; }
    [[nodiscard]] virtual std::uint64_t digest() const = 0;
};

/// A kind of step, with the parameters that it reads.
struct RowStepKind {
    std::string_view kind;
    std::string_view title;
    std::string_view help;
    std::string_view outputs;
    std::vector<flow::Parameter> parameters;
    std::string_view aside = {};  ///< what it puts apart is called: "rejected"; empty: it puts nothing apart
};

/// parse, where, filter, map, split, lookup, format.
[[nodiscard]] std::span<const RowStepKind> rowStepKinds();
[[nodiscard]] const RowStepKind* findRowStepKind(std::string_view kind);

/// A step over rows of these fields.
[[nodiscard]] Result<Ref<const RowStep>, RowStepTrouble> makeRowStep(std::string_view kind,
                                                                     const flow::ParameterValues& values,
                                                                     const std::vector<std::string>& fields);

}  // namespace millrace::ingest
