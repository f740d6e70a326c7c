#include "widgets/models/fault_tool.h"

#include <QCoreApplication>
#include <algorithm>

namespace millrace::widgets {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("FaultTool", text);
}

/// Whom the pointer is to be put on.
QString whereToClick(FaultRow::Hits hits) {
    return hits == FaultRow::Hits::Process
               ? tr("click a process on its machine, or the card of a sink, a pipeline or a source")
               : tr("click a host or anything on it");
}

std::vector<FaultTool> makeTools() {
    std::vector<const FaultRow*> rows;
    for (const FaultRow& row : faults::rows) {
        if (row.tool) {
            rows.push_back(&row);
        }
    }
    std::sort(rows.begin(), rows.end(),
              [](const FaultRow* a, const FaultRow* b) { return a->tool->place < b->tool->place; });
    std::vector<FaultTool> tools;
    for (const FaultRow* row : rows) {
        const auto shown = [](std::string_view text) { return tr(std::string(text).c_str()); };
        tools.push_back({QString::fromLatin1(row->name.data(), static_cast<qsizetype>(row->name.size())),
                         shown(row->tool->title),
                         QStringLiteral("%1: %2").arg(shown(row->tool->doing), whereToClick(row->hits)),
                         QStringLiteral("Alt+%1").arg(row->tool->place), iconNamed(row->tool->icon), row->hits});
    }
    return tools;
}

}  // namespace

bool FaultTool::suits(observe::ObjectKind kindOfTarget) const {
    return observe::rowOf(kindOfTarget).isTarget() ||
           (kindOfTarget == observe::ObjectKind::Host && hits != FaultRow::Hits::Process);
}

const std::vector<FaultTool>& faultTools() {
    static const std::vector<FaultTool> tools = makeTools();
    return tools;
}

const FaultTool* findFaultTool(const QString& kind) {
    for (const FaultTool& tool : faultTools()) {
        if (tool.kind == kind) {
            return &tool;
        }
    }
    return nullptr;
}

void ToolHand::take(const QString& kind) {
    const FaultTool* tool = findFaultTool(kind);
    if (tool == m_tool) {
        return;
    }
    m_tool = tool;
    emit changed();
}

void ToolHand::setPlanning(bool isPlanning) {
    if (m_isPlanning != isPlanning) {
        m_isPlanning = isPlanning;
        emit changed();
    }
}

void ToolHand::putAway() {
    if (m_tool == nullptr) {
        return;
    }
    m_tool = nullptr;
    emit changed();
}

}  // namespace millrace::widgets
