#pragma once

#include "app/bridge/comparison_runner.h"

namespace millrace::bridge {

/// By the lab: a document's pipelines on each of their engines, or scenarios beside each other.
[[nodiscard]] Comparer scenarioComparer();

}  // namespace millrace::bridge
