#include "engine/kafka/client/describe_producers.h"

#include <algorithm>
#include <string_view>

#include "engine/describe/life.h"
#include "engine/kafka/client/producer_process.h"
#include "engine/observe/object_id.h"

namespace millrace::kafka {
namespace {

constexpr std::string_view processPrefix = "producer/";

}  // namespace

std::vector<observe::ProducerView> describeProducers(const sim::World& world) {
    std::vector<observe::ProducerView> views;
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        if (!process.name().starts_with(processPrefix)) {
            continue;
        }
        const std::string_view id = std::string_view{process.name()}.substr(processPrefix.size());
        const ProducerProcessFigures figures = producerFigures(world, id);
        observe::ProducerView view;
        view.id = observe::producerId(id);
        view.topic = figures.topic;
        view.state = describe::lifeOf(process.state);
        view.sent = figures.records.sent;
        view.acked = figures.records.acked;
        view.isConfirmed = figures.isConfirmed;
        view.failed = figures.records.failed;
        view.retried = figures.records.retried;
        view.pending = figures.records.pending;
        views.push_back(std::move(view));
    }
    std::sort(views.begin(), views.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    return views;
}

}  // namespace millrace::kafka
