#pragma once

#include <QRectF>
#include <memory>
#include <vector>

#include "engine/observe/streaming_page.h"
#include "widgets/pages/painted_view.h"

namespace millrace::widgets {

/// Where a stage stands in the graph.
struct StageBox {
    std::size_t job = 0;  ///< its places in the batch
    std::size_t stage = 0;
    QRectF box;
};
struct StageLayout {
    std::vector<StageBox> boxes;
    std::vector<double> jobTops;
    QSizeF size;
};
[[nodiscard]] StageLayout stageLayout(const observe::BatchDetail& batch);

/// The jobs of the chosen batch as graphs of stages, with the RDDs in each: what is kept is marked, what was skipped is
/// grey, what was computed again is told.
class StageGraph final : public PaintedView {
    Q_OBJECT

public:
    explicit StageGraph(QWidget* parent = nullptr);

    void setPage(std::shared_ptr<const observe::StreamingPage> page);

protected:
    void paint(QPainter& painter) override;

private:
    void paintStage(QPainter& painter, const observe::StageView& stage, const QRectF& box);
    void paintShuffles(QPainter& painter, const StageBox& to) const;

    std::shared_ptr<const observe::StreamingPage> m_page;
    StageLayout m_layout;
};

}  // namespace millrace::widgets
