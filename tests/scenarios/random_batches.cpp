#include "tests/scenarios/random_batches.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/hadoop/mapreduce/job_kinds.h"
#include "engine/scenario/sections/hadoop/collections.h"
#include "tests/scenarios/random_feeds.h"
#include "tests/scenarios/random_scenario.h"

namespace millrace::swarm {

namespace {

class HadoopMaker {
public:
    HadoopMaker(Dice& dice, Draft& draft) : m_dice(dice), m_draft(draft) {}

    void make() {
        addDaemons();
        addFiles();
        addJobs();
        m_draft.parts["hadoop"] = m_hadoop;
    }

private:
    void addDaemons() {
        addDaemon("namenode", "master", {"hadoop", "namenode"});
        const bool onYarn = m_dice.chance(0.5);
        if (!onYarn) {
            addDaemon("jobtracker", m_dice.chance(0.5) ? "master" : "tracker", {"hadoop", "jobtracker"});
        }
        m_nodes = m_dice.between(1, 5);
        for (int i = 1; i <= m_nodes; ++i) {
            const std::string name = fmt::format("dn{}", i);
            Json node = Json::object({{"host", m_draft.hostFor(fmt::format("n{}", i))}});
            m_draft.addRestart(node, {"hadoop", "datanodes", name});
            m_hadoop["datanodes"][name] = node;
            m_draft.things.processes.push_back("datanode:" + name);
        }
        const bool isApart = m_dice.chance(0.2);
        if (onYarn) {
            addYarn(isApart);
        }
        for (int i = onYarn ? 0 : m_dice.between(1, 5); i > 0; --i) {
            const std::string name = fmt::format("tt{}", i);
            Json tracker = Json::object({{"host", m_draft.hostFor(fmt::format("{}{}", isApart ? "t" : "n", i))}});
            m_draft.addRestart(tracker, {"hadoop", "tasktrackers", name});
            if (m_dice.chance(0.2)) {
                tracker["config"] = Json::object({{"mapred.tasktracker.map.tasks.maximum", m_dice.between(1, 4)},
                                                  {"mapred.tasktracker.reduce.tasks.maximum", m_dice.between(1, 3)}});
            }
            m_hadoop["tasktrackers"][name] = tracker;
            m_draft.things.processes.push_back("tasktracker:" + name);
            m_draft.things.processes.push_back(fmt::format("process:child/{}-m0", name));
            m_draft.things.processes.push_back(fmt::format("process:child/{}-r0", name));
        }
        Json& config = m_hadoop["config"];
        config = Json::object();
        if (m_dice.chance(0.3)) {
            config["dfs.datanode.synconclose"] = true;
        }
        if (m_dice.chance(0.4)) {
            const int expiry = m_dice.pick({10'000, 60'000});
            config[onYarn ? "yarn.nm.liveness-monitor.expiry-interval-ms" : "mapred.tasktracker.expiry.interval"] =
                expiry;
        }
        if (m_dice.chance(0.4)) {
            config["heartbeat.recheck.interval"] = m_dice.pick({5'000, 30'000});
        }
        addRandomSettings(m_dice, config, scenario::hadoopScope, m_dice.chance(0.3) ? 3 : 0, m_draft.boldness);
    }

    void addYarn(bool isApart) {
        Json& yarn = m_hadoop["yarn"];
        yarn["resource_manager"] = Json::object({{"host", m_draft.hostFor(m_dice.chance(0.5) ? "master" : "tracker")}});
        m_draft.addRestart(yarn["resource_manager"], {"hadoop", "yarn", "resource_manager"});
        m_draft.things.processes.emplace_back("resourcemanager");
        for (int i = m_dice.between(1, 5); i > 0; --i) {
            const std::string name = fmt::format("nm{}", i);
            Json node = Json::object({{"host", m_draft.hostFor(fmt::format("{}{}", isApart ? "t" : "n", i))}});
            m_draft.addRestart(node, {"hadoop", "yarn", "node_managers", name});
            if (m_dice.chance(0.2)) {
                node["config"] = Json::object({{"yarn.nodemanager.resource.memory-mb", m_dice.pick({4096, 16384})}});
            }
            yarn["node_managers"][name] = node;
            m_draft.things.processes.push_back("nodemanager:" + name);
            m_draft.things.processes.push_back(fmt::format("process:container/{}-0", name));
            m_draft.things.processes.push_back(fmt::format("process:container/{}-1", name));
        }
    }

    void addDaemon(const std::string& name, const std::string& role, const std::vector<std::string>& path) {
        m_hadoop[name] = Json::object({{"host", m_draft.hostFor(role)}});
        m_draft.addRestart(m_hadoop[name], path);
        m_draft.things.processes.push_back(name);
    }

    void addFiles() {
        const int count = m_dice.pick({1, 1, 2, 3});
        for (int i = 0; i < count; ++i) {
            const std::string name = fmt::format("file{}", i);
            int bytes = 200'000;
            m_draft.parts["sources"][name] = source(bytes);
            Json file =
                Json::object({{"path", fmt::format("/in{}/{}", m_dice.chance(0.7) ? 0 : i, name)}, {"source", name}});
            const int blocks = m_dice.pick({1, 1, 3, 10, 30});
            file["block_size"] = fmt::format("{}B", std::max(512, bytes / blocks));
            if (m_dice.chance(0.4)) {
                file["replication"] = m_dice.between(1, 4);
            }
            if (m_dice.chance(0.5)) {
                file["put_at"] = fmt::format("{}ms", m_dice.pick({0, 1, 20'000, 1000 * m_draft.seconds}));
                m_draft.things.processes.push_back("process:put/" + name);
                if (m_dice.chance(0.5)) {
                    file["host"] = m_draft.hostFor("client");
                }
            }
            m_hadoop["files"][name] = file;
            m_inputs.push_back(file["path"].get<std::string>());
            m_inputs.push_back(m_inputs.back().substr(0, m_inputs.back().rfind('/')));
        }
    }

    Json source(int& bytes) {
        if (m_dice.chance(0.35)) {
            m_draft.readsFile = true;
            return Json::object({{"kind", "file"}, {"path", linesFile}});
        }
        if (m_dice.chance(0.3)) {
            Json feed = randomFeed(m_dice, m_draft, 4000);
            addRandomFlaws(m_dice, feed);
            return feed;
        }
        const int count = m_dice.between(1, 20'000);
        const int words = m_dice.between(1, 10);
        bytes = std::max(2000, count * words * 6);
        return Json::object({{"kind", "generator"},
                             {"count", count},
                             {"words", {{"vocabulary", m_dice.pick({1, 50, 3000})}, {"per_record", words}}}});
    }

    void addJobs() {
        const int count = m_dice.pick({1, 1, 2, 3});
        std::vector<const hadoop::JobKind*> kinds;
        std::copy_if(hadoop::jobKinds().begin(), hadoop::jobKinds().end(), std::back_inserter(kinds),
                     [](const hadoop::JobKind* kind) { return kind->row.kind != "pipeline"; });  // drawn elsewhere
        std::vector<std::string> before;
        for (int i = 0; i < count; ++i) {
            const std::string name = fmt::format("job{}", i);
            const flow::Operator& row =
                kinds[static_cast<std::size_t>(m_dice.between(0, static_cast<int>(kinds.size()) - 1))]->row;
            Json job = Json::object({{"kind", std::string(row.kind)}, {"output", "/out/" + name}});
            addRandomParameters(m_dice, job, row.parameters, 0.4);
            if (job.contains("reduces")) {
                job["reduces"] = m_dice.between(1, 5);
            }
            if (!before.empty() && m_dice.chance(0.5)) {
                const std::string& other = m_dice.oneOf(before);
                job["input"] = "/out/" + other;
                job["after"] = Json::array({other});
                m_draft.comesToItsEnd = false;  // It waits for ever when the other fails.
            } else {
                job["input"] = m_dice.oneOf(m_inputs);
            }
            if (m_dice.chance(0.6)) {
                job["submit_at"] = fmt::format("{}ms", m_dice.pick({0, 1, 35'000, 500 * m_draft.seconds}));
            }
            if (m_dice.chance(0.3)) {
                job["priority"] = m_dice.pick<std::string>({"VERY_HIGH", "LOW", "NORMAL"});
            }
            job["resubmit"] = m_dice.chance(0.3);
            if (m_dice.chance(0.5)) {
                job["host"] = m_draft.hostFor("client");
            }
            Json config = Json::object();
            if (m_dice.chance(0.3)) {
                config["mapred.reduce.slowstart.completed.maps"] = m_dice.pick({0.0, 0.5, 1.0});
            }
            if (m_dice.chance(0.2)) {
                config["io.sort.mb"] = 1;
            }
            job["config"] = config;
            m_draft.parts["jobs"][name] = job;
            m_draft.things.processes.push_back("process:jobclient/" + name);
            before.push_back(name);
        }
    }

    Dice& m_dice;
    Draft& m_draft;
    Json m_hadoop = Json::object();
    std::vector<std::string> m_inputs;
    int m_nodes = 1;
};

}  // namespace

void addHadoop(Dice& dice, Draft& draft) {
    HadoopMaker(dice, draft).make();
}

}  // namespace millrace::swarm
