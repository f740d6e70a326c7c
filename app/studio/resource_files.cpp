#include "app/studio/resource_files.h"

#include <algorithm>

#include "app/studio/file_names.h"
#include "engine/scenario/shipped.h"

namespace millrace::studio {

QString scenariosFolder() {
    return absoluteFileName(fileNameOf(scenario::shippedScenarios()));
}

std::vector<std::filesystem::path> shippedFiles() {
    std::vector<std::filesystem::path> files;
    std::error_code trouble;
    for (const auto& entry : std::filesystem::directory_iterator(scenario::shippedScenarios(), trouble)) {
        if (entry.path().extension() == ".json") {
            files.push_back(std::filesystem::absolute(entry.path(), trouble));
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

bool isExample(const QString& file) {
    std::error_code trouble;
    const std::filesystem::path folder = std::filesystem::path(fileBytes(file)).parent_path();
    return !folder.empty() && std::filesystem::equivalent(folder, fileBytes(scenariosFolder()), trouble);
}

}  // namespace millrace::studio
