#include "engine/hadoop/mapreduce/task_body.h"

#include <algorithm>
#include <utility>

#include "engine/hadoop/cost.h"

namespace millrace::hadoop {

namespace {

constexpr CpuTime pieceOfWork = std::chrono::milliseconds{500};

}  // namespace

TaskBody::TaskBody(ClusterRef cluster, const TaskPlace& place, AttemptId id, JobRef job)
    : m_cluster(std::move(cluster)), m_place(place), m_job(std::move(job)) {
    status.id = id;
}

void TaskBody::start(sim::Context& context) {
    work(context, cost::jvmStart);
    m_umbilical.open(context, m_place.host, m_place.port);
    dfs.start(context, m_cluster, toText(status.id));
    context.arm(reportEvery, makeRef<TaskTimer>(TaskTimer::Purpose::Report));
}

bool TaskBody::handle(sim::Context& context, const sim::Message& message, std::vector<DfsEvent>& events) {
    if (m_umbilical.owns(context.connection())) {
        const sim::Link::News read = m_umbilical.read(context, message);
        if (read == sim::Link::News::Lost) {
            context.kill(context.process(), sim::ProcessExited::Reason::Finished);
        } else if (read == sim::Link::News::Opened) {
            report(context);
        } else if (message.as<CommitTask>() != nullptr) {
            mayCommit = true;
            return false;
        } else if (const auto* told = message.as<MapEvents>()) {
            news.insert(news.end(), told->events.begin(), told->events.end());
            return false;
        }
        return true;
    }
    if (m_node.owns(context.connection())) {
        onNode(context, message);
        return true;
    }
    if (const auto* timer = message.as<TaskTimer>()) {
        if (timer->purpose == TaskTimer::Purpose::Report) {
            if (!hasEnded()) {
                report(context);
            }
            context.arm(reportEvery, makeRef<TaskTimer>(TaskTimer::Purpose::Report));
            return true;
        }
        if (timer->purpose == TaskTimer::Purpose::Work) {
            const CpuTime now = std::min(m_left, pieceOfWork);
            work(context, now);
            m_left -= now;
            if (m_left > CpuTime{0}) {
                context.arm(SimDuration{0}, makeRef<TaskTimer>(TaskTimer::Purpose::Work));
                return true;
            }
            return false;
        }
        return false;
    }
    return dfs.handle(context, message, events);
}

void TaskBody::work(sim::Context& context, CpuTime time) {
    context.spend(time);
    m_spent += time;
    status.counters.values[static_cast<std::size_t>(Count::CpuMilliseconds)] = m_spent / std::chrono::milliseconds{1};
}

void TaskBody::begin(sim::Context& context, CpuTime time) {
    m_left = std::max(time, CpuTime{1});
    m_begun = m_left;
    context.arm(SimDuration{0}, makeRef<TaskTimer>(TaskTimer::Purpose::Work));
}

double TaskBody::workProgress() const {
    return m_begun == CpuTime{0} ? 0 : 1.0 - static_cast<double>(m_left.count()) / static_cast<double>(m_begun.count());
}

void TaskBody::tell(sim::Context& context, Ref<const MapOutput> output) {
    auto message = makeRef<TaskReport>();
    message->status = status;
    message->output = std::move(output);
    m_umbilical.transmit(context, std::move(message));
}

void TaskBody::report(sim::Context& context) {
    context.spend(cost::statusReport);
    tell(context, nullptr);
    status.fetchFailures.clear();
}

void TaskBody::succeed(sim::Context& context, Ref<const MapOutput> output) {
    if (m_place.isContainer && output) {
        const DaemonAddress& node = m_cluster->trackers[m_place.tracker];
        m_node.open(context, node.host, node.port);
        auto keep = makeRef<KeepOutput>();
        keep->map = status.id;
        keep->output = std::move(output);
        m_node.transmit(context, std::move(keep));
        return;
    }
    status.state = TaskStatus::State::Succeeded;
    status.progress = 1;
    tell(context, std::move(output));
}

void TaskBody::onNode(sim::Context& context, const sim::Message& message) {
    const bool isLost = m_node.read(context, message) == sim::Link::News::Lost;
    if (const auto* kept = message.as<OutputKept>(); kept != nullptr && kept->isKept) {
        m_node.close(context);
        succeed(context);
    } else if (isLost || kept != nullptr) {
        m_node.close(context);
        fail(context, kept != nullptr ? "the node's disk takes no more map output" : "its NodeManager is gone");
    }
}

void TaskBody::fail(sim::Context& context, std::string why) {
    if (hasEnded()) {
        return;
    }
    status.state = TaskStatus::State::Failed;
    status.why = std::move(why);
    tell(context, nullptr);
}

}  // namespace millrace::hadoop
