#pragma once

#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/shared_log.h"
#include "engine/sim/world.h"

namespace millrace::sim::demo {

inline constexpr Metric sumMetric{"sum", "server"};

struct Tick final : MessageBase<Tick> {
    static constexpr std::string_view Name = "demo.Tick";
    void digest(Digest&) const override {}
};

struct Number final : MessageBase<Number> {
    static constexpr std::string_view Name = "demo.Number";
    std::int64_t value;
    ByteCount bytes;
    explicit Number(std::int64_t v, ByteCount size = 100) : value(v), bytes(size) {}
    [[nodiscard]] ByteCount wireSize() const override { return bytes; }
    void digest(Digest& digest) const override { digest.add(value); }
};

/// A blueprint from a function, for tests.
class DemoBlueprint final : public Blueprint {
public:
    using Boot = void (*)(Context&, const DemoBlueprint&);
    DemoBlueprint(std::string name, Boot bootWith, std::string peer = {}, std::int64_t with = 0)
        : peerHost(std::move(peer)), number(with), m_name(std::move(name)), m_boot(bootWith) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(Context& context) const override { m_boot(context, *this); }

    std::string peerHost;
    std::int64_t number;

private:
    std::string m_name;
    Boot m_boot;
};

/// Listens on port 9 and counts what it hears; each number costs 1 ms of processor time.
class Server final : public ActorBase<Server> {
public:
    SharedLog<std::string> story;
    std::int64_t sum = 0;
    CpuTime cost = std::chrono::milliseconds{1};

    void start(Context& context) override { context.listen(Port{9}); }
    void handle(Context& context, const Message& message) override {
        if (const auto* number = message.as<Number>()) {
            context.spend(cost);
            sum += number->value;
            story.append(fmt::format("{} number {}", toText(context.now()), number->value));
            context.transmit(context.connection(), makeRef<Number>(-number->value));
            return;
        }
        if (const auto* closed = message.as<ConnectionClosed>()) {
            story.append(fmt::format("{} closed {}", toText(context.now()), static_cast<int>(closed->reason)));
            return;
        }
        story.append(fmt::format("{} {}", toText(context.now()), message.kindName()));
    }
    void sample(MetricSink& sink) const override { sink.add(sumMetric, static_cast<double>(sum)); }
};

/// Connects to `peerHost` and sends 1, 2, 3 ... every 10 ms; writes down what it hears.
class Client final : public ActorBase<Client> {
public:
    explicit Client(std::string peer) : m_peer(std::move(peer)) {}
    SharedLog<std::string> story;
    std::int64_t sent = 0;
    std::int64_t answered = 0;
    SimDuration interval = std::chrono::milliseconds{10};
    SimDuration patience = std::chrono::seconds{5};
    std::int64_t sendMax = 1'000'000;
    ByteCount size = 100;
    bool open = false;

    void start(Context& context) override {
        m_connection = context.connect(context.findHost(m_peer), Port{9}, patience);
    }
    void handle(Context& context, const Message& message) override {
        if (message.as<ConnectionOpened>() != nullptr) {
            open = true;
            tell(context, "opened");
            context.arm(interval, makeRef<Tick>());
        } else if (message.as<Tick>() != nullptr) {
            if (open && sent < sendMax) {
                context.transmit(m_connection, makeRef<Number>(++sent, size));
                context.arm(interval, makeRef<Tick>());
            }
        } else if (message.as<Number>() != nullptr) {
            ++answered;
        } else if (const auto* failed = message.as<ConnectionFailed>()) {
            tell(context, failed->reason == ConnectionFailed::Reason::Refused ? "refused" : "timed out");
        } else if (const auto* closed = message.as<ConnectionClosed>()) {
            open = false;
            constexpr const char* names[] = {"closed", "reset", "gave up"};
            tell(context, names[static_cast<int>(closed->reason)]);
        }
    }

private:
    void tell(Context& context, std::string_view what) {
        story.append(fmt::format("{} {}", toText(context.now()), what));
    }
    std::string m_peer;
    ConnectionId m_connection = noConnection;
};

inline Ref<const Blueprint> server(std::string name = "server") {
    return makeRef<DemoBlueprint>(
        std::move(name), [](Context& context, const DemoBlueprint&) { context.addActor("main", makeRef<Server>()); });
}
inline Ref<const Blueprint> client(std::string name, std::string peer) {
    return makeRef<DemoBlueprint>(
        std::move(name),
        [](Context& context, const DemoBlueprint& self) { context.addActor("main", makeRef<Client>(self.peerHost)); },
        std::move(peer));
}

inline FaultSpec fault(FaultKind kind, std::string target, std::optional<SimDuration> duration = {}, double value = 0) {
    return FaultSpec{kind, std::move(target), value, duration};
}

/// Two hosts: a server on "a", a client on "b".
inline World pair(std::uint64_t seed = 7) {
    World world(WorldSpec{.seed = seed});
    const HostId a = world.addHost(HostSpec{.name = "a"});
    const HostId b = world.addHost(HostSpec{.name = "b"});
    world.addProcess(a, server());
    world.addProcess(b, client("client", "a"));
    return world;
}

inline std::string lastOf(const SharedLog<std::string>& story) {
    return story.empty() ? std::string{} : story.back();
}

}  // namespace millrace::sim::demo
