#pragma once

#include <QString>

namespace millrace::widgets {

/// How well a name answers to what was typed, 0 when it does not. Every word that was typed must be found: as a word of
/// the name, at the beginning of one, somewhere inside, or letter by letter in this order ("arcd" finds "Arrange all
/// cards"). The whole name ranks first, then its beginning; of equals the shorter name.
[[nodiscard]] int fuzzyRank(const QString& name, const QString& typed);

}  // namespace millrace::widgets
