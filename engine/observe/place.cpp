#include "engine/observe/place.h"

#include <optional>

namespace millrace::observe {

namespace {

std::vector<std::string_view> stepsOf(std::string_view place) {
    std::vector<std::string_view> steps;
    while (!place.empty()) {
        const std::size_t dot = place.find('.');
        steps.push_back(place.substr(0, dot));
        place.remove_prefix(dot == std::string_view::npos ? place.size() : dot + 1);
    }
    return steps;
}

/// The steps with names for the stars: that of the job first, where there are two.
std::vector<std::string> filled(std::string_view place, std::string_view job, std::string_view name) {
    std::vector<std::string> steps;
    const bool isOfJob = place.find('*') != place.rfind('*');
    bool isJobNamed = !isOfJob;
    for (const std::string_view step : stepsOf(place)) {
        if (step != "*") {
            steps.emplace_back(step);
        } else {
            steps.emplace_back(isJobNamed ? name : job);
            isJobNamed = true;
        }
    }
    return steps;
}

std::vector<std::string> filled(const KindRow& row, std::string_view place, std::string_view name) {
    if (!row.isOfJob()) {
        return filled(place, {}, row.partSign != 0 ? name.substr(0, name.rfind(row.partSign)) : name);
    }
    const std::size_t slash = name.find('/');
    return slash == std::string_view::npos ? std::vector<std::string>()
                                           : filled(place, name.substr(0, slash), name.substr(slash + 1));
}

/// The name that the steps have where the place has stars; nothing where they lead elsewhere.
std::optional<std::string> nameAt(std::string_view place, const std::vector<std::string>& steps) {
    const std::vector<std::string_view> wanted = stepsOf(place);
    if (wanted.empty() || steps.size() < wanted.size()) {
        return std::nullopt;
    }
    std::string name;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i] == "*") {
            name += (name.empty() ? "" : "/") + steps[i];
        } else if (wanted[i] != steps[i]) {
            return std::nullopt;
        }
    }
    return name;
}

ObjectId joined(const KindRow& row, std::string_view name) {
    ObjectId id(row.prefix);
    if (!name.empty()) {
        id += ':';
        id += name;
    }
    return id;
}

}  // namespace

std::vector<std::string> placeOf(std::string_view id) {
    const KindRow& row = rowOf(kindOf(id));
    return filled(row, row.place, nameOf(id));
}

std::vector<std::string> otherPlaceOf(std::string_view id) {
    const KindRow& row = rowOf(kindOf(id));
    return filled(row, row.broughtBy, nameOf(id));
}

std::vector<std::string> collectionOf(ObjectKind kind, std::string_view job) {
    const KindRow& row = rowOf(kind);
    std::vector<std::string> steps = filled(row.place, job, {});
    if (!row.hasName()) {
        return {};
    }
    steps.pop_back();
    return steps;
}

ObjectId idOf(ObjectKind kind, std::string_view job, std::string_view name) {
    const KindRow& row = rowOf(kind);
    return joined(row, row.isOfJob() ? std::string(job) + "/" + std::string(name) : std::string(name));
}

ObjectId objectAt(const std::vector<std::string>& steps) {
    for (const KindRow& row : kinds()) {
        const bool isShown = row.isCard || row.stand != Stand::Nowhere;
        const auto name = row.partSign != 0 || !isShown ? std::nullopt : nameAt(row.place, steps);
        if (name) {
            return joined(row, *name);
        }
    }
    return {};
}

}  // namespace millrace::observe
