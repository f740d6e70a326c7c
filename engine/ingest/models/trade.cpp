#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/ingest/models/draws.h"
#include "engine/ingest/models/model.h"
#include "engine/ingest/zipf.h"

namespace millrace::ingest {

namespace {

// --- stock ticks ----------------------------------------------------------------------------------------------------

/// Trades of an exchange. Some trades bring another one soon after (by the branching ratio of a Hawkes process, whose
/// bursts this renewal stream has, and not its memory), symbols are drawn by
/// Zipf's law, prices are a geometric random walk with jumps, in cents, traded at bid or ask; sizes are lognormal, in
/// hundreds. Anomaly: a fat finger, ten times the price or a tenth of it.
class StockTicksModel final : public ModelBase<StockTicksModel> {
public:
    StockTicksModel(const flow::ParameterValues& values, RandomStream random)
        : m_draws(random),
          m_popularity(makeRef<ZipfTable>(static_cast<std::uint32_t>(countOf(values, "symbols")), 1.0)),
          m_stocks(m_popularity->size()),
          m_volatility(numberOf(values, "volatility")),
          m_branching(numberOf(values, "branching")),
          m_anomalies(numberOf(values, "anomalies")) {
        for (Stock& stock : m_stocks) {
            stock.price = std::clamp(m_draws.lognormal(50, 0.8), 2.0, 2'000.0);
        }
    }

    void read(SimTime due, Reading& reading) override {
        constexpr double tradingYear = 252 * 6.5 * 3600;
        const std::uint32_t rank = m_popularity->draw(m_draws.stream());
        Stock& stock = m_stocks[rank];
        const double since = std::max(0.0, seconds(due - stock.last));
        stock.last = due;
        stock.price *= std::exp(m_draws.normal(0, m_volatility * std::sqrt(since / tradingYear)));
        if (m_draws.chance(std::min(0.5, since * 4 / (6.5 * 3600)))) {  // four jumps a day
            stock.price *= std::exp(m_draws.normal(0, 0.01));
        }
        const double bid = std::max(0.01, std::floor(stock.price * 100) / 100);
        const double ask = shown(bid + 0.01, 100);
        double price = m_draws.chance(0.5) ? bid : ask;
        reading.isAnomaly = m_draws.chance(m_anomalies);
        price = reading.isAnomaly ? shown(m_draws.chance(0.5) ? price * 10 : price / 10, 100) : price;
        const double lots = std::max(1.0, std::round(m_draws.lognormal(1.5, 0.9)));
        reading.key = symbolOf(rank);
        reading.values = {{}, reading.key, price, bid, ask, static_cast<std::int64_t>(lots) * 100, ++stock.sequence};
    }

    /// A trade brings others by chance, which follow soon: the mean gap stays 1.
    double gap(SimTime) override {
        constexpr double soon = 0.02;
        const bool isBrought = m_draws.chance(m_branching);
        const double rest = (1 - m_branching * soon) / (1 - m_branching);
        return m_draws.exponential(isBrought ? soon : rest);
    }

private:
    struct Stock {
        double price = 50;
        SimTime last;
        std::int64_t sequence = 0;
    };
    static std::string symbolOf(std::uint32_t rank) {
        std::string text;
        for (std::uint32_t left = rank + 26 * 26; left > 0; left /= 26) {
            text.insert(text.begin(), static_cast<char>('A' + left % 26));
        }
        return text;
    }

    Draws m_draws;
    Ref<const ZipfTable> m_popularity;
    std::vector<Stock> m_stocks;
    double m_volatility, m_branching, m_anomalies;
};

// --- card payments --------------------------------------------------------------------------------------------------

/// Payments by card: amounts lognormal (mu 3.5, sigma 1), merchants by Zipf's law, cards at random times, each mostly
/// in its own country. Frauds: many payments in a short time, two countries at once, a number that comes twice.
class CardPaymentsModel final : public ModelBase<CardPaymentsModel> {
public:
    CardPaymentsModel(const flow::ParameterValues& values, RandomStream random)
        : m_draws(random),
          m_cards(countOf(values, "cards")),
          m_merchants(makeRef<ZipfTable>(static_cast<std::uint32_t>(countOf(values, "merchants")), 1.0)),
          m_anomalies(numberOf(values, "anomalies")) {}

    void read(SimTime, Reading& reading) override {
        static constexpr std::array countries{"DE", "FR", "GB", "US", "ES", "IT", "PL", "NL", "SE", "JP"};
        std::uint32_t card = m_draws.below(m_cards);
        std::size_t country = card % countries.size();
        double amount = std::clamp(m_draws.lognormal(std::exp(3.5), 1), 0.5, 20'000.0);
        reading.isAnomaly = m_fraud.step(m_draws, m_anomalies, 3, 3, 9);
        if (reading.isAnomaly) {
            if (m_fraud.left == m_fraud.length) {
                m_stolen = card;
            }
            card = m_stolen;
            country = card % countries.size();
            if (m_fraud.kind == 0) {
                amount = m_draws.uniform(1, 40);  // velocity
            } else if (m_fraud.kind == 1) {
                country = (country + 1 + m_draws.below(countries.size() - 1)) % countries.size();
            }
        }
        const bool isAgain = reading.isAnomaly && m_fraud.kind == 2 && m_payments > 0;
        m_payments += isAgain ? 0 : 1;
        reading.key = fmt::format("card-{}", card);
        reading.values = {{},
                          m_payments,
                          reading.key,
                          fmt::format("merchant-{}", m_merchants->draw(m_draws.stream())),
                          shown(amount, 100),
                          std::string{countries[country]}};
    }

    double gap(SimTime) override { return m_draws.exponential(1); }

private:
    Draws m_draws;
    std::size_t m_cards;
    Ref<const ZipfTable> m_merchants;
    double m_anomalies;
    Episode m_fraud;
    std::uint32_t m_stolen = 0;
    std::int64_t m_payments = 0;
};

// --- advertising events ---------------------------------------------------------------------------------------------

/// Events of the Yahoo streaming benchmark: each advertisement belongs to one campaign, type and event are uniform, a
/// stamp lies up to `skew` beside the truth.
class AdEventsModel final : public ModelBase<AdEventsModel> {
public:
    AdEventsModel(const flow::ParameterValues& values, RandomStream random)
        : m_draws(random),
          m_ads(countOf(values, "campaigns") * countOf(values, "ads")),
          m_perCampaign(countOf(values, "ads")),
          m_skew(seconds(durationOf(values, "skew"))) {}

    void read(SimTime, Reading& reading) override {
        static constexpr std::array types{"banner", "modal", "sponsored-search", "mail", "mobile"};
        static constexpr std::array events{"view", "click", "purchase"};
        const auto ad = m_draws.below(m_ads);
        reading.stampedOff = m_skew > 0 ? fromSeconds(m_draws.uniform(-m_skew, m_skew)) : SimDuration{0};
        reading.key = fmt::format("ad-{}", ad);
        reading.values = {{},
                          fmt::format("user-{}", m_draws.below(100)),
                          fmt::format("page-{}", m_draws.below(100)),
                          reading.key,
                          fmt::format("campaign-{}", ad / m_perCampaign),
                          std::string{types[m_draws.below(types.size())]},
                          std::string{events[m_draws.below(events.size())]},
                          std::string{"1.2.3.4"}};
    }

private:
    Draws m_draws;
    std::size_t m_ads, m_perCampaign;
    double m_skew;
};

// --- clicks ---------------------------------------------------------------------------------------------------------

/// Visitors of a web site, a session after the other: pages by Zipf's law, sizes lognormal with a Pareto tail (SURGE),
/// the number of pages geometric. Anomaly: a robot that asks for pages that are not there.
class ClicksModel final : public ModelBase<ClicksModel> {
public:
    ClicksModel(const flow::ParameterValues& values, RandomStream random)
        : m_draws(random),
          m_pages(makeRef<ZipfTable>(static_cast<std::uint32_t>(countOf(values, "pages")), 0.8)),
          m_visitors(countOf(values, "visitors")),
          m_perSession(std::max(1.0, numberOf(values, "pages_per_session"))),
          m_anomalies(numberOf(values, "anomalies")) {}

    void read(SimTime, Reading& reading) override {
        const auto at = m_draws.below(m_visitors.size());
        Visitor& visitor = m_visitors[at];
        const bool isNew = visitor.session == 0 || m_draws.chance(1 / m_perSession);
        visitor.session = isNew ? ++m_sessions : visitor.session;
        reading.isAnomaly = visitor.robot.step(m_draws, m_anomalies, 1, 10, 40);
        const std::uint32_t page = m_pages->draw(m_draws.stream());
        const double body = m_draws.chance(0.93) ? m_draws.lognormal(std::exp(9.36), 1.32)
                                                 : 9'000 * std::pow(1 - m_draws.uniform(0, 1), -1 / 1.1);
        const double drawn = m_draws.uniform(0, 1);
        const std::int64_t status = reading.isAnomaly ? 404 : drawn < 0.95 ? 200 : drawn < 0.99 ? 304 : 500;
        reading.key = fmt::format("10.{}.{}.{}", at / 65'536, at / 256 % 256, at % 256);
        reading.values = {{},
                          reading.key,
                          std::string{"-"},
                          fmt::format("session-{}", visitor.session),
                          std::string{"GET"},
                          fmt::format("{}/{}", reading.isAnomaly ? "/admin" : "/page", page),
                          std::string{"HTTP/1.1"},
                          status,
                          status == 200 ? static_cast<std::int64_t>(std::min(body, 5e7)) : std::int64_t{0},
                          std::string{isNew ? "-" : "https://shop.example/"},
                          std::string{reading.isAnomaly ? "probe/1.0" : "Mozilla/5.0"}};
    }

    double gap(SimTime) override { return m_draws.exponential(1); }

private:
    struct Visitor {
        std::int64_t session = 0;
        Episode robot;
    };
    Draws m_draws;
    Ref<const ZipfTable> m_pages;
    std::vector<Visitor> m_visitors;
    double m_perSession, m_anomalies;
    std::int64_t m_sessions = 0;
};

template <class M>
Ref<Model> madeTrade(const flow::ParameterValues& values, RandomStream random) {
    return makeRef<M>(values, random);
}

constexpr ModelField eventTime{"time", DatumType::Integer, "ms", "When it happened, in milliseconds since 1970."};

}  // namespace

const ModelKind& stockTicksModel() {
    static const ModelKind row{
        {.node = flow::NodeKind::Source,
         .kind = "stock-ticks",
         .title = "Stock ticks",
         .help = "Trades of an exchange in bursts, with bid and ask.",
         .parameters = {countedParameter("symbols", "Stocks, traded by Zipf's law.", "50"),
                        measureParameter("volatility", "Of the prices, a year.", "0.3", 0, 5),
                        measureParameter("branching",
                                         "Share of trades that another trade brought: 0 is a Poisson "
                                         "stream, more comes in bursts.",
                                         "0.6", 0, 0.95),
                        anomaliesParameter("Share of trades at ten times the price, or a tenth of it.")},
         .stem = "ticks"},
        {eventTime,
         {"symbol", DatumType::Text, "", "Which stock."},
         {"price", DatumType::Real, "USD", "Of the trade."},
         {"bid", DatumType::Real, "USD", "The best offer to buy."},
         {"ask", DatumType::Real, "USD", "The best offer to sell."},
         {"size", DatumType::Integer, "shares", "In hundreds."},
         {"sequence", DatumType::Integer, "", "Of the symbol's trades, from 1."}},
        [](const flow::ParameterValues&) { return 50.0; },
        madeTrade<StockTicksModel>,
        "json",
        true};
    return row;
}

const ModelKind& cardPaymentsModel() {
    static const ModelKind row{
        {.node = flow::NodeKind::Source,
         .kind = "card-payments",
         .title = "Card payments",
         .help = "Payments by card with frauds: many in a short time, two countries, a number twice.",
         .parameters = {countedParameter("cards", "Cards.", "1000"),
                        countedParameter("merchants", "Merchants, by Zipf's law.", "200"),
                        anomaliesParameter("Share of payments at which a fraud of 3 to 9 payments begins.")},
         .stem = "payments"},
        {eventTime,
         {"payment", DatumType::Integer, "", "Its number, from 1."},
         {"card", DatumType::Text, "", "Which card."},
         {"merchant", DatumType::Text, "", "To whom."},
         {"amount", DatumType::Real, "EUR", "How much."},
         {"country", DatumType::Text, "", "Where."}},
        [](const flow::ParameterValues&) { return 100.0; },
        madeTrade<CardPaymentsModel>};
    return row;
}

const ModelKind& adEventsModel() {
    static const ModelKind row{
        {.node = flow::NodeKind::Source,
         .kind = "ad-events",
         .title = "Advertising events",
         .help = "Views, clicks and purchases of advertisements, as in the Yahoo streaming benchmark.",
         .parameters = {countedParameter("campaigns", "Campaigns.", "100"),
                        countedParameter("ads", "Advertisements of each campaign.", "10"),
                        {.key = "skew",
                         .type = flow::ParameterType::Duration,
                         .help = "A stamp lies up to this far beside the truth.",
                         .defaultText = "50ms",
                         .most = 3600}},
         .stem = "ads"},
        {eventTime,
         {"user_id", DatumType::Text, "", "One of 100."},
         {"page_id", DatumType::Text, "", "One of 100."},
         {"ad_id", DatumType::Text, "", "Which advertisement."},
         {"campaign_id", DatumType::Text, "", "Whose it is; the benchmark looks it up."},
         {"ad_type", DatumType::Text, "", "One of five."},
         {"event_type", DatumType::Text, "", "view, click or purchase."},
         {"ip_address", DatumType::Text, "", "Always the same."}},
        [](const flow::ParameterValues&) { return 1'000.0; },
        madeTrade<AdEventsModel>};
    return row;
}

const ModelKind& clicksModel() {
    static const ModelKind row{
        {.node = flow::NodeKind::Source,
         .kind = "clicks",
         .title = "Click stream",
         .help = "Visitors of a web site in sessions, and robots.",
         .parameters = {countedParameter("visitors", "Visitors at a time.", "200"),
                        countedParameter("pages", "Pages, by Zipf's law.", "500"),
                        measureParameter("pages_per_session", "The mean of a geometric number.", "5", 1, 1'000),
                        anomaliesParameter("Share of clicks at which a robot begins to ask for 10 to 40 pages that "
                                           "are not there.")},
         .stem = "clicks"},
        {eventTime,
         {"host", DatumType::Text, "", "The visitor's address."},
         {"ident", DatumType::Text, "", "A dash."},
         {"user", DatumType::Text, "", "The session."},
         {"method", DatumType::Text, "", "GET."},
         {"path", DatumType::Text, "", "The page."},
         {"protocol", DatumType::Text, "", "HTTP/1.1."},
         {"status", DatumType::Integer, "", "200, 304, 404 or 500."},
         {"bytes", DatumType::Integer, "B", "Of the answer."},
         {"referrer", DatumType::Text, "", "A dash for the first page of a session."},
         {"agent", DatumType::Text, "", "The browser."}},
        [](const flow::ParameterValues&) { return 100.0; },
        madeTrade<ClicksModel>,
        "combined"};
    return row;
}

}  // namespace millrace::ingest
