#include "engine/zookeeper/transaction.h"

namespace millrace::zookeeper {

ByteCount Transaction::size() const {
    // Checksum, length, header (session, cxid, zxid, time, type) and the trailing mark of ZooKeeper's log format.
    constexpr ByteCount framing = 8 + 4 + 32 + 1;
    ByteCount bytes = framing;
    for (const Change& change : changes) {
        bytes += 25 + static_cast<ByteCount>(change.path.size() + change.data.size());
    }
    return bytes;
}

std::uint64_t Transaction::digest() const {
    Digest digest;
    digest.add(zxid.value);
    digest.add(session.value);
    digest.add(xid);
    digest.add(static_cast<std::int32_t>(code));
    digest.add(timeMillis);
    digest.add(static_cast<std::int32_t>(error));
    for (const Change& change : changes) {
        digest.add(static_cast<std::int32_t>(change.code));
        digest.add(std::string_view{change.path});
        digest.add(std::string_view{change.data});
        digest.add(change.ephemeral);
    }
    for (const ErrorCode each : multiErrors) {
        digest.add(static_cast<std::int32_t>(each));
    }
    digest.add(sessionTimeout.count());
    digest.add(client.value);
    digest.add(std::string_view{clientName});
    return digest.value();
}

}  // namespace millrace::zookeeper
