#pragma once

#include "tests/scenarios/random_draft.h"

namespace millrace::swarm {

/// Hadoop: HDFS with files of any block size, some of them put while the run goes on, and jobs of every kind over them.
void addHadoop(Dice& dice, Draft& draft);

}  // namespace millrace::swarm
