#pragma once

#include <QString>
#include <string>
#include <string_view>

// Names of files are bytes, and not all of them are UTF-8: an archive from an older machine keeps its Latin-1. Qt reads
// names as UTF-8 and forgets what is none. Inside the studio the name of a file is a text that keeps each such byte as
// a lone surrogate, U+DC80 to U+DCFF (as PEP 383 has it), and leads back to the same file.
namespace millrace::studio {

[[nodiscard]] QString fileNameOf(std::string_view bytes);
[[nodiscard]] std::string fileBytes(const QString& name);

/// The name as it can be read and shown: bytes that are no UTF-8 as \xhh.
[[nodiscard]] QString shownFileName(const QString& name);

/// The name where Qt can reach it, else one that its file dialogs can begin with: in the same folder, or at home.
[[nodiscard]] QString nameForDialog(const QString& name);

/// From the root on, without `.` and `..`.
[[nodiscard]] QString absoluteFileName(const QString& name);

/// The last part alone, to be shown.
[[nodiscard]] QString shownLastName(const QString& name);
/// The folder that it is in, to be shown.
[[nodiscard]] QString shownFolder(const QString& name);

}  // namespace millrace::studio
