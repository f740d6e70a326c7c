#pragma once

#include <QWidget>
#include <vector>

#include "engine/observe/object_id.h"

class QLineEdit;
class QListWidget;

namespace millrace::widgets {

/// Something that can be dragged onto the canvas.
struct Part {
    QString name;   ///< what the drag carries, such as "source/file"
    QString title;  ///< "File lines"
    QString group;  ///< heading under which it stands
    QString help;
    observe::ObjectKind kind = observe::ObjectKind::Unknown;
};

/// The parts a stream is built of, by kind, with a search. Drag onto the canvas, or press Return to add.
class PartPalette final : public QWidget {
    Q_OBJECT

public:
    explicit PartPalette(std::vector<Part> parts, QWidget* parent = nullptr);

    [[nodiscard]] QListWidget& list() const { return *m_list; }
    [[nodiscard]] QLineEdit& search() const { return *m_search; }

signals:
    void partChosen(const QString& name);

private:
    void fill(const QString& words);

    std::vector<Part> m_parts;
    QLineEdit* m_search = nullptr;
    QListWidget* m_list = nullptr;
};

}  // namespace millrace::widgets
