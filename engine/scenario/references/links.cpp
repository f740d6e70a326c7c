#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "engine/scenario/link_ends.h"
#include "engine/scenario/references/judge.h"

namespace millrace::scenario {

namespace {

class LinkJudge final : private ReferenceJudge {
public:
    using ReferenceJudge::ReferenceJudge;

    void judge() { checkLinks(); }

private:
    std::vector<LinkEnds> endsOf(const Member& link) {
        if (const Value* between = link.value.find("between")) {
            const auto ends = between->items();
            return ends.size() == 2 ? std::vector{LinkEnds{ends[0].asText(), ends[1].asText()}}
                                    : std::vector<LinkEnds>();
        }
        return endsInName(
            link.key, [&](std::string_view name) { return contains(names(hostNames), name); }, "-");
    }

    void checkLinks() {
        std::map<std::pair<std::string, std::string>, std::string> seen;
        for (const Member& link : membersAt(root(), {"links"})) {
            const std::string path = "links." + link.key;
            if (link.key == "default") {
                continue;
            }
            const auto ends = endsOf(link);
            if (ends.empty()) {
                error(link.keyPlace, path,
                      "a link is named by its two hosts, as in \"h1-h2\", or says \"between\": [\"h1\", \"h2\"]");
                continue;
            }
            if (ends.size() > 1) {
                error(link.keyPlace, path,
                      fmt::format("{}; say \"between\": [\"{}\", \"{}\"]", severalLinks(ends), ends[0].first,
                                  ends[0].second));
                continue;
            }
            checkLinkEnds(link, ends[0], path);
            const auto [first, isNew] = seen.emplace(std::minmax(ends[0].first, ends[0].second), link.key);
            if (!isNew) {
                error(link.keyPlace, path, fmt::format("the link \"{}\" joins the same two hosts", first->second));
            }
        }
    }

    void checkLinkEnds(const Member& link, const LinkEnds& ends, const std::string& path) {
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
