#pragma once

#include <QFontMetrics>
#include <QString>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/sim_time.h"

/// Numbers as people read them. All figures in the window pass through here.
namespace millrace::widgets::format {

[[nodiscard]] QString text(std::string_view utf8);
[[nodiscard]] std::string utf8(const QString& text);
[[nodiscard]] QString titleOf(const QString& id);  ///< what people call the object with this id: "Broker 2"

[[nodiscard]] QString count(std::int64_t value);         ///< 54,310
[[nodiscard]] QString rounded(std::int64_t value);       ///< 398, 1.2 k, 54 k
[[nodiscard]] QString rate(double perSecond);            ///< 398/s, 1.2 k/s
[[nodiscard]] QString bytes(double value);               ///< 1.2 MB
[[nodiscard]] QString percent(double share);             ///< 44 %
[[nodiscard]] QString duration(SimDuration value);       ///< 41 ms, 2.5 s
[[nodiscard]] QString clock(SimTime time);               ///< 11.042 318 s
[[nodiscard]] QString seconds(SimTime time);             ///< 11.0 s
[[nodiscard]] QString fingerprint(std::uint64_t value);  ///< 9f3c…e1, the middle left out
[[nodiscard]] QString hex64(std::uint64_t value);        ///< 16 hex digits
[[nodiscard]] QString value(double number, std::string_view unit);
/// The same in few letters: 1.2 k/s of records a second, 54 k of rows.
[[nodiscard]] QString briefValue(double number, std::string_view unit);

/// How fast the run goes, in words: "1 s here = 100 ms there".
[[nodiscard]] QString speed(double simulatedPerReal);

/// As much of a text as has room, cut between two words: a number is whole or not there.
[[nodiscard]] QString elided(const QFontMetrics& metrics, const QString& text, int width);

/// The text, and then what is left of it when its last parts go one after another: "a; b, because c", "a; b", "a". What
/// was left out is a whole part, and the first words are those that matter.
[[nodiscard]] QStringList shorterWordings(const QString& text);
/// The longest of these wordings that has room; elided only where none has.
[[nodiscard]] QString fitting(const QFontMetrics& metrics, const QStringList& wordings, int width);
/// The same on as many lines, which are separated by line feeds.
[[nodiscard]] QString fittingOnLines(const QFontMetrics& metrics, const QStringList& wordings, int width, int lines);
/// For whoever breaks lines by himself: numbers keep their units.
[[nodiscard]] QString withWholeNumbers(QString text);

/// A sentence with a capital at its front, and as it stands in the middle of another: small unless it begins with a
/// name.
[[nodiscard]] QString capitalised(QString text);
[[nodiscard]] QString uncapitalised(QString text);
/// The same for what the journal tells, which may begin with a name that somebody gave: such a name stays as it is.
[[nodiscard]] QString sentence(QString text);

}  // namespace millrace::widgets::format
