#include "engine/flow/pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <optional>

#include "engine/base/utf8.h"

namespace millrace::flow {

namespace {

std::unique_ptr<re2::RE2> compile(const std::string& text, RE2::Options::Encoding encoding) {
    RE2::Options options;
    options.set_encoding(encoding);
    options.set_log_errors(false);
    return std::make_unique<re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
}

/// What other libraries understand and this one does not, by how it begins.
struct Foreign {
    std::string_view opening;
    std::string_view reason;
};
constexpr std::string_view lookAround =
    "look-around, which would need more than one pass over the text; match what stands around too and take a group, or "
    "use a second filter";
constexpr Foreign foreignGroups[] = {
    {"(?=", lookAround},
    {"(?!", lookAround},
    {"(?<=", lookAround},
    {"(?<!", lookAround},
    {"(?>", "an atomic group: nothing goes back here, so an ordinary group (?: ) does"},
    {"(?<", "not known here: a named group is written (?P<name> )"},
    {"(?'", "not known here: a named group is written (?P<name> )"},
    {"(?(", "a condition, which depends on what a group has found"},
    {"(?P=", "a back-reference: what a group has found cannot be asked for in the pattern"},
    {"(?P>", "a recursion: a pattern cannot contain itself"},
    {"(?R", "a recursion: a pattern cannot contain itself"},
    {"(?#", "a comment: comments cannot stand in a pattern"},
};

/// Looks for what is foreign, outside of classes and escapes.
class ForeignFinder {
public:
    explicit ForeignFinder(std::string_view pattern) : m_pattern(pattern) {}

    struct Found {
        std::size_t at = 0;
        std::string reason;
    };
    std::optional<Found> find() {
        for (std::size_t at = 0; at < m_pattern.size();) {
            if (auto found = look(at)) {
                return found;
            }
            at += widthAt(at);
        }
        return std::nullopt;
    }

private:
    std::optional<Found> look(std::size_t at) const {
        const std::string_view rest = m_pattern.substr(at);
        if (rest.front() == '\\' && rest.size() > 1) {
            return lookAtEscape(at, rest[1]);
        }
        for (const auto& [opening, reason] : foreignGroups) {
            if (rest.starts_with(opening)) {
                return Found{at, fmt::format("{} is {}", opening, reason)};
            }
        }
        const bool repeats = rest.size() > 1 && (rest[0] == '*' || rest[0] == '+' || rest[0] == '?') && rest[1] == '+';
        if (repeats) {
            return Found{at, fmt::format("{} is possessive: nothing goes back here, so {} does", rest.substr(0, 2),
                                         rest.substr(0, 1))};
        }
        return std::nullopt;
    }

    static std::optional<Found> lookAtEscape(std::size_t at, char next) {
        if ((next >= '1' && next <= '9') || next == 'k' || next == 'g') {
            return Found{at, fmt::format("\\{} is a back-reference: what a group has found cannot be asked for in the "
                                         "pattern",
                                         next)};
        }
        if (next == 'u') {
            return Found{at, "\\u is not known here: a character by its number is written \\x{20AC}"};
        }
        if (next == 'c') {
            return Found{at, "\\c is not known here: a control character is written \\x1b"};
        }
        return std::nullopt;
    }

    /// Of what stands at `at`: an escape, a class or a character.
    [[nodiscard]] std::size_t widthAt(std::size_t at) const {
        const std::string_view rest = m_pattern.substr(at);
        if (rest.starts_with("\\Q")) {
            const std::size_t end = rest.find("\\E");
            return end == std::string_view::npos ? rest.size() : end + 2;
        }
        if (rest.front() == '\\') {
            return std::min<std::size_t>(2, rest.size());
        }
        return rest.front() == '[' ? classWidth(rest) : 1;
    }

    static std::size_t classWidth(std::string_view rest) {
        std::size_t at = rest.starts_with("[^") ? 2 : 1;
        at += at < rest.size() && rest[at] == ']' ? 1 : 0;  // The first one is a member.
        while (at < rest.size() && rest[at] != ']') {
            if (rest.substr(at).starts_with("[:")) {
                const std::size_t end = rest.find(":]", at + 2);
                at = end == std::string_view::npos ? at + 1 : end + 2;
            } else {
                at += rest[at] == '\\' ? 2 : 1;
            }
        }
        return std::min(at + 1, rest.size());
    }

    std::string_view m_pattern;
};

std::size_t characterAt(std::string_view text, std::size_t byte) {
    return static_cast<std::size_t>(
               std::count_if(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(byte),
                             [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; })) +
           1;
}

/// RE2's own words, with the place when the part that it complains about stands in the pattern once.
Pattern::Trouble troubleOf(const re2::RE2& expression, const std::string& text) {
    const std::string& part = expression.error_arg();
    const std::size_t at = part.empty() ? std::string::npos : text.find(part);
    const bool isSingle = at != std::string::npos && text.find(part, at + 1) == std::string::npos;
    return {isSingle ? characterAt(text, at) : 0, expression.error()};
}

}  // namespace

std::string Pattern::Trouble::text() const {
    return character == 0 ? reason : fmt::format("at character {}: {}", character, reason);
}

Pattern::Pattern(const std::string& text)
    : m_text(text),
      m_characters(compile(text, RE2::Options::EncodingUTF8)),
      m_bytes(compile(text, RE2::Options::EncodingLatin1)) {}

Pattern::~Pattern() = default;

Result<Ref<const Pattern>, Pattern::Trouble> Pattern::make(const std::string& text) {
    if (auto foreign = ForeignFinder(text).find()) {
        return tl::unexpected(Trouble{characterAt(text, foreign->at), std::move(foreign->reason)});
    }
    auto pattern = makeRef<Pattern>(text);
    // A character that no byte can be, such as \x{20AC}, has no form for bytes: there the pattern finds nothing.
    const bool isWithoutBytes = pattern->m_bytes->error_code() == re2::RE2::ErrorBadEscape;
    if (!pattern->m_characters->ok()) {
        return tl::unexpected(troubleOf(*pattern->m_characters, text));
    }
    if (!pattern->m_bytes->ok() && !isWithoutBytes) {
        return tl::unexpected(troubleOf(*pattern->m_bytes, text));
    }
    return Ref<const Pattern>(std::move(pattern));
}

std::size_t Pattern::groupCount() const {
    return static_cast<std::size_t>(m_characters->NumberOfCapturingGroups());
}

const re2::RE2& Pattern::expressionFor(std::string_view text) const {
    return isUtf8(text) ? *m_characters : *m_bytes;
}

bool Pattern::isFoundIn(std::string_view text) const {
    return expressionFor(text).ok() &&
           expressionFor(text).Match({text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED, nullptr, 0);
}

std::vector<std::string_view> Pattern::groupsIn(std::string_view text) const {
    std::vector<re2::StringPiece> parts(groupCount() + 1);
    std::vector<std::string_view> groups;
    const re2::RE2& expression = expressionFor(text);
    if (expression.ok() && expression.Match({text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED, parts.data(),
                                            static_cast<int>(parts.size()))) {
        for (std::size_t i = 1; i < parts.size(); ++i) {
            groups.push_back(parts[i].data() == nullptr ? std::string_view{}
                                                        : std::string_view{parts[i].data(), parts[i].size()});
        }
    }
    return groups;
}

std::string namesForGroups(std::size_t names, std::size_t groups) {
    return fmt::format("{} for {} of the pattern: each group has a name, and (?:...) is none",
                       fmt::format("{} name{}", names, names == 1 ? "" : "s"),
                       fmt::format("{} group{}", groups, groups == 1 ? "" : "s"));
}

}  // namespace millrace::flow
