#include "engine/gateway/loopback_server.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <boost/asio.hpp>
#include <csignal>
#include <deque>
#include <limits>
#include <map>

namespace millrace::gateway {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

constexpr std::size_t prefixSize = 4;
constexpr std::size_t firstRead = 16U << 10U;  // of a long frame; what has come is doubled then
constexpr std::size_t produceAhead = 64;       // requests of one connection
constexpr std::size_t produceAheadBytes = 4U << 20U;
constexpr std::size_t budgetByDefault = 1U << 30U;
constexpr auto acceptPause = 100ms;
constexpr auto stallMost = 1s;           // a client that takes nothing for so long is not reading
constexpr std::size_t sparedFiles = 16;  // for what else the process opens: a port, a sink's journal, a report
constexpr auto tellInterval = 1s;        // how often it is told that connections of a broker are turned away

std::int64_t lengthOf(const std::array<unsigned char, prefixSize>& prefix) {
    std::uint32_t length = 0;
    for (const unsigned char byte : prefix) {
        length = (length << 8U) | byte;
    }
    return static_cast<std::int32_t>(length);
}

bool isProduce(std::string_view frame) {
    return frame.size() >= 2 && frame[0] == 0 && frame[1] == 0;  // its API key
}

/// Whether a failed accept may be tried again at once: the fault was that one connection's.
bool isOfOneConnection(const boost::system::error_code& error) {
    return error == asio::error::operation_aborted || error == asio::error::connection_aborted ||
           error == asio::error::connection_reset || error == asio::error::interrupted ||
           error == asio::error::try_again || error == boost::system::errc::protocol_error;
}

bool isOutOfFiles(const boost::system::error_code& error) {
    return error == boost::system::errc::too_many_files_open ||
           error == boost::system::errc::too_many_files_open_in_system;
}

std::size_t filesOfAProcess() {
    rlimit limit{};
    const bool isKnown = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    return isKnown ? static_cast<std::size_t>(limit.rlim_cur) : std::numeric_limits<std::size_t>::max();
}

}  // namespace

struct LoopbackServer::Private {
    struct Peer;

    /// A broker's port, open or not, and what its clients hold.
    struct Door : std::enable_shared_from_this<Door> {
        Door(Private& of, kafka::BrokerId id) : server(of), broker(id), acceptor(of.io), pause(of.io) {}

        void open(std::uint16_t port, const DoorLimits& asked) {
            limits = asked;
            const tcp::endpoint place(asio::ip::address_v4::loopback(), port);
            acceptor.open(place.protocol());
            acceptor.set_option(tcp::acceptor::reuse_address(true));
            acceptor.bind(place);
            acceptor.listen();
            if (!std::exchange(hasBeenOpen, true)) {
                // Numbers are given from the smallest free one on.
                server.filesOfItsOwn =
                    std::max(server.filesOfItsOwn, static_cast<std::size_t>(acceptor.native_handle()) + 1);
            }
            isOpen = true;
            accept();
        }
        void close() {
            isOpen = false;
            boost::system::error_code ignored;
            acceptor.cancel(ignored);
            acceptor.close(ignored);
            pause.cancel();
        }
        /// Further connections wait in the system's queue while as many as may be are open, as Kafka's acceptor waits.
        void accept() {
            if (!isOpen || isAccepting) {
                return;
            }
            if (connections >= limits.connectionsMax) {
                turnAway(fmt::format("connections wait: {} are open (max.connections)", connections));
                return;
            }
            if (server.peers.size() >= server.connectionsMost()) {
                turnAway(fmt::format("connections wait: {} are open, and the process may open {} files",
                                     server.peers.size(), server.filesMost));
                acceptLater();
                return;
            }
            isAccepting = true;
            acceptor.async_accept([self = shared_from_this()](auto error, tcp::socket socket) {
                self->isAccepting = false;
                self->accepted(error, std::move(socket));
            });
        }
        void accepted(const boost::system::error_code& error, tcp::socket socket) {
            if (!isOpen) {
                return;
            }
            if (!error) {
                welcome(std::move(socket));
            } else if (!isOfOneConnection(error)) {
                // Out of files or of memory: those who come wait in the system's queue until some are free again.
                turnAway(fmt::format("connections wait: {}", error.message()));
                acceptLater();
                return;
            }
            accept();
        }
        void acceptLater() {
            pause.expires_after(acceptPause);
            pause.async_wait([self = shared_from_this()](auto cancelled) {
                if (!cancelled) {
                    self->accept();
                }
            });
        }
        void welcome(tcp::socket socket) {
            boost::system::error_code ignored;
            if (connections >= limits.connectionsPerIpMax) {  // all of them come from 127.0.0.1
                turnAway(fmt::format("{} connections from one address are open (max.connections.per.ip)", connections));
                socket.close(ignored);
                return;
            }
            socket.set_option(tcp::no_delay(true), ignored);
            const ClientNumber number{++server.clientsSeen};
            const auto peer = std::make_shared<Peer>(shared_from_this(), number, std::move(socket));
            server.peers[number] = peer;
            ++connections;
            server.arrived(makeRef<ClientDid>(number, ClientDid::What::Opened, broker, BytesRef{}));
            peer->readPrefix();
        }
        /// Told with the first one's reason, and then once a second at most.
        void turnAway(std::string why) {
            const Clock::time_point now = Clock::now();
            if (now - toldAt < tellInterval) {
                return;
            }
            toldAt = now;
            server.arrived(
                makeRef<ClientDid>(ClientNumber{0}, ClientDid::What::TurnedAway, broker, BytesRef{}, std::move(why)));
        }
        [[nodiscard]] bool hasRoom() const { return limits.queuedBytesMax <= 0 || queued < limits.queuedBytesMax; }

        Private& server;
        kafka::BrokerId broker;
        DoorLimits limits;
        tcp::acceptor acceptor;
        asio::steady_timer pause;
        bool isOpen = false;
        bool hasBeenOpen = false;
        bool isAccepting = false;
        std::int64_t connections = 0;
        std::int64_t queued = 0;  ///< bytes of requests that are being read or not answered yet
        Clock::time_point toldAt{};
    };

    /// One client's socket. Lives as long as an operation on it is under way.
    struct Peer : std::enable_shared_from_this<Peer> {
        Peer(std::shared_ptr<Door> through, ClientNumber who, tcp::socket with)
            : door(std::move(through)), server(door->server), number(who), socket(std::move(with)) {}

        // The prefix is always waited for, so that a client's leaving is seen; the frame waits for its turn.
        void readPrefix() {
            asio::async_read(socket, asio::buffer(prefix), [self = shared_from_this()](auto error, std::size_t) {
                if (error) {
                    self->end({});
                    return;
                }
                self->begin(lengthOf(self->prefix));
            });
        }
        void begin(std::int64_t announced) {
            const std::int64_t most = door->limits.requestBytesMax;
            if (announced <= 0 || announced > most) {
                end(fmt::format("a request of {} bytes is announced, and 1 to {} are taken (socket.request.max.bytes)",
                                announced, most));
                return;
            }
            length = static_cast<std::size_t>(announced);
            isWaiting = true;
            goOn();
        }
        /// Reads the frame that has been announced if it is its turn.
        void goOn() {
            if (!isWaiting || isOver || !isItsTurn()) {
                return;
            }
            if (server.isHeld || !door->hasRoom() || server.frameBytes >= server.budget) {
                server.waitForRoom(shared_from_this());
                return;
            }
            isWaiting = false;
            readMore();
        }
        [[nodiscard]] bool isItsTurn() const {
            if (!toWrite.empty()) {
                return false;
            }
            return unanswered.empty() ||
                   (areAllProduce && unanswered.size() < produceAhead && unansweredBytes + length <= produceAheadBytes);
        }
        void readMore() {
            const std::size_t have = frame.size();
            const std::size_t step = std::min(length - have, std::max(have, firstRead));
            if (have > 0 && server.frameBytes + step > server.budget) {
                end("the memory for requests is used up");
                return;
            }
            hold(step);
            frame.resize(have + step);
            asio::async_read(socket, asio::buffer(frame.data() + have, step),
                             [self = shared_from_this()](auto error, std::size_t) {
                                 if (error) {
                                     self->end({});
                                 } else if (self->isOver) {
                                 } else if (self->frame.size() < self->length) {
                                     self->readMore();
                                 } else {
                                     self->haveFrame();
                                 }
                             });
        }
        void haveFrame() {
            areAllProduce = (unanswered.empty() || areAllProduce) && isProduce(frame);
            unanswered.push_back(frame.size());
            unansweredBytes += frame.size();
            server.arrived(makeRef<ClientDid>(number, ClientDid::What::Sent, kafka::noBroker,
                                              makeRef<Bytes>(std::exchange(frame, {}))));
            readPrefix();
        }
        /// So many requests have been dealt with.
        void answered(std::size_t requests) {
            for (; requests > 0 && !unanswered.empty(); --requests) {
                unansweredBytes -= unanswered.front();
                release(unanswered.front());
                unanswered.pop_front();
            }
        }
        void hold(std::size_t bytes) {
            held += bytes;
            door->queued += static_cast<std::int64_t>(bytes);
            server.frameBytes += bytes;
        }
        void release(std::size_t bytes) {
            held -= bytes;
            door->queued -= static_cast<std::int64_t>(bytes);
            server.frameBytes -= bytes;
        }
        void send(std::string bytes) {
            server.unsent += bytes.size();
            unsentBytes += bytes.size();
            toWrite.push_back(std::move(bytes));
            if (toWrite.size() == 1) {
                write();
            }
            if (server.unsent > server.budget) {
                server.dropThoseWhoDoNotRead(*this);
            }
        }
        void write() {
            constexpr std::size_t atOnce = 64U << 10U;
            frontTaken = 0;
            progressAt = Clock::now();
            const auto goesOn = [self = shared_from_this()](const auto& error, std::size_t taken) {
                self->noteTaken(taken);
                return error ? 0 : atOnce;
            };
            asio::async_write(socket, asio::buffer(toWrite.front()), goesOn,
                              [self = shared_from_this()](auto error, std::size_t taken) {
                                  self->noteTaken(taken);
                                  self->toWrite.pop_front();
                                  if (error) {
                                      self->end({});
                                  } else if (!self->toWrite.empty()) {
                                      self->write();
                                  } else if (self->endsWhenWritten) {
                                      self->close();
                                  } else {
                                      self->goOn();
                                  }
                              });
        }
        /// So much of the answer under way has been taken.
        void noteTaken(std::size_t taken) {
            if (isClosed || taken == frontTaken) {
                return;
            }
            server.unsent -= taken - frontTaken;
            unsentBytes -= taken - frontTaken;
            frontTaken = taken;
            progressAt = Clock::now();
        }
        /// All counts as gone; the bytes of the answer under way go with its operation.
        void dropWrites() {
            server.unsent -= std::exchange(unsentBytes, 0);
            while (toWrite.size() > 1) {
                toWrite.pop_back();
            }
        }
        /// The client has gone, or is made to go for a reason.
        void end(std::string why) {
            if (!std::exchange(isOver, true)) {
                server.arrived(
                    makeRef<ClientDid>(number, ClientDid::What::Closed, kafka::noBroker, BytesRef{}, std::move(why)));
            }
            close();
        }
        /// The world has hung up.
        void hangUp() {
            isOver = true;
            endsWhenWritten = true;
            if (toWrite.empty()) {
                close();
            }
        }
        void close() {
            if (std::exchange(isClosed, true)) {
                return;
            }
            isOver = true;
            dropWrites();
            release(held);
            boost::system::error_code ignored;
            socket.close(ignored);
            --door->connections;
            server.peers.erase(number);
            door->accept();
            server.roomCame();
        }

        std::shared_ptr<Door> door;
        Private& server;
        ClientNumber number;
        tcp::socket socket;
        std::array<unsigned char, prefixSize> prefix{};
        std::size_t length = 0;  ///< of the frame that has been announced
        std::string frame;
        std::deque<std::size_t> unanswered;  ///< sizes of requests
        std::size_t unansweredBytes = 0;
        std::size_t held = 0;  ///< of the frame that is being read, and of the unanswered
        std::deque<std::string> toWrite;
        std::size_t unsentBytes = 0;
        std::size_t frontTaken = 0;  ///< of the answer under way
        Clock::time_point progressAt;
        bool areAllProduce = false;
        bool isWaiting = false;
        bool waitsForRoom = false;
        bool isOver = false;
        bool endsWhenWritten = false;
        bool isClosed = false;
    };

    Private() {
        signals.async_wait([this](auto error, int) { stopped = stopped || !error; });
    }
    ~Private() {
        // Handlers that are still queued hold peers and doors, which refer to this object.
        io.stop();
        waiters.clear();
        peers.clear();
        doors.clear();
    }

    void arrived(Ref<const ClientDid> did) { arrivals.push_back({std::move(did), Clock::now()}); }

    /// Answers have gone beyond their share. Hung up on is who has taken nothing for a while, the longest first; at
    /// twice the share whoever took something the longest ago. Never for a first answer that was given just now: a
    /// client that reads gets what it has asked for, however large it is.
    void dropThoseWhoDoNotRead(const Peer& given) {
        while (unsent > budget) {
            const Clock::time_point stalled = unsent > 2 * budget ? Clock::time_point::max() : Clock::now() - stallMost;
            std::shared_ptr<Peer> longest;
            for (const auto& [number, peer] : peers) {
                const bool isFirst = peer.get() == &given && peer->toWrite.size() == 1;
                if (peer->unsentBytes > 0 && !isFirst && peer->progressAt < stalled &&
                    (!longest || peer->progressAt < longest->progressAt)) {
                    longest = peer;
                }
            }
            if (!longest) {
                return;
            }
            longest->end(fmt::format("it has not read {} bytes of answers", longest->unsentBytes));
        }
    }
    /// Some files stay with the process: it has ports to open again and sinks to commit to.
    [[nodiscard]] std::size_t connectionsMost() const {
        const std::size_t taken = filesOfItsOwn + sparedFiles;
        return filesMost > taken ? filesMost - taken : 1;
    }
    void waitForRoom(std::shared_ptr<Peer> peer) {
        if (!std::exchange(peer->waitsForRoom, true)) {
            waiters.push_back(std::move(peer));
        }
    }
    /// Those who wait are looked at in the order in which they came.
    void roomCame() {
        if (waiters.empty() || isHeld) {
            return;
        }
        for (const auto& peer : std::exchange(waiters, {})) {
            peer->waitsForRoom = false;
            peer->goOn();
        }
    }

    asio::io_context io{1};
    asio::signal_set signals{io, SIGINT, SIGTERM};
    std::map<kafka::BrokerId, std::shared_ptr<Door>> doors;
    std::map<ClientNumber, std::shared_ptr<Peer>> peers;
    std::deque<std::shared_ptr<Peer>> waiters;
    std::vector<Arrival> arrivals;
    std::uint64_t clientsSeen = 0;
    std::size_t budget = budgetByDefault;
    std::size_t frameBytes = 0;
    std::size_t unsent = 0;
    std::size_t filesMost = filesOfAProcess();
    std::size_t filesOfItsOwn = 0;
    bool isHeld = false;
    bool stopped = false;
};

LoopbackServer::LoopbackServer() : m_private(std::make_unique<Private>()) {}
LoopbackServer::~LoopbackServer() = default;

void LoopbackServer::setBudget(std::size_t bytes) {
    m_private->budget = bytes;
}

Result<void> LoopbackServer::setOpen(kafka::BrokerId broker, std::uint16_t port, bool open, const DoorLimits& limits) {
    auto& door = m_private->doors[broker];
    if (!door) {
        door = std::make_shared<Private::Door>(*m_private, broker);
    }
    if (open == door->isOpen) {
        return {};
    }
    if (!open) {
        door->close();
        return {};
    }
    try {
        door->open(port, limits);
        return {};
    } catch (const boost::system::system_error& error) {
        door->close();
        if (door->hasBeenOpen && isOutOfFiles(error.code())) {
            door->turnAway(fmt::format("its port waits: {}", error.code().message()));
            return {};  // Whoever asks next tries again.
        }
        return failure(fmt::format("cannot be listened to: {}", error.code().message()),
                       fmt::format("127.0.0.1:{}", port));
    }
}

void LoopbackServer::setHeld(bool held) {
    if (std::exchange(m_private->isHeld, held) && !held) {
        m_private->roomCame();
    }
}

void LoopbackServer::poll() {
    m_private->io.poll();
}

void LoopbackServer::waitUntil(Clock::time_point time) {
    m_private->io.run_one_until(time);
    m_private->io.poll();
}

std::vector<LoopbackServer::Arrival> LoopbackServer::takeArrivals() {
    return std::exchange(m_private->arrivals, {});
}

bool LoopbackServer::hasArrivals() const {
    return !m_private->arrivals.empty();
}

void LoopbackServer::send(const ClientEffect& effect) {
    const auto at = m_private->peers.find(effect.client());
    if (at == m_private->peers.end()) {
        return;
    }
    const auto peer = at->second;
    if (effect.hangsUp()) {
        peer->hangUp();
        return;
    }
    peer->answered(effect.requests());
    if (!effect.bytes().empty()) {
        peer->send(effect.bytes());
    }
    peer->goOn();
    m_private->roomCame();
}

bool LoopbackServer::isStopped() const {
    return m_private->stopped;
}

std::size_t LoopbackServer::unsent() const {
    return m_private->unsent;
}

}  // namespace millrace::gateway
