#pragma once

#include "engine/observe/run_view.h"
#include "engine/scenario/document/value.h"
#include "widgets/inspector/property.h"

namespace millrace::studio {

/// All settings of an object: the fields of its shape, and the settings by Kafka's, ZooKeeper's or Storm's own names
/// that Millrace models. An empty id gives those of the run.
[[nodiscard]] widgets::PropertySheet sheetOf(const scenario::Value& root, const QString& id,
                                             const std::vector<observe::ProblemView>& problems);

/// What the history calls such an edit: "Set workers of topology main to 3".
[[nodiscard]] QString editName(const scenario::Value& root, const QString& path, const QString& value);

/// The document with one property set, as the inspector gives it; an empty text goes back to the default.
[[nodiscard]] std::optional<scenario::Value> withProperty(const scenario::Value& root, const QString& path,
                                                          const QString& text);

}  // namespace millrace::studio
