#pragma once

#include "app/bridge/comparison_runner.h"

namespace millrace::bridge {

/// By the lab: a document's pipelines on each of their engines, or scenarios beside each other. Should the program
/// break a rule of its own meanwhile, what a report about it needs is put into a folder below this one, which the
/// answer names.
[[nodiscard]] Comparer scenarioComparer(std::string failureFolder = {}, std::string version = {});

}  // namespace millrace::bridge
