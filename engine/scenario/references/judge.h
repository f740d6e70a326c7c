#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/link_ends.h"
#include "engine/scenario/collection.h"
#include "engine/scenario/document/complaint.h"
#include "engine/scenario/document/value.h"

namespace millrace::scenario {

[[nodiscard]] bool contains(const Names& names, std::string_view name);
/// Where the steps lead, or null.
[[nodiscard]] const Value* at(const Value& root, std::initializer_list<std::string_view> steps);
[[nodiscard]] std::span<const Member> membersAt(const Value& root, std::initializer_list<std::string_view> steps);
[[nodiscard]] std::string textOf(const Value& object, std::string_view key, std::string_view otherwise = {});
/// A number as far as it can be counted with; what is far beyond any bound is complained about as it is.
[[nodiscard]] std::int64_t countIn(const Value& object, std::string_view key, std::int64_t otherwise);
/// A setting's value as the plan reads it, which takes a number or a flag and a text of the same for alike; nothing
/// where none is set, or something else.
[[nodiscard]] std::optional<std::int64_t> wholeNumberIn(const Value* setting);
[[nodiscard]] std::optional<bool> flagIn(const Value* setting);

/// What a document names: what its references can lead to. Must not outlive the document.
class KnownNames {
public:
    explicit KnownNames(const Value& root) : m_root(root) {}
    [[nodiscard]] const Names& of(const Collection& collection) const;

private:
    const Value& m_root;
    mutable std::map<std::string_view, Names> m_names;  ///< by path, as asked for
};

/// What the judges of the parts of a document have in common. None outlives the document that it judges.
class ReferenceJudge {
public:
    ReferenceJudge(const Value& root, const KnownNames& known, Complaints& complaints)
        : m_root(root), m_known(known), m_complaints(complaints) {}

    [[nodiscard]] const Value& root() const { return m_root; }
    [[nodiscard]] const Names& names(const Collection& collection) const { return m_known.of(collection); }
    /// "; did you mean ...?" while there are few complaints.
    [[nodiscard]] std::string hint(std::string_view name, const Names& names) const;
    /// "there is no broker "7"", or nothing where there is one.
    [[nodiscard]] std::optional<std::string> missing(std::string_view what, std::string_view name,
                                                     const Names& names) const;
    [[nodiscard]] std::optional<std::string> missing(std::string_view name, const Collection& collection) const {
        return missing(collection.noun, name, names(collection));
    }

    void error(Place place, std::string path, std::string message);
    void warning(Place place, std::string path, std::string message, Complaint::Code code = Complaint::Code::Other);
    /// The value is a name that must be known.
    void refer(const Value& value, std::string_view what, const Names& names, const std::string& path);
    void referIfSet(const Value& object, std::string_view key, std::string_view what, const Names& names,
                    const std::string& path);
    void referIfSet(const Value& object, std::string_view key, const Collection& collection, const std::string& path) {
        referIfSet(object, key, collection.noun, names(collection), path);
    }
    void referEach(const Value* list, const Collection& collection, const std::string& path);
    /// The object has the key.
    void require(const Value& object, std::string_view key, std::string_view help, const std::string& path);
    /// Complains at a part of the document whose sum is beyond what a scenario may have.
    void bound(std::int64_t count, std::int64_t most, std::string_view what, const std::string& path);

private:
    const Value& m_root;
    const KnownNames& m_known;
    Complaints& m_complaints;
};

// The judges of what belongs to no system.
void judgeLoad(const Value& root, const KnownNames& known, Complaints& complaints);
void judgeLinks(const Value& root, const KnownNames& known, Complaints& complaints);
void judgeFaults(const Value& root, const KnownNames& known, Complaints& complaints);

/// What is wrong with the name of a link that can be read in several ways.
[[nodiscard]] std::string severalLinks(const std::vector<LinkEnds>& ends);

}  // namespace millrace::scenario
