#include "widgets/pages/page.h"

#include <QComboBox>
#include <QSignalBlocker>
#include <string>

#include "widgets/style/format.h"

namespace millrace::widgets {

QStringList Page::objects(const observe::Snapshot& snapshot) const {
    QStringList ids;
    for (const observe::ProcessView& process : snapshot.processes) {
        if (observe::kindOf(process.id) == kind()) {
            ids << format::text(process.id);
        }
    }
    return ids;
}

void Page::offer(QComboBox& choice, const QStringList& ids, const observe::ObjectId& present) {
    QStringList shown;
    for (int i = 0; i < choice.count(); ++i) {
        shown << choice.itemData(i).toString();
    }
    if (shown == ids) {
        return;
    }
    const QSignalBlocker quiet(choice);
    choice.clear();
    for (const QString& id : ids) {
        choice.addItem(format::text(std::string(observe::nameOf(format::utf8(id)))), id);
    }
    choice.setCurrentIndex(choice.findData(format::text(present)));
}

}  // namespace millrace::widgets
