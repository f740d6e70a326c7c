#pragma once

#include <memory>
#include <vector>

#include "engine/observe/run_view.h"
#include "engine/observe/streaming_page.h"
#include "widgets/pages/painted_view.h"
#include "widgets/pages/time_axis.h"

namespace millrace::widgets {

/// A lane is a core of an executor, as far as one can tell: a task takes the first that is free.
struct TaskLane {
    std::int32_t executor = 0;
    int core = 0;
    bool isReceiver = false;
    std::vector<std::size_t> tasks;  ///< their places in the batch
};
[[nodiscard]] std::vector<TaskLane> lanesOf(const observe::StreamingPage& page);

/// The tasks of the chosen batch on the cores of its executors: bars in the parts that a task goes through, over one
/// axis of time, faults behind them.
class TaskGantt final : public PaintedView {
    Q_OBJECT

public:
    explicit TaskGantt(QWidget* parent = nullptr);

    void setPage(std::shared_ptr<const observe::StreamingPage> page, std::vector<observe::FaultBar> faults);
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paint(QPainter& painter) override;

private:
    void paintLane(QPainter& painter, const TimeAxis& axis, const TaskLane& lane, const QRectF& row);
    void paintTask(QPainter& painter, const TimeAxis& axis, const observe::TaskView& task, const QRectF& row);
    void paintFaults(QPainter& painter, const TimeAxis& axis, const QRectF& plot) const;

    std::shared_ptr<const observe::StreamingPage> m_page;
    std::vector<observe::FaultBar> m_faults;
    std::vector<TaskLane> m_lanes;
};

}  // namespace millrace::widgets
