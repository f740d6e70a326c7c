#include "widgets/models/problems_model.h"

#include "widgets/controls/format.h"
#include "widgets/controls/icons.h"
#include "widgets/controls/palette.h"

namespace millrace::widgets {

namespace {

bool isSame(const observe::ProblemView& a, const observe::ProblemView& b) {
    return a.severity == b.severity && a.object == b.object && a.field == b.field && a.text == b.text;
}

}  // namespace

void ProblemsModel::setProblems(std::vector<observe::ProblemView> problems) {
    if (std::equal(problems.begin(), problems.end(), m_problems.begin(), m_problems.end(), isSame)) {
        return;
    }
    beginResetModel();
    m_problems = std::move(problems);
    endResetModel();
}

int ProblemsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_problems.size());
}

int ProblemsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ProblemsModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const observe::ProblemView& problem = m_problems[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole:
            return format::text(index.column() == Text ? problem.text : problem.field);
        case Qt::DecorationRole:
            if (index.column() == Text) {
                return icon(problem.severity >= observe::Severity::Error ? Icon::Error : Icon::Warning);
            }
            return {};
        case Qt::ForegroundRole:
            return index.column() == Text ? theme().text : theme().dim;
        case ObjectRole:
            return format::text(problem.object);
        default:
            return {};
    }
}

QVariant ProblemsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal) {
        return {};
    }
    return section == Text ? tr("problem") : tr("field");
}

}  // namespace millrace::widgets
