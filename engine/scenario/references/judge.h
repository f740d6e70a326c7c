#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/scenario/document/complaint.h"
#include "engine/scenario/document/value.h"

namespace millrace::scenario {

using Names = std::vector<std::string_view>;

[[nodiscard]] Names namesOf(const Value* map);
[[nodiscard]] bool contains(const Names& names, std::string_view name);
/// Where the steps lead, or null.
[[nodiscard]] const Value* at(const Value& root, std::initializer_list<std::string_view> steps);
[[nodiscard]] std::span<const Member> membersAt(const Value& root, std::initializer_list<std::string_view> steps);
[[nodiscard]] std::string textOf(const Value& object, std::string_view key, std::string_view otherwise = {});

/// What a document names, by kind: what its references can lead to.
struct KnownNames {
    explicit KnownNames(const Value& root);

    Names hosts;
    Names topics;
    Names sources;
    Names sinks;
    Names brokers;
    Names servers;
    Names supervisors;
    Names topologies;
    Names producers;
};

/// What the judges of the parts of a document have in common. None outlives the document that it judges.
class ReferenceJudge {
public:
    ReferenceJudge(const Value& root, const KnownNames& known, Complaints& complaints)
        : m_root(root), m_known(known), m_complaints(complaints) {}

protected:
    [[nodiscard]] const Value& root() const { return m_root; }
    [[nodiscard]] const KnownNames& known() const { return m_known; }

    void error(Place place, std::string path, std::string message);
    void warning(Place place, std::string path, std::string message, Complaint::Code code = Complaint::Code::Other);
    /// "; did you mean ...?" while there are few complaints.
    [[nodiscard]] std::string hint(std::string_view name, const Names& names) const;
    /// The value is a name that must be known.
    void refer(const Value& value, std::string_view what, const Names& names, const std::string& path);
    void referIfSet(const Value& object, std::string_view key, std::string_view what, const Names& names,
                    const std::string& path);
    void referEach(const Value* list, std::string_view what, const Names& names, const std::string& path);
    /// A reader whose broker may not hold a fetch back asks without a pause.
    void warnOfUnpausedFetches(const Value& owner, std::string_view least, std::string_view longest,
                               const std::string& path);
    /// The object has the key.
    void require(const Value& object, std::string_view key, std::string_view help, const std::string& path);

private:
    const Value& m_root;
    const KnownNames& m_known;
    Complaints& m_complaints;
};

void judgeSizes(const Value& root, const KnownNames& known, Complaints& complaints);
void judgeCluster(const Value& root, const KnownNames& known, Complaints& complaints);
void judgeClients(const Value& root, const KnownNames& known, Complaints& complaints);
void judgeTopologies(const Value& root, const KnownNames& known, Complaints& complaints);
void judgeComponentConfig(const Value& root, const KnownNames& known, Complaints& complaints);
void judgeSinks(const Value& root, const KnownNames& known, Complaints& complaints);
void judgeFaults(const Value& root, const KnownNames& known, Complaints& complaints);

}  // namespace millrace::scenario
