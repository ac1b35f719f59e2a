#include "integration/server.h"

#include <catch2/catch.hpp>

using namespace hearback;
using namespace hearback::testing;

namespace {

// Texts of two kinds, told by their words.
std::string labelled() {
    std::string rows = "label\ttext\n";
    for (int i = 0; i < 60; ++i) {
        const std::string n = std::to_string(i);
        rows += "good\tlovely lamp number " + n + ", very happy with it\n";
        rows += "bad\tbroken lamp number " + n + ", I want my money back\n";
    }
    return rows;
}

} // namespace

TEST_CASE("a model is trained and measured and the same input gives the same bytes", "[models]") {
    TempFolder folder;
    const std::string rows = folder.write("rows.tsv", labelled());
    const auto train = [&](const std::string& out) {
        return runHearback({"--json", "train", "--in", rows, "--task", "mood", "--name", "own",
                            "--licence", "Apache-2.0", "--out", (folder / out).string()});
    };
    const Ended first = train("a.model");
    INFO(first.err);
    REQUIRE(first.code == 0);
    const auto json = nlohmann::json::parse(first.out);
    CHECK(json["samples"] == 120);
    CHECK(json["held_out"]["macro_f1"] > 0.95);
    REQUIRE(train("b.model").code == 0);
    CHECK(folder.read("a.model") == folder.read("b.model"));
    const Ended measured =
        runHearback({"--json", "evaluate", "--model", (folder / "a.model").string(), "--in", rows});
    CHECK(nlohmann::json::parse(measured.out)["accuracy"] == 1.0);
    // And the model runs in the host.
    const std::string config = folder.write(
        "hearback.toml", "[[classifier]]\nname = \"mood\"\nplugin = \"sentiment\"\n"
                         "settings.model = \"a.model\"\n[[route]]\nname = \"r\"\nwhen = { field = "
                         "\"mood\", op = \"is\", value = \"bad\" }\nteam = \"support\"\n");
    const std::string file = folder.write("f.csv", "id,text\n1,my lamp is broken I want money\n");
    REQUIRE(runHearback({"-c", config, "import", file}).code == 0);
    const auto shown =
        nlohmann::json::parse(runHearback({"-c", config, "--json", "show", "1"}).out);
    CHECK(shown["annotations"][0]["label"] == "bad");
    CHECK(shown["annotations"][0]["model_version"].get<std::string>().find("own/") == 0);
    CHECK(shown["route"]["team"] == "support");
}

TEST_CASE("what cannot be trained or read is refused in words", "[models]") {
    TempFolder folder;
    const auto train = [&](const std::string& content) {
        return runHearback({"train", "--in", folder.write("rows.tsv", content), "--task", "x",
                            "--out", (folder / "m").string()});
    };
    CHECK(train("a\tb\n").err.find("rows.tsv:1: the first line must name the columns") !=
          std::string::npos);
    CHECK(train("label\ttext\ngood\n").err.find("rows.tsv:2: has no label or no text") !=
          std::string::npos);
    CHECK(train("label\ttext\ngood\thello\n").err.find("at least two labels") != std::string::npos);
    const std::string rows = folder.write("rows.tsv", labelled());
    const Ended wrong =
        runHearback({"evaluate", "--model", folder.write("w", "no model"), "--in", rows});
    CHECK(wrong.code == 2);
    CHECK(wrong.err.find("is no model file") != std::string::npos);
    REQUIRE(train(labelled()).code == 0);
    std::string bytes = folder.read("m");
    bytes[bytes.size() / 2] ^= 1;
    folder.write("m", bytes);
    const std::string config =
        folder.write("hearback.toml", "[[classifier]]\nname = \"x\"\nplugin = "
                                      "\"topic\"\nsettings.model = \"m\"\n");
    const Ended check = runHearback({"-c", config, "check"});
    CHECK(check.code == 2);
    CHECK(check.err.find("its checksum does not fit") != std::string::npos);
}

TEST_CASE("the shipped models tell obvious feedback apart", "[models]") {
    TempFolder folder;
    const std::string config = folder.write("hearback.toml", R"(
[[classifier]]
name = "sentiment"
plugin = "sentiment"
[[classifier]]
name = "topic"
plugin = "topic"
[[classifier]]
name = "spam"
plugin = "spam"
)");
    const std::string file = folder.write(
        "f.csv",
        "id,text\n"
        "1,\"I love this app, it works perfectly and support was wonderful!\"\n"
        "2,\"The app crashes every time I open it. Terrible, useless since the update.\"\n"
        "3,\"My parcel has not arrived, the tracking says delivered but nothing is here\"\n"
        "4,\"You charged my card twice, please refund the second payment\"\n"
        "5,\"FREE followers!!! Click here to win a prize now http://win.example\"\n"
        "6,\"Die App stürzt nach dem Update ständig ab, sehr ärgerlich\"\n");
    REQUIRE(runHearback({"-c", config, "import", file}).code == 0);
    const auto label = [&](int id, const std::string& task) {
        const auto shown = nlohmann::json::parse(
            runHearback({"-c", config, "--json", "show", std::to_string(id)}).out);
        for (const auto& annotation : shown["annotations"])
            if (annotation["task"] == task) return annotation["label"].get<std::string>();
        return std::string();
    };
    CHECK(label(1, "sentiment") == "positive");
    CHECK(label(1, "topic") == "praise");
    CHECK(label(2, "sentiment") == "negative");
    CHECK(label(2, "topic") == "bug");
    CHECK(label(3, "topic") == "delivery");
    CHECK(label(4, "topic") == "billing");
    CHECK(label(4, "spam") == "ham");
    CHECK(label(5, "spam") == "spam");
    CHECK(label(6, "sentiment") == "negative");
    CHECK(label(6, "topic") == "bug");
}

TEST_CASE("a classifier labels the texts of a file as it would label messages", "[models]") {
    TempFolder folder;
    const std::string texts =
        folder.write("texts.tsv", "id\tlabel\ttext\nt1\tgood\tlovely, very happy\n\n"
                                  "t2\tbad\tbroken, I want my money back\r\n");
    // A plugin with its defaults, where there is no configuration.
    const auto classify = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"sh", "-c", "cd \"$0\" && exec \"$@\"", folder.path(),
                                     hearbackProgram(), "classify"});
        return Process(words).wait();
    };
    const std::string out = (folder / "out.tsv").string();
    const Ended ended = classify({"--plugin", "sentiment", "--in", texts, "--out", out});
    INFO(ended.err);
    REQUIRE(ended.code == 0);
    CHECK(ended.out.find("sentiment: 2 texts in ") == 0);
    const std::string predictions = folder.read("out.tsv");
    CHECK(predictions.find("id\tlabel\tconfidence\tmodel\nt1\tpositive\t0.") == 0);
    CHECK(predictions.find("\nt2\tnegative\t0.") != std::string::npos);
    // One of the configuration, by its name.
    REQUIRE(runHearback({"train", "--in", folder.write("rows.tsv", labelled()), "--task", "mood",
                         "--name", "own", "--out", (folder / "own.model").string()})
                .code == 0);
    const std::string config = folder.write(
        "hearback.toml", "data_dir = \"data\"\n[[classifier]]\nname = \"mood\"\nplugin = "
                         "\"sentiment\"\nsettings.model = \"own.model\"\n");
    const Ended own =
        runHearback({"-c", config, "classify", "--plugin", "mood", "--in", texts, "--out", "-"});
    CHECK(own.out.find("\nt1\tgood\t") != std::string::npos);
    CHECK(own.out.find("\nt2\tbad\t") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(folder / "data"));
    // What is wrong is said, and what was there stays.
    const Ended unknown = classify({"--plugin", "sentimant", "--in", texts, "--out", out});
    CHECK(unknown.code == 2);
    CHECK(unknown.err.find("there is no plugin \"sentimant\" (did you mean \"sentiment\"?)") !=
          std::string::npos);
    const std::string short_row = folder.write("short.tsv", "id\ttext\n1\tfine\n2\n");
    const Ended cut = classify({"--plugin", "sentiment", "--in", short_row, "--out", out});
    CHECK(cut.code == 2);
    CHECK(cut.err.find("short.tsv:3: has fewer columns than the first line") != std::string::npos);
    CHECK(folder.read("out.tsv") == predictions);
}
