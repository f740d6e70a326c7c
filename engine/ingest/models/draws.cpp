#include "engine/ingest/models/draws.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/random/normal_distribution.hpp>

namespace millrace::ingest {

double Draws::normal(double mean, double deviation) {
    return mean + deviation * boost::random::normal_distribution<double>{}(m_random);
}

double Draws::lognormal(double median, double sigma) {
    return median * std::exp(normal(0, sigma));
}

std::vector<std::string> namesOf(std::string_view stem, std::size_t count) {
    const std::size_t digits = std::to_string(count == 0 ? 0 : count - 1).size();
    std::vector<std::string> names;
    names.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        names.push_back(fmt::format("{}{:0{}}", stem, i, digits));
    }
    return names;
}

flow::Parameter devicesParameter(std::string_view help, std::string_view usual) {
    return {.key = "devices",
            .type = flow::ParameterType::Integer,
            .help = help,
            .defaultText = usual,
            .least = 1,
            .most = 10'000};
}

flow::Parameter everyParameter(std::string_view help, std::string_view usual, flow::Conditions readWhen) {
    return {.key = "every",
            .type = flow::ParameterType::Duration,
            .help = help,
            .readWhen = std::move(readWhen),
            .defaultText = usual,
            .least = 0.00001,
            .most = 86'400};
}

flow::Parameter anomaliesParameter(std::string_view help, std::string_view usual) {
    return {.key = "anomalies",
            .type = flow::ParameterType::Number,
            .help = help,
            .defaultText = usual,
            .least = 0,
            .most = 1};
}

flow::Parameter dayParameter() {
    return {.key = "day_start",
            .type = flow::ParameterType::Duration,
            .help = "The time of day at which the run begins.",
            .defaultText = "8h",
            .most = 86'400};
}

flow::Parameter countedParameter(std::string_view key, std::string_view help, std::string_view usual) {
    return {.key = key,
            .type = flow::ParameterType::Integer,
            .help = help,
            .defaultText = usual,
            .least = 1,
            .most = 10'000};
}

flow::Parameter measureParameter(std::string_view key, std::string_view help, std::string_view usual, double least,
                                 double most) {
    return {.key = key,
            .type = flow::ParameterType::Number,
            .help = help,
            .defaultText = usual,
            .least = least,
            .most = most};
}

std::size_t countOf(const flow::ParameterValues& values, std::string_view key) {
    return static_cast<std::size_t>(std::max<std::int64_t>(1, values.integer(key).value_or(1)));
}

double numberOf(const flow::ParameterValues& values, std::string_view key) {
    return values.number(key).value_or(0);
}

SimDuration durationOf(const flow::ParameterValues& values, std::string_view key) {
    return values.duration(key).value_or(SimDuration{0});
}

double rateOfDevices(const flow::ParameterValues& values) {
    return static_cast<double>(countOf(values, "devices")) / std::max(seconds(durationOf(values, "every")), 1e-9);
}

}  // namespace millrace::ingest
