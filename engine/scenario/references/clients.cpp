#include "engine/scenario/references/judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/scenario/catalog/config_catalog.h"

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
            checkSession(group, path);
        }
    }

    /// A session that is too short or too long for the coordinator is refused for good.
    void checkSession(const Member& group, const std::string& path) {
        const Value* of = at(root(), {"cluster", "profile"});
        const bool isCourse = of != nullptr && of->isText() && of->asText() == "course";
        const Profile profile = isCourse ? Profile::Course : Profile::Current;
        const auto valueOf = [&](const Value* set, ConfigScope scope, std::string_view key) {
            return set != nullptr && set->isInteger() ? set->asInteger() : Settings(scope, profile).integer(key);
        };
        const Value* set = at(group.value, {"config", "session.timeout.ms"});
        const std::int64_t session = valueOf(set, ConfigScope::Consumer, "session.timeout.ms");
        const auto bound = [&](std::string_view key) {
            return valueOf(at(root(), {"cluster", "config", key}), ConfigScope::Broker, key);
        };
        const std::int64_t least = bound("group.min.session.timeout.ms");
        const std::int64_t most = bound("group.max.session.timeout.ms");
        if (session < least || session > most) {
            warning(set == nullptr ? group.keyPlace : set->place(), path + ".config.session.timeout.ms",
                    fmt::format("{} is not between the brokers' group.min.session.timeout.ms, {}, and "
                                "group.max.session.timeout.ms, {}: every member is refused (error 26, "
                                "INVALID_SESSION_TIMEOUT) and ends",
                                session, least, most));
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
