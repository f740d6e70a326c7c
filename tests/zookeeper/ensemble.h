#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "engine/sim/world.h"
#include "engine/zookeeper/client.h"
#include "engine/zookeeper/server_actor.h"

namespace millrace::zookeeper::testing {

using namespace std::chrono_literals;

/// A process "client/<name>" that holds one ZkClient, does what it is told and writes down all that it is told back:
/// "connected", "resumed", "disconnected", "expired", "<token> <error> <path or data or children>", "<event> <path>".
class Probe final : public sim::ActorBase<Probe> {
public:
    explicit Probe(ClientConfig config) : m_config(std::move(config)) {}
    void start(sim::Context& context) override { zk.start(context, m_config); }
    void handle(sim::Context& context, const sim::Message& message) override;

    ZkClient zk;
    std::vector<std::string> story;
    std::vector<Reply> replies;

private:
    void note(sim::Context& context, const Event& event);
    ClientConfig m_config;
};

struct Order final : sim::MessageBase<Order> {
    static constexpr std::string_view Name = "test.Order";
    std::vector<Operation> operations;
    bool isMulti = false;
    bool isClose = false;
    std::uint64_t token = 0;
    void digest(Digest& digest) const override { digest.add(token); }
};

/// An ensemble on hosts "zh1".. and clients on hosts of their own, "<name>-host".
class Ensemble {
public:
    explicit Ensemble(int servers, std::uint64_t seed = 1, const std::function<void(EnsembleConfig&)>& adjust = {});

    void addClient(const std::string& name, SimDuration timeout = 6s);
    /// Gives the token by which its reply is known.
    std::uint64_t order(const std::string& client, Operation operation);
    std::uint64_t orderMulti(const std::string& client, std::vector<Operation> operations);
    void closeSession(const std::string& client);
    /// Orders and runs until the reply has come (at most a minute).
    Reply perform(const std::string& client, Operation operation);
    Reply performMulti(const std::string& client, std::vector<Operation> operations);
    [[nodiscard]] const Reply* replyTo(const std::string& client, std::uint64_t token) const;

    void run(SimDuration duration) { world.run(world.now() + duration); }
    /// Runs until it holds, at most `limit`; false when it does not.
    bool runUntil(const std::function<bool()>& holds, SimDuration limit = 60s);
    bool runUntilServing(std::size_t servers, SimDuration limit = 60s);
    void fault(sim::FaultKind kind, const std::string& target, double value = 0);

    [[nodiscard]] bool isConnected(const std::string& client) const;
    [[nodiscard]] const Probe& probe(const std::string& client) const;
    /// Null when it does not run.
    [[nodiscard]] const Server* server(int number) const;
    /// Number of the serving leader; 0 when there is none.
    [[nodiscard]] int leader() const;
    [[nodiscard]] int aFollower() const;
    [[nodiscard]] int serverOf(const std::string& client) const;
    [[nodiscard]] std::size_t serving() const;
    [[nodiscard]] std::vector<const sim::JournalEntry*> entries(std::string_view kind) const;
    /// "<fault> <target>" of the fault that the entry was caused by; its kind when it was something else.
    [[nodiscard]] std::string textOfCause(const sim::JournalEntry& entry) const;

    static std::string serverProcess(int number) { return "process:zookeeper/zk" + std::to_string(number); }
    static std::string serverHost(int number) { return "zh" + std::to_string(number); }

    sim::World world;
    EnsembleConfig config;

private:
    [[nodiscard]] Reply await(const std::string& client, std::uint64_t token);
    void send(const std::string& client, Ref<Order> order);
    std::uint64_t m_token = 0;
};

Operation exists(std::string path, bool watch = false);
Operation getData(std::string path, bool watch = false);
Operation getChildren(std::string path, bool watch = false);
Operation syncAll();

}  // namespace millrace::zookeeper::testing
