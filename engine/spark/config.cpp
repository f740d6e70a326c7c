#include "engine/spark/config.h"

#include <fmt/format.h>

namespace millrace::spark {

std::string driverName(std::string_view application) {
    return fmt::format("driver/{}", application);
}

std::string executorName(std::string_view application, ExecutorId executor, std::string_view host) {
    return fmt::format("executor/{}/{}@{}", application, executor.value, host);
}

std::string workerName(std::string_view worker) {
    return fmt::format("spark-worker/{}", worker);
}

std::string sourceServerName(std::string_view source) {
    return fmt::format("source-server/{}", source);
}

}  // namespace millrace::spark
