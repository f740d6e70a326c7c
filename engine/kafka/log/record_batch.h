#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/pool_allocator.h"
#include "engine/base/ref.h"
#include "engine/base/result.h"
#include "engine/kafka/types.h"
#include "engine/sim/disk.h"

namespace millrace::kafka {

enum class Codec : std::uint8_t { None = 0, Gzip = 1, Snappy = 2, Lz4 = 3, Zstd = 4 };

struct RecordHeader {
    std::string_view key;
    std::optional<std::string_view> value;
};

/// One record inside a batch: views that live as long as the batch. An absent key or value is Kafka's null.
class RecordView {
public:
    Offset offset;
    std::int64_t timestamp = 0;  ///< milliseconds since 1970-01-01 UTC
    std::optional<std::string_view> key;
    std::optional<std::string_view> value;
    std::uint32_t headerCount = 0;

    /// The first header of that name; an absent value of a present header reads as empty.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
    [[nodiscard]] std::vector<RecordHeader> headers() const;

private:
    friend class RecordIterator;
    std::string_view m_headerBytes;
};

/// Walks the records of a batch without copying. The bytes have been checked when the batch was made.
class RecordIterator {
public:
    using value_type = RecordView;
    using difference_type = std::ptrdiff_t;

    RecordIterator() = default;
    /// `appendTime`: of all records, when the broker has set it; else `noTimestamp`.
    RecordIterator(std::string_view bytes, Offset baseOffset, std::int64_t baseTimestamp, std::int32_t count,
                   std::int64_t appendTime = noTimestamp)
        : m_at(bytes.data()),
          m_end(bytes.data() + bytes.size()),
          m_baseOffset(baseOffset),
          m_baseTimestamp(baseTimestamp),
          m_appendTime(appendTime),
          m_left(count) {
        read();
    }

    const RecordView& operator*() const { return m_record; }
    const RecordView* operator->() const { return &m_record; }
    RecordIterator& operator++() {
        --m_left;
        read();
        return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const RecordIterator& a, const RecordIterator& b) { return a.m_left == b.m_left; }

private:
    void read();

    const char* m_at = nullptr;
    const char* m_end = nullptr;
    Offset m_baseOffset;
    std::int64_t m_baseTimestamp = 0;
    std::int64_t m_appendTime = noTimestamp;
    std::int32_t m_left = 0;
    RecordView m_record;
};

class RecordRange {
public:
    explicit RecordRange(RecordIterator begin) : m_begin(begin) {}
    [[nodiscard]] RecordIterator begin() const { return m_begin; }
    [[nodiscard]] RecordIterator end() const { return {}; }

private:
    RecordIterator m_begin;
};

/// The part of a batch that never changes: everything its CRC covers. The bytes stand right behind the object, because
/// with the defaults of producers most batches hold one record and there are as many of them as records.
class BatchPayload final : public Counted {
public:
    /// The maximum time stamp is the broker's clock and stands for that of every record (message.timestamp.type).
    static constexpr std::int16_t logAppendTime = 0x08;

    /// A whole batch; its base offset becomes 0 and its leader epoch -1.
    [[nodiscard]] static Ref<const BatchPayload> make(std::string_view header, std::string_view records);

    [[nodiscard]] std::string_view bytes() const { return {data(), m_size}; }
    [[nodiscard]] std::uint32_t crc() const;
    [[nodiscard]] std::int16_t attributes() const;
    [[nodiscard]] Codec codec() const { return static_cast<Codec>(attributes() & 7); }
    [[nodiscard]] std::int32_t lastOffsetDelta() const;
    [[nodiscard]] std::int32_t recordCount() const;
    [[nodiscard]] std::int64_t baseTimestamp() const;
    [[nodiscard]] std::int64_t maxTimestamp() const;
    [[nodiscard]] std::int64_t producerId() const;
    [[nodiscard]] std::int32_t baseSequence() const;

    /// The records as they are when not compressed. Decoded at the first call and kept; not valid when the codec is one
    /// that is not built in or the content is broken, which `parse` has excluded.
    [[nodiscard]] std::string_view records() const;
    /// The same for a codec, unpacked anew for whoever needs it for a moment.
    [[nodiscard]] std::string unpacked() const;

    /// The same records with the broker's time instead of their own, as LogValidator sets it: attributes, maximum and
    /// CRC are others, the records' bytes are not touched.
    [[nodiscard]] Ref<const BatchPayload> appendedAt(std::int64_t clockMillis) const;

    static void operator delete(BatchPayload* payload, std::destroying_delete_t);

private:
    explicit BatchPayload(std::uint32_t size) : m_size(size) {}
    [[nodiscard]] const char* data() const { return reinterpret_cast<const char*>(this + 1); }

    std::uint32_t m_size;
    mutable std::unique_ptr<const std::string> m_decoded;
};

/// A record batch in Kafka's v2 format (magic 2): 61 bytes of header, CRC-32C, records as varints. Immutable, and one
/// object is shared by producer, log, followers and consumers. Base offset and partition leader epoch stand outside the
/// CRC, so they are kept beside the shared payload: a leader that appends a batch copies no bytes.
/// Source: Kafka's DefaultRecordBatch and DefaultRecord (KIP-98). Left out: formats 0 and 1, and the codecs gzip,
/// snappy and zstd, which are refused with UNSUPPORTED_COMPRESSION_TYPE.
class RecordBatch final : public sim::Chunk {
public:
    static constexpr std::size_t headerSize = 61;

    RecordBatch(Ref<const BatchPayload> payload, Offset baseOffset, LeaderEpoch leaderEpoch)
        : m_leaderEpoch(leaderEpoch),
          m_payload(std::move(payload)),
          m_baseOffset(baseOffset),
          m_lastOffsetDelta(m_payload->lastOffsetDelta()),
          m_crc(m_payload->crc()),
          m_size(static_cast<std::uint32_t>(m_payload->bytes().size())),
          m_attributes(m_payload->attributes()) {}

    /// Takes one whole batch from bytes that came from outside; checks sizes, magic, CRC and every record. What
    /// unpacks to far more than it is, or to more than `plainLeft` still allows, is refused as corrupt.
    [[nodiscard]] static Result<Ref<const RecordBatch>, ErrorCode> parse(std::string_view bytes,
                                                                         std::size_t* plainLeft = nullptr);

    [[nodiscard]] Ref<const RecordBatch> rebased(Offset baseOffset, LeaderEpoch leaderEpoch) const {
        return makeRef<RecordBatch>(m_payload, baseOffset, leaderEpoch);
    }

    [[nodiscard]] Ref<const RecordBatch> appendedAt(std::int64_t clockMillis) const {
        return makeRef<RecordBatch>(m_payload->appendedAt(clockMillis), m_baseOffset, m_leaderEpoch);
    }

    [[nodiscard]] Offset baseOffset() const { return m_baseOffset; }
    [[nodiscard]] Offset lastOffset() const { return m_baseOffset + m_lastOffsetDelta; }
    [[nodiscard]] Offset nextOffset() const { return lastOffset() + 1; }
    [[nodiscard]] LeaderEpoch leaderEpoch() const { return m_leaderEpoch; }
    [[nodiscard]] std::int32_t recordCount() const { return m_lastOffsetDelta + 1; }  ///< as `parse` has checked
    [[nodiscard]] bool isLogAppendTime() const { return (m_attributes & BatchPayload::logAppendTime) != 0; }
    /// Of the first record.
    [[nodiscard]] std::int64_t baseTimestamp() const {
        return isLogAppendTime() ? maxTimestamp() : m_payload->baseTimestamp();
    }
    [[nodiscard]] std::int64_t maxTimestamp() const { return m_payload->maxTimestamp(); }
    [[nodiscard]] Codec codec() const { return m_payload->codec(); }
    [[nodiscard]] bool isControl() const { return (m_attributes & 0x20) != 0; }
    [[nodiscard]] bool isTransactional() const { return (m_attributes & 0x10) != 0; }
    [[nodiscard]] std::uint32_t crc() const { return m_crc; }
    [[nodiscard]] const BatchPayload& payload() const { return *m_payload; }

    /// `for (const RecordView& record : batch->records())`; keep the batch as long as the views.
    [[nodiscard]] RecordRange records() const { return recordsIn(m_payload->records()); }

    /// The same from records that were unpacked for a moment.
    [[nodiscard]] RecordRange recordsIn(std::string_view plain) const {
        return RecordRange(RecordIterator(plain, m_baseOffset, m_payload->baseTimestamp(), recordCount(),
                                          isLogAppendTime() ? maxTimestamp() : noTimestamp));
    }

    [[nodiscard]] ByteCount size() const override { return m_size; }
    /// From the CRC-32C, which no single changed byte leaves as it was, and what stands outside of it.
    [[nodiscard]] std::uint64_t digest() const override;
    /// The batch's bytes as they stand in a log file or a response.
    void appendTo(std::string& out) const;
    /// The same where there is room for them; says where they end.
    char* copyTo(char* at) const;

private:
    LeaderEpoch m_leaderEpoch;  // first, beside the count: there is one batch a record
    Ref<const BatchPayload> m_payload;
    Offset m_baseOffset;
    // As the payload says them; whoever walks a log or digests a message asks for nothing else, and would wait for its
    // cold memory.
    std::int32_t m_lastOffsetDelta;
    std::uint32_t m_crc;
    std::uint32_t m_size;
    std::int16_t m_attributes;
};
static_assert(sizeof(RecordBatch) == 48);
using BatchRef = Ref<const RecordBatch>;
using Batches = PooledVector<BatchRef>;

/// What a batch says about itself beside its records.
struct BatchOptions {
    Codec codec = Codec::None;  ///< None or Lz4
    std::int64_t producerId = -1;
    std::int16_t producerEpoch = -1;
    std::int32_t baseSequence = -1;
};

/// Gathers records into a batch. A value, so that it may be part of an actor's state.
class RecordBatchBuilder {
public:
    explicit RecordBatchBuilder(BatchOptions options = {}) : m_options(options) {}

    void append(std::int64_t timestamp, std::optional<std::string_view> key, std::optional<std::string_view> value,
                const std::vector<RecordHeader>& headers = {});

    [[nodiscard]] std::int32_t recordCount() const { return m_count; }
    [[nodiscard]] bool empty() const { return m_count == 0; }
    /// Of the batch as it stands, before compression.
    [[nodiscard]] std::size_t sizeInBytes() const { return RecordBatch::headerSize + m_records.size(); }
    /// Bytes that this record would add.
    [[nodiscard]] static std::size_t recordSizeMax(std::optional<std::string_view> key,
                                                   std::optional<std::string_view> value,
                                                   const std::vector<RecordHeader>& headers);
    /// The finished batch; at least one record. The builder is empty afterwards.
    [[nodiscard]] BatchRef build();

private:
    BatchOptions m_options;
    std::string m_records;
    std::int32_t m_count = 0;
    std::int64_t m_baseTimestamp = 0;
    std::int64_t m_maxTimestamp = 0;
};

/// CRC-32C (Castagnoli) as Kafka computes it, of what follows on bytes whose value is `before`.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace millrace::kafka
