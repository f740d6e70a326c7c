#include "engine/hadoop/mapreduce/shuffle_server.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/hadoop/cost.h"

namespace millrace::hadoop {

namespace {

/// The disk has given what a reduce fetches.
struct OutputRead final : sim::MessageBase<OutputRead> {
    static constexpr std::string_view Name = "hadoop.OutputRead";
    std::uint64_t number;
    explicit OutputRead(std::uint64_t which) : number(which) {}
    void digest(Digest& digest) const override { digest.add(number); }
};

/// A map's output as a file.
class OutputChunk final : public sim::Chunk {
public:
    explicit OutputChunk(Ref<const MapOutput> output) : m_output(std::move(output)) {}
    [[nodiscard]] ByteCount size() const override { return m_output->bytes; }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        for (const RunRef& run : m_output->runs) {
            digest.add(run->digest());
        }
        return digest.value();
    }

private:
    Ref<const MapOutput> m_output;
};

constexpr std::string_view outputPrefix = "taskTracker/jobcache/";

}  // namespace

void ShuffleServer::start(sim::Context& context, ByteCount readRate) {
    m_readRate = readRate;
    for (const std::string& name : context.disk().list(outputPrefix)) {
        context.remove(name);
    }
}

bool ShuffleServer::keep(sim::Context& context, const AttemptId& map, Ref<const MapOutput> output) {
    const std::string name = std::string{outputPrefix} + toText(map);
    Output kept{std::move(output), context.file(name)};
    if (!context.append(kept.file, makeRef<OutputChunk>(kept.output))) {
        return false;
    }
    m_outputs.set(map, std::move(kept));
    return true;
}

void ShuffleServer::forgetJob(sim::Context& context, JobId job) {
    std::vector<std::pair<AttemptId, sim::FileId>> gone;
    for (auto at = m_outputs.lowerBound(AttemptId{job, TaskType::Setup, 0, 0});
         at != m_outputs.end() && at->first.job == job; ++at) {
        gone.emplace_back(at->first, at->second.file);
    }
    for (const auto& [id, file] : gone) {
        context.remove(file);
        m_outputs.erase(id);
    }
}

void ShuffleServer::forgetAll(sim::Context& context) {
    for (const auto& [id, output] : m_outputs) {
        context.remove(output.file);
    }
    m_outputs = {};
}

void ShuffleServer::fetch(sim::Context& context, const FetchOutput& fetch) {
    context.spend(cost::fetch);
    auto answer = makeRef<FetchedOutput>();
    answer->map = fetch.map;
    if (const Output* output = m_outputs.find(fetch.map)) {
        answer->run = output->output->runs[fetch.reduce];
    }
    const ByteCount bytes = answer->run ? answer->run->size() : 0;
    m_bytesServed += bytes;
    m_diskFreeAt =
        std::max(context.now(), m_diskFreeAt) +
        fromSeconds(static_cast<double>(bytes) / static_cast<double>(m_readRate) * context.disk().slowness());
    const std::uint64_t number = m_nextServing++;
    m_serving[number] = {context.connection(), std::move(answer)};
    context.arm(m_diskFreeAt - context.now(), makeRef<OutputRead>(number));
}

bool ShuffleServer::handle(sim::Context& context, const sim::Message& message) {
    const auto* read = message.as<OutputRead>();
    if (read == nullptr) {
        return false;
    }
    if (const auto serving = m_serving.find(read->number); serving != m_serving.end()) {
        context.transmit(serving->second.connection, serving->second.answer);
        m_serving.erase(serving);
    }
    return true;
}

}  // namespace millrace::hadoop
