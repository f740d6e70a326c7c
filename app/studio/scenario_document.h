#pragma once

#include <QObject>
#include <QUndoStack>
#include <functional>
#include <string_view>

#include "engine/observe/run_view.h"
#include "engine/scenario/document/value.h"

namespace millrace::studio {

/// The scenario that is being edited, with its history. Documents are values: an undo stack is a stack of values.
class ScenarioDocument final : public QObject {
    Q_OBJECT

public:
    /// The largest file that is taken for a scenario.
    static constexpr std::size_t bytesMost = std::size_t{64} << 20U;

    explicit ScenarioDocument(QObject* parent = nullptr);

    [[nodiscard]] const scenario::Value& root() const { return m_root; }
    [[nodiscard]] QString file() const { return m_file; }
    /// Another one for each document that was begun or loaded; edits keep it.
    [[nodiscard]] int number() const { return m_number; }
    [[nodiscard]] QString title() const;
    [[nodiscard]] bool isModified() const { return m_isModified; }
    [[nodiscard]] QUndoStack& undoStack() { return m_undo; }
    [[nodiscard]] QByteArray text() const;
    [[nodiscard]] const std::vector<observe::ProblemView>& problems() const { return m_problems; }
    /// Whether no error would stand in this field if the document became this one.
    [[nodiscard]] bool wouldBeRight(const scenario::Value& root, std::string_view field) const;

    /// Problems that keep it from running.
    [[nodiscard]] bool hasErrors() const;

    void startNew();

    /// Takes a text that was read from `file`. False, with what is wrong in `complaint`, when it cannot be read at all.
    bool load(const QByteArray& text, const QString& file, QString& complaint);
    bool loadFile(const QString& file, QString& complaint);
    bool saveAs(const QString& file, QString& complaint);

    /// Recovered work has not been saved: the document is modified from the start.
    void markUnsaved();

    /// One step of the history. Edits with the same mergeKey that follow each other become one.
    void apply(const QString& name, scenario::Value root, const QString& mergeKey = {});

    /// The part that a run depends on: without positions, notes and lessons.
    [[nodiscard]] scenario::Value runnable() const;

    /// Whoever is being typed to hands in what stands there: before a scenario is saved or run.
    void finishEdits() { emit finishing(); }

signals:
    void finishing();
    void changed();
    void fileChanged();

private:
    class Edit;
    void setRoot(scenario::Value root);
    void judge();
    void updateModified();

    scenario::Value m_root;
    scenario::Value m_saved;  ///< as it stands in the file; the history also holds live actions, which change no file
    bool m_isModified = false;
    QString m_file;
    int m_number = 0;
    QUndoStack m_undo;
    std::vector<observe::ProblemView> m_problems;
};

}  // namespace millrace::studio
