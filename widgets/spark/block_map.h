#pragma once

#include <memory>

#include "engine/observe/streaming_page.h"
#include "widgets/pages/painted_view.h"

namespace millrace::widgets {

/// Blocks by executor: what each keeps, in memory or on disk, and how many copies there are.
class BlockMap final : public PaintedView {
    Q_OBJECT

public:
    explicit BlockMap(QWidget* parent = nullptr);

    void setPage(std::shared_ptr<const observe::StreamingPage> page);

protected:
    void paint(QPainter& painter) override;

private:
    void paintHeads(QPainter& painter, double column);
    void paintBlock(QPainter& painter, const observe::BlockView& block, double column, double top);

    std::shared_ptr<const observe::StreamingPage> m_page;
};

}  // namespace millrace::widgets
