#include "engine/kafka/waits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "engine/kafka/client/producer_process.h"
#include "engine/kafka/server/broker.h"
#include "engine/kafka/zk/znodes.h"
#include "engine/observe/wording.h"
#include "engine/sim/silence.h"

namespace millrace::kafka {

namespace {

using observe::counted;
using observe::LifeState;
using observe::WaitView;

constexpr SimDuration answerTime = std::chrono::milliseconds{500};  // after linger.ms; what takes longer is told

}  // namespace

const Waits::Absence* Waits::absenceOf(std::int32_t broker) {
    const auto known = m_absences.find(broker);
    if (known != m_absences.end()) {
        return known->second ? &*known->second : nullptr;
    }
    std::optional<Absence>& absence = m_absences[broker];
    const observe::ObjectId id = observe::brokerId(broker);
    for (const observe::BrokerView& view : m_cluster.brokers) {
        if (view.id == id && view.state != LifeState::Running) {
            absence = Absence{&view, zookeeper::ownerOf(m_world, znodes::broker(BrokerId{broker}))};
        }
    }
    return absence ? &*absence : nullptr;
}

WaitView Waits::waitFor(const Absence& absence, std::string text) const {
    WaitView wait;
    wait.on = absence.broker->id;
    wait.brief = "waits for " + observe::titleOf(absence.broker->id);
    wait.text = std::move(text);
    const sim::Silence silence = sim::silenceOf(m_world, fmt::format("broker/{}", observe::nameOf(absence.broker->id)));
    wait.since = silence.since;
    wait.entry = silence.entry.value;
    if (absence.owner) {
        wait.until = absence.owner->expires;
    }
    return wait;
}

/// "broker 1 is down, and nobody else is elected before its session with ZooKeeper expires, at 23.0 s"
std::string Waits::whyStillLeader(const Absence& absence) const {
    const std::string gone =
        fmt::format("{} {}", observe::titleOf(absence.broker->id), conditionOf(absence.broker->state));
    if (absence.owner) {
        return fmt::format("{}, and nobody else is elected before its session with ZooKeeper expires, at {}", gone,
                           observe::instant(absence.owner->expires));
    }
    if (!m_cluster.hasQuorum) {
        return fmt::format("{}, and ZooKeeper has no quorum, so no session expires and nobody is elected", gone);
    }
    if (m_cluster.controller < 0) {
        return fmt::format("{}, and there is no controller that could elect another", gone);
    }
    return fmt::format("{}, and broker {}, the controller, is about to elect another", gone, m_cluster.controller);
}

WaitView Waits::readObstacle(const observe::PartitionView& partition) {
    if (partition.leader >= 0) {
        const Absence* absence = absenceOf(partition.leader);
        return absence == nullptr ? WaitView{} : waitFor(*absence, whyStillLeader(*absence));
    }
    WaitView wait;
    std::vector<std::string> candidates;
    for (const std::int32_t id : partition.inSync) {
        candidates.push_back(fmt::format("broker {}", id));
        if (const Absence* absence = absenceOf(id)) {
            wait = waitFor(*absence, {});
        }
    }
    wait.brief = "waits for " + observe::listed(candidates);
    wait.text = wait.on.empty()
                    ? std::string{"it has no leader, and the controller is about to elect one"}
                    : fmt::format(
                          "it has no leader: {} must come back, as a replica outside the in-sync set could lack "
                          "acknowledged records and is elected only with unclean.leader.election.enable",
                          fmt::join(candidates, " or "));
    return wait;
}

WaitView Waits::writeObstacle(const observe::TopicView& topic, const observe::PartitionView& partition) {
    WaitView wait = readObstacle(partition);
    if (!wait.text.empty()) {
        return wait;
    }
    if (std::cmp_less(partition.inSync.size(), topic.minInSync)) {
        for (const std::int32_t id : partition.replicas) {
            if (const Absence* absence = absenceOf(id)) {
                wait = waitFor(*absence, {});
            }
        }
        wait.brief = "waits for in-sync replicas";
        wait.text = fmt::format(
            "the in-sync set {{{}}} is smaller than min.insync.replicas, {}, so writes with acks=all are refused",
            fmt::join(partition.inSync, ", "), topic.minInSync);
        return wait;
    }
    for (const std::int32_t id : partition.inSync) {
        if (const Absence* absence = absenceOf(id)) {
            return waitFor(*absence, fmt::format("with acks=all every in-sync replica must have a record, and broker "
                                                 "{}, still in the set, {}",
                                                 id, conditionOf(absence->broker->state)));
        }
    }
    return wait;
}

WaitView Waits::writeObstacle(const TopicPartition& partition, Acks acks) {
    const auto topic = std::find_if(m_cluster.topics.begin(), m_cluster.topics.end(),
                                    [&](const auto& each) { return each.name == partition.topic.text(); });
    const auto index = static_cast<std::size_t>(partition.partition.value);
    if (topic == m_cluster.topics.end() || index >= topic->partitions.size()) {
        return {};
    }
    const observe::PartitionView& view = topic->partitions[index];
    return acks == Acks::All ? writeObstacle(*topic, view) : readObstacle(view);
}

std::vector<WaitView> Waits::producers() {
    std::vector<WaitView> waits;
    for (const observe::ProducerView& producer : m_cluster.producers) {
        std::map<std::string, Together> byReason;
        std::int64_t held = 0;
        for (const ProducerBacklog& backlog : producerBacklog(m_world, observe::nameOf(producer.id))) {
            held += backlog.records;
            if (m_world.now() - backlog.overdueAt < answerTime) {
                continue;
            }
            WaitView wait = writeObstacle(backlog.partition, backlog.acks);
            if (wait.text.empty()) {
                wait.brief = "waits for acknowledgements";
                wait.text = "the brokers' answers take long";
            }
            Together& together = byReason[wait.text];
            together.wait = std::move(wait);
            together.partitions.push_back(toText(backlog.partition));
            together.records += backlog.records;
            together.oldest = std::min(together.oldest, backlog.oldest);
            together.givenUpAt = std::min(together.givenUpAt, backlog.givenUpAt);
        }
        if (!byReason.empty()) {
            waits.push_back(tellProducer(producer, byReason, held));
        }
    }
    return waits;
}

namespace {

/// As the window writes numbers: 1,481.
std::string grouped(std::int64_t number) {
    std::string digits = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
        digits.insert(static_cast<std::size_t>(at), ",");
    }
    return digits;
}

}  // namespace

/// One wait, whatever the number of reasons: that of most records first. All that the producer holds is named beside
/// those that wait for something, for its card tells that number.
WaitView Waits::tellProducer(const observe::ProducerView& producer, const std::map<std::string, Together>& byReason,
                             std::int64_t held) const {
    std::vector<const Together*> inOrder;
    for (const auto& [reason, together] : byReason) {
        inOrder.push_back(&together);
    }
    std::stable_sort(inOrder.begin(), inOrder.end(),
                     [](const Together* a, const Together* b) { return a->records > b->records; });
    WaitView wait = inOrder.front()->wait;
    wait.object = producer.id;
    wait.text.clear();
    wait.since = SimTime::max();
    SimTime givenUpAt = SimTime::max();
    for (const Together* together : inOrder) {
        std::string reason = together->wait.text;
        if (!wait.text.empty()) {  // a sentence of its own
            reason.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(reason.front())));
        }
        const std::string of = together->records == held ? "" : grouped(together->records) + " of ";
        wait.text += fmt::format("{}: {}{} held {} for {}. ", reason, of, grouped(held),
                                 together->records == 1 && held == 1 ? "record waits" : "records wait",
                                 observe::listed(together->partitions));
        wait.since = std::min(wait.since, together->oldest);
        givenUpAt = std::min(givenUpAt, together->givenUpAt);
    }
    wait.text += fmt::format(
        "The oldest waits for {:.1f} s; they are kept and sent again, and given up from {} on "
        "(delivery.timeout.ms)",
        seconds(m_world.now() - wait.since), observe::instant(givenUpAt));
    return wait;
}

std::map<std::string, Waits::Together> Waits::unreadable(const observe::TopicView& topic) {
    std::map<std::string, Together> byReason;
    for (const observe::PartitionView& partition : topic.partitions) {
        WaitView wait = readObstacle(partition);
        if (!wait.text.empty()) {
            Together& together = byReason[wait.text];
            together.wait = std::move(wait);
            together.partitions.push_back(fmt::format("{}-{}", topic.name, partition.partition));
        }
    }
    return byReason;
}

std::vector<WaitView> Waits::reader(const observe::ObjectId& who, std::string_view name) {
    std::vector<WaitView> waits;
    for (const observe::TopicView& topic : m_cluster.topics) {
        if (topic.name != name) {
            continue;
        }
        for (auto& [reason, together] : unreadable(topic)) {
            WaitView& wait = waits.emplace_back(std::move(together.wait));
            wait.object = who;
            wait.brief = fmt::format("cannot read {} of {}", together.partitions.size(), topic.partitions.size());
            wait.text = fmt::format("{}: {} cannot be read", reason, observe::listed(together.partitions));
        }
    }
    return waits;
}

std::vector<WaitView> Waits::topics() {
    std::vector<WaitView> waits;
    for (const observe::TopicView& topic : m_cluster.topics) {
        for (auto& [reason, together] : unreadable(topic)) {
            WaitView& wait = waits.emplace_back(std::move(together.wait));
            wait.object = topic.id;
            wait.text =
                fmt::format("{}: {} can be neither written nor read", reason, observe::listed(together.partitions));
        }
    }
    return waits;
}

std::optional<std::string> whyNoCoordinator(const sim::World& world) {
    std::int32_t wanted = 0;
    std::int32_t alive = 0;
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const std::string& name = world.process(sim::ProcessId{i}).name();
        const auto* broker = name.starts_with("broker/") ? world.findActor<Broker>(name + "/server") : nullptr;
        if (broker == nullptr || !broker->registration().isRegistered()) {
            continue;
        }
        if (broker->metadata().hasTopic(TopicName{consumerOffsetsTopic})) {
            return std::nullopt;
        }
        ++alive;
        wanted = std::max<std::int32_t>(wanted, broker->config().offsetsTopicReplicationFactor);
    }
    if (alive == 0 || alive >= wanted) {
        return std::nullopt;
    }
    return fmt::format(
        "{} cannot be created, as offsets.topic.replication.factor asks for {} and {} alive; FindCoordinator is "
        "answered "
        "COORDINATOR_NOT_AVAILABLE until there are enough",
        consumerOffsetsTopic, counted(wanted, "broker"), alive == 1 ? "1 is" : fmt::format("{} are", alive));
}

std::vector<WaitView> Waits::groups() {
    std::vector<WaitView> waits;
    const std::optional<std::string> why = whyNoCoordinator(m_world);
    for (const observe::GroupView& group : m_cluster.groups) {
        if (why && group.coordinator < 0) {
            WaitView& wait = waits.emplace_back();
            wait.object = group.id;
            wait.brief = "waits for a coordinator";
            wait.text = *why;
        }
    }
    return waits;
}

/// A broker that is back follows at first: what it led before it gets at the preferred leader election.
std::optional<WaitView> Waits::leadership(const observe::BrokerView& broker) const {
    const std::int32_t id = std::stoi(std::string{observe::nameOf(broker.id)});
    std::int64_t preferring = 0;
    std::int64_t led = 0;
    bool mayLeadMore = false;
    for (const observe::TopicView& topic : m_cluster.topics) {
        for (const observe::PartitionView& partition : topic.partitions) {
            if (partition.replicas.empty() || partition.replicas.front() != id) {
                continue;
            }
            ++preferring;
            const bool isInSync =
                std::find(partition.inSync.begin(), partition.inSync.end(), id) != partition.inSync.end();
            led += partition.leader == id ? 1 : 0;
            mayLeadMore = mayLeadMore || (partition.leader >= 0 && partition.leader != id && isInSync);
        }
    }
    const auto* controller = m_world.findActor<Broker>(fmt::format("broker/{}/server", m_cluster.controller));
    if (!mayLeadMore || controller == nullptr) {
        return std::nullopt;
    }
    WaitView wait;
    wait.object = broker.id;
    wait.brief = fmt::format("leads {} of {}", led, preferring);
    const std::string stand = fmt::format("it leads {} of the {} that it is to lead (it is their first replica)", led,
                                          counted(preferring, "partition"));
    const auto balance = controller->controller().balance();
    if (!balance) {
        wait.text = stand + ", and keeps to that: auto.leader.rebalance.enable is false";
        return wait;
    }
    if ((preferring - led) * 100 <= preferring * balance->percentAllowed) {
        wait.text =
            fmt::format("{}, and keeps to that: leader.imbalance.per.broker.percentage lets {} % stay with others",
                        stand, balance->percentAllowed);
        return wait;
    }
    wait.until = balance->next;
    wait.brief += " until " + observe::instant(balance->next);
    wait.tellsEnd = true;
    wait.text = fmt::format(
        "{}; the controller hands it the rest at its next preferred leader election, at {} "
        "(leader.imbalance.check.interval.seconds)",
        stand, observe::instant(balance->next));
    return wait;
}

/// A broker that is to stop waits between its requests to the controller.
std::optional<WaitView> Waits::handingOver(const observe::BrokerView& broker) const {
    const auto* actor = m_world.findActor<Broker>(fmt::format("broker/{}/server", observe::nameOf(broker.id)));
    const auto retry = actor != nullptr ? actor->shutdown().retry() : std::nullopt;
    if (!retry) {
        return std::nullopt;
    }
    WaitView wait;
    wait.object = broker.id;
    wait.until = retry->again;
    wait.brief = "hands over again at " + observe::instant(retry->again);
    wait.tellsEnd = true;
    wait.text = fmt::format(
        "it is to stop and could not hand over what it leads: {}; at {} (controlled.shutdown.retry.backoff.ms) {}",
        retry->why, observe::instant(retry->again),
        retry->triesLeft > 0 ? "it asks the controller again" : "it stops all the same");
    return wait;
}

std::vector<WaitView> Waits::brokers() {
    std::vector<WaitView> waits;
    for (const observe::BrokerView& broker : m_cluster.brokers) {
        const Absence* absence = absenceOf(std::stoi(std::string{observe::nameOf(broker.id)}));
        if (absence == nullptr) {
            auto wait = handingOver(broker);
            if (!wait) {
                wait = leadership(broker);
            }
            if (wait) {
                waits.push_back(std::move(*wait));
            }
            continue;
        }
        if (!absence->owner) {
            continue;
        }
        WaitView& wait = waits.emplace_back(waitFor(*absence, {}));
        wait.object = broker.id;
        wait.on = absence->owner->leader;
        const std::string session = zookeeper::toText(absence->owner->session);
        const std::string end = observe::instant(wait.until);
        const sim::ProcessId process = m_world.findProcess(fmt::format("broker/{}", observe::nameOf(broker.id)));
        const SimTime again = m_world.process(process).startsAgainAt;
        if (again != SimTime::max()) {
            wait.brief = "ended by itself, starts again at " + observe::instant(again);
            wait.text = fmt::format(
                "it ended by itself and starts again at {}; ZooKeeper keeps its session of before, {}, until {}, and "
                "until "
                "then it counts as alive, leads what it led, and a start that finds its old node ends",
                observe::instant(again), session, end);
        } else {
            wait.brief = "counts as alive until " + end;
            wait.tellsEnd = true;
            wait.text = fmt::format(
                "it {}, and ZooKeeper keeps its session {} until no heartbeat has come for the "
                "session's time-out, at {}: until then it counts as alive and leads what it led",
                conditionOf(broker.state), session, end);
        }
    }
    return waits;
}

}  // namespace millrace::kafka
