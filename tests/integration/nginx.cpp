#include "integration/nginx.h"

#include "integration/server.h"

#include <catch2/catch.hpp>

#include <csignal>

namespace hearback::testing {

namespace {

constexpr const char* kConfig = R"(
daemon off;
worker_processes 1;
pid PID;
error_log stderr warn;
events { worker_connections 64; }
http {
  access_log ACCESS;
  client_body_temp_path TMP/a; proxy_temp_path TMP/b; fastcgi_temp_path TMP/c;
  uwsgi_temp_path TMP/d; scgi_temp_path TMP/e;
  server {
    listen 127.0.0.1:PORT;
    root ROOT;
    location = /gone.xml { return 410; }
    location = /slow-down.xml { add_header Retry-After 3600 always; return 429; }
    location = /locked.xml { return 403; }
    location = /loop-a.xml { return 302 /loop-b.xml; }
    location = /loop-b.xml { return 302 /loop-a.xml; }
    location = /moved.xml { return 301 /feed.xml; }
    location = /inside.xml { return 302 http://169.254.169.254/latest/meta-data; }
  }
}
)";

}

Nginx::Nginx() : port(freePort()) {
    std::string text = kConfig;
    std::filesystem::create_directories(folder / "www");
    std::filesystem::create_directories(folder / "tmp");
    // nginx gives up its rights where root starts it; the pages must stay readable.
    std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all |
                                                    std::filesystem::perms::others_read |
                                                    std::filesystem::perms::others_exec);
    const auto put = [&](const std::string& what, const std::string& with) {
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what))
            text.replace(at, what.size(), with);
    };
    put("PID", (folder / "nginx.pid").string());
    put("ACCESS", (folder / "access.log").string());
    put("TMP", (folder / "tmp").string());
    put("PORT", std::to_string(port));
    put("ROOT", (folder / "www").string());
    folder.write("nginx.conf", text);
    process = std::make_unique<Process>(std::vector<std::string>{
        "nginx", "-p", folder.path().string(), "-c", (folder / "nginx.conf").string()});
    const bool ready = eventually(
        [&] { return !process->runs() || HttpClient("127.0.0.1", port).get("/").status != 0; });
    INFO(process->err());
    REQUIRE(ready);
    REQUIRE(process->runs());
}

Nginx::~Nginx() {
    process->signal(SIGTERM);
    (void)process->wait(std::chrono::seconds(10));
}

std::string Nginx::url(const std::string& file) const {
    return "http://127.0.0.1:" + std::to_string(port) + "/" + file;
}

void Nginx::page(const std::string& file, const std::string& content) const {
    folder.write("www/" + file, content);
}

std::string Nginx::allowed() const {
    return "[egress]\nallow = [\"127.0.0.1:" + std::to_string(port) + "\"]\n";
}

} // namespace hearback::testing
