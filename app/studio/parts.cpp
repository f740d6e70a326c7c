#include "app/studio/parts.h"

#include <QCoreApplication>

#include "engine/scenario/operators.h"
#include "widgets/style/format.h"

namespace millrace::studio {

using widgets::Part;

namespace {

QString partText(std::string_view words) {
    return QCoreApplication::translate("Parts", std::string(words).c_str());
}

/// What the catalog offers, in its order. What stands in the sheet of another object has no family and no part.
void addOperators(std::vector<Part>& all, const observe::KindRow& about) {
    if (about.family.empty()) {
        return;
    }
    for (const flow::Operator* row : scenario::operatorsOf(about.kind)) {
        const QString name = widgets::format::text(about.prefix) + QLatin1Char('/') + widgets::format::text(row->kind);
        all.push_back({name, partText(row->title), partText(about.family), partText(row->help), about.kind});
    }
}

/// What is offered behind the operators of a kind without being one.
struct WholePart {
    observe::ObjectKind behind;
    observe::ObjectKind kind;  ///< whose colour it has
    const char* name;
    std::string_view title;
    std::string_view help;
};
constexpr WholePart wholeParts[] = {
    {observe::ObjectKind::Bolt, observe::ObjectKind::Spout, "topology", "Topology",
     "Another topology beside those that are there: it begins with a Kafka spout. What is added while one of its cards "
     "is selected joins it."}};

}  // namespace

std::vector<Part> parts() {
    std::vector<Part> all;
    for (const observe::KindRow& row : observe::kinds()) {
        addOperators(all, row);
        if (!row.part.title.empty()) {
            all.push_back({widgets::format::text(row.prefix), partText(row.part.title), partText(row.family),
                           partText(row.part.help), row.kind});
        }
        for (const WholePart& each : wholeParts) {
            if (each.behind == row.kind) {
                all.push_back({QString::fromLatin1(each.name), partText(each.title), partText(row.family),
                               partText(each.help), each.kind});
            }
        }
    }
    return all;
}

}  // namespace millrace::studio
