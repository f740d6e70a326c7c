#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/result.h"

namespace re2 {
class RE2;
}

namespace millrace::flow {

/// A regular expression of a user with its text: immutable and shared. Finds anywhere in a text unless anchored; of
/// several matches it takes the first, and in it what Perl would. The syntax is RE2's: what Perl and ECMAScript know
/// but for look-around, back-references, and possessive or atomic groups. In return the work is linear in the text,
/// whatever the pattern, and never recurses, so that no line of a log can hold a run up.
///
/// Characters are those of UTF-8. In a text that is not UTF-8 each byte counts as a character.
class Pattern final : public Counted {
public:
    /// What is wrong with a pattern, and at which of its characters (from 1; 0 when it is about the whole).
    struct Trouble {
        std::size_t character = 0;
        std::string reason;
        [[nodiscard]] std::string text() const;  ///< "at character 4: ..."
    };

    [[nodiscard]] static Result<Ref<const Pattern>, Trouble> make(const std::string& text);
    explicit Pattern(const std::string& text);
    Pattern(const Pattern&) = delete;
    Pattern& operator=(const Pattern&) = delete;
    ~Pattern() override;

    [[nodiscard]] const std::string& text() const { return m_text; }
    [[nodiscard]] std::size_t groupCount() const;
    [[nodiscard]] bool isFoundIn(std::string_view text) const;
    /// The groups 1, 2, ... of the first match, as views into `text`; empty when there is none.
    [[nodiscard]] std::vector<std::string_view> groupsIn(std::string_view text) const;

private:
    [[nodiscard]] const re2::RE2& expressionFor(std::string_view text) const;

    std::string m_text;
    std::unique_ptr<re2::RE2> m_characters;
    std::unique_ptr<re2::RE2> m_bytes;
};

/// What is wrong where a pattern's groups and the names for them are not as many.
[[nodiscard]] std::string namesForGroups(std::size_t names, std::size_t groups);

}  // namespace millrace::flow
