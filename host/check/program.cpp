#include "check/program.h"

#include "check/program_instance.h"

namespace hearback::check {

namespace {

Program* only_program = nullptr;

} // namespace

Program::Program(const loader::PluginFile& file) : file_(file) {
    entry_.magic = HB_ENTRY_MAGIC;
    entry_.struct_size = sizeof entry_;
    entry_.abi_major = HB_ABI_MAJOR;
    entry_.abi_minor = HB_ABI_MINOR;
    entry_.schema_level = HB_SCHEMA_LEVEL;
    entry_.plugin_count = static_cast<std::uint32_t>(file.manifest.plugins.size());
    // The manifest is a file: nobody asks the entry for it.
    entry_.create = create;
    only_program = this;
}

Program::~Program() { only_program = nullptr; }

hb_status Program::create(const hb_host*, hb_text id, const hb_instance_table** table,
                          hb_instance** instance) {
    Program& self = *only_program;
    for (const auto& manifest : self.file_.manifest.plugins) {
        if (manifest.id != std::string_view(id.data, id.size)) continue;
        auto made =
            std::make_unique<ProgramInstance>(self.file_, manifest, *HostSide::current()->host);
        const hb_status status = made->create();
        if (status == HB_OK) {
            *table = made->table();
            *instance = made->asInstance();
            self.instances_.push_back(std::move(made));
        }
        return status;
    }
    return HB_UNSUPPORTED;
}

} // namespace hearback::check
