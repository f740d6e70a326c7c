#pragma once

#include <QHash>
#include <QObject>
#include <QSet>
#include <QUndoStack>

#include "app/bridge/engine_bridge.h"

namespace millrace::studio {

/// What the user does to the running world, on the same history as edits. Undo goes back to just before it and plays on
/// without it as a new branch; redo returns to the branch on which it was done.
class LiveActions final : public QObject {
    Q_OBJECT

public:
    LiveActions(bridge::EngineBridge& bridge, QUndoStack& stack, QObject* parent = nullptr);

    void perform(const QString& name, const std::vector<bridge::Command>& commands);

    /// Actions of an earlier run cannot be undone in a new one.
    void forget();

signals:
    void message(const QString& text);

private:
    class Step;

    void takeInjected(quint64 ticket, quint64 action);

    bridge::EngineBridge& m_bridge;
    QUndoStack& m_stack;
    quint64 m_nextTicket = 1;
    quint64 m_run = 1;
    QHash<quint64, quint64> m_actions;  ///< by ticket
    QSet<quint64> m_undoneEarly;        ///< tickets undone before the engine had answered
};

}  // namespace millrace::studio
