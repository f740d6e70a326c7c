#include "engine/ingest/compression.h"

#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <utility>

#include "engine/base/check.h"

namespace millrace::ingest {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t chunkSize = std::size_t{1} << 16U;

std::string damaged(std::string_view tool, std::size_t textSize) {
    return fmt::format("its {} data are damaged after {} bytes of text", tool, textSize);
}
std::string cutOff(std::string_view tool, std::size_t textSize) {
    return fmt::format("its {} data end in the middle, after {} bytes of text: the file is not whole", tool, textSize);
}

/// Takes text up to the limit.
class Outlet {
public:
    Outlet(Unpacked& out, const UnpackLimits& limits) : m_out(out), m_limits(limits) {}

    [[nodiscard]] char* place() { return m_chunk.data(); }
    [[nodiscard]] static constexpr std::size_t room() { return chunkSize; }
    /// False when that is enough, or too much.
    bool take(std::size_t count) {
        const std::size_t free = m_limits.textMax - m_out.text.size();
        m_out.text.append(m_chunk.data(), std::min(count, free));
        if (count <= free) {
            return true;
        }
        m_out.isWhole = false;
        return false;
    }
    [[nodiscard]] Result<Unpacked> full() {
        if (m_limits.takesPart) {
            return std::move(m_out);
        }
        return failure(fmt::format("it holds more than {} GiB of text: unpack it and cut it into pieces",
                                   m_limits.textMax >> 30U));
    }
    /// The input is used up in the middle.
    [[nodiscard]] Result<Unpacked> dry(std::string_view tool) {
        if (m_limits.isFront) {
            m_out.isWhole = false;
            return std::move(m_out);
        }
        return failure(cutOff(tool, m_out.text.size()));
    }

private:
    Unpacked& m_out;
    const UnpackLimits& m_limits;
    std::array<char, chunkSize> m_chunk{};
};

bool isPadding(std::string_view bytes) {
    return bytes.find_first_not_of('\0') == std::string_view::npos;
}

Result<Unpacked> unpackGzip(std::string_view bytes, const UnpackLimits& limits) {
    Unpacked out;
    const auto outlet = std::make_unique<Outlet>(out, limits);
    z_stream stream{};
    if (inflateInit2(&stream, 15 + 16) != Z_OK) {
        return failure("there is no memory to unpack it");
    }
    const std::unique_ptr<z_stream, void (*)(z_stream*)> end(&stream, [](z_stream* s) { inflateEnd(s); });
    std::size_t given = 0;
    while (true) {
        if (stream.avail_in == 0) {
            const std::size_t count = std::min<std::size_t>(bytes.size() - given, std::size_t{1} << 30U);
            stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + given));
            stream.avail_in = static_cast<uInt>(count);
            given += count;
        }
        stream.next_out = reinterpret_cast<Bytef*>(outlet->place());
        stream.avail_out = static_cast<uInt>(Outlet::room());
        const int status = inflate(&stream, Z_NO_FLUSH);
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
            return failure(damaged("gzip", out.text.size()));
        }
        const std::size_t made = Outlet::room() - stream.avail_out;
        if (!outlet->take(made)) {
            return outlet->full();
        }
        if (status == Z_STREAM_END) {
            const std::string_view rest = bytes.substr(given - stream.avail_in);
            if (compressionOf(rest) != Compression::Gzip) {
                out.bytesLeftOver = isPadding(rest) ? 0 : rest.size();
                return out;
            }
            inflateReset(&stream);
        } else if (made == 0 && stream.avail_in == 0 && given == bytes.size()) {
            return outlet->dry("gzip");
        }
    }
}

Result<Unpacked> unpackZstd(std::string_view bytes, const UnpackLimits& limits) {
    Unpacked out;
    const auto outlet = std::make_unique<Outlet>(out, limits);
    const std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(), ZSTD_freeDStream);
    if (!stream) {
        return failure("there is no memory to unpack it");
    }
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    std::size_t left = 0;  // 0: between frames
    while (true) {
        if (left == 0 && input.pos == input.size && input.pos > 0) {
            return out;
        }
        const std::string_view rest = bytes.substr(input.pos);
        if (left == 0 && input.pos > 0 && compressionOf(rest) != Compression::Zstd) {
            out.bytesLeftOver = isPadding(rest) ? 0 : rest.size();
            return out;
        }
        const std::size_t before = input.pos;
        ZSTD_outBuffer output{outlet->place(), Outlet::room(), 0};
        left = ZSTD_decompressStream(stream.get(), &output, &input);
        if (ZSTD_isError(left) != 0) {
            return failure(damaged("zstd", out.text.size()));
        }
        if (!outlet->take(output.pos)) {
            return outlet->full();
        }
        if (left != 0 && output.pos == 0 && input.pos == before && input.pos == input.size) {
            return outlet->dry("zstd");
        }
    }
}

Result<Unpacked> unpackXz(std::string_view bytes, const UnpackLimits& limits) {
    Unpacked out;
    const auto outlet = std::make_unique<Outlet>(out, limits);
    lzma_stream stream = LZMA_STREAM_INIT;
    constexpr std::uint64_t memoryMax = std::uint64_t{1} << 30U;
    if (lzma_stream_decoder(&stream, memoryMax, LZMA_CONCATENATED) != LZMA_OK) {
        return failure("there is no memory to unpack it");
    }
    const std::unique_ptr<lzma_stream, void (*)(lzma_stream*)> end(&stream, [](lzma_stream* s) { lzma_end(s); });
    stream.next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    stream.avail_in = bytes.size();
    while (true) {
        stream.next_out = reinterpret_cast<std::uint8_t*>(outlet->place());
        stream.avail_out = Outlet::room();
        const lzma_ret status = lzma_code(&stream, limits.isFront ? LZMA_RUN : LZMA_FINISH);
        const std::size_t made = Outlet::room() - stream.avail_out;
        if (!outlet->take(made)) {
            return outlet->full();
        }
        if (status == LZMA_STREAM_END) {
            return out;
        }
        if (status == LZMA_BUF_ERROR) {
            return outlet->dry("xz");
        }
        if (status == LZMA_MEMLIMIT_ERROR) {
            return failure("it needs more than 1 GiB to be unpacked");
        }
        if (status == LZMA_FORMAT_ERROR && !out.text.empty()) {
            out.bytesLeftOver = stream.avail_in;  // After a whole stream: no new one begins.
            return out;
        }
        if (status != LZMA_OK) {
            return failure(damaged("xz", out.text.size()));
        }
        if (made == 0 && stream.avail_in == 0) {
            return outlet->dry("xz");
        }
    }
}

}  // namespace

std::string_view toText(Compression compression) {
    switch (compression) {
        case Compression::Gzip:
            return "gzip";
        case Compression::Zstd:
            return "zstd";
        case Compression::Xz:
            return "xz";
        case Compression::None:
            break;
    }
    return "not packed";
}

Compression compressionOf(std::string_view bytes) {
    if (bytes.starts_with("\x1f\x8b\x08"sv)) {
        return Compression::Gzip;
    }
    const bool isSkippable = bytes.size() >= 4 && (static_cast<unsigned char>(bytes[0]) & 0xF0U) == 0x50U &&
                             bytes.substr(1, 3) == "\x2a\x4d\x18"sv;
    if (bytes.starts_with("\x28\xb5\x2f\xfd"sv) || isSkippable) {
        return Compression::Zstd;
    }
    return bytes.starts_with(
               "\xfd"
               "7zXZ\0"sv)
               ? Compression::Xz
               : Compression::None;
}

std::string_view foreignKindOf(std::string_view bytes) {
    struct Kind {
        std::string_view start;
        std::string_view name;
    };
    static constexpr Kind kinds[] = {
        {"BZh"sv, "packed with bzip2"},
        {"\x1f\x9d"sv, "packed with compress"},
        {"\x1f\xa0"sv, "packed with compress"},
        {"\x04\x22\x4d\x18"sv, "packed with lz4"},
        {"\x89LZO\0\r\n\x1a\n"sv, "packed with lzop"},
        {"LZIP"sv, "packed with lzip"},
        {"\xce\xb2\xcf\x81"sv, "packed with brotli"},
        {"PK\x03\x04"sv, "a zip archive"},
        {"PK\x05\x06"sv, "a zip archive"},
        {"7z\xbc\xaf\x27\x1c"sv, "a 7z archive"},
        {"Rar!\x1a\x07"sv, "a rar archive"},
        {"SQLite format 3\0"sv, "an SQLite database"},
        {"\x7f"
         "ELF"sv,
         "a program"},
        {"%PDF-"sv, "a PDF document"},
        {"PAR1"sv, "a Parquet file"},
        {"\xff\xfe\0\0"sv, "text in UTF-32"},
        {"\0\0\xfe\xff"sv, "text in UTF-32"},
        {"LPKSHHRH"sv, "a systemd journal"},
        {"ElfFile\0"sv, "a Windows event log"},
    };
    for (const auto& [start, name] : kinds) {
        if (bytes.starts_with(start)) {
            return name;
        }
    }
    // Properties, a dictionary's size of which the upper half is zero, and mostly no length: what `xz --format=lzma`
    // makes.
    constexpr std::size_t lzmaHeader = 13;
    if (bytes.size() >= lzmaHeader && bytes.starts_with("\x5d\0\0"sv) && bytes[4] == '\0' &&
        (bytes.substr(5, 8) == "\xff\xff\xff\xff\xff\xff\xff\xff"sv || bytes.substr(10, 3) == "\0\0\0"sv)) {
        return "packed with lzma";
    }
    return bytes.size() > 262 && bytes.substr(257, 5) == "ustar"sv ? "a tar archive"sv : std::string_view{};
}

Result<Unpacked> unpack(std::string_view bytes, Compression compression, UnpackLimits limits) {
    switch (compression) {
        case Compression::Gzip:
            return unpackGzip(bytes, limits);
        case Compression::Zstd:
            return unpackZstd(bytes, limits);
        case Compression::Xz:
            return unpackXz(bytes, limits);
        case Compression::None:
            break;
    }
    Unpacked out;
    out.text = bytes.substr(0, limits.textMax);
    out.isWhole = out.text.size() == bytes.size();
    return out;
}

std::string gzipMember(std::string_view text) {
    z_stream stream{};
    constexpr int gzip = 15 + 16;  // the largest window, with gzip's header
    MILLRACE_CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip, 8, Z_DEFAULT_STRATEGY) == Z_OK,
                   text.size());
    std::string packed(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // zlib reads it only
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int done = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    MILLRACE_CHECK(done == Z_STREAM_END, done);
    return packed;
}

}  // namespace millrace::ingest
