#include <algorithm>
#include <array>

#include "engine/ingest/models/model.h"

namespace millrace::ingest {

std::vector<flow::Column> ModelKind::columns() const {
    std::vector<flow::Column> all;
    for (const ModelField& field : fields) {
        all.push_back({std::string{field.name}, field.type});
    }
    return all;
}

std::span<const ModelKind* const> modelKinds() {
    static const std::array kinds{&temperatureModel(),  &smartPlugsModel(), &motionModel(),    &heartRateModel(),
                                  &vitalsModel(),       &stockTicksModel(), &clicksModel(),    &adEventsModel(),
                                  &cardPaymentsModel(), &processModel(),    &vibrationModel(), &vehiclesModel(),
                                  &nexmarkModel()};
    return kinds;
}

const ModelKind* findModelKind(std::string_view kind) {
    const auto kinds = modelKinds();
    const auto found =
        std::find_if(kinds.begin(), kinds.end(), [&](const ModelKind* each) { return each->about.kind == kind; });
    return found != kinds.end() ? *found : nullptr;
}

}  // namespace millrace::ingest
