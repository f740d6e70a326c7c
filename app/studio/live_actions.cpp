#include "app/studio/live_actions.h"

#include <QUndoCommand>

namespace millrace::studio {

class LiveActions::Step final : public QUndoCommand {
public:
    Step(LiveActions& owner, const QString& name, std::vector<bridge::Command> commands)
        : QUndoCommand(name), m_owner(owner), m_commands(std::move(commands)), m_run(owner.m_run) {}

    void redo() override {
        if (m_run != m_owner.m_run) {
            emit m_owner.message(QObject::tr("That was done in an earlier run"));
        } else if (m_firstTicket == 0) {
            m_firstTicket = m_owner.m_nextTicket;
            for (const bridge::Command& command : m_commands) {
                m_owner.m_bridge.inject(command, m_owner.m_nextTicket++);
            }
        } else if (m_owner.m_undoneEarly.remove(m_firstTicket)) {
            return;  // It was never left out.
        } else if (const auto last = m_owner.m_actions.find(m_firstTicket + m_commands.size() - 1);
                   last != m_owner.m_actions.end()) {
            m_owner.m_bridge.reinstate(*last);
        }
    }

    void undo() override {
        // All commands of one step stand at one instant: leaving out the first leaves out all that came after it.
        const auto first = m_owner.m_actions.find(m_firstTicket);
        if (m_run != m_owner.m_run) {
            emit m_owner.message(QObject::tr("That was done in an earlier run and stays as it was"));
        } else if (first != m_owner.m_actions.end()) {
            m_owner.m_bridge.revoke(*first);
        } else {
            m_owner.m_undoneEarly.insert(m_firstTicket);  // The engine has not said yet under which number it was done.
        }
    }

private:
    LiveActions& m_owner;
    std::vector<bridge::Command> m_commands;
    quint64 m_run;
    quint64 m_firstTicket = 0;
};

LiveActions::LiveActions(bridge::EngineBridge& bridge, QUndoStack& stack, QObject* parent)
    : QObject(parent), m_bridge(bridge), m_stack(stack) {
    connect(&m_bridge, &bridge::EngineBridge::injected, this, &LiveActions::takeInjected);
}

void LiveActions::perform(const QString& name, const std::vector<bridge::Command>& commands) {
    if (!commands.empty()) {
        m_stack.push(new Step(*this, name, commands));
    }
}

void LiveActions::forget() {
    ++m_run;
    m_actions.clear();
    m_undoneEarly.clear();
}

void LiveActions::takeInjected(quint64 ticket, quint64 action) {
    m_actions.insert(ticket, action);
    if (m_undoneEarly.remove(ticket)) {
        m_bridge.revoke(action);
    }
}

}  // namespace millrace::studio
