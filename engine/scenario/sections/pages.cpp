#include "engine/scenario/sections/pages.h"

#include <array>

#include "engine/hadoop/describe_page.h"
#include "engine/ingest/describe_board.h"
#include "engine/kafka/describe.h"
#include "engine/kafka/log/describe_records.h"
#include "engine/spark/describe_page.h"

namespace millrace::scenario {

namespace {

using observe::ObjectKind;

void streaming(const sim::World& world, const observe::PageRequest& request, observe::Pages& pages) {
    pages.streaming = std::make_shared<observe::StreamingPage>(spark::describePage(world, request));
}

void dfs(const sim::World& world, const observe::PageRequest& request, observe::Pages& pages) {
    pages.dfs = std::make_shared<observe::DfsPage>(hadoop::describeDfs(world, request));
}

void job(const sim::World& world, const observe::PageRequest& request, observe::Pages& pages) {
    pages.job = std::make_shared<observe::JobPage>(hadoop::describeJob(world, request));
}

void topic(const sim::World& world, const observe::PageRequest& request, observe::Pages& pages) {
    const kafka::TopicName name{std::string(observe::nameOf(request.object))};
    pages.topic =
        std::make_shared<observe::TopicPage>(kafka::describeRecords(request.object, kafka::shownLogs(world, name)));
}

void board(const sim::World& world, const observe::PageRequest& request, observe::Pages& pages) {
    pages.board = std::make_shared<observe::BoardPage>(ingest::describeBoard(world, request.object));
}

/// Who has a page, and what describes it.
struct Maker {
    ObjectKind kind;
    void (*describe)(const sim::World& world, const observe::PageRequest& request, observe::Pages& pages);
};
constexpr std::array makers{Maker{ObjectKind::Driver, &streaming}, Maker{ObjectKind::NameNode, &dfs},
                            Maker{ObjectKind::Job, &job}, Maker{ObjectKind::Topic, &topic},
                            Maker{ObjectKind::Sink, &board}};

}  // namespace

observe::Pages describePage(const sim::World& world, const observe::PageRequest& request) {
    observe::Pages pages;
    for (const Maker& maker : makers) {
        if (!request.object.empty() && observe::kindOf(request.object) == maker.kind) {
            maker.describe(world, request, pages);
        }
    }
    return pages;
}

}  // namespace millrace::scenario
