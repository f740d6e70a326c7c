#include "engine/run/resident.h"

#include <unistd.h>

#include <fstream>

namespace millrace::run {

ByteCount residentBytes() {
    std::ifstream statm("/proc/self/statm");
    ByteCount total = 0;
    ByteCount resident = 0;
    statm >> total >> resident;
    return statm ? resident * static_cast<ByteCount>(sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace millrace::run
