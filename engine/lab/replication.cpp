#include <fmt/format.h>

#include <map>
#include <memory>
#include <utility>

#include "engine/lab/committed_history.h"
#include "engine/lab/invariant.h"

namespace millrace::lab {

namespace {

class ReplicasAgree final : public Invariant {
public:
    explicit ReplicasAgree(HistoryRef history) : m_history(std::move(history)) {}
    [[nodiscard]] std::string_view name() const override { return "replicas-agree"; }
    [[nodiscard]] std::string_view statement() const override {
        return "All replicas of a partition have the same records below their high watermarks";
    }
    void forget() override { m_history->forget(); }
    void observe(const sim::World& world) override {
        const CommittedHistory::Findings& found = m_history->update(world);
        check(found.compared);
        if (!found.diverged.empty()) {
            violate(world, found.diverged);
        }
    }

private:
    HistoryRef m_history;
};

class CommittedRecordsStay final : public Invariant {
public:
    explicit CommittedRecordsStay(HistoryRef history) : m_history(std::move(history)) {}
    [[nodiscard]] std::string_view name() const override { return "committed-records-stay"; }
    [[nodiscard]] std::string_view statement() const override {
        return "A record below a leader's high watermark is never lost or replaced under clean election, and no "
               "leader's own high watermark moves back";
    }
    void forget() override { m_history->forget(); }
    void observe(const sim::World& world) override {
        const CommittedHistory::Findings& found = m_history->update(world);
        check(found.watched);
        if (!found.lost.empty()) {
            violate(world, found.lost);
        }
    }

private:
    HistoryRef m_history;
};

class OneLeaderPerEpoch final : public Invariant {
public:
    explicit OneLeaderPerEpoch(PartitionLooksRef looks) : m_looks(std::move(looks)) {}
    [[nodiscard]] std::string_view name() const override { return "one-leader-per-epoch"; }
    [[nodiscard]] std::string_view statement() const override {
        return "A leader epoch of a partition, and an epoch of the controller, belongs to one broker";
    }
    void forget() override {
        m_leaders.clear();
        m_controllers.clear();
        m_looks->forget();
    }
    void observe(const sim::World& world) override {
        m_looks->update(world);
        for (const kafka::TopicPartition& name : m_looks->changed()) {
            const std::optional<PartitionLook> look = m_looks->find(name);
            for (std::size_t i = 0; look && i < look->replicas.size(); ++i) {
                const ReplicaLook& replica = look->replicas[i];
                if (replica.replica->isLeader()) {
                    claim(world, m_leaders[name], replica.replica->leaderEpoch().value, replica.broker,
                          [&] { return toText(name); });
                }
            }
        }
        m_looks->forEachBroker([&](const kafka::Broker& broker) {
            if (broker.controller().isActive()) {
                claim(world, m_controllers, broker.controller().epoch().value, broker.config().id,
                      [] { return std::string{"the cluster"}; });
            }
        });
    }

private:
    using Owners = std::map<std::int32_t, kafka::BrokerId>;

    void claim(const sim::World& world, Owners& owners, std::int32_t epoch, kafka::BrokerId broker, auto&& what) {
        const auto [owner, isFirst] = owners.try_emplace(epoch, broker);
        expect(world, isFirst || owner->second == broker, [&] {
            return fmt::format("brokers {} and {} both lead {} in epoch {}", owner->second.value, broker.value, what(),
                               epoch);
        });
        constexpr std::size_t kept = 64;
        while (owners.size() > kept) {
            owners.erase(owners.begin());
        }
    }

    PartitionLooksRef m_looks;
    std::map<kafka::TopicPartition, Owners> m_leaders;
    Owners m_controllers;
};

}  // namespace

void addReplicationInvariants(Invariants& to) {
    auto looks = std::make_shared<PartitionLooks>();
    auto history = std::make_shared<CommittedHistory>(looks);
    to.push_back(std::make_unique<OneLeaderPerEpoch>(looks));
    to.push_back(std::make_unique<ReplicasAgree>(history));
    to.push_back(std::make_unique<CommittedRecordsStay>(history));
    to.push_back(makeAcknowledgedRecordsSurvive(history));
    to.push_back(makeOneOwnerPerGeneration(history));
}

}  // namespace millrace::lab
