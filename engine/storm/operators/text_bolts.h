#pragma once

#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "engine/storm/runtime/operator.h"

namespace millrace::storm {

/// A pattern with its text. Immutable and shared. ECMAScript syntax; finds anywhere in the text unless anchored.
/// Texts longer than `textMax` are looked at up to there: the library's matcher recurses with the length.
class Pattern final : public Counted {
public:
    static constexpr std::size_t textMax = 16 * 1024;

    [[nodiscard]] static Result<Ref<const Pattern>, std::string> make(const std::string& text);

    [[nodiscard]] const std::string& text() const { return m_text; }
    [[nodiscard]] std::size_t groupCount() const { return m_regex.mark_count(); }
    [[nodiscard]] bool isFoundIn(std::string_view text) const;
    /// The groups 1, 2, ... of the first match, as views into `text`; empty when there is none.
    [[nodiscard]] std::vector<std::string_view> groupsIn(std::string_view text) const;

    Pattern(std::string text, std::regex regex) : m_text(std::move(text)), m_regex(std::move(regex)) {}

private:
    std::string m_text;
    std::regex m_regex;
};

/// Cuts a text field into parts and emits one tuple (word) a part. Without a separator: at white space, no empty parts;
/// with one: at each occurrence, empty parts included.
[[nodiscard]] Ref<const BoltFactory> makeSplit(std::string field, std::string separator);

/// Passes on the tuples whose field matches the pattern (or those that do not), with all their fields.
[[nodiscard]] Ref<const BoltFactory> makeFilter(std::string field, Ref<const Pattern> pattern, bool keepMatching);

/// Index of `field` in `fields`; without a name "line", "value" or "word" when there is one, else the first. The error
/// names what is missing.
[[nodiscard]] Result<std::size_t, std::string> fieldIndex(const std::vector<std::string>& fields,
                                                          const std::string& field);

/// The same for each input of a component.
[[nodiscard]] std::vector<std::size_t> fieldIndices(const Component& component, const std::string& field);

}  // namespace millrace::storm
