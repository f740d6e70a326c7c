#pragma once

#include <string>
#include <vector>

#include "engine/flow/pattern.h"
#include "engine/storm/operators/bolt_kind.h"
#include "engine/storm/runtime/operator.h"

namespace millrace::storm {

/// Cuts a text field into parts and emits one tuple (word) a part. Without a separator: at white space, no empty parts;
/// with one: at each occurrence, empty parts included.
[[nodiscard]] Ref<const BoltFactory> makeSplit(std::string field, std::string separator);
[[nodiscard]] const BoltKind& splitKind();

/// Passes on the tuples whose field matches the pattern (or those that do not), with all their fields.
[[nodiscard]] Ref<const BoltFactory> makeFilter(std::string field, Ref<const flow::Pattern> pattern, bool keepMatching);
[[nodiscard]] const BoltKind& filterKind();

/// The parameter of most bolts: which field of the tuple they look at.
[[nodiscard]] flow::Parameter fieldParameter(std::string_view help, bool isRequired, std::string_view start = "value");

/// Index of `field` in `fields`; without a name "line", "value" or "word" when there is one, else the first. The error
/// names what is missing.
[[nodiscard]] Result<std::size_t, BoltTrouble> fieldIndex(const std::vector<std::string>& fields,
                                                          const std::string& field);

/// The streams of a bolt that looks at a field and passes its tuples on as they are: all its inputs have the same
/// fields.
[[nodiscard]] Result<std::vector<StreamSpec>, BoltTrouble> passedOn(const std::vector<StreamSpec>& inputs,
                                                                    const std::string& field);

/// The same for each input of a component.
[[nodiscard]] std::vector<std::size_t> fieldIndices(const Component& component, const std::string& field);

}  // namespace millrace::storm
