// One version of the plugin at work: in a worker, on the data of `plugin dev`, from the checkpoint
// that the last version left. It is made beside the version that runs, and started when that has
// ended; one that has ended can be started again. Made, used and ended by one thread.
#pragma once

#include "app/engine.h"
#include "cli/dev/console.h"
#include "cli/dev/setup.h"
#include "cli/dev/shown_source.h"
#include "http/server.h"
#include "intake/ingress.h"

#include <functional>
#include <memory>
#include <string>

namespace hearback::cli::dev {

// What all versions share.
struct Ground {
    app::Environment& environment;
    app::Store& store;
    Console& console;
};

enum class Went { On, Well, Wrong };

class Session {
  public:
    // Loaded and configured. Null, and told, where that fails.
    static std::unique_ptr<Session> make(const Ground& ground, const loader::PluginFile& plugin,
                                         Setup setup);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // A channel begins, and goes on until end(); a classifier and a sink are given their samples.
    // False, and told, where that failed. A channel whose start() failed for now tries again later.
    bool start(const std::function<bool()>& stops);
    // A channel, which goes on.
    bool lasts() const { return source_ != nullptr; }
    // Whether a channel has given what it has, or something of it has failed.
    Went went() const;
    // Call now and then: says once where the channel has given up.
    void look();
    // False where the plugin does not return: then the process can only be left by _Exit().
    bool end();

  private:
    Session(const Ground& ground, Setup setup) : ground_(ground), setup_(std::move(setup)) {}
    bool load(const loader::PluginFile& plugin);
    bool keep(std::shared_ptr<loader::PluginInstance> instance, const std::string& kind);
    bool startSource(const std::function<bool()>& stops);
    bool listen();
    bool tell(const std::vector<config::Problem>& problems);

    const Ground ground_;
    const Setup setup_;
    std::unique_ptr<app::Plugins> plugins_;
    std::unique_ptr<pipeline::Classifier> classifier_;
    std::unique_ptr<pipeline::Sink> sink_;
    std::unique_ptr<ShownSource> source_;
    std::unique_ptr<app::Engine> engine_;
    std::unique_ptr<intake::Ingress> ingress_;
    std::unique_ptr<http::Server> server_;
    std::unique_ptr<intake::SourceRunner> runner_;
    bool has_told_ = false;
};

} // namespace hearback::cli::dev
