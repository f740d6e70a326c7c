#include "engine/storm/operators/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/storm/operators/count_bolt.h"
#include "engine/storm/operators/deduplicate_bolt.h"
#include "engine/storm/operators/extract_bolt.h"
#include "engine/storm/operators/format_bolts.h"
#include "engine/storm/operators/formula_bolts.h"
#include "engine/storm/operators/kafka_spout.h"
#include "engine/storm/operators/project_bolt.h"
#include "engine/storm/operators/sink_bolt.h"
#include "engine/storm/operators/text_bolts.h"
#include "engine/storm/operators/top_bolt.h"
#include "engine/storm/operators/window_bolts.h"

namespace millrace::storm {

std::span<const BoltKind* const> boltKinds() {
    static const std::array kinds{&splitKind(),  &filterKind(), &extractKind(),     &parseKind(),   &whereKind(),
                                  &mapKind(),    &lookupKind(), &countKind(),       &sumKind(),     &windowKind(),
                                  &joinKind(),   &topKind(),    &deduplicateKind(), &projectKind(), &formatKind(),
                                  &sqliteKind(), &fileKind()};
    return kinds;
}

std::span<const flow::Operator* const> spoutKinds() {
    static const std::array kinds{&kafkaSpoutKind()};
    return kinds;
}

const BoltKind* findBoltKind(std::string_view kind) {
    const auto kinds = boltKinds();
    const auto found =
        std::find_if(kinds.begin(), kinds.end(), [&](const BoltKind* each) { return each->about.kind == kind; });
    return found != kinds.end() ? *found : nullptr;
}

BoltResult makeBolt(std::string_view kind, const BoltParameters& parameters, const BoltSurroundings& surroundings) {
    const BoltKind* found = findBoltKind(kind);
    if (found == nullptr) {
        return boltTrouble("kind", fmt::format("there is no bolt of kind '{}'", kind));
    }
    return found->make(flow::withDefaults(found->about, parameters), surroundings);
}

}  // namespace millrace::storm
