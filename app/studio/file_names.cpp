#include "app/studio/file_names.h"

#include <QDir>
#include <filesystem>

#include "engine/base/utf8.h"

namespace millrace::studio {

namespace fs = std::filesystem;

namespace {

constexpr char16_t firstKept = 0xDC80;
constexpr char16_t lastKept = 0xDCFF;
constexpr char16_t ofByte = 0xDC00;

/// Whether a byte is kept here: the second half of a pair is a character's and stands behind the first.
bool isKeptByte(const QString& name, qsizetype at) {
    const char16_t unit = name[at].unicode();
    return unit >= firstKept && unit <= lastKept && (at == 0 || !name[at - 1].isHighSurrogate());
}

}  // namespace

QString fileNameOf(std::string_view bytes) {
    QString name;
    while (!bytes.empty()) {
        std::size_t whole = 0;
        while (const std::size_t size = utf8CharacterSize(bytes.substr(whole))) {
            whole += size;
        }
        name += QString::fromUtf8(bytes.data(), static_cast<qsizetype>(whole));
        bytes.remove_prefix(whole);
        if (!bytes.empty()) {
            name += QChar(static_cast<char16_t>(ofByte + static_cast<unsigned char>(bytes.front())));
            bytes.remove_prefix(1);
        }
    }
    return name;
}

std::string fileBytes(const QString& name) {
    std::string bytes;
    qsizetype from = 0;
    for (qsizetype at = 0; at < name.size(); ++at) {
        if (isKeptByte(name, at)) {
            bytes += name.mid(from, at - from).toStdString();
            bytes += static_cast<char>(name[at].unicode() - ofByte);
            from = at + 1;
        }
    }
    return bytes + name.mid(from).toStdString();
}

QString shownFileName(const QString& name) {
    QString shown;
    for (qsizetype at = 0; at < name.size(); ++at) {
        shown +=
            isKeptByte(name, at) ? QStringLiteral("\\x%1").arg(name[at].unicode() - ofByte, 2, 16) : QString(name[at]);
    }
    return shown;
}

QString nameForDialog(const QString& name) {
    const auto isKnown = [](const QString& each) { return shownFileName(each) == each; };
    if (isKnown(name)) {
        return name;
    }
    const QString folder = fileNameOf(fs::path(fileBytes(name)).parent_path().native());
    return QDir(isKnown(folder) ? folder : QDir::homePath()).filePath(shownLastName(name));
}

QString absoluteFileName(const QString& name) {
    std::error_code trouble;
    const fs::path absolute = fs::absolute(fileBytes(name), trouble);
    return trouble ? name : fileNameOf(absolute.lexically_normal().native());
}

QString shownLastName(const QString& name) {
    return shownFileName(fileNameOf(fs::path(fileBytes(name)).filename().native()));
}

QString shownFolder(const QString& name) {
    return shownFileName(fileNameOf(fs::path(fileBytes(name)).parent_path().native()));
}

}  // namespace millrace::studio
