#pragma once

#include <array>

#include "engine/base/metric.h"

/// What ZooKeeper servers count; the words are those of its command mntr.
namespace millrace::zookeeper::metric {

inline constexpr Metric requests{"requests", "ZooKeeper server", MetricKind::Counter, "requests",
                                 "Requests of clients that came in."};
inline constexpr Metric reads{"reads", "ZooKeeper server", MetricKind::Counter, "requests",
                              "Requests that only read, which the server answers by itself."};
inline constexpr Metric writes{"writes", "ZooKeeper server", MetricKind::Counter, "requests",
                               "Requests that change the tree, which the leader puts in order."};
inline constexpr Metric connections{"connections", "ZooKeeper server", MetricKind::Gauge, "connections",
                                    "Clients that are connected to this server."};
inline constexpr Metric sessions{"sessions", "ZooKeeper server", MetricKind::Gauge, "sessions",
                                 "Sessions of the ensemble that this server knows."};
inline constexpr Metric znodes{"znodes", "ZooKeeper server", MetricKind::Gauge, "nodes", "Nodes of its tree."};
inline constexpr Metric isServing{"is_serving", "ZooKeeper server", MetricKind::Gauge, "",
                                  "1 while it answers clients."};
inline constexpr Metric isLeader{"is_leader", "ZooKeeper server", MetricKind::Gauge, "",
                                 "1 while it leads an ensemble that serves."};

/// All of them, in the order in which they are listed.
inline constexpr std::array all{&requests, &reads, &writes, &connections, &sessions, &znodes, &isServing, &isLeader};

}  // namespace millrace::zookeeper::metric
