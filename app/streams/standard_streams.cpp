#include "app/streams/standard_streams.h"

#include <fcntl.h>

#include <array>

namespace millrace::streams {

void keepStandardStreams() {
    constexpr std::array<int, 3> modes = {O_RDONLY, O_RDONLY, O_WRONLY};
    for (int stream = 0; stream < static_cast<int>(modes.size()); ++stream) {
        if (::fcntl(stream, F_GETFD) == -1) {
            static_cast<void>(::open("/dev/null", modes[static_cast<std::size_t>(stream)]));  // takes the lowest number
        }
    }
}

}  // namespace millrace::streams
