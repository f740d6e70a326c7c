#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/lab/compare/comparison.h"
#include "engine/lab/compare/words.h"

namespace millrace::lab {

namespace {

constexpr std::array<std::string_view, 6> colours{"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"};
constexpr std::array<std::string_view, 6> dashes{"", "6 3", "2 3", "8 3 2 3", "1 2", "10 4"};

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            default:
                result += static_cast<unsigned char>(c) < 0x20U && c != '\n' && c != '\t' ? ' ' : c;
        }
    }
    return result;
}

/// Results over time, a step for each instant, one line a variant.
class ResultChart {
public:
    explicit ResultChart(const Comparison& comparison) : m_comparison(comparison) {
        for (const Comparison::Curve& each : comparison.curves) {
            if (!each.points.empty()) {
                m_end = std::max(m_end, seconds(each.points.back().at - SimTime{}));
                m_most = std::max(m_most, static_cast<double>(each.points.back().results));
            }
        }
    }

    [[nodiscard]] std::string svg() const {
        std::string text = fmt::format(
            "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"results over simulated time\">\n", width, height);
        constexpr int ticks = 5;
        for (int i = 0; i <= ticks; ++i) {
            const double at = m_end * i / ticks;
            const double amount = m_most * i / ticks;
            text += fmt::format("<line x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\" class=\"grid\"/>", x(at),
                                top, height - bottom);
            text += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{} s</text>", x(at), height - 8,
                                amountText(at, "s"));
            text += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:.0f}</text>\n", left - 6,
                                y(amount) + 4, amount);
        }
        for (const double fault : m_comparison.faultsAt) {
            text += fmt::format("<line x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\" class=\"fault\"/>\n",
                                x(fault), top, height - bottom);
        }
        for (std::size_t i = 0; i < m_comparison.curves.size(); ++i) {
            text += curve(i);
        }
        return text + "</svg>\n";
    }

private:
    static constexpr int width = 860;
    static constexpr int height = 300;
    static constexpr int left = 70;
    static constexpr int right = 20;
    static constexpr int top = 12;
    static constexpr int bottom = 28;

    [[nodiscard]] double x(double at) const { return left + at / m_end * (width - left - right); }
    [[nodiscard]] double y(double amount) const { return height - bottom - amount / m_most * (height - top - bottom); }

    /// At most as many steps as there are pixels.
    [[nodiscard]] std::string curve(std::size_t index) const {
        std::string path = fmt::format("M{:.1f} {:.1f}", x(0), y(0));
        double drawn = -1;
        double level = 0;
        for (const ResultWatch::Point& each : m_comparison.curves[index].points) {
            const double at = x(seconds(each.at - SimTime{}));
            if (at - drawn >= 1) {
                path += fmt::format("H{:.1f}V{:.1f}", at, y(level));
                drawn = at;
            }
            level = static_cast<double>(each.results);
            path += fmt::format("V{:.1f}", y(level));
        }
        path += fmt::format("H{:.1f}", x(m_end));
        return fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\" stroke-dasharray=\"{}\"/>\n",
                           path, colours[index % colours.size()], dashes[index % dashes.size()]);
    }

    const Comparison& m_comparison;
    double m_end = 1;
    double m_most = 1;
};

std::string headCells(const Comparison& comparison) {
    std::string text;
    for (std::size_t i = 0; i < comparison.variants.size(); ++i) {
        text +=
            fmt::format("<th style=\"color:{}\">{}</th>", colours[i % colours.size()], escaped(comparison.variants[i]));
    }
    return text;
}

/// The best of a row in bold.
std::string figureRow(const Comparison::Row& row) {
    std::string text =
        fmt::format("<tr><td title=\"{}\">{}</td><td class=\"unit\">{}</td>", escaped(row.figure->meaning),
                    escaped(figureTitle(*row.figure)), escaped(row.figure->unit));
    for (std::size_t i = 0; i < row.values.size(); ++i) {
        const Estimate& each = row.values[i];
        const bool isBest = row.isBest[i];
        text += fmt::format("<td{}>{}{}</td>", isBest ? " class=\"best\"" : "", isBest ? "&#10003; " : "",
                            escaped(estimateText(each, row.figure->unit)));
    }
    return text + "</tr>\n";
}

std::string figuresHtml(const Comparison& comparison) {
    std::string text = fmt::format("<table><tr><th>figure</th><th>unit</th>{}</tr>\n", headCells(comparison));
    std::string_view topic;
    for (const Comparison::Row& row : comparison.rows) {
        if (row.figure->topic != topic) {
            topic = row.figure->topic;
            text += fmt::format("<tr class=\"topic\"><td colspan=\"{}\">{}</td></tr>\n", comparison.variants.size() + 2,
                                escaped(topic));
        }
        text += figureRow(row);
    }
    return text + "</table>\n";
}

std::string tablesHtml(const Comparison& comparison) {
    std::string text =
        "<table><tr><th>table</th><th>variant</th><th>rows</th><th>equal</th><th>missing</th>"
        "<th>surplus</th><th>rows that differ</th></tr>\n";
    for (const Comparison::Table& table : comparison.tables) {
        for (std::size_t i = 0; i < table.variants.size(); ++i) {
            const TableDifference& each = table.variants[i];
            std::string differing;
            for (const TableDifference::Row& row : each.first) {
                differing += fmt::format("{}: {} instead of {}<br>", escaped(row.values), row.found, row.expected);
            }
            text +=
                fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                            escaped(table.name), escaped(comparison.variants[i]), each.rows, each.equal, each.missing,
                            each.surplus, differing);
        }
    }
    return text + "</table>\n";
}

std::string notesHtml(const Comparison& comparison) {
    std::string text;
    for (const Trouble& each : comparison.troubles) {
        text +=
            fmt::format("<p class=\"bad\">{}, seed {}: {}</p>\n", escaped(each.variant), each.seed, escaped(each.text));
    }
    for (std::size_t i = 0; i < comparison.variants.size(); ++i) {
        std::string items;
        for (const std::string& each :
             i < comparison.leftOut.size() ? comparison.leftOut[i] : std::vector<std::string>()) {
            items += fmt::format("<li>left out: {}</li>", escaped(each));
        }
        for (const std::string& each :
             i < comparison.notModelled.size() ? comparison.notModelled[i] : std::vector<std::string>()) {
            items += fmt::format("<li>{}</li>", escaped(each));
        }
        if (!items.empty()) {
            text += fmt::format("<h3>{}</h3><ul>{}</ul>\n", escaped(comparison.variants[i]), items);
        }
    }
    return text;
}

constexpr std::string_view style =
    "body{font:14px system-ui,sans-serif;color:#1B2430;background:#F4F6F8;margin:24px auto;max-width:960px}"
    "table{border-collapse:collapse;background:#fff;width:100%;margin:8px 0 20px}"
    "td,th{border-bottom:1px solid #D8DEE6;padding:4px 10px;text-align:right;font-variant-numeric:tabular-nums}"
    "td:first-child,th:first-child,td.unit{text-align:left}.unit{color:#5B6776}"
    ".topic td{background:#E6F2F6;font-weight:600;text-align:left}.best{font-weight:600;color:#1F7A50}"
    ".bad{color:#B9322A}svg{background:#fff;width:100%}svg text{font:11px system-ui,sans-serif;fill:#5B6776}"
    ".grid{stroke:#D8DEE6}.fault{stroke:#CF3F36;stroke-width:2}";

}  // namespace

std::string comparisonHtml(const Comparison& comparison) {
    const std::string runs =
        comparison.seeds.size() == 1
            ? "one run each"
            : fmt::format("{} runs each; mean and 95 % interval (Student's t)", comparison.seeds.size());
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title><style>{1}</style></head>"
        "<body>\n<h1>{0}</h1>\n<p>{8}{2}.</p>\n{3}<h2>Results over "
        "simulated time</h2>\n<p>First run. Red: a fault begins.</p>\n{4}<h2>Tables against {5}</h2>\n{6}<h2>What is "
        "not modelled</h2>\n{7}</body></html>\n",
        escaped(comparison.title), style, runs, figuresHtml(comparison), ResultChart(comparison).svg(),
        comparison.isAgainstPass ? "a single pass over the records" : "those of the first variant",
        tablesHtml(comparison), notesHtml(comparison),
        comparison.scenarios.size() > 1 ? "Each with its own records, machines and faults; "
                                        : "The same records, machines, faults and random numbers; ");
}

}  // namespace millrace::lab
