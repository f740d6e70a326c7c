#pragma once

#include <memory>

#include "engine/observe/hadoop_page.h"
#include "widgets/pages/painted_view.h"

namespace millrace::widgets {

/// Blocks by node: racks side by side with their DataNodes as columns, files one below the other with their blocks as
/// rows. A replica is a cell; what is missing, damaged or being written differs in shape as well as in colour.
class BlockGrid final : public PaintedView {
    Q_OBJECT

public:
    explicit BlockGrid(QWidget* parent = nullptr);

    void setPage(std::shared_ptr<const observe::DfsPage> page);

protected:
    void paint(QPainter& painter) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Layout;
    [[nodiscard]] Layout layoutOf() const;
    void paintNodes(QPainter& painter, const Layout& layout);
    void paintBlock(QPainter& painter, const Layout& layout, const observe::DfsBlockView& block, double top);
    void fitHeight();

    std::shared_ptr<const observe::DfsPage> m_page;
};

}  // namespace millrace::widgets
