#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "engine/base/plain_file.h"
#include "engine/ingest/board.h"
#include "engine/ingest/sink_executor.h"

namespace millrace::ingest {
namespace {

std::string escaped(std::string_view text) {
    std::string out;
    for (const char each : text) {
        switch (each) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += each;
        }
    }
    return out;
}

/// The curve of a tile as an SVG of 240 by 48.
std::string curveOf(const SharedQueue<Board::Point>& points) {
    if (points.size() < 2) {
        return {};
    }
    double least = HUGE_VAL;
    double most = -HUGE_VAL;
    points.forEach([&](const Board::Point& each) {
        least = std::min(least, each.value);
        most = std::max(most, each.value);
    });
    std::string places;
    std::size_t index = 0;
    points.forEach([&](const Board::Point& each) {
        const double x = 240.0 * static_cast<double>(index++) / static_cast<double>(points.size() - 1);
        const double y = most > least ? 44 - 40 * (each.value - least) / (most - least) : 24;
        places += fmt::format("{:.1f},{:.1f} ", x, y);
    });
    return fmt::format(
        "<svg width=\"240\" height=\"48\"><polyline fill=\"none\" stroke=\"#2667b0\" points=\"{}\"/></svg>", places);
}

/// A page of HTML that is written anew with each real transaction, and when it is closed.
class BoardWriter final : public SinkWriter {
public:
    explicit BoardWriter(Ref<const SinkSpec> sink) : m_sink(std::move(sink)) {}

    Result<void> begin() override {
        m_board = m_committed;
        m_last = m_lastCommitted;
        return {};
    }
    Result<void> write(const SinkEffect& effect) override {
        if (effect.transaction() <= m_last || !m_sink->board) {
            return {};
        }
        for (const auto& request : effect.requests()) {
            for (const SinkWrite& one : request->writes) {
                (void)m_board.show(*m_sink->board, one, SimTime{});
            }
        }
        m_last = effect.transaction();
        return {};
    }
    Result<void> commit() override {
        m_committed = m_board;
        m_lastCommitted = m_last;
        return writePage();
    }
    void rollBack() noexcept override {}
    Result<void> close() override { return writePage(); }

    /// In place of what stood there, whole or not at all.
    [[nodiscard]] Result<void> writePage() const {
        std::error_code trouble;
        // Where a link leads to, and beside it under a name that nobody has.
        const bool isLink = std::filesystem::is_symlink(m_sink->path, trouble);
        const std::string target =
            isLink ? std::filesystem::weakly_canonical(m_sink->path, trouble).string() : m_sink->path;
        std::string part = target + ".part";
        for (int number = 2; std::filesystem::exists(part, trouble); ++number) {
            part = fmt::format("{}.part-{}", target, number);
        }
        errno = 0;
        std::ofstream out(part, std::ios::binary | std::ios::trunc);
        out << page();
        out.close();
        trouble.clear();
        if (out) {
            std::filesystem::rename(part, target, trouble);
        }
        if (!out || trouble) {
            const std::string why = trouble ? trouble.message() : systemTrouble(errno != 0 ? errno : ENOSPC);
            std::filesystem::remove(part, trouble);
            return machineFailure(fmt::format("sink {}: cannot be written: {}", m_sink->id, why), m_sink->path);
        }
        return {};
    }

private:
    [[nodiscard]] std::string page() const {
        std::string html = fmt::format(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"2\">"
            "<title>{0}</title><style>body{{font:15px sans-serif;margin:24px}}section{{display:inline-block;"
            "vertical-align:top;border:1px solid #bbb;border-radius:6px;padding:12px;margin:6px;min-width:240px}}"
            ".bad{{border:2px solid #c0392b}}b{{font-size:28px;display:block}}small{{color:#666}}"
            ".bad small.why{{color:#c0392b}}</style><h1>{0}</h1>\n",
            escaped(m_sink->id));
        for (const auto& [key, tile] : m_committed.tiles()) {
            html += tileOf(key, tile);
        }
        if (m_committed.tiles().empty()) {
            html += "<p>No row has come yet.</p>\n";
        }
        if (m_committed.withoutPlace() > 0) {
            html += fmt::format("<p>{} rows of further keys have no place here.</p>\n", m_committed.withoutPlace());
        }
        html += fmt::format("<h2>Alerts: {}</h2><ul>\n", m_committed.raisedInAll());
        m_committed.raised().forEach([&](const Board::Raised& each) {
            html += fmt::format("<li>{:.3f} s: {}{}{}</li>\n", seconds(each.measured), escaped(each.tile),
                                each.tile.empty() ? "" : ": ",
                                escaped(m_sink->board->alerts[each.alert].condition->text()));
        });
        return html + "</ul></html>\n";
    }

    [[nodiscard]] std::string tileOf(const std::string& key, const Board::Tile& tile) const {
        const BoardSpec& spec = *m_sink->board;
        std::string html = fmt::format("<section{}><small>{}</small>", tile.holds != 0 ? " class=\"bad\"" : "",
                                       escaped(key.empty() ? m_sink->id : key));
        if (spec.chart) {
            html += fmt::format("<b>{}</b><small>{}</small><div>{}</div>", escaped(shownText(tile.row[*spec.chart])),
                                escaped(spec.columns[*spec.chart].name), curveOf(tile.points));
        }
        for (std::size_t i = 0; i < spec.columns.size(); ++i) {
            if (i != spec.chart && !spec.isTold(i)) {
                html += fmt::format("<div><small>{}</small> {}</div>", escaped(spec.columns[i].name),
                                    escaped(shownText(tile.row[i])));
            }
        }
        for (std::size_t i = 0; i < spec.alerts.size(); ++i) {
            if ((tile.holds >> i & 1U) != 0) {
                html += fmt::format("<small class=\"why\">{}</small>", escaped(spec.alerts[i].condition->text()));
            }
        }
        return html + "</section>\n";
    }

    Ref<const SinkSpec> m_sink;
    Board m_board;
    Board m_committed;
    std::uint64_t m_last = 0;
    std::uint64_t m_lastCommitted = 0;
};

}  // namespace

Result<std::unique_ptr<SinkWriter>> openBoardWriter(Ref<const SinkSpec> sink) {
    std::error_code ignored;
    const std::string path = sink->path;
    if (std::filesystem::is_directory(path, ignored)) {
        return failure(fmt::format("sink {}: is a folder, a file is expected", sink->id), path);
    }
    std::string keptAs;
    if (std::filesystem::is_regular_file(path, ignored)) {
        auto moved = moveAside(path);
        if (!moved) {
            return tl::unexpected(moved.error());
        }
        keptAs = std::move(*moved);
    }
    auto writer = std::make_unique<BoardWriter>(std::move(sink));
    if (auto done = writer->writePage(); !done) {
        return tl::unexpected(done.error());
    }
    writer->setKeptAs(std::move(keptAs));
    return writer;
}

}  // namespace millrace::ingest
