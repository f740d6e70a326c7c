#include "engine/run/failure_bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

#include "engine/run/inputs.h"
#include "engine/scenario/document/writer.h"

namespace millrace::run {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t sourceBytesMost = 16U << 20U;
constexpr std::uint32_t journalEntriesMost = 2'000;

/// The first name that nobody has; a folder is made or not, so two programs never share one.
std::optional<fs::path> makeFolderIn(const fs::path& parent) {
    constexpr int numberMost = 10'000;
    std::error_code trouble;
    for (int number = 1; number <= numberMost; ++number) {
        const fs::path folder = parent / fmt::format("millrace-failure-{}", number);
        if (fs::create_directory(folder, trouble)) {
            return fs::absolute(folder, trouble).lexically_normal();
        }
        if (trouble) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

bool write(const fs::path& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    out.flush();
    return out.good();
}

std::string readme(const InternalFailure& failed, const FailureScene& scene) {
    std::string text =
        "Millrace broke a rule of its own here. This is a fault of the program, not of the scenario.\n"
        "Everything in this folder helps to repeat it: please attach it to a report.\n\n";
    text += fmt::format("what       {}\nversion    {}\ncommand    {}\n", failed.what, failed.version, failed.command);
    if (scene.scenario != nullptr) {
        text += fmt::format("scenario   {}\nseed       {}\n", scene.scenario->file, scene.scenario->run.seed);
    }
    if (scene.world != nullptr) {
        text += fmt::format("time       {}\nevent      {}\nfingerprint {:016x}\n", toText(scene.world->now()),
                            scene.world->eventsProcessed(), scene.world->fingerprint());
    }
    return text;
}

std::string inputsText(const std::vector<RecordedInput>& inputs) {
    std::string text;
    for (const RecordedInput& input : inputs) {
        const auto* storable = dynamic_cast<const StorableInput*>(input.input.get());
        text += storable == nullptr
                    ? fmt::format("{}\n", input.input->summary())
                    : fmt::format(R"({{"t":{},"e":{},"kind":"{}","payload":{}}})"
                                  "\n",
                                  nanoseconds(input.time), input.eventsBefore, storable->kind(), storable->payload());
    }
    return text;
}

std::string journalText(const sim::Journal& journal) {
    std::string text;
    const std::uint32_t last = journal.lastId().value;
    const std::uint32_t first = std::max(journal.firstId().value, last - std::min(last, journalEntriesMost) + 1);
    for (std::uint32_t id = first; id <= last; ++id) {
        if (const sim::JournalEntry* entry = journal.find(sim::JournalId{id})) {
            text += fmt::format("{} {} [{}] {}\n", toText(entry->time), entry->place, entry->kind, entry->text);
        }
    }
    return text;
}

/// Numbered, as files in different folders may have one name.
void copySources(const fs::path& folder, const scenario::Scenario& scenario) {
    std::string list;
    int number = 0;
    for (const scenario::SourcePlan& source : scenario.sources) {
        std::error_code trouble;
        const bool fits = !source.path.empty() && fs::is_regular_file(source.path, trouble) &&
                          fs::file_size(source.path, trouble) <= sourceBytesMost && !trouble;
        if (!fits) {
            continue;
        }
        fs::create_directory(folder / "sources", trouble);
        const std::string name = fmt::format("{}-{}", ++number, fs::path(source.path).filename().string());
        if (fs::copy_file(source.path, folder / "sources" / name, trouble)) {
            list += fmt::format("{}: sources.{}.path, {}\n", name, source.name, source.path);
        }
    }
    if (!list.empty()) {
        write(folder / "sources" / "README.txt", list);
    }
}

}  // namespace

Result<std::string> writeFailureBundle(const std::string& folder, const InternalFailure& failed,
                                       const FailureScene& scene) {
    std::error_code trouble;
    std::optional<fs::path> bundle = makeFolderIn(folder.empty() ? fs::path(".") : fs::path(folder));
    if (!bundle) {
        bundle = makeFolderIn(fs::temp_directory_path(trouble));
    }
    if (!bundle || !write(*bundle / "README.txt", readme(failed, scene))) {
        return machineFailure("what is known of the failure cannot be kept in a file", folder);
    }
    if (scene.scenario != nullptr) {
        write(*bundle / "scenario.json", scenario::writeDocument(scene.scenario->document));
        copySources(*bundle, *scene.scenario);
    } else if (!failed.scenarioText.empty()) {
        write(*bundle / "scenario.json", failed.scenarioText);
    }
    if (scene.inputs != nullptr) {
        write(*bundle / "inputs.jsonl", inputsText(*scene.inputs));
    }
    if (scene.world != nullptr) {
        write(*bundle / "journal.txt", journalText(scene.world->journal()));
    }
    return bundle->string();
}

}  // namespace millrace::run
