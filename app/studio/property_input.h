#pragma once

#include "engine/scenario/document/value.h"
#include "widgets/inspector/property.h"

namespace millrace::studio {

/// What is typed into a field, as the document holds it: "200" for a rate is "200/s", "1.5k/s" is "1500/s". What cannot
/// be taken, because of its form or because the scenario's rules refuse it there, comes back with the reason, what is
/// allowed and an example; nothing is guessed. The file is the document's, for what is read beside it.
[[nodiscard]] widgets::PropertyReading readProperty(const scenario::Value& root, const QString& file,
                                                    const widgets::Property& property, const QString& typed);

}  // namespace millrace::studio
