#pragma once

#include <memory>

#include "engine/observe/hadoop_page.h"
#include "widgets/pages/painted_view.h"

namespace millrace::widgets {

/// What each map has for each reduce, in bytes: maps are rows, reduces columns, the darker the more. Sums stand at the
/// edges, so that a reduce with more than its share is seen. Where maps are more than rows, neighbours share one.
class ShuffleMatrix final : public PaintedView {
    Q_OBJECT

public:
    explicit ShuffleMatrix(QWidget* parent = nullptr);

    void setPage(std::shared_ptr<const observe::JobPage> page);

protected:
    void paint(QPainter& painter) override;

private:
    std::shared_ptr<const observe::JobPage> m_page;
};

/// The matrix with so many rows at the most: neighbours are summed up.
struct FoldedMatrix {
    std::size_t mapsARow = 1;
    std::vector<std::vector<std::int64_t>> rows;
    std::vector<bool> isThere;  ///< whether a map of the row is done
    std::vector<std::int64_t> byReduce;
    std::int64_t most = 0;
    std::int64_t sum = 0;
};
[[nodiscard]] FoldedMatrix folded(const std::vector<std::vector<std::int64_t>>& shuffle, std::size_t rows);

}  // namespace millrace::widgets
