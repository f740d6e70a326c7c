#include "engine/gateway/loopback_server.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio.hpp>
#include <csignal>
#include <deque>
#include <map>

namespace millrace::gateway {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::size_t prefixSize = 4;
constexpr std::uint32_t frameMax = 100U << 20U;  // socket.request.max.bytes

std::uint32_t lengthOf(const std::array<unsigned char, prefixSize>& prefix) {
    std::uint32_t length = 0;
    for (const unsigned char byte : prefix) {
        length = (length << 8U) | byte;
    }
    return length;
}

}  // namespace

struct LoopbackServer::Private {
    /// One client's socket. Lives as long as an operation on it is under way.
    struct Peer : std::enable_shared_from_this<Peer> {
        Peer(Private& of, ClientNumber who, tcp::socket with) : server(of), number(who), socket(std::move(with)) {}

        void readPrefix() {
            asio::async_read(socket, asio::buffer(prefix), [self = shared_from_this()](auto error, std::size_t) {
                const std::uint32_t length = error ? 0 : lengthOf(self->prefix);
                if (error || length == 0 || length > frameMax) {
                    self->end();
                } else {
                    self->readFrame(length);
                }
            });
        }
        void readFrame(std::uint32_t length) {
            frame.resize(length);
            asio::async_read(socket, asio::buffer(frame), [self = shared_from_this()](auto error, std::size_t) {
                if (error) {
                    self->end();
                    return;
                }
                self->server.arrived(makeRef<ClientDid>(self->number, ClientDid::What::Sent, kafka::noBroker,
                                                        makeRef<Bytes>(std::exchange(self->frame, {}))));
                self->readPrefix();
            });
        }
        void send(std::string bytes) {
            server.unsent += bytes.size();
            toWrite.push_back(std::move(bytes));
            if (toWrite.size() == 1) {
                write();
            }
        }
        void write() {
            asio::async_write(socket, asio::buffer(toWrite.front()),
                              [self = shared_from_this()](auto error, std::size_t) {
                                  self->server.unsent -= self->toWrite.front().size();
                                  self->toWrite.pop_front();
                                  if (error) {
                                      self->dropWrites();
                                      self->end();
                                  } else if (!self->toWrite.empty()) {
                                      self->write();
                                  } else if (self->endsWhenWritten) {
                                      self->close();
                                  }
                              });
        }
        void dropWrites() {
            for (const std::string& bytes : toWrite) {
                server.unsent -= bytes.size();
            }
            toWrite.clear();
        }
        /// The client has gone.
        void end() {
            if (std::exchange(isOver, true)) {
                return;
            }
            server.arrived(makeRef<ClientDid>(number, ClientDid::What::Closed, kafka::noBroker, BytesRef{}));
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
            boost::system::error_code ignored;
            socket.close(ignored);
            server.peers.erase(number);
        }

        Private& server;
        ClientNumber number;
        tcp::socket socket;
        std::array<unsigned char, prefixSize> prefix{};
        std::string frame;
        std::deque<std::string> toWrite;
        bool isOver = false;
        bool endsWhenWritten = false;
    };

    Private() {
        signals.async_wait([this](auto error, int) { stopped = stopped || !error; });
    }
    ~Private() {
        // Handlers that are still queued hold peers, which refer to this object.
        peers.clear();
        doors.clear();
        io.stop();
    }

    void arrived(Ref<const ClientDid> did) { arrivals.push_back({std::move(did), Clock::now()}); }

    void accept(kafka::BrokerId broker, tcp::acceptor& door) {
        door.async_accept([this, broker, &door](auto error, tcp::socket socket) {
            if (error) {
                return;  // the door is closed
            }
            boost::system::error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            const ClientNumber number{++clientsSeen};
            const auto peer = std::make_shared<Peer>(*this, number, std::move(socket));
            peers[number] = peer;
            arrived(makeRef<ClientDid>(number, ClientDid::What::Opened, broker, BytesRef{}));
            peer->readPrefix();
            accept(broker, door);
        });
    }

    asio::io_context io{1};
    asio::signal_set signals{io, SIGINT, SIGTERM};
    std::map<kafka::BrokerId, std::unique_ptr<tcp::acceptor>> doors;
    std::map<ClientNumber, std::shared_ptr<Peer>> peers;
    std::vector<Arrival> arrivals;
    std::uint64_t clientsSeen = 0;
    std::size_t unsent = 0;
    bool stopped = false;
};

LoopbackServer::LoopbackServer() : m_private(std::make_unique<Private>()) {}
LoopbackServer::~LoopbackServer() = default;

Result<void> LoopbackServer::setOpen(kafka::BrokerId broker, std::uint16_t port, bool open) {
    auto& doors = m_private->doors;
    if (open == doors.contains(broker)) {
        return {};
    }
    if (!open) {
        boost::system::error_code ignored;
        doors[broker]->cancel(ignored);
        doors[broker]->close(ignored);
        // Its cancelled operation still refers to it; once that has run, nothing does.
        m_private->io.poll();
        doors.erase(broker);
        return {};
    }
    try {
        const tcp::endpoint place(asio::ip::address_v4::loopback(), port);
        auto door = std::make_unique<tcp::acceptor>(m_private->io);
        door->open(place.protocol());
        door->set_option(tcp::acceptor::reuse_address(true));
        door->bind(place);
        door->listen();
        m_private->accept(broker, *door);
        doors[broker] = std::move(door);
        return {};
    } catch (const boost::system::system_error& error) {
        return failure(fmt::format("cannot be listened to: {}", error.code().message()),
                       fmt::format("127.0.0.1:{}", port));
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

void LoopbackServer::send(const ClientEffect& effect) {
    const auto at = m_private->peers.find(effect.client());
    if (at == m_private->peers.end()) {
        return;
    }
    const auto peer = at->second;
    if (effect.hangsUp()) {
        peer->hangUp();
    } else {
        peer->send(effect.bytes());
    }
}

bool LoopbackServer::isStopped() const {
    return m_private->stopped;
}

std::size_t LoopbackServer::unsent() const {
    return m_private->unsent;
}

}  // namespace millrace::gateway
