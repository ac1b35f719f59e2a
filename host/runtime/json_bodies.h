// The bodies of frames as JSON, for a worker that is a program without a Protobuf library and said
// {"hello": 1, "encoding": "json"}. The mapping is Protobuf's own
// (https://protobuf.dev/programming-guides/json/): names as in the schema, bytes in base64, 64-bit
// numbers as text.
#pragma once

#include "base/result.h"
#include "loader/plugin_instance.h"

#include <string>
#include <string_view>

namespace hearback::runtime {

// What goes into a call, and what comes out of it.
base::Result<std::string> requestToJson(loader::Method method, std::string_view bytes);
base::Result<std::string> resultFromJson(loader::Method method, std::string_view json);

// The same for what a worker asks of its host: an HttpRequest in, an HttpResponse out.
base::Result<std::string> httpRequestFromJson(std::string_view json);
base::Result<std::string> httpResponseToJson(std::string_view bytes);
// And an OAuthAccount in.
base::Result<std::string> oauthAccountFromJson(std::string_view json);

} // namespace hearback::runtime
