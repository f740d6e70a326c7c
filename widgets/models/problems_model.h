#pragma once

#include <QAbstractTableModel>
#include <vector>

#include "engine/observe/run_view.h"

namespace millrace::widgets {

/// What is wrong with the scenario, and invariants that a run broke: one line each.
class ProblemsModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Text, Field, ColumnCount };
    enum Role { ObjectRole = Qt::UserRole };  ///< QString, object id, empty for the scenario as a whole

    using QAbstractTableModel::QAbstractTableModel;

    void setProblems(std::vector<observe::ProblemView> problems);
    [[nodiscard]] const std::vector<observe::ProblemView>& problems() const { return m_problems; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<observe::ProblemView> m_problems;
};

}  // namespace millrace::widgets
