#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "engine/scenario/references/judge.h"

namespace millrace::scenario {

namespace {

class LinkJudge final : private ReferenceJudge {
public:
    using ReferenceJudge::ReferenceJudge;

    void judge() { checkLinks(); }

private:
    std::optional<std::pair<std::string, std::string>> endsOf(const Member& link) {
        if (const Value* between = link.value.find("between")) {
            const auto ends = between->items();
            return ends.size() == 2 ? std::optional(std::pair(ends[0].asText(), ends[1].asText())) : std::nullopt;
        }
        for (std::size_t dash = link.key.find('-'); dash != std::string::npos; dash = link.key.find('-', dash + 1)) {
            const std::string a = link.key.substr(0, dash);
            const std::string b = link.key.substr(dash + 1);
            if (contains(names(hostNames), a) && contains(names(hostNames), b)) {
                return std::pair(a, b);
            }
        }
        return std::nullopt;
    }

    void checkLinks() {
        std::map<std::pair<std::string, std::string>, std::string> seen;
        for (const Member& link : membersAt(root(), {"links"})) {
            const std::string path = "links." + link.key;
            if (link.key == "default") {
                continue;
            }
            const auto ends = endsOf(link);
            if (!ends) {
                error(link.keyPlace, path,
                      "a link is named by its two hosts, as in \"h1-h2\", or says \"between\": [\"h1\", \"h2\"]");
                continue;
            }
            checkLinkEnds(link, *ends, path);
            const auto [first, isNew] = seen.emplace(std::minmax(ends->first, ends->second), link.key);
            if (!isNew) {
                error(link.keyPlace, path, fmt::format("the link \"{}\" joins the same two hosts", first->second));
            }
        }
    }

    void checkLinkEnds(const Member& link, const std::pair<std::string, std::string>& ends, const std::string& path) {
        for (const std::string& end : {ends.first, ends.second}) {
            if (!contains(names(hostNames), end)) {
                error(link.keyPlace, path, fmt::format("there is no host \"{}\"{}", end, hint(end, names(hostNames))));
            }
        }
        if (ends.first == ends.second) {
            error(link.keyPlace, path, "a link joins two different hosts");
        }
    }
};

}  // namespace

void judgeLinks(const Value& root, const KnownNames& known, Complaints& complaints) {
    LinkJudge(root, known, complaints).judge();
}

}  // namespace millrace::scenario
