#pragma once

#include <QLabel>

namespace millrace::widgets {

/// One line or more of a fact, in any width: it wraps between words, and a word that is too long for the line, such as
/// the id of a group's member, loses its middle rather than push its neighbours out of sight. The tool-tip has all of
/// it.
class FactLabel final : public QLabel {
public:
    explicit FactLabel(QWidget* parent = nullptr);

    /// `help` explains the fact and is part of the tool-tip.
    void setFact(const QString& words, const QString& help);
    [[nodiscard]] QString fullText() const { return m_words; }

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    [[nodiscard]] QString fitted(const QString& word) const;
    void fit();

    QString m_words;
    QString m_help;
};

}  // namespace millrace::widgets
