#pragma once

#include <QScrollArea>

#include "widgets/inspector/property.h"

class QVBoxLayout;

namespace millrace::widgets {

/// A form of typed editors. An edit is reported when it is finished, never while typing.
class PropertyEditor final : public QScrollArea {
    Q_OBJECT

public:
    explicit PropertyEditor(QWidget* parent = nullptr);

    void setSheet(const PropertySheet& sheet);
    [[nodiscard]] QWidget* editorOf(const QString& path) const;

signals:
    /// An empty value means: back to the default.
    void propertyEdited(const QString& path, const QString& value);

private:
    [[nodiscard]] QWidget* makeEditor(const Property& property);

    PropertySheet m_sheet;
    QWidget* m_form = nullptr;
};

}  // namespace millrace::widgets
