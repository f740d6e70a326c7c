#include "widgets/pages/page.h"

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

}  // namespace millrace::widgets
