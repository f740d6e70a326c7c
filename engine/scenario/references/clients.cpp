#include "engine/scenario/references/judge.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::scenario {

namespace {

/// Sources, producers and consumer groups.
class ClientJudge final : private ReferenceJudge {
public:
    using ReferenceJudge::ReferenceJudge;

    void judge() { checkClients(); }

private:
    void checkClients() {
        for (const Member& source : membersAt(root(), {"sources"})) {
            const std::string path = "sources." + source.key;
            referIfSet(source.value, "topic", "topic", known().topics, path);
            referIfSet(source.value, "host", "host", known().hosts, path);
            checkSourceIsUsed(source, path);
            if (textOf(source.value, "kind") == "file" && source.value.find("path") == nullptr) {
                error(source.value.place(), path + ".path", "\"path\" is missing: the file whose lines are sent");
            }
        }
        for (const Member& producer : membersAt(root(), {"clients", "producers"})) {
            const std::string path = "clients.producers." + producer.key;
            referIfSet(producer.value, "source", "source", known().sources, path);
            referIfSet(producer.value, "topic", "topic", known().topics, path);
            referIfSet(producer.value, "host", "host", known().hosts, path);
        }
        for (const Member& group : membersAt(root(), {"clients", "groups"})) {
            const std::string path = "clients.groups." + group.key;
            referIfSet(group.value, "host", "host", known().hosts, path);
            warnOfUnpausedFetches(group.value, "fetch.min.bytes", "fetch.max.wait.ms", path);
            referEach(group.value.find("topics"), "topic", known().topics, path + ".topics");
        }
    }

    void checkSourceIsUsed(const Member& source, const std::string& path) {
        const auto producers = membersAt(root(), {"clients", "producers"});
        const auto uses = std::count_if(producers.begin(), producers.end(),
                                        [&](const Member& each) { return textOf(each.value, "source") == source.key; });
        const bool hasTopic = source.value.find("topic") != nullptr;
        if (!hasTopic && uses == 0) {
            warning(source.keyPlace, path, "nothing reads this source: it has no \"topic\" and no producer",
                    Complaint::Code::SourceWithoutProducer);
        }
        if (uses + (hasTopic ? 1 : 0) > 1) {
            error(source.keyPlace, path, "only one producer can read a source");
        }
    }
};

}  // namespace

void judgeClients(const Value& root, const KnownNames& known, Complaints& complaints) {
    ClientJudge(root, known, complaints).judge();
}

}  // namespace millrace::scenario
