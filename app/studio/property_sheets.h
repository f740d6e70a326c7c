#pragma once

#include "engine/observe/run_view.h"
#include "engine/scenario/document/value.h"
#include "widgets/canvas/diagram.h"
#include "widgets/inspector/property.h"

namespace millrace::studio {

/// What has a sheet and is no object of a run is selected by a name of its own.
[[nodiscard]] QString topologySheet(std::string_view topology);
[[nodiscard]] QString faultSheet(std::size_t index);

/// All settings of an object: the fields of its shape, and the settings by Kafka's, ZooKeeper's or Storm's own names
/// that Millrace models. An empty id gives those of the run.
[[nodiscard]] widgets::PropertySheet sheetOf(const scenario::Value& root, const QString& id,
                                             const std::vector<observe::ProblemView>& problems);

/// What such a sheet is about, and what that is: "audit", "topology". Empty for objects and for what is not there.
struct SheetSubject {
    QString title;
    QString kind;
};
[[nodiscard]] SheetSubject subjectOf(const scenario::Value& root, const QString& id);
/// The sheet on which a field of no object stands, empty when it is that of the scenario.
[[nodiscard]] QString sheetAt(const std::vector<std::string>& steps);

/// What makes a wire: the topic that is fed or read, the sink that is written, or how a stream is dealt out.
[[nodiscard]] widgets::PropertySheet sheetOfWire(const scenario::Value& root, const widgets::DiagramEdge& wire,
                                                 const std::vector<observe::ProblemView>& problems);

/// What the history calls such an edit: "Set workers of topology main to 3".
[[nodiscard]] QString editName(const scenario::Value& root, const QString& path, const QString& value);

/// The document with one property set, as the inspector gives it; an empty text goes back to the default.
[[nodiscard]] std::optional<scenario::Value> withProperty(const scenario::Value& root, const QString& path,
                                                          const QString& text);

}  // namespace millrace::studio
