#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "engine/base/link_ends.h"
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
        auto ends = linkEndsIn(link.key, [&](std::string_view name) { return contains(names(hostNames), name); });
        std::erase_if(ends, [](const LinkEnds& each) { return each.mark != '-'; });
        return ends;
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
                      fmt::format("{}; say \"between\": [\"{}\", \"{}\"]", severalLinks(ends), ends[0].one,
                                  ends[0].other));
                continue;
            }
            checkLinkEnds(link, ends[0], path);
            const auto [first, isNew] = seen.emplace(std::minmax(ends[0].one, ends[0].other), link.key);
            if (!isNew) {
                error(link.keyPlace, path, fmt::format("the link \"{}\" joins the same two hosts", first->second));
            }
        }
    }

    void checkLinkEnds(const Member& link, const LinkEnds& ends, const std::string& path) {
        for (const std::string& end : {ends.one, ends.other}) {
            if (!contains(names(hostNames), end)) {
                error(link.keyPlace, path, fmt::format("there is no host \"{}\"{}", end, hint(end, names(hostNames))));
            }
        }
        if (ends.one == ends.other) {
            error(link.keyPlace, path, "a link joins two different hosts");
        }
    }
};

}  // namespace

std::string severalLinks(const std::vector<LinkEnds>& ends) {
    return fmt::format("this can be {} and {}, or {} and {}", ends[0].one, ends[0].other, ends[1].one, ends[1].other);
}

void judgeLinks(const Value& root, const KnownNames& known, Complaints& complaints) {
    LinkJudge(root, known, complaints).judge();
}

}  // namespace millrace::scenario
