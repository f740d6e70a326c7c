#include "engine/storm/operators/text_bolts.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "engine/base/check.h"
#include "engine/storm/cost.h"

namespace millrace::storm {

Result<std::size_t, BoltTrouble> fieldIndex(const std::vector<std::string>& fields, const std::string& field) {
    const auto indexOf = [&](std::string_view name) {
        return static_cast<std::size_t>(std::find(fields.begin(), fields.end(), name) - fields.begin());
    };
    if (fields.empty()) {
        return tl::unexpected(BoltTrouble{{}, "the input has no fields"});
    }
    if (!field.empty()) {
        const std::size_t at = indexOf(field);
        if (at == fields.size()) {
            return tl::unexpected(BoltTrouble{
                "field", fmt::format("the input has no field '{}', only {}", field, fmt::join(fields, ", "))});
        }
        return at;
    }
    for (const std::string_view usual : {"line", "value", "word"}) {
        if (const std::size_t at = indexOf(usual); at < fields.size()) {
            return at;
        }
    }
    return 0;
}

std::vector<std::size_t> fieldIndices(const Component& component, const std::string& field) {
    std::vector<std::size_t> indices;
    for (const ResolvedInput& input : component.inputs) {
        const auto at = fieldIndex(input.fields, field);
        MILLRACE_CHECK(at.has_value(), component.id, field);
        indices.push_back(*at);
    }
    return indices;
}

flow::Parameter fieldParameter(std::string_view help, bool isRequired, std::string_view start) {
    return {.key = "field",
            .type = flow::ParameterType::Field,
            .help = help,
            .isRequired = isRequired,
            .blank = isRequired ? std::string_view{} : "line, value, word or the first",
            .start = start};
}

namespace {

constexpr flow::Work splitWork{.perByte = std::chrono::nanoseconds{2}};  // a scan of the text
constexpr flow::Work filterWork{.perByte = cost::regexPerByte};

/// The field that a bolt looks at, in each of its inputs; refused when one does not have it.
std::optional<BoltTrouble> troubleWith(const std::vector<StreamSpec>& inputs, const std::string& field) {
    for (const StreamSpec& input : inputs) {
        if (auto at = fieldIndex(input.fields, field); !at) {
            return at.error();
        }
    }
    return std::nullopt;
}

}  // namespace

Result<std::vector<StreamSpec>, BoltTrouble> passedOn(const std::vector<StreamSpec>& inputs, const std::string& field) {
    if (auto trouble = troubleWith(inputs, field)) {
        return tl::unexpected(std::move(*trouble));
    }
    for (const StreamSpec& input : inputs) {
        if (input.fields != inputs.front().fields) {
            return tl::unexpected(
                BoltTrouble{{}, "it passes its fields on, so all its inputs must have the same fields"});
        }
    }
    return std::vector<StreamSpec>{{std::string{defaultStream}, inputs.front().fields}};
}

namespace {

class SplitBolt final : public BoltBase<SplitBolt> {
public:
    SplitBolt(std::string field, std::string separator)
        : m_field(std::move(field)), m_separator(std::move(separator)) {}

    void prepare(sim::Context&, const OperatorSetup& setup) override { m_fields = fieldIndices(setup.self(), m_field); }

    void execute(BoltOutput& output, const TupleView& tuple) override {
        const Value& value = tuple.value(m_fields[tuple.input()]);
        if (!value.isText()) {
            const Value same = value;
            output.emitTuple(0, {same});
            return;
        }
        const std::string_view text = value.asText();
        output.spend(splitWork.perByte * static_cast<std::int64_t>(text.size()));
        if (m_separator.empty()) {
            splitAtSpace(output, text);
        } else {
            splitAtSeparator(output, text);
        }
    }

private:
    static_assert(std::endian::native == std::endian::little);

    static bool isSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

    /// Eight characters at a time: blanks are among those up to 0x20, of which text holds few others.
    static const char* endOfWord(const char* at, const char* end) {
        constexpr std::uint64_t each = 0x0101010101010101ULL;
        while (end - at >= 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, at, sizeof word);
            const std::uint64_t low = (word - each * 0x21U) & ~word & (each * 0x80U);
            if (low == 0) {
                at += 8;
                continue;
            }
            at += std::countr_zero(low) / 8;  // the first is one; what stands behind it may only seem to be
            if (isSpace(*at)) {
                return at;
            }
            ++at;
        }
        while (at != end && !isSpace(*at)) {
            ++at;
        }
        return at;
    }

    static void splitAtSpace(BoltOutput& output, std::string_view text) {
        const char* at = text.data();
        const char* const end = at + text.size();
        while (at != end) {
            while (at != end && isSpace(*at)) {
                ++at;
            }
            const char* const first = at;
            at = endOfWord(at, end);
            if (at != first) {
                const Value word = Value::ofText({first, static_cast<std::size_t>(at - first)});
                output.emitTuple(0, std::span<const Value>(&word, 1));
            }
        }
    }

    void splitAtSeparator(BoltOutput& output, std::string_view text) const {
        while (true) {
            const std::size_t at = text.find(m_separator);
            output.emitTuple(0, {Value::ofText(text.substr(0, at))});
            if (at == std::string_view::npos) {
                return;
            }
            text.remove_prefix(at + m_separator.size());
        }
    }

    std::string m_field;
    std::string m_separator;
    std::vector<std::size_t> m_fields;  // by input
};

class SplitFactory final : public BoltFactory {
public:
    SplitFactory(std::string field, std::string separator)
        : m_field(std::move(field)), m_separator(std::move(separator)) {}
    [[nodiscard]] std::string_view kind() const override { return "split"; }
    [[nodiscard]] Result<std::vector<StreamSpec>, BoltTrouble> streams(
        const std::vector<StreamSpec>& inputs) const override {
        if (auto trouble = troubleWith(inputs, m_field)) {
            return tl::unexpected(std::move(*trouble));
        }
        return std::vector<StreamSpec>{{std::string{defaultStream}, {"word"}}};
    }
    [[nodiscard]] Ref<Bolt> make() const override { return makeRef<SplitBolt>(m_field, m_separator); }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(kind());
        digest.add(std::string_view{m_field});
        digest.add(std::string_view{m_separator});
        return digest.value();
    }

private:
    std::string m_field;
    std::string m_separator;
};

class FilterBolt final : public BoltBase<FilterBolt> {
public:
    FilterBolt(std::string field, Ref<const flow::Pattern> pattern, bool keepMatching)
        : m_field(std::move(field)), m_pattern(std::move(pattern)), m_keepMatching(keepMatching) {}

    void prepare(sim::Context&, const OperatorSetup& setup) override { m_fields = fieldIndices(setup.self(), m_field); }

    void execute(BoltOutput& output, const TupleView& tuple) override {
        const Value& value = tuple.value(m_fields[tuple.input()]);
        const std::string made = value.isText() ? std::string{} : value.toText();
        const std::string_view text = value.isText() ? value.asText() : std::string_view{made};
        output.spend(filterWork.perByte * static_cast<std::int64_t>(text.size()));
        if (m_pattern->isFoundIn(text) == m_keepMatching) {
            output.emitTuple(0, tuple.values());
        }
    }

private:
    std::string m_field;
    Ref<const flow::Pattern> m_pattern;
    bool m_keepMatching;
    std::vector<std::size_t> m_fields;
};

class FilterFactory final : public BoltFactory {
public:
    FilterFactory(std::string field, Ref<const flow::Pattern> pattern, bool keepMatching)
        : m_field(std::move(field)), m_pattern(std::move(pattern)), m_keepMatching(keepMatching) {}
    [[nodiscard]] std::string_view kind() const override { return "filter"; }
    [[nodiscard]] Result<std::vector<StreamSpec>, BoltTrouble> streams(
        const std::vector<StreamSpec>& inputs) const override {
        return passedOn(inputs, m_field);
    }
    [[nodiscard]] Ref<Bolt> make() const override { return makeRef<FilterBolt>(m_field, m_pattern, m_keepMatching); }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(kind());
        digest.add(std::string_view{m_field});
        digest.add(std::string_view{m_pattern->text()});
        digest.add(m_keepMatching);
        return digest.value();
    }

private:
    std::string m_field;
    Ref<const flow::Pattern> m_pattern;
    bool m_keepMatching;
};

}  // namespace

Ref<const BoltFactory> makeSplit(std::string field, std::string separator) {
    return makeRef<SplitFactory>(std::move(field), std::move(separator));
}

Ref<const BoltFactory> makeFilter(std::string field, Ref<const flow::Pattern> pattern, bool keepMatching) {
    return makeRef<FilterFactory>(std::move(field), std::move(pattern), keepMatching);
}

const BoltKind& splitKind() {
    static const BoltKind row{
        {.kind = "split",
         .title = "Split",
         .help = "Cuts a text into parts and emits one tuple a part.",
         .outputs = "default: word",
         .parameters = {fieldParameter("The field of the tuple that it cuts.", false),
                        {.key = "separator",
                         .help = "What stands between the parts; without it, white space.",
                         .blank = "white space"}},
         .summary = {"field"},
         .work = splitWork,
         .mainField = [](const flow::ParameterValues&, const std::string&) { return std::string{"word"}; }},
        [](const flow::ParameterValues& parameters, const BoltSurroundings&) -> BoltResult {
            return makeSplit(parameters.text("field"), parameters.text("separator"));
        }};
    return row;
}

const BoltKind& filterKind() {
    static const BoltKind row{
        {.kind = "filter",
         .title = "Filter",
         .help = "Passes on the tuples whose field matches a regular expression.",
         .outputs = "default: the fields that come in",
         .parameters = {fieldParameter("The field of the tuple that is looked at.", true),
                        {.key = "pattern",
                         .type = flow::ParameterType::Pattern,
                         .help = "A regular expression, found anywhere in the text unless ^ and $ bind it. RE2's "
                                 "syntax: Perl's without look-around and back-references.",
                         .isRequired = true,
                         .start = "."},
                        {.key = "keep",
                         .type = flow::ParameterType::Choice,
                         .help = "Which tuples pass.",
                         .defaultText = "matching",
                         .choices = {"matching", "others"}}},
         .summary = {"pattern", "field"},
         .work = filterWork},
        [](const flow::ParameterValues& parameters, const BoltSurroundings&) -> BoltResult {
            auto pattern = flow::Pattern::make(parameters.text("pattern"));
            if (!pattern) {
                return boltTrouble("pattern", pattern.error().text());
            }
            return makeFilter(parameters.text("field"), std::move(*pattern), parameters.text("keep") == "matching");
        }};
    return row;
}

}  // namespace millrace::storm
