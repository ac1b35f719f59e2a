#include "integration/server.h"

#include <catch2/catch.hpp>

using namespace hearback;
using namespace hearback::testing;

TEST_CASE("with a certificate both servers speak TLS and nothing else", "[tls]") {
    TempFolder keys;
    const Ended made =
        Process({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj",
                 "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
                 (keys / "key.pem").string(), "-out", (keys / "cert.pem").string()})
            .wait();
    INFO(made.err);
    REQUIRE(made.code == 0);
    const std::string tls = "tls = { certificate = \"" + (keys / "cert.pem").string() +
                            "\", key = \"" + (keys / "key.pem").string() + "\" }\n";
    TempFolder folder;
    const std::uint16_t port = freePort();
    const std::uint16_t intake = freePort();
    const std::string config = folder.write(
        "hearback.toml",
        "data_dir = \"data\"\n[http]\nlisten = \"127.0.0.1:" + std::to_string(port) + "\"\n" + tls +
            "[intake]\nlisten = \"127.0.0.1:" + std::to_string(intake) + "\"\n" + tls +
            "[[source]]\nname = \"open\"\nplugin = \"webhook\"\n"
            "settings.verify = \"none\"\n");
    Process server({hearbackProgram(), "-c", config, "serve"});
    const auto curl = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"curl", "-sS", "--max-time", "10", "--cacert",
                                     (keys / "cert.pem").string(), "-w", " %{http_code}"});
        return Process(words).wait();
    };
    const std::string page = "https://127.0.0.1:" + std::to_string(port) + "/readyz";
    REQUIRE(eventually([&] { return !server.runs() || curl({page}).code == 0; }));
    INFO(server.err());
    CHECK(curl({page}).out == "ready\n 200");
    CHECK(
        curl({"-d", "{\"text\":\"x\"}", "https://127.0.0.1:" + std::to_string(intake) + "/in/open"})
            .out == " 204");
    CHECK(curl({"http://127.0.0.1:" + std::to_string(port) + "/readyz"}).code != 0);
    CHECK(curl({"--tls-max", "1.1", page}).code != 0);
    server.signal(15);
    CHECK(server.wait().code == 0);
}

TEST_CASE("a certificate that does not exist is a mistake of the configuration", "[tls]") {
    TempFolder folder;
    const std::string config =
        folder.write("hearback.toml", "[http]\ntls = { certificate = \"no.pem\" }\n");
    const Ended ended = runHearback({"-c", config, "check"});
    CHECK(ended.code == 2);
    CHECK(ended.err.find("http.tls.certificate no such file") != std::string::npos);
    CHECK(ended.err.find("http.tls.key is required") != std::string::npos);
}
