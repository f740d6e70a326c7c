#include "widgets/models/problems_model.h"

#include "widgets/models/losses.h"
#include "widgets/style/format.h"
#include "widgets/style/icons.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

bool isSame(const observe::ProblemView& a, const observe::ProblemView& b) {
    return a.severity == b.severity && a.object == b.object && a.field == b.field && a.text == b.text && a.at == b.at;
}

}  // namespace

void ProblemsModel::setProblems(std::vector<observe::ProblemView> problems) {
    replace(m_problems, std::move(problems));
}

void ProblemsModel::setRun(const observe::RunView& run) {
    std::vector<observe::ProblemView> problems;
    for (const observe::InvariantView& invariant : run.invariants) {
        if (!invariant.holds) {
            problems.push_back(
                {observe::Severity::Error,
                 {},
                 format::utf8(tr("invariant: %1").arg(format::text(invariant.name))),
                 format::utf8(tr("at %1: %2")
                                  .arg(format::seconds(invariant.violatedAt), format::text(invariant.firstViolation))),
                 invariant.violatedAt,
                 invariant.entry});
        }
    }
    const auto shortcomings = shortcomingsOf(run);
    problems.insert(problems.end(), shortcomings.begin(), shortcomings.end());
    replace(m_ofRun, std::move(problems));
}

void ProblemsModel::replace(std::vector<observe::ProblemView>& problems, std::vector<observe::ProblemView> with) {
    if (std::equal(problems.begin(), problems.end(), with.begin(), with.end(), isSame)) {
        return;
    }
    const bool isSameLength = problems.size() == with.size();
    if (!isSameLength) {
        beginResetModel();
    }
    problems = std::move(with);
    if (isSameLength) {
        emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));  // who reads keeps the place
    } else {
        endResetModel();
    }
}

const observe::ProblemView& ProblemsModel::problemAt(int row) const {
    const auto index = static_cast<std::size_t>(row);
    return index < m_ofRun.size() ? m_ofRun[index] : m_problems[index - m_ofRun.size()];
}

int ProblemsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_ofRun.size() + m_problems.size());
}

int ProblemsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ProblemsModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const observe::ProblemView& problem = problemAt(index.row());
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
        case Qt::ToolTipRole:
            return format::text(problem.text);
        case ObjectRole:
            return format::text(problem.object);
        case TimeRole:
            return problem.at == SimTime::max() ? qint64(-1) : qint64(nanoseconds(problem.at));
        case EntryRole:
            return QVariant::fromValue<quint64>(problem.entry);
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
