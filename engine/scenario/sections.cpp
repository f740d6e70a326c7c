#include "engine/scenario/sections.h"

#include <algorithm>
#include <iterator>

#include "engine/base/check.h"
#include "engine/scenario/operators.h"

namespace millrace::scenario {

const ProcessKind* processKindOf(std::string_view process) {
    const std::string_view first = process.substr(0, process.find('/'));
    for (const Section* section : sections()) {
        for (const ProcessKind& kind : section->processes()) {
            if (kind.kind == first) {
                return &kind;
            }
        }
    }
    return nullptr;
}

std::span<const Catalogue> catalogues() {
    static const std::vector<Catalogue> all = [] {
        std::vector<Catalogue> ofAll;
        for (const Section* section : sections()) {
            const std::vector<Catalogue> more = section->catalogues();
            ofAll.insert(ofAll.end(), more.begin(), more.end());
        }
        return ofAll;
    }();
    return all;
}

const Catalogue& catalogueOf(ConfigScope scope) {
    const auto all = catalogues();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Catalogue& each) { return each.scope == scope; });
    MILLRACE_CHECK(found != all.end(), scope.name);
    return *found;
}

const Collection& collectionOf(flow::NodeKind node) {
    for (const Section* section : sections()) {
        if (const Collection* found = section->collectionOf(node)) {
            return *found;
        }
    }
    MILLRACE_CHECK(false, static_cast<int>(node));
    return hostNames;
}

std::span<const flow::Operator* const> operatorsOf(flow::NodeKind node) {
    for (const Section* section : sections()) {
        if (const auto rows = section->operatorsOf(node); !rows.empty()) {
            return rows;
        }
    }
    return {};
}

std::vector<Field> fieldsOfSystems() {
    std::vector<Field> fields;
    for (const Section* section : sections()) {
        std::vector<Field> more = section->fields();
        fields.insert(fields.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
    return fields;
}

}  // namespace millrace::scenario
