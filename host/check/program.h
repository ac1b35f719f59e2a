// A plugin that is a program of its own, as the tables of a library: each call goes to a process
// over frames, as the host's workers speak them. So the same tests hold it to the same contract.
#pragma once

#include "loader/catalog.h"

#include "hearback/plugin/abi.h"

#include <memory>
#include <vector>

namespace hearback::check {

class ProgramInstance;

// One at a time in a process: create() of the boundary knows no context.
class Program {
  public:
    explicit Program(const loader::PluginFile& file);
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    const hb_plugin_entry& entry() const { return entry_; }

  private:
    static hb_status create(const hb_host* host, hb_text id, const hb_instance_table** table,
                            hb_instance** instance);

    const loader::PluginFile& file_;
    hb_plugin_entry entry_{};
    // Tables live as long as the process.
    std::vector<std::unique_ptr<ProgramInstance>> instances_;
};

} // namespace hearback::check
