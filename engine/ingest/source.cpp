#include "engine/ingest/source.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"

namespace millrace::ingest {
namespace {

/// The words of a generator by rank, cut into one text: made once and shared by all copies of the cursor.
struct Vocabulary final : Counted {
    std::string letters;
    std::vector<std::uint32_t> ends;

    explicit Vocabulary(std::uint32_t size) {
        for (std::uint32_t rank = 0; rank < size; ++rank) {
            letters += wordOfRank(rank);
            ends.push_back(static_cast<std::uint32_t>(letters.size()));
        }
    }
    [[nodiscard]] std::string_view word(std::uint32_t rank) const {
        const std::uint32_t start = rank == 0 ? 0 : ends[rank - 1];
        return std::string_view{letters}.substr(start, ends[rank] - start);
    }
};

}  // namespace

bool SourceSpec::isEndless() const {
    const auto* generator = std::get_if<GeneratorSource>(&origin);
    return generator != nullptr && !generator->recordsMax;
}

std::string_view SourceSpec::path() const {
    const auto* file = std::get_if<FileSource>(&origin);
    return file != nullptr && file->content ? std::string_view{file->content->path()} : std::string_view{};
}

SourceCursor::SourceCursor(Ref<const SourceSpec> spec, RandomStream random, SimTime start, std::int64_t from)
    : m_spec(std::move(spec)),
      m_random(random),
      m_rate(m_spec->pace.recordsPerSecond),
      m_paceStart(start + m_spec->pace.start),
      m_paceFrom(from),
      m_nextDue(m_paceStart),
      m_position(from) {
    if (m_spec->seed != 0) {
        m_random = RandomStream(m_random.next() + static_cast<std::uint64_t>(m_spec->seed), "seed");
    }
    if (m_spec->feed) {
        m_feed = FeedCursor(m_spec->feed);
        while (m_feed.position() < from && !m_feed.exhausted()) {
            m_truth = m_feed.take();
        }
        return;
    }
    if (const auto* generator = std::get_if<GeneratorSource>(&m_spec->origin)) {
        m_words = makeRef<ZipfTable>(generator->values.vocabulary, generator->values.exponent);
        m_vocabulary = makeRef<Vocabulary>(generator->values.vocabulary);
        if (generator->keys.count > 0) {
            m_keys = makeRef<ZipfTable>(generator->keys.count, generator->keys.exponent);
        }
    }
}

bool SourceCursor::exhausted() const {
    if (m_feed.isThere()) {
        return m_feed.exhausted();
    }
    if (const auto* file = std::get_if<FileSource>(&m_spec->origin)) {
        return m_position >= file->content->lineCount();
    }
    const auto most = std::get<GeneratorSource>(m_spec->origin).recordsMax;
    return most && m_position >= *most;
}

SourceRecord SourceCursor::take() {
    MILLRACE_CHECK(!exhausted(), m_spec->id, m_position);
    SourceRecord record;
    if (m_feed.isThere()) {
        m_truth = m_feed.take();
        record.value = m_feed.text();
        if (!m_feed.key().empty()) {
            record.key = m_feed.key();
        }
        record.position = m_truth.position;
        m_position = m_feed.position();
        return record;
    }
    if (const auto* file = std::get_if<FileSource>(&m_spec->origin)) {
        record.value = file->content->line(m_position);
    } else {
        record = generate(std::get<GeneratorSource>(m_spec->origin));
    }
    record.position = m_position++;
    schedule();
    return record;
}

SourceRecord SourceCursor::generate(const GeneratorSource& generator) {
    const auto& vocabulary = static_cast<const Vocabulary&>(*m_vocabulary);
    m_value.clear();
    for (std::uint32_t i = 0; i < generator.values.words; ++i) {
        if (i > 0) {
            m_value.push_back(' ');
        }
        m_value.append(vocabulary.word(m_words->draw(m_random)));
    }
    if (m_value.size() < generator.values.bytes) {
        m_value.append(generator.values.bytes - m_value.size(), ' ');
    }
    SourceRecord record;
    if (m_keys) {
        m_key = generator.keys.prefix;
        m_key += std::to_string(m_keys->draw(m_random));
        record.key = m_key;
    }
    record.value = m_value;
    return record;
}

// Without jitter due times are computed from the pace's start, so that rounding does not add up over a long run.
void SourceCursor::schedule() {
    if (m_rate <= 0) {
        return;
    }
    const double jitter = m_spec->pace.jitter;
    if (jitter <= 0) {
        m_nextDue = m_paceStart + fromSeconds(static_cast<double>(m_position - m_paceFrom) / m_rate);
        return;
    }
    const double factor = 1.0 + jitter * (2.0 * m_random.uniform() - 1.0);
    m_nextDue += fromSeconds(factor / m_rate);
}

void SourceCursor::follow(Ref<const SourceSpec> spec, SimTime now) {
    m_spec = std::move(spec);
    if (m_feed.isThere()) {
        m_feed.follow(m_spec->feed, now);
    } else {
        setRate(m_spec->pace.recordsPerSecond, now);
    }
}

Ref<const SourceSpec> withRate(const SourceSpec& source, double recordsPerSecond, SimTime from) {
    auto spec = makeRef<SourceSpec>(source);
    spec->pace.recordsPerSecond = recordsPerSecond;
    if (spec->feed) {
        auto feed = makeRef<FeedSpec>(*spec->feed);
        feed->rateSteps.push_back({from, recordsPerSecond});
        spec->feed = std::move(feed);
    }
    return spec;
}

void SourceCursor::setRate(double recordsPerSecond, SimTime now) {
    if (m_feed.isThere()) {
        m_feed.setRate(recordsPerSecond, now);
        return;
    }
    m_rate = recordsPerSecond;
    m_paceStart = now;
    m_paceFrom = m_position;
    m_nextDue = now;
    if (m_rate > 0) {
        m_nextDue += fromSeconds(1.0 / m_rate);
        m_paceStart = m_nextDue;
    }
}

namespace {

class RecordsModel final : public ModelBase<RecordsModel> {
public:
    RecordsModel(Ref<const SourceSpec> spec, RandomStream random)
        : m_jitter(spec->pace.jitter),
          m_gaps(RandomStream(random).next(), "gaps"),
          m_cursor(std::move(spec), random, SimTime{}) {}
    void read(SimTime, Reading& reading) override {
        const SourceRecord record = m_cursor.take();
        reading.text = record.value;
        reading.key = record.key.value_or(std::string_view{});
    }
    double gap(SimTime) override { return m_jitter > 0 ? 1 + m_jitter * (2 * m_gaps.uniform() - 1) : 1; }
    [[nodiscard]] bool isAtEnd() const override { return m_cursor.exhausted(); }

private:
    double m_jitter;
    RandomStream m_gaps;
    SourceCursor m_cursor;
};

}  // namespace

Ref<const Model> recordsModel(Ref<const SourceSpec> spec, RandomStream random) {
    return makeRef<RecordsModel>(std::move(spec), random);
}

}  // namespace millrace::ingest
