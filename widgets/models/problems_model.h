#pragma once

#include <QAbstractTableModel>
#include <vector>

#include "engine/observe/run_view.h"

namespace millrace::widgets {

/// Invariants that a run broke, what it has lost or given up, and what is wrong with the scenario: one line each.
class ProblemsModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Text, Field, ColumnCount };
    enum Role {
        ObjectRole = Qt::UserRole,  ///< QString, object id, empty for the scenario as a whole
        TimeRole,                   ///< qint64, nanoseconds of the run, -1 for a problem of the scenario
        EntryRole,                  ///< quint64, journal entry that tells why, 0 when there is none
    };

    using QAbstractTableModel::QAbstractTableModel;

    void setProblems(std::vector<observe::ProblemView> problems);
    /// What went wrong in a run stands above the problems of the scenario.
    void setRun(const observe::RunView& run);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    [[nodiscard]] const observe::ProblemView& problemAt(int row) const;

private:
    void replace(std::vector<observe::ProblemView>& problems, std::vector<observe::ProblemView> with);

    std::vector<observe::ProblemView> m_ofRun;
    std::vector<observe::ProblemView> m_problems;
};

}  // namespace millrace::widgets
