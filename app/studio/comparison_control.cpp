#include "app/studio/comparison_control.h"

#include <QFileDialog>
#include <QFileInfo>
#include <algorithm>
#include <utility>
#include <vector>

#include "app/studio/file_names.h"
#include "engine/scenario/document/writer.h"
#include "widgets/compare/comparison_panel.h"
#include "widgets/style/format.h"

namespace millrace::studio {

using widgets::format::text;

namespace {

/// The engines on which pipelines of a document run, in the order in which they are named first.
std::vector<std::string> enginesIn(const scenario::Value& root) {
    std::vector<std::string> engines;
    const scenario::Value* pipelines = root.find("pipelines");
    for (const scenario::Member& pipeline :
         pipelines != nullptr ? pipelines->members() : std::span<const scenario::Member>()) {
        const scenario::Value* list = pipeline.value.find("run_on");
        for (const scenario::Value& each : list != nullptr ? list->items() : std::span<const scenario::Value>()) {
            if (std::find(engines.begin(), engines.end(), each.asText()) == engines.end()) {
                engines.push_back(each.asText());
            }
        }
    }
    return engines;
}

QString namesOf(const QStringList& files) {
    QStringList names;
    for (const QString& each : files) {
        names << shownLastName(each);
    }
    return names.join(QStringLiteral(", "));
}

}  // namespace

ComparisonControl::ComparisonControl(ScenarioDocument& document, BottomPanel& bottom, bridge::Comparer comparer,
                                     QWidget& window)
    : QObject(&window),
      m_document(document),
      m_bottom(bottom),
      m_window(window),
      m_runner(std::move(comparer)),
      m_panel(new widgets::ComparisonPanel(&window)) {
    m_bottom.addPanel(*m_panel, tr("Compare"));
    connect(m_panel, &widgets::ComparisonPanel::startRequested, this, &ComparisonControl::start);
    connect(m_panel, &widgets::ComparisonPanel::cancelRequested, this, [this] { m_runner.cancel(); });
    connect(m_panel, &widgets::ComparisonPanel::otherRequested, this, &ComparisonControl::addOther);
    connect(m_panel, &widgets::ComparisonPanel::otherDropped, this, [this](const QString& file) {
        m_others.removeAll(file);
        showOthers();
    });
    connect(m_panel, &widgets::ComparisonPanel::saveRequested, this, &ComparisonControl::save);
    connect(&m_runner, &bridge::ComparisonRunner::stepped, this, [this](const bridge::ComparisonStep& step) {
        if (m_runner.isRunning()) {
            m_panel->setProgress(tr("run %1 of %2, %3, %4 s simulated")
                                     .arg(step.run + 1)
                                     .arg(step.runs)
                                     .arg(text(step.variant))
                                     .arg(step.simulated, 0, 'f', 1),
                                 static_cast<int>(step.run), static_cast<int>(step.runs));
        }
    });
    connect(&m_runner, &bridge::ComparisonRunner::ended, this, &ComparisonControl::take);
    connect(&m_document, &ScenarioDocument::changed, this, &ComparisonControl::showDocument);
    showDocument();
}

bool ComparisonControl::show(const QString& view) {
    m_bottom.offerPanel(*m_panel, true);
    m_bottom.showPanel(*m_panel);
    if (!view.isEmpty()) {
        m_panel->showView(view);
    }
    return view.isEmpty() || m_panel->views().contains(view);
}

void ComparisonControl::start(int repetitions) {
    if (m_runner.isRunning()) {
        return;  // what was begun for another document is about to end
    }
    m_document.finishEdits();
    m_startedFor = m_document.number();
    m_starting = m_document.runnable();
    m_startingBeside = m_others;
    bridge::ComparisonRequest request;
    request.text = m_document.text().toStdString();
    request.file = fileBytes(m_document.file());
    for (const QString& other : m_others) {
        request.others.push_back(fileBytes(other));
    }
    request.repetitions = static_cast<std::size_t>(std::max(repetitions, 1));
    m_runner.start(request);
}

/// What was begun for another document is nobody's any more.
void ComparisonControl::take(const bridge::ComparisonAnswer& answer) {
    const bool isOfThis = m_startedFor == m_document.number();
    if (answer.view && isOfThis) {
        m_answer = answer;
        m_compared = m_starting;
        m_comparedBeside = m_startingBeside;
        m_panel->setView(answer.view);
    } else {
        m_panel->setNothing(isOfThis ? text(answer.trouble) : QString());
    }
    showDocument();
    const bool isStopped = !isOfThis || (!answer.view && answer.trouble.empty());
    const QString trouble = isStopped ? tr("it was stopped") : text(answer.trouble);
    if (isOfThis) {
        emit said(trouble.isEmpty() ? tr("The comparison is done") : tr("No comparison: %1").arg(trouble));
    }
    emit ended(trouble);
}

void ComparisonControl::addOther() {
    const QString file = QFileDialog::getOpenFileName(&m_window, tr("Compare with a scenario"),
                                                      QFileInfo(nameForDialog(m_document.file())).absolutePath(),
                                                      tr("Scenarios (*.json)"));
    if (!file.isEmpty() && !m_others.contains(file)) {
        m_others << file;
        showOthers();
    }
}

void ComparisonControl::showOthers() {
    m_panel->setOthers(m_others);
    m_panel->setNothing({});  // what was wrong may be gone with one of them
    showDocument();
}

void ComparisonControl::save() {
    const QString folder = QFileInfo(nameForDialog(m_document.file())).absolutePath();
    QFileDialog dialog(&m_window, tr("Save the comparison"), folder);
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setNameFilters({tr("Page (*.html)"), tr("JSON (*.json)"), tr("Text (*.txt)")});
    dialog.setDefaultSuffix(QStringLiteral("html"));
    dialog.selectFile(QStringLiteral("comparison.html"));
    connect(&dialog, &QFileDialog::filterSelected, &dialog, [&dialog](const QString& filter) {
        const QString suffix = filter.contains(QLatin1String(".json"))  ? QStringLiteral("json")
                               : filter.contains(QLatin1String(".txt")) ? QStringLiteral("txt")
                                                                        : QStringLiteral("html");
        dialog.setDefaultSuffix(suffix);
        const QStringList chosen = dialog.selectedFiles();
        if (!chosen.isEmpty()) {
            dialog.selectFile(QFileInfo(chosen.first()).completeBaseName() + QLatin1Char('.') + suffix);
        }
    });
    if (dialog.exec() == QDialog::Accepted && !dialog.selectedFiles().isEmpty()) {
        saveTo(dialog.selectedFiles().first());
    }
}

/// By the end of the name: JSON, text, else a page.
void ComparisonControl::saveTo(const QString& file) {
    const QString suffix = QFileInfo(file).suffix().toLower();
    const std::string& content = suffix == QLatin1String("json")  ? m_answer.json
                                 : suffix == QLatin1String("txt") ? m_answer.text
                                                                  : m_answer.html;
    const auto trouble = scenario::saveFile(fileBytes(file), content);
    emit said(trouble ? QString::fromStdString(*trouble)
                      : tr("The comparison is in %1").arg(shownFileName(absoluteFileName(file))));
}

void ComparisonControl::showDocument() {
    if (m_number != m_document.number()) {
        m_number = m_document.number();
        m_runner.cancel();
        m_others.clear();
        m_answer = {};
        m_panel->setOthers({});
        m_panel->clear();
        m_bottom.offerPanel(*m_panel, m_bottom.isShown(*m_panel));
    }
    const std::vector<std::string> engines = enginesIn(m_document.root());
    if (engines.size() > 1) {
        m_bottom.offerPanel(*m_panel, true);
    }
    QStringList names;
    for (const std::string& each : engines) {
        names << text(each);
    }
    const QString beside = m_others.isEmpty() ? QString() : tr(" Beside it: %1.").arg(namesOf(m_others));
    m_panel->setSubject(
        (engines.size() > 1 ? tr("The same pipelines on %1, one after the other, on the same records, machines and "
                                 "faults.")
                                  .arg(names.join(QStringLiteral(", ")))
                            : tr("This scenario as it is, run to its end, beside others that are added.")) +
            beside,
        m_document.hasErrors() ? tr("This cannot run yet: see Problems") : QString());
    m_panel->setStale(m_answer.view && !(m_document.runnable() == m_compared && m_others == m_comparedBeside));
}

}  // namespace millrace::studio
