// A call and its answer as the heads of frames between host and worker; their bytes travel beside.
#pragma once

#include "loader/plugin_instance.h"

#include <nlohmann/json.hpp>

#include <optional>

namespace hearback::loader {

std::optional<Method> methodOf(std::string_view name);

// {"do": "poll", "batch_id": 7, "max_items": 256, "max_bytes": 4194304, "timeout_ms": 1000}
nlohmann::json toJson(const Call& call);
// What a head says; `bytes` and `path` refer to the arguments. None where the method is unknown.
std::optional<Call> callOf(const nlohmann::json& head, std::string_view bytes);

// {"status": 0, "text": "...", "retry_after_ms": 0}
nlohmann::json toJson(const pipeline::Answer& answer);
pipeline::Answer answerOf(const nlohmann::json& head, std::string bytes);

// {"path": "/callback", "methods": ["GET", "POST"], "max_body_bytes": 0}
nlohmann::json toJson(const std::vector<pipeline::Route>& routes);
std::vector<pipeline::Route> routesOf(const nlohmann::json& list);

} // namespace hearback::loader
