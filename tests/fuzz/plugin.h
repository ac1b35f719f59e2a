// A plugin that is linked into the harness, with the smallest host that it can live in: HTTP in,
// and nothing else.
#pragma once

#include "hearback/plugin/host_services.h"
#include "hearback/plugin/source.h"

#include <optional>
#include <string>
#include <string_view>

extern "C" const hb_plugin_entry hearback_plugin_entry;

namespace hearback::fuzz {

// An instance of a channel. No call may come to HB_INTERNAL: that is a defect, such as an exception
// that nobody caught.
class Channel {
  public:
    struct Answer {
        hb_status status = HB_OK;
        std::string bytes;
    };

    // The settings are right and whole: nobody fills in defaults here.
    Channel(const char* id, const std::string& settings_json);
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    hb_status start(const std::optional<std::string>& checkpoint = std::nullopt);
    void stop();
    Answer poll(std::uint32_t max_items);
    Answer decode(std::string_view payload);
    Answer receive(std::string_view request);

  private:
    template <class Call>
    Answer call(Call&& made);

    hb_host host_{};
    hb_route route_{};
    const hb_instance_table* table_ = nullptr;
    const hb_source_1* source_ = nullptr;
    hb_instance* instance_ = nullptr;
};

} // namespace hearback::fuzz
