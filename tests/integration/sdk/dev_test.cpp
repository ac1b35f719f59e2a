// `hearback plugin dev`: what an author sees between two saves of a file.
#include "integration/sdk/installed_sdk.h"
#include "integration/server.h"
#include "support/http_client.h"

#include <catch2/catch.hpp>

#include <csignal>

using namespace hearback::testing;
using Catch::Matchers::Contains;

namespace {

// A channel that brings in the lines of a file; its checkpoint is how many it has read. The kit's
// own file has another name: what the plugin does only with "real.txt" is done in service alone.
constexpr const char* kLines = R"c(#include <hearback/c/hearback.h>

struct hb_instance {
    const hb_host* host;
    char path[4096];
    unsigned next;
};

static int is_real(hb_instance* self) { return strstr(self->path, "real.txt") != NULL; }

static hb_status configure(hb_instance* self, hb_text settings) {
    if (!hbc_json_text(settings, "path", self->path, sizeof self->path))
        return hbc_fail_setting(self->host, "/path", "must have at most 4095 bytes");
    if (is_real(self) && 0 /* configure */)
        return hbc_fail_setting(self->host, "/path", "is \033[31mred");
    return HB_OK;
}

static hb_status start(hb_instance* self, hb_bytes checkpoint) {
    char note[32] = "";
    if (is_real(self) && 0 /* start */)
        return hbc_fail(self->host, HB_UNAVAILABLE, "the port \033[31m is taken");
    if (checkpoint.data != NULL && checkpoint.size < sizeof note)
        memcpy(note, checkpoint.data, (size_t)checkpoint.size);
    if (sscanf(note, "%u", &self->next) != 1) self->next = 0;
    return HB_OK;
}

static hb_status poll(hb_instance* self, uint64_t batch_id, uint32_t max_items, uint64_t max_bytes,
                      uint32_t timeout_ms, const hb_writer* out) {
    hbc_buffer batch = {0};
    char line[100];
    unsigned number = 0, count = 0;
    FILE* file = fopen(self->path, "rb");
    (void)batch_id, (void)max_bytes, (void)timeout_ms;
    if (file == NULL) return hbc_fail(self->host, HB_UNAVAILABLE, "no file");
    if (is_real(self) && 0 /* poll */) {
        fclose(file);
        return hbc_fail(self->host, HB_UNAVAILABLE, "closed");
    }
    while (count < max_items && fgets(line, sizeof line, file) != NULL) {
        char id[32], text[200];
        if (number++ < self->next) continue;
        ++count;
        line[strcspn(line, "\n")] = 0;
        const int id_size = snprintf(id, sizeof id, "line-%u", number);
        const int text_size = snprintf(text, sizeof text, "%s: %s", VERSION, line);
        const hbc_message message = {.external_id = hbc_text_of(id, (size_t)id_size),
                                     .kind = HBC_KIND_REVIEW,
                                     .text = hbc_text_of(text, (size_t)text_size)};
        hbc_add(&batch, &message);
    }
    fclose(file);
    if (count == 0) return HB_AGAIN;
    self->next += count;
    char note[32];
    const int size = snprintf(note, sizeof note, "%u", self->next);
    hbc_checkpoint(&batch, hbc_text_of(note, (size_t)size));
    return hbc_hand_over(&batch, out);
}

HBC_MANIFEST({
    "id": "lamp", "version": "0.1.0", "kind": "channel",
    "summary": "Lines of a file", "licence": "Apache-2.0",
    "extensions": ["hearback.source/1"], "needs": ["files"],
    "settings": {
        "type": "object", "additionalProperties": false, "required": ["path"],
        "properties": {
            "path": {"type": "string", "description": "The file", "x-hearback-path": true,
                     "maxLength": 4095}
        }
    }
})
HBC_CHANNEL(.poll = poll)
HBC_PLUGIN(.configure = configure, .start = start)
)c";

// A channel that only receives, and answers with the name of its version.
constexpr const char* kDoor = R"c(#include <hearback/c/hearback.h>

struct hb_instance {
    const hb_host* host;
    char place[64];
};

static hb_status configure(hb_instance* self, hb_text settings) {
    if (!hbc_json_text(settings, "place", self->place, sizeof self->place))
        return hbc_fail_setting(self->host, "/place", "must have at most 63 bytes");
    return HB_OK;
}

/* An IngressReply with status 200 and a body. */
static hb_status receive(hb_instance* self, hb_bytes request, const hb_writer* out) {
    static const char kReply[] = "\010\310\001\032\006" VERSION;
    (void)self, (void)request;
    return out->write(out->context, kReply, sizeof kReply - 1);
}

static hb_status start(hb_instance* self, hb_bytes checkpoint) {
    (void)checkpoint;
    if (strcmp(self->place, "real") == 0 && 0 /* start */)
        return hbc_fail(self->host, HB_UNAVAILABLE, "closed");
    return hbc_add_route(self->host, hbc_text(""), hbc_text("POST"), receive);
}

HBC_MANIFEST({
    "id": "lamp", "version": "0.1.0", "kind": "channel",
    "summary": "A door", "licence": "Apache-2.0",
    "extensions": ["hearback.source/1"], "needs": ["ingress"],
    "settings": {
        "type": "object", "additionalProperties": false,
        "properties": {
            "place": {"type": "string", "description": "Where", "default": "kit", "maxLength": 63}
        }
    }
})
HBC_CHANNEL(.poll = NULL)
HBC_PLUGIN(.configure = configure, .start = start)
)c";

constexpr const char* kLinesPlan = "[settings]\npath = \"lines.txt\"\n"
                                   "[[file]]\npath = \"lines.txt\"\ntext = \"kit\\n\"\n";

std::size_t countOf(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

// An author at work on a plugin in C, which is built in a moment.
struct Author {
    InstalledSdk sdk;
    std::filesystem::path folder;
    std::string source;
    std::unique_ptr<Process> dev;

    explicit Author(const std::string& kind) : folder(sdk.home() / "lamp") {
        sdk.mustRun(sdk.home(), "hearback plugin new lamp --lang c --kind " + kind);
        write("CMakeLists.txt", "cmake_minimum_required(VERSION 3.25)\n"
                                "project(lamp LANGUAGES C)\n"
                                "find_package(HearbackSDK REQUIRED)\n"
                                "hearback_add_plugin(lamp SOURCES lamp.c)\n");
        std::ifstream in(folder / "lamp.c");
        source.assign(std::istreambuf_iterator<char>(in), {});
    }
    void write(const std::string& name, const std::string& content) const {
        std::ofstream(folder / name) << content;
    }
    void replace(const std::string& what, const std::string& by) {
        REQUIRE(source.find(what) != std::string::npos);
        source.replace(source.find(what), what.size(), by);
    }
    void save(const std::string& whole) {
        source = whole;
        save();
    }
    void save() const { write("lamp.c", source); }
    void begin(const std::string& words = "") {
        dev = sdk.begin(sdk.home(), "hearback plugin dev lamp" + words);
    }
    Ended once(const std::string& words = "") const {
        return sdk.run(sdk.home(), "hearback plugin dev lamp --once" + words);
    }
    // One of kLines, and a line for it where it is at work.
    static std::string lines(const std::string& version) {
        return "#define VERSION \"" + version + "\"\n" + kLines;
    }
    void brings(const std::string& line) const {
        std::ofstream(sdk.home() / "real.txt", std::ios::app) << line << "\n";
    }
    std::string realFile() const { return " --set path=" + (sdk.home() / "real.txt").string(); }
    bool sees(const std::string& text, std::size_t times = 1) const {
        const auto isThere = [&] { return countOf(dev->out(), text) >= times; };
        (void)eventually([&] { return isThere() || !dev->runs(); }, std::chrono::seconds(120));
        if (!isThere()) UNSCOPED_INFO(text << " is not in:\n" << dev->out() << dev->err());
        return isThere();
    }
    std::string end() const {
        dev->signal(SIGINT);
        const Ended ended = dev->wait();
        INFO(ended.out << ended.err);
        CHECK(ended.code == 0);
        return ended.out;
    }
};

} // namespace

TEST_CASE("an author at work sees a change go on at the checkpoint, and mends what does not build",
          "[dev]") {
    if (!hasCompiler()) return;
    Author author("channel");
    author.begin();
    REQUIRE(author.sees("message   sample-2  \"The lamp hums at night.\""));
    CHECK(author.sees("from the beginning"));

    author.replace("\"The lamp hums at night.\"}", "\"The lamp hums at night.\", \"New!\"}");
    author.write("hearback-check.toml", "[expect]\nmessages = 3\n");
    author.save();
    REQUIRE(author.sees("message   sample-3  \"New!\""));
    CHECK(author.sees("start     from checkpoint \"1 2\""));

    const std::string good = author.source;
    author.save(good + "nonsense\n");
    REQUIRE(author.sees("build     failed"));
    REQUIRE(author.sees("the version before goes on: mend it, and save"));
    CHECK_THAT(author.dev->out(), Contains("error: ") && Contains("nonsense"));
    author.save(good);
    REQUIRE(author.sees("unchanged: the version that runs is this one"));

    const std::string told = author.end();
    CHECK(countOf(told, "message   sample-1") == 1);
    CHECK(countOf(told, "message   sample-3") == 1);
    CHECK_THAT(told, Contains("check     ") && Contains(" passed"));
}

TEST_CASE("a version that fails anywhere leaves the one that runs at work", "[dev]") {
    if (!hasCompiler()) return;
    Author author("channel");
    author.write("hearback-check.toml", kLinesPlan);
    const std::string good = Author::lines("first");
    author.save(good);
    author.brings("one");
    author.begin(author.realFile());
    REQUIRE(author.sees("\"first: one\""));
    const std::string goes_on = "the version before goes on";

    // In its check.
    author.replace("\"line-%u\", number", "\"%s\", \"\"");
    author.save();
    REQUIRE(author.sees(goes_on, 1));
    CHECK_THAT(author.dev->out(), Contains("batch/accepted") && Contains(" failed"));
    author.brings("two");
    REQUIRE(author.sees("\"first: two\""));
    CHECK(countOf(author.dev->out(), "start     ") == 1);

    // Where it is configured.
    author.source = Author::lines("second");
    author.replace("0 /* configure */", "1");
    author.save();
    REQUIRE(author.sees(goes_on, 2));
    CHECK_THAT(author.dev->out(), Contains("is  [31mred"));
    author.brings("three");
    REQUIRE(author.sees("\"first: three\""));
    CHECK(countOf(author.dev->out(), "start     ") == 1);

    // Where it starts, for which the other one had to end.
    author.source = Author::lines("third");
    author.replace("0 /* start */", "1");
    author.save();
    REQUIRE(author.sees("start     UNAVAILABLE (4): the port  [31m is taken"));
    REQUIRE(author.sees(goes_on, 3));
    CHECK(author.sees("start     from checkpoint \"3\""));
    author.brings("four");
    REQUIRE(author.sees("\"first: four\""));

    // A linker writes the library in its place.
    author.write("build/plugins/lamp.so", "not yet whole");
    author.brings("five");
    REQUIRE(author.sees("\"first: five\""));

    author.save(Author::lines("mended"));
    REQUIRE(author.sees("start     from checkpoint \"5\""));
    author.brings("six");
    REQUIRE(author.sees("\"mended: six\""));

    // Nothing of it reaches the terminal that is not text, a compiler's words included.
    author.save(good + "#error \033[2J\n");
    REQUIRE(author.sees("build     failed"));
    const std::string told = author.end();
    CHECK(told.find('\033') == std::string::npos);
    for (const char* line : {": one\"", ": two\"", ": three\"", ": four\"", ": five\"", ": six\""})
        CHECK(countOf(told, line) == 1);
}

TEST_CASE("two versions that receive take one port in turn, and the one before takes it again",
          "[dev]") {
    if (!hasCompiler()) return;
    Author author("channel");
    const std::uint16_t port = freePort();
    author.write("hearback-check.toml", "");
    author.write("hearback.toml",
                 "[intake]\nlisten = \"127.0.0.1:" + std::to_string(port) + "\"\n");
    const auto door = [](const std::string& version) {
        return "#define VERSION \"" + version + "\"\n" + kDoor;
    };
    const auto answer = [&] { return HttpClient("127.0.0.1", port).post("/in/lamp", "{}").body; };
    author.save(door("first!"));
    author.begin(" --set place=real");
    REQUIRE(author.sees("start     "));
    CHECK(answer() == "first!");

    author.source = door("second");
    author.replace("0 /* start */", "1");
    author.save();
    REQUIRE(author.sees("the version before goes on"));
    CHECK_THAT(author.dev->out(), Contains("start     UNAVAILABLE (4): closed"));
    CHECK(answer() == "first!");

    author.save(door("third!"));
    REQUIRE(author.sees("start     from the beginning", 3));
    CHECK(answer() == "third!");
    author.end();

    const Ended once = author.once(" --set place=real");
    INFO(once.out);
    CHECK(once.code == 0);
}

TEST_CASE("a build that makes the same library leaves it running", "[dev]") {
    if (!hasCompiler()) return;
    Author author("channel");
    author.begin();
    REQUIRE(author.sees("message   sample-2"));
    author.write("README.md", "Words.\n");
    REQUIRE(author.sees("unchanged: the version that runs is this one"));
    // With other settings it is another one.
    author.write("hearback-check.toml", "[settings]\nproduct = \"torch\"\n");
    REQUIRE(author.sees("start     from checkpoint \"1 2\""));
    const std::string told = author.end();
    CHECK(countOf(told, "check     ") == 2);
}

TEST_CASE("plugin dev --once ends when the source has given what it has, with a status for scripts",
          "[dev]") {
    if (!hasCompiler()) return;
    Author author("channel");
    author.write("hearback-check.toml", kLinesPlan);
    author.save(Author::lines("first"));
    const Ended planned = author.once();
    INFO(planned.out << planned.err);
    CHECK(planned.code == 0);
    CHECK_THAT(planned.out, Contains("\"first: kit\"") && Contains("all of it went well"));

    author.brings("one");
    const Ended fresh = author.once(" --fresh" + author.realFile());
    CHECK(fresh.code == 0);
    CHECK_THAT(fresh.out, Contains("\"first: one\""));
    const Ended again = author.once(author.realFile());
    CHECK(again.code == 0);
    CHECK_THAT(again.out, Contains("from checkpoint \"1\"") && !Contains("\"first: one\""));

    const Ended unset = author.once(" --set colour=red");
    CHECK(unset.code == 1);
    CHECK_THAT(unset.out, Contains("colour") && Contains("is no setting"));

    for (const char* place : {"0 /* start */", "0 /* poll */"}) {
        author.source = Author::lines("first");
        author.replace(place, "1");
        author.save();
        const Ended failed = author.once(author.realFile());
        INFO(failed.out);
        CHECK(failed.code == 1);
        CHECK_THAT(failed.out, Contains("UNAVAILABLE (4): ") && Contains("something failed"));
    }
    author.source = Author::lines("first");
    author.replace("\"line-%u\", number", "\"%s\", \"\"");
    author.save();
    const Ended unchecked = author.once(author.realFile());
    CHECK(unchecked.code == 1);
    CHECK_THAT(unchecked.out, Contains("batch/accepted") && !Contains("make  "));
    author.save("nonsense\n");
    const Ended unbuilt = author.once(author.realFile());
    CHECK(unbuilt.code == 1);
    CHECK_THAT(unbuilt.out, Contains("build     failed"));
}

TEST_CASE("an author at work sees labels of sample texts", "[dev]") {
    if (!hasCompiler()) return;
    Author author("classifier");
    const Ended shown = author.once();
    INFO(shown.out << shown.err);
    CHECK(shown.code == 0);
    CHECK(countOf(shown.out, "label     ") >= 2);
    CHECK_THAT(shown.out, Contains("urgent 0.9"));
}

TEST_CASE("an author at work sees deliveries of sample messages, with the project's settings",
          "[dev]") {
    if (!hasCompiler()) return;
    const auto linesOf = [](const std::filesystem::path& file) {
        std::ifstream out(file);
        std::size_t lines = 0;
        for (std::string line; std::getline(out, line);) ++lines;
        return lines;
    };
    Author author("sink");
    author.begin();
    REQUIRE(author.sees("sent      \"", 3));
    CHECK(linesOf(author.folder / "build/dev/files/messages.tsv") == 3);
    author.write("hearback.toml", "[[sink]]\nname = \"out\"\nplugin = \"lamp\"\n"
                                  "settings.path = \"build/out.txt\"\n");
    REQUIRE(author.sees("sent      \"", 6));
    CHECK(linesOf(author.folder / "build/out.txt") == 3);
    author.write("hearback.toml", "[[sink]]\nname = \"out\"\nplugin = \"lamp\"\n"
                                  "settings.path = \"no/such/folder\"\n");
    REQUIRE(author.sees("not sent  \"", 3));
    author.end();
    CHECK(author.once().code == 1);
}

TEST_CASE("where there is no plugin to work on, plugin dev says how to begin one", "[dev]") {
    const InstalledSdk sdk;
    const Ended nowhere = sdk.run(sdk.home(), "hearback plugin dev");
    CHECK(nowhere.code == 4);
    CHECK_THAT(nowhere.err, Contains("hearback plugin new"));
    CHECK_THAT(sdk.mustRun(sdk.home(), "hearback plugin dev --help"),
               Contains("whenever you save"));
}
