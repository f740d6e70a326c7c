#include "widgets/models/fault_tool.h"

#include <QCoreApplication>

namespace millrace::widgets {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("FaultTool", text);
}

std::vector<FaultTool> makeTools() {
    return {
        {QStringLiteral("crash"), tr("Crash"), tr("crash: click a broker, server, supervisor, worker or Nimbus"),
         QStringLiteral("Alt+1"), Icon::Crash},
        {QStringLiteral("power"), tr("Power off"), tr("power off: click a host or anything on it"),
         QStringLiteral("Alt+2"), Icon::Power},
        {QStringLiteral("pause"), tr("Pause"), tr("pause: click a broker, server, supervisor, worker or Nimbus"),
         QStringLiteral("Alt+3"), Icon::Hourglass},
        {QStringLiteral("slow-cpu"), tr("Slow"), tr("slow processor: click a host or anything on it"),
         QStringLiteral("Alt+4"), Icon::Slow},
        {QStringLiteral("cut"), tr("Cut"), tr("cut off the network: click a host or anything on it"),
         QStringLiteral("Alt+5"), Icon::Cut},
        {QStringLiteral("slow-disk"), tr("Slow disk"), tr("slow disk: click a host or anything on it"),
         QStringLiteral("Alt+6"), Icon::SlowDisk},
        {QStringLiteral("full-disk"), tr("Full disk"), tr("full disk: click a host or anything on it"),
         QStringLiteral("Alt+7"), Icon::DiskFull},
    };
}

}  // namespace

bool FaultTool::suits(observe::ObjectKind k) const {
    using observe::ObjectKind;
    switch (k) {
        case ObjectKind::Broker:
        case ObjectKind::Server:
        case ObjectKind::Supervisor:
        case ObjectKind::Worker:
        case ObjectKind::Nimbus:
            return true;
        case ObjectKind::Host:
            return kind != QLatin1String("crash") && kind != QLatin1String("pause");
        default:
            return false;
    }
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
