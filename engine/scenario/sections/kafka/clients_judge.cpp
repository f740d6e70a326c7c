#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "engine/scenario/catalog/config_catalog.h"
#include "engine/scenario/references/judge.h"
#include "engine/scenario/sections.h"
#include "engine/scenario/sections/ingest/collections.h"
#include "engine/scenario/sections/kafka/clients_section.h"
#include "engine/scenario/sections/kafka/collections.h"
#include "engine/scenario/sections/kafka/unpaused_fetches.h"

namespace millrace::scenario {

namespace {

constexpr std::int64_t membersMax = 10'000;  // what a laptop can still hold

/// Sources, producers and consumer groups.
class ClientJudge final : private ReferenceJudge {
public:
    using ReferenceJudge::ReferenceJudge;

    void judge() {
        checkClients();
        checkMembers();
    }

private:
    void checkClients() {
        for (const Member& source : membersAt(root(), {"sources"})) {
            const std::string path = "sources." + source.key;
            referIfSet(source.value, "topic", topicNames, path);
            referIfSet(source.value, "host", hostNames, path);
            checkSourceIsUsed(source, path);
            checkDelivery(source.value, path);
        }
        for (const Member& sink : membersAt(root(), {"sinks"})) {
            referIfSet(sink.value, "topic", topicNames, "sinks." + sink.key);
            if (sink.value.find("topic") != nullptr) {
                checkDelivery(sink.value, "sinks." + sink.key);
            }
        }
        for (const Member& producer : membersAt(root(), {"clients", "producers"})) {
            const std::string path = "clients.producers." + producer.key;
            referIfSet(producer.value, "source", sourceNames, path);
            referIfSet(producer.value, "topic", topicNames, path);
            referIfSet(producer.value, "host", hostNames, path);
            checkDelivery(producer.value, path);
        }
        for (const Member& group : membersAt(root(), {"clients", "groups"})) {
            const std::string path = "clients.groups." + group.key;
            referIfSet(group.value, "host", hostNames, path);
            warnOfUnpausedFetches(*this, group.value, "fetch.min.bytes", "fetch.max.wait.ms", path);
            referEach(group.value.find("topics"), topicNames, path + ".topics");
            checkSession(group, path);
            checkHeartbeats(group, path);
            checkReadsSomething(group, path);
        }
    }

    /// What is set, or else the default of the cluster's profile.
    [[nodiscard]] std::int64_t valueOf(const Value* set, ConfigScope scope, std::string_view key) const {
        const Value* of = at(root(), {"cluster", "profile"});
        const bool isCourse = of != nullptr && of->isText() && of->asText() == "course";
        const Profile profile = isCourse ? Profile::Course : Profile::Current;
        return wholeNumberIn(set).value_or(Settings(scope, profile).integer(key));
    }

    /// Kafka's producer does not start when a delivery that was given a time is over before one request is. One that
    /// was given none takes as long as it has to. All these times are of 32 bits there, and so is the sum
    /// (KafkaProducer.configureDeliveryTimeout).
    void checkDelivery(const Value& owner, const std::string& path) {
        const Value* set = at(owner, {"config", "delivery.timeout.ms"});
        const std::optional<std::int64_t> delivery = wholeNumberIn(set);
        if (!delivery) {
            return;
        }
        constexpr std::int64_t longest = std::numeric_limits<std::int32_t>::max();
        const auto of = [&](std::string_view key) {
            return std::clamp<std::int64_t>(valueOf(at(owner, {"config", key}), producerScope, key), 0, longest);
        };
        const std::int64_t linger = of("linger.ms");
        const std::int64_t request = of("request.timeout.ms");
        if (*delivery < std::min(linger + request, longest)) {
            error(set->place(), path + ".config.delivery.timeout.ms",
                  fmt::format("{} is less than linger.ms, {}, and request.timeout.ms, {}, together: Kafka's producer "
                              "does not start with these",
                              *delivery, linger, request));
        }
    }

    /// Kafka's consumer does not start when its session is over before it says that it is there.
    void checkHeartbeats(const Member& group, const std::string& path) {
        const Value* heartbeat = at(group.value, {"config", "heartbeat.interval.ms"});
        const Value* session = at(group.value, {"config", "session.timeout.ms"});
        const std::int64_t interval = valueOf(heartbeat, consumerScope, "heartbeat.interval.ms");
        const std::int64_t timeout = valueOf(session, consumerScope, "session.timeout.ms");
        const Value* set = heartbeat != nullptr ? heartbeat : session;
        if (set != nullptr && interval >= timeout) {
            error(set->place(), path + ".config.heartbeat.interval.ms",
                  fmt::format("{} is not less than session.timeout.ms, {}: Kafka's consumer does not start with these",
                              interval, timeout));
        }
    }

    void checkReadsSomething(const Member& group, const std::string& path) {
        const Value* topics = group.value.find("topics");
        if (topics != nullptr && topics->isList() && topics->items().empty()) {
            error(topics->place(), path + ".topics",
                  "this group reads nothing: Kafka's consumer refuses to poll without a topic");
        }
    }

    void checkMembers() {
        std::int64_t members = 0;
        for (const Member& group : membersAt(root(), {"clients", "groups"})) {
            members += countIn(group.value, "members", 1);
        }
        bound(members, membersMax, "members of groups", "clients");
    }

    /// A session that is too short or too long for the coordinator is refused for good.
    void checkSession(const Member& group, const std::string& path) {
        const Value* set = at(group.value, {"config", "session.timeout.ms"});
        const std::int64_t session = valueOf(set, consumerScope, "session.timeout.ms");
        const auto bound = [&](std::string_view key) {
            return valueOf(at(root(), {"cluster", "config", key}), brokerScope, key);
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
        const auto all = sections();
        const bool isReadElsewhere =
            std::any_of(all.begin(), all.end(), [&](const Section* each) { return each->reads(root(), source.key); });
        if (!hasTopic && uses == 0 && !isReadElsewhere) {
            warning(source.keyPlace, path, "nothing reads this source: it has no \"topic\" and no producer",
                    Complaint::Code::SourceWithoutProducer);
        }
        if (uses + (hasTopic ? 1 : 0) > 1) {
            error(source.keyPlace, path, "only one producer can read a source");
        }
    }
};

}  // namespace

void ClientsSection::judge(const Value& root, const KnownNames& known, Complaints& complaints) const {
    ClientJudge(root, known, complaints).judge();
}

void ClientsSection::addLoad(const Value& root, HostLoad& load) const {
    const auto isAlone = [](const Member& each) { return each.value.find("host") == nullptr; };
    for (const Member& producer : membersAt(root, {"clients", "producers"})) {
        load.ownHosts += isAlone(producer) ? 1 : 0;
    }
    for (const Member& group : membersAt(root, {"clients", "groups"})) {
        load.ownHosts += isAlone(group) ? countIn(group.value, "members", 1) : 0;
    }
}

bool ClientsSection::hasGroups(const Value& root) const {
    return !membersAt(root, {"clients", "groups"}).empty();
}

}  // namespace millrace::scenario
