#pragma once

#include <QPointF>
#include <QRectF>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "engine/observe/streaming_page.h"
#include "widgets/pages/painted_view.h"

namespace millrace::widgets {

/// The partitions of the RDDs behind one job: where each stands, what it is made of, which were made again.
struct LineageLayout {
    struct Column {
        observe::RddView rdd;
        std::int32_t stage = 0;
        double x = 0;
        double top = 0;  ///< of its first partition
        int shown = 0;   ///< of its partitions
    };
    struct Edge {
        std::size_t from = 0;  ///< column
        std::size_t to = 0;
        bool isShuffle = false;
        std::int32_t shift = 0;  ///< of a union: the parent's first partition is this one of the child
    };
    std::vector<Column> columns;
    std::vector<Edge> edges;
    std::set<std::pair<std::int32_t, std::int32_t>> again;  ///< RDD and partition
    SimDuration work{0};                                    ///< that was done again
    QSizeF size;

    [[nodiscard]] QRectF nodeOf(const Column& column, int partition) const;
};
[[nodiscard]] LineageLayout lineageOf(const observe::BatchDetail& batch, std::size_t job);

/// The lineage of a job: columns are RDDs, numbers partitions; a thin line is a narrow dependency, a fan a shuffle.
/// What was computed again is framed, back to what it was made of.
class LineageView final : public PaintedView {
    Q_OBJECT

public:
    explicit LineageView(QWidget* parent = nullptr);

    void setPage(std::shared_ptr<const observe::StreamingPage> page);
    /// What it tells above the picture.
    [[nodiscard]] QString sentence() const;

protected:
    void paint(QPainter& painter) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void relayout();
    void paintEdges(QPainter& painter) const;
    void paintColumn(QPainter& painter, const LineageLayout::Column& column);

    std::shared_ptr<const observe::StreamingPage> m_page;
    std::size_t m_job = 0;  ///< among the jobs of the batch
    LineageLayout m_layout;
};

}  // namespace millrace::widgets
