#include "engine/zookeeper/server.h"

#include <utility>

#include "engine/sim/context.h"
#include "engine/zookeeper/server_actor.h"

namespace millrace::zookeeper {

std::vector<ServerAddress> EnsembleConfig::clientAddresses() const {
    std::vector<ServerAddress> addresses;
    for (const EnsembleMember& member : members) {
        addresses.push_back({member.host, member.clientPort});
    }
    return addresses;
}

namespace {

class ServerBlueprint final : public sim::Blueprint {
public:
    ServerBlueprint(EnsembleConfig ensemble, ServerId self) : m_ensemble(std::move(ensemble)), m_self(self) {
        for (const EnsembleMember& member : m_ensemble.members) {
            if (member.id == self) {
                m_name = "zookeeper/" + member.name;
            }
        }
        MILLRACE_CHECK(!m_name.empty(), self.value);
    }
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override { context.addActor("server", makeRef<Server>(m_ensemble, m_self)); }

private:
    EnsembleConfig m_ensemble;
    ServerId m_self;
    std::string m_name;
};

}  // namespace

Ref<const sim::Blueprint> makeServerBlueprint(const EnsembleConfig& ensemble, ServerId self) {
    return makeRef<ServerBlueprint>(ensemble, self);
}

}  // namespace millrace::zookeeper
