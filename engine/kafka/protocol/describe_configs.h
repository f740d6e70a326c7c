#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/kafka/protocol/message.h"

namespace millrace::kafka {

inline constexpr Api describeConfigsApi{.key = 32, .name = "DescribeConfigs", .last = 4, .served = 4, .flexible = 4};

struct DescribeConfigsResponse;

/// The settings of topics and brokers, and where each comes from. No names ask for all of a resource.
struct DescribeConfigsRequest final : Request<DescribeConfigsRequest, DescribeConfigsResponse, describeConfigsApi> {
    enum class Of : std::int8_t { Topic = 2, Broker = 4 };
    struct Resource {
        Of type = Of::Topic;
        std::string name;
        std::optional<std::vector<std::string>> keys;
        static void fields(auto& v, auto& resource) {
            v.field(resource.type);
            v.field(resource.name);
            v.nullable(resource.keys);
        }
    };
    std::vector<Resource> resources;
    bool includeSynonyms = false;
    bool includeDocumentation = false;  ///< nobody has any

    static void fields(auto& v, auto& m) {
        v.field(m.resources);
        v.field(m.includeSynonyms, since(1));
        v.field(m.includeDocumentation, since(3));
    }
};

struct DescribeConfigsResponse final : Response<DescribeConfigsResponse, describeConfigsApi> {
    enum class Source : std::int8_t { Topic = 1, StaticBroker = 4, Default = 5 };
    enum class Type : std::int8_t { Boolean = 1, String = 2, Int = 3, Short = 4, Long = 5, Double = 6, List = 7 };
    struct Synonym {
        std::string key;
        std::optional<std::string> value;
        Source source = Source::Default;
        static void fields(auto& v, auto& synonym) {
            v.field(synonym.key);
            v.field(synonym.value);
            v.field(synonym.source);
        }
    };
    struct Setting {
        std::string key;
        std::optional<std::string> value;
        bool isReadOnly = false;
        Source source = Source::Default;
        bool isDefault = true;  ///< before version 1 all that is said of the source
        std::vector<Synonym> synonyms;
        Type type = Type::String;
        static void fields(auto& v, auto& setting) {
            v.field(setting.key);
            v.field(setting.value);
            v.field(setting.isReadOnly);
            v.field(setting.isDefault, until(0).orDropped());
            v.field(setting.source, since(1).orDropped());
            v.fixed(false);  // whether it is a secret
            v.field(setting.synonyms, since(1).orDropped());
            v.field(setting.type, since(3).orDropped());
            v.fixed(std::optional<std::string>{}, since(3));  // documentation
        }
    };
    struct Result {
        ErrorCode error = ErrorCode::None;
        std::string message;
        DescribeConfigsRequest::Of type = DescribeConfigsRequest::Of::Topic;
        std::string name;
        std::vector<Setting> settings;
        static void fields(auto& v, auto& result) {
            v.field(result.error);
            v.nullable(result.message);
            v.field(result.type);
            v.field(result.name);
            v.field(result.settings);
        }
    };
    std::vector<Result> results;

    static void fields(auto& v, auto& m) {
        v.fixed(noThrottle);
        v.field(m.results);
    }
};
void serve(BrokerCall& call, const DescribeConfigsRequest& request);

}  // namespace millrace::kafka
