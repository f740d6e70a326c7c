#pragma once

#include <QScrollArea>

#include "engine/observe/streaming_page.h"
#include "widgets/style/palette.h"

class QGridLayout;
class QLabel;

namespace millrace::widgets {

/// The chosen batch in figures, beside the views of its application: what it was made of, what it went through, why it
/// was late.
class BatchCard final : public QScrollArea {
    Q_OBJECT

public:
    explicit BatchCard(QWidget* parent = nullptr);

    void setBatch(const observe::BatchDetail& batch, SimDuration interval);
    /// Instead of a batch.
    void setNothing(const QString& words);
    /// All that it says, for tests and for who listens.
    [[nodiscard]] QString text() const;

private:
    void setFact(int row, const QString& name, const QString& value, Meaning meaning, const QString& tip);

    QLabel* m_title = nullptr;
    QLabel* m_state = nullptr;
    QLabel* m_late = nullptr;
    QLabel* m_inputs = nullptr;
    QGridLayout* m_facts = nullptr;
    std::vector<std::pair<QLabel*, QLabel*>> m_rows;
};

}  // namespace millrace::widgets
