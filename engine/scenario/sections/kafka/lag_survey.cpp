#include "engine/scenario/sections/kafka/lag_survey.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/kafka/describe.h"
#include "engine/kafka/metrics.h"
#include "engine/scenario/sections/kafka/views.h"

namespace millrace::scenario {

namespace {

class LagSurvey final : public sim::Survey {
public:
    explicit LagSurvey(kafka::Readers subscriptions) : m_subscriptions(std::move(subscriptions)) {}

    void sample(const sim::World& world, sim::SeriesStore::Report& into) const override {
        const auto add = [&](const std::string& owner, const std::string& label, std::int64_t lag) {
            into.add(owner, kafka::metric::lag, label, static_cast<double>(lag));
        };
        std::string last;
        for (const observe::GroupView& group : kafka::describeLags(world, withPositions(m_subscriptions, world))) {
            if (std::exchange(last, group.name) == group.name) {
                continue;  // a coordinator that does not know yet that another has its place
            }
            struct OfTopic {
                std::int64_t lag = 0;
                std::int32_t partitions = 0;
            };
            std::map<std::string, OfTopic> topics;
            for (const observe::GroupOffsetView& offset : group.offsets) {
                OfTopic& topic = topics[offset.topic];
                topic.lag += offset.lag;
                ++topic.partitions;
            }
            for (const observe::GroupOffsetView& offset : group.offsets) {
                if (topics[offset.topic].partitions <= kafka::measuredPartitionsMax) {
                    add("partition/" + offset.topic + "-" + std::to_string(offset.partition), group.name, offset.lag);
                }
            }
            for (const auto& [topic, figures] : topics) {
                add("topic/" + topic, group.name, figures.lag);
            }
            add("group/" + group.name, {}, group.lag);
        }
    }

private:
    kafka::Readers m_subscriptions;
};

}  // namespace

Ref<const sim::Survey> makeLagSurvey(const Scenario& scenario) {
    return makeRef<LagSurvey>(subscriptionsOf(scenario));
}

}  // namespace millrace::scenario
