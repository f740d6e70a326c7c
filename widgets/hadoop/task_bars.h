#pragma once

#include <memory>
#include <vector>

#include "engine/observe/hadoop_page.h"
#include "engine/observe/run_view.h"
#include "widgets/pages/painted_view.h"
#include "widgets/pages/time_axis.h"

namespace millrace::widgets {

/// The tasks of a job on one axis of time: a bar for each attempt of a map, and for each of a reduce its copying,
/// sorting and reducing one behind the other. Where there are more tasks than rows, rows become thinner.
class TaskBars final : public PaintedView {
    Q_OBJECT

public:
    explicit TaskBars(QWidget* parent = nullptr);

    void setPage(std::shared_ptr<const observe::JobPage> page, std::vector<observe::FaultBar> faults);

protected:
    void paint(QPainter& painter) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    [[nodiscard]] double rowHeight() const;
    [[nodiscard]] TimeAxis axisOf(const QRectF& plot) const;
    void fitHeight();
    void paintFaults(QPainter& painter, const TimeAxis& axis, const QRectF& plot) const;
    void paintTask(QPainter& painter, const TimeAxis& axis, const observe::MapReduceTaskView& task, const QRectF& row);

    std::shared_ptr<const observe::JobPage> m_page;
    std::vector<observe::FaultBar> m_faults;
};

}  // namespace millrace::widgets
