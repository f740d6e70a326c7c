#pragma once

#include <QObject>
#include <QString>
#include <vector>

#include "engine/base/faults.h"
#include "engine/observe/object_id.h"
#include "widgets/style/icons.h"

namespace millrace::widgets {

/// One fault that can be taken in hand and used on an object.
struct FaultTool {
    QString kind;   ///< the scenario's word: "crash", "power" ...
    QString title;  ///< "Crash"
    QString hint;   ///< said at the pointer: "crash: click a broker, server, supervisor, worker or Nimbus"
    QString shortcut;
    Icon icon = Icon::Select;
    FaultRow::Hits hits = FaultRow::Hits::Process;

    /// Whether the fault can befall the object; a tool for hosts also accepts what runs on one.
    [[nodiscard]] bool suits(observe::ObjectKind kind) const;
};

/// All tools in the order of the toolbar: the faults that have one.
[[nodiscard]] const std::vector<FaultTool>& faultTools();
[[nodiscard]] const FaultTool* findFaultTool(const QString& kind);

/// The tool at hand. Nothing is at hand most of the time: then a click selects.
class ToolHand final : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    [[nodiscard]] const FaultTool* tool() const { return m_tool; }
    void take(const QString& kind);
    void putAway();

    /// Whether a click puts the fault into the plan instead of doing it now.
    [[nodiscard]] bool isPlanning() const { return m_isPlanning; }
    void setPlanning(bool isPlanning);

signals:
    void changed();

private:
    const FaultTool* m_tool = nullptr;
    bool m_isPlanning = false;
};

}  // namespace millrace::widgets
