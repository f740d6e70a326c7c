#include "engine/storm/operators/project_bolt.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/storm/operators/text_bolts.h"

namespace millrace::storm {

namespace {

constexpr flow::Work projectWork{.perTuple = std::chrono::nanoseconds{50}};  // a new list of references

struct Projection {
    std::string from;
    std::string to;
};

struct ProjectConfig final : Counted {
    std::vector<Projection> columns;
};

/// "status" or "status as code".
Projection projectionOf(const std::string& written) {
    constexpr std::string_view between = " as ";
    const std::size_t at = written.find(between);
    return at == std::string::npos ? Projection{written, written}
                                   : Projection{written.substr(0, at), written.substr(at + between.size())};
}

class ProjectBolt final : public BoltBase<ProjectBolt> {
public:
    explicit ProjectBolt(Ref<const ProjectConfig> config) : m_config(std::move(config)) {}

    void prepare(sim::Context&, const OperatorSetup& setup) override {
        m_places.resize(setup.self().inputs.size());
        for (const Projection& column : m_config->columns) {
            const std::vector<std::size_t> places = fieldIndices(setup.self(), column.from);
            for (std::size_t input = 0; input < places.size(); ++input) {
                m_places[input].push_back(places[input]);
            }
        }
    }

    void execute(BoltOutput& output, const TupleView& tuple) override {
        std::vector<Value> values;
        values.reserve(m_config->columns.size());
        for (const std::size_t place : m_places[tuple.input()]) {
            values.push_back(tuple.value(place));
        }
        output.spend(projectWork.perTuple);
        output.emitTuple(0, values);
    }

private:
    Ref<const ProjectConfig> m_config;
    std::vector<std::vector<std::size_t>> m_places;  // by input
};

class ProjectFactory final : public BoltFactory {
public:
    explicit ProjectFactory(Ref<const ProjectConfig> config) : m_config(std::move(config)) {}
    [[nodiscard]] std::string_view kind() const override { return projectKind().about.kind; }
    [[nodiscard]] Result<std::vector<StreamSpec>, BoltTrouble> streams(
        const std::vector<StreamSpec>& inputs) const override {
        StreamSpec stream;
        for (const Projection& column : m_config->columns) {
            for (const StreamSpec& input : inputs) {
                if (auto at = fieldIndex(input.fields, column.from); !at) {
                    return boltTrouble("fields", std::move(at.error().message));
                }
            }
            stream.fields.push_back(column.to);
        }
        return std::vector<StreamSpec>{std::move(stream)};
    }
    [[nodiscard]] Ref<Bolt> make() const override { return makeRef<ProjectBolt>(m_config); }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(kind());
        for (const Projection& column : m_config->columns) {
            digest.add(std::string_view{column.from});
            digest.add(std::string_view{column.to});
        }
        return digest.value();
    }

private:
    Ref<const ProjectConfig> m_config;
};

BoltResult makeProject(const flow::ParameterValues& parameters, const BoltSurroundings&) {
    const auto config = makeRef<ProjectConfig>();
    for (const std::string& written : parameters.list("fields")) {
        Projection column = projectionOf(written);
        const auto isSame = [&](const Projection& each) { return each.to == column.to; };
        if (column.from.empty() || column.to.empty()) {
            return boltTrouble("fields", fmt::format("'{}' is no field; write as in \"status as code\"", written));
        }
        if (std::any_of(config->columns.begin(), config->columns.end(), isSame)) {
            return boltTrouble("fields", fmt::format("two fields would be called '{}'", column.to));
        }
        config->columns.push_back(std::move(column));
    }
    if (config->columns.empty()) {
        return boltTrouble("fields", "a tuple needs a field");
    }
    return makeRef<ProjectFactory>(config);
}

/// The same as before, by its new name; the first where it has gone.
std::string mainFieldOfProjection(const flow::ParameterValues& values, const std::string& incoming) {
    const std::vector<std::string> written = values.list("fields");
    for (const std::string& each : written) {
        if (const Projection column = projectionOf(each); column.from == incoming) {
            return column.to;
        }
    }
    return written.empty() ? incoming : projectionOf(written.front()).to;
}

}  // namespace

const BoltKind& projectKind() {
    static const BoltKind row{{.kind = "project",
                               .title = "Project",
                               .help = "Chooses fields, renames them and puts them in order.",
                               .outputs = "default: the fields that are named",
                               .parameters = {{.key = "fields",
                                               .type = flow::ParameterType::FieldList,
                                               .help = "The fields that pass, in their order; \"status as code\" gives "
                                                       "one another name.",
                                               .isRequired = true,
                                               .most = 64,
                                               .start = "value"}},
                               .summary = {"fields"},
                               .work = projectWork,
                               .mainField = mainFieldOfProjection},
                              makeProject};
    return row;
}

}  // namespace millrace::storm
