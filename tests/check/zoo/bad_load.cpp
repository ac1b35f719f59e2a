// A good sink whose library breaks one rule of loading. Compiled once for each of them.
#include <hearback/sdk/plugin.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace {

class BadLoad final : public hearback::Sink {
  public:
#if defined(BAD_LOAD_ids)
    static constexpr auto kAbout = hearback::about("bad_load", "first", "Takes messages");
#else
    static constexpr auto kAbout = hearback::about("bad-load", "1.0.0", "Takes messages");
#endif
    explicit BadLoad(hearback::Host&) {}
    hearback::Status write(const std::vector<hearback::DeliveryView>& deliveries,
                           hearback::ResultsOut& results) override {
        for (std::uint32_t i = 0; i < deliveries.size(); ++i) results.delivered(i, "");
        return hearback::Status::ok();
    }
};

} // namespace

#if defined(BAD_LOAD_one_symbol)
extern "C" __attribute__((visibility("default"))) int bad_load_helper;
int bad_load_helper = 7;
#elif defined(BAD_LOAD_binds)
extern "C" int bad_load_nowhere();
#elif defined(BAD_LOAD_libraries)
extern "C" int bad_load_database();
#elif defined(BAD_LOAD_no_unique_symbols) || defined(BAD_LOAD_beside_itself)
// What g++ makes of an inline variable that is not hidden. The first library of a process that has
// it gives it to all that come later.
extern "C" int bad_load_unique;
__asm__(".pushsection .data\n"
        ".globl bad_load_unique\n"
        ".type bad_load_unique, %gnu_unique_object\n"
        ".size bad_load_unique, 4\n"
        ".balign 4\n"
        "bad_load_unique: .long 7\n"
        ".popsection");
#endif

namespace {

struct OnLoad {
    OnLoad() {
#if defined(BAD_LOAD_quick)
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
#elif defined(BAD_LOAD_quiet)
        std::puts("bad-load is here");
#elif defined(BAD_LOAD_binds)
        if (std::getenv("HEARBACK_BAD_CALLS") != nullptr) (void)bad_load_nowhere();
#elif defined(BAD_LOAD_libraries)
        (void)bad_load_database();
#elif defined(BAD_LOAD_beside_itself)
        ++bad_load_unique;
#endif
    }
};
const OnLoad on_load;

#if defined(BAD_LOAD_manifest)
void otherDescriptor(std::uint32_t, hb_text* out) noexcept {
    static constexpr std::string_view kText = R"({"id":"bad-load","version":"2.0.0"})";
    *out = {kText.data(), kText.size()};
}
#endif

} // namespace

#if defined(BAD_LOAD_entry) || defined(BAD_LOAD_manifest) || defined(BAD_LOAD_file)
using Library = hearback::detail::Library<BadLoad>;
#    if defined(BAD_LOAD_file)
extern "C" __attribute__((visibility("hidden"), used))
#    else
extern "C" __attribute__((visibility("default")))
#    endif
const hb_plugin_entry hearback_plugin_entry = {
#    if defined(BAD_LOAD_entry)
    HB_ENTRY_MAGIC + 1,
#    else
    HB_ENTRY_MAGIC,
#    endif
    sizeof(hb_plugin_entry), HB_ABI_MAJOR, HB_ABI_MINOR, HB_SCHEMA_LEVEL, 1,
#    if defined(BAD_LOAD_manifest)
    otherDescriptor,
#    else
    Library::descriptorAt,
#    endif
    Library::create};
__attribute__((section(HB_MANIFEST_SECTION), used)) static constexpr auto manifest_text =
    hearback::detail::manifest<BadLoad>();
#else
HEARBACK_PLUGIN(BadLoad)
#endif
