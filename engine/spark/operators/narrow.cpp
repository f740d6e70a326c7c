#include "engine/spark/operators/narrow.h"

#include <re2/re2.h>

#include <memory>

#include "engine/flow/pattern.h"
#include "engine/ingest/web_log.h"
#include "engine/spark/cost.h"

namespace millrace::spark {

namespace {

/// The piece that a narrow transformation works on.
const Rows* only(const Inputs& inputs) {
    return inputs.empty() || inputs.front().empty() ? nullptr : inputs.front().front().get();
}

std::shared_ptr<const re2::RE2> compiled(const std::string& pattern) {
    re2::RE2::Options options(re2::RE2::Latin1);
    options.set_log_errors(false);
    return std::make_shared<const re2::RE2>(pattern, options);
}

std::string storedText(const Cell& cell) {
    return cell.toText();
}

class FlatMap final : public Transformation {
public:
    FlatMap(std::uint32_t field, std::string separator) : m_field(field), m_separator(std::move(separator)) {}
    [[nodiscard]] std::string_view name() const override { return "flatMap"; }
    [[nodiscard]] RowsRef apply(const Inputs& inputs, const Place&, Work& work) const override {
        auto rows = makeRef<Rows>(1);
        const Rows* from = only(inputs);
        if (from == nullptr) {
            return rows;
        }
        rows->adopt(*from);
        rows->cells.reserve(from->size() * 8);
        rows->origins.reserve(from->origins.empty() ? 0 : from->size() * 8);
        ByteCount bytes = 0;
        for (std::size_t i = 0; i < from->size(); ++i) {
            const std::string_view text = from->at(i, m_field).isText() ? from->at(i, m_field).asText() : "";
            bytes += static_cast<ByteCount>(text.size());
            std::uint32_t part = 0;
            const auto give = [&](std::string_view word) {
                rows->cells.push_back(Cell::ofText(word));
                if (!from->origins.empty()) {
                    // What is cut once more counts on from what it was cut from.
                    constexpr std::uint32_t spread = 1'000'003;
                    rows->origins.push_back(
                        {from->origins[i].position, from->origins[i].source, from->origins[i].part * spread + ++part});
                }
            };
            if (m_separator.empty()) {
                atBlanks(text, give);
            } else {
                atSeparators(text, give);
            }
        }
        work.rows(from->size() + rows->size(), cost::row);
        work.bytes(bytes, cost::perByteScanned);
        return rows;
    }

private:
    template <class Give>
    static void atBlanks(std::string_view text, const Give& give) {
        constexpr std::string_view blanks = " \t\r\n\v\f";
        std::size_t at = text.find_first_not_of(blanks);
        while (at != std::string_view::npos) {
            const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
            give(text.substr(at, end - at));
            at = text.find_first_not_of(blanks, end);
        }
    }
    template <class Give>
    void atSeparators(std::string_view text, const Give& give) const {
        std::size_t at = 0;
        while (true) {
            const std::size_t end = text.find(m_separator, at);
            give(text.substr(at, end == std::string_view::npos ? end : end - at));
            if (end == std::string_view::npos) {
                return;
            }
            at = end + m_separator.size();
        }
    }
    std::uint32_t m_field;
    std::string m_separator;
};

class Projection final : public Transformation {
public:
    Projection(std::vector<std::uint32_t> fields, std::optional<std::int64_t> constant)
        : m_fields(std::move(fields)), m_constant(constant) {}
    [[nodiscard]] std::string_view name() const override { return "map"; }
    [[nodiscard]] RowsRef apply(const Inputs& inputs, const Place&, Work& work) const override {
        auto rows = makeRef<Rows>(static_cast<std::uint32_t>(m_fields.size() + (m_constant ? 1 : 0)));
        const Rows* from = only(inputs);
        if (from == nullptr) {
            return rows;
        }
        rows->adopt(*from);
        rows->origins = from->origins;
        rows->cells.reserve(from->size() * rows->width);
        for (std::size_t i = 0; i < from->size(); ++i) {
            for (const std::uint32_t field : m_fields) {
                rows->cells.push_back(from->at(i, field));
            }
            if (m_constant) {
                rows->cells.push_back(Cell::ofLong(*m_constant));
            }
        }
        work.rows(from->size(), cost::row);
        return rows;
    }

private:
    std::vector<std::uint32_t> m_fields;
    std::optional<std::int64_t> m_constant;
};

/// What filters have in common: rows that pass are passed on whole.
template <class Passes>
RowsRef filtered(const Rows& from, const Passes& passes) {
    auto rows = makeRef<Rows>(from.width);
    rows->adopt(from);
    for (std::size_t i = 0; i < from.size(); ++i) {
        const Cell* row = from.row(i);
        if (passes(row)) {
            rows->cells.insert(rows->cells.end(), row, row + from.width);
            if (!from.origins.empty()) {
                rows->origins.push_back(from.origins[i]);
            }
        }
    }
    return rows;
}

class PatternFilter final : public Transformation {
public:
    PatternFilter(std::uint32_t field, Ref<const flow::Pattern> pattern, bool keepsMatching)
        : m_field(field), m_pattern(std::move(pattern)), m_keepsMatching(keepsMatching) {}
    [[nodiscard]] std::string_view name() const override { return "filter"; }
    [[nodiscard]] RowsRef apply(const Inputs& inputs, const Place&, Work& work) const override {
        const Rows* from = only(inputs);
        if (from == nullptr) {
            return makeRef<Rows>(1);
        }
        ByteCount bytes = 0;
        RowsRef rows = filtered(*from, [&](const Cell* row) {
            const std::string made = row[m_field].isText() ? std::string{} : storedText(row[m_field]);
            const std::string_view text = row[m_field].isText() ? row[m_field].asText() : std::string_view{made};
            bytes += static_cast<ByteCount>(text.size());
            return m_pattern->isFoundIn(text) == m_keepsMatching;
        });
        work.rows(from->size(), cost::row);
        work.bytes(bytes, cost::perByteMatched);
        return rows;
    }

private:
    std::uint32_t m_field;
    Ref<const flow::Pattern> m_pattern;
    bool m_keepsMatching;
};

class NumberFilter final : public Transformation {
public:
    NumberFilter(std::uint32_t field, std::optional<double> least, std::optional<double> most)
        : m_field(field), m_least(least), m_most(most) {}
    [[nodiscard]] std::string_view name() const override { return "filter"; }
    [[nodiscard]] RowsRef apply(const Inputs& inputs, const Place&, Work& work) const override {
        const Rows* from = only(inputs);
        if (from == nullptr) {
            return makeRef<Rows>(1);
        }
        work.rows(from->size(), cost::row);
        return filtered(*from, [&](const Cell* row) {
            const double value = row[m_field].asDouble();
            return (!m_least || value >= *m_least) && (!m_most || value <= *m_most);
        });
    }

private:
    std::uint32_t m_field;
    std::optional<double> m_least;
    std::optional<double> m_most;
};

class Extraction final : public Transformation {
public:
    Extraction(std::uint32_t field, std::shared_ptr<const re2::RE2> pattern)
        : m_field(field), m_pattern(std::move(pattern)) {}
    [[nodiscard]] std::string_view name() const override { return "map"; }
    [[nodiscard]] RowsRef apply(const Inputs& inputs, const Place&, Work& work) const override {
        const auto groups = static_cast<std::size_t>(m_pattern->NumberOfCapturingGroups());
        auto rows = makeRef<Rows>(static_cast<std::uint32_t>(groups));
        const Rows* from = only(inputs);
        if (from == nullptr) {
            return rows;
        }
        rows->adopt(*from);
        std::vector<re2::StringPiece> found(groups + 1);
        ByteCount bytes = 0;
        for (std::size_t i = 0; i < from->size(); ++i) {
            const std::string_view text = from->at(i, m_field).isText() ? from->at(i, m_field).asText() : "";
            bytes += static_cast<ByteCount>(text.size());
            if (m_pattern->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::UNANCHORED,
                                 found.data(), static_cast<int>(found.size()))) {
                for (std::size_t g = 1; g <= groups; ++g) {
                    rows->cells.push_back(Cell::ofText({found[g].data(), found[g].size()}));
                }
                if (!from->origins.empty()) {
                    rows->origins.push_back(from->origins[i]);
                }
            }
        }
        work.rows(from->size(), cost::row);
        work.bytes(bytes, cost::perByteMatched);
        return rows;
    }

private:
    std::uint32_t m_field;
    std::shared_ptr<const re2::RE2> m_pattern;
};

class LogParser final : public Transformation {
public:
    LogParser(std::uint32_t field, bool keepsRejected, std::vector<std::uint32_t> also)
        : m_field(field), m_keepsRejected(keepsRejected), m_also(std::move(also)) {}
    [[nodiscard]] std::string_view name() const override { return "map"; }
    [[nodiscard]] RowsRef apply(const Inputs& inputs, const Place&, Work& work) const override {
        auto rows = makeRef<Rows>(
            static_cast<std::uint32_t>((m_keepsRejected ? rejectedFields() : logFields()).size() + m_also.size()));
        const Rows* from = only(inputs);
        if (from == nullptr) {
            return rows;
        }
        rows->adopt(*from);
        ByteCount bytes = 0;
        for (std::size_t i = 0; i < from->size(); ++i) {
            const Cell& cell = from->at(i, m_field);
            const std::string_view text = cell.isText() ? cell.asText() : "";
            bytes += static_cast<ByteCount>(text.size());
            const auto line = ingest::parseWebLogLine(text);
            if (line.has_value() == m_keepsRejected) {
                continue;
            }
            if (m_keepsRejected) {
                rows->cells.push_back(cell);
                rows->cells.push_back(Cell::ofText(line.error()));
            } else {
                const auto put = [&](std::string_view value) { rows->cells.push_back(Cell::ofText(value)); };
                rows->cells.push_back(cell);
                put(line->host);
                put(line->time);
                put(line->request);
                put(line->method);
                put(line->path);
                rows->cells.push_back(Cell::ofLong(line->status));
                rows->cells.push_back(Cell::ofLong(line->bytes));
            }
            for (const std::uint32_t each : m_also) {
                rows->cells.push_back(from->at(i, each));
            }
            if (!from->origins.empty()) {
                rows->origins.push_back(from->origins[i]);
            }
        }
        constexpr CpuTime perByteParsed = std::chrono::nanoseconds{4};
        work.rows(from->size(), cost::row);
        work.bytes(bytes, perByteParsed);
        return rows;
    }

private:
    std::uint32_t m_field;
    bool m_keepsRejected;
    std::vector<std::uint32_t> m_also;
};

class CountOfPartition final : public Transformation {
public:
    [[nodiscard]] std::string_view name() const override { return "map"; }
    [[nodiscard]] RowsRef apply(const Inputs& inputs, const Place&, Work& work) const override {
        const Rows* from = only(inputs);
        const std::size_t count = from != nullptr ? from->size() : 0;
        auto rows = makeRef<Rows>(2);
        rows->cells = {Cell::ofLong(0), Cell::ofLong(static_cast<std::int64_t>(count))};
        work.rows(count, cost::row);
        return rows;
    }
};

Result<std::shared_ptr<const re2::RE2>, std::string> checked(const std::string& pattern) {
    auto expression = compiled(pattern);
    if (!expression->ok()) {
        return tl::unexpected(expression->error());
    }
    return expression;
}

}  // namespace

Ref<const Transformation> makeFlatMap(std::uint32_t field, std::string separator) {
    return makeRef<FlatMap>(field, std::move(separator));
}

Ref<const Transformation> makeProjection(std::vector<std::uint32_t> fields, std::optional<std::int64_t> constant) {
    return makeRef<Projection>(std::move(fields), constant);
}

Result<Ref<const Transformation>, std::string> makePatternFilter(std::uint32_t field, const std::string& pattern,
                                                                 bool keepsMatching) {
    auto expression = flow::Pattern::make(pattern);
    if (!expression) {
        return tl::unexpected(expression.error().text());
    }
    return Ref<const Transformation>(makeRef<PatternFilter>(field, std::move(*expression), keepsMatching));
}

Ref<const Transformation> makeNumberFilter(std::uint32_t field, std::optional<double> least,
                                           std::optional<double> most) {
    return makeRef<NumberFilter>(field, least, most);
}

Result<Ref<const Transformation>, std::string> makeExtraction(std::uint32_t field, const std::string& pattern) {
    auto expression = checked(pattern);
    if (!expression) {
        return tl::unexpected(expression.error());
    }
    return Ref<const Transformation>(makeRef<Extraction>(field, *expression));
}

Result<std::size_t, std::string> groupsOf(const std::string& pattern) {
    auto expression = checked(pattern);
    if (!expression) {
        return tl::unexpected(expression.error());
    }
    return static_cast<std::size_t>((*expression)->NumberOfCapturingGroups());
}

Ref<const Transformation> makeCountOfPartition() {
    return makeRef<CountOfPartition>();
}

Ref<const Transformation> makeLogParser(std::uint32_t field, bool keepsRejected, std::vector<std::uint32_t> also) {
    return makeRef<LogParser>(field, keepsRejected, std::move(also));
}

std::vector<std::string> logFields() {
    return {"line", "host", "time", "request", "method", "path", "status", "bytes"};
}

std::vector<std::string> rejectedFields() {
    return {"line", "reason"};
}

}  // namespace millrace::spark
