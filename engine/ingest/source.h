#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/random.h"
#include "engine/base/ref.h"
#include "engine/base/sim_time.h"
#include "engine/ingest/feed.h"
#include "engine/ingest/file_content.h"
#include "engine/ingest/zipf.h"

namespace millrace::ingest {

/// When records become due. Rate 0 is "as fast as they are taken".
struct Pace {
    double recordsPerSecond = 0;
    double jitter = 0;     ///< 0 to 1: each gap is drawn uniformly from (1 - jitter) to (1 + jitter) times the mean gap
    SimDuration start{0};  ///< of the first record, after the source's own start
};

/// A file's lines in order, without keys.
struct FileSource {
    Ref<const FileContent> content;
};

/// Keys of generated records: `count` different ones, drawn by Zipf's law with `exponent` (0: uniform); none when count
/// is 0.
struct KeySpec {
    std::uint32_t count = 0;
    double exponent = 0;
    std::string prefix = "key-";
};

/// Values of generated records.
struct ValueSpec {
    std::uint32_t words = 10;          ///< of each value, parted by blanks
    std::uint32_t vocabulary = 5'000;  ///< different words,
    double exponent = 1.0;             ///< drawn by Zipf's law
    std::uint32_t bytes = 100;         ///< a shorter value is padded with blanks to this size
};

struct GeneratorSource {
    KeySpec keys;
    ValueSpec values;
    std::optional<std::int64_t> recordsMax;  ///< without it endless
};

/// A source as the scenario describes it. Immutable and shared.
struct SourceSpec final : Counted {
    std::string id;
    Pace pace;
    std::int64_t seed = 0;  ///< beside the run's; 0: none
    std::variant<FileSource, GeneratorSource> origin;
    /// Set when a model, flaws or the stamps of a file say what comes and when; then `origin` is where it is from.
    Ref<const FeedSpec> feed;

    [[nodiscard]] bool isEndless() const;
    /// The file's path, "" for a generator.
    [[nodiscard]] std::string_view path() const;
};

/// One record of a source. The views hold until the next one is taken.
struct SourceRecord {
    std::int64_t position = 0;
    std::optional<std::string_view> key;
    std::string_view value;
};

/// Where a source has been read to: part of the state of who reads it. Copies read on independently and give the same
/// records.
class SourceCursor {
public:
    SourceCursor() = default;
    /// `random` is the reader's stream for this source; `from` is the position of the first record to be read.
    SourceCursor(Ref<const SourceSpec> spec, RandomStream random, SimTime start, std::int64_t from = 0);

    [[nodiscard]] const SourceSpec& spec() const { return *m_spec; }
    /// Position of the next record, which is also the number of those before it.
    [[nodiscard]] std::int64_t position() const { return m_position; }
    [[nodiscard]] bool exhausted() const;
    /// When the next record is there to be taken; meaningful unless exhausted. With rate 0 that is always.
    [[nodiscard]] SimTime nextDue() const { return m_feed.isThere() ? m_feed.nextDue() : m_nextDue; }
    [[nodiscard]] SourceRecord take();
    /// The records of a feed are more than they say; of the one that was taken last.
    [[nodiscard]] bool hasTruth() const { return m_feed.isThere(); }
    [[nodiscard]] const RecordTruth& truth() const { return m_truth; }
    [[nodiscard]] const FeedCursor& feed() const { return m_feed; }

    /// Changes the pace from `now` on, as an operator's action on a running source.
    void setRate(double recordsPerSecond, SimTime now);
    /// The same as another spec of the source says, whose rate was changed since: see FeedCursor::follow.
    void follow(Ref<const SourceSpec> spec, SimTime now);

private:
    void schedule();
    SourceRecord generate(const GeneratorSource& generator);

    Ref<const SourceSpec> m_spec;
    Ref<const ZipfTable> m_keys;
    Ref<const ZipfTable> m_words;
    Ref<const Counted> m_vocabulary;
    RandomStream m_random;
    double m_rate = 0;
    SimTime m_paceStart;          ///< since when the present rate holds,
    std::int64_t m_paceFrom = 0;  ///< and the position then
    SimTime m_nextDue;
    std::int64_t m_position = 0;
    std::string m_key;
    std::string m_value;
    FeedCursor m_feed;
    RecordTruth m_truth;
};

/// The same source with another rate from an instant on.
[[nodiscard]] Ref<const SourceSpec> withRate(const SourceSpec& source, double recordsPerSecond, SimTime from);

/// The records of a source without flaws as readings of a model.
[[nodiscard]] Ref<const Model> recordsModel(Ref<const SourceSpec> spec, RandomStream random);

}  // namespace millrace::ingest
