#include "engine/spark/core/standalone.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engine/sim/link.h"
#include "engine/spark/core/executor.h"
#include "engine/spark/cost.h"

namespace millrace::spark {

namespace {

struct WorkerCheck final : sim::MessageBase<WorkerCheck> {
    static constexpr std::string_view Name = "spark.WorkerCheck";
    void digest(Digest&) const override {}
};
struct WorkerBeat final : sim::MessageBase<WorkerBeat> {
    static constexpr std::string_view Name = "spark.WorkerBeat";
    [[nodiscard]] std::string summary() const override { return "heartbeat"; }
    void digest(Digest&) const override {}
};
struct MasterAgain final : sim::MessageBase<MasterAgain> {
    static constexpr std::string_view Name = "spark.MasterAgain";
    std::uint64_t round;
    explicit MasterAgain(std::uint64_t of) : round(of) {}
    void digest(Digest& digest) const override { digest.add(round); }
};

class Master final : public sim::ActorBase<Master> {
public:
    explicit Master(MasterSpec spec) : m_spec(spec) {}

    void start(sim::Context& context) override {
        context.listen(m_spec.port);
        context.arm(m_spec.workerTimeout / 4, makeRef<WorkerCheck>());
    }

    void handle(sim::Context& context, const sim::Message& message) override {
        context.spend(cost::message);
        if (const auto* worker = message.as<RegisterWorker>()) {
            takeWorker(context, *worker);
        } else if (message.as<WorkerHeartbeat>() != nullptr) {
            const auto mine = std::find_if(m_workers.begin(), m_workers.end(), [&](const auto& each) {
                return each.second.connection == context.connection();
            });
            if (mine != m_workers.end()) {
                mine->second.heardAt = context.now();
            } else {
                context.close(context.connection());  // It was taken for lost: it has to register once more.
            }
        } else if (const auto* application = message.as<RegisterApplication>()) {
            Application& mine = m_applications[application->application];
            mine.request = Ref<const RegisterApplication>(application);
            mine.connection = context.connection();
            // Executors of an earlier driver have ended, or will.
            const bool isNewDriver = mine.incarnation != 0 && mine.incarnation != application->incarnation;
            for (auto& [name, holder] : m_workers) {
                std::erase_if(holder.executors, [&](const auto& each) {
                    return isNewDriver && each.application == application->application;
                });
            }
            mine.limit = application->executorsLimit >= 0 ? std::optional(application->executorsLimit) : std::nullopt;
            mine.incarnation = application->incarnation;
            mine.nextExecutor = std::max(mine.nextExecutor, application->nextExecutor);
            schedule(context);
        } else if (const auto* request = message.as<RequestExecutors>()) {
            m_applications[request->application].limit = request->total;
            schedule(context);
        } else if (const auto* kill = message.as<KillExecutor>()) {
            killOne(context, *kill);
        } else if (const auto* state = message.as<ExecutorStateChanged>()) {
            for (auto& [name, holder] : m_workers) {
                if (holder.connection == context.connection() && !state->isRunning) {
                    std::erase_if(holder.executors, [&](const auto& each) {
                        return each.application == state->application && each.executor == state->executor;
                    });
                }
            }
            schedule(context);
        } else if (message.as<sim::ConnectionClosed>() != nullptr) {
            closed(context);
        } else if (message.as<WorkerCheck>() != nullptr) {
            std::erase_if(m_workers,
                          [&](const auto& each) { return context.now() - each.second.heardAt > m_spec.workerTimeout; });
            schedule(context);
            context.arm(m_spec.workerTimeout / 4, makeRef<WorkerCheck>());
        }
    }

private:
    struct Worker {
        sim::ConnectionId connection = sim::noConnection;
        std::int32_t cores = 0;
        ByteCount memory = 0;
        SimTime heardAt;
        std::vector<RegisterWorker::Running> executors;
        [[nodiscard]] std::int32_t freeCores() const {
            std::int32_t used = 0;
            for (const auto& each : executors) {
                used += each.cores;
            }
            return cores - used;
        }
        [[nodiscard]] ByteCount freeMemory() const {
            ByteCount used = 0;
            for (const auto& each : executors) {
                used += each.memory;
            }
            return memory - used;
        }
    };
    struct Application {
        Ref<const RegisterApplication> request;
        sim::ConnectionId connection = sim::noConnection;
        std::int32_t nextExecutor = 0;
        std::uint32_t incarnation = 0;
        std::optional<std::int32_t> limit;  ///< that the driver has asked for; unset: what it began with
    };

    /// It is not made up for: the application wants so many fewer.
    void killOne(sim::Context& context, const KillExecutor& message) {
        std::int32_t present = 0;
        for (auto& [name, worker] : m_workers) {
            for (const RegisterWorker::Running& each : worker.executors) {
                if (each.application != message.application) {
                    continue;
                }
                ++present;
                if (each.executor == message.executor) {
                    context.transmit(worker.connection, makeRef<KillExecutor>(message));
                }
            }
        }
        std::optional<std::int32_t>& limit = m_applications[message.application].limit;
        limit = std::max(std::min(limit.value_or(present), present) - 1, 0);
    }

    void takeWorker(sim::Context& context, const RegisterWorker& message) {
        Worker& worker = m_workers[message.worker];
        worker.connection = context.connection();
        worker.cores = message.cores;
        worker.memory = message.memory;
        worker.heardAt = context.now();
        worker.executors = message.executors;
        for (const RegisterWorker::Running& each : message.executors) {
            std::int32_t& next = m_applications[each.application].nextExecutor;
            next = std::max(next, each.executor.value + 1);
        }
        schedule(context);
    }

    void closed(sim::Context& context) {
        for (auto& [name, application] : m_applications) {
            if (application.connection != context.connection()) {
                continue;
            }
            application.connection = sim::noConnection;
            application.request = nullptr;
            for (auto& [worker, each] : m_workers) {
                auto kill = makeRef<KillExecutors>();
                kill->application = name;
                context.transmit(each.connection, std::move(kill));
            }
        }
        const auto gone = std::find_if(m_workers.begin(), m_workers.end(), [&](const auto& each) {
            return each.second.connection == context.connection();
        });
        if (gone != m_workers.end()) {
            m_workers.erase(gone);
            schedule(context);
        }
    }

    /// Applications in the order of their names; for each the workers with the most free cores first, one executor
    /// after the other, so that it is spread.
    void schedule(sim::Context& context) {
        for (auto& [name, application] : m_applications) {
            if (!application.request) {
                continue;
            }
            while (launchOne(context, name, application)) {
            }
        }
    }

    bool launchOne(sim::Context& context, const std::string& name, Application& application) {
        const RegisterApplication& request = *application.request;
        std::int32_t has = 0;
        std::int32_t cores = 0;
        for (const auto& [worker, each] : m_workers) {
            for (const auto& executor : each.executors) {
                has += executor.application == name ? 1 : 0;
                cores += executor.application == name ? executor.cores : 0;
            }
        }
        const std::int32_t most = application.limit.value_or(request.executorsMax);
        if (((most > 0 || application.limit) && has >= most) ||
            (request.coresMax > 0 && cores + std::max(request.executorCores, 1) > request.coresMax)) {
            return false;
        }
        Worker* best = nullptr;
        std::int32_t bestOwn = 0;
        for (auto& [worker, each] : m_workers) {
            const auto own = static_cast<std::int32_t>(
                std::count_if(each.executors.begin(), each.executors.end(),
                              [&](const auto& executor) { return executor.application == name; }));
            const std::int32_t needed = std::max(request.executorCores, 1);
            const bool fits = (own == 0 || request.executorCores > 0) && each.freeCores() >= needed &&
                              each.freeMemory() >= request.executorMemory;
            if (fits &&
                (best == nullptr || own < bestOwn || (own == bestOwn && each.freeCores() > best->freeCores()))) {
                best = &each;
                bestOwn = own;
            }
        }
        if (best == nullptr) {
            return false;
        }
        auto launch = makeRef<LaunchExecutor>();
        launch->application = name;
        launch->executor = ExecutorId{application.nextExecutor++};
        launch->cores = request.executorCores > 0 ? request.executorCores : best->freeCores();
        if (request.coresMax > 0 && request.executorCores <= 0) {
            // Core by core round the workers that have none of it yet: spread out.
            std::int32_t usable = 0;
            for (const auto& [worker, each] : m_workers) {
                const bool hasNone = std::none_of(each.executors.begin(), each.executors.end(),
                                                  [&](const auto& executor) { return executor.application == name; });
                usable += hasNone && each.freeCores() > 0 && each.freeMemory() >= request.executorMemory ? 1 : 0;
            }
            const std::int32_t left = request.coresMax - cores;
            const std::int32_t share = usable > 0 ? (left + usable - 1) / usable : left;
            launch->cores = std::min({launch->cores, left, std::max(share, 1)});
        }
        launch->memory = request.executorMemory;
        launch->driver = request.driver;
        best->executors.push_back({name, launch->executor, launch->cores, launch->memory});
        context.transmit(best->connection, std::move(launch));
        return true;
    }

    MasterSpec m_spec;
    std::map<std::string, Worker> m_workers;
    std::map<std::string, Application> m_applications;
};

class Worker final : public sim::ActorBase<Worker> {
public:
    explicit Worker(WorkerSpec spec) : m_spec(std::move(spec)) {}

    void start(sim::Context& context) override {
        m_master.open(context, m_spec.master.host, m_spec.master.port);
        context.arm(m_spec.heartbeat, makeRef<WorkerBeat>());
    }

    void handle(sim::Context& context, const sim::Message& message) override {
        context.spend(cost::message);
        if (m_master.owns(context.connection())) {
            takeFromMaster(context, message);
        } else if (message.as<WorkerBeat>() != nullptr) {
            if (m_master.isOpen()) {
                m_master.transmit(context, makeRef<WorkerHeartbeat>());
            }
            context.arm(m_spec.heartbeat, makeRef<WorkerBeat>());
        } else if (const auto* again = message.as<MasterAgain>()) {
            if (m_master.due(again->round) == sim::Link::Due::Reconnect) {
                m_master.open(context, m_spec.master.host, m_spec.master.port);
            }
        } else if (const auto* exited = message.as<sim::ProcessExited>()) {
            takeExit(context, *exited);
        }
    }

private:
    struct Running {
        RegisterWorker::Running what;
        sim::ProcessId process;
    };

    void takeFromMaster(sim::Context& context, const sim::Message& message) {
        switch (m_master.read(context, message)) {
            case sim::Link::News::Opened: {
                auto mine = makeRef<RegisterWorker>();
                mine->worker = m_spec.name;
                mine->host = context.hostName();
                mine->cores = m_spec.cores;
                mine->memory = m_spec.memory;
                for (const Running& each : m_running) {
                    mine->executors.push_back(each.what);
                }
                m_master.transmit(context, std::move(mine));
                return;
            }
            case sim::Link::News::Lost: {
                constexpr SimDuration pause = std::chrono::seconds{5};
                m_master.backOff(context, sim::Backoff::constant(pause),
                                 [](std::uint64_t round) { return makeRef<MasterAgain>(round); });
                return;
            }
            case sim::Link::News::None:
                return;
            case sim::Link::News::Message:
                break;
        }
        if (const auto* launch = message.as<LaunchExecutor>()) {
            const auto application = m_spec.applications.find(launch->application);
            if (application == m_spec.applications.end()) {
                return;
            }
            ExecutorSpec spec;
            spec.application = application->second;
            spec.id = launch->executor;
            spec.cores = launch->cores;
            spec.memory = launch->memory;
            spec.driver = launch->driver;
            // A port of its own on this host, as one that the system gives.
            constexpr int first = 30'000;
            constexpr int perApplication = 1'000;
            spec.blockPort = sim::Port{static_cast<std::uint16_t>(
                first + application->second->index % 30 * perApplication + launch->executor.value % perApplication)};
            spec.worker = workerName(m_spec.name);
            // One of a driver before this one, that was repaired after its worker, ends; another number is asked for.
            const sim::ProcessId before =
                context.findProcess(executorName(application->second->name, launch->executor, context.hostName()));
            const bool isTaken = before != sim::noProcess && (context.stateOf(before) == sim::ProcessState::Running ||
                                                              context.stateOf(before) == sim::ProcessState::Paused);
            if (isTaken) {
                context.kill(before);
                tellGone(context, launch->application, launch->executor);
                return;
            }
            const sim::ProcessId process = context.spawn(makeExecutorBlueprint(std::move(spec), context.hostName()));
            m_running.push_back({{launch->application, launch->executor, launch->cores, launch->memory}, process});
        } else if (const auto* one = message.as<KillExecutor>()) {
            for (const Running& each : m_running) {
                if (each.what.application == one->application && each.what.executor == one->executor) {
                    context.kill(each.process);
                }
            }
        } else if (const auto* kill = message.as<KillExecutors>()) {
            for (const Running& each : m_running) {
                if (each.what.application == kill->application) {
                    context.kill(each.process);
                }
            }
        }
    }

    void takeExit(sim::Context& context, const sim::ProcessExited& exited) {
        const auto at = std::find_if(m_running.begin(), m_running.end(),
                                     [&](const Running& each) { return each.process == exited.exited; });
        if (at == m_running.end()) {
            return;
        }
        const RegisterWorker::Running gone = at->what;
        m_running.erase(at);
        tellGone(context, gone.application, gone.executor);
    }

    void tellGone(sim::Context& context, const std::string& application, ExecutorId executor) {
        if (m_master.isOpen()) {
            auto change = makeRef<ExecutorStateChanged>();
            change->application = application;
            change->executor = executor;
            m_master.transmit(context, std::move(change));
        }
    }

    WorkerSpec m_spec;
    sim::Link m_master;
    std::vector<Running> m_running;
};

template <class ActorType, class Spec>
class DaemonBlueprint final : public sim::Blueprint {
public:
    DaemonBlueprint(Spec spec, std::string name, std::string_view actor)
        : m_spec(std::move(spec)), m_name(std::move(name)), m_actor(actor) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override { context.addActor(m_actor, makeRef<ActorType>(m_spec)); }

private:
    Spec m_spec;
    std::string m_name;
    std::string_view m_actor;
};

}  // namespace

Ref<const sim::Blueprint> makeMasterBlueprint(MasterSpec spec) {
    return makeRef<DaemonBlueprint<Master, MasterSpec>>(spec, std::string{masterName}, "master");
}

Ref<const sim::Blueprint> makeWorkerBlueprint(WorkerSpec spec) {
    std::string name = workerName(spec.name);
    return makeRef<DaemonBlueprint<Worker, WorkerSpec>>(std::move(spec), std::move(name), "worker");
}

}  // namespace millrace::spark
