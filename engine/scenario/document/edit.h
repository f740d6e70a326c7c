#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/scenario/document/value.h"

namespace millrace::scenario {

/// The way from the root of a document to one of its values: keys, and places in lists, from 0, as "[0]" (or "0").
///
/// As text its steps are joined by dots, places in lists follow without one: `faults[0].for`. Since the settings of
/// Kafka and Storm have dots in their own names, everything after a step `config` is one step:
/// `cluster.config.zookeeper.session.timeout.ms` has three.
class Path {
public:
    Path() = default;
    explicit Path(std::vector<std::string> steps) : m_steps(std::move(steps)) {}

    /// Reads the text form against a document: where a key of the document has dots, the longest one that fits is
    /// taken, and where it has a list, `faults.0` is `faults[0]`.
    [[nodiscard]] static Path parse(std::string_view text, const Value& root);

    [[nodiscard]] const std::vector<std::string>& steps() const { return m_steps; }
    [[nodiscard]] bool isRoot() const { return m_steps.empty(); }
    [[nodiscard]] Path child(std::string step) const;
    [[nodiscard]] Path parent() const;
    [[nodiscard]] std::string last() const { return m_steps.empty() ? std::string() : m_steps.back(); }

    friend bool operator==(const Path&, const Path&) = default;

private:
    std::vector<std::string> m_steps;
};

[[nodiscard]] std::string toText(const Path& path);
/// The place in a list that a step names.
[[nodiscard]] std::optional<std::size_t> indexOf(std::string_view step);

/// Edits give a new document and leave the old one as it is; both share everything but the path between them.
/// Nothing is given when the edit makes no sense there, such as a key in a text or a rename to a name that is taken.
[[nodiscard]] const Value* valueAt(const Value& root, const Path& path);
/// Where in the text the path leads; where it leads nowhere, the last value on its way.
[[nodiscard]] Place placeOf(const Value& root, std::string_view path);
/// Replaces or adds; missing objects on the way are made; an index equal to a list's length appends.
[[nodiscard]] std::optional<Value> withValue(const Value& root, const Path& path, Value value);
[[nodiscard]] std::optional<Value> without(const Value& root, const Path& path);
/// Changes a key and keeps its position among its siblings.
[[nodiscard]] std::optional<Value> renamed(const Value& root, const Path& path, std::string_view newKey);

}  // namespace millrace::scenario
