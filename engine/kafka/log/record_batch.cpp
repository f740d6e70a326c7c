#include "engine/kafka/log/record_batch.h"

#include <isa-l/crc.h>
#include <lz4frame.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <memory>

#include "engine/base/check.h"
#include "engine/kafka/log/varint.h"

namespace millrace::kafka {

namespace {

// Where the header's fields stand, from the batch's first byte.
namespace at {
constexpr std::size_t baseOffset = 0;
constexpr std::size_t batchLength = 8;
constexpr std::size_t leaderEpoch = 12;
constexpr std::size_t magic = 16;
constexpr std::size_t crc = 17;
constexpr std::size_t attributes = 21;
constexpr std::size_t lastOffsetDelta = 23;
constexpr std::size_t baseTimestamp = 27;
constexpr std::size_t maxTimestamp = 35;
constexpr std::size_t producerId = 43;
constexpr std::size_t producerEpoch = 51;
constexpr std::size_t baseSequence = 53;
constexpr std::size_t recordCount = 57;
}  // namespace at
static_assert(at::recordCount + 4 == RecordBatch::headerSize);

/// Big-endian numbers, as everywhere in Kafka's formats.
static_assert(std::endian::native == std::endian::little);
template <class T>
T turned(T number) {
    if constexpr (sizeof(T) == 8) {
        return static_cast<T>(__builtin_bswap64(static_cast<std::uint64_t>(number)));
    } else if constexpr (sizeof(T) == 4) {
        return static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(number)));
    } else {
        static_assert(sizeof(T) == 2);
        return static_cast<T>(__builtin_bswap16(static_cast<std::uint16_t>(number)));
    }
}

template <class T>
T readNumber(const char* from) {
    T number = 0;
    std::memcpy(&number, from, sizeof number);
    return turned(number);
}

template <class T>
void writeNumber(char* to, T number) {
    number = turned(number);
    std::memcpy(to, &number, sizeof number);
}

/// Where there is room; gives the end.
char* writeBytes(char* out, std::optional<std::string_view> bytes) {
    out = writeVarint(out, bytes ? static_cast<std::int64_t>(bytes->size()) : -1);
    return bytes ? std::copy(bytes->begin(), bytes->end(), out) : out;
}

std::size_t bytesSize(std::optional<std::string_view> bytes) {
    return bytes ? varintSize(static_cast<std::int64_t>(bytes->size())) + bytes->size() : 1;
}

/// A byte field; null in `from` when it runs over the end.
std::optional<std::string_view> readBytes(const char*& from, const char* end) {
    const std::int64_t size = readVarint(from, end);
    if (from == nullptr || size < 0) {
        return std::nullopt;
    }
    if (size > end - from) {
        from = nullptr;
        return std::nullopt;
    }
    const std::string_view bytes{from, static_cast<std::size_t>(size)};
    from += size;
    return bytes;
}

/// Nothing when it is damaged, or holds more than `sizeMost`: then no more than that was unpacked.
std::optional<std::string> unpackLz4(std::string_view packed, std::size_t sizeMost) {
    LZ4F_dctx* raw = nullptr;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION)) != 0) {
        return std::nullopt;
    }
    const std::unique_ptr<LZ4F_dctx, decltype(&LZ4F_freeDecompressionContext)> context(raw,
                                                                                       LZ4F_freeDecompressionContext);
    std::string out;
    std::string block(std::size_t{64} << 10U, '\0');
    for (;;) {
        std::size_t produced = block.size();
        std::size_t consumed = packed.size();
        const std::size_t hint = LZ4F_decompress(raw, block.data(), &produced, packed.data(), &consumed, nullptr);
        if (LZ4F_isError(hint) != 0 || out.size() + produced > sizeMost) {
            return std::nullopt;
        }
        out.append(block, 0, produced);
        packed.remove_prefix(consumed);
        if (hint == 0) {
            return packed.empty() ? std::optional(std::move(out)) : std::nullopt;
        }
        if (packed.empty() && produced == 0) {
            return std::nullopt;  // cut off
        }
    }
}

std::string packLz4(std::string_view plain) {
    std::string out(LZ4F_compressFrameBound(plain.size(), nullptr), '\0');
    const std::size_t size = LZ4F_compressFrame(out.data(), out.size(), plain.data(), plain.size(), nullptr);
    MILLRACE_CHECK(LZ4F_isError(size) == 0, plain.size());
    out.resize(size);
    return out;
}

/// Walks one record with every bound checked; false when it is not well formed or not the expected one.
bool checkRecord(const char*& from, const char* end, std::int32_t expectedDelta) {
    const std::int64_t length = readVarint(from, end);
    if (from == nullptr || length < 1 || length > end - from) {
        return false;
    }
    const char* const recordEnd = from + length;
    ++from;  // attributes of a record: none are defined
    (void)readVarint(from, recordEnd);
    const std::int64_t offsetDelta = from == nullptr ? -1 : readVarint(from, recordEnd);
    if (from == nullptr || offsetDelta != expectedDelta) {
        return false;
    }
    (void)readBytes(from, recordEnd);
    if (from != nullptr) {
        (void)readBytes(from, recordEnd);
    }
    std::int64_t headers = from == nullptr ? -1 : readVarint(from, recordEnd);
    if (from == nullptr || headers < 0) {
        return false;
    }
    for (; headers > 0; --headers) {
        const bool hasKey = readBytes(from, recordEnd).has_value();
        if (from == nullptr || !hasKey) {
            return false;
        }
        (void)readBytes(from, recordEnd);
        if (from == nullptr) {
            return false;
        }
    }
    return from == recordEnd;
}

bool checkRecords(std::string_view bytes, std::int32_t count) {
    const char* from = bytes.data();
    const char* const end = bytes.data() + bytes.size();
    for (std::int32_t i = 0; i < count; ++i) {
        if (!checkRecord(from, end, i)) {
            return false;
        }
    }
    return from == end;
}

/// Rules of the broker about a client's batch that its header alone can break.
bool isHeaderSound(const BatchPayload& payload) {
    const std::int32_t count = payload.recordCount();
    return count >= 1 && payload.lastOffsetDelta() == count - 1 &&
           (payload.producerId() < 0 || payload.baseSequence() >= 0);
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
    // ISA-L neither inverts the start value nor the result.
    std::uint32_t crc = ~before;
    constexpr std::size_t step = std::size_t{1} << 30U;  // its length is an int
    while (!bytes.empty()) {
        const std::string_view part = bytes.substr(0, step);
        std::string_view::const_pointer data = part.data();
        crc =
            crc32_iscsi(reinterpret_cast<unsigned char*>(const_cast<char*>(data)), static_cast<int>(part.size()), crc);
        bytes.remove_prefix(part.size());
    }
    return ~crc;
}

// --- BatchPayload

Ref<const BatchPayload> BatchPayload::make(std::string_view header, std::string_view records) {
    const std::size_t size = header.size() + records.size();
    MILLRACE_CHECK(size >= RecordBatch::headerSize && size <= std::numeric_limits<std::int32_t>::max(), size);
    void* memory = Counted::operator new(sizeof(BatchPayload) + size);
    const Ref<const BatchPayload> payload(::new (memory) BatchPayload(static_cast<std::uint32_t>(size)));
    char* const bytes = static_cast<char*>(memory) + sizeof(BatchPayload);
    std::copy(records.begin(), records.end(), std::copy(header.begin(), header.end(), bytes));
    writeNumber<std::int64_t>(bytes + at::baseOffset, 0);
    writeNumber<std::int32_t>(bytes + at::leaderEpoch, -1);
    return payload;
}

/// The memory holds more than the object, which only the object knows.
void BatchPayload::operator delete(BatchPayload* payload, std::destroying_delete_t) {
    const std::size_t size = sizeof(BatchPayload) + payload->m_size;
    payload->~BatchPayload();
    Counted::operator delete(payload, size);
}

std::uint32_t BatchPayload::crc() const {
    return readNumber<std::uint32_t>(data() + at::crc);
}
std::int16_t BatchPayload::attributes() const {
    return readNumber<std::int16_t>(data() + at::attributes);
}
std::int32_t BatchPayload::lastOffsetDelta() const {
    return readNumber<std::int32_t>(data() + at::lastOffsetDelta);
}
std::int32_t BatchPayload::recordCount() const {
    return readNumber<std::int32_t>(data() + at::recordCount);
}
std::int64_t BatchPayload::baseTimestamp() const {
    return readNumber<std::int64_t>(data() + at::baseTimestamp);
}
std::int64_t BatchPayload::maxTimestamp() const {
    return readNumber<std::int64_t>(data() + at::maxTimestamp);
}
std::int64_t BatchPayload::producerId() const {
    return readNumber<std::int64_t>(data() + at::producerId);
}
std::int32_t BatchPayload::baseSequence() const {
    return readNumber<std::int32_t>(data() + at::baseSequence);
}

std::string BatchPayload::unpacked() const {
    std::optional<std::string> plain =
        unpackLz4(bytes().substr(RecordBatch::headerSize), std::numeric_limits<std::size_t>::max());
    MILLRACE_CHECK(plain.has_value());
    return std::move(*plain);
}

std::string_view BatchPayload::records() const {
    if (codec() == Codec::None) {
        return bytes().substr(RecordBatch::headerSize);
    }
    if (!m_decoded) {
        m_decoded = std::make_unique<const std::string>(unpacked());
    }
    return *m_decoded;
}

Ref<const BatchPayload> BatchPayload::appendedAt(std::int64_t clockMillis) const {
    std::string header{bytes().substr(0, RecordBatch::headerSize)};
    const std::string_view stored = bytes().substr(RecordBatch::headerSize);
    writeNumber<std::int16_t>(header.data() + at::attributes, static_cast<std::int16_t>(attributes() | logAppendTime));
    writeNumber<std::int64_t>(header.data() + at::maxTimestamp, clockMillis);
    const std::uint32_t crc = crc32c(stored, crc32c(std::string_view{header}.substr(at::attributes)));
    writeNumber<std::uint32_t>(header.data() + at::crc, crc);
    return make(header, stored);
}

// --- RecordBatch

Result<Ref<const RecordBatch>, ErrorCode> RecordBatch::parse(std::string_view bytes, std::size_t* plainLeft) {
    const auto refuse = [](ErrorCode code) { return tl::unexpected<ErrorCode>(code); };
    if (bytes.size() < headerSize) {
        return refuse(ErrorCode::CorruptMessage);
    }
    const auto length = readNumber<std::int32_t>(bytes.data() + at::batchLength);
    if (length < 0 || static_cast<std::size_t>(length) + at::leaderEpoch != bytes.size()) {
        return refuse(ErrorCode::CorruptMessage);
    }
    if (bytes[at::magic] != 2) {
        return refuse(ErrorCode::UnsupportedForMessageFormat);
    }
    if (readNumber<std::uint32_t>(bytes.data() + at::crc) != crc32c(bytes.substr(at::attributes))) {
        return refuse(ErrorCode::CorruptMessage);
    }
    const auto baseOffset = Offset{readNumber<std::int64_t>(bytes.data() + at::baseOffset)};
    const auto leaderEpoch = LeaderEpoch{readNumber<std::int32_t>(bytes.data() + at::leaderEpoch)};
    auto payload = BatchPayload::make(bytes, {});
    if (!isHeaderSound(*payload)) {
        return refuse(ErrorCode::InvalidRecord);
    }
    const std::string_view stored = payload->bytes().substr(headerSize);
    switch (payload->codec()) {
        case Codec::None:
            if (!checkRecords(stored, payload->recordCount())) {
                return refuse(ErrorCode::InvalidRecord);
            }
            break;
        case Codec::Lz4: {
            // Against bombs: logs shrink to a tenth, repeated lines to a fiftieth, and little ones may do what they
            // like.
            constexpr std::size_t alwaysTaken = std::size_t{8} << 20U;
            constexpr std::size_t timesMost = 64;
            const std::size_t own = alwaysTaken + timesMost * stored.size();
            const std::optional<std::string> plain =
                unpackLz4(stored, plainLeft == nullptr ? own : std::min(own, *plainLeft));
            if (!plain || !checkRecords(*plain, payload->recordCount())) {
                return refuse(plain ? ErrorCode::InvalidRecord : ErrorCode::CorruptMessage);
            }
            if (plainLeft != nullptr) {
                *plainLeft -= plain->size();
            }
            break;
        }
        default:
            return refuse(ErrorCode::UnsupportedCompressionType);
    }
    return makeRef<const RecordBatch>(std::move(payload), baseOffset, leaderEpoch);
}

std::uint64_t RecordBatch::digest() const {
    Digest digest;
    digest.add((static_cast<std::uint64_t>(m_crc) << 32U) | m_size);
    digest.add(m_baseOffset.value);
    digest.add(m_leaderEpoch.value);
    return digest.value();
}

void RecordBatch::appendTo(std::string& out) const {
    const std::size_t start = out.size();
    out.resize(start + m_size);
    copyTo(out.data() + start);
}

char* RecordBatch::copyTo(char* out) const {
    const std::string_view bytes = m_payload->bytes();
    std::memcpy(out, bytes.data(), bytes.size());
    writeNumber(out + at::baseOffset, m_baseOffset.value);
    writeNumber(out + at::leaderEpoch, m_leaderEpoch.value);
    return out + bytes.size();
}

// --- reading

void RecordIterator::read() {
    if (m_left <= 0) {
        m_left = 0;
        return;
    }
    const std::int64_t length = readVarint(m_at, m_end);
    MILLRACE_CHECK(m_at != nullptr && length > 0 && length <= m_end - m_at);
    const char* const recordEnd = m_at + length;
    const char* from = m_at + 1;
    const std::int64_t createTime = m_baseTimestamp + readVarint(from, recordEnd);
    m_record.timestamp = m_appendTime != noTimestamp ? m_appendTime : createTime;
    m_record.offset = m_baseOffset + readVarint(from, recordEnd);
    m_record.key = readBytes(from, recordEnd);
    m_record.value = readBytes(from, recordEnd);
    m_record.headerCount = static_cast<std::uint32_t>(readVarint(from, recordEnd));
    m_record.m_headerBytes = {from, static_cast<std::size_t>(recordEnd - from)};
    m_at = recordEnd;
}

std::optional<std::string_view> RecordView::header(std::string_view name) const {
    const char* from = m_headerBytes.data();
    const char* const end = from + m_headerBytes.size();
    for (std::uint32_t i = 0; i < headerCount; ++i) {
        const std::optional<std::string_view> headerKey = readBytes(from, end);
        const std::optional<std::string_view> headerValue = readBytes(from, end);
        if (headerKey == name) {
            return headerValue.value_or(std::string_view{});
        }
    }
    return std::nullopt;
}

std::vector<RecordHeader> RecordView::headers() const {
    std::vector<RecordHeader> headers;
    const char* from = m_headerBytes.data();
    const char* const end = from + m_headerBytes.size();
    for (std::uint32_t i = 0; i < headerCount; ++i) {
        const std::string_view headerKey = readBytes(from, end).value_or(std::string_view{});
        headers.push_back({headerKey, readBytes(from, end)});
    }
    return headers;
}

// --- building

void RecordBatchBuilder::append(std::int64_t timestamp, std::optional<std::string_view> key,
                                std::optional<std::string_view> value, const std::vector<RecordHeader>& headers) {
    if (m_count == 0) {
        m_baseTimestamp = m_maxTimestamp = timestamp;
    }
    m_maxTimestamp = timestamp > m_maxTimestamp ? timestamp : m_maxTimestamp;
    const std::int64_t timestampDelta = timestamp - m_baseTimestamp;

    std::size_t length = 1 + varintSize(timestampDelta) + varintSize(m_count) + bytesSize(key) + bytesSize(value) +
                         varintSize(static_cast<std::int64_t>(headers.size()));
    for (const RecordHeader& header : headers) {
        length += bytesSize(header.key) + bytesSize(header.value);
    }
    const std::size_t before = m_records.size();
    const std::size_t size = varintSize(static_cast<std::int64_t>(length)) + length;
    m_records.resize(before + size);
    char* out = writeVarint(m_records.data() + before, static_cast<std::int64_t>(length));
    *out++ = '\0';
    out = writeVarint(out, timestampDelta);
    out = writeVarint(out, m_count);
    out = writeBytes(out, key);
    out = writeBytes(out, value);
    out = writeVarint(out, static_cast<std::int64_t>(headers.size()));
    for (const RecordHeader& header : headers) {
        out = writeBytes(out, header.key);
        out = writeBytes(out, header.value);
    }
    MILLRACE_CHECK(out == m_records.data() + m_records.size(), length);
    ++m_count;
}

std::size_t RecordBatchBuilder::recordSizeMax(std::optional<std::string_view> key,
                                              std::optional<std::string_view> value,
                                              const std::vector<RecordHeader>& headers) {
    // Length, time stamp and offset at their longest: 5 + 10 + 5 bytes, and one of attributes.
    std::size_t size = 21 + bytesSize(key) + bytesSize(value) + varintSize(static_cast<std::int64_t>(headers.size()));
    for (const RecordHeader& header : headers) {
        size += bytesSize(header.key) + bytesSize(header.value);
    }
    return size;
}

BatchRef RecordBatchBuilder::build() {
    MILLRACE_CHECK(m_count > 0);
    MILLRACE_CHECK(m_options.codec == Codec::None || m_options.codec == Codec::Lz4);
    if (m_options.codec == Codec::Lz4) {
        m_records = packLz4(m_records);
    }
    std::array<char, RecordBatch::headerSize> header{};
    char* const out = header.data();
    const std::size_t size = header.size() + m_records.size();
    MILLRACE_CHECK(size <= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()), size);
    writeNumber(out + at::batchLength, static_cast<std::int32_t>(size - at::leaderEpoch));
    writeNumber<std::int32_t>(out + at::leaderEpoch, -1);
    out[at::magic] = 2;
    writeNumber(out + at::attributes, static_cast<std::int16_t>(m_options.codec));
    writeNumber<std::int32_t>(out + at::lastOffsetDelta, m_count - 1);
    writeNumber(out + at::baseTimestamp, m_baseTimestamp);
    writeNumber(out + at::maxTimestamp, m_maxTimestamp);
    writeNumber(out + at::producerId, m_options.producerId);
    writeNumber(out + at::producerEpoch, m_options.producerEpoch);
    writeNumber(out + at::baseSequence, m_options.baseSequence);
    writeNumber(out + at::recordCount, m_count);
    const std::string_view covered = std::string_view{out, header.size()}.substr(at::attributes);
    writeNumber(out + at::crc, crc32c(m_records, crc32c(covered)));
    auto payload = BatchPayload::make({out, header.size()}, m_records);
    m_records.clear();
    m_count = 0;
    return makeRef<const RecordBatch>(std::move(payload), Offset{0}, noEpoch);
}

}  // namespace millrace::kafka
