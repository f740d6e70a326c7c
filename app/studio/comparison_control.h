#pragma once

#include <QObject>
#include <QStringList>

#include "app/bridge/comparison_runner.h"
#include "app/studio/bottom_panel.h"

namespace millrace::widgets {
class ComparisonPanel;
}

namespace millrace::studio {

/// The comparison of the open scenario: its pipelines on each of their engines, or itself, beside other scenarios. Its
/// tab is offered where a pipeline runs on several engines, and once it is asked for. Another document begins anew.
class ComparisonControl final : public QObject {
    Q_OBJECT

public:
    ComparisonControl(ScenarioDocument& document, BottomPanel& bottom, bridge::Comparer comparer, QWidget& window);

    [[nodiscard]] widgets::ComparisonPanel& panel() { return *m_panel; }
    /// False where it has no such view.
    bool show(const QString& view = {});
    void start(int repetitions);
    void saveTo(const QString& file);

signals:
    /// `trouble` says why nothing came of it; empty where something did.
    void ended(const QString& trouble);
    void said(const QString& words);

private:
    void take(const bridge::ComparisonAnswer& answer);
    void addOther();
    void showOthers();
    void save();
    void showDocument();

    ScenarioDocument& m_document;
    BottomPanel& m_bottom;
    QWidget& m_window;
    bridge::ComparisonRunner m_runner;
    widgets::ComparisonPanel* m_panel = nullptr;
    QStringList m_others;
    bridge::ComparisonAnswer m_answer;  ///< the last with a view
    scenario::Value m_compared;         ///< the part of the document that it was made of
    QStringList m_comparedBeside;
    scenario::Value m_starting;
    QStringList m_startingBeside;
    int m_startedFor = 0;  ///< the number of the document
    int m_number = 0;      ///< that all of this is about
};

}  // namespace millrace::studio
