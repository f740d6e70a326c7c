#include "app/studio/resource_files.h"

#include <QCoreApplication>
#include <QDir>

namespace millrace::studio {

QString scenariosFolder() {
    return QDir(QCoreApplication::applicationDirPath()).absoluteFilePath(QStringLiteral("../share/millrace/scenarios"));
}

}  // namespace millrace::studio
