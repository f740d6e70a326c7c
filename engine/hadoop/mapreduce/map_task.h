#pragma once

#include <string>
#include <vector>

#include "engine/hadoop/mapreduce/house_work.h"
#include "engine/hadoop/mapreduce/job_kinds.h"
#include "engine/hadoop/mapreduce/run.h"
#include "engine/hadoop/mapreduce/task_body.h"
#include "engine/hadoop/mapreduce/task_output.h"
#include "engine/sim/process.h"

namespace millrace::hadoop {

/// Cuts what a split's blocks bring into lines. A split has the lines that begin in it: one that does not begin its
/// file reads from the byte before and passes over what belongs to the line there, and the last line is read to its end
/// however far that lies behind. Source: Hadoop 1.2, LineRecordReader.
class LineReader {
public:
    LineReader() = default;
    LineReader(ByteCount offset, ByteCount length)
        : m_at(offset == 0 ? 0 : offset - 1), m_end(offset + length), m_skips(offset != 0) {}

    /// A bug: the rest of a line that began in the split before is taken for a line.
    void keepFirst() { m_skips = false; }
    /// Where reading begins.
    [[nodiscard]] ByteCount from() const { return m_at; }
    /// Whether the line that was begun ends beyond what was read.
    [[nodiscard]] bool needsMore() const { return !m_isDone && (!m_rest.empty() || m_isInLine); }
    [[nodiscard]] bool isDone() const { return m_isDone; }

    template <class Use>
    void feed(std::string_view text, const Use& use) {
        while (!text.empty() && !m_isDone) {
            const std::size_t newline = text.find('\n');
            const std::size_t length = newline == std::string_view::npos ? text.size() : newline + 1;
            const std::string_view part = text.substr(0, newline == std::string_view::npos ? text.size() : newline);
            text.remove_prefix(length);
            if (newline == std::string_view::npos) {
                m_isInLine = true;
                if (!m_skips) {
                    m_rest.append(part);
                }
                m_read += static_cast<ByteCount>(length);
                return;
            }
            take(part, use);
            m_at += m_read + static_cast<ByteCount>(length);
            m_read = 0;
            m_isInLine = false;
            m_isDone = m_at >= m_end;
        }
    }
    /// The file ends here.
    template <class Use>
    void finish(const Use& use) {
        if (!m_isDone && m_isInLine) {
            take({}, use);
        }
        m_isDone = true;
    }

private:
    template <class Use>
    void take(std::string_view part, const Use& use) {
        if (m_skips) {
            m_skips = false;
        } else if (m_rest.empty()) {
            use(part, m_at);
        } else {
            m_rest.append(part);
            use(std::string_view{m_rest}, m_at);
        }
        m_rest.clear();
    }

    ByteCount m_at = 0;    ///< where the present line begins
    ByteCount m_read = 0;  ///< of it so far
    ByteCount m_end = 0;
    bool m_skips = false;
    bool m_isInLine = false;
    bool m_isDone = false;
    std::string m_rest;
};

/// The buffer of `io.sort.mb` into which a map emits: when it or its index of records is full to
/// `io.sort.spill.percent` what is in it is sorted by reduce and key, combined and written; at the end the spills are
/// merged.
class MapBuffer {
public:
    MapBuffer() = default;
    explicit MapBuffer(const JobSpec& job) : m_job(&job) {}

    [[nodiscard]] KeyTable& table() { return m_table; }
    [[nodiscard]] bool isFull() const;
    /// Gives the processor time and what is written.
    struct Work {
        CpuTime time{0};
        ByteCount written = 0;
    };
    [[nodiscard]] Work spill(Counters& counters);
    [[nodiscard]] Work merge(Counters& counters);
    [[nodiscard]] std::size_t spills() const { return m_spills.size(); }
    [[nodiscard]] const std::vector<RunRef>& runs() const { return m_spills.front(); }

private:
    const JobSpec* m_job = nullptr;  ///< kept alive by the task
    KeyTable m_table;
    std::vector<std::vector<RunRef>> m_spills;
};

/// One attempt at a map: reads its split from the nearest replicas, maps line by line as it comes in, spills, merges,
/// and hands its output to its tracker, which serves it. In a job without reduces it writes to HDFS what it emits.
class MapTask final : public sim::ActorBase<MapTask> {
public:
    MapTask(ClusterRef cluster, const TaskPlace& place, AttemptId id, JobRef job);

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;

    [[nodiscard]] const TaskStatus& status() const { return m_body.status; }
    [[nodiscard]] ByteCount heap() const { return m_job->conf.heap; }

private:
    enum class Stage : std::uint8_t { Reading, Finishing, Sorting, Writing };
    void onDfs(sim::Context& context, const DfsEvent& event);
    void onOutput(sim::Context& context, const DfsEvent& event);
    void feed(sim::Context& context, std::string_view text);
    void endReading(sim::Context& context, bool isEndOfFile);
    void sort(sim::Context& context);
    void write(sim::Context& context);
    void charge(sim::Context& context, std::size_t bytes, std::uint64_t lines, const Emitter& emitter);

    TaskBody m_body;
    JobRef m_job;
    LineReader m_lines;
    MapBuffer m_buffer;
    std::string m_text;   ///< without reduces: emitted and not written yet
    TaskOutput m_output;  ///< without reduces
    Stage m_stage = Stage::Reading;
    DfsClient::Token m_read = 0;
    ByteCount m_readTo = 0;
    ByteCount m_bytesIn = 0;
    ByteCount m_toWrite = 0;
};

/// The first or the last task of a job: makes the folder of the output, or clears it up and says that it is whole.
class HouseTask final : public sim::ActorBase<HouseTask> {
public:
    HouseTask(ClusterRef cluster, const TaskPlace& place, AttemptId id, JobRef job);
    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;

private:
    TaskBody m_body;
    HouseWork m_work;
};

}  // namespace millrace::hadoop
