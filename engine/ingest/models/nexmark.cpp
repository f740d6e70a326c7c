#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/ingest/models/draws.h"
#include "engine/ingest/models/model.h"

namespace millrace::ingest {

namespace {

/// An auction house, after NEXMark: of each 50 events one is a person, three are auctions and 46 bids. Half of the
/// bids go to the newest auctions' hot one; three quarters of sellers and bidders are the hot ones; prices are
/// 10^(6u) * 100 cents; 100 auctions are open and 1,000 people active at a time.
class NexmarkModel final : public ModelBase<NexmarkModel> {
public:
    NexmarkModel(const flow::ParameterValues&, RandomStream random) : m_draws(random) {}

    void read(SimTime due, Reading& reading) override {
        static constexpr std::array states{"OR", "ID", "CA", "WA", "AZ", "WY"};
        static constexpr std::array cities{"Portland", "Boise", "Los Angeles", "Seattle", "Phoenix", "Cheyenne"};
        static constexpr std::array channels{"Google", "Facebook", "Baidu", "Apple"};
        const std::int64_t place = m_events++ % 50;
        reading.values.assign(fieldCount, flow::Datum{});
        const auto set = [&](Place at, flow::Datum value) { reading.values[at] = std::move(value); };
        if (place == 0) {
            const auto where = m_draws.below(states.size());
            const std::int64_t id = ++m_people;
            set(Event, std::string{"person"});
            set(Id, id);
            set(Name, fmt::format("person {}", id));
            set(City, std::string{cities[where]});
            set(State, std::string{states[where]});
            reading.key = fmt::format("person-{}", id);
        } else if (place <= 3) {
            const std::int64_t id = ++m_auctions;
            set(Event, std::string{"auction"});
            set(Id, id);
            set(Seller, hotOr(m_people, 4, 1'000));
            set(Category, std::int64_t{10} + m_draws.below(5));
            set(Price, price());
            set(Expires, reading.startMillis +
                             std::chrono::duration_cast<std::chrono::milliseconds>(due.time_since_epoch()).count() +
                             static_cast<std::int64_t>(m_draws.below(20'000)));
            reading.key = fmt::format("auction-{}", id);
        } else {
            const std::int64_t auction = hotOr(m_auctions, 2, 100);
            set(Event, std::string{"bid"});
            set(Auction, auction);
            set(Bidder, hotOr(m_people, 4, 1'000));
            set(Price, price());
            set(Channel, std::string{channels[m_draws.below(channels.size())]});
            reading.key = fmt::format("auction-{}", auction);
        }
    }

private:
    enum Place : std::uint8_t {
        Time,
        Event,
        Id,
        Name,
        City,
        State,
        Seller,
        Category,
        Expires,
        Auction,
        Bidder,
        Price,
        Channel,
        fieldCount
    };
    /// The hot one, the newest of each hundred, but for one draw in `others`; these are of the last `active`.
    std::int64_t hotOr(std::int64_t newest, std::uint32_t others, std::int64_t active) {
        if (!m_draws.chance(1.0 / others)) {
            return std::max<std::int64_t>(1, newest / 100 * 100);
        }
        const std::int64_t last = std::max<std::int64_t>(1, newest);
        return last -
               static_cast<std::int64_t>(m_draws.below(static_cast<std::size_t>(std::min<std::int64_t>(last, active))));
    }
    std::int64_t price() { return std::llround(std::pow(10.0, m_draws.uniform(0, 6)) * 100); }

    Draws m_draws;
    std::int64_t m_events = 0;
    std::int64_t m_people = 0;
    std::int64_t m_auctions = 0;
};

}  // namespace

const ModelKind& nexmarkModel() {
    static const ModelKind row{
        {.node = flow::NodeKind::Source,
         .kind = "nexmark",
         .title = "Auctions (NEXMark)",
         .help = "Persons, auctions and bids, 1 to 3 to 46, as in the NEXMark benchmark.",
         .parameters = {},
         .stem = "auctions"},
        {{"time", DatumType::Integer, "ms", "When it happened, in milliseconds since 1970."},
         {"event", DatumType::Text, "", "person, auction or bid: which of the other fields there are."},
         {"id", DatumType::Integer, "", "Of a person or an auction."},
         {"name", DatumType::Text, "", "Of a person."},
         {"city", DatumType::Text, "", "Of a person."},
         {"state", DatumType::Text, "", "Of a person."},
         {"seller", DatumType::Integer, "", "Of an auction: a person."},
         {"category", DatumType::Integer, "", "Of an auction, 10 to 14."},
         {"expires", DatumType::Integer, "ms", "Of an auction."},
         {"auction", DatumType::Integer, "", "Of a bid."},
         {"bidder", DatumType::Integer, "", "Of a bid: a person."},
         {"price", DatumType::Integer, "cent", "Of a bid; of an auction the least."},
         {"channel", DatumType::Text, "", "By which a bid came."}},
        [](const flow::ParameterValues&) { return 1'000.0; },
        [](const flow::ParameterValues& values, RandomStream random) -> Ref<Model> {
            return makeRef<NexmarkModel>(values, random);
        }};
    return row;
}

}  // namespace millrace::ingest
