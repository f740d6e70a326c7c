#include "engine/ingest/pipeline/ways.h"

#include <array>
#include <vector>

#include "engine/ingest/formats/format.h"

namespace millrace::ingest {

namespace {

using flow::NodeKind;
using flow::Parameter;
using Type = flow::ParameterType;

Parameter everyParameter(std::string_view usual, std::string_view help) {
    return {.key = "every", .type = Type::Duration, .help = help, .defaultText = usual, .start = usual};
}

std::vector<std::string_view> writtenForms() {
    std::vector<std::string_view> names{"lines"};
    const auto formats = formatNames();
    names.insert(names.end(), formats.begin(), formats.end());
    return names;
}

/// Where records come from and where rows end.
std::vector<Parameter> endParameters() {
    return {
        {.key = "source",
         .type = Type::Reference,
         .help = "Whose records it ingests; several pipelines may have the same.",
         .isRequired = true,
         .refersTo = NodeKind::Source},
        {.key = "to",
         .type = Type::Reference,
         .help = "The sink that the rows are loaded into.",
         .isRequired = true,
         .refersTo = NodeKind::Sink},
        {.key = "tables",
         .type = Type::TextList,
         .help = "The tables of a database that each row is loaded into, facts and dimensions alike: a table takes the "
                 "fields that its columns name.",
         .most = 63,
         .blank = "all of the sink"},
        {.key = "key",
         .type = Type::FieldList,
         .help = "Of documents: the fields that make the id; a document of the same id is replaced. Of a topic: those "
                 "that make the key of a record, by which it finds its partition. Of a dashboard: those that tell its "
                 "tiles "
                 "apart.",
         .most = 16,
         .blank = "where the record came from; records of a topic have none, and a dashboard one tile"}};
}

/// How records are read.
std::vector<Parameter> formParameters() {
    return {
        {.key = "format",
         .type = Type::Choice,
         .help = "How records are written; lines takes each as a single field line.",
         .choices = writtenForms(),
         .blank = "as the source writes, else lines"},
        {.key = "columns",
         .type = Type::TextList,
         .help = "The fields of a record and their types, as in \"amount REAL\": the schema that records are held "
                 "against. BOOLEAN, INTEGER, REAL and TEXT.",
         .most = 256,
         .blank = "those of the source or the format"},
        {.key = "time",
         .type = Type::Field,
         .help = "The field that is the event's time, in milliseconds since 1970 or as text such as \"2026-01-01 "
                 "07:05:00\": "
                 "partitions and windows go by it.",
         .blank = "when a record comes"},
        {.key = "drift",
         .type = Type::Choice,
         .help = "When records have another form: fail rejects them, ignore leaves new fields out, evolve takes along "
                 "what comes (documents, lakes of JSON and archives keep it; tables keep their columns).",
         .defaultText = "ignore",
         .choices = {"fail", "ignore", "evolve"}}};
}

/// What becomes of what cannot be loaded at once, and of a load that ends in the middle.
std::vector<Parameter> loadParameters() {
    return {
        {.key = "dead_letters",
         .type = Type::Reference,
         .help = "The sink that keeps rejected records with the reason; of a database it is a table rejected.",
         .blank = "they are counted and gone",
         .refersTo = NodeKind::Sink},
        {.key = "repair_at",
         .type = Type::Duration,
         .help = "When somebody mends the reader: from then on it takes records as they come (drift evolve), and the "
                 "dead letters of before (the newest 10,000) are read once more.",
         .blank = "never, unless it is done by hand"},
        {.key = "land",
         .type = Type::Reference,
         .help = "Loads records into this sink as they come and transforms them later, with the machine of the "
                 "destination (ELT). Of a database it is a table raw with the column line.",
         .blank = "they are transformed before they are loaded (ETL)",
         .refersTo = NodeKind::Sink},
        {.key = "transform_every",
         .type = Type::Duration,
         .help = "How often what has landed is transformed.",
         .defaultText = "1m"},
        {.key = "note",
         .type = Type::Choice,
         .help = "after notes where it stands when all before is committed: at least once, and exactly once where the "
                 "sink writes once or by keys. before notes first: at most once.",
         .defaultText = "after",
         .choices = {"after", "before"}},
        {.key = "batch_size",
         .type = Type::Integer,
         .help = "Most writes in one request to the sink.",
         .defaultText = "500",
         .least = 1,
         .most = 10'000},
        {.key = "value",
         .type = Type::TextList,
         .help = "What a row is worth by its age when it is committed, as points such as \"0s 1\", \"1m 0.5\", \"1h "
                 "0\": straight between them, level outside.",
         .most = 100,
         .blank = "always 1"}};
}

/// What every pipeline has.
void addCommon(std::vector<Parameter>& to) {
    for (const auto& more : {endParameters(), formParameters(), loadParameters()}) {
        to.insert(to.end(), more.begin(), more.end());
    }
}

const flow::Operator& batchKind() {
    static const flow::Operator row = [] {
        flow::Operator made{
            .node = NodeKind::Ingestion,
            .kind = "batch",
            .title = "Batch ingestion",
            .help = "A job begins at intervals and loads what has come to its source since the last one.",
            .outputs = "rows",
            .summary = {"every"},
            .stem = "batch"};
        made.parameters = {
            everyParameter("5m", "Between the beginnings of jobs."),
            {.key = "size",
             .type = Type::Integer,
             .help = "A job also begins as soon as so many records wait; it holds them itself.",
             .least = 1,
             .most = 100'000,
             .blank = "by time alone"},
            {.key = "load",
             .type = Type::Choice,
             .help = "incremental takes what is new; full takes everything from the beginning each time, "
                     "for which the destination must know rows by keys.",
             .defaultText = "incremental",
             .choices = {"incremental", "full"}}};
        addCommon(made.parameters);
        return made;
    }();
    return row;
}

const flow::Operator& microBatchKind() {
    static const flow::Operator row = [] {
        flow::Operator made{.node = NodeKind::Ingestion,
                            .kind = "micro-batch",
                            .title = "Micro-batch ingestion",
                            .help = "A process listens to its source and loads what has come at short intervals.",
                            .outputs = "rows",
                            .summary = {"every"},
                            .stem = "micro-batch"};
        made.parameters = {everyParameter("5s", "Between the beginnings of batches.")};
        addCommon(made.parameters);
        return made;
    }();
    return row;
}

const flow::Operator& streamingKind() {
    static const flow::Operator row = [] {
        flow::Operator made{.node = NodeKind::Ingestion,
                            .kind = "streaming",
                            .title = "Streaming ingestion",
                            .help = "A process listens to its source and loads each record as it comes.",
                            .outputs = "rows",
                            .summary = {"source"},
                            .stem = "stream"};
        made.parameters = {{.key = "linger",
                            .type = Type::Duration,
                            .help = "How long it gathers writes for one request to the sink.",
                            .defaultText = "5ms"},
                           {.key = "checkpoint_every",
                            .type = Type::Duration,
                            .help = "How often it notes where it stands.",
                            .defaultText = "1s"}};
        addCommon(made.parameters);
        return made;
    }();
    return row;
}

}  // namespace

std::span<const flow::Operator* const> pipelineKinds() {
    static const std::array kinds{&batchKind(), &microBatchKind(), &streamingKind()};
    return kinds;
}

}  // namespace millrace::ingest
