#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/hadoop/hdfs/stored_content.h"
#include "engine/hadoop/mapreduce/job_client.h"
#include "engine/hadoop/mapreduce/job_kinds.h"
#include "engine/lab/invariant.h"

namespace millrace::lab {

namespace {

std::vector<std::string> sortedLinesOf(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

/// Exactly once: what a job has written when it has succeeded equals one pass over what it read, whatever broke and ran
/// again meanwhile. Looked at when its client hears of it; what is lost from HDFS by then, what was still being written
/// when the job was split, or more than a few megabytes, is not compared.
class JobsEqualASinglePass final : public Invariant {
public:
    [[nodiscard]] std::string_view name() const override { return "jobs-equal-a-single-pass"; }
    [[nodiscard]] std::string_view statement() const override {
        return "What a job of MapReduce has written equals a single pass over its input";
    }
    void forget() override { m_seen.clear(); }

    void observe(const sim::World& world) override {
        constexpr std::string_view prefix = "jobclient/";
        for (std::uint32_t i = 0; i < world.processCount(); ++i) {
            const std::string& process = world.process(sim::ProcessId{i}).name();
            if (!process.starts_with(prefix)) {
                continue;
            }
            const auto* client = world.findActor<hadoop::JobClient>(process + "/client");
            const bool isNew = client != nullptr && client->state() == hadoop::JobClient::State::Succeeded &&
                               m_seen.emplace(i, client->ended()).second;
            if (isNew && client->submitted()) {
                compare(world, *client->submitted());
            }
        }
    }

private:
    void compare(const sim::World& world, const hadoop::JobSpec& job) {
        constexpr std::size_t most = std::size_t{8} << 20U;
        std::string input;
        std::map<std::string, std::int64_t> ends;
        for (const hadoop::Split& split : job.splits) {
            std::int64_t& end = ends[split.path];
            end = std::max(end, split.offset + split.length);
        }
        for (const auto& [path, end] : ends) {
            const auto content = hadoop::storedContent(world, path);
            const bool hasGrown = content && static_cast<std::int64_t>(content->size()) > end;
            if (!content || hasGrown || input.size() + content->size() > most) {
                return;
            }
            input += *content;
            input += input.empty() || input.back() == '\n' ? "" : "\n";
        }
        std::string output;
        const bool reduces = job.reduces > 0;
        const auto parts = reduces ? std::size_t{job.reduces} : job.splits.size();
        for (std::uint32_t part = 0; part < parts; ++part) {
            const auto content = hadoop::storedContent(
                world, job.output + "/" + (reduces ? hadoop::partName(part) : hadoop::mapPartName(part)));
            if (!content) {
                return;
            }
            output += *content;
        }
        const std::vector<std::string> wanted = sortedLinesOf(hadoop::singlePass(input, job));
        const std::vector<std::string> written = sortedLinesOf(output);
        expect(world, wanted == written, [&] {
            const auto [here, there] = std::mismatch(wanted.begin(), wanted.end(), written.begin(), written.end());
            return fmt::format(
                "job {} has written {} lines where a single pass gives {}; \"{}\" where \"{}\" was to be", job.name,
                written.size(), wanted.size(), there == written.end() ? "" : *there, here == wanted.end() ? "" : *here);
        });
    }

    std::set<std::pair<std::uint32_t, SimTime>> m_seen;
};

}  // namespace

std::unique_ptr<Invariant> makeJobsEqualASinglePass() {
    return std::make_unique<JobsEqualASinglePass>();
}

}  // namespace millrace::lab
