// The model that hearback_ship_model() put into this plugin.
#pragma once

#include <string_view>

extern "C" {
extern const char hearback_shipped_model[];
extern const char hearback_shipped_model_end[];
}

namespace hearback::linear {

inline std::string_view shippedModel() {
    return {hearback_shipped_model,
            static_cast<std::size_t>(hearback_shipped_model_end - hearback_shipped_model)};
}

} // namespace hearback::linear
