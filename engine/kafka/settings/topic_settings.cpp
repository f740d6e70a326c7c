#include "engine/kafka/settings/settings.h"

#include <array>

namespace millrace::kafka {

namespace {

// Names, types, defaults and ranges: Kafka 3.9, LogConfig. A row per key: name, type, default, unit, modelling, least,
// most, choices, value of the course profile, help.
// clang-format off
constexpr auto topicKeys = std::to_array<ConfigKey>({
    {"cleanup.policy", ConfigType::List, "delete", ConfigUnit::None, Modelling::ChangesResults, "", "", "compact|delete", "",
     "What happens to old segments: delete drops them, compact keeps the last value of each key."},
    {"compression.gzip.level", ConfigType::Integer, "-1", ConfigUnit::None, Modelling::ChangesResults, "", "", "", "",
     "Known to the real system and not modelled yet."},
    {"compression.lz4.level", ConfigType::Integer, "9", ConfigUnit::None, Modelling::ChangesResults, "1", "17", "", "",
     "Known to the real system and not modelled yet."},
    {"compression.type", ConfigType::Text, "producer", ConfigUnit::None, Modelling::ChangesResults, "", "", "uncompressed|zstd|lz4|snappy|gzip|producer", "",
     "Codec of batches; \"producer\" at a broker or topic keeps what the producer chose."},
    {"compression.zstd.level", ConfigType::Integer, "3", ConfigUnit::None, Modelling::ChangesResults, "-131072", "22", "", "",
     "Known to the real system and not modelled yet."},
    {"delete.retention.ms", ConfigType::Integer, "86400000", ConfigUnit::Milliseconds, Modelling::ChangesResults, "0", "", "", "",
     "Known to the real system and not modelled yet."},
    {"file.delete.delay.ms", ConfigType::Integer, "60000", ConfigUnit::Milliseconds, Modelling::ChangesResults, "0", "", "", "",
     "Known to the real system and not modelled yet."},
    {"flush.messages", ConfigType::Integer, "9223372036854775807", ConfigUnit::None, Modelling::ChangesResults, "1", "", "", "",
     "Records after which the log is flushed to the disk."},
    {"flush.ms", ConfigType::Integer, "9223372036854775807", ConfigUnit::Milliseconds, Modelling::ChangesResults, "0", "", "", "",
     "Time after which the log is flushed to the disk."},
    {"follower.replication.throttled.replicas", ConfigType::List, "", ConfigUnit::None, Modelling::ChangesResults, "", "", "", "",
     "Replicas whose following is throttled."},
    {"index.interval.bytes", ConfigType::Integer, "4096", ConfigUnit::Bytes, Modelling::ChangesResults, "0", "", "", "",
     "Known to the real system and not modelled yet."},
    {"leader.replication.throttled.replicas", ConfigType::List, "", ConfigUnit::None, Modelling::ChangesResults, "", "", "", "",
     "Replicas whose leading is throttled."},
    {"local.retention.bytes", ConfigType::Integer, "-2", ConfigUnit::Bytes, Modelling::ChangesResults, "-2", "", "", "",
     "Tiered storage."},
    {"local.retention.ms", ConfigType::Integer, "-2", ConfigUnit::Milliseconds, Modelling::ChangesResults, "-2", "", "", "",
     "Tiered storage."},
    {"max.compaction.lag.ms", ConfigType::Integer, "9223372036854775807", ConfigUnit::Milliseconds, Modelling::ChangesResults, "1", "", "", "",
     "Known to the real system and not modelled yet."},
    {"max.message.bytes", ConfigType::Integer, "1048588", ConfigUnit::Bytes, Modelling::Modelled, "0", "", "", "",
     "The largest batch that the topic takes."},
    {"message.downconversion.enable", ConfigType::Flag, "true", ConfigUnit::None, Modelling::WithoutEffect, "", "", "", "",
     "Web pages, files, ports and other surroundings of the daemons, which do not change what a topology computes."},
    {"message.format.version", ConfigType::Text, "3.0-IV1", ConfigUnit::None, Modelling::WithoutEffect, "", "", "0.8.0|0.8.1|0.8.2|0.9.0|0.10.0-IV0|0.10.0-IV1|0.10.1-IV0|0.10.1-IV1|0.10.1-IV2|0.10.2-IV0|0.11.0-IV0|0.11.0-IV1|0.11.0-IV2|1.0-IV0|1.1-IV0|2.0-IV0|2.0-IV1|2.1-IV0|2.1-IV1|2.1-IV2|2.2-IV0|2.2-IV1|2.3-IV0|2.3-IV1|2.4-IV0|2.4-IV1|2.5-IV0|2.6-IV0|2.7-IV0|2.7-IV1|2.7-IV2|2.8-IV0|2.8-IV1|3.0-IV0|3.0-IV1|3.1-IV0|3.2-IV0|3.3-IV0|3.3-IV1|3.3-IV2|3.3-IV3|3.4-IV0|3.5-IV0|3.5-IV1|3.5-IV2|3.6-IV0|3.6-IV1|3.6-IV2|3.7-IV0|3.7-IV1|3.7-IV2|3.7-IV3|3.7-IV4|3.8-IV0|3.9-IV0|4.0-IV0|4.0-IV1", "",
     "Web pages, files, ports and other surroundings of the daemons, which do not change what a topology computes."},
    {"message.timestamp.after.max.ms", ConfigType::Integer, "9223372036854775807", ConfigUnit::Milliseconds, Modelling::ChangesResults, "0", "", "", "",
     "Known to the real system and not modelled yet."},
    {"message.timestamp.before.max.ms", ConfigType::Integer, "9223372036854775807", ConfigUnit::Milliseconds, Modelling::ChangesResults, "0", "", "", "",
     "Known to the real system and not modelled yet."},
    {"message.timestamp.difference.max.ms", ConfigType::Integer, "9223372036854775807", ConfigUnit::Milliseconds, Modelling::ChangesResults, "0", "", "", "",
     "Known to the real system and not modelled yet."},
    {"message.timestamp.type", ConfigType::Text, "CreateTime", ConfigUnit::None, Modelling::Modelled, "", "", "CreateTime|LogAppendTime", "",
     "Whether a record carries the time of its making or of its append."},
    {"min.cleanable.dirty.ratio", ConfigType::Number, "0.5", ConfigUnit::None, Modelling::ChangesResults, "0", "1", "", "",
     "Known to the real system and not modelled yet."},
    {"min.compaction.lag.ms", ConfigType::Integer, "0", ConfigUnit::Milliseconds, Modelling::ChangesResults, "0", "", "", "",
     "Known to the real system and not modelled yet."},
    {"min.insync.replicas", ConfigType::Integer, "1", ConfigUnit::None, Modelling::Modelled, "1", "", "", "",
     "With acks=all a write is refused while fewer replicas than this are in sync."},
    {"preallocate", ConfigType::Flag, "false", ConfigUnit::None, Modelling::WithoutEffect, "", "", "", "",
     "Names, ports, folders and house-keeping of the real program."},
    {"remote.log.copy.disable", ConfigType::Flag, "false", ConfigUnit::None, Modelling::ChangesResults, "", "", "", "",
     "Tiered storage."},
    {"remote.log.delete.on.disable", ConfigType::Flag, "false", ConfigUnit::None, Modelling::ChangesResults, "", "", "", "",
     "Tiered storage."},
    {"remote.storage.enable", ConfigType::Flag, "false", ConfigUnit::None, Modelling::ChangesResults, "", "", "", "",
     "Tiered storage."},
    {"retention.bytes", ConfigType::Integer, "-1", ConfigUnit::Bytes, Modelling::Modelled, "", "", "", "",
     "Size of a partition's log above which the oldest segments go; -1 is no limit."},
    {"retention.ms", ConfigType::Integer, "604800000", ConfigUnit::Milliseconds, Modelling::Modelled, "-1", "", "", "",
     "Age above which a segment may go; -1 is never."},
    {"segment.bytes", ConfigType::Integer, "1073741824", ConfigUnit::Bytes, Modelling::Modelled, "14", "", "", "",
     "Size at which a new segment is begun."},
    {"segment.index.bytes", ConfigType::Integer, "10485760", ConfigUnit::Bytes, Modelling::ChangesResults, "4", "", "", "",
     "Known to the real system and not modelled yet."},
    {"segment.jitter.ms", ConfigType::Integer, "0", ConfigUnit::Milliseconds, Modelling::ChangesResults, "0", "", "", "",
     "Known to the real system and not modelled yet."},
    {"segment.ms", ConfigType::Integer, "604800000", ConfigUnit::Milliseconds, Modelling::Modelled, "1", "", "", "",
     "Age at which a new segment is begun."},
    {"unclean.leader.election.enable", ConfigType::Flag, "false", ConfigUnit::None, Modelling::Modelled, "", "", "", "true",
     "When no replica in sync is alive, one out of sync may lead: the partition works again, and records are lost."},
});
// clang-format on

}  // namespace

std::span<const ConfigKey> topicSettings() {
    return topicKeys;
}

}  // namespace millrace::kafka
