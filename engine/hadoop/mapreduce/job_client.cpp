#include "engine/hadoop/mapreduce/job_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/hadoop/mapreduce/job_kinds.h"
#include "engine/hadoop/mapreduce/job_tracker.h"
#include "engine/hadoop/metrics.h"

namespace millrace::hadoop {

namespace {

struct JobClientTimer final : sim::MessageBase<JobClientTimer> {
    static constexpr std::string_view Name = "hadoop.JobClientTimer";
    [[nodiscard]] std::string summary() const override {
        static constexpr std::string_view words[] = {"next question after the job",
                                                     "next try to reach the JobTracker",
                                                     "time-out of an answer",
                                                     "next look for the input",
                                                     "submission",
                                                     "time-out of the application master's answer"};
        return std::string{words[static_cast<std::size_t>(purpose)]};
    }
    enum class Purpose : std::uint8_t { Ask, Reconnect, Silent, Await, Submit, AppMasterSilent };
    Purpose purpose;
    std::uint64_t argument;
    explicit JobClientTimer(Purpose what, std::uint64_t about = 0) : purpose(what), argument(about) {}
    void digest(Digest& digest) const override {
        digest.add(static_cast<std::uint32_t>(purpose));
        digest.add(argument);
    }
};

constexpr SimDuration askEvery = std::chrono::seconds{1};
constexpr SimDuration awaitEvery = std::chrono::seconds{5};
constexpr SimDuration jobAnswerPatience = std::chrono::seconds{60};

std::string_view master(const ClusterConfig& cluster) {
    return cluster.isYarn() ? "ResourceManager" : "JobTracker";
}

Ref<JobClientTimer> clientTimer(JobClientTimer::Purpose purpose, std::uint64_t argument = 0) {
    return makeRef<JobClientTimer>(purpose, argument);
}

}  // namespace

void JobClient::start(sim::Context& context) {
    m_dfs.start(context, m_cluster, "jobclient/" + m_plan->name);
    m_awaited = 0;
    await(context);
}

/// As a coordinator does that looks for the marker of the jobs before.
void JobClient::await(sim::Context& context) {
    m_step = Step::Await;
    if (m_awaited < m_order.after.size()) {
        m_waiting = m_dfs.status(context, m_order.after[m_awaited]);
    } else {
        begin(context);
    }
}

void JobClient::begin(sim::Context& context) {
    m_state = State::Planning;
    m_began = context.now();
    m_step = Step::Output;
    m_waiting = m_dfs.status(context, m_plan->output);
}

void JobClient::handle(sim::Context& context, const sim::Message& message) {
    std::vector<DfsEvent> events;
    if (m_dfs.handle(context, message, events)) {
        for (const DfsEvent& event : events) {
            if (event.token == m_waiting && !hasEnded()) {
                onDfs(context, event);
            }
        }
    } else if (m_jobTracker.owns(context.connection())) {
        onJobTracker(context, message);
    } else if (m_appMaster.owns(context.connection())) {
        onAppMaster(context, message);
    } else if (const auto* timer = message.as<JobClientTimer>()) {
        switch (timer->purpose) {
            case JobClientTimer::Purpose::Await:
                if (m_state == State::Waiting) {
                    await(context);
                }
                break;
            case JobClientTimer::Purpose::Submit:
                if (m_state == State::Submitting) {
                    submit(context);
                }
                break;
            case JobClientTimer::Purpose::Ask:
                m_isAskArmed = false;
                ask(context);
                break;
            case JobClientTimer::Purpose::AppMasterSilent:
                if (m_appMaster.isConnected() && m_appMaster.isOverdue(context, [](std::uint64_t round) {
                        return clientTimer(JobClientTimer::Purpose::AppMasterSilent, round);
                    })) {
                    m_appMaster.close(context);
                    askNext(context, SimDuration{0});
                }
                break;
            case JobClientTimer::Purpose::Reconnect:
                if (m_jobTracker.due(timer->argument) == sim::Link::Due::Reconnect) {
                    connect(context);
                }
                break;
            case JobClientTimer::Purpose::Silent:
                if (m_jobTracker.isConnected() && m_jobTracker.isOverdue(context, [](std::uint64_t round) {
                        return clientTimer(JobClientTimer::Purpose::Silent, round);
                    })) {
                    m_jobTracker.close(context);
                    if (++m_attempts > m_cluster->hdfs.connectRetries) {
                        lose(context, fmt::format("the {} does not answer", master(*m_cluster)));
                    } else {
                        connect(context);
                    }
                }
                break;
        }
    }
}

// --- planning -------------------------------------------------------------------------------------------------------

void JobClient::onDfs(sim::Context& context, const DfsEvent& event) {
    const bool isFailed = event.kind == DfsEvent::Kind::Failed;
    switch (m_step) {
        case Step::Await:
            if (isFailed || (!event.files.empty() && event.files.front().isOpen)) {
                context.arm(awaitEvery, clientTimer(JobClientTimer::Purpose::Await));
            } else {
                ++m_awaited;
                await(context);
            }
            return;
        case Step::Output:
            if (!isFailed && !m_isAgain) {
                end(context, State::Failed, fmt::format("the output folder {} exists already", m_plan->output));
                return;
            }
            if (!isFailed) {
                m_step = Step::Remove;
                m_waiting = m_dfs.remove(context, m_plan->output);
                return;
            }
            if (event.error != DfsError::NotFound) {
                break;
            }
            [[fallthrough]];
        case Step::Remove:
            m_step = Step::List;
            m_inputs.clear();
            m_waiting = m_dfs.list(context, m_plan->input);
            return;
        case Step::List:
            if (isFailed) {
                break;
            }
            for (const FileStatus& file : event.files) {
                const std::string name = file.path.substr(file.path.rfind('/') + 1);
                if (!file.isDirectory && !name.starts_with('_') && !name.starts_with('.')) {
                    m_inputs.push_back({file, {}});
                }
            }
            m_step = Step::Locations;
            m_located = 0;
            locateNext(context);
            return;
        case Step::Locations:
            if (isFailed) {
                break;
            }
            m_inputs[m_located++].blocks = event.blocks;
            locateNext(context);
            return;
        case Step::Write:
            if (isFailed) {
                break;
            }
            m_state = State::Submitting;
            submit(context);
            return;
    }
    end(context, State::Failed, fmt::format("{}: {}", m_plan->input, reasonOf(event.error)));
}

void JobClient::locateNext(sim::Context& context) {
    while (m_located < m_inputs.size() && m_inputs[m_located].file.length == 0) {
        ++m_located;
    }
    if (m_located < m_inputs.size()) {
        m_waiting = m_dfs.locations(context, m_inputs[m_located].file.path);
        return;
    }
    makeSplits();
    writeJobFiles(context);
}

void JobClient::makeSplits() {
    auto job = makeRef<JobSpec>(*m_plan);
    ByteCount total = 0;
    for (const Input& input : m_inputs) {
        total += input.file.length;
    }
    for (const Input& input : m_inputs) {
        const ByteCount size = splitSize(job->conf, total, input.file.blockSize);
        for (const auto& each : splitsOf(input.file.length, size)) {
            const ByteCount offset = each.first;
            const ByteCount length = each.second;
            Split split{input.file.path, offset, length, {}};
            const auto block = std::find_if(input.blocks.begin(), input.blocks.end(), [&](const LocatedBlock& located) {
                return offset >= located.offset && offset < located.offset + located.block.length;
            });
            if (block != input.blocks.end()) {
                for (const NodeIndex node : block->nodes) {
                    split.hosts.push_back(m_cluster->dataNodes[node].host);
                }
            }
            job->splits.push_back(std::move(split));
        }
    }
    // The largest first, so that the longest task is not begun last. Source: JobClient.writeNewSplits.
    std::stable_sort(job->splits.begin(), job->splits.end(),
                     [](const Split& a, const Split& b) { return a.length > b.length; });
    m_job = std::move(job);
}

/// job.split: what each tracker reads of where its task begins. The jar and job.xml are part of the same file here.
void JobClient::writeJobFiles(sim::Context& context) {
    std::string text = fmt::format("{} {} {} {}\n", m_job->name, m_job->kind->row.kind, m_job->input, m_job->output);
    for (const Split& split : m_job->splits) {
        text += fmt::format("{}:{}+{}\n", split.path, split.offset, split.length);
    }
    m_step = Step::Write;
    WriteOptions options;
    options.overwrites = true;
    options.replication = m_job->conf.submitReplication;
    const std::string path =
        fmt::format("{}/{}/job.split", m_cluster->isYarn() ? yarnStaging : JobTracker::systemFolder, m_job->name);
    m_waiting = m_dfs.create(context, path, options);
    m_dfs.append(context, m_waiting, Slice(makeRef<Bytes>(std::move(text))));
    m_dfs.close(context, m_waiting);
}

// --- the JobTracker -------------------------------------------------------------------------------------------------

void JobClient::connect(sim::Context& context) {
    const DaemonAddress& address = m_cluster->isYarn() ? *m_cluster->resourceManager : *m_cluster->jobTracker;
    m_jobTracker.open(context, address.host, address.port, jobAnswerPatience);
}

void JobClient::askNext(sim::Context& context, SimDuration after) {
    if (!m_isAskArmed) {
        m_isAskArmed = true;
        context.arm(after, clientTimer(JobClientTimer::Purpose::Ask));
    }
}

void JobClient::ask(sim::Context& context) {
    if (m_state != State::Running) {
        return;
    }
    if (m_appMaster.isConnected()) {
        if (m_appMaster.isOpen() && m_appMaster.inFlight() == 0) {
            m_appMaster.request(context, makeRef<JobAsk>(m_id), 0, jobAnswerPatience, [](std::uint64_t round) {
                return clientTimer(JobClientTimer::Purpose::AppMasterSilent, round);
            });
        }
    } else if (m_jobTracker.isOpen() && m_jobTracker.inFlight() == 0) {
        const sim::MessageRef question =
            m_cluster->isYarn() ? sim::MessageRef(makeRef<AppAsk>(m_id)) : sim::MessageRef(makeRef<JobAsk>(m_id));
        m_jobTracker.request(context, question, 0, jobAnswerPatience,
                             [](std::uint64_t round) { return clientTimer(JobClientTimer::Purpose::Silent, round); });
    }
}

void JobClient::submit(sim::Context& context) {
    if (!m_jobTracker.isOpen()) {
        if (m_jobTracker.isClosed()) {
            connect(context);
        }
        return;
    }
    m_jobTracker.request(context, makeRef<SubmitJob>(m_job), 0, jobAnswerPatience,
                         [](std::uint64_t round) { return clientTimer(JobClientTimer::Purpose::Silent, round); });
}

void JobClient::onJobTracker(sim::Context& context, const sim::Message& message) {
    switch (m_jobTracker.read(context, message)) {
        case sim::Link::News::Opened:
            m_attempts = 0;
            if (m_state == State::Submitting) {
                submit(context);
            } else if (m_state == State::Running) {
                askNext(context, SimDuration{0});
            }
            break;
        case sim::Link::News::Lost:
            if (hasEnded()) {
                m_jobTracker.close(context);
            } else if (m_appMaster.isConnected()) {  // which knows more of the job
                m_jobTracker.backOff(context, sim::Backoff::constant(std::chrono::seconds{1}), [](std::uint64_t round) {
                    return clientTimer(JobClientTimer::Purpose::Reconnect, round);
                });
            } else if (++m_attempts > m_cluster->hdfs.connectRetries) {
                m_jobTracker.close(context);
                lose(context, fmt::format("the {} is gone", master(*m_cluster)));
            } else {
                m_jobTracker.backOff(context, sim::Backoff::constant(std::chrono::seconds{1}), [](std::uint64_t round) {
                    return clientTimer(JobClientTimer::Purpose::Reconnect, round);
                });
            }
            break;
        case sim::Link::News::Message:
            if (const auto* answer = message.as<JobAnswer>()) {
                m_jobTracker.answered();
                onAnswer(context, *answer);
            } else if (const auto* report = message.as<AppReport>()) {
                m_jobTracker.answered();
                onReport(context, *report);
            }
            break;
        case sim::Link::News::None:
            break;
    }
}

void JobClient::onReport(sim::Context& context, const AppReport& report) {
    using AppState = AppReport::State;
    if (report.state == AppState::Unknown) {
        lose(context, "the ResourceManager has started again and does not know the job any more");
        return;
    }
    m_id = report.app;
    m_state = State::Running;
    m_answer = report.report ? report.report : m_answer;
    if (report.state == AppState::Finished) {
        end(context, State::Succeeded, {});
    } else if (report.state == AppState::Failed) {
        end(context, State::Failed, report.why);
    } else {
        if (report.state == AppState::Running && report.host != sim::noHost) {
            m_appMaster.open(context, report.host, report.port, jobAnswerPatience);
        }
        askNext(context, askEvery);
    }
}

void JobClient::onAppMaster(sim::Context& context, const sim::Message& message) {
    switch (m_appMaster.read(context, message)) {
        case sim::Link::News::Lost:
            m_appMaster.close(context);
            askNext(context, askEvery);
            break;
        case sim::Link::News::Message:
            if (const auto* answer = message.as<JobAnswer>()) {
                m_appMaster.answered();
                onAnswer(context, *answer);
            }
            break;
        case sim::Link::News::Opened:
        case sim::Link::News::None:
            break;
    }
}

void JobClient::onAnswer(sim::Context& context, const JobAnswer& answer) {
    if (answer.isInitialising) {
        context.arm(askEvery, clientTimer(JobClientTimer::Purpose::Submit));
        return;
    }
    if (!answer.isKnown) {
        lose(context, fmt::format("the {} has started again and does not know the job any more", master(*m_cluster)));
        return;
    }
    m_id = answer.job;
    m_answer = Ref<const JobAnswer>(&answer);
    m_state = State::Running;
    if (answer.state == JobState::Succeeded) {
        end(context, State::Succeeded, {});
    } else if (answer.state >= JobState::Failed) {
        end(context, State::Failed, answer.why);
    } else {
        askNext(context, askEvery);
    }
}

void JobClient::lose(sim::Context& context, std::string why) {
    context.journal({"hadoop.job-lost",
                     sim::Severity::Error,
                     fmt::format("Job {} is lost: {}{}", m_plan->name, why,
                                 m_order.resubmits ? "; the job is submitted again" : ""),
                     {{"job", m_plan->name}}});
    if (m_order.resubmits) {
        m_jobTracker.close(context);
        m_appMaster.close(context);
        m_attempts = 0;
        m_answer = nullptr;
        m_isAgain = true;
        begin(context);
    } else {
        end(context, State::Lost, std::move(why));
    }
}

void JobClient::end(sim::Context& context, State state, std::string why) {
    m_state = state;
    m_ended = context.now();
    m_why = std::move(why);
    m_jobTracker.close(context);
    m_appMaster.close(context);
    if (state == State::Failed && !m_answer) {
        context.journal({"hadoop.job-failed",
                         sim::Severity::Error,
                         fmt::format("Job {} could not be submitted: {}", m_plan->name, m_why),
                         {{"job", m_plan->name}}});
    }
}

void JobClient::sample(sim::MetricSink& sink) const {
    constexpr double percent = 100;
    sink.add(metric::mapProgress, m_answer ? m_answer->mapProgress * percent : 0);
    sink.add(metric::reduceProgress, m_answer ? m_answer->reduceProgress * percent : 0);
}

namespace {

class JobBlueprint final : public sim::Blueprint {
public:
    JobBlueprint(ClusterRef cluster, JobRef job, JobOrder order)
        : m_cluster(std::move(cluster)),
          m_job(std::move(job)),
          m_order(std::move(order)),
          m_name("jobclient/" + m_job->name) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override {
        context.addActor("client", makeRef<JobClient>(m_cluster, m_job, m_order));
    }

private:
    ClusterRef m_cluster;
    JobRef m_job;
    JobOrder m_order;
    std::string m_name;
};

}  // namespace

Ref<const sim::Blueprint> makeJobBlueprint(ClusterRef cluster, JobRef job, JobOrder order) {
    return makeRef<JobBlueprint>(std::move(cluster), std::move(job), std::move(order));
}

}  // namespace millrace::hadoop
